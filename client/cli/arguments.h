/* SPDX-License-Identifier: Apache-2.0
 *
 * The words behind NOUN VERB: options that are the method's parameters, and one word without a
 * name.
 */
#ifndef JINZAI_CLI_ARGUMENTS_H
#define JINZAI_CLI_ARGUMENTS_H

#include "methods/catalogue.h"
#include "session.h"

/* Reads words 0 … argc of argv for method, taking the options of every command into session. A word
 * without a name is the first required parameter. Returns EXIT_OK with *params, which the caller
 * releases, or an exit code with the reason said. Where session->help is set, *params is what was
 * read before it. */
enum exit_code arguments_read(struct session *session, const struct method *method, int argc,
                              char **argv, json_t **params);

/* The parameter that a word without a name is: the first that is required and is one plain value.
 * NULL: none. */
const struct param *arguments_unnamed(const struct method *method);

#endif
