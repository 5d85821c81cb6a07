/* SPDX-License-Identifier: Apache-2.0
 *
 * The methods of kind METHOD_BULK: each is sent on the stream that it names, or begins one (store/bulk.h).
 */
#ifndef JINZAI_RPC_STREAM_H
#define JINZAI_RPC_STREAM_H

#include "rpc/call.h"
#include "store/bulk.h"

struct streams;

/* Composes the statements of the METHOD_BULK rows of tables. bulk must outlive it. NULL when out of memory. */
struct streams *streams_new(const struct method *const *tables, struct bulk *bulk);

/* Sends a message on its stream; its answer comes from there. */
void stream_begin(struct item *item, struct params *params);

/* The streams of an asker that goes away end. */
void streams_leave(struct asker *asker);

/* Call it when the bulk is closed. streams may be NULL. */
void streams_free(struct streams *streams);

#endif
