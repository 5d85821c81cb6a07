/* SPDX-License-Identifier: Apache-2.0 */
#include "word.h"

#include <stdio.h>
#include <string.h>

#include "rpc/suggest.h"

static char
plain(char byte)
{
    return byte == '_' || byte == '.' ? '-' : byte;
}

bool
word_is(const char *name, const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (name[i] == '\0' || plain(name[i]) != plain(word[i]))
            return false;
    }
    return name[size] == '\0';
}

static const char *
typed(char out[WORD_SIZE], const char *name, size_t size)
{
    size_t i;

    for (i = 0; i < size && i < WORD_SIZE - 1; i++)
        out[i] = plain(name[i]);
    out[i] = '\0';
    return out;
}

const char *
word_typed(char out[WORD_SIZE], const char *name)
{
    return typed(out, name, strlen(name));
}

const char *
word_spaced(char out[WORD_SIZE], const char *name)
{
    word_typed(out, name);
    for (char *at = out; *at != '\0'; at++) {
        if (*at == '-')
            *at = ' ';
    }
    return out;
}

static size_t
noun_size(const struct method *method)
{
    return (size_t)(strchrnul(method->name, '.') - method->name);
}

const char *
word_noun(char out[WORD_SIZE], const struct method *method)
{
    return typed(out, method->name, noun_size(method));
}

const char *
word_verb(const struct method *method)
{
    size_t size = noun_size(method);

    return method->name[size] == '.' ? method->name + size + 1 : method->name;
}

static bool
same_noun(const struct method *a, const struct method *b)
{
    return noun_size(a) == noun_size(b) && strncmp(a->name, b->name, noun_size(a)) == 0;
}

bool
word_is_first(size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (same_noun(catalogue_at(i), catalogue_at(number)))
            return false;
    }
    return true;
}

static bool
has_noun(const struct method *method, const char *noun)
{
    char name[WORD_SIZE];

    return word_is(word_noun(name, method), noun, strlen(noun));
}

const struct method *
word_find_noun(const char *noun)
{
    const struct method *method;

    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (has_noun(method, noun))
            return method;
    }
    return NULL;
}

const struct method *
word_find(const char *noun, const char *verb)
{
    const struct method *method;

    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (has_noun(method, noun) && word_is(word_verb(method), verb, strlen(verb)))
            return method;
    }
    return NULL;
}

const char *
word_nearest(char out[WORD_SIZE], const char *noun, const char *word)
{
    char wanted[WORD_SIZE], best[WORD_SIZE] = "", name[WORD_SIZE];
    struct suggest suggest;
    const struct method *method;
    size_t distance = 0;

    suggest_begin(&suggest, typed(wanted, word, strlen(word)));
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (noun != NULL && !has_noun(method, noun))
            continue;
        if (noun != NULL)
            word_typed(name, word_verb(method));
        else
            word_noun(name, method);
        suggest_offer(&suggest, name);
        /* suggest keeps the pointer it was offered, and name is written again. */
        if (suggest.best != NULL && (*best == '\0' || suggest.distance < distance)) {
            strcpy(best, name);
            distance = suggest.distance;
        }
    }
    return *best != '\0' ? strcpy(out, best) : NULL;
}

/* The singular of a list's name, where its last word has a regular plural. */
static bool
singular(char out[WORD_SIZE], const char *name)
{
    size_t size = strlen(name);

    if (size < 3 || size >= WORD_SIZE || name[size - 1] != 's')
        return false;
    memcpy(out, name, size + 1);
    out[size - 1] = '\0';
    if (strcmp(out + size - 3, "ie") == 0)
        strcpy(out + size - 3, "y");
    return true;
}

struct word_option
word_option(const struct param *table, const char *word, size_t size)
{
    static const char *const languages[] = {"en", "ja"};
    char name[WORD_SIZE];

    for (const struct param *row = table; row != NULL && row->type != PARAM_END; row++) {
        if (word_is(row->name, word, size))
            return (struct word_option){.row = row};
    }
    for (const struct param *row = table; row != NULL && row->type != PARAM_END; row++) {
        if ((row->flags & PARAM_LIST) != 0 && singular(name, row->name) &&
            word_is(name, word, size))
            return (struct word_option){.row = row};
        for (int i = 0; i < 2 && row->type == PARAM_LABEL && (row->flags & PARAM_LIST) == 0; i++) {
            snprintf(name, sizeof name, "%s_%s", row->name, languages[i]);
            if (word_is(name, word, size))
                return (struct word_option){.row = row, .language = languages[i]};
        }
    }
    return (struct word_option){.row = NULL};
}
