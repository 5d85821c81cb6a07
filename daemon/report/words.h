/* SPDX-License-Identifier: Apache-2.0
 *
 * What a briefing says, in one language: headings, terms, and sentences composed from figures. briefing.c decides what is said,
 * words_en.c and words_ja.c how. A figure that is not known is NAN, and no sentence is made of it.
 */
#ifndef JINZAI_REPORT_WORDS_H
#define JINZAI_REPORT_WORDS_H

#include <stdbool.h>

#include "report/text.h"

enum section {
    SECTION_SUMMARY, SECTION_PILLARS, SECTION_GAPS, SECTION_GROWTH, SECTION_FRAGILE, SECTION_BALANCE, SECTION_OUTCOMES,
    SECTION_DUE, SECTION_OPPORTUNITIES, SECTION_RECORDED, SECTION_ASSUMPTIONS, SECTION_UNSAID, SECTIONS
};

enum head {
    HEAD_SUBJECT, HEAD_PLACE, HEAD_DEMAND, HEAD_SUPPLY, HEAD_GAP, HEAD_COVERAGE, HEAD_P10, HEAD_P50, HEAD_P90, HEAD_CHANCE,
    HEAD_YEAR, HEAD_PER_YEAR, HEAD_NEEDED_MORE, HEAD_TO_REPLACE, HEAD_FROM, HEAD_TO, HEAD_PEOPLE, HEAD_MONTHS, HEAD_PROGRAM,
    HEAD_PROVIDER, HEAD_ENROLLED, HEAD_COMPLETED, HEAD_COMPLETION, HEAD_STAYED, HEAD_DUE, HEAD_DAY, HEAD_EXCHANGE, HEAD_HOME,
    HEAD_HOST, HEAD_STATE, HEAD_CODE, HEAD_SIZE, HEAD_EXPECTED, HEAD_ACTUAL, HEAD_REMAINING, HEAD_ASSUMPTION, HEAD_HOLDS_FOR,
    HEAD_RANGE, HEAD_SOURCE, HEAD_DATED, HEAD_GIVER, HEAD_RECEIVER, HEAD_INSTRUMENT, HEAD_CLOSED, HEAD_EFFORT, HEAD_COST,
    HEAD_SCORE, HEAD_HOLDERS, HEAD_NEAR_RETIREMENT, HEAD_PROGRAMS, HEAD_CONCENTRATION, HEADS
};

/* What is said as it stands. */
enum phrase {
    PHRASE_NOTHING,        /* the record is empty */
    PHRASE_CATEGORIES,     /* how figures of categories and pillars are counted */
    PHRASE_NO_GAPS,        /* no demand, or no supply, is known */
    PHRASE_NO_SHORTAGE,    /* demand is met everywhere */
    PHRASE_NO_PROJECTION,  /* nobody has recorded assumptions */
    PHRASE_NO_FUTURE,      /* no demand is stated for later years */
    PHRASE_NO_GROWTH,      /* no gap grows */
    PHRASE_NO_FRAGILE, PHRASE_FRAGILE, PHRASE_NO_BALANCE, PHRASE_BALANCE, PHRASE_NO_OUTCOMES, PHRASE_OUTCOMES,
    PHRASE_DUE_NOT_SHOWN,  /* the caller sees no exchange one by one */
    PHRASE_NOTHING_DUE, PHRASE_NO_OPPORTUNITIES, PHRASE_OPPORTUNITIES, PHRASE_NO_RECORDED, PHRASE_NO_ASSUMPTIONS,
    PHRASE_DRAWN, PHRASE_HEAT, PHRASE_FANS, PHRASE_BALANCE_CHART, PHRASE_HEAT_CHART, PHRASE_SKILLS_TABLE, PHRASE_PROJECTED_TABLE,
    PHRASE_FAN_TABLE, PHRASE_UNIT, PHRASE_UNKNOWN, PHRASE_HIDDEN, PHRASE_LATE, PHRASE_NEAR, PHRASE_STALE,
    PHRASE_EVERYWHERE, PHRASE_UNSAID_DEMAND, PHRASE_UNSAID_ALLOCATION, PHRASES
};

struct term {
    const char *code, *text;
};

/* What the document rests on. */
struct basis {
    const char *committee, *abbreviation; /* "" where there is none */
    const char *day, *month;              /* 2026-11-24, 2026-11 */
    const char *scenario, *organization, *country, *pillar; /* "" where there is none */
    int level, years;
    long long draws;
    bool live, some_live; /* figures of all people are live; of the caller's organization */
    const char *release, *release_month; /* "" for none */
    int at_most;
};

/* Why figures are not as they seem. */
enum mark { MARK_SYNTHETIC = 1 << 0, MARK_PERTURBED = 1 << 1, MARK_UNVERIFIED = 1 << 2 };

/* A skill, category or pillar in a country or organization. */
struct gap_fact {
    const char *name, *place;
    double demand, supply, gap, coverage; /* of the present */
    int first_year, last_year;            /* of the projection, the last with a gap that can be said */
    double first, p10, p50, p90, chance;  /* the first year's P50, then the last year's */
    double per_year;                      /* change of P50, FTE a year */
    double needed_more, to_replace;       /* over the years, FTE */
};

struct balance_fact {
    int year;
    bool current;
    const char *from, *to;
    double there, back;               /* people */
    double months_there, months_back; /* person-months; NAN: hidden */
    int at_most;                      /* by so much each count may have been changed; 0: not */
};

struct outcome_fact {
    int programs, told; /* running; of them, those with completions to speak of */
};

struct due_fact {
    long long late, near;
    const char *oldest, *next; /* days, or "" */
};

struct recorded_fact {
    long long gaps, open, late_gaps;
    double expected, actual;
};

struct assumptions_fact {
    long long all, unverified, stale;
    const char *oldest; /* day of the oldest source */
    int oldest_months;
};

struct opportunity_fact {
    const char *giver, *receiver, *skill, *instrument;
    long long participants;
    double closed, months, cost;
    const char *currency;
};

struct fragile_fact {
    const char *skill;
    long long from, below; /* holders: from … below; below -1: no bound; from -1: unknown */
};

struct words {
    const char *lang;
    const char *section[SECTIONS], *head[HEADS], *phrase[PHRASES];
    const struct term *places, *dues, *statuses, *kinds, *instruments, *bands, *units; /* each ended by NULL */
    void (*title)(struct text *text, const struct basis *basis);
    void (*day)(struct text *text, const char *day);
    void (*basis)(struct text *text, const struct basis *basis);
    void (*published)(struct text *text, const struct basis *basis);
    void (*marks)(struct text *text, unsigned marks, int at_most); /* of enum mark */
    void (*demanded)(struct text *text, const struct gap_fact *fact); /* demand, supply and gap in one place */
    void (*largest_now)(struct text *text, const struct gap_fact *fact);
    void (*largest_in)(struct text *text, const struct gap_fact *fact); /* within a pillar */
    void (*future)(struct text *text, const struct gap_fact *fact);
    void (*growing)(struct text *text, const struct gap_fact *fact);
    void (*programs)(struct text *text, long long programs);
    /* What moves the result: the kind of an assumption or "demand", and where it holds, or "". */
    void (*influence)(struct text *text, const char *const what[], const double correlation[], int count);
    void (*fragile)(struct text *text, const struct fragile_fact *fact);
    void (*balance)(struct text *text, const struct balance_fact *fact);
    void (*outcomes)(struct text *text, const struct outcome_fact *fact);
    void (*due)(struct text *text, const struct due_fact *fact);
    void (*due_all)(struct text *text, long long late, long long near, int within);
    void (*opportunity)(struct text *text, const struct opportunity_fact *fact);
    void (*recorded)(struct text *text, const struct recorded_fact *fact);
    void (*assumptions)(struct text *text, const struct assumptions_fact *fact);
    void (*months)(struct text *text, int months); /* an age */
    void (*people)(struct text *text, long long from, long long below); /* a band of holders */
    void (*holds_for)(struct text *text, const char *place, const char *skill, long long level, long long age); /* -1: all */
    /* What cannot be said: how many of all have no demand, no supply, are hidden. */
    void (*unsaid)(struct text *text, const char *what, long long of, long long all);
    void (*no_assumption)(struct text *text, const char *reason); /* why there is no projection */
};

extern const struct words words_en, words_ja;

/* The text of a code; the code itself where there is none. */
const char *words_term(const struct term *terms, const char *code);

/* How many of ten, rounded, a probability is. */
int words_tenths(double probability);

/* FTE as it is written: with one decimal at most. */
void words_fte(struct text *text, double value);

#endif
