/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int code;
    const char *name;
} names[] = {
    {JINZAI_OK, "ok"},
    {JINZAI_NO_MEMORY, "no_memory"},
    {JINZAI_BAD_ADDRESS, "bad_address"},
    {JINZAI_CANNOT_CONNECT, "cannot_connect"},
    {JINZAI_LOST, "connection_lost"},
    {JINZAI_DEADLINE, "deadline"},
    {JINZAI_TOO_LARGE, "too_large"},
    {JINZAI_BAD_ANSWER, "bad_answer"},
    {JINZAI_BAD_CALL, "bad_call"},
    {JINZAI_BUSY, "busy"},
    {JINZAI_PARSE_ERROR, "parse_error"},
    {JINZAI_INVALID_REQUEST, "invalid_request"},
    {JINZAI_METHOD_NOT_FOUND, "method_not_found"},
    {JINZAI_INVALID_PARAMS, "invalid_params"},
    {JINZAI_INTERNAL_ERROR, "internal_error"},
    {JINZAI_NOT_FOUND, "not_found"},
    {JINZAI_CONFLICT, "conflict"},
    {JINZAI_DENIED, "denied"},
    {JINZAI_UNAUTHENTICATED, "unauthenticated"},
    {JINZAI_LIMIT_EXCEEDED, "limit_exceeded"},
    {JINZAI_UNAVAILABLE, "unavailable"},
    {JINZAI_TIMEOUT, "timeout"},
    {JINZAI_STALE_VERSION, "stale_version"},
    {JINZAI_CONSENT_REQUIRED, "consent_required"},
    {JINZAI_INVALID_TRANSITION, "invalid_transition"},
    {JINZAI_DIVERGED, "diverged"},
};

const char *
jinzai_code_name(int code)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].code == code)
            return names[i].name;
    }
    return "error";
}

void
jinzai_error_copy(char *field, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(field, text, length);
    field[length] = '\0';
}

void
jinzai_error_set(struct jinzai_error *error, int code, const char *format, ...)
{
    char text[sizeof error->message * 2];
    va_list arguments;

    if (error == NULL)
        return;
    *error = (struct jinzai_error){.code = code};
    jinzai_error_copy(error->name, sizeof error->name, jinzai_code_name(code));
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    jinzai_error_copy(error->message, sizeof error->message, text);
}

static void
copy_member(char *field, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (text != NULL)
        jinzai_error_copy(field, size, text);
}

void
jinzai_error_read(struct jinzai_error *error, const json_t *object)
{
    const json_t *code = json_object_get(object, "code");
    const json_t *data = json_object_get(object, "data");
    const char *message = json_string_value(json_object_get(object, "message"));

    if (error == NULL)
        return;
    jinzai_error_set(error,
                     json_is_integer(code) ? (int)json_integer_value(code) : JINZAI_BAD_ANSWER,
                     "%s", message != NULL ? message : "the daemon refused without saying why");
    copy_member(error->name, sizeof error->name, data, "name");
    copy_member(error->parameter, sizeof error->parameter, data, "parameter");
    copy_member(error->expected, sizeof error->expected, data, "expected");
    copy_member(error->trace, sizeof error->trace, data, "trace");
}
