/* SPDX-License-Identifier: Apache-2.0
 *
 * Where PostgreSQL's programs are. Distributions keep several major versions side by side, and a cluster can only be
 * served by the one that made it.
 */
#ifndef JINZAI_STORE_POSTGRES_BIN_H
#define JINZAI_STORE_POSTGRES_BIN_H

#include <limits.h>

enum { POSTGRES_VERSION_LEAST = 15, POSTGRES_DIRECTORY_BYTES = 1024 };

struct postgres_bin {
    char directory[POSTGRES_DIRECTORY_BYTES];
    int version; /* major */
};

/* Looks into directory, or where it is NULL into the usual places, for the version wanted (0: any), else for the latest.
 * Returns 0, or -1 where there is none from POSTGRES_VERSION_LEAST on. Blocks. */
int postgres_bin_find(const char *directory, int wanted, struct postgres_bin *bin);

/* The major version in what "postgres --version" writes; 0 where there is none. */
int postgres_bin_version(const char *text);

#endif
