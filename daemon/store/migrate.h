/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings the schema up to date with the SQL files that the program carries:
 *
 *   sql/schema/NNNN_name.sql  numbered migrations, forward only, each applied once and in a transaction of its own
 *   sql/api/                  the functions the daemon calls: dropped and made anew as a whole when anything in them
 *                             changed, in one transaction, as the role jinzai_api
 *   sql/reference/            reference data, applied as a whole when anything in it changed, in one transaction
 *
 * What was applied, with its SHA-256, is kept in the schema jinzai_meta. A migration is compatible with daemons that
 * know migration NNNN when it says so in a line "-- compatible-from: NNNN"; one that does not say so shuts out all that
 * do not know it. So daemons can be upgraded one by one.
 */
#ifndef JINZAI_STORE_MIGRATE_H
#define JINZAI_STORE_MIGRATE_H

#include "store/embedded.h"

/* Migrates with conninfo, the owner's login or one that may become jinzai_owner. Blocks, for as long as another daemon
 * migrates. say is called with one sentence for each thing done. Returns 0, or -1 with *error set to a sentence; the
 * caller frees it. files is ended by a row without a path and sorted by path. */
int migrate_run(const char *conninfo, const struct embedded_file *files, void (*say)(const char *sentence),
                char **error);

/* The number of a migration "sql/schema/0012_name.sql", 12; 0 for a file that is none. */
int migrate_number(const char *path);

/* What the migration's line "-- compatible-from: N" says; number, its own, where it has none. */
int migrate_compatible_from(const char *text, int number);

/* The line, from 1, of the character at position, from 1, in UTF-8 text: how PostgreSQL says where an error is. */
int migrate_line(const char *text, int position);

#endif
