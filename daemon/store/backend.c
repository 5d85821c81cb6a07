/* SPDX-License-Identifier: Apache-2.0
 *
 * Every request is followed by a sync of its own, so that it is a transaction of its own and its error ends there. What
 * PostgreSQL sends for it is: its result, NULL, and PGRES_PIPELINE_SYNC, after which no NULL comes. The transaction is
 * committed at the sync and not at the result: a deferred constraint can still refuse it there, and so the answer waits
 * for the sync.
 */
#include "store/backend.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "store/connector.h"
#include "store/conninfo.h"

enum {
    /* How much longer than statement_timeout an answer may take before the server is taken for dead. */
    STALL_GRACE_MS = 5000,
    /* A transaction never waits for the client, since a request is one statement: this ends one that does. */
    IDLE_IN_TRANSACTION_MS = 30000,
    STATEMENT_NAME_BYTES = 24,
};

struct backend {
    const struct backend_lane *lane;
    enum backend_state state;
    struct connector *connector;
    PGconn *conn;                   /* NULL while it is down */
    struct event *readable;
    struct event *writable;
    struct event *turn;             /* made active by hand: flush, or go down, when the loop comes round */
    struct event *stall;            /* the time left for the oldest request in flight */
    struct request_queue in_flight; /* while preparing: the prepare commands, which have no answer */
    PGresult *result;               /* of the oldest one, until its sync */
    bool broken;                    /* to go down in its turn */
    bool prepare_failed;
    bool reported;                  /* this outage has been said */
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

static void
statement_name(char *name, size_t number)
{
    snprintf(name, STATEMENT_NAME_BYTES, "s%zu", number);
}

static void
stall_watch(struct backend *backend)
{
    int limit_ms = backend->lane->conf->lane[backend->lane->cost].timeout_ms + STALL_GRACE_MS;
    struct timeval limit = {.tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000};

    if (backend->in_flight.count > 0)
        event_add(backend->stall, &limit);
    else
        event_del(backend->stall);
}

static void
outage_report(struct backend *backend, const char *reason)
{
    log_write(backend->reported ? LOG_DEBUG : LOG_WARNING, "database connection failed lane=%s lost=%d reason=\"%s\"",
              lane_name(backend->lane->cost), backend->state == BACKEND_READY ? backend->in_flight.count : 0, reason);
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
    event_del(backend->stall);
    PQclear(backend->result);
    backend->result = NULL;
    PQfinish(backend->conn);
    backend->conn = NULL;
}

static void
go_down(struct backend *backend, const char *reason)
{
    struct request_queue lost;

    outage_report(backend, reason);
    disconnect(backend);
    request_queue_init(&lost);
    for (struct request *request; (request = request_queue_pop(&backend->in_flight)) != NULL;)
        request_queue_push(&lost, request);
    backend->broken = false;
    state_set(backend, BACKEND_DOWN);
    connector_start(backend->connector);
    request_queue_answer(&lost, REPLY_LOST);
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

/* Ends a command with its own sync. libpq 17 can leave the sending to one flush a turn; before it, each sync sends. */
static int
send_sync(struct backend *backend)
{
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
    return PQsendPipelineSync(backend->conn);
#else
    return PQpipelineSync(backend->conn);
#endif
}

static void
in_flight_push(struct backend *backend, struct request *request)
{
    request_queue_push(&backend->in_flight, request);
    if (backend->in_flight.count == 1)
        stall_watch(backend);
    if (!send_sync(backend))
        break_later(backend);
    else
        event_active(backend->turn, EV_TIMEOUT, 0);
}

int
backend_send(struct backend *backend, struct request *request)
{
    char name[STATEMENT_NAME_BYTES];

    assert(backend->state == BACKEND_READY && backend->in_flight.count < backend->lane->depth);
    statement_name(name, request->number);
    if (backend->broken ||
        !PQsendQueryPrepared(backend->conn, name, request->arguments, request->values, NULL, NULL, 0)) {
        break_later(backend);
        return -1;
    }
    in_flight_push(backend, request);
    return 0;
}

/* Returns 0, or -1 when the connection cannot take it. */
static int
prepare_send(struct backend *backend, size_t number)
{
    struct request *request = request_new(number, NULL, 0, NULL, NULL);
    char name[STATEMENT_NAME_BYTES];

    statement_name(name, number);
    if (request == NULL || !PQsendPrepare(backend->conn, name, backend->lane->statements[number].sql, 0, NULL)) {
        free(request);
        return -1;
    }
    in_flight_push(backend, request);
    return 0;
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
prepare_check(struct backend *backend, size_t number, const PGresult *result)
{
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        return;
    log_write(backend->reported ? LOG_DEBUG : LOG_ERR, "statement cannot be prepared sqlstate=%s reason=\"%s\" sql=\"%s\"",
              PQresultErrorField(result, PG_DIAG_SQLSTATE), PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
              backend->lane->statements[number].sql);
    backend->prepare_failed = true;
}

static void
reply_read(struct reply *reply, PGresult *result)
{
    *reply = (struct reply){.status = REPLY_OK, .result = result};
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        if (PQntuples(result) > 0 && PQnfields(result) > 0 && !PQgetisnull(result, 0, 0)) {
            reply->text = PQgetvalue(result, 0, 0);
            reply->size = (size_t)PQgetlength(result, 0, 0);
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

/* The oldest request is done: its sync has come. */
static void
in_flight_pop(struct backend *backend)
{
    struct request *request = request_queue_pop(&backend->in_flight);
    PGresult *result = backend->result;
    struct reply reply;

    backend->result = NULL;
    stall_watch(backend);
    if (backend->state == BACKEND_PREPARING) {
        prepare_check(backend, request->number, result);
        PQclear(result);
        free(request);
        return;
    }
    reply_read(&reply, result);
    request_answer(request, &reply);
}

static void
result_keep(struct backend *backend, PGresult *result)
{
    /* The last one counts: an error at the commit comes after the result that it takes back. */
    PQclear(backend->result);
    backend->result = result;
}

/* Takes in what has arrived. PQgetResult would block where PQisBusy says so. */
static void
results_read(struct backend *backend)
{
    while (backend->in_flight.count > 0 && !PQisBusy(backend->conn)) {
        PGresult *result = PQgetResult(backend->conn);

        /* After a broken connection libpq ends what was in flight with errors of its own making. They are no answers:
         * the request may have been committed. */
        if (PQstatus(backend->conn) == CONNECTION_BAD) {
            PQclear(result);
            return;
        }
        if (result == NULL)
            continue;
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            in_flight_pop(backend);
        } else {
            result_keep(backend, result);
        }
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
    if (PQconsumeInput(backend->conn))
        results_read(backend);
    if (PQstatus(backend->conn) == CONNECTION_BAD) {
        go_down_as_libpq_says(backend);
        return;
    }
    if (backend->state == BACKEND_PREPARING && backend->in_flight.count == 0)
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
    if (backend->broken)
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
             "-c role=jinzai_daemon -c statement_timeout=%d -c idle_in_transaction_session_timeout=%d -c jit=off "
             "-c timezone=UTC -c datestyle=ISO",
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
        !PQenterPipelineMode(conn)) {
        go_down(backend, "out of memory");
        return;
    }
    for (size_t number = 0; number < lane->count; number++)
        if (lane->statements[number].lane == lane->cost && prepare_send(backend, number) != 0) {
            go_down_as_libpq_says(backend);
            return;
        }
    if (backend->in_flight.count == 0)
        prepare_finish(backend);
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
    request_queue_init(&backend->in_flight);
    backend->turn = event_new(lane->base, -1, 0, on_turn, backend);
    backend->stall = evtimer_new(lane->base, on_stall, backend);
    backend->connector = connector_new(lane->base, lane->conf, &calls, backend);
    if (backend->turn == NULL || backend->stall == NULL || backend->connector == NULL) {
        backend_close(backend);
        return NULL;
    }
    connector_start(backend->connector);
    return backend;
}

enum backend_state
backend_state(const struct backend *backend)
{
    return backend->broken ? BACKEND_DOWN : backend->state;
}

int
backend_in_flight(const struct backend *backend)
{
    return backend->in_flight.count;
}

void
backend_close(struct backend *backend)
{
    if (backend == NULL)
        return;
    connector_free(backend->connector);
    disconnect(backend);
    request_queue_answer(&backend->in_flight, REPLY_LOST);
    if (backend->turn != NULL)
        event_free(backend->turn);
    if (backend->stall != NULL)
        event_free(backend->stall);
    free(backend);
}
