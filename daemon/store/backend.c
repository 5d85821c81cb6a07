/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes commit without waiting for the disk, each in its own transaction, and their answers are held until a barrier has
 * come back that was sent after them on the same connection: a transaction that writes a little and commits as the server
 * is configured to, which puts on disk all that stands before it in the write-ahead log. One barrier is on its way at a
 * time, so that all that is committed meanwhile shares the next. A barrier that does not come back takes the connection
 * down, and what it held is lost: whether it was kept nobody knows, as with any commit that is not heard of.
 */
#include "store/backend.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "store/connector.h"
#include "store/conninfo.h"
#include "store/pipeline.h"

enum {
    /* How much longer than statement_timeout an answer may take before the server is taken for dead. */
    STALL_GRACE_MS = 5000,
    /* A transaction never waits for the client, since a request is one statement: this ends one that does. */
    IDLE_IN_TRANSACTION_MS = 30000,
};

/* Once a session, on connecting: from here on its commits do not wait, and the barrier knows how they would have. */
static const char write_behind[] = "select set_config('jinzai.durable', current_setting('synchronous_commit'), false), "
                                   "set_config('synchronous_commit', 'off', false)";
/* A transaction that wrote nothing would flush nothing, so this writes a message to nobody. */
static const char barrier_sql[] = "select set_config('synchronous_commit', current_setting('jinzai.durable'), true), "
                                  "pg_logical_emit_message(true, 'jinzai', '')";
static const char barrier_name[] = "barrier";

struct backend {
    const struct backend_lane *lane;
    enum backend_state state;
    struct connector *connector;
    PGconn *conn;                   /* NULL while it is down */
    struct event *readable;
    struct event *writable;
    struct event *turn;        /* made active by hand: send, flush, or go down, when the loop comes round */
    struct event *stall;       /* the time left for the oldest group in flight */
    struct pipeline *pipeline; /* while preparing it holds the prepare commands, which have no answer */
    int long_calls;            /* in the pipeline: those of which several cannot be looked up at once */
    struct request_queue held; /* committed, or failed, and waiting for the barrier */
    bool barrier_sent;         /* one is in flight */
    bool barrier_due;          /* something was sent after the last */
    bool broken;               /* to go down in its turn */
    bool prepare_failed;
    bool reported;             /* this outage has been said */
};

const char *
lane_name(enum cost_class cost)
{
    static const char *const names[COST_CLASSES] = {
        [COST_FAST] = "fast", [COST_WRITE] = "write", [COST_SLOW] = "slow", [COST_STREAM] = "stream"};

    return names[cost];
}

static void
state_set(struct backend *backend, enum backend_state state)
{
    assert(state == BACKEND_DOWN || state == backend->state + 1);
    log_write(LOG_DEBUG, "backend changes state lane=%s from=%d to=%d", lane_name(backend->lane->cost),
              backend->state, state);
    backend->state = state;
}

/* A group is answered as one, and so has the time of all its requests. */
static void
stall_watch(struct backend *backend)
{
    int count = pipeline_oldest(backend->pipeline);
    int64_t limit_ms = (int64_t)backend->lane->conf->lane[backend->lane->cost].timeout_ms * count + STALL_GRACE_MS;
    struct timeval limit = {.tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000};

    if (count > 0)
        event_add(backend->stall, &limit);
    else
        event_del(backend->stall);
}

static void
outage_report(struct backend *backend, const char *reason)
{
    log_write(backend->reported ? LOG_DEBUG : LOG_WARNING, "database connection failed lane=%s lost=%d reason=\"%s\"",
              lane_name(backend->lane->cost), backend->state == BACKEND_READY ? backend_in_flight(backend) : 0, reason);
    backend->reported = true;
}

static void
disconnect(struct backend *backend)
{
    /* The events before the connection: they hold its socket, which PQfinish closes and the next open may reuse. */
    if (backend->readable != NULL)
        event_free(backend->readable);
    if (backend->writable != NULL)
        event_free(backend->writable);
    backend->readable = backend->writable = NULL;
    if (backend->stall != NULL)
        event_del(backend->stall);
    backend->barrier_sent = backend->barrier_due = false;
    PQfinish(backend->conn);
    backend->conn = NULL;
}

static void
go_down(struct backend *backend, const char *reason)
{
    struct request_queue lost, unsent;
    struct request *request;

    outage_report(backend, reason);
    disconnect(backend);
    request_queue_init(&lost);
    request_queue_init(&unsent);
    while ((request = request_queue_pop(&backend->held)) != NULL)
        request_queue_push(&lost, request);
    pipeline_leave(backend->pipeline, &lost, &unsent);
    backend->long_calls = 0;
    backend->broken = false;
    state_set(backend, BACKEND_DOWN);
    connector_start(backend->connector);
    request_queue_answer(&lost, REPLY_LOST);
    backend->lane->returned(&unsent, backend->lane->context);
    backend->lane->changed(backend->lane->context);
}

static void
go_down_as_libpq_says(struct backend *backend)
{
    char *reason = conninfo_reason(PQerrorMessage(backend->conn));

    go_down(backend, reason != NULL ? reason : "out of memory");
    free(reason);
}

/* Leaves it to the next turn of the loop, where no caller is in the middle of sending. */
static void
break_later(struct backend *backend)
{
    backend->broken = true;
    event_active(backend->turn, EV_TIMEOUT, 0);
}

static void
flush(struct backend *backend)
{
    int left = PQflush(backend->conn);

    if (left < 0)
        break_later(backend);
    else if (left > 0)
        event_add(backend->writable, NULL);
}

static bool
has_barriers(const struct backend *backend)
{
    return backend->lane->cost == COST_WRITE;
}

/* What was added is sent when the loop comes round, so that what arrives together goes together. */
static void
turn_due(struct backend *backend)
{
    event_active(backend->turn, EV_TIMEOUT, 0);
}

static bool
is_long(const struct backend *backend, const struct request *request)
{
    return backend->lane->statements[request->number].each == NULL;
}

void
backend_send(struct backend *backend, struct request *request)
{
    assert(backend->state == BACKEND_READY && backend_in_flight(backend) < 2 * backend->lane->depth);
    request->shares = backend->lane->cost == COST_FAST && backend->lane->statements[request->number].shares;
    backend->long_calls += is_long(backend, request);
    pipeline_add(backend->pipeline, request);
    backend->barrier_due = has_barriers(backend);
    turn_due(backend);
}

/* Takes over a command of the backend's own that it has sent, if it was. Returns 0, or -1. */
static int
own_sent(struct backend *backend, enum request_kind kind, int sent)
{
    struct request *request = request_new(0, NULL, 0, NULL, NULL);

    if (request == NULL || !sent) {
        free(request);
        return -1;
    }
    request->kind = kind;
    pipeline_sent(backend->pipeline, request);
    turn_due(backend);
    return 0;
}

/* Sends the barrier for what was sent since the last, if that has come back. */
static void
barrier_send(struct backend *backend)
{
    if (!backend->barrier_due || backend->barrier_sent)
        return;
    pipeline_send(backend->pipeline);
    if (backend->broken || pipeline_is_broken(backend->pipeline))
        return; /* a write may not have been sent */
    if (own_sent(backend, REQUEST_BARRIER, PQsendQueryPrepared(backend->conn, barrier_name, 0, NULL, NULL, NULL, 0)) != 0) {
        break_later(backend);
        return;
    }
    backend->barrier_due = false;
    backend->barrier_sent = true;
    pipeline_sync(backend->pipeline);
}

/* Prepares the first that the lane calls, since a server that does not know it is of no use; the others wait until they are
 * called. Where it writes also the barrier, with commits that leave the waiting to it. Returns how many commands it sent, or
 * -1. */
static int
prepare_send(struct backend *backend)
{
    const struct backend_lane *lane = backend->lane;
    size_t number = 0;
    int count = 0;

    while (number < lane->count && lane->statements[number].lane != lane->cost)
        number++;
    if (number < lane->count) {
        if (pipeline_prepare(backend->pipeline, number) != 0)
            return -1;
        count++;
    }
    if (has_barriers(backend)) {
        if (own_sent(backend, REQUEST_SETTING, PQsendPrepare(backend->conn, barrier_name, barrier_sql, 0, NULL)) != 0 ||
            own_sent(backend, REQUEST_SETTING, PQsendQueryParams(backend->conn, write_behind, 0, NULL, NULL, NULL, NULL, 0)) != 0)
            return -1;
        count += 2;
    }
    return count;
}

static void
prepare_finish(struct backend *backend)
{
    if (backend->prepare_failed) {
        go_down(backend, "a statement could not be prepared");
        return;
    }
    state_set(backend, BACKEND_READY);
    connector_good(backend->connector);
    backend->reported = false;
    backend->lane->changed(backend->lane->context);
}

static void
prepare_check(struct backend *backend, const struct request *request)
{
    const PGresult *result = request->result;

    if (PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK)
        return;
    backend->prepare_failed = true;
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
        return; /* another before it */
    log_write(backend->reported ? LOG_DEBUG : LOG_ERR, "statement cannot be prepared lane=%s sqlstate=%s reason=\"%s\" sql=\"%s\"",
              lane_name(backend->lane->cost), PQresultErrorField(result, PG_DIAG_SQLSTATE),
              PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
              request->kind == REQUEST_PREPARE ? backend->lane->statements[request->number].sql : barrier_sql);
}

static void
reply_read(struct reply *reply, PGresult *result, int row, int column)
{
    *reply = (struct reply){.status = REPLY_OK, .result = result};
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        if (PQntuples(result) > row && PQnfields(result) > column && !PQgetisnull(result, row, column)) {
            reply->text = PQgetvalue(result, row, column);
            reply->size = (size_t)PQgetlength(result, row, column);
        }
        return;
    }
    reply->status = REPLY_FAILED;
    reply->sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (reply->sqlstate == NULL)
        reply->sqlstate = "XX000";
    reply->message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    reply->detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    reply->constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

/* The answer of a call that has a result of its own, which may be kept; or of one of several that have one between them. */
static void
request_finish(struct request *request)
{
    struct reply reply;

    reply_read(&reply, request->result, request->row, request->column);
    if (request->calls != 1)
        reply.result = NULL;
    request->result = NULL;
    request_answer(request, &reply);
}

/* The barrier has come back, and with it the disk has what was sent before it. */
static void
barrier_finish(struct backend *backend, struct request *barrier)
{
    struct request_queue safe;
    struct request *request;
    bool good = PQresultStatus(barrier->result) == PGRES_TUPLES_OK;

    PQclear(barrier->result);
    free(barrier);
    if (!good) {
        log_write(LOG_ERR, "the database does not say that it has kept what was written lane=%s held=%d",
                  lane_name(backend->lane->cost), backend->held.count);
        break_later(backend);
        return;
    }
    backend->barrier_sent = false;
    request_queue_init(&safe);
    while ((request = request_queue_pop(&backend->held)) != NULL)
        request_queue_push(&safe, request);
    barrier_send(backend);
    while ((request = request_queue_pop(&safe)) != NULL)
        request_finish(request);
}

static void
on_finished(struct request *request, void *context)
{
    struct backend *backend = context;

    if (request->kind == REQUEST_BARRIER) {
        barrier_finish(backend, request);
    } else if (request->kind != REQUEST_CALL) {
        prepare_check(backend, request);
        PQclear(request->result);
        free(request);
    } else {
        backend->long_calls -= is_long(backend, request);
        if (has_barriers(backend))
            request_queue_push(&backend->held, request);
        else
            request_finish(request);
    }
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
    struct backend *backend = context;

    (void)fd;
    (void)what;
    if (backend->broken)
        return; /* its turn has come already and ends it */
    if (PQconsumeInput(backend->conn)) {
        pipeline_read(backend->pipeline);
        turn_due(backend);
    }
    if (PQstatus(backend->conn) == CONNECTION_BAD) {
        go_down_as_libpq_says(backend);
        return;
    }
    if (backend->state == BACKEND_PREPARING && pipeline_count(backend->pipeline) == 0)
        prepare_finish(backend);
    else
        backend->lane->changed(backend->lane->context);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    flush(context);
}

static void
on_turn(evutil_socket_t fd, short what, void *context)
{
    struct backend *backend = context;

    (void)fd;
    (void)what;
    if (backend->conn == NULL)
        return;
    pipeline_turn(backend->pipeline);
    barrier_send(backend);
    stall_watch(backend);
    if (backend->broken || pipeline_is_broken(backend->pipeline))
        go_down_as_libpq_says(backend);
    else
        flush(backend);
}

static void
on_stall(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    go_down(context, "the server does not answer");
}

static void
on_notice(void *context, const PGresult *notice)
{
    const struct backend *backend = context;
    const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

    log_write(LOG_DEBUG, "database notice lane=%s message=\"%s\"", lane_name(backend->lane->cost),
              message != NULL ? message : "");
}

static char *
next_conninfo(void *context)
{
    const struct backend *backend = context;
    const struct backend_lane *lane = backend->lane;
    char options[256], name[32];

    /* The role keeps a login that may do more, as the owner's, to the functions in schema api. */
    snprintf(options, sizeof(options),
             CONNINFO_SESSION " -c statement_timeout=%d -c idle_in_transaction_session_timeout=%d",
             lane->conf->lane[lane->cost].timeout_ms, IDLE_IN_TRANSACTION_MS);
    snprintf(name, sizeof(name), "jinzaid %s", lane_name(lane->cost));
    return conninfo_extend(lane->conninfo, name, options);
}

static void
on_failed(const char *reason, void *context)
{
    outage_report(context, reason);
}

static void
on_connected(PGconn *conn, void *context)
{
    struct backend *backend = context;
    const struct backend_lane *lane = backend->lane;

    backend->conn = conn;
    backend->prepare_failed = false;
    state_set(backend, BACKEND_PREPARING);
    PQsetNoticeReceiver(conn, on_notice, backend);
    backend->readable = event_new(lane->base, PQsocket(conn), EV_READ | EV_PERSIST, on_readable, backend);
    backend->writable = event_new(lane->base, PQsocket(conn), EV_WRITE, on_writable, backend);
    if (backend->readable == NULL || backend->writable == NULL || event_add(backend->readable, NULL) != 0 ||
        pipeline_begin(backend->pipeline, conn) != 0) {
        go_down(backend, "out of memory");
        return;
    }
    switch (prepare_send(backend)) {
    case -1:
        go_down_as_libpq_says(backend);
        break;
    case 0:
        prepare_finish(backend);
        break;
    default:
        pipeline_sync(backend->pipeline);
        turn_due(backend);
    }
}

static const struct connector_calls calls = {
    .conninfo = next_conninfo, .connected = on_connected, .failed = on_failed};

struct backend *
backend_open(const struct backend_lane *lane)
{
    struct backend *backend = calloc(1, sizeof(*backend));

    if (backend == NULL)
        return NULL;
    backend->lane = lane;
    request_queue_init(&backend->held);
    backend->turn = event_new(lane->base, -1, 0, on_turn, backend);
    backend->stall = evtimer_new(lane->base, on_stall, backend);
    backend->connector = connector_new(lane->base, lane->conf, &calls, backend);
    backend->pipeline = pipeline_new(lane->statements, lane->count, on_finished, backend);
    if (backend->pipeline == NULL || backend->turn == NULL || backend->stall == NULL || backend->connector == NULL) {
        backend_close(backend);
        return NULL;
    }
    connector_start(backend->connector);
    return backend;
}

enum backend_state
backend_state(const struct backend *backend)
{
    return backend->broken || pipeline_is_broken(backend->pipeline) ? BACKEND_DOWN : backend->state;
}

int
backend_in_flight(const struct backend *backend)
{
    return pipeline_count(backend->pipeline) - backend->barrier_sent + backend->held.count;
}

int
backend_long_calls(const struct backend *backend)
{
    return backend->long_calls;
}

void
backend_close(struct backend *backend)
{
    struct request_queue unsent;

    if (backend == NULL)
        return;
    connector_free(backend->connector);
    disconnect(backend);
    request_queue_init(&unsent);
    if (backend->pipeline != NULL)
        pipeline_leave(backend->pipeline, &backend->held, &unsent);
    request_queue_answer(&backend->held, REPLY_LOST);
    request_queue_answer(&unsent, REPLY_UNSENT);
    pipeline_free(backend->pipeline);
    if (backend->turn != NULL)
        event_free(backend->turn);
    if (backend->stall != NULL)
        event_free(backend->stall);
    free(backend);
}
