/* SPDX-License-Identifier: Apache-2.0
 *
 * jinzai watch: events as they happen, a table for eyes, a line of JSON each for pipes.
 */
#ifndef JINZAI_CLI_WATCH_H
#define JINZAI_CLI_WATCH_H

#include "session.h"

/* argv is what stands after "watch": --noun, --organization, --since, each with its value. Goes on until it is interrupted,
 * which is no failure, or until the events cannot go on. */
enum exit_code watch_run(struct session *session, int argc, char **argv);

#endif
