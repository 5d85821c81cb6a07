/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon does as root before it stops being root.
 */
#ifndef JINZAI_SERVICE_PRIVILEGE_H
#define JINZAI_SERVICE_PRIVILEGE_H

#include "config.h"

/* Keeps what is in memory out of core dumps and out of other processes' reach, and private keys out of swap where that is
 * allowed. Call it before any key is read. */
void privilege_keep_secrets(void);

/* Lets the process have as many open files as it may. */
void privilege_raise_files(void);

/* Makes the state directory, for its user alone. One that is there already is left as it is, unless it is empty and
 * root's. Returns 0, or -1 with *error set to a sentence, which the caller frees. */
int privilege_make_state_directory(const struct config *conf, char **error);

/* Becomes conf->user for good, where there is one and the process is root; then no debugger of that user may look into
 * the process. Returns 0, or -1 with *error as above. */
int privilege_drop(const struct config *conf, char **error);

#endif
