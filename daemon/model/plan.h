/* SPDX-License-Identifier: Apache-2.0
 *
 * Which sessions and exchanges to run, and when, so that the least gap remains.
 *
 * An action a (a program's session, an exchange of some kind) is run x(a, y) times in year y. Once run it gives cell c (a
 * skill, level and group) gain(a, c) FTE from year y + lag(a, c) on, of which the share loss(c) is lost in each year after:
 *
 *     remaining(c, t) = max(0, gap(c, t) - Σ x(a, y) gain(a, c) (1 - loss(c))^(t - y - lag(a, c)))    over y + lag ≤ t
 *     minimize   Σ weight(c, t) remaining(c, t)
 *     subject to Σ over a of use(a, k) x(a, y) ≤ limit(k, y)         each resource k and year y: budgets, capacities, mentors
 *                least(a, y) ≤ x(a, y) ≤ most(a, y), whole           what is committed, and what can be offered
 *                Σ over y of x(a, y) ≤ total(a)
 *                remaining(c, last year) ≤ ceiling(c)                where there is one
 *
 * gap is P50 or P90 of a projection, as the caller chooses; the maximum becomes a variable r ≥ 0 with r ≥ gap - Σ …, which
 * is exact as weights are not negative. The integer program is solved by CBC, branch and cut. Sources: Land and Doig
 * (1960), An Automatic Method of Solving Discrete Programming Problems, Econometrica 28:497-520; Forrest and Lougee-Heimer
 * (2005), CBC User Guide, INFORMS TutORials in Operations Research, 257-277.
 *
 * A solver's word is not taken for it: whole numbers, all constraints and the objective are computed again from the plan
 * (MODEL_WRONG where they differ), a plan said to be the best must not become better by any one more run, and what is
 * reported is our own arithmetic. When time runs out, the best is answered of what CBC has and of greedy plans, which take
 * the run that lowers the objective most, for itself or for its share of the limits, again and again; proven is then
 * false, and bound says how far off it can be.
 *
 * An integer program has no prices: what one more step of a budget buys is found by solving again with it.
 */
#ifndef JINZAI_MODEL_PLAN_H
#define JINZAI_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stop.h"

enum {
    PLAN_YEARS_MAX = 50,
    PLAN_RESOURCES_MAX = 10000,
    PLAN_ACTIONS_MAX = 100000,
    PLAN_CELLS_MAX = 100000,
    PLAN_RUNS_MAX = 1000000,
};
/* Figures beyond this are refused: sums of them would lose their cents. */
#define PLAN_FIGURE_MAX 1e12

enum plan_resource { PLAN_BUDGET, PLAN_CAPACITY, PLAN_MENTOR };

/* Plain arrays, the caller's. [k, y] is at k * years + y. Spans are first[i] … first[i + 1] - 1. */
struct plan_input {
    int years;
    int resources;
    const enum plan_resource *resource_kind;
    const double *resource_limit; /* [resource, year]; INFINITY: none */
    const double *resource_step;  /* how much one more unit is; above 0 */
    int actions;
    const int *action_least, *action_most; /* [action, year] */
    const int *action_total;               /* NULL: no limit over the years */
    const int64_t *use_first;              /* actions + 1 */
    const int *use_resource;
    const double *use_amount; /* of each run */
    const int64_t *gain_first; /* actions + 1 */
    const int *gain_cell, *gain_lag;
    const double *gain_amount; /* FTE of each run */
    int cells;
    const double *cell_gap;     /* [cell, year]; a surplus is negative, and NAN is unknown: not planned for */
    const double *cell_weight;  /* [cell, year] */
    const double *cell_loss;    /* a year */
    const double *cell_ceiling; /* NULL or INFINITY: none */
    double seconds;             /* for everything together */
    bool prices;                /* solve again for each budget and year */
};

enum plan_bind {
    PLAN_BIND_NONE,     /* nothing remains */
    PLAN_BIND_UNKNOWN,  /* no gap is known */
    PLAN_BIND_NO_ACTION,/* no action adds to the cell */
    PLAN_BIND_LATE,     /* every action that adds to it comes too late for the year */
    PLAN_BIND_MOST,     /* the action runs as often as it can in that year */
    PLAN_BIND_TOTAL,    /* or over the years */
    PLAN_BIND_RESOURCE, /* the resource is used up in that year */
    PLAN_BIND_CHOICE,   /* one more run is possible but lowers nothing that has weight */
};

/* Why no more is done for a cell and year: what stops the action that would give it most. */
struct plan_binding {
    enum plan_bind bind;
    int action, resource, year; /* -1 where it names none */
};

struct plan_price {
    double gain; /* by how much the objective falls; NAN where it was not solved for */
    bool proven; /* both optima are proven */
};

struct plan_result {
    int *run;                 /* [action, year] */
    double *used;             /* [resource, year] */
    double *remaining;        /* [cell, year]; NAN where the gap is unknown */
    struct plan_binding *binding; /* [cell, year] */
    struct plan_price *price; /* [resource, year] */
    double before;            /* the objective of what is committed alone */
    double objective, bound;
    bool proven;
};

/* Finds the plan. Returns MODEL_OK or a MODEL_ error with reason: MODEL_INFEASIBLE names the constraint that cannot be met.
 * The result is the caller's to free, also after an error. One plan is solved at a time in a process, as CBC is not known to be
 * reentrant; others wait. stop is looked at between solves; within one
 * the time limit holds. While CBC solves, SIGINT is its own: the handler from before is back afterwards. */
int plan_optimize(const struct plan_input *input, const struct stop *stop, struct plan_result *result,
                  char reason[static MODEL_REASON_BYTES]);

void plan_free(struct plan_result *result);

#endif
