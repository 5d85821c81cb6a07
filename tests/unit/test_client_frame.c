/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/frame.h"

/* Feeds text in pieces of that size; returns where the first message ends, or -1 for broken, 0 for
 * more. */
static long
end_of(const char *text, size_t piece)
{
    struct jinzai_frame frame = {.depth = 0};
    size_t size = strlen(text), at = 0;

    while (at < size) {
        size_t part = size - at < piece ? size - at : piece, used = 0;
        enum jinzai_frame_result result = jinzai_frame_scan(&frame, text + at, part, &used);

        assert_true(used <= part);
        at += used;
        if (result == JINZAI_FRAME_COMPLETE)
            return (long)at;
        if (result == JINZAI_FRAME_BROKEN)
            return -1;
        assert_int_equal(used, part);
    }
    return 0;
}

static void
a_message_ends_where_its_value_ends_in_pieces_of_any_size(void **state)
{
    static const struct {
        const char *text;
        long end;
    } rows[] = {
        {"{}", 2},
        {"{}\n{}", 2},
        {" \r\n\t{}", 6},
        {"[1, [2], {\"a\": 3}]x", 18},
        {"{\"a\": \"}\"}", 10},
        {"{\"a\": \"\\\"}\"}", 12},
        {"{\"a\": \"\\\\\"}", 11},
        {"{\"items\": [1, \n 2]}\n", 19},
        {"{\"name\": \"\xE4\xBA\xBA\xE6\x9D\x90\"}", 18},
        {"{\"a\": 1", 0},
        {"\n\n", 0},
        {"HTTP/1.1 200 OK", -1},
        {"}", -1},
        {"1", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t piece = 1; piece <= 20; piece++)
            assert_int_equal(end_of(rows[i].text, piece), rows[i].end);
    }
}

static void
a_nul_byte_is_not_white_space(void **state)
{
    struct jinzai_frame frame = {.depth = 0};
    size_t used;

    (void)state;
    assert_int_equal(jinzai_frame_scan(&frame, "\0{}", 3, &used), JINZAI_FRAME_BROKEN);
    assert_int_equal(used, 0);
}

static void
the_scanner_is_ready_for_the_next_message(void **state)
{
    static const char text[] = "{\"a\":[]}\n[2]\n";
    struct jinzai_frame frame = {.depth = 0};
    size_t used;

    (void)state;
    assert_int_equal(jinzai_frame_scan(&frame, text, sizeof text - 1, &used),
                     JINZAI_FRAME_COMPLETE);
    assert_int_equal(used, 8);
    assert_int_equal(jinzai_frame_scan(&frame, text + 8, sizeof text - 9, &used),
                     JINZAI_FRAME_COMPLETE);
    assert_int_equal(used, 4);
    assert_int_equal(jinzai_frame_scan(&frame, "\n", 1, &used), JINZAI_FRAME_MORE);
    assert_int_equal(frame.depth, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_ends_where_its_value_ends_in_pieces_of_any_size),
        cmocka_unit_test(a_nul_byte_is_not_white_space),
        cmocka_unit_test(the_scanner_is_ready_for_the_next_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
