/* SPDX-License-Identifier: Apache-2.0 */
#include "access/revocation.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "access/gate.h"
#include "log.h"
#include "store/connector.h"
#include "store/conninfo.h"

enum {
    ASK_MS = 2000,     /* the pause between two questions */
    ANSWER_MS = 4000,  /* a connection that is silent for longer is given up */
    PARAMETERS = 1,
};

enum revocation_state {
    REVOCATION_DOWN,    /* not connected */
    REVOCATION_LISTENS, /* LISTEN is on its way */
    REVOCATION_ASKS,    /* api.access_ended is on its way */
    REVOCATION_WAITS,   /* for a notification or the timer */
};

struct revocation {
    struct event_base *base;
    const struct revocation_calls *calls;
    void *context;
    char *conninfo;
    enum revocation_state state;
    struct connector *connector;
    PGconn *conn;
    struct event *readable, *writable, *timer;
    int64_t asked_ms;
    char *since;  /* the database's time of the last answer; NULL before the first */
    json_t *told; /* what the last answer held: it comes again for a minute */
    bool changed; /* a notification came while a question was on its way */
    bool reported;
};

static void
timer_set(struct revocation *revocation, int delay_ms)
{
    struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};

    evtimer_add(revocation->timer, &delay);
}

static void
disconnect(struct revocation *revocation)
{
    if (revocation->readable != NULL)
        event_free(revocation->readable);
    if (revocation->writable != NULL)
        event_free(revocation->writable);
    revocation->readable = revocation->writable = NULL;
    if (revocation->timer != NULL)
        evtimer_del(revocation->timer);
    PQfinish(revocation->conn);
    revocation->conn = NULL;
    revocation->state = REVOCATION_DOWN;
}

static void
go_down(struct revocation *revocation)
{
    log_write(revocation->reported ? LOG_DEBUG : LOG_WARNING,
              "news of sign-ins that have ended cannot be had; tokens will not be trusted for long");
    revocation->reported = true;
    disconnect(revocation);
    connector_start(revocation->connector);
}

static void
flush(struct revocation *revocation)
{
    int left = PQflush(revocation->conn);

    if (left < 0)
        go_down(revocation);
    else if (left > 0)
        event_add(revocation->writable, NULL);
}

static void
ask(struct revocation *revocation)
{
    const char *values[PARAMETERS] = {revocation->since};

    revocation->state = REVOCATION_ASKS;
    revocation->changed = false;
    revocation->asked_ms = gate_now_ms();
    timer_set(revocation, ANSWER_MS);
    if (PQsendQueryParams(revocation->conn, "select api.access_ended(p_since => $1::timestamptz)", PARAMETERS, NULL,
                          values, NULL, NULL, 0))
        flush(revocation);
    else
        go_down(revocation);
}

static void
listen_begin(struct revocation *revocation)
{
    revocation->state = REVOCATION_LISTENS;
    timer_set(revocation, ANSWER_MS);
    if (PQsendQuery(revocation->conn, "listen jinzai_access"))
        flush(revocation);
    else
        go_down(revocation);
}

/* Tells what the answer holds and the one before did not. Returns 0, or -1 for an answer that makes no sense. */
static int
tell(struct revocation *revocation, const char *text)
{
    json_t *answer = json_loads(text, 0, NULL), *ended = json_object_get(answer, "ended"), *id;
    const char *now = json_string_value(json_object_get(answer, "now")), *key;
    char *since = now != NULL ? strdup(now) : NULL;

    if (since == NULL || !json_is_object(ended)) {
        free(since);
        json_decref(answer);
        return -1;
    }
    json_object_foreach(ended, key, id)
        if (json_object_get(revocation->told, key) == NULL && json_is_string(id))
            revocation->calls->ended(json_string_value(id), revocation->context);
    json_decref(revocation->told);
    revocation->told = json_incref(ended);
    json_decref(answer);
    free(revocation->since);
    revocation->since = since;
    revocation->calls->heard(revocation->asked_ms, revocation->context);
    return 0;
}

static void
result_take(struct revocation *revocation, const PGresult *result)
{
    bool listens = revocation->state == REVOCATION_LISTENS;

    if (PQresultStatus(result) != (listens ? PGRES_COMMAND_OK : PGRES_TUPLES_OK) ||
        (!listens && tell(revocation, PQgetvalue(result, 0, 0)) != 0)) {
        go_down(revocation);
        return;
    }
    connector_good(revocation->connector);
    revocation->reported = false;
    if (listens || revocation->changed) {
        ask(revocation);
        return;
    }
    revocation->state = REVOCATION_WAITS;
    timer_set(revocation, ASK_MS);
}

static void
results_read(struct revocation *revocation)
{
    PGresult *last = NULL, *result;

    while (!PQisBusy(revocation->conn)) {
        result = PQgetResult(revocation->conn);
        if (result == NULL)
            break;
        PQclear(last);
        last = result;
    }
    /* Each statement is small enough to arrive whole. */
    if (last != NULL && PQstatus(revocation->conn) != CONNECTION_BAD)
        result_take(revocation, last);
    PQclear(last);
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
    struct revocation *revocation = context;
    PGnotify *notification;

    (void)fd;
    (void)what;
    if (!PQconsumeInput(revocation->conn) || PQstatus(revocation->conn) == CONNECTION_BAD) {
        go_down(revocation);
        return;
    }
    while ((notification = PQnotifies(revocation->conn)) != NULL) {
        PQfreemem(notification);
        revocation->changed = true;
    }
    if (revocation->state != REVOCATION_WAITS)
        results_read(revocation);
    if (revocation->state == REVOCATION_WAITS && revocation->changed)
        ask(revocation);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    flush(context);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
    struct revocation *revocation = context;

    (void)fd;
    (void)what;
    if (revocation->state == REVOCATION_WAITS)
        ask(revocation);
    else if (revocation->state != REVOCATION_DOWN)
        go_down(revocation);
}

static char *
next_conninfo(void *context)
{
    const struct revocation *revocation = context;
    char options[256];

    snprintf(options, sizeof options, CONNINFO_SESSION " -c statement_timeout=%d", ANSWER_MS);
    return conninfo_extend(revocation->conninfo, "jinzaid access", options);
}

static void
on_failed(const char *reason, void *context)
{
    struct revocation *revocation = context;

    (void)reason; /* the pool says it too */
    log_write(revocation->reported ? LOG_DEBUG : LOG_WARNING,
              "news of sign-ins that have ended cannot be had; tokens will not be trusted for long");
    revocation->reported = true;
}

static void
ignore_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static void
on_connected(PGconn *conn, void *context)
{
    struct revocation *revocation = context;

    revocation->conn = conn;
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    revocation->readable = event_new(revocation->base, PQsocket(conn), EV_READ | EV_PERSIST, on_readable, revocation);
    revocation->writable = event_new(revocation->base, PQsocket(conn), EV_WRITE, on_writable, revocation);
    if (revocation->readable == NULL || revocation->writable == NULL || event_add(revocation->readable, NULL) != 0)
        go_down(revocation);
    else
        listen_begin(revocation);
}

static const struct connector_calls calls = {
    .conninfo = next_conninfo, .connected = on_connected, .failed = on_failed};

struct revocation *
revocation_open(struct event_base *base, const struct config *conf, const char *conninfo,
                const struct revocation_calls *told, void *context)
{
    struct revocation *revocation = calloc(1, sizeof *revocation);

    if (revocation == NULL)
        return NULL;
    revocation->base = base;
    revocation->calls = told;
    revocation->context = context;
    revocation->conninfo = strdup(conninfo);
    revocation->timer = evtimer_new(base, on_timer, revocation);
    revocation->connector = connector_new(base, conf, &calls, revocation);
    if (revocation->conninfo == NULL || revocation->timer == NULL || revocation->connector == NULL) {
        revocation_close(revocation);
        return NULL;
    }
    connector_start(revocation->connector);
    return revocation;
}

void
revocation_close(struct revocation *revocation)
{
    if (revocation == NULL)
        return;
    connector_free(revocation->connector);
    disconnect(revocation);
    if (revocation->timer != NULL)
        event_free(revocation->timer);
    json_decref(revocation->told);
    free(revocation->since);
    free(revocation->conninfo);
    free(revocation);
}
