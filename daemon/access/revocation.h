/* SPDX-License-Identifier: Apache-2.0
 *
 * News of sign-ins that have ended: tokens that were revoked, principals that were disabled or changed, by whichever daemon.
 * A connection of its own listens on the channel jinzai_access; a notification says that something has changed, and
 * api.access_ended says what. It is asked every other second too, so that a connection that broke without a word is found
 * out, and nothing that was missed meanwhile stays missed.
 */
#ifndef JINZAI_ACCESS_REVOCATION_H
#define JINZAI_ACCESS_REVOCATION_H

#include <event2/event.h>

#include "config.h"

struct revocation;

struct revocation_calls {
    /* All sign-ins by that principal or token are over. */
    void (*ended)(const char *id, void *context);
    /* What had ended by at_ms, of gate_now_ms, has been told. */
    void (*heard)(int64_t at_ms, void *context);
};

/* Begins to connect. calls must outlive it. NULL when out of memory. */
struct revocation *revocation_open(struct event_base *base, const struct config *conf, const char *conninfo,
                                   const struct revocation_calls *calls, void *context);

/* NULL is allowed. */
void revocation_close(struct revocation *revocation);

#endif
