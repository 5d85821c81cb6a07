/* SPDX-License-Identifier: Apache-2.0
 *
 * From what was typed to JSON, as the row of the parameter says. Only what no JSON can be made of
 * is refused here; the daemon decides on everything else.
 */
#ifndef JINZAI_CLI_VALUE_H
#define JINZAI_CLI_VALUE_H

#include "language.h"
#include "methods/catalogue.h"
#include "lib/jinzai.h"

enum { VALUE_REASON_SIZE = 512 };

/* Puts what was typed for a parameter into params:
 *   a list grows with each repetition, and at commas unless its items are free text;
 *   a label is "en=…,ja=…", JSON, or plain text in the language given;
 *   an object is JSON, @file, - for standard input, or field=value,field=value;
 *   nothing at all is null, an empty list or, where the field cannot be emptied, an empty text.
 * label_language is "en" or "ja" where the option named it, else NULL.
 * Returns 0, or -1 with a sentence in reason, without the parameter's name. */
int value_put(json_t *params, const struct param *row, const char *text, const char *label_language,
              enum language language, char reason[VALUE_REASON_SIZE]);

/* Reads JSON from text, from a file ("@path") or from standard input ("-"). Returns a value that
 * the caller releases, or NULL with a sentence in reason. */
json_t *value_json(const char *text, enum language language, char reason[VALUE_REASON_SIZE]);

/* Reads a file, "-" being standard input, whole. Returns text that the caller frees, or NULL with a
 * sentence in reason. */
char *value_read_file(const char *path, enum language language, char reason[VALUE_REASON_SIZE]);

#endif
