/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pipeline.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum {
    NAME_BYTES = 32,
    /* While PostgreSQL works on one group and has the next, others gather: larger ones cost less, and would begin no later. */
    GROUPS_UNDER_WAY = 2,
    /* How long each is a statement of its own after one of several calls took longer than a statement may. */
    ALONE_MS = 60000,
    /* Fewer calls than this side by side take PostgreSQL less time than to look them up at once. */
    LOOK_UP_FROM = 6,
    /* It looks up no fewer, and the rest are null: of an array that is not known it expects ten, and would make a plan each time
     * for what looks shorter. */
    LOOK_UP_LEAST = 12,
};

/* How many calls a statement may hold. Not each number up to the most, since PostgreSQL keeps what it prepares: 20 KB a call. */
static const int widths[] = {16, 12, 8, 6, 4, 3, 2, 1};

_Static_assert(PIPELINE_GROUP_MAX >= 16, "a group holds the widest");

/* A statement of one call, which is prepared before the first; or of several, when there are first as many to send. */
enum wide_state {
    WIDE_UNKNOWN, /* not prepared */
    WIDE_ASKED,   /* the prepare command is on its way */
    WIDE_READY,
    WIDE_REFUSED, /* PostgreSQL does not prepare it for several calls */
};

struct pipeline {
    const struct statement *statements;
    size_t count;
    void (*finished)(struct request *request, void *context);
    void *context;
    PGconn *conn;              /* NULL: none */
    struct request_queue open; /* a group of which nothing is sent */
    struct request_queue sent;
    struct request *last;      /* the last that was sent; only while its group has no sync yet */
    struct request *reading;   /* in sent: whose results come; read by reading_now alone */
    bool refused;              /* the group that is read failed at its commit, and nobody knows by whom */
    bool broken;
    int groups;                /* sent and not finished */
    int own;                   /* in sent: those that prepare a statement of one call or several */
    int64_t alone_until_ms;    /* by request_clock_ms: until then each call is a statement of its own */
    unsigned char *wide;       /* of each statement the states for 0 … PIPELINE_GROUP_MAX calls */
    const char **values;       /* room for those of the widest statement */
};

struct pipeline *
pipeline_new(const struct statement *statements, size_t count, void (*finished)(struct request *request, void *context),
             void *context)
{
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    int arguments = 1;

    if (pipeline == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (statements[i].arguments > arguments)
            arguments = statements[i].arguments;
    pipeline->wide = calloc(count + 1, PIPELINE_GROUP_MAX + 1);
    pipeline->values = calloc((size_t)(arguments * PIPELINE_GROUP_MAX), sizeof *pipeline->values);
    if (pipeline->wide == NULL || pipeline->values == NULL) {
        pipeline_free(pipeline);
        return NULL;
    }
    pipeline->statements = statements;
    pipeline->count = count;
    pipeline->finished = finished;
    pipeline->context = context;
    request_queue_init(&pipeline->open);
    request_queue_init(&pipeline->sent);
    return pipeline;
}

int
pipeline_begin(struct pipeline *pipeline, PGconn *conn)
{
    assert(pipeline->conn == NULL && pipeline->sent.count == 0 && pipeline->open.count == 0);
    memset(pipeline->wide, WIDE_UNKNOWN, pipeline->count * (PIPELINE_GROUP_MAX + 1));
    pipeline->groups = 0;
    pipeline->alone_until_ms = 0;
    pipeline->reading = NULL;
    pipeline->refused = pipeline->broken = false;
    pipeline->conn = conn;
    return PQenterPipelineMode(conn) ? 0 : -1;
}

static void
queue_move(struct request_queue *to, struct request_queue *from)
{
    struct request *request;

    while ((request = request_queue_pop(from)) != NULL)
        request_queue_push(to, request);
}

void
pipeline_leave(struct pipeline *pipeline, struct request_queue *sent, struct request_queue *unsent)
{
    queue_move(sent, &pipeline->sent);
    queue_move(unsent, &pipeline->open);
    pipeline->own = 0;
    pipeline->conn = NULL;
}

void
pipeline_free(struct pipeline *pipeline)
{
    if (pipeline == NULL)
        return;
    free(pipeline->wide);
    free(pipeline->values);
    free(pipeline);
}

int
pipeline_count(const struct pipeline *pipeline)
{
    return pipeline->open.count + pipeline->sent.count - pipeline->own;
}

int
pipeline_oldest(const struct pipeline *pipeline)
{
    const struct request *request = pipeline->sent.head;
    int count = request != NULL;

    for (; request != NULL && !request->ends && count < PIPELINE_GROUP_MAX; request = request->next)
        count++;
    return count;
}

bool
pipeline_is_broken(const struct pipeline *pipeline)
{
    return pipeline->broken;
}

static unsigned char *
wide_state(struct pipeline *pipeline, size_t number, int calls)
{
    return &pipeline->wide[number * (PIPELINE_GROUP_MAX + 1) + (size_t)calls];
}

/* Writes a number before end, of which there is room enough. Returns where it begins. */
static char *
write_number(char *end, size_t number)
{
    do
        *--end = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return end;
}

/* "s7", and "s7x4" for four calls of it, in a buffer of NAME_BYTES. Written for each request, so without the machinery of
 * printf. */
static const char *
statement_name(char *buffer, size_t number, int calls)
{
    char *name = buffer + NAME_BYTES - 1;

    *name = '\0';
    if (calls > 1) {
        name = write_number(name, (size_t)calls);
        *--name = 'x';
    }
    name = write_number(name, number);
    *--name = 's';
    return name;
}

/* Writes text, which has $n and @n for the arguments of one call, with those of one of several, or of all in an array. Each but
 * the caller has own of them. */
static void
write_call(FILE *out, const char *text, int own, int call, int calls)
{
    for (const char *c = text; *c != '\0'; c++) {
        char *end;
        long number = *c == '$' || *c == '@' ? strtol(c + 1, &end, 10) : 0;

        if (number == 0) {
            fputc(*c, out);
            continue;
        }
        if (*c == '$')
            fprintf(out, "$%ld", number == 1 ? 1 : number + (long)call * own);
        else
            for (int i = 0; i < calls; i++)
                fprintf(out, "%s$%ld%s", i == 0 ? "array[" : ", ", number + (long)i * own, i == calls - 1 ? "]" : "");
        c = end - 1;
    }
}

/* Whether the statement for so many calls looks them up at once, and answers in rows. */
static bool
looks_up(const struct statement *statement, int calls)
{
    return statement->each != NULL && calls >= LOOK_UP_LEAST;
}

/* The statement for so many calls: "select f($1, $2), f($1, $3)", or "select * from g($1, array[$2, $3])". NULL when out of
 * memory. */
static char *
wide_text(const struct statement *statement, int calls)
{
    const int own = statement->arguments - 1;
    const char *call = statement->sql + strlen("select ");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool failed;

    if (out == NULL)
        return NULL;
    if (looks_up(statement, calls)) {
        write_call(out, statement->each, own, 0, calls);
    } else {
        fputs("select ", out);
        for (int i = 0; i < calls; i++) {
            fputs(i > 0 ? ", " : "", out);
            write_call(out, call, own, i, calls);
        }
    }
    failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* Takes over what has just been sent. */
static void
push(struct pipeline *pipeline, struct request *request)
{
    request_queue_push(&pipeline->sent, request);
    if (pipeline->sent.count == 1)
        pipeline->reading = request;
    pipeline->last = request;
}

void
pipeline_sent(struct pipeline *pipeline, struct request *request)
{
    assert(pipeline->open.count == 0);
    request->calls = 1;
    push(pipeline, request);
}

/* libpq 17 can leave the sending to one flush a turn; before it, each sync sends. */
void
pipeline_sync(struct pipeline *pipeline)
{
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
    bool good = PQsendPipelineSync(pipeline->conn);
#else
    bool good = PQpipelineSync(pipeline->conn);
#endif

    pipeline->last->ends = true;
    pipeline->last = NULL;
    pipeline->groups++;
    if (!good)
        pipeline->broken = true;
}

int
pipeline_prepare(struct pipeline *pipeline, size_t number)
{
    struct request *request = request_new(number, NULL, 0, NULL, NULL);
    char name[NAME_BYTES];

    if (request == NULL ||
        !PQsendPrepare(pipeline->conn, statement_name(name, number, 1), pipeline->statements[number].sql, 0, NULL)) {
        free(request);
        return -1;
    }
    request->kind = REQUEST_PREPARE;
    *wide_state(pipeline, number, 1) = WIDE_ASKED;
    pipeline_sent(pipeline, request);
    return 0;
}

/* Prepares a statement of so many calls, in a group of its own: others do not fail with it. */
static void
wide_prepare(struct pipeline *pipeline, size_t number, int calls)
{
    struct request *request = request_new(number, NULL, 0, NULL, NULL);
    char *sql = wide_text(&pipeline->statements[number], calls), name[NAME_BYTES];

    if (request == NULL || sql == NULL)
        goto out; /* another time */
    if (!PQsendPrepare(pipeline->conn, statement_name(name, number, calls), sql, 0, NULL)) {
        pipeline->broken = true;
        goto out;
    }
    request->kind = REQUEST_WIDE;
    request->width = calls;
    request->calls = 1;
    *wide_state(pipeline, number, calls) = WIDE_ASKED;
    pipeline->own++;
    push(pipeline, request);
    pipeline_sync(pipeline);
    request = NULL;
out:
    free(request);
    free(sql);
}

static void
wide_prepared(struct pipeline *pipeline, struct request *request)
{
    const struct statement *statement = &pipeline->statements[request->number];
    bool good = PQresultStatus(request->result) == PGRES_COMMAND_OK;

    if (!good)
        log_write(request->width > 1 ? LOG_WARNING : LOG_ERR, "a statement cannot be prepared calls=%d reason=\"%s\" sql=\"%s\"",
                  request->width, PQresultErrorField(request->result, PG_DIAG_MESSAGE_PRIMARY),
                  looks_up(statement, request->width) ? statement->each : statement->sql);
    pipeline->own--;
    /* Of several calls each can still be one. One alone is refused with its statement, and the next tries again. */
    *wide_state(pipeline, request->number, request->width) = good ? WIDE_READY : request->width > 1 ? WIDE_REFUSED : WIDE_UNKNOWN;
    PQclear(request->result);
    free(request);
}

/* How many calls the statement holds that takes most of these. */
static int
widest(const struct pipeline *pipeline, const struct statement *statement, int calls)
{
    const int *width = widths;

    if (pipeline->alone_until_ms > 0 && request_clock_ms() < pipeline->alone_until_ms)
        return 1;
    if (statement->each != NULL && calls >= LOOK_UP_FROM)
        return calls > LOOK_UP_LEAST ? *widths : LOOK_UP_LEAST;
    while (*width > calls)
        width++;
    return *width;
}

/* Takes from a queue its first and those that may be one statement with it. */
static void
take_alike(const struct pipeline *pipeline, struct request_queue *from, struct request_queue *to)
{
    struct request *first = request_queue_pop(from), *request;
    struct request_queue others;

    request_queue_push(to, first);
    if (!pipeline->statements[first->number].joins)
        return;
    request_queue_init(&others);
    while ((request = request_queue_pop(from)) != NULL)
        request_queue_push(request->number == first->number ? to : &others, request);
    queue_move(from, &others);
}

/* Sends of calls, which are of one statement, as many as one of such a width takes. Returns 0, or -1 with nothing sent. */
static int
send_calls(struct pipeline *pipeline, struct request_queue *calls, int width)
{
    const int count = calls->count < width ? calls->count : width;
    const struct request *first = calls->head, *request = first;
    const char *const *values = first->values;
    int arguments = first->arguments, own = arguments - 1;
    char name[NAME_BYTES];

    if (width > 1) {
        values = pipeline->values;
        pipeline->values[0] = first->values[0];
        arguments = 1 + width * own;
        for (int i = 0; i < count; i++, request = request->next)
            memcpy(&pipeline->values[1 + i * own], &request->values[1], (size_t)own * sizeof *values);
        for (int i = 1 + count * own; i < arguments; i++)
            pipeline->values[i] = NULL;
    }
    if (!PQsendQueryPrepared(pipeline->conn, statement_name(name, first->number, width), arguments, values, NULL, NULL, 0))
        return -1;
    for (int i = 0; i < count; i++) {
        struct request *sent = request_queue_pop(calls);

        sent->calls = i == 0 ? count : 0;
        sent->width = width;
        sent->done = i > 0; /* nothing comes for it but what comes for the first */
        push(pipeline, sent);
    }
    return 0;
}

/* Sends all that is open. What has yet to be prepared for it is written to number and calls, unless something stands there.
 * Returns 0, or -1 with some of it still open. */
static int
send_open(struct pipeline *pipeline, size_t *number, int *calls)
{
    struct request_queue alike;

    request_queue_init(&alike);
    while (pipeline->open.head != NULL) {
        take_alike(pipeline, &pipeline->open, &alike);
        while (alike.head != NULL) {
            const struct statement *statement = &pipeline->statements[alike.head->number];
            const int width = widest(pipeline, statement, alike.count);
            const enum wide_state state = *wide_state(pipeline, alike.head->number, width);

            if (width > 1 && state == WIDE_UNKNOWN && *calls == 0) {
                *number = alike.head->number;
                *calls = width;
            }
            if (send_calls(pipeline, &alike, state == WIDE_READY ? width : 1) == 0)
                continue;
            queue_move(&alike, &pipeline->open);
            queue_move(&pipeline->open, &alike);
            return -1;
        }
    }
    return 0;
}

/* Prepares what is called for the first time, before the calls. */
static void
prepare_open(struct pipeline *pipeline)
{
    for (const struct request *request = pipeline->open.head; request != NULL && !pipeline->broken; request = request->next)
        if (*wide_state(pipeline, request->number, 1) == WIDE_UNKNOWN)
            wide_prepare(pipeline, request->number, 1);
}

void
pipeline_send(struct pipeline *pipeline)
{
    size_t number = 0;
    int calls = 0;

    if (pipeline->broken || pipeline->open.head == NULL)
        return;
    prepare_open(pipeline);
    if (pipeline->broken || send_open(pipeline, &number, &calls) != 0) {
        pipeline->broken = true;
        return;
    }
    pipeline_sync(pipeline);
    if (calls > 0 && !pipeline->broken)
        wide_prepare(pipeline, number, calls);
}

void
pipeline_turn(struct pipeline *pipeline)
{
    if (pipeline->groups < GROUPS_UNDER_WAY)
        pipeline_send(pipeline);
}

/* Whether a request may be one of the group that is open. */
static bool
group_takes(const struct pipeline *pipeline, const struct request *request)
{
    const struct request *first = pipeline->open.head;

    return request->shares && first->shares && pipeline->open.count < PIPELINE_GROUP_MAX && request->arguments > 0 &&
           first->arguments > 0 && request->values[0] != NULL && first->values[0] != NULL &&
           strcmp(request->values[0], first->values[0]) == 0;
}

void
pipeline_add(struct pipeline *pipeline, struct request *request)
{
    if (pipeline->open.head != NULL && !group_takes(pipeline, request))
        pipeline_send(pipeline);
    request_queue_push(&pipeline->open, request);
    if (!request->shares)
        pipeline_send(pipeline);
}

static bool
result_is_good(const PGresult *result)
{
    return PQresultStatus(result) == PGRES_TUPLES_OK;
}

/* Whether a request has failed by itself: of several calls in one statement nobody knows which did. */
static bool
failed_alone(const struct request *request)
{
    return request->calls == 1 && !result_is_good(request->result) &&
           PQresultStatus(request->result) != PGRES_PIPELINE_ABORTED;
}

/* What would take too long together, such as when others are locked, is not tried so again at once. */
static void
learn_timeout(struct pipeline *pipeline, const struct request *request)
{
    const char *sqlstate = request->calls > 1 ? PQresultErrorField(request->result, PG_DIAG_SQLSTATE) : NULL;

    if (sqlstate != NULL && strcmp(sqlstate, "57014") == 0)
        pipeline->alone_until_ms = request_clock_ms() + ALONE_MS;
}

/* Adds one again, by itself. */
static void
add_again(struct pipeline *pipeline, struct request *request)
{
    request->result = NULL;
    request->shares = request->ends = request->done = false;
    pipeline_add(pipeline, request);
}

/* Gives a request that is of several in one statement what is its own of the result. Where nothing was found for it the others
 * are none the worse, and have been answered by what is committed; it is asked again by itself. */
static void
tell_part(struct pipeline *pipeline, struct request *request, PGresult *shared, bool rows, int place)
{
    if (rows && (place >= PQntuples(shared) || PQgetisnull(shared, place, 0))) {
        add_again(pipeline, request);
        return;
    }
    request->result = shared;
    request->row = rows ? place : 0;
    request->column = rows ? 0 : place;
    pipeline->finished(request, pipeline->context);
}

/* Gives each its answer; those of one statement have a result between them. */
static void
tell(struct pipeline *pipeline, struct request_queue *told)
{
    PGresult *shared = NULL;
    struct request *request;
    bool rows = false;
    int place = 0;

    while ((request = request_queue_pop(told)) != NULL) {
        if (request->calls > 1) {
            PQclear(shared);
            shared = request->result;
            rows = looks_up(&pipeline->statements[request->number], request->width);
            place = 0;
        }
        if (request->kind == REQUEST_WIDE)
            wide_prepared(pipeline, request);
        else if (request->calls == 1)
            pipeline->finished(request, pipeline->context);
        else
            tell_part(pipeline, request, shared, rows, place++);
    }
    PQclear(shared);
}

/* The sync of the oldest group has come. */
static void
group_finish(struct pipeline *pipeline)
{
    struct request_queue group, told;
    struct request *request;
    bool failed = pipeline->refused, last = false;

    request_queue_init(&group);
    request_queue_init(&told);
    while (!last && (request = request_queue_pop(&pipeline->sent)) != NULL) {
        last = request->ends;
        failed = failed || (request->calls > 0 && !result_is_good(request->result));
        request_queue_push(&group, request);
    }
    pipeline->reading = pipeline->sent.head;
    pipeline->groups--;
    pipeline->refused = false;
    failed = failed && group.count > 1 && group.head->kind == REQUEST_CALL;
    while ((request = request_queue_pop(&group)) != NULL)
        if (failed && !failed_alone(request)) {
            learn_timeout(pipeline, request);
            PQclear(request->result);
            add_again(pipeline, request);
        } else {
            request_queue_push(&told, request);
        }
    tell(pipeline, &told);
}

/* Whose result comes next; NULL when it is the sync. */
static struct request *
reading_now(struct pipeline *pipeline)
{
    struct request *request = pipeline->reading;

    while (request->done && !request->ends && request->next != NULL)
        request = request->next;
    pipeline->reading = request;
    return request->done ? NULL : request;
}

static void
result_keep(struct pipeline *pipeline, PGresult *result)
{
    struct request *request = reading_now(pipeline);

    if (request == NULL && pipeline->reading != pipeline->sent.head) {
        pipeline->refused = true;
        PQclear(result);
        return;
    }
    /* The last one counts: an error at the commit comes after the result that it takes back. */
    if (request == NULL)
        request = pipeline->reading;
    PQclear(request->result);
    request->result = result;
}

static void
result_end(struct pipeline *pipeline)
{
    struct request *request = reading_now(pipeline);

    if (request != NULL)
        request->done = true;
}

void
pipeline_read(struct pipeline *pipeline)
{
    /* PQgetResult would block where PQisBusy says so. */
    while (!pipeline->broken && pipeline->sent.count > 0 && !PQisBusy(pipeline->conn)) {
        PGresult *result = PQgetResult(pipeline->conn);

        /* After a broken connection libpq ends what was in flight with errors of its own making. They are no answers:
         * the request may have been committed. */
        if (PQstatus(pipeline->conn) == CONNECTION_BAD) {
            PQclear(result);
            return;
        }
        if (result == NULL) {
            result_end(pipeline);
        } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            group_finish(pipeline);
        } else {
            result_keep(pipeline, result);
        }
    }
}
