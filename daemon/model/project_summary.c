/* SPDX-License-Identifier: Apache-2.0 */
#include "model/project_part.h"

#include <math.h>
#include <string.h>

enum {
    BUCKETS_BITS = 10,
    BUCKETS = 1 << BUCKETS_BITS,
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    PASSES = 3, /* of DIGIT_BITS cover 32 */
    WANTED = 3, /* P10, P50, P90 */
};

static void
bounds(const int32_t *value, int count, int32_t *low, int32_t *high)
{
    int32_t least = value[0], most = value[0];

    for (int i = 1; i < count; i++) {
        least = value[i] < least ? value[i] : least;
        most = value[i] > most ? value[i] : most;
    }
    *low = least;
    *high = most;
}

/* The value of one rank: the bucket that it falls in, then the same within the bucket. */
static int32_t
select_one(const int32_t *value, int count, int rank, int32_t *keep)
{
    for (;;) {
        int bucket[BUCKETS] = {0};
        int32_t low, high;
        int shift = 0, at = 0, kept = 0;

        bounds(value, count, &low, &high);
        if (low == high)
            return low;
        while (((uint32_t)high - (uint32_t)low) >> shift >= BUCKETS)
            shift++;
        for (int i = 0; i < count; i++)
            bucket[((uint32_t)value[i] - (uint32_t)low) >> shift]++;
        while (rank > bucket[at])
            rank -= bucket[at++];
        if (shift == 0)
            return low + at;
        /* In place where value is keep: what is kept is never ahead of what is read. */
        for (int i = 0; i < count; i++)
            if (((uint32_t)value[i] - (uint32_t)low) >> shift == (uint32_t)at)
                keep[kept++] = value[i];
        value = keep;
        count = kept;
    }
}

void
project_select(const int32_t *value, int count, const int *ranks, int wanted, int32_t *found,
               int32_t *sort)
{
    int bucket[BUCKETS] = {0};
    int32_t low, high;
    int shift = 0, at = 0, below = 0;

    bounds(value, count, &low, &high);
    while (((uint32_t)high - (uint32_t)low) >> shift >= BUCKETS)
        shift++;
    for (int i = 0; i < count; i++)
        bucket[((uint32_t)value[i] - (uint32_t)low) >> shift]++;
    for (int w = 0; w < wanted; w++) {
        int kept = 0;

        while (ranks[w] > below + bucket[at])
            below += bucket[at++];
        if (shift == 0) {
            found[w] = low + at;
            continue;
        }
        for (int i = 0; i < count; i++) {
            sort[kept] = value[i];
            kept += ((uint32_t)value[i] - (uint32_t)low) >> shift == (uint32_t)at;
        }
        found[w] = select_one(sort, kept, ranks[w] - below, sort);
    }
}

void
project_rank(const uint32_t *value, int32_t *rank, uint32_t *sort, int count)
{
    uint32_t *key = sort, *index = sort + count, *key_to = sort + 2 * (size_t)count,
             *index_to = sort + 3 * (size_t)count;

    for (int i = 0; i < count; i++) {
        key[i] = value[i];
        index[i] = (uint32_t)i;
    }
    for (int pass = 0; pass < PASSES; pass++) {
        int start[DIGITS + 1] = {0}, shift = pass * DIGIT_BITS;
        uint32_t *swap;

        for (int i = 0; i < count; i++)
            start[(key[i] >> shift & (DIGITS - 1)) + 1]++;
        for (int d = 0; d < DIGITS; d++)
            start[d + 1] += start[d];
        for (int i = 0; i < count; i++) {
            int place = start[key[i] >> shift & (DIGITS - 1)]++;

            key_to[place] = key[i];
            index_to[place] = index[i];
        }
        swap = key, key = key_to, key_to = swap;
        swap = index, index = index_to, index_to = swap;
    }
    for (int first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && key[end] == key[first];)
            end++;
        /* Ranks first + 1 … end: twice their mean is first + 1 + end; twice the mean of all is count + 1. */
        for (int i = first; i < end; i++)
            rank[index[i]] = first + end - count;
    }
}

/* Mean and quantiles of whole numbers, times unit. */
static void
figure_of(struct project_figure *figure, const int32_t *value, int count, double unit,
          int32_t *sort)
{
    /* ceil(q N) in whole numbers: 0.1 N in binary may come out just above a whole number. */
    int ranks[WANTED] = {(count + 9) / 10, (count + 1) / 2, (int)(((int64_t)count * 9 + 9) / 10)};
    int32_t found[WANTED];
    int64_t total = 0;

    for (int i = 0; i < count; i++)
        total += value[i];
    project_select(value, count, ranks, WANTED, found, sort);
    figure->mean = (double)total / count * unit;
    figure->p10 = found[0] * unit;
    figure->p50 = found[1] * unit;
    figure->p90 = found[2] * unit;
}

static void
figure_none(struct project_figure *figure)
{
    *figure = (struct project_figure){NAN, NAN, NAN, NAN};
}

/* The demand of each draw, in thousandths: the triangular quantile at the draw's position. */
static void
demand_of(int32_t *demand, const struct project_range *range, double grown,
          const struct project_scratch *scratch, int count)
{
    double scale = MILLI * grown, low = range->low * scale, high = range->high * scale,
           mode = range->mode * scale;
    double up = sqrt((high - low) * (mode - low)), down = sqrt((high - low) * (high - mode));
    double turn = high > low ? sqrt((mode - low) / (high - low)) : 0;
    const double *root_low = scratch->root_low, *root_high = scratch->root_high;

    for (int i = 0; i < count; i++) {
        double rising = low + root_low[i] * up, falling = high - root_high[i] * down;

        demand[i] = (int32_t)((root_low[i] < turn ? rising : falling) + 0.5);
    }
}

/* Flows at level or above, from those at exact levels. */
static void
flows_of(struct project_cell *cell, const struct project_flows *flows, int level, int drop,
         double unit)
{
    int64_t retired = 0, quit = 0, expired = 0, arrived[PROJECT_KINDS] = {0};

    for (int i = level; i < PROJECT_LEVELS; i++) {
        retired += flows[i].retired;
        quit += flows[i].quit;
        expired += i - drop < level ? flows[i].expired : 0;
        for (int k = 0; k < PROJECT_KINDS; k++)
            arrived[k] += flows[i].arrived[k];
    }
    cell->retired = (double)retired * unit;
    cell->quit = (double)quit * unit;
    cell->expired = (double)expired * unit;
    cell->replacement = (double)(retired + quit + expired) * unit;
    cell->moved = level > 0 ? (double)flows[level - 1].moved * unit : 0;
    cell->completed = (double)arrived[PROJECT_COMPLETION] * unit;
    cell->returned = (double)arrived[PROJECT_RETURN] * unit;
    cell->hired = (double)arrived[PROJECT_HIRE] * unit;
    cell->departed = (double)arrived[PROJECT_DEPARTURE] * unit;
}

static void
flows_none(struct project_cell *cell)
{
    cell->retired = cell->quit = cell->expired = cell->replacement = cell->moved = NAN;
    cell->completed = cell->returned = cell->hired = cell->departed = NAN;
}

/* Whole ranks of up to 100,000 draws: the products' sum stays below 2^63. */
static double
correlation(const int32_t *a, const int32_t *b, int count)
{
    int64_t ab = 0, aa = 0, bb = 0;

    for (int i = 0; i < count; i++) {
        ab += (int64_t)a[i] * b[i];
        aa += (int64_t)a[i] * a[i];
        bb += (int64_t)b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? (double)ab / (sqrt((double)aa) * sqrt((double)bb)) : 0;
}

static void
mark(bool *used, int parameter)
{
    if (parameter != PROJECT_NONE)
        used[parameter] = true;
}

static void
used_of(const struct project_input *input, const struct project_series *series, bool *used)
{
    const struct project_regime *regime = &input->regime[series->regime];

    for (int i = 0; i < PROJECT_LEVELS; i++) {
        mark(used, regime->quit[i]);
        mark(used, regime->expire[i]);
        mark(used, regime->move[i]);
    }
    for (int i = 0; i < regime->bands; i++)
        mark(used, regime->band[i].parameter);
    mark(used, regime->retire_unknown);
    mark(used, regime->replace);
    for (size_t i = 0; i < series->arrivals; i++) {
        mark(used, series->arrival[i].probability);
        mark(used, series->arrival[i].retention);
        mark(used, series->arrival[i].lag);
    }
}

/* From the gaps of one level that are in scratch. */
static void
sensitivity_of(struct project *project, struct project_scratch *scratch, const bool *used,
               bool demand_varies, double *rho)
{
    int draws = project->input.draws, parameters = project->input.parameters;
    uint32_t *biased = scratch->sort + 4 * (size_t)draws;

    for (int i = 0; i < draws; i++)
        biased[i] = (uint32_t)scratch->gap[i] ^ UINT32_C(0x80000000);
    project_rank(biased, scratch->rank, scratch->sort, draws);
    for (int p = 0; p < parameters; p++)
        if (used[p] && project->varies[p])
            rho[p] = correlation(scratch->rank, project->rank + (size_t)p * draws, draws);
    if (demand_varies)
        rho[parameters] = correlation(scratch->rank, scratch->demand_rank, draws);
}

/* What is there at one level or above in one year, in draws; year 0 has the same in all. */
static void
supply_of(struct project_cell *cell, struct project_scratch *scratch,
          const struct project_input *input, const struct project_series *series, int year,
          int level, int32_t now)
{
    double fte = floor(series->fte * MILLI + 0.5) / MILLI;
    int drop = input->regime[series->regime].expiry_drop;

    if (!series->supply_known) {
        figure_none(&cell->supply);
        flows_none(cell);
    } else if (year == 0) {
        cell->supply = (struct project_figure){now * fte, now * fte, now * fte, now * fte};
    } else {
        size_t row = (size_t)(year - 1) * PROJECT_LEVELS + (size_t)level;

        figure_of(&cell->supply, scratch->above + row * (size_t)input->draws, input->draws, fte,
                  (int32_t *)scratch->sort);
        flows_of(cell, scratch->flows[year - 1], level, drop, fte / input->draws);
    }
}

/* Turns the demand that is in scratch->gap into the gap. */
static void
gap_of(struct project_cell *cell, struct project_scratch *scratch,
       const struct project_input *input, const struct project_series *series, int year, int level,
       int32_t now)
{
    int32_t fte = (int32_t)(series->fte * MILLI + 0.5), *gap = scratch->gap;
    int64_t positive = 0;

    if (year == 0) {
        for (int i = 0; i < input->draws; i++)
            gap[i] -= now * fte;
    } else {
        const int32_t *heads =
            scratch->above +
            ((size_t)(year - 1) * PROJECT_LEVELS + (size_t)level) * (size_t)input->draws;

        for (int i = 0; i < input->draws; i++)
            gap[i] -= heads[i] * fte;
    }
    for (int i = 0; i < input->draws; i++)
        positive += gap[i] > 0;
    figure_of(&cell->gap, gap, input->draws, 1.0 / MILLI, (int32_t *)scratch->sort);
    cell->gap_probability = (double)positive / input->draws;
}

/* Completes what a cell says of demand, gap and growth; before is the year before's, or NULL. */
static bool
demand_and_gap(struct project_cell *cell, const struct project_cell *before,
               struct project_scratch *scratch, const struct project_input *input,
               const struct project_series *series, int year, int level, int32_t now)
{
    const struct project_range *range =
        series->demand != NULL ? &series->demand[year * PROJECT_LEVELS + level] : NULL;

    cell->state = series->supply_known ? PROJECT_KNOWN : PROJECT_NO_SUPPLY;
    figure_none(&cell->gap);
    cell->gap_probability = cell->growth = NAN;
    if (range == NULL || isnan(range->mode)) {
        cell->state |= PROJECT_NO_DEMAND;
        figure_none(&cell->demand);
        return false;
    }
    demand_of(scratch->gap, range, pow(1 + input->demand_growth, year), scratch, input->draws);
    figure_of(&cell->demand, scratch->gap, input->draws, 1.0 / MILLI, (int32_t *)scratch->sort);
    if (before != NULL)
        cell->growth = cell->demand.mean - before->demand.mean;
    if (series->supply_known)
        gap_of(cell, scratch, input, series, year, level, now);
    return series->supply_known;
}

void
project_summarize(struct project *project, struct project_scratch *scratch, int s)
{
    const struct project_input *input = &project->input;
    const struct project_series *series = &input->series[s];
    struct project_cell *cells =
        project->cell + (size_t)s * (size_t)(input->horizon + 1) * PROJECT_LEVELS;
    bool used[PROJECT_PARAMETERS_MAX] = {false};

    used_of(input, series, used);
    for (int level = 0; level < PROJECT_LEVELS; level++) {
        double *rho = project->sensitivity + ((size_t)s * PROJECT_LEVELS + (size_t)level) *
                                                 (size_t)(input->parameters + 1);
        int32_t now = 0;
        int last = -1; /* the year of the gap that stays in scratch */

        for (int p = 0; p <= input->parameters; p++)
            rho[p] = NAN;
        for (size_t i = 0; i < series->stocks; i++)
            now += series->stock[i].level > level ? series->stock[i].heads : 0;
        for (int year = 0; year <= input->horizon; year++) {
            struct project_cell *cell = &cells[year * PROJECT_LEVELS + level];

            supply_of(cell, scratch, input, series, year, level, now);
            if (demand_and_gap(cell, year > 0 ? cell - PROJECT_LEVELS : NULL, scratch, input,
                               series, year, level, now))
                last = year;
        }
        if (last > 0) {
            const struct project_range *range = &series->demand[last * PROJECT_LEVELS + level];

            /* Only years with demand write to scratch->gap, so that it holds the last one's. */
            sensitivity_of(project, scratch, used, range->low < range->high, rho);
        }
    }
}
