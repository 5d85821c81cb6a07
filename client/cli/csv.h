/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV as RFC 4180 has it, byte by byte: fields between commas, records between line ends, and quotes around what holds
 * either. A field without anything is empty (null); one with nothing but its quotes is a text without letters.
 *
 * Accepted where it does no harm: a byte order mark at the start, CRLF or LF after a record, no line end after the last.
 * Refused, with the line: bytes that are not UTF-8, a NUL, a quote where none may be, a quote that is never closed, and a
 * CR without its LF.
 */
#ifndef JINZAI_CLI_CSV_H
#define JINZAI_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>

enum csv_status {
    CSV_MORE,   /* all bytes are used, and the record goes on */
    CSV_RECORD, /* a record is complete: see csv_count and csv_field */
    CSV_BAD,    /* see csv_error; the reader is of no more use */
    CSV_END,    /* by csv_finish: there is no further record */
};

enum csv_error {
    CSV_FINE,
    CSV_NOT_UTF8,
    CSV_NUL,
    CSV_QUOTE_INSIDE,  /* a quote within a field that does not begin with one */
    CSV_AFTER_QUOTE,   /* something else than a comma or a line end after a closing quote */
    CSV_QUOTE_OPEN,    /* the text ends within quotes */
    CSV_LONE_CR,
    CSV_TOO_LONG,      /* a record is longer than CSV_RECORD_MAX */
    CSV_NO_MEMORY,
};

enum { CSV_RECORD_MAX = 4 << 20 };

struct csv;

/* NULL when out of memory. */
struct csv *csv_new(void);

/* Takes bytes in, up to the end of a record; *used is how many. */
enum csv_status csv_feed(struct csv *csv, const char *bytes, size_t size, size_t *used);

/* Nothing more comes: CSV_RECORD for a last one without a line end, CSV_END or CSV_BAD. */
enum csv_status csv_finish(struct csv *csv);

/* The fields of a complete record; NULL is an empty one. They stay until the next feed. */
size_t csv_count(const struct csv *csv);
const char *csv_field(const struct csv *csv, size_t number, size_t *size);

/* The line on which the record begins, or what is wrong stands; from 1. */
long csv_line(const struct csv *csv);

enum csv_error csv_error(const struct csv *csv);

void csv_free(struct csv *csv);

#endif
