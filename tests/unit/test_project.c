/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/project_part.h"

enum {
    YEARS = 10,
    DRAWS = 20000,
    START = 2026,
    PARAMETERS_MAX = 20,
    ARRIVALS_MAX = 10,
    STOCKS_MAX = 60
};

/* An input with its arrays, small enough to be changed by hand. */
struct fixture {
    struct project_parameter parameter[PARAMETERS_MAX];
    struct project_regime regime[1];
    struct project_stock stock[STOCKS_MAX];
    struct project_arrival arrival[ARRIVALS_MAX];
    struct project_range demand[(PROJECT_YEARS_MAX + 1) * PROJECT_LEVELS];
    struct project_series series[1];
    struct project_input input;
};

static struct fixture fixture;
static struct project *project;

static void
start(void)
{
    memset(&fixture, 0, sizeof(fixture));
    fixture.input = (struct project_input){.start_year = START,
                                           .horizon = YEARS,
                                           .draws = DRAWS,
                                           .seed = 20240409,
                                           .parameter = fixture.parameter,
                                           .regime = fixture.regime,
                                           .regimes = 1,
                                           .series = fixture.series,
                                           .count = 1};
    for (int i = 0; i < PROJECT_LEVELS; i++)
        fixture.regime[0].quit[i] = fixture.regime[0].expire[i] = fixture.regime[0].move[i] =
            PROJECT_NONE;
    fixture.regime[0].retire_unknown = fixture.regime[0].replace = PROJECT_NONE;
    fixture.regime[0].expiry_drop = PROJECT_LEVELS;
    fixture.regime[0].entry_age = 25;
    for (int i = 0; i < (PROJECT_YEARS_MAX + 1) * PROJECT_LEVELS; i++)
        fixture.demand[i] = (struct project_range){NAN, NAN, NAN};
    fixture.series[0] = (struct project_series){.key = 1,
                                                .supply_known = true,
                                                .fte = 1,
                                                .stock = fixture.stock,
                                                .arrival = fixture.arrival,
                                                .demand = fixture.demand};
}

static int
parameter(double low, double mode, double high)
{
    int p = fixture.input.parameters++;

    fixture.parameter[p] = (struct project_parameter){100 + (uint32_t)p, {low, mode, high}, 1};
    return p;
}

static int
certain(double value)
{
    return parameter(value, value, value);
}

static void
people(int cohort, int level, int32_t heads)
{
    fixture.stock[fixture.series[0].stocks++] = (struct project_stock){cohort, level, heads};
}

static struct project_arrival *
arrival(enum project_kind kind, double at, int level, int cohort, int32_t heads)
{
    struct project_arrival *made = &fixture.arrival[fixture.series[0].arrivals++];

    *made = (struct project_arrival){kind,  at,           level,        cohort,
                                     heads, PROJECT_NONE, PROJECT_NONE, PROJECT_NONE};
    return made;
}

static void
demand(int year, int level, double low, double mode, double high)
{
    fixture.demand[year * PROJECT_LEVELS + level - 1] = (struct project_range){low, mode, high};
}

static void *
work(void *data)
{
    return project_work(data, NULL) == MODEL_OK ? NULL : data;
}

static struct project *
run_with(const struct project_input *input, int threads)
{
    struct project_refusal refusal;
    struct project *made = project_open(input, NULL, &refusal);
    pthread_t thread[16];

    if (made == NULL)
        fail_msg("%s %s: %s", refusal.name, refusal.path, refusal.expected);
    for (int i = 1; i < threads; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, work, made), 0);
    assert_int_equal(project_work(made, NULL), MODEL_OK);
    for (int i = 1; i < threads; i++) {
        void *failed;

        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    project_finish(made);
    return made;
}

static void
run(void)
{
    project = run_with(&fixture.input, 1);
}

static void
end(void)
{
    project_close(project);
    project = NULL;
}

static const struct project_cell *
at(int year, int level)
{
    return project_cell(project, 0, year, level);
}

static void
is_exactly(const struct project_figure *figure, double value)
{
    assert_true(fabs(figure->mean - value) < 1e-9);
    assert_true(fabs(figure->p10 - value) < 1e-9);
    assert_true(fabs(figure->p50 - value) < 1e-9);
    assert_true(fabs(figure->p90 - value) < 1e-9);
}

/* A mean of draws with this variance, within five standard errors. */
static void
is_near(double mean, double expected, double variance)
{
    if (!(fabs(mean - expected) <= 5 * sqrt(variance / DRAWS) + 1e-9))
        fail_msg("%.6f is not near %.6f", mean, expected);
}

static double
binomial_up_to(double k, int n, double p)
{
    double total = 0;

    for (int i = 0; i <= k; i++)
        total += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(p) +
                     (n - i) * log1p(-p));
    return total;
}

/* An order statistic of binomial draws: the distribution there is within five standard errors of q. */
static void
is_quantile(double x, double q, int n, double p)
{
    double off = 5 * sqrt(q * (1 - q) / DRAWS);

    assert_true(binomial_up_to(x, n, p) >= q - off);
    assert_true(binomial_up_to(x - 1, n, p) <= q + off);
}

/* Closed forms: no randomness -------------------------------------------------------------------- */

static void
with_no_flows_supply_stays_and_the_gap_is_demand_less_supply(void **state)
{
    (void)state;
    start();
    fixture.series[0].fte = 0.5;
    people(1980, 2, 10);
    people(0, 4, 6);
    for (int year = 0; year <= YEARS; year++)
        demand(year, 1, 20 + year, 20 + year, 20 + year);
    run();
    for (int year = 0; year <= YEARS; year++) {
        is_exactly(&at(year, 1)->supply, 8);
        is_exactly(&at(year, 2)->supply, 8);
        is_exactly(&at(year, 3)->supply, 3);
        is_exactly(&at(year, 5)->supply, 0);
        is_exactly(&at(year, 1)->gap, 12 + year);
        assert_true(at(year, 1)->gap_probability == 1);
        if (year > 0)
            assert_true(fabs(at(year, 1)->growth - 1) < 1e-9);
    }
    end();
}

static void
certain_flows_are_followed_to_the_head(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < PROJECT_LEVELS - 1; i++)
        fixture.regime[0].move[i] = i == 0 ? certain(1) : 0;
    people(1990, 1, 7);
    arrival(PROJECT_HIRE, 2, 5, 1990, 3);
    arrival(PROJECT_COMPLETION, 2.5, 5, 2000, 2)->lag = certain(1);
    arrival(PROJECT_DEPARTURE, 3, 5, 1990, 1);
    arrival(PROJECT_DEPARTURE, 6, 5, 1990, 1000);
    run();
    for (int year = 0; year <= 4; year++) { /* one level a year */
        is_exactly(&at(year, year + 1)->supply,
                   7 + (year >= 2 ? 3 : 0) - (year >= 3 ? 1 : 0) + (year == 4 ? 2 : 0));
        assert_true(at(year, 5)->state == PROJECT_NO_DEMAND);
    }
    is_exactly(&at(2, 5)->supply, 3);
    is_exactly(&at(3, 5)->supply, 2);
    is_exactly(&at(4, 5)->supply, 11);
    assert_true(fabs(at(4, 5)->completed - 2) < 1e-9);
    assert_true(fabs(at(4, 5)->moved - 7) < 1e-9);
    is_exactly(&at(6, 5)->supply, 0); /* no more go than are there */
    assert_true(fabs(at(6, 5)->departed - 11) < 1e-9);
    end();
}

static void
an_expired_level_falls_back_once_a_year(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < PROJECT_LEVELS; i++)
        fixture.regime[0].expire[i] = i == 0 ? certain(1) : 0;
    fixture.regime[0].expiry_drop = 2;
    people(1990, 5, 100);
    run();
    is_exactly(&at(1, 3)->supply, 100);
    is_exactly(&at(1, 4)->supply, 0);
    assert_true(fabs(at(1, 5)->expired - 100) < 1e-9);
    assert_true(fabs(at(1, 3)->expired) < 1e-9);
    is_exactly(&at(2, 1)->supply, 100);
    is_exactly(&at(2, 2)->supply, 0);
    is_exactly(&at(3, 1)->supply, 0);
    end();
}

static void
everybody_retires_past_an_age_and_nobody_before(void **state)
{
    (void)state;
    start();
    fixture.regime[0].band[0] = (struct project_band){65, certain(1)};
    fixture.regime[0].bands = 1;
    people(1955, 1, 11); /* 67 to 71 in 2026 */
    people(1990, 1, 13);
    people(0, 1, 17);
    run();
    is_exactly(&at(1, 1)->supply, 30);
    is_exactly(&at(YEARS, 1)->supply, 30);
    assert_true(fabs(at(1, 1)->retired - 11) < 1e-9);
    end();
}

/* Closed forms: moments and distributions -------------------------------------------------------- */

static void
pure_attrition(int32_t heads, double rate)
{
    start();
    fixture.regime[0].quit[0] = certain(rate);
    people(1990, 1, heads);
    for (int year = 0; year <= YEARS; year++)
        demand(year, 1, heads / 2, heads / 2, heads / 2);
    run();
    for (int year = 1; year <= YEARS; year++) {
        double p = pow(1 - rate, year);
        const struct project_cell *cell = at(year, 1);

        is_near(cell->supply.mean, heads * p, heads * p * (1 - p));
        is_quantile(cell->supply.p10, 0.1, heads, p);
        is_quantile(cell->supply.p50, 0.5, heads, p);
        is_quantile(cell->supply.p90, 0.9, heads, p);
        is_near(cell->gap_probability, binomial_up_to(heads / 2 - 1, heads, p), 0.25);
        is_near(cell->quit, heads * pow(1 - rate, year - 1) * rate, heads * 0.25);
        assert_true(cell->retired == 0 && cell->expired == 0);
    }
    end();
}

static void
pure_attrition_is_binomial(void **state)
{
    (void)state;
    pure_attrition(2, 0.3);
    pure_attrition(30, 0.07);
    pure_attrition(60, 0.6);
    pure_attrition(700, 0.1);
}

static void
rates_compete_as_their_order_says(void **state)
{
    double r = 0.1, w = 0.2, e = 0.3, m = 0.4;
    int32_t heads[] = {3, 40, 900};

    (void)state;
    for (int i = 0; i < 3; i++) {
        double n = heads[i], left = (1 - r) * (1 - w), chance;

        start();
        fixture.regime[0].retire_unknown = certain(r);
        fixture.regime[0].quit[1] = certain(w);
        fixture.regime[0].expire[1] = certain(e);
        fixture.regime[0].move[1] = certain(m);
        fixture.regime[0].expiry_drop = 1;
        people(0, 2, heads[i]);
        run();
        is_near(at(1, 2)->retired, n * r, n * r * (1 - r));
        chance = (1 - r) * w;
        is_near(at(1, 2)->quit, n * chance, n * chance * (1 - chance));
        chance = left * e;
        is_near(at(1, 2)->expired, n * chance, n * chance * (1 - chance));
        assert_true(at(1, 1)->expired == 0); /* falls to level 1, stays at level 1 or above */
        chance = left * (1 - e) * m;
        is_near(at(1, 3)->moved, n * chance, n * chance * (1 - chance));
        is_near(at(1, 3)->supply.mean, n * chance, n * chance * (1 - chance));
        is_near(at(1, 1)->supply.mean, n * left, n * left * (1 - left));
        end();
    }
}

static void
a_cohort_retires_by_the_shares_of_its_ages(void **state)
{
    double survive = 1, rate[] = {0.1, 0.5};

    (void)state;
    start();
    fixture.regime[0].band[0] = (struct project_band){60, certain(rate[0])};
    fixture.regime[0].band[1] = (struct project_band){65, certain(rate[1])};
    fixture.regime[0].bands = 2;
    people(1965, 1, 200); /* 57 to 61 in 2026 */
    run();
    for (int year = 1; year <= YEARS; year++) {
        double hazard = 0;

        for (int born = 1965; born < 1970; born++) {
            int age = START + year - born;

            hazard += (age >= 65 ? rate[1] : age >= 60 ? rate[0] : 0) / 5;
        }
        survive *= 1 - hazard;
        is_near(at(year, 1)->supply.mean, 200 * survive, 200 * survive * (1 - survive));
    }
    end();
}

static void
hires_against_attrition_come_to_their_steady_state(void **state)
{
    double rate = 0.25, expected = 0;

    (void)state;
    start();
    fixture.regime[0].quit[0] = certain(rate);
    people(1990, 1, 16); /* 4 a year / 0.25 */
    for (int year = 1; year <= YEARS; year++)
        arrival(PROJECT_HIRE, year, 1, 1995, 4);
    run();
    for (int year = 1; year <= YEARS; year++)
        is_near(at(year, 1)->supply.mean, 16, 16);
    end();
    fixture.series[0].stocks = 0;
    run();
    for (int year = 1; year <= YEARS; year++) {
        expected = expected * (1 - rate) + 4;
        assert_true(fabs(expected - 16 * (1 - pow(1 - rate, year))) < 1e-9);
        is_near(at(year, 1)->supply.mean, expected, 16);
    }
    end();
}

static void
leavers_are_replaced_a_year_later_at_the_share_that_is_said(void **state)
{
    double rate = 0.2, share = 0.5, there = 100, left = 0;

    (void)state;
    start();
    fixture.regime[0].quit[2] = certain(rate);
    fixture.regime[0].replace = certain(share);
    people(1990, 3, 100);
    run();
    for (int year = 1; year <= YEARS; year++) {
        double back = left * share;

        left = there * rate;
        there += back - left;
        is_near(at(year, 1)->supply.mean, there, 100);
        is_near(at(year, 3)->hired, back, 100);
    }
    end();
}

static void
arrivals_come_with_their_probability_after_their_lag(void **state)
{
    struct project_arrival *made;
    double p = 0.8 * 0.5;

    (void)state;
    start();
    made = arrival(PROJECT_COMPLETION, 0.5, 2, 2000, 50);
    made->probability = certain(0.8);
    made->retention = certain(0.5);
    made->lag =
        parameter(0, 1, 2); /* triangular: at 0.5 + lag, up to year 1 with 1/8, up to 2 with 7/8 */
    run();
    is_near(at(1, 1)->supply.mean, 50 * p / 8, 50 * 50 * p);
    is_near(at(2, 1)->supply.mean, 50 * p * 7 / 8, 50 * 50 * p);
    is_near(at(3, 1)->supply.mean, 50 * p, 50 * p * (1 - p));
    is_quantile(at(3, 1)->supply.p90, 0.9, 50, p);
    is_near(at(2, 2)->completed, 50 * p * 6 / 8, 50 * 50 * p);
    end();
}

static void
demand_has_its_triangular_quantiles_and_grows_by_the_scenario(void **state)
{
    double u[] = {0.1, 0.5, 0.9}, low = 10, mode = 20, high = 60, width = high - low;
    double expected[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        expected[i] = u[i] < (mode - low) / width ? low + sqrt(u[i] * width * (mode - low))
                                                  : high - sqrt((1 - u[i]) * width * (high - mode));
    start();
    fixture.input.demand_growth = 0.1;
    demand(0, 1, low, mode, high);
    demand(2, 1, low, mode, high);
    run();
    assert_true(fabs(at(0, 1)->demand.p10 - expected[0]) < 0.5);
    assert_true(fabs(at(0, 1)->demand.p50 - expected[1]) < 0.5);
    assert_true(fabs(at(0, 1)->demand.p90 - expected[2]) < 0.8);
    is_near(at(0, 1)->demand.mean, 30, width * width / 18);
    assert_true(fabs(at(2, 1)->demand.p50 - 1.21 * at(0, 1)->demand.p50) < 0.002);
    end();
}

static void
parameters_spread_over_draws_as_their_shape_says(void **state)
{
    (void)state;
    for (int shape = PROJECT_TRIANGULAR; shape <= PROJECT_PERT; shape++) {
        double mean = shape == PROJECT_PERT ? (0.1 + 4 * 0.2 + 0.6) / 6 : 0.3;

        start();
        fixture.input.shape = (enum project_shape)shape;
        fixture.regime[0].quit[0] = parameter(0.1, 0.2, 0.6);
        people(1990, 1, 500);
        run();
        is_near(at(1, 1)->supply.mean, 500 * (1 - mean), 500 * 500 * 0.0125 + 500 * 0.25);
        end();
        fixture.parameter[0].factor = 0.5;
        run();
        is_near(at(1, 1)->supply.mean, 500 * (1 - mean / 2), 500 * 500 * 0.0125 + 500 * 0.25);
        end();
        fixture.parameter[0].factor = 100;
        run();
        is_exactly(&at(1, 1)->supply, 0);
        end();
    }
}

/* What is always so -------------------------------------------------------------------------------- */

/* Everything at once. */
static void
rich(void)
{
    start();
    fixture.series[0].fte = 0.873;
    for (int i = 0; i < PROJECT_LEVELS; i++) {
        fixture.regime[0].quit[i] = i == 0 ? parameter(0.02, 0.05, 0.1) : 0;
        fixture.regime[0].expire[i] = i == 0 ? parameter(0, 0.02, 0.05) : 1;
        fixture.regime[0].move[i] = i == 0                   ? parameter(0.05, 0.1, 0.3)
                                    : i < PROJECT_LEVELS - 1 ? 2
                                                             : PROJECT_NONE;
    }
    fixture.regime[0].expiry_drop = 1;
    fixture.regime[0].band[0] = (struct project_band){55, parameter(0.02, 0.05, 0.08)};
    fixture.regime[0].band[1] = (struct project_band){62, parameter(0.2, 0.4, 0.6)};
    fixture.regime[0].bands = 2;
    fixture.regime[0].retire_unknown = parameter(0.01, 0.03, 0.05);
    fixture.regime[0].replace = parameter(0.3, 0.5, 0.9);
    for (int cohort = 1955; cohort <= 2000; cohort += 5)
        for (int level = 1; level <= PROJECT_LEVELS; level++)
            people(cohort, level, (cohort / 5 + level) % 4);
    people(0, 2, 90);
    arrival(PROJECT_COMPLETION, 0.5, 2, 2000, 20)->probability = parameter(0.5, 0.8, 0.95);
    fixture.arrival[0].lag = parameter(0, 0.5, 3);
    arrival(PROJECT_HIRE, 3, 1, 1995, 10)->probability = certain(0.5);
    arrival(PROJECT_RETURN, 1, 4, 1985, 2)->retention = certain(0.9);
    arrival(PROJECT_DEPARTURE, 2, 2, 0, 5);
    for (int year = 0; year <= YEARS; year++)
        for (int level = 1; level <= PROJECT_LEVELS; level++)
            demand(year, level, 80 / level, 100 / level + year, 150 / level + year);
}

static void
means_of_the_gap_add_up_from_their_parts(void **state)
{
    (void)state;
    rich();
    run();
    for (int level = 1; level <= PROJECT_LEVELS; level++)
        for (int year = 1; year <= YEARS; year++) {
            const struct project_cell *cell = at(year, level);
            double expected = at(year - 1, level)->gap.mean + cell->growth + cell->replacement -
                              cell->moved - cell->completed - cell->returned - cell->hired +
                              cell->departed;

            assert_true(fabs(cell->gap.mean - expected) < 1e-6);
            assert_true(fabs(cell->replacement - cell->retired - cell->quit - cell->expired) <
                        1e-9);
            assert_true(cell->gap.p10 <= cell->gap.p50 && cell->gap.p50 <= cell->gap.p90);
        }
    end();
}

enum { SERIES = 9 };

/* Several series like the rich one. */
static void
many(struct project_series *series, struct project_stock *stock)
{
    rich();
    for (int s = 0; s < SERIES; s++) {
        series[s] = fixture.series[0];
        series[s].key = 77 + (uint32_t)s;
        memcpy(stock + s * STOCKS_MAX, fixture.stock, sizeof(fixture.stock));
        for (int i = 0; i < STOCKS_MAX; i++)
            stock[s * STOCKS_MAX + i].heads *= s + (i + s) % 3;
        series[s].stock = stock + s * STOCKS_MAX;
    }
    series[4].supply_known = false;
    series[5].demand = NULL;
    fixture.input.series = series;
    fixture.input.count = SERIES;
    fixture.input.draws = 1500;
}

static void
any_number_of_threads_gives_the_same_bytes(void **state)
{
    struct project_series series[SERIES];
    struct project_stock stock[SERIES * STOCKS_MAX];
    int threads[] = {2, 7};
    size_t cells = sizeof(struct project_cell) * SERIES * (YEARS + 1) * PROJECT_LEVELS;

    (void)state;
    many(series, stock);
    for (int shape = PROJECT_TRIANGULAR; shape <= PROJECT_PERT; shape++) {
        fixture.input.shape = (enum project_shape)shape;
        run();
        for (int t = 0; t < 2; t++) {
            struct project *other = run_with(&fixture.input, threads[t]);
            size_t parameters = (size_t)fixture.input.parameters + 1;

            assert_memory_equal(project->cell, other->cell, cells);
            assert_memory_equal(project->sensitivity, other->sensitivity,
                                SERIES * PROJECT_LEVELS * parameters * sizeof(double));
            assert_memory_equal(project->influence, other->influence, parameters * sizeof(double));
            project_close(other);
        }
        end();
    }
}

static void
a_series_is_the_same_in_any_company_and_another_seed_is_another(void **state)
{
    struct project_series series[SERIES];
    struct project_stock stock[SERIES * STOCKS_MAX];
    size_t cells = sizeof(struct project_cell) * (YEARS + 1) * PROJECT_LEVELS;
    struct project *alone;

    (void)state;
    many(series, stock);
    run();
    fixture.input.series = &series[7];
    fixture.input.count = 1;
    alone = run_with(&fixture.input, 1);
    assert_memory_equal(project_cell(project, 7, 0, 1), project_cell(alone, 0, 0, 1), cells);
    project_close(alone);
    fixture.input.seed++;
    alone = run_with(&fixture.input, 1);
    assert_memory_not_equal(project_cell(project, 7, 0, 1), project_cell(alone, 0, 0, 1), cells);
    project_close(alone);
    end();
}

static void
what_is_not_known_is_not_zero(void **state)
{
    (void)state;
    start();
    demand(1, 2, 5, 5, 5);
    demand(3, 2, 6, 6, 6);
    run(); /* known supply of nobody */
    assert_int_equal(at(1, 2)->state, PROJECT_KNOWN);
    is_exactly(&at(1, 2)->gap, 5);
    assert_true(isnan(at(1, 2)->growth)); /* year 0 has no demand */
    assert_true(isnan(at(3, 2)->growth));
    assert_int_equal(at(2, 2)->state, PROJECT_NO_DEMAND);
    assert_true(isnan(at(2, 2)->gap.p50) && isnan(at(2, 2)->demand.mean) &&
                isnan(at(2, 2)->gap_probability));
    is_exactly(&at(2, 2)->supply, 0);
    assert_int_equal(at(1, 1)->state, PROJECT_NO_DEMAND);
    end();
    fixture.series[0].supply_known = false;
    run();
    assert_int_equal(at(1, 2)->state, PROJECT_NO_SUPPLY);
    assert_true(isnan(at(1, 2)->supply.p50) && isnan(at(1, 2)->gap.mean) &&
                isnan(at(1, 2)->gap_probability));
    assert_true(isnan(at(1, 2)->replacement) && isnan(at(1, 2)->hired));
    is_exactly(&at(1, 2)->demand, 5);
    assert_int_equal(at(2, 2)->state, PROJECT_NO_SUPPLY | PROJECT_NO_DEMAND);
    assert_true(isnan(project_sensitivity(project, 0, 2, 0)));
    assert_true(isnan(project_influence(project, 0)));
    end();
    fixture.series[0].demand = NULL;
    run();
    assert_int_equal(at(1, 2)->state, PROJECT_NO_SUPPLY | PROJECT_NO_DEMAND);
    end();
}

static void
the_assumption_that_moves_the_gap_ranks_first(void **state)
{
    int quit, fill, idle, sure;
    double noise = 5 / sqrt(DRAWS);

    (void)state;
    start();
    quit = parameter(0.05, 0.1, 0.4);
    fill = parameter(0.45, 0.5, 0.55);
    idle = parameter(0, 0.5, 1);
    sure = certain(0.02);
    fixture.regime[0].quit[0] = quit;
    fixture.regime[0].expire[0] = sure;
    people(1990, 1, 2000);
    arrival(PROJECT_HIRE, 5, 1, 1995, 100)->probability = fill;
    for (int year = 0; year <= 8; year++)
        demand(year, 1, 2000, 2000, 2000);
    run();
    assert_true(project_sensitivity(project, 0, 1, quit) > 0.98);
    assert_true(project_sensitivity(project, 0, 1, fill) < 0);
    assert_true(fabs(project_sensitivity(project, 0, 1, fill)) < 0.1);
    assert_true(isnan(project_sensitivity(project, 0, 1, idle)));
    assert_true(isnan(project_sensitivity(project, 0, 1, sure)));
    assert_true(isnan(project_sensitivity(project, 0, 1, fixture.input.parameters)));
    assert_true(isnan(project_sensitivity(project, 0, 2, quit)));
    assert_true(project_influence(project, quit) == project_sensitivity(project, 0, 1, quit));
    end();
    demand(8, 1, 0, 2000, 90000);
    run();
    assert_true(project_sensitivity(project, 0, 1, fixture.input.parameters) > 0.98);
    assert_true(fabs(project_sensitivity(project, 0, 1, quit)) < 0.1 + noise);
    end();
}

static int
by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return x < y ? -1 : x > y;
}

static void
quantiles_and_ranks_agree_with_sorting(void **state)
{
    enum { MOST = 3000 };
    static int32_t value[MOST], sorted[MOST], keep[2 * MOST], rank[MOST];
    static uint32_t key[MOST], sort[4 * MOST];
    uint32_t random = 1;

    (void)state;
    for (int count = 1; count <= MOST; count += count < 30 ? 1 : 297) {
        for (int kind = 0; kind < 4; kind++) {
            int ranks[] = {(count + 9) / 10, (count + 1) / 2, count};
            int32_t found[3];
            int64_t total = 0;

            for (int i = 0; i < count; i++) {
                random = random * 1664525 + 1013904223;
                value[i] = kind == 0   ? (int32_t)random
                           : kind == 1 ? (int32_t)(random >> 28)
                           : kind == 2 ? -5
                                       : (int32_t)(random >> 12);
                key[i] = (uint32_t)value[i] ^ 0x80000000u;
            }
            memcpy(sorted, value, sizeof(sorted));
            qsort(sorted, (size_t)count, sizeof(sorted[0]), by_value);
            project_select(value, count, ranks, 3, found, keep);
            for (int i = 0; i < 3; i++)
                assert_int_equal(found[i], sorted[ranks[i] - 1]);
            project_rank(key, rank, sort, count);
            for (int i = 0; i < count; i += 1 + count / 50) {
                int below = 0, equal = 0;

                for (int j = 0; j < count; j++) {
                    below += value[j] < value[i];
                    equal += value[j] == value[i];
                }
                assert_int_equal(rank[i], 2 * below + equal + 1 - (count + 1));
            }
            for (int i = 0; i < count; i++)
                total += rank[i];
            assert_int_equal(total, 0);
        }
    }
}

static void
the_fewest_draws_and_years_are_enough(void **state)
{
    (void)state;
    rich();
    fixture.input.draws = 1;
    fixture.input.horizon = 1;
    run();
    assert_true(at(1, 1)->gap.p10 == at(1, 1)->gap.p90);
    end();
    fixture.input.count = 0;
    run();
    end();
}

/* Refusals ----------------------------------------------------------------------------------------- */

static void
refused(const char *name, const char *path)
{
    struct project_refusal refusal;

    assert_null(project_open(&fixture.input, NULL, &refusal));
    assert_string_equal(refusal.name, name);
    assert_string_equal(refusal.path, path);
    assert_true(refusal.expected[0] != '\0');
}

#define REFUSED(change, name, path)                                                                \
    do {                                                                                           \
        rich();                                                                                    \
        change;                                                                                    \
        refused(name, path);                                                                       \
    } while (0)

static void
nonsense_is_refused_by_name(void **state)
{
    (void)state;
    REFUSED(fixture.input.horizon = 0, "out_of_range", "years");
    REFUSED(fixture.input.horizon = 500, "out_of_range", "years");
    REFUSED(fixture.input.horizon = -1, "out_of_range", "years");
    REFUSED(fixture.input.draws = 0, "out_of_range", "draws");
    REFUSED(fixture.input.draws = 100001, "out_of_range", "draws");
    REFUSED(fixture.input.start_year = 1066, "out_of_range", "start_year");
    REFUSED(fixture.input.shape = (enum project_shape)9, "unknown", "shape");
    REFUSED(fixture.input.demand_growth = NAN, "not_finite", "demand_growth");
    REFUSED(fixture.input.demand_growth = -1, "out_of_range", "demand_growth");
    REFUSED(fixture.input.parameters = 257, "out_of_range", "parameters");
    REFUSED(fixture.input.regimes = -1, "out_of_range", "regimes");
    REFUSED(fixture.input.count = 20001, "out_of_range", "series");
    REFUSED(fixture.parameter[0].range.low = -0.01, "out_of_range", "parameters[0].low");
    REFUSED(fixture.parameter[0].range.low = NAN, "not_finite", "parameters[0].low");
    REFUSED(fixture.parameter[1].range.mode = NAN, "not_finite", "parameters[1].mode");
    REFUSED(fixture.parameter[1].range.high = INFINITY, "not_finite", "parameters[1].high");
    REFUSED(fixture.parameter[2].range.high = 0.01, "not_in_order", "parameters[2].high");
    REFUSED(fixture.parameter[2].range.mode = 0.01, "not_in_order", "parameters[2].mode");
    REFUSED(fixture.parameter[2].range.mode = 0.31, "not_in_order", "parameters[2].mode");
    REFUSED(fixture.parameter[2].range.high = 1.01, "out_of_range", "parameters[2].high");
    REFUSED(fixture.parameter[2].factor = -1, "out_of_range", "parameters[2].factor");
    REFUSED(fixture.parameter[2].factor = NAN, "not_finite", "parameters[2].factor");
    REFUSED(fixture.parameter[fixture.arrival[0].lag].range.high = 41, "out_of_range",
            "parameters[8].high");
    REFUSED(fixture.regime[0].quit[3] = 99, "unknown", "regimes[0].quit[3]");
    REFUSED(fixture.regime[0].expire[3] = -2, "unknown", "regimes[0].expire[3]");
    REFUSED(fixture.regime[0].move[4] = 0, "out_of_range", "regimes[0].move[4]");
    REFUSED(fixture.regime[0].expiry_drop = 0, "out_of_range", "regimes[0].expiry_drop");
    REFUSED(fixture.regime[0].entry_age = 3, "out_of_range", "regimes[0].entry_age");
    REFUSED(fixture.regime[0].bands = 17, "out_of_range", "regimes[0].retire");
    REFUSED(fixture.regime[0].band[1].age = 55, "not_in_order", "regimes[0].retire[1].age");
    REFUSED(fixture.regime[0].band[1].age = 101, "out_of_range", "regimes[0].retire[1].age");
    REFUSED(fixture.regime[0].replace = 20, "unknown", "regimes[0].replace");
    REFUSED(fixture.series[0].regime = 1, "unknown", "series[0].regime");
    REFUSED(fixture.series[0].fte = 0, "out_of_range", "series[0].fte");
    REFUSED(fixture.series[0].fte = NAN, "not_finite", "series[0].fte");
    REFUSED(fixture.stock[3].level = 0, "out_of_range", "series[0].stock[3].level");
    REFUSED(fixture.stock[3].cohort = 1983, "out_of_range", "series[0].stock[3].cohort");
    REFUSED(fixture.stock[3].heads = -1, "out_of_range", "series[0].stock[3].heads");
    REFUSED(fixture.stock[3].heads = 1000001, "out_of_range", "series[0].stock[3].heads");
    REFUSED(fixture.arrival[1].at = NAN, "not_finite", "series[0].arrivals[1].at");
    REFUSED(fixture.arrival[1].at = 99, "out_of_range", "series[0].arrivals[1].at");
    REFUSED(fixture.arrival[1].kind = PROJECT_KINDS, "unknown", "series[0].arrivals[1].kind");
    REFUSED(fixture.arrival[3].lag = 0, "out_of_range", "series[0].arrivals[3].probability");
    REFUSED(fixture.arrival[0].lag = fixture.arrival[0].probability, "unknown", "parameters[7]");
    REFUSED(demand(2, 3, 5, 4, 6), "not_in_order", "series[0].demand[2][2].mode");
    REFUSED(demand(2, 3, 5, 5, 2e6), "out_of_range", "series[0].demand[2][2].high");
    REFUSED(demand(2, 3, NAN, 5, 6), "not_finite", "series[0].demand[2][2].low");
}

static void
it_stops_when_told(void **state)
{
    atomic_bool cancel;
    struct stop stop = {&cancel, 0};
    struct project_refusal refusal;

    (void)state;
    rich();
    atomic_init(&cancel, true);
    assert_null(project_open(&fixture.input, &stop, &refusal));
    assert_string_equal(refusal.name, "stopped");
    atomic_store(&cancel, false);
    project = project_open(&fixture.input, &stop, &refusal);
    assert_non_null(project);
    stop.deadline_ms = 1; /* long ago */
    assert_int_equal(project_work(project, &stop), MODEL_STOPPED);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_no_flows_supply_stays_and_the_gap_is_demand_less_supply),
        cmocka_unit_test(certain_flows_are_followed_to_the_head),
        cmocka_unit_test(an_expired_level_falls_back_once_a_year),
        cmocka_unit_test(everybody_retires_past_an_age_and_nobody_before),
        cmocka_unit_test(pure_attrition_is_binomial),
        cmocka_unit_test(rates_compete_as_their_order_says),
        cmocka_unit_test(a_cohort_retires_by_the_shares_of_its_ages),
        cmocka_unit_test(hires_against_attrition_come_to_their_steady_state),
        cmocka_unit_test(leavers_are_replaced_a_year_later_at_the_share_that_is_said),
        cmocka_unit_test(arrivals_come_with_their_probability_after_their_lag),
        cmocka_unit_test(demand_has_its_triangular_quantiles_and_grows_by_the_scenario),
        cmocka_unit_test(parameters_spread_over_draws_as_their_shape_says),
        cmocka_unit_test(means_of_the_gap_add_up_from_their_parts),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(a_series_is_the_same_in_any_company_and_another_seed_is_another),
        cmocka_unit_test(what_is_not_known_is_not_zero),
        cmocka_unit_test(the_assumption_that_moves_the_gap_ranks_first),
        cmocka_unit_test(quantiles_and_ranks_agree_with_sorting),
        cmocka_unit_test(the_fewest_draws_and_years_are_enough),
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(it_stops_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
