/* SPDX-License-Identifier: Apache-2.0 */
#include "example.h"

#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "help.h"
#include "word.h"

/* Writes a word so that a shell takes it as one. */
static void
quoted(FILE *stream, const char *text)
{
    if (*text != '\0' &&
        text[strspn(text,
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/,=")] ==
            '\0') {
        fputs(text, stream);
        return;
    }
    fputc('\'', stream);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
    fputc('\'', stream);
}

/* One option of an example with a text as its value. */
static void
option(FILE *stream, const char *name, const char *suffix, const char *text)
{
    char typed[WORD_SIZE];

    fprintf(stream, " --%s%s", word_typed(typed, name), suffix);
    if (*text != '\0')
        fputc(' ', stream);
    else
        fputc('=', stream);
    if (*text != '\0')
        quoted(stream, text);
}

/* Appends a value as it may be typed within a list or an object; JSON where it has no shorter form.
 */
static void
append_plain(char line[HELP_LINE_SIZE], const json_t *value)
{
    char *text = json_is_string(value)
                     ? NULL
                     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

    help_add(line, "%s", text != NULL ? text : json_string_value(value));
    free(text);
}

/* An item of a list: field=value,field=value for an object. */
static void
append_item(char line[HELP_LINE_SIZE], json_t *item)
{
    const char *key, *gap = "";
    json_t *value;

    if (!json_is_object(item)) {
        append_plain(line, item);
        return;
    }
    json_object_foreach(item, key, value)
    {
        help_add(line, "%s%s=", gap, key);
        append_plain(line, value);
        gap = ",";
    }
}

static void
list_value(FILE *stream, const struct param *row, const json_t *list)
{
    bool apart = row->type == PARAM_OBJECT || row->type == PARAM_TEXT || row->type == PARAM_LABEL;
    char line[HELP_LINE_SIZE] = "";
    size_t index;
    json_t *item;

    json_array_foreach(list, index, item)
    {
        append_item(line, item);
        if (apart || index + 1 == json_array_size(list)) {
            option(stream, row->name, "", line);
            *line = '\0';
        } else {
            help_add(line, ",");
        }
    }
}

static void
value_of(FILE *stream, const struct param *row, json_t *value)
{
    static const char *const languages[][2] = {{"en", "-en"}, {"ja", "-ja"}};
    char line[HELP_LINE_SIZE] = "";

    if (json_is_array(value)) {
        list_value(stream, row, value);
    } else if (row->type == PARAM_LABEL && json_is_object(value)) {
        for (int i = 0; i < 2; i++) {
            const char *text = json_string_value(json_object_get(value, languages[i][0]));

            if (text != NULL)
                option(stream, row->name, languages[i][1], text);
        }
    } else {
        if (!json_is_null(value))
            append_item(line, value);
        option(stream, row->name, "", line);
    }
}

void
example_print(FILE *stream, enum language language, const struct method *method)
{
    json_t *params = method->example != NULL ? json_loads(method->example, 0, NULL) : NULL, *value;
    const struct param *unnamed = arguments_unnamed(method);
    char noun[WORD_SIZE], verb[WORD_SIZE];
    const char *key;

    fprintf(stream, language_pick(language, "\nExample:\n  jinzai %s %s", "\n例:\n  jinzai %s %s"),
            word_noun(noun, method), word_typed(verb, word_verb(method)));
    json_object_foreach(params, key, value)
    {
        const struct param *row = word_option(method->params, key, strlen(key)).row;

        if (row != NULL && row == unnamed && json_is_string(value)) {
            fputc(' ', stream);
            quoted(stream, json_string_value(value));
        } else if (row != NULL) {
            value_of(stream, row, value);
        }
    }
    fputc('\n', stream);
    json_decref(params);
}
