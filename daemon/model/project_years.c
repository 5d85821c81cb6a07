/* SPDX-License-Identifier: Apache-2.0 */
#include "model/project_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/random.h"

enum {
    CELLS_MAX = COHORTS_MAX * PROJECT_LEVELS,
    WORDS = 4,      /* of one block of the generator: four cells share it */
    FEW = 64,       /* people, up to whom whole vectors are computed at once */
    ONE_BY_ONE = 8, /* fates are told apart one person at a time up to this many */
    UNKNOWN_CLASS = 0,
};

#define BY_INVERSION 10.0 /* expected number below which inversion is fast */

struct project_block {
    int32_t stock[CELLS_MAX][BLOCK]; /* by cell_of */
    uint32_t word[WORDS][BLOCK];
    double hazard[BLOCK];               /* of retirement, of the class and year at hand */
    double stay[PROJECT_LEVELS][BLOCK]; /* (1 - quit)(1 - expire)(1 - move) */
    double rate[BLOCK];                 /* that something happens, in the cell at hand */
    double none[BLOCK];                 /* that nothing happens to any of its people */
    double square[BLOCK];
    double uniform[BLOCK]; /* of the cell at hand */
    int32_t left[PROJECT_LEVELS][BLOCK], left_before[PROJECT_LEVELS][BLOCK]; /* quit or retired */
    int32_t fallen[PROJECT_LEVELS][BLOCK]; /* to a level, within the class at hand */
    int hit[BLOCK];
};

/* What the years of one series are computed with. */
struct run {
    const struct project *project;
    struct project_scratch *scratch;
    struct project_block *block;
    const struct project_series *series;
    const struct project_regime *regime;
    const struct project_classes *classes;
    int first, draws; /* of the block */
    int year;
    int words; /* the group of cells whose words are in block->word, or -1 */
    const double *quit[PROJECT_LEVELS], *expire[PROJECT_LEVELS],
        *move[PROJECT_LEVELS]; /* or NULL */
};

/* Rates of one draw and cell. */
struct fates {
    double retire, quit, expire, move;
};

struct project_block *
project_block_new(void)
{
    return malloc(sizeof(struct project_block));
}

void
project_block_free(struct project_block *block)
{
    free(block);
}

/* High levels first: who moves up in a year comes to a cell that has had its fates. */
static int
cell_of(int class, int level)
{
    return class * PROJECT_LEVELS + PROJECT_LEVELS - 1 - level;
}

/* A parameter's values in the block's draws; NULL where there is none. */
static const double *
values(const struct run *run, int parameter)
{
    if (parameter == PROJECT_NONE)
        return NULL;
    return run->project->value + (size_t)parameter * (size_t)run->project->input.draws +
           (size_t)run->first;
}

static void
times_rest(double *product, const double *rate, int count)
{
    if (rate != NULL)
        for (int d = 0; d < count; d++)
            product[d] *= 1 - rate[d];
}

static void
hazard_of(struct run *run, int class)
{
    const struct project_regime *regime = run->regime;
    double *hazard = run->block->hazard;

    for (int d = 0; d < run->draws; d++)
        hazard[d] = 0;
    if (class == UNKNOWN_CLASS) {
        const double *rate = values(run, regime->retire_unknown);

        if (rate != NULL)
            memcpy(hazard, rate, (size_t)run->draws * sizeof(*rate));
        return;
    }
    for (int b = 0; b < regime->bands; b++) {
        const double *rate = values(run, regime->band[b].parameter);
        double weight = run->classes->weight[run->year - 1][class][b];

        if (weight > 0 && rate != NULL)
            for (int d = 0; d < run->draws; d++)
                hazard[d] += weight * rate[d];
    }
}

/* The expected number from which inversion would be slow, or where rate is large would not do: anybody. */
static inline double
slow_from(double rate)
{
    return rate > 0.5 ? 0.5 : BY_INVERSION;
}

static struct fates
fates_of(const struct run *run, int level, int d)
{
    return (struct fates){
        run->block->hazard[d],
        run->quit[level] != NULL ? run->quit[level][d] : 0,
        run->expire[level] != NULL ? run->expire[level][d] : 0,
        run->move[level] != NULL ? run->move[level][d] : 0,
    };
}

/* Probabilities of the four fates, in their order, no two in one year. */
static void
chances_of(double chance[static 4], const struct fates *fates)
{
    double rest = 1 - fates->retire;

    chance[0] = fates->retire;
    chance[1] = rest * fates->quit;
    rest *= 1 - fates->quit;
    chance[2] = rest * fates->expire;
    rest *= 1 - fates->expire;
    chance[3] = rest * fates->move;
}

/* The fate that a number u in (0, 1) stands for; the last that can be, where rounding leaves none. */
static int
fate_at(const double chance[static 4], double u)
{
    int last = 0;

    u *= chance[0] + chance[1] + chance[2] + chance[3];
    for (int f = 0; f < 4; f++) {
        if (chance[f] <= 0)
            continue;
        if (u < chance[f])
            return f;
        u -= chance[f];
        last = f;
    }
    return last;
}

/* How many of `some` met each fate; rest is a number not used yet, or below 0. */
static void
split(int32_t met[static 4], const double chance[static 4], int32_t some, double rest,
      struct random_stream *stream)
{
    double total = chance[0] + chance[1] + chance[2] + chance[3];

    if (some == 1 && rest >= 0) {
        met[fate_at(chance, rest)]++;
        return;
    }
    if (some <= ONE_BY_ONE) {
        for (int32_t i = 0; i < some; i++)
            met[fate_at(chance, (random_word(stream) + 0.5) * 0x1p-32)]++;
        return;
    }
    for (int f = 0; f < 4 && some > 0; f++) {
        double more =
            f < 3 ? chance[f + 1] + (f < 2 ? chance[f + 2] : 0) + (f < 1 ? chance[3] : 0) : 0;

        met[f] = chance[f] <= 0 ? 0
                 : more <= 0    ? some
                                : random_binomial(stream, some, fmin(chance[f] / total, 1));
        some -= met[f];
        total -= chance[f];
    }
}

/* Lets the fates of one cell and draw happen to `some` of its people. */
static void
happen(struct run *run, int class, int level, int d, int32_t some, double rest,
       struct random_stream *stream)
{
    struct project_block *block = run->block;
    struct project_flows *flows = &run->scratch->flows[run->year - 1][level];
    struct fates fates = fates_of(run, level, d);
    int32_t met[4] = {0};
    double chance[4];
    int below = level - run->regime->expiry_drop;

    chances_of(chance, &fates);
    split(met, chance, some, rest, stream);
    block->stock[cell_of(class, level)][d] -= some;
    block->left[level][d] += met[0] + met[1];
    if (below >= 0)
        block->fallen[below][d] += met[2];
    if (level + 1 < PROJECT_LEVELS)
        block->stock[cell_of(class, level + 1)][d] += met[3];
    flows->retired += met[0];
    flows->quit += met[1];
    flows->expired += met[2];
    flows->moved += met[3];
}

/* Fills rate, none and uniform, and says in whom of the draws anything may happen. Written without branches, as vectors want
 * it. Where inversion would be slow, none is below 0, so that the draw is among them. */
static int
find_hits(struct run *run, const int32_t *stock, const uint32_t *word, const double *stay,
          int32_t most)
{
    struct project_block *block = run->block;
    double *rate = block->rate, *none = block->none, *square = block->square,
           *uniform = block->uniform;
    const double *hazard = block->hazard;
    int hits = 0;

    for (int d = 0; d < run->draws; d++) {
        square[d] = (1 - hazard[d]) * stay[d];
        rate[d] = 1 - square[d];
        none[d] = 1;
        /* As a signed number, for which there is an instruction. */
        uniform[d] = ((int32_t)(word[d] ^ UINT32_C(0x80000000)) + 2147483648.5) * 0x1p-32;
    }
    /* (1 - rate)^stock by squaring, for all draws at once. */
    for (int bit = 0; most >> bit != 0; bit++)
        for (int d = 0; d < run->draws; d++) {
            none[d] *= 1 + (stock[d] >> bit & 1) * (square[d] - 1);
            square[d] *= square[d];
        }
    for (int d = 0; d < run->draws; d++)
        none[d] = rate[d] * stock[d] >= slow_from(rate[d]) ? -1 : none[d];
    for (int d = 0; d < run->draws; d++) {
        block->hit[hits] = d;
        hits += uniform[d] >= none[d];
    }
    return hits;
}

/* Many people in some draw: each draw by itself. */
static void
fates_of_many(struct run *run, int class, int level)
{
    int cell = cell_of(class, level);
    const int32_t *stock = run->block->stock[cell];
    const double *stay = run->block->stay[level], *hazard = run->block->hazard;

    for (int d = 0; d < run->draws; d++) {
        struct random_stream stream;
        int32_t some;

        if (stock[d] == 0)
            continue;
        random_open(&stream, run->project->input.seed, (uint32_t)(run->first + d), run->series->key,
                    purpose_of(FOR_SPLIT, run->year, cell), 0);
        some = random_binomial(&stream, stock[d], 1 - (1 - hazard[d]) * stay[d]);
        if (some > 0)
            happen(run, class, level, d, some, -1, &stream);
    }
}

static void
fates_of_few(struct run *run, int class, int level, int32_t most)
{
    struct project_block *block = run->block;
    const struct project_input *input = &run->project->input;
    int cell = cell_of(class, level), hits;
    const int32_t *stock = block->stock[cell];
    const uint32_t *word = block->word[cell % WORDS];

    if (run->words != cell / WORDS) {
        uint32_t *out[WORDS] = {block->word[0], block->word[1], block->word[2], block->word[3]};

        run->words = cell / WORDS;
        random_bulk(input->seed, (uint32_t)run->first, run->series->key,
                    purpose_of(FOR_FATE, run->year, run->words), (size_t)run->draws, out);
    }
    hits = find_hits(run, stock, word, block->stay[level], most);
    for (int h = 0; h < hits; h++) {
        int d = block->hit[h];
        double rest = -1;
        struct random_stream stream;
        int32_t some;

        random_open(&stream, input->seed, (uint32_t)(run->first + d), run->series->key,
                    purpose_of(FOR_SPLIT, run->year, cell), 0);
        if (block->none[d] < 0)
            some = random_binomial(&stream, stock[d], block->rate[d]);
        else
            some = random_binomial_invert(block->uniform[d], block->none[d], stock[d],
                                          block->rate[d], &rest);
        if (some > 0)
            happen(run, class, level, d, some, rest, &stream);
    }
}

/* Both ways draw from the same distribution; which one is taken depends on the draws of the block alone, and blocks are cut
 * at the same places always, so that it is the same for any number of threads. */
static void
fates_of_cell(struct run *run, int class, int level)
{
    const int32_t *stock = run->block->stock[cell_of(class, level)];
    int32_t most = 0;

    for (int d = 0; d < run->draws; d++)
        most = stock[d] > most ? stock[d] : most;
    if (most > FEW)
        fates_of_many(run, class, level);
    else if (most > 0)
        fates_of_few(run, class, level, most);
}

static void
fates_of_class(struct run *run, int class)
{
    struct project_block *block = run->block;

    hazard_of(run, class);
    memset(block->fallen, 0, sizeof(block->fallen));
    for (int level = PROJECT_LEVELS - 1; level >= 0; level--)
        fates_of_cell(run, class, level);
    for (int level = 0; level < PROJECT_LEVELS; level++)
        for (int d = 0; d < run->draws; d++)
            block->stock[cell_of(class, level)][d] += block->fallen[level][d];
}

static int
year_due(double when)
{
    return (int)fmax(1, ceil(when));
}

static void
depart(struct run *run, const struct project_arrival *arrival, int32_t *stock)
{
    int64_t gone = 0;

    if (year_due(arrival->at) != run->year)
        return;
    for (int d = 0; d < run->draws; d++) {
        int32_t going = stock[d] < arrival->heads ? stock[d] : arrival->heads;

        stock[d] -= going;
        gone += going;
    }
    run->scratch->flows[run->year - 1][arrival->level - 1].arrived[PROJECT_DEPARTURE] += gone;
}

static void
arrive(struct run *run, const struct project_arrival *arrival, int index, int32_t *stock)
{
    const double *probability = values(run, arrival->probability),
                 *retention = values(run, arrival->retention), *lag = values(run, arrival->lag);
    int64_t came = 0;

    if (lag == NULL ? year_due(arrival->at) != run->year : year_due(arrival->at) > run->year)
        return;
    for (int d = 0; d < run->draws; d++) {
        double chance =
            (probability != NULL ? probability[d] : 1) * (retention != NULL ? retention[d] : 1);
        struct random_stream stream;
        int32_t some;

        if (lag != NULL && year_due(arrival->at + lag[d]) != run->year)
            continue;
        random_open(&stream, run->project->input.seed, (uint32_t)(run->first + d), run->series->key,
                    purpose_of(FOR_ARRIVAL, 0, index), 0);
        some = random_binomial(&stream, arrival->heads, chance);
        stock[d] += some;
        came += some;
    }
    run->scratch->flows[run->year - 1][arrival->level - 1].arrived[arrival->kind] += came;
}

/* Those who come in the place of last year's quits and retirements. */
static void
replace(struct run *run)
{
    struct project_block *block = run->block;
    const double *chance = values(run, run->regime->replace);

    for (int level = 0; chance != NULL && level < PROJECT_LEVELS; level++) {
        int32_t *stock = block->stock[cell_of(run->classes->entry[run->year - 1], level)];
        int64_t came = 0;

        for (int d = 0; d < run->draws; d++) {
            struct random_stream stream;
            int32_t some;

            if (block->left_before[level][d] == 0)
                continue;
            random_open(&stream, run->project->input.seed, (uint32_t)(run->first + d),
                        run->series->key, purpose_of(FOR_REPLACEMENT, run->year, level), 0);
            some = random_binomial(&stream, block->left_before[level][d], chance[d]);
            stock[d] += some;
            came += some;
        }
        run->scratch->flows[run->year - 1][level].arrived[PROJECT_HIRE] += came;
    }
}

/* All that come, then all that go home: who came back in a year may leave in it. */
static void
arrivals_and_departures(struct run *run)
{
    const struct project_series *series = run->series;

    for (int going = 0; going <= 1; going++)
        for (size_t i = 0; i < series->arrivals; i++) {
            const struct project_arrival *arrival = &series->arrival[i];
            int class = run->classes->of_cohort[cohort_index(arrival->cohort)];
            int32_t *stock = run->block->stock[cell_of(class, arrival->level - 1)];

            if (going && arrival->kind == PROJECT_DEPARTURE)
                depart(run, arrival, stock);
            if (!going && arrival->kind != PROJECT_DEPARTURE)
                arrive(run, arrival, (int)i, stock);
        }
}

static void
record(struct run *run)
{
    size_t draws = (size_t)run->project->input.draws;
    const int32_t *higher = NULL;

    for (int level = PROJECT_LEVELS - 1; level >= 0; level--) {
        size_t row = (size_t)(run->year - 1) * PROJECT_LEVELS + (size_t)level;
        int32_t *above = run->scratch->above + row * draws + run->first;

        for (int d = 0; d < run->draws; d++)
            above[d] = higher != NULL ? higher[d] : 0;
        for (int class = 0; class < run->classes->count; class ++) {
            const int32_t *stock = run->block->stock[cell_of(class, level)];

            for (int d = 0; d < run->draws; d++)
                above[d] += stock[d];
        }
        higher = above;
    }
}

static void
begin(struct run *run)
{
    struct project_block *block = run->block;
    const struct project_regime *regime = run->regime;
    size_t cells = (size_t)run->classes->count * PROJECT_LEVELS;

    memset(block->stock, 0, cells * sizeof(block->stock[0]));
    memset(block->left, 0, sizeof(block->left));
    for (size_t i = 0; i < run->series->stocks; i++) {
        const struct project_stock *stock = &run->series->stock[i];
        int class = run->classes->of_cohort[cohort_index(stock->cohort)];

        for (int d = 0; d < run->draws; d++)
            block->stock[cell_of(class, stock->level - 1)][d] += stock->heads;
    }
    for (int level = 0; level < PROJECT_LEVELS; level++) {
        run->quit[level] = values(run, regime->quit[level]);
        run->expire[level] = values(run, regime->expire[level]);
        run->move[level] = values(run, regime->move[level]);
        for (int d = 0; d < run->draws; d++)
            block->stay[level][d] = 1;
        times_rest(block->stay[level], run->quit[level], run->draws);
        times_rest(block->stay[level], run->expire[level], run->draws);
        times_rest(block->stay[level], run->move[level], run->draws);
    }
}

void
project_years(const struct project *project, struct project_scratch *scratch,
              const struct project_series *series, int first, int draws)
{
    struct run run = {
        .project = project,
        .scratch = scratch,
        .block = scratch->block,
        .series = series,
        .regime = &project->input.regime[series->regime],
        .classes = &project->classes[series->regime],
        .first = first,
        .draws = draws,
    };

    begin(&run);
    for (run.year = 1; run.year <= project->input.horizon; run.year++) {
        run.words = -1;
        memcpy(scratch->block->left_before, scratch->block->left, sizeof(scratch->block->left));
        memset(scratch->block->left, 0, sizeof(scratch->block->left));
        for (int class = 0; class < run.classes->count; class ++)
            fates_of_class(&run, class);
        arrivals_and_departures(&run);
        replace(&run);
        record(&run);
    }
}
