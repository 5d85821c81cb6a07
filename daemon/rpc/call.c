/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/call.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "service/metrics.h"

static const char null_text[] = "null";

static int
copy_id(struct item *item, const struct message *message)
{
    if (message->id == NULL)
        return 0;
    item->id = malloc(message->id_size + 1);
    if (item->id == NULL)
        return -1;
    memcpy(item->id, message->id, message->id_size);
    item->id[message->id_size] = '\0';
    item->id_size = message->id_size;
    return 0;
}

struct call *
call_new(struct dispatch *dispatch, struct asker *asker, const struct envelope *envelope)
{
    struct call *call = calloc(1, sizeof *call + envelope->count * sizeof *call->items);

    if (call == NULL)
        return NULL;
    call->dispatch = dispatch;
    call->asker = asker;
    call->count = envelope->count;
    call->pending = 1;
    LIST_INSERT_HEAD(&asker->calls, call, link);
    if (envelope->batch)
        call->batch = evbuffer_new();
    for (size_t i = 0; i < envelope->count; i++) {
        call->items[i].call = call;
        call->items[i].began_us = metrics_now_us();
        call->items[i].number = dispatch->directory.count; /* until its method is known */
        if (copy_id(&call->items[i], &envelope->messages[i]) != 0)
            goto fail;
    }
    if (envelope->batch && call->batch == NULL)
        goto fail;
    return call;
fail:
    call_release(call);
    return NULL;
}

/* Where an answer goes, begun with what separates it from the one before; NULL when nobody waits
 * for it. */
static struct evbuffer *
begin_answer(const struct item *item)
{
    struct call *call = item->call;

    if (item->id == NULL || call->asker == NULL || call->asker->broken)
        return NULL;
    if (call->batch == NULL)
        return call->asker->output;
    if (evbuffer_add(call->batch, evbuffer_get_length(call->batch) == 0 ? "[" : ",", 1) != 0) {
        call->asker->broken = true;
        return NULL;
    }
    return call->batch;
}

static void
end_answer(const struct item *item, int rc)
{
    struct call *call = item->call;

    if (rc == 0 && call->batch == NULL)
        rc = evbuffer_add(call->asker->output, "\n", 1);
    if (rc != 0)
        call->asker->broken = true;
}

void
call_release(struct call *call)
{
    struct asker *asker = call->asker;

    if (--call->pending > 0)
        return;
    if (asker != NULL) {
        LIST_REMOVE(call, link);
        if (call->batch != NULL && evbuffer_get_length(call->batch) > 0 && !asker->broken &&
            (evbuffer_add(call->batch, "]\n", 2) != 0 ||
             evbuffer_add_buffer(asker->output, call->batch) != 0))
            asker->broken = true;
    }
    if (call->batch != NULL)
        evbuffer_free(call->batch);
    for (size_t i = 0; i < call->count; i++) {
        free(call->items[i].id);
        free(call->items[i].question);
        kept_release(NULL, 0, call->items[i].kept);
    }
    free(call);
}

static void
count(const struct item *item, int code, size_t bytes)
{
    struct metrics *metrics = item->call->dispatch->metrics;

    if (item->began_us > 0)
        metrics_record(metrics, item->number, metrics_now_us() - item->began_us, code, bytes);
}

void
item_fault(const struct item *item, const struct fault *fault, const char *trace,
             const json_t *detail)
{
    struct evbuffer *to = begin_answer(item);
    char drawn[ANSWER_TRACE_SIZE];

    count(item, fault->code, 0);
    if (to == NULL)
        return;
    if (trace == NULL) {
        answer_trace(drawn);
        trace = drawn;
    }
    end_answer(item, answer_error(to, item->id, item->id_size, fault, trace, detail));
}

void
item_text(const struct item *item, const char *text, evbuffer_ref_cleanup_cb release,
            void *context)
{
    struct evbuffer *to = begin_answer(item);

    count(item, 0, strlen(text));
    if (to != NULL)
        end_answer(
            item, answer_result(to, item->id, item->id_size, text, strlen(text), release, context));
    else if (release != NULL)
        release(text, strlen(text), context);
}

static void
clear_result(const void *text, size_t size, void *context)
{
    (void)text;
    (void)size;
    PQclear(context);
}

static void
free_text(const void *text, size_t size, void *context)
{
    (void)text;
    (void)size;
    free(context);
}

void
item_object(const struct item *item, json_t *object)
{
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    if (text != NULL)
        item_text(item, text, free_text, text);
    else if (item->call->asker != NULL)
        item->call->asker->broken = true;
}

/* The log gets what the caller must not see; but neither gets the text of PostgreSQL, which may
 * quote parameters. */
static void
log_refusal(const struct item *item, const struct reply *reply, int code, const char *trace)
{
    const char *sqlstate = reply->sqlstate != NULL ? reply->sqlstate : "none";
    const char *constraint = reply->constraint != NULL ? reply->constraint : "none";

    if (code == ERROR_INTERNAL)
        log_write(LOG_ERR, "a method failed method=%s sqlstate=%s constraint=%s trace=%s",
                  item->method->name, sqlstate, constraint, trace);
    else if (code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT)
        log_write(LOG_WARNING,
                  "a method was not carried out method=%s error=%s sqlstate=%s trace=%s",
                  item->method->name, error_name(code), sqlstate, trace);
}

void
item_refusal(const struct item *item, const struct reply *reply)
{
    char trace[ANSWER_TRACE_SIZE];
    struct fault fault;
    json_t *detail = NULL;

    answer_trace(trace);
    answer_explain(&fault, &detail, reply, item->method->writes, item->call->dispatch->constraints);
    log_refusal(item, reply, fault.code, trace);
    item_fault(item, &fault, trace, detail);
    json_decref(detail);
}

/* Answers with a text from the database, for which holder is held until it is written. */
static void
answer_from_database(const struct item *item, const char *text, size_t size, evbuffer_ref_cleanup_cb release, void *holder)
{
    struct evbuffer *to = begin_answer(item);

    count(item, 0, size);
    if (to == NULL) {
        release(text, size, holder);
        return;
    }
    if (item->call->dispatch->gate != NULL)
        gate_charge_bytes(item->call->dispatch->gate, &item->call->asker->who, item->call->asker->address, size);
    end_answer(item, answer_result(to, item->id, item->id_size, text, size, release, holder));
}

/* The same with a copy of the text. */
static void
answer_copied(const struct item *item, const char *text, size_t size)
{
    char *copy = malloc(size);

    if (copy == NULL && item->call->asker != NULL)
        item->call->asker->broken = true;
    if (copy != NULL)
        answer_from_database(item, memcpy(copy, text, size), size, free_text, copy);
}

/* Answers from what is kept, where the database let that stand, or as it says by now, which is kept instead. */
static void
reply_kept(struct item *item, const PGresult *result)
{
    struct kept_answers *answers = item->call->dispatch->kept;
    struct kept *kept = kept_read(answers, result, item->kept);

    if (kept == NULL) {
        if (item->call->asker != NULL)
            item->call->asker->broken = true;
        return;
    }
    if (kept != item->kept && item->question != NULL)
        kept_put(answers, item->question, kept);
    answer_from_database(item, kept_text(kept), kept_size(kept), kept_release, kept);
}

void
item_reply(struct item *item, struct reply *reply)
{
    PGresult *result = reply->result;

    if (reply->status != REPLY_OK) {
        item_refusal(item, reply);
    } else if (item->method != NULL && item->method->keeps) {
        reply_kept(item, result);
    } else if (reply->text == NULL) {
        item_text(item, null_text, NULL, NULL);
    } else if (result == NULL) {
        answer_copied(item, reply->text, reply->size);
    } else {
        reply->result = NULL; /* given back when the text is written */
        answer_from_database(item, reply->text, reply->size, clear_result, result);
    }
}

/* Sends the stamp of the answer that is there along with the question. Without memory for it the database composes anew. */
static void
remember(struct item *item, size_t statement, struct params *params)
{
    struct kept_answers *answers = item->call->dispatch->kept;

    item->question = kept_question(statement, params->values, params->count);
    item->kept = item->question != NULL ? kept_find(answers, item->question) : NULL;
    if (item->kept != NULL)
        params->values[params->count - 1] = strdup(kept_stamp(item->kept));
}

int
item_send(struct item *item, size_t statement, struct params *params, pool_answer *answer, struct fault *fault)
{
    struct call *call = item->call;

    params->values[0] = call->asker->who.id[0] != '\0' ? call->asker->who.id : NULL;
    if (item->method != NULL && item->method->keeps)
        remember(item, statement, params);
    if (pool_send(call->dispatch->pool, statement, params->values, answer, item) != 0) {
        fault_set(fault, ERROR_UNAVAILABLE,
                  "Too many requests are waiting for the database; try again later");
        return -1;
    }
    call->asker->in_flight++;
    call->pending++;
    return 0;
}
