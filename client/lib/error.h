/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling struct jinzai_error. All functions allow error to be NULL and then do nothing.
 */
#ifndef JINZAI_LIB_ERROR_H
#define JINZAI_LIB_ERROR_H

#include <stddef.h>

#include "jinzai.h"

/* Sets code, its name and a sentence; the other fields become empty. */
void jinzai_error_set(struct jinzai_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills error from the "error" member of an answer, whatever its shape. */
void jinzai_error_read(struct jinzai_error *error, const json_t *object);

/* Copies text into field of size bytes and cuts it, where it is too long, after a whole UTF-8
 * character. */
void jinzai_error_copy(char *field, size_t size, const char *text);

#endif
