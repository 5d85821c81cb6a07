/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "model/fragile.h"

enum { SKILLS = 4 };

static int64_t holders[SKILLS], near_retirement[SKILLS], organization_holders[2 * SKILLS];
static const int64_t organization_first[SKILLS + 1] = {0, 1, 3, 3, 4};
static int programs[SKILLS];
static struct fragile_input in;
static struct fragile_skill out[SKILLS];
static char reason[MODEL_REASON_BYTES];

/* 0: four people, three of them old, in one place, no program; 1: a hundred, well spread; 2: nobody; 3: unknown. */
static int
set_up(void **unused)
{
    static const int64_t h[] = {4, 100, 0, -1}, r[] = {3, 20, 0, -1}, o[] = {4, 50, 50, 3};
    static const int p[] = {0, 2, 0, -1};

    (void)unused;
    memcpy(holders, h, sizeof(h));
    memcpy(near_retirement, r, sizeof(r));
    memcpy(organization_holders, o, sizeof(o));
    memcpy(programs, p, sizeof(p));
    in = (struct fragile_input){.skills = SKILLS, .holders = holders, .near_retirement = near_retirement,
                                .programs = programs, .organization_first = organization_first,
                                .organization_holders = organization_holders, .few = FRAGILE_FEW,
                                .weight = FRAGILE_WEIGHTS_DEFAULT};
    return 0;
}

static void
parts_and_score_are_those_of_the_formula(void **unused)
{
    (void)unused;
    assert_int_equal(fragile_rank(&in, out, reason), MODEL_OK);
    /* Nobody holds 2, and nothing of it but scarcity and program is known: 1 and 1. */
    assert_int_equal(out[0].skill, 2);
    assert_true(out[0].score == 1);
    assert_true(isnan(out[0].part[FRAGILE_RETIREMENT]));
    assert_int_equal(out[1].skill, 3);
    assert_true(isnan(out[1].part[FRAGILE_SCARCITY]) && out[1].part[FRAGILE_CONCENTRATION] == 1);
    assert_int_equal(out[2].skill, 0);
    assert_true(fabs(out[2].score - (1 + 0.75 + 0.5 + 0.5) / 3) < 1e-12);
    assert_true(out[2].single_organization);
    assert_int_equal(out[3].skill, 1);
    assert_true(fabs(out[3].score - (0.05 + 0.2 + 0 + 0.25) / 3) < 1e-12);
    assert_true(fabs(out[3].part[FRAGILE_CONCENTRATION] - 0.5) < 1e-12);
    assert_false(out[3].single_organization);
}

static void
where_nothing_is_known_nothing_is_said(void **unused)
{
    (void)unused;
    in.organization_first = NULL;
    assert_int_equal(fragile_rank(&in, out, reason), MODEL_OK);
    assert_int_equal(out[SKILLS - 1].skill, 3);
    assert_true(isnan(out[SKILLS - 1].score));
}

/* Counts that share their bands have the same answer to the last bit. */
static void
bands_tell_no_more_than_the_band(void **unused)
{
    struct fragile_skill before[SKILLS];

    (void)unused;
    in.banded = true;
    assert_int_equal(fragile_rank(&in, before, reason), MODEL_OK);
    holders[0] = 9;
    near_retirement[0] = 7;
    organization_holders[0] = 8;
    holders[1] = 199;
    near_retirement[1] = 1;
    assert_int_equal(fragile_rank(&in, out, reason), MODEL_OK);
    assert_memory_equal(before, out, sizeof(out));
    assert_false(out[0].single_organization);
    holders[1] = 200;
    assert_int_equal(fragile_rank(&in, out, reason), MODEL_OK);
    assert_memory_not_equal(before, out, sizeof(out));
}

static void
bands_begin_where_they_say(void **unused)
{
    int64_t low, high, next;

    (void)unused;
    for (int band = 0; band + 1 < FRAGILE_HOLDER_BANDS; band++) {
        fragile_holder_band(band, &low, &high);
        assert_true(low < high);
        fragile_holder_band(band + 1, &next, &low);
        assert_int_equal(high, next);
    }
    fragile_holder_band(FRAGILE_HOLDER_BANDS - 1, &low, &high);
    assert_int_equal(high, -1);
    fragile_holder_band(-1, &low, &high);
    assert_int_equal(low, -1);
}

static void
refuse(const char *why)
{
    assert_int_equal(fragile_rank(&in, out, reason), MODEL_BAD);
    if (strstr(reason, why) == NULL)
        fail_msg("'%s' lacks '%s'", reason, why);
    set_up(NULL);
}

static void
nonsense_is_refused_by_name(void **unused)
{
    (void)unused;
    near_retirement[0] = 5;
    refuse("skills[0].near_retirement: must not be above holders");
    holders[1] = -2;
    refuse("skills[1].holders");
    programs[1] = -2;
    refuse("skills[1].programs");
    organization_holders[0] = 5;
    refuse("skills[0].organizations: must not have more holders than the skill");
    in.weight[0] = -1;
    refuse("weights[0]");
    memset(in.weight, 0, sizeof(in.weight));
    refuse("weights: one must be above 0");
    in.few = 0;
    refuse("few");
    in.skills = 0;
    refuse("skills");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(parts_and_score_are_those_of_the_formula, set_up),
        cmocka_unit_test_setup(where_nothing_is_known_nothing_is_said, set_up),
        cmocka_unit_test_setup(bands_tell_no_more_than_the_band, set_up),
        cmocka_unit_test_setup(bands_begin_where_they_say, set_up),
        cmocka_unit_test_setup(nonsense_is_refused_by_name, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
