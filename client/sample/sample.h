/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample while it is being made: its people and what of them the later files need.
 */
#ifndef JINZAI_SAMPLE_SAMPLE_H
#define JINZAI_SAMPLE_SAMPLE_H

#include <stdbool.h>
#include <stdio.h>

#include "random.h"
#include "world.h"

enum { PEOPLE = 2000, EXCHANGES = 150, CODE_TEXT = 24 };

enum stage { STUDENT, POSTDOC, EARLY, MID, SENIOR, EMERITUS, TECHNICIAN, STAGES };

struct person {
    const struct organization *home; /* where the person is on the sample's day */
    enum stage stage;
    int cohort; /* first of five birth years */
    int began;  /* day on which the career in fusion began */
    int since;  /* day from which the person is at home there */
    bool here;  /* whether the person still is anywhere */
    int fte;    /* at home, in tenths */
    enum category_id primary, secondary;
    bool on_exchange;
};

struct sample {
    struct random random;
    const char *directory;
    unsigned long long seed;
    int today; /* the day on which the sample stands */
    int year;  /* in which it lies */
    struct person people[PEOPLE];
    /* FTE in tenths of those who hold a skill of the category at level 3 or above, by evidence
     * other than their word. */
    int supply[COUNTRIES][CATEGORIES];
};

/* Opens files of the sample for writing. Returns 0, or -1 with a sentence on stderr and none of
 * them open. */
int sample_open(const struct sample *sample, const char *const *names, FILE **files, size_t count);

/* Closes them. Returns 0, or -1 with a sentence on stderr if not everything was written. */
int sample_close(const struct sample *sample, const char *const *names, FILE **files, size_t count);

/* Writes the code of a person, who is numbered from 0. Returns text. */
const char *person_code(int number, char text[CODE_TEXT]);

/* Each writes files of its own. Returns 0, or -1 with a sentence on stderr. People come first. */
int people_make(struct sample *sample);
int learning_make(struct sample *sample);
int exchanges_make(struct sample *sample);
int workshops_make(struct sample *sample);
int needs_make(struct sample *sample);

#endif
