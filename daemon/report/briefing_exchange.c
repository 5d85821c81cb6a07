/* SPDX-License-Identifier: Apache-2.0 */
#include "report/briefing_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Balance --------------------------------------------------------------------------------------- */

enum { DIRECTIONS_MAX = 3, YEARS_MAX = 3 };

struct direction {
    const char *from, *to;
    double people;
};

static const json_t *
balance_items(const struct briefing *briefing)
{
    return json_object_get(json_object_get(briefing->root, "balance"), "items");
}

/* Whether the document is about it: a country is at one of its ends. */
static bool
concerns(const struct briefing *briefing, const json_t *item)
{
    const char *country = member_text(json_object_get(briefing->root, "asked"), "country");

    return *country == '\0' || strcmp(country, member_text(item, "from")) == 0 || strcmp(country, member_text(item, "to")) == 0;
}

/* The directions with most people over all years, the most first; how many. */
static size_t
busiest(const struct briefing *briefing, struct direction *directions)
{
    const json_t *item;
    size_t index, count = 0;

    json_array_foreach(balance_items(briefing), index, item)
    {
        const char *from = member_text(item, "from"), *to = member_text(item, "to");
        double people = member_number(item, "people");
        size_t at = 0;

        if (!concerns(briefing, item))
            continue;
        while (at < count && (strcmp(directions[at].from, from) != 0 || strcmp(directions[at].to, to) != 0))
            at++;
        if (at == count)
            directions[count++] = (struct direction){from, to, 0};
        directions[at].people += isnan(people) ? 0 : people;
        while (at > 0 && directions[at].people > directions[at - 1].people) {
            struct direction moved = directions[at];

            directions[at] = directions[at - 1];
            directions[--at] = moved;
        }
    }
    return count;
}

static const json_t *
balance_item(const struct briefing *briefing, int year, const char *from, const char *to)
{
    const json_t *item;
    size_t index;

    json_array_foreach(balance_items(briefing), index, item)
        if (member_integer(item, "year") == year && strcmp(member_text(item, "from"), from) == 0 &&
            strcmp(member_text(item, "to"), to) == 0)
            return item;
    return NULL;
}

/* Of a direction without a row: nobody, where the figures say all. */
static double
balance_figure(const json_t *item, const char *name)
{
    return item != NULL ? member_number(item, name) : 0;
}

bool
briefing_balance_fact(const struct briefing *briefing, struct balance_fact *fact)
{
    const json_t *balance = json_object_get(briefing->root, "balance"), *items = balance_items(briefing), *there, *back;
    struct direction *directions = calloc(json_array_size(items) + 1, sizeof *directions);
    int year = (int)member_integer(balance, "last_year"), first = (int)member_integer(balance, "first_year");
    bool found = false;

    if (directions != NULL && busiest(briefing, directions) > 0)
        for (; year >= first && !found; year--) {
            /* Japan stands first where it takes part, so that the sentence reads alike from one meeting to the next. */
            bool turn = strcmp(directions[0].to, "JP") == 0;
            const char *from = turn ? directions[0].to : directions[0].from, *to = turn ? directions[0].from : directions[0].to;

            there = balance_item(briefing, year, from, to);
            back = balance_item(briefing, year, to, from);
            if (there == NULL && back == NULL)
                continue;
            *fact = (struct balance_fact){
                .year = year, .current = year == member_integer(balance, "last_year"),
                .from = words_term(briefing->words->places, from), .to = words_term(briefing->words->places, to),
                .there = balance_figure(there, "people"), .back = balance_figure(back, "people"),
                .months_there = balance_figure(there, "person_months"), .months_back = balance_figure(back, "person_months"),
                .at_most = json_is_true(json_object_get(balance, "perturbed")) ? (int)member_integer(balance, "at_most") : 0,
            };
            found = !isnan(fact->there) && !isnan(fact->back);
        }
    free(directions);
    return found;
}

static void
balance_chart(struct briefing *briefing, const struct direction *directions, size_t count)
{
    const json_t *balance = json_object_get(briefing->root, "balance");
    int first = (int)member_integer(balance, "first_year"), years = (int)member_integer(balance, "last_year") - first + 1;
    double value[YEARS_MAX * DIRECTIONS_MAX];
    char year_text[YEARS_MAX][16], name_text[DIRECTIONS_MAX][200];
    const char *group[YEARS_MAX], *name[DIRECTIONS_MAX];
    struct text svg = {.at = NULL}, description = {.at = NULL};
    struct balance_fact fact;
    struct svg_bars chart = {.title = briefing->words->phrase[PHRASE_BALANCE_CHART], .number = ++briefing->figures,
                             .group = group, .name = name, .value = value, .unknown = briefing->words->phrase[PHRASE_HIDDEN], .decimals = 1};

    chart.groups = years < YEARS_MAX ? years : YEARS_MAX;
    chart.series = (int)(count < DIRECTIONS_MAX ? count : DIRECTIONS_MAX);
    for (int s = 0; s < chart.series; s++) {
        snprintf(name_text[s], sizeof name_text[s], "%.90s → %.90s", words_term(briefing->words->places, directions[s].from),
                 words_term(briefing->words->places, directions[s].to));
        name[s] = name_text[s];
    }
    for (int g = 0; g < chart.groups; g++) {
        snprintf(year_text[g], sizeof year_text[g], "%d", first + g);
        group[g] = year_text[g];
        for (int s = 0; s < chart.series; s++)
            value[g * chart.series + s] =
                balance_figure(balance_item(briefing, first + g, directions[s].from, directions[s].to), "person_months");
    }
    if (briefing_balance_fact(briefing, &fact))
        briefing->words->balance(&description, &fact);
    chart.description = description.at != NULL ? description.at : "";
    svg_bars(&svg, &chart);
    document_figure(briefing->document, chart.title, text_take(&svg));
    text_free(&description);
}

void
briefing_balance(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_YEAR, HEAD_FROM, HEAD_TO, HEAD_PEOPLE, HEAD_MONTHS};
    const json_t *items = balance_items(briefing), *item;
    struct direction *directions = calloc(json_array_size(items) + 1, sizeof *directions);
    size_t count = directions != NULL ? busiest(briefing, directions) : 0, index;
    struct balance_fact fact;
    struct text text = {.at = NULL};

    briefing_section(briefing, SECTION_BALANCE, MARK_SYNTHETIC | MARK_PERTURBED);
    if (count == 0) {
        briefing_say(briefing, PHRASE_NO_BALANCE);
        free(directions);
        return;
    }
    if (briefing_balance_fact(briefing, &fact)) {
        briefing->words->balance(&text, &fact);
        briefing_paragraph(briefing, &text);
    }
    balance_chart(briefing, directions, count);
    free(directions);
    briefing_table(briefing, briefing->words->phrase[PHRASE_BALANCE], 5, heads, "tttnn");
    json_array_foreach(items, index, item)
    {
        if (!concerns(briefing, item))
            continue;
        text_print(&text, "%lld", member_integer(item, "year"));
        briefing_cell(briefing, &text);
        document_cell(briefing->document, words_term(briefing->words->places, member_text(item, "from")));
        document_cell(briefing->document, words_term(briefing->words->places, member_text(item, "to")));
        briefing_number_cell(briefing, member_number(item, "people"), 0);
        if (json_is_true(json_object_get(item, "hidden")))
            document_cell(briefing->document, briefing->words->phrase[PHRASE_HIDDEN]);
        else
            briefing_number_cell(briefing, member_number(item, "person_months"), 1);
    }
}

/* Due dates ------------------------------------------------------------------------------------- */

static void
due_table(struct briefing *briefing, const json_t *items)
{
    static const enum head heads[] = {HEAD_DAY, HEAD_DUE, HEAD_EXCHANGE, HEAD_HOME, HEAD_HOST, HEAD_STATE};
    const struct words *words = briefing->words;
    const json_t *item;
    size_t index;

    briefing_table(briefing, "", 6, heads, "tttttt");
    json_array_foreach(items, index, item)
    {
        struct text text = {.at = NULL};

        words->day(&text, member_text(item, "due_on"));
        briefing_cell(briefing, &text);
        document_cell(briefing->document, words_term(words->dues, member_text(item, "due")));
        document_cell(briefing->document, member_text(item, "code"));
        document_cell(briefing->document, member_name(item, "home"));
        document_cell(briefing->document, member_name(item, "host"));
        document_cell(briefing->document, words->phrase[json_is_true(json_object_get(item, "late")) ? PHRASE_LATE : PHRASE_NEAR]);
    }
}

void
briefing_due(struct briefing *briefing)
{
    const struct words *words = briefing->words;
    const json_t *due = json_object_get(briefing->root, "due"), *kinds = json_object_get(due, "kinds"), *kind;
    int within = (int)member_integer(due, "within_days");
    long long late = 0, near = 0;
    struct text text = {.at = NULL};
    size_t index;

    briefing_section(briefing, SECTION_DUE, MARK_SYNTHETIC);
    if (!json_is_object(due)) {
        briefing_say(briefing, PHRASE_DUE_NOT_SHOWN);
        return;
    }
    if (json_array_size(kinds) == 0) {
        briefing_say(briefing, PHRASE_NOTHING_DUE);
        return;
    }
    json_array_foreach(kinds, index, kind)
    {
        late += member_integer(kind, "late");
        near += member_integer(kind, "near");
    }
    words->due_all(&text, late, near, within);
    briefing_paragraph(briefing, &text);
    json_array_foreach(kinds, index, kind)
    {
        const struct due_fact fact = {.late = member_integer(kind, "late"),
                                      .near = member_integer(kind, "near"), .oldest = member_text(kind, "oldest"),
                                      .next = member_text(kind, "next")};
        struct text lead = {.at = NULL};

        text_print(&lead, "%s:", words_term(words->dues, member_text(kind, "due")));
        words->due(&text, &fact);
        briefing_item(briefing, lead.at, &text);
        text_free(&lead);
    }
    due_table(briefing, json_object_get(due, "items"));
}

/* Opportunities --------------------------------------------------------------------------------- */

static const json_t *
opportunity_items(const struct briefing *briefing)
{
    return json_object_get(briefing->opportunity, "items");
}

bool
briefing_opportunity_fact(const struct briefing *briefing, struct opportunity_fact *fact)
{
    const json_t *item = json_array_get(opportunity_items(briefing), 0);

    if (item == NULL)
        return false;
    *fact = (struct opportunity_fact){
        .giver = member_name(item, "giver"), .receiver = member_name(item, "receiver"), .skill = member_name(item, "skill"),
        .instrument = words_term(briefing->words->instruments, member_text(item, "instrument")),
        .participants = member_integer(item, "participants"), .closed = member_number(item, "closed"),
        .months = member_number(item, "person_months"), .cost = member_number(item, "cost"), .currency = "USD",
    };
    return true;
}

void
briefing_opportunities(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_GIVER, HEAD_RECEIVER, HEAD_SUBJECT, HEAD_INSTRUMENT, HEAD_PEOPLE, HEAD_CLOSED, HEAD_EFFORT,
                                      HEAD_COST, HEAD_SCORE};
    const json_t *item;
    struct opportunity_fact fact;
    struct text text = {.at = NULL};
    size_t index;

    briefing_section(briefing, SECTION_OPPORTUNITIES, MARK_SYNTHETIC | MARK_PERTURBED | MARK_UNVERIFIED);
    if (!briefing_opportunity_fact(briefing, &fact)) {
        briefing_say(briefing, PHRASE_NO_OPPORTUNITIES);
        return;
    }
    briefing_say(briefing, PHRASE_OPPORTUNITIES);
    briefing->words->opportunity(&text, &fact);
    briefing_paragraph(briefing, &text);
    briefing_table(briefing, "", 9, heads, "ttttnnnnn");
    json_array_foreach(opportunity_items(briefing), index, item)
    {
        document_cell(briefing->document, member_name(item, "giver"));
        document_cell(briefing->document, member_name(item, "receiver"));
        document_cell(briefing->document, member_name(item, "skill"));
        document_cell(briefing->document, words_term(briefing->words->instruments, member_text(item, "instrument")));
        briefing_number_cell(briefing, member_number(item, "participants"), 0);
        briefing_fte_cell(briefing, member_number(item, "closed"));
        briefing_number_cell(briefing, member_number(item, "person_months"), 1);
        briefing_number_cell(briefing, member_number(item, "cost"), 0);
        briefing_number_cell(briefing, member_number(item, "score"), 2);
    }
}
