/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the briefing share; for briefing*.c alone.
 */
#ifndef JINZAI_REPORT_BRIEFING_PART_H
#define JINZAI_REPORT_BRIEFING_PART_H

#include <jansson.h>

#include "report/document.h"
#include "report/svg.h"
#include "report/words.h"

enum { BRIEFING_FANS = 4, BRIEFING_INFLUENCES = 3, BRIEFING_FAILURE_BYTES = 400 };

/* A series of the projection: a field in a place over the years. */
struct series {
    const char *code, *name, *place; /* place as it is said */
    int points, year[SVG_POINTS_MAX];
    double p10[SVG_POINTS_MAX], p50[SVG_POINTS_MAX], p90[SVG_POINTS_MAX], chance[SVG_POINTS_MAX]; /* NAN: cannot be said */
    double needed_more, to_replace; /* until the last year that can be said, after the first */
    int first, last;                /* the points of the first and the last year that can be said; -1: none */
    double now;                     /* the gap of today, as gap.matrix has it; NAN where it cannot be said */
    double per_year;                /* NAN where fewer than two can be said */
};

struct briefing {
    const json_t *root;
    json_t *project, *opportunity, *fragile; /* answers; NULL where there is none */
    char project_failure[BRIEFING_FAILURE_BYTES];
    const struct words *words;
    struct basis basis;
    struct document *document;
    unsigned marks;
    int level, top, figures;
    struct series *series;
    size_t count;
};

/* Members by name: "" and NAN where they are absent, null or something else. */
const char *member_text(const json_t *object, const char *name);
double member_number(const json_t *object, const char *name);
long long member_integer(const json_t *object, const char *name);

/* The name of a reference, its code where there is none, "" for null. */
const char *member_name(const json_t *object, const char *name);

/* A group's name as it is said: a country's, or the organization's that the document is about. */
const char *briefing_place(const struct briefing *briefing, const char *group);

/* Adds what was composed as a paragraph, or an item, or a cell, and empties it. */
void briefing_paragraph(struct briefing *briefing, struct text *text);
void briefing_item(struct briefing *briefing, const char *lead, struct text *text);
void briefing_cell(struct briefing *briefing, struct text *text);

void briefing_say(struct briefing *briefing, enum phrase phrase);
void briefing_fte_cell(struct briefing *briefing, double value); /* "–" for NAN */
void briefing_number_cell(struct briefing *briefing, double value, int decimals);
void briefing_percent_cell(struct briefing *briefing, double share);
void briefing_table(struct briefing *briefing, const char *caption, int columns, const enum head heads[], const char *right);

/* Begins a section, marked with those of marks that hold for the document. */
void briefing_section(struct briefing *briefing, enum section section, unsigned marks);

/* What an item of gap.matrix says. */
struct gap_fact briefing_fact(const struct briefing *briefing, const json_t *item);

/* The item with the largest gap above 0; NULL for none. codes: only these categories, or NULL. */
const json_t *briefing_largest(const json_t *items, const json_t *codes);

/* What a series says of its years. */
struct gap_fact briefing_outlook(const struct series *series);

/* The series, read from the projection. Returns 0, or -1 when out of memory. */
int briefing_read_series(struct briefing *briefing);

/* Series by falling gap at their end, or falling growth; those without one left out. order has room for all; how many. */
size_t briefing_rank(const struct briefing *briefing, bool by_growth, const struct series *order[]);

/* The balance of the two countries with most exchange in the last year that has any. False where there is none. */
bool briefing_balance_fact(const struct briefing *briefing, struct balance_fact *fact);

bool briefing_opportunity_fact(const struct briefing *briefing, struct opportunity_fact *fact);
bool briefing_fragile_fact(const struct briefing *briefing, struct fragile_fact *fact);

void briefing_pillars(struct briefing *briefing);
void briefing_gaps(struct briefing *briefing);
void briefing_growth(struct briefing *briefing);
void briefing_fragile(struct briefing *briefing);
void briefing_balance(struct briefing *briefing);
void briefing_outcomes(struct briefing *briefing);
void briefing_due(struct briefing *briefing);
void briefing_opportunities(struct briefing *briefing);
void briefing_recorded(struct briefing *briefing);
void briefing_assumptions(struct briefing *briefing);
void briefing_unsaid(struct briefing *briefing);

#endif
