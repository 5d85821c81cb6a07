/* SPDX-License-Identifier: Apache-2.0
 *
 * Idempotency keys: UUIDs of version 7 (RFC 9562, section 5.7), whose first 48 bits are the time,
 * so that the daemon can keep them in partitions by day.
 */
#ifndef JINZAI_LIB_KEY_H
#define JINZAI_LIB_KEY_H

#include <stdint.h>

enum { JINZAI_KEY_SIZE = 37 }; /* 36 characters and NUL */

/* Writes the UUIDv7 of a time in milliseconds since 1970 and ten random bytes. */
void jinzai_key_format(char key[JINZAI_KEY_SIZE], uint64_t time_ms, const unsigned char random[10]);

/* Writes a fresh key. Returns 0, or -1 when the kernel gives no random bytes. */
int jinzai_key_make(char key[JINZAI_KEY_SIZE]);

#endif
