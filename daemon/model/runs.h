/* SPDX-License-Identifier: Apache-2.0
 *
 * The computations that methods name (enum computation in rpc/method.h), each beside its model.
 */
#ifndef JINZAI_MODEL_RUNS_H
#define JINZAI_MODEL_RUNS_H

#include "model/answer.h"

/* gap.project: {"input": what project_json.h reads, "level": 0 … 5, "said": members that the answer repeats}. */
model_run project_run;

/* opportunity.rank: {"input": the opportunity question of gap_json.h, "top", "only": {"organization", "country"}, "about": {what is
 * said of "organizations", "skills", "ties" of countries ("JP/US") and "guessed" cells}, "said"}. */
model_run opportunity_run;

/* plan.optimize: {"projection": what project_json.h reads, whose series are the cells, "level", "quantile": "p50|p90", "first_year",
 * "input": the plan question of gap_json.h without the cells' gaps, "about": {"actions", "cells", "resources"}, "said"}. */
model_run plan_run;

/* gap.staffing: {"input": the staffing question of gap_json.h, "about": {what is said of "roles", "skills", "positions"}, "live":
 * whether people's levels are known and not only the roles that they reach, "top": classes and trainings to list, "said"}. */
model_run staffing_run;

/* gap.fragile: {"input": the fragile question of gap_json.h, "about": {what is said of each skill}, "top", "zero_below": what a
 * count that is published as zero is below, "said"}. */
model_run fragile_run;

/* pathway.find: {"input": the pathway question of gap_json.h with days since 1970, "about": {"skills", "matches" of mappings
 * ("FROM/TO"), "programs" with their "sessions"}, "said"}. pathway.neighbors: {"input": the neighbors question, "about":
 * {"occupations"}, "said"}. */
model_run pathway_run, neighbors_run;

#endif
