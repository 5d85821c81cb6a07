/* SPDX-License-Identifier: Apache-2.0
 *
 * The OpenRPC document that rpc.discover answers, composed once from the method tables.
 */
#ifndef JINZAI_RPC_DISCOVER_H
#define JINZAI_RPC_DISCOVER_H

#include "config.h"
#include "rpc/method.h"

/* The document as compact JSON text, to be freed with free(). limits gives the bounds of lists and
 * pages; version is that of the daemon. Returns NULL when out of memory, or when a row's example is
 * no JSON object. */
char *discover_compose(const struct method *const *tables, const struct limits *limits,
                       const char *version);

#endif
