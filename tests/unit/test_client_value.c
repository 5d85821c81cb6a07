/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The command is no library, so the test takes in what it is about. */
#include "cli/language.c"
#include "cli/value.c"
#include "cli/word.c"

static const struct param fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE},
    {.name = "level", .type = PARAM_INTEGER},
    {.name = "note", .type = PARAM_TEXT},
    PARAM_ROW_END,
};

static const struct param rows[] = {
    {.name = "code", .type = PARAM_TEXT},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE},
    {.name = "name", .type = PARAM_LABEL},
    {.name = "as_of", .type = PARAM_MONTH},
    {.name = "capacity", .type = PARAM_INTEGER},
    {.name = "fte", .type = PARAM_NUMBER},
    {.name = "residential", .type = PARAM_BOOLEAN},
    {.name = "pillars", .type = PARAM_CHOICE, .flags = PARAM_LIST, .choices = "science|workforce"},
    {.name = "facilities", .type = PARAM_REFERENCE, .flags = PARAM_LIST},
    {.name = "remarks", .type = PARAM_TEXT, .flags = PARAM_LIST},
    {.name = "levels", .type = PARAM_INTEGER, .flags = PARAM_LIST},
    {.name = "objectives", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = fields},
    {.name = "lead", .type = PARAM_OBJECT, .fields = fields},
    PARAM_ROW_END,
};

/* Types the words "name value …" and compares what becomes of them; expected NULL: the last one is
 * refused. */
static void
check(const char *const *words, const char *expected)
{
    json_t *params = json_object(),
           *wanted = expected != NULL ? json_loads(expected, 0, NULL) : NULL;
    char reason[VALUE_REASON_SIZE] = "";
    int rc = 0;

    for (; words[0] != NULL; words += 2) {
        struct word_option option = word_option(rows, words[0], strlen(words[0]));

        assert_int_equal(rc, 0);
        assert_non_null(option.row);
        rc = value_put(params, option.row, words[1], option.language, LANGUAGE_JA, reason);
    }
    if (expected == NULL) {
        assert_int_equal(rc, -1);
        assert_string_not_equal(reason, "");
    } else {
        assert_int_equal(rc, 0);
        assert_true(json_equal(params, wanted));
    }
    json_decref(params);
    json_decref(wanted);
}

#define TYPED(expected, ...) check((const char *const[]){__VA_ARGS__, NULL, NULL}, expected)

static void
plain_values_take_the_type_of_their_row(void **state)
{
    (void)state;
    TYPED("{\"code\": \"12\"}", "code", "12");
    TYPED("{\"as_of\": \"2026-04\"}", "as-of", "2026-04");
    TYPED("{\"as_of\": \"2026-04\"}", "as_of", "2026-04");
    TYPED("{\"capacity\": -3}", "capacity", "-3");
    TYPED("{\"fte\": 0.8}", "fte", "0.8");
    TYPED("{\"fte\": 1}", "fte", "1");
    TYPED("{\"residential\": true}", "residential", "true");
    TYPED("{\"residential\": false}", "residential", "no");
}

static void
what_is_no_number_or_boolean_is_refused(void **state)
{
    (void)state;
    TYPED(NULL, "capacity", "many");
    TYPED(NULL, "capacity", "1.5");
    TYPED(NULL, "capacity", "99999999999999999999");
    TYPED(NULL, "fte", "nan");
    TYPED(NULL, "fte", "inf");
    TYPED(NULL, "fte", "1e999");
    TYPED(NULL, "fte", "0x10");
    TYPED(NULL, "fte", "1,5");
    TYPED(NULL, "residential", "perhaps");
    TYPED(NULL, "code", "\xFF");
    TYPED(NULL, "name-ja", "\xFF");
}

static void
nothing_clears_what_can_be_cleared(void **state)
{
    (void)state;
    TYPED("{\"note\": null}", "note", "");
    TYPED("{\"code\": \"\"}", "code", "");
    TYPED("{\"capacity\": null}", "capacity", "");
    TYPED("{\"pillars\": []}", "pillars", "");
}

static void
a_value_given_twice_is_refused_unless_it_is_a_list(void **state)
{
    (void)state;
    TYPED(NULL, "code", "a", "code", "b");
    TYPED("{\"pillars\": [\"science\", \"workforce\"]}", "pillar", "science", "pillars",
          "workforce");
}

static void
lists_grow_and_split_at_commas_unless_they_hold_free_text(void **state)
{
    (void)state;
    TYPED("{\"pillars\": [\"science\", \"workforce\"]}", "pillars", "science,workforce");
    TYPED("{\"pillars\": [\"science\", \"workforce\"]}", "pillars", "[\"science\", \"workforce\"]");
    TYPED("{\"facilities\": [\"jt-60sa\", \"lhd\"]}", "facility", "jt-60sa,lhd");
    TYPED("{\"levels\": [1, 2, 3]}", "levels", "1,2", "level", "3");
    TYPED("{\"remarks\": [\"a, b\", \"c\"]}", "remark", "a, b", "remark", "c");
    TYPED(NULL, "levels", "1,x");
}

static void
a_label_is_typed_in_one_language_or_both(void **state)
{
    (void)state;
    TYPED("{\"name\": {\"en\": \"Torus Hall\", \"ja\": \"T\"}}", "name", "en=Torus Hall", "name",
          "ja=T");
    TYPED("{\"name\": {\"en\": \"Hall, A\", \"ja\": \"T\"}}", "name", "en=Hall, A,ja=T");
    TYPED("{\"name\": {\"en\": \"X=1\", \"ja\": \"en=Y\"}}", "name-en", "X=1", "name_ja", "en=Y");
    TYPED("{\"name\": {\"ja\": \"T, a=b\"}}", "name", "T, a=b");
    TYPED("{\"name\": {\"en\": \"A\"}}", "name", "{\"en\": \"A\"}");
}

static void
objects_are_json_or_pairs(void **state)
{
    (void)state;
    TYPED("{\"objectives\": [{\"skill\": \"FS-1\", \"level\": 3}, {\"skill\": \"FS-2\"}]}",
          "objective", "skill=FS-1,level=3", "objectives", "{\"skill\": \"FS-2\"}");
    TYPED("{\"objectives\": [{\"skill\": \"FS-1\"}]}", "objectives", "[{\"skill\": \"FS-1\"}]");
    TYPED("{\"lead\": {\"note\": \"one, two=2, three\", \"level\": 2}}", "lead",
          "note=one, two=2, three,level=2");
    TYPED(NULL, "lead", "skil=FS-1");
    TYPED(NULL, "lead", "FS-1");
    TYPED(NULL, "lead", "level=x");
    TYPED(NULL, "lead", "{\"skill\":");
    TYPED(NULL, "objectives", "@/nonexistent/file");
}

static void
unknown_names_are_no_option(void **state)
{
    (void)state;
    assert_null(word_option(rows, "cod", 3).row);
    assert_null(word_option(rows, "codes", 5).row);
    assert_null(word_option(rows, "name-fr", 7).row);
    assert_null(word_option(rows, "pillarss", 8).row);
    assert_null(word_option(NULL, "code", 4).row);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values_take_the_type_of_their_row),
        cmocka_unit_test(what_is_no_number_or_boolean_is_refused),
        cmocka_unit_test(nothing_clears_what_can_be_cleared),
        cmocka_unit_test(a_value_given_twice_is_refused_unless_it_is_a_list),
        cmocka_unit_test(lists_grow_and_split_at_commas_unless_they_hold_free_text),
        cmocka_unit_test(a_label_is_typed_in_one_language_or_both),
        cmocka_unit_test(objects_are_json_or_pairs),
        cmocka_unit_test(unknown_names_are_no_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
