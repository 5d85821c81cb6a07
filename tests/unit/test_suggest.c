/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/fault.h"
#include "rpc/suggest.h"

static const char *
closest(const char *wanted)
{
    static const char *const names[] = {"program.get", "program.list", "person.get", "if_version"};
    struct suggest suggest;

    suggest_begin(&suggest, wanted);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        suggest_offer(&suggest, names[i]);
    return suggest.best;
}

static void
a_slip_finds_the_name(void **state)
{
    (void)state;
    assert_string_equal(closest("program.gte"), "program.get");
    assert_string_equal(closest("Program.Get"), "program.get");
    assert_string_equal(closest("programs.list"), "program.list");
    assert_string_equal(closest("if-version"), "if_version");
    assert_string_equal(closest("persn.get"), "person.get");
}

static void
a_guess_is_not_made(void **state)
{
    char longest[500];

    (void)state;
    assert_null(closest("exchange.due"));
    assert_null(closest(""));
    assert_null(closest("x"));
    memset(longest, 'p', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(closest(longest));
}

static void
what_was_sent_is_shown_without_control_characters(void **state)
{
    char quote[FAULT_QUOTE_SIZE];

    (void)state;
    assert_string_equal(fault_quote(quote, "a\nb\033[31m"), "a?b?[31m");
}

static void
a_text_is_cut_between_characters(void **state)
{
    char buffer[8] = "";

    (void)state;
    fault_append(buffer, sizeof buffer, "人材a人");
    assert_string_equal(buffer, "人材a");
    fault_append(buffer, sizeof buffer, "b");
    assert_string_equal(buffer, "人材a");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_finds_the_name),
        cmocka_unit_test(a_guess_is_not_made),
        cmocka_unit_test(what_was_sent_is_shown_without_control_characters),
        cmocka_unit_test(a_text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
