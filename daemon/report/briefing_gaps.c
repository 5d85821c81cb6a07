/* SPDX-License-Identifier: Apache-2.0 */
#include "report/briefing_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *
matrix_items(const struct briefing *briefing, const char *name)
{
    return json_object_get(json_object_get(briefing->root, name), "items");
}

struct gap_fact
briefing_fact(const struct briefing *briefing, const json_t *item)
{
    return (struct gap_fact){
        .name = member_name(item, "subject"), .place = briefing_place(briefing, member_text(item, "group")),
        .demand = member_number(item, "demand"), .supply = member_number(item, "fte"), .gap = member_number(item, "gap"),
        .coverage = member_number(item, "coverage"), .first = NAN, .p10 = NAN, .p50 = NAN, .p90 = NAN, .chance = NAN, .per_year = NAN,
    };
}

static bool
is_among(const json_t *codes, const char *code)
{
    const json_t *one;
    size_t index;

    json_array_foreach(codes, index, one)
        if (strcmp(json_string_value(one), code) == 0)
            return true;
    return codes == NULL;
}

const json_t *
briefing_largest(const json_t *items, const json_t *codes)
{
    const json_t *item, *largest = NULL;
    size_t index;
    double most = 0;

    json_array_foreach(items, index, item)
    {
        double gap = member_number(item, "gap");

        if (gap > most && is_among(codes, member_text(json_object_get(item, "subject"), "code"))) {
            most = gap;
            largest = item;
        }
    }
    return largest;
}

/* Series ---------------------------------------------------------------------------------------- */

/* The gap of today of what a series is about. */
static double
gap_now(const struct briefing *briefing, const json_t *about)
{
    const json_t *item;
    size_t index;

    json_array_foreach(matrix_items(briefing, "matrix"), index, item)
        if (strcmp(member_text(json_object_get(item, "subject"), "code"), member_text(json_object_get(about, "subject"), "code")) == 0 &&
            strcmp(member_text(item, "group"), member_text(about, "group")) == 0)
            return member_number(item, "gap");
    return NAN;
}

static void
add_point(struct series *series, const json_t *item)
{
    const json_t *gap = json_object_get(item, "gap");
    double growth = member_number(item, "growth"), replacement = member_number(item, "replacement");
    int at = series->points;

    if (at == SVG_POINTS_MAX)
        return;
    series->year[at] = (int)member_integer(item, "year");
    series->p10[at] = member_number(gap, "p10");
    series->p50[at] = member_number(gap, "p50");
    series->p90[at] = member_number(gap, "p90");
    series->chance[at] = member_number(item, "gap_probability");
    series->points++;
    if (isnan(series->p50[at]))
        return;
    if (series->first < 0) {
        series->first = at;
    } else {
        series->needed_more += isnan(growth) ? 0 : growth;
        series->to_replace += isnan(replacement) ? 0 : replacement;
        series->per_year = (series->p50[at] - series->p50[series->first]) / (series->year[at] - series->year[series->first]);
    }
    series->last = at;
}

int
briefing_read_series(struct briefing *briefing)
{
    const json_t *items = json_object_get(briefing->project, "items"), *item;
    struct series *series = NULL;
    size_t index;

    briefing->series = calloc(json_array_size(items) + 1, sizeof *briefing->series);
    if (briefing->series == NULL)
        return -1;
    json_array_foreach(items, index, item)
    {
        const char *code = member_text(item, "code");
        const json_t *about = json_object_get(item, "about");

        if (series == NULL || strcmp(series->code, code) != 0) {
            series = &briefing->series[briefing->count++];
            *series = (struct series){.code = code, .name = member_name(about, "subject"),
                                      .place = briefing_place(briefing, member_text(about, "group")), .first = -1, .last = -1,
                                      .now = gap_now(briefing, about), .per_year = NAN};
        }
        add_point(series, item);
    }
    return 0;
}

struct gap_fact
briefing_outlook(const struct series *series)
{
    return (struct gap_fact){
        .name = series->name, .place = series->place, .demand = NAN, .supply = NAN, .gap = NAN, .coverage = NAN,
        .first_year = series->year[series->first], .last_year = series->year[series->last], .first = series->p50[series->first],
        .p10 = series->p10[series->last], .p50 = series->p50[series->last], .p90 = series->p90[series->last],
        .chance = series->chance[series->last], .per_year = series->per_year, .needed_more = series->needed_more,
        .to_replace = series->to_replace,
    };
}

static double
weight(const struct series *series, bool by_growth)
{
    return by_growth ? series->per_year : series->p50[series->last];
}

size_t
briefing_rank(const struct briefing *briefing, bool by_growth, const struct series *order[])
{
    size_t filled = 0;

    for (size_t i = 0; i < briefing->count; i++) {
        const struct series *series = &briefing->series[i];
        size_t place = filled;

        if (series->last < 0 || (by_growth && !(series->per_year > 0.05 && series->p50[series->last] > 0)))
            continue;
        while (place > 0 && weight(order[place - 1], by_growth) < weight(series, by_growth)) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = series;
        filled++;
    }
    return filled;
}

/* Pillars --------------------------------------------------------------------------------------- */

static void
pillar(struct briefing *briefing, const json_t *pillar)
{
    const struct words *words = briefing->words;
    const json_t *item, *largest;
    struct text text = {.at = NULL};
    struct gap_fact fact;
    size_t index;

    document_heading(briefing->document, member_text(pillar, "name"));
    json_array_foreach(matrix_items(briefing, "pillar_matrix"), index, item)
    {
        if (strcmp(member_text(json_object_get(item, "subject"), "code"), member_text(pillar, "code")) != 0)
            continue;
        fact = briefing_fact(briefing, item);
        words->demanded(&text, &fact);
        if (text.size > 0 && strcmp(words->lang, "en") == 0)
            text_put(&text, " ");
    }
    if (text.size == 0)
        text_put(&text, words->phrase[PHRASE_NO_GAPS]);
    briefing_paragraph(briefing, &text);
    largest = briefing_largest(matrix_items(briefing, "matrix"), json_object_get(pillar, "categories"));
    if (largest != NULL) {
        fact = briefing_fact(briefing, largest);
        words->largest_in(&text, &fact);
        text_put(&text, strcmp(words->lang, "en") == 0 ? " " : "");
    }
    words->programs(&text, member_integer(pillar, "programs"));
    briefing_paragraph(briefing, &text);
}

/* All that can be said of a pillar without figures. */
static void
pillar_programs(struct briefing *briefing, const json_t *pillar)
{
    struct text text = {.at = NULL}, lead = {.at = NULL};

    text_print(&lead, "%s:", member_text(pillar, "name"));
    briefing->words->programs(&text, member_integer(pillar, "programs"));
    briefing_item(briefing, lead.at, &text);
    text_free(&lead);
}

static void
pillar_table(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_SUBJECT, HEAD_PLACE, HEAD_DEMAND, HEAD_SUPPLY, HEAD_GAP, HEAD_COVERAGE};
    const json_t *item, *one;
    size_t index, at;

    briefing_table(briefing, "", 6, heads, "ttnnnn");
    json_array_foreach(json_object_get(briefing->root, "pillars"), at, one)
    {
        json_array_foreach(matrix_items(briefing, "pillar_matrix"), index, item)
        {
            struct gap_fact fact = briefing_fact(briefing, item);

            if (strcmp(member_text(json_object_get(item, "subject"), "code"), member_text(one, "code")) != 0)
                continue;
            document_cell(briefing->document, fact.name);
            document_cell(briefing->document, fact.place);
            briefing_fte_cell(briefing, fact.demand);
            briefing_fte_cell(briefing, fact.supply);
            briefing_fte_cell(briefing, fact.gap);
            briefing_percent_cell(briefing, fact.coverage);
        }
    }
}

void
briefing_pillars(struct briefing *briefing)
{
    const json_t *one;
    bool figures = json_array_size(matrix_items(briefing, "pillar_matrix")) > 0;
    size_t index;

    briefing_section(briefing, SECTION_PILLARS, MARK_SYNTHETIC | MARK_PERTURBED | MARK_UNVERIFIED);
    if (figures) {
        briefing_say(briefing, PHRASE_CATEGORIES);
        pillar_table(briefing);
    } else {
        briefing_say(briefing, PHRASE_NO_GAPS);
    }
    json_array_foreach(json_object_get(briefing->root, "pillars"), index, one)
    {
        if (figures)
            pillar(briefing, one);
        else
            pillar_programs(briefing, one);
    }
}

/* Heat ------------------------------------------------------------------------------------------ */

/* The place of text among those of list, where it is added. */
static size_t
place_of(const char *list[], size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i], text) == 0)
            return i;
    list[(*count)++] = text;
    return *count - 1;
}

static int
text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct map {
    size_t rows, columns;
    const char **row, **column, **name, **mark;
    double *value, *shade;
};

static void
map_free(struct map *map)
{
    free(map->row);
    free(map->column);
    free(map->name);
    free(map->mark);
    free(map->value);
    free(map->shade);
}

static int
map_fill(struct map *map, const struct briefing *briefing, const json_t *items)
{
    size_t all = json_array_size(items) + 1, index;
    const json_t *item;

    map->row = calloc(all, sizeof *map->row);
    map->column = calloc(all, sizeof *map->column);
    map->name = calloc(all, sizeof *map->name);
    if (map->row == NULL || map->column == NULL || map->name == NULL)
        return -1;
    json_array_foreach(items, index, item)
    {
        place_of(map->row, &map->rows, member_text(json_object_get(item, "subject"), "code"));
        place_of(map->column, &map->columns, member_text(item, "group"));
    }
    qsort(map->row, map->rows, sizeof *map->row, text_compare);
    qsort(map->column, map->columns, sizeof *map->column, text_compare);
    map->mark = calloc(map->rows * map->columns + 1, sizeof *map->mark);
    map->value = calloc(map->rows * map->columns + 1, sizeof *map->value);
    map->shade = calloc(map->rows * map->columns + 1, sizeof *map->shade);
    if (map->mark == NULL || map->value == NULL || map->shade == NULL)
        return -1;
    for (size_t i = 0; i < map->rows * map->columns; i++) {
        map->value[i] = map->shade[i] = NAN;
        map->mark[i] = briefing->words->phrase[PHRASE_UNKNOWN];
    }
    json_array_foreach(items, index, item)
    {
        size_t row = place_of(map->row, &map->rows, member_text(json_object_get(item, "subject"), "code")),
               at = row * map->columns + place_of(map->column, &map->columns, member_text(item, "group"));
        double coverage = member_number(item, "coverage");

        map->name[row] = member_name(item, "subject");
        map->value[at] = member_number(item, "gap");
        map->shade[at] = isnan(map->value[at]) || isnan(coverage) ? NAN : 1 - fmin(coverage, 1);
        if (json_is_true(json_object_get(item, "hidden")))
            map->mark[at] = briefing->words->phrase[PHRASE_HIDDEN];
    }
    for (size_t i = 0; i < map->columns; i++)
        map->column[i] = briefing_place(briefing, map->column[i]);
    return 0;
}

static void
map_table(struct briefing *briefing, const struct map *map)
{
    const char **heads = calloc(map->columns + 1, sizeof *heads);
    bool *right = calloc(map->columns + 1, sizeof *right);

    if (heads == NULL || right == NULL) {
        briefing->document->failed = true;
        goto out;
    }
    heads[0] = briefing->words->head[HEAD_SUBJECT];
    for (size_t i = 0; i < map->columns; i++) {
        heads[i + 1] = map->column[i];
        right[i + 1] = true;
    }
    document_table(briefing->document, briefing->words->phrase[PHRASE_HEAT], (int)map->columns + 1, heads, right);
    for (size_t r = 0; r < map->rows; r++) {
        document_cell(briefing->document, map->name[r]);
        for (size_t c = 0; c < map->columns; c++) {
            size_t at = r * map->columns + c;

            if (isnan(map->value[at]))
                document_cell(briefing->document, map->mark[at]);
            else
                briefing_fte_cell(briefing, map->value[at]);
        }
    }
out:
    free(heads);
    free(right);
}

static void
heat(struct briefing *briefing)
{
    const json_t *items = matrix_items(briefing, "matrix");
    struct map map = {.rows = 0};
    struct text svg = {.at = NULL};

    if (json_array_size(items) == 0)
        return;
    if (map_fill(&map, briefing, items) != 0) {
        briefing->document->failed = true;
    } else {
        const struct svg_heat chart = {
            .title = briefing->words->phrase[PHRASE_HEAT], .description = briefing->words->phrase[PHRASE_HEAT_CHART],
            .number = ++briefing->figures, .rows = (int)map.rows, .columns = (int)map.columns, .row = map.name,
            .column = map.column, .value = map.value, .shade = map.shade, .mark = map.mark,
        };

        svg_heat(&svg, &chart);
        document_figure(briefing->document, chart.title, text_take(&svg));
        briefing_say(briefing, PHRASE_HEAT_CHART);
        map_table(briefing, &map);
    }
    map_free(&map);
}

/* Fans ------------------------------------------------------------------------------------------ */

static void
fan(struct briefing *briefing, const struct series *series)
{
    struct gap_fact fact = briefing_outlook(series);
    struct text svg = {.at = NULL}, title = {.at = NULL}, description = {.at = NULL};
    struct svg_fan chart = {.number = ++briefing->figures, .points = series->points, .unit = briefing->words->phrase[PHRASE_UNIT]};

    text_print(&title, "%s: %s (%s)", briefing->words->phrase[PHRASE_FANS], series->name, series->place);
    briefing->words->future(&description, &fact);
    chart.title = title.at != NULL ? title.at : "";
    chart.description = description.at != NULL ? description.at : "";
    for (int i = 0; i < series->points; i++) {
        chart.year[i] = series->year[i];
        chart.p10[i] = series->p10[i];
        chart.p50[i] = series->p50[i];
        chart.p90[i] = series->p90[i];
    }
    svg_fan(&svg, &chart);
    document_figure(briefing->document, chart.title, text_take(&svg));
    briefing_paragraph(briefing, &description);
    text_free(&title);
}

static void
fan_cell(struct briefing *briefing, const struct series *series, int point)
{
    struct text text = {.at = NULL};

    if (point >= series->points || isnan(series->p50[point])) {
        text_put(&text, briefing->words->phrase[PHRASE_UNKNOWN]);
    } else {
        words_fte(&text, series->p50[point]);
        text_put(&text, " (");
        words_fte(&text, series->p10[point]);
        text_put(&text, " – ");
        words_fte(&text, series->p90[point]);
        text_put(&text, ")");
    }
    briefing_cell(briefing, &text);
}

static void
fan_table(struct briefing *briefing, const struct series *const order[], size_t count)
{
    const char *heads[BRIEFING_FANS + 1] = {briefing->words->head[HEAD_YEAR]};
    char names[BRIEFING_FANS][300];
    static const bool right[BRIEFING_FANS + 1] = {false, true, true, true, true};

    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "%.200s, %.80s", order[i]->name, order[i]->place);
        heads[i + 1] = names[i];
    }
    document_table(briefing->document, briefing->words->phrase[PHRASE_FAN_TABLE], (int)count + 1, heads, right);
    for (int point = 0; point < order[0]->points; point++) {
        struct text year = {.at = NULL};

        text_print(&year, "%d", order[0]->year[point]);
        briefing_cell(briefing, &year);
        for (size_t i = 0; i < count; i++)
            fan_cell(briefing, order[i], point);
    }
}

/* Gaps ------------------------------------------------------------------------------------------ */

static void
projected_table(struct briefing *briefing, const struct series *const order[], size_t count, bool growing)
{
    static const enum head heads[] = {HEAD_SUBJECT, HEAD_PLACE, HEAD_YEAR, HEAD_GAP, HEAD_P10, HEAD_P50, HEAD_P90, HEAD_CHANCE},
                           grown[] = {HEAD_SUBJECT, HEAD_PLACE, HEAD_YEAR, HEAD_PER_YEAR, HEAD_NEEDED_MORE, HEAD_TO_REPLACE, HEAD_P50};

    briefing_table(briefing, growing ? "" : briefing->words->phrase[PHRASE_PROJECTED_TABLE], growing ? 7 : 8,
                   growing ? grown : heads, "ttnnnnnn");
    for (size_t i = 0; i < count; i++) {
        struct gap_fact fact = briefing_outlook(order[i]);
        struct text year = {.at = NULL};

        document_cell(briefing->document, fact.name);
        document_cell(briefing->document, fact.place);
        text_print(&year, "%d", fact.last_year);
        briefing_cell(briefing, &year);
        if (growing) {
            briefing_fte_cell(briefing, fact.per_year);
            briefing_fte_cell(briefing, fact.needed_more);
            briefing_fte_cell(briefing, fact.to_replace);
            briefing_fte_cell(briefing, fact.p50);
        } else {
            briefing_fte_cell(briefing, order[i]->now);
            briefing_fte_cell(briefing, fact.p10);
            briefing_fte_cell(briefing, fact.p50);
            briefing_fte_cell(briefing, fact.p90);
            briefing_percent_cell(briefing, fact.chance);
        }
    }
}

static void
skills_table(struct briefing *briefing)
{
    static const enum head heads[] = {HEAD_SUBJECT, HEAD_PLACE, HEAD_DEMAND, HEAD_SUPPLY, HEAD_GAP, HEAD_COVERAGE};
    const json_t *items = matrix_items(briefing, "skills"), *item;
    size_t index;

    if (briefing_largest(items, NULL) == NULL)
        return;
    briefing_table(briefing, briefing->words->phrase[PHRASE_SKILLS_TABLE], 6, heads, "ttnnnn");
    json_array_foreach(items, index, item)
    {
        struct gap_fact fact = briefing_fact(briefing, item);

        if (!(fact.gap > 0))
            continue;
        document_cell(briefing->document, fact.name);
        document_cell(briefing->document, fact.place);
        briefing_fte_cell(briefing, fact.demand);
        briefing_fte_cell(briefing, fact.supply);
        briefing_fte_cell(briefing, fact.gap);
        briefing_percent_cell(briefing, fact.coverage);
    }
}

static bool
any_gap_known(const json_t *items)
{
    const json_t *item;
    size_t index;

    json_array_foreach(items, index, item)
        if (!isnan(member_number(item, "gap")))
            return true;
    return false;
}

static void
projected(struct briefing *briefing)
{
    const struct series **order = calloc(briefing->count + 1, sizeof *order);
    struct text text = {.at = NULL};
    size_t count, fans;

    if (order == NULL) {
        briefing->document->failed = true;
        return;
    }
    count = briefing_rank(briefing, false, order);
    if (briefing->project == NULL && briefing->project_failure[0] != '\0') {
        briefing->words->no_assumption(&text, briefing->project_failure);
        briefing_paragraph(briefing, &text);
    } else if (briefing->project == NULL) {
        briefing_say(briefing, PHRASE_NO_PROJECTION);
    } else if (count == 0) {
        briefing_say(briefing, PHRASE_NO_FUTURE);
    } else {
        count = count < (size_t)briefing->top ? count : (size_t)briefing->top;
        fans = count < BRIEFING_FANS ? count : BRIEFING_FANS;
        projected_table(briefing, order, count, false);
        briefing_say(briefing, PHRASE_DRAWN);
        for (size_t i = 0; i < fans; i++)
            fan(briefing, order[i]);
        fan_table(briefing, order, fans);
    }
    free(order);
}

void
briefing_gaps(struct briefing *briefing)
{
    const json_t *items = matrix_items(briefing, "matrix"), *largest = briefing_largest(items, NULL);
    struct text text = {.at = NULL};

    briefing_section(briefing, SECTION_GAPS, MARK_SYNTHETIC | MARK_PERTURBED | MARK_UNVERIFIED);
    if (largest != NULL) {
        struct gap_fact fact = briefing_fact(briefing, largest);

        briefing->words->largest_now(&text, &fact);
        briefing_paragraph(briefing, &text);
    } else {
        briefing_say(briefing, any_gap_known(items) ? PHRASE_NO_SHORTAGE : PHRASE_NO_GAPS);
    }
    heat(briefing);
    skills_table(briefing);
    projected(briefing);
}

/* What moves the projection most, as an assumption's code says it. */
static void
influences(struct briefing *briefing)
{
    const json_t *list = json_object_get(briefing->project, "influence"), *one;
    const char *what[BRIEFING_INFLUENCES];
    char names[BRIEFING_INFLUENCES][300];
    double correlation[BRIEFING_INFLUENCES], noise = member_number(briefing->project, "correlation_noise");
    struct text text = {.at = NULL};
    int count = 0;
    size_t index;

    json_array_foreach(list, index, one)
    {
        const json_t *about = json_object_get(one, "about");
        const char *kind = member_text(about, "kind"), *country = member_text(about, "country");
        double value = member_number(one, "rank_correlation");

        if (count == BRIEFING_INFLUENCES || !(fabs(value) > noise))
            break;
        struct text holds = {.at = NULL};
        const json_t *level = json_object_get(about, "level"), *age = json_object_get(about, "age");

        if (*country != '\0' || json_is_integer(level) || json_is_integer(age))
            briefing->words->holds_for(&holds, *country != '\0' ? words_term(briefing->words->places, country) : "", "",
                                       json_is_integer(level) ? json_integer_value(level) : -1,
                                       json_is_integer(age) ? json_integer_value(age) : -1);
        snprintf(names[count], sizeof names[count], "%s%s%.150s%s", words_term(briefing->words->kinds, *kind != '\0' ? kind : "demand"),
                 holds.size > 0 ? " [" : "", holds.size > 0 ? holds.at : "", holds.size > 0 ? "]" : "");
        text_free(&holds);
        what[count] = names[count];
        correlation[count++] = value;
    }
    if (count > 0) {
        briefing->words->influence(&text, what, correlation, count);
        briefing_paragraph(briefing, &text);
    }
}

void
briefing_growth(struct briefing *briefing)
{
    const struct series **order = calloc(briefing->count + 1, sizeof *order);
    struct text text = {.at = NULL};
    size_t count;

    briefing_section(briefing, SECTION_GROWTH, MARK_SYNTHETIC | MARK_PERTURBED | MARK_UNVERIFIED);
    if (order == NULL) {
        briefing->document->failed = true;
        return;
    }
    count = briefing_rank(briefing, true, order);
    if (briefing->project == NULL) {
        briefing_say(briefing, PHRASE_NO_PROJECTION);
    } else if (count == 0) {
        briefing_say(briefing, briefing_rank(briefing, false, order) > 0 ? PHRASE_NO_GROWTH : PHRASE_NO_FUTURE);
    } else {
        struct gap_fact fact = briefing_outlook(order[0]);

        briefing->words->growing(&text, &fact);
        briefing_paragraph(briefing, &text);
        projected_table(briefing, order, count < (size_t)briefing->top ? count : (size_t)briefing->top, true);
        influences(briefing);
    }
    free(order);
}
