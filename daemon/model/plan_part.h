/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of plan share: plan_check.c, plan_effect.c (our own arithmetic), plan_solve.c (CBC), plan.c.
 */
#ifndef JINZAI_MODEL_PLAN_PART_H
#define JINZAI_MODEL_PLAN_PART_H

#include "model/plan.h"

/* Relative to the figures at hand, how far sums of doubles and a solver's answers may be off. */
#define PLAN_TOLERANCE 1e-6

/* Looks at every input by itself. Returns MODEL_OK, or MODEL_BAD with reason. */
int plan_check(const struct plan_input *in, char reason[static MODEL_REASON_BYTES]);

/* What is used, [resource, year], by the runs. */
void plan_use(const struct plan_input *in, const int *run, double *used);

/* What remains, [cell, year], of the gaps; NAN where unknown. */
void plan_remain(const struct plan_input *in, const int *run, double *remaining);

double plan_objective(const struct plan_input *in, const double *remaining);

/* What one run in year gives a cell in year t; gain is the number of the gain. 0 where it comes later. */
double plan_effect(const struct plan_input *in, int64_t gain, int year, int t);

/* Which constraint forbids one more run of the action in the year, if any: bind is PLAN_BIND_CHOICE where none does. */
struct plan_binding plan_block(const struct plan_input *in, const int *run, const double *used, int action, int year);

/* By how much one more run would lower the objective. */
double plan_more(const struct plan_input *in, const double *remaining, int action, int year);

/* Fills the binding constraints of [cell, year]. Returns MODEL_OK or MODEL_MEMORY. */
int plan_bind(const struct plan_input *in, const int *run, const double *used, const double *remaining,
              struct plan_binding *binding);

/* Where CBC got to. */
struct plan_answer {
    bool found, proven, infeasible;
    double objective, bound; /* as CBC says */
};

/* Solves with CBC. With elastic, the ceilings may be passed, and only by how much is minimized. limit replaces the
 * resources' limits. run is filled where found. Returns MODEL_OK, MODEL_MEMORY, MODEL_WRONG where a run is not whole, or
 * MODEL_MISSING where CBC is. */
int plan_solve(const struct plan_input *in, const double *limit, bool elastic, double seconds, int *run,
               struct plan_answer *answer);

#endif
