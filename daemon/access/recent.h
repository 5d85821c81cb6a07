/* SPDX-License-Identifier: Apache-2.0
 *
 * A bounded table of who was here lately: addresses that failed to sign in, callers and how much they have asked. It never
 * grows: a newcomer takes the place of whoever of its few neighbours has been away longest. Pure but for the random seed,
 * without which callers could choose whose place they take.
 */
#ifndef JINZAI_ACCESS_RECENT_H
#define JINZAI_ACCESS_RECENT_H

#include <stddef.h>
#include <stdint.h>

enum { RECENT_KEY_SIZE = 64 }; /* the longest key, its end included */

struct recent;

/* A table of about that many places, each holding size bytes. NULL when out of memory. */
struct recent *recent_new(size_t places, size_t size);

/* What the table holds for the key, all zeros where it is new; valid until the next call. */
void *recent_get(struct recent *recent, const char *key, int64_t now_ms);

/* The same, but NULL where the key is not there. */
void *recent_find(struct recent *recent, const char *key);

/* NULL is allowed. */
void recent_free(struct recent *recent);

#endif
