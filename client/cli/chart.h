/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts for a terminal, drawn in characters: with colour where there is a terminal that wants it, and readable without.
 */
#ifndef JINZAI_CLI_CHART_H
#define JINZAI_CLI_CHART_H

#include <stdbool.h>
#include <stdio.h>

#include "language.h"
#include "lib/jinzai.h"

/* The largest gaps of a projection as fans over the years, P10 to P90 shaded and P50 a line. items are those of
 * gap.project. Returns 0, or -1 when out of memory. */
int chart_fan(FILE *stream, const json_t *items, enum language language);

/* The items of gap.matrix as a heat map: a row a subject, a column a group and level, each cell its gap and how dark it is.
 * Returns 0, or -1 when out of memory. */
int chart_heat(FILE *stream, const json_t *items, enum language language);

#endif
