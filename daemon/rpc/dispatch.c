/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "log.h"
#include "rpc/call.h"
#include "rpc/computation.h"
#include "rpc/discover.h"
#include "rpc/sign_in.h"
#include "rpc/status.h"
#include "rpc/stream.h"
#include "rpc/subscription.h"
#include "service/metrics.h"

static const char null_id[] = "null";

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static int
read_secret(unsigned char secret[DISPATCH_SECRET_SIZE], const char *hex)
{
    if (hex == NULL || strlen(hex) != 2 * DISPATCH_SECRET_SIZE)
        return -1;
    for (size_t i = 0; i < DISPATCH_SECRET_SIZE; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return -1;
        secret[i] = (unsigned char)(high << 4 | low);
    }
    return 0;
}

void
dispatch_reload(struct dispatch *dispatch)
{
    shared_text_release(NULL, 0, dispatch->discover); /* answers that are being written keep theirs */
    dispatch->discover = NULL;
}

struct dispatch *
dispatch_new(const struct dispatch_setup *setup, char **error)
{
    const char *sentence = "out of memory";
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);

    if (dispatch == NULL)
        goto fail;
    dispatch->limits = setup->limits;
    dispatch->pool = setup->pool;
    dispatch->gate = setup->gate;
    dispatch->certificate = setup->certificate;
    dispatch->tables = setup->tables;
    dispatch->subscriptions = setup->subscriptions;
    dispatch->streams = setup->streams;
    dispatch->computations = setup->computations;
    dispatch->describe = setup->describe;
    dispatch->describe_context = setup->describe_context;
    dispatch->wrote = setup->wrote;
    dispatch->wrote_context = setup->wrote_context;
    dispatch->constraints = json_incref(json_object_get(setup->start, "constraints"));
    dispatch->schema_version = json_integer_value(json_object_get(setup->start, "schema_version"));
    dispatch->rules =
        (struct params_rules){setup->limits, dispatch->secret, sizeof dispatch->secret};
    dispatch->version = strdup(setup->version);
    if (dispatch->version == NULL || directory_open(&dispatch->directory, setup->tables) != 0)
        goto fail;
    dispatch->metrics = metrics_new(dispatch->directory.count + 1);
    dispatch->kept = kept_answers_new(&setup->limits->kept_bytes);
    if (dispatch->metrics == NULL || dispatch->kept == NULL)
        goto fail;
    if (read_secret(dispatch->secret,
                    json_string_value(json_object_get(setup->start, "once_secret"))) != 0) {
        sentence = "the database gave no once_secret of 64 hex digits";
        goto fail;
    }
    return dispatch;
fail:
    *error = strdup(sentence);
    dispatch_free(dispatch);
    return NULL;
}

void
dispatch_free(struct dispatch *dispatch)
{
    if (dispatch == NULL)
        return;
    json_decref(dispatch->constraints);
    directory_close(&dispatch->directory);
    OPENSSL_cleanse(dispatch->secret, sizeof dispatch->secret);
    shared_text_release(NULL, 0, dispatch->discover);
    metrics_free(dispatch->metrics);
    kept_answers_free(dispatch->kept);
    free(dispatch->version);
    free(dispatch);
}

void
dispatch_forget(struct dispatch *dispatch)
{
    kept_answers_clear(dispatch->kept);
}

void
asker_init(struct asker *asker, struct principal who, struct evbuffer *output,
           void (*answered)(struct asker *asker))
{
    memset(asker, 0, sizeof *asker);
    asker->who = asker->peer = who;
    asker->output = output;
    asker->answered = answered;
    LIST_INIT(&asker->calls);
    LIST_INIT(&asker->subscriptions);
}

void
dispatch_leave(struct asker *asker)
{
    struct call *call;

    computations_leave(asker->computations, asker);
    while ((call = LIST_FIRST(&asker->calls)) != NULL) {
        LIST_REMOVE(call, link);
        call->asker = NULL;
        if (call->batch != NULL)
            evbuffer_free(call->batch);
        call->batch = NULL;
    }
    asker->in_flight = 0;
    subscriptions_forget(asker);
    streams_leave(asker);
}

/* The pool has answered. */
static void
reply_arrived(struct reply *reply, void *context)
{
    struct item *item = context;
    struct call *call = item->call;
    struct asker *asker = call->asker;

    if (asker != NULL)
        asker->in_flight--;
    if (reply->status == REPLY_OK && item->method->writes && call->dispatch->wrote != NULL)
        call->dispatch->wrote(call->dispatch->wrote_context);
    if (item->method->kind == METHOD_SUBSCRIBE)
        subscription_arrived(item, reply);
    else if (item->method->kind == METHOD_STATUS)
        status_arrived(item, reply);
    else if (item->method->kind == METHOD_MODEL && reply->status == REPLY_OK && asker != NULL)
        computation_begin(item, reply);
    else
        item_reply(item, reply);
    call_release(call);
    if (asker != NULL)
        asker->answered(asker);
}

static void
answer_discover(const struct item *item)
{
    struct dispatch *dispatch = item->call->dispatch;

    /* For the first who asks: at the start, all others would wait for it. */
    if (dispatch->discover == NULL)
        dispatch->discover = shared_text_new(discover_compose(dispatch->tables, dispatch->limits, dispatch->version));
    if (dispatch->discover == NULL) {
        item->call->asker->broken = true;
        return;
    }
    item_text(item, shared_text(dispatch->discover), shared_text_release, shared_text_keep(dispatch->discover));
}

static void
answer_info(const struct item *item)
{
    const struct dispatch *dispatch = item->call->dispatch;
    json_t *info = json_pack("{s:s, s:s, s:s, s:I, s:[s, s], s:{s:s}}", "name", "jinzaid",
                             "version", dispatch->version, "protocol", "JSON-RPC 2.0",
                             "schema_version", dispatch->schema_version, "languages", "en", "ja",
                             "caller", "role", role_name(item->call->asker->who.role));

    item_object(item, info);
}

/* Finds the method and lets the caller in. NULL with the fault filled in. */
static const struct entry *
admit(const struct dispatch *dispatch, struct asker *asker, const char *name, struct fault *fault)
{
    const struct entry *entry = directory_find(&dispatch->directory, name);

    if (dispatch->gate != NULL && gate_charge_request(dispatch->gate, &asker->who, asker->address, fault) != 0)
        return NULL;

    if (entry == NULL) {
        directory_missing(&dispatch->directory, name, fault);
        return NULL;
    }
    if (sign_in_check(dispatch, asker, entry->method, fault) != 0)
        return NULL;
    if (entry->method->roles & asker->who.role)
        return entry;
    if (asker->who.ended) {
        fault_set(fault, ERROR_UNAUTHENTICATED, "The sign-in has ended");
        fault_expect(fault, "access.sign_in with a token that is good");
    } else if (asker->who.role == ROLE_STRANGER) {
        fault_set(fault, ERROR_UNAUTHENTICATED, "%s is only for callers that the daemon knows",
                  entry->method->name);
        fault_expect(fault, "access.sign_in with a token, a certificate, or a unix socket of a user that the daemon knows");
    } else {
        fault_set(fault, ERROR_DENIED, "The role %s may not call %s", role_name(asker->who.role),
                  entry->method->name);
    }
    return NULL;
}

/* Begins to carry out one message; what can be answered at once is. */
static void
item_begin(struct item *item, const struct message *message)
{
    struct call *call = item->call;
    const struct entry *entry;
    struct params params = {NULL, 0};
    struct fault fault;

    if (message->fault.code != 0) {
        item_fault(item, &message->fault, NULL, NULL);
        return;
    }
    entry = admit(call->dispatch, call->asker, message->method, &fault);
    if (entry != NULL)
        item->number = (size_t)(entry - call->dispatch->directory.entries);
    if (entry == NULL ||
        params_read(&params, &call->dispatch->rules, entry->method, message->params, &fault) != 0) {
        item_fault(item, &fault, NULL, NULL);
        return;
    }
    item->method = entry->method;
    switch (entry->method->kind) {
    case METHOD_SQL:
    case METHOD_MODEL:
        if (item_send(item, entry->statement, &params, reply_arrived, &fault) != 0)
            item_fault(item, &fault, NULL, NULL);
        break;
    case METHOD_SUBSCRIBE:
        if (subscription_begin(item, &fault) != 0 ||
            item_send(item, entry->statement, &params, reply_arrived, &fault) != 0)
            subscription_refused(item, &fault);
        break;
    case METHOD_UNSUBSCRIBE:
        subscription_leave(item, params.values[1]);
        break;
    case METHOD_STATUS:
        if (item_send(item, entry->statement, &params, reply_arrived, &fault) != 0)
            status_arrived(item, NULL);
        break;
    case METHOD_STATISTICS:
        status_methods(item);
        break;
    case METHOD_BULK:
        stream_begin(item, &params);
        break;
    case METHOD_DISCOVER:
        answer_discover(item);
        break;
    case METHOD_INFO:
        answer_info(item);
        break;
    case METHOD_SIGN_IN:
        sign_in_begin(item, entry, &params, message->params);
        break;
    case METHOD_SIGN_OUT:
        sign_in_leave(item);
        break;
    }
    params_free(&params);
}

static void
refuse(struct asker *asker, const struct fault *fault)
{
    char trace[ANSWER_TRACE_SIZE];

    answer_trace(trace);
    if (answer_error(asker->output, null_id, strlen(null_id), fault, trace, NULL) != 0 ||
        evbuffer_add(asker->output, "\n", 1) != 0)
        asker->broken = true;
}

void
dispatch_text(struct dispatch *dispatch, struct asker *asker, const char *text, size_t size)
{
    struct envelope envelope;
    struct call *call = NULL;

    if (dispatch->gate != NULL)
        gate_charge_bytes(dispatch->gate, &asker->who, asker->address, size);
    if (envelope_open(&envelope, text, size, (size_t)dispatch->limits->batch_items) != 0) {
        asker->broken = true;
        goto out;
    }
    if (envelope.fault.code != 0) {
        refuse(asker, &envelope.fault);
        goto out;
    }
    call = call_new(dispatch, asker, &envelope);
    if (call == NULL) {
        asker->broken = true;
        goto out;
    }
    for (size_t i = 0; i < envelope.count; i++)
        item_begin(&call->items[i], &envelope.messages[i]);
    call_release(call);
out:
    envelope_close(&envelope);
    asker->answered(asker);
}

void
dispatch_refuse(struct asker *asker, int code, const char *sentence, const char *expected)
{
    struct fault fault;

    fault_set(&fault, code, "%s", sentence);
    fault_expect(&fault, "%s", expected);
    refuse(asker, &fault);
    asker->answered(asker);
}
