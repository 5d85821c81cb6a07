/* SPDX-License-Identifier: Apache-2.0
 *
 * What a computation answers: JSON text that grows while it is written, or why there is none.
 */
#ifndef JINZAI_MODEL_ANSWER_H
#define JINZAI_MODEL_ANSWER_H

#include <stddef.h>

#include "model/stop.h"

enum { MODEL_PARAMETER_BYTES = 64 };

/* A plain value, zeroed before use. */
struct model_answer {
    char *text; /* malloc'ed and ended by a zero byte; the caller frees it, also after an error */
    size_t size, room;
    char reason[MODEL_REASON_BYTES];          /* a sentence without its full stop, for the caller to read */
    char parameter[MODEL_PARAMETER_BYTES];    /* the parameter that was wrong, or "" */
    char expected[MODEL_REASON_BYTES];        /* or "" */
};

/* A computation as it is reached from outside: from the JSON text that a statement answered to the answer's. Pure, and on any
 * thread. Returns MODEL_OK with the text, or another MODEL_ code with the reason. */
typedef int model_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer);

/* Appends; data is the struct model_answer. Returns 0, or -1 when out of memory. */
int model_answer_put(const char *text, size_t size, void *data);

#endif
