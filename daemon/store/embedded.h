/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQL files of sql/, carried inside the program. sql/embed.c writes the table at build time.
 */
#ifndef JINZAI_STORE_EMBEDDED_H
#define JINZAI_STORE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *path; /* "sql/schema/0001_foundation.sql"; NULL ends the table */
    const char *text; /* ended by a NUL that size does not count */
    size_t size;
};

/* In the order of their paths, byte by byte. */
extern const struct embedded_file embedded_files[];

#endif
