/* SPDX-License-Identifier: Apache-2.0
 *
 * Where one message ends: depth and strings are tracked, and no byte is looked at twice. Newlines
 * cannot serve for that, because PostgreSQL writes some inside the JSON it makes.
 */
#ifndef JINZAI_LIB_FRAME_H
#define JINZAI_LIB_FRAME_H

#include <stdbool.h>
#include <stddef.h>

/* The scanner between two calls; all zero at the start of a message. */
struct jinzai_frame {
    size_t depth;
    bool in_string, escaped;
};

enum jinzai_frame_result {
    JINZAI_FRAME_MORE,     /* all bytes are used and the message goes on */
    JINZAI_FRAME_COMPLETE, /* the message ends with the last byte used */
    JINZAI_FRAME_BROKEN,   /* no JSON object or array begins here */
};

/* Looks at size bytes that follow what was looked at before. *used says how many of them belong to
 * the message, white space before it included. After JINZAI_FRAME_COMPLETE frame is ready for the
 * next message. */
enum jinzai_frame_result
jinzai_frame_scan(struct jinzai_frame *frame, const char *bytes, size_t size, size_t *used);

#endif
