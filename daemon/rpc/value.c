/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "rpc/check.h"

/* Fifteen digits are what a decimal keeps on its way through a double, so that 0.1 stays 0.1. */
enum { NUMBER_SIZE = 32, NUMBER_DIGITS = 15 };

const char *
value_type(const struct param *param)
{
    static const struct {
        enum param_type type;
        const char *one, *list;
    } types[] = {
        {PARAM_TEXT, "text", "text[]"},          {PARAM_LABEL, "text", "jsonb"},
        {PARAM_INTEGER, "bigint", "bigint[]"},   {PARAM_NUMBER, "numeric", "numeric[]"},
        {PARAM_BOOLEAN, "boolean", "boolean[]"}, {PARAM_DATE, "date", "date[]"},
        {PARAM_MONTH, "date", "date[]"},         {PARAM_UUID, "uuid", "uuid[]"},
        {PARAM_REFERENCE, "text", "text[]"},     {PARAM_CHOICE, "text", "text[]"},
        {PARAM_OBJECT, "jsonb", "jsonb"},        {PARAM_LANG, "text", "text[]"},
        {PARAM_LIMIT, "bigint", "bigint[]"},     {PARAM_CURSOR, "text", "text[]"},
        {PARAM_ONCE, "uuid", "uuid[]"},
        {PARAM_SECRET, "bytea", "bytea[]"},
    };
    size_t i = 0;

    while (types[i].type != param->type)
        i++;
    return param->flags & PARAM_LIST ? types[i].list : types[i].one;
}

/* Adds item to object under name, or to the array where name is NULL; takes the item over. */
static int
put(json_t *whole, const char *name, json_t *item)
{
    if (item == NULL)
        return -1;
    return name != NULL ? json_object_set_new(whole, name, item)
                        : json_array_append_new(whole, item);
}

static json_t *normal(const struct param *param, const json_t *value);

static json_t *
normal_object(const struct param *param, const json_t *value)
{
    json_t *object = json_object();

    for (const struct param *field = param->fields; field->type != PARAM_END; field++) {
        const json_t *member = json_object_get(value, field->name);

        if (member == NULL || json_is_null(member))
            continue;
        if (put(object, field->name, normal(field, member)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *
normal_list(const struct param *param, const json_t *value)
{
    json_t *array = json_array();
    struct param one = *param;

    one.flags &= ~(unsigned)PARAM_LIST;
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (put(array, NULL, normal(&one, json_array_get(value, i))) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* A copy in which whole numbers are written as such: read as reals, they would be sent as 3.0,
 * which SQL takes for no integer. Members that are null are left out, as absent ones are. */
static json_t *
normal(const struct param *param, const json_t *value)
{
    double number = json_number_value(value);

    if (param->flags & PARAM_LIST)
        return normal_list(param, value);
    if (param->type == PARAM_OBJECT)
        return normal_object(param, value);
    if (json_is_number(value) && number == trunc(number) && fabs(number) <= CHECK_WHOLE_MAX)
        return json_integer((json_int_t)number);
    return json_deep_copy(value);
}

static char *
json_text(const struct param *param, const json_t *value)
{
    json_t *copy = normal(param, value);
    char *text = NULL;

    if (copy != NULL)
        text = json_dumps(copy, JSON_COMPACT | JSON_REAL_PRECISION(NUMBER_DIGITS));
    json_decref(copy);
    return text;
}

static char *
number_text(const struct param *param, double number)
{
    char text[NUMBER_SIZE];

    if (number == 0)
        number = 0; /* no -0 */
    if (param->type == PARAM_NUMBER)
        snprintf(text, sizeof text, "%.*g", NUMBER_DIGITS, number);
    else
        snprintf(text, sizeof text, "%.0f", number);
    return strdup(text);
}

static char *
month_text(const char *month)
{
    char text[sizeof "2026-04-01"];

    snprintf(text, sizeof text, "%.7s-01", month);
    return strdup(text);
}

/* "\\x" and the SHA-256 in hex. */
static char *
secret_text(const json_t *value)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char *text = malloc(2 + 2 * sizeof digest + 1);

    if (text == NULL)
        return NULL;
    SHA256((const unsigned char *)json_string_value(value), json_string_length(value), digest);
    strcpy(text, "\\x");
    for (size_t i = 0; i < sizeof digest; i++)
        sprintf(text + 2 + 2 * i, "%02x", digest[i]);
    OPENSSL_cleanse(digest, sizeof digest);
    return text;
}

static char *
one_text(const struct param *param, const json_t *value)
{
    if (json_is_boolean(value))
        return strdup(json_is_true(value) ? "true" : "false");
    if (json_is_number(value))
        return number_text(param, json_number_value(value));
    if (param->type == PARAM_SECRET)
        return secret_text(value);
    if (param->type == PARAM_MONTH)
        return month_text(json_string_value(value));
    return strdup(json_string_value(value));
}

char *
value_array(const char *const *texts, size_t count)
{
    size_t size = sizeof "{}";
    char *array, *to;

    for (size_t i = 0; i < count; i++)
        size += 2 * strlen(texts[i]) + sizeof "\"\",";
    array = to = malloc(size);
    if (array == NULL)
        return NULL;
    *to++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *to++ = ',';
        *to++ = '"';
        for (const char *from = texts[i]; *from != '\0'; from++) {
            if (*from == '"' || *from == '\\')
                *to++ = '\\';
            *to++ = *from;
        }
        *to++ = '"';
    }
    *to++ = '}';
    *to = '\0';
    return array;
}

static char *
list_text(const struct param *param, const json_t *value)
{
    size_t size = json_array_size(value), count = 0;
    char **texts = calloc(size + 1, sizeof *texts);
    char *array = NULL;

    if (texts == NULL)
        return NULL;
    while (count < size) {
        texts[count] = one_text(param, json_array_get(value, count));
        if (texts[count] == NULL)
            goto out;
        count++;
    }
    array = value_array((const char *const *)texts, count);
out:
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
    return array;
}

char *
value_text(const struct param *param, const json_t *value)
{
    if (strcmp(value_type(param), "jsonb") == 0)
        return json_text(param, value);
    return param->flags & PARAM_LIST ? list_text(param, value) : one_text(param, value);
}
