/* SPDX-License-Identifier: Apache-2.0 */
#include "model/project.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/project_part.h"
#include "model/random.h"

enum { COHORT_YEARS = 5 };

/* The band that an age is in, or -1 below the first. */
static int
band_of(const struct project_regime *regime, int age)
{
    int band = -1;

    while (band + 1 < regime->bands && age >= regime->band[band + 1].age)
        band++;
    return band;
}

/* The shares of a cohort's five ages in each band, in each year. */
static void
weights_of(double weight[PROJECT_YEARS_MAX][PROJECT_BANDS_MAX], const struct project_input *input,
           const struct project_regime *regime, int cohort)
{
    memset(weight, 0, sizeof(double[PROJECT_YEARS_MAX][PROJECT_BANDS_MAX]));
    for (int year = 1; year <= input->horizon; year++)
        for (int born = cohort; born < cohort + COHORT_YEARS; born++) {
            int band = band_of(regime, input->start_year + year - born);

            if (band >= 0)
                weight[year - 1][band] += 1.0 / COHORT_YEARS;
        }
}

static bool
same_weights(const struct project_classes *classes, int class,
             double weight[PROJECT_YEARS_MAX][PROJECT_BANDS_MAX])
{
    for (int year = 0; year < PROJECT_YEARS_MAX; year++)
        if (memcmp(classes->weight[year][class], weight[year], sizeof(weight[year])) != 0)
            return false;
    return true;
}

void
project_classes_find(struct project_classes *classes, const struct project_input *input, int r)
{
    const struct project_regime *regime = &input->regime[r];
    double weight[PROJECT_YEARS_MAX][PROJECT_BANDS_MAX];

    memset(classes, 0, sizeof(*classes));
    classes->count = 1; /* the unknown cohort's */
    for (int cohort = PROJECT_COHORT_FIRST; cohort <= PROJECT_COHORT_LAST; cohort += COHORT_YEARS) {
        int class = 1;

        weights_of(weight, input, regime, cohort);
        while (class < classes->count && !same_weights(classes, class, weight))
            class ++;
        if (class == classes->count) {
            classes->count++;
            for (int year = 0; year < PROJECT_YEARS_MAX; year++)
                memcpy(classes->weight[year][class], weight[year], sizeof(weight[year]));
        }
        classes->of_cohort[cohort_index(cohort)] = class;
    }
    for (int year = 1; year <= input->horizon; year++) {
        int born = input->start_year + year - regime->entry_age;

        classes->entry[year - 1] = classes->of_cohort[cohort_index(born - born % COHORT_YEARS)];
    }
}

static void
find_lags(const struct project_input *input, bool *lag)
{
    for (int s = 0; s < input->count; s++)
        for (size_t i = 0; i < input->series[s].arrivals; i++)
            if (input->series[s].arrival[i].lag != PROJECT_NONE)
                lag[input->series[s].arrival[i].lag] = true;
}

static void
draw_parameter(struct project *project, int p, bool lag, uint32_t *sort)
{
    const struct project_input *input = &project->input;
    const struct project_parameter *parameter = &input->parameter[p];
    struct project_range range = parameter->range;
    size_t row = (size_t)p * (size_t)input->draws;
    uint32_t *key = sort + 4 * (size_t)input->draws;
    double width = range.high - range.low;

    project->varies[p] = width > 0 && parameter->factor > 0;
    for (int d = 0; d < input->draws; d++) {
        struct random_stream stream;
        double value;

        random_open(&stream, input->seed, (uint32_t)d, parameter->key,
                    purpose_of(FOR_PARAMETER, 0, 0), 0);
        if (!(width > 0))
            value = range.mode;
        else if (input->shape == PROJECT_PERT)
            value = random_pert(&stream, range.low, range.mode, range.high);
        else
            value = random_triangular(random_unit(&stream), range.low, range.mode, range.high);
        value *= parameter->factor;
        if (!lag && value > 1)
            value = 1;
        project->value[row + (size_t)d] = value;
        if (project->varies[p]) /* beyond 2^-32 of the width, equal ones are equal in rank */
            key[d] = (uint32_t)fmin((value / parameter->factor - range.low) / width * 0x1p32,
                                    0xFFFFFFFFp0);
    }
    if (project->varies[p])
        project_rank(key, project->rank + row, sort, input->draws);
}

static int
draw_parameters(struct project *project, const struct stop *stop, struct project_refusal *refusal)
{
    bool lag[PROJECT_PARAMETERS_MAX] = {false};
    uint32_t *sort = malloc((size_t)project->input.draws * 5 * sizeof(*sort));

    refusal->name = sort == NULL ? "memory" : NULL;
    if (sort != NULL)
        find_lags(&project->input, lag);
    for (int p = 0; p < project->input.parameters && refusal->name == NULL; p++) {
        draw_parameter(project, p, lag[p], sort);
        if (stop_asked(stop))
            refusal->name = "stopped";
    }
    free(sort);
    return refusal->name == NULL ? 0 : -1;
}

/* calloc of at least one element, so that NULL means that memory is short. */
static void *
some(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size);
}

struct project *
project_open(const struct project_input *input, const struct stop *stop,
             struct project_refusal *refusal)
{
    struct project *project = NULL;
    size_t cells, rows, values;

    memset(refusal, 0, sizeof(*refusal));
    if (project_check(input, refusal) != 0)
        return NULL;
    rows = (size_t)input->count * PROJECT_LEVELS;
    cells = rows * (size_t)(input->horizon + 1);
    values = (size_t)input->parameters * (size_t)input->draws;
    refusal->name = "memory";
    project = calloc(1, sizeof(*project));
    if (project == NULL)
        return NULL;
    project->input = *input;
    project->value = some(values, sizeof(*project->value));
    project->rank = some(values, sizeof(*project->rank));
    project->varies = some((size_t)input->parameters, sizeof(*project->varies));
    project->classes = some((size_t)input->regimes, sizeof(*project->classes));
    project->cell = some(cells, sizeof(*project->cell));
    project->sensitivity = some(rows * (size_t)(input->parameters + 1), sizeof(double));
    project->influence = some((size_t)input->parameters + 1, sizeof(double));
    if (project->value == NULL || project->rank == NULL || project->varies == NULL ||
        project->classes == NULL || project->cell == NULL || project->sensitivity == NULL ||
        project->influence == NULL)
        goto failed;
    for (int r = 0; r < input->regimes; r++)
        project_classes_find(&project->classes[r], input, r);
    if (draw_parameters(project, stop, refusal) != 0)
        goto failed;
    atomic_init(&project->next, 0);
    return project;
failed:
    project_close(project);
    return NULL;
}

void
project_close(struct project *project)
{
    if (project == NULL)
        return;
    free(project->value);
    free(project->rank);
    free(project->varies);
    free(project->classes);
    free(project->cell);
    free(project->sensitivity);
    free(project->influence);
    free(project);
}

static void
scratch_free(struct project_scratch *scratch)
{
    if (scratch == NULL)
        return;
    free(scratch->above);
    free(scratch->gap);
    free(scratch->rank);
    free(scratch->demand_rank);
    free(scratch->sort);
    free(scratch->root_low);
    free(scratch->root_high);
    project_block_free(scratch->block);
    free(scratch);
}

static struct project_scratch *
scratch_new(const struct project_input *input)
{
    size_t draws = (size_t)input->draws;
    struct project_scratch *scratch = calloc(1, sizeof(*scratch));

    if (scratch == NULL)
        return NULL;
    scratch->above = malloc((size_t)input->horizon * PROJECT_LEVELS * draws * sizeof(int32_t));
    scratch->gap = malloc(draws * sizeof(int32_t));
    scratch->rank = malloc(draws * sizeof(int32_t));
    scratch->demand_rank = malloc(draws * sizeof(int32_t));
    scratch->sort = malloc(5 * draws * sizeof(uint32_t));
    scratch->root_low = malloc(draws * sizeof(double));
    scratch->root_high = malloc(draws * sizeof(double));
    scratch->block = project_block_new();
    if (scratch->above == NULL || scratch->gap == NULL || scratch->rank == NULL ||
        scratch->demand_rank == NULL || scratch->sort == NULL || scratch->root_low == NULL ||
        scratch->root_high == NULL || scratch->block == NULL) {
        scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

/* Where the series' demand stands between low and high, in each draw. */
static void
draw_demand(const struct project *project, struct project_scratch *scratch,
            const struct project_series *series)
{
    int draws = project->input.draws;
    uint32_t *key = scratch->sort + 4 * (size_t)draws;

    for (int d = 0; d < draws; d++) {
        struct random_stream stream;
        double u;

        random_open(&stream, project->input.seed, (uint32_t)d, series->key,
                    purpose_of(FOR_DEMAND, 0, 0), 0);
        key[d] = random_word(&stream);
        u = (key[d] + 0.5) * 0x1p-32;
        scratch->root_low[d] = sqrt(u);
        scratch->root_high[d] = sqrt(1 - u);
    }
    project_rank(key, scratch->demand_rank, scratch->sort, draws);
}

static int
compute(struct project *project, struct project_scratch *scratch, int s, const struct stop *stop)
{
    const struct project_series *series = &project->input.series[s];
    int draws = project->input.draws;

    memset(scratch->flows, 0, sizeof(scratch->flows));
    draw_demand(project, scratch, series);
    for (int first = 0; first < draws && series->supply_known; first += BLOCK) {
        project_years(project, scratch, series, first,
                      draws - first < BLOCK ? draws - first : BLOCK);
        if (stop_asked(stop))
            return MODEL_STOPPED;
    }
    project_summarize(project, scratch, s);
    return stop_asked(stop) ? MODEL_STOPPED : MODEL_OK;
}

int
project_work(struct project *project, const struct stop *stop)
{
    struct project_scratch *scratch = scratch_new(&project->input);
    int rc = scratch != NULL ? MODEL_OK : MODEL_MEMORY, s;

    while (rc == MODEL_OK && (s = atomic_fetch_add(&project->next, 1)) < project->input.count)
        rc = compute(project, scratch, s, stop);
    scratch_free(scratch);
    return rc;
}

void
project_finish(struct project *project)
{
    int parameters = project->input.parameters;

    for (int p = 0; p <= parameters; p++) {
        double total = 0;
        size_t count = 0;

        for (size_t row = 0; row < (size_t)project->input.count * PROJECT_LEVELS; row++) {
            double rho = project->sensitivity[row * (size_t)(parameters + 1) + (size_t)p];

            if (isnan(rho))
                continue;
            total += fabs(rho);
            count++;
        }
        project->influence[p] = count > 0 ? total / (double)count : NAN;
    }
}

const struct project_cell *
project_cell(const struct project *project, int series, int year, int level)
{
    size_t row = (size_t)series * (size_t)(project->input.horizon + 1) + (size_t)year;

    return &project->cell[row * PROJECT_LEVELS + (size_t)level - 1];
}

double
project_sensitivity(const struct project *project, int series, int level, int parameter)
{
    size_t row = (size_t)series * PROJECT_LEVELS + (size_t)level - 1;

    return project->sensitivity[row * (size_t)(project->input.parameters + 1) + (size_t)parameter];
}

double
project_influence(const struct project *project, int parameter)
{
    return project->influence[parameter];
}

const struct project_input *
project_input_of(const struct project *project)
{
    return &project->input;
}
