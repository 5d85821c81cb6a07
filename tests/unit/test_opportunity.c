/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "model/opportunity.h"

enum { ORGANIZATIONS = 3, SKILLS = 2, INSTRUMENTS = 2, LIST = 100 };

static int country[ORGANIZATIONS], seats[ORGANIZATIONS * SKILLS], facility[ORGANIZATIONS * SKILLS];
static double gap[ORGANIZATIONS * SKILLS], surplus[ORGANIZATIONS * SKILLS], language[ORGANIZATIONS * ORGANIZATIONS];
static bool agreement[ORGANIZATIONS * ORGANIZATIONS];
static struct opportunity_instrument instrument[INSTRUMENTS];
static struct opportunity_input in;
static struct opportunity out[LIST];
static int count;
static char reason[MODEL_REASON_BYTES];

/* 0 (JP) lacks 3 FTE of skill 0 and spares 2 of skill 1; 1 (US) lacks 1 of skill 1, spares 4 of 0; 2 (JP) spares 1 of 0. */
static int
set_up(void **unused)
{
    static const double g[] = {3, 0, 0, 1, NAN, 0}, s[] = {0, 2, 4, 0, 1, NAN};

    (void)unused;
    memcpy(gap, g, sizeof(g));
    memcpy(surplus, s, sizeof(s));
    memset(seats, 0, sizeof(seats));
    memset(facility, 0, sizeof(facility));
    memset(agreement, 0, sizeof(agreement));
    for (int i = 0; i < ORGANIZATIONS * ORGANIZATIONS; i++)
        language[i] = 1;
    country[0] = country[2] = 0;
    country[1] = 1;
    agreement[1 * ORGANIZATIONS + 0] = true;
    instrument[0] = (struct opportunity_instrument){.kind = OPPORTUNITY_SECONDMENT, .months = 6, .gain = 0.5,
                                                    .fixed = 100, .travel = 50, .per_month = 10, .per_mentor = 2,
                                                    .approval_days = 73};
    instrument[1] = (struct opportunity_instrument){.kind = OPPORTUNITY_FACILITY, .months = 1, .gain = 0.25,
                                                    .per_month = 20, .approval_days = 0};
    in = (struct opportunity_input){.organizations = ORGANIZATIONS, .skills = SKILLS, .instruments = INSTRUMENTS,
                                    .country = country, .gap = gap, .surplus = surplus, .seats = seats,
                                    .facility = facility, .language = language, .agreement = agreement,
                                    .instrument = instrument, .weight = OPPORTUNITY_WEIGHTS_DEFAULT,
                                    .without_agreement = OPPORTUNITY_WITHOUT_AGREEMENT_DEFAULT,
                                    .patience_days = OPPORTUNITY_PATIENCE_DAYS_DEFAULT, .across = true,
                                    .within = true, .list = LIST};
    return 0;
}

static void
components_are_those_of_the_formulas(void **unused)
{
    const struct opportunity *o = NULL;

    (void)unused;
    assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_OK);
    assert_int_equal(count, 3); /* 1 to 0 across, 2 to 0 within, 0 to 1 across */
    for (int i = 0; i < count; i++)
        if (out[i].giver == 1 && out[i].receiver == 0)
            o = &out[i];
    assert_non_null(o);
    assert_int_equal(o->participants, 6); /* of 8 that four FTE can mentor */
    assert_true(fabs(o->closed - 3) < 1e-12);
    assert_true(fabs(o->person_months - 36) < 1e-12);
    assert_true(fabs(o->cost - 6 * (100 + 50 + 60)) < 1e-9);
    assert_true(fabs(o->per_month - 3.0 / 36) < 1e-12);
    assert_true(fabs(o->agreement - 1) < 1e-12);
    assert_true(fabs(o->time - 0.8) < 1e-12);
    assert_true(fabs(o->feasibility - 0.8) < 1e-12);
    assert_true(fabs(o->complementarity - 1) < 1e-12);
    assert_true(o->across);
    for (int i = 0; i < count; i++) {
        double sum = 0, weights = 0;

        for (int p = 0; p < OPPORTUNITY_PARTS; p++) {
            assert_true(out[i].part[p] >= 0 && out[i].part[p] <= 1);
            sum += in.weight[p] * out[i].part[p];
            weights += in.weight[p];
        }
        assert_true(fabs(out[i].score - sum / weights) < 1e-12);
        assert_true(i == 0 || out[i - 1].score >= out[i].score);
        if (out[i].giver == 0)
            assert_true(fabs(out[i].agreement - 0.5) < 1e-12);
        if (out[i].giver == 2) {
            assert_int_equal(out[i].participants, 2);
            assert_true(fabs(out[i].cost - 2 * 160) < 1e-9);
            assert_true(fabs(out[i].time - 1) < 1e-12);
        }
    }
}

static void
a_facility_is_offered_where_there_is_one(void **unused)
{
    (void)unused;
    instrument[0].needs_facility = true;
    assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_OK);
    assert_int_equal(count, 0);
    facility[1 * SKILLS + 0] = 5;
    assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_OK);
    assert_int_equal(count, 2); /* the secondment and five places at the facility */
    for (int i = 0; i < count; i++)
        if (out[i].instrument == 1)
            assert_int_equal(out[i].participants, 5);
}

static void
pairs_within_and_across_are_told_apart(void **unused)
{
    (void)unused;
    in.across = false;
    assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_OK);
    assert_int_equal(count, 1);
    assert_false(out[0].across);
    in.across = true;
    in.within = false;
    assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_OK);
    assert_int_equal(count, 2);
}

/* Equal scores stay in the order of receiver, giver, skill and instrument, however short the list. */
static void
ties_are_stable_and_a_short_list_is_the_head_of_the_long_one(void **unused)
{
    static struct opportunity all[LIST];
    int n = 0;

    (void)unused;
    for (int o = 0; o < ORGANIZATIONS; o++) {
        country[o] = 0;
        for (int s = 0; s < SKILLS; s++) {
            gap[o * SKILLS + s] = 1;
            surplus[o * SKILLS + s] = 1;
            seats[o * SKILLS + s] = 1;
        }
    }
    instrument[1] = instrument[0];
    assert_int_equal(opportunity_rank(&in, NULL, all, &n, reason), MODEL_OK);
    assert_int_equal(n, 24);
    for (int i = 1; i < n; i++) {
        const struct opportunity *a = &all[i - 1], *b = &all[i];

        assert_true(a->score == b->score);
        assert_true(((a->receiver * 3 + a->giver) * 2 + a->skill) * 2 + a->instrument <
                    ((b->receiver * 3 + b->giver) * 2 + b->skill) * 2 + b->instrument);
    }
    for (in.list = 1; in.list <= n; in.list++) {
        assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_OK);
        assert_int_equal(count, in.list);
        assert_memory_equal(out, all, (size_t)count * sizeof(*out));
    }
}

static void
refuse(const char *why)
{
    assert_int_equal(opportunity_rank(&in, NULL, out, &count, reason), MODEL_BAD);
    assert_int_equal(count, 0);
    if (strstr(reason, why) == NULL)
        fail_msg("'%s' lacks '%s'", reason, why);
    set_up(NULL);
}

static void
nonsense_is_refused_by_name(void **unused)
{
    (void)unused;
    instrument[0].months = 0;
    refuse("instruments[0].months: must be above 0");
    instrument[1].gain = NAN;
    refuse("instruments[1].gain");
    instrument[1].per_month = -1;
    refuse("instruments[1].cost");
    surplus[0] = -1;
    refuse("organizations[0].surplus[0]");
    seats[1] = -1;
    refuse("organizations[0].seats[1]");
    language[1] = 1.5;
    refuse("language[0][1]");
    in.without_agreement = 2;
    refuse("without_agreement");
    in.patience_days = 0;
    refuse("patience_days");
    in.across = in.within = false;
    refuse("pairs");
    memset(in.weight, 0, sizeof(in.weight));
    refuse("weights: one must be above 0");
    in.list = 0;
    refuse("list");
    in.organizations = 1;
    refuse("organizations");
}

static void
a_raised_flag_stops_it(void **unused)
{
    atomic_bool cancel = true;
    struct stop stop = {.cancel = &cancel};

    (void)unused;
    assert_int_equal(opportunity_rank(&in, &stop, out, &count, reason), MODEL_STOPPED);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(components_are_those_of_the_formulas, set_up),
        cmocka_unit_test_setup(a_facility_is_offered_where_there_is_one, set_up),
        cmocka_unit_test_setup(pairs_within_and_across_are_told_apart, set_up),
        cmocka_unit_test_setup(ties_are_stable_and_a_short_list_is_the_head_of_the_long_one, set_up),
        cmocka_unit_test_setup(nonsense_is_refused_by_name, set_up),
        cmocka_unit_test_setup(a_raised_flag_stops_it, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
