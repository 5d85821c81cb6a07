/* SPDX-License-Identifier: Apache-2.0 */
#include "report/briefing_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fragile skills -------------------------------------------------------------------------------- */

static const json_t *
fragile_items(const struct briefing *briefing)
{
    return json_object_get(briefing->fragile, "items");
}

static long long
bound(const json_t *holders, const char *name)
{
    const json_t *value = json_object_get(holders, name);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* Whether anybody's skills are known at all: without, every skill would be as fragile as the next. */
static bool
anybody(const struct briefing *briefing)
{
    const json_t *item;
    size_t index;

    json_array_foreach(json_object_get(json_object_get(briefing->root, "matrix"), "items"), index, item)
        if (member_number(item, "fte") > 0)
            return true;
    return false;
}

bool
briefing_fragile_fact(const struct briefing *briefing, struct fragile_fact *fact)
{
    const json_t *item = json_array_get(fragile_items(briefing), 0), *holders = json_object_get(item, "holders");

    if (item == NULL || !anybody(briefing))
        return false;
    *fact = (struct fragile_fact){.skill = member_name(item, "subject"), .from = bound(holders, "from"),
                                  .below = bound(holders, "below")};
    return true;
}

/* A share in words, where it may be said. */
static void
band_cell(struct briefing *briefing, const json_t *item, const char *name)
{
    const char *band = member_text(item, name);

    document_cell(briefing->document,
                  *band != '\0' ? words_term(briefing->words->bands, band) : briefing->words->phrase[PHRASE_UNKNOWN]);
}

void
briefing_fragile(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_SUBJECT, HEAD_SCORE, HEAD_HOLDERS, HEAD_NEAR_RETIREMENT, HEAD_CONCENTRATION, HEAD_PROGRAMS};
    const json_t *item;
    struct fragile_fact fact;
    size_t index;

    briefing_section(briefing, SECTION_FRAGILE, MARK_SYNTHETIC | MARK_PERTURBED);
    if (!briefing_fragile_fact(briefing, &fact)) {
        briefing_say(briefing, PHRASE_NO_FRAGILE);
        return;
    }
    briefing_say(briefing, PHRASE_FRAGILE);
    briefing_table(briefing, "", 6, heads, "tnnttn");
    json_array_foreach(fragile_items(briefing), index, item)
    {
        const json_t *holders = json_object_get(item, "holders");
        struct text text = {.at = NULL};

        if (index == 2 * (size_t)briefing->top)
            break;
        document_cell(briefing->document, member_name(item, "subject"));
        briefing_number_cell(briefing, member_number(item, "score"), 2);
        briefing->words->people(&text, bound(holders, "from"), bound(holders, "below"));
        briefing_cell(briefing, &text);
        band_cell(briefing, item, "retirement_band");
        band_cell(briefing, item, "concentration_band");
        briefing_number_cell(briefing, member_number(item, "programs"), 0);
    }
}

/* Programs -------------------------------------------------------------------------------------- */

void
briefing_outcomes(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_PROGRAM, HEAD_PROVIDER, HEAD_ENROLLED, HEAD_COMPLETED, HEAD_COMPLETION, HEAD_STAYED};
    const json_t *list = json_object_get(briefing->root, "outcomes"), *one;
    struct outcome_fact fact = {.programs = (int)json_array_size(list)};
    struct text text = {.at = NULL};
    size_t index;

    briefing_section(briefing, SECTION_OUTCOMES, MARK_SYNTHETIC | MARK_PERTURBED | MARK_UNVERIFIED);
    if (fact.programs == 0) {
        briefing_say(briefing, PHRASE_NO_OUTCOMES);
        return;
    }
    json_array_foreach(list, index, one)
        fact.told += member_number(json_object_get(one, "outcome"), "completed") > 0;
    briefing->words->outcomes(&text, &fact);
    briefing_paragraph(briefing, &text);
    if (fact.told == 0)
        return;
    briefing_say(briefing, PHRASE_OUTCOMES);
    briefing_table(briefing, "", 6, heads, "ttnnnn");
    json_array_foreach(list, index, one)
    {
        const json_t *outcome = json_object_get(one, "outcome");

        if (!(member_number(outcome, "completed") > 0))
            continue;
        document_cell(briefing->document, member_name(outcome, "program"));
        document_cell(briefing->document, member_name(one, "provider"));
        briefing_number_cell(briefing, member_number(outcome, "enrolled"), 0);
        briefing_number_cell(briefing, member_number(outcome, "completed"), 0);
        briefing_percent_cell(briefing, member_number(outcome, "completion_rate"));
        briefing_percent_cell(briefing, member_number(outcome, "stay_rate"));
    }
}

/* Recorded gaps --------------------------------------------------------------------------------- */

static struct recorded_fact
recorded_fact(const json_t *items)
{
    struct recorded_fact fact = {.gaps = (long long)json_array_size(items)};
    const json_t *item;
    size_t index;

    json_array_foreach(items, index, item)
    {
        const char *status = member_text(item, "status");

        fact.open += strcmp(status, "open") == 0 || strcmp(status, "being_closed") == 0;
        fact.expected += member_number(item, "expected_fte");
        fact.actual += member_number(item, "actual_fte");
        fact.late_gaps += member_integer(item, "late") > 0;
    }
    return fact;
}

void
briefing_recorded(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_CODE, HEAD_SUBJECT, HEAD_PLACE, HEAD_YEAR, HEAD_STATE, HEAD_SIZE, HEAD_EXPECTED, HEAD_ACTUAL,
                                      HEAD_REMAINING};
    const json_t *items = json_object_get(json_object_get(briefing->root, "review"), "items"), *item;
    struct recorded_fact fact = recorded_fact(items);
    struct text text = {.at = NULL};
    size_t index;

    briefing_section(briefing, SECTION_RECORDED, MARK_SYNTHETIC | MARK_PERTURBED);
    if (fact.gaps == 0) {
        briefing_say(briefing, PHRASE_NO_RECORDED);
        return;
    }
    briefing->words->recorded(&text, &fact);
    briefing_paragraph(briefing, &text);
    briefing_table(briefing, "", 9, heads, "tttntnnnn");
    json_array_foreach(items, index, item)
    {
        const char *organization = member_name(item, "organization"), *country = member_text(item, "country");

        document_cell(briefing->document, member_text(item, "code"));
        document_cell(briefing->document, member_name(item, "skill"));
        document_cell(briefing->document, *organization != '\0' ? organization
                      : *country != '\0' ? words_term(briefing->words->places, country) : briefing->words->phrase[PHRASE_EVERYWHERE]);
        text_print(&text, "%lld", member_integer(item, "year"));
        briefing_cell(briefing, &text);
        document_cell(briefing->document, words_term(briefing->words->statuses, member_text(item, "status")));
        briefing_fte_cell(briefing, member_number(item, "size_fte"));
        briefing_fte_cell(briefing, member_number(item, "expected_fte"));
        briefing_fte_cell(briefing, member_number(item, "actual_fte"));
        briefing_fte_cell(briefing, member_number(item, "remaining_fte"));
    }
}

/* Assumptions ----------------------------------------------------------------------------------- */

/* "3% a year", "80%", "1.5 years". */
static void
assumed(struct text *text, const json_t *assumption, const char *name)
{
    const char *unit = member_text(assumption, "unit");
    double value = member_number(assumption, name);

    if (strcmp(unit, "per year") == 0 || strcmp(unit, "probability") == 0) {
        text_number(text, 100 * value, 1);
        text_put(text, "%");
    } else {
        text_number(text, value, 2);
    }
}

static void
range(struct text *text, const struct words *words, const json_t *one)
{
    const char *unit = member_text(one, "unit");

    assumed(text, one, "low");
    if (member_number(one, "low") < member_number(one, "high")) {
        text_put(text, " – ");
        assumed(text, one, "mode");
        text_put(text, " – ");
        assumed(text, one, "high");
    }
    if (strcmp(unit, "per year") != 0 && strcmp(unit, "probability") != 0)
        text_print(text, " %s", words_term(words->units, unit));
}

static void
assumption_row(struct briefing *briefing, const json_t *one)
{
    const struct words *words = briefing->words;
    const char *country = member_text(one, "country");
    const json_t *level = json_object_get(one, "level"), *age = json_object_get(one, "age");
    struct text text = {.at = NULL};

    document_cell(briefing->document, words_term(words->kinds, member_text(one, "kind")));
    words->holds_for(&text, *country != '\0' ? words_term(words->places, country) : "",
                     *member_text(one, "currency") != '\0' ? member_text(one, "currency") : member_text(one, "skill"),
                     json_is_integer(level) ? json_integer_value(level) : -1, json_is_integer(age) ? json_integer_value(age) : -1);
    briefing_cell(briefing, &text);
    range(&text, words, one);
    briefing_cell(briefing, &text);
    words->day(&text, member_text(one, "source_date"));
    if (json_is_true(json_object_get(one, "stale"))) {
        text_print(&text, " (%s)", words->phrase[PHRASE_STALE]);
    }
    briefing_cell(briefing, &text);
    document_cell(briefing->document, member_text(one, "source"));
}

void
briefing_assumptions(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_ASSUMPTION, HEAD_HOLDS_FOR, HEAD_RANGE, HEAD_DATED, HEAD_SOURCE};
    const json_t *list = json_object_get(briefing->root, "assumptions"), *one;
    struct assumptions_fact fact = {.all = (long long)json_array_size(list), .oldest = ""};
    struct text text = {.at = NULL};
    size_t index;

    briefing_section(briefing, SECTION_ASSUMPTIONS, MARK_SYNTHETIC | MARK_UNVERIFIED);
    if (fact.all == 0) {
        briefing_say(briefing, PHRASE_NO_ASSUMPTIONS);
        return;
    }
    json_array_foreach(list, index, one)
    {
        const char *day = member_text(one, "source_date");

        fact.unverified += json_is_true(json_object_get(one, "unverified"));
        fact.stale += json_is_true(json_object_get(one, "stale"));
        if (*fact.oldest == '\0' || strcmp(day, fact.oldest) < 0) {
            fact.oldest = day;
            fact.oldest_months = (int)member_integer(one, "months");
        }
    }
    briefing->words->assumptions(&text, &fact);
    briefing_paragraph(briefing, &text);
    briefing_table(briefing, "", 5, heads, "ttntt");
    json_array_foreach(list, index, one)
        assumption_row(briefing, one);
}

/* What cannot be said --------------------------------------------------------------------------- */

static void
unsaid(struct briefing *briefing, const char *what, long long of, long long all)
{
    struct text text = {.at = NULL};

    if (of <= 0)
        return;
    briefing->words->unsaid(&text, what, of, all);
    briefing_item(briefing, "", &text);
}

void
briefing_unsaid(struct briefing *briefing)
{
    const json_t *matrix = json_object_get(briefing->root, "matrix"), *items = json_object_get(matrix, "items"), *item,
                 *demand = json_object_get(matrix, "demand");
    long long all = (long long)json_array_size(items), undemanded = 0, hidden = 0, unsupplied = 0, ended = 0;
    size_t index;

    briefing_section(briefing, SECTION_UNSAID, MARK_SYNTHETIC);
    json_array_foreach(items, index, item)
    {
        bool hides = json_is_true(json_object_get(item, "hidden"));

        undemanded += isnan(member_number(item, "demand"));
        hidden += hides;
        unsupplied += !hides && isnan(member_number(item, "fte"));
    }
    for (size_t i = 0; i < briefing->count; i++)
        ended += briefing->series[i].last + 1 < briefing->series[i].points;
    if (member_integer(demand, "statements") == 0)
        document_item(briefing->document, "", briefing->words->phrase[PHRASE_UNSAID_DEMAND]);
    else
        unsaid(briefing, "demand", undemanded, all);
    unsaid(briefing, "hidden", hidden, all);
    unsaid(briefing, "supply", unsupplied, all);
    unsaid(briefing, "future", ended, (long long)briefing->count);
    unsaid(briefing, "undated", member_integer(demand, "undated"), member_integer(demand, "statements"));
    unsaid(briefing, "left_out", member_integer(demand, "left_out"), member_integer(demand, "statements"));
    document_item(briefing->document, "", briefing->words->phrase[PHRASE_UNSAID_ALLOCATION]);
}
