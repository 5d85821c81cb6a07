/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "chart.h"
#include "word.h"

enum {
    GRID_ROWS_MAX = 10000, /* a longer table is printed in blocks, so that memory stays bounded */
    REAL_DIGITS = 15,
    JSON_FLAGS = JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS),
};

static const struct column receipt_columns[] = {
    {"code", "string", "Code", "コード", "Code of the record"},
    {"version", "integer", "Version", "版", "Version of the record"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const char *
heading(const struct output *output, const struct column *column)
{
    return language_pick(output->session->language, column->en,
                         column->ja != NULL ? column->ja : column->en);
}

static const struct column *
columns_of(const struct output *output)
{
    return output->method->shape == RESULT_RECEIPT ? receipt_columns : output->method->columns;
}

static bool
is_list(const struct method *method)
{
    return method->shape == RESULT_PAGE || method->shape == RESULT_LIST;
}

/* The text of what path leads to; the caller frees it. NULL when out of memory, which output
 * remembers. */
static char *
text_at(struct output *output, json_t *object, const char *path, enum cell_use use)
{
    json_t *value = cell_find(object, path);
    char *text = cell_text(value, output->session->language, use);

    json_decref(value);
    if (text == NULL)
        output->failed = true;
    return text;
}

void
output_csv_field(FILE *stream, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void
csv_headings(const struct output *output)
{
    for (const struct column *column = columns_of(output); column->path != NULL; column++) {
        if (column != columns_of(output))
            fputc(',', stdout);
        output_csv_field(stdout, heading(output, column));
    }
    fputs("\r\n", stdout);
}

static void
csv_row(struct output *output, json_t *object)
{
    for (const struct column *column = columns_of(output); column->path != NULL; column++) {
        char *text = text_at(output, object, column->path, CELL_CSV);

        if (column != columns_of(output))
            fputc(',', stdout);
        output_csv_field(stdout, text != NULL ? text : "");
        free(text);
    }
    fputs("\r\n", stdout);
}

static bool
is_number(const struct column *column)
{
    return strcmp(column->type, "integer") == 0 || strcmp(column->type, "number") == 0;
}

/* A code or a date that is broken over two lines cannot be copied. */
static bool
may_wrap(const struct column *column)
{
    const char *dot = strrchr(column->path, '.'), *name = dot != NULL ? dot + 1 : column->path;

    return !is_number(column) && strcmp(column->type, "boolean") != 0 &&
           strcmp(name, "code") != 0 && strcmp(name, "id") != 0 && strstr(name, "date") == NULL;
}

static void
table_headings(struct output *output)
{
    output->grid = grid_open(true);
    if (output->grid == NULL) {
        output->failed = true;
        return;
    }
    for (const struct column *column = columns_of(output); column->path != NULL; column++) {
        unsigned flags = is_number(column) ? GRID_RIGHT | GRID_DECIMALS : 0;

        if (may_wrap(column))
            flags |= GRID_WRAP;
        grid_column(output->grid, heading(output, column), flags);
    }
}

static void
table_row(struct output *output, json_t *object)
{
    size_t at = 0;

    if (output->grid == NULL)
        return;
    grid_row(output->grid);
    for (const struct column *column = columns_of(output); column->path != NULL; column++, at++) {
        char *text = text_at(output, object, column->path, CELL_TABLE);

        grid_cell(output->grid, at, text != NULL ? text : "");
        free(text);
    }
    if (grid_rows(output->grid) >= GRID_ROWS_MAX && grid_print(output->grid, stdout) != 0)
        output->failed = true;
}

static void
view_row(struct output *output, struct grid *grid, const char *name, json_t *object,
         const char *path)
{
    char *text = text_at(output, object, path, CELL_VIEW);

    if (text != NULL && *text != '\0') {
        grid_row(grid);
        grid_cell(grid, 0, name);
        grid_cell(grid, 1, text);
    }
    free(text);
}

static bool
has_column(const struct column *columns, const char *key)
{
    size_t size = strlen(key);

    for (const struct column *column = columns; column->path != NULL; column++) {
        if (strncmp(column->path, key, size) == 0 &&
            (column->path[size] == '\0' || column->path[size] == '.'))
            return true;
    }
    return false;
}

/* A grid of names and values, or NULL when out of memory, which output remembers. */
static struct grid *
pairs_open(struct output *output)
{
    struct grid *grid = grid_open(false);

    if (grid == NULL) {
        output->failed = true;
        return NULL;
    }
    grid_column(grid, "", 0);
    grid_column(grid, "", GRID_LINES);
    return grid;
}

static void
pairs_print(struct output *output, struct grid *grid)
{
    if (grid_print(grid, stdout) != 0)
        output->failed = true;
    grid_free(grid);
}

/* Whether value holds lists of records under their names, too much for a line of a view. */
static bool
is_collection(json_t *value)
{
    const char *name;
    json_t *list;

    json_object_foreach(value, name, list)
    {
        if (json_is_object(json_array_get(list, 0)))
            return true;
    }
    return false;
}

static bool
is_identifier(const char *name)
{
    size_t size = strlen(name);

    return strcmp(name, "id") == 0 || (size > 3 && strcmp(name + size - 3, "_id") == 0);
}

/* A list of records as a table, with the names of the protocol and without UUIDs, which --json has. */
static void
collection_table(struct output *output, const char *title, json_t *list)
{
    struct grid *grid = grid_open(true);
    json_t *names = json_object(), *record, *value;
    char spaced[WORD_SIZE];
    const char *name;
    size_t index, at;

    printf("\n%s: %zu\n", word_spaced(spaced, title), json_array_size(list));
    json_array_foreach(list, index, record)
    {
        json_object_foreach(record, name, value)
        {
            if (!is_identifier(name))
                json_object_set(names, name, value);
        }
    }
    if (grid == NULL || names == NULL)
        output->failed = true;
    else {
        json_object_foreach(names, name, value)
            grid_column(grid, word_spaced(spaced, name), GRID_WRAP);
        json_array_foreach(list, index, record)
        {
            grid_row(grid);
            at = 0;
            json_object_foreach(names, name, value)
            {
                char *text = text_at(output, record, name, CELL_TABLE);

                grid_cell(grid, at++, text != NULL ? text : "");
                free(text);
            }
        }
        if (grid_print(grid, stdout) != 0)
            output->failed = true;
    }
    grid_free(grid);
    json_decref(names);
}

static void
collections(struct output *output, json_t *object)
{
    const char *key, *name;
    json_t *value, *list;

    json_object_foreach(object, key, value)
    {
        if (!is_collection(value))
            continue;
        json_object_foreach(value, name, list)
        {
            if (json_array_size(list) > 0)
                collection_table(output, name, list);
        }
    }
}

/* One record: what the columns name, then what else there is, under the names of the protocol. */
static void
view(struct output *output, json_t *object)
{
    struct grid *grid = pairs_open(output);
    const char *key;
    char spaced[WORD_SIZE];
    json_t *value;

    if (grid == NULL)
        return;
    for (const struct column *column = output->method->columns; column->path != NULL; column++) {
        if (!is_collection(json_object_get(object, column->path)))
            view_row(output, grid, heading(output, column), object, column->path);
    }
    json_object_foreach(object, key, value)
    {
        if (!has_column(output->method->columns, key) && !is_collection(value))
            view_row(output, grid, word_spaced(spaced, key), object, key);
    }
    pairs_print(output, grid);
    collections(output, object);
}

/* Whether two rows of a projection are years of one series. */
static bool
is_series(const json_t *one, const json_t *other)
{
    return other != NULL && json_equal(json_object_get(one, "code"), json_object_get(other, "code")) &&
           json_equal(json_object_get(one, "level"), json_object_get(other, "level"));
}

/* A projection has a row a year: a table for eyes has the last year of each that has a gap, or else the last, and the chart has
 * the way there. */
static bool
is_left_out(const struct output *output, const json_t *items, size_t index)
{
    const json_t *item = json_array_get(items, index), *other;
    bool known = json_is_object(json_object_get(item, "gap"));

    if (output->session->form != FORM_TABLE || output->method->plot != PLOT_FAN)
        return false;
    for (size_t i = index + 1; (other = json_array_get(items, i)) != NULL && is_series(item, other); i++)
        if (!known || json_is_object(json_object_get(other, "gap")))
            return true;
    for (size_t i = index; !known && i > 0 && is_series(item, other = json_array_get(items, i - 1)); i--)
        if (json_is_object(json_object_get(other, "gap")))
            return true;
    return false;
}

static void
chart(struct output *output, const json_t *items)
{
    enum language language = output->session->language;

    if ((output->method->plot == PLOT_HEAT && chart_heat(stdout, items, language) != 0) ||
        (output->method->plot == PLOT_FAN && chart_fan(stdout, items, language) != 0))
        output->failed = true;
}

/* What a list says about itself, such as the date its figures are of, under its table. */
static void
remarks(struct output *output, json_t *result)
{
    struct grid *grid = pairs_open(output);
    const char *key;
    char spaced[WORD_SIZE];
    json_t *value;

    if (grid == NULL)
        return;
    json_object_foreach(result, key, value)
    {
        if (strcmp(key, "items") != 0 && strcmp(key, "next") != 0)
            view_row(output, grid, word_spaced(spaced, key), result, key);
    }
    if (grid_rows(grid) > 0)
        putchar('\n');
    pairs_print(output, grid);
}

static void
line(struct output *output, json_t *object)
{
    char *text = text_at(output, object, output->method->line, CELL_VIEW);

    /* A document ends with a newline of its own. */
    if (text != NULL)
        printf(*text != '\0' && text[strlen(text) - 1] == '\n' ? "%s" : "%s\n", text);
    free(text);
}

static void
receipt(struct output *output, json_t *result)
{
    char *code = text_at(output, result, "code", CELL_TABLE),
         *id = text_at(output, result, "id", CELL_TABLE);
    json_t *version = json_object_get(result, "version");
    const char *name = code != NULL && *code != '\0' ? code : id;

    printf("%s", name != NULL ? name : "");
    if (json_is_integer(version))
        printf(language_pick(output->session->language, ", version %lld", "、版 %lld"),
               (long long)json_integer_value(version));
    if (name == code && id != NULL && *id != '\0')
        printf(" (%s)", id);
    putchar('\n');
    free(code);
    free(id);
}

static void
json_whole(const json_t *result)
{
    bool terminal = isatty(STDOUT_FILENO) == 1;

    json_dumpf(result, stdout, JSON_FLAGS | (terminal ? JSON_INDENT(2) : JSON_COMPACT));
    putchar('\n');
}

static void
json_items(struct output *output, const json_t *items)
{
    size_t index;
    json_t *item;

    json_array_foreach(items, index, item)
    {
        fputs(output->rows + index > 0 ? ",\n" : "\n", stdout);
        json_dumpf(item, stdout, JSON_FLAGS | JSON_COMPACT);
    }
}

static bool
as_json(const struct output *output)
{
    return output->session->form == FORM_JSON || output->method == NULL ||
           (output->method->columns == NULL && output->method->shape != RESULT_RECEIPT);
}

void
output_open(struct output *output, const struct session *session, const struct method *method,
            bool many)
{
    *output = (struct output){.session = session, .method = method};
    if (as_json(output)) {
        output->streamed = many && method != NULL && is_list(method);
        if (output->streamed)
            fputs("{\"items\":[", stdout);
    } else if (session->form == FORM_CSV) {
        csv_headings(output);
    } else if (is_list(method)) {
        table_headings(output);
    }
}

static void
rows(struct output *output, const json_t *items)
{
    size_t index;
    json_t *item;

    json_array_foreach(items, index, item)
    {
        if (is_left_out(output, items, index))
            continue;
        if (output->session->form == FORM_CSV)
            csv_row(output, item);
        else
            table_row(output, item);
    }
}

void
output_result(struct output *output, json_t *result)
{
    const json_t *items = json_object_get(result, "items");
    bool csv = output->session->form == FORM_CSV;

    if (output->streamed) {
        json_items(output, items);
    } else if (as_json(output)) {
        json_whole(result);
    } else if (is_list(output->method)) {
        rows(output, items);
        if (!csv && json_object_size(result) > 0 && output->grid != NULL && !output->session->all) {
            if (grid_print(output->grid, stdout) != 0)
                output->failed = true;
            chart(output, items);
            remarks(output, result);
        }
    } else if (csv) {
        csv_row(output, result);
    } else if (output->method->shape == RESULT_RECEIPT) {
        receipt(output, result);
    } else if (output->method->line != NULL) {
        line(output, result);
    } else {
        view(output, result);
    }
    output->rows += json_array_size(items);
}

enum exit_code
output_close(struct output *output)
{
    enum language language = output->session->language;

    if (output->streamed)
        fputs(output->rows > 0 ? "\n],\"next\":null}\n" : "],\"next\":null}\n", stdout);
    if (output->grid != NULL && grid_print(output->grid, stdout) != 0)
        output->failed = true;
    grid_free(output->grid);
    output->grid = NULL;
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return failure_say(
            EXIT_OUTPUT, language_pick(language, "cannot write the output: %s", "出力できない: %s"),
            strerror(errno));
    }
    if (output->failed)
        return failure_say(EXIT_INTERNAL, "%s",
                           language_pick(language, "out of memory", "メモリが足りない"));
    return EXIT_OK;
}
