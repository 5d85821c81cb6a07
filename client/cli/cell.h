/* SPDX-License-Identifier: Apache-2.0
 *
 * From JSON to the text of one cell. Pure.
 */
#ifndef JINZAI_CLI_CELL_H
#define JINZAI_CLI_CELL_H

#include "language.h"
#include "lib/jinzai.h"

enum cell_use {
    CELL_TABLE, /* one of many rows: false is a dash, a list stands in one line */
    CELL_VIEW,  /* one record: a list of objects has a line for each */
    CELL_CSV,   /* for programs: true and false, a list stands in one line */
};

/* What a dotted path leads to; through a list it gives the list of what it leads to in each item.
 * Returns a new reference, JSON null where there is nothing, or NULL when out of memory. */
json_t *cell_find(json_t *value, const char *path);

/* The text of a value: a label in the language, with the other one marked where it stands in; a
 * reference as code and name. Returns text that the caller frees, or NULL when out of memory. */
char *cell_text(const json_t *value, enum language language, enum cell_use use);

#endif
