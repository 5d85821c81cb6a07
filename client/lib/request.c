/* SPDX-License-Identifier: Apache-2.0 */

#include "request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "key.h"

/* Writes "idempotency_key" as the first member of the object that params is, for the text after its
 * brace. */
static int
format_key(char *out, size_t size, const char *after_brace)
{
    char key[JINZAI_KEY_SIZE];
    bool alone = after_brace[strspn(after_brace, " \t\r\n")] == '}';

    if (jinzai_key_make(key) != 0)
        return -1;
    snprintf(out, size, "\"idempotency_key\":\"%s\"%s", key, alone ? "" : ",");
    return 0;
}

/* The message, with key put behind the first brace of params where there is one. */
static char *
compose(int64_t ticket, const char *quoted, const char *params, const char *key, size_t *size)
{
    const char *rest = params + (*key != '\0' ? strcspn(params, "{") + 1 : 0);
    size_t room = strlen(quoted) + strlen(params) + strlen(key) + 80;
    char *text = malloc(room);

    if (text == NULL)
        return NULL;
    *size = (size_t)snprintf(
        text, room, "{\"jsonrpc\":\"2.0\",\"id\":%" PRId64 ",\"method\":%s%s%.*s%s%s}\n", ticket,
        quoted, *params != '\0' ? ",\"params\":" : "", (int)(rest - params), params, key, rest);
    return text;
}

struct jinzai_request *
jinzai_request_make(int64_t ticket, const char *method, const char *params, bool keyed,
                    unsigned flags, struct jinzai_error *error)
{
    struct jinzai_request *request = calloc(1, sizeof *request);
    json_t *name = json_string(method);
    char *quoted = name != NULL ? json_dumps(name, JSON_ENCODE_ANY) : NULL;
    const char *text = params != NULL ? params : "", *brace;
    bool writes = (flags & JINZAI_WRITE) != 0, by_name;
    char key[JINZAI_KEY_SIZE + 32] = "";

    if (name == NULL) {
        jinzai_error_set(error, JINZAI_BAD_CALL, "the method's name is not UTF-8");
        goto fail;
    }
    if (request == NULL || quoted == NULL)
        goto no_memory;
    if (writes && params == NULL)
        text = "{}";
    brace = text + strspn(text, " \t\r\n");
    by_name = *brace == '{';
    if (writes && !keyed && by_name && format_key(key, sizeof key, brace + 1) != 0) {
        jinzai_error_set(error, JINZAI_BAD_CALL,
                         "the system gives no random bytes for an idempotency key");
        goto fail;
    }
    request->ticket = ticket;
    request->again = (flags & JINZAI_ONCE) == 0 && (!writes || by_name);
    request->text = compose(ticket, quoted, text, key, &request->size);
    if (request->text != NULL)
        goto out;
no_memory:
    jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
fail:
    jinzai_request_free(request);
    request = NULL;
out:
    free(quoted);
    json_decref(name);
    return request;
}

void
jinzai_request_free(struct jinzai_request *request)
{
    if (request == NULL)
        return;
    free(request->text);
    free(request->refusal);
    free(request->error);
    json_decref(request->result);
    free(request);
}

void
jinzai_request_append(struct jinzai_request_list *list, struct jinzai_request *request)
{
    request->next = NULL;
    request->previous = list->last;
    if (list->last != NULL)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
    list->count++;
}

void
jinzai_request_remove(struct jinzai_request_list *list, struct jinzai_request *request)
{
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        list->first = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    else
        list->last = request->previous;
    request->previous = request->next = NULL;
    list->count--;
}

struct jinzai_request *
jinzai_request_find(const struct jinzai_request_list *list, int64_t ticket)
{
    struct jinzai_request *request = list->first;

    while (request != NULL && request->ticket != ticket)
        request = request->next;
    return request;
}

void
jinzai_message_read(struct jinzai_message *message, const char *text, size_t size)
{
    json_t *root = json_loadb(text, size, JSON_ALLOW_NUL, NULL), *id, *result, *error;

    *message = (struct jinzai_message){.kind = JINZAI_MESSAGE_BROKEN, .root = root};
    if (!json_is_object(root))
        return;
    id = json_object_get(root, "id");
    result = json_object_get(root, "result");
    error = json_object_get(root, "error");
    message->method = json_string_value(json_object_get(root, "method"));
    message->ticket = json_is_integer(id) ? json_integer_value(id) : 0;
    if (id == NULL && message->method != NULL) {
        message->kind = JINZAI_MESSAGE_NOTIFICATION;
        message->body = json_object_get(root, "params");
    } else if (json_is_object(error)) {
        message->kind = JINZAI_MESSAGE_ERROR;
        message->body = error;
    } else if (result != NULL && json_is_integer(id)) {
        message->kind = JINZAI_MESSAGE_RESULT;
        message->body = result;
    }
}

int64_t
jinzai_message_ticket(const char *text, size_t size)
{
    const char *end = text + size, *at = memmem(text, size, "\"id\"", 4);
    int64_t ticket = 0;

    if (at == NULL)
        return 0;
    for (at += 4; at < end && strchr(" \t\r\n:", *at) != NULL && *at != '\0'; at++)
        ;
    for (; at < end && *at >= '0' && *at <= '9' && ticket < INT64_MAX / 10 - 10; at++)
        ticket = ticket * 10 + (*at - '0');
    return at < end ? ticket : 0;
}
