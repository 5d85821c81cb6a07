/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "log.h"
#include "rpc/subscription.h"

/* Signing in by a certificate is no method that a caller can name. */
static const struct method certificate = {.name = "a certificate", .kind = METHOD_SIGN_IN, .cost = COST_FAST};

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
    item_fault(item, &fault, NULL, NULL);
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
    if (strcmp(asker->who.id, who.id) != 0 || strcmp(asker->who.token, who.token) != 0)
        subscriptions_end(asker, ERROR_UNAUTHENTICATED, "Somebody else has signed in on this connection");
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
    item_fault(item, &fault, NULL, NULL);
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
        item_refusal(item, reply);
    else if (item->changes != gate_changes(gate))
        answer_again(item); /* what the database said may be over already */
    else if (sign_in(item, reply) && item->method != &certificate)
        item_reply(item, reply);
    return false;
}

int
sign_in_check(const struct dispatch *dispatch, struct asker *asker, const struct method *method, struct fault *fault)
{
    struct principal *who = &asker->who;
    int64_t now_ms;

    if (who->token[0] == '\0' || method->roles & ROLE_STRANGER)
        return 0;
    now_ms = gate_now_ms();
    if (now_ms >= who->until_ms) {
        subscriptions_end(asker, ERROR_UNAUTHENTICATED, "The sign-in has ended");
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

/* The database has answered a sign-in. */
static void
reply_arrived(struct reply *reply, void *context)
{
    struct item *item = context;
    struct call *call = item->call;
    struct asker *asker = call->asker;

    if (sign_in_arrived(item, reply))
        return;
    if (asker != NULL) {
        if (item->method == &certificate)
            asker->waiting = false;
        asker->in_flight--;
    }
    call_release(call);
    if (asker != NULL)
        asker->answered(asker);
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
begin(struct item *item, const struct entry *entry, struct params *params)
{
    struct call *call = item->call;
    struct gate *gate = call->dispatch->gate;
    struct fault fault;

    snprintf(item->address, sizeof item->address, "%s", call->asker->address);
    if (gate == NULL || gate_try(gate, item->address, &fault) != 0) {
        if (gate == NULL)
            fault_set(&fault, ERROR_UNAVAILABLE, "Nobody can sign in here");
        item_fault(item, &fault, NULL, NULL);
        return;
    }
    item->changes = gate_changes(gate);
    if (item_send(item, entry->statement, params, reply_arrived, &fault) == 0)
        return;
    gate_pass(gate, item->address);
    item_fault(item, &fault, NULL, NULL);
}

void
sign_in_begin(struct item *item, const struct entry *entry, struct params *params, const json_t *given)
{
    begin(item, entry, params);
    erase_secrets(entry->method, given);
    item->call->asker->secret = true;
}

void
sign_in_leave(struct item *item)
{
    struct asker *asker = item->call->asker;

    subscriptions_end(asker, ERROR_UNAUTHENTICATED, "The caller has signed out");
    asker->who = asker->peer;
    item_text(item, "{\"signed_out\":true}", NULL, NULL);
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
