/* SPDX-License-Identifier: Apache-2.0
 *
 * The perturbation table of the cell-key method: with what probability a count of people is published as which other.
 *
 * For a true count i and noise d from -D to D, the probabilities p(d) are those of the greatest entropy, -Σ p ln p, with
 *
 *     Σ p(d) = 1,   Σ d p(d) = 0,   Σ d² p(d) = V,   p(d) = 0 where i + d < 0 or 1 ≤ i + d ≤ threshold
 *
 * and zero stays zero. So no count is published negative or as one of 1 … threshold, noise has mean 0 and variance V, and
 * the table gives away as little beyond that as possible. By Lagrange p(d) ∝ exp(a d + b d²) on what is allowed; a and b
 * minimize the convex function ln Σ exp(a d + b d²) - b V, which Newton's method finds. From threshold + D + 1 on nothing
 * is forbidden, and so one row is common to all larger counts.
 *
 * Sources: Marley and Leaver (2011), A Method for Confidentialising User-Defined Tables: Statistical Properties and a
 * Risk-Utility Analysis, 58th World Statistical Congress; Giessing (2016), Computational Issues in the Design of
 * Transition Probabilities and Disclosure Risk Estimation for Additive Noise, Privacy in Statistical Databases; Handbook
 * on Statistical Disclosure Control (Eurostat), cell key method.
 */
#ifndef JINZAI_MODEL_PERTURBATION_H
#define JINZAI_MODEL_PERTURBATION_H

#include <stdint.h>

enum {
    PERTURBATION_DEVIATION_MAX = 50,
    PERTURBATION_THRESHOLD_MAX = 20,
    PERTURBATION_ROWS_MAX = PERTURBATION_THRESHOLD_MAX + PERTURBATION_DEVIATION_MAX + 2,
    PERTURBATION_NOISES_MAX = 2 * PERTURBATION_DEVIATION_MAX + 1,
    PERTURBATION_REASON_BYTES = 200,
};

/* Cell keys are below 2^32. */
#define PERTURBATION_KEYS (UINT64_C(1) << 32)

struct perturbation_rule {
    int threshold; /* counts from 1 to this are never published */
    int deviation; /* D: the most that noise changes a count by */
    double variance; /* V */
};

struct perturbation_row {
    double probability[PERTURBATION_NOISES_MAX]; /* of the noise index - D */
    uint64_t below[PERTURBATION_NOISES_MAX];     /* that noise is taken by keys from the bound before to below this one */
};

struct perturbation {
    struct perturbation_rule rule;
    int rows; /* the row i is of the count i; the last also of all above it */
    struct perturbation_row row[PERTURBATION_ROWS_MAX];
};

/* Fills the table. Returns 0, or -1 where the rule is out of bounds or cannot be had, with reason saying why. */
int perturbation_build(struct perturbation *table, const struct perturbation_rule *rule,
                       char reason[static PERTURBATION_REASON_BYTES]);

/* The noise for a count of people (0 or more) with that key. */
int perturbation_noise(const struct perturbation *table, long long count, uint32_t key);

#endif
