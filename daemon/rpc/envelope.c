/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/envelope.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGES_FIRST = 4 };

static const char null_id[] = "null";

/* A part of the text. */
struct slice {
    const char *text;
    size_t size;
};

static bool
is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static size_t
skip_space(const char *text, size_t size, size_t at)
{
    while (at < size && is_space(text[at]))
        at++;
    return at;
}

/* Where the string that begins at `at` ends. */
static size_t
skip_string(const char *text, size_t size, size_t at)
{
    for (at++; at < size && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at < size ? at + 1 : size;
}

/* Where a value ends: at the next comma, colon or bracket that is not inside of it. */
static size_t
skip_value(const char *text, size_t size, size_t at)
{
    size_t depth = 0;

    while (at < size) {
        switch (text[at]) {
        case '"':
            at = skip_string(text, size, at);
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return at;
            depth--;
            break;
        case ',':
        case ':':
            if (depth == 0)
                return at;
            break;
        default:
            break;
        }
        at++;
    }
    return size;
}

static struct slice
trimmed(const char *text, size_t from, size_t to)
{
    while (to > from && is_space(text[to - 1]))
        to--;
    return (struct slice){text + from, to - from};
}

static bool
key_is_id(struct slice key)
{
    json_t *name;
    bool is_id;

    if (memchr(key.text, '\\', key.size) == NULL)
        return key.size == 4 && memcmp(key.text, "\"id\"", 4) == 0;
    name = json_loadb(key.text, key.size, JSON_DECODE_ANY, NULL);
    is_id = json_is_string(name) && strcmp(json_string_value(name), "id") == 0;
    json_decref(name);
    return is_id;
}

/* The bytes of the member "id" of an object that has been parsed already, so that its text is known
 * to be right. */
static struct slice
find_id(struct slice object)
{
    size_t at = skip_space(object.text, object.size, 0) + 1;

    for (;;) {
        struct slice key, value;
        size_t end;

        at = skip_space(object.text, object.size, at);
        end = skip_value(object.text, object.size, at);
        key = trimmed(object.text, at, end);
        if (end >= object.size || object.text[end] != ':')
            return (struct slice){NULL, 0};
        at = skip_space(object.text, object.size, end + 1);
        end = skip_value(object.text, object.size, at);
        value = trimmed(object.text, at, end);
        if (key_is_id(key))
            return value;
        if (end >= object.size || object.text[end] != ',')
            return (struct slice){NULL, 0};
        at = end + 1;
    }
}

/* What is wrong with a text that jansson refused, at its byte `offset` of the whole. */
static void
explain(struct fault *fault, const json_error_t *error, size_t offset)
{
    static const struct {
        enum json_error_code code;
        const char *message, *expected;
    } reasons[] = {
        {json_error_duplicate_key, "An object has two members of the same name",
         "each name once in an object"},
        {json_error_null_character, "A string holds the character NUL (\\u0000)",
         "text without NUL"},
        {json_error_null_byte_in_key, "The name of a member holds the character NUL (\\u0000)",
         "text without NUL"},
        {json_error_invalid_utf8, "The text is not valid UTF-8", "UTF-8"},
        {json_error_numeric_overflow, "A number is too large", "numbers within ±1.7e308"},
        {json_error_stack_overflow, "The text is nested too deeply", "fewer levels"},
        {json_error_premature_end_of_input, "The JSON text ends too early",
         "JSON as RFC 8259 defines it"},
        {json_error_invalid_syntax, "The text is no valid JSON", "JSON as RFC 8259 defines it"},
    };
    size_t last = sizeof reasons / sizeof *reasons - 1, i = 0;

    while (i < last && reasons[i].code != json_error_code(error))
        i++;
    fault_set(fault, ERROR_PARSE, "%s, at byte %zu", reasons[i].message,
              offset + (error->position > 0 ? (size_t)error->position : 0));
    fault_expect(fault, "%s", reasons[i].expected);
}

static void
refuse(struct message *message, const char *sentence, const char *expected)
{
    fault_set(&message->fault, ERROR_INVALID_REQUEST, "%s", sentence);
    fault_expect(&message->fault, "%s", expected);
    if (message->id == NULL) {
        message->id = null_id;
        message->id_size = strlen(null_id);
    }
}

/* Checks what the specification asks of a request. */
static void
examine(struct message *message, struct slice text)
{
    const json_t *id, *version, *method;

    if (!json_is_object(message->root)) {
        refuse(message, "A request must be an object",
               "{\"jsonrpc\": \"2.0\", \"method\": …, \"params\": …, \"id\": …}");
        return;
    }
    id = json_object_get(message->root, "id");
    if (id != NULL && !json_is_string(id) && !json_is_number(id) && !json_is_null(id)) {
        refuse(message, "The id of a request must be a string, a number or null",
               "a string, a number or null");
        return;
    }
    if (id != NULL) {
        struct slice sent = find_id(text);

        message->id = sent.text;
        message->id_size = sent.size;
    }
    version = json_object_get(message->root, "jsonrpc");
    if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0) {
        refuse(message, "A request must say \"jsonrpc\": \"2.0\"", "\"jsonrpc\": \"2.0\"");
        return;
    }
    method = json_object_get(message->root, "method");
    if (!json_is_string(method)) {
        refuse(message, "A request must name its method", "\"method\": a string");
        return;
    }
    message->method = json_string_value(method);
    message->params = json_object_get(message->root, "params");
    if (message->params != NULL && !json_is_object(message->params) &&
        !json_is_array(message->params))
        refuse(message, "The params of a request must be an object or an array",
               "an object of names and values, or an array of values in the order of the method");
}

/* Whether a mistake of the text spoils the batch around it, too: then nothing of it can be
 * believed. */
static bool
spoils_all(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
    case json_error_null_character:
    case json_error_null_byte_in_key:
    case json_error_invalid_utf8:
    case json_error_numeric_overflow:
        return false;
    default:
        return true;
    }
}

/* Appends the message in one part of the text, `offset` bytes into it. Returns 0 or -1. */
static int
append(struct envelope *envelope, struct slice text, size_t offset)
{
    json_error_t error;
    struct message *message;

    if (envelope->count == 0 ||
        (envelope->count >= MESSAGES_FIRST && (envelope->count & (envelope->count - 1)) == 0)) {
        size_t room = !envelope->batch       ? 1
                      : envelope->count == 0 ? MESSAGES_FIRST
                                             : envelope->count * 2;

        message = realloc(envelope->messages, room * sizeof *message);
        if (message == NULL)
            return -1;
        envelope->messages = message;
    }
    message = &envelope->messages[envelope->count++];
    memset(message, 0, offsetof(struct message, fault));
    fault_clear(&message->fault);
    message->root =
        json_loadb(text.text, text.size,
                   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (message->root != NULL) {
        examine(message, text);
        return 0;
    }
    if (json_error_code(&error) == json_error_out_of_memory)
        return -1;
    explain(&message->fault, &error, offset);
    message->id = null_id;
    message->id_size = strlen(null_id);
    if (spoils_all(&error))
        envelope->fault = message->fault;
    return 0;
}

/* Takes a batch apart; `at` is behind its opening bracket. */
static int
open_batch(struct envelope *envelope, const char *text, size_t size, size_t at, size_t max_items)
{
    at = skip_space(text, size, at);
    if (at < size && text[at] == ']') {
        at++;
        fault_set(&envelope->fault, ERROR_INVALID_REQUEST, "A batch must hold a request");
        fault_expect(&envelope->fault, "an array of 1 to %zu requests", max_items);
    } else {
        for (;;) {
            size_t end;

            at = skip_space(text, size, at);
            end = skip_value(text, size, at);
            if (envelope->count >= max_items) {
                fault_set(&envelope->fault, ERROR_LIMIT_EXCEEDED,
                          "A batch may hold %zu requests at most", max_items);
                fault_expect(&envelope->fault, "an array of 1 to %zu requests", max_items);
                return 0;
            }
            if (append(envelope, trimmed(text, at, end), at) != 0)
                return -1;
            if (envelope->fault.code != 0)
                return 0;
            at = end + 1;
            if (end >= size || text[end] != ',')
                break;
        }
        if (at > size || text[at - 1] != ']')
            goto broken;
    }
    if (skip_space(text, size, at) == size)
        return 0;
broken:
    fault_set(&envelope->fault, ERROR_PARSE, "The text is no valid JSON, at byte %zu",
              at < size ? at : size);
    fault_expect(&envelope->fault, "JSON as RFC 8259 defines it");
    return 0;
}

static void
release(struct envelope *envelope)
{
    for (size_t i = 0; i < envelope->count; i++)
        json_decref(envelope->messages[i].root);
    free(envelope->messages);
    envelope->messages = NULL;
    envelope->count = 0;
}

int
envelope_open(struct envelope *envelope, const char *text, size_t size, size_t max_items)
{
    size_t at = skip_space(text, size, 0);
    int rc;

    memset(envelope, 0, offsetof(struct envelope, fault));
    fault_clear(&envelope->fault);
    envelope->batch = at < size && text[at] == '[';
    if (envelope->batch)
        rc = open_batch(envelope, text, size, at + 1, max_items);
    else
        rc = append(envelope, (struct slice){text, size}, 0);
    if (rc != 0 || envelope->fault.code != 0)
        release(envelope);
    return rc;
}

void
envelope_close(struct envelope *envelope)
{
    release(envelope);
}
