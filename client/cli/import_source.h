/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of one file for an import, each as one line of JSON: lines of JSON as they stand, records of CSV as objects of
 * texts. A row that cannot be understood is handed over with the reason instead.
 */
#ifndef JINZAI_CLI_IMPORT_SOURCE_H
#define JINZAI_CLI_IMPORT_SOURCE_H

#include <stdbool.h>

#include <jansson.h>

#include "language.h"

enum { SOURCE_REASON_SIZE = 256, SOURCE_ROW_MAX = 384 << 10 };

struct source;

struct source_row {
    long line;          /* where it begins in the file, from 1 */
    const char *text;   /* one JSON object without a line end, or NULL for a bad row */
    size_t size;
    char reason[SOURCE_REASON_SIZE];
    bool fatal;         /* nothing after this can be read */
    const char *raw;    /* as it stands in the file, its line end included */
    size_t raw_size;
};

/* Opens a file for reading from its start. columns is what the table has, an array of names. NULL with *error set to a
 * sentence, which the caller frees. */
struct source *source_open(const char *path, bool csv, const json_t *columns, enum language language, char **error);

/* The next row, which stays until the one after it. Returns 1, 0 at the end, or -1 with errno set when it cannot be read. */
int source_next(struct source *source, struct source_row *row);

/* What a file of rejected rows begins with: the head line of CSV, or nothing. */
const char *source_head(const struct source *source, size_t *size);

/* How many bytes have been read. */
long long source_bytes(const struct source *source);

void source_close(struct source *source);

#endif
