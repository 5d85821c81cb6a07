/* SPDX-License-Identifier: Apache-2.0
 *
 * All open connections. Each reads JSON texts from its socket, hands them to dispatch and writes
 * the answers; it stops reading while too much is in flight or too much output waits, is cut off
 * when its reader takes nothing for too long, and after end-of-file still answers what was asked. A
 * connection is freed at the end of the loop turn, never within a callback of its own.
 */
#ifndef JINZAI_WIRE_CONNECTION_H
#define JINZAI_WIRE_CONNECTION_H

#include <event2/event.h>

#include <openssl/ssl.h>

#include "access/principal.h"
#include "config.h"
#include "rpc/dispatch.h"

struct connections;

/* limits and dispatch are borrowed and must outlive the connections; so must principals, until
 * another is set. Returns NULL when out of memory. */
struct connections *connections_new(struct event_base *base, const struct limits *limits,
                                    struct dispatch *dispatch, const struct principals *principals);

/* From here on connections are known by these, also those that are open, but for who has signed in. */
void connections_trust(struct connections *connections, const struct principals *principals);

/* Takes over a connected, non-blocking socket. Past the limit, or while draining, it is told so and
 * closed. */
void connections_accept(struct connections *connections, int fd);

/* The same for a socket on which TLS is to be spoken; ssl is taken over, and NULL means that there was no memory for it. */
void connections_accept_tls(struct connections *connections, int fd, SSL *ssl);

/* All sign-ins by that principal or token are over: whoever has one is a stranger from here on. Returns how many had. */
int connections_sign_out(struct connections *connections, const char *id);

/* How many are open. */
int connections_count(const struct connections *connections);

/* Stops reading everywhere; each connection closes when all that was asked on it is answered and
 * written. empty is called once, from the event loop, when none is left. */
void
connections_drain(struct connections *connections, void (*empty)(void *context), void *context);

/* Cuts off those that are left, and frees all. Call it outside of the event loop, before
 * dispatch_free. */
void connections_free(struct connections *connections);

#endif
