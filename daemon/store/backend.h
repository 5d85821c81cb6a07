/* SPDX-License-Identifier: Apache-2.0
 *
 * A backend: one pipelined connection to PostgreSQL. It keeps itself connected and its lane's statements prepared.
 */
#ifndef JINZAI_STORE_BACKEND_H
#define JINZAI_STORE_BACKEND_H

#include <stdbool.h>

#include "store/request.h"

enum backend_state {
    BACKEND_DOWN,      /* not connected; an attempt goes on or its pause does */
    BACKEND_PREPARING, /* connected; the statements are on their way */
    BACKEND_READY,     /* takes requests */
};

struct backend_lane {
    struct event_base *base;
    const struct config *conf;
    enum cost_class cost;
    const char *conninfo;
    const struct statement *statements;
    size_t count;
    int depth; /* requests in flight a backend, or half as many as it takes of what is looked up at once */
    /* These were given to a backend that went down before it sent them; the callee owns them. */
    void (*returned)(struct request_queue *unsent, void *context);
    /* There may be room where there was none, or a backend became ready or went down. */
    void (*changed)(void *context);
    void *context;
};

struct backend;

/* "fast", "write" …, as the log and the configuration call the lanes. */
const char *lane_name(enum cost_class cost);

/* Begins to connect; NULL when out of memory. lane must outlive the backend. */
struct backend *backend_open(const struct backend_lane *lane);

enum backend_state backend_state(const struct backend *backend);

/* Requests given to it and not answered. */
int backend_in_flight(const struct backend *backend);

/* Of those the ones that PostgreSQL has still to answer and of which it cannot look up several at once. */
int backend_long_calls(const struct backend *backend);

/* Gives a request to a backend that is ready and has fewer than twice the lane's depth in flight. The backend owns it, and sends
 * it when the loop comes round, or a few turns later with others. */
void backend_send(struct backend *backend, struct request *request);

/* Answers what is in flight with REPLY_LOST, and what was not sent with REPLY_UNSENT, and frees the backend. Not from within
 * an answer. */
void backend_close(struct backend *backend);

#endif
