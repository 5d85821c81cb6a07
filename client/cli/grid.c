/* SPDX-License-Identifier: Apache-2.0 */
#include "grid.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 64 };

struct grid {
    struct libscols_table *table;
    struct libscols_line *line;
    unsigned flags[COLUMNS_MAX];
    size_t columns;
    bool failed;
};

struct grid *
grid_open(bool headings)
{
    struct grid *grid = calloc(1, sizeof *grid);

    if (grid == NULL)
        return NULL;
    grid->table = scols_new_table();
    if (grid->table == NULL) {
        free(grid);
        return NULL;
    }
    scols_table_enable_noheadings(grid->table, !headings);
    grid->failed = scols_table_set_column_separator(grid->table, "  ") != 0;
    return grid;
}

void
grid_column(struct grid *grid, const char *heading, unsigned flags)
{
    int wanted = ((flags & GRID_RIGHT) != 0 ? SCOLS_FL_RIGHT : 0) |
                 ((flags & (GRID_WRAP | GRID_LINES)) != 0 ? SCOLS_FL_WRAP : 0);
    struct libscols_column *column;

    if (grid->columns == COLUMNS_MAX)
        return;
    column = scols_table_new_column(grid->table, heading, 0, wanted);
    grid->failed = grid->failed || column == NULL;
    grid->flags[grid->columns++] = flags;
    if (column != NULL && (flags & GRID_LINES) != 0) {
        scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
        scols_column_set_safechars(column, "\n");
    }
}

void
grid_row(struct grid *grid)
{
    grid->line = scols_table_new_line(grid->table, NULL);
    grid->failed = grid->failed || grid->line == NULL;
}

void
grid_cell(struct grid *grid, size_t column, const char *text)
{
    char *copy;

    if (grid->line == NULL || column >= grid->columns)
        return;
    copy = strdup(text);
    for (char *at = copy; at != NULL && *at != '\0'; at++) {
        if (*at == '\t' || *at == '\r' || (*at == '\n' && (grid->flags[column] & GRID_LINES) == 0))
            *at = ' ';
    }
    /* The line owns the copy from here. */
    if (copy == NULL || scols_line_refer_data(grid->line, column, copy) != 0)
        grid->failed = true;
}

size_t
grid_rows(const struct grid *grid)
{
    return scols_table_get_nlines(grid->table);
}

int
grid_print(struct grid *grid, FILE *stream)
{
    if (grid_rows(grid) > 0 && !grid->failed) {
        scols_table_set_stream(grid->table, stream);
        if (scols_print_table(grid->table) != 0)
            grid->failed = true;
    }
    scols_table_remove_lines(grid->table);
    grid->line = NULL;
    return grid->failed ? -1 : 0;
}

void
grid_free(struct grid *grid)
{
    if (grid == NULL)
        return;
    scols_unref_table(grid->table);
    free(grid);
}
