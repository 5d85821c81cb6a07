/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/connection.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>

#include "log.h"
#include "rpc/answer.h"
#include "rpc/subscription.h"
#include "wire/frame.h"
#include "wire/tls.h"

enum {
    MS_PER_SECOND = 1000,
    US_PER_MS = 1000,
    REFUSAL_SIZE = 320,
    REFUSAL_READS = 16,
    READ_BYTES = 960,        /* with what libevent puts before them a block of 1 KiB, which malloc has at hand */
    READ_MORE_BYTES = 16384, /* where those were filled */
    SWEEPS = 4, /* looks at those who have not signed in, in the time that they may be idle */
    SWEEP_MAX_MS = 5000,
};

enum connection_state {
    CONNECTION_OPEN,  /* reads, while there is room */
    CONNECTION_ENDED, /* the peer has sent its last byte; what has been received is still to be read
                       */
    CONNECTION_DRAINING, /* reads no more, and closes when everything is answered and written */
    CONNECTION_DEAD,     /* waits for the end of the loop turn */
};

struct connection {
    TAILQ_ENTRY(connection) link;
    TAILQ_ENTRY(connection) due; /* in the list to_write, where is_due says so */
    struct connections *all;
    struct bufferevent *stream;
    struct asker asker;
    struct frame frame;
    size_t scanned; /* how much of the input the frame has seen */
    enum connection_state state;
    SSL *ssl;       /* NULL without TLS; the stream frees it */
    struct event *readable; /* NULL with TLS, where the stream reads */
    bool shaking;   /* the TLS handshake is not over */
    int64_t asked_ms; /* when it came, or sent its last text */
    bool is_due;  /* has output that is to be written at the end of the loop turn */
    bool turning; /* within connection_turn: answers that are ready at once come back into it */
};

TAILQ_HEAD(connection_list, connection);

struct connections {
    struct event_base *base;
    const struct limits *limits;
    struct dispatch *dispatch;
    const struct principals *principals;
    struct connection_list open, dead;
    struct connection_list to_write;
    struct event *reap, *sweep, *write;
    int count; /* in the list open */
    bool full; /* somebody was turned away since there was last room */
    bool draining;
    void (*empty)(void *context); /* NULL when called, or not yet wanted */
    void *context;
};

static const char *const state_names[] = {"open", "ended", "draining", "dead"};

/* Begins to read or stops. Without TLS the connection reads by itself: the bufferevent would ask the kernel before each read
 * how much there is. */
static void
connection_listen(struct connection *connection, bool on)
{
    if (connection->ssl != NULL && on)
        bufferevent_enable(connection->stream, EV_READ);
    else if (connection->ssl != NULL)
        bufferevent_disable(connection->stream, EV_READ);
    else if (on && !event_pending(connection->readable, EV_READ, NULL))
        connection->asker.broken = event_add(connection->readable, NULL) != 0 || connection->asker.broken;
    else if (!on)
        event_del(connection->readable);
}

/* The only place where a state changes. States follow in their order; each may be left out. */
static void
connection_move(struct connection *connection, enum connection_state state)
{
    struct connections *all = connection->all;

    assert(state > connection->state);
    log_write(LOG_DEBUG, "a connection changes its state from=%s to=%s",
              state_names[connection->state], state_names[state]);
    connection->state = state;
    if (state != CONNECTION_ENDED || connection->ssl == NULL)
        connection_listen(connection, false);
    if (state == CONNECTION_ENDED)
        return;
    connection->asker.leaving = true;
    if (state == CONNECTION_DRAINING && all->draining)
        subscriptions_end(&connection->asker, ERROR_UNAVAILABLE,
                          "The daemon is about to stop; subscribe again from the cursor");
    else
        subscriptions_forget(&connection->asker);
    if (state != CONNECTION_DEAD)
        return;
    bufferevent_disable(connection->stream, EV_WRITE);
    bufferevent_setcb(connection->stream, NULL, NULL, NULL, NULL);
    dispatch_leave(&connection->asker);
    if (connection->is_due)
        TAILQ_REMOVE(&all->to_write, connection, due);
    connection->is_due = false;
    TAILQ_REMOVE(&all->open, connection, link);
    TAILQ_INSERT_TAIL(&all->dead, connection, link);
    all->count--;
    all->full = false;
    event_active(all->reap, EV_TIMEOUT, 0);
}

static bool
connection_reads(const struct connection *connection)
{
    return connection->state == CONNECTION_OPEN || connection->state == CONNECTION_ENDED;
}

/* Whether another request may be taken in, by what is in flight and by what waits to be written. */
static bool
connection_has_room(const struct connection *connection)
{
    const struct limits *limits = connection->all->limits;

    return !connection->asker.waiting && connection->asker.in_flight < limits->requests_in_flight &&
           evbuffer_get_length(connection->asker.output) < limits->output_bytes;
}

/* Hands the value at the beginning of the input to dispatch, and drops it from the input. */
static void
connection_take(struct connection *connection, struct evbuffer *input, size_t size)
{
    const char *text = (const char *)evbuffer_pullup(input, (ev_ssize_t)size);

    if (text == NULL) {
        connection->asker.broken = true;
        return;
    }
    connection->asked_ms = gate_now_ms();
    dispatch_text(connection->all->dispatch, &connection->asker, text, size);
    if (connection->asker.secret)
        OPENSSL_cleanse((char *)text, size);
    connection->asker.secret = false;
    evbuffer_drain(input, size);
    connection->scanned = 0;
}

static void
connection_report(struct connection *connection, enum frame_status status)
{
    const struct limits *limits = connection->all->limits;
    struct asker *asker = &connection->asker;
    char sentence[160];

    switch (status) {
    case FRAME_TOO_LONG:
        snprintf(sentence, sizeof sentence,
                 "A JSON text may have %zu bytes at most; it was dropped", limits->request_bytes);
        dispatch_refuse(asker, ERROR_LIMIT_EXCEEDED, sentence, "a shorter text");
        break;
    case FRAME_TOO_DEEP:
        snprintf(sentence, sizeof sentence,
                 "A JSON text may be nested %d levels deep at most; it was dropped",
                 limits->request_depth);
        dispatch_refuse(asker, ERROR_LIMIT_EXCEEDED, sentence, "fewer levels");
        break;
    default:
        dispatch_refuse(asker, ERROR_PARSE,
                        "What was sent is no JSON text; reading goes on after the next newline",
                        "JSON as RFC 8259 defines it, without a newline in a string");
        break;
    }
}

/* Looks at the next piece of input that the frame has not seen. Returns false when there is none.
 */
static bool
connection_scan(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    struct frame *frame = &connection->frame;
    struct evbuffer_iovec piece;
    struct evbuffer_ptr at;
    enum frame_status status;
    size_t used = 0;

    if (connection->scanned >= evbuffer_get_length(input) ||
        evbuffer_ptr_set(input, &at, connection->scanned, EVBUFFER_PTR_SET) != 0 ||
        evbuffer_peek(input, -1, &at, &piece, 1) < 1 || piece.iov_len == 0)
        return false;
    status = frame_feed(frame, piece.iov_base, piece.iov_len, &used);
    connection->scanned += used;
    /* What is between values or was condemned need not wait for the end of anything. */
    evbuffer_drain(input, connection->scanned - frame->length);
    connection->scanned = frame->length;
    if (status == FRAME_VALUE)
        connection_take(connection, input, frame->length);
    else if (status != FRAME_MORE)
        connection_report(connection, status);
    return true;
}

/* The peer has sent everything, and all of it has been scanned. */
static void
connection_finish(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    enum frame_status status = frame_end(&connection->frame);

    if (status == FRAME_VALUE)
        connection_take(connection, input, connection->frame.length);
    else if (status != FRAME_MORE)
        connection_report(connection, status);
    connection_move(connection, CONNECTION_DRAINING);
}

/* Does what the connection's state, its input and its room ask for. Called after each of them may
 * have changed. */
static void
connection_turn(struct connection *connection)
{
    struct asker *asker = &connection->asker;
    bool more = true;

    if (connection->turning || connection->state == CONNECTION_DEAD)
        return;
    connection->turning = true;
    while (more && !asker->broken && connection_reads(connection) &&
           connection_has_room(connection))
        more = connection_scan(connection);
    if (!more && !asker->broken && connection->state == CONNECTION_ENDED)
        connection_finish(connection);
    connection->turning = false;

    if (asker->broken)
        log_write(LOG_ERR, "memory ran out in the middle of an answer; its connection is closed");
    if (asker->broken || (connection->state == CONNECTION_DRAINING && asker->in_flight == 0 &&
                          evbuffer_get_length(asker->output) == 0)) {
        connection_move(connection, CONNECTION_DEAD);
        return;
    }
    if (connection->state != CONNECTION_OPEN)
        return;
    connection_listen(connection, connection_has_room(connection));
}

static void
on_answered(struct asker *asker)
{
    connection_turn((struct connection *)((char *)asker - offsetof(struct connection, asker)));
}

/* Output is written at the end of the loop turn, all of a turn at once: the bufferevent would ask the kernel whether it may
 * write, and then take that back, for each answer. It is left what the socket does not take at once; and all with TLS, which
 * has its own order of reading and writing. */
static void
on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *context)
{
    struct connection *connection = context;

    (void)output;
    if (info->n_added == 0 || connection->is_due || connection->state == CONNECTION_DEAD ||
        bufferevent_get_enabled(connection->stream) & EV_WRITE)
        return;
    connection->is_due = true;
    TAILQ_INSERT_TAIL(&connection->all->to_write, connection, due);
    event_active(connection->all->write, EV_TIMEOUT, 0);
}

static void
connection_write(struct connection *connection)
{
    struct evbuffer *output = connection->asker.output;
    bool failed;

    evbuffer_unfreeze(output, 1); /* which the bufferevent keeps so but while it writes */
    failed = evbuffer_write(output, bufferevent_getfd(connection->stream)) < 0 && errno != EAGAIN && errno != EINTR;
    evbuffer_freeze(output, 1);
    if (failed) {
        connection_move(connection, CONNECTION_DEAD);
        return;
    }
    if (evbuffer_get_length(output) > 0)
        bufferevent_enable(connection->stream, EV_WRITE);
    if (evbuffer_get_length(output) > connection->all->limits->output_bytes / 2)
        return;
    subscriptions_drained(&connection->asker);
    connection_turn(connection);
}

static void
on_write(evutil_socket_t fd, short events, void *context)
{
    struct connections *all = context;
    struct connection *connection;

    (void)fd;
    (void)events;
    while ((connection = TAILQ_FIRST(&all->to_write)) != NULL) {
        TAILQ_REMOVE(&all->to_write, connection, due);
        connection->is_due = false;
        connection_write(connection);
    }
}

/* Reads once into the end of the input. Returns what recv does, and in *full whether there may be more. */
static ssize_t
read_once(struct connection *connection, struct evbuffer *input, size_t size, bool *full)
{
    struct evbuffer_iovec space;
    ssize_t got = -1;

    *full = false;
    if (evbuffer_reserve_space(input, (ev_ssize_t)size, &space, 1) != 1) {
        connection->asker.broken = true;
        errno = EAGAIN;
        return -1;
    }
    if (space.iov_len > size)
        space.iov_len = size;
    got = recv(event_get_fd(connection->readable), space.iov_base, space.iov_len, 0);
    *full = got > 0 && (size_t)got == space.iov_len;
    space.iov_len = got > 0 ? (size_t)got : 0;
    if (evbuffer_commit_space(input, &space, 1) != 0)
        connection->asker.broken = true;
    return got;
}

static void
on_readable(evutil_socket_t fd, short events, void *context)
{
    struct connection *connection = context;
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    bool full;
    ssize_t got = read_once(connection, input, READ_BYTES, &full);

    (void)fd;
    (void)events;
    if (full)
        got = read_once(connection, input, READ_MORE_BYTES, &full);
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
        connection_move(connection, CONNECTION_DEAD);
        return;
    }
    if (got == 0 && connection->state == CONNECTION_OPEN)
        connection_move(connection, CONNECTION_ENDED);
    connection_turn(connection);
}

/* Something was read, or enough was written. */
static void
on_progress(struct bufferevent *stream, void *context)
{
    struct connection *connection = context;

    if (connection->ssl == NULL && evbuffer_get_length(connection->asker.output) == 0)
        bufferevent_disable(stream, EV_WRITE);
    subscriptions_drained(&connection->asker);
    connection_turn(connection);
}

/* Hands have been shaken: who showed a certificate is signed in by it before anything is read. */
static void
connection_secured(struct connection *connection)
{
    char *names = tls_names(connection->ssl);

    connection->shaking = false;
    if (names != NULL)
        dispatch_certificate(connection->all->dispatch, &connection->asker, names);
    free(names);
    connection_turn(connection);
}

static void
report_handshake(struct connection *connection)
{
    unsigned long code = bufferevent_get_openssl_error(connection->stream);
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    log_write(LOG_WARNING, "a TLS handshake failed address=%s reason=\"%s\"", connection->asker.address,
              reason != NULL ? reason : "the other side went away");
}

static void
on_event(struct bufferevent *stream, short events, void *context)
{
    struct connection *connection = context;

    if (connection->state == CONNECTION_DEAD)
        return;
    if (events & BEV_EVENT_CONNECTED) {
        connection_secured(connection);
        return;
    }
    if (connection->shaking && events & (BEV_EVENT_ERROR | BEV_EVENT_EOF))
        report_handshake(connection);
    if (events & BEV_EVENT_EOF && events & BEV_EVENT_READING &&
        connection->state == CONNECTION_OPEN) {
        connection_move(connection, CONNECTION_ENDED);
        if (connection->ssl != NULL) /* which has stopped both ways, though one is still open */
            bufferevent_enable(stream, EV_WRITE);
        connection_turn(connection);
        return;
    }
    if (events & BEV_EVENT_TIMEOUT)
        log_write(LOG_NOTICE, "a reader took nothing for too long and is cut off");
    if (events & (BEV_EVENT_TIMEOUT | BEV_EVENT_ERROR | BEV_EVENT_EOF))
        connection_move(connection, CONNECTION_DEAD);
}

static void
on_reap(evutil_socket_t fd, short events, void *context)
{
    struct connections *all = context;
    struct connection *connection;
    void (*empty)(void *) = all->empty;

    (void)fd;
    (void)events;
    while ((connection = TAILQ_FIRST(&all->dead)) != NULL) {
        TAILQ_REMOVE(&all->dead, connection, link);
        if (connection->ssl != NULL && !connection->shaking) {
            /* Says that this is the end, so that nobody takes a cut for it; what the other side says is not waited for. */
            SSL_set_shutdown(connection->ssl, SSL_get_shutdown(connection->ssl) | SSL_RECEIVED_SHUTDOWN);
            SSL_shutdown(connection->ssl);
            ERR_clear_error();
        }
        if (connection->readable != NULL)
            event_free(connection->readable);
        bufferevent_free(connection->stream);
        free(connection);
    }
    if (all->draining && all->count == 0 && empty != NULL) {
        all->empty = NULL;
        empty(all->context);
    }
}

/* Who neither signs in nor asks anything must not keep a place from those who do. */
static void
on_sweep(evutil_socket_t fd, short events, void *context)
{
    struct connections *all = context;
    const struct limits *limits = all->limits;
    int64_t now_ms = gate_now_ms();
    struct connection *connection, *next;
    int pause_ms = limits->stranger_idle_ms / SWEEPS;
    struct timeval pause;

    (void)fd;
    (void)events;
    for (connection = TAILQ_FIRST(&all->open); connection != NULL; connection = next) {
        int64_t idle_ms = now_ms - connection->asked_ms;
        bool idle = connection->asker.who.role == ROLE_STRANGER && connection->asker.in_flight == 0 &&
                    evbuffer_get_length(connection->asker.output) == 0 && idle_ms >= limits->stranger_idle_ms;

        next = TAILQ_NEXT(connection, link);
        if (!idle && !(connection->shaking && idle_ms >= limits->handshake_ms))
            continue;
        log_write(LOG_INFO, "a stranger asks nothing and is cut off address=%s", connection->asker.address);
        connection_move(connection, CONNECTION_DEAD);
    }
    if (pause_ms > limits->handshake_ms / SWEEPS)
        pause_ms = limits->handshake_ms / SWEEPS;
    if (pause_ms > SWEEP_MAX_MS)
        pause_ms = SWEEP_MAX_MS;
    pause = (struct timeval){pause_ms / MS_PER_SECOND, pause_ms % MS_PER_SECOND * US_PER_MS};
    if (pause_ms > 0)
        evtimer_add(all->sweep, &pause);
}

struct connections *
connections_new(struct event_base *base, const struct limits *limits, struct dispatch *dispatch,
                const struct principals *principals)
{
    struct connections *all = calloc(1, sizeof *all);

    if (all == NULL)
        return NULL;
    all->base = base;
    all->limits = limits;
    all->dispatch = dispatch;
    all->principals = principals;
    TAILQ_INIT(&all->open);
    TAILQ_INIT(&all->dead);
    TAILQ_INIT(&all->to_write);
    all->reap = evtimer_new(base, on_reap, all);
    all->sweep = evtimer_new(base, on_sweep, all);
    all->write = event_new(base, -1, 0, on_write, all);
    if (all->reap == NULL || all->sweep == NULL || all->write == NULL) {
        connections_free(all);
        return NULL;
    }
    if (limits->stranger_idle_ms > 0)
        on_sweep(-1, 0, all);
    return all;
}

void
connections_trust(struct connections *all, const struct principals *principals)
{
    struct connection *connection;

    all->principals = principals;
    TAILQ_FOREACH(connection, &all->open, link)
    {
        struct asker *asker = &connection->asker;
        struct principal peer;

        if (connection->ssl != NULL)
            continue;
        peer = principal_of_peer(principals, bufferevent_getfd(connection->stream));
        if (peer.role == asker->peer.role && strcmp(peer.id, asker->peer.id) == 0)
            continue;
        if (asker->who.token[0] == '\0') {
            subscriptions_end(asker, ERROR_UNAUTHENTICATED, "The configuration says something else of the caller than before");
            asker->who = peer;
        }
        asker->peer = peer;
    }
}

/* Tells a newcomer why it is turned away, in one line and without allocating anything for it. */
static void
turn_away(int fd, int code, const char *sentence)
{
    char trace[ANSWER_TRACE_SIZE], line[REFUSAL_SIZE], unread[REFUSAL_SIZE];
    int size;

    answer_trace(trace);
    size = snprintf(line, sizeof line,
                    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":%d,\"message\":\"%s\","
                    "\"data\":{\"name\":\"%s\",\"trace\":\"%s\"}}}\n",
                    code, sentence, error_name(code), trace);
    /* Closing TCP with bytes unread resets the connection, and the line might never be seen. Who
     * sends more than a few is not waited for. */
    for (int i = 0; i < REFUSAL_READS; i++)
        if (recv(fd, unread, sizeof unread, MSG_DONTWAIT) < (ssize_t)sizeof unread)
            break;
    if (send(fd, line, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        log_write(LOG_DEBUG, "a newcomer could not be told why it was turned away");
    close(fd);
}

/* Strangers may not take the last places: somebody has to be able to come in and see what goes on. */
static int
places(const struct connections *all, const struct principal *who)
{
    int reserved = all->limits->connections_reserved;

    if (reserved > all->limits->connections / 2)
        reserved = all->limits->connections / 2;
    return all->limits->connections - (who->trusted ? 0 : reserved);
}

static bool
has_place(struct connections *all, int fd, const struct principal *who)
{
    char sentence[128];

    if (all->draining) {
        turn_away(fd, ERROR_UNAVAILABLE, "The daemon is about to stop; try again later");
        return false;
    }
    if (all->count < places(all, who))
        return true;
    if (!all->full)
        log_write(LOG_WARNING, "newcomers are turned away connections=%d", all->count);
    all->full = true;
    snprintf(sentence, sizeof sentence, "The daemon has its %d connections; try again later",
             all->limits->connections);
    turn_away(fd, ERROR_LIMIT_EXCEEDED, sentence);
    return false;
}

static struct bufferevent *
stream_new(struct connections *all, int fd, SSL *ssl)
{
    if (ssl == NULL)
        return bufferevent_socket_new(all->base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_openssl_socket_new(all->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

/* Takes a newcomer in. Returns 0, or -1 when it could not be, and then fd is closed and ssl is not. */
static int
take_in(struct connections *all, int fd, SSL *ssl)
{
    const struct timeval stall = {all->limits->output_stall_ms / MS_PER_SECOND,
                                  all->limits->output_stall_ms % MS_PER_SECOND * US_PER_MS};
    struct principal who = principal_of_peer(all->principals, fd);
    struct connection *connection;

    if (!has_place(all, fd, &who))
        return -1;
    connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        goto fail;
    connection->stream = stream_new(all, fd, ssl);
    if (connection->stream == NULL)
        goto fail;
    if (ssl == NULL) {
        connection->readable = event_new(all->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
        if (connection->readable == NULL)
            goto fail;
        evbuffer_unfreeze(bufferevent_get_input(connection->stream), 0); /* for good, since the bufferevent never reads */
    }
    connection->all = all;
    connection->ssl = ssl;
    connection->shaking = ssl != NULL;
    connection->asked_ms = gate_now_ms();
    frame_init(&connection->frame, all->limits->request_bytes, all->limits->request_depth);
    asker_init(&connection->asker, who, bufferevent_get_output(connection->stream), on_answered);
    principal_address(fd, connection->asker.address);
    TAILQ_INSERT_TAIL(&all->open, connection, link);
    all->count++;
    bufferevent_setcb(connection->stream, on_progress, on_progress, on_event, connection);
    bufferevent_set_timeouts(connection->stream, NULL, &stall);
    /* Reading goes on again at half of what stopped it, so that it does not stop and go with each
     * write. */
    bufferevent_setwatermark(connection->stream, EV_WRITE, all->limits->output_bytes / 2, 0);
    bufferevent_enable(connection->stream, EV_WRITE);
    connection_listen(connection, true);
    if (ssl == NULL) {
        bufferevent_disable(connection->stream, EV_WRITE);
        if (evbuffer_add_cb(connection->asker.output, on_output, connection) == NULL)
            connection->asker.broken = true;
    }
    return 0;
fail:
    log_write(LOG_ERR, "memory ran out for another connection");
    if (connection != NULL && connection->stream != NULL)
        bufferevent_free(connection->stream); /* and its socket */
    else
        close(fd);
    free(connection);
    return -1;
}

void
connections_accept(struct connections *all, int fd)
{
    take_in(all, fd, NULL);
}

void
connections_accept_tls(struct connections *all, int fd, SSL *ssl)
{
    if (ssl == NULL) {
        log_write(LOG_ERR, "memory ran out for another connection");
        close(fd);
    } else if (take_in(all, fd, ssl) != 0) {
        SSL_free(ssl);
    }
}

int
connections_sign_out(struct connections *all, const char *id)
{
    struct connection *connection;
    int count = 0;

    TAILQ_FOREACH(connection, &all->open, link)
    {
        struct asker *asker = &connection->asker;

        if (strcmp(asker->peer.id, id) == 0 && !asker->peer.trusted)
            asker->peer = (struct principal){.role = ROLE_STRANGER, .ended = true};
        if (asker->who.trusted || (strcmp(asker->who.id, id) != 0 && strcmp(asker->who.token, id) != 0))
            continue;
        subscriptions_end(asker, ERROR_UNAUTHENTICATED, "The sign-in has ended");
        /* Not whoever the socket says: that may be somebody who may do more. */
        asker->who = (struct principal){.role = ROLE_STRANGER, .ended = true};
        connection->asked_ms = gate_now_ms();
        count++;
    }
    return count;
}

int
connections_count(const struct connections *all)
{
    return all->count;
}

void
connections_drain(struct connections *all, void (*empty)(void *context), void *context)
{
    struct connection *connection, *next;

    all->draining = true;
    all->empty = empty;
    all->context = context;
    for (connection = TAILQ_FIRST(&all->open); connection != NULL; connection = next) {
        next = TAILQ_NEXT(connection, link);
        if (connection->state != CONNECTION_DRAINING)
            connection_move(connection, CONNECTION_DRAINING);
        connection_turn(connection);
    }
    event_active(all->reap, EV_TIMEOUT, 0);
}

void
connections_free(struct connections *all)
{
    struct connection *connection;

    if (all == NULL)
        return;
    all->empty = NULL;
    while ((connection = TAILQ_FIRST(&all->open)) != NULL)
        connection_move(connection, CONNECTION_DEAD);
    if (all->reap != NULL) {
        on_reap(-1, 0, all);
        event_free(all->reap);
    }
    if (all->sweep != NULL)
        event_free(all->sweep);
    if (all->write != NULL)
        event_free(all->write);
    free(all);
}
