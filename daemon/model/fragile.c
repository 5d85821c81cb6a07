/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fragile.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Where each band of holders begins. */
static const int64_t band_low[FRAGILE_HOLDER_BANDS] = {0, 1, 10, 20, 50, 100, 200, 500};

__attribute__((format(printf, 2, 3))) static int
bad(char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, MODEL_REASON_BYTES, format, args);
    va_end(args);
    return MODEL_BAD;
}

static int
check_skill(const struct fragile_input *in, int s, char *reason)
{
    int64_t sum = 0;

    if (in->holders[s] < -1)
        return bad(reason, "skills[%d].holders: must not be negative", s);
    if (in->near_retirement[s] < -1)
        return bad(reason, "skills[%d].near_retirement: must not be negative", s);
    if (in->holders[s] >= 0 && in->near_retirement[s] > in->holders[s])
        return bad(reason, "skills[%d].near_retirement: must not be above holders", s);
    if (in->programs[s] < -1)
        return bad(reason, "skills[%d].programs: must not be negative", s);
    if (in->organization_first == NULL)
        return MODEL_OK;
    if (in->organization_first[s] < 0 || in->organization_first[s] > in->organization_first[s + 1])
        return bad(reason, "skills[%d].organizations: must be a span", s);
    for (int64_t o = in->organization_first[s]; o < in->organization_first[s + 1]; o++) {
        if (in->organization_holders[o] < 0)
            return bad(reason, "skills[%d].organizations.holders: must not be negative", s);
        sum += in->organization_holders[o];
    }
    if (in->holders[s] >= 0 && sum > in->holders[s])
        return bad(reason, "skills[%d].organizations: must not have more holders than the skill", s);
    return MODEL_OK;
}

static int
check(const struct fragile_input *in, char *reason)
{
    double weights = 0;
    int rc = MODEL_OK;

    if (in->skills < 1 || in->skills > FRAGILE_SKILLS_MAX)
        return bad(reason, "skills: must be 1 to %d", FRAGILE_SKILLS_MAX);
    if (in->few < 1 || in->few > FRAGILE_FEW_MAX)
        return bad(reason, "few: must be 1 to %d", FRAGILE_FEW_MAX);
    for (int p = 0; p < FRAGILE_PARTS; p++) {
        if (!(in->weight[p] >= 0) || isinf(in->weight[p]))
            return bad(reason, "weights[%d]: must not be negative", p);
        weights += in->weight[p];
    }
    if (!(weights > 0))
        return bad(reason, "weights: one must be above 0");
    for (int s = 0; rc == MODEL_OK && s < in->skills; s++)
        rc = check_skill(in, s, reason);
    return rc;
}

void
fragile_holder_band(int band, int64_t *low, int64_t *high)
{
    *low = band < 0 || band >= FRAGILE_HOLDER_BANDS ? -1 : band_low[band];
    *high = band < 0 || band + 1 >= FRAGILE_HOLDER_BANDS ? -1 : band_low[band + 1];
}

static int
holder_band(int64_t holders)
{
    int band = FRAGILE_HOLDER_BANDS - 1;

    if (holders < 0)
        return -1;
    while (holders < band_low[band])
        band--;
    return band;
}

static int
share_band(double share)
{
    if (isnan(share))
        return -1;
    return share >= 1 ? FRAGILE_SHARE_BANDS - 1 : (int)(share * FRAGILE_SHARE_BANDS);
}

static double
share_middle(int band)
{
    return band < 0 ? NAN : (band + 0.5) / FRAGILE_SHARE_BANDS;
}

/* What stands for a count of its band. */
static double
holder_middle(int band)
{
    int64_t low, high;

    fragile_holder_band(band, &low, &high);
    if (band == 0)
        return 0;
    return high < 0 ? (double)low : (double)(low + high - 1) / 2;
}

static double
scarcity(double holders, int few)
{
    return holders <= few ? 1 : few / holders;
}

static double
concentration(const struct fragile_input *in, int s, bool *single)
{
    double sum = 0, squares = 0;
    int organizations = 0;

    if (in->organization_first == NULL)
        return NAN;
    for (int64_t o = in->organization_first[s]; o < in->organization_first[s + 1]; o++) {
        double holders = (double)in->organization_holders[o];

        sum += holders;
        squares += holders * holders;
        organizations += holders > 0;
    }
    *single = organizations == 1;
    return sum > 0 ? squares / (sum * sum) : NAN;
}

static void
measure(const struct fragile_input *in, int s, struct fragile_skill *out)
{
    double total = 0, weights = 0;

    *out = (struct fragile_skill){.skill = s, .score = NAN};
    out->part[FRAGILE_SCARCITY] = in->holders[s] < 0 ? NAN : scarcity((double)in->holders[s], in->few);
    out->part[FRAGILE_RETIREMENT] = in->holders[s] <= 0 || in->near_retirement[s] < 0
                                        ? NAN
                                        : (double)in->near_retirement[s] / (double)in->holders[s];
    out->part[FRAGILE_PROGRAM] = in->programs[s] < 0 ? NAN : in->programs[s] == 0;
    out->part[FRAGILE_CONCENTRATION] = concentration(in, s, &out->single_organization);
    out->holder_band = holder_band(in->holders[s]);
    out->retirement_band = share_band(out->part[FRAGILE_RETIREMENT]);
    out->concentration_band = share_band(out->part[FRAGILE_CONCENTRATION]);
    if (in->banded) {
        out->single_organization = false;
        if (in->holders[s] > 0)
            out->part[FRAGILE_SCARCITY] = scarcity(holder_middle(out->holder_band), in->few);
        out->part[FRAGILE_RETIREMENT] = share_middle(out->retirement_band);
        out->part[FRAGILE_CONCENTRATION] = share_middle(out->concentration_band);
    }
    for (int p = 0; p < FRAGILE_PARTS; p++)
        if (!isnan(out->part[p])) {
            total += in->weight[p] * out->part[p];
            weights += in->weight[p];
        }
    if (weights > 0)
        out->score = total / weights;
}

static int
compare(const void *left, const void *right)
{
    const struct fragile_skill *a = left, *b = right;

    if (isnan(a->score) != isnan(b->score))
        return isnan(a->score) ? 1 : -1;
    if (a->score != b->score && !isnan(a->score))
        return a->score > b->score ? -1 : 1;
    return (a->skill > b->skill) - (a->skill < b->skill);
}

int
fragile_rank(const struct fragile_input *input, struct fragile_skill out[], char reason[static MODEL_REASON_BYTES])
{
    int rc = check(input, reason);

    if (rc != MODEL_OK)
        return rc;
    reason[0] = '\0';
    for (int s = 0; s < input->skills; s++)
        measure(input, s, &out[s]);
    qsort(out, (size_t)input->skills, sizeof(*out), compare);
    return MODEL_OK;
}
