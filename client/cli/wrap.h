/* SPDX-License-Identifier: Apache-2.0
 *
 * Breaking text into lines by the width that it takes on a terminal. Pure, but for the locale's
 * character type.
 */
#ifndef JINZAI_CLI_WRAP_H
#define JINZAI_CLI_WRAP_H

#include <stdbool.h>
#include <stddef.h>

/* How many columns the widest line of text takes. */
size_t wrap_width(const char *text);

/* Breaks lines that are wider than width: at spaces, behind | and between wide characters, but not
 * before the punctuation that closes; within a word only where it alone is too wide. Returns text
 * that the caller frees, or NULL when out of memory. */
char *wrap_text(const char *text, size_t width);

/* Makes columns narrower so that together they take at most room: the widest give first, and none
 * that may not give or that takes no more than least. width holds count widths and is changed. */
void wrap_share(size_t *width, const bool *gives, size_t count, size_t room, size_t least);

#endif
