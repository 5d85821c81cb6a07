/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/params.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "rpc/check.h"
#include "rpc/statement.h"
#include "rpc/value.h"

static int
out_of_memory(struct fault *fault)
{
    fault_set(fault, ERROR_UNAVAILABLE, "The daemon is short of memory; try again later");
    return -1;
}

static size_t
count_params(const struct method *method)
{
    size_t count = 0;

    while (method->params != NULL && method->params[count].type != PARAM_END)
        count++;
    return count;
}

const struct param *
params_at(const struct method *method, size_t position)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        bool required = pass == 0;

        for (const struct param *param = method->params; param != NULL && param->type != PARAM_END;
             param++) {
            if (((param->flags & PARAM_REQUIRED) != 0) != required)
                continue;
            if (position-- == 0)
                return param;
        }
    }
    return NULL;
}

/* Names the values that were given by position. NULL with the fault where there are too many. */
static json_t *
by_name(const struct method *method, const json_t *given, struct fault *fault)
{
    size_t known = count_params(method), count = json_array_size(given);
    json_t *named = json_object();

    if (count > known) {
        fault_set(fault, ERROR_INVALID_PARAMS, "%s takes %zu parameters at most, not %zu",
                  method->name, known, count);
        fault_expect(fault, "an array of up to %zu values", known);
        json_decref(named);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_array_get(given, i);

        if (json_is_null(value))
            continue;
        if (json_object_set(named, params_at(method, i)->name, value) != 0) {
            out_of_memory(fault);
            json_decref(named);
            return NULL;
        }
    }
    return named;
}

static const struct param *
find(const struct method *method, const char *name)
{
    for (size_t i = 0; i < count_params(method); i++)
        if (strcmp(method->params[i].name, name) == 0)
            return &method->params[i];
    return NULL;
}

static int
check_names(const struct method *method, json_t *named, struct fault *fault)
{
    const char *name;
    json_t *value;

    json_object_foreach(named, name, value)
    {
        struct path path = {NULL, name, 0};

        if (find(method, name) != NULL)
            continue;
        check_unknown(method->params, &path, fault);
        return -1;
    }
    return 0;
}

static int
check_values(const struct params_rules *rules, const struct method *method, const json_t *named,
             struct fault *fault)
{
    for (size_t i = 0; i < count_params(method); i++) {
        const struct param *param = &method->params[i];
        const json_t *value = json_object_get(named, param->name);
        struct path path = {NULL, param->name, 0};

        if (value != NULL && !json_is_null(value)) {
            if (!check_value(param, value, &path, rules->limits, fault))
                return -1;
        } else if (param->flags & PARAM_REQUIRED) {
            check_missing(param, &path, rules->limits, fault);
            return -1;
        }
    }
    return 0;
}

/* The keyed digest of method and parameters, the idempotency key left out: the same key with other
 * parameters is a conflict, and the database keeps nothing that could be guessed back into them. To
 * be freed. NULL when out of memory. */
static char *
digest_text(const struct params_rules *rules, const struct method *method, const json_t *named)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    json_t *whole = json_object(), *kept = json_object();
    char *canonical = NULL, *text = NULL;
    int rc = kept == NULL || whole == NULL ? -1 : 0;

    for (size_t i = 0; rc == 0 && i < count_params(method); i++) {
        const struct param *param = &method->params[i];
        json_t *value = json_object_get(named, param->name);
        bool clears = json_is_null(value) && param->flags & PARAM_CLEARABLE;

        if (param->type != PARAM_ONCE && value != NULL && (!json_is_null(value) || clears))
            rc = json_object_set(kept, param->name, value);
    }
    if (rc != 0 || json_object_set(whole, method->name, kept) != 0)
        goto out;
    canonical = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
    if (canonical == NULL)
        goto out;
    if (HMAC(EVP_sha256(), rules->once_secret, (int)rules->once_secret_size,
             (const unsigned char *)canonical, strlen(canonical), digest, &size) == NULL)
        goto out;
    text = malloc(2 + 2 * (size_t)size + 1);
    if (text == NULL)
        goto out;
    text[0] = '\\';
    text[1] = 'x';
    for (unsigned int i = 0; i < size; i++) {
        text[2 + 2 * i] = hex[digest[i] >> 4];
        text[3 + 2 * i] = hex[digest[i] & 15];
    }
    text[2 + 2 * size] = '\0';
out:
    free(canonical);
    json_decref(kept);
    json_decref(whole);
    return text;
}

/* The names that were given as null and mean "make it empty", as an array literal. */
static char *
clear_text(const struct method *method, const json_t *named)
{
    const char **names = calloc(count_params(method) + 1, sizeof *names);
    size_t count = 0;
    char *text;

    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < count_params(method); i++)
        if (method->params[i].flags & PARAM_CLEARABLE &&
            json_is_null(json_object_get(named, method->params[i].name)))
            names[count++] = method->params[i].name;
    text = value_array(names, count);
    free(names);
    return text;
}

/* A member of a label as text, NULL where it is absent; *failed is set when out of memory. */
static char *
label_text(const json_t *label, const char *language, bool *failed)
{
    const char *text = json_string_value(json_object_get(label, language));
    char *copy = text != NULL ? strdup(text) : NULL;

    if (text != NULL && copy == NULL)
        *failed = true;
    return copy;
}

/* Writes the values of one parameter. Returns how many there are, or -1 when out of memory. */
static int
write_values(const char **values, const struct params_rules *rules, const struct method *method,
             const struct param *param, const json_t *named)
{
    const json_t *value = json_object_get(named, param->name);
    int width = statement_width(param);
    bool failed = false;

    if (value == NULL || json_is_null(value)) {
        /* The SQL functions take a page of the usual size; a smaller limit has to be said. */
        if (param->type == PARAM_LIMIT && rules->limits->page_size < CHECK_PAGE_DEFAULT) {
            json_t *limit = json_integer(rules->limits->page_size);

            values[0] = limit != NULL ? value_text(param, limit) : NULL;
            failed = values[0] == NULL;
            json_decref(limit);
        }
        return failed ? -1 : width;
    }
    if (param->type == PARAM_LABEL && !(param->flags & PARAM_LIST)) {
        values[0] = label_text(value, "en", &failed);
        values[1] = label_text(value, "ja", &failed);
        return failed ? -1 : width;
    }
    values[0] = value_text(param, value);
    failed = values[0] == NULL;
    if (param->type == PARAM_ONCE) {
        values[1] = digest_text(rules, method, named);
        failed = failed || values[1] == NULL;
    }
    return failed ? -1 : width;
}

static int
write_all(struct params *params, const struct params_rules *rules, const struct method *method,
          const json_t *named)
{
    size_t at = 1; /* behind the caller */

    params->count = 1 + (statement_clears(method) ? 1 : 0) + (method->keeps ? 1 : 0);
    for (size_t i = 0; i < count_params(method); i++)
        params->count += (size_t)statement_width(&method->params[i]);
    params->values = calloc(params->count, sizeof *params->values);
    if (params->values == NULL)
        return -1;
    for (size_t i = 0; i < count_params(method); i++) {
        int width = write_values(params->values + at, rules, method, &method->params[i], named);

        if (width < 0)
            return -1;
        at += (size_t)width;
    }
    if (statement_clears(method)) {
        params->values[at] = clear_text(method, named);
        if (params->values[at] == NULL)
            return -1;
    }
    return 0;
}

int
params_read(struct params *params, const struct params_rules *rules, const struct method *method,
            const json_t *given, struct fault *fault)
{
    json_t *named = NULL;
    int rc = -1;

    params->values = NULL;
    params->count = 0;
    fault->code = 0;
    if (given == NULL)
        named = json_object();
    else if (json_is_array(given))
        named = by_name(method, given, fault);
    else
        named = json_incref((json_t *)given);
    if (named == NULL) {
        rc = fault->code != 0 ? -1 : out_of_memory(fault);
        goto out;
    }
    if (check_names(method, named, fault) != 0 || check_values(rules, method, named, fault) != 0)
        goto out;
    rc = write_all(params, rules, method, named);
    if (rc != 0)
        out_of_memory(fault);
out:
    if (rc != 0)
        params_free(params);
    json_decref(named);
    return rc;
}

void
params_free(struct params *params)
{
    for (size_t i = 1; i < params->count && params->values != NULL; i++)
        free((char *)params->values[i]);
    free(params->values);
    params->values = NULL;
    params->count = 0;
}
