/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The command is no library, so the test takes in what it is about. */
#include "cli/csv.c"

enum { OUT_SIZE = 4096 };

/* Reads a text fed in pieces of so many bytes, and writes what was read: fields between |, ~ for an empty one, records
 * with their lines; at the end the error and its line. */
static void
read_all(const char *text, size_t size, size_t piece, char out[OUT_SIZE])
{
    struct csv *csv = csv_new();
    enum csv_status status = CSV_MORE;
    size_t at = 0, used, field_size, length = 0;
    const char *field;

    assert_non_null(csv);
    *out = '\0';
    while (status != CSV_BAD && status != CSV_END) {
        if (at < size) {
            size_t part = size - at < piece ? size - at : piece;

            status = csv_feed(csv, text + at, part, &used);
            at += used;
        } else {
            status = csv_finish(csv);
        }
        if (status == CSV_RECORD) {
            length += (size_t)snprintf(out + length, OUT_SIZE - length, "%ld:", csv_line(csv));
            for (size_t i = 0; i < csv_count(csv); i++) {
                field = csv_field(csv, i, &field_size);
                length += (size_t)snprintf(out + length, OUT_SIZE - length, "%s%.*s", i > 0 ? "|" : "", field != NULL ? (int)field_size : 1,
                                           field != NULL ? field : "~");
            }
            length += (size_t)snprintf(out + length, OUT_SIZE - length, ";");
        }
    }
    if (status == CSV_BAD)
        snprintf(out + length, OUT_SIZE - length, "!%d@%ld", (int)csv_error(csv), csv_line(csv));
    csv_free(csv);
}

/* However the bytes are cut, the same is read. */
static void
check(const char *text, size_t size, const char *expected)
{
    char out[OUT_SIZE];

    for (size_t piece = 1; piece <= size + 1; piece++) {
        read_all(text, size, piece, out);
        assert_string_equal(out, expected);
    }
}

#define CHECK(text, expected) check(text, sizeof(text) - 1, expected)

static void
records_and_fields_are_told_apart(void **state)
{
    (void)state;
    CHECK("", "");
    CHECK("a,b\nc,d\n", "1:a|b;2:c|d;");
    CHECK("a,b\nc,d", "1:a|b;2:c|d;");
    CHECK("a,\n,b\n", "1:a|~;2:~|b;");
    CHECK("\n", "1:~;");
    CHECK("a,", "1:a|~;");
}

static void
quotes_hold_commas_quotes_and_line_ends(void **state)
{
    (void)state;
    CHECK("\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d;");
    CHECK("\"a\nb\",c\nd,e\n", "1:a\nb|c;3:d|e;");
    CHECK("\"a\r\nb\",c\r\n", "1:a\r\nb|c;");
    CHECK("\"\",\n", "1:|~;");
}

static void
a_byte_order_mark_and_crlf_do_no_harm(void **state)
{
    (void)state;
    CHECK("\xef\xbb\xbf" "a,b\r\nc,d\r\n", "1:a|b;2:c|d;");
    CHECK("\xef\xbb\xbf\"a\",b\n", "1:a|b;");
    CHECK("\xef\xbb\xbf", "");
    CHECK("a\n\xef\xbb\xbf" "b\n", "1:a;2:\xef\xbb\xbf" "b;");
}

static void
what_is_broken_is_named_by_line(void **state)
{
    (void)state;
    CHECK("a\nb\xff\n", "1:a;!1@2");
    CHECK("\xc0\x80\n", "!1@1");
    CHECK("\xed\xa0\x80\n", "!1@1");
    CHECK("\xe4\xba", "!1@1");
    CHECK("a\0\n", "!2@1");
    CHECK("x\na\"b\n", "1:x;!3@2");
    CHECK("\"a\"b\n", "!4@1");
    CHECK("x\n\"a\nb\nc", "1:x;!5@2");
    CHECK("a\rb\n", "!6@1");
    CHECK("a\r", "!6@1");
}

static void
japanese_is_read_as_it_is(void **state)
{
    (void)state;
    CHECK("人材,\"核融合\"\n", "1:人材|核融合;");
}

static void
a_record_without_end_is_given_up(void **state)
{
    struct csv *csv = csv_new();
    char *text = malloc(CSV_RECORD_MAX + 2);
    size_t used;

    (void)state;
    memset(text, 'a', CSV_RECORD_MAX + 2);
    assert_int_equal(csv_feed(csv, text, CSV_RECORD_MAX + 2, &used), CSV_BAD);
    assert_int_equal(csv_error(csv), CSV_TOO_LONG);
    assert_int_equal(csv_feed(csv, text, 1, &used), CSV_BAD);
    assert_int_equal(csv_finish(csv), CSV_BAD);
    free(text);
    csv_free(csv);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_and_fields_are_told_apart),
        cmocka_unit_test(quotes_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(a_byte_order_mark_and_crlf_do_no_harm),
        cmocka_unit_test(what_is_broken_is_named_by_line),
        cmocka_unit_test(japanese_is_read_as_it_is),
        cmocka_unit_test(a_record_without_end_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
