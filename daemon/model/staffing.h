/* SPDX-License-Identifier: Apache-2.0
 *
 * Staffing: how many of the demanded positions the people there are can fill when nobody fills two.
 *
 * People are put together into classes: equal levels in the skills that any position asks for (levels above what is asked
 * count as what is asked), equal FTE, equal group. Positions are put together into targets: equal role and group. From
 * the source an edge leads to each class with the FTE of its people; from a class to each target whose role it has all
 * skills for and whose group it may serve; from each target to the sink with the FTE asked for. The maximum flow is what
 * can be filled. A person's FTE may be shared out among positions; nobody's is used twice.
 *
 * What binds is the minimum cut nearest to the sink: a smallest set of targets, and all classes that could serve any of
 * them, such that asked FTE - available FTE = unfilled FTE of the whole question. By Ford and Fulkerson (1956) no other way
 * of sharing out fills more; for heads and positions of equal FTE this is Hall's condition: Hall (1935), On Representatives
 * of Subsets, Journal of the London Mathematical Society 10:26-30.
 *
 * A training lifts one person by one level in one skill. Making one person of class c fit for role r takes
 *     steps(c, r) = Σ over the skills of r of max(0, asked - held)
 * and such edges are offered where 0 < steps ≤ training_steps. The smallest number of trainings that lifts the maximum at
 * all is the length of the cheapest augmenting path, which is exact. The cheapest flow (flow.h) gives the least trainings for
 * each further unit; that is exact where everybody's FTE is the same and divides every position's, and otherwise a plan
 * that works with trainings counted for whole persons, which may not be the least: trainings_exact says which.
 */
#ifndef JINZAI_MODEL_STAFFING_H
#define JINZAI_MODEL_STAFFING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stop.h"

enum {
    STAFFING_FTE = 100, /* units of FTE: hundredths */
    STAFFING_LEVEL_MAX = 9,
    STAFFING_SKILLS_MAX = 1 << 20,
    STAFFING_PEOPLE_MAX = 1 << 24,
    STAFFING_ROLES_MAX = 1 << 20,
    STAFFING_POSITIONS_MAX = 1 << 24,
    STAFFING_HEADS_MAX = 1 << 24,
    STAFFING_STEPS_MAX = 100,
    STAFFING_WAIVERS_MAX = 1000,
};

/* Plain arrays, the caller's. Spans are first[i] … first[i + 1] - 1. */
struct staffing_input {
    int skills;
    int people;                /* rows; a row may stand for many people */
    const int64_t *held_first; /* people + 1 */
    const int *held_skill, *held_level;
    const int *person_fte;   /* of each, hundredths; 0 … 100 */
    const int *person_heads; /* how many the row stands for; NULL: 1 */
    const int *person_group; /* NULL: 0 */
    int roles;
    const int64_t *asked_first; /* roles + 1 */
    const int *asked_skill, *asked_level;
    int positions;
    const int *position_role;
    const int64_t *position_fte; /* hundredths, may be of many chairs */
    const int *position_group;   /* -1: open to all groups; NULL: all open */
    int training_steps;          /* the most that one person is trained; 0: trainings are not searched */
    int64_t lift_most;           /* stop when trainings have lifted by that many hundredths; 0: as far as it goes */
    int waivers;                 /* the most skills to try leaving out; 0: none */
};

struct staffing_class {
    int first_person; /* a row that is in it: its levels are the class's */
    int heads;
    int fte; /* of each */
    int group;
    bool binds;
};

struct staffing_target {
    int role;
    int group; /* -1: open */
    int64_t asked, filled;
    bool binds;
};

struct staffing_share {
    int class, target;
    int64_t fte;
};

struct staffing_training {
    int class, target;
    int people;
    int steps; /* of each */
};

/* One stretch of the curve: with steps_each more trainings for each unit or part of a person, the maximum rises by lift. */
struct staffing_lift {
    int64_t steps_each;
    int64_t lift;
};

struct staffing_waiver {
    int skill;
    int64_t lift; /* of the maximum, if no role asked for the skill */
};

struct staffing_result {
    int64_t asked, filled;
    int classes, targets, shares;
    struct staffing_class *class;
    struct staffing_target *target;
    struct staffing_share *share; /* which class fills how much of which target */
    int *person_class;            /* by row */
    int64_t *position_filled;     /* by position; a target's first positions first */
    int64_t binding_asked, binding_available; /* of the cut; their difference is asked - filled */
    int64_t first_lift_trainings; /* the smallest number that lifts the maximum at all; -1 where none does */
    int64_t trainings, trained_filled;
    bool trainings_exact, trainings_all; /* the least there is; carried on to where no training lifts */
    int plan_size, lifts, waivers;
    struct staffing_training *plan;
    struct staffing_lift *lift;
    int64_t *skill_trainings; /* by skill: how many of the plan's trainings are in it */
    struct staffing_waiver *waiver; /* the largest lift first, then by skill */
};

/* Answers the question. Returns MODEL_OK, or a MODEL_ error with reason saying why; the result is the caller's to
 * free, also after an error. Takes O(classes × roles) for the edges. */
int staffing_solve(const struct staffing_input *input, const struct stop *stop, struct staffing_result *result,
                   char reason[static MODEL_REASON_BYTES]);

void staffing_free(struct staffing_result *result);

#endif
