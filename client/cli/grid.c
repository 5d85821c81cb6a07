/* SPDX-License-Identifier: Apache-2.0 */
#include "grid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libsmartcols/libsmartcols.h>

#include "wrap.h"

#define SEPARATOR "  "
#define DIGITS "0123456789"

enum {
    COLUMNS_MAX = 64,
    WIDTH_LEAST = 14, /* a column is not made narrower than this */
    ROOM_FIRST = 16,
};

struct grid {
    char *heading[COLUMNS_MAX];
    unsigned flags[COLUMNS_MAX];
    size_t columns;
    char **cell; /* row by row; NULL is empty */
    size_t rows, room;
    bool headings, failed;
};

struct grid *
grid_open(bool headings)
{
    struct grid *grid = calloc(1, sizeof *grid);

    if (grid != NULL)
        grid->headings = headings;
    return grid;
}

void
grid_column(struct grid *grid, const char *heading, unsigned flags)
{
    if (grid->columns == COLUMNS_MAX)
        return;
    grid->heading[grid->columns] = strdup(heading);
    grid->failed = grid->failed || grid->heading[grid->columns] == NULL;
    grid->flags[grid->columns++] = flags;
}

void
grid_row(struct grid *grid)
{
    size_t room = grid->room == 0 ? ROOM_FIRST : grid->room * 2;
    char **larger;

    if (grid->rows == grid->room) {
        larger = realloc(grid->cell, room * grid->columns * sizeof *larger);
        if (larger == NULL) {
            grid->failed = true;
            return;
        }
        grid->cell = larger;
        grid->room = room;
    }
    memset(grid->cell + grid->rows * grid->columns, 0, grid->columns * sizeof *grid->cell);
    grid->rows++;
}

void
grid_cell(struct grid *grid, size_t column, const char *text)
{
    char *copy;

    if (grid->rows == 0 || column >= grid->columns || grid->failed)
        return;
    copy = strdup(text);
    for (char *at = copy; at != NULL && *at != '\0'; at++) {
        if (*at == '\t' || *at == '\r' || (*at == '\n' && (grid->flags[column] & GRID_LINES) == 0))
            *at = ' ';
    }
    grid->failed = copy == NULL;
    grid->cell[(grid->rows - 1) * grid->columns + column] = copy;
}

size_t
grid_rows(const struct grid *grid)
{
    return grid->rows;
}

static const char *
text_at(const struct grid *grid, size_t row, size_t column)
{
    const char *text = grid->cell[row * grid->columns + column];

    return text != NULL ? text : "";
}

/* How many digits stand behind the point of a plain decimal number. */
static size_t
decimals(const char *text)
{
    const char *point = strchr(text, '.');

    return point != NULL && point[1 + strspn(point + 1, DIGITS)] == '\0' ? strlen(point + 1) : 0;
}

/* Writes all plain numbers of a column with the same number of decimals, so that their points line
 * up. */
static void
align_decimals(struct grid *grid, size_t column)
{
    size_t most = 0;

    for (size_t row = 0; row < grid->rows; row++) {
        size_t count = decimals(text_at(grid, row, column));

        most = count > most ? count : most;
    }
    for (size_t row = 0; row < grid->rows && most > 0; row++) {
        char **cell = &grid->cell[row * grid->columns + column], *longer;
        const char *text = text_at(grid, row, column);
        size_t count = decimals(text), size = strlen(text);

        if (size == 0 || count == most || text[strspn(text, "-." DIGITS)] != '\0')
            continue;
        longer = realloc(*cell, size + most + 2);
        if (longer == NULL) {
            grid->failed = true;
            return;
        }
        if (count == 0)
            longer[size++] = '.';
        memset(longer + size, '0', most - count);
        longer[size + most - count] = '\0';
        *cell = longer;
    }
}

/* How wide the terminal is that stream writes to; 0 where it is none. */
static size_t
terminal_width(FILE *stream)
{
    struct winsize size;

    if (isatty(fileno(stream)) != 1 || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

/* Breaks the texts of columns that are made narrower, so that the rows fit the terminal. */
static void
fit(struct grid *grid, size_t room)
{
    size_t natural[COLUMNS_MAX] = {0}, width[COLUMNS_MAX];
    bool gives[COLUMNS_MAX];

    for (size_t column = 0; column < grid->columns; column++) {
        natural[column] = grid->headings ? wrap_width(grid->heading[column]) : 0;
        for (size_t row = 0; row < grid->rows; row++) {
            size_t wanted = wrap_width(text_at(grid, row, column));

            if (wanted > natural[column])
                natural[column] = wanted;
        }
        gives[column] = (grid->flags[column] & (GRID_WRAP | GRID_LINES)) != 0;
    }
    memcpy(width, natural, sizeof width);
    room -= (grid->columns - 1) * strlen(SEPARATOR);
    wrap_share(width, gives, grid->columns, room, WIDTH_LEAST);
    for (size_t column = 0; column < grid->columns; column++) {
        for (size_t row = 0; row < grid->rows && width[column] < natural[column]; row++) {
            char **cell = &grid->cell[row * grid->columns + column];
            char *broken = wrap_text(text_at(grid, row, column), width[column]);

            grid->failed = grid->failed || broken == NULL;
            free(*cell);
            *cell = broken;
        }
    }
}

static struct libscols_table *
table_of(const struct grid *grid)
{
    struct libscols_table *table = scols_new_table();

    if (table == NULL || scols_table_set_column_separator(table, SEPARATOR) != 0)
        goto fail;
    scols_table_enable_noheadings(table, !grid->headings);
    scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER); /* lines are broken already */
    for (size_t column = 0; column < grid->columns; column++) {
        bool lines = (grid->flags[column] & (GRID_WRAP | GRID_LINES)) != 0;
        int flags = ((grid->flags[column] & GRID_RIGHT) != 0 ? SCOLS_FL_RIGHT : 0) |
                    (lines ? SCOLS_FL_WRAP : 0);
        struct libscols_column *added =
            scols_table_new_column(table, grid->heading[column], 0, flags);

        if (added == NULL)
            goto fail;
        if (lines) {
            scols_column_set_wrapfunc(added, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
            scols_column_set_safechars(added, "\n");
        }
    }
    for (size_t row = 0; row < grid->rows; row++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);

        for (size_t column = 0; column < grid->columns; column++) {
            if (line == NULL || scols_line_set_data(line, column, text_at(grid, row, column)) != 0)
                goto fail;
        }
    }
    return table;
fail:
    scols_unref_table(table);
    return NULL;
}

static void
forget_rows(struct grid *grid)
{
    for (size_t i = 0; i < grid->rows * grid->columns; i++)
        free(grid->cell[i]);
    grid->rows = 0;
}

int
grid_print(struct grid *grid, FILE *stream)
{
    size_t room = terminal_width(stream);
    struct libscols_table *table;

    for (size_t column = 0; column < grid->columns; column++) {
        if ((grid->flags[column] & GRID_DECIMALS) != 0)
            align_decimals(grid, column);
    }
    if (grid->rows > 0 && room > grid->columns * strlen(SEPARATOR))
        fit(grid, room);
    if (grid->rows > 0 && !grid->failed) {
        table = table_of(grid);
        if (table != NULL)
            scols_table_set_stream(table, stream);
        grid->failed = table == NULL || scols_print_table(table) != 0;
        scols_unref_table(table);
    }
    forget_rows(grid);
    return grid->failed ? -1 : 0;
}

void
grid_free(struct grid *grid)
{
    if (grid == NULL)
        return;
    forget_rows(grid);
    for (size_t i = 0; i < grid->columns; i++)
        free(grid->heading[i]);
    free(grid->cell);
    free(grid);
}
