/* SPDX-License-Identifier: Apache-2.0 */
#include "store/bulk.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/rand.h>

#include "log.h"
#include "store/connector.h"
#include "store/conninfo.h"
#include "store/request.h"

enum {
    ID_SIZE = 37,
    /* Calls that a stream keeps while one is carried out: so that the next lines are there when the last ones are done. */
    WAITING_MAX = 2,
    OPTIONS_SIZE = 512,
};

enum stream_state {
    STREAM_CONNECTS,
    STREAM_NOTES,    /* what is read is being noted, before the snapshot */
    STREAM_BEGINS,   /* its transaction */
    STREAM_WAITS,    /* for a call */
    STREAM_WORKS,    /* on a call */
    STREAM_COMMITS,
    STREAM_SETTLES,  /* committed; the answer waits for bulk_settled */
    STREAM_ENDED,    /* freed by the next turn of the loop, since callers may be in the middle of it */
};

struct call_row {
    struct request *request;
    const struct statement *statement;
    enum bulk_step step;
};

struct stream {
    LIST_ENTRY(stream) link;
    struct bulk *bulk;
    const void *owner;
    char id[ID_SIZE], principal[ID_SIZE];
    enum stream_state state;
    bool reads;
    struct connector *connector;
    PGconn *conn;
    PGresult *result; /* what has come of an answer whose end has not */
    PGresult *kept;   /* the answer of the call that commits */
    struct event *readable, *writable, *held, *idle;
    struct call_row calls[WAITING_MAX + 1]; /* the first is under way */
    int count;
};

struct bulk {
    struct event_base *base;
    const struct config *conf;
    char *conninfo;
    const struct bulk_calls *calls;
    void *context;
    struct event *reaper;
    LIST_HEAD(, stream) streams;
    int count;
};

static void
stream_free(struct stream *stream)
{
    LIST_REMOVE(stream, link);
    if (stream->held != NULL)
        event_free(stream->held);
    if (stream->idle != NULL)
        event_free(stream->idle);
    free(stream);
}

static void
on_reaper(evutil_socket_t fd, short what, void *context)
{
    struct bulk *bulk = context;
    struct stream *stream, *next;

    (void)fd;
    (void)what;
    for (stream = LIST_FIRST(&bulk->streams); stream != NULL; stream = next) {
        next = LIST_NEXT(stream, link);
        if (stream->state == STREAM_ENDED)
            stream_free(stream);
    }
}

static void
disconnect(struct stream *stream)
{
    connector_free(stream->connector);
    stream->connector = NULL;
    if (stream->readable != NULL)
        event_free(stream->readable);
    if (stream->writable != NULL)
        event_free(stream->writable);
    stream->readable = stream->writable = NULL;
    PQclear(stream->result);
    PQclear(stream->kept);
    stream->result = stream->kept = NULL;
    PQfinish(stream->conn);
    stream->conn = NULL;
}

/* Answers the call under way. The stream may have ended when this returns. */
static void
call_answer(struct stream *stream, struct reply *reply)
{
    struct request *request = stream->calls[0].request;

    stream->count--;
    memmove(stream->calls, stream->calls + 1, (size_t)stream->count * sizeof(*stream->calls));
    request_answer(request, reply);
}

/* Ends a stream: PostgreSQL rolls back, and whoever waits is told what the reply says. */
static void
stream_end(struct stream *stream, enum reply_status status, const char *sqlstate)
{
    if (stream->state == STREAM_ENDED)
        return;
    stream->state = STREAM_ENDED;
    stream->bulk->count--;
    disconnect(stream);
    event_del(stream->held);
    event_del(stream->idle);
    event_active(stream->bulk->reaper, EV_TIMEOUT, 0);
    while (stream->count > 0) {
        struct reply reply = {.status = status, .sqlstate = sqlstate};

        call_answer(stream, &reply);
    }
}

static void
stream_lose(struct stream *stream)
{
    char *reason = conninfo_reason(PQerrorMessage(stream->conn));

    log_write(LOG_WARNING, "a bulk stream lost its database connection reason=\"%s\"", reason != NULL ? reason : "");
    free(reason);
    stream_end(stream, REPLY_LOST, NULL);
}

static void
flush(struct stream *stream)
{
    int left = PQflush(stream->conn);

    if (left < 0)
        stream_lose(stream);
    else if (left > 0)
        event_add(stream->writable, NULL);
}

static void
send_query(struct stream *stream, const char *sql, int arguments, const char *const *values, enum stream_state state)
{
    stream->state = state;
    if (PQsendQueryParams(stream->conn, sql, arguments, NULL, values, NULL, NULL, 0))
        flush(stream);
    else
        stream_lose(stream);
}

static void
idle_watch(struct stream *stream)
{
    int limit_ms = stream->bulk->conf->limits.bulk_idle_ms;
    struct timeval limit = {.tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000};

    event_add(stream->idle, &limit);
}

/* The next call, where the stream waits for one. */
static void
advance(struct stream *stream)
{
    const struct call_row *row = stream->calls;

    if (stream->state != STREAM_WAITS)
        return;
    if (stream->count == 0) {
        idle_watch(stream);
        return;
    }
    event_del(stream->idle);
    if (row->step == BULK_CLOSE) {
        struct reply reply = {.status = REPLY_OK, .text = "{\"closed\":true}", .size = 15};

        call_answer(stream, &reply);
        stream_end(stream, REPLY_LOST, NULL);
        return;
    }
    send_query(stream, row->statement->sql, row->statement->arguments, row->request->values, STREAM_WORKS);
}

static void
reply_fill(struct reply *reply, PGresult *result)
{
    reply->result = result;
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1) {
        reply->status = REPLY_OK;
        reply->text = PQgetisnull(result, 0, 0) ? NULL : PQgetvalue(result, 0, 0);
        reply->size = (size_t)PQgetlength(result, 0, 0);
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

/* An error ends the stream: in PostgreSQL its transaction has ended already. Takes result over. */
static void
fail(struct stream *stream, PGresult *result)
{
    struct reply reply = {.status = REPLY_FAILED};

    reply_fill(&reply, result);
    /* Without PostgreSQL's text, which may quote a row. */
    log_write(LOG_DEBUG, "a bulk stream ended with an error sqlstate=%s", reply.sqlstate != NULL ? reply.sqlstate : "none");
    if (stream->count > 0)
        call_answer(stream, &reply);
    else
        PQclear(result);
    stream_end(stream, REPLY_LOST, NULL);
}

static void
work_finish(struct stream *stream, PGresult *result)
{
    struct reply reply = {.status = REPLY_OK};

    if (stream->calls[0].step == BULK_COMMIT) {
        stream->kept = result;
        send_query(stream, "commit", 0, NULL, STREAM_COMMITS);
        return;
    }
    reply_fill(&reply, result);
    stream->state = STREAM_WAITS;
    call_answer(stream, &reply);
    advance(stream);
}

/* Takes result over. */
static void
query_finish(struct stream *stream, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail(stream, result);
        return;
    }
    switch (stream->state) {
    case STREAM_NOTES:
        PQclear(result);
        send_query(stream, "begin isolation level repeatable read", 0, NULL, STREAM_BEGINS);
        break;
    case STREAM_BEGINS:
        PQclear(result);
        stream->state = STREAM_WAITS;
        advance(stream);
        break;
    case STREAM_WORKS:
        work_finish(stream, result);
        break;
    case STREAM_COMMITS:
        PQclear(result);
        stream->state = STREAM_SETTLES;
        stream->bulk->calls->imported(stream->bulk->context);
        break;
    default:
        PQclear(result);
        break;
    }
}

static void
results_read(struct stream *stream)
{
    while (stream->conn != NULL && !PQisBusy(stream->conn)) {
        PGresult *result = PQgetResult(stream->conn), *last;

        if (result != NULL) {
            PQclear(stream->result);
            stream->result = result;
            continue;
        }
        last = stream->result;
        stream->result = NULL;
        if (last == NULL)
            break;
        if (PQstatus(stream->conn) == CONNECTION_BAD)
            PQclear(last);
        else
            query_finish(stream, last);
        if (stream->state == STREAM_WAITS || stream->state == STREAM_SETTLES)
            break;
    }
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
    struct stream *stream = context;

    (void)fd;
    (void)what;
    if (PQconsumeInput(stream->conn))
        results_read(stream);
    if (stream->conn != NULL && PQstatus(stream->conn) == CONNECTION_BAD && stream->state != STREAM_SETTLES)
        stream_lose(stream);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    flush(context);
}

/* Runs when time is up, and by on_failed. */
static void
on_held(evutil_socket_t fd, short what, void *context)
{
    struct stream *stream = context;

    (void)fd;
    if (stream->state == STREAM_SETTLES)
        return;
    if (what & EV_READ) {
        stream_end(stream, REPLY_UNSENT, NULL);
        return;
    }
    log_write(LOG_WARNING, "a bulk stream was ended, since it held its transaction for longer than bulk_hold_ms");
    stream_end(stream, REPLY_FAILED, "57014");
}

/* Runs when time is up, and by bulk_send for a call. */
static void
on_idle(evutil_socket_t fd, short what, void *context)
{
    struct stream *stream = context;

    (void)fd;
    if (what & EV_READ || stream->count > 0) {
        advance(stream);
        return;
    }
    log_write(LOG_WARNING, "a bulk stream was ended, since nothing was asked of it for longer than bulk_idle_ms");
    stream_end(stream, REPLY_FAILED, "57014");
}

static char *
next_conninfo(void *context)
{
    const struct stream *stream = context;
    char options[OPTIONS_SIZE];

    /* What goes out must not depend on how a server is set up; and a statement whose stream is gone must end too. */
    snprintf(options, sizeof(options),
             "-c role=jinzai_bulk -c statement_timeout=0 -c jit=off -c timezone=UTC -c datestyle=ISO -c bytea_output=hex "
             "-c extra_float_digits=1 -c intervalstyle=postgres -c client_connection_check_interval=1000 -c bulk.stream=%s",
             stream->id);
    return conninfo_extend(stream->bulk->conninfo, "jinzaid bulk", options);
}

static void
on_failed(const char *reason, void *context)
{
    struct stream *stream = context;

    log_write(LOG_WARNING, "a bulk stream got no database connection reason=\"%s\"", reason);
    /* The connector is in the middle of this call: it is freed with the next turn. */
    event_active(stream->held, EV_READ, 0);
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
    struct stream *stream = context;
    const char *const values[] = {stream->principal};

    stream->conn = conn;
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    stream->readable = event_new(stream->bulk->base, PQsocket(conn), EV_READ | EV_PERSIST, on_readable, stream);
    stream->writable = event_new(stream->bulk->base, PQsocket(conn), EV_WRITE, on_writable, stream);
    if (stream->readable == NULL || stream->writable == NULL || event_add(stream->readable, NULL) != 0)
        stream_lose(stream);
    else if (stream->reads)
        send_query(stream, "select bulk.note(p_caller => $1::uuid)::text", 1, values, STREAM_NOTES);
    else
        send_query(stream, "begin", 0, NULL, STREAM_BEGINS);
}

static const struct connector_calls connector_calls = {
    .conninfo = next_conninfo, .connected = on_connected, .failed = on_failed};

/* A random UUID: whoever does not know it does not reach the stream. */
static int
draw_id(char id[ID_SIZE])
{
    unsigned char b[16];

    if (RAND_bytes(b, sizeof(b)) != 1)
        return -1;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(id, ID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
             b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return 0;
}

static struct stream *
stream_new(struct bulk *bulk, const void *owner, const char *principal, bool reads)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    int limit_ms = bulk->conf->limits.bulk_hold_ms;
    struct timeval limit = {.tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000};

    if (stream == NULL)
        return NULL;
    stream->bulk = bulk;
    stream->owner = owner;
    stream->reads = reads;
    snprintf(stream->principal, sizeof(stream->principal), "%s", principal);
    LIST_INSERT_HEAD(&bulk->streams, stream, link);
    bulk->count++;
    stream->held = evtimer_new(bulk->base, on_held, stream);
    stream->idle = evtimer_new(bulk->base, on_idle, stream);
    stream->connector = connector_new(bulk->base, bulk->conf, &connector_calls, stream);
    if (stream->held == NULL || stream->idle == NULL || stream->connector == NULL || draw_id(stream->id) != 0) {
        connector_free(stream->connector);
        bulk->count--;
        stream_free(stream);
        return NULL;
    }
    event_add(stream->held, &limit);
    connector_start(stream->connector);
    return stream;
}

static struct stream *
stream_find(const struct bulk *bulk, const void *owner, const char *id)
{
    struct stream *stream;

    LIST_FOREACH(stream, &bulk->streams, link)
        if (stream->state != STREAM_ENDED && stream->owner == owner && id != NULL && strcmp(stream->id, id) == 0)
            return stream;
    return NULL;
}

enum bulk_refusal
bulk_send(struct bulk *bulk, const void *owner, enum bulk_step step, const struct statement *statement,
          const char *const *values, pool_answer *answer, void *context)
{
    bool begins = step == BULK_EXPORT || step == BULK_IMPORT;
    struct stream *stream = NULL;
    struct request *request;

    if (begins && bulk->count >= bulk->conf->limits.bulk_streams)
        return BULK_TOO_MANY;
    if (!begins && (stream = stream_find(bulk, owner, values[1])) == NULL)
        return BULK_NO_STREAM;
    if (!begins && stream->count > WAITING_MAX)
        return BULK_WAITS;
    request = request_new(0, values, statement->arguments, answer, context);
    if (request != NULL && begins)
        stream = stream_new(bulk, owner, values[0] != NULL ? values[0] : "", step == BULK_EXPORT);
    if (request == NULL || stream == NULL) {
        free(request);
        return BULK_NO_MEMORY;
    }
    stream->calls[stream->count++] = (struct call_row){request, statement, step};
    /* With the next turn of the loop, so that no answer comes before this returns. */
    if (stream->state == STREAM_WAITS && stream->count == 1)
        event_active(stream->idle, EV_READ, 0);
    return BULK_TAKEN;
}

void
bulk_leave(struct bulk *bulk, const void *owner)
{
    struct stream *stream, *next;

    for (stream = LIST_FIRST(&bulk->streams); stream != NULL; stream = next) {
        next = LIST_NEXT(stream, link);
        if (stream->owner == owner)
            stream_end(stream, REPLY_LOST, NULL);
    }
}

void
bulk_settled(struct bulk *bulk)
{
    struct stream *stream, *next;

    for (stream = LIST_FIRST(&bulk->streams); stream != NULL; stream = next) {
        struct reply reply = {.status = REPLY_OK};

        next = LIST_NEXT(stream, link);
        if (stream->state != STREAM_SETTLES)
            continue;
        reply_fill(&reply, stream->kept);
        stream->kept = NULL;
        call_answer(stream, &reply);
        stream_end(stream, REPLY_LOST, NULL);
    }
}

int
bulk_count(const struct bulk *bulk)
{
    return bulk->count;
}

struct bulk *
bulk_open(struct event_base *base, const struct config *conf, const char *conninfo, const struct bulk_calls *calls, void *context)
{
    struct bulk *bulk = calloc(1, sizeof(*bulk));

    if (bulk == NULL)
        return NULL;
    bulk->base = base;
    bulk->conf = conf;
    bulk->calls = calls;
    bulk->context = context;
    LIST_INIT(&bulk->streams);
    bulk->conninfo = strdup(conninfo);
    bulk->reaper = evtimer_new(base, on_reaper, bulk);
    if (bulk->conninfo == NULL || bulk->reaper == NULL) {
        bulk_close(bulk);
        return NULL;
    }
    return bulk;
}

void
bulk_close(struct bulk *bulk)
{
    struct stream *stream;

    if (bulk == NULL)
        return;
    LIST_FOREACH(stream, &bulk->streams, link)
        stream_end(stream, REPLY_LOST, NULL);
    while ((stream = LIST_FIRST(&bulk->streams)) != NULL)
        stream_free(stream);
    if (bulk->reaper != NULL)
        event_free(bulk->reaper);
    free(bulk->conninfo);
    free(bulk);
}
