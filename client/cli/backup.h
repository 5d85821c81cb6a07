/* SPDX-License-Identifier: Apache-2.0
 *
 * jinzai backup FILE and jinzai restore FILE, on the machine of the database: they open the file, and jinzaid does the
 * rest, with PostgreSQL's own programs.
 */
#ifndef JINZAI_CLI_BACKUP_H
#define JINZAI_CLI_BACKUP_H

#include "session.h"

enum exit_code backup_run(struct session *session, int argc, char **argv);
enum exit_code restore_run(struct session *session, int argc, char **argv);
void backup_help(FILE *stream, enum language language);
void restore_help(FILE *stream, enum language language);

#endif
