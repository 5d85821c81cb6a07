/* SPDX-License-Identifier: Apache-2.0
 *
 * One call of a prepared statement on its way through the pool, and the queues it stands in.
 */
#ifndef JINZAI_STORE_REQUEST_H
#define JINZAI_STORE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "store/pool.h"

enum request_kind {
    REQUEST_CALL,    /* of a statement */
    REQUEST_PREPARE, /* and those below: what a backend sends for itself */
    REQUEST_WIDE,    /* prepares a statement of one call or several when it is needed */
    REQUEST_SETTING,
    REQUEST_BARRIER,
};

struct request {
    struct request *next;
    size_t number;     /* of the statement */
    size_t size_bytes; /* what it occupies */
    int64_t since_ms;  /* when it came, by request_clock_ms */
    pool_answer *answer;
    void *context;
    enum request_kind kind;
    PGresult *result; /* what has come for it so far */
    int calls;        /* once sent: in its statement, if it is the first of them, or else 0 */
    int width;        /* once sent: how many calls its statement holds; REQUEST_WIDE: the one that it prepares */
    int row, column;  /* once finished: where in the result its answer is */
    bool shares;      /* may be in a group with others */
    bool ends;        /* the last of its group */
    bool done;        /* nothing more comes for it but the group's sync */
    int arguments;
    const char *values[]; /* arguments of them, and after them their text */
};

/* First in, first out. */
struct request_queue {
    struct request *head, **tail;
    int count;
    size_t size_bytes;
};

/* Copies values into a request; NULL when out of memory. */
struct request *request_new(size_t number, const char *const *values, int arguments, pool_answer *answer,
                            void *context);

/* Gives the answer and frees the request. reply->result is cleared unless the callee set it to NULL. A request without
 * an answer is only freed. */
void request_answer(struct request *request, struct reply *reply);

/* The same for all that stand in a queue, with nothing but a status. The queue is empty before the first is told,
 * because what they do next may be to ask again. */
void request_queue_answer(struct request_queue *queue, enum reply_status status);

void request_queue_init(struct request_queue *queue);
void request_queue_push(struct request_queue *queue, struct request *request);

/* Takes the oldest; NULL from an empty queue. */
struct request *request_queue_pop(struct request_queue *queue);

/* Milliseconds of a clock that only goes forward. */
int64_t request_clock_ms(void);

#endif
