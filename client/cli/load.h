/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading records through the public protocol: files of one JSON object a line, {"method": …,
 * "params": {…}}.
 */
#ifndef JINZAI_CLI_LOAD_H
#define JINZAI_CLI_LOAD_H

#include "session.h"

/* jinzai load sample | FILE|DIRECTORY… [--keep-going]
 * A directory stands for its *.jsonl files in the order of their names; a file is finished before
 * the next begins, for its lines may refer to the codes of earlier files. Within a file, lines are
 * under way together. Stops at the first line that fails, and names it, unless --keep-going is
 * given. A create that is refused because its code exists counts as already there. */
enum exit_code load_run(struct session *session, int argc, char **argv);

#endif
