/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

static uint64_t
splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void
random_seed(struct random *random, uint64_t seed)
{
    size_t i;

    for (i = 0; i < 4; i++)
        random->state[i] = splitmix(&seed);
}

static uint64_t
rotated(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

static uint64_t
next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotated(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotated(s[3], 45);
    return result;
}

int
random_below(struct random *random, int bound)
{
    uint64_t range = (uint64_t)bound;
    uint64_t limit = UINT64_MAX - UINT64_MAX % range;
    uint64_t number;

    /* A remainder alone would favour small numbers. */
    do
        number = next(random);
    while (number >= limit);
    return (int)(number % range);
}

int
random_between(struct random *random, int low, int high)
{
    return low + random_below(random, high - low + 1);
}

bool
random_chance(struct random *random, int permille)
{
    return random_below(random, 1000) < permille;
}

size_t
random_weighted(struct random *random, const int *weights, size_t count)
{
    int sum = 0, drawn;
    size_t i;

    for (i = 0; i < count; i++)
        sum += weights[i];
    drawn = random_below(random, sum);
    for (i = 0; i + 1 < count && drawn >= weights[i]; i++)
        drawn -= weights[i];
    return i;
}
