/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { ESCAPED_WIDTH = 4 }; /* libsmartcols prints \x1b for what cannot be printed */

struct character {
    size_t bytes, width;
    wchar_t value;
};

static struct character
character_at(const char *text)
{
    struct character character = {.bytes = 1, .width = ESCAPED_WIDTH, .value = 0};
    mbstate_t state = {0};
    wchar_t value;
    size_t bytes = mbrtowc(&value, text, MB_CUR_MAX, &state);

    if (bytes == 0 || bytes == (size_t)-1 || bytes == (size_t)-2)
        return character;
    character.bytes = bytes;
    character.value = value;
    if (wcwidth(value) >= 0)
        character.width = (size_t)wcwidth(value);
    return character;
}

size_t
wrap_width(const char *text)
{
    size_t widest = 0, width = 0;

    while (*text != '\0') {
        struct character character = character_at(text);

        width = *text == '\n' ? 0 : width + character.width;
        if (width > widest)
            widest = width;
        text += character.bytes;
    }
    return widest;
}

/* Punctuation that must not begin a line. */
static bool
closes(wchar_t value)
{
    return value != 0 && wcschr(L"、。，．・：；？！）」』】〉》ー々,.;:)]", value) != NULL;
}

/* A text under way: what is written, and where its last line may be broken. */
struct lines {
    char *out;
    size_t size, width;             /* bytes written, and the width of the last line */
    size_t break_size, break_width; /* the same up to where the line may be broken; 0: nowhere */
};

static void
may_break(struct lines *lines)
{
    lines->break_size = lines->size;
    lines->break_width = lines->width;
}

static void
break_line(struct lines *lines)
{
    if (lines->break_size == 0)
        may_break(lines);
    if (lines->out[lines->break_size - 1] == ' ') {
        lines->out[lines->break_size - 1] = '\n';
    } else {
        memmove(lines->out + lines->break_size + 1, lines->out + lines->break_size,
                lines->size - lines->break_size);
        lines->out[lines->break_size] = '\n';
        lines->size++;
    }
    lines->width -= lines->break_width;
    lines->break_size = 0;
}

char *
wrap_text(const char *text, size_t width)
{
    struct lines lines = {.out = malloc(strlen(text) * 2 + 1)};
    bool wide = false;

    if (lines.out == NULL)
        return NULL;
    while (*text != '\0') {
        struct character character = character_at(text);

        if (lines.width > 0 && (wide || character.width > 1) && !closes(character.value))
            may_break(&lines);
        if (*text != '\n' && *text != ' ' && lines.width > 0 &&
            lines.width + character.width > width)
            break_line(&lines);
        memcpy(lines.out + lines.size, text, character.bytes);
        lines.size += character.bytes;
        lines.width += character.width;
        if (*text == ' ' || *text == '|')
            may_break(&lines);
        if (*text == '\n')
            lines.width = lines.break_size = 0;
        wide = character.width > 1 && *text != '\n';
        text += character.bytes;
    }
    lines.out[lines.size] = '\0';
    return lines.out;
}

void
wrap_share(size_t *width, const bool *gives, size_t count, size_t room, size_t least)
{
    for (;;) {
        size_t total = 0, widest = count, next = least;

        for (size_t i = 0; i < count; i++) {
            total += width[i];
            if (gives[i] && width[i] > least && (widest == count || width[i] > width[widest]))
                widest = i;
        }
        if (total <= room || widest == count)
            return;
        /* The widest comes down to the second widest, or as far as is needed; ties take turns of
         * one column. */
        for (size_t i = 0; i < count; i++) {
            if (i != widest && gives[i] && width[i] > next && width[i] <= width[widest])
                next = width[i];
        }
        if (next == width[widest])
            next--;
        if (width[widest] - next > total - room)
            next = width[widest] - (total - room);
        width[widest] = next;
    }
}
