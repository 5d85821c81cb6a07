/* SPDX-License-Identifier: Apache-2.0
 *
 * What the computations behind methods have in common: a question with members "input" (for the
 * model), "about" (what the answer says of codes) and "said" (what it repeats), and an answer that
 * is one JSON document.
 */
#ifndef JINZAI_MODEL_SAID_H
#define JINZAI_MODEL_SAID_H

#include <jansson.h>

#include "model/answer.h"
#include "model/gap_json.h"

/* Asks a model. Returns MODEL_OK with *result, the caller's to give back, or the model's error with
 * the reason in answer. */
int said_ask(gap_json *model, const json_t *input, const struct stop *stop,
             struct model_answer *answer, json_t **result);

/* Writes the members of said and then those of result, which it gives back. result may be NULL,
 * where memory was short. Returns MODEL_OK or MODEL_MEMORY. */
int said_answer(const json_t *said, json_t *result, struct model_answer *answer);

/* What is said of a code; json null where nothing is. A new reference. */
json_t *said_of(const json_t *about, const json_t *code);

#endif
