/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256, DIGITS = 64, GROUP = 3 };

static bool
make_room(struct text *text, size_t more)
{
    size_t room = text->room > 0 ? text->room : FIRST_ROOM;
    char *at;

    if (text->failed)
        return false;
    while (room < text->size + more + 1)
        room *= 2;
    if (room == text->room)
        return true;
    at = realloc(text->at, room);
    if (at == NULL) {
        text->failed = true;
        return false;
    }
    text->at = at;
    text->room = room;
    return true;
}

void
text_put_bytes(struct text *text, const char *what, size_t size)
{
    if (!make_room(text, size))
        return;
    memcpy(text->at + text->size, what, size);
    text->size += size;
    text->at[text->size] = '\0';
}

void
text_put(struct text *text, const char *what)
{
    text_put_bytes(text, what, strlen(what));
}

void
text_print(struct text *text, const char *format, ...)
{
    va_list args, again;
    int size;

    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    if (size < 0)
        text->failed = true;
    else if (make_room(text, (size_t)size)) {
        vsnprintf(text->at + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(args);
}

void
text_number(struct text *text, double value, int decimals)
{
    char digits[DIGITS], *point;
    size_t whole;

    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    point = strchr(digits, '.');
    if (point != NULL) {
        size_t last = strlen(digits);

        while (digits[last - 1] == '0')
            digits[--last] = '\0';
        if (digits[last - 1] == '.')
            digits[--last] = '\0';
    }
    if (value < 0 && strcmp(digits, "0") != 0)
        text_put(text, "−");
    whole = strcspn(digits, ".");
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % GROUP == 0)
            text_put(text, ",");
        text_put_bytes(text, &digits[i], 1);
    }
    text_put(text, digits + whole);
}

char *
text_take(struct text *text)
{
    char *at = text->failed ? NULL : text->at != NULL ? text->at : strdup("");

    if (text->failed)
        free(text->at);
    *text = (struct text){.at = NULL};
    return at;
}

void
text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){.at = NULL};
}
