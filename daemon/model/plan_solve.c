/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan_part.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "model/cbc.h"

/* Coefficients below this are noise to a solver that works with tolerances of 1e-6 and so. */
#define COEFFICIENT_LEAST 1e-9

/* CBC and its parts keep state of their own beside the model. */
static pthread_mutex_t solver = PTHREAD_MUTEX_INITIALIZER;

/* The program in columns, as Cbc_loadProblem takes it. Rows and columns that were added one by one made CBC call a plan the
 * best that was not. */
struct program {
    int rows, columns, runs; /* the columns of runs come first */
    int *resource_row, *total_row, *cell_row; /* -1: none */
    double *row_low, *row_high;
    int *start, *index;
    double *value, *low, *high, *cost;
    int64_t entries, entries_held;
    double *sum;  /* by row: the column at hand, so that what is named twice is added up */
    int *touched; /* rows of it */
    int touches;
};

static void
program_free(struct program *p)
{
    free(p->resource_row);
    free(p->total_row);
    free(p->cell_row);
    free(p->row_low);
    free(p->row_high);
    free(p->start);
    free(p->index);
    free(p->value);
    free(p->low);
    free(p->high);
    free(p->cost);
    free(p->sum);
    free(p->touched);
}

static bool
has_ceiling(const struct plan_input *in, int cell)
{
    return in->cell_ceiling != NULL && !isinf(in->cell_ceiling[cell]);
}

/* What the cell's row asks for at least; 0 or less: no row. */
static double
wanted(const struct plan_input *in, bool elastic, int cell, int t)
{
    double gap = in->cell_gap[cell * in->years + t];
    bool last = t == in->years - 1 && has_ceiling(in, cell);

    if (isnan(gap))
        return 0;
    if (elastic)
        return last ? gap - in->cell_ceiling[cell] : 0;
    return last || in->cell_weight[cell * in->years + t] > 0 ? gap : 0;
}

static int
number_rows(struct program *p, const struct plan_input *in, const double *limit, bool elastic)
{
    size_t resources = (size_t)in->resources * (size_t)in->years, cells = (size_t)in->cells * (size_t)in->years;
    size_t most = resources + (size_t)in->actions + cells + 1;

    p->resource_row = malloc((resources + 1) * sizeof(int));
    p->total_row = malloc((size_t)in->actions * sizeof(int));
    p->cell_row = malloc(cells * sizeof(int));
    p->row_low = malloc(most * sizeof(double));
    p->row_high = malloc(most * sizeof(double));
    p->sum = calloc(most, sizeof(double));
    p->touched = malloc(most * sizeof(int));
    if (p->resource_row == NULL || p->total_row == NULL || p->cell_row == NULL || p->row_low == NULL ||
        p->row_high == NULL || p->sum == NULL || p->touched == NULL)
        return MODEL_MEMORY;
    for (size_t i = 0; i < resources; i++) {
        p->resource_row[i] = isinf(limit[i]) ? -1 : p->rows++;
        if (p->resource_row[i] >= 0) {
            p->row_low[p->rows - 1] = -DBL_MAX;
            p->row_high[p->rows - 1] = limit[i];
        }
    }
    for (int a = 0; a < in->actions; a++) {
        p->total_row[a] = in->action_total == NULL ? -1 : p->rows++;
        if (p->total_row[a] >= 0) {
            p->row_low[p->rows - 1] = -DBL_MAX;
            p->row_high[p->rows - 1] = in->action_total[a];
        }
    }
    for (int c = 0; c < in->cells; c++)
        for (int t = 0; t < in->years; t++) {
            double want = wanted(in, elastic, c, t);

            p->cell_row[c * in->years + t] = want > 0 ? p->rows++ : -1;
            if (want > 0) {
                p->row_low[p->rows - 1] = want;
                p->row_high[p->rows - 1] = DBL_MAX;
                p->columns++; /* its remaining gap */
            }
        }
    p->runs = in->actions * in->years;
    p->columns += p->runs;
    return MODEL_OK;
}

static void
touch(struct program *p, int row, double value)
{
    if (row < 0 || value < COEFFICIENT_LEAST)
        return;
    if (p->sum[row] == 0)
        p->touched[p->touches++] = row;
    p->sum[row] += value;
}

/* Ends the column at hand. */
static int
column_end(struct program *p, int column, double low, double high, double cost)
{
    if (p->entries + p->touches >= p->entries_held) {
        int64_t held = 2 * (p->entries + p->touches) + 1024;
        int *index = NULL;
        double *value = NULL;

        if (held > INT_MAX)
            return MODEL_MEMORY;
        index = realloc(p->index, (size_t)held * sizeof(*index));
        if (index == NULL)
            return MODEL_MEMORY;
        p->index = index;
        value = realloc(p->value, (size_t)held * sizeof(*value));
        if (value == NULL)
            return MODEL_MEMORY;
        p->value = value;
        p->entries_held = held;
    }
    for (int i = 0; i < p->touches; i++) {
        p->index[p->entries] = p->touched[i];
        p->value[p->entries++] = p->sum[p->touched[i]];
        p->sum[p->touched[i]] = 0;
    }
    p->touches = 0;
    p->start[column + 1] = (int)p->entries;
    p->low[column] = low;
    p->high[column] = high;
    p->cost[column] = cost;
    return MODEL_OK;
}

static int
fill_columns(struct program *p, const struct plan_input *in, bool elastic)
{
    int column = 0;

    p->start = calloc((size_t)p->columns + 1, sizeof(int));
    p->low = malloc((size_t)p->columns * sizeof(double));
    p->high = malloc((size_t)p->columns * sizeof(double));
    p->cost = malloc((size_t)p->columns * sizeof(double));
    if (p->start == NULL || p->low == NULL || p->high == NULL || p->cost == NULL)
        return MODEL_MEMORY;
    for (int a = 0; a < in->actions; a++)
        for (int y = 0; y < in->years; y++, column++) {
            for (int64_t u = in->use_first[a]; u < in->use_first[a + 1]; u++)
                touch(p, p->resource_row[in->use_resource[u] * in->years + y], in->use_amount[u]);
            touch(p, p->total_row[a], 1);
            for (int64_t g = in->gain_first[a]; g < in->gain_first[a + 1]; g++)
                for (int t = y; t < in->years; t++)
                    touch(p, p->cell_row[in->gain_cell[g] * in->years + t], plan_effect(in, g, y, t));
            if (column_end(p, column, in->action_least[column], in->action_most[column], 0) != MODEL_OK)
                return MODEL_MEMORY;
        }
    for (int c = 0; c < in->cells; c++)
        for (int t = 0; t < in->years; t++) {
            int row = p->cell_row[c * in->years + t];
            bool bounded = !elastic && t == in->years - 1 && has_ceiling(in, c);

            if (row < 0)
                continue;
            touch(p, row, 1);
            if (column_end(p, column++, 0, bounded ? in->cell_ceiling[c] : DBL_MAX,
                           elastic ? 1 : in->cell_weight[c * in->years + t]) != MODEL_OK)
                return MODEL_MEMORY;
        }
    return MODEL_OK;
}

/* Whole numbers from the solver's doubles. */
static int
read_runs(const struct program *p, const double *solution, int *run)
{
    for (int i = 0; i < p->runs; i++) {
        double whole = round(solution[i]);

        if (!(fabs(solution[i] - whole) <= 1e-4))
            return MODEL_WRONG;
        run[i] = (int)whole;
    }
    return MODEL_OK;
}

static int
run_solver(const struct program *p, double seconds, int *run, struct plan_answer *answer)
{
    const struct cbc *cbc = cbc_load();
    Cbc_Model *model = NULL;
    const double *solution = NULL;
    int rc = MODEL_OK;

    if (cbc == NULL)
        return MODEL_MISSING;
    model = cbc->newModel();
    if (model == NULL)
        return MODEL_MEMORY;
    cbc->setLogLevel(model, 0);
    cbc->loadProblem(model, p->columns, p->rows, p->start, p->index, p->value, p->low, p->high, p->cost, p->row_low,
                     p->row_high);
    for (int i = 0; i < p->runs; i++)
        cbc->setInteger(model, i);
    cbc->setObjSense(model, 1);
    /* No plan is given to begin with: Cbc_setMIPStartI made CBC call plans the best that were not. Time is that of the clock
     * on the wall, as the processor's is that of all threads of the process together. */
    cbc->setParameter(model, "timeMode", "elapsed");
    cbc->setMaximumSeconds(model, seconds);
    cbc->solve(model);
    answer->infeasible = cbc->isProvenInfeasible(model) != 0;
    solution = cbc->bestSolution(model);
    answer->found = !answer->infeasible && solution != NULL;
    answer->proven = answer->found && cbc->isProvenOptimal(model) && cbc->secondaryStatus(model) <= 0;
    answer->bound = cbc->getBestPossibleObjValue(model);
    if (answer->found) {
        answer->objective = cbc->getObjValue(model);
        rc = read_runs(p, solution, run);
    }
    cbc->deleteModel(model);
    return rc;
}

int
plan_solve(const struct plan_input *in, const double *limit, bool elastic, double seconds, int *run,
           struct plan_answer *answer)
{
    struct program program = {0};
    int64_t begun = stop_clock_ms();
    int rc = MODEL_OK;

    *answer = (struct plan_answer){0};
    rc = number_rows(&program, in, limit, elastic);
    if (rc == MODEL_OK)
        rc = fill_columns(&program, in, elastic);
    if (rc == MODEL_OK) {
        struct timespec until;
        double left = seconds - (double)(stop_clock_ms() - begun) / 1000;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += (time_t)ceil(fmax(left, 0));
        if (pthread_mutex_timedlock(&solver, &until) == 0) {
            left = seconds - (double)(stop_clock_ms() - begun) / 1000;
            if (left > 0)
                rc = run_solver(&program, left, run, answer);
            pthread_mutex_unlock(&solver);
        }
    }
    program_free(&program);
    return rc;
}
