/* SPDX-License-Identifier: Apache-2.0
 *
 * The background pass: a connection of its own on which committed events are sealed into the log, appended changes of
 * supply are folded into the balances, and what goes by the clock is tended. It runs at start, soon after each write of
 * this daemon (notify_wake) or notification of another, while something is left, and once an hour. Writers do not
 * NOTIFY: PostgreSQL lets those who do commit only one after the other, so that they could not share a flush. The
 * sealer does, on channel jinzai_event with the last position of the log, and this connection listens to that too.
 */
#ifndef JINZAI_STORE_NOTIFY_H
#define JINZAI_STORE_NOTIFY_H

#include <stdint.h>

#include <event2/event.h>

#include "config.h"

struct notify;

/* Begins to connect; NULL when out of memory. */
struct notify *notify_open(struct event_base *base, const struct config *conf, const char *conninfo);

/* From here on sealed is told where the log ends each time it has grown, or a position below 0 after an outage in which that
 * may have happened. */
void notify_watch(struct notify *notify, void (*sealed)(int64_t position, void *context), void *context);

/* Something was written: runs soon. Takes the struct notify as void, to serve as a callback. */
void notify_wake(void *notify);

/* notify may be NULL. A step that goes on is left to PostgreSQL, which rolls it back or finishes it. */
void notify_close(struct notify *notify);

#endif
