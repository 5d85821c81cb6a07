/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "access/principal.h"
#include "rpc/error.h"
#include "rpc/params.h"
#include "rpc/schema.h"

static const char openrpc_version[] = "1.2.6";

/* Which methods may answer an error; those of the conversation itself are answered by all. */
enum trait {
    TRAIT_ANY = 1 << 0,
    TRAIT_SQL = 1 << 1,     /* goes to the database */
    TRAIT_GUARDED = 1 << 2, /* not for strangers */
    TRAIT_WRITES = 1 << 3,
    TRAIT_REFERS = 1 << 4,    /* takes a reference */
    TRAIT_VERSIONED = 1 << 5, /* takes if_version */
    TRAIT_RESUMES = 1 << 6,   /* takes a place in the log */
};

static const struct {
    int code;
    unsigned traits;
} error_traits[] = {
    {ERROR_INVALID_PARAMS, TRAIT_ANY},   {ERROR_INTERNAL, TRAIT_SQL},
    {ERROR_NOT_FOUND, TRAIT_REFERS},     {ERROR_CONFLICT, TRAIT_WRITES},
    {ERROR_DENIED, TRAIT_GUARDED},       {ERROR_UNAUTHENTICATED, TRAIT_GUARDED},
    {ERROR_LIMIT_EXCEEDED, TRAIT_ANY},   {ERROR_UNAVAILABLE, TRAIT_SQL},
    {ERROR_TIMEOUT, TRAIT_SQL},          {ERROR_STALE_VERSION, TRAIT_VERSIONED},
    {ERROR_CONSENT_REQUIRED, TRAIT_SQL}, {ERROR_INVALID_TRANSITION, TRAIT_WRITES},
    {ERROR_DIVERGED, TRAIT_RESUMES},
};

/* Appends part, taking it over, and returns array; NULL when memory has run out, then or before. */
static json_t *
append(json_t *array, json_t *part)
{
    if (array != NULL && part != NULL && json_array_append_new(array, part) == 0)
        return array;
    if (array == NULL)
        json_decref(part);
    json_decref(array);
    return NULL;
}

static unsigned
traits_of(const struct method *method)
{
    unsigned traits = TRAIT_ANY;
    const struct param *param = method->params;

    traits |= method_asks_database(method) ? TRAIT_SQL : 0;
    traits |= method->roles & ROLE_STRANGER ? 0 : TRAIT_GUARDED;
    traits |= method->writes ? TRAIT_WRITES : 0;
    for (; param != NULL && param->type != PARAM_END; param++) {
        if (param->type == PARAM_REFERENCE)
            traits |= TRAIT_REFERS;
        if (strcmp(param->name, "if_version") == 0)
            traits |= TRAIT_VERSIONED;
        if (param->type == PARAM_TEXT && strcmp(param->name, "since") == 0)
            traits |= TRAIT_RESUMES | TRAIT_REFERS;
    }
    return traits;
}

static json_t *
errors_of(const struct method *method)
{
    unsigned traits = traits_of(method);
    json_t *errors = json_array();

    for (size_t i = 0; i < sizeof error_traits / sizeof *error_traits; i++)
        if (error_traits[i].traits & traits)
            errors = append(errors, json_pack("{s:s+}", "$ref", "#/components/errors/",
                                              error_name(error_traits[i].code)));
    return errors;
}

static json_t *
params_of(const struct method *method, const struct limits *limits)
{
    json_t *params = json_array();
    const struct param *param;

    for (size_t i = 0; (param = params_at(method, i)) != NULL; i++) {
        json_t *one = json_pack("{s:s, s:s*, s:b, s:o}", "name", param->name, "description",
                                param->help, "required", (param->flags & PARAM_REQUIRED) != 0,
                                "schema", schema_param(param, limits));

        if (one != NULL && param->flags & PARAM_PERSONAL)
            json_object_set_new(one, "x-personal", json_true());
        params = append(params, one);
    }
    return params;
}

static json_t *
roles_of(const struct method *method)
{
    json_t *roles = json_array();

    for (unsigned role = ROLE_STRANGER; role <= ROLE_ADMIN; role <<= 1)
        if (method->roles & role)
            roles = append(roles, json_string(role_name((enum role)role)));
    return roles;
}

/* The example of a row as OpenRPC has it; an empty array where there is none. */
static json_t *
examples_of(const struct method *method)
{
    json_t *given, *values = json_array(), *value;
    const char *name;

    if (method->example == NULL)
        return values;
    given = json_loads(method->example, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(given)) {
        json_decref(given);
        json_decref(values);
        return NULL;
    }
    json_object_foreach(given, name, value) values =
        append(values, json_pack("{s:s, s:O}", "name", name, "value", value));
    json_decref(given);
    return json_pack("[{s:s, s:o}]", "name", method->name, "params", values);
}

static json_t *
tag_of(const struct method *method)
{
    return json_stringn(method->name, strcspn(method->name, "."));
}

static json_t *
describe(const struct method *method, const struct limits *limits)
{
    static const char *const costs[COST_CLASSES] = {[COST_FAST] = "fast",
                                                    [COST_WRITE] = "write",
                                                    [COST_SLOW] = "slow",
                                                    [COST_STREAM] = "stream"};
    json_t *row = json_pack(
        "{s:s, s:s*, s:[{s:o}], s:s, s:o, s:{s:s, s:o}, s:o, s:o, s:s*, s:s, s:o, s:b, s:b, s:b}",
        "name", method->name, "summary", method->summary, "tags", "name", tag_of(method),
        "paramStructure", "either", "params", params_of(method, limits), "result", "name", "result",
        "schema", schema_result(method), "errors", errors_of(method), "examples",
        examples_of(method), "x-summary-ja", method->summary_ja, "x-cost", costs[method->cost],
        "x-roles", roles_of(method), "x-writes", method->writes, "x-figures-on-people",
        method->figures_on_people, "x-keeps", method->keeps);

    if (row != NULL && json_array_size(json_object_get(row, "examples")) == 0)
        json_object_del(row, "examples");
    return row;
}

static json_t *
shared_errors(void)
{
    json_t *errors = json_object();

    for (const struct error_row *row = error_table; errors != NULL && row->name != NULL; row++) {
        json_t *one = json_pack("{s:i, s:s, s:{s:s}}", "code", row->code, "message", row->meaning,
                                "data", "name", row->name);

        if (one == NULL || json_object_set_new(errors, row->name, one) != 0) {
            json_decref(errors);
            errors = NULL;
        }
    }
    return errors;
}

/* All methods, with commas between them. One is written and freed before the next is made: the whole as a tree is 6 MB, which
 * a start would wait for. NULL when out of memory. */
static char *
methods_text(const struct method *const *tables, const struct limits *limits)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool failed = out == NULL, first = true;

    for (const struct method *const *table = tables; !failed && *table != NULL; table++)
        for (const struct method *method = *table; !failed && method->name != NULL; method++) {
            json_t *row = describe(method, limits);

            failed = row == NULL || (!first && fputc(',', out) == EOF) || json_dumpf(row, out, JSON_COMPACT) != 0;
            first = false;
            json_decref(row);
        }
    failed = (out != NULL && fclose(out) != 0) || failed;
    if (!failed)
        return text;
    free(text);
    return NULL;
}

char *
discover_compose(const struct method *const *tables, const struct limits *limits,
                 const char *version)
{
    static const char place[] = "\"methods\":[";
    char *methods = methods_text(tables, limits), *frame = NULL, *text = NULL;
    const char *at;
    json_t *document = json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[], s:{s:o, s:o}}", "openrpc", openrpc_version,
        "info", "title", "jinzai", "description",
        "The workforce database of a bilateral fusion-energy partnership: training programs, "
        "personnel exchanges and skill gaps",
        "version", version, "license", "name", "Apache-2.0", "url",
        "https://www.apache.org/licenses/LICENSE-2.0", "methods", "components", "errors",
        shared_errors(), "schemas", schema_shared());

    if (document != NULL)
        frame = json_dumps(document, JSON_COMPACT);
    at = frame != NULL ? strstr(frame, place) : NULL;
    if (methods != NULL && at != NULL) {
        at += sizeof place - 1;
        if (asprintf(&text, "%.*s%s%s", (int)(at - frame), frame, methods, at) < 0)
            text = NULL;
    }
    json_decref(document);
    free(methods);
    free(frame);
    return text;
}
