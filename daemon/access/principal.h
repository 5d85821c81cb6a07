/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is calling. A unix peer is known by SO_PEERCRED; the trusted users' names are resolved to
 * numbers once, when the daemon starts or reloads, because a name service may block and the event
 * loop must not. Everyone else is a stranger until it has signed in.
 */
#ifndef JINZAI_ACCESS_PRINCIPAL_H
#define JINZAI_ACCESS_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "access/peer.h"
#include "rpc/method.h"

enum { PRINCIPAL_ID_SIZE = 37 }; /* a UUID and its end */

enum { PRINCIPAL_ADDRESS_SIZE = 64 };

/* A plain value. */
struct principal {
    enum role role;
    char id[PRINCIPAL_ID_SIZE];    /* "" for a stranger */
    char token[PRINCIPAL_ID_SIZE]; /* the token that it signed in with; "" where another way */
    bool trusted;                  /* one of the machine's own administrators, by its socket */
    bool read_only;                /* its token is for reading alone */
    bool ended;                    /* it was signed in, and that was ended from outside */
    int64_t until_ms;              /* of a clock that never jumps: it is over then; 0 for never */
};

struct principals;

/* Resolves count trusted names (a user's name, or its number in digits). ids is an object of name →
 * principal UUID, as api.daemon_start gives it, and is not kept. A name that no user has, or that
 * ids lacks, is logged and trusted with nothing. Returns NULL when out of memory. Call it with what
 * daemon_start said, before the event loop or at a reload. */
struct principals *principals_new(char *const *names, int count, const json_t *ids);

/* Adds the users and groups that the configuration names. ids is an object of "unix:user" or "group:name" → principal
 * UUID, as api.daemon_peers gives it. Who is not in it, or not on this machine, is logged and left out. Returns 0, or -1
 * when out of memory. */
int principals_add_peers(struct principals *principals, char *const *lines, int count, const json_t *ids);

/* What api.daemon_peers is asked, as JSON text, which the caller frees; NULL when out of memory. */
char *principals_describe_peers(char *const *lines, int count);

/* Who is at the other end of a connected socket. Anything but a unix socket of a trusted user is a
 * stranger. */
struct principal principal_of_peer(const struct principals *principals, int fd);

/* Where the other end is, as limits and the log name it: "192.0.2.7", the first half of an IPv6 address as
 * "2001:db8:0:1::/64", since a site has that many to choose from, or "uid:1000" on a unix socket. */
void principal_address(int fd, char address[PRINCIPAL_ADDRESS_SIZE]);

/* The role's name, as "admin". */
const char *role_name(enum role role);

/* The role of that name, or 0. */
enum role role_of_name(const char *name);

void principals_free(struct principals *principals);

#endif
