/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is calling. A unix peer is known by SO_PEERCRED; the trusted users' names are resolved to
 * numbers once, when the daemon starts or reloads, because a name service may block and the event
 * loop must not. Everyone else is a stranger.
 */
#ifndef JINZAI_ACCESS_PRINCIPAL_H
#define JINZAI_ACCESS_PRINCIPAL_H

#include <jansson.h>

#include "rpc/method.h"

enum { PRINCIPAL_ID_SIZE = 37 }; /* a UUID and its end */

/* A plain value. */
struct principal {
    enum role role;
    char id[PRINCIPAL_ID_SIZE]; /* "" for a stranger */
};

struct principals;

/* Resolves count trusted names (a user's name, or its number in digits). ids is an object of name →
 * principal UUID, as api.daemon_start gives it, and is not kept. A name that no user has, or that
 * ids lacks, is logged and trusted with nothing. Returns NULL when out of memory. Call it with what
 * daemon_start said, before the event loop or at a reload. */
struct principals *principals_new(char *const *names, int count, const json_t *ids);

/* Who is at the other end of a connected socket. Anything but a unix socket of a trusted user is a
 * stranger. */
struct principal principal_of_peer(const struct principals *principals, int fd);

/* The role's name, as "admin". */
const char *role_name(enum role role);

void principals_free(struct principals *principals);

#endif
