/* SPDX-License-Identifier: Apache-2.0
 *
 * jinzai export DIR: the whole record as files, from one snapshot.
 */
#ifndef JINZAI_CLI_EXPORT_H
#define JINZAI_CLI_EXPORT_H

#include "session.h"

/* What the manifest says that it is. */
#define EXPORT_FORMAT "jinzai export 1"
#define EXPORT_MANIFEST "manifest.json"

enum { EXPORT_TIMEOUT_MS = 24 * 3600 * 1000 }; /* the daemon's bulk_hold_ms is the bound that counts */

enum exit_code export_run(struct session *session, int argc, char **argv);
void export_help(FILE *stream, enum language language);

#endif
