/* SPDX-License-Identifier: Apache-2.0 */
#include "store/connector.h"

#include <stdlib.h>
#include <string.h>

#include "store/conninfo.h"

/* One attempt, from the first packet to an accepted login. libpq keeps connect_timeout in its blocking calls only. */
enum { CONNECT_TIMEOUT_MS = 10000 };

struct connector {
    struct event_base *base;
    const struct config *conf;
    const struct connector_calls *calls;
    void *context;
    PGconn *conn;              /* while an attempt goes on */
    struct event *socket;      /* libpq may change its socket between two polls, and so it is made anew for each */
    struct event *timer;       /* the pause, or the time left for an attempt */
    int attempt;               /* since the last good connection */
};

int
connector_pause_ms(int attempt, int first_ms, int max_ms, unsigned random)
{
    int pause = first_ms;

    if (attempt <= 0)
        return 0;
    while (--attempt > 0 && pause < max_ms)
        pause = pause > max_ms / 2 ? max_ms : pause * 2;
    if (pause > max_ms)
        pause = max_ms;
    return pause - (int)(random % (unsigned)(pause / 2 + 1));
}

static void
timer_set(struct connector *connector, int delay_ms)
{
    struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

    event_add(connector->timer, &delay);
}

static void
socket_forget(struct connector *connector)
{
    if (connector->socket != NULL)
        event_free(connector->socket);
    connector->socket = NULL;
}

static void
attempt_fail(struct connector *connector, const char *message)
{
    char *reason = conninfo_reason(message);

    socket_forget(connector);
    PQfinish(connector->conn);
    connector->conn = NULL;
    connector_start(connector);
    connector->calls->failed(reason != NULL ? reason : "out of memory", connector->context);
    free(reason);
}

static void
attempt_succeed(struct connector *connector)
{
    PGconn *conn = connector->conn;

    if (PQsetnonblocking(conn, 1) != 0) {
        attempt_fail(connector, PQerrorMessage(conn));
        return;
    }
    socket_forget(connector);
    event_del(connector->timer);
    connector->conn = NULL;
    connector->calls->connected(conn, connector->context);
}

static void on_socket(evutil_socket_t fd, short what, void *context);

static void
socket_wait(struct connector *connector, short what)
{
    socket_forget(connector);
    connector->socket = event_new(connector->base, PQsocket(connector->conn), what, on_socket, connector);
    if (connector->socket == NULL || event_add(connector->socket, NULL) != 0)
        attempt_fail(connector, "out of memory");
}

static void
on_socket(evutil_socket_t fd, short what, void *context)
{
    struct connector *connector = context;

    (void)fd;
    (void)what;
    switch (PQconnectPoll(connector->conn)) {
    case PGRES_POLLING_READING:
        socket_wait(connector, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        socket_wait(connector, EV_WRITE);
        break;
    case PGRES_POLLING_OK:
        attempt_succeed(connector);
        break;
    default:
        attempt_fail(connector, PQerrorMessage(connector->conn));
        break;
    }
}

static void
attempt_begin(struct connector *connector)
{
    char *conninfo = connector->calls->conninfo(connector->context);

    connector->conn = conninfo != NULL ? PQconnectStart(conninfo) : NULL;
    free(conninfo);
    if (connector->conn == NULL) {
        attempt_fail(connector, "out of memory");
    } else if (PQstatus(connector->conn) == CONNECTION_BAD) {
        attempt_fail(connector, PQerrorMessage(connector->conn));
    } else {
        timer_set(connector, CONNECT_TIMEOUT_MS);
        socket_wait(connector, EV_WRITE);
    }
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
    struct connector *connector = context;

    (void)fd;
    (void)what;
    if (connector->conn != NULL)
        attempt_fail(connector, "the server did not answer in time");
    else
        attempt_begin(connector);
}

struct connector *
connector_new(struct event_base *base, const struct config *conf, const struct connector_calls *calls, void *context)
{
    struct connector *connector = calloc(1, sizeof(*connector));

    if (connector == NULL)
        return NULL;
    connector->base = base;
    connector->conf = conf;
    connector->calls = calls;
    connector->context = context;
    connector->timer = evtimer_new(base, on_timer, connector);
    if (connector->timer == NULL) {
        free(connector);
        return NULL;
    }
    return connector;
}

void
connector_start(struct connector *connector)
{
    timer_set(connector, connector_pause_ms(connector->attempt, connector->conf->backoff_ms,
                                            connector->conf->backoff_max_ms, arc4random()));
    connector->attempt++;
}

void
connector_good(struct connector *connector)
{
    connector->attempt = 0;
}

void
connector_free(struct connector *connector)
{
    if (connector == NULL)
        return;
    socket_forget(connector);
    event_free(connector->timer);
    PQfinish(connector->conn);
    free(connector);
}
