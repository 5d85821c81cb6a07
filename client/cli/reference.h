/* SPDX-License-Identifier: Apache-2.0
 *
 * The reference page of all methods, as Markdown, from the rows of the catalogue.
 */
#ifndef JINZAI_CLI_REFERENCE_H
#define JINZAI_CLI_REFERENCE_H

#include <stdio.h>

#include "language.h"

/* Writes the page. Summaries and headings are in the language; what rows say of parameters is
 * English. */
void reference_print(FILE *stream, enum language language);

#endif
