/* SPDX-License-Identifier: Apache-2.0
 *
 * A call on its way through dispatch: one JSON text, its messages, and where their answers go. For the parts of dispatch
 * alone.
 */
#ifndef JINZAI_RPC_CALL_H
#define JINZAI_RPC_CALL_H

#include "rpc/answer.h"
#include "rpc/directory.h"
#include "rpc/dispatch.h"
#include "rpc/envelope.h"
#include "rpc/kept.h"
#include "rpc/params.h"
#include "rpc/shared_text.h"

enum { DISPATCH_SECRET_SIZE = 32 };

struct dispatch {
    const struct limits *limits;
    struct pool *pool;
    struct gate *gate;
    size_t certificate;
    struct directory directory;
    json_t *constraints;
    unsigned char secret[DISPATCH_SECRET_SIZE];
    struct params_rules rules;
    const struct method *const *tables;
    struct shared_text *discover;
    char *version;
    json_int_t schema_version;
    struct subscriptions *subscriptions; /* NULL: nobody can subscribe */
    struct streams *streams;             /* NULL: nobody can import or export */
    struct computations *computations;   /* NULL: nothing can be computed */
    struct kept_answers *kept;
    struct metrics *metrics;
    void (*describe)(json_t *status, void *context);
    void (*wrote)(void *context);
    void *wrote_context, *describe_context;
};

/* One message of a call. */
struct item {
    struct call *call;
    const struct method *method;
    char *id; /* NULL: no answer is wanted */
    size_t id_size;
    char address[PRINCIPAL_ADDRESS_SIZE]; /* where a sign-in comes from */
    unsigned changes;                     /* those of the gate when it began */
    char caller[PRINCIPAL_ID_SIZE];       /* who subscribes */
    size_t number;                        /* of its method's figures */
    int64_t began_us;
    char *question;    /* of a method that keeps its answers */
    struct kept *kept; /* the answer that is there already, or NULL */
};

struct call {
    LIST_ENTRY(call) link; /* in the asker's list, while there is one */
    struct dispatch *dispatch;
    struct asker *asker;    /* NULL when it has gone away */
    struct evbuffer *batch; /* collects the answers of a batch; NULL for a single message */
    size_t pending;         /* messages without an answer, and one while the text is being read */
    size_t count;
    struct item items[];
};

/* Takes in the messages of an envelope, with one pending for whoever reads them. NULL when out of memory. */
struct call *call_new(struct dispatch *dispatch, struct asker *asker, const struct envelope *envelope);

/* Takes one from what a call waits for, and ends it when that was the last. */
void call_release(struct call *call);

/* Answers a message with a fault. trace NULL draws one; detail may be NULL. */
void item_fault(const struct item *item, const struct fault *fault, const char *trace, const json_t *detail);

/* Answers with finished JSON text, which is lent as answer_result says. */
void item_text(const struct item *item, const char *text, evbuffer_ref_cleanup_cb release, void *context);

/* Answers with an object, which is taken over; NULL says that memory ran out. */
void item_object(const struct item *item, json_t *object);

/* Answers with what the database replied, be it a result or a refusal. */
void item_reply(struct item *item, struct reply *reply);
void item_refusal(const struct item *item, const struct reply *reply);

/* Sends a statement for a message and keeps the call open until call_release. Returns 0, or -1 with the fault filled in. */
int item_send(struct item *item, size_t statement, struct params *params, pool_answer *answer, struct fault *fault);

#endif
