/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests from the moment they are sent until they are received, and the lists that they stand in.
 */
#ifndef JINZAI_LIB_REQUEST_H
#define JINZAI_LIB_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "jinzai.h"

enum jinzai_request_state {
    JINZAI_REQUEST_WAITING,  /* to be written, not before due_ms */
    JINZAI_REQUEST_SENT,     /* given to the connection there is */
    JINZAI_REQUEST_ANSWERED, /* result or error is there */
};

struct jinzai_request {
    struct jinzai_request *previous, *next;
    enum jinzai_request_state state;
    int64_t ticket;
    char *text; /* the message with its newline; freed when it is answered */
    size_t size;
    bool again;  /* it may be sent again: a read, or a write with an idempotency key */
    int retries; /* answers "unavailable" so far */
    char *refusal; /* what the last of them said; NULL where there was none */
    int64_t due_ms, deadline_ms;
    json_t *result;
    struct jinzai_error *error; /* NULL with no result either: out of memory */
};

struct jinzai_request_list {
    struct jinzai_request *first, *last;
    int count;
};

/* Composes a request. params is JSON text of an object or array, or NULL; keyed says that it has an
 * idempotency key of its own. Returns NULL with *error filled. */
struct jinzai_request *jinzai_request_make(int64_t ticket, const char *method, const char *params,
                                           bool keyed, unsigned flags, struct jinzai_error *error);

/* Frees a request that stands in no list; NULL is allowed. */
void jinzai_request_free(struct jinzai_request *request);

void jinzai_request_append(struct jinzai_request_list *list, struct jinzai_request *request);
void jinzai_request_remove(struct jinzai_request_list *list, struct jinzai_request *request);

/* The request of that ticket, or NULL. */
struct jinzai_request *jinzai_request_find(const struct jinzai_request_list *list, int64_t ticket);

/* What a message from the daemon is. */
enum jinzai_message_kind {
    JINZAI_MESSAGE_RESULT,
    JINZAI_MESSAGE_ERROR,
    JINZAI_MESSAGE_NOTIFICATION,
    JINZAI_MESSAGE_BROKEN,
};

/* A message taken apart; all but root are lent by it. */
struct jinzai_message {
    enum jinzai_message_kind kind;
    json_t *root;   /* the caller's to json_decref */
    int64_t ticket; /* 0 when the daemon could not know it */
    json_t *body;   /* the result, the error or the notification's parameters, which may be NULL */
    const char *method;
};

/* Takes one message apart. */
void jinzai_message_read(struct jinzai_message *message, const char *text, size_t size);

/* The ticket that an answer begins with, from its first bytes alone; 0 where they do not tell. */
int64_t jinzai_message_ticket(const char *text, size_t size);

#endif
