/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

enum {
    READ_BYTES = 64 * 1024,
    READ_ROUNDS = 16,        /* in one turn, so that jinzai_process returns */
    OUT_ENOUGH = 256 * 1024, /* requests past it wait uncopied for their turn */
    SIGN_IN = -1, /* the id of the sign-in that goes before all else on a connection made anew */
    PREFIX_BYTES = 256,      /* kept of an answer that is too long: its id is there */
    RETRY_FIRST_MS = 100,    /* after an answer "unavailable" */
    RETRY_LONGEST_MS = 2000,
};

void
jinzai_connection_explain(const struct jinzai *conn, struct jinzai_error *error)
{
    const char *why = conn->link.reason == 0 ? "the other side closes the connection"
                                             : strerrordesc_np(conn->link.reason);

    if (conn->refusal.code != 0) {
        if (error != NULL)
            *error = conn->refusal;
        return;
    }
    if (conn->link.tls != NULL && jinzai_tls_reason(conn->link.tls) != NULL)
        why = jinzai_tls_reason(conn->link.tls);
    jinzai_error_set(error, JINZAI_CANNOT_CONNECT, "cannot connect to %s: %s", conn->address,
                     why != NULL ? why : "unknown reason");
}

/* Moves a request to the answered ones and gives it room for a failure. Returns NULL when out of
 * memory. */
static struct jinzai_error *
settle(struct jinzai *conn, struct jinzai_request *request, bool failed)
{
    jinzai_request_remove(&conn->pending, request);
    jinzai_request_append(&conn->answered, request);
    request->state = JINZAI_REQUEST_ANSWERED;
    explicit_bzero(request->text, request->size); /* it may hold a token */
    free(request->text);
    request->text = NULL;
    if (failed)
        request->error = calloc(1, sizeof *request->error);
    return request->error;
}

/* The connection is over: what may be sent again waits for the next one, the rest has failed. */
static void
lose(struct jinzai *conn, int64_t now_ms, int reason)
{
    struct jinzai_request *request, *next;

    jinzai_link_drop(&conn->link, now_ms, reason);
    conn->frame = (struct jinzai_frame){0};
    conn->in_size = 0;
    conn->skipping = false;
    for (request = conn->pending.first; request != NULL; request = next) {
        next = request->next;
        if (request->state != JINZAI_REQUEST_SENT)
            continue;
        if (request->again) {
            request->state = JINZAI_REQUEST_WAITING;
        } else {
            jinzai_error_set(
                settle(conn, request, true), JINZAI_LOST,
                "the connection to %s broke; the request may or may not have been done",
                conn->address);
        }
    }
}

/* What talks here is no jinzaid, so that sending again would not help. */
static void
give_up(struct jinzai *conn, int64_t now_ms, int code, const char *sentence)
{
    struct jinzai_request *request, *next;

    for (request = conn->pending.first; request != NULL; request = next) {
        next = request->next;
        if (request->state == JINZAI_REQUEST_SENT)
            jinzai_error_set(settle(conn, request, true), code, "%s: %s", conn->address, sentence);
    }
    lose(conn, now_ms, 0);
}

/* Whether an error may pass by itself; then the request waits for its next attempt. */
static bool
retry(struct jinzai_request *request, const json_t *error, int64_t now_ms)
{
    const char *message = json_string_value(json_object_get(error, "message"));
    int pause_ms = RETRY_LONGEST_MS;

    if (!request->again || json_integer_value(json_object_get(error, "code")) != JINZAI_UNAVAILABLE)
        return false;
    if (request->retries < 5 && RETRY_FIRST_MS << request->retries < RETRY_LONGEST_MS)
        pause_ms = RETRY_FIRST_MS << request->retries;
    pause_ms +=
        (int)(request->ticket % 16) * pause_ms / 32; /* neighbours do not all come back at once */
    if (now_ms + pause_ms >= request->deadline_ms)
        return false;
    request->retries++;
    free(request->refusal);
    request->refusal = message != NULL ? strdup(message) : NULL;
    request->due_ms = now_ms + pause_ms;
    request->state = JINZAI_REQUEST_WAITING;
    return true;
}

/* An error without an id belongs to a text that the daemon could not read, or would not for its
 * length: the longest one under way. */
static struct jinzai_request *
find_unread(const struct jinzai *conn)
{
    struct jinzai_request *longest = NULL;

    for (struct jinzai_request *at = conn->pending.first; at != NULL; at = at->next) {
        if (at->state == JINZAI_REQUEST_SENT && (longest == NULL || at->size > longest->size))
            longest = at;
    }
    return longest;
}

/* The sign-in of a connection made anew was answered. Where it is refused, so is all that waits for it: nothing may be
 * asked as somebody else. */
static void
take_sign_in(struct jinzai *conn, const struct jinzai_message *message, int64_t now_ms)
{
    json_int_t code = json_integer_value(json_object_get(message->body, "code"));
    struct jinzai_request *request, *next;

    if (message->kind == JINZAI_MESSAGE_RESULT) {
        conn->signed_made = conn->link.made;
        return;
    }
    for (request = conn->pending.first; request != NULL && code != JINZAI_UNAVAILABLE && code != JINZAI_LIMIT_EXCEEDED;
         request = next) {
        next = request->next;
        jinzai_error_read(settle(conn, request, true), message->body);
    }
    lose(conn, now_ms, 0);
}

static void
take_answer(struct jinzai *conn, const struct jinzai_message *message, int64_t now_ms)
{
    struct jinzai_request *request = jinzai_request_find(&conn->pending, message->ticket);

    if (message->ticket == 0 && message->kind == JINZAI_MESSAGE_ERROR) {
        request = find_unread(conn);
        if (request == NULL)
            jinzai_error_read(&conn->refusal, message->body);
    } else {
        conn->refusal.code = 0;
        jinzai_link_praise(&conn->link);
    }
    if (message->ticket == SIGN_IN) {
        take_sign_in(conn, message, now_ms);
        return;
    }
    if (request == NULL || request->state != JINZAI_REQUEST_SENT)
        return; /* forgotten, or past its deadline */
    if (message->kind == JINZAI_MESSAGE_RESULT) {
        settle(conn, request, false);
        request->result = json_incref(message->body);
    } else if (!retry(request, message->body, now_ms)) {
        jinzai_error_read(settle(conn, request, true), message->body);
    }
}

static void
take_message(struct jinzai *conn, const char *text, size_t size, int64_t now_ms)
{
    struct jinzai_message message;

    jinzai_message_read(&message, text, size);
    switch (message.kind) {
    case JINZAI_MESSAGE_RESULT:
    case JINZAI_MESSAGE_ERROR:
        take_answer(conn, &message, now_ms);
        break;
    case JINZAI_MESSAGE_NOTIFICATION:
        if (conn->notification != NULL)
            conn->notification(message.method, message.body, conn->context);
        break;
    case JINZAI_MESSAGE_BROKEN:
        give_up(conn, now_ms, JINZAI_BAD_ANSWER, "the answer is not JSON-RPC 2.0");
        break;
    }
    json_decref(message.root);
}

/* The end of an answer that was too long to keep. */
static void
take_skipped(struct jinzai *conn, int64_t now_ms)
{
    struct jinzai_request *request =
        jinzai_request_find(&conn->pending, jinzai_message_ticket(conn->in, conn->in_size));

    conn->skipping = false;
    conn->in_size = 0;
    if (request == NULL || request->state != JINZAI_REQUEST_SENT) {
        give_up(conn, now_ms, JINZAI_TOO_LARGE, "an answer is longer than the limit");
        return;
    }
    jinzai_error_set(settle(conn, request, true), JINZAI_TOO_LARGE,
                     "the answer is longer than %zu bytes", conn->answer_bytes);
}

/* Keeps bytes of a message that goes on, or only its beginning where it is too long. */
static int
keep(struct jinzai *conn, const char *bytes, size_t size)
{
    size_t room = conn->in_room;
    char *larger;

    if (conn->skipping)
        return 0;
    if (conn->in_size + size > conn->answer_bytes) {
        conn->skipping = true;
        if (conn->in_size >= PREFIX_BYTES) {
            conn->in_size = PREFIX_BYTES;
            return 0;
        }
        size = size < PREFIX_BYTES - conn->in_size ? size : PREFIX_BYTES - conn->in_size;
    }
    while (room < conn->in_size + size)
        room = room == 0 ? READ_BYTES : room * 2;
    if (room != conn->in_room) {
        larger = realloc(conn->in, room);
        if (larger == NULL)
            return -1;
        conn->in = larger;
        conn->in_room = room;
    }
    memcpy(conn->in + conn->in_size, bytes, size);
    conn->in_size += size;
    return 0;
}

/* Takes bytes as they came. Returns 0, or -1 when the connection is no longer up. */
static int
take_bytes(struct jinzai *conn, const char *bytes, size_t size, int64_t now_ms)
{
    while (size > 0) {
        size_t used = 0;
        enum jinzai_frame_result result = jinzai_frame_scan(&conn->frame, bytes, size, &used);

        if (result == JINZAI_FRAME_BROKEN) {
            give_up(conn, now_ms, JINZAI_BAD_ANSWER, "the answer is not JSON");
            return -1;
        }
        if (result == JINZAI_FRAME_MORE && conn->frame.depth == 0)
            return 0; /* white space between messages */
        if (result == JINZAI_FRAME_COMPLETE && conn->in_size == 0 && used <= conn->answer_bytes) {
            take_message(conn, bytes, used, now_ms); /* the usual case needs no copy */
        } else {
            if (keep(conn, bytes, used) != 0) {
                give_up(conn, now_ms, JINZAI_NO_MEMORY, "out of memory");
                return -1;
            }
            if (result == JINZAI_FRAME_COMPLETE && conn->skipping) {
                take_skipped(conn, now_ms);
            } else if (result == JINZAI_FRAME_COMPLETE) {
                take_message(conn, conn->in, conn->in_size, now_ms);
                conn->in_size = 0;
            }
        }
        if (conn->link.state != JINZAI_LINK_UP)
            return -1;
        bytes += used;
        size -= used;
    }
    return 0;
}

static void
read_answers(struct jinzai *conn, int64_t now_ms)
{
    char bytes[READ_BYTES];

    for (int round = 0; round < READ_ROUNDS; round++) {
        int reason = 0;
        long size = jinzai_link_read(&conn->link, bytes, sizeof bytes, &reason);

        if (size == 0)
            return;
        if (size < 0) {
            lose(conn, now_ms, reason);
            return;
        }
        if (take_bytes(conn, bytes, (size_t)size, now_ms) != 0 || (size_t)size < sizeof bytes)
            return;
    }
}

/* Asks to be signed in, once a connection. */
static void
queue_sign_in(struct jinzai *conn)
{
    json_t *call;
    char *text;

    if (conn->asked_made == conn->link.made)
        return;
    call = json_pack("{s:s, s:i, s:s, s:{s:s}}", "jsonrpc", "2.0", "id", SIGN_IN, "method", "access.sign_in", "params",
                     "token", conn->token);
    text = json_dumps(call, JSON_COMPACT);
    if (text != NULL && jinzai_link_put(&conn->link, text, strlen(text)) == 0 && jinzai_link_put(&conn->link, "\n", 1) == 0)
        conn->asked_made = conn->link.made;
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
    json_decref(call);
}

/* Copies requests whose time has come to the link. */
static void
queue(struct jinzai *conn, int64_t now_ms)
{
    struct jinzai_request *request, *next;

    if (conn->token != NULL && conn->signed_made != conn->link.made) {
        queue_sign_in(conn);
        return;
    }
    for (request = conn->pending.first; request != NULL && conn->link.out_size < OUT_ENOUGH;
         request = next) {
        next = request->next;
        if (request->state != JINZAI_REQUEST_WAITING || request->due_ms > now_ms)
            continue;
        if (jinzai_link_put(&conn->link, request->text, request->size) != 0) {
            jinzai_error_set(settle(conn, request, true), JINZAI_NO_MEMORY, "out of memory");
            continue;
        }
        request->state = JINZAI_REQUEST_SENT;
    }
}

void
jinzai_connection_push(struct jinzai *conn)
{
    if (conn->link.state != JINZAI_LINK_UP)
        return;
    queue(conn, jinzai_link_now());
    jinzai_link_flush(&conn->link);
}

/* The last attempt may still be under way, whatever those before it were told. */
static void
explain_lateness(const struct jinzai_request *request, struct jinzai_error *error)
{
    jinzai_error_set(error, JINZAI_DEADLINE, "no answer came within the deadline%s%s",
                     request->refusal != NULL ? "; the attempt before was told: " : "",
                     request->refusal != NULL ? request->refusal : "");
}

static void
expire(struct jinzai *conn, int64_t now_ms)
{
    struct jinzai_request *request, *next;

    for (request = conn->pending.first; request != NULL; request = next) {
        next = request->next;
        if (request->deadline_ms > now_ms)
            continue;
        if (conn->link.state == JINZAI_LINK_UP)
            explain_lateness(request, settle(conn, request, true));
        else
            jinzai_connection_explain(conn, settle(conn, request, true));
    }
}

int
jinzai_process(struct jinzai *conn)
{
    int64_t now_ms = jinzai_link_now();
    struct jinzai_link *link = &conn->link;
    int reason;

    if (link->state != JINZAI_LINK_UP && conn->pending.first != NULL)
        jinzai_link_connect(link, now_ms);
    if (link->state == JINZAI_LINK_UP)
        read_answers(conn, now_ms);
    while (link->state == JINZAI_LINK_UP) {
        queue(conn, now_ms);
        if (link->out_size == 0)
            break;
        reason = jinzai_link_flush(link);
        if (reason != 0)
            lose(conn, now_ms, reason);
        else if (link->out_size > 0)
            break;
    }
    expire(conn, now_ms);
    return conn->answered.count;
}

int
jinzai_wait_ms(const struct jinzai *conn)
{
    const struct jinzai_link *link = &conn->link;
    int64_t now_ms = jinzai_link_now(), at_ms = INT64_MAX;

    if (link->state == JINZAI_LINK_CONNECTING)
        at_ms = link->connect_by_ms;
    else if (link->state == JINZAI_LINK_DOWN && conn->pending.first != NULL)
        at_ms = link->retry_at_ms;
    for (const struct jinzai_request *at = conn->pending.first; at != NULL; at = at->next) {
        bool due = link->state == JINZAI_LINK_UP && at->state == JINZAI_REQUEST_WAITING &&
                   at->due_ms > now_ms;

        if (due && at->due_ms < at_ms)
            at_ms = at->due_ms;
        if (at->deadline_ms < at_ms)
            at_ms = at->deadline_ms;
    }
    if (at_ms == INT64_MAX)
        return -1;
    return at_ms <= now_ms ? 0 : at_ms - now_ms > 3600000 ? 3600000 : (int)(at_ms - now_ms);
}
