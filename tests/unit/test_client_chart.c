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
#include "cli/language.c"
#include "cli/wrap.c"
#include "cli/chart.c"

/* What a chart of the items prints; the caller frees it. */
static char *
drawn(int (*chart)(FILE *, const json_t *, enum language), const char *items, enum language language)
{
    json_t *list = json_loads(items, 0, NULL);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    assert_non_null(list);
    assert_non_null(stream);
    assert_int_equal(chart(stream, list, language), 0);
    fclose(stream);
    json_decref(list);
    return text;
}

#define CELL(code, group, gap, coverage)                                                           \
    "{\"subject\":{\"code\":\"" code "\",\"name\":\"" code "の名\"},\"group\":\"" group               \
    "\",\"level\":3,\"gap\":" gap ",\"coverage\":" coverage ",\"hidden\":false}"

static void
a_heat_map_has_a_row_a_subject_and_a_column_a_group_and_is_darker_where_less_is_covered(void **state)
{
    char *text = drawn(chart_heat,
                       "[" CELL("A", "US", "4.5", "0.4") "," CELL("A", "JP", "-1", "1.2") "," CELL("B", "US", "1", "0.95") ","
                       "{\"subject\":{\"code\":\"B\"},\"group\":\"JP\",\"level\":3,\"gap\":null,\"coverage\":null,\"hidden\":true}]",
                       LANGUAGE_JA);

    (void)state;
    assert_non_null(strstr(text, "JP ≥3      US ≥3"));
    assert_non_null(strstr(text, "A           Aの名    -1.0        4.5 █"));
    assert_non_null(strstr(text, "      ?        1.0 ░"));
    assert_null(strchr(text, '\033'));
    free(text);
}

static void
a_heat_map_of_one_row_is_not_drawn(void **state)
{
    char *text = drawn(chart_heat, "[" CELL("A", "US", "4.5", "0.4") "]", LANGUAGE_EN);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

#define YEAR(code, year, p10, p50, p90)                                                            \
    "{\"code\":\"" code "\",\"about\":{\"subject\":{\"code\":\"" code "\",\"name\":{\"en\":\"Name\"}},\"group\":\"JP\"}," \
    "\"level\":3,\"year\":" year ",\"gap\":{\"p10\":" p10 ",\"p50\":" p50 ",\"p90\":" p90 "}}"

static void
fans_are_drawn_the_largest_gap_first_and_what_cannot_be_said_is_not_drawn_as_zero(void **state)
{
    char *text = drawn(chart_fan,
                       "[" YEAR("small", "2026", "1", "2", "3") "," YEAR("small", "2027", "1", "2", "3") ","
                       YEAR("large", "2026", "10", "20", "30") "," YEAR("large", "2027", "10", "40", "80") ","
                       "{\"code\":\"large\",\"level\":3,\"year\":2028,\"gap\":null},"
                       "{\"code\":\"none\",\"level\":3,\"year\":2026,\"gap\":null}]", LANGUAGE_EN);
    const char *large = strstr(text, "large Name, JP, level 3 or above"), *small = strstr(text, "small Name");

    (void)state;
    assert_non_null(large);
    assert_non_null(small);
    assert_true(large < small);
    assert_non_null(strstr(large, "80.0 ┤    ░░░░"));
    assert_non_null(strstr(large, "40.0 ┤    ━━━━"));
    assert_non_null(strstr(large, "0.0 ┤········????"));
    assert_non_null(strstr(large, "2026    2028"));
    assert_null(strstr(text, "none"));
    free(text);
}

static void
nothing_is_written_as_less_than_zero_where_it_rounds_to_zero(void **state)
{
    char *heat = drawn(chart_heat, "[" CELL("A", "US", "-0.04", "1.001") "," CELL("B", "US", "4", "-1") "]", LANGUAGE_EN);
    char *fan = drawn(chart_fan, "[" YEAR("one", "2026", "-0.8", "0", "0.8") "]", LANGUAGE_EN);

    (void)state;
    assert_null(strstr(heat, "-0.0"));
    assert_non_null(strstr(heat, "4.0 █"));
    assert_null(strstr(fan, "-0.0"));
    assert_non_null(strstr(fan, "0.0 ┤━"));
    free(heat);
    free(fan);
}

static void
an_empty_projection_draws_nothing(void **state)
{
    char *text = drawn(chart_fan, "[]", LANGUAGE_EN);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heat_map_has_a_row_a_subject_and_a_column_a_group_and_is_darker_where_less_is_covered),
        cmocka_unit_test(a_heat_map_of_one_row_is_not_drawn),
        cmocka_unit_test(fans_are_drawn_the_largest_gap_first_and_what_cannot_be_said_is_not_drawn_as_zero),
        cmocka_unit_test(nothing_is_written_as_less_than_zero_where_it_rounds_to_zero),
        cmocka_unit_test(an_empty_projection_draws_nothing),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
