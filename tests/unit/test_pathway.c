/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/pathway.h"

enum { SKILLS = 4, PROGRAMS = 6, NEEDS = 1, TEACHES = 2, SESSIONS = 2, SETS = 1 << PROGRAMS, CASES = 2000, ROUTES = 5 };

struct small {
    struct pathway_role role;
    struct pathway_input in;
    int asked_skill[SKILLS], asked_level[SKILLS], own_skill[SKILLS], own_level[SKILLS];
    int64_t cost[PROGRAMS], need_first[PROGRAMS + 1], teach_first[PROGRAMS + 1], session_first[PROGRAMS + 1];
    int days[PROGRAMS];
    int need_skill[PROGRAMS * NEEDS], need_level[PROGRAMS * NEEDS];
    int teach_skill[PROGRAMS * TEACHES], teach_level[PROGRAMS * TEACHES];
    int session_begin[PROGRAMS * SESSIONS], session_end[PROGRAMS * SESSIONS];
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
invent(struct small *s, int programs)
{
    int needs = 0, teaches = 0, sessions = 0;

    memset(s, 0, sizeof(*s));
    s->role = (struct pathway_role){.skills = SKILLS, .asked = 1 + below(3), .asked_skill = s->asked_skill,
                                    .asked_level = s->asked_level};
    for (int a = 0; a < s->role.asked; a++) {
        s->asked_skill[a] = a;
        s->asked_level[a] = 1 + below(3);
    }
    for (int k = 0; k < SKILLS; k++) {
        s->own_skill[k] = k;
        s->own_level[k] = below(2);
    }
    for (int p = 0; p < programs; p++) {
        int first = below(SKILLS);

        s->cost[p] = 100000 + below(1000000); /* sums of different sets hardly ever meet */
        if (below(2) == 0) {
            s->need_skill[needs] = below(SKILLS);
            s->need_level[needs++] = 1 + below(3);
        }
        for (int t = 0; t < 1 + below(TEACHES); t++) {
            s->teach_skill[teaches] = (first + t) % SKILLS;
            s->teach_level[teaches++] = 1 + below(3);
        }
        if (below(3) == 0)
            s->days[p] = below(10);
        else
            for (int i = 0; i < 1 + below(SESSIONS); i++) {
                s->session_begin[sessions] = 1 + below(60);
                s->session_end[sessions] = s->session_begin[sessions] + below(15);
                sessions++;
            }
        s->need_first[p + 1] = needs;
        s->teach_first[p + 1] = teaches;
        s->session_first[p + 1] = sessions;
    }
    s->in = (struct pathway_input){.role = &s->role, .own = SKILLS, .own_skill = s->own_skill,
                                   .own_level = s->own_level, .programs = programs, .program_cost = s->cost,
                                   .program_days = s->days, .need_first = s->need_first,
                                   .teach_first = s->teach_first, .session_first = s->session_first,
                                   .need_skill = s->need_skill, .need_level = s->need_level,
                                   .teach_skill = s->teach_skill, .teach_level = s->teach_level,
                                   .session_begin = s->session_begin, .session_end = s->session_end, .from_day = 1,
                                   .latest_day = 30 + below(50), .order = PATHWAY_CHEAPEST, .routes = ROUTES,
                                   .labels_max = 100000};
}

/* All orders and sessions: end[set] is the soonest last day on which a set of programs that reaches the role is over. */
static void
slow_routes(const struct small *s, const int *level, int set, int day, int end[])
{
    bool reached = true;

    for (int a = 0; a < s->role.asked; a++)
        reached = reached && level[s->asked_skill[a]] >= s->asked_level[a];
    if (reached && day < end[set])
        end[set] = day;
    for (int p = 0; p < s->in.programs; p++) {
        int next[SKILLS];
        bool may = !(set >> p & 1);

        for (int64_t n = s->need_first[p]; n < s->need_first[p + 1]; n++)
            may = may && level[s->need_skill[n]] >= s->need_level[n];
        if (!may)
            continue;
        memcpy(next, level, sizeof(next));
        for (int64_t t = s->teach_first[p]; t < s->teach_first[p + 1]; t++)
            if (next[s->teach_skill[t]] < s->teach_level[t])
                next[s->teach_skill[t]] = s->teach_level[t];
        if (s->session_first[p] == s->session_first[p + 1] && s->days[p] > 0 && day + s->days[p] <= s->in.latest_day)
            slow_routes(s, next, set | 1 << p, day + s->days[p], end);
        for (int64_t i = s->session_first[p]; i < s->session_first[p + 1]; i++)
            if (s->session_begin[i] > day && s->session_end[i] <= s->in.latest_day)
                slow_routes(s, next, set | 1 << p, s->session_end[i], end);
    }
}

static int64_t
cost_of(const struct small *s, int set)
{
    int64_t cost = 0;

    for (int p = 0; p < s->in.programs; p++)
        cost += (set >> p & 1) * s->cost[p];
    return cost;
}

/* The best set that contains none of those before; -1: none. */
static int
slow_next(const struct small *s, const int end[], const int chosen[], int n)
{
    int best = -1;

    for (int set = 1; set < 1 << s->in.programs; set++) {
        bool may = end[set] < INT_MAX;

        for (int c = 0; c < n; c++)
            may = may && (set & chosen[c]) != chosen[c];
        if (!may)
            continue;
        if (best >= 0) {
            int64_t cost = cost_of(s, set) - cost_of(s, best), day = end[set] - end[best];

            if (s->in.order == PATHWAY_CHEAPEST ? cost > 0 || (cost == 0 && day >= 0)
                                                : day > 0 || (day == 0 && cost >= 0))
                continue;
        }
        best = set;
    }
    return best;
}

static void
check_step(const struct small *s, const struct pathway_step *step, int *day, int level[])
{
    int p = step->program;

    assert_true(step->begin > *day);
    if (step->session < 0) {
        assert_int_equal(step->end - step->begin + 1, s->days[p]);
    } else {
        assert_int_equal(step->begin, s->session_begin[s->session_first[p] + step->session]);
        assert_int_equal(step->end, s->session_end[s->session_first[p] + step->session]);
    }
    *day = step->end;
    for (int64_t n = s->need_first[p]; n < s->need_first[p + 1]; n++)
        assert_true(level[s->need_skill[n]] >= s->need_level[n]);
    for (int64_t t = s->teach_first[p]; t < s->teach_first[p + 1]; t++)
        if (level[s->teach_skill[t]] < s->teach_level[t])
            level[s->teach_skill[t]] = s->teach_level[t];
}

static void
routes_are_the_best_of_all_orders_and_sessions(void **unused)
{
    int found = 0, alternatives = 0, none = 0;

    (void)unused;
    state = 1868;
    for (int i = 0; i < CASES; i++) {
        struct small s;
        struct pathway_result result;
        int end[SETS], chosen[ROUTES + 1], missing = 0;

        invent(&s, 1 + below(PROGRAMS));
        if (i % 2 == 1)
            s.in.order = PATHWAY_SOONEST;
        for (int set = 0; set < SETS; set++)
            end[set] = INT_MAX;
        slow_routes(&s, s.own_level, 0, 0, end);
        assert_int_equal(pathway_find(&s.in, NULL, &result, reason), MODEL_OK);
        for (int a = 0; a < s.role.asked; a++)
            missing += result.carry[a].missing;
        assert_int_equal(missing == 0, end[0] == 0);
        assert_int_equal(missing == 0, result.outcome == PATHWAY_NOTHING_MISSING);
        assert_true(result.all);
        for (int r = 0; missing > 0 && r <= result.routes && r < ROUTES; r++) {
            chosen[r] = slow_next(&s, end, chosen, r);
            assert_int_equal(chosen[r] < 0, r == result.routes);
            if (r == result.routes)
                break;
            assert_int_equal(result.route[r].cost, cost_of(&s, chosen[r]));
            assert_int_equal(result.route[r].end, end[chosen[r]]);
            {
                int level[SKILLS], day = 0;

                memcpy(level, s.own_level, sizeof(level));
                for (int j = 0; j < result.route[r].steps; j++)
                    check_step(&s, &result.route[r].step[j], &day, level);
                for (int a = 0; a < s.role.asked; a++)
                    assert_true(level[s.asked_skill[a]] >= s.asked_level[a]);
            }
            alternatives += r > 0;
        }
        found += result.routes > 0;
        if (missing > 0 && result.routes == 0) {
            assert_true(result.outcome == PATHWAY_UNTAUGHT || result.outcome == PATHWAY_NO_ROUTE);
            none++;
        }
        pathway_free(&result);
    }
    assert_true(found > CASES / 8 && alternatives > CASES / 20 && none > CASES / 20);
}

static void
what_carries_over_says_from_where_and_how_much(void **unused)
{
    static const int asked_skill[] = {0, 1, 2}, asked_level[] = {3, 2, 1}, from[] = {0, 0, 1, 1}, to[] = {0, 1, 0, 1};
    static const double strength[] = {0.5, 1, 0.75, 0.25}, held_level[] = {2, 4};
    static const int held_source[] = {0, 1}, own_skill[] = {2}, own_level[] = {1};
    static const int64_t nothing[1] = {0};
    const struct pathway_role role = {.skills = 3, .sources = 2, .asked = 3, .asked_skill = asked_skill,
                                      .asked_level = asked_level, .mappings = 4, .mapping_from = from,
                                      .mapping_to = to, .mapping_strength = strength};
    const struct pathway_input in = {.role = &role, .own = 1, .own_skill = own_skill, .own_level = own_level,
                                     .held = 2, .held_source = held_source, .held_level = held_level,
                                     .need_first = nothing, .teach_first = nothing, .session_first = nothing,
                                     .from_day = 1, .latest_day = 10, .routes = 1, .labels_max = 10};
    struct pathway_result result;

    (void)unused;
    assert_int_equal(pathway_find(&in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.outcome, PATHWAY_NOTHING_MISSING);
    assert_int_equal(result.carry[0].source, 1);
    assert_int_equal(result.carry[0].mapping, 2);
    assert_true(fabs(result.carry[0].carried - 3) < 1e-12);
    assert_int_equal(result.carry[1].source, 0);
    assert_int_equal(result.carry[2].source, -1);
    assert_int_equal(result.carry[2].own, 1);
    assert_true(fabs(result.coverage - 1) < 1e-12);
    pathway_free(&result);
}

static void
a_skill_that_nobody_teaches_is_named(void **unused)
{
    struct small s;
    struct pathway_result result;

    (void)unused;
    state = 2;
    invent(&s, PROGRAMS);
    s.own_level[0] = 0;
    s.asked_level[0] = 5;
    assert_int_equal(pathway_find(&s.in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.outcome, PATHWAY_UNTAUGHT);
    assert_int_equal(result.untaught, 0);
    pathway_free(&result);
}

/* Two hundred programs for twelve skills of three levels each, with prerequisites. */
static void
a_large_catalogue_is_searched_or_given_up_in_so_many_words(void **unused)
{
    enum { K = 12, P = 200 };
    static int asked_skill[K], asked_level[K], days[P], need_skill[P], need_level[P], teach_skill[2 * P],
        teach_level[2 * P], none[1];
    static int64_t cost[P], need_first[P + 1], teach_first[P + 1], session_first[P + 1];
    struct pathway_role role = {.skills = K, .asked = K, .asked_skill = asked_skill, .asked_level = asked_level};
    struct pathway_input in = {.role = &role, .programs = P, .program_cost = cost, .program_days = days,
                               .need_first = need_first, .teach_first = teach_first, .session_first = session_first,
                               .need_skill = need_skill, .need_level = need_level, .teach_skill = teach_skill,
                               .teach_level = teach_level, .session_begin = none, .session_end = none,
                               .from_day = 1, .latest_day = 100000, .routes = 1, .labels_max = 2000000};
    struct pathway_result result;

    (void)unused;
    state = 6;
    role.asked = 6;
    for (int k = 0; k < K; k++) {
        asked_skill[k] = k;
        asked_level[k] = 3;
    }
    for (int p = 0; p < P; p++) {
        cost[p] = 1000 + below(9000);
        days[p] = 5;
        need_skill[p] = teach_skill[2 * p] = p % K;
        teach_level[2 * p] = 1 + below(3);
        teach_skill[2 * p + 1] = (p + 1 + below(K - 1)) % K;
        teach_level[2 * p + 1] = 1 + below(2);
        need_level[p] = teach_level[2 * p] - 1;
        teach_first[p + 1] = 2 * (p + 1);
        need_first[p + 1] = need_first[p] + (need_level[p] > 0);
        if (need_level[p] > 0) {
            need_skill[need_first[p]] = p % K;
            need_level[need_first[p]] = teach_level[2 * p] - 1;
        }
    }
    assert_int_equal(pathway_find(&in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.outcome, PATHWAY_FOUND);
    assert_true(result.all);
    pathway_free(&result);
    in.labels_max = 3;
    assert_int_equal(pathway_find(&in, NULL, &result, reason), MODEL_OK);
    assert_int_equal(result.outcome, PATHWAY_NOT_WITHIN);
    assert_false(result.all);
    pathway_free(&result);
}

static void
neighbors_are_ranked_by_what_they_bring(void **unused)
{
    static const int asked_skill[] = {0, 1}, asked_level[] = {4, 2}, from[] = {0, 1}, to[] = {0, 1};
    static const double strength[] = {1, 0.5}, level[] = {2, 4, 4, 2};
    static const int64_t first[] = {0, 1, 2, 4, 4};
    static const int source[] = {0, 1, 0, 1};
    struct pathway_role role = {.skills = 2, .sources = 2, .asked = 2, .asked_skill = asked_skill,
                                .asked_level = asked_level, .mappings = 2, .mapping_from = from, .mapping_to = to,
                                .mapping_strength = strength};
    struct pathway_neighbor out[4];

    (void)unused;
    assert_int_equal(pathway_neighbors(&role, 4, first, source, level, NULL, out, reason), MODEL_OK);
    assert_int_equal(out[0].occupation, 2);
    assert_true(fabs(out[0].coverage - 5.0 / 6) < 1e-12);
    assert_int_equal(out[0].met, 1);
    assert_int_equal(out[0].missing, 1);
    /* 0 and 1 both bring two levels of six and lack four: the number decides. */
    assert_int_equal(out[1].occupation, 0);
    assert_int_equal(out[2].occupation, 1);
    assert_int_equal(out[3].occupation, 3);
    assert_true(out[3].coverage == 0);
    role.asked = 0;
    assert_int_equal(pathway_neighbors(&role, 4, first, source, level, NULL, out, reason), MODEL_BAD);
}

static void
refuse(const struct small *s, const char *why)
{
    struct pathway_result result;

    assert_int_equal(pathway_find(&s->in, NULL, &result, reason), MODEL_BAD);
    if (strstr(reason, why) == NULL)
        fail_msg("'%s' lacks '%s'", reason, why);
    pathway_free(&result);
}

static void
nonsense_is_refused_by_name(void **unused)
{
    struct small s;

    (void)unused;
    state = 9;
    invent(&s, PROGRAMS);
    s.role.asked = 0;
    refuse(&s, "role.skills: a role must ask for at least one skill");
    invent(&s, PROGRAMS);
    s.asked_level[0] = 0;
    refuse(&s, "role.skills[0].level");
    invent(&s, PROGRAMS);
    s.cost[2] = -1;
    refuse(&s, "programs[2].cost: must not be negative");
    invent(&s, PROGRAMS);
    s.teach_level[0] = 0;
    refuse(&s, "programs[0].teaches.level");
    invent(&s, PROGRAMS);
    s.session_begin[0] = 80;
    s.session_end[0] = 79;
    refuse(&s, "sessions[0]: must begin before it ends");
    invent(&s, PROGRAMS);
    s.in.latest_day = 0;
    refuse(&s, "latest_day");
    invent(&s, PROGRAMS);
    s.in.routes = 0;
    refuse(&s, "routes");
    invent(&s, PROGRAMS);
    s.own_level[1] = -1;
    refuse(&s, "own[1]");
}

static void
a_raised_flag_stops_it(void **unused)
{
    atomic_bool cancel = true;
    struct stop stop = {.cancel = &cancel};
    struct small s;
    struct pathway_result result;

    (void)unused;
    invent(&s, PROGRAMS);
    assert_int_equal(pathway_find(&s.in, &stop, &result, reason), MODEL_STOPPED);
    pathway_free(&result);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_the_best_of_all_orders_and_sessions),
        cmocka_unit_test(what_carries_over_says_from_where_and_how_much),
        cmocka_unit_test(a_skill_that_nobody_teaches_is_named),
        cmocka_unit_test(a_large_catalogue_is_searched_or_given_up_in_so_many_words),
        cmocka_unit_test(neighbors_are_ranked_by_what_they_bring),
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(a_raised_flag_stops_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
