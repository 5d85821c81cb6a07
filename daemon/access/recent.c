/* SPDX-License-Identifier: Apache-2.0 */
#include "access/recent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { NEIGHBOURS = 8 };

struct place {
    char key[RECENT_KEY_SIZE]; /* "" for a place that is free */
    int64_t used_ms;
};

struct recent {
    uint64_t seed;
    size_t sets, size;
    struct place *places;
    unsigned char *values;
};

struct recent *
recent_new(size_t places, size_t size)
{
    struct recent *recent = calloc(1, sizeof *recent);

    if (recent == NULL)
        return NULL;
    recent->sets = (places + NEIGHBOURS - 1) / NEIGHBOURS;
    recent->size = size;
    recent->places = calloc(recent->sets * NEIGHBOURS, sizeof *recent->places);
    recent->values = calloc(recent->sets * NEIGHBOURS, size);
    if (recent->places == NULL || recent->values == NULL ||
        getrandom(&recent->seed, sizeof recent->seed, 0) != (ssize_t)sizeof recent->seed) {
        recent_free(recent);
        return NULL;
    }
    return recent;
}

/* FNV-1a from a secret seed, stirred at the end (the finalizer of MurmurHash3). */
static size_t
first_neighbour(const struct recent *recent, const char *key)
{
    uint64_t hash = recent->seed;

    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * 0x100000001b3U;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 33;
    return hash % recent->sets * NEIGHBOURS;
}

static void *
value_at(const struct recent *recent, size_t at)
{
    return recent->values + at * recent->size;
}

void *
recent_find(struct recent *recent, const char *key)
{
    size_t first = first_neighbour(recent, key);

    for (size_t at = first; at < first + NEIGHBOURS; at++)
        if (strcmp(recent->places[at].key, key) == 0)
            return value_at(recent, at);
    return NULL;
}

void *
recent_get(struct recent *recent, const char *key, int64_t now_ms)
{
    size_t first = first_neighbour(recent, key), oldest = first;

    for (size_t at = first; at < first + NEIGHBOURS; at++) {
        if (strcmp(recent->places[at].key, key) == 0) {
            recent->places[at].used_ms = now_ms;
            return value_at(recent, at);
        }
        if (recent->places[at].key[0] == '\0')
            recent->places[at].used_ms = INT64_MIN;
        if (recent->places[at].used_ms < recent->places[oldest].used_ms)
            oldest = at;
    }
    snprintf(recent->places[oldest].key, RECENT_KEY_SIZE, "%s", key);
    recent->places[oldest].used_ms = now_ms;
    return memset(value_at(recent, oldest), 0, recent->size);
}

void
recent_free(struct recent *recent)
{
    if (recent == NULL)
        return;
    free(recent->places);
    free(recent->values);
    free(recent);
}
