/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
plan_use(const struct plan_input *in, const int *run, double *used)
{
    memset(used, 0, (size_t)in->resources * (size_t)in->years * sizeof(*used));
    for (int a = 0; a < in->actions; a++)
        for (int64_t u = in->use_first[a]; u < in->use_first[a + 1]; u++)
            for (int y = 0; y < in->years; y++)
                used[in->use_resource[u] * in->years + y] += in->use_amount[u] * run[a * in->years + y];
}

double
plan_effect(const struct plan_input *in, int64_t gain, int year, int t)
{
    /* Written so that no lag, however large, overflows. */
    if (in->gain_lag[gain] > t - year)
        return 0;
    return in->gain_amount[gain] * pow(1 - in->cell_loss[in->gain_cell[gain]], t - year - in->gain_lag[gain]);
}

void
plan_remain(const struct plan_input *in, const int *run, double *remaining)
{
    memcpy(remaining, in->cell_gap, (size_t)in->cells * (size_t)in->years * sizeof(*remaining));
    for (int a = 0; a < in->actions; a++)
        for (int64_t g = in->gain_first[a]; g < in->gain_first[a + 1]; g++)
            for (int y = 0; y < in->years; y++)
                for (int t = y; run[a * in->years + y] > 0 && t < in->years; t++)
                    remaining[in->gain_cell[g] * in->years + t] -= run[a * in->years + y] * plan_effect(in, g, y, t);
    for (int i = 0; i < in->cells * in->years; i++)
        if (remaining[i] < 0)
            remaining[i] = 0;
}

double
plan_objective(const struct plan_input *in, const double *remaining)
{
    double sum = 0;

    for (int i = 0; i < in->cells * in->years; i++)
        if (!isnan(remaining[i]))
            sum += in->cell_weight[i] * remaining[i];
    return sum;
}

struct plan_binding
plan_block(const struct plan_input *in, const int *run, const double *used, int action, int year)
{
    struct plan_binding binding = {PLAN_BIND_CHOICE, action, -1, year};
    int64_t total = 0;

    for (int y = 0; y < in->years; y++)
        total += run[action * in->years + y];
    if (run[action * in->years + year] >= in->action_most[action * in->years + year]) {
        binding.bind = PLAN_BIND_MOST;
        return binding;
    }
    if (in->action_total != NULL && total >= in->action_total[action]) {
        binding.bind = PLAN_BIND_TOTAL;
        return binding;
    }
    for (int64_t u = in->use_first[action]; u < in->use_first[action + 1]; u++) {
        int at = in->use_resource[u] * in->years + year;
        double amount = in->use_amount[u];

        /* The same resource may be named twice. */
        for (int64_t v = in->use_first[action]; v < u; v++)
            if (in->use_resource[v] == in->use_resource[u])
                amount += in->use_amount[v];
        if (amount > 0 && used[at] + amount > in->resource_limit[at] + PLAN_TOLERANCE * fmax(1, in->resource_limit[at])) {
            binding.bind = PLAN_BIND_RESOURCE;
            binding.resource = in->use_resource[u];
            return binding;
        }
    }
    return binding;
}

double
plan_more(const struct plan_input *in, const double *remaining, int action, int year)
{
    double sum = 0;

    for (int64_t g = in->gain_first[action]; g < in->gain_first[action + 1]; g++)
        for (int t = year; t < in->years; t++) {
            int at = in->gain_cell[g] * in->years + t;
            double effect = plan_effect(in, g, year, t), rest = remaining[at];

            for (int64_t h = in->gain_first[action]; h < g && rest > 0; h++)
                if (in->gain_cell[h] == in->gain_cell[g])
                    rest = fmax(0, rest - plan_effect(in, h, year, t));
            if (rest > 0)
                sum += in->cell_weight[at] * fmin(rest, effect);
        }
    return sum;
}

/* Lets the action say what binds where it gives more than those before. */
static void
bind_gain(const struct plan_input *in, int64_t gain, int year, struct plan_binding block, double *most,
          struct plan_binding *binding)
{
    for (int t = 0; t < in->years; t++) {
        int at = in->gain_cell[gain] * in->years + t;
        double effect = plan_effect(in, gain, year, t);

        if (binding[at].bind == PLAN_BIND_NONE || binding[at].bind == PLAN_BIND_UNKNOWN)
            continue;
        if (binding[at].bind == PLAN_BIND_NO_ACTION && in->gain_amount[gain] > 0)
            binding[at] = (struct plan_binding){PLAN_BIND_LATE, -1, -1, -1};
        if (effect > most[at]) {
            most[at] = effect;
            binding[at] = block;
        }
    }
}

int
plan_bind(const struct plan_input *in, const int *run, const double *used, const double *remaining,
          struct plan_binding *binding)
{
    int cells = in->cells * in->years;
    double *most = calloc((size_t)cells, sizeof(*most));

    if (most == NULL)
        return MODEL_MEMORY;
    for (int i = 0; i < cells; i++) {
        enum plan_bind bind = PLAN_BIND_NONE;

        if (isnan(remaining[i]))
            bind = PLAN_BIND_UNKNOWN;
        else if (remaining[i] > 0)
            bind = PLAN_BIND_NO_ACTION;
        binding[i] = (struct plan_binding){bind, -1, -1, -1};
    }
    for (int a = 0; a < in->actions; a++)
        for (int y = 0; y < in->years; y++) {
            struct plan_binding block = plan_block(in, run, used, a, y);

            for (int64_t g = in->gain_first[a]; g < in->gain_first[a + 1]; g++)
                bind_gain(in, g, y, block, most, binding);
        }
    free(most);
    return MODEL_OK;
}
