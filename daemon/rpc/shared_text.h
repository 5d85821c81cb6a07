/* SPDX-License-Identifier: Apache-2.0
 *
 * A text that several buffers hold at once, without copies: it is freed when the last of them is done with it.
 */
#ifndef JINZAI_RPC_SHARED_TEXT_H
#define JINZAI_RPC_SHARED_TEXT_H

#include <stddef.h>

struct shared_text;

/* Takes over text, which is freed with free(), also on failure. NULL when out of memory, or for a text of NULL. */
struct shared_text *shared_text_new(char *text);

const char *shared_text(const struct shared_text *shared);

/* Keeps it for one more holder; the same pointer. */
struct shared_text *shared_text_keep(struct shared_text *shared);

/* A holder is done with it; NULL is allowed. Made to be the cleanup of evbuffer_add_reference, so text and size say
 * nothing. */
void shared_text_release(const void *text, size_t size, void *shared);

#endif
