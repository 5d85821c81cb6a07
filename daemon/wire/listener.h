/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets that wait for callers: unix:PATH, tcp:HOST:PORT, tls:HOST:PORT, or one that systemd handed over. They
 * are bound first (while the daemon may still be root) and accept later, when there is something to
 * answer with.
 */
#ifndef JINZAI_WIRE_LISTENER_H
#define JINZAI_WIRE_LISTENER_H

#include <stdbool.h>

#include <event2/event.h>

#include "wire/connection.h"
#include "wire/tls.h"

enum { LISTENER_ADDRESS_SIZE = 256 };

struct listener;

/* Binds and listens, without accepting yet. A unix socket's directory is made if missing, and its
 * file, if left over, is replaced unless somebody answers there; it is open to all, since access is
 * decided by who the peer is. A host may have several addresses and IPv6 stands in brackets; port 0
 * takes a free one. Each address is logged. Returns NULL with *error set to a sentence, which the
 * caller frees. */
struct listener *listener_open(const char *address, char **error);

/* The same for a socket that already listens, and speaks TLS where secure; the listener owns it, but leaves its file
 * alone. */
struct listener *listener_adopt(int fd, bool secure, char **error);

/* Whether it speaks TLS. */
bool listener_is_secure(const struct listener *listener);

/* Whether it speaks without TLS to other machines than this; then address says where. */
bool listener_is_exposed(const struct listener *listener, char address[LISTENER_ADDRESS_SIZE]);

/* Begins to accept for connections, over tls where it speaks that. Returns 0, or -1 when out of memory. */
int
listener_start(struct listener *listener, struct event_base *base, struct connections *connections, struct tls *tls);

/* Stops accepting: closes the sockets and removes the file that it made. May be called twice. */
void listener_stop(struct listener *listener);

void listener_free(struct listener *listener);

#endif
