/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of a caller before a request is let in: not more than the limits a second, and no guessing of tokens. A
 * sign-in that failed is answered late, the later the more of them came from its address of late; an attempt beyond those
 * that wait already is refused before anything is done for it. All state is bounded.
 */
#ifndef JINZAI_ACCESS_GATE_H
#define JINZAI_ACCESS_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "access/principal.h"
#include "config.h"
#include "rpc/fault.h"

struct gate;

/* limits is borrowed. NULL when out of memory. */
struct gate *gate_new(struct event_base *base, const struct limits *limits);

/* Milliseconds of a clock that never jumps. */
int64_t gate_now_ms(void);

/* Charges a text of that many bytes, or an answer, to the caller. */
void gate_charge_bytes(struct gate *gate, const struct principal *who, const char *address, size_t bytes);

/* Charges a request. Returns 0, or -1 with the fault where the caller has used up what is allowed a second. */
int gate_charge_request(struct gate *gate, const struct principal *who, const char *address, struct fault *fault);

/* Whether a sign-in from that address may be tried. Returns 0, or -1 with the fault filled in. */
int gate_try(struct gate *gate, const char *address, struct fault *fault);

/* Counts and logs a failure from the address, and calls late when its answer is due; never from within. Returns 0, or -1
 * when out of memory, and then late is never called. */
int gate_refuse(struct gate *gate, const char *address, const char *what, void (*late)(void *context), void *context);

/* An attempt that gate_try let in succeeded, or came to nothing. */
void gate_pass(struct gate *gate, const char *address);

/* How late the answer to the nth failure in a row is. */
int64_t gate_delay_ms(unsigned failures, int64_t longest_ms);

/* Calls every answer that still waits, and frees the gate; NULL is allowed. */
void gate_free(struct gate *gate);

/* Whether daemons' news on sign-ins that have ended is fresh enough to trust one. Set by whoever listens. */
void gate_heard(struct gate *gate, int64_t at_ms);
bool gate_is_fresh(const struct gate *gate, int64_t now_ms);

/* Counts the sign-ins that were ended from outside, so that one which is on its way can tell that it may be among them. */
void gate_changed(struct gate *gate);
unsigned gate_changes(const struct gate *gate);

#endif
