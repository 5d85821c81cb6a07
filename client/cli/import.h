/* SPDX-License-Identifier: Apache-2.0
 *
 * jinzai import DIR|FILE…: what export wrote, or files written by hand in the same form.
 */
#ifndef JINZAI_CLI_IMPORT_H
#define JINZAI_CLI_IMPORT_H

#include "session.h"

enum exit_code import_run(struct session *session, int argc, char **argv);
void import_help(FILE *stream, enum language language);

#endif
