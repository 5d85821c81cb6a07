/* SPDX-License-Identifier: Apache-2.0
 *
 * The pool: for each cost class a lane of pipelined connections to PostgreSQL, all asynchronous from connect to close.
 * Every request is one prepared statement and a transaction of its own, so that an error stays with its request; reads
 * that share either are asked again where a neighbour fails. A request goes to the least loaded backend of its lane that has
 * room, or to the one where others are looked up with it; otherwise it waits in the lane's bounded queue.
 */
#ifndef JINZAI_STORE_POOL_H
#define JINZAI_STORE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/event.h>
#include <libpq-fe.h>

#include "config.h"

enum reply_status {
    REPLY_OK,     /* text is the finished JSON */
    REPLY_FAILED, /* PostgreSQL refused: see sqlstate and the fields after it */
    REPLY_LOST,   /* the connection broke while it was in flight: it may or may not have happened */
    REPLY_UNSENT, /* it was never sent: the pool closed, or no backend came up in time */
};

struct reply {
    enum reply_status status;
    const char *text; /* REPLY_OK: the first column of the first row, or what is its own of several; NULL if it was SQL null */
    size_t size;
    /* What text and the fields below point into, with all rows and columns; set to NULL to keep it (PQclear it later). NULL,
     * with a text that is there for the call alone, where several have it between them. */
    PGresult *result;
    const char *sqlstate, *message, *detail, *constraint; /* REPLY_FAILED; any but sqlstate may be NULL */
};

struct pool;

/* One statement of the pool, by its number: SQL text with $1 … and how many there are. */
struct statement {
    const char *sql;
    int arguments;
    enum cost_class lane;
    /* Several calls of it may be one statement, since it is "select" and one expression, whose $1 is the caller; and it answers
     * with one object, so that none waits long for another. */
    bool joins;
    /* Where the database can answer several calls in one look-up: the statement for them, in which @n stands for an array of
     * what $n is in each. It answers with a row for each in their order: null for one that is to be asked alone. Where there are
     * fewer calls than it holds the last are null, and so are their rows. NULL: calls always stand side by side. */
    const char *each;
    bool shares; /* it may share a transaction: it changes nothing, or only adds to the log of who read whom */
};

typedef void pool_answer(struct reply *reply, void *context);

/* Opens the lanes for statements[0 … count), which must outlive the pool, and begins to connect. conninfo is the
 * daemon's own, restricted login. Returns NULL when out of memory. */
struct pool *pool_open(struct event_base *base, const struct config *conf, const char *conninfo,
                       const struct statement *statements, size_t count);

/* Sends statement number with values (text format; NULL is SQL null), copied before it returns. answer is called
 * exactly once, from the event loop and never before pool_send has returned. Returns 0, or -1 when the lane's queue is
 * full, and then answer is never called. */
int pool_send(struct pool *pool, size_t number, const char *const *values, pool_answer *answer, void *context);

struct pool_state {
    int backends, ready;  /* configured, and connected and prepared */
    int in_flight, queued;
};

/* From here on changed is called when a lane comes into reach or goes out of it. */
void pool_watch(struct pool *pool, void (*changed)(void *context), void *context);

/* Whether every lane has a backend that takes requests. */
bool pool_is_ready(const struct pool *pool);

/* What a lane is doing. */
struct pool_state pool_state(const struct pool *pool, enum cost_class lane);

/* Answers everything that waits or is in flight with REPLY_UNSENT or REPLY_LOST and closes all connections. */
void pool_close(struct pool *pool);

#endif
