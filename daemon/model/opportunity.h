/* SPDX-License-Identifier: Apache-2.0
 *
 * Which giver, receiver, skill and instrument close most of a gap for what they take.
 *
 * For a receiver r with gap(r, s) > 0 in skill s, another organization g and an instrument i (a visit, a secondment, a seat
 * in a program, access to a facility):
 *
 *     capacity       participants that g can take: its seats for the skill (program seat), its facility's places (facility
 *                    access), or its people with FTE to spare (visit, secondment): ⌊surplus(g, s) per_mentor⌋
 *     participants   n = min(capacity, ⌈gap(r, s) / gain⌉)       gain: FTE of skill that one participant brings home
 *     closed         min(gap(r, s), n gain)
 *     person_months  n months                      cost = n (fixed + travel where a border lies between + months per_month)
 *     per_month      closed / person_months        per_cost = closed / cost
 *     feasibility    facility × language × agreement × time:
 *                    facility 1 where the instrument needs none or g has one for the skill; without it nothing is offered
 *                    language(g, r), 0 to 1, as given: how well they can work with each other
 *                    agreement 1 where one covers the pair or no border lies between, else without_agreement
 *                    time 1 - approval_days / patience_days, not below 0: the usual time of approvals
 *     complementarity(g, r) = ½ (Σ min(surplus(g), gap(r)) / Σ gap(r) + Σ min(surplus(r), gap(g)) / Σ gap(g))   over skills:
 *                    how much of what each lacks the other has; a sum without gaps counts as 0
 *     score          Σ weight × part / Σ weight, over: per_month and per_cost, each relative to the largest there is, closed
 *                    relative to the largest, feasibility, complementarity
 *
 * Sums over skills stand in complementarity alone, in numerator and denominator alike, and are no headcount. An opportunity
 * with feasibility 0 is not listed. The rule is ours, an additive value model as in Keeney and Raiffa (1976), Decisions with
 * Multiple Objectives; every part is shown, and the caller may weigh otherwise.
 */
#ifndef JINZAI_MODEL_OPPORTUNITY_H
#define JINZAI_MODEL_OPPORTUNITY_H

#include <stdbool.h>
#include <stdint.h>

#include "model/stop.h"

enum opportunity_kind { OPPORTUNITY_VISIT, OPPORTUNITY_SECONDMENT, OPPORTUNITY_SEAT, OPPORTUNITY_FACILITY };

enum opportunity_part {
    OPPORTUNITY_PER_MONTH,
    OPPORTUNITY_PER_COST,
    OPPORTUNITY_CLOSED,
    OPPORTUNITY_FEASIBILITY,
    OPPORTUNITY_COMPLEMENTARITY,
    OPPORTUNITY_PARTS
};

enum {
    OPPORTUNITY_ORGANIZATIONS_MAX = 2000,
    OPPORTUNITY_SKILLS_MAX = 100000,
    OPPORTUNITY_INSTRUMENTS_MAX = 50,
    OPPORTUNITY_LIST_MAX = 10000,
};

/* Effect for people's time counts most, then whether it can be had; money and size half as much. */
#define OPPORTUNITY_WEIGHTS_DEFAULT {1, 0.5, 0.5, 0.75, 0.25}
#define OPPORTUNITY_WITHOUT_AGREEMENT_DEFAULT 0.5
#define OPPORTUNITY_PATIENCE_DAYS_DEFAULT 365

struct opportunity_instrument {
    enum opportunity_kind kind;
    double months;     /* of each participant; above 0 */
    double gain;       /* FTE of skill that each brings home; above 0 */
    double fixed, travel, per_month; /* money, one currency */
    double per_mentor; /* participants for each FTE to spare (visit, secondment) */
    bool needs_facility;
    double approval_days; /* across the border; within, no time is counted */
};

/* Plain arrays, the caller's. [o, s] is at o * skills + s, [g, r] at g * organizations + r. */
struct opportunity_input {
    int organizations, skills, instruments;
    const int *country;       /* by organization */
    const double *gap;        /* [o, s], FTE; NAN: unknown, and then nothing is offered for it */
    const double *surplus;    /* [o, s], FTE to spare; NAN: unknown */
    const int *seats;         /* [o, s], free seats in programs */
    const int *facility;      /* [o, s], places at facilities where the skill is learnt; 0: none */
    const double *language;   /* [g, r]; NULL: 1 */
    const bool *agreement;    /* [g, r]; NULL: none */
    const struct opportunity_instrument *instrument;
    double weight[OPPORTUNITY_PARTS];
    double without_agreement; /* 0 … 1 */
    double patience_days;     /* above 0 */
    bool across, within;      /* which pairs to look at */
    int list;                 /* how many at most */
};

struct opportunity {
    int giver, receiver, skill, instrument;
    bool across;
    int participants;
    double closed, person_months, cost;
    double per_month, per_cost; /* per_cost NAN where it costs nothing: it then counts as the best there is */
    double facility, language, agreement, time, feasibility;
    double complementarity;
    double part[OPPORTUNITY_PARTS]; /* each 0 … 1, as weighed */
    double score;
};

/* Lists the best, by score, then receiver, giver, skill, instrument; *count of them. out has room for input->list. Returns
 * MODEL_OK or a MODEL_ error with reason. Takes O(organizations² × skills × instruments) at most; skills without a gap cost
 * nothing. */
int opportunity_rank(const struct opportunity_input *input, const struct stop *stop, struct opportunity out[],
                     int *count, char reason[static MODEL_REASON_BYTES]);

#endif
