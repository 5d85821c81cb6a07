/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers that are the same on every machine for the same seed: xoshiro256** by Blackman and
 * Vigna (2018), its state filled by splitmix64. Integers only, for floating-point arithmetic
 * differs between machines.
 */
#ifndef JINZAI_SAMPLE_RANDOM_H
#define JINZAI_SAMPLE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

/* Starts the sequence that belongs to the seed. */
void random_seed(struct random *random, uint64_t seed);

/* A number from 0 to bound - 1, each equally likely; bound is above 0. */
int random_below(struct random *random, int bound);

/* A number from low to high, both included. */
int random_between(struct random *random, int low, int high);

/* True so many times in a thousand. */
bool random_chance(struct random *random, int permille);

/* The index of one of the weights, each as likely as its weight; their sum is above 0. */
size_t random_weighted(struct random *random, const int *weights, size_t count);

#endif
