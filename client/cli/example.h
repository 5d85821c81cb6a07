/* SPDX-License-Identifier: Apache-2.0
 *
 * The example of a method's row, which is JSON, as the command that does the same.
 */
#ifndef JINZAI_CLI_EXAMPLE_H
#define JINZAI_CLI_EXAMPLE_H

#include <stdio.h>

#include "language.h"
#include "methods/catalogue.h"

/* Writes the heading and the command. */
void example_print(FILE *stream, enum language language, const struct method *method);

#endif
