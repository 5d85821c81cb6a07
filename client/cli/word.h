/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of the command line and the names of the catalogue: method "exchange.approval_record"
 * is typed "exchange approval-record", and _ and - are the same everywhere.
 */
#ifndef JINZAI_CLI_WORD_H
#define JINZAI_CLI_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "methods/catalogue.h"

enum { WORD_SIZE = 128 };

/* Whether size bytes of word are name, _ and - (and . within a verb) being the same. */
bool word_is(const char *name, const char *word, size_t size);

/* Writes name as it is typed, with - for _ and for dots. Returns out. */
const char *word_typed(char out[WORD_SIZE], const char *name);

/* Writes name for people to read, with a space for _. Returns out. */
const char *word_spaced(char out[WORD_SIZE], const char *name);

/* Writes the noun of a method as it is typed. Returns out. */
const char *word_noun(char out[WORD_SIZE], const struct method *method);

/* The verb of a method as the catalogue writes it. */
const char *word_verb(const struct method *method);

/* Whether the method at that number is the first of its noun in the catalogue. */
bool word_is_first(size_t number);

/* The first method of a noun, or NULL. */
const struct method *word_find_noun(const char *noun);

/* The method of a noun and a verb, or NULL. */
const struct method *word_find(const char *noun, const char *verb);

/* The known noun, or (where noun is not NULL) verb of that noun, that is closest to a mistyped one,
 * as it is typed, in out; NULL where none is close. */
const char *word_nearest(char out[WORD_SIZE], const char *noun, const char *word);

/* A parameter found by an option's name. */
struct word_option {
    const struct param *row; /* NULL: there is none */
    const char *language;    /* "en" or "ja" for --name-ja, else NULL */
};

/* Finds the parameter that size bytes of word name: itself, one of a list in the singular (--pillar
 * for pillars), or one language of a label (--name-ja for name). */
struct word_option word_option(const struct param *table, const char *word, size_t size);

#endif
