/* SPDX-License-Identifier: Apache-2.0 */
#include "value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "word.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, FILE_ROOM_FIRST = 64 * 1024 };

static const struct param label_fields[] = {
    {.name = "en", .type = PARAM_TEXT},
    {.name = "ja", .type = PARAM_TEXT},
    PARAM_ROW_END,
};

static json_t *one(const struct param *row, const char *text, enum language language, char *reason);

__attribute__((format(printf, 2, 3))) static int
refuse(char *reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, VALUE_REASON_SIZE, format, arguments);
    va_end(arguments);
    return -1;
}

char *
value_read_file(const char *path, enum language language, char reason[VALUE_REASON_SIZE])
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    size_t size = 0, room = FILE_ROOM_FIRST;
    char *text = malloc(room), *larger;

    if (file == NULL || text == NULL)
        goto fail;
    for (;;) {
        size += fread(text + size, 1, room - size - 1, file);
        if (feof(file))
            break;
        if (ferror(file) || room > FILE_BYTES_MAX) {
            errno = room > FILE_BYTES_MAX ? EFBIG : errno;
            goto fail;
        }
        larger = realloc(text, room *= 2);
        if (larger == NULL)
            goto fail;
        text = larger;
    }
    text[size] = '\0';
    if (file != stdin)
        fclose(file);
    return text;
fail:
    refuse(reason, language_pick(language, "cannot read %s: %s", "%s を読めない: %s"), path,
           strerror(errno));
    free(text);
    if (file != NULL && file != stdin)
        fclose(file);
    return NULL;
}

json_t *
value_json(const char *text, enum language language, char reason[VALUE_REASON_SIZE])
{
    char *content = NULL;
    json_error_t where;
    json_t *value;

    if (*text == '@' || strcmp(text, "-") == 0) {
        content = value_read_file(*text == '@' ? text + 1 : text, language, reason);
        if (content == NULL)
            return NULL;
    }
    value = json_loads(content != NULL ? content : text, JSON_DECODE_ANY, &where);
    if (value == NULL) {
        refuse(reason,
               language_pick(language, "is no JSON: line %d, column %d: %s",
                             "JSON ではない: %d 行 %d 桁: %s"),
               where.line, where.column, where.text);
    }
    free(content);
    return value;
}

static json_t *
string(const char *text, enum language language, char *reason)
{
    json_t *value = json_string(text);

    if (value == NULL)
        refuse(reason, "%s", language_pick(language, "is not UTF-8", "UTF-8 ではない"));
    return value;
}

static json_t *
number(const struct param *row, const char *text, enum language language, char *reason)
{
    char *end;
    double real;
    long long whole;

    errno = 0;
    whole = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0')
        return json_integer(whole);
    if (row->type != PARAM_NUMBER) {
        refuse(reason,
               language_pick(language, "\"%s\" is not a whole number", "\"%s\" は整数ではない"),
               text);
        return NULL;
    }
    real = strtod(text, &end);
    if (end != text && *end == '\0' && strpbrk(text, "xXnN") == NULL && real - real == 0)
        return json_real(real);
    refuse(reason, language_pick(language, "\"%s\" is not a number", "\"%s\" は数ではない"), text);
    return NULL;
}

static json_t *
boolean(const char *text, enum language language, char *reason)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true},   {"yes", true}, {"1", true},
                 {"false", false}, {"no", false}, {"0", false}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, text) == 0)
            return json_boolean(words[i].value);
    }
    refuse(reason,
           language_pick(language, "\"%s\" is neither true nor false",
                         "\"%s\" は true でも false でもない"),
           text);
    return NULL;
}

/* The field that a piece "field=value" begins with; *value is set behind the equals sign. */
static struct word_option
field_at(const struct param *fields, const char *text, const char **value)
{
    size_t size = strcspn(text, "=,");

    if (text[size] != '=')
        return (struct word_option){.row = NULL};
    *value = text + size + 1;
    return word_option(fields, text, size);
}

/* Where the value that begins at text ends: at a comma behind which another known field begins, so
 * that a comma may stand in a text. */
static size_t
value_size(const struct param *fields, const char *text)
{
    const char *ignored;

    for (const char *comma = strchr(text, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        if (field_at(fields, comma + 1, &ignored).row != NULL)
            return (size_t)(comma - text);
    }
    return strlen(text);
}

static json_t *
pairs(const struct param *fields, const char *text, enum language language, char *reason)
{
    json_t *object = json_object();
    const char *value, *at = text;

    while (*at != '\0') {
        struct word_option option = field_at(fields, at, &value);
        size_t size;
        char *piece;
        int rc;

        if (option.row == NULL) {
            refuse(
                reason,
                language_pick(language,
                              "\"%s\" is neither JSON nor field=value with a field that is known",
                              "\"%s\" は JSON でも、知られた項目の field=value でもない"),
                at);
            json_decref(object);
            return NULL;
        }
        size = value_size(fields, value);
        piece = strndup(value, size);
        rc = piece != NULL ? value_put(object, option.row, piece, option.language, language, reason)
                           : -1;
        free(piece);
        if (rc != 0) {
            json_decref(object);
            return NULL;
        }
        at = value + size + (value[size] == ',' ? 1 : 0);
    }
    return object;
}

static bool
is_json(const char *text)
{
    return *text == '{' || *text == '[' || *text == '@' || strcmp(text, "-") == 0;
}

static json_t *
object_of(const struct param *row, const char *text, enum language language, char *reason)
{
    if (is_json(text) || row->fields == NULL)
        return value_json(text, language, reason);
    return pairs(row->fields, text, language, reason);
}

static json_t *
label_of(const char *text, enum language language, char *reason)
{
    const char *ignored;
    json_t *value, *label;

    if (*text == '{')
        return value_json(text, language, reason);
    if (field_at(label_fields, text, &ignored).row != NULL)
        return pairs(label_fields, text, language, reason);
    value = string(text, language, reason);
    label = json_object();
    if (value == NULL || json_object_set_new(label, language_code(language), value) != 0) {
        json_decref(label);
        return NULL;
    }
    return label;
}

/* One value, not a list. */
static json_t *
one(const struct param *row, const char *text, enum language language, char *reason)
{
    switch (row->type) {
    case PARAM_INTEGER:
    case PARAM_LIMIT:
    case PARAM_NUMBER:
        return number(row, text, language, reason);
    case PARAM_BOOLEAN:
        return boolean(text, language, reason);
    case PARAM_OBJECT:
        return object_of(row, text, language, reason);
    case PARAM_LABEL:
        return label_of(text, language, reason);
    default:
        return string(text, language, reason);
    }
}

static int
put_items(json_t *list, const struct param *row, const char *text, enum language language,
          char *reason)
{
    bool whole = row->type == PARAM_TEXT || row->type == PARAM_OBJECT || row->type == PARAM_LABEL;
    json_t *item = NULL;
    int rc = 0;

    if (*text == '[' || (row->type == PARAM_OBJECT && is_json(text))) {
        item = value_json(text, language, reason);
        if (item == NULL)
            return -1;
        rc = json_is_array(item) ? json_array_extend(list, item) : json_array_append(list, item);
        json_decref(item);
        return rc;
    }
    while (rc == 0 && *text != '\0') {
        size_t size = whole ? strlen(text) : strcspn(text, ",");
        char *piece = strndup(text, size);

        item = piece != NULL ? one(row, piece, language, reason) : NULL;
        rc = item != NULL ? json_array_append_new(list, item) : -1;
        free(piece);
        text += size + (text[size] == ',' ? 1 : 0);
    }
    return rc;
}

static int
put_list(json_t *params, const struct param *row, const char *text, enum language language,
         char *reason)
{
    json_t *list = json_object_get(params, row->name);

    if (!json_is_array(list)) {
        list = json_array();
        if (json_object_set_new(params, row->name, list) != 0)
            return refuse(reason, "out of memory");
    }
    return put_items(list, row, text, language, reason);
}

static int
put_label(json_t *params, const struct param *row, const char *text, const char *label_language,
          enum language language, char *reason)
{
    json_t *label = json_object_get(params, row->name), *added;

    if (label_language != NULL)
        added = json_pack("{s:s}", label_language, text);
    else
        added = label_of(text, language, reason);
    if (added == NULL)
        return label_language != NULL
                   ? refuse(reason, "%s", language_pick(language, "is not UTF-8", "UTF-8 ではない"))
                   : -1;
    if (!json_is_object(label))
        return json_object_set_new(params, row->name, added);
    json_object_update(label, added);
    json_decref(added);
    return 0;
}

int
value_put(json_t *params, const struct param *row, const char *text, const char *label_language,
          enum language language, char reason[VALUE_REASON_SIZE])
{
    bool list = (row->flags & PARAM_LIST) != 0, clearable = (row->flags & PARAM_CLEARABLE) != 0;
    json_t *value;

    if (*text == '\0' && label_language == NULL &&
        (clearable || (!list && row->type != PARAM_TEXT)))
        return json_object_set_new(params, row->name, json_null());
    if (list)
        return put_list(params, row, text, language, reason);
    if (row->type == PARAM_LABEL)
        return put_label(params, row, text, label_language, language, reason);
    if (json_object_get(params, row->name) != NULL)
        return refuse(reason, "%s",
                      language_pick(language, "is given twice", "二度指定されている"));
    value = one(row, text, language, reason);
    return value != NULL ? json_object_set_new(params, row->name, value) : -1;
}
