/* SPDX-License-Identifier: Apache-2.0 */
#include "cell.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "word.h"

json_t *
cell_find(json_t *value, const char *path)
{
    size_t size = strcspn(path, "."), index;
    json_t *item, *list;

    if (json_is_array(value)) {
        list = json_array();
        json_array_foreach(value, index, item) json_array_append_new(list, cell_find(item, path));
        return list;
    }
    value = json_object_getn(value, path, size);
    if (value == NULL)
        return json_null();
    return path[size] == '.' ? cell_find(value, path + size + 1) : json_incref(value);
}

static void write_value(FILE *out, const json_t *value, enum language language, enum cell_use use);

static bool
is_label(const json_t *object)
{
    const char *key;
    json_t *value;

    /* jansson iterates through a pointer without const, and changes nothing. */
    json_object_foreach((json_t *)object, key, value)
    {
        if (strcmp(key, "en") != 0 && strcmp(key, "ja") != 0)
            return false;
    }
    return json_object_size(object) > 0;
}

static void
write_label(FILE *out, const json_t *label, enum language language)
{
    const char *other = language == LANGUAGE_JA ? "en" : "ja";
    const char *text = json_string_value(json_object_get(label, language_code(language)));

    if (text != NULL) {
        fputs(text, out);
        return;
    }
    text = json_string_value(json_object_get(label, other));
    if (text != NULL)
        fprintf(out, "%s [%s]", text, other);
}

/* A reference to another record, {"id", "code", "name"}, as code and name. */
static bool
write_reference(FILE *out, const json_t *object, enum language language, enum cell_use use)
{
    const json_t *code = json_object_get(object, "code"), *name = json_object_get(object, "name");

    if (!json_is_string(code) && name == NULL && json_is_string(json_object_get(object, "id")))
        code = json_object_get(object, "id");
    if (!json_is_string(code) || json_object_size(object) > 3 ||
        (json_object_size(object) == 3 && name == NULL))
        return false;
    fputs(json_string_value(code), out);
    if (name != NULL && !json_is_null(name)) {
        fputc(' ', out);
        write_value(out, name, language, use);
    }
    return true;
}

static void
write_object(FILE *out, const json_t *object, enum language language, enum cell_use use)
{
    const char *key, *gap = "";
    char spaced[WORD_SIZE];
    json_t *value;

    if (is_label(object)) {
        write_label(out, object, language);
        return;
    }
    if (write_reference(out, object, language, use))
        return;
    json_object_foreach((json_t *)object, key, value)
    {
        /* Who reads a list of parts has no use for the UUID of each; CSV and JSON keep it. */
        if (json_is_null(value) || (use != CELL_CSV && strcmp(key, "id") == 0))
            continue;
        fprintf(out, "%s%s: ", gap, word_spaced(spaced, key));
        write_value(out, value, language, use == CELL_VIEW ? CELL_TABLE : use);
        gap = ", ";
    }
}

static void
write_list(FILE *out, const json_t *list, enum language language, enum cell_use use)
{
    bool lines = use == CELL_VIEW && json_is_object(json_array_get(list, 0));
    size_t index;
    json_t *item;

    json_array_foreach(list, index, item)
    {
        if (index > 0)
            fputs(lines ? "\n" : json_is_object(item) ? "; " : ", ", out);
        write_value(out, item, language, use);
    }
}

static void
write_boolean(FILE *out, bool value, enum language language, enum cell_use use)
{
    if (use == CELL_CSV)
        fputs(value ? "true" : "false", out);
    else if (value)
        fputs(language_pick(language, "yes", "はい"), out);
    else
        fputs(use == CELL_TABLE ? "-" : language_pick(language, "no", "いいえ"), out);
}

/* A text; the time of a change, which the protocol gives to the microsecond, to the second. */
static void
write_string(FILE *out, const char *text, enum cell_use use)
{
    static const char digits[] = "0123456789";
    const char *clock = text + 11, *rest;

    if (use != CELL_CSV && strlen(text) > 19 && text[4] == '-' && text[7] == '-' &&
        text[10] == 'T' && clock[2] == ':' && clock[5] == ':') {
        rest = clock + 8;
        rest += *rest == '.' ? 1 + strspn(rest + 1, digits) : 0;
        if (strcmp(rest, "+00:00") == 0 || strcmp(rest, "Z") == 0) {
            fprintf(out, "%.10s %.8s UTC", text, clock);
            return;
        }
    }
    fputs(text, out);
}

static void
write_value(FILE *out, const json_t *value, enum language language, enum cell_use use)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        write_object(out, value, language, use);
        break;
    case JSON_ARRAY:
        write_list(out, value, language, use);
        break;
    case JSON_STRING:
        write_string(out, json_string_value(value), use);
        break;
    case JSON_INTEGER:
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        fprintf(out, "%.15g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        write_boolean(out, json_is_true(value), language, use);
        break;
    case JSON_NULL:
        break;
    }
}

char *
cell_text(const json_t *value, enum language language, enum cell_use use)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (value != NULL)
        write_value(out, value, language, use);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
