/* SPDX-License-Identifier: Apache-2.0 */
#include "model/random.h"

#include <math.h>

enum { ROUNDS = 10, STIRLING_EXACT = 10 };

/* Salmon et al. (2011), table 2 and section 3.2: multipliers, and the Weyl sequence of the key. */
#define MULTIPLIER_0 UINT32_C(0xD2511F53)
#define MULTIPLIER_1 UINT32_C(0xCD9E8D57)
#define WEYL_0 UINT32_C(0x9E3779B9)
#define WEYL_1 UINT32_C(0xBB67AE85)

#define BY_REJECTION 10.0 /* n p from which BTRS holds (Hörmann 1993) */

static inline void
philox(uint32_t *c0, uint32_t *c1, uint32_t *c2, uint32_t *c3, uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t even = (uint64_t)MULTIPLIER_0 * *c0, odd = (uint64_t)MULTIPLIER_1 * *c2;

        *c0 = (uint32_t)(odd >> 32) ^ *c1 ^ k0;
        *c1 = (uint32_t)odd;
        *c2 = (uint32_t)(even >> 32) ^ *c3 ^ k1;
        *c3 = (uint32_t)even;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
}

void
random_philox(const uint32_t counter[static 4], const uint32_t key[static 2],
              uint32_t out[static 4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

    philox(&c0, &c1, &c2, &c3, key[0], key[1]);
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void
random_bulk(uint64_t seed, uint32_t draw, uint32_t series, uint32_t purpose, size_t count,
            uint32_t *restrict out[static 4])
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t *restrict o0 = out[0], *restrict o1 = out[1], *restrict o2 = out[2],
                       *restrict o3 = out[3];

    for (size_t i = 0; i < count; i++) {
        uint32_t c0 = 0, c1 = draw + (uint32_t)i, c2 = series, c3 = purpose;

        philox(&c0, &c1, &c2, &c3, k0, k1);
        o0[i] = c0;
        o1[i] = c1;
        o2[i] = c2;
        o3[i] = c3;
    }
}

void
random_open(struct random_stream *stream, uint64_t seed, uint32_t draw, uint32_t series,
            uint32_t purpose, uint32_t block)
{
    stream->key[0] = (uint32_t)seed;
    stream->key[1] = (uint32_t)(seed >> 32);
    stream->counter[0] = block;
    stream->counter[1] = draw;
    stream->counter[2] = series;
    stream->counter[3] = purpose;
    stream->left = 0;
}

uint32_t
random_word(struct random_stream *stream)
{
    if (stream->left == 0) {
        random_philox(stream->counter, stream->key, stream->word);
        stream->counter[0]++;
        stream->left = 4;
    }
    return stream->word[4 - stream->left--];
}

double
random_unit(struct random_stream *stream)
{
    uint64_t high = random_word(stream), low = random_word(stream);

    return ((double)((high << 32 | low) >> 12) + 0.5) * 0x1p-52;
}

/* ln k! less Stirling's (k + 1/2) ln (k + 1) - (k + 1) + ln(2π)/2, as BTRS needs it. */
static double
stirling_rest(double k)
{
    static const double exact[STIRLING_EXACT] = {
        0.08106146679532726, 0.04134069595540929,  0.02767792568499834, 0.02079067210376509,
        0.01664469118982119, 0.01387612882307075,  0.01189670994589177, 0.01041126526197209,
        0.00925546218271273, 0.008330563433362871,
    };
    double square = (k + 1) * (k + 1);

    if (k < STIRLING_EXACT)
        return exact[(int)k];
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

/* Hörmann (1993), algorithm BTRS; p <= 0.5 and n p >= 10. */
static int32_t
by_rejection(struct random_stream *stream, double n, double p)
{
    double deviation = sqrt(n * p * (1 - p));
    double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5;
    double squeeze = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * deviation, ratio = p / (1 - p);
    double mode = floor((n + 1) * p);

    for (;;) {
        double u = random_unit(stream) - 0.5, v = random_unit(stream);
        double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + c);

        if (k < 0 || k > n)
            continue;
        if (us >= 0.07 && v <= squeeze)
            return (int32_t)k;
        v = log(v * alpha / (a / (us * us) + b));
        if (v <= (mode + 0.5) * log((mode + 1) / (ratio * (n - mode + 1))) +
                     (n + 1) * log((n - mode + 1) / (n - k + 1)) +
                     (k + 0.5) * log(ratio * (n - k + 1) / (k + 1)) + stirling_rest(mode) +
                     stirling_rest(n - mode) - stirling_rest(k) - stirling_rest(n - k))
            return (int32_t)k;
    }
}

int32_t
random_binomial_invert(double u, double none, int32_t n, double p, double *rest)
{
    double odds = p / (1 - p), chance = none;
    int32_t k = 0;

    /* Rounding may leave a u that no k reaches: then all n. */
    while (u >= chance && k < n) {
        u -= chance;
        k++;
        chance *= odds * (n - k + 1) / k;
    }
    if (rest != NULL)
        *rest = u < chance ? u / chance : 0.5;
    return k;
}

int32_t
random_binomial(struct random_stream *stream, int32_t n, double p)
{
    if (n <= 0 || p <= 0)
        return 0;
    if (p >= 1)
        return n;
    if (p > 0.5)
        return n - random_binomial(stream, n, 1 - p);
    if (n * p >= BY_REJECTION)
        return by_rejection(stream, n, p);
    return random_binomial_invert(random_unit(stream), random_power(1 - p, (uint32_t)n), n, p,
                                  NULL);
}

double
random_triangular(double u, double low, double mode, double high)
{
    double width = high - low;

    if (u * width < mode - low)
        return low + sqrt(u * width * (mode - low));
    return high - sqrt((1 - u) * width * (high - mode));
}

/* Marsaglia's polar method. Half of the pair is thrown away, so that a draw keeps nothing between calls. */
static double
normal(struct random_stream *stream)
{
    double x, y, square;

    do {
        x = 2 * random_unit(stream) - 1;
        y = 2 * random_unit(stream) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    return x * sqrt(-2 * log(square) / square);
}

double
random_gamma(struct random_stream *stream, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);

    for (;;) {
        double x = normal(stream), v = 1 + c * x;

        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(random_unit(stream)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

double
random_pert(struct random_stream *stream, double low, double mode, double high)
{
    double width = high - low, x, y;

    if (!(width > 0))
        return low;
    x = random_gamma(stream, 1 + 4 * (mode - low) / width);
    y = random_gamma(stream, 1 + 4 * (high - mode) / width);
    return low + width * (x / (x + y));
}
