/* SPDX-License-Identifier: Apache-2.0
 *
 * The server process of the private cluster: started, or adopted where a killed daemon left one behind, watched,
 * started again when it dies, and stopped.
 */
#ifndef JINZAI_STORE_POSTMASTER_H
#define JINZAI_STORE_POSTMASTER_H

#include <event2/event.h>

#include "config.h"

struct postmaster;

/* program is the file postgres, data the cluster's directory, socket the directory of its unix socket. NULL when out of
 * memory. */
struct postmaster *postmaster_new(const char *program, const char *data, const char *socket);

/* Adopts or starts it, and waits until it answers, also through a crash recovery. Blocks. Returns 0, or -1 with *error
 * set to a sentence, which the caller frees. */
int postmaster_start(struct postmaster *postmaster, char **error);

/* From now on the event loop starts it again when it ends, with growing pauses. Returns 0, or -1 when out of memory. */
int postmaster_watch(struct postmaster *postmaster, struct event_base *base, const struct config *conf);

/* Ends the sessions and stops the server; blocks until it has ended or has taken far too long. */
void postmaster_stop(struct postmaster *postmaster);

void postmaster_free(struct postmaster *postmaster);

#endif
