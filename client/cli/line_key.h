/* SPDX-License-Identifier: Apache-2.0
 *
 * The idempotency key of a line that is loaded: the same line of the same file always has the same
 * one, so that loading twice changes nothing.
 */
#ifndef JINZAI_CLI_LINE_KEY_H
#define JINZAI_CLI_LINE_KEY_H

enum { LINE_KEY_SIZE = 37 }; /* 36 characters and NUL */

/* Writes a UUID of version 8 (RFC 9562, section 5.8) from the SHA-256 of the file's name without
 * its directory, the number of the line and its text. Returns 0, or -1 when out of memory. */
int line_key_make(char key[LINE_KEY_SIZE], const char *path, long number, const char *text);

#endif
