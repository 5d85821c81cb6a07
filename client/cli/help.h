/* SPDX-License-Identifier: Apache-2.0
 *
 * Help at each level, from the rows of the catalogue.
 */
#ifndef JINZAI_CLI_HELP_H
#define JINZAI_CLI_HELP_H

#include <stdio.h>

#include "methods/catalogue.h"
#include "session.h"

enum { HELP_LINE_SIZE = 512 };

/* Appends to a line what fits. */
void
help_add(char line[HELP_LINE_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The commands beside NOUN VERB. */
struct help_command {
    const char *name, *arguments, *en, *ja;
};
extern const struct help_command help_commands[]; /* ended by a row without a name */

/* jinzai --help */
void help_all(FILE *stream, enum language language);

/* jinzai NOUN --help; noun is one that word_find_noun knows. */
void help_noun(FILE *stream, enum language language, const char *noun);

/* jinzai NOUN VERB --help */
void help_method(FILE *stream, enum language language, const struct method *method);

/* jinzai methods: all methods, as the session's form wants it. */
enum exit_code help_methods(const struct session *session);

/* The summary of a method in the language. */
const char *help_summary(enum language language, const struct method *method);

#endif
