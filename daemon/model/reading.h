/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the JSON text that one SQL statement writes into the plain arrays that models take. The first thing wrong is kept as
 * a sentence with its path ("roles[2].skills[0].level: must be a whole number"); after it nothing is read, and every function
 * answers something harmless. All memory is given back at once.
 */
#ifndef JINZAI_MODEL_READING_H
#define JINZAI_MODEL_READING_H

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "model/stop.h"

enum { READING_PATH_BYTES = 100, READING_NEEDED = INT_MIN };

struct reading {
    json_t *root;
    char *reason;
    int rc; /* MODEL_OK until something is wrong */
    char path[READING_PATH_BYTES]; /* of the object at hand: "roles[2]." */
    struct reading_block *blocks;
};

/* Codes in their order, and back from code to place. */
struct reading_codes {
    json_t *array; /* of strings, or of objects with "code"; borrowed */
    json_t *place;
    int count;
};

/* Parses text, which must be an object. Returns 0 or MODEL_BAD; to be closed in either case. */
int reading_open(struct reading *reading, const char *text, size_t length, char reason[static MODEL_REASON_BYTES]);

void reading_close(struct reading *reading);

/* Says where the next members stand: "roles[%d].", or "" for the root. */
__attribute__((format(printf, 2, 3))) void reading_at(struct reading *reading, const char *format, ...);

/* Keeps what is wrong with a member. */
void reading_refuse(struct reading *reading, const char *member, const char *expected);

/* Zeroed memory that lives until reading_close; NULL, with rc MODEL_MEMORY, where there is none. */
void *reading_room(struct reading *reading, size_t count, size_t size);

/* An array; an empty one where it is absent or null. Borrowed. */
json_t *reading_array(struct reading *reading, json_t *object, const char *name);

/* The codes in an array of the root; each must be there once. */
struct reading_codes reading_codes(struct reading *reading, const char *name);
/* A code's text, and null for -1. */
json_t *reading_code_json(const struct reading_codes *codes, int place);
/* Members: a code's place (-1 where absent or null and not needed), a whole number, a number, a boolean. otherwise stands for what
 * is absent or null: READING_NEEDED means that it must be there. */
int reading_code(struct reading *reading, const struct reading_codes *codes, json_t *object, const char *name, bool needed);
int reading_whole(struct reading *reading, json_t *object, const char *name, int otherwise);
double reading_number(struct reading *reading, json_t *object, const char *name, double otherwise);
double reading_number_needed(struct reading *reading, json_t *object, const char *name);
bool reading_truth(struct reading *reading, json_t *object, const char *name, bool otherwise);
/* A number of each year; a lone number stands for all. null is `otherwise`. */
void reading_years(struct reading *reading, json_t *object, const char *name, int years, double otherwise, double out[]);

/* Writes the answer, compact, as malloc'ed text, and gives the document back. Returns MODEL_OK or MODEL_MEMORY. */
int reading_answer(json_t *document, char **answer);
/* A number to a millionth, null for NAN or infinity. */
json_t *reading_figure(double value);

#endif
