/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/pieces.h"
#include "rpc/value.h"

int
statement_width(const struct param *param)
{
    bool label = param->type == PARAM_LABEL && !(param->flags & PARAM_LIST);

    return label || param->type == PARAM_ONCE ? 2 : 1;
}

bool
statement_clears(const struct method *method)
{
    const struct param *param = method->params;

    for (; param != NULL && param->type != PARAM_END; param++)
        if (param->flags & PARAM_CLEARABLE)
            return true;
    return false;
}

/* A statement that is being written. */
struct writing {
    FILE *out;
    int arguments; /* so far */
    bool each;     /* it is for several calls, and all arguments but the caller are arrays */
};

/* ", p_name_suffix => $n::type", or "@n::type[]" where the argument is an array */
static void
write_argument(struct writing *writing, const char *name, const char *suffix, const char *type)
{
    const bool array = writing->each && writing->arguments > 0;

    fprintf(writing->out, "%sp_%s%s => %c%d::%s%s", writing->arguments > 0 ? ", " : "", name, suffix, array ? '@' : '$',
            writing->arguments + 1, type, array ? "[]" : "");
    writing->arguments++;
}

static void
write_param(struct writing *writing, const struct param *param)
{
    if (param->type == PARAM_ONCE) {
        write_argument(writing, "once_key", "", "uuid");
        write_argument(writing, "once_digest", "", "bytea");
    } else if (statement_width(param) == 2) {
        write_argument(writing, param->name, "_en", value_type(param));
        write_argument(writing, param->name, "_ja", value_type(param));
    } else {
        write_argument(writing, param->name, "", value_type(param));
    }
}

static const char *
selected(const struct method *method, bool each)
{
    /* bulk.read is the function read of schema bulk, for which it is not all the same who calls. */
    if (method->kind == METHOD_BULK)
        return "select ";
    if (method->keeps)
        return "select " PIECES_COLUMNS " from api.";
    return each ? "select * from api." : "select api.";
}

static char *
write_statement(const struct method *method, bool each, int *arguments)
{
    char *text = NULL;
    size_t size = 0;
    struct writing writing = {.out = open_memstream(&text, &size), .each = each};
    bool failed;

    if (writing.out == NULL)
        return NULL;
    fputs(selected(method, each), writing.out);
    for (const char *c = method->name; *c != '\0'; c++)
        fputc(*c == '.' && method->kind != METHOD_BULK ? '_' : *c, writing.out);
    fputs(each ? "_each(" : "(", writing.out);
    write_argument(&writing, "caller", "", "uuid");
    for (const struct param *param = method->params; param != NULL && param->type != PARAM_END; param++)
        write_param(&writing, param);
    if (statement_clears(method))
        write_argument(&writing, "clear", "", "text[]");
    if (method->keeps)
        write_argument(&writing, "stamp", "", "text");
    fputc(')', writing.out);
    *arguments = writing.arguments;
    failed = ferror(writing.out) != 0;
    failed = fclose(writing.out) != 0 || failed;
    if (failed) {
        free(text);
        return NULL;
    }
    return text;
}

char *
statement_text(const struct method *method, int *arguments)
{
    return write_statement(method, false, arguments);
}

char *
statement_each(const struct method *method)
{
    int arguments;

    return write_statement(method, true, &arguments);
}

int
statements_compose(struct statements *statements, const struct method *const *tables)
{
    size_t room = 0;

    for (const struct method *const *table = tables; *table != NULL; table++)
        for (const struct method *method = *table; method->name != NULL; method++)
            room++;
    statements->count = 0;
    statements->rows = calloc(room + 1, sizeof *statements->rows);
    if (statements->rows == NULL)
        return -1;
    for (const struct method *const *table = tables; *table != NULL; table++) {
        for (const struct method *method = *table; method->name != NULL; method++) {
            struct statement *row = &statements->rows[statements->count];

            if (!method_asks_database(method))
                continue;
            row->sql = statement_text(method, &row->arguments);
            row->lane = method->cost;
            row->joins = method->kind == METHOD_SQL && method->shape == RESULT_OBJECT && !method->keeps;
            row->shares = method->logs_reads;
            row->each = method->each ? statement_each(method) : NULL;
            statements->count++;
            if (row->sql == NULL || (method->each && row->each == NULL)) {
                statements_free(statements);
                return -1;
            }
        }
    }
    return 0;
}

int
statements_add(struct statements *statements, const char *sql, int arguments, enum cost_class lane, size_t *number)
{
    struct statement *rows = realloc(statements->rows, (statements->count + 2) * sizeof *rows);
    char *copy = strdup(sql);

    if (rows != NULL)
        statements->rows = rows;
    if (rows == NULL || copy == NULL) {
        free(copy);
        return -1;
    }
    *number = statements->count++;
    rows[*number] = (struct statement){.sql = copy, .arguments = arguments, .lane = lane};
    return 0;
}

/* Whether the statement calls api.NAME. */
static bool
calls(const struct statement *statement, const char *name)
{
    static const char begin[] = "select api.";
    const size_t size = strlen(name);

    return strncmp(statement->sql, begin, sizeof begin - 1) == 0 &&
           strncmp(statement->sql + sizeof begin - 1, name, size) == 0 && statement->sql[sizeof begin - 1 + size] == '(';
}

void
statements_mark_reads(struct statements *statements, const json_t *stable)
{
    size_t at;
    json_t *name;

    json_array_foreach((json_t *)stable, at, name)
        for (size_t i = 0; i < statements->count; i++)
            if (calls(&statements->rows[i], json_string_value(name)))
                statements->rows[i].shares = true;
}

void
statements_free(struct statements *statements)
{
    for (size_t i = 0; i < statements->count; i++) {
        free((char *)statements->rows[i].sql);
        free((char *)statements->rows[i].each);
    }
    free(statements->rows);
    statements->rows = NULL;
    statements->count = 0;
}
