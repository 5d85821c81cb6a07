/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/kept.h"
#include "rpc/pieces.h"

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

static void
set(PGresult *result, int row, int column, const char *text)
{
    char copy[30001];

    snprintf(copy, sizeof copy, "%s", text != NULL ? text : "");
    assert_true(PQsetvalue(result, row, column, copy, text != NULL ? (int)strlen(copy) : -1));
}

/* What the database says: a stamp alone where rest is NULL, or a list without pieces that ends with rest. */
static PGresult *
said(const char *stamp, const char *whole, const char *rest)
{
    static char name[] = "column";
    PGresAttDesc columns[PIECES_WORDS + 1];
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);

    for (int i = 0; i <= PIECES_WORDS; i++)
        columns[i] = (PGresAttDesc){.name = name};
    assert_true(PQsetResultAttrs(result, PIECES_WORDS + 1, columns));
    set(result, 0, PIECES_STAMP, stamp);
    set(result, 0, PIECES_WHOLE, whole);
    set(result, 0, PIECES_WORDS, rest);
    return result;
}

/* Keeps a whole answer, and lets go of it again. */
static void
keep(struct kept_answers *answers, const char *question, const char *rest)
{
    PGresult *result = said("stamp", "t", rest);
    struct kept *kept = kept_read(answers, result, NULL);

    assert_non_null(kept);
    PQclear(result);
    kept_put(answers, question, kept);
    kept_release(NULL, 0, kept);
}

/* The same with an answer of about that size. */
static void
keep_sized(struct kept_answers *answers, const char *question, int size)
{
    char rest[30001];

    memset(rest, ' ', (size_t)size);
    rest[size] = '\0';
    keep(answers, question, rest);
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

    keep(*state, "one", "1]}");
    keep(*state, "two", "22]}");
    assert_false(has(*state, "on"));
    kept = kept_find(*state, "two");
    assert_string_equal(kept_text(kept), "{\"items\" : [22]}");
    assert_int_equal(kept_size(kept), strlen(kept_text(kept)));
    assert_string_equal(kept_stamp(kept), "stamp");
    kept_release(NULL, 0, kept);
}

static void
the_next_answer_takes_the_place_of_the_one_before(void **state)
{
    struct kept *before, *after;

    keep(*state, "one", "1]}");
    before = kept_find(*state, "one");
    keep(*state, "one", "other]}");
    after = kept_find(*state, "one");
    assert_string_equal(kept_text(after), "{\"items\" : [other]}");
    assert_string_equal(kept_text(before), "{\"items\" : [1]}"); /* for who still writes it */
    kept_release(NULL, 0, before);
    kept_release(NULL, 0, after);
}

static void
expect_counted(struct kept_answers *answers, int reused, int mended)
{
    json_t *status = kept_answers_describe(answers);

    assert_int_equal(json_integer_value(json_object_get(status, "reused")), reused);
    assert_int_equal(json_integer_value(json_object_get(status, "mended")), mended);
    json_decref(status);
}

static void
what_stands_is_given_again_and_what_has_changed_is_kept_with_its_stamp(void **state)
{
    PGresult *result;
    struct kept *before, *same, *mended;

    keep(*state, "one", "1]}");
    before = kept_find(*state, "one");
    result = said("stamp", NULL, NULL);
    same = kept_read(*state, result, before);
    assert_ptr_equal(same, before);
    kept_put(*state, "one", same);
    kept_release(NULL, 0, same);
    PQclear(result);
    expect_counted(*state, 1, 0);
    result = said("later", "f", "2]}");
    mended = kept_read(*state, result, before);
    PQclear(result);
    kept_put(*state, "one", mended);
    assert_string_equal(kept_text(mended), "{\"items\" : [2]}");
    assert_string_equal(kept_stamp(mended), "later");
    assert_string_equal(kept_text(before), "{\"items\" : [1]}");
    kept_release(NULL, 0, mended);
    kept_release(NULL, 0, before);
    mended = kept_find(*state, "one");
    assert_string_equal(kept_stamp(mended), "later");
    kept_release(NULL, 0, mended);
    expect_counted(*state, 1, 1);
}

static void
what_was_not_asked_for_longest_goes_when_the_bound_is_reached(void **state)
{
    keep_sized(*state, "one", 9000);
    keep_sized(*state, "two", 9000);
    assert_true(has(*state, "one"));
    keep_sized(*state, "three", 9000);
    assert_true(has(*state, "one"));
    assert_false(has(*state, "two"));
    keep_sized(*state, "large", 29999);
    assert_false(has(*state, "large"));
}

static void
many_small_answers_stay_few(void **state)
{
    char question[20];

    limit_bytes = 1 << 30;
    for (int i = 0; i < 1000; i++) {
        snprintf(question, sizeof question, "%d", i);
        keep(*state, question, "1]}");
    }
    assert_false(has(*state, "743"));
    assert_true(has(*state, "744"));
    assert_true(has(*state, "999"));
}

static void
with_a_bound_of_nothing_nothing_is_kept(void **state)
{
    limit_bytes = 0;
    keep(*state, "one", "1]}");
    assert_false(has(*state, "one"));
}

static void
all_go_when_the_server_is_gone(void **state)
{
    struct kept *held;

    keep(*state, "one", "1]}");
    held = kept_find(*state, "one");
    kept_answers_clear(*state);
    assert_false(has(*state, "one"));
    assert_string_equal(kept_text(held), "{\"items\" : [1]}");
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
        cmocka_unit_test_setup_teardown(what_stands_is_given_again_and_what_has_changed_is_kept_with_its_stamp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_asked_for_longest_goes_when_the_bound_is_reached, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_small_answers_stay_few, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_a_bound_of_nothing_nothing_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_go_when_the_server_is_gone, set_up, tear_down),
        cmocka_unit_test(no_two_questions_have_one_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
