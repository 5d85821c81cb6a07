/* SPDX-License-Identifier: Apache-2.0
 *
 * The methods of kind METHOD_MODEL: what the statement answered goes through a computation on a worker thread, and what
 * that gives is the answer.
 */
#ifndef JINZAI_RPC_COMPUTATION_H
#define JINZAI_RPC_COMPUTATION_H

#include "rpc/call.h"
#include "service/worker.h"

struct computations;

/* workers must outlive it. A computation may take that long. NULL when out of memory. */
struct computations *computations_new(struct worker_pool *workers, int timeout_ms);

/* Takes over the database's answer for a message, which counts as in flight until the computation has ended. */
void computation_begin(struct item *item, struct reply *reply);

/* What an asker that goes away was waiting for is cancelled. Both may be NULL. */
void computations_leave(struct computations *computations, const struct asker *asker);

/* Call it when the workers are gone. computations may be NULL. */
void computations_free(struct computations *computations);

#endif
