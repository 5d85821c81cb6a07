/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of PostgreSQL that the daemon starts: in a session of their own, so that Ctrl-C in a terminal reaches the
 * daemon alone, with none of its descriptors, and speaking English, since their messages are looked at.
 */
#ifndef JINZAI_STORE_CHILD_H
#define JINZAI_STORE_CHILD_H

#include <sys/types.h>

/* Starts argv[0] with output, or with the daemon's own standard error where output is -1. Returns its process id, or
 * -1 with errno set. */
pid_t child_start(char *const *argv, int output);

/* Runs argv[0] to its end. *output is the last part of what it wrote, which the caller frees; NULL when out of memory.
 * Returns its exit status, or -1 when it could not be started or a signal ended it. Blocks. */
int child_run(char *const *argv, char **output);

#endif
