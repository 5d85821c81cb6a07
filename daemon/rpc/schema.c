/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rpc/check.h"

enum { CHOICE_SIZE = 72, STEP_SIZE = 64 };

/* Sets a member, unless memory has run out before: then whole is NULL, as what is set may be.
 * Returns whole or NULL. */
static json_t *
put(json_t *whole, const char *name, json_t *part)
{
    if (whole != NULL && part != NULL && json_object_set_new(whole, name, part) == 0)
        return whole;
    if (whole == NULL)
        json_decref(part);
    json_decref(whole);
    return NULL;
}

static json_t *
figure(double number)
{
    if (number == trunc(number) && fabs(number) <= CHECK_WHOLE_MAX)
        return json_integer((json_int_t)number);
    return json_real(number);
}

static json_t *
bounded_text(double min, double max)
{
    json_t *schema = json_pack("{s:s}", "type", "string");

    schema = put(schema, "minLength", figure(min));
    return put(schema, "maxLength", figure(max));
}

static json_t *
bounded_number(const char *type, double min, double max)
{
    json_t *schema = json_pack("{s:s}", "type", type);

    schema = put(schema, "minimum", figure(min));
    return put(schema, "maximum", figure(max));
}

static json_t *
label(double min, double max)
{
    json_t *languages = json_object();

    languages = put(languages, "en", bounded_text(min, max));
    languages = put(languages, "ja", bounded_text(min, max));
    return json_pack("{s:s, s:o, s:i, s:b}", "type", "object", "properties", languages,
                     "minProperties", 1, "additionalProperties", 0);
}

static json_t *
choice(const char *choices)
{
    json_t *list = json_array();

    while (list != NULL && *choices != '\0') {
        size_t length = strcspn(choices, "|");

        if (json_array_append_new(list, json_stringn(choices, length)) != 0) {
            json_decref(list);
            list = NULL;
        }
        choices += length + (choices[length] == '|');
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *
object(const struct param *fields, const struct limits *limits)
{
    json_t *properties = json_object(), *required = json_array();
    json_t *schema;
    bool any = false;

    for (const struct param *field = fields; field->type != PARAM_END; field++) {
        properties = put(properties, field->name, schema_param(field, limits));
        if (required == NULL || !(field->flags & PARAM_REQUIRED))
            continue;
        any = true;
        if (json_array_append_new(required, json_string(field->name)) != 0) {
            json_decref(required);
            required = NULL;
        }
    }
    schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                       "additionalProperties", 0);
    if (any)
        return put(schema, "required", required);
    json_decref(required);
    return schema;
}

static json_t *
one(const struct param *param, const struct limits *limits)
{
    double min, max;

    check_bounds(param, limits, &min, &max);
    switch (param->type) {
    case PARAM_LABEL:
        return label(min, max);
    case PARAM_INTEGER:
    case PARAM_LIMIT:
        return bounded_number("integer", min, max);
    case PARAM_NUMBER:
        return bounded_number("number", min, max);
    case PARAM_BOOLEAN:
        return json_pack("{s:s}", "type", "boolean");
    case PARAM_DATE:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date");
    case PARAM_MONTH:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9]{4}-(0[1-9]|1[0-2])$");
    case PARAM_UUID:
    case PARAM_ONCE:
        return json_pack("{s:s, s:s}", "type", "string", "format", "uuid");
    case PARAM_SECRET:
        return json_pack("{s:s, s:s}", "type", "string", "format", "password");
    case PARAM_CHOICE:
        return choice(param->choices);
    case PARAM_LANG:
        return choice("en|ja");
    case PARAM_OBJECT:
        return object(param->fields, limits);
    default:
        return bounded_text(min, max);
    }
}

json_t *
schema_param(const struct param *param, const struct limits *limits)
{
    json_t *schema = one(param, limits);

    if (param->flags & PARAM_LIST)
        schema = json_pack("{s:s, s:i, s:o}", "type", "array", "maxItems", limits->list_items,
                           "items", schema);
    if (param->flags & PARAM_CLEARABLE)
        schema = json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
    if (param->help != NULL)
        schema = put(schema, "description", json_string(param->help));
    if (param->unit != NULL)
        schema = put(schema, "x-unit", json_string(param->unit));
    return schema;
}

static bool
takes_lang(const struct method *method)
{
    const struct param *param = method->params;

    for (; param != NULL && param->type != PARAM_END; param++)
        if (param->type == PARAM_LANG)
            return true;
    return false;
}

static json_t *
column_schema(const struct column *column, bool labels)
{
    json_t *schema;

    /* Where the caller may leave lang out, a text may come in both languages. */
    if (labels && strcmp(column->type, "string") == 0)
        schema = json_pack("{s:[{s:s}]}", "allOf", "$ref", "#/components/schemas/text");
    else
        schema = json_pack("{s:[s, s]}", "type", column->type, "null");
    if (column->en != NULL)
        schema = put(schema, "title", json_string(column->en));
    if (column->ja != NULL)
        schema = put(schema, "x-title-ja", json_string(column->ja));
    if (column->help != NULL)
        schema = put(schema, "description", json_string(column->help));
    return schema;
}

/* The schema of an object's member, made where there is none. Borrowed; NULL when out of memory. */
static json_t *
member(json_t *schema, const char *name)
{
    json_t *properties = json_object_get(schema, "properties"), *found;

    if (properties == NULL) {
        properties = json_object();
        if (json_object_set_new(schema, "properties", properties) != 0)
            return NULL;
    }
    found = json_object_get(properties, name);
    if (found != NULL)
        return found;
    found = json_pack("{s:[s, s]}", "type", "object", "null");
    return json_object_set_new(properties, name, found) == 0 ? found : NULL;
}

/* Puts a column where its dotted path says. Returns 0 or -1. */
static int
place(json_t *schema, const struct column *column, bool labels)
{
    const char *path = column->path, *dot;
    char step[STEP_SIZE];
    json_t *at = schema, *leaf;
    int rc;

    while ((dot = strchr(path, '.')) != NULL) {
        snprintf(step, sizeof step, "%.*s", (int)(dot - path), path);
        at = member(at, step);
        if (at == NULL)
            return -1;
        path = dot + 1;
    }
    at = member(at, path);
    leaf = column_schema(column, labels);
    if (at == NULL || leaf == NULL) {
        json_decref(leaf);
        return -1;
    }
    /* A column for the whole and one for a member of it keep both. */
    if (json_object_get(leaf, "allOf") != NULL)
        json_object_del(at, "type");
    rc = json_object_update(at, leaf);
    json_decref(leaf);
    return rc;
}

static json_t *
row_schema(const struct method *method)
{
    json_t *schema = json_pack("{s:s}", "type", "object");
    bool labels = takes_lang(method);

    for (const struct column *column = method->columns; column != NULL && column->path != NULL;
         column++) {
        if (schema != NULL && place(schema, column, labels) != 0) {
            json_decref(schema);
            schema = NULL;
        }
    }
    return schema;
}

json_t *
schema_result(const struct method *method)
{
    switch (method->shape) {
    case RESULT_RECEIPT:
        return json_pack("{s:s}", "$ref", "#/components/schemas/receipt");
    case RESULT_PAGE:
        return json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:[s, s], s:s}}, s:[s, s]}", "type", "object",
                         "properties", "items", "type", "array", "items", row_schema(method),
                         "next", "type", "string", "null", "description",
                         "The cursor of the next page; null on the last", "required", "items",
                         "next");
    case RESULT_LIST:
        return json_pack("{s:s, s:{s:{s:s, s:o}}, s:[s]}", "type", "object", "properties", "items",
                         "type", "array", "items", row_schema(method), "required", "items");
    default:
        return row_schema(method);
    }
}

json_t *
schema_shared(void)
{
    json_t *shared = json_object();

    shared = put(shared, "receipt",
                 json_pack("{s:s, s:s, s:{s:{s:s, s:s}, s:{s:[s, s]}, s:{s:s}}, s:[s]}", "type",
                           "object", "description", "What a change answers", "properties", "id",
                           "type", "string", "format", "uuid", "code", "type", "string", "null",
                           "version", "type", "integer", "required", "id"));
    return put(shared, "text",
               json_pack("{s:s, s:[{s:[s, s]}, {s:s, s:{s:{s:[s, s]}, s:{s:[s, s]}}}]}",
                         "description",
                         "A text: one string where lang was given, else each language it exists in",
                         "anyOf", "type", "string", "null", "type", "object", "properties", "en",
                         "type", "string", "null", "ja", "type", "string", "null"));
}
