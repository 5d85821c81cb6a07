/* SPDX-License-Identifier: Apache-2.0
 *
 * What may stand next on a command line, for bash, zsh and the interactive shell alike, from the
 * rows of the catalogue.
 */
#ifndef JINZAI_CLI_COMPLETION_H
#define JINZAI_CLI_COMPLETION_H

#include "session.h"

/* Called for each candidate, both texts lent. */
typedef void completion_found(const char *word, const char *help, void *context);

/* Offers all that begins with prefix and may follow the words (without "jinzai" at their front). */
void completion_each(enum language language, int argc, char *const *argv, const char *prefix,
                     completion_found *found, void *context);

/* jinzai completion bash|zsh prints a script; the scripts call jinzai completion candidates WORD…
 * with the last word being the one under way. */
enum exit_code completion_run(struct session *session, int argc, char **argv);

#endif
