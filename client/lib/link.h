/* SPDX-License-Identifier: Apache-2.0
 *
 * The link: one stream socket, never blocking, that can be made anew. It knows bytes and not what
 * they mean.
 */
#ifndef JINZAI_LIB_LINK_H
#define JINZAI_LIB_LINK_H

#include <stdint.h>

#include "address.h"
#include "tls.h"

enum jinzai_link_state {
    JINZAI_LINK_DOWN,       /* no socket; retry_at_ms says when one may be tried again */
    JINZAI_LINK_CONNECTING, /* until connect_by_ms, then the next address is tried */
    JINZAI_LINK_UP,
};

struct jinzai_link {
    struct jinzai_endpoint endpoint[JINZAI_ADDRESS_MAX];
    int endpoints, at; /* how many there are, and which is being tried */
    enum jinzai_link_state state;
    int fd;        /* -1 when down */
    struct jinzai_tls *tls; /* NULL where none is spoken; the link closes it */
    bool shaking;           /* connecting: the socket is up, the TLS handshake goes on */
    int reason;    /* errno of the last failure, 0 when the other side closed */
    unsigned made; /* connections so far */
    int pause_ms;  /* before the next attempt; grows until jinzai_link_praise */
    int64_t retry_at_ms, connect_by_ms;
    char *out; /* what the socket has not taken: out_size bytes from out_begin */
    size_t out_begin, out_size, out_room;
};

/* Milliseconds of a clock that never jumps. */
int64_t jinzai_link_now(void);

/* Sets a link down that has its endpoints. */
void jinzai_link_init(struct jinzai_link *link);

/* Begins to connect where the link is down and its pause is over; goes on where it is connecting.
 */
void jinzai_link_connect(struct jinzai_link *link, int64_t now_ms);

/* Closes the socket, drops what was not written and begins a pause. reason is an errno, 0 for a
 * close by the other side. */
void jinzai_link_drop(struct jinzai_link *link, int64_t now_ms, int reason);

/* The other side has proved useful: the next reconnect needs no pause. */
void jinzai_link_praise(struct jinzai_link *link);

/* Adds bytes to what is to be written. Returns 0, or -1 when out of memory. */
int jinzai_link_put(struct jinzai_link *link, const char *bytes, size_t size);

/* Writes what the socket takes. Returns 0, or the errno of a broken connection, which the caller
 * drops. */
int jinzai_link_flush(struct jinzai_link *link);

/* Reads at most size bytes. Returns how many, 0 when none are there, or -1 when the connection is
 * over, with *reason as for jinzai_link_drop. */
long jinzai_link_read(struct jinzai_link *link, char *bytes, size_t size, int *reason);

/* Closes the socket and frees what the link holds. */
void jinzai_link_close(struct jinzai_link *link);

#endif
