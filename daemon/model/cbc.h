/* SPDX-License-Identifier: Apache-2.0
 *
 * CBC's functions, found when the first plan is asked for: to link its libraries takes longer than all others together, and
 * most daemons that start are not asked for a plan.
 */
#ifndef JINZAI_MODEL_CBC_H
#define JINZAI_MODEL_CBC_H

#include <coin/Cbc_C_Interface.h>

#define CBC_FUNCTIONS(F)                                                                                                       \
    F(newModel) F(deleteModel) F(setLogLevel) F(loadProblem) F(setInteger) F(setObjSense) F(setParameter)                      \
    F(setMaximumSeconds) F(solve) F(isProvenInfeasible) F(isProvenOptimal) F(secondaryStatus) F(bestSolution)                  \
    F(getBestPossibleObjValue) F(getObjValue)

#define CBC_FIELD(name) __typeof__(Cbc_##name) *name;
struct cbc { CBC_FUNCTIONS(CBC_FIELD) };
#undef CBC_FIELD

/* CBC, which stays loaded; NULL where this machine has none. Not for two threads at once. */
const struct cbc *cbc_load(void);

#endif
