/* SPDX-License-Identifier: Apache-2.0 */
#include "model/perturbation.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NEWTON_STEPS_MAX = 500, HALVINGS_MAX = 60 };

/* How near mean and variance come to what is asked. */
#define TOLERANCE 1e-12

/* The noise that one count may get, in order. */
struct support {
    int noise[PERTURBATION_NOISES_MAX];
    int size;
};

/* Where the exponential family stands: at a and b, with what follows from them. */
struct family {
    double a, b;
    double objective;
    double mean, square;       /* of d and of d² */
    double dd, dq, qq;         /* covariances of d and d² */
    double probability[PERTURBATION_NOISES_MAX];
};

static void
support_of(struct support *support, const struct perturbation_rule *rule, int count)
{
    support->size = 0;
    for (int noise = -rule->deviation; noise <= rule->deviation; noise++) {
        int result = count + noise;

        if (result == 0 || result > rule->threshold)
            support->noise[support->size++] = noise;
    }
}

/* Computes what follows from a and b. The exponents are shifted, so that none overflows. */
static void
family_at(struct family *family, const struct support *support, double variance, double a, double b)
{
    double largest = -HUGE_VAL, total = 0;

    *family = (struct family){.a = a, .b = b};
    for (int i = 0; i < support->size; i++) {
        double d = support->noise[i];

        family->probability[i] = a * d + b * d * d;
        largest = fmax(largest, family->probability[i]);
    }
    for (int i = 0; i < support->size; i++) {
        family->probability[i] = exp(family->probability[i] - largest);
        total += family->probability[i];
    }
    for (int i = 0; i < support->size; i++) {
        double d = support->noise[i], p = family->probability[i] /= total;

        family->mean += p * d;
        family->square += p * d * d;
    }
    for (int i = 0; i < support->size; i++) {
        double d = support->noise[i], p = family->probability[i];

        family->dd += p * (d - family->mean) * (d - family->mean);
        family->dq += p * (d - family->mean) * (d * d - family->square);
        family->qq += p * (d * d - family->square) * (d * d - family->square);
    }
    family->objective = largest + log(total) - b * variance;
}

/* One Newton step, halved until the objective does not rise. Returns false where it can go no further. */
static bool
family_step(struct family *family, const struct support *support, double variance)
{
    double first = family->mean, second = family->square - variance;
    double determinant = family->dd * family->qq - family->dq * family->dq;
    double a = -(family->qq * first - family->dq * second) / determinant;
    double b = -(family->dd * second - family->dq * first) / determinant;
    double slack = 1e-14 * (1 + fabs(family->objective));
    struct family next;

    if (!isfinite(a) || !isfinite(b))
        return false;
    for (int halving = 0; halving < HALVINGS_MAX; halving++, a /= 2, b /= 2) {
        family_at(&next, support, variance, family->a + a, family->b + b);
        if (next.objective <= family->objective + slack) {
            *family = next;
            return true;
        }
    }
    return false;
}

/* Two noises on either side of 0 whose product is the variance: the only probabilities at a bound of what can be had. */
static void
pair_solve(const struct support *support, int low, int high, double *probability)
{
    double below = -support->noise[low], above = support->noise[high];

    memset(probability, 0, sizeof(*probability) * (size_t)support->size);
    if (low == high)
        probability[low] = 1;
    else {
        probability[low] = above / (below + above);
        probability[high] = below / (below + above);
    }
}

/* Solves for one count. Returns 0, or -1 with reason. */
static int
row_solve(const struct support *support, const struct perturbation_rule *rule, int count, double *probability,
          char *reason)
{
    int last = support->size - 1, low = 0, high = last;
    double least, most;
    struct family family;

    while (low < last && support->noise[low + 1] <= 0)
        low++;
    while (high > 0 && support->noise[high - 1] >= 0)
        high--;
    if (support->size == 0 || support->noise[low] > 0 || support->noise[high] < 0) {
        snprintf(reason, PERTURBATION_REASON_BYTES,
                 "a count of %d can be published neither as 0 nor above the threshold %d with a deviation of %d", count,
                 rule->threshold, rule->deviation);
        return -1;
    }
    least = (double)-support->noise[low] * support->noise[high];
    most = (double)-support->noise[0] * support->noise[last];
    if (rule->variance < least || rule->variance > most) {
        snprintf(reason, PERTURBATION_REASON_BYTES,
                 "with a threshold of %d and a deviation of %d, the noise of a count of %d has a variance from %g to %g, not %g",
                 rule->threshold, rule->deviation, count, least, most, rule->variance);
        return -1;
    }
    if (rule->variance <= least || rule->variance >= most) {
        pair_solve(support, rule->variance <= least ? low : 0, rule->variance <= least ? high : last, probability);
        return 0;
    }
    family_at(&family, support, rule->variance, 0, 0);
    for (int step = 0; step < NEWTON_STEPS_MAX; step++)
        if ((fabs(family.mean) < TOLERANCE && fabs(family.square - rule->variance) < TOLERANCE) ||
            !family_step(&family, support, rule->variance))
            break;
    if (fabs(family.mean) > 1e-10 || fabs(family.square - rule->variance) > 1e-10) {
        snprintf(reason, PERTURBATION_REASON_BYTES, "no probabilities were found for a count of %d", count);
        return -1;
    }
    memcpy(probability, family.probability, sizeof(*probability) * (size_t)support->size);
    return 0;
}

/* Cuts the keys up in the ratio of the probabilities, each bound rounded by itself. */
static void
row_cut(struct perturbation_row *row, int noises)
{
    double total = 0;
    int last = noises - 1;

    for (int i = 0; i < noises; i++) {
        total += row->probability[i];
        row->below[i] = (uint64_t)llround(fmin(total, 1) * (double)PERTURBATION_KEYS);
    }
    while (last > 0 && row->probability[last] <= 0)
        last--;
    for (int i = last; i < noises; i++)
        row->below[i] = PERTURBATION_KEYS; /* the sum of all may miss 1 by a rounding */
}

static int
row_build(struct perturbation *table, int count, char *reason)
{
    const struct perturbation_rule *rule = &table->rule;
    struct perturbation_row *row = &table->row[count];
    double probability[PERTURBATION_NOISES_MAX];
    struct support support;

    memset(row, 0, sizeof(*row));
    if (count == 0) {
        row->probability[rule->deviation] = 1; /* zero stays zero */
    } else {
        support_of(&support, rule, count);
        if (row_solve(&support, rule, count, probability, reason) != 0)
            return -1;
        for (int i = 0; i < support.size; i++)
            row->probability[support.noise[i] + rule->deviation] = probability[i];
    }
    row_cut(row, 2 * rule->deviation + 1);
    return 0;
}

int
perturbation_build(struct perturbation *table, const struct perturbation_rule *rule,
                   char reason[static PERTURBATION_REASON_BYTES])
{
    if (rule->threshold < 0 || rule->threshold > PERTURBATION_THRESHOLD_MAX || rule->deviation < 0 ||
        rule->deviation > PERTURBATION_DEVIATION_MAX || !(rule->variance >= 0)) {
        snprintf(reason, PERTURBATION_REASON_BYTES,
                 "the threshold must be from 0 to %d, the deviation from 0 to %d and the variance not negative",
                 PERTURBATION_THRESHOLD_MAX, PERTURBATION_DEVIATION_MAX);
        return -1;
    }
    table->rule = *rule;
    table->rows = rule->threshold + rule->deviation + 2;
    for (int count = 0; count < table->rows; count++)
        if (row_build(table, count, reason) != 0)
            return -1;
    return 0;
}

int
perturbation_noise(const struct perturbation *table, long long count, uint32_t key)
{
    const struct perturbation_row *row = &table->row[count < table->rows ? count : table->rows - 1];
    int index = 0;

    while (row->below[index] <= key)
        index++;
    return index - table->rule.deviation;
}
