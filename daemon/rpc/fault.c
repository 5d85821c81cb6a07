/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ends text, which may have been cut off at size bytes, after its last whole character. */
static void
trim(char *text)
{
    size_t length = strlen(text), tail = 0;

    while (tail < length && tail < 4 && ((unsigned char)text[length - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail < length) {
        unsigned char lead = (unsigned char)text[length - 1 - tail];
        size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;

        if (tail != need)
            text[length - 1 - tail] = '\0';
    }
}

static void
print(char *buffer, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(buffer, size, format, arguments);

    if (length < 0)
        buffer[0] = '\0';
    else if ((size_t)length >= size)
        trim(buffer);
}

void
fault_clear(struct fault *fault)
{
    fault->code = 0;
    fault->message[0] = fault->parameter[0] = fault->expected[0] = '\0';
}

void
fault_set(struct fault *fault, int code, const char *format, ...)
{
    va_list arguments;

    fault->code = code;
    fault->parameter[0] = '\0';
    fault->expected[0] = '\0';
    va_start(arguments, format);
    print(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
}

void
fault_expect(struct fault *fault, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(fault->expected, sizeof fault->expected, format, arguments);
    va_end(arguments);
}

void
fault_append(char *buffer, size_t size, const char *text)
{
    size_t length = strlen(buffer), room = size - 1 - length, more = strlen(text);

    if (more <= room) {
        memcpy(buffer + length, text, more + 1);
        return;
    }
    memcpy(buffer + length, text, room);
    buffer[size - 1] = '\0';
    trim(buffer);
}

const char *
fault_quote(char quote[FAULT_QUOTE_SIZE], const char *text)
{
    static const char ellipsis[] = "…";
    size_t length = strlen(text);

    quote[0] = '\0';
    if (length < FAULT_QUOTE_SIZE) {
        memcpy(quote, text, length + 1);
    } else {
        fault_append(quote, FAULT_QUOTE_SIZE - sizeof ellipsis + 1, text);
        fault_append(quote, FAULT_QUOTE_SIZE, ellipsis);
    }
    for (char *c = quote; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = '?';
    return quote;
}
