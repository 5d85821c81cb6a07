/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The command is no library, so the test takes in what it is about. */
#include "cli/wrap.c"

static void
check(const char *text, size_t width, const char *expected)
{
    char *broken = wrap_text(text, width);

    assert_non_null(broken);
    assert_string_equal(broken, expected);
    free(broken);
}

static void
wide_characters_take_two_columns(void **state)
{
    (void)state;
    assert_int_equal(wrap_width("人材"), 4);
    assert_int_equal(wrap_width("ab\n人材x\nc"), 5);
    assert_int_equal(wrap_width(""), 0);
    assert_int_equal(wrap_width("\x1b"), 4);
    assert_int_equal(wrap_width("\xFFz"), 5);
}

static void
lines_break_at_spaces(void **state)
{
    (void)state;
    check("one two three", 7, "one two\nthree");
    check("one two three", 8, "one two\nthree");
    check("one two three", 100, "one two three");
    check("one two", 3, "one\ntwo");
    check("a b\nc d", 1, "a\nb\nc\nd");
    check("", 5, "");
}

static void
a_word_breaks_only_where_it_is_too_wide_itself(void **state)
{
    (void)state;
    check("abcdefgh", 3, "abc\ndef\ngh");
    check("x abcdef", 4, "x\nabcd\nef");
    check("visit|secondment", 12, "visit|\nsecondment");
}

static void
japanese_breaks_between_characters_but_not_before_punctuation(void **state)
{
    (void)state;
    check("人材育成", 4, "人材\n育成");
    check("人材育成", 5, "人材\n育成");
    check("人材。育成", 4, "人\n材。\n育成");
    check("abc人材", 4, "abc\n人材");
}

static void
the_widest_columns_give_first(void **state)
{
    size_t width[] = {10, 50, 40, 8};
    const bool gives[] = {false, true, true, true};
    size_t fixed[] = {30, 30};
    const bool none[] = {false, false};

    (void)state;
    wrap_share(width, gives, 4, 78, 14);
    assert_int_equal(width[0], 10);
    assert_int_equal(width[1] + width[2], 60);
    assert_in_range(width[1], 29, 31);
    assert_int_equal(width[3], 8);
    wrap_share(width, gives, 4, 20, 14);
    assert_int_equal(width[1], 14);
    assert_int_equal(width[2], 14);
    assert_int_equal(width[3], 8);
    wrap_share(fixed, none, 2, 10, 14);
    assert_int_equal(fixed[0] + fixed[1], 60);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_characters_take_two_columns),
        cmocka_unit_test(lines_break_at_spaces),
        cmocka_unit_test(a_word_breaks_only_where_it_is_too_wide_itself),
        cmocka_unit_test(japanese_breaks_between_characters_but_not_before_punctuation),
        cmocka_unit_test(the_widest_columns_give_first),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
