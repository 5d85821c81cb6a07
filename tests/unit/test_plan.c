/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/plan.h"

enum { YEARS = 3, RESOURCES = 2, ACTIONS = 3, CELLS = 2, USES = 2, GAINS = 2, CASES = 1500 };

struct small {
    struct plan_input in;
    enum plan_resource kind[RESOURCES];
    double limit[RESOURCES * YEARS], step[RESOURCES];
    int least[ACTIONS * YEARS], most[ACTIONS * YEARS], total[ACTIONS];
    int64_t use_first[ACTIONS + 1], gain_first[ACTIONS + 1];
    int use_resource[ACTIONS * USES], gain_cell[ACTIONS * GAINS], gain_lag[ACTIONS * GAINS];
    double use_amount[ACTIONS * USES], gain_amount[ACTIONS * GAINS];
    double gap[CELLS * YEARS], weight[CELLS * YEARS], loss[CELLS], ceiling[CELLS];
};

static uint64_t state;
static char reason[MODEL_REASON_BYTES];

static int
below(int bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (uint64_t)bound);
}

static void
invent(struct small *s, int years)
{
    memset(s, 0, sizeof(*s));
    s->in = (struct plan_input){.years = years, .resources = RESOURCES, .resource_kind = s->kind,
                                .resource_limit = s->limit, .resource_step = s->step, .actions = ACTIONS,
                                .action_least = s->least, .action_most = s->most, .action_total = s->total,
                                .use_first = s->use_first, .use_resource = s->use_resource,
                                .use_amount = s->use_amount, .gain_first = s->gain_first, .gain_cell = s->gain_cell,
                                .gain_lag = s->gain_lag, .gain_amount = s->gain_amount, .cells = CELLS,
                                .cell_gap = s->gap, .cell_weight = s->weight, .cell_loss = s->loss,
                                .cell_ceiling = s->ceiling, .seconds = 60, .prices = false};
    for (int k = 0; k < RESOURCES; k++) {
        s->kind[k] = k == 0 ? PLAN_BUDGET : PLAN_MENTOR;
        s->step[k] = 1 + below(3);
        for (int y = 0; y < years; y++)
            s->limit[k * years + y] = below(8) == 0 ? INFINITY : below(12) * 0.5;
    }
    for (int a = 0; a < ACTIONS; a++) {
        s->use_first[a + 1] = (a + 1) * USES;
        s->gain_first[a + 1] = (a + 1) * GAINS;
        s->total[a] = 1 + below(4);
        for (int y = 0; y < years; y++) {
            s->most[a * years + y] = below(3);
            s->least[a * years + y] = 0;
        }
        if (below(6) == 0 && s->most[a * years] > 0)
            s->least[a * years] = 1;
        for (int i = 0; i < USES; i++) {
            s->use_resource[a * USES + i] = below(RESOURCES);
            s->use_amount[a * USES + i] = below(7) * 0.5;
        }
        for (int i = 0; i < GAINS; i++) {
            s->gain_cell[a * GAINS + i] = below(CELLS);
            s->gain_lag[a * GAINS + i] = below(3);
            s->gain_amount[a * GAINS + i] = below(9) * 0.3;
        }
    }
    for (int c = 0; c < CELLS; c++) {
        s->loss[c] = below(4) * 0.1;
        s->ceiling[c] = below(6) == 0 ? below(6) : INFINITY;
        for (int y = 0; y < years; y++) {
            s->gap[c * years + y] = below(10) == 0 ? NAN : below(12) - 2;
            s->weight[c * years + y] = below(4);
        }
    }
}

/* What one plan leaves, written down a second time and otherwise: year by year. Returns NAN where it breaks a rule. */
static double
slow_value(const struct small *s, const int *run)
{
    int years = s->in.years;
    double value = 0;

    for (int a = 0; a < ACTIONS; a++) {
        int sum = 0;

        for (int y = 0; y < years; y++)
            sum += run[a * years + y];
        if (sum > s->total[a])
            return NAN;
    }
    for (int k = 0; k < RESOURCES; k++)
        for (int y = 0; y < years; y++) {
            double used = 0;

            for (int i = 0; i < ACTIONS * USES; i++)
                if (s->use_resource[i] == k)
                    used += s->use_amount[i] * run[i / USES * years + y];
            if (used > s->limit[k * years + y] + 1e-6)
                return NAN;
        }
    for (int c = 0; c < CELLS; c++) {
        double stock = 0;

        for (int t = 0; t < years; t++) {
            double rest;

            stock *= 1 - s->loss[c];
            for (int i = 0; i < ACTIONS * GAINS; i++)
                if (s->gain_cell[i] == c && t >= s->gain_lag[i])
                    stock += s->gain_amount[i] * run[i / GAINS * years + t - s->gain_lag[i]];
            rest = fmax(0, s->gap[c * years + t] - stock);
            if (isnan(s->gap[c * years + t]))
                continue;
            if (t == years - 1 && rest > s->ceiling[c] + 1e-6)
                return NAN;
            value += s->weight[c * years + t] * rest;
        }
    }
    return value;
}

/* The best of all plans, INFINITY where there is none. */
static double
slow_best(const struct small *s)
{
    int run[ACTIONS * YEARS], n = ACTIONS * s->in.years;
    double best = INFINITY;

    memcpy(run, s->least, sizeof(run));
    for (;;) {
        double value = slow_value(s, run);
        int i = 0;

        if (value < best)
            best = value;
        while (i < n && run[i] == s->most[i]) {
            run[i] = s->least[i];
            i++;
        }
        if (i == n)
            return best;
        run[i]++;
    }
}

static void
plans_are_the_best_of_all_tried(void **unused)
{
    int solved = 0, refused = 0;

    (void)unused;
    state = 20260401;
    for (int i = 0; i < CASES; i++) {
        struct small s;
        struct plan_result result;
        double best;
        int rc;

        invent(&s, 1 + below(2));
        best = slow_best(&s);
        rc = plan_optimize(&s.in, NULL, &result, reason);
        if (isinf(best)) {
            assert_int_equal(rc, MODEL_INFEASIBLE);
            assert_non_null(strstr(reason, "infeasible because"));
            refused++;
        } else {
            if (rc != MODEL_OK)
                fail_msg("case %d: %s", i, reason);
            assert_true(result.proven);
            assert_true(fabs(result.objective - best) < 1e-5);
            assert_true(fabs(slow_value(&s, result.run) - result.objective) < 1e-6);
            assert_true(fabs(result.bound - result.objective) < 1e-6);
            assert_true(result.before >= result.objective - 1e-6);
            for (int c = 0; c < CELLS * s.in.years; c++) {
                assert_int_equal(isnan(s.gap[c]) != 0, result.binding[c].bind == PLAN_BIND_UNKNOWN);
                if (!isnan(s.gap[c]))
                    assert_int_equal(result.remaining[c] > 0, result.binding[c].bind != PLAN_BIND_NONE);
            }
            solved++;
        }
        plan_free(&result);
    }
    assert_true(solved > CASES / 2 && refused > CASES / 50);
}

static void
one_more_step_of_a_budget_buys_what_solving_again_says(void **unused)
{
    int bought = 0;

    (void)unused;
    state = 31;
    for (int i = 0; i < 150; i++) {
        struct small s;
        struct plan_result result;
        double best;

        invent(&s, 2);
        s.in.prices = true;
        best = slow_best(&s);
        if (isinf(best))
            continue;
        assert_int_equal(plan_optimize(&s.in, NULL, &result, reason), MODEL_OK);
        for (int y = 0; y < 2; y++) {
            double limit = s.limit[y];

            s.limit[y] += s.step[0];
            assert_true(result.price[y].proven);
            assert_true(fabs(result.price[y].gain - (best - slow_best(&s))) < 1e-5);
            bought += result.price[y].gain > 0;
            s.limit[y] = limit;
            assert_true(isnan(result.price[2 + y].gain));
        }
        plan_free(&result);
    }
    assert_true(bought > 20);
}

/* A budget of 10 a year; a school for 5 gives 2 FTE a year later; the gap is 9 FTE in each of three years. */
static void
school(struct small *s)
{
    state = 1;
    invent(s, YEARS);
    for (int a = 0; a < ACTIONS; a++) {
        s->total[a] = 100;
        for (int y = 0; y < YEARS; y++) {
            s->least[a * YEARS + y] = 0;
            s->most[a * YEARS + y] = a == 0 ? 3 : 0;
        }
        for (int i = 0; i < USES; i++) {
            s->use_resource[a * USES + i] = i;
            s->use_amount[a * USES + i] = i == 0 ? 5 : 0;
            s->gain_cell[a * USES + i] = 0;
            s->gain_lag[a * USES + i] = 1;
            s->gain_amount[a * USES + i] = i == 0 ? 2 : 0;
        }
    }
    for (int i = 0; i < RESOURCES * YEARS; i++)
        s->limit[i] = 10;
    for (int c = 0; c < CELLS; c++) {
        s->loss[c] = 0;
        s->ceiling[c] = INFINITY;
        for (int y = 0; y < YEARS; y++) {
            s->gap[c * YEARS + y] = 9;
            s->weight[c * YEARS + y] = 1;
        }
    }
    s->step[0] = 5;
    s->in.prices = true;
}

static void
what_remains_says_what_binds(void **unused)
{
    struct small s;
    struct plan_result result;

    (void)unused;
    school(&s);
    assert_int_equal(plan_optimize(&s.in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.run[0], 2);
    assert_int_equal(result.run[1], 2);
    /* 9 + 5 + 1 of the first cell, and 27 of the other, to which nothing adds. */
    assert_true(fabs(result.objective - 42) < 1e-9);
    assert_true(fabs(result.before - 54) < 1e-9);
    assert_int_equal(result.binding[0].bind, PLAN_BIND_LATE);
    assert_int_equal(result.binding[1].bind, PLAN_BIND_RESOURCE);
    assert_int_equal(result.binding[1].resource, 0);
    assert_int_equal(result.binding[1].year, 0);
    assert_int_equal(result.binding[3].bind, PLAN_BIND_NO_ACTION);
    /* A third school in the first year: 2 in the second, and of 2 in the third only 1 is wanted. */
    assert_true(fabs(result.price[0].gain - 3) < 1e-9);
    assert_true(fabs(result.price[1].gain - 1) < 1e-9);
    assert_true(fabs(result.price[2].gain) < 1e-9);
    plan_free(&result);

    s.limit[0] = 100;
    assert_int_equal(plan_optimize(&s.in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.binding[1].bind, PLAN_BIND_MOST);
    plan_free(&result);

    s.limit[0] = 10;
    s.ceiling[0] = 0.5;
    assert_int_equal(plan_optimize(&s.in, NULL, &result, reason), MODEL_INFEASIBLE);
    assert_string_equal(reason, "infeasible because cells[0] can come down to 1 at best in the last year and its ceiling "
                                "is 0.5: resources[0] is used up in year 0");
    plan_free(&result);

    s.least[0] = 3;
    assert_int_equal(plan_optimize(&s.in, NULL, &result, reason), MODEL_INFEASIBLE);
    assert_string_equal(reason, "infeasible because resources[0] in year 0 allows 10 and what is committed takes 15");
    plan_free(&result);
}

static void
refuse(const struct small *s, const char *why)
{
    struct plan_result result;

    assert_int_equal(plan_optimize(&s->in, NULL, &result, reason), MODEL_BAD);
    if (strstr(reason, why) == NULL)
        fail_msg("'%s' lacks '%s'", reason, why);
    plan_free(&result);
}

static void
nonsense_is_refused_by_name(void **unused)
{
    struct small s;

    (void)unused;
    state = 8;
    invent(&s, 2);
    s.in.years = 0;
    refuse(&s, "years");
    s.in.years = 500;
    refuse(&s, "years");
    invent(&s, 2);
    s.limit[1] = -1;
    refuse(&s, "resources[0].limit[1]: must not be negative");
    invent(&s, 2);
    s.limit[1] = NAN;
    refuse(&s, "resources[0].limit[1]");
    invent(&s, 2);
    s.limit[1] = -INFINITY;
    refuse(&s, "resources[0].limit[1]");
    invent(&s, 2);
    s.step[1] = 0;
    refuse(&s, "resources[1].step");
    invent(&s, 2);
    s.least[0] = 5;
    s.most[0] = 4;
    refuse(&s, "actions[0].least[0]: must not be above most");
    invent(&s, 2);
    s.least[0] = s.most[0] = 9;
    refuse(&s, "actions[0].total");
    invent(&s, 2);
    s.use_amount[1] = -3;
    refuse(&s, "actions[0].uses.amount");
    invent(&s, 2);
    s.gain_cell[0] = CELLS;
    refuse(&s, "actions[0].gains.cell");
    invent(&s, 2);
    s.gain_lag[0] = -1;
    refuse(&s, "actions[0].gains.lag");
    invent(&s, 2);
    s.loss[1] = 1.5;
    refuse(&s, "cells[1].loss");
    invent(&s, 2);
    s.weight[0] = -1;
    refuse(&s, "cells[0].weight[0]");
    invent(&s, 2);
    s.in.seconds = 0;
    refuse(&s, "seconds");
}

/* A program large enough that a moment does not do. */
static void
out_of_time_a_plan_is_still_a_plan(void **unused)
{
    enum { N = 60, C = 30, Y = 10, G = 6 };
    struct plan_input in = {.years = Y, .resources = 1, .actions = N, .cells = C, .seconds = 0.05};
    static enum plan_resource kind[1] = {PLAN_BUDGET};
    static double limit[Y], step[1] = {1}, use_amount[N], gain_amount[N * G], gap[C * Y], weight[C * Y], loss[C];
    static int least[N * Y], most[N * Y], use_resource[N], gain_cell[N * G], gain_lag[N * G];
    static int64_t use_first[N + 1], gain_first[N + 1];
    struct plan_result result;
    int64_t begun = 0;

    (void)unused;
    state = 12345;
    for (int y = 0; y < Y; y++)
        limit[y] = 500;
    for (int a = 0; a < N; a++) {
        use_first[a + 1] = a + 1;
        gain_first[a + 1] = (a + 1) * G;
        use_amount[a] = 17 + below(100);
        for (int y = 0; y < Y; y++)
            most[a * Y + y] = 5;
        for (int g = 0; g < G; g++) {
            gain_cell[a * G + g] = below(C);
            gain_lag[a * G + g] = below(3);
            gain_amount[a * G + g] = 0.1 + below(100) * 0.037;
        }
    }
    for (int c = 0; c < C; c++) {
        loss[c] = 0.05;
        for (int y = 0; y < Y; y++) {
            gap[c * Y + y] = below(200);
            weight[c * Y + y] = 1 + below(5);
        }
    }
    in.resource_kind = kind;
    in.resource_limit = limit;
    in.resource_step = step;
    in.action_least = least;
    in.action_most = most;
    in.use_first = use_first;
    in.use_resource = use_resource;
    in.use_amount = use_amount;
    in.gain_first = gain_first;
    in.gain_cell = gain_cell;
    in.gain_lag = gain_lag;
    in.gain_amount = gain_amount;
    in.cell_gap = gap;
    in.cell_weight = weight;
    in.cell_loss = loss;
    begun = stop_clock_ms();
    assert_int_equal(plan_optimize(&in, NULL, &result, reason), MODEL_OK);
    assert_true(stop_clock_ms() - begun < 20000);
    assert_false(result.proven);
    assert_true(result.objective < result.before);
    assert_true(result.bound <= result.objective);
    for (int y = 0; y < Y; y++)
        assert_true(result.used[y] <= limit[y] + 1e-3);
    plan_free(&result);
}

static void
a_raised_flag_stops_it(void **unused)
{
    atomic_bool cancel = true;
    struct stop stop = {.cancel = &cancel};
    struct small s;
    struct plan_result result;

    (void)unused;
    state = 3;
    do
        invent(&s, 2);
    while (isinf(slow_best(&s)));
    assert_int_equal(plan_optimize(&s.in, &stop, &result, reason), MODEL_STOPPED);
    plan_free(&result);
}

/* The daemon's standard output may be anything. */
static void
the_solver_prints_nothing(void **unused)
{
    char path[] = "/tmp/test_plan.XXXXXX";
    int file = mkstemp(path), kept_out, kept_err;
    struct stat about;

    (void)unused;
    assert_true(file >= 0);
    unlink(path);
    fflush(stdout);
    fflush(stderr);
    kept_out = dup(STDOUT_FILENO);
    kept_err = dup(STDERR_FILENO);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    state = 55;
    for (int i = 0; i < 30; i++) {
        struct small s;
        struct plan_result result;

        invent(&s, 2);
        s.in.prices = true;
        plan_optimize(&s.in, NULL, &result, reason);
        plan_free(&result);
    }
    fflush(stdout);
    fflush(stderr);
    dup2(kept_out, STDOUT_FILENO);
    dup2(kept_err, STDERR_FILENO);
    close(kept_out);
    close(kept_err);
    assert_int_equal(fstat(file, &about), 0);
    close(file);
    assert_int_equal(about.st_size, 0);
}

static void
handle(int number)
{
    (void)number;
}

/* CBC takes SIGINT for itself where one lets it; to the daemon it means to end. */
static void
the_solver_leaves_signals_alone(void **unused)
{
    static const int number[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD};
    struct sigaction before, after;
    struct small s;
    struct plan_result result;

    (void)unused;
    for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
        signal(number[i], handle);
    state = 66;
    for (int i = 0; i < 20; i++) {
        invent(&s, 2);
        plan_optimize(&s.in, NULL, &result, reason);
        plan_free(&result);
    }
    for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
        before.sa_handler = handle;
        assert_int_equal(sigaction(number[i], NULL, &after), 0);
        assert_true(after.sa_handler == before.sa_handler);
        signal(number[i], SIG_DFL);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_the_best_of_all_tried),
        cmocka_unit_test(one_more_step_of_a_budget_buys_what_solving_again_says),
        cmocka_unit_test(what_remains_says_what_binds),
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(out_of_time_a_plan_is_still_a_plan),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test(the_solver_prints_nothing),
        cmocka_unit_test(the_solver_leaves_signals_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
