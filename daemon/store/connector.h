/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings a connection to PostgreSQL up without blocking, and tries again for as long as it takes: pauses double from
 * backoff_ms to backoff_max_ms, each shortened by up to half at random, so that many daemons do not knock together.
 */
#ifndef JINZAI_STORE_CONNECTOR_H
#define JINZAI_STORE_CONNECTOR_H

#include <event2/event.h>
#include <libpq-fe.h>

#include "config.h"

struct connector;

struct connector_calls {
    /* Gives the connection string for one attempt, which the connector frees; NULL when out of memory. */
    char *(*conninfo)(void *context);
    /* A connection is up, non-blocking, and belongs to the callee, who ends it with PQfinish. */
    void (*connected)(PGconn *conn, void *context);
    /* An attempt failed for the reason given; the next one is on its way already. */
    void (*failed)(const char *reason, void *context);
};

/* Returns a connector that does nothing yet, or NULL when out of memory. calls and conf must outlive it. */
struct connector *connector_new(struct event_base *base, const struct config *conf,
                                const struct connector_calls *calls, void *context);

/* Begins to connect after the pause that is due: none at first, or after connector_good. Calls come from the event
 * loop only. */
void connector_start(struct connector *connector);

/* The last connection proved useful, so that the next pause is short again. A server that accepts and then refuses to
 * serve must not be asked without a pause, and so only its user can say this. */
void connector_good(struct connector *connector);

/* Ends whatever goes on; no call comes after it. connector may be NULL. */
void connector_free(struct connector *connector);

/* The pause before attempt number attempt (0: none), in milliseconds; random is any number. */
int connector_pause_ms(int attempt, int first_ms, int max_ms, unsigned random);

#endif
