/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/kept.h"

static size_t limit_bytes;

static int
set_up(void **state)
{
    limit_bytes = 25000;
    *state = kept_answers_new(&limit_bytes);
    return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    kept_answers_free(*state);
    return 0;
}

/* Keeps an answer that takes as much as its text of that size, and lets go of it again. */
static void
keep(struct kept_answers *answers, const char *question, const char *text, int size)
{
    static char name[] = "answer", filler[30000];
    PGresAttDesc column = {.name = name};
    struct reply reply = {.text = text, .size = strlen(text), .stamp = "stamp", .result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK)};
    struct kept *kept = NULL;

    assert_true(PQsetResultAttrs(reply.result, 1, &column) && PQsetvalue(reply.result, 0, 0, filler, size));
    kept = kept_put(answers, question, &reply);
    assert_non_null(kept);
    assert_null(reply.result);
    kept_release(NULL, 0, kept);
}

static bool
has(struct kept_answers *answers, const char *question)
{
    struct kept *kept = kept_find(answers, question);

    kept_release(NULL, 0, kept);
    return kept != NULL;
}

static void
an_answer_is_found_by_its_question_alone(void **state)
{
    struct kept *kept;

    keep(*state, "one", "1", 1);
    keep(*state, "two", "22", 2);
    assert_false(has(*state, "on"));
    kept = kept_find(*state, "two");
    assert_string_equal(kept_text(kept), "22");
    assert_int_equal(kept_size(kept), 2);
    assert_string_equal(kept_stamp(kept), "stamp");
    kept_release(NULL, 0, kept);
}

static void
the_next_answer_takes_the_place_of_the_one_before(void **state)
{
    struct kept *before, *after;

    keep(*state, "one", "1", 1);
    before = kept_find(*state, "one");
    keep(*state, "one", "other", 5);
    after = kept_find(*state, "one");
    assert_string_equal(kept_text(after), "other");
    assert_string_equal(kept_text(before), "1"); /* for who still writes it */
    kept_release(NULL, 0, before);
    kept_release(NULL, 0, after);
}

static void
what_was_not_asked_for_longest_goes_when_the_bound_is_reached(void **state)
{
    keep(*state, "one", "", 7000);
    keep(*state, "two", "", 7000);
    assert_true(has(*state, "one"));
    keep(*state, "three", "", 7000);
    assert_true(has(*state, "one"));
    assert_false(has(*state, "two"));
    keep(*state, "large", "", 29999);
    assert_false(has(*state, "large"));
}

static void
many_small_answers_stay_few(void **state)
{
    char question[20];

    limit_bytes = 1 << 30;
    for (int i = 0; i < 1000; i++) {
        snprintf(question, sizeof question, "%d", i);
        keep(*state, question, "1", 1);
    }
    assert_false(has(*state, "743"));
    assert_true(has(*state, "744"));
    assert_true(has(*state, "999"));
}

static void
with_a_bound_of_nothing_nothing_is_kept(void **state)
{
    limit_bytes = 0;
    keep(*state, "one", "1", 1);
    assert_false(has(*state, "one"));
}

static void
all_go_when_the_server_is_gone(void **state)
{
    struct kept *held;

    keep(*state, "one", "1", 1);
    held = kept_find(*state, "one");
    kept_answers_clear(*state);
    assert_false(has(*state, "one"));
    assert_string_equal(kept_text(held), "1");
    kept_release(NULL, 0, held);
}

static void
no_two_questions_have_one_text(void **state)
{
    const char *const asked[][3] = {{"a", "b", NULL}, {"a", NULL, "b"}, {"ab", NULL, NULL}, {"a,1:b", NULL, NULL}, {"", "ab", NULL}};
    char *text[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        text[i] = kept_question(7, asked[i], 3);
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(text[i], text[j]);
    for (int i = 0; i < 5; i++)
        free(text[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_is_found_by_its_question_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_next_answer_takes_the_place_of_the_one_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_asked_for_longest_goes_when_the_bound_is_reached, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_small_answers_stay_few, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_a_bound_of_nothing_nothing_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_go_when_the_server_is_gone, set_up, tear_down),
        cmocka_unit_test(no_two_questions_have_one_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
