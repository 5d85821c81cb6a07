/* SPDX-License-Identifier: Apache-2.0 */
#include "store/notify.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "log.h"
#include "store/connector.h"
#include "store/conninfo.h"
#include "store/request.h"

enum {
    /* Writes that come within this time are one pass. */
    GATHER_MS = 50,
    /* A change within this time before a step: the writers go on. Shorter than the time for gathering, so that a single write is
     * followed by a whole pass. */
    BUSY_MS = 25,
    /* A step does at most 10000 of its things, but a transaction is sealed whole: an import has one, of a million events. */
    STEP_TIMEOUT_MS = 3600000,
    /* The partitions of idempotency keys come and go by the day. */
    TEND_MS = 3600000,
};

enum notify_state {
    NOTIFY_DOWN,    /* not connected */
    NOTIFY_LISTENS, /* LISTEN is on its way */
    NOTIFY_TENDS,   /* a step of the pass is on its way */
    NOTIFY_WAITS,   /* for a notification, or for the timer where one is set */
};

/* What a pass does, in this order: each a transaction of its own, so that none holds the locks of another, and one that
 * fails does not keep the others from their work. Each answers {"done": how many, "left": how many it saw remain}.
 *
 * Subscribers wait for the seal. For the others nobody waits, since readers add what is not folded: they are put off until
 * the writers pause, whom they would take the processors from, or until the longest pause between two folds is over. */
static const struct step {
    const char *sql;
    const char *things;
    const char *doing;
    bool waits;
} steps[] = {
    {"select api.seal(p_limit => 10000)", "events", "sealed", false},
    {"select api.fold(p_limit => 10000)", "supply changes", "folded", true},
    /* Few at a time: who writes of one of these people meanwhile waits for the transaction. */
    {"select api.show(p_limit => 200)", "cards of people", "made", true},
    {"select api.tend()", "partitions of idempotency keys", "tended", true},
    {"select api.scrub()", "tables that held erased people", "cleared", true},
};

enum { STEPS = sizeof steps / sizeof *steps };

struct notify {
    struct event_base *base;
    const struct config *conf;
    char *conninfo;
    enum notify_state state;
    struct connector *connector;
    PGconn *conn;
    PGresult *result; /* what has come of an answer whose end has not */
    struct event *readable, *writable;
    struct event *timer;        /* the next pass */
    size_t step;                /* the step that is on its way */
    bool soon;                  /* the timer is set for a change, not for the clock */
    bool changed;               /* a change came while a pass went on */
    bool progress;              /* a step of this pass has done something and has something left */
    bool left;                  /* a step of this pass has something left, or has failed */
    bool put_off;               /* a step of this pass waits for the writers to pause */
    int64_t changed_ms;         /* when the last change came */
    int64_t whole_ms;           /* when a pass last did all steps and left nothing */
    bool reported;              /* this outage has been said */
    void (*sealed)(int64_t position, void *context); /* NULL: nobody wants to know */
    void *sealed_context;
    bool step_reported[STEPS];  /* this failure of the step has been said */
};

static void
pass_after(struct notify *notify, int delay_ms)
{
    struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

    notify->state = NOTIFY_WAITS;
    notify->soon = delay_ms <= GATHER_MS;
    event_add(notify->timer, &delay);
}

static void
outage_report(struct notify *notify, const char *message)
{
    char *reason = conninfo_reason(message);

    log_write(notify->reported ? LOG_DEBUG : LOG_WARNING, "listener has no database connection reason=\"%s\"",
              reason != NULL ? reason : "out of memory");
    notify->reported = true;
    free(reason);
}

static void
disconnect(struct notify *notify)
{
    if (notify->readable != NULL)
        event_free(notify->readable);
    if (notify->writable != NULL)
        event_free(notify->writable);
    notify->readable = notify->writable = NULL;
    if (notify->timer != NULL)
        event_del(notify->timer);
    PQclear(notify->result);
    notify->result = NULL;
    PQfinish(notify->conn);
    notify->conn = NULL;
    notify->state = NOTIFY_DOWN;
}

static void
go_down(struct notify *notify)
{
    outage_report(notify, PQerrorMessage(notify->conn));
    disconnect(notify);
    connector_start(notify->connector);
}

static void
flush(struct notify *notify)
{
    int left = PQflush(notify->conn);

    if (left < 0)
        go_down(notify);
    else if (left > 0)
        event_add(notify->writable, NULL);
}

static void
send_query(struct notify *notify, const char *sql, enum notify_state state)
{
    notify->state = state;
    if (PQsendQuery(notify->conn, sql))
        flush(notify);
    else
        go_down(notify);
}

static void
step_begin(struct notify *notify, size_t step)
{
    notify->step = step;
    send_query(notify, steps[step].sql, NOTIFY_TENDS);
}

static void
pass_begin(struct notify *notify)
{
    notify->changed = notify->progress = notify->left = notify->put_off = false;
    step_begin(notify, 0);
}

static void
pass_finish(struct notify *notify)
{
    if (!notify->put_off && !notify->progress)
        notify->whole_ms = request_clock_ms();
    if (notify->changed || notify->progress || notify->put_off)
        pass_after(notify, GATHER_MS);
    else if (notify->left)
        /* Another daemon is at it, or a step has failed. */
        pass_after(notify, notify->conf->fold_interval_ms);
    else
        pass_after(notify, TEND_MS);
}

/* Whether the step is put off: the writers go on, and the longest pause is not over. */
static bool
step_waits(const struct notify *notify, size_t step)
{
    int64_t now_ms = request_clock_ms();

    return steps[step].waits && now_ms - notify->changed_ms < BUSY_MS &&
           now_ms - notify->whole_ms < notify->conf->fold_interval_ms;
}

/* Goes on with this step, or with the end of the pass. */
static void
pass_go_on(struct notify *notify, size_t step)
{
    /* Those that wait stand last. */
    if (step < STEPS && step_waits(notify, step)) {
        notify->put_off = true;
        step = STEPS;
    }
    if (step < STEPS)
        step_begin(notify, step);
    else
        pass_finish(notify);
}

static void
step_fail(struct notify *notify, const PGresult *result)
{
    const struct step *step = &steps[notify->step];
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE),
               *reason = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    log_write(notify->step_reported[notify->step] ? LOG_DEBUG : LOG_ERR,
              "%s cannot be %s and will be tried again sqlstate=%s reason=\"%s\"", step->things, step->doing,
              sqlstate != NULL ? sqlstate : "", reason != NULL ? reason : "");
    notify->step_reported[notify->step] = true;
    notify->left = true;
}

static void
step_succeed(struct notify *notify, const PGresult *result)
{
    const struct step *step = &steps[notify->step];
    json_t *answer = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
    json_int_t done = json_integer_value(json_object_get(answer, "done")),
               left = json_integer_value(json_object_get(answer, "left"));

    json_decref(answer);
    if (notify->step_reported[notify->step])
        log_write(LOG_NOTICE, "%s are %s again", step->things, step->doing);
    notify->step_reported[notify->step] = false;
    if (done > 0)
        log_write(LOG_DEBUG, "%s %s=%lld left=%lld", step->things, step->doing, (long long)done, (long long)left);
    notify->left |= left > 0;
    notify->progress |= left > 0 && done > 0;
}

static void
step_finish(struct notify *notify, const PGresult *result)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
        step_succeed(notify, result);
    else
        step_fail(notify, result);
    pass_go_on(notify, notify->step + 1);
}

static void
tell_sealed(const struct notify *notify, int64_t position)
{
    if (notify->sealed != NULL)
        notify->sealed(position, notify->sealed_context);
}

static void
listen_finish(struct notify *notify, const PGresult *result)
{
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        go_down(notify);
        return;
    }
    connector_good(notify->connector);
    notify->reported = false;
    tell_sealed(notify, -1);
    pass_after(notify, 0); /* what came while nobody listened */
}

/* PostgreSQL sends an error ahead of the end of its answer, so that the two may come by different reads: what has come is
 * kept until the end is there. */
static void
results_read(struct notify *notify)
{
    PGresult *last = NULL;

    while (!PQisBusy(notify->conn)) {
        PGresult *result = PQgetResult(notify->conn);

        if (result != NULL) {
            PQclear(notify->result);
            notify->result = result;
            continue;
        }
        last = notify->result;
        notify->result = NULL;
        if (last == NULL || PQstatus(notify->conn) == CONNECTION_BAD)
            break;
        if (notify->state == NOTIFY_LISTENS)
            listen_finish(notify, last);
        else if (notify->state == NOTIFY_TENDS)
            step_finish(notify, last);
        break;
    }
    PQclear(last);
}

void
notify_wake(void *context)
{
    struct notify *notify = context;

    notify->changed_ms = request_clock_ms();
    if (notify->state != NOTIFY_WAITS)
        notify->changed = true; /* where there is no connection, the pass at the next one's start sees it */
    else if (!notify->soon)
        pass_after(notify, GATHER_MS);
}

static void
notifications_read(struct notify *notify)
{
    PGnotify *notification;
    int64_t position = -1; /* of several only the last matters */

    while ((notification = PQnotifies(notify->conn)) != NULL) {
        if (strcmp(notification->relname, "jinzai_event") == 0)
            position = strtoll(notification->extra, NULL, 10);
        else
            notify_wake(notify);
        PQfreemem(notification);
    }
    if (position >= 0)
        tell_sealed(notify, position);
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
    struct notify *notify = context;

    (void)fd;
    (void)what;
    if (PQconsumeInput(notify->conn) && (notify->state == NOTIFY_LISTENS || notify->state == NOTIFY_TENDS))
        results_read(notify);
    if (notify->conn == NULL)
        return; /* it went down while reading */
    if (PQstatus(notify->conn) == CONNECTION_BAD)
        go_down(notify);
    else
        notifications_read(notify);
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
    struct notify *notify = context;

    (void)fd;
    (void)what;
    if (notify->state == NOTIFY_WAITS)
        pass_begin(notify);
}

static char *
next_conninfo(void *context)
{
    const struct notify *notify = context;
    char options[256];

    snprintf(options, sizeof(options), CONNINFO_SESSION " -c statement_timeout=%d", STEP_TIMEOUT_MS);
    return conninfo_extend(notify->conninfo, "jinzaid listener", options);
}

static void
on_failed(const char *reason, void *context)
{
    outage_report(context, reason);
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
    struct notify *notify = context;

    notify->conn = conn;
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    notify->readable = event_new(notify->base, PQsocket(conn), EV_READ | EV_PERSIST, on_readable, notify);
    notify->writable = event_new(notify->base, PQsocket(conn), EV_WRITE, on_writable, notify);
    if (notify->readable == NULL || notify->writable == NULL || event_add(notify->readable, NULL) != 0)
        go_down(notify);
    else
        send_query(notify, "listen jinzai_change; listen jinzai_event", NOTIFY_LISTENS);
}

static const struct connector_calls calls = {
    .conninfo = next_conninfo, .connected = on_connected, .failed = on_failed};

struct notify *
notify_open(struct event_base *base, const struct config *conf, const char *conninfo)
{
    struct notify *notify = calloc(1, sizeof(*notify));

    if (notify == NULL)
        return NULL;
    notify->base = base;
    notify->conf = conf;
    notify->conninfo = strdup(conninfo);
    notify->timer = evtimer_new(base, on_timer, notify);
    notify->connector = connector_new(base, conf, &calls, notify);
    if (notify->conninfo == NULL || notify->timer == NULL || notify->connector == NULL) {
        notify_close(notify);
        return NULL;
    }
    connector_start(notify->connector);
    return notify;
}

void
notify_watch(struct notify *notify, void (*sealed)(int64_t position, void *context), void *context)
{
    notify->sealed = sealed;
    notify->sealed_context = context;
}

void
notify_close(struct notify *notify)
{
    if (notify == NULL)
        return;
    connector_free(notify->connector);
    disconnect(notify);
    if (notify->timer != NULL)
        event_free(notify->timer);
    free(notify->conninfo);
    free(notify);
}
