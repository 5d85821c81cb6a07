/* SPDX-License-Identifier: Apache-2.0 */
#include "model/project_part.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    YEAR_FIRST = 1950,
    YEAR_LAST =
        2080, /* + horizon: the last that a cohort is born in is beneath PROJECT_COHORT_LAST + 5 */
    AGE_FIRST = 15,
    AGE_LAST = 100,
    ENTRY_AGE_LAST = 80,
    ARRIVALS_MAX = 1 << 18, /* as the index of a purpose has bits */
    FACTOR_MAX = 100,
    PART_BYTES = 64, /* of a path */
};

/* What a parameter may be. */
enum use { USE_NONE, USE_RATE = 1, USE_LAG = 2 };

struct checker {
    const struct project_input *input;
    struct project_refusal *refusal;
    unsigned char use[PROJECT_PARAMETERS_MAX];
};

__attribute__((format(printf, 4, 5))) static int
refuse(struct checker *check, const char *name, const char *expected, const char *path, ...)
{
    va_list args;

    check->refusal->name = name;
    snprintf(check->refusal->expected, sizeof(check->refusal->expected), "%s", expected);
    va_start(args, path);
    vsnprintf(check->refusal->path, sizeof(check->refusal->path), path, args);
    va_end(args);
    return -1;
}

static int
check_range(struct checker *check, const struct project_range *range, const char *path)
{
    if (!isfinite(range->low))
        return refuse(check, "not_finite", "a finite number", "%s.low", path);
    if (!isfinite(range->mode))
        return refuse(check, "not_finite", "a finite number", "%s.mode", path);
    if (!isfinite(range->high))
        return refuse(check, "not_finite", "a finite number", "%s.high", path);
    if (range->low < 0)
        return refuse(check, "out_of_range", "0 or more", "%s.low", path);
    if (range->high < range->low)
        return refuse(check, "not_in_order", "low or more", "%s.high", path);
    if (range->mode < range->low || range->mode > range->high)
        return refuse(check, "not_in_order", "from low to high", "%s.mode", path);
    return 0;
}

/* Notes what a parameter is for. PROJECT_NONE is fine. */
__attribute__((format(printf, 4, 5))) static int
use_parameter(struct checker *check, int parameter, enum use use, const char *path, ...)
{
    char text[PROJECT_PATH_BYTES];
    va_list args;

    va_start(args, path);
    vsnprintf(text, sizeof(text), path, args);
    va_end(args);
    if (parameter == PROJECT_NONE)
        return 0;
    if (parameter < 0 || parameter >= check->input->parameters)
        return refuse(check, "unknown", "the number of a parameter, or none", "%s", text);
    check->use[parameter] |= (unsigned char)use;
    return 0;
}

static int
check_head(struct checker *check)
{
    const struct project_input *input = check->input;

    if (input->horizon < 1 || input->horizon > PROJECT_YEARS_MAX)
        return refuse(check, "out_of_range", "1 to 20 years", "years");
    if (input->draws < 1 || input->draws > PROJECT_DRAWS_MAX)
        return refuse(check, "out_of_range", "1 to 100000", "draws");
    if (input->start_year < YEAR_FIRST || input->start_year > YEAR_LAST)
        return refuse(check, "out_of_range", "1950 to 2080", "start_year");
    if (input->shape != PROJECT_TRIANGULAR && input->shape != PROJECT_PERT)
        return refuse(check, "unknown", "triangular or pert", "shape");
    if (!isfinite(input->demand_growth))
        return refuse(check, "not_finite", "a finite number", "demand_growth");
    if (input->demand_growth <= -1 || input->demand_growth > 1)
        return refuse(check, "out_of_range", "above -1, to 1", "demand_growth");
    if (input->parameters < 0 || input->parameters > PROJECT_PARAMETERS_MAX)
        return refuse(check, "out_of_range", "at most 256", "parameters");
    if (input->regimes < 0 || input->regimes > PROJECT_REGIMES_MAX)
        return refuse(check, "out_of_range", "at most 256", "regimes");
    if (input->count < 0 || input->count > PROJECT_SERIES_MAX)
        return refuse(check, "out_of_range", "at most 20000", "series");
    return 0;
}

static int
check_regime(struct checker *check, int r)
{
    const struct project_regime *regime = &check->input->regime[r];

    for (int i = 0; i < PROJECT_LEVELS; i++) {
        if (use_parameter(check, regime->quit[i], USE_RATE, "regimes[%d].quit[%d]", r, i) != 0 ||
            use_parameter(check, regime->expire[i], USE_RATE, "regimes[%d].expire[%d]", r, i) !=
                0 ||
            use_parameter(check, regime->move[i], USE_RATE, "regimes[%d].move[%d]", r, i) != 0)
            return -1;
    }
    if (regime->move[PROJECT_LEVELS - 1] != PROJECT_NONE)
        return refuse(check, "out_of_range", "none: there is no level above 5",
                      "regimes[%d].move[4]", r);
    if (regime->expiry_drop < 1 || regime->expiry_drop > PROJECT_LEVELS)
        return refuse(check, "out_of_range", "1 to 5", "regimes[%d].expiry_drop", r);
    if (regime->entry_age < AGE_FIRST || regime->entry_age > ENTRY_AGE_LAST)
        return refuse(check, "out_of_range", "15 to 80", "regimes[%d].entry_age", r);
    if (regime->bands < 0 || regime->bands > PROJECT_BANDS_MAX)
        return refuse(check, "out_of_range", "at most 16", "regimes[%d].retire", r);
    for (int i = 0; i < regime->bands; i++) {
        if (regime->band[i].age < AGE_FIRST || regime->band[i].age > AGE_LAST)
            return refuse(check, "out_of_range", "15 to 100", "regimes[%d].retire[%d].age", r, i);
        if (i > 0 && regime->band[i].age <= regime->band[i - 1].age)
            return refuse(check, "not_in_order", "above the age before",
                          "regimes[%d].retire[%d].age", r, i);
        if (use_parameter(check, regime->band[i].parameter, USE_RATE,
                          "regimes[%d].retire[%d].parameter", r, i) != 0)
            return -1;
    }
    if (use_parameter(check, regime->retire_unknown, USE_RATE, "regimes[%d].retire_unknown", r) !=
        0)
        return -1;
    return use_parameter(check, regime->replace, USE_RATE, "regimes[%d].replace", r);
}

/* Level, cohort and heads, of the stock or of who arrives. Adds the heads to *total. */
static int
check_people(struct checker *check, int level, int cohort, int32_t heads, int64_t *total,
             const char *path)
{
    if (level < 1 || level > PROJECT_LEVELS)
        return refuse(check, "out_of_range", "1 to 5", "%s.level", path);
    if (cohort != 0 &&
        (cohort < PROJECT_COHORT_FIRST || cohort > PROJECT_COHORT_LAST || cohort % 5 != 0))
        return refuse(check, "out_of_range", "the first year of a five-year cohort, or 0",
                      "%s.cohort", path);
    if (heads < 0)
        return refuse(check, "out_of_range", "0 or more", "%s.heads", path);
    *total += heads;
    if (*total > PROJECT_HEADS_MAX)
        return refuse(check, "out_of_range", "a series of at most 1000000 people", "%s.heads",
                      path);
    return 0;
}

static int
check_arrival(struct checker *check, const struct project_arrival *arrival, int64_t *total,
              const char *path)
{
    int64_t gone = 0;

    if ((int)arrival->kind < 0 || arrival->kind >= PROJECT_KINDS)
        return refuse(check, "unknown", "completion, return, hire or departure", "%s.kind", path);
    if (!isfinite(arrival->at))
        return refuse(check, "not_finite", "a finite number", "%s.at", path);
    if (arrival->at < -PROJECT_LAG_MAX || arrival->at > PROJECT_LAG_MAX)
        return refuse(check, "out_of_range", "-40 to 40 years", "%s.at", path);
    if (arrival->kind == PROJECT_DEPARTURE &&
        (arrival->probability != PROJECT_NONE || arrival->retention != PROJECT_NONE ||
         arrival->lag != PROJECT_NONE))
        return refuse(check, "out_of_range", "none: a departure is certain", "%s.probability",
                      path);
    if (check_people(check, arrival->level, arrival->cohort, arrival->heads,
                     arrival->kind == PROJECT_DEPARTURE ? &gone : total, path) != 0 ||
        use_parameter(check, arrival->probability, USE_RATE, "%s.probability", path) != 0 ||
        use_parameter(check, arrival->retention, USE_RATE, "%s.retention", path) != 0)
        return -1;
    return use_parameter(check, arrival->lag, USE_LAG, "%s.lag", path);
}

static int
check_demand(struct checker *check, const struct project_series *series, int s)
{
    char path[PART_BYTES];

    for (int year = 0; year <= check->input->horizon; year++) {
        double grown = pow(1 + check->input->demand_growth, year);

        for (int i = 0; i < PROJECT_LEVELS; i++) {
            const struct project_range *range = &series->demand[year * PROJECT_LEVELS + i];

            if (isnan(range->mode))
                continue;
            snprintf(path, sizeof(path), "series[%d].demand[%d][%d]", s, year, i);
            if (check_range(check, range, path) != 0)
                return -1;
            if (range->high * grown > PROJECT_DEMAND_MAX)
                return refuse(check, "out_of_range", "at most 1000000 FTE", "%s.high", path);
        }
    }
    return 0;
}

static int
check_series(struct checker *check, int s)
{
    const struct project_series *series = &check->input->series[s];
    char path[PART_BYTES];
    int64_t total = 0;

    if (series->regime < 0 || series->regime >= check->input->regimes)
        return refuse(check, "unknown", "the number of a regime", "series[%d].regime", s);
    if (!isfinite(series->fte))
        return refuse(check, "not_finite", "a finite number", "series[%d].fte", s);
    if (series->fte < 1.0 / MILLI || series->fte > 1)
        return refuse(check, "out_of_range", "0.001 to 1", "series[%d].fte", s);
    if (series->arrivals >= ARRIVALS_MAX)
        return refuse(check, "out_of_range", "fewer than 262144", "series[%d].arrivals", s);
    for (size_t i = 0; i < series->stocks; i++) {
        const struct project_stock *stock = &series->stock[i];

        snprintf(path, sizeof(path), "series[%d].stock[%zu]", s, i);
        if (check_people(check, stock->level, stock->cohort, stock->heads, &total, path) != 0)
            return -1;
    }
    for (size_t i = 0; i < series->arrivals; i++) {
        snprintf(path, sizeof(path), "series[%d].arrivals[%zu]", s, i);
        if (check_arrival(check, &series->arrival[i], &total, path) != 0)
            return -1;
    }
    return series->demand != NULL ? check_demand(check, series, s) : 0;
}

static int
check_parameter(struct checker *check, int p)
{
    const struct project_parameter *parameter = &check->input->parameter[p];
    char path[PART_BYTES];

    snprintf(path, sizeof(path), "parameters[%d]", p);
    if (check_range(check, &parameter->range, path) != 0)
        return -1;
    if (!isfinite(parameter->factor))
        return refuse(check, "not_finite", "a finite number", "%s.factor", path);
    if (parameter->factor < 0 || parameter->factor > FACTOR_MAX)
        return refuse(check, "out_of_range", "0 to 100", "%s.factor", path);
    if (check->use[p] == (USE_RATE | USE_LAG))
        return refuse(check, "unknown", "a rate or a lag, not both", "%s", path);
    if ((check->use[p] & USE_RATE) != 0 && parameter->range.high > 1)
        return refuse(check, "out_of_range", "a rate of at most 1", "%s.high", path);
    if ((check->use[p] & USE_LAG) != 0 &&
        parameter->range.high * parameter->factor > PROJECT_LAG_MAX)
        return refuse(check, "out_of_range", "a lag of at most 40 years", "%s.high", path);
    return 0;
}

int
project_check(const struct project_input *input, struct project_refusal *refusal)
{
    struct checker check = {.input = input, .refusal = refusal};

    if (check_head(&check) != 0)
        return -1;
    for (int i = 0; i < input->regimes; i++)
        if (check_regime(&check, i) != 0)
            return -1;
    for (int i = 0; i < input->count; i++)
        if (check_series(&check, i) != 0)
            return -1;
    for (int i = 0; i < input->parameters; i++)
        if (check_parameter(&check, i) != 0)
            return -1;
    return 0;
}
