/* SPDX-License-Identifier: Apache-2.0 */
#include "jinzai.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "link.h"

enum {
    CURSOR_SIZE = 96,
    ATTEMPT_MS = 2000, /* to reach a daemon that is away, before the caller is heard again */
    PAUSE_MS = 500,    /* between attempts that were answered, but with a refusal that may pass */
};

struct jinzai_watch {
    struct jinzai *conn;
    json_t *params; /* of event.subscribe, without since */
    char cursor[CURSOR_SIZE];
    int64_t number; /* of the subscription; 0: none */
    unsigned made;  /* on which connection, as jinzai_connections counts them */
    int timeout_ms;
    json_t *arrived; /* notifications that were not looked at: [[method, params] …] */
    struct jinzai_error ended;
};

static void
on_notification(const char *method, const json_t *params, void *context)
{
    struct jinzai_watch *watch = context;

    /* The first may come before the number of the subscription is known, by the same read as the answer that has it. */
    if (strncmp(method, "event.", 6) == 0 && json_is_object(params))
        json_array_append_new(watch->arrived, json_pack("[s, O]", method, params));
}

/* Whether an error may pass by itself. */
static bool
passes(int code)
{
    return code == JINZAI_UNAVAILABLE || code == JINZAI_LIMIT_EXCEEDED || code == JINZAI_CANNOT_CONNECT || code == JINZAI_LOST ||
           code == JINZAI_DEADLINE || code == JINZAI_TIMEOUT;
}

static int
subscribe(struct jinzai_watch *watch, int timeout_ms, struct jinzai_error *error)
{
    json_t *params = json_copy(watch->params), *answer = NULL;
    const char *cursor;
    int rc;

    if (params == NULL || (watch->cursor[0] != '\0' && json_object_set_new(params, "since", json_string(watch->cursor)) != 0)) {
        json_decref(params);
        jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
        return -1;
    }
    json_array_clear(watch->arrived);
    watch->number = 0;
    rc = jinzai_call(watch->conn, "event.subscribe", params, timeout_ms, &answer, error);
    json_decref(params);
    if (rc != 0)
        return -1;
    watch->number = json_integer_value(json_object_get(answer, "subscription"));
    watch->made = jinzai_connections(watch->conn);
    cursor = json_string_value(json_object_get(answer, "cursor"));
    if (cursor != NULL)
        jinzai_error_copy(watch->cursor, sizeof watch->cursor, cursor);
    json_decref(answer);
    return 0;
}

struct jinzai_watch *
jinzai_watch_open(struct jinzai *conn, const json_t *params, int timeout_ms, struct jinzai_error *error)
{
    struct jinzai_watch *watch = calloc(1, sizeof *watch);
    const char *since = json_string_value(json_object_get(params, "since"));

    if (watch == NULL) {
        jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
        return NULL;
    }
    watch->conn = conn;
    watch->timeout_ms = timeout_ms > 0 ? timeout_ms : JINZAI_TIMEOUT_MS;
    watch->params = params != NULL ? json_copy((json_t *)params) : json_object();
    watch->arrived = json_array();
    if (watch->params == NULL || watch->arrived == NULL) {
        jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
        goto fail;
    }
    if (since != NULL)
        jinzai_error_copy(watch->cursor, sizeof watch->cursor, since);
    json_object_del(watch->params, "since");
    jinzai_set_notification(conn, on_notification, watch);
    if (subscribe(watch, watch->timeout_ms, error) == 0)
        return watch;
fail:
    jinzai_watch_close(watch);
    return NULL;
}

/* Takes the oldest page. Returns 1 with *events, 0 where there is none, or -1 when the subscription has ended. */
static int
take(struct jinzai_watch *watch, json_t **events)
{
    while (json_array_size(watch->arrived) > 0) {
        json_t *pair = json_incref(json_array_get(watch->arrived, 0)), *params = json_array_get(pair, 1);
        bool ended = strcmp(json_string_value(json_array_get(pair, 0)), "event.ended") == 0;
        bool ours = json_integer_value(json_object_get(params, "subscription")) == watch->number;
        const char *cursor = json_string_value(json_object_get(params, "cursor"));

        json_array_remove(watch->arrived, 0);
        if (ours && cursor != NULL)
            jinzai_error_copy(watch->cursor, sizeof watch->cursor, cursor);
        if (ours && ended)
            jinzai_error_read(&watch->ended, json_object_get(params, "error"));
        else if (ours)
            *events = json_incref(json_object_get(params, "events"));
        json_decref(pair);
        if (ours && ended) {
            watch->number = 0;
            return -1;
        }
        if (ours && json_is_array(*events))
            return 1;
    }
    return 0;
}

static bool
is_lost(const struct jinzai_watch *watch)
{
    return watch->number == 0 || watch->made != jinzai_connections(watch->conn) || jinzai_fd(watch->conn) < 0;
}

static int
bounded(int64_t left_ms, int most_ms)
{
    return left_ms < most_ms ? (int)left_ms : most_ms;
}

/* Subscribes again from the cursor. Returns 1 when that is done or may be tried again, -1 with *error where it never will. */
static int
resume(struct jinzai_watch *watch, int64_t until_ms, struct jinzai_error *error)
{
    bool away = jinzai_fd(watch->conn) < 0;
    int64_t left_ms;

    if (subscribe(watch, away ? bounded(watch->timeout_ms, ATTEMPT_MS) : watch->timeout_ms, error) == 0)
        return 1;
    if (!passes(error->code))
        return -1;
    left_ms = until_ms < 0 ? PAUSE_MS : until_ms - jinzai_link_now();
    if (left_ms > 0)
        poll(NULL, 0, bounded(left_ms, PAUSE_MS));
    return 1;
}

int
jinzai_watch_next(struct jinzai_watch *watch, int wait_ms, json_t **events, struct jinzai_error *error)
{
    int64_t until_ms = wait_ms < 0 ? -1 : jinzai_link_now() + wait_ms;
    struct jinzai_error fault;

    *events = NULL;
    for (;;) {
        int64_t left_ms = until_ms < 0 ? -1 : until_ms - jinzai_link_now();
        json_t *answer = NULL;
        int rc = take(watch, events);

        if (rc > 0)
            return 1;
        if (rc < 0 && !passes(watch->ended.code)) {
            if (error != NULL)
                *error = watch->ended;
            return -1;
        }
        if (until_ms >= 0 && left_ms <= 0 && !is_lost(watch) && wait_ms != 0)
            return 0;
        if (is_lost(watch)) {
            if (resume(watch, until_ms, &fault) < 0) {
                if (error != NULL)
                    *error = fault;
                return -1;
            }
            if (until_ms >= 0 && jinzai_link_now() >= until_ms && json_array_size(watch->arrived) == 0)
                return 0;
            continue;
        }
        /* What it answers to is not ours, and a connection that is gone shows in is_lost. */
        jinzai_receive_any(watch->conn, left_ms < -1 ? 0 : (int)left_ms, &answer, &fault);
        json_decref(answer);
        if (wait_ms == 0 && json_array_size(watch->arrived) == 0 && !is_lost(watch))
            return 0;
    }
}

const char *
jinzai_watch_cursor(const struct jinzai_watch *watch)
{
    return watch->cursor;
}

void
jinzai_watch_close(struct jinzai_watch *watch)
{
    if (watch == NULL)
        return;
    jinzai_set_notification(watch->conn, NULL, NULL);
    if (watch->number != 0 && !is_lost(watch)) {
        json_t *params = json_pack("{s:I}", "subscription", (json_int_t)watch->number);
        int64_t ticket = jinzai_send(watch->conn, "event.unsubscribe", params, JINZAI_ONCE, watch->timeout_ms, NULL);

        if (ticket > 0)
            jinzai_forget(watch->conn, ticket);
        json_decref(params);
    }
    json_decref(watch->params);
    json_decref(watch->arrived);
    free(watch);
}
