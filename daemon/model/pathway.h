/* SPDX-License-Identifier: Apache-2.0
 *
 * From what somebody brings to what a role asks for: what carries over, what is missing, and which programs lead there.
 *
 * Carry-over. A skill of another framework held at level l carries over to skill s with a mapping's strength σ (0 to 1):
 *
 *     carried(s) = max(own(s), max over mappings of l σ)     carried level = ⌊carried(s)⌋
 *     coverage   = Σ weight(s) min(carried(s), asked(s)) / Σ weight(s) asked(s)      over the role's skills
 *
 * One mapping at a time; strengths are not multiplied along chains. The rule and the rounding down are ours: nobody is sent into a
 * program for less than they have, nor spared one for a fraction of a level.
 *
 * Route. A program sets the levels of what it teaches to at least what it teaches, may ask for levels beforehand, and takes
 * place in one of its sessions or, without any, whenever one likes. One program at a time; the next begins after the last
 * day of the one before. Of the routes that reach all asked levels by the latest day the first in the order (cost, last
 * day, number of programs) is found, or (last day, cost, number) where time counts first.
 *
 * Found by A*: Hart, Nilsson and Raphael (1968), A Formal Basis for the Heuristic Determination of Minimum Cost Paths, IEEE
 * Transactions on Systems Science and Cybernetics 4:100-107. A state is the levels of the skills that matter; of its labels
 * (cost, day, number) only those are kept that no other is as good as in all three, as in Martins (1984), On a
 * Multicriteria Shortest Path Problem, European Journal of Operational Research 16:236-245. The bound ahead is
 * Σ over missing skills of min ⌊cost(p) / n(p)⌋ over programs p that teach the skill as high as asked, n(p) being how many of
 * the role's skills p teaches so: no program is paid for twice, so it is never too high, and it is consistent.
 *
 * Alternatives. Each is the best route that does not contain all programs of an earlier one. Found by branching on which
 * program of an earlier route is forbidden, in the manner of Lawler (1972), A Procedure for Computing the K Best Solutions to
 * Discrete Optimization Problems, Management Science 18:401-405.
 */
#ifndef JINZAI_MODEL_PATHWAY_H
#define JINZAI_MODEL_PATHWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stop.h"

enum {
    PATHWAY_LEVEL_MAX = 9,
    PATHWAY_SKILLS_MAX = 1 << 20,
    PATHWAY_MAPPINGS_MAX = 1 << 24,
    PATHWAY_PROGRAMS_MAX = 10000,
    PATHWAY_ASKED_MAX = 1000,
    PATHWAY_ROUTES_MAX = 20,
    PATHWAY_LABELS_MAX = 20000000,
    PATHWAY_LABELS_DEFAULT = 1000000,
    PATHWAY_OCCUPATIONS_MAX = 1 << 20,
    PATHWAY_DAY_MAX = 10000000,
};
#define PATHWAY_COST_MAX (INT64_C(1) << 50)

enum pathway_order { PATHWAY_CHEAPEST, PATHWAY_SOONEST };

/* The role and what carries over to its skills. Plain arrays, the caller's; used by both questions. */
struct pathway_role {
    int skills;  /* of the framework of role and programs */
    int sources; /* skills of other frameworks */
    int asked;
    const int *asked_skill, *asked_level;
    const double *asked_weight; /* NULL: 1 */
    int mappings;
    const int *mapping_from, *mapping_to; /* source, skill */
    const double *mapping_strength;
};

/* Spans are first[i] … first[i + 1] - 1. Days are whole numbers of any epoch, 0 or more. */
struct pathway_input {
    const struct pathway_role *role;
    int own; /* held in the role's framework */
    const int *own_skill, *own_level;
    int held; /* held in others */
    const int *held_source;
    const double *held_level;
    int programs;
    const int64_t *program_cost; /* for one participant, in whole units of one currency */
    const int *program_days;     /* how long it takes where it has no sessions; 0: it then cannot be taken */
    const int64_t *need_first, *teach_first, *session_first; /* programs + 1 */
    const int *need_skill, *need_level, *teach_skill, *teach_level;
    const int *session_begin, *session_end; /* first and last day */
    int from_day, latest_day;
    enum pathway_order order;
    int routes;    /* how many at most */
    int labels_max; /* how much is tried for each before it is given up */
};

struct pathway_carry {
    int skill, asked, own;
    double carried;
    int level;   /* carried, rounded down */
    int missing; /* levels */
    int source, mapping; /* where the most comes from; -1: own, or nothing */
};

struct pathway_step {
    int program, session; /* -1: without */
    int begin, end;
};

struct pathway_route {
    int64_t cost;
    int end; /* last day; the day before from_day where nothing is missing */
    int steps;
    struct pathway_step *step;
};

enum pathway_outcome {
    PATHWAY_FOUND,
    PATHWAY_NOTHING_MISSING,
    PATHWAY_UNTAUGHT,  /* no program teaches `untaught` as high as is asked */
    PATHWAY_NO_ROUTE,  /* none by the latest day, because of prerequisites or dates: all were tried */
    PATHWAY_NOT_WITHIN /* none found within labels_max: there may be one */
};

struct pathway_result {
    enum pathway_outcome outcome;
    int untaught;    /* skill; -1: none */
    double coverage; /* 0 … 1 */
    struct pathway_carry *carry; /* by asked skill */
    int routes;
    struct pathway_route *route; /* the best first */
    bool all; /* every alternative there is was found, or as many as were asked for, in order */
    int64_t labels; /* tried */
};

/* Finds the routes. Returns MODEL_OK with an outcome, or a MODEL_ error with reason; the result is the caller's to free, also
 * after an error. */
int pathway_find(const struct pathway_input *input, const struct stop *stop, struct pathway_result *result,
                 char reason[static MODEL_REASON_BYTES]);

void pathway_free(struct pathway_result *result);

struct pathway_neighbor {
    int occupation;
    double coverage;
    int met;     /* skills of the role that carry over as high as asked */
    int missing; /* levels */
};

/* Ranks occupations by what they bring: by coverage, then fewest missing levels, then number. profile_first has occupations + 1
 * entries; out has room for all. Returns MODEL_OK or a MODEL_ error with reason. */
int pathway_neighbors(const struct pathway_role *role, int occupations, const int64_t *profile_first,
                      const int *profile_source, const double *profile_level, const struct stop *stop,
                      struct pathway_neighbor out[], char reason[static MODEL_REASON_BYTES]);

#endif
