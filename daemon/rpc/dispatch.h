/* SPDX-License-Identifier: Apache-2.0
 *
 * From one JSON text to its answer: messages are taken out of the text, each is found in the
 * catalogue, allowed, checked, and sent to the database or answered here. Answers go out in the
 * order in which they are ready; those of a batch are collected. What the database answered is lent
 * to the output, neither parsed nor copied.
 */
#ifndef JINZAI_RPC_DISPATCH_H
#define JINZAI_RPC_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <jansson.h>

#include "access/gate.h"
#include "access/principal.h"
#include "config.h"
#include "rpc/method.h"
#include "store/pool.h"

struct call; /* one text whose answer is not complete */

LIST_HEAD(call_list, call);

struct subscription; /* what is sent to an asker unasked, by rpc/subscription */
struct subscriptions;
struct streams; /* imports and exports, by rpc/stream */
struct computations; /* on worker threads, by rpc/computation */

LIST_HEAD(subscription_list, subscription);

/* Who waits for answers; a connection embeds one. What waits points at it, and is unlinked by
 * dispatch_leave. */
struct asker {
    struct principal who;  /* as whom the next request is made */
    struct principal peer; /* who it is by its socket alone, before and after it is signed in */
    char address[PRINCIPAL_ADDRESS_SIZE];
    bool secret;  /* a text held a token: whoever keeps its bytes must erase them */
    bool waiting; /* for who it is; nothing may be taken in until then */
    struct evbuffer *output;               /* where answers go, each with its newline */
    void (*answered)(struct asker *asker); /* called after each change of output or in_flight; must
                                              free nothing */
    struct call_list calls;
    struct subscription_list subscriptions;
    int subscribed, subscribing; /* how many of them there are, and how many are on their way */
    struct streams *streams;     /* those that it has begun one of, or NULL */
    struct computations *computations; /* those that it has begun one of, or NULL */
    bool leaving;                /* nothing more is asked, and nobody can subscribe */
    int in_flight; /* requests and notifications that the database works on */
    bool broken;   /* memory ran out in the middle of an answer: nothing more makes sense */
};

/* What dispatch_new is given. All of it is borrowed and must outlive the dispatch, but start, which
 * is only read. */
struct dispatch_setup {
    const struct limits *limits;
    const struct method *const *tables; /* ended by NULL, as catalogue_tables */
    struct pool *pool;                  /* opened with the statements of the same tables */
    struct gate *gate;                  /* NULL: nobody is held up, and nobody can sign in */
    size_t certificate;                 /* the number of the statement that knows certificates */
    const json_t *start;                /* what api.daemon_start answered */
    const char *version;                /* of jinzaid */
    struct subscriptions *subscriptions; /* NULL: nobody can subscribe */
    struct streams *streams;             /* NULL: nobody can import or export */
    struct computations *computations;   /* NULL: nothing can be computed */
    void (*describe)(json_t *status, void *context); /* adds to what server.status says of the daemon; may be NULL */
    void *describe_context;
    void (*wrote)(void *context); /* called after each write that the database has committed; may be
                                     NULL */
    void *wrote_context;
};

struct dispatch;

/* Returns NULL with *error set to a sentence, which the caller frees. */
struct dispatch *dispatch_new(const struct dispatch_setup *setup, char **error);

/* The limits have changed: who asks next for the description of the methods gets it with them. */
void dispatch_reload(struct dispatch *dispatch);

/* Lets go of the answers that are kept, since the server that they came from is gone. */
void dispatch_forget(struct dispatch *dispatch);

/* Makes an asker ready. */
void asker_init(struct asker *asker, struct principal who, struct evbuffer *output,
                void (*answered)(struct asker *asker));

/* Answers one JSON text, which is needed no longer when this returns. */
void dispatch_text(struct dispatch *dispatch, struct asker *asker, const char *text, size_t size);

/* Answers a text that never became a value, with the error that the code and the sentence say and
 * id null. */
void dispatch_refuse(struct asker *asker, int code, const char *sentence, const char *expected);

/* Signs the asker in by the names of its verified certificate, as the text of a PostgreSQL array, before anything else is
 * taken in. Where that is not possible it stays a stranger. */
void dispatch_certificate(struct dispatch *dispatch, struct asker *asker, const char *names);

/* The asker goes away: what it asked is still carried out, and the answers are dropped. */
void dispatch_leave(struct asker *asker);

/* Call it when no asker is left and the pool is closed. */
void dispatch_free(struct dispatch *dispatch);

#endif
