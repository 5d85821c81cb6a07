/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers for models, by place instead of by turn: each number is a function of (seed, draw, series, purpose) and
 * its index, so that any number of threads, in any order, draws the same.
 *
 * Generator: Philox4x32-10, a keyed bijection of a 128-bit counter. Source: Salmon, Moraes, Dror and Shaw (2011), Parallel
 * Random Numbers: As Easy as 1, 2, 3, SC '11, doi 10.1145/2063384.2063405. The key is the seed; the counter's words are
 * block, draw, series, purpose.
 *
 * Binomial(n, p): with p' = min(p, 1 - p), below n p' = 10 by inversion, walking up from q^n with
 * f(k) = f(k - 1) (n - k + 1) / k * p / q; from 10 on by transformed rejection with decomposition, BTRS. Both are exact up
 * to the rounding of double. Source: Hörmann (1993), The Generation of Binomial Random Variates, Journal of Statistical
 * Computation and Simulation 46:101-110; for inversion also Kachitvichyanukul and Schmeiser (1988), Binomial Random
 * Variate Generation, CACM 31:216-222.
 *
 * Triangular(low, mode, high), by its quantile function: with w = high - low and u in (0, 1),
 *     low + sqrt(u w (mode - low))            where u w < mode - low
 *     high - sqrt((1 - u) w (high - mode))    elsewhere
 *
 * PERT(low, mode, high) = low + w Beta(1 + 4 (mode - low) / w, 1 + 4 (high - mode) / w), whose mean is
 * (low + 4 mode + high) / 6. Source: Malcolm, Roseboom, Clark and Fazar (1959), Application of a Technique for Research
 * and Development Program Evaluation, Operations Research 7:646-669. Beta(a, b) = X / (X + Y) of X ~ Gamma(a), Y ~
 * Gamma(b); Gamma(a >= 1) by Marsaglia and Tsang (2000), A Simple Method for Generating Gamma Variables, ACM TOMS
 * 26:363-372.
 */
#ifndef JINZAI_MODEL_RANDOM_H
#define JINZAI_MODEL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* One stream: all numbers of one place. A plain value; there is nothing to free. */
struct random_stream {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t word[4];
    unsigned left; /* of word, that are not given out yet */
};

/* The block cipher: counter under key. */
void random_philox(const uint32_t counter[static 4], const uint32_t key[static 2],
                   uint32_t out[static 4]);

/* The first block of each of `count` consecutive draws, from `draw` on: out[w][i] is word w of draw + i. The same numbers
 * as those of streams, whole vectors at once. */
void random_bulk(uint64_t seed, uint32_t draw, uint32_t series, uint32_t purpose, size_t count,
                 uint32_t *restrict out[static 4]);

/* The stream of a place, whose first block is `block`. */
void random_open(struct random_stream *stream, uint64_t seed, uint32_t draw, uint32_t series,
                 uint32_t purpose, uint32_t block);

/* 32 bits. */
uint32_t random_word(struct random_stream *stream);

/* Uniform in (0, 1), never either end, in steps of 2^-52. */
double random_unit(struct random_stream *stream);

/* How many of n (0 or more) when each does with probability p (0 to 1) by itself. */
int32_t random_binomial(struct random_stream *stream, int32_t n, double p);

/* The number of successes that a uniform number u stands for by inversion, where none = q^n is known, p <= 0.5 and n p
 * is small. *rest, where asked for, is how far into that number's share u reaches: uniform again, and independent of it
 * (Devroye 1986, Non-Uniform Random Variate Generation), so that it need not be drawn. */
int32_t random_binomial_invert(double u, double none, int32_t n, double p, double *rest);

/* The triangular distribution's quantile at u. low <= mode <= high. */
double random_triangular(double u, double low, double mode, double high);

/* Gamma(shape, 1), shape 1 or more. */
double random_gamma(struct random_stream *stream, double shape);

/* PERT. low <= mode <= high; where low = high it is that. */
double random_pert(struct random_stream *stream, double low, double mode, double high);

/* x^n for n 0 or more, by squaring: faster than pow() for small n, and the same on every machine. */
static inline double
random_power(double x, uint32_t n)
{
    double power = 1;

    for (; n != 0; n >>= 1, x *= x)
        if (n & 1)
            power *= x;
    return power;
}

#endif
