/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"
#include "rpc/params.h"
#include "rpc/value.h"

static const unsigned char secret[32] = {1, 2, 3};
static const struct params_rules rules = {&row_limits, secret, sizeof secret};

static const struct method *
row(const char *name)
{
    const struct method *method = badge_methods;

    while (strcmp(method->name, name) != 0)
        method++;
    return method;
}

static int
read_text(struct params *params, const char *method, const char *json, struct fault *fault)
{
    json_error_t error;
    json_t *given = NULL;
    int rc;

    if (json != NULL) {
        given = json_loads(json, JSON_DECODE_INT_AS_REAL, &error);
        assert_non_null(given);
    }
    rc = params_read(params, &rules, row(method), given, fault);
    json_decref(given);
    return rc;
}

/* The values, joined: NULL is -. */
static void
expect_values(const char *method, const char *json, const char *expected)
{
    struct params params;
    struct fault fault;
    char joined[4096] = "";

    if (read_text(&params, method, json, &fault) != 0)
        fail_msg("%s", fault.message);
    for (size_t i = 0; i < params.count; i++) {
        strcat(joined, i > 0 ? "|" : "");
        strcat(joined, params.values[i] != NULL ? params.values[i] : "-");
    }
    assert_string_equal(joined, expected);
    params_free(&params);
}

static void
expect_fault(const char *method, const char *json, const char *parameter, const char *message)
{
    struct params params;
    struct fault fault;

    assert_int_equal(read_text(&params, method, json, &fault), -1);
    assert_int_equal(fault.code, ERROR_INVALID_PARAMS);
    assert_string_equal(fault.parameter, parameter);
    if (strstr(fault.message, message) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fault.message, message);
    assert_true(fault.expected[0] != '\0');
    assert_null(params.values);
}

static void
values_stand_in_the_order_of_the_statement(void **state)
{
    (void)state;
    expect_values("badge.create",
                  "{\"kind\":\"visit\",\"name\":{\"ja\":\"核融合\"},\"hours\":40,\"fte\":0.1,"
                  "\"open\":false,\"starts\":\"2024-02-29\",\"month\":\"2026-04\","
                  "\"series\":\"0190A5C4-7e1b-7c3d-8a2f-5b6c7d8e9f01\",\"code\":\"B-1\"}",
                  "-|B-1|-|核融合|visit|40|0.1|false|2024-02-29|2026-04-01|"
                  "0190A5C4-7e1b-7c3d-8a2f-5b6c7d8e9f01|-|-|-|-|-|-");
}

static void
lists_become_array_literals_and_objects_compact_json(void **state)
{
    (void)state;
    expect_values(
        "badge.create",
        "{\"kind\":\"visit\",\"name\":{\"en\":\"a\"},\"pillars\":[\"science\",\"facilities\"],"
        "\"years\":[2026,2027.0],\"goals\":[{\"level\":3,\"skill\":\"SK-1\",\"share\":0.1,"
        "\"title\":null}]}",
        "-|-|a|-|visit|-|-|-|-|-|-|{\"science\",\"facilities\"}|{\"2026\",\"2027\"}|"
        "[{\"skill\":\"SK-1\",\"level\":3,\"share\":0.1}]|-|-|-");
    expect_values("badge.create",
                  "{\"kind\":\"visit\",\"name\":{\"en\":\"a\"},\"pillars\":[],\"goals\":[]}",
                  "-|-|a|-|visit|-|-|-|-|-|-|{}|-|[]|-|-|-");
}

static void
an_array_literal_is_quoted(void **state)
{
    static const char *const texts[] = {"a\"b", "c\\d", "{,}", "", "NULL"};
    char *text = value_array(texts, 5);

    (void)state;
    assert_string_equal(text, "{\"a\\\"b\",\"c\\\\d\",\"{,}\",\"\",\"NULL\"}");
    free(text);
}

static void
parameters_are_given_by_position_with_the_required_ones_first(void **state)
{
    (void)state;
    expect_values("badge.get", "[\"B-1\",\"ja\"]", "-|B-1|ja");
    expect_values("badge.get", "[\"B-1\"]", "-|B-1|-");
    expect_values("badge.create", "[{\"en\":\"a\"},\"visit\",null,7]",
                  "-|-|a|-|visit|7|-|-|-|-|-|-|-|-|-|-|-");
    expect_fault("badge.get", "[\"B-1\",\"ja\",3]", "", "2 parameters at most, not 3");
    expect_fault("badge.get", "[]", "ref", "required");
}

static void
null_by_name_clears_and_by_position_holds_the_place(void **state)
{
    (void)state;
    expect_values("badge.update", "{\"ref\":\"B-1\",\"note\":null}", "-|B-1|-|-|-|-|{\"note\"}");
    expect_values("badge.update", "{\"ref\":\"B-1\",\"name\":null,\"note\":null}",
                  "-|B-1|-|-|-|-|{\"name\",\"note\"}");
    expect_values("badge.update", "{\"ref\":\"B-1\",\"if_version\":null}", "-|B-1|-|-|-|-|{}");
    expect_values("badge.update", "[\"B-1\",null,\"x\"]", "-|B-1|-|-|x|-|{}");
}

static void
what_is_missing_or_unknown_is_named(void **state)
{
    (void)state;
    expect_fault("badge.get", NULL, "ref", "\"ref\" is required: the UUID or the code");
    expect_fault("badge.get", "{\"ref\":null}", "ref", "required");
    expect_fault("badge.get", "{\"reff\":\"B-1\"}", "reff", "did you mean \"ref\"?");
    expect_fault("badge.get", "{\"ref\":\"B-1\",\"unheard_of\":1}", "unheard_of",
                 "There is no parameter \"unheard_of\"");
    expect_fault("badge.audit", "{\"a\":1}", "a", "There is no parameter \"a\"");
    expect_fault("badge.create", "{\"kind\":\"visit\"}", "name",
                 "required: {\"en\": …, \"ja\": …}");
}

static void
a_wrong_value_is_named_by_its_path(void **state)
{
#define NAMED "{\"kind\":\"visit\",\"name\":{\"en\":\"a\"},"
    (void)state;
    expect_fault("badge.create",
                 NAMED "\"goals\":[{\"skill\":\"a\"},{\"skill\":\"b\"},{\"level\":1}]}",
                 "goals[2].skill", "\"goals[2].skill\" is required");
    expect_fault("badge.create", NAMED "\"goals\":[{\"skill\":\"a\",\"level\":6}]}",
                 "goals[0].level", "a whole number from 1 to 5");
    expect_fault("badge.create", NAMED "\"goals\":[{\"skill\":\"a\",\"levle\":6}]}",
                 "goals[0].levle", "did you mean \"level\"?");
    expect_fault("badge.create", NAMED "\"goals\":[{\"skill\":\"a\",\"title\":{\"ja\":\"\"}}]}",
                 "goals[0].title.ja", "a text of 1 to 20 characters");
    expect_fault("badge.create", NAMED "\"goals\":[7]}", "goals[0]",
                 "an object of skill, level, share, title");
    expect_fault("badge.create", NAMED "\"goals\":{}}", "goals", "an array of up to 3 items");
    expect_fault("badge.create", NAMED "\"years\":[1,2,3,4]}", "years",
                 "an array of up to 3 items");
    expect_fault("badge.create", NAMED "\"years\":[1,null]}", "years[1]", "a whole number");
    expect_fault("badge.create", NAMED "\"pillars\":[\"sience\"]}", "pillars[0]",
                 "one of science, facilities; did you mean \"science\"?");
    expect_fault("badge.create", NAMED "\"fte\":1.5}", "fte", "a number from 0 to 1 FTE");
    expect_fault("badge.create", NAMED "\"hours\":1.5}", "hours",
                 "whole number from 0 to 1000 hours");
    expect_fault("badge.create", NAMED "\"open\":1}", "open", "true or false");
    expect_fault("badge.create", NAMED "\"code\":\"123456789\"}", "code", "a text of 1 to 8");
    expect_fault("badge.create", "{\"kind\":\"visit\",\"name\":\"a\"}", "name",
                 "at least one of them");
    expect_fault("badge.create", "{\"kind\":\"visit\",\"name\":{}}", "name",
                 "at least one of them");
    expect_fault("badge.create", "{\"kind\":\"visit\",\"name\":{\"en\":\"a\",\"de\":\"b\"}}",
                 "name", "at least one of them");
    expect_fault("badge.create", "{\"kind\":\"tour\",\"name\":{\"en\":\"a\"}}", "kind",
                 "one of visit, secondment, joint-research");
}

static void
characters_are_counted_and_not_bytes(void **state)
{
    (void)state;
    expect_values("badge.create", NAMED "\"code\":\"核融合核融合核融\"}",
                  "-|核融合核融合核融|a|-|visit|-|-|-|-|-|-|-|-|-|-|-|-");
    expect_fault("badge.create", NAMED "\"code\":\"核融合核融合核融合\"}", "code", "characters");
}

static void
a_number_past_2_to_the_53_is_no_whole_number(void **state)
{
    (void)state;
    expect_values(
        "badge.create", NAMED "\"years\":[9007199254740991,-9007199254740991,-0.0]}",
        "-|-|a|-|visit|-|-|-|-|-|-|-|{\"9007199254740991\",\"-9007199254740991\",\"0\"}|-|-|-|-");
    expect_fault("badge.create", NAMED "\"years\":[9007199254740993]}", "years[0]",
                 "-9007199254740991 to 9007199254740991");
    expect_fault("badge.create", NAMED "\"years\":[1e300]}", "years[0]", "whole number");
}

static void
a_date_must_be_in_the_calendar(void **state)
{
    static const char *const wrong[] = {
        "2023-02-29", "2026-13-01", "2026-00-10",       "2026-04-31", "2100-02-29", "1899-12-31",
        "2201-01-01", "2026-4-1",   "2026-04-01T00:00", "+026-04-01", "",           "today"};
    char json[256];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(json, sizeof json, NAMED "\"starts\":\"%s\"}", wrong[i]);
        expect_fault("badge.create", json, "starts", "a date of the calendar as 2026-04-01");
    }
    expect_fault("badge.create", NAMED "\"starts\":20260401}", "starts", "a date");
    expect_fault("badge.create", NAMED "\"month\":\"2026-13\"}", "month", "a month as 2026-04");
    expect_fault("badge.create", NAMED "\"month\":\"2026-04-01\"}", "month", "a month as 2026-04");
    expect_fault("badge.create", NAMED "\"series\":\"0190a5c4-7e1b-7c3d-8a2f5b6c7d8e9f01x\"}",
                 "series", "a UUID");
}

static void
a_page_is_bounded_by_the_limit(void **state)
{
    (void)state;
    expect_values("badge.list", "{\"limit\":1000}", "-|-|1000|-|-");
    expect_values("badge.list", "{}", "-|-|-|-|-");
    expect_fault("badge.list", "{\"limit\":1001}", "limit", "a whole number from 1 to 1000");
    expect_fault("badge.list", "{\"limit\":0}", "limit", "a whole number from 1 to 1000");
}

static void
a_page_size_below_the_default_is_said(void **state)
{
    struct limits limits = row_limits;
    struct params_rules small = {&limits, secret, sizeof secret};
    struct params params;
    struct fault fault;

    (void)state;
    limits.page_size = 20;
    assert_int_equal(params_read(&params, &small, row("badge.list"), NULL, &fault), 0);
    assert_string_equal(params.values[2], "20");
    params_free(&params);
}

static void
digest(const char *json, char out[80])
{
    struct params params;
    struct fault fault;

    assert_int_equal(read_text(&params, "badge.create", json, &fault), 0);
    assert_string_equal(params.values[params.count - 2], "0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01");
    assert_int_equal(strlen(params.values[params.count - 1]), 2 + 64);
    snprintf(out, 80, "%s", params.values[params.count - 1]);
    params_free(&params);
}

static void
the_digest_tells_other_parameters_and_nothing_else(void **state)
{
#define ONCE "\"idempotency_key\":\"0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01\""
    char first[80], second[80];

    (void)state;
    digest("{\"kind\":\"visit\",\"name\":{\"en\":\"a\",\"ja\":\"b\"}," ONCE ",\"hours\":3}", first);
    assert_memory_equal(first, "\\x", 2);
    digest("{" ONCE
           ",\"hours\":3.0,\"name\":{\"ja\":\"b\",\"en\":\"a\"},\"kind\":\"visit\",\"fte\":null}",
           second);
    assert_string_equal(first, second);
    digest("[{\"ja\":\"b\",\"en\":\"a\"},\"visit\",null,3,null,null,null,null,null,null,null,null,"
           "null,"
           "\"0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01\"]",
           second);
    assert_string_equal(first, second);
    digest("{\"kind\":\"visit\",\"name\":{\"en\":\"a\",\"ja\":\"b\"}," ONCE ",\"hours\":4}",
           second);
    assert_string_not_equal(first, second);
}

static void
a_fault_never_quotes_what_may_be_personal(void **state)
{
    struct params params;
    struct fault fault;

    (void)state;
    assert_int_equal(
        read_text(&params, "badge.create", NAMED "\"secret\":\"Yamada Taro of Toki\"}", &fault),
        -1);
    assert_null(strstr(fault.message, "Yamada"));
    assert_null(strstr(fault.expected, "Yamada"));
}

static void
a_long_name_is_cut_between_characters(void **state)
{
    char json[1024] = "{\"";
    struct params params;
    struct fault fault;

    (void)state;
    for (int i = 0; i < 200; i++)
        strcat(json, "人");
    strcat(json, "\":1}");
    assert_int_equal(read_text(&params, "badge.get", json, &fault), -1);
    assert_true(strlen(fault.parameter) < FAULT_QUOTE_SIZE);
    assert_non_null(strstr(fault.parameter, "…"));
    for (const char *c = fault.parameter; strncmp(c, "…", 3) != 0; c += 3)
        assert_memory_equal(c, "人", 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_in_the_order_of_the_statement),
        cmocka_unit_test(lists_become_array_literals_and_objects_compact_json),
        cmocka_unit_test(an_array_literal_is_quoted),
        cmocka_unit_test(parameters_are_given_by_position_with_the_required_ones_first),
        cmocka_unit_test(null_by_name_clears_and_by_position_holds_the_place),
        cmocka_unit_test(what_is_missing_or_unknown_is_named),
        cmocka_unit_test(a_wrong_value_is_named_by_its_path),
        cmocka_unit_test(characters_are_counted_and_not_bytes),
        cmocka_unit_test(a_number_past_2_to_the_53_is_no_whole_number),
        cmocka_unit_test(a_date_must_be_in_the_calendar),
        cmocka_unit_test(a_page_is_bounded_by_the_limit),
        cmocka_unit_test(a_page_size_below_the_default_is_said),
        cmocka_unit_test(the_digest_tells_other_parameters_and_nothing_else),
        cmocka_unit_test(a_fault_never_quotes_what_may_be_personal),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
