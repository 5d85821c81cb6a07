/* SPDX-License-Identifier: Apache-2.0
 *
 * When a long computation is to give up: somebody asked for it, or its time is over.
 */
#ifndef JINZAI_MODEL_STOP_H
#define JINZAI_MODEL_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Both may be absent: no flag, and a deadline of 0. A plain value; the flag belongs to the caller. */
struct stop {
    const atomic_bool *cancel;
    int64_t deadline_ms; /* on the monotonic clock */
};

/* What computations answer beside 0, with a sentence that says why. */
enum {
    MODEL_OK = 0,
    MODEL_BAD = -1,        /* an input that makes no sense */
    MODEL_MEMORY = -2,     /* no memory */
    MODEL_STOPPED = -3,    /* cancelled, or out of time */
    MODEL_INFEASIBLE = -4, /* no answer meets the constraints */
    MODEL_WRONG = -5,      /* a solver's answer did not stand up to our own arithmetic */
    MODEL_MISSING = -6,    /* the solver is not on this machine */
};

enum { MODEL_REASON_BYTES = 300 };

/* Milliseconds of the monotonic clock. */
int64_t stop_clock_ms(void);

/* Whether to give up. stop may be NULL: never. */
bool stop_asked(const struct stop *stop);

#endif
