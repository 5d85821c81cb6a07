/* SPDX-License-Identifier: Apache-2.0 */

#include "link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECT_MS = 5000,   /* one address, when there are others or it is tried again */
    PAUSE_FIRST_MS = 50, /* after the first failure */
    PAUSE_LONGEST_MS = 2000,
    OUT_ROOM_FIRST = 4096,
};

int64_t
jinzai_link_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void
jinzai_link_init(struct jinzai_link *link)
{
    link->state = JINZAI_LINK_DOWN;
    link->fd = -1;
}

static void
close_socket(struct jinzai_link *link)
{
    if (link->tls != NULL)
        jinzai_tls_end(link->tls);
    link->shaking = false;
    if (link->fd != -1)
        close(link->fd);
    link->fd = -1;
    link->state = JINZAI_LINK_DOWN;
    link->out_begin = link->out_size = 0;
}

void
jinzai_link_drop(struct jinzai_link *link, int64_t now_ms, int reason)
{
    struct timespec time;
    int jitter = 0;

    close_socket(link);
    link->at = 0;
    link->reason = reason;
    link->retry_at_ms = now_ms + link->pause_ms;
    if (link->pause_ms > 0) {
        /* Clients that lost the same daemon must not come back in the same millisecond. */
        clock_gettime(CLOCK_MONOTONIC, &time);
        jitter = (int)(time.tv_nsec / 1000 % (link->pause_ms / 2 + 1));
    }
    link->retry_at_ms += jitter;
    link->pause_ms = link->pause_ms == 0 ? PAUSE_FIRST_MS : link->pause_ms * 2;
    if (link->pause_ms > PAUSE_LONGEST_MS)
        link->pause_ms = PAUSE_LONGEST_MS;
}

void
jinzai_link_praise(struct jinzai_link *link)
{
    link->pause_ms = 0;
}

static void
up(struct jinzai_link *link)
{
    link->state = JINZAI_LINK_UP;
    link->shaking = false;
    link->made++;
}

/* The socket is connected. Returns 0 when that is all, or the handshake is under way, else an errno. */
static int
connected(struct jinzai_link *link)
{
    if (link->tls == NULL) {
        up(link);
        return 0;
    }
    if (jinzai_tls_begin(link->tls, link->fd) != 0)
        return ENOMEM;
    link->state = JINZAI_LINK_CONNECTING;
    link->shaking = true;
    return 0;
}

/* Tries one address. Returns 0 when it is connected or under way, else an errno. */
static int
try_endpoint(struct jinzai_link *link, int64_t now_ms)
{
    const struct jinzai_endpoint *endpoint = &link->endpoint[link->at];
    int on = 1, rc;

    link->fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd == -1)
        return errno;
    if (endpoint->address.ss_family != AF_UNIX) {
        /* Requests are small and each waits for its answer, so gathering them only adds delay; a
         * peer that has vanished without a word is found by probes. */
        setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(link->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
    link->connect_by_ms = now_ms + CONNECT_MS;
    rc = connect(link->fd, (const struct sockaddr *)&endpoint->address, endpoint->size);
    if (rc == 0) {
        rc = connected(link);
        if (rc != 0)
            close_socket(link);
        return rc;
    }
    if (errno == EINPROGRESS || errno == EINTR) {
        link->state = JINZAI_LINK_CONNECTING;
        return 0;
    }
    rc = errno;
    close_socket(link);
    return rc;
}

/* Tries the addresses that are left, one after the other. */
static void
try_endpoints(struct jinzai_link *link, int64_t now_ms)
{
    int reason = EADDRNOTAVAIL;

    for (; link->at < link->endpoints; link->at++) {
        reason = try_endpoint(link, now_ms);
        if (reason == 0)
            return;
    }
    if (link->pause_ms == 0)
        link->pause_ms = PAUSE_FIRST_MS;
    jinzai_link_drop(link, now_ms, reason);
}

void
jinzai_link_connect(struct jinzai_link *link, int64_t now_ms)
{
    struct pollfd ready = {.fd = link->fd, .events = POLLOUT};
    int reason = ETIMEDOUT;
    socklen_t size = sizeof reason;

    if (link->state == JINZAI_LINK_UP ||
        (link->state == JINZAI_LINK_DOWN && now_ms < link->retry_at_ms))
        return;
    if (link->state == JINZAI_LINK_DOWN) {
        try_endpoints(link, now_ms);
        return;
    }
    if (!link->shaking && poll(&ready, 1, 0) == 1) {
        if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &reason, &size) != 0)
            reason = errno;
        if (reason == 0)
            reason = connected(link);
        if (link->state == JINZAI_LINK_UP)
            return;
    } else if (!link->shaking && now_ms < link->connect_by_ms) {
        return;
    }
    if (link->shaking) {
        int rc = jinzai_tls_shake(link->tls);

        if (rc == 1)
            up(link);
        if (rc == 1 || (rc == 0 && now_ms < link->connect_by_ms))
            return;
        reason = rc == 0 ? ETIMEDOUT : errno;
    }
    close_socket(link);
    if (++link->at < link->endpoints)
        try_endpoints(link, now_ms);
    else
        jinzai_link_drop(link, now_ms, reason);
}

int
jinzai_link_put(struct jinzai_link *link, const char *bytes, size_t size)
{
    size_t room = link->out_room == 0 ? OUT_ROOM_FIRST : link->out_room;
    char *larger;

    if (link->out_begin > 0) {
        memmove(link->out, link->out + link->out_begin, link->out_size);
        link->out_begin = 0;
    }
    while (room - link->out_size < size)
        room *= 2;
    if (room != link->out_room) {
        larger = realloc(link->out, room);
        if (larger == NULL)
            return -1;
        link->out = larger;
        link->out_room = room;
    }
    memcpy(link->out + link->out_size, bytes, size);
    link->out_size += size;
    return 0;
}

int
jinzai_link_flush(struct jinzai_link *link)
{
    while (link->out_size > 0) {
        const char *bytes = link->out + link->out_begin;
        ssize_t size = link->tls != NULL ? jinzai_tls_write(link->tls, bytes, link->out_size)
                                         : send(link->fd, bytes, link->out_size, MSG_NOSIGNAL);

        if (size == -1 && errno == EINTR)
            continue;
        if (size == -1)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
        link->out_begin += (size_t)size;
        link->out_size -= (size_t)size;
    }
    link->out_begin = 0;
    return 0;
}

long
jinzai_link_read(struct jinzai_link *link, char *bytes, size_t size, int *reason)
{
    ssize_t got;

    do
        got = link->tls != NULL ? jinzai_tls_read(link->tls, bytes, size) : recv(link->fd, bytes, size, 0);
    while (got == -1 && errno == EINTR);
    if (got > 0)
        return got;
    if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    *reason = got == 0 ? 0 : errno;
    return -1;
}

void
jinzai_link_close(struct jinzai_link *link)
{
    close_socket(link);
    if (link->out != NULL)
        explicit_bzero(link->out, link->out_room); /* a token may have been in it */
    free(link->out);
    link->out = NULL;
    link->out_room = 0;
    jinzai_tls_close(link->tls);
    link->tls = NULL;
}
