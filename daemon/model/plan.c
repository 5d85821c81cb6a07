/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the time there is, how much the plan itself gets where budgets are to be tried after it. */
#define SHARE_OF_PLAN 0.5

struct work {
    const struct plan_input *in;
    const struct stop *stop;
    struct plan_result *out;
    char *reason;
    int64_t end_ms;
    size_t runs, uses, cells; /* entries of [action, year] … */
    int *trial;
    double *used, *remaining; /* of the trial */
    double *limit;
};

static int
failed(struct work *w, int rc)
{
    if (rc == MODEL_STOPPED)
        snprintf(w->reason, MODEL_REASON_BYTES, "plan: stopped, or out of time, before there was a plan");
    else if (rc == MODEL_MEMORY)
        snprintf(w->reason, MODEL_REASON_BYTES, "plan: not enough memory");
    return rc;
}

static int
wrong(struct work *w, const char *what)
{
    snprintf(w->reason, MODEL_REASON_BYTES, "plan: the solver's answer is refused: %s", what);
    return MODEL_WRONG;
}

static double
slack(double figure)
{
    return PLAN_TOLERANCE * fmax(1, fabs(figure));
}

static double
seconds_left(const struct work *w)
{
    return (double)(w->end_ms - stop_clock_ms()) / 1000;
}

static int
reserve(struct work *w)
{
    const struct plan_input *in = w->in;
    struct plan_result *out = w->out;

    w->runs = (size_t)in->actions * (size_t)in->years;
    w->uses = (size_t)in->resources * (size_t)in->years;
    w->cells = (size_t)in->cells * (size_t)in->years;
    out->run = calloc(w->runs, sizeof(int));
    out->used = calloc(w->uses + 1, sizeof(double));
    out->remaining = calloc(w->cells, sizeof(double));
    out->binding = calloc(w->cells, sizeof(*out->binding));
    out->price = calloc(w->uses + 1, sizeof(*out->price));
    w->trial = calloc(w->runs, sizeof(int));
    w->used = calloc(w->uses + 1, sizeof(double));
    w->remaining = calloc(w->cells, sizeof(double));
    w->limit = calloc(w->uses + 1, sizeof(double));
    if (out->run == NULL || out->used == NULL || out->remaining == NULL || out->binding == NULL ||
        out->price == NULL || w->trial == NULL || w->used == NULL || w->remaining == NULL || w->limit == NULL)
        return MODEL_MEMORY;
    for (size_t i = 0; i < w->uses; i++) {
        w->limit[i] = in->resource_limit[i];
        out->price[i] = (struct plan_price){NAN, false};
    }
    return MODEL_OK;
}

/* What is committed must fit: every use only grows from there. */
static int
check_commitments(struct work *w)
{
    const struct plan_input *in = w->in;

    plan_use(in, in->action_least, w->used);
    for (size_t i = 0; i < w->uses; i++)
        if (w->used[i] > w->limit[i] + slack(w->limit[i])) {
            snprintf(w->reason, MODEL_REASON_BYTES,
                     "infeasible because resources[%zu] in year %zu allows %.10g and what is committed takes %.10g",
                     i / (size_t)in->years, i % (size_t)in->years, w->limit[i], w->used[i]);
            return MODEL_INFEASIBLE;
        }
    plan_remain(in, in->action_least, w->remaining);
    w->out->before = plan_objective(in, w->remaining);
    return MODEL_OK;
}

/* Whether the trial keeps to everything, by our own arithmetic; ceilings only where asked. Leaves what it uses and what remains
 * in w. Returns NULL, or which rule is broken. */
static const char *
broken_rule(struct work *w, bool ceilings)
{
    const struct plan_input *in = w->in;

    for (int a = 0; a < in->actions; a++) {
        int64_t total = 0;

        for (int y = 0; y < in->years; y++) {
            int run = w->trial[a * in->years + y];

            if (run < in->action_least[a * in->years + y] || run > in->action_most[a * in->years + y])
                return "an action does not run as often as it may";
            total += run;
        }
        if (in->action_total != NULL && total > in->action_total[a])
            return "an action runs too often over the years";
    }
    plan_use(in, w->trial, w->used);
    plan_remain(in, w->trial, w->remaining);
    for (size_t i = 0; i < w->uses; i++)
        if (w->used[i] > w->limit[i] + slack(w->limit[i]))
            return "a resource is used beyond its limit";
    for (int c = 0; ceilings && in->cell_ceiling != NULL && c < in->cells; c++)
        if (w->remaining[(c + 1) * in->years - 1] > in->cell_ceiling[c] + slack(in->cell_ceiling[c]))
            return "more remains of a gap than its ceiling";
    return NULL;
}

static bool
any_ceiling(const struct plan_input *in)
{
    for (int c = 0; in->cell_ceiling != NULL && c < in->cells; c++)
        if (!isinf(in->cell_ceiling[c]))
            return true;
    return false;
}

/* What a run takes of the scarce: the sum of its shares of the limits. */
static double
burden(const struct work *w, int action, int year)
{
    const struct plan_input *in = w->in;
    double sum = 0;

    for (int64_t u = in->use_first[action]; u < in->use_first[action + 1]; u++)
        sum += in->use_amount[u] / fmax(PLAN_TOLERANCE, w->limit[in->use_resource[u] * in->years + year]);
    return sum;
}

/* The run that lowers the objective most, for itself or for what it takes, again and again, from what is committed, into the
 * trial. */
static void
plan_greedily(struct work *w, bool for_burden, bool until_end)
{
    const struct plan_input *in = w->in;

    memcpy(w->trial, in->action_least, w->runs * sizeof(int));
    plan_use(in, w->trial, w->used);
    while (!stop_asked(w->stop) && (until_end || seconds_left(w) > 0)) {
        double best = 0;
        int best_action = -1, best_year = -1;

        plan_remain(in, w->trial, w->remaining);
        for (int a = 0; a < in->actions; a++)
            for (int y = 0; y < in->years; y++) {
                double more = plan_more(in, w->remaining, a, y);
                double worth = for_burden ? more / (burden(w, a, y) + PLAN_TOLERANCE) : more;

                if (more > slack(0) && worth > best * (1 + 1e-12) &&
                    plan_block(in, w->trial, w->used, a, y).bind == PLAN_BIND_CHOICE) {
                    best = worth;
                    best_action = a;
                    best_year = y;
                }
            }
        if (best_action < 0)
            break;
        w->trial[best_action * in->years + best_year]++;
        plan_use(in, w->trial, w->used);
    }
}

/* Solves with w->limit; the plan is then in w->trial, what it uses and leaves in w. Everything is checked. */
static int
solve(struct work *w, double seconds, double *objective, double *bound, bool *proven)
{
    const struct plan_input *in = w->in;
    struct plan_answer answer;
    const char *broken = NULL;
    int rc = plan_solve(in, w->limit, false, seconds, w->trial, &answer);

    if (rc == MODEL_WRONG)
        return wrong(w, "an action runs a fraction of a time");
    if (rc != MODEL_OK)
        return rc;
    if (answer.infeasible)
        return any_ceiling(in) ? MODEL_INFEASIBLE : wrong(w, "it finds no plan where doing nothing more is one");
    *bound = isfinite(answer.bound) && fabs(answer.bound) < 1e40 ? fmax(0, answer.bound) : 0;
    *proven = answer.proven;
    if (!answer.found) {
        *proven = false;
        if (stop_asked(w->stop))
            return MODEL_STOPPED;
        plan_greedily(w, true, false);
        broken = broken_rule(w, true);
        *objective = plan_objective(in, w->remaining);
        return broken == NULL ? MODEL_OK : MODEL_STOPPED;
    }
    broken = broken_rule(w, true);
    if (broken != NULL)
        return wrong(w, broken);
    *objective = plan_objective(in, w->remaining);
    if (fabs(*objective - answer.objective) > slack(*objective) * 10)
        return wrong(w, "its objective is not that of its plan");
    if (*bound > *objective + slack(*objective) * 10)
        return wrong(w, "its bound is above its objective");
    for (int a = 0; *proven && a < in->actions; a++)
        for (int y = 0; y < in->years; y++)
            if (plan_more(in, w->remaining, a, y) > slack(*objective) * 10 &&
                plan_block(in, w->trial, w->used, a, y).bind == PLAN_BIND_CHOICE)
                return wrong(w, "one more run would be better than what it calls the best");
    if (*proven)
        *bound = *objective;
    *bound = fmin(*bound, *objective);
    return MODEL_OK;
}

/* Says which ceiling cannot be met and what stops it, from a plan that passes the ceilings by the least. */
static int
explain(struct work *w)
{
    const struct plan_input *in = w->in;
    struct plan_answer answer;
    const struct plan_binding *binding = NULL;
    int worst = -1, rc = MODEL_OK;
    double most = 0;
    char why[100] = "the ceilings compete for the same resources";

    rc = plan_solve(in, w->limit, true, fmax(1, seconds_left(w)), w->trial, &answer);
    if (rc != MODEL_OK || !answer.found || broken_rule(w, false) != NULL) {
        snprintf(w->reason, MODEL_REASON_BYTES, "infeasible because the ceilings on what remains cannot be met together");
        return rc == MODEL_MEMORY ? rc : MODEL_INFEASIBLE;
    }
    for (int c = 0; c < in->cells; c++) {
        double over = w->remaining[(c + 1) * in->years - 1] - in->cell_ceiling[c];

        if (over > most) {
            most = over;
            worst = c;
        }
    }
    if (worst < 0)
        return wrong(w, "it finds no plan where there is one");
    if (plan_bind(in, w->trial, w->used, w->remaining, w->out->binding) != MODEL_OK)
        return MODEL_MEMORY;
    binding = &w->out->binding[(worst + 1) * in->years - 1];
    if (binding->bind == PLAN_BIND_RESOURCE)
        snprintf(why, sizeof(why), "resources[%d] is used up in year %d", binding->resource, binding->year);
    else if (binding->bind == PLAN_BIND_MOST)
        snprintf(why, sizeof(why), "actions[%d] runs as often as it can in year %d", binding->action, binding->year);
    else if (binding->bind == PLAN_BIND_TOTAL)
        snprintf(why, sizeof(why), "actions[%d] runs as often as it can over the years", binding->action);
    else if (binding->bind == PLAN_BIND_LATE)
        snprintf(why, sizeof(why), "every action that adds to it comes too late");
    else if (binding->bind == PLAN_BIND_NO_ACTION)
        snprintf(why, sizeof(why), "no action adds to it");
    snprintf(w->reason, MODEL_REASON_BYTES,
             "infeasible because cells[%d] can come down to %.10g at best in the last year and its ceiling is %.10g: %s",
             worst, w->remaining[(worst + 1) * in->years - 1], in->cell_ceiling[worst], why);
    return MODEL_INFEASIBLE;
}

/* What one more step of each budget buys in each year. */
static int
find_prices(struct work *w)
{
    const struct plan_input *in = w->in;
    int left = 0;

    for (int k = 0; k < in->resources; k++)
        if (in->resource_kind[k] == PLAN_BUDGET)
            left += in->years;
    for (size_t i = 0; i < w->uses; i++) {
        size_t k = i / (size_t)in->years;
        double objective = 0, bound = 0, seconds = seconds_left(w) / left;
        bool proven = false;
        int rc = MODEL_OK;

        if (in->resource_kind[k] != PLAN_BUDGET)
            continue;
        left--;
        if (isinf(w->limit[i])) {
            w->out->price[i] = (struct plan_price){0, w->out->proven};
            continue;
        }
        if (stop_asked(w->stop))
            return MODEL_STOPPED;
        if (seconds <= 0)
            continue;
        w->limit[i] += in->resource_step[k];
        rc = solve(w, seconds, &objective, &bound, &proven);
        w->limit[i] = in->resource_limit[i];
        if (rc == MODEL_STOPPED)
            continue; /* no time for it: its price stays unknown */
        if (rc == MODEL_INFEASIBLE)
            return wrong(w, "it finds no plan with a larger budget");
        if (rc != MODEL_OK)
            return rc;
        w->out->price[i] = (struct plan_price){fmax(0, w->out->objective - objective), proven && w->out->proven};
    }
    return MODEL_OK;
}

/* Makes the trial the answer. */
static void
take_trial(struct work *w, double objective)
{
    struct plan_result *out = w->out;

    out->objective = objective;
    out->bound = fmin(out->bound, objective);
    memcpy(out->run, w->trial, w->runs * sizeof(int));
    memcpy(out->used, w->used, w->uses * sizeof(double));
    memcpy(out->remaining, w->remaining, w->cells * sizeof(double));
}

static int
find_plan(struct work *w)
{
    struct plan_result *out = w->out;
    double seconds = seconds_left(w) * (w->in->prices ? SHARE_OF_PLAN : 1);
    int rc = solve(w, seconds, &out->objective, &out->bound, &out->proven);

    if (rc == MODEL_INFEASIBLE)
        return explain(w);
    if (rc != MODEL_OK)
        return rc;
    take_trial(w, out->objective);
    for (int burdened = 0; !out->proven && burdened <= 1; burdened++) {
        plan_greedily(w, burdened == 1, true);
        if (broken_rule(w, true) == NULL && plan_objective(w->in, w->remaining) < out->objective)
            take_trial(w, plan_objective(w->in, w->remaining));
    }
    return plan_bind(w->in, out->run, out->used, out->remaining, out->binding);
}

int
plan_optimize(const struct plan_input *input, const struct stop *stop, struct plan_result *result,
              char reason[static MODEL_REASON_BYTES])
{
    struct work w = {.in = input, .stop = stop, .out = result, .reason = reason};
    int rc = MODEL_OK;

    *result = (struct plan_result){0};
    reason[0] = '\0';
    rc = plan_check(input, reason);
    if (rc != MODEL_OK)
        return rc;
    w.end_ms = stop_clock_ms() + (int64_t)(input->seconds * 1000);
    if (stop != NULL && stop->deadline_ms != 0 && stop->deadline_ms < w.end_ms)
        w.end_ms = stop->deadline_ms;
    if ((rc = reserve(&w)) != MODEL_OK || (rc = check_commitments(&w)) != MODEL_OK)
        goto out;
    if (stop_asked(stop)) {
        rc = MODEL_STOPPED;
        goto out;
    }
    rc = find_plan(&w);
    if (rc == MODEL_OK && input->prices)
        rc = find_prices(&w);
out:
    free(w.trial);
    free(w.used);
    free(w.remaining);
    free(w.limit);
    return failed(&w, rc);
}

void
plan_free(struct plan_result *result)
{
    free(result->run);
    free(result->used);
    free(result->remaining);
    free(result->binding);
    free(result->price);
    *result = (struct plan_result){0};
}
