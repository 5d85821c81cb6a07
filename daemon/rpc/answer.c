/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/util.h>

enum {
    COPIED_BYTES = 4096, /* of a text that is copied into the output and not lent to it */
    FRAME_BYTES = 48,    /* what an answer has around its id and its result */
};

void
answer_trace(char trace[ANSWER_TRACE_SIZE])
{
    unsigned char bytes[(ANSWER_TRACE_SIZE - 1) / 2];

    evutil_secure_rng_get_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(trace + 2 * i, 3, "%02x", bytes[i]);
}

static int
add_text(struct evbuffer *to, const char *text)
{
    return evbuffer_add(to, text, strlen(text));
}

static int
add_head(struct evbuffer *to, const char *id, size_t id_size)
{
    if (add_text(to, "{\"jsonrpc\":\"2.0\",\"id\":") != 0)
        return -1;
    return evbuffer_add(to, id, id_size);
}

static int
set_text(json_t *object, const char *name, const char *text)
{
    return text[0] == '\0' ? 0 : json_object_set_new(object, name, json_string(text));
}

static json_t *
error_object(const struct fault *fault, const char *trace, const json_t *detail)
{
    json_t *data = json_object(), *error = NULL;

    if (data == NULL || (detail != NULL && json_object_update(data, (json_t *)detail) != 0) ||
        set_text(data, "name", error_name(fault->code)) != 0 ||
        set_text(data, "trace", trace) != 0 || set_text(data, "parameter", fault->parameter) != 0 ||
        set_text(data, "expected", fault->expected) != 0) {
        json_decref(data);
        return NULL;
    }
    error =
        json_pack("{s:i, s:s, s:o}", "code", fault->code, "message", fault->message, "data", data);
    return error;
}

int
answer_error(struct evbuffer *to, const char *id, size_t id_size, const struct fault *fault,
             const char *trace, const json_t *detail)
{
    json_t *error = error_object(fault, trace, detail);
    char *text = NULL;
    int rc = -1;

    if (error == NULL)
        goto out;
    text = json_dumps(error, JSON_COMPACT);
    if (text == NULL)
        goto out;
    if (add_head(to, id, id_size) != 0 || add_text(to, ",\"error\":") != 0 ||
        add_text(to, text) != 0 || add_text(to, "}") != 0)
        goto out;
    rc = 0;
out:
    free(text);
    json_decref(error);
    return rc;
}

/* A short text is copied: to lend it takes two more pieces of buffer, which cost more than its bytes. */
static int
lend_or_copy(struct evbuffer *to, const char *text, size_t size, evbuffer_ref_cleanup_cb release, void *context)
{
    if (size > COPIED_BYTES)
        return evbuffer_add_reference(to, text, size, release, context);
    if (evbuffer_add(to, text, size) != 0)
        return -1;
    if (release != NULL)
        release(text, size, context);
    return 0;
}

int
answer_result(struct evbuffer *to, const char *id, size_t id_size, const char *text, size_t size,
              evbuffer_ref_cleanup_cb release, void *context)
{
    /* In one piece, with the newline that follows. */
    if (size <= COPIED_BYTES && evbuffer_expand(to, size + id_size + FRAME_BYTES) != 0)
        goto fail;
    if (add_head(to, id, id_size) != 0 || add_text(to, ",\"result\":") != 0 ||
        lend_or_copy(to, text, size, release, context) != 0)
        goto fail;
    return add_text(to, "}");
fail:
    if (release != NULL)
        release(text, size, context);
    return -1;
}

/* What a SQLSTATE, or the beginning of one, means. Those of the jinzai family are read apart. */
static const struct {
    const char *sqlstate;
    int code;
    const char *message; /* NULL: the constraint's sentence says it */
} meanings[] = {
    {"23514", ERROR_INVALID_PARAMS, NULL},
    {"23502", ERROR_INVALID_PARAMS, NULL},
    {"23505", ERROR_CONFLICT, NULL},
    {"23P01", ERROR_CONFLICT, NULL},
    {"23503", ERROR_NOT_FOUND, NULL},
    {"57014", ERROR_TIMEOUT, "It took longer than it may; nothing was changed"},
    {"40001", ERROR_UNAVAILABLE, "It met another change of the same records; try again"},
    {"40P01", ERROR_UNAVAILABLE, "It met another change of the same records; try again"},
    {"55P03", ERROR_UNAVAILABLE, "It met another change of the same records; try again"},
    {"25006", ERROR_UNAVAILABLE, "The database takes no changes at the moment; try again later"},
    {"53", ERROR_UNAVAILABLE, "The database is short of resources; try again later"},
    {"57P0", ERROR_UNAVAILABLE, "The database is restarting; try again"},
    {"08", ERROR_UNAVAILABLE, "The database is not connected; try again"},
    {"", ERROR_INTERNAL,
     "Something went wrong inside; the daemon's log says more under the trace id"},
};

/* What a broken rule means where nobody wrote a sentence for it. */
static const char *
general_sentence(int code)
{
    switch (code) {
    case ERROR_CONFLICT:
        return "It contradicts another record";
    case ERROR_NOT_FOUND:
        return "It refers to a record that does not exist, or is referred to by one that does";
    default:
        return "It breaks a rule of the record";
    }
}

static void
explain_constraint(struct fault *fault, int code, const char *sentence)
{
    const char *colon = sentence != NULL ? strstr(sentence, ": ") : NULL;

    fault_set(fault, code, "%s", sentence != NULL ? sentence : general_sentence(code));
    if (colon == NULL)
        return;
    fault_expect(fault, "%s", colon + 2);
    snprintf(fault->parameter, sizeof fault->parameter, "%.*s", (int)(colon - sentence), sentence);
}

/* JZ0nn is the code -32000 - nn, and JZ000 an invalid parameter; 0 for any other. */
static int
family_code(const char *sqlstate)
{
    int number;

    if (strncmp(sqlstate, "JZ0", 3) != 0 || strlen(sqlstate) != 5)
        return 0;
    number = atoi(sqlstate + 3);
    return number == 0 ? ERROR_INVALID_PARAMS : -32000 - number;
}

static void
explain_refusal(struct fault *fault, json_t **detail, const struct reply *reply,
                const json_t *constraints)
{
    const char *sqlstate = reply->sqlstate != NULL ? reply->sqlstate : "";
    int code = family_code(sqlstate);
    size_t i = 0;

    if (code != 0) {
        fault_set(fault, code, "%s", reply->message != NULL ? reply->message : "");
        if (reply->detail != NULL)
            *detail = json_loads(reply->detail, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(*detail)) {
            json_decref(*detail);
            *detail = NULL;
        }
        return;
    }
    while (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) != 0)
        i++;
    if (meanings[i].message != NULL) {
        fault_set(fault, meanings[i].code, "%s", meanings[i].message);
        return;
    }
    explain_constraint(fault, meanings[i].code,
                       reply->constraint == NULL
                           ? NULL
                           : json_string_value(json_object_get(constraints, reply->constraint)));
}

void
answer_explain(struct fault *fault, json_t **detail, const struct reply *reply, bool writes,
               const json_t *constraints)
{
    *detail = NULL;
    switch (reply->status) {
    case REPLY_LOST:
        fault_set(fault, ERROR_UNAVAILABLE, "%s",
                  writes ? "The database broke off; the change may or may not have been made, and "
                           "with the same idempotency_key it is safe to try again"
                         : "The database broke off; try again");
        return;
    case REPLY_UNSENT:
        fault_set(fault, ERROR_UNAVAILABLE,
                  "The database did not take the request; try again later");
        return;
    default:
        explain_refusal(fault, detail, reply, constraints);
    }
}
