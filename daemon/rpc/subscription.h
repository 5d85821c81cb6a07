/* SPDX-License-Identifier: Apache-2.0
 *
 * Subscriptions to the log: committed and sealed events, sent as notifications in the one order that the log has.
 *
 * Subscribers that see the same and ask for the same are read for together: a feed has what they ask for and the place up
 * to which all of them have been sent everything. It reads the next page, one statement through the pool, when the log has
 * grown, which a NOTIFY says; where none is heard, the log's end is asked for every POLL_MS. Pages are lent to all outputs
 * and not copied. A new subscriber begins with a feed of its own, which joins another when they have come to the same place.
 *
 * A subscriber whose output is full is taken out into a feed of its own, which reads on when there is room; so its backlog
 * stays in the database and not here. One that makes no room for subscription_stall_ms is cut off, and told so and where
 * to go on, after what it had been sent before. What ends a subscription from here says so in "event.ended".
 */
#ifndef JINZAI_RPC_SUBSCRIPTION_H
#define JINZAI_RPC_SUBSCRIPTION_H

#include <event2/event.h>

#include "rpc/call.h"

/* What subscriptions_new is given: borrowed, must outlive the subscriptions. */
struct subscriptions_setup {
    struct event_base *base;
    const struct limits *limits;
    struct pool *pool;
    struct gate *gate;        /* NULL: every sign-in is fresh */
    const json_t *start;      /* what api.daemon_start answered, for the sentences of constraints */
    size_t page, head;        /* the numbers of the statements api.event_page and api.event_head */
};

/* NULL when out of memory. */
struct subscriptions *subscriptions_new(const struct subscriptions_setup *setup);

/* The log ends at that position; below 0 where that is not known. Takes the subscriptions as void, to serve as a callback. */
void subscriptions_sealed(int64_t position, void *subscriptions);

/* Makes place for a subscription that item asks for. Returns 0, or -1 with the fault of a limit. subscription_arrived or
 * subscription_refused follows. */
int subscription_begin(struct item *item, struct fault *fault);

/* The database has answered event.subscribe: answers the item, and events follow. */
void subscription_arrived(struct item *item, struct reply *reply);

/* It could not be asked: answers the item with the fault. */
void subscription_refused(struct item *item, const struct fault *fault);

/* Answers event.unsubscribe for the subscription of that number, as text. */
void subscription_leave(const struct item *item, const char *number);

/* All subscriptions of an asker are over, and it is told why. */
void subscriptions_end(struct asker *asker, int code, const char *sentence);

/* The same without a word: nobody is there to hear it. */
void subscriptions_forget(struct asker *asker);

/* Some of the asker's output was written: who waited for room may go on. */
void subscriptions_drained(struct asker *asker);

/* {"open", "feeds", "waiting"}: how many there are. NULL is none. */
json_t *subscriptions_describe(const struct subscriptions *subscriptions);

/* Call it when no asker is left and the pool is closed; NULL is allowed. */
void subscriptions_free(struct subscriptions *subscriptions);

#endif
