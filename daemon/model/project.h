/* SPDX-License-Identifier: Apache-2.0
 *
 * Projection of supply and gap over 1 to 20 years: stock and flow, by seeded Monte Carlo.
 *
 * A series is a skill within a group (a country, say), under the rules of a regime (whose rates hold for it). Its people
 * stand in classes by level 1 … 5 and by five-year birth cohort. In each year, for the n people of a class, with the
 * year's rates r (retirement, by age), w (quit), e (expiry) and m (move one level up), each as a probability:
 *
 *     any ~ Binomial(n, 1 - (1 - r)(1 - w)(1 - e)(1 - m)), split in the proportions r : (1 - r)w : (1 - r)(1 - w)e :
 *     (1 - r)(1 - w)(1 - e)m; who retires or quits leaves, who expires falls by expiry_drop levels (below 1: leaves), who
 *     moves goes up by one; nobody meets two fates in a year
 *
 * then arrivals: completions of sessions at ceil(at + lag), returns from exchanges, hires into planned vacancies, each
 * Binomial(heads, probability x retention); replacements of the year before: Binomial(quit + retired, replace) at the
 * leavers' level and at entry_age; departures (who was there on exchange goes home), at most those of the class. This is
 * the Markov manpower model with wastage, promotion and recruitment flows: Bartholomew, Forbes and McClean (1991),
 * Statistical Techniques for Manpower Planning, 2nd edition, Wiley.
 *
 * Retirement at age a has the probability of the band that a is in. A cohort born from b to b + 4 has in a year the mean
 * over its five ages, births being spread evenly. Cohorts that meet the same bands in all years are one class: exact, and
 * fewer of them.
 *
 * Parameters are drawn once a draw, triangular or PERT (model/random.h), and hold in all its years and for all series that
 * name them. So what is not known of a rate is common to all, and what is chance of people is each series' own. Demand's
 * spread (low, mode, high: triangular) is drawn once a draw and series, the same quantile at all levels and years:
 * demand is believed too high or too low as a whole.
 *
 * At level L, "or above" always: supply(y) = FTE a head x heads, gap(y) = demand(y) - supply(y). Growth in y is demand(y) -
 * demand(y - 1); replacement in y is who retires, quits or falls below L: expansion and replacement demand, whose sum is
 * what must be found (Cedefop, skills forecast: total requirement = expansion demand + replacement demand). For means
 *
 *     gap(y) = gap(y - 1) + growth + replacement - moved - completed - returned - hired + departed
 *
 * holds exactly up to rounding to a thousandth of an FTE.
 *
 * Quantiles are order statistics, the ceil(q N)-th smallest of N draws: type 1 of Hyndman and Fan (1996), Sample Quantiles
 * in Statistical Packages, The American Statistician 50:361-365. They are exact over the draws.
 *
 * Sensitivity: Spearman's rank correlation, over the draws, of each parameter with the gap of the last year that has one
 * (Helton, Johnson, Sallaberry and Storlie (2006), Survey of sampling-based methods for uncertainty and sensitivity
 * analysis, Reliability Engineering and System Safety 91:1175-1209). Beneath 2 / sqrt(N) it cannot be told from none.
 *
 * Nothing known is no zero: a series without supply, or a year and level without demand, answers which of them is missing,
 * and its figures are NaN.
 *
 * Same input and seed, same bytes, for any number of threads and any company of other series: every random number is a
 * function of (seed, draw, key of the series or parameter, year, purpose), and a series is summed by one thread. Memory is
 * draws x (parameters + 5 x years x threads), whatever the number of series, and the answer.
 */
#ifndef JINZAI_MODEL_PROJECT_H
#define JINZAI_MODEL_PROJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stop.h"

enum {
    PROJECT_LEVELS = 5,
    PROJECT_YEARS_MAX = 20,
    PROJECT_DRAWS_MAX = 100000,
    PROJECT_SERIES_MAX = 20000,
    PROJECT_PARAMETERS_MAX = 256,
    PROJECT_REGIMES_MAX = 256,
    PROJECT_BANDS_MAX = 16,
    PROJECT_HEADS_MAX = 1000000,  /* of a series, with all that may ever arrive */
    PROJECT_DEMAND_MAX = 1000000, /* FTE, after growth */
    PROJECT_LAG_MAX = 40,         /* years */
    PROJECT_COHORT_FIRST = 1900,
    PROJECT_COHORT_LAST = 2095,
    /* In place of a parameter's number: no such flow, or certainty where a probability is meant. */
    PROJECT_NONE = -1,
    PROJECT_PATH_BYTES = 160,
    PROJECT_TEXT_BYTES = 128,
};

enum project_shape { PROJECT_TRIANGULAR, PROJECT_PERT };

enum project_kind {
    PROJECT_COMPLETION,
    PROJECT_RETURN,
    PROJECT_HIRE,
    PROJECT_DEPARTURE, /* with certainty: no probability, retention or lag */
    PROJECT_KINDS,
};

/* What a cell cannot say; bits, and 0 where it can say all. */
enum project_state { PROJECT_KNOWN = 0, PROJECT_NO_SUPPLY = 1, PROJECT_NO_DEMAND = 2 };

struct project_range {
    double low, mode, high; /* low <= mode <= high; equal for what is certain */
};

struct project_parameter {
    uint32_t key;               /* its own among parameters: names its draws */
    struct project_range range; /* a rate or probability within 0 … 1, or a lag in years */
    double factor; /* of the scenario: multiplies what is drawn, a rate at most to 1 */
};

/* From this age to below the next band's, the probability to retire within a year. */
struct project_band {
    int age;
    int parameter;
};

/* Rates as numbers of parameters. Index 0 is level 1. */
struct project_regime {
    int quit[PROJECT_LEVELS];
    int expire[PROJECT_LEVELS];
    int move[PROJECT_LEVELS]; /* one level up; the last is PROJECT_NONE */
    int expiry_drop; /* levels that who expires falls by, 1 … 5; 5: out of the skill */
    struct project_band band[PROJECT_BANDS_MAX]; /* by rising age */
    int bands;
    int retire_unknown; /* of those whose birth cohort is not known */
    int replace;        /* the share of last year's quits and retirements that is hired again */
    int entry_age;      /* of those so hired, 15 … 80 */
};

struct project_stock {
    int cohort; /* first birth year of five, as 1985; 0: not known */
    int level;  /* 1 … 5, each person once, at the highest */
    int32_t heads;
};

struct project_arrival {
    enum project_kind kind;
    double at; /* years from the start; counted at the next year's end, of year 1 at the earliest */
    int level, cohort;
    int32_t heads;
    int probability; /* to complete, to return, to fill the vacancy */
    int retention;   /* to stay in the group, a second probability */
    int lag;         /* years from `at` until they count */
};

struct project_series {
    uint32_t key; /* names its draws: the same for the same skill and group in any company */
    int regime;
    bool supply_known; /* false: no data, which is not nobody */
    double fte;        /* of a head, above 0 to 1, kept to a thousandth */
    const struct project_stock *stock;
    size_t stocks;
    const struct project_arrival *arrival;
    size_t arrivals;
    /* [(year 0 … horizon) x 5 + level - 1], FTE at that level or above; mode is NaN where none is stated. NULL: none. */
    const struct project_range *demand;
};

struct project_input {
    int start_year; /* of the stock, which is year 0 */
    int horizon;    /* 1 … 20 */
    int draws;      /* 1 … 100,000 */
    uint64_t seed;
    enum project_shape shape;
    double demand_growth; /* of the scenario: demand of year y times (1 + this)^y; above -1 to 1 */
    const struct project_parameter *parameter;
    int parameters;
    const struct project_regime *regime;
    int regimes;
    const struct project_series *series;
    int count;
};

struct project_figure {
    double mean, p10, p50, p90;
};

/* One series, year and level-or-above. FTE but for the probability. */
struct project_cell {
    unsigned state; /* bits of enum project_state */
    struct project_figure supply, demand, gap;
    double gap_probability; /* share of the draws with a gap above zero */
    double growth; /* of demand in this year; NaN in year 0 and where either end is not stated */
    /* Means, of this year. Replacement is retired + quit + expired. */
    double replacement, retired, quit, expired, moved, completed, returned, hired, departed;
};

struct project_refusal {
    /* not_finite, out_of_range, not_in_order, unknown, memory, stopped; of a text also malformed, not_unique. */
    const char *name;
    char path[PROJECT_PATH_BYTES];     /* "parameters[3].high" */
    char expected[PROJECT_TEXT_BYTES]; /* "low or more" */
};

struct project;

/* Checks the input and draws the parameters. The input's arrays stay the caller's and must outlive the projection. Returns
 * NULL with refusal filled where the input is nonsense, memory is short, or it was told to stop (stop may be NULL): then the
 * name is "stopped". */
struct project *project_open(const struct project_input *input, const struct stop *stop,
                             struct project_refusal *refusal);

/* Computes series until none is left. Any number of threads may be in here at once, and share the work. Returns 0 when
 * there is nothing left to begin, MODEL_STOPPED or MODEL_MEMORY: then the projection is worth nothing. */
int project_work(struct project *project, const struct stop *stop);

/* When every project_work has returned 0: completes what is said of all series together. */
void project_finish(struct project *project);

/* Cell of a series, year (0 … horizon) and level (1 … 5), after project_work. Belongs to the projection. */
const struct project_cell *
project_cell(const struct project *project, int series, int year, int level);

/* Rank correlation of a parameter with the gap of the series at level or above, -1 … 1; parameter number `parameters` is
 * the position of the series' demand between low and high. NaN where the parameter is certain or of no use to the series,
 * or there is no gap. */
double project_sensitivity(const struct project *project, int series, int level, int parameter);

/* Mean of its absolute values over all series and levels that have one, after project_finish; NaN where none has. */
double project_influence(const struct project *project, int parameter);

/* The input that it was opened with. */
const struct project_input *project_input_of(const struct project *project);

/* NULL is fine. */
void project_close(struct project *project);

#endif
