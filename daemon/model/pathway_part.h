/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of pathway share: pathway.c (carry-over, alternatives) and pathway_search.c (one route).
 */
#ifndef JINZAI_MODEL_PATHWAY_PART_H
#define JINZAI_MODEL_PATHWAY_PART_H

#include "model/pathway.h"

/* What a search is about: levels at the outset by skill, and programs that it may not use. */
struct pathway_question {
    const struct pathway_input *in;
    const int *level;
    const bool *forbidden;
};

/* Finds the best route. MODEL_OK with *outcome PATHWAY_FOUND and route filled (the caller frees its steps), or another outcome;
 * or MODEL_MEMORY, MODEL_STOPPED. *labels grows by those tried. */
int pathway_search(const struct pathway_question *question, const struct stop *stop, enum pathway_outcome *outcome,
                   struct pathway_route *route, int64_t *labels);

#endif
