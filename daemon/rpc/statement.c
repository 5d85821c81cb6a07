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

/* ", p_name_suffix => $n::type" */
static void
write_argument(FILE *out, int *arguments, const char *name, const char *suffix, const char *type)
{
    fprintf(out, "%sp_%s%s => $%d::%s", *arguments > 0 ? ", " : "", name, suffix, *arguments + 1,
            type);
    ++*arguments;
}

static void
write_param(FILE *out, int *arguments, const struct param *param)
{
    if (param->type == PARAM_ONCE) {
        write_argument(out, arguments, "once_key", "", "uuid");
        write_argument(out, arguments, "once_digest", "", "bytea");
    } else if (statement_width(param) == 2) {
        write_argument(out, arguments, param->name, "_en", value_type(param));
        write_argument(out, arguments, param->name, "_ja", value_type(param));
    } else {
        write_argument(out, arguments, param->name, "", value_type(param));
    }
}

char *
statement_text(const struct method *method, int *arguments)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool failed;

    if (out == NULL)
        return NULL;
    *arguments = 0;
    /* bulk.read is the function read of schema bulk, for which it is not all the same who calls. */
    fputs(method->kind == METHOD_BULK ? "select " : method->keeps ? "select " PIECES_COLUMNS " from api." : "select api.", out);
    for (const char *c = method->name; *c != '\0'; c++)
        fputc(*c == '.' && method->kind != METHOD_BULK ? '_' : *c, out);
    fputc('(', out);
    write_argument(out, arguments, "caller", "", "uuid");
    for (const struct param *param = method->params; param != NULL && param->type != PARAM_END;
         param++)
        write_param(out, arguments, param);
    if (statement_clears(method))
        write_argument(out, arguments, "clear", "", "text[]");
    if (method->keeps)
        write_argument(out, arguments, "stamp", "", "text");
    fputc(')', out);
    failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    if (failed) {
        free(text);
        return NULL;
    }
    return text;
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
            if (row->sql == NULL) {
                statements_free(statements);
                return -1;
            }
            statements->count++;
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
    for (size_t i = 0; i < statements->count; i++)
        free((char *)statements->rows[i].sql);
    free(statements->rows);
    statements->rows = NULL;
    statements->count = 0;
}
