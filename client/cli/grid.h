/* SPDX-License-Identifier: Apache-2.0
 *
 * A grid of text in which wide characters line up: libsmartcols, with running out of memory kept
 * until grid_print.
 */
#ifndef JINZAI_CLI_GRID_H
#define JINZAI_CLI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum grid_flag {
    GRID_RIGHT = 1 << 0,    /* numbers */
    GRID_DECIMALS = 1 << 1, /* all numbers get as many decimals as the one with the most */
    GRID_WRAP = 1 << 2,     /* is broken between words where the terminal is too narrow */
    GRID_LINES = 1 << 3, /* the same, and a newline begins another line; elsewhere it is a space */
};

struct grid;

/* An empty grid, or NULL when out of memory. The caller frees it with grid_free. */
struct grid *grid_open(bool headings);

void grid_column(struct grid *grid, const char *heading, unsigned flags);

/* Begins a row; grid_cell fills the columns of the last one. text is copied. */
void grid_row(struct grid *grid);
void grid_cell(struct grid *grid, size_t column, const char *text);

/* How many rows there are. */
size_t grid_rows(const struct grid *grid);

/* Prints all rows, nothing at all where there are none, and forgets them. Returns 0, or -1 when out
 * of memory. */
int grid_print(struct grid *grid, FILE *stream);

void grid_free(struct grid *grid);

#endif
