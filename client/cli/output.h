/* SPDX-License-Identifier: Apache-2.0
 *
 * What is printed of a result: a table, a view of one record, one line on what was written, CSV or
 * JSON.
 */
#ifndef JINZAI_CLI_OUTPUT_H
#define JINZAI_CLI_OUTPUT_H

#include "grid.h"
#include "methods/catalogue.h"
#include "session.h"

/* An output under way; several pages of one list go to the same. */
struct output {
    const struct session *session;
    const struct method
        *method; /* NULL: one that is not in the catalogue, so that its result is printed as JSON */
    struct grid *grid;
    size_t rows;
    bool streamed; /* JSON of many pages: the items are written as they come */
    bool failed;
};

/* Begins. many says that more than one page may come. */
void output_open(struct output *output, const struct session *session, const struct method *method,
                 bool many);

/* Prints one result, or one page of it. */
void output_result(struct output *output, json_t *result);

/* Prints what is left. Returns EXIT_OK, or EXIT_OUTPUT or EXIT_INTERNAL with the reason said. */
enum exit_code output_close(struct output *output);

/* Writes one field of a CSV line (RFC 4180), quoted where it must be. */
void output_csv_field(FILE *stream, const char *text);

#endif
