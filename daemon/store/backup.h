/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup of the whole database, with PostgreSQL's own pg_dump and pg_restore, so that it goes into a cluster of this or a
 * later major version. It is written to standard output and read from standard input, which whoever starts jinzaid opens:
 * the daemon's user need not be able to reach the file.
 */
#ifndef JINZAI_STORE_BACKUP_H
#define JINZAI_STORE_BACKUP_H

#include "config.h"

/* Dumps the database of the owner's connection string into standard output, a file open for reading and writing, then
 * reads it back and compares the number of rows of every table with what the same snapshot holds. Blocks. Returns 0, or -1
 * with *error set to a sentence, which the caller frees. */
int backup_write(const struct config *conf, const char *owner, void (*say)(const char *sentence), char **error);

/* Restores standard input into an empty database, all or nothing, with a connection string that may set owners: a
 * superuser's. Returns as backup_write. */
int backup_read(const struct config *conf, const char *superuser, char **error);

#endif
