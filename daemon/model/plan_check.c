/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan_part.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static int
bad(char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, MODEL_REASON_BYTES, format, args);
    va_end(args);
    return MODEL_BAD;
}

/* A figure from 0 on. */
static bool
plain(double figure)
{
    return figure >= 0 && figure <= PLAN_FIGURE_MAX;
}

static int
check_resources(const struct plan_input *in, char *reason)
{
    for (int k = 0; k < in->resources; k++) {
        if (in->resource_kind[k] > PLAN_MENTOR)
            return bad(reason, "resources[%d].kind: must be a budget, a capacity or mentors", k);
        if (!(in->resource_step[k] > 0) || in->resource_step[k] > PLAN_FIGURE_MAX)
            return bad(reason, "resources[%d].step: must be above 0", k);
        for (int y = 0; y < in->years; y++)
            if (!plain(in->resource_limit[k * in->years + y]) && in->resource_limit[k * in->years + y] != INFINITY)
                return bad(reason, "resources[%d].limit[%d]: must not be negative", k, y);
    }
    return MODEL_OK;
}

static int
check_action(const struct plan_input *in, int a, char *reason)
{
    int64_t committed = 0;

    if (in->use_first[a] < 0 || in->use_first[a] > in->use_first[a + 1])
        return bad(reason, "actions[%d].uses: must be a span", a);
    if (in->gain_first[a] < 0 || in->gain_first[a] > in->gain_first[a + 1])
        return bad(reason, "actions[%d].gains: must be a span", a);
    for (int y = 0; y < in->years; y++) {
        int least = in->action_least[a * in->years + y], most = in->action_most[a * in->years + y];

        if (least < 0 || most < 0 || most > PLAN_RUNS_MAX)
            return bad(reason, "actions[%d].most[%d]: must be 0 to %d, as must least", a, y, PLAN_RUNS_MAX);
        if (least > most)
            return bad(reason, "actions[%d].least[%d]: must not be above most", a, y);
        committed += least;
    }
    if (in->action_total != NULL && in->action_total[a] < committed)
        return bad(reason, "actions[%d].total: must not be below what is committed over the years", a);
    for (int64_t u = in->use_first[a]; u < in->use_first[a + 1]; u++) {
        if (in->use_resource[u] < 0 || in->use_resource[u] >= in->resources)
            return bad(reason, "actions[%d].uses.resource: must be one of the %d resources", a, in->resources);
        if (!plain(in->use_amount[u]))
            return bad(reason, "actions[%d].uses.amount: must not be negative", a);
    }
    for (int64_t g = in->gain_first[a]; g < in->gain_first[a + 1]; g++) {
        if (in->gain_cell[g] < 0 || in->gain_cell[g] >= in->cells)
            return bad(reason, "actions[%d].gains.cell: must be one of the %d cells", a, in->cells);
        if (!plain(in->gain_amount[g]))
            return bad(reason, "actions[%d].gains.amount: must not be negative", a);
        if (in->gain_lag[g] < 0)
            return bad(reason, "actions[%d].gains.lag: must not be negative", a);
    }
    return MODEL_OK;
}

static int
check_cell(const struct plan_input *in, int c, char *reason)
{
    for (int y = 0; y < in->years; y++) {
        double gap = in->cell_gap[c * in->years + y];

        if (!isnan(gap) && !(fabs(gap) <= PLAN_FIGURE_MAX))
            return bad(reason, "cells[%d].gap[%d]: must be a number", c, y);
        if (!plain(in->cell_weight[c * in->years + y]))
            return bad(reason, "cells[%d].weight[%d]: must not be negative", c, y);
    }
    if (!(in->cell_loss[c] >= 0 && in->cell_loss[c] <= 1))
        return bad(reason, "cells[%d].loss: must be 0 to 1", c);
    if (in->cell_ceiling != NULL && !(in->cell_ceiling[c] >= 0))
        return bad(reason, "cells[%d].ceiling: must not be negative", c);
    return MODEL_OK;
}

int
plan_check(const struct plan_input *in, char reason[static MODEL_REASON_BYTES])
{
    int rc = MODEL_OK;

    if (in->years < 1 || in->years > PLAN_YEARS_MAX)
        return bad(reason, "years: must be 1 to %d", PLAN_YEARS_MAX);
    if (in->resources < 0 || in->resources > PLAN_RESOURCES_MAX)
        return bad(reason, "resources: must be 0 to %d", PLAN_RESOURCES_MAX);
    if (in->actions < 1 || in->actions > PLAN_ACTIONS_MAX)
        return bad(reason, "actions: must be 1 to %d", PLAN_ACTIONS_MAX);
    if (in->cells < 1 || in->cells > PLAN_CELLS_MAX)
        return bad(reason, "cells: must be 1 to %d", PLAN_CELLS_MAX);
    if (!(in->seconds > 0) || in->seconds > 86400)
        return bad(reason, "seconds: must be above 0, a day at most");
    rc = check_resources(in, reason);
    for (int a = 0; rc == MODEL_OK && a < in->actions; a++)
        rc = check_action(in, a, reason);
    for (int c = 0; rc == MODEL_OK && c < in->cells; c++)
        rc = check_cell(in, c, reason);
    return rc;
}
