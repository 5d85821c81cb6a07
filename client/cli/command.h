/* SPDX-License-Identifier: Apache-2.0
 *
 * One command from its words to its exit code, from the command line or from the interactive shell.
 */
#ifndef JINZAI_CLI_COMMAND_H
#define JINZAI_CLI_COMMAND_H

#include "session.h"

/* Runs the command that the words make, options of every command among them. The connection that it
 * makes stays in session. */
enum exit_code command_run(struct session *session, int argc, char **argv);

#endif
