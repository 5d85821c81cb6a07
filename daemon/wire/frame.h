/* SPDX-License-Identifier: Apache-2.0
 *
 * Where one JSON text ends. A stream of bytes goes in, piece by piece; the ends of the values in it
 * come out. Strings and the kinds of open brackets are tracked in one pass, no byte is looked at
 * twice, and nothing is allocated.
 */
#ifndef JINZAI_WIRE_FRAME_H
#define JINZAI_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_status {
    FRAME_MORE,      /* all bytes are used and no value has ended */
    FRAME_VALUE,     /* a value ended: it is the last `length` bytes that were fed */
    FRAME_MALFORMED, /* this can be no JSON: what follows is skipped up to the next newline */
    FRAME_TOO_LONG,  /* a value of more than max_bytes has ended; it was dropped */
    FRAME_TOO_DEEP,  /* a value nested deeper than max_depth has ended; it was dropped */
};

enum { FRAME_DEPTH_MAX = 64 }; /* one bit for each open bracket */

enum frame_state {
    FRAME_BETWEEN, /* values */
    FRAME_OPEN,    /* within brackets, outside strings */
    FRAME_STRING,
    FRAME_ESCAPE, /* after the backslash in a string */
    FRAME_WORD,   /* in a true, false or null that stands alone */
    FRAME_NUMBER, /* in a number that stands alone */
    FRAME_LINE,   /* in the rest of a malformed line */
};

/* A plain value; its owner reads length and nothing else. */
struct frame {
    size_t length; /* how many of the last bytes fed belong to a value and must be kept; the others
                      may go */
    size_t max_bytes;
    size_t depth;
    uint64_t kinds; /* a bit for each open bracket up to max_depth, the innermost lowest: 1 is { and
                       0 is [ */
    const char *word; /* FRAME_WORD: what has still to come */
    int max_depth;
    enum frame_state state;
    enum frame_status fate; /* FRAME_VALUE, or why the value that is being read will be dropped */
    bool ended; /* the value of that length was reported: the next byte begins another */
};

/* Begins a stream. max_depth is at most FRAME_DEPTH_MAX. */
void frame_init(struct frame *frame, size_t max_bytes, int max_depth);

/* Reads on. *used is how many of the size bytes were used, which is all of them unless something is
 * reported. */
enum frame_status frame_feed(struct frame *frame, const char *bytes, size_t size, size_t *used);

/* Says what the end of the stream means: FRAME_MORE when it fell between values, FRAME_VALUE when
 * it ended a number, FRAME_MALFORMED when it cut a value off. */
enum frame_status frame_end(struct frame *frame);

#endif
