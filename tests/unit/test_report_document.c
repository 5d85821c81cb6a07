/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/document.h"
#include "report/html.h"
#include "report/markdown.h"
#include "report/svg.h"
#include "report/text.h"

static void
expect_number(double value, int decimals, const char *expected)
{
    struct text text = {.at = NULL};

    text_number(&text, value, decimals);
    assert_string_equal(text.at, expected);
    text_free(&text);
}

static void
numbers_have_thousands_and_no_needless_decimals_and_a_true_minus(void **state)
{
    (void)state;
    expect_number(0, 1, "0");
    expect_number(-0.04, 1, "0");
    expect_number(-0.06, 1, "−0.1");
    expect_number(7, 1, "7");
    expect_number(10, 0, "10");
    expect_number(999.96, 1, "1,000");
    expect_number(1234567.25, 1, "1,234,567.2");
    expect_number(-1234, 0, "−1,234");
    expect_number(100, 2, "100");
}

static void
text_that_was_taken_is_gone_and_nothing_put_is_empty(void **state)
{
    struct text text = {.at = NULL};
    char *taken = text_take(&text);

    (void)state;
    assert_string_equal(taken, "");
    free(taken);
    text_print(&text, "%s-%d", "a", 7);
    taken = text_take(&text);
    assert_string_equal(taken, "a-7");
    assert_null(text.at);
    free(taken);
}

static char *
escaped(void (*escape)(struct text *, const char *), const char *what)
{
    struct text text = {.at = NULL};

    escape(&text, what);
    return text_take(&text);
}

static void
markdown_signs_mean_nothing_in_a_name(void **state)
{
    static const char *const cases[][2] = {
        {"a|b", "a\\|b"}, {"*x* _y_ `z`", "\\*x\\* \\_y\\_ \\`z\\`"}, {"<script>&amp;", "&lt;script&gt;&amp;amp;"},
        {"[a](b)", "\\[a\\](b)"}, {"# head", "\\# head"}, {"- item", "\\- item"}, {"1. first", "1\\. first"}, {"12) x", "12\\) x"},
        {"a - b 1.5", "a - b 1.5"}, {"http://evil", "http&#58;//evil"}, {"\\", "\\\\"}, {"人材", "人材"}, {"===", "\\==="},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = escaped(markdown_escape, cases[i][0]);

        assert_string_equal(got, cases[i][1]);
        free(got);
    }
}

static void
html_signs_mean_nothing_in_a_name(void **state)
{
    char *got = escaped(html_escape, "<a href=\"x\">'&\xe4\xba\xba");

    (void)state;
    assert_string_equal(got, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xe4\xba\xba");
    free(got);
}

/* A document with a block of each kind, whose texts are as hostile as name. */
static void
fill(struct document *document, const char *name)
{
    const char *const heads[] = {name, "FTE"};
    static const bool right[] = {false, true};

    document_open(document, "en", name, name);
    document_section(document, name, name);
    document_heading(document, name);
    document_paragraph(document, name);
    document_item(document, name, name);
    document_item(document, "", "second");
    document_table(document, name, 2, heads, right);
    document_cell(document, name);
    document_cell(document, "1.5");
    document_figure(document, name, strdup("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>\n"));
}

static void
a_document_is_written_as_markdown_with_lists_tables_and_marks(void **state)
{
    struct document document;
    struct text text = {.at = NULL};

    (void)state;
    fill(&document, "N");
    markdown_write(&text, &document);
    assert_false(document.failed);
    assert_string_equal(text.at, "# N\n\n> **N**\n\n## N\n\n> **N**\n\n### N\n\nN\n\n- **N** N\n- second\n\nN\n\n"
                                 "| N | FTE |\n| --- | ---: |\n| N | 1.5 |\n");
    text_free(&text);
    document_close(&document);
}

static void
a_document_is_written_as_html_with_its_running_line_at_head_and_foot(void **state)
{
    struct document document;
    struct text text = {.at = NULL};

    (void)state;
    fill(&document, "N");
    html_write(&text, &document);
    assert_non_null(strstr(text.at, "<html lang=\"en\">"));
    assert_non_null(strstr(text.at, "<div class=\"running\" role=\"note\">N</div>"));
    assert_non_null(strstr(text.at, "<div class=\"foot\" aria-hidden=\"true\">N</div>"));
    assert_non_null(strstr(text.at, "<ul>\n<li><strong>N</strong> N</li>\n<li>second</li>\n</ul>"));
    assert_non_null(strstr(text.at, "<th scope=\"row\">N</th><td class=\"n\">1.5</td></tr>"));
    assert_non_null(strstr(text.at, "<figcaption>N</figcaption>\n<svg"));
    assert_null(strstr(text.at, "<script"));
    text_free(&text);
    document_close(&document);
}

static void
a_hostile_name_opens_no_element_and_breaks_no_line(void **state)
{
    struct document document;
    struct text html = {.at = NULL}, markdown = {.at = NULL};

    (void)state;
    fill(&document, "    \n<img src=x onerror=alert(1)>\n\n# |x\x01\xe2\x80\xaeyz");
    html_write(&html, &document);
    markdown_write(&markdown, &document);
    assert_null(strstr(html.at, "<img"));
    assert_null(strstr(markdown.at, "<img"));
    assert_null(strchr(html.at, '\x01'));
    assert_null(strstr(html.at, "\xe2\x80\xae"));
    assert_non_null(strstr(markdown.at, "### &lt;img src=x onerror=alert(1)&gt;  \\# \\|xyz\n"));
    text_free(&html);
    text_free(&markdown);
    document_close(&document);
}

static void
a_fan_draws_what_is_known_and_nothing_where_it_is_not(void **state)
{
    struct svg_fan fan = {.title = "a<b", .description = "d&e", .number = 3, .points = 4, .year = {2026, 2027, 2028, 2029},
                          .p10 = {-1, 0, NAN, 2}, .p50 = {0, 1, NAN, 3}, .p90 = {1, 5, NAN, 4}, .unit = "FTE"};
    struct text text = {.at = NULL};
    int paths = 0;

    (void)state;
    svg_fan(&text, &fan);
    for (const char *at = text.at; (at = strstr(at, "<path")) != NULL; at++)
        paths++;
    assert_int_equal(paths, 4); /* two runs, a band and a line each */
    assert_non_null(strstr(text.at, "<title id=\"f3t\">a&lt;b</title>"));
    assert_non_null(strstr(text.at, "<desc id=\"f3d\">d&amp;e</desc>"));
    assert_non_null(strstr(text.at, "<circle")); /* the one year by itself */
    assert_non_null(strstr(text.at, ">P90 4<"));
    assert_null(strstr(text.at, "nan"));
    text_free(&text);
}

static void
a_fan_of_nothing_known_has_axes_alone(void **state)
{
    struct svg_fan fan = {.title = "t", .description = "d", .number = 1, .points = 1, .year = {2026}, .p10 = {NAN}, .p50 = {NAN},
                          .p90 = {NAN}, .unit = "FTE"};
    struct text text = {.at = NULL};

    (void)state;
    svg_fan(&text, &fan);
    assert_null(strstr(text.at, "<path"));
    assert_null(strstr(text.at, "nan"));
    text_free(&text);
}

static void
a_heat_map_is_darker_where_less_is_covered_and_says_what_is_not_known(void **state)
{
    const char *const rows[] = {"Blanket", "A name that is much longer than there is room for in front"}, *const columns[] = {"JP"},
               *const marks[] = {"", "?"};
    const double value[] = {24.8, NAN}, shade[] = {1, NAN};
    const struct svg_heat heat = {.title = "t", .description = "d", .number = 1, .rows = 2, .columns = 1, .row = rows, .column = columns,
                                  .value = value, .shade = shade, .mark = marks};
    struct text text = {.at = NULL};

    (void)state;
    svg_heat(&text, &heat);
    assert_non_null(strstr(text.at, "fill=\"#102a4a\""));
    assert_non_null(strstr(text.at, "fill=\"#ffffff\">24.8<"));
    assert_non_null(strstr(text.at, ">?<"));
    assert_non_null(strstr(text.at, "…<"));
    text_free(&text);
}

static void
bars_are_as_long_as_their_values_and_a_hidden_one_has_none(void **state)
{
    const char *const groups[] = {"2026"}, *const names[] = {"JP → US", "US → JP"};
    const double value[] = {48, NAN};
    const struct svg_bars bars = {.title = "t", .description = "d", .number = 1, .groups = 1, .series = 2, .group = groups, .name = names,
                                  .value = value, .unknown = "?", .decimals = 1};
    struct text text = {.at = NULL};

    (void)state;
    svg_bars(&text, &bars);
    assert_non_null(strstr(text.at, "width=\"480.0\""));
    assert_non_null(strstr(text.at, ">?<"));
    assert_null(strstr(text.at, "nan"));
    text_free(&text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_thousands_and_no_needless_decimals_and_a_true_minus),
        cmocka_unit_test(text_that_was_taken_is_gone_and_nothing_put_is_empty),
        cmocka_unit_test(markdown_signs_mean_nothing_in_a_name),
        cmocka_unit_test(html_signs_mean_nothing_in_a_name),
        cmocka_unit_test(a_document_is_written_as_markdown_with_lists_tables_and_marks),
        cmocka_unit_test(a_document_is_written_as_html_with_its_running_line_at_head_and_foot),
        cmocka_unit_test(a_hostile_name_opens_no_element_and_breaks_no_line),
        cmocka_unit_test(a_fan_draws_what_is_known_and_nothing_where_it_is_not),
        cmocka_unit_test(a_fan_of_nothing_known_has_axes_alone),
        cmocka_unit_test(a_heat_map_is_darker_where_less_is_covered_and_says_what_is_not_known),
        cmocka_unit_test(bars_are_as_long_as_their_values_and_a_hidden_one_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
