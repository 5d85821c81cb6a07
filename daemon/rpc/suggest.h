/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean": the known name that is closest to one that was mistyped.
 */
#ifndef JINZAI_RPC_SUGGEST_H
#define JINZAI_RPC_SUGGEST_H

#include <stddef.h>

/* A search that goes on as names are offered to it; a plain value. */
struct suggest {
    const char *wanted, *best; /* best: the closest so far, or NULL while none is close enough */
    size_t distance;
};

void suggest_begin(struct suggest *suggest, const char *wanted);
void suggest_offer(struct suggest *suggest, const char *name);

#endif
