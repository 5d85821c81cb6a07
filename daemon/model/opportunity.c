/* SPDX-License-Identifier: Apache-2.0 */
#include "model/opportunity.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Quotients that are whole but for rounding count as whole. */
#define HAIR 1e-9

/* The largest of what is compared relatively. */
struct largest {
    double per_month, per_cost, closed;
};

struct work {
    const struct opportunity_input *in;
    const struct stop *stop;
    double *complementarity; /* [g, r] */
    struct largest largest;
    struct opportunity *heap; /* the worst of those kept on top */
    int size;
};

__attribute__((format(printf, 2, 3))) static int
bad(char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, MODEL_REASON_BYTES, format, args);
    va_end(args);
    return MODEL_BAD;
}

static bool
plain(double figure)
{
    return figure >= 0 && isfinite(figure);
}

/* Where [o, s] is. */
static size_t
place(const struct opportunity_input *in, int o, int s)
{
    return (size_t)o * (size_t)in->skills + (size_t)s;
}

static int
check_instrument(const struct opportunity_input *in, int i, char *reason)
{
    const struct opportunity_instrument *it = &in->instrument[i];

    if (it->kind > OPPORTUNITY_FACILITY)
        return bad(reason, "instruments[%d].kind: must be a visit, secondment, program seat or facility access", i);
    if (!(it->months > 0) || !isfinite(it->months))
        return bad(reason, "instruments[%d].months: must be above 0", i);
    if (!(it->gain > 0) || !isfinite(it->gain))
        return bad(reason, "instruments[%d].gain: must be above 0", i);
    if (!plain(it->fixed) || !plain(it->travel) || !plain(it->per_month))
        return bad(reason, "instruments[%d].cost: must not be negative", i);
    if (!plain(it->per_mentor))
        return bad(reason, "instruments[%d].per_mentor: must not be negative", i);
    if (!plain(it->approval_days))
        return bad(reason, "instruments[%d].approval_days: must not be negative", i);
    return MODEL_OK;
}

static int
check_organization(const struct opportunity_input *in, int o, char *reason)
{
    for (int s = 0; s < in->skills; s++) {
        size_t at = place(in, o, s);

        if (isinf(in->gap[at]))
            return bad(reason, "organizations[%d].gap[%d]: must be a number", o, s);
        if (in->surplus[at] < 0 || isinf(in->surplus[at]))
            return bad(reason, "organizations[%d].surplus[%d]: must not be negative", o, s);
        if (in->seats[at] < 0)
            return bad(reason, "organizations[%d].seats[%d]: must not be negative", o, s);
        if (in->facility[at] < 0)
            return bad(reason, "organizations[%d].facility[%d]: must not be negative", o, s);
    }
    for (int r = 0; in->language != NULL && r < in->organizations; r++)
        if (!(in->language[o * in->organizations + r] >= 0 && in->language[o * in->organizations + r] <= 1))
            return bad(reason, "language[%d][%d]: must be 0 to 1", o, r);
    return MODEL_OK;
}

static int
check(const struct opportunity_input *in, char *reason)
{
    double weights = 0;
    int rc = MODEL_OK;

    if (in->organizations < 2 || in->organizations > OPPORTUNITY_ORGANIZATIONS_MAX)
        return bad(reason, "organizations: must be 2 to %d", OPPORTUNITY_ORGANIZATIONS_MAX);
    if (in->skills < 1 || in->skills > OPPORTUNITY_SKILLS_MAX)
        return bad(reason, "skills: must be 1 to %d", OPPORTUNITY_SKILLS_MAX);
    if (in->instruments < 1 || in->instruments > OPPORTUNITY_INSTRUMENTS_MAX)
        return bad(reason, "instruments: must be 1 to %d", OPPORTUNITY_INSTRUMENTS_MAX);
    if (in->list < 1 || in->list > OPPORTUNITY_LIST_MAX)
        return bad(reason, "list: must be 1 to %d", OPPORTUNITY_LIST_MAX);
    if (!in->across && !in->within)
        return bad(reason, "pairs: must be across the border, within, or both");
    if (!(in->without_agreement >= 0 && in->without_agreement <= 1))
        return bad(reason, "without_agreement: must be 0 to 1");
    if (!(in->patience_days > 0) || !isfinite(in->patience_days))
        return bad(reason, "patience_days: must be above 0");
    for (int p = 0; p < OPPORTUNITY_PARTS; p++) {
        if (!plain(in->weight[p]))
            return bad(reason, "weights[%d]: must not be negative", p);
        weights += in->weight[p];
    }
    if (!(weights > 0))
        return bad(reason, "weights: one must be above 0");
    for (int i = 0; rc == MODEL_OK && i < in->instruments; i++)
        rc = check_instrument(in, i, reason);
    for (int o = 0; rc == MODEL_OK && o < in->organizations; o++)
        rc = check_organization(in, o, reason);
    return rc;
}

/* How much of what `lacking` lacks `having` has to spare. */
static double
met_by(const struct opportunity_input *in, int having, int lacking)
{
    double met = 0, all = 0;

    for (int s = 0; s < in->skills; s++) {
        double gap = in->gap[place(in, lacking, s)], surplus = in->surplus[place(in, having, s)];

        if (!(gap > 0))
            continue;
        all += gap;
        met += isnan(surplus) ? 0 : fmin(surplus, gap);
    }
    return all > 0 ? met / all : 0;
}

static int
find_complementarity(struct work *w)
{
    int n = w->in->organizations;

    w->complementarity = calloc((size_t)n * (size_t)n, sizeof(double));
    if (w->complementarity == NULL)
        return MODEL_MEMORY;
    for (int g = 0; g < n; g++) {
        for (int r = 0; r < n; r++)
            if (g != r)
                w->complementarity[g * n + r] += 0.5 * met_by(w->in, g, r);
        if (stop_asked(w->stop))
            return MODEL_STOPPED;
    }
    for (int g = 0; g < n; g++)
        for (int r = 0; r < g; r++)
            w->complementarity[g * n + r] = w->complementarity[r * n + g] =
                w->complementarity[g * n + r] + w->complementarity[r * n + g];
    return MODEL_OK;
}

/* Participants that the giver can take. */
static double
capacity(const struct opportunity_input *in, const struct opportunity_instrument *it, size_t at)
{
    switch (it->kind) {
    case OPPORTUNITY_SEAT:
        return in->seats[at];
    case OPPORTUNITY_FACILITY:
        return in->facility[at];
    case OPPORTUNITY_VISIT:
    case OPPORTUNITY_SECONDMENT:
        break;
    }
    return isnan(in->surplus[at]) ? 0 : floor(in->surplus[at] * it->per_mentor + HAIR);
}

/* Fills an opportunity but for what is relative to others. False where there is none. */
static bool
measure(const struct work *w, int g, int r, int s, int i, struct opportunity *out)
{
    const struct opportunity_input *in = w->in;
    const struct opportunity_instrument *it = &in->instrument[i];
    int pair = g * in->organizations + r;
    size_t at = place(in, g, s);
    double gap = in->gap[place(in, r, s)], people = fmin(capacity(in, it, at), ceil(gap / it->gain - HAIR));

    if (people < 1 || people > INT_MAX)
        return false;
    *out = (struct opportunity){.giver = g, .receiver = r, .skill = s, .instrument = i};
    out->across = in->country[g] != in->country[r];
    out->participants = (int)people;
    out->closed = fmin(gap, people * it->gain);
    out->person_months = people * it->months;
    out->cost = people * (it->fixed + (out->across ? it->travel : 0) + it->months * it->per_month);
    out->per_month = out->closed / out->person_months;
    out->per_cost = out->cost > 0 ? out->closed / out->cost : NAN;
    out->facility =
        !(it->needs_facility || it->kind == OPPORTUNITY_FACILITY) || in->facility[at] > 0 ? 1 : 0;
    out->language = in->language == NULL ? 1 : in->language[pair];
    out->agreement =
        !out->across || (in->agreement != NULL && in->agreement[pair]) ? 1 : in->without_agreement;
    out->time = out->across ? fmax(0, 1 - it->approval_days / in->patience_days) : 1;
    out->feasibility = out->facility * out->language * out->agreement * out->time;
    out->complementarity = w->complementarity[pair];
    return out->feasibility > 0;
}

static void
weigh(const struct work *w, struct opportunity *o)
{
    double sum = 0, weights = 0;

    o->part[OPPORTUNITY_PER_MONTH] = o->per_month / w->largest.per_month;
    o->part[OPPORTUNITY_PER_COST] = isnan(o->per_cost) ? 1 : o->per_cost / w->largest.per_cost;
    o->part[OPPORTUNITY_CLOSED] = o->closed / w->largest.closed;
    o->part[OPPORTUNITY_FEASIBILITY] = o->feasibility;
    o->part[OPPORTUNITY_COMPLEMENTARITY] = o->complementarity;
    for (int p = 0; p < OPPORTUNITY_PARTS; p++) {
        sum += w->in->weight[p] * o->part[p];
        weights += w->in->weight[p];
    }
    o->score = sum / weights;
}

static int
compare(const void *left, const void *right)
{
    const struct opportunity *a = left, *b = right;

    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->receiver != b->receiver)
        return a->receiver < b->receiver ? -1 : 1;
    if (a->giver != b->giver)
        return a->giver < b->giver ? -1 : 1;
    if (a->skill != b->skill)
        return a->skill < b->skill ? -1 : 1;
    return (a->instrument > b->instrument) - (a->instrument < b->instrument);
}

static void
swap(struct opportunity *a, struct opportunity *b)
{
    struct opportunity kept = *a;

    *a = *b;
    *b = kept;
}

/* Keeps an opportunity if it belongs to the best. */
static void
keep(struct work *w, const struct opportunity *o)
{
    int i = 0;

    if (w->size < w->in->list) {
        i = w->size++;
        w->heap[i] = *o;
        while (i > 0 && compare(&w->heap[i], &w->heap[(i - 1) / 2]) > 0) {
            swap(&w->heap[i], &w->heap[(i - 1) / 2]);
            i = (i - 1) / 2;
        }
        return;
    }
    if (compare(o, &w->heap[0]) >= 0)
        return;
    w->heap[0] = *o;
    for (;;) {
        int child = 2 * i + 1;

        if (child >= w->size)
            return;
        if (child + 1 < w->size && compare(&w->heap[child + 1], &w->heap[child]) > 0)
            child++;
        if (compare(&w->heap[child], &w->heap[i]) <= 0)
            return;
        swap(&w->heap[i], &w->heap[child]);
        i = child;
    }
}

/* Goes through all there are: first to find the largest of each, then to keep the best. */
static int
go_through(struct work *w, bool weighing)
{
    const struct opportunity_input *in = w->in;
    struct opportunity o;

    for (int r = 0; r < in->organizations; r++)
        for (int g = 0; g < in->organizations; g++) {
            bool across = in->country[g] != in->country[r];

            if (g == r || (across ? !in->across : !in->within))
                continue;
            if (stop_asked(w->stop))
                return MODEL_STOPPED;
            for (int s = 0; s < in->skills; s++) {
                if (!(in->gap[place(in, r, s)] > 0))
                    continue;
                for (int i = 0; i < in->instruments; i++) {
                    if (!measure(w, g, r, s, i, &o))
                        continue;
                    if (weighing) {
                        weigh(w, &o);
                        keep(w, &o);
                        continue;
                    }
                    w->largest.per_month = fmax(w->largest.per_month, o.per_month);
                    w->largest.per_cost = fmax(w->largest.per_cost, o.per_cost);
                    w->largest.closed = fmax(w->largest.closed, o.closed);
                }
            }
        }
    return MODEL_OK;
}

int
opportunity_rank(const struct opportunity_input *input, const struct stop *stop, struct opportunity out[], int *count,
                 char reason[static MODEL_REASON_BYTES])
{
    struct work w = {.in = input, .stop = stop, .heap = out};
    int rc = MODEL_OK;

    *count = 0;
    reason[0] = '\0';
    rc = check(input, reason);
    if (rc != MODEL_OK)
        return rc;
    rc = find_complementarity(&w);
    if (rc == MODEL_OK)
        rc = go_through(&w, false);
    if (rc == MODEL_OK)
        rc = go_through(&w, true);
    free(w.complementarity);
    if (rc != MODEL_OK) {
        snprintf(reason, MODEL_REASON_BYTES,
                 rc == MODEL_MEMORY ? "opportunity: not enough memory" : "opportunity: stopped before all were looked at");
        return rc;
    }
    qsort(out, (size_t)w.size, sizeof(*out), compare);
    *count = w.size;
    return MODEL_OK;
}
