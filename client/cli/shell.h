/* SPDX-License-Identifier: Apache-2.0
 *
 * The interactive shell: the same commands without "jinzai" in front, over one connection, with
 * completion.
 */
#ifndef JINZAI_CLI_SHELL_H
#define JINZAI_CLI_SHELL_H

#include "session.h"

/* jinzai shell: reads commands until end of file, exit or quit. Returns the exit code of the last
 * command. */
enum exit_code shell_run(struct session *session, int argc, char **argv);

#endif
