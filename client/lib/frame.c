/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <string.h>

static void
scan_string(struct jinzai_frame *frame, char byte)
{
    if (frame->escaped)
        frame->escaped = false;
    else if (byte == '\\')
        frame->escaped = true;
    else if (byte == '"')
        frame->in_string = false;
}

enum jinzai_frame_result
jinzai_frame_scan(struct jinzai_frame *frame, const char *bytes, size_t size, size_t *used)
{
    for (size_t i = 0; i < size; i++) {
        char byte = bytes[i];

        if (frame->in_string) {
            scan_string(frame, byte);
        } else if (byte == '{' || byte == '[') {
            frame->depth++;
        } else if (frame->depth == 0) {
            if (byte == '\0' || strchr(" \t\r\n", byte) == NULL) {
                *used = i;
                return JINZAI_FRAME_BROKEN;
            }
        } else if (byte == '"') {
            frame->in_string = true;
        } else if (byte == '}' || byte == ']') {
            if (--frame->depth == 0) {
                *used = i + 1;
                return JINZAI_FRAME_COMPLETE;
            }
        }
    }
    *used = size;
    return JINZAI_FRAME_MORE;
}
