/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "log.h"
#include "rpc/answer.h"
#include "rpc/directory.h"
#include "rpc/discover.h"
#include "rpc/envelope.h"
#include "rpc/params.h"

enum { SECRET_SIZE = 32 };

/* Signing in by a certificate is no method that a caller can name. */
static const struct method certificate = {.name = "a certificate", .kind = METHOD_SIGN_IN, .cost = COST_FAST};


static const char null_id[] = "null";

struct dispatch {
    const struct limits *limits;
    struct pool *pool;
    struct gate *gate;
    size_t certificate;
    struct directory directory;
    json_t *constraints;
    unsigned char secret[SECRET_SIZE];
    struct params_rules rules;
    char *discover, *version;
    json_int_t schema_version;
    void (*wrote)(void *context);
    void *wrote_context;
};

/* One message of a call. */
struct item {
    struct call *call;
    const struct method *method;
    char *id; /* NULL: no answer is wanted */
    size_t id_size;
    char address[PRINCIPAL_ADDRESS_SIZE]; /* where a sign-in comes from */
    unsigned changes;                     /* those of the gate when it began */
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

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static int
read_secret(unsigned char secret[SECRET_SIZE], const char *hex)
{
    if (hex == NULL || strlen(hex) != 2 * SECRET_SIZE)
        return -1;
    for (size_t i = 0; i < SECRET_SIZE; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return -1;
        secret[i] = (unsigned char)(high << 4 | low);
    }
    return 0;
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
    dispatch->wrote = setup->wrote;
    dispatch->wrote_context = setup->wrote_context;
    dispatch->constraints = json_incref(json_object_get(setup->start, "constraints"));
    dispatch->schema_version = json_integer_value(json_object_get(setup->start, "schema_version"));
    dispatch->rules =
        (struct params_rules){setup->limits, dispatch->secret, sizeof dispatch->secret};
    dispatch->version = strdup(setup->version);
    if (dispatch->version == NULL || directory_open(&dispatch->directory, setup->tables) != 0)
        goto fail;
    if (read_secret(dispatch->secret,
                    json_string_value(json_object_get(setup->start, "once_secret"))) != 0) {
        sentence = "the database gave no once_secret of 64 hex digits";
        goto fail;
    }
    dispatch->discover = discover_compose(setup->tables, setup->limits, setup->version);
    if (dispatch->discover == NULL) {
        sentence = "the description of the methods cannot be composed";
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
    free(dispatch->discover);
    free(dispatch->version);
    free(dispatch);
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
}

void
dispatch_leave(struct asker *asker)
{
    struct call *call;

    while ((call = LIST_FIRST(&asker->calls)) != NULL) {
        LIST_REMOVE(call, link);
        call->asker = NULL;
        if (call->batch != NULL)
            evbuffer_free(call->batch);
        call->batch = NULL;
    }
    asker->in_flight = 0;
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

/* Takes one from what a call waits for, and ends it when that was the last. */
static void
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
    for (size_t i = 0; i < call->count; i++)
        free(call->items[i].id);
    free(call);
}

static void
answer_fault(const struct item *item, const struct fault *fault, const char *trace,
             const json_t *detail)
{
    struct evbuffer *to = begin_answer(item);
    char drawn[ANSWER_TRACE_SIZE];

    if (to == NULL)
        return;
    if (trace == NULL) {
        answer_trace(drawn);
        trace = drawn;
    }
    end_answer(item, answer_error(to, item->id, item->id_size, fault, trace, detail));
}

static void
answer_text(const struct item *item, const char *text, evbuffer_ref_cleanup_cb release,
            void *context)
{
    struct evbuffer *to = begin_answer(item);

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

static void
answer_refusal(const struct item *item, const struct reply *reply)
{
    char trace[ANSWER_TRACE_SIZE];
    struct fault fault;
    json_t *detail = NULL;

    answer_trace(trace);
    answer_explain(&fault, &detail, reply, item->method->writes, item->call->dispatch->constraints);
    log_refusal(item, reply, fault.code, trace);
    answer_fault(item, &fault, trace, detail);
    json_decref(detail);
}

static void
answer_reply(const struct item *item, struct reply *reply)
{
    struct evbuffer *to;
    PGresult *result = reply->result;

    if (reply->status != REPLY_OK) {
        answer_refusal(item, reply);
        return;
    }
    if (reply->text == NULL) {
        answer_text(item, null_id, NULL, NULL);
        return;
    }
    to = begin_answer(item);
    if (to == NULL)
        return;
    if (item->call->dispatch->gate != NULL)
        gate_charge_bytes(item->call->dispatch->gate, &item->call->asker->who, item->call->asker->address, reply->size);
    reply->result = NULL; /* the output gives it back when the text is written */
    end_answer(item, answer_result(to, item->id, item->id_size, reply->text, reply->size,
                                   clear_result, result));
}

/* Signing in ------------------------------------------------------------------------------------------------------- */

static const char *
member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* Reads who the caller is. Returns 0, or -1 for an answer that makes no sense. */
static int
read_principal(struct principal *who, const char *text)
{
    json_t *answer = text != NULL ? json_loads(text, 0, NULL) : NULL;
    const json_t *scopes = json_object_get(answer, "scopes"), *scope;
    const json_t *expires = json_object_get(answer, "expires_in");
    size_t index;

    *who = (struct principal){.role = role_of_name(member_text(answer, "role"))};
    snprintf(who->id, sizeof who->id, "%s", member_text(json_object_get(answer, "principal"), "id"));
    snprintf(who->token, sizeof who->token, "%s", member_text(answer, "token"));
    if (expires != NULL)
        who->until_ms = gate_now_ms() + json_integer_value(expires) * 1000;
    who->read_only = scopes != NULL;
    json_array_foreach(scopes, index, scope)
        if (strcmp(json_string_value(scope), "write") == 0)
            who->read_only = false;
    json_decref(answer);
    return who->role != 0 && who->id[0] != '\0' ? 0 : -1;
}

/* What every failed sign-in answers, whatever was wrong. */
static void
answer_stranger(void *context)
{
    struct item *item = context;
    struct call *call = item->call;
    struct asker *asker = call->asker;
    struct fault fault;

    fault_set(&fault, ERROR_UNAUTHENTICATED, "The token does not let anyone in");
    fault_expect(&fault, "a token that an administrator made with token.create, neither expired nor revoked");
    if (asker != NULL)
        asker->in_flight--;
    answer_fault(item, &fault, NULL, NULL);
    call_release(call);
    if (asker != NULL)
        asker->answered(asker);
}

/* The database knows the caller. Returns whether the answer may be given. */
static bool
sign_in(const struct item *item, const struct reply *reply)
{
    struct asker *asker = item->call->asker;
    struct principal who;

    if (read_principal(&who, reply->text) != 0 || asker == NULL)
        return false;
    log_write(LOG_INFO, "signed in principal=%s role=%s address=%s by=%s", who.id, role_name(who.role), item->address,
              item->method == &certificate ? "certificate" : "token");
    asker->who = who;
    if (item->method == &certificate)
        asker->peer = who;
    return true;
}

static void
answer_again(const struct item *item)
{
    struct fault fault;

    fault_set(&fault, ERROR_UNAVAILABLE, "What the caller may do was changed at this moment; try again");
    answer_fault(item, &fault, NULL, NULL);
}

/* Returns whether the answer is still to be given, by the gate and late. */
static bool
sign_in_arrived(struct item *item, struct reply *reply)
{
    struct gate *gate = item->call->dispatch->gate;
    bool refused = reply->status == REPLY_FAILED && strcmp(reply->sqlstate, "JZ004") == 0;
    const char *by = item->method == &certificate ? "certificate" : "token";

    if (refused && item->method == &certificate) {
        log_write(LOG_WARNING, "a certificate is no principal's address=%s", item->address);
        gate_pass(gate, item->address);
        return false;
    }
    if (refused)
        return gate_refuse(gate, item->address, by, answer_stranger, item) == 0 || (answer_again(item), false);
    gate_pass(gate, item->address);
    if (reply->status != REPLY_OK)
        answer_refusal(item, reply);
    else if (item->changes != gate_changes(gate))
        answer_again(item); /* what the database said may be over already */
    else if (sign_in(item, reply) && item->method != &certificate)
        answer_reply(item, reply);
    return false;
}

/* The pool has answered. */
static void
reply_arrived(struct reply *reply, void *context)
{
    struct item *item = context;
    struct call *call = item->call;
    struct asker *asker = call->asker;

    if (item->method->kind == METHOD_SIGN_IN) {
        if (sign_in_arrived(item, reply))
            return;
        if (item->method == &certificate && asker != NULL)
            asker->waiting = false;
    }
    if (asker != NULL)
        asker->in_flight--;
    if (reply->status == REPLY_OK && item->method->writes && call->dispatch->wrote != NULL)
        call->dispatch->wrote(call->dispatch->wrote_context);
    if (item->method->kind != METHOD_SIGN_IN)
        answer_reply(item, reply);
    call_release(call);
    if (asker != NULL)
        asker->answered(asker);
}

static void
answer_info(const struct item *item)
{
    const struct dispatch *dispatch = item->call->dispatch;
    json_t *info = json_pack("{s:s, s:s, s:s, s:I, s:[s, s], s:{s:s}}", "name", "jinzaid",
                             "version", dispatch->version, "protocol", "JSON-RPC 2.0",
                             "schema_version", dispatch->schema_version, "languages", "en", "ja",
                             "caller", "role", role_name(item->call->asker->who.role));
    char *text = info != NULL ? json_dumps(info, JSON_COMPACT) : NULL;

    json_decref(info);
    if (text != NULL)
        answer_text(item, text, free_text, text);
    else
        item->call->asker->broken = true;
}

/* Whether a sign-in still holds. Returns 0, or -1 with the fault filled in. */
static int
check_sign_in(const struct dispatch *dispatch, struct asker *asker, const struct method *method, struct fault *fault)
{
    struct principal *who = &asker->who;
    int64_t now_ms;

    if (who->token[0] == '\0' || method->roles & ROLE_STRANGER)
        return 0;
    now_ms = gate_now_ms();
    if (now_ms >= who->until_ms) {
        *who = (struct principal){.role = ROLE_STRANGER, .ended = true};
        return 0;
    }
    if (!gate_is_fresh(dispatch->gate, now_ms)) {
        fault_set(fault, ERROR_UNAVAILABLE,
                  "The database does not answer, and so the daemon cannot tell whether the token is still good; try again");
        return -1;
    }
    if (who->read_only && method->writes) {
        fault_set(fault, ERROR_DENIED, "The token is for reading alone, and %s writes", method->name);
        return -1;
    }
    return 0;
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
    if (check_sign_in(dispatch, asker, entry->method, fault) != 0)
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

/* Sends the statement of a method. Returns 0, or -1 with the fault filled in. */
static int
send_statement(struct item *item, const struct entry *entry, struct params *params,
               struct fault *fault)
{
    struct call *call = item->call;

    params->values[0] = call->asker->who.id[0] != '\0' ? call->asker->who.id : NULL;
    if (pool_send(call->dispatch->pool, entry->statement, params->values, reply_arrived, item) !=
        0) {
        fault_set(fault, ERROR_UNAVAILABLE,
                  "Too many requests are waiting for the database; try again later");
        return -1;
    }
    call->asker->in_flight++;
    call->pending++;
    return 0;
}

static void
erase_secrets(const struct method *method, const json_t *params)
{
    for (const struct param *param = method->params; param->type != PARAM_END; param++) {
        const json_t *value = json_is_array(params) ? json_array_get(params, 0) : json_object_get(params, param->name);

        if (param->type == PARAM_SECRET && json_is_string(value))
            OPENSSL_cleanse((char *)json_string_value(value), json_string_length(value));
    }
}

static void
begin_sign_in(struct item *item, const struct entry *entry, struct params *params)
{
    struct call *call = item->call;
    struct gate *gate = call->dispatch->gate;
    struct fault fault;

    snprintf(item->address, sizeof item->address, "%s", call->asker->address);
    if (gate == NULL || gate_try(gate, item->address, &fault) != 0) {
        if (gate == NULL)
            fault_set(&fault, ERROR_UNAVAILABLE, "Nobody can sign in here");
        answer_fault(item, &fault, NULL, NULL);
        return;
    }
    item->changes = gate_changes(gate);
    if (send_statement(item, entry, params, &fault) == 0)
        return;
    gate_pass(gate, item->address);
    answer_fault(item, &fault, NULL, NULL);
}

static void
sign_out(struct item *item)
{
    struct asker *asker = item->call->asker;

    asker->who = asker->peer;
    answer_text(item, "{\"signed_out\":true}", NULL, NULL);
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
        answer_fault(item, &message->fault, NULL, NULL);
        return;
    }
    entry = admit(call->dispatch, call->asker, message->method, &fault);
    if (entry == NULL ||
        params_read(&params, &call->dispatch->rules, entry->method, message->params, &fault) != 0) {
        answer_fault(item, &fault, NULL, NULL);
        return;
    }
    item->method = entry->method;
    switch (entry->method->kind) {
    case METHOD_SQL:
        if (send_statement(item, entry, &params, &fault) != 0)
            answer_fault(item, &fault, NULL, NULL);
        break;
    case METHOD_DISCOVER:
        answer_text(item, call->dispatch->discover, NULL, NULL);
        break;
    case METHOD_INFO:
        answer_info(item);
        break;
    case METHOD_SIGN_IN:
        begin_sign_in(item, entry, &params);
        erase_secrets(entry->method, message->params);
        call->asker->secret = true;
        break;
    case METHOD_SIGN_OUT:
        sign_out(item);
        break;
    }
    params_free(&params);
}

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

static struct call *
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
dispatch_certificate(struct dispatch *dispatch, struct asker *asker, const char *names)
{
    const char *const values[] = {names};
    struct call *call = NULL;
    struct fault fault;

    if (dispatch->gate == NULL || gate_try(dispatch->gate, asker->address, &fault) != 0)
        return;
    call = calloc(1, sizeof *call + sizeof *call->items);
    if (call == NULL)
        goto fail;
    call->dispatch = dispatch;
    call->asker = asker;
    call->count = 1;
    call->pending = 1;
    call->items[0] = (struct item){.call = call, .method = &certificate, .changes = gate_changes(dispatch->gate)};
    memcpy(call->items[0].address, asker->address, sizeof call->items[0].address);
    if (pool_send(dispatch->pool, dispatch->certificate, values, reply_arrived, &call->items[0]) != 0)
        goto fail;
    LIST_INSERT_HEAD(&asker->calls, call, link);
    asker->in_flight++;
    asker->waiting = true;
    return;
fail:
    gate_pass(dispatch->gate, asker->address);
    log_write(LOG_WARNING, "a certificate was not looked up address=%s", asker->address);
    free(call);
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
