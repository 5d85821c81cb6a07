/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The command is no library, so the test takes in what it is about. */
#include "cli/cell.c"
#include "cli/language.c"
#include "cli/line_key.c"
#include "cli/word.c"

static void
check(const char *json, const char *path, enum language language, enum cell_use use,
      const char *expected)
{
    json_t *root = json_loads(json, 0, NULL), *value;
    char *text;

    assert_non_null(root);
    value = cell_find(root, path);
    text = cell_text(value, language, use);
    assert_string_equal(text, expected);
    free(text);
    json_decref(value);
    json_decref(root);
}

static void
a_dotted_path_leads_through_objects_and_lists(void **state)
{
    (void)state;
    check("{\"host\": {\"name\": \"NIFS\"}}", "host.name", LANGUAGE_EN, CELL_TABLE, "NIFS");
    check("{\"skills\": [{\"code\": \"A\"}, {\"code\": \"B\"}]}", "skills.code", LANGUAGE_EN,
          CELL_TABLE, "A, B");
    check("{\"host\": null}", "host.name", LANGUAGE_EN, CELL_TABLE, "");
    check("{}", "host", LANGUAGE_EN, CELL_TABLE, "");
}

static void
values_are_written_for_people_and_for_programs(void **state)
{
    (void)state;
    check("{\"v\": 0.1}", "v", LANGUAGE_EN, CELL_TABLE, "0.1");
    check("{\"v\": 9007199254740993}", "v", LANGUAGE_EN, CELL_TABLE, "9007199254740993");
    check("{\"v\": true}", "v", LANGUAGE_EN, CELL_TABLE, "yes");
    check("{\"v\": false}", "v", LANGUAGE_EN, CELL_TABLE, "-");
    check("{\"v\": false}", "v", LANGUAGE_EN, CELL_VIEW, "no");
    check("{\"v\": false}", "v", LANGUAGE_EN, CELL_CSV, "false");
    check("{\"v\": null}", "v", LANGUAGE_EN, CELL_CSV, "");
    check("{\"v\": []}", "v", LANGUAGE_EN, CELL_VIEW, "");
}

static void
the_time_of_a_change_is_shown_to_the_second(void **state)
{
    static const char json[] = "{\"v\": \"2026-11-24T14:08:35.18147+00:00\"}";

    (void)state;
    check(json, "v", LANGUAGE_EN, CELL_TABLE, "2026-11-24 14:08:35 UTC");
    check(json, "v", LANGUAGE_EN, CELL_CSV, "2026-11-24T14:08:35.18147+00:00");
    check("{\"v\": \"2026-11-24T14:08:35Z\"}", "v", LANGUAGE_EN, CELL_VIEW,
          "2026-11-24 14:08:35 UTC");
    check("{\"v\": \"2026-11-24T14:08:35+09:00\"}", "v", LANGUAGE_EN, CELL_VIEW,
          "2026-11-24T14:08:35+09:00");
    check("{\"v\": \"2026-11-24\"}", "v", LANGUAGE_EN, CELL_VIEW, "2026-11-24");
}

static void
a_label_is_shown_in_the_language_or_marked(void **state)
{
    (void)state;
    check("{\"v\": {\"en\": \"Hall\", \"ja\": \"H\"}}", "v", LANGUAGE_JA, CELL_TABLE, "H");
    check("{\"v\": {\"en\": \"Hall\"}}", "v", LANGUAGE_JA, CELL_TABLE, "Hall [en]");
    check("{\"v\": {\"en\": \"Hall\", \"ja\": null}}", "v", LANGUAGE_JA, CELL_TABLE, "Hall [en]");
}

static void
a_reference_is_code_and_name(void **state)
{
    (void)state;
    check("{\"v\": {\"id\": \"u\", \"code\": \"nifs\", \"name\": \"N\"}}", "v", LANGUAGE_EN,
          CELL_TABLE, "nifs N");
    check("{\"v\": {\"id\": \"u\", \"code\": \"nifs\", \"name\": {\"en\": \"N\"}}}", "v",
          LANGUAGE_EN, CELL_TABLE, "nifs N");
    check("{\"v\": {\"id\": \"u\", \"code\": \"nifs\"}}", "v", LANGUAGE_EN, CELL_TABLE, "nifs");
}

static void
a_list_of_objects_has_a_line_for_each_in_a_view(void **state)
{
    static const char json[] =
        "{\"v\": [{\"skill\": \"A\", \"min_level\": 3}, {\"skill\": \"B\"}]}";

    (void)state;
    check(json, "v", LANGUAGE_EN, CELL_VIEW, "skill: A, min level: 3\nskill: B");
    check(json, "v", LANGUAGE_EN, CELL_TABLE, "skill: A, min level: 3; skill: B");
}

static void
the_key_of_a_line_depends_on_file_number_and_text_alone(void **state)
{
    char key[LINE_KEY_SIZE], other[LINE_KEY_SIZE];

    (void)state;
    assert_int_equal(line_key_make(key, "/a/10.jsonl", 3, "{}"), 0);
    assert_int_equal(strlen(key), 36);
    assert_int_equal(key[14], '8');
    assert_non_null(strchr("89ab", key[19]));
    assert_int_equal(line_key_make(other, "b/10.jsonl", 3, "{}"), 0);
    assert_string_equal(key, other);
    assert_int_equal(line_key_make(other, "/a/11.jsonl", 3, "{}"), 0);
    assert_string_not_equal(key, other);
    assert_int_equal(line_key_make(other, "/a/10.jsonl", 4, "{}"), 0);
    assert_string_not_equal(key, other);
    assert_int_equal(line_key_make(other, "/a/10.jsonl", 3, "[]"), 0);
    assert_string_not_equal(key, other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dotted_path_leads_through_objects_and_lists),
        cmocka_unit_test(values_are_written_for_people_and_for_programs),
        cmocka_unit_test(the_time_of_a_change_is_shown_to_the_second),
        cmocka_unit_test(a_label_is_shown_in_the_language_or_marked),
        cmocka_unit_test(a_reference_is_code_and_name),
        cmocka_unit_test(a_list_of_objects_has_a_line_for_each_in_a_view),
        cmocka_unit_test(the_key_of_a_line_depends_on_file_number_and_text_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
