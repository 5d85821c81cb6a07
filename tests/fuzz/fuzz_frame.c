/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever the bytes and however they are cut, frame reports the same, and what it calls a value is
 * within the bounds.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/frame.h"

enum { MAX_BYTES = 48, MAX_DEPTH = 5, REPORTS_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct report {
    enum frame_status status;
    size_t end, length;
};

static size_t
run(const char *bytes, size_t size, size_t piece, struct report *reports)
{
    struct frame frame;
    size_t at = 0, count = 0;

    frame_init(&frame, MAX_BYTES, MAX_DEPTH);
    while (at < size && count < REPORTS_MAX) {
        size_t part = size - at < piece ? size - at : piece, used = 0;
        enum frame_status status = frame_feed(&frame, bytes + at, part, &used);

        at += used;
        assert(used <= part && frame.length <= at && frame.length <= MAX_BYTES);
        assert(status != FRAME_MORE || used == part);
        assert(status != FRAME_VALUE || frame.length > 0);
        if (status != FRAME_MORE)
            reports[count++] = (struct report){status, at, frame.length};
    }
    frame_end(&frame);
    return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct report whole[REPORTS_MAX], cut[REPORTS_MAX];
    size_t piece, count;

    if (size < 1)
        return 0;
    piece = data[0] % 7 + 1;
    count = run((const char *)data + 1, size - 1, size, whole);
    assert(run((const char *)data + 1, size - 1, piece, cut) == count);
    for (size_t i = 0; i < count; i++)
        assert(whole[i].status == cut[i].status && whole[i].end == cut[i].end &&
               whole[i].length == cut[i].length);
    return 0;
}
