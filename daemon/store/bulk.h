/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams of bulk import and export: each holds a connection and a transaction of its own, with the role jinzai_bulk, from
 * its first call to its last. Its calls are carried out one after the other, each asked for by who takes the answers, so
 * that a slow reader holds up nothing but its own stream, and the daemon holds no more of it than one answer.
 *
 * A stream ends with its last call, with an error, with the connection of who began it, and with its limits (bulk_idle_ms,
 * bulk_hold_ms). Whatever was not committed by then is rolled back.
 */
#ifndef JINZAI_STORE_BULK_H
#define JINZAI_STORE_BULK_H

#include <event2/event.h>

#include "config.h"
#include "store/pool.h"

enum bulk_step {
    BULK_EXPORT, /* begins a stream that reads one snapshot */
    BULK_IMPORT, /* begins a stream that writes */
    BULK_CALL,   /* one call of a stream */
    BULK_COMMIT, /* the last call of one that writes */
    BULK_CLOSE,  /* ends a stream, and rolls back what was not committed */
};

enum bulk_refusal { BULK_TAKEN, BULK_NO_STREAM, BULK_TOO_MANY, BULK_WAITS, BULK_NO_MEMORY };

struct bulk;

struct bulk_calls {
    /* An import was committed: what is kept of the record in memory may be out of date. The answer waits for
     * bulk_settled. */
    void (*imported)(void *context);
};

/* conninfo leads to a login that is jinzai_bulk or may become it. All but conninfo must outlive it. Returns NULL when out
 * of memory. */
struct bulk *bulk_open(struct event_base *base, const struct config *conf, const char *conninfo,
                       const struct bulk_calls *calls, void *context);

/* One call for owner, whoever that is. statement is borrowed and must live until the answer; values are copied, the first
 * is the caller's principal and for all but the first call of a stream the second its identifier. answer is called as by
 * pool_send. Returns BULK_TAKEN, or why it was not taken, and then answer is never called. */
enum bulk_refusal bulk_send(struct bulk *bulk, const void *owner, enum bulk_step step, const struct statement *statement,
                            const char *const *values, pool_answer *answer, void *context);

/* The owner goes away, and its streams with it: what waits is answered with REPLY_LOST. */
void bulk_leave(struct bulk *bulk, const void *owner);

/* What calls->imported asked for is done. */
void bulk_settled(struct bulk *bulk);

/* How many streams there are. */
int bulk_count(const struct bulk *bulk);

/* Ends all streams. bulk may be NULL. */
void bulk_close(struct bulk *bulk);

#endif
