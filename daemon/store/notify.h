/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener: a connection of its own that waits for changes of the record and has them folded into the balances.
 * It runs api.fold at start, after each notification, and each fold_interval_ms while something is left; where nothing
 * is left it waits for a notification alone.
 */
#ifndef JINZAI_STORE_NOTIFY_H
#define JINZAI_STORE_NOTIFY_H

#include <event2/event.h>

#include "config.h"

struct notify;

/* Begins to connect; NULL when out of memory. */
struct notify *notify_open(struct event_base *base, const struct config *conf, const char *conninfo);

/* notify may be NULL. A fold that goes on is left to PostgreSQL, which rolls it back or finishes it. */
void notify_close(struct notify *notify);

#endif
