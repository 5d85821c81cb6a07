/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the projection share: checking, classes of cohorts, the years of one series, its summary.
 */
#ifndef JINZAI_MODEL_PROJECT_PART_H
#define JINZAI_MODEL_PROJECT_PART_H

#include <stdatomic.h>

#include "model/project.h"

enum {
    BLOCK = 256, /* draws computed together: their stock stays in the cache */
    COHORTS_MAX = (PROJECT_COHORT_LAST - PROJECT_COHORT_FIRST) / 5 + 2,
    MILLI = 1000, /* FTE are whole thousandths */
};

/* What numbers are drawn for: the upper bits of the generator's last counter word. */
enum purpose { FOR_PARAMETER = 1, FOR_DEMAND, FOR_FATE, FOR_SPLIT, FOR_ARRIVAL, FOR_REPLACEMENT };

static inline uint32_t
purpose_of(enum purpose purpose, int year, int index)
{
    return (uint32_t)purpose << 24 | (uint32_t)year << 18 | (uint32_t)index;
}

/* The classes of a regime: sets of cohorts that retire alike. All cohorts there can be have one, not only those that some
 * series has, so that a class's number, and what is drawn for it, is the same in any company. */
struct project_classes {
    int count;
    int of_cohort[COHORTS_MAX]; /* by cohort_index; the unknown cohort is a class of its own, 0 */
    /* [year - 1][class][band]: the share of a class's ages that are in the band. */
    double weight[PROJECT_YEARS_MAX][COHORTS_MAX][PROJECT_BANDS_MAX];
    int entry[PROJECT_YEARS_MAX]; /* the class of those hired in the year's place of leavers */
};

struct project {
    struct project_input input;
    double *value; /* [parameter][draw] */
    int32_t *rank; /* [parameter][draw]: by project_rank */
    bool *varies;  /* by parameter */
    struct project_classes *classes; /* by regime */
    struct project_cell *cell;       /* [series][year 0 … horizon][level] */
    double *sensitivity;             /* [series][level][parameters + 1] */
    double *influence;               /* [parameters + 1] */
    atomic_int next;                 /* the series that nobody has begun */
};

/* Sums over all draws of one year and exact level. */
struct project_flows {
    int64_t retired, quit, expired, moved, arrived[PROJECT_KINDS];
};

/* The memory of one thread. */
struct project_scratch {
    int32_t *above; /* [(year - 1) x 5 + level - 1][draw]: heads at that level or above */
    int32_t *gap;   /* [draw], thousandths of an FTE */
    int32_t *rank, *demand_rank;  /* [draw] */
    uint32_t *sort;               /* [5][draw] */
    double *root_low, *root_high; /* [draw]: roots of demand's position u, and of 1 - u */
    struct project_flows flows[PROJECT_YEARS_MAX][PROJECT_LEVELS];
    struct project_block *block;
};

static inline int
cohort_index(int cohort)
{
    return cohort == 0 ? 0 : (cohort - PROJECT_COHORT_FIRST) / 5 + 1;
}

/* 0, or -1 with refusal filled. */
int project_check(const struct project_input *input, struct project_refusal *refusal);

/* Finds the classes of a regime. */
void project_classes_find(struct project_classes *classes, const struct project_input *input,
                          int regime);

struct project_block *project_block_new(void);
void project_block_free(struct project_block *block);

/* Runs all years of `draws` draws from `first` on, at most BLOCK, into scratch->above; adds to scratch->flows. */
void project_years(const struct project *project, struct project_scratch *scratch,
                   const struct project_series *series, int first, int draws);

/* Writes the cells and sensitivities of a series from scratch. */
void project_summarize(struct project *project, struct project_scratch *scratch, int series);

/* Ranks: twice the mid-rank of each value among all, less their mean, so that they are whole and sum to 0. sort holds
 * 4 x count words. */
void project_rank(const uint32_t *value, int32_t *rank, uint32_t *sort, int count);

/* The values of these ranks (1 … count, rising), without sorting all. sort holds 2 x count words. */
void project_select(const int32_t *value, int count, const int *ranks, int wanted, int32_t *found,
                    int32_t *sort);

#endif
