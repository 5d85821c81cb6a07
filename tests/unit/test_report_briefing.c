/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/briefing.h"
#include "report/words.h"

/* Sentences ------------------------------------------------------------------------------------- */

#define EXPECT(call, expected)                                                                     \
    do {                                                                                           \
        struct text text = {.at = NULL};                                                           \
        call;                                                                                      \
        assert_string_equal(text.at != NULL ? text.at : "", expected);                             \
        text_free(&text);                                                                          \
    } while (0)

static const struct gap_fact tritium = {
    .name = "Tritium", .place = "Japan", .demand = 69, .supply = 51.5, .gap = 17.5, .coverage = 0.746, .first_year = 2026,
    .last_year = 2036, .first = 23.1, .p10 = 52.5, .p50 = 69.7, .p90 = 89.3, .chance = 0.93, .per_year = 4.66,
};

static void
english_tells_one_from_many(void **state)
{
    (void)state;
    EXPECT(words_en.programs(&text, 0), "No running program is recorded for it.");
    EXPECT(words_en.programs(&text, 1), "One running program serves it.");
    EXPECT(words_en.programs(&text, 14), "14 running programs serve it.");
    EXPECT(words_en.due_all(&text, 1, 0, 90), "One item is late and nothing falls due within 90 days.");
    EXPECT(words_en.due_all(&text, 0, 1, 90), "Nothing is late; one falls due within 90 days.");
    EXPECT(words_en.due_all(&text, 12, 2, 90), "12 items are late and two fall due within 90 days.");
    EXPECT(words_en.months(&text, 1), "1 month");
    EXPECT(words_en.months(&text, 25), "2 years");
    EXPECT(words_en.people(&text, 1, 10), "1 to 9");
    EXPECT(words_en.people(&text, 500, -1), "500 or more");
    EXPECT(words_en.people(&text, -1, -1), "not known");
}

static void
a_gap_is_said_with_its_uncertainty_in_both_languages(void **state)
{
    (void)state;
    EXPECT(words_en.future(&text, &tritium),
           "Tritium in Japan: by 2036 the middle of the futures drawn is a gap of 69.7 FTE; eight of ten futures lie between 52.5 and "
           "89.3 FTE, and about nine of ten futures show a gap.");
    EXPECT(words_en.demanded(&text, &tritium), "In Japan supply covers 75% of demand: 51.5 FTE against 69 FTE, a gap of 17.5 FTE.");
    EXPECT(words_ja.demanded(&text, &tritium), "Japanでは需要69 FTEに対して供給は51.5 FTEで、充足率は75%、不足は17.5 FTEです。");
    EXPECT(words_ja.future(&text, &tritium),
           "JapanのTritium: 2036年の中央の見通しは不足69.7 FTEです。十通りの将来のうち八通りは52.5から89.3 FTEの間にあり、"
           "十通りの将来のうちおよそ九通りで不足が生じます。");
}

static void
chances_are_hedged_and_never_certain(void **state)
{
    struct gap_fact fact = tritium;
    struct {
        double chance;
        const char *words;
    } cases[] = {{1, "practically all futures show a gap."}, {0.97, "more than nine of ten futures show a gap."},
                 {0.5, "about five of ten futures show a gap."}, {0.1, "about one of ten futures shows a gap."},
                 {0.03, "fewer than one of ten futures shows a gap."}, {0, "practically none of the futures shows a gap."}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {.at = NULL};

        fact.chance = cases[i].chance;
        words_en.future(&text, &fact);
        assert_non_null(strstr(text.at, cases[i].words));
        text_free(&text);
    }
}

static void
what_is_not_known_is_not_said(void **state)
{
    struct gap_fact fact = tritium;

    (void)state;
    fact.demand = fact.gap = NAN;
    EXPECT(words_en.demanded(&text, &fact), "In Japan nobody has stated demand; supply is 51.5 FTE.");
    fact.supply = NAN;
    EXPECT(words_en.demanded(&text, &fact), "");
    EXPECT(words_ja.demanded(&text, &fact), "");
    fact.demand = 10;
    EXPECT(words_ja.demanded(&text, &fact), "Japanでは需要は10 FTEですが、供給は示せません。");
}

static void
a_balance_is_compared_and_hidden_person_months_are_not(void **state)
{
    struct balance_fact fact = {.year = 2026, .current = false, .from = "Japan", .to = "United States", .there = 1, .back = 15,
                                .months_there = 20, .months_back = 40};

    (void)state;
    EXPECT(words_en.balance(&text, &fact),
           "In Japan's fiscal year 2026, one person was on exchange from Japan to the United States (20 person-months) and 15 the other "
           "way (40). The United States sent 2 times as many person-months as it received.");
    fact.at_most = 6; /* 14 more are more than both changes together */
    EXPECT(words_ja.balance(&text, &fact), "2026年度にJapanからUnited Statesへ派遣された人は1人(20人月)、逆方向は15人(40人月)です。"
                                           "人月で見ると、United Statesは受け入れの2倍を派遣しています。");
    fact.at_most = 7;
    EXPECT(words_en.balance(&text, &fact),
           "In Japan's fiscal year 2026, one person was on exchange from Japan to the United States (20 person-months) and 15 the other "
           "way (40). Each count may have been changed by up to 7, so it cannot be said which direction is the larger.");
    fact.at_most = 0;
    fact.months_back = NAN;
    EXPECT(words_en.balance(&text, &fact), "In Japan's fiscal year 2026, one person was on exchange from Japan to the United States "
                                           "(20 person-months) and 15 the other way.");
}

static void
both_languages_have_every_word(void **state)
{
    const struct words *const both[] = {&words_en, &words_ja};

    (void)state;
    for (int i = 0; i < 2; i++) {
        for (int s = 0; s < SECTIONS; s++)
            assert_non_null(both[i]->section[s]);
        for (int h = 0; h < HEADS; h++)
            assert_non_null(both[i]->head[h]);
        for (int p = 0; p < PHRASES; p++)
            assert_non_null(both[i]->phrase[p]);
    }
    for (const struct term *term = words_en.kinds, *other = words_ja.kinds; term->code != NULL || other->code != NULL; term++, other++)
        assert_string_equal(term->code, other->code);
    for (const struct term *term = words_en.places, *other = words_ja.places; term->code != NULL || other->code != NULL; term++, other++)
        assert_string_equal(term->code, other->code);
    assert_string_equal(words_term(words_en.places, "XK"), "XK");
}

/* Documents ------------------------------------------------------------------------------------- */

#define ASKED(lang, format)                                                                        \
    "\"asked\":{\"lang\":\"" lang "\",\"format\":\"" format "\",\"date\":\"2026-11-24\",\"month\":\"2026-11\",\"years\":3,\"level\":3," \
    "\"top\":5,\"scenario\":\"baseline\",\"seed\":1}"

/* The answer's document; the caller gives the answer back. */
static const char *
document_of(const char *input, json_t **answer)
{
    struct model_answer got = {.text = NULL};

    assert_int_equal(briefing_run(input, strlen(input), NULL, &got), MODEL_OK);
    *answer = json_loads(got.text, 0, NULL);
    free(got.text);
    assert_non_null(*answer);
    return json_string_value(json_object_get(*answer, "document"));
}

static void
an_empty_record_makes_a_short_and_honest_document(void **state)
{
    json_t *answer;
    const char *document = document_of("{" ASKED("en", "markdown") "}", &answer);

    (void)state;
    assert_non_null(strstr(document, "Nothing can be said about gaps."));
    assert_non_null(strstr(document, "No gap has been recorded."));
    assert_null(strstr(document, "|")); /* no table of nothing */
    for (int s = 0; s < SECTIONS; s++)
        assert_non_null(strstr(document, words_en.section[s]));
    json_decref(answer);
}

#define CELL(code, name, gap, coverage, hidden)                                                    \
    "{\"subject\":{\"code\":\"" code "\",\"name\":\"" name "\"},\"group\":\"JP\",\"level\":3,\"demand\":10,\"fte\":6,\"hidden\":" hidden \
    ",\"gap\":" gap ",\"coverage\":" coverage "}"

static void
synthetic_data_is_marked_in_every_section_and_on_every_page(void **state)
{
    static const char input[] = "{" ASKED("ja", "html") ",\"synthetic\":true,\"matrix\":{\"items\":[" CELL("A", "A", "4", "0.6", "false") "]}}";
    const char *mark = "試用のために作られた合成データを含む";
    json_t *answer;
    const char *document = document_of(input, &answer);
    int count = 0;

    (void)state;
    for (const char *at = document; (at = strstr(at, mark)) != NULL; at++)
        count++;
    assert_int_equal(count, SECTIONS + 2);
    assert_true(json_is_true(json_object_get(answer, "synthetic")));
    json_decref(answer);
}

static void
hostile_names_stay_names(void **state)
{
    static const char input[] = "{" ASKED("en", "html") ",\"matrix\":{\"items\":[" CELL("A", "</title><script>x</script>", "4", "0.6", "false") ","
                                CELL("B", "&|`\\n# x", "null", "null", "true") "]}}";
    json_t *answer;
    const char *document = document_of(input, &answer);

    (void)state;
    assert_null(strstr(document, "<script"));
    assert_non_null(strstr(document, "&lt;script&gt;"));
    json_decref(answer);
}

static void
the_same_input_gives_the_same_bytes(void **state)
{
    static const char input[] = "{" ASKED("en", "html") ",\"matrix\":{\"items\":[" CELL("A", "A", "4", "0.6", "false") "]}}";
    json_t *one, *two;
    const char *first = document_of(input, &one), *second = document_of(input, &two);

    (void)state;
    assert_string_equal(first, second);
    json_decref(one);
    json_decref(two);
}

static void
text_that_is_no_json_is_no_document(void **state)
{
    struct model_answer got = {.text = NULL};

    (void)state;
    assert_int_equal(briefing_run("{", 1, NULL, &got), MODEL_MEMORY);
    free(got.text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(english_tells_one_from_many),
        cmocka_unit_test(a_gap_is_said_with_its_uncertainty_in_both_languages),
        cmocka_unit_test(chances_are_hedged_and_never_certain),
        cmocka_unit_test(what_is_not_known_is_not_said),
        cmocka_unit_test(a_balance_is_compared_and_hidden_person_months_are_not),
        cmocka_unit_test(both_languages_have_every_word),
        cmocka_unit_test(an_empty_record_makes_a_short_and_honest_document),
        cmocka_unit_test(synthetic_data_is_marked_in_every_section_and_on_every_page),
        cmocka_unit_test(hostile_names_stay_names),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(text_that_is_no_json_is_no_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
