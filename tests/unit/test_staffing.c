/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/flow.h"
#include "model/staffing.h"

enum { SKILLS = 3, PEOPLE = 4, ROLES = 3, POSITIONS = 4, CASES = 3000 };

/* A small question, and room for its arrays. */
struct small {
    struct staffing_input in;
    int64_t held_first[PEOPLE + 1], asked_first[ROLES + 1];
    int held_skill[PEOPLE * SKILLS], held_level[PEOPLE * SKILLS];
    int asked_skill[ROLES * SKILLS], asked_level[ROLES * SKILLS];
    int person_fte[PEOPLE], person_group[PEOPLE];
    int position_role[POSITIONS], position_group[POSITIONS];
    int64_t position_fte[POSITIONS];
    int level[PEOPLE][SKILLS]; /* the same holdings as a table */
};

static uint64_t state;
static char reason[MODEL_REASON_BYTES];

/* A plain generator of the test's own (xorshift64; Marsaglia 2003, Xorshift RNGs, Journal of Statistical Software 8). */
static int
below(int bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (uint64_t)bound);
}

static void
invent(struct small *s, int skills, int levels, int people, bool equal)
{
    int h = 0, a = 0;

    memset(s, 0, sizeof(*s));
    for (int p = 0; p < people; p++) {
        for (int k = 0; k < skills; k++) {
            s->level[p][k] = below(levels + 1);
            if (s->level[p][k] == 0 && below(2) == 0)
                continue;
            s->held_skill[h] = k;
            s->held_level[h++] = s->level[p][k];
        }
        s->held_first[p + 1] = h;
        s->person_fte[p] = equal ? 100 : below(5) * 25;
        s->person_group[p] = below(2);
    }
    s->in.roles = 1 + below(ROLES);
    for (int r = 0; r < s->in.roles; r++) {
        int only = below(skills);

        for (int k = 0; k < skills; k++)
            if (k == only || below(2) == 0) {
                s->asked_skill[a] = k;
                s->asked_level[a++] = 1 + below(levels);
            }
        s->asked_first[r + 1] = a;
    }
    s->in.positions = 1 + below(POSITIONS);
    for (int q = 0; q < s->in.positions; q++) {
        s->position_role[q] = below(s->in.roles);
        s->position_group[q] = below(3) - 1;
        s->position_fte[q] = equal ? 100 : below(6) * 30;
    }
    s->in.skills = skills;
    s->in.people = people;
    s->in.held_first = s->held_first;
    s->in.held_skill = s->held_skill;
    s->in.held_level = s->held_level;
    s->in.person_fte = s->person_fte;
    s->in.person_group = s->person_group;
    s->in.asked_first = s->asked_first;
    s->in.asked_skill = s->asked_skill;
    s->in.asked_level = s->asked_level;
    s->in.position_role = s->position_role;
    s->in.position_fte = s->position_fte;
    s->in.position_group = s->position_group;
}

static bool
fits(const struct small *s, int level[][SKILLS], int person, int position)
{
    int role = s->position_role[position];

    if (s->position_group[position] >= 0 && s->position_group[position] != s->person_group[person])
        return false;
    for (int64_t a = s->asked_first[role]; a < s->asked_first[role + 1]; a++)
        if (level[person][s->asked_skill[a]] < s->asked_level[a])
            return false;
    return true;
}

/* The maximum, as the least over all sets of positions of what is asked outside plus who is there for the inside. */
static int64_t
slow_maximum(const struct small *s, int level[][SKILLS])
{
    int64_t least = INT64_MAX;

    for (int set = 0; set < 1 << s->in.positions; set++) {
        int64_t value = 0;

        for (int q = 0; q < s->in.positions; q++)
            if (!(set >> q & 1))
                value += s->position_fte[q];
        for (int p = 0; p < s->in.people; p++)
            for (int q = 0; q < s->in.positions; q++)
                if ((set >> q & 1) && fits(s, level, p, q)) {
                    value += s->person_fte[p];
                    break;
                }
        if (value < least)
            least = value;
    }
    return least;
}

/* All ways of raising levels: cheapest[m / 100 units] for each maximum m reached, by trying everything. */
static void
slow_trainings(const struct small *s, int level[][SKILLS], int top, int most, int person, int spent, int64_t beyond,
               int cheapest[], int *first)
{
    int saved[SKILLS];

    if (person == s->in.people) {
        int64_t value = slow_maximum(s, level);

        for (int64_t k = value / 100; k >= 0; k--)
            if (cheapest[k] > spent)
                cheapest[k] = spent;
        if (value > beyond && spent < *first)
            *first = spent;
        return;
    }
    memcpy(saved, level[person], sizeof(saved));
    for (int a = saved[0]; a <= top; a++)
        for (int b = saved[1]; b <= top; b++) {
            int steps = a - saved[0] + b - saved[1];

            if (steps > most || (s->person_fte[person] == 0 && steps > 0))
                continue;
            level[person][0] = a;
            level[person][1] = b;
            slow_trainings(s, level, top, most, person + 1, spent + steps, beyond, cheapest, first);
        }
    memcpy(level[person], saved, sizeof(saved));
}

static void
the_maximum_is_that_of_all_cuts_tried(void **unused)
{
    (void)unused;
    state = 20240409;
    for (int i = 0; i < CASES; i++) {
        struct small s;
        struct staffing_result result;
        int64_t shared = 0, filled = 0;

        invent(&s, SKILLS, 3, 1 + below(PEOPLE), false);
        assert_int_equal(staffing_solve(&s.in, NULL, &result, reason), MODEL_OK);
        assert_int_equal(result.filled, slow_maximum(&s, s.level));
        assert_int_equal(result.binding_asked - result.binding_available, result.asked - result.filled);
        for (int h = 0; h < result.shares; h++) {
            const struct staffing_class *class = &result.class[result.share[h].class];

            shared += result.share[h].fte;
            for (int q = 0; q < s.in.positions; q++)
                if (s.position_role[q] == result.target[result.share[h].target].role &&
                    s.position_group[q] == result.target[result.share[h].target].group)
                    assert_true(fits(&s, s.level, class->first_person, q));
        }
        for (int q = 0; q < s.in.positions; q++) {
            assert_true(result.position_filled[q] <= s.position_fte[q]);
            filled += result.position_filled[q];
        }
        assert_int_equal(shared, result.filled);
        assert_int_equal(filled, result.filled);
        staffing_free(&result);
    }
}

static void
trainings_for_every_lift_are_the_least_of_all_tried(void **unused)
{
    int lifted = 0;

    (void)unused;
    state = 77;
    for (int i = 0; i < CASES; i++) {
        struct small s;
        struct staffing_result result;
        int cheapest[POSITIONS + PEOPLE + 1], first = INT32_MAX, most = 1 + below(4);
        int64_t spent = 0, units;

        memset(cheapest, 0x7f, sizeof(cheapest));
        invent(&s, 2, 2, 1 + below(3), true);
        s.in.training_steps = most;
        assert_int_equal(staffing_solve(&s.in, NULL, &result, reason), MODEL_OK);
        slow_trainings(&s, s.level, 2, most, 0, 0, result.filled, cheapest, &first);
        assert_true(result.trainings_exact);
        assert_int_equal(cheapest[result.filled / 100], 0);
        units = result.filled / 100;
        for (int l = 0; l < result.lifts; l++)
            for (int64_t u = 0; u < result.lift[l].lift / 100; u++) {
                spent += result.lift[l].steps_each;
                assert_int_equal(cheapest[++units], spent);
                lifted++;
            }
        assert_int_equal(cheapest[units + 1], 0x7f7f7f7f);
        assert_int_equal(result.trainings, spent);
        assert_int_equal(result.trained_filled, units * 100);
        assert_int_equal(result.first_lift_trainings, result.lifts == 0 ? -1 : first);
        for (int k = 0; k < s.in.skills; k++)
            spent -= result.skill_trainings[k];
        assert_int_equal(spent, 0);
        staffing_free(&result);
    }
    assert_true(lifted > 1000);
}

static void
the_first_lift_is_exact_also_for_parts_of_people(void **unused)
{
    (void)unused;
    state = 4711;
    for (int i = 0; i < CASES; i++) {
        struct small s;
        struct staffing_result result;
        int cheapest[32], first = INT32_MAX;

        memset(cheapest, 0x7f, sizeof(cheapest));
        invent(&s, 2, 2, 1 + below(3), false);
        s.in.training_steps = 4;
        assert_int_equal(staffing_solve(&s.in, NULL, &result, reason), MODEL_OK);
        slow_trainings(&s, s.level, 2, 4, 0, 0, result.filled, cheapest, &first);
        assert_int_equal(result.first_lift_trainings, first == INT32_MAX ? -1 : first);
        staffing_free(&result);
    }
}

/* Rows that stand for several people answer as so many rows. */
static void
rows_of_several_heads_are_as_many_people(void **unused)
{
    (void)unused;
    state = 99;
    for (int i = 0; i < 500; i++) {
        struct small s;
        struct staffing_result one, two;
        int heads[PEOPLE];

        invent(&s, SKILLS, 3, PEOPLE, true);
        s.in.training_steps = 3;
        for (int p = 0; p < PEOPLE; p++)
            heads[p] = p == 0 ? 2 : p == 1 ? 0 : 1;
        s.in.person_heads = heads;
        assert_int_equal(staffing_solve(&s.in, NULL, &one, reason), MODEL_OK);
        /* The same with nobody left out: person 1 as a copy of person 0. */
        {
            int skill[PEOPLE * SKILLS], level[PEOPLE * SKILLS];
            int64_t first[PEOPLE + 1] = {0};
            int n = 0;

            for (int p = 0; p < PEOPLE; p++) {
                int from = p == 1 ? 0 : p;

                for (int64_t h = s.held_first[from]; h < s.held_first[from + 1]; h++, n++) {
                    skill[n] = s.held_skill[h];
                    level[n] = s.held_level[h];
                }
                first[p + 1] = n;
            }
            s.person_group[1] = s.person_group[0];
            s.in.held_first = first;
            s.in.held_skill = skill;
            s.in.held_level = level;
            s.in.person_heads = NULL;
            assert_int_equal(staffing_solve(&s.in, NULL, &two, reason), MODEL_OK);
        }
        assert_int_equal(one.filled, two.filled);
        assert_int_equal(one.trainings, two.trainings);
        assert_int_equal(one.trained_filled, two.trained_filled);
        staffing_free(&one);
        staffing_free(&two);
    }
}

/* One welder with tritium training; two positions want welding, one of them tritium handling too. */
static void
the_cut_says_what_binds_and_a_waiver_says_which_skill(void **unused)
{
    static const int64_t held_first[] = {0, 1, 2, 4}, asked_first[] = {0, 1, 3};
    static const int held_skill[] = {0, 0, 0, 1}, held_level[] = {3, 3, 3, 2}, fte[] = {100, 100, 100};
    static const int asked_skill[] = {0, 0, 1}, asked_level[] = {2, 2, 2}, role[] = {0, 1, 1};
    static const int64_t position_fte[] = {100, 100, 100};
    struct staffing_input in = {.skills = 2, .people = 3, .held_first = held_first, .held_skill = held_skill,
                                .held_level = held_level, .person_fte = fte, .roles = 2, .asked_first = asked_first,
                                .asked_skill = asked_skill, .asked_level = asked_level, .positions = 3,
                                .position_role = role, .position_fte = position_fte, .training_steps = 5, .waivers = 5};
    struct staffing_result result;

    (void)unused;
    assert_int_equal(staffing_solve(&in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.filled, 200);
    assert_false(result.target[0].binds);
    assert_true(result.target[1].binds);
    assert_int_equal(result.binding_asked, 200);
    assert_int_equal(result.binding_available, 100);
    assert_int_equal(result.first_lift_trainings, 2);
    assert_int_equal(result.skill_trainings[1], 2);
    assert_int_equal(result.trained_filled, 300);
    assert_int_equal(result.waivers, 2);
    assert_int_equal(result.waiver[0].skill, 1);
    assert_int_equal(result.waiver[0].lift, 100);
    assert_int_equal(result.waiver[1].lift, 0);
    staffing_free(&result);
}

static void
refuse(const struct small *s, const char *why)
{
    struct staffing_result result;

    assert_int_equal(staffing_solve(&s->in, NULL, &result, reason), MODEL_BAD);
    if (strstr(reason, why) == NULL)
        fail_msg("'%s' lacks '%s'", reason, why);
    staffing_free(&result);
}

static void
nonsense_is_refused_by_name(void **unused)
{
    struct small s;

    (void)unused;
    state = 5;
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.asked_first[1] = 0;
    refuse(&s, "roles[0].skills: a role must ask for at least one skill");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.asked_level[0] = 0;
    refuse(&s, "roles[0].level");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.asked_skill[0] = SKILLS;
    refuse(&s, "roles[0].skill");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.person_fte[1] = 101;
    refuse(&s, "people[1].fte");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.position_fte[0] = -1;
    refuse(&s, "positions[0].fte");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.position_role[0] = s.in.roles;
    refuse(&s, "positions[0].role");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.in.positions = 0;
    refuse(&s, "positions");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.in.training_steps = -1;
    refuse(&s, "training_steps");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.in.waivers = -1;
    refuse(&s, "waivers");
    invent(&s, SKILLS, 3, PEOPLE, false);
    s.in.lift_most = -1;
    refuse(&s, "lift_most");
}

static void
nobody_fills_nothing_and_all_of_it_binds(void **unused)
{
    struct small s;
    struct staffing_result result;

    (void)unused;
    state = 6;
    invent(&s, SKILLS, 3, PEOPLE, true);
    s.in.people = 0;
    assert_int_equal(staffing_solve(&s.in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.filled, 0);
    assert_int_equal(result.binding_asked, result.asked);
    assert_int_equal(result.first_lift_trainings, -1);
    staffing_free(&result);
}

static void
a_raised_flag_stops_it(void **unused)
{
    atomic_bool cancel = true;
    struct stop stop = {.cancel = &cancel};
    struct small s;
    struct staffing_result result;

    (void)unused;
    invent(&s, SKILLS, 3, PEOPLE, true);
    assert_int_equal(staffing_solve(&s.in, &stop, &result, reason), MODEL_STOPPED);
    assert_non_null(strstr(reason, "stopped"));
    staffing_free(&result);
}

/* A network whose maximum is easily found by hand: 23. */
static void
a_flow_known_by_heart_is_found_with_its_cut(void **unused)
{
    static const int edge[][3] = {{0, 1, 16}, {0, 2, 13}, {1, 3, 12}, {2, 1, 4}, {3, 2, 9}, {2, 4, 14}, {4, 3, 7},
                                  {3, 5, 20}, {4, 5, 4}};
    struct flow *flow = flow_create(6);
    bool side[6];
    int64_t cut = 0;

    (void)unused;
    assert_non_null(flow);
    for (size_t e = 0; e < sizeof(edge) / sizeof(edge[0]); e++)
        assert_int_equal(flow_add(flow, edge[e][0], edge[e][1], edge[e][2], 0), (int)e);
    assert_int_equal(flow_maximum(flow, 0, 5, NULL), 23);
    assert_int_equal(flow_cut(flow, 5, side), 0);
    for (size_t e = 0; e < sizeof(edge) / sizeof(edge[0]); e++)
        if (!side[edge[e][0]] && side[edge[e][1]])
            cut += edge[e][2];
    assert_int_equal(cut, 23);
    assert_int_equal(flow_maximum(flow, 0, 5, NULL), 0);
    assert_int_equal(flow_maximum(flow, 0, 0, NULL), MODEL_BAD);
    assert_int_equal(flow_add(flow, 0, 6, 1, 0), -1);
    assert_int_equal(flow_add(flow, 0, 1, -1, 0), -1);
    assert_int_equal(flow_add(flow, 0, 1, 1, -1), -1);
    flow_free(flow);
    assert_null(flow_create(1));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_known_by_heart_is_found_with_its_cut),
        cmocka_unit_test(the_maximum_is_that_of_all_cuts_tried),
        cmocka_unit_test(trainings_for_every_lift_are_the_least_of_all_tried),
        cmocka_unit_test(the_first_lift_is_exact_also_for_parts_of_people),
        cmocka_unit_test(rows_of_several_heads_are_as_many_people),
        cmocka_unit_test(the_cut_says_what_binds_and_a_waiver_says_which_skill),
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(nobody_fills_nothing_and_all_of_it_binds),
        cmocka_unit_test(a_raised_flag_stops_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
