/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/frame.h"

enum { MAX_BYTES = 64, MAX_DEPTH = 4, OUT_SIZE = 4096 };

/* Feeds text in pieces and writes what came out: <value> for each value, and a letter for each
 * report. */
static void
run(const char *text, size_t size, size_t piece, char out[OUT_SIZE])
{
    static const char letters[] = "?VMLD";
    struct frame frame;
    size_t at = 0, length = 0;

    frame_init(&frame, MAX_BYTES, MAX_DEPTH);
    out[0] = '\0';
    while (at < size) {
        size_t part = size - at < piece ? size - at : piece, used;
        enum frame_status status = frame_feed(&frame, text + at, part, &used);

        at += used;
        assert_true(used <= part);
        assert_true(status != FRAME_MORE || used == part);
        if (status == FRAME_VALUE)
            length += (size_t)snprintf(out + length, OUT_SIZE - length, "<%.*s>", (int)frame.length,
                                       text + at - frame.length);
        else if (status != FRAME_MORE)
            length += (size_t)snprintf(out + length, OUT_SIZE - length, "%c", letters[status]);
    }
    switch (frame_end(&frame)) {
    case FRAME_VALUE:
        snprintf(out + length, OUT_SIZE - length, "<%.*s>$", (int)frame.length,
                 text + at - frame.length);
        break;
    case FRAME_MORE:
        break;
    default:
        snprintf(out + length, OUT_SIZE - length, "M$");
        break;
    }
}

/* However the bytes are cut, the same comes out. */
static void
expect(const char *text, const char *expected)
{
    char out[OUT_SIZE];

    for (size_t piece = 1; piece <= strlen(text); piece++) {
        run(text, strlen(text), piece, out);
        assert_string_equal(out, expected);
    }
}

static void
a_balanced_value_ends_at_once(void **state)
{
    (void)state;
    expect("{}", "<{}>");
    expect("{\"a\":[1,{}]}[]", "<{\"a\":[1,{}]}><[]>");
    expect(" \r\n\t{} \n {}", "<{}><{}>");
}

static void
brackets_and_quotes_within_strings_do_not_count(void **state)
{
    (void)state;
    expect("{\"a\":\"}]\\\"{\"}", "<{\"a\":\"}]\\\"{\"}>");
    expect("[\"\\\\\"]", "<[\"\\\\\"]>");
    expect("\"人材\\\"\"{}", "<\"人材\\\"\"><{}>");
}

static void
a_value_that_stands_alone_is_one(void **state)
{
    (void)state;
    expect("12 ", "<12>");
    expect("-1.5e3\n", "<-1.5e3>");
    expect("12{}", "<12><{}>");
    expect("true false null", "<true><false><null>");
    expect("1e5", "<1e5>$");
}

static void
malformed_text_is_skipped_to_the_next_newline(void **state)
{
    (void)state;
    expect("[}{\"a\":1}\n{}", "M<{}>");
    expect("}\n{}", "M<{}>");
    expect("hello world\n{}", "M<{}>");
    expect("trve\n{}", "M<{}>");
    expect("1x\n{}", "M<{}>");
    expect("{\"method\": \"foobar, \"params\": \"bar\", \"baz]\n{}", "M<{}>");
    expect("{\"a\": \"no end\n{}", "M<{}>");
    expect("[\"\\\n{}", "M<{}>");
    expect("{\001}\n{}", "M<{}>");
}

static void
the_end_of_the_stream_cuts_a_value_off(void **state)
{
    (void)state;
    expect("{\"a\":", "M$");
    expect("\"a", "M$");
    expect("tru", "M$");
    expect("{} garbage", "<{}>M");
}

static void
a_long_value_is_dropped_and_the_next_one_read(void **state)
{
    char text[3 * MAX_BYTES], fits[MAX_BYTES + 1], out[OUT_SIZE], expected[OUT_SIZE];

    (void)state;
    memset(fits, 'x', MAX_BYTES);
    fits[0] = fits[MAX_BYTES - 1] = '"';
    fits[MAX_BYTES] = '\0';
    snprintf(text, sizeof text, "%s{}", fits);
    snprintf(expected, sizeof expected, "<%s><{}>", fits);
    expect(text, expected);

    snprintf(text, sizeof text, "[%s]{}", fits);
    expect(text, "L<{}>");
    snprintf(text, sizeof text, "{%s]\n{}", fits);
    expect(text, "L<{}>");
    run("", 0, 1, out);
    assert_string_equal(out, "");
}

static void
a_long_value_is_not_kept_while_it_is_read(void **state)
{
    struct frame frame;
    size_t used;

    (void)state;
    frame_init(&frame, 8, MAX_DEPTH);
    assert_int_equal(frame_feed(&frame, "\"1234567", 8, &used), FRAME_MORE);
    assert_int_equal(frame.length, 8);
    assert_int_equal(frame_feed(&frame, "8", 1, &used), FRAME_MORE);
    assert_int_equal(frame.length, 0);
    assert_int_equal(frame_feed(&frame, "9\"", 2, &used), FRAME_TOO_LONG);
    assert_int_equal(frame.length, 0);
}

static void
a_deep_value_is_dropped_and_the_next_one_read(void **state)
{
    (void)state;
    expect("[[[[]]]]{}", "<[[[[]]]]><{}>");
    expect("[[[[[]]]]]{}", "D<{}>");
    expect("[[[[{\"a\":[\"]\"]}]]]]{}", "D<{}>");
    expect("[[[[[]]]}\n{}", "D<{}>");
}

static void
whatever_depth_is_asked_for_the_bits_suffice(void **state)
{
    char text[2 * FRAME_DEPTH_MAX + 2];
    struct frame frame;
    size_t used;

    (void)state;
    memset(text, '[', FRAME_DEPTH_MAX + 1);
    memset(text + FRAME_DEPTH_MAX + 1, ']', FRAME_DEPTH_MAX + 1);
    frame_init(&frame, sizeof text, 1000);
    assert_int_equal(frame_feed(&frame, text + 1, sizeof text - 2, &used), FRAME_VALUE);
    assert_int_equal(frame_feed(&frame, text, sizeof text, &used), FRAME_TOO_DEEP);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balanced_value_ends_at_once),
        cmocka_unit_test(brackets_and_quotes_within_strings_do_not_count),
        cmocka_unit_test(a_value_that_stands_alone_is_one),
        cmocka_unit_test(malformed_text_is_skipped_to_the_next_newline),
        cmocka_unit_test(the_end_of_the_stream_cuts_a_value_off),
        cmocka_unit_test(a_long_value_is_dropped_and_the_next_one_read),
        cmocka_unit_test(a_long_value_is_not_kept_while_it_is_read),
        cmocka_unit_test(a_deep_value_is_dropped_and_the_next_one_read),
        cmocka_unit_test(whatever_depth_is_asked_for_the_bits_suffice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
