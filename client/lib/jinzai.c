/* SPDX-License-Identifier: Apache-2.0 */
#include "jinzai.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "error.h"
#include "version.h"

enum { REAL_DIGITS = 15 }; /* all that a double keeps of a decimal fraction as people write it */

const char *
jinzai_version(void)
{
    return JINZAI_VERSION;
}

/* Sleeps until the socket is ready or a timer runs out, but not past until_ms (-1: no such bound).
 */
static void
wait_ready(struct jinzai *conn, int64_t until_ms)
{
    unsigned events = jinzai_events(conn);
    struct pollfd ready = {.fd = jinzai_fd(conn)};
    int wait_ms = jinzai_wait_ms(conn);
    int64_t left_ms = until_ms - jinzai_link_now();

    if ((events & JINZAI_READABLE) != 0)
        ready.events |= POLLIN;
    if ((events & JINZAI_WRITABLE) != 0)
        ready.events |= POLLOUT;
    if (until_ms >= 0 && (wait_ms < 0 || left_ms < wait_ms))
        wait_ms = left_ms > 0 ? (int)left_ms : 0;
    poll(&ready, 1, wait_ms); /* an interruption only makes the caller look again */
}

static int
connect_first(struct jinzai *conn, int64_t until_ms, struct jinzai_error *error)
{
    struct jinzai_link *link = &conn->link;

    for (;;) {
        int64_t now_ms = jinzai_link_now();

        jinzai_link_connect(link, now_ms);
        if (link->state == JINZAI_LINK_UP)
            return 0;
        /* A full backlog of a unix socket is a daemon that is busy, anything else is no daemon. */
        if (link->state == JINZAI_LINK_DOWN && link->reason != EAGAIN)
            break;
        if (now_ms >= until_ms) {
            link->reason = ETIMEDOUT;
            break;
        }
        wait_ready(conn, link->state == JINZAI_LINK_DOWN && link->retry_at_ms < until_ms
                             ? link->retry_at_ms
                             : until_ms);
    }
    jinzai_connection_explain(conn, error);
    return -1;
}

struct jinzai *
jinzai_open(const char *address, int timeout_ms, struct jinzai_error *error)
{
    struct jinzai *conn = calloc(1, sizeof *conn);
    int64_t until_ms = jinzai_link_now() + (timeout_ms > 0 ? timeout_ms : JINZAI_TIMEOUT_MS);
    struct jinzai_address parsed;

    if (conn == NULL) {
        jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
        return NULL;
    }
    jinzai_link_init(&conn->link);
    conn->answer_bytes = JINZAI_ANSWER_BYTES;
    if (jinzai_address_parse(&parsed, address, error) != 0)
        goto fail;
    jinzai_error_copy(conn->address, sizeof conn->address, address);
    if (parsed.tls) {
        conn->link.tls = jinzai_tls_open(parsed.host, error);
        if (conn->link.tls == NULL)
            goto fail;
    }
    conn->link.endpoints = jinzai_address_resolve(&parsed, conn->link.endpoint, error);
    if (conn->link.endpoints < 0 || connect_first(conn, until_ms, error) != 0)
        goto fail;
    return conn;
fail:
    jinzai_close(conn);
    return NULL;
}

static void
free_list(struct jinzai_request_list *list)
{
    while (list->first != NULL) {
        struct jinzai_request *request = list->first;

        jinzai_request_remove(list, request);
        jinzai_request_free(request);
    }
}

static void
forget_token(struct jinzai *conn)
{
    if (conn->token != NULL)
        explicit_bzero(conn->token, strlen(conn->token));
    free(conn->token);
    conn->token = NULL;
}

void
jinzai_close(struct jinzai *conn)
{
    if (conn == NULL)
        return;
    free_list(&conn->pending);
    free_list(&conn->answered);
    jinzai_link_close(&conn->link);
    forget_token(conn);
    free(conn->in);
    free(conn);
}

static int64_t
send_params(struct jinzai *conn, const char *method, const char *params, bool keyed, unsigned flags,
            int timeout_ms, struct jinzai_error *error)
{
    struct jinzai_request *request;

    if (conn->pending.count + conn->answered.count >= JINZAI_OUTSTANDING_MAX) {
        jinzai_error_set(error, JINZAI_BUSY, "%d requests wait to be received",
                         JINZAI_OUTSTANDING_MAX);
        return -1;
    }
    request = jinzai_request_make(conn->last_ticket + 1, method, params, keyed, flags, error);
    if (request == NULL)
        return -1;
    request->deadline_ms = jinzai_link_now() + (timeout_ms > 0 ? timeout_ms : JINZAI_TIMEOUT_MS);
    jinzai_request_append(&conn->pending, request);
    jinzai_connection_push(conn);
    return conn->last_ticket = request->ticket;
}

int64_t
jinzai_send(struct jinzai *conn, const char *method, const json_t *params, unsigned flags,
            int timeout_ms, struct jinzai_error *error)
{
    char *text = NULL;
    int64_t ticket;

    if (params != NULL && !json_is_object(params) && !json_is_array(params)) {
        jinzai_error_set(error, JINZAI_BAD_CALL,
                         "parameters are neither a JSON object nor an array");
        return -1;
    }
    if (params != NULL) {
        text = json_dumps(params, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
        if (text == NULL) {
            jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
            return -1;
        }
    }
    ticket = send_params(conn, method, text, json_object_get(params, "idempotency_key") != NULL,
                         flags, timeout_ms, error);
    free(text);
    return ticket;
}

int64_t
jinzai_send_text(struct jinzai *conn, const char *method, const char *params, unsigned flags,
                 int timeout_ms, struct jinzai_error *error)
{
    json_error_t where;
    json_t *parsed = params != NULL ? json_loads(params, JSON_ALLOW_NUL, &where) : NULL;
    bool keyed = json_object_get(parsed, "idempotency_key") != NULL;

    if (params != NULL && parsed == NULL) {
        jinzai_error_set(error, JINZAI_BAD_CALL,
                         "parameters are no JSON object or array: line %d, column %d: %s",
                         where.line, where.column, where.text);
        return -1;
    }
    json_decref(parsed);
    return send_params(conn, method, params, keyed, flags, timeout_ms, error);
}

/* Hands an answered request to the caller and frees it. */
static int
deliver(struct jinzai *conn, struct jinzai_request *request, json_t **result,
        struct jinzai_error *error)
{
    int rc = request->result != NULL ? 0 : -1;

    if (rc == 0 && result != NULL) {
        *result = request->result;
        request->result = NULL;
    }
    if (rc != 0 && request->error == NULL)
        jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
    else if (rc != 0 && error != NULL)
        *error = *request->error;
    jinzai_request_remove(&conn->answered, request);
    jinzai_request_free(request);
    return rc;
}

int
jinzai_receive(struct jinzai *conn, int64_t ticket, json_t **result, struct jinzai_error *error)
{
    if (result != NULL)
        *result = NULL;
    for (;;) {
        struct jinzai_request *request = jinzai_request_find(&conn->answered, ticket);

        if (request != NULL)
            return deliver(conn, request, result, error);
        if (jinzai_request_find(&conn->pending, ticket) == NULL) {
            jinzai_error_set(error, JINZAI_BAD_CALL, "no request has this ticket");
            return -1;
        }
        if (jinzai_process(conn) == 0 || jinzai_request_find(&conn->answered, ticket) == NULL)
            wait_ready(conn, -1); /* the request's own deadline is among the timers */
    }
}

int64_t
jinzai_receive_any(struct jinzai *conn, int wait_ms, json_t **result, struct jinzai_error *error)
{
    int64_t until_ms = wait_ms < 0 ? -1 : jinzai_link_now() + wait_ms;

    *result = NULL;
    for (;;) {
        int64_t ticket;

        if (conn->answered.first != NULL || jinzai_process(conn) > 0) {
            ticket = conn->answered.first->ticket;
            deliver(conn, conn->answered.first, result, error);
            return ticket;
        }
        if (conn->pending.first == NULL && conn->link.state == JINZAI_LINK_DOWN) {
            jinzai_error_set(error, JINZAI_LOST, "the connection to %s is gone", conn->address);
            return -1;
        }
        if (until_ms >= 0 && jinzai_link_now() >= until_ms)
            return 0;
        wait_ready(conn, until_ms);
    }
}

void
jinzai_forget(struct jinzai *conn, int64_t ticket)
{
    struct jinzai_request *request = jinzai_request_find(&conn->pending, ticket);
    struct jinzai_request_list *list = &conn->pending;

    if (request == NULL) {
        list = &conn->answered;
        request = jinzai_request_find(list, ticket);
    }
    if (request == NULL)
        return;
    jinzai_request_remove(list, request);
    jinzai_request_free(request);
}

static int
call(struct jinzai *conn, const char *method, const json_t *params, unsigned flags, int timeout_ms,
     json_t **result, struct jinzai_error *error)
{
    int64_t ticket = jinzai_send(conn, method, params, flags, timeout_ms, error);

    if (ticket > 0)
        return jinzai_receive(conn, ticket, result, error);
    if (result != NULL)
        *result = NULL;
    return -1;
}

int
jinzai_call(struct jinzai *conn, const char *method, const json_t *params, int timeout_ms,
            json_t **result, struct jinzai_error *error)
{
    return call(conn, method, params, 0, timeout_ms, result, error);
}

int
jinzai_write(struct jinzai *conn, const char *method, const json_t *params, int timeout_ms,
             json_t **result, struct jinzai_error *error)
{
    return call(conn, method, params, JINZAI_WRITE, timeout_ms, result, error);
}

int
jinzai_sign_in(struct jinzai *conn, const char *token, int timeout_ms, json_t **result, struct jinzai_error *error)
{
    json_t *params = NULL;
    char *kept;
    int rc;

    if (result != NULL)
        *result = NULL;
    forget_token(conn);
    if (token == NULL)
        return jinzai_call(conn, "access.sign_out", NULL, timeout_ms, result, error);
    kept = strdup(token);
    params = json_pack("{s:s}", "token", token);
    if (kept == NULL || params == NULL) {
        free(kept);
        json_decref(params);
        jinzai_error_set(error, JINZAI_BAD_CALL, "the token is not UTF-8, or memory ran out");
        return -1;
    }
    rc = jinzai_call(conn, "access.sign_in", params, timeout_ms, result, error);
    json_decref(params);
    conn->token = kept;
    if (rc == 0)
        conn->signed_made = conn->link.made;
    else
        forget_token(conn);
    return rc;
}

void
jinzai_set_notification(struct jinzai *conn, jinzai_notification *notification, void *context)
{
    conn->notification = notification;
    conn->context = context;
}

void
jinzai_set_answer_bytes(struct jinzai *conn, size_t bytes)
{
    conn->answer_bytes = bytes;
}

int
jinzai_fd(const struct jinzai *conn)
{
    return conn->link.fd;
}

unsigned
jinzai_events(const struct jinzai *conn)
{
    switch (conn->link.state) {
    case JINZAI_LINK_CONNECTING:
        return conn->link.shaking && !jinzai_tls_wants_write(conn->link.tls) ? JINZAI_READABLE : JINZAI_WRITABLE;
    case JINZAI_LINK_UP:
        return conn->link.out_size > 0 ? JINZAI_READABLE | JINZAI_WRITABLE : JINZAI_READABLE;
    case JINZAI_LINK_DOWN:
        break;
    }
    return 0;
}

unsigned
jinzai_connections(const struct jinzai *conn)
{
    return conn->link.made;
}
