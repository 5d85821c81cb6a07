/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include <string.h>

void
frame_init(struct frame *frame, size_t max_bytes, int max_depth)
{
    memset(frame, 0, sizeof *frame);
    frame->max_bytes = max_bytes;
    frame->max_depth = max_depth < FRAME_DEPTH_MAX ? max_depth : FRAME_DEPTH_MAX;
    frame->state = FRAME_BETWEEN;
    frame->fate = FRAME_VALUE;
}

static bool
is_space(unsigned char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static bool
ends_word(unsigned char byte)
{
    return is_space(byte) || strchr("{}[]\",:", byte) != NULL;
}

static bool
is_number(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' ||
           byte == 'e' || byte == 'E';
}

/* Drops what the value holds so far, and keeps reading to its end. */
static void
condemn(struct frame *frame, enum frame_status fate)
{
    if (frame->fate == FRAME_VALUE)
        frame->fate = fate;
    frame->length = 0;
}

static enum frame_status
finish(struct frame *frame)
{
    enum frame_status fate = frame->fate;

    frame->state = FRAME_BETWEEN;
    frame->fate = FRAME_VALUE;
    frame->ended = true;
    return fate;
}

static enum frame_status
fail(struct frame *frame, unsigned char byte)
{
    enum frame_status fate = frame->fate == FRAME_VALUE ? FRAME_MALFORMED : frame->fate;

    frame->state = byte == '\n' ? FRAME_BETWEEN : FRAME_LINE;
    frame->fate = FRAME_VALUE;
    frame->length = 0;
    frame->ended = true;
    return fate;
}

static void
open_bracket(struct frame *frame, unsigned char byte)
{
    frame->state = FRAME_OPEN;
    frame->depth++;
    if (frame->depth > (size_t)frame->max_depth) {
        condemn(frame, FRAME_TOO_DEEP); /* below here brackets are counted, whatever their kind */
        return;
    }
    frame->kinds = frame->kinds << 1 | (byte == '{');
}

static enum frame_status
close_bracket(struct frame *frame, unsigned char byte)
{
    if (frame->depth <= (size_t)frame->max_depth) {
        if ((frame->kinds & 1) != (byte == '}'))
            return fail(frame, byte);
        frame->kinds >>= 1;
    }
    return --frame->depth == 0 ? finish(frame) : FRAME_MORE;
}

/* The first byte of a value. */
static enum frame_status
begin(struct frame *frame, unsigned char byte)
{
    frame->depth = 0;
    frame->kinds = 0;
    switch (byte) {
    case '{':
    case '[':
        open_bracket(frame, byte);
        return FRAME_MORE;
    case '"':
        frame->state = FRAME_STRING;
        return FRAME_MORE;
    case 't':
        frame->word = "rue";
        break;
    case 'f':
        frame->word = "alse";
        break;
    case 'n':
        frame->word = "ull";
        break;
    default:
        if (!is_number(byte))
            return fail(frame, byte);
        frame->state = FRAME_NUMBER;
        return FRAME_MORE;
    }
    frame->state = FRAME_WORD;
    return FRAME_MORE;
}

static enum frame_status
within(struct frame *frame, unsigned char byte)
{
    switch (byte) {
    case '{':
    case '[':
        open_bracket(frame, byte);
        return FRAME_MORE;
    case '}':
    case ']':
        return close_bracket(frame, byte);
    case '"':
        frame->state = FRAME_STRING;
        return FRAME_MORE;
    default:
        return byte < ' ' && !is_space(byte) ? fail(frame, byte) : FRAME_MORE;
    }
}

static enum frame_status
in_string(struct frame *frame, unsigned char byte)
{
    if (byte < ' ') /* most often the newline after a string that was never closed */
        return fail(frame, byte);
    if (frame->state == FRAME_ESCAPE) {
        frame->state = FRAME_STRING;
    } else if (byte == '\\') {
        frame->state = FRAME_ESCAPE;
    } else if (byte == '"') {
        if (frame->depth == 0)
            return finish(frame);
        frame->state = FRAME_OPEN;
    }
    return FRAME_MORE;
}

static enum frame_status
in_word(struct frame *frame, unsigned char byte)
{
    if ((unsigned char)*frame->word != byte)
        return fail(frame, byte);
    return *++frame->word == '\0' ? finish(frame) : FRAME_MORE;
}

/* Counts one byte of a value. */
static void
count(struct frame *frame)
{
    if (frame->fate != FRAME_VALUE)
        return;
    if (++frame->length > frame->max_bytes)
        condemn(frame, FRAME_TOO_LONG);
}

static enum frame_status
step(struct frame *frame, unsigned char byte)
{
    switch (frame->state) {
    case FRAME_BETWEEN:
        if (is_space(byte))
            return FRAME_MORE;
        count(frame);
        return begin(frame, byte);
    case FRAME_LINE:
        if (byte == '\n')
            frame->state = FRAME_BETWEEN;
        return FRAME_MORE;
    case FRAME_OPEN:
        count(frame);
        return within(frame, byte);
    case FRAME_STRING:
    case FRAME_ESCAPE:
        count(frame);
        return in_string(frame, byte);
    case FRAME_WORD:
        count(frame);
        return in_word(frame, byte);
    case FRAME_NUMBER:
        count(frame);
        return is_number(byte) ? FRAME_MORE : fail(frame, byte);
    }
    return FRAME_MORE;
}

enum frame_status
frame_feed(struct frame *frame, const char *bytes, size_t size, size_t *used)
{
    enum frame_status status = FRAME_MORE;
    size_t i = 0;

    if (frame->ended) {
        frame->ended = false;
        frame->length = 0;
    }
    while (i < size && status == FRAME_MORE) {
        unsigned char byte = (unsigned char)bytes[i];

        /* What ends a number is not part of it, and may begin the next value. */
        if (frame->state == FRAME_NUMBER && ends_word(byte)) {
            status = finish(frame);
            break;
        }
        status = step(frame, byte);
        i++;
    }
    *used = i;
    return status;
}

enum frame_status
frame_end(struct frame *frame)
{
    switch (frame->state) {
    case FRAME_BETWEEN:
    case FRAME_LINE:
        return FRAME_MORE;
    case FRAME_NUMBER:
        return finish(frame);
    default:
        return fail(frame, '\n');
    }
}
