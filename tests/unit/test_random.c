/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "model/random.h"

enum { DRAWS = 200000, OUTCOMES_MAX = 20001 };

/* Random123's published answers for philox4x32 with 10 rounds. */
static void
philox_gives_the_published_answers(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint32_t out[4];

        random_philox(known[i].counter, known[i].key, out);
        assert_memory_equal(out, known[i].answer, sizeof(out));
    }
}

static void
a_stream_and_the_bulk_give_the_same_words(void **state)
{
    uint32_t word[4][100], *out[4] = {word[0], word[1], word[2], word[3]};

    (void)state;
    random_bulk(UINT64_C(0x123456789abcdef0), 7, 8, 9, 100, out);
    for (uint32_t i = 0; i < 100; i++) {
        struct random_stream stream;

        random_open(&stream, UINT64_C(0x123456789abcdef0), 7 + i, 8, 9, 0);
        for (int w = 0; w < 4; w++)
            assert_int_equal(word[w][i], random_word(&stream));
    }
}

static void
every_part_of_a_place_changes_its_numbers(void **state)
{
    static const uint32_t place[][4] = {
        {1, 1, 1, 0}, {2, 1, 1, 0}, {1, 2, 1, 0}, {1, 1, 2, 0}, {1, 1, 1, 1}};
    uint32_t first[6];
    struct random_stream stream;

    (void)state;
    for (int i = 0; i < 5; i++) {
        random_open(&stream, 1, place[i][0], place[i][1], place[i][2], place[i][3]);
        first[i] = random_word(&stream);
    }
    random_open(&stream, UINT64_C(1) << 32 | 1, 1, 1, 1, 0);
    first[5] = random_word(&stream);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            assert_int_not_equal(first[i], first[j]);
}

static double
binomial_chance(int n, double p, int k)
{
    return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) +
               (n - k) * log1p(-p));
}

/* Pearson's X² over outcomes of which 10 or more are expected, the rest together; it may be above its mean by five
 * standard deviations. */
static void
binomial_fits(int n, double p)
{
    static int seen[OUTCOMES_MAX];
    double statistic = 0, rest = DRAWS, rest_seen = DRAWS;
    int cells = 0;

    memset(seen, 0, sizeof(seen));
    for (uint32_t d = 0; d < DRAWS; d++) {
        struct random_stream stream;
        int32_t k;

        random_open(&stream, 42, d, (uint32_t)n, (uint32_t)(p * 1e6), 0);
        k = random_binomial(&stream, n, p);
        assert_in_range(k, 0, n);
        seen[k]++;
    }
    for (int k = 0; k <= n; k++) {
        double expected = DRAWS * binomial_chance(n, p, k);

        if (expected < 10)
            continue;
        statistic += (seen[k] - expected) * (seen[k] - expected) / expected;
        rest -= expected;
        rest_seen -= seen[k];
        cells++;
    }
    if (rest > 1) {
        statistic += (rest_seen - rest) * (rest_seen - rest) / rest;
        cells++;
    }
    if (statistic > cells - 1 + 5 * sqrt(2.0 * cells))
        fail_msg("binomial(%d, %g): X² %g of %d cells", n, p, statistic, cells);
}

static void
the_binomial_fits_its_probabilities_by_inversion(void **state)
{
    (void)state;
    binomial_fits(1, 0.3);
    binomial_fits(2, 0.5);
    binomial_fits(7, 0.04);
    binomial_fits(12, 0.81);
    binomial_fits(64, 0.1);
    binomial_fits(20000, 0.0004);
}

static void
the_binomial_fits_its_probabilities_by_rejection(void **state)
{
    (void)state;
    binomial_fits(20, 0.5);
    binomial_fits(25, 0.41);
    binomial_fits(100, 0.9);
    binomial_fits(1000, 0.0101);
    binomial_fits(20000, 0.37);
}

static void
the_binomial_knows_its_ends(void **state)
{
    struct random_stream stream;

    (void)state;
    random_open(&stream, 1, 1, 1, 1, 0);
    assert_int_equal(random_binomial(&stream, 0, 0.5), 0);
    assert_int_equal(random_binomial(&stream, 9, 0), 0);
    assert_int_equal(random_binomial(&stream, 9, 1), 9);
    assert_in_range(random_binomial(&stream, 1000000, 1 - 1e-12), 999999, 1000000);
    assert_in_range(random_binomial(&stream, 1000000, 1e-300), 0, 1);
    /* A number that rounding let pass all outcomes. */
    assert_int_equal(random_binomial_invert(1, 0.25, 2, 0.5, NULL), 2);
}

/* Given k, how far u reaches into k's share is uniform. */
static void
what_inversion_leaves_is_uniform_again(void **state)
{
    double total[5] = {0}, square[5] = {0}, none = random_power(0.7, 4);
    int count[5] = {0};

    (void)state;
    for (uint32_t d = 0; d < DRAWS; d++) {
        struct random_stream stream;
        double rest;
        int32_t k;

        random_open(&stream, 3, d, 0, 0, 0);
        k = random_binomial_invert(random_unit(&stream), none, 4, 0.3, &rest);
        assert_true(rest >= 0 && rest < 1);
        count[k]++;
        total[k] += rest;
        square[k] += rest * rest;
    }
    for (int k = 0; k <= 4; k++) {
        assert_true(fabs(total[k] / count[k] - 0.5) < 5 / sqrt(12.0 * count[k]));
        assert_true(fabs(square[k] / count[k] - 1.0 / 3) < 5 * 0.2982 / sqrt(count[k]));
    }
}

/* Mean and variance within five standard errors, all between low and high. */
static void
moments_are(double (*draw)(struct random_stream *), double low, double high, double mean,
            double variance)
{
    double total = 0, square = 0;

    for (uint32_t d = 0; d < DRAWS; d++) {
        struct random_stream stream;
        double x;

        random_open(&stream, 5, d, 0, 0, 0);
        x = draw(&stream);
        assert_true(x >= low && x <= high);
        total += x;
        square += (x - mean) * (x - mean);
    }
    assert_true(fabs(total / DRAWS - mean) < 5 * sqrt(variance / DRAWS));
    /* The fourth moments of what is tested here are below three times the variance's square. */
    assert_true(fabs(square / DRAWS - variance) < 5 * variance * sqrt(2.0 / DRAWS));
}

static double
unit(struct random_stream *stream)
{
    return random_unit(stream);
}

static double
triangular(struct random_stream *stream)
{
    return random_triangular(random_unit(stream), 1, 2, 6);
}

static double
pert(struct random_stream *stream)
{
    return random_pert(stream, 1, 2, 6);
}

static double
pert_at_an_end(struct random_stream *stream)
{
    return random_pert(stream, 0, 0, 1);
}

static void
distributions_have_their_moments(void **state)
{
    (void)state;
    moments_are(unit, 0, 1, 0.5, 1.0 / 12);
    moments_are(triangular, 1, 6, 3, (1 + 4 + 36 - 2 - 6 - 12) / 18.0);
    /* Beta(1.8, 4.2) and Beta(1, 5), stretched. */
    moments_are(pert, 1, 6, 15 / 6.0, 25 * 1.8 * 4.2 / (36 * 7));
    moments_are(pert_at_an_end, 0, 1, 1 / 6.0, 5.0 / (36 * 7));
}

static void
a_range_without_width_is_its_value(void **state)
{
    struct random_stream stream;

    (void)state;
    random_open(&stream, 1, 1, 1, 1, 0);
    assert_true(random_pert(&stream, 0.25, 0.25, 0.25) == 0.25);
    assert_true(random_triangular(0.9, 0.25, 0.25, 0.25) == 0.25);
}

static void
powers_are_powers(void **state)
{
    (void)state;
    assert_true(random_power(0, 0) == 1);
    assert_true(random_power(0, 3) == 0);
    assert_true(random_power(2, 10) == 1024);
    assert_true(fabs(random_power(0.9, 1000) / pow(0.9, 1000) - 1) < 1e-12);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_answers),
        cmocka_unit_test(a_stream_and_the_bulk_give_the_same_words),
        cmocka_unit_test(every_part_of_a_place_changes_its_numbers),
        cmocka_unit_test(the_binomial_fits_its_probabilities_by_inversion),
        cmocka_unit_test(the_binomial_fits_its_probabilities_by_rejection),
        cmocka_unit_test(the_binomial_knows_its_ends),
        cmocka_unit_test(what_inversion_leaves_is_uniform_again),
        cmocka_unit_test(distributions_have_their_moments),
        cmocka_unit_test(a_range_without_width_is_its_value),
        cmocka_unit_test(powers_are_powers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
