/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "model/perturbation.h"

static const struct perturbation_rule rules[] = {
    {3, 6, 5}, {3, 8, 4}, {2, 5, 2}, {2, 5, 3}, {1, 3, 1}, {0, 5, 2}, {4, 10, 6}, {10, 30, 30}, {0, 0, 0}, {0, 1, 0.5},
    {0, 50, 49},
};

enum { RULES = sizeof(rules) / sizeof(rules[0]) };

static struct perturbation table;
static char reason[PERTURBATION_REASON_BYTES];

static void
build(const struct perturbation_rule *rule)
{
    if (perturbation_build(&table, rule, reason) != 0)
        fail_msg("%s", reason);
}

static void
noise_has_mean_zero_and_the_variance_that_was_asked_for(void **state)
{
    (void)state;
    for (int r = 0; r < RULES; r++) {
        build(&rules[r]);
        for (int count = 1; count < table.rows; count++) {
            double total = 0, mean = 0, square = 0;

            for (int i = 0; i <= 2 * rules[r].deviation; i++) {
                double noise = i - rules[r].deviation, p = table.row[count].probability[i];

                assert_true(p >= 0);
                total += p;
                mean += p * noise;
                square += p * noise * noise;
            }
            assert_true(fabs(total - 1) < 1e-9);
            assert_true(fabs(mean) < 1e-9);
            assert_true(fabs(square - rules[r].variance) < 1e-9);
        }
    }
}

/* Keys cut up in whole numbers miss a probability by less than one in 2^32 at each bound. */
static void
keys_are_cut_up_as_the_probabilities_say(void **state)
{
    (void)state;
    for (int r = 0; r < RULES; r++) {
        build(&rules[r]);
        for (int count = 0; count < table.rows; count++) {
            uint64_t before = 0;

            for (int i = 0; i <= 2 * rules[r].deviation; i++) {
                double share = (double)(table.row[count].below[i] - before) / (double)PERTURBATION_KEYS;

                assert_true(table.row[count].below[i] >= before);
                assert_true(fabs(share - table.row[count].probability[i]) < 1e-9);
                before = table.row[count].below[i];
            }
            assert_true(before == PERTURBATION_KEYS);
        }
    }
}

static void
zero_stays_zero_and_no_result_is_negative_or_small(void **state)
{
    (void)state;
    for (int r = 0; r < RULES; r++) {
        build(&rules[r]);
        for (int count = 0; count < table.rows; count++)
            for (uint64_t key = 0; key <= PERTURBATION_KEYS; key += 999983) {
                uint32_t tried = key < PERTURBATION_KEYS ? (uint32_t)key : UINT32_MAX;
                int result = count + perturbation_noise(&table, count, tried);

                assert_true(result == 0 || result > rules[r].threshold);
                assert_true(count > 0 || result == 0);
            }
    }
}

static void
the_probabilities_are_those_of_the_greatest_entropy(void **state)
{
    const struct perturbation_rule rule = {2, 5, 3};

    (void)state;
    assert_int_equal(perturbation_build(&table, &rule, reason), 0);
    for (int count = 1; count < table.rows; count++) {
        int found = 0;

        /* ln p is a polynomial of the second degree in d: any third difference over the support is 0. */
        for (int i = 0; i + 3 < 2 * rule.deviation + 1; i++) {
            const double *p = &table.row[count].probability[i];

            if (p[0] > 0 && p[1] > 0 && p[2] > 0 && p[3] > 0) {
                assert_true(fabs(log(p[3]) - 3 * log(p[2]) + 3 * log(p[1]) - log(p[0])) < 1e-6);
                found++;
            }
        }
        assert_true(found > 0 || count <= rule.threshold);
    }
}

static void
what_cannot_be_had_together_is_refused_with_its_reason(void **state)
{
    static const struct {
        struct perturbation_rule rule;
        const char *sentence;
    } cases[] = {
        {{2, 5, 1.9}, "with a threshold of 2 and a deviation of 5, the noise of a count of 1 has a variance from 2 to 5, not 1.9"},
        {{3, 6, 3.9}, "with a threshold of 3 and a deviation of 6, the noise of a count of 2 has a variance from 4 to 12, not 3.9"},
        {{3, 6, 7}, "with a threshold of 3 and a deviation of 6, the noise of a count of 1 has a variance from 3 to 6, not 7"},
        {{3, 2, 4}, "a count of 1 can be published neither as 0 nor above the threshold 3 with a deviation of 2"},
        {{0, 0, 1}, "with a threshold of 0 and a deviation of 0, the noise of a count of 1 has a variance from 0 to 0, not 1"},
        {{21, 5, 1}, "the threshold must be from 0 to 20, the deviation from 0 to 50 and the variance not negative"},
        {{1, 5, NAN}, "the threshold must be from 0 to 20, the deviation from 0 to 50 and the variance not negative"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(perturbation_build(&table, &cases[i].rule, reason), -1);
        assert_string_equal(reason, cases[i].sentence);
    }
}

static void
the_same_rule_gives_the_same_whole_numbers(void **state)
{
    static struct perturbation again;

    (void)state;
    assert_int_equal(perturbation_build(&table, &rules[0], reason), 0);
    memset(&again, 0xff, sizeof(again));
    assert_int_equal(perturbation_build(&again, &rules[0], reason), 0);
    for (int count = 0; count < table.rows; count++)
        assert_memory_equal(table.row[count].below, again.row[count].below, 13 * sizeof(uint64_t));
    assert_true(again.row[1].below[4] == 0 && again.row[1].below[5] == again.row[1].below[7]);
    assert_int_equal(perturbation_noise(&table, 1000000, 77), perturbation_noise(&table, table.rows - 1, 77));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_has_mean_zero_and_the_variance_that_was_asked_for),
        cmocka_unit_test(keys_are_cut_up_as_the_probabilities_say),
        cmocka_unit_test(zero_stays_zero_and_no_result_is_negative_or_small),
        cmocka_unit_test(the_probabilities_are_those_of_the_greatest_entropy),
        cmocka_unit_test(what_cannot_be_had_together_is_refused_with_its_reason),
        cmocka_unit_test(the_same_rule_gives_the_same_whole_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
