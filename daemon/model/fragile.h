/* SPDX-License-Identifier: Apache-2.0
 *
 * Which skills hang by a thread: a score of 0 to 1 with the parts that it is made of.
 *
 *     scarcity       1 where holders ≤ few, few / holders above; 1 where nobody holds the skill
 *     retirement     holders near retirement / holders
 *     program        1 where no program that teaches the skill runs, else 0
 *     concentration  Σ (holders with an organization / holders)²: 1 where a single organization has them all
 *     score          Σ weight × part / Σ weight, over the parts that are known
 *
 * Concentration is the Herfindahl-Hirschman index. Source: Hirschman (1964), The Paternity of an Index, American Economic Review
 * 54:761-762. The other parts and the weights are ours; the caller may give weights of their own, and all parts are shown.
 *
 * Who may not see small counts gets bands. Then every part is computed from the middle of the band and not from the count, so
 * that a score tells no more than the bands beside it.
 */
#ifndef JINZAI_MODEL_FRAGILE_H
#define JINZAI_MODEL_FRAGILE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/stop.h"

enum fragile_part { FRAGILE_SCARCITY, FRAGILE_RETIREMENT, FRAGILE_PROGRAM, FRAGILE_CONCENTRATION, FRAGILE_PARTS };

enum { FRAGILE_SKILLS_MAX = 1 << 20, FRAGILE_FEW = 5, FRAGILE_FEW_MAX = 1000 };

/* Holders, banded: nobody, then fewer than 10, 20, 50, 100, 200, 500, or more. */
enum { FRAGILE_HOLDER_BANDS = 8 };
/* Shares, banded: below a third, below two thirds, the rest. */
enum { FRAGILE_SHARE_BANDS = 3 };

/* Equal weights for few holders and age, half of that for the other two, which are signs of the same. */
#define FRAGILE_WEIGHTS_DEFAULT {1, 1, 0.5, 0.5}

/* Plain arrays, the caller's; by skill. */
struct fragile_input {
    int skills;
    const int64_t *holders;          /* at the level asked for or above; -1: unknown */
    const int64_t *near_retirement;  /* of them; -1: unknown */
    const int *programs;             /* that teach it and run; -1: unknown */
    const int64_t *organization_first; /* skills + 1; NULL: unknown */
    const int64_t *organization_holders; /* by organization that has some; spans of organization_first */
    int few;                         /* FRAGILE_FEW unless the caller says otherwise */
    double weight[FRAGILE_PARTS];
    bool banded;
};

struct fragile_skill {
    int skill;
    double score;               /* NAN: no part is known */
    double part[FRAGILE_PARTS]; /* NAN: unknown */
    int holder_band;            /* 0 … FRAGILE_HOLDER_BANDS - 1; -1: unknown */
    int retirement_band, concentration_band; /* 0 … FRAGILE_SHARE_BANDS - 1; -1: unknown */
    bool single_organization;   /* never said where banded: the band says what may be said */
};

/* Ranks the skills, the most fragile first, then by number; those without a score last. out has room for all. Returns MODEL_OK
 * or MODEL_BAD with reason. */
int fragile_rank(const struct fragile_input *input, struct fragile_skill out[],
                 char reason[static MODEL_REASON_BYTES]);

/* The bounds of a band of holders: from *low to below *high, -1 for no bound. */
void fragile_holder_band(int band, int64_t *low, int64_t *high);

#endif
