/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests are sent in groups, and a sync ends each. A group is a transaction, so that an error ends with it. What
 * PostgreSQL sends for it is: for each request its result and NULL, and then PGRES_PIPELINE_SYNC, after which no NULL
 * comes. The transaction is committed at the sync and not at the result: a deferred constraint can still refuse it
 * there, and so the answers wait for the sync.
 *
 * Most requests are a group of their own. Only those share one that PostgreSQL itself knows to change nothing, or that
 * write nothing but that people were read, and only those of one caller, since who calls is a setting of the transaction:
 * each sync costs either side a system call and a transaction. Where one of several fails, nothing of the group was
 * committed; the others are asked again, each alone, and only then is it written whom they read.
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

enum {
    /* How much longer than statement_timeout an answer may take before the server is taken for dead. */
    STALL_GRACE_MS = 5000,
    /* A transaction never waits for the client, since a request is one statement: this ends one that does. */
    IDLE_IN_TRANSACTION_MS = 30000,
    STATEMENT_NAME_BYTES = 24,
    /* Requests to a group: the first of them waits for the last. */
    GROUP_MAX = 16,
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
    struct event *turn;             /* made active by hand: flush, or go down, when the loop comes round */
    struct event *stall;            /* the time left for the oldest request in flight */
    struct request_queue in_flight; /* while preparing: the prepare commands, which have no answer */
    struct request *reading;        /* in flight: whose results come; read by reading_now alone */
    struct request *open;           /* the last of the group that has no sync yet, or NULL */
    int open_count;
    struct request_queue held;      /* committed, or failed, and waiting for the barrier */
    bool barrier_sent;              /* one is in flight */
    bool barrier_due;               /* something was sent after the last */
    bool refused;                   /* the group that is read failed at its commit, and nobody knows by whom */
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
    char digits[STATEMENT_NAME_BYTES];
    size_t count = 0;

    /* Written for each request, so without the machinery of printf. */
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    *name++ = 's';
    while (count > 0)
        *name++ = digits[--count];
    *name = '\0';
}

/* A group is answered as one, and so has the time of all its requests. */
static int
stall_ms(const struct backend *backend)
{
    const struct request *request = backend->in_flight.head;
    int count = 1;

    for (; request != NULL && !request->ends && count < GROUP_MAX; request = request->next)
        count++;
    return backend->lane->conf->lane[backend->lane->cost].timeout_ms * count + STALL_GRACE_MS;
}

static void
stall_watch(struct backend *backend)
{
    int limit_ms = stall_ms(backend);
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
    event_del(backend->stall);
    backend->reading = backend->open = NULL;
    backend->refused = backend->barrier_sent = backend->barrier_due = false;
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
    for (struct request *request; (request = request_queue_pop(&backend->held)) != NULL;)
        request_queue_push(&lost, request);
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

/* libpq 17 can leave the sending to one flush a turn; before it, each sync sends. */
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
group_end(struct backend *backend)
{
    if (backend->open == NULL)
        return;
    backend->open->ends = true;
    backend->open = NULL;
    if (!send_sync(backend))
        break_later(backend);
    stall_watch(backend);
}

/* Whether a request may be one of the group that is open. */
static bool
group_takes(const struct backend *backend, const struct request *request)
{
    const char *caller = request->arguments > 0 ? request->values[0] : NULL;
    const char *other = backend->open->arguments > 0 ? backend->open->values[0] : NULL;

    return request->shares && backend->open->shares && backend->open_count < GROUP_MAX && caller != NULL &&
           other != NULL && strcmp(caller, other) == 0;
}

/* The next of the open group, which this opens where there is none. */
static void
group_push(struct backend *backend, struct request *request)
{
    request_queue_push(&backend->in_flight, request);
    if (backend->in_flight.count == 1)
        backend->reading = request;
    backend->open_count = backend->open != NULL ? backend->open_count + 1 : 1;
    backend->open = request;
    event_active(backend->turn, EV_TIMEOUT, 0);
}

/* Returns 0, or -1 with nothing sent. */
static int
request_send(struct backend *backend, struct request *request)
{
    char name[STATEMENT_NAME_BYTES];

    if (backend->open != NULL && !group_takes(backend, request))
        group_end(backend);
    statement_name(name, request->number);
    if (backend->broken ||
        !PQsendQueryPrepared(backend->conn, name, request->arguments, request->values, NULL, NULL, 0)) {
        break_later(backend);
        return -1;
    }
    group_push(backend, request);
    if (!request->shares)
        group_end(backend);
    return 0;
}

static bool
has_barriers(const struct backend *backend)
{
    return backend->lane->cost == COST_WRITE;
}

int
backend_send(struct backend *backend, struct request *request)
{
    assert(backend->state == BACKEND_READY && backend_in_flight(backend) < backend->lane->depth);
    request->shares = backend->lane->cost == COST_FAST && backend->lane->statements[request->number].shares;
    if (request_send(backend, request) != 0)
        return -1;
    backend->barrier_due = has_barriers(backend);
    return 0;
}

/* Sends the barrier for what was sent since the last, if that has come back. */
static void
barrier_send(struct backend *backend)
{
    struct request *request;

    if (!backend->barrier_due || backend->barrier_sent || backend->broken)
        return;
    request = request_new(0, NULL, 0, NULL, NULL);
    if (request == NULL || !PQsendQueryPrepared(backend->conn, barrier_name, 0, NULL, NULL, NULL, 0)) {
        free(request);
        break_later(backend);
        return;
    }
    request->barrier = true;
    backend->barrier_due = false;
    backend->barrier_sent = true;
    group_push(backend, request);
    group_end(backend);
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
    group_push(backend, request);
    return 0;
}

/* For lanes that write: the barrier, and commits that leave the waiting to it. Returns 0, or -1. */
static int
prepare_barrier(struct backend *backend)
{
    struct request *prepared = request_new(0, NULL, 0, NULL, NULL), *set = request_new(0, NULL, 0, NULL, NULL);

    if (prepared == NULL || set == NULL || !PQsendPrepare(backend->conn, barrier_name, barrier_sql, 0, NULL) ||
        !PQsendQueryParams(backend->conn, write_behind, 0, NULL, NULL, NULL, NULL, 0)) {
        free(prepared);
        free(set);
        return -1;
    }
    prepared->barrier = set->barrier = true;
    group_push(backend, prepared);
    group_push(backend, set);
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
prepare_check(struct backend *backend, const struct request *request)
{
    const PGresult *result = request->result;

    if (PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK)
        return;
    backend->prepare_failed = true;
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
        return; /* another before it */
    log_write(backend->reported ? LOG_DEBUG : LOG_ERR, "statement cannot be prepared sqlstate=%s reason=\"%s\" sql=\"%s\"",
              PQresultErrorField(result, PG_DIAG_SQLSTATE), PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
              request->barrier ? barrier_sql : backend->lane->statements[request->number].sql);
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
        if (PQntuples(result) > 0 && PQnfields(result) > 1 && !PQgetisnull(result, 0, 1))
            reply->stamp = PQgetvalue(result, 0, 1);
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

static void
request_finish(struct backend *backend, struct request *request)
{
    struct reply reply;

    if (backend->state == BACKEND_PREPARING) {
        prepare_check(backend, request);
        PQclear(request->result);
        free(request);
        return;
    }
    reply_read(&reply, request->result);
    request->result = NULL;
    request_answer(request, &reply);
}

/* Sends one of a group that failed by itself. Where it cannot be sent it is lost with all others when the backend goes
 * down, which is soon. */
static void
request_again(struct backend *backend, struct request *request)
{
    PQclear(request->result);
    request->result = NULL;
    request->shares = request->ends = request->done = false;
    if (request_send(backend, request) != 0)
        request_queue_push(&backend->in_flight, request);
}

static bool
result_is_good(const PGresult *result)
{
    return PQresultStatus(result) == PGRES_TUPLES_OK;
}

static bool
result_is_own_error(const PGresult *result)
{
    return !result_is_good(result) && PQresultStatus(result) != PGRES_PIPELINE_ABORTED;
}

/* The barrier has come back, and with it the disk has what was sent before it. */
static void
barrier_finish(struct backend *backend, struct request *barrier)
{
    struct request_queue safe;
    struct request *request;
    bool good = result_is_good(barrier->result);

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
        request_finish(backend, request);
}

/* The sync of the oldest group has come. */
static void
group_finish(struct backend *backend)
{
    struct request_queue group, told;
    struct request *request;
    bool failed = backend->refused, last = false;

    request_queue_init(&group);
    request_queue_init(&told);
    while (!last && (request = request_queue_pop(&backend->in_flight)) != NULL) {
        last = request->ends;
        failed = failed || !result_is_good(request->result);
        request_queue_push(&group, request);
    }
    backend->reading = backend->in_flight.head;
    failed = failed && group.count > 1 && backend->state == BACKEND_READY;
    while ((request = request_queue_pop(&group)) != NULL)
        if (failed && !result_is_own_error(request->result))
            request_again(backend, request);
        else
            request_queue_push(&told, request);
    backend->refused = false;
    stall_watch(backend);
    while ((request = request_queue_pop(&told)) != NULL)
        if (backend->state != BACKEND_READY || !has_barriers(backend))
            request_finish(backend, request);
        else if (request->barrier)
            barrier_finish(backend, request);
        else
            request_queue_push(&backend->held, request);
}

/* Whose result comes next; NULL when it is the sync. */
static struct request *
reading_now(struct backend *backend)
{
    struct request *request = backend->reading;

    while (request->done && !request->ends && request->next != NULL)
        request = request->next;
    backend->reading = request;
    return request->done ? NULL : request;
}

static void
result_keep(struct backend *backend, PGresult *result)
{
    struct request *request = reading_now(backend);

    if (request == NULL && backend->reading != backend->in_flight.head) {
        backend->refused = true;
        PQclear(result);
        return;
    }
    /* The last one counts: an error at the commit comes after the result that it takes back. */
    if (request == NULL)
        request = backend->reading;
    PQclear(request->result);
    request->result = result;
}

static void
result_end(struct backend *backend)
{
    struct request *request = reading_now(backend);

    if (request != NULL)
        request->done = true;
}

/* Takes in what has arrived. PQgetResult would block where PQisBusy says so. */
static void
results_read(struct backend *backend)
{
    while (!backend->broken && backend->in_flight.count > 0 && !PQisBusy(backend->conn)) {
        PGresult *result = PQgetResult(backend->conn);

        /* After a broken connection libpq ends what was in flight with errors of its own making. They are no answers:
         * the request may have been committed. */
        if (PQstatus(backend->conn) == CONNECTION_BAD) {
            PQclear(result);
            return;
        }
        if (result == NULL) {
            result_end(backend);
        } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            group_finish(backend);
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
    group_end(backend);
    barrier_send(backend);
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
        !PQenterPipelineMode(conn)) {
        go_down(backend, "out of memory");
        return;
    }
    for (size_t number = 0; number < lane->count; number++)
        if (lane->statements[number].lane == lane->cost && prepare_send(backend, number) != 0) {
            go_down_as_libpq_says(backend);
            return;
        }
    if (has_barriers(backend) && prepare_barrier(backend) != 0) {
        go_down_as_libpq_says(backend);
        return;
    }
    if (backend->in_flight.count == 0)
        prepare_finish(backend);
    else
        group_end(backend);
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
    request_queue_init(&backend->held);
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
    return backend->in_flight.count - backend->barrier_sent + backend->held.count;
}

void
backend_close(struct backend *backend)
{
    if (backend == NULL)
        return;
    connector_free(backend->connector);
    disconnect(backend);
    request_queue_answer(&backend->held, REPLY_LOST);
    request_queue_answer(&backend->in_flight, REPLY_LOST);
    if (backend->turn != NULL)
        event_free(backend->turn);
    if (backend->stall != NULL)
        event_free(backend->stall);
    free(backend);
}
