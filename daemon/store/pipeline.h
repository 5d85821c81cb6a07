/* SPDX-License-Identifier: Apache-2.0
 *
 * What is under way on one connection to PostgreSQL: requests in groups, and the results that come back for them.
 *
 * A sync ends each group. A group is a transaction, so that an error ends with it. What PostgreSQL sends for it is: for
 * each statement its result and NULL, and then PGRES_PIPELINE_SYNC, after which no NULL comes. The transaction is
 * committed at the sync and not at the result: a deferred constraint can still refuse it there, and so the answers wait
 * for the sync.
 *
 * Most requests are a group of their own. Only those share one that PostgreSQL itself knows to change nothing, or that
 * write nothing but that people were read, and only those of one caller, since who calls is a setting of the transaction.
 * Those of a group that ask one function for an object are one statement, which calls it as often and answers in as many
 * columns, or looks all of them up and answers in as many rows: to PostgreSQL each sync costs a transaction, and each
 * statement costs more than such a function. What is not found so is asked again, by itself. Where one
 * fails, nothing of the group was committed; the others are asked again, each alone, and only then is it written whom
 * they read.
 */
#ifndef JINZAI_STORE_PIPELINE_H
#define JINZAI_STORE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

#include "store/request.h"

enum {
    /* Requests to a group: the first of them waits for the last. */
    PIPELINE_GROUP_MAX = 16,
};

struct pipeline;

/* Creates one for statements[0 … count), which must outlive it. finished is given each request when its group has ended
 * well or it has failed by itself, in the order in which they were sent, and owns it from then on. NULL when out of
 * memory. */
struct pipeline *pipeline_new(const struct statement *statements, size_t count,
                              void (*finished)(struct request *request, void *context), void *context);

/* Begins on a connection that has nothing under way and is the caller's. Returns 0, or -1 when it cannot. */
int pipeline_begin(struct pipeline *pipeline, PGconn *conn);

/* Leaves the connection, which may be broken. Requests that were sent are added to sent, and to unsent those that were not. */
void pipeline_leave(struct pipeline *pipeline, struct request_queue *sent, struct request_queue *unsent);

/* Adds a call, and owns it. Its statement is prepared before the first call of it. One that shares its group with nobody is
 * sent at once; others gather until a turn sends them, or until one comes that the group does not take. */
void pipeline_add(struct pipeline *pipeline, struct request *request);

/* Sends the group that is open, if one is. Where it cannot, the pipeline is broken. */
void pipeline_send(struct pipeline *pipeline);

/* The same, but lets it go on gathering while PostgreSQL has enough to do. To be called whenever something was added or
 * read. */
void pipeline_turn(struct pipeline *pipeline);

/* Sends the prepare command of a statement. Returns 0, or -1 when it cannot. A sync is due after it. */
int pipeline_prepare(struct pipeline *pipeline, size_t number);

/* Takes over a request for which the caller has just sent something by itself, with no group open. A sync is due after it. */
void pipeline_sent(struct pipeline *pipeline, struct request *request);

/* Ends the group of what was sent by pipeline_prepare and pipeline_sent. */
void pipeline_sync(struct pipeline *pipeline);

/* Takes in the results that have arrived. */
void pipeline_read(struct pipeline *pipeline);

/* Requests under way, with what the caller has sent by itself and without what the pipeline has. */
int pipeline_count(const struct pipeline *pipeline);

/* Requests in the oldest group that was sent, of the commands of a longer one the first PIPELINE_GROUP_MAX: PostgreSQL may
 * take the time of each of them for it. 0 where none was. */
int pipeline_oldest(const struct pipeline *pipeline);

/* Whether something could not be sent, or a result makes no sense: the connection is of no further use. */
bool pipeline_is_broken(const struct pipeline *pipeline);

void pipeline_free(struct pipeline *pipeline);

#endif
