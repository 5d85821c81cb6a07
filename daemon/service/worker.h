/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads for long computations. A task goes into a bounded queue; a thread runs it; its end comes back to the event loop
 * through an eventfd, so that the loop never waits and `done` never runs beside the loop. Everything here is called from
 * the loop's thread, but for what says otherwise.
 *
 * A task may ask for several threads, which then run the same function at once and share the work out among themselves.
 * A thread that is free begins a task that nobody has begun before it helps with one that somebody has, so that a long task
 * holds up no short one as long as another thread comes free.
 */
#ifndef JINZAI_SERVICE_WORKER_H
#define JINZAI_SERVICE_WORKER_H

#include "model/stop.h"

struct event_base;
struct worker_pool;
struct worker_job;

enum { WORKER_THREADS_MAX = 64 };

enum worker_outcome {
    WORKER_DONE,
    WORKER_FAILED,    /* run answered other than 0 */
    WORKER_CANCELLED, /* nobody wants it any more, whatever it came to */
    WORKER_LATE,      /* its time ran out before it had succeeded */
};

struct worker_task {
    /* On a worker thread. Returns 0, or another value when it failed, also because stop said so: it asks that every few
     * milliseconds. */
    int (*run)(void *data, const struct stop *stop);
    /* On the loop, exactly once, after all threads have left run; the job ends with it. May submit and cancel. */
    void (*done)(void *data, enum worker_outcome outcome);
    void *data;
    int threads;    /* that may be in run at once, 1 or more; fewer when others are busy */
    int timeout_ms; /* from submitting; 0: none */
};

/* Starts the threads, at most WORKER_THREADS_MAX; `waiting_max` tasks may wait that no thread has begun. NULL where the
 * system has no more of what it needs. The pool keeps its place in base until worker_pool_free. */
struct worker_pool *worker_pool_new(struct event_base *base, int threads, int waiting_max);

/* Puts a task in the queue. Returns NULL when the queue is full, the pool is draining, or memory is short: then neither run
 * nor done is called. */
struct worker_job *worker_submit(struct worker_pool *pool, const struct worker_task *task);

/* Tells a job to stop, as soon as it asks. `done` follows, with WORKER_CANCELLED, and never from within this call. */
void worker_cancel(struct worker_job *job);

/* Tasks that no thread has begun, and all that have not ended. */
int worker_pool_waiting(const struct worker_pool *pool);
int worker_pool_unfinished(const struct worker_pool *pool);

/* Takes no more tasks; calls drained on the loop once all have ended, at the next turn at the earliest. */
void worker_pool_drain(struct worker_pool *pool, void (*drained)(void *data), void *data);

/* Tells all jobs to stop. */
void worker_pool_cancel(struct worker_pool *pool);

/* Cancels everything, waits for the threads, and calls done for what had not ended. Not from within done. NULL is fine. */
void worker_pool_free(struct worker_pool *pool);

#endif
