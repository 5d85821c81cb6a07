/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pathway_part.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_FIRST = 256, STOP_EVERY = 1024 };

/* A way to some levels. Its levels are in the table of levels. */
struct label {
    int64_t cost;
    int64_t ahead; /* what is still to be paid at least */
    int end, steps;
    int parent;
    struct pathway_step step;
    int same; /* the next label with the same levels, -1: none */
    bool dead;
};

struct search {
    const struct pathway_question *q;
    const struct pathway_input *in;
    int width;      /* skills that matter */
    int *place;     /* by skill: its place among them, -1: does not matter */
    uint8_t *top;   /* by place: the highest level that matters */
    uint8_t *goal;  /* by place: 0 where the role does not ask for it */
    int64_t *share; /* by place: the least that reaching its goal costs */
    bool *useful;   /* by program */
    struct label *label;
    uint8_t *levels; /* of label i from i * width on */
    int labels, labels_held;
    int *heap; /* labels, the best first */
    int heap_size;
    int *bucket; /* heads of chains by hash of the levels */
    int buckets; /* a power of two */
    uint8_t *scratch;
};

static void
search_free(struct search *s)
{
    free(s->place);
    free(s->top);
    free(s->goal);
    free(s->share);
    free(s->useful);
    free(s->label);
    free(s->levels);
    free(s->heap);
    free(s->bucket);
    free(s->scratch);
}

static void
matter(struct search *s, int skill, int level)
{
    if (s->place[skill] < 0)
        s->place[skill] = s->width++;
    if (s->top[s->place[skill]] < level)
        s->top[s->place[skill]] = (uint8_t)level;
}

/* Which skills and programs matter: what the role asks for, what programs that teach such ask for, and so on. */
static int
find_relevant(struct search *s)
{
    const struct pathway_input *in = s->in;
    bool grown = true;

    s->place = malloc((size_t)in->role->skills * sizeof(int));
    s->top = calloc((size_t)in->role->skills, 1);
    s->goal = calloc((size_t)in->role->skills, 1);
    s->share = calloc((size_t)in->role->skills, sizeof(int64_t));
    s->useful = calloc((size_t)in->programs + 1, sizeof(bool));
    if (s->place == NULL || s->top == NULL || s->goal == NULL || s->share == NULL || s->useful == NULL)
        return MODEL_MEMORY;
    memset(s->place, -1, (size_t)in->role->skills * sizeof(int));
    for (int a = 0; a < in->role->asked; a++) {
        matter(s, in->role->asked_skill[a], in->role->asked_level[a]);
        s->goal[s->place[in->role->asked_skill[a]]] = (uint8_t)in->role->asked_level[a];
    }
    while (grown) {
        grown = false;
        for (int p = 0; p < in->programs; p++) {
            bool teaches = false;

            if (s->useful[p] || s->q->forbidden[p])
                continue;
            for (int64_t t = in->teach_first[p]; t < in->teach_first[p + 1]; t++)
                teaches = teaches || s->place[in->teach_skill[t]] >= 0;
            if (!teaches)
                continue;
            s->useful[p] = grown = true;
            for (int64_t n = in->need_first[p]; n < in->need_first[p + 1]; n++)
                matter(s, in->need_skill[n], in->need_level[n]);
        }
    }
    return 0;
}

/* How many of the role's skills a program brings to their goal. */
static int
goals_of(const struct search *s, int program)
{
    int count = 0;

    for (int64_t t = s->in->teach_first[program]; t < s->in->teach_first[program + 1]; t++) {
        int place = s->place[s->in->teach_skill[t]];

        count += place >= 0 && s->goal[place] > 0 && s->in->teach_level[t] >= s->goal[place];
    }
    return count;
}

static void
find_shares(struct search *s)
{
    for (int i = 0; i < s->width; i++)
        s->share[i] = INT64_MAX;
    for (int p = 0; p < s->in->programs; p++) {
        int goals = s->useful[p] ? goals_of(s, p) : 0;

        for (int64_t t = s->in->teach_first[p]; goals > 0 && t < s->in->teach_first[p + 1]; t++) {
            int place = s->place[s->in->teach_skill[t]];

            if (place >= 0 && s->goal[place] > 0 && s->in->teach_level[t] >= s->goal[place] &&
                s->in->program_cost[p] / goals < s->share[place])
                s->share[place] = s->in->program_cost[p] / goals;
        }
    }
}

static int64_t
bound_ahead(const struct search *s, const uint8_t *levels)
{
    int64_t sum = 0;

    for (int i = 0; i < s->width; i++)
        if (levels[i] < s->goal[i]) {
            if (s->share[i] == INT64_MAX)
                return INT64_MAX;
            sum += s->share[i];
        }
    return sum;
}

static bool
reached(const struct search *s, const uint8_t *levels)
{
    for (int i = 0; i < s->width; i++)
        if (levels[i] < s->goal[i])
            return false;
    return true;
}

static int
order3(int64_t a1, int64_t b1, int64_t a2, int64_t b2, int64_t a3, int64_t b3)
{
    if (a1 != b1)
        return a1 < b1 ? -1 : 1;
    if (a2 != b2)
        return a2 < b2 ? -1 : 1;
    return (a3 > b3) - (a3 < b3);
}

static bool
heap_before(const struct search *s, int left, int right)
{
    const struct label *a = &s->label[left], *b = &s->label[right];
    int64_t a_cost = a->cost + a->ahead, b_cost = b->cost + b->ahead;
    int order = s->in->order == PATHWAY_CHEAPEST ? order3(a_cost, b_cost, a->end, b->end, a->steps, b->steps)
                                                 : order3(a->end, b->end, a_cost, b_cost, a->steps, b->steps);

    return order != 0 ? order < 0 : left < right;
}

static void
heap_swap(struct search *s, int i, int j)
{
    int kept = s->heap[i];

    s->heap[i] = s->heap[j];
    s->heap[j] = kept;
}

static void
heap_push(struct search *s, int label)
{
    int i = s->heap_size++;

    s->heap[i] = label;
    while (i > 0 && heap_before(s, s->heap[i], s->heap[(i - 1) / 2])) {
        heap_swap(s, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static int
heap_pop(struct search *s)
{
    int top = s->heap[0], i = 0;

    s->heap[0] = s->heap[--s->heap_size];
    for (;;) {
        int child = 2 * i + 1;

        if (child >= s->heap_size)
            return top;
        if (child + 1 < s->heap_size && heap_before(s, s->heap[child + 1], s->heap[child]))
            child++;
        if (!heap_before(s, s->heap[child], s->heap[i]))
            return top;
        heap_swap(s, i, child);
        i = child;
    }
}

/* FNV-1a (Fowler, Noll and Vo). */
static unsigned
hash(const struct search *s, const uint8_t *levels)
{
    uint32_t value = 2166136261u;

    for (int i = 0; i < s->width; i++)
        value = (value ^ levels[i]) * 16777619u;
    return value & (unsigned)(s->buckets - 1);
}

static int
grow(struct search *s)
{
    int held = s->labels_held == 0 ? LABELS_FIRST : 2 * s->labels_held;
    struct label *label = realloc(s->label, (size_t)held * sizeof(*label));
    uint8_t *levels = NULL;
    int *heap = NULL, *bucket = NULL;

    if (label == NULL)
        return MODEL_MEMORY;
    s->label = label;
    levels = realloc(s->levels, (size_t)held * (size_t)s->width);
    if (levels == NULL)
        return MODEL_MEMORY;
    s->levels = levels;
    heap = realloc(s->heap, (size_t)held * sizeof(*heap));
    if (heap == NULL)
        return MODEL_MEMORY;
    s->heap = heap;
    bucket = malloc((size_t)held * sizeof(*bucket));
    if (bucket == NULL)
        return MODEL_MEMORY;
    free(s->bucket);
    s->bucket = bucket;
    s->buckets = held;
    memset(bucket, -1, (size_t)held * sizeof(*bucket));
    for (int i = 0; i < s->labels; i++) {
        unsigned h = hash(s, s->levels + (size_t)i * (size_t)s->width);

        s->label[i].same = bucket[h];
        bucket[h] = i;
    }
    s->labels_held = held;
    return 0;
}

static bool
as_good(const struct label *a, const struct label *b)
{
    return a->cost <= b->cost && a->end <= b->end && a->steps <= b->steps;
}

/* Takes in a label with the levels in scratch, unless one as good is there already; kills those that it makes needless. */
static int
offer(struct search *s, struct label fresh)
{
    unsigned h;
    int rc = 0;

    fresh.ahead = bound_ahead(s, s->scratch);
    if (fresh.ahead == INT64_MAX)
        return 0;
    if (s->labels == s->labels_held && (rc = grow(s)) != 0)
        return rc;
    h = hash(s, s->scratch);
    for (int i = s->bucket[h]; i >= 0; i = s->label[i].same) {
        if (memcmp(s->levels + (size_t)i * (size_t)s->width, s->scratch, (size_t)s->width) != 0)
            continue;
        if (as_good(&s->label[i], &fresh))
            return 0;
        if (as_good(&fresh, &s->label[i]))
            s->label[i].dead = true;
    }
    fresh.same = s->bucket[h];
    s->label[s->labels] = fresh;
    memcpy(s->levels + (size_t)s->labels * (size_t)s->width, s->scratch, (size_t)s->width);
    s->bucket[h] = s->labels;
    heap_push(s, s->labels++);
    return 0;
}

/* The offer of a program that begins on a day or after and ends the soonest; false where there is none in time. */
static bool
schedule(const struct search *s, int program, int day, struct pathway_step *step)
{
    const struct pathway_input *in = s->in;

    *step = (struct pathway_step){program, -1, day, INT_MAX};
    if (in->session_first[program] == in->session_first[program + 1]) {
        step->end = day + in->program_days[program] - 1;
        return in->program_days[program] > 0 && step->end <= in->latest_day;
    }
    for (int64_t i = in->session_first[program]; i < in->session_first[program + 1]; i++)
        if (in->session_begin[i] >= day && in->session_end[i] < step->end) {
            step->session = (int)(i - in->session_first[program]);
            step->begin = in->session_begin[i];
            step->end = in->session_end[i];
        }
    return step->end <= in->latest_day;
}

/* Offers what one program makes of a label. */
static int
extend(struct search *s, int from, int program)
{
    const struct pathway_input *in = s->in;
    const uint8_t *levels = s->levels + (size_t)from * (size_t)s->width;
    struct label fresh = {.parent = from};
    bool better = false;

    for (int64_t n = in->need_first[program]; n < in->need_first[program + 1]; n++)
        if (levels[s->place[in->need_skill[n]]] < in->need_level[n])
            return 0;
    memcpy(s->scratch, levels, (size_t)s->width);
    for (int64_t t = in->teach_first[program]; t < in->teach_first[program + 1]; t++) {
        int place = s->place[in->teach_skill[t]], level = in->teach_level[t];

        if (place < 0)
            continue;
        if (level > s->top[place])
            level = s->top[place];
        if (level > s->scratch[place]) {
            s->scratch[place] = (uint8_t)level;
            better = true;
        }
    }
    if (!better || !schedule(s, program, s->label[from].end + 1, &fresh.step))
        return 0;
    fresh.cost = s->label[from].cost + in->program_cost[program];
    fresh.end = fresh.step.end;
    fresh.steps = s->label[from].steps + 1;
    return offer(s, fresh);
}

static int
write_route(const struct search *s, int label, struct pathway_route *route)
{
    *route = (struct pathway_route){s->label[label].cost, s->label[label].end, s->label[label].steps, NULL};
    route->step = calloc((size_t)route->steps + 1, sizeof(*route->step));
    if (route->step == NULL)
        return MODEL_MEMORY;
    for (int i = route->steps - 1; i >= 0; i--) {
        route->step[i] = s->label[label].step;
        label = s->label[label].parent;
    }
    return 0;
}

static int
run(struct search *s, const struct stop *stop, enum pathway_outcome *outcome, struct pathway_route *route)
{
    unsigned turns = 0;
    int rc = 0;

    *outcome = PATHWAY_NO_ROUTE;
    while (s->heap_size > 0) {
        int at = heap_pop(s);

        if (s->label[at].dead)
            continue;
        if (reached(s, s->levels + (size_t)at * (size_t)s->width)) {
            *outcome = PATHWAY_FOUND;
            return write_route(s, at, route);
        }
        if (++turns % STOP_EVERY == 0 && stop_asked(stop))
            return MODEL_STOPPED;
        for (int p = 0; p < s->in->programs; p++) {
            if (!s->useful[p])
                continue;
            if (s->labels >= s->in->labels_max) {
                *outcome = PATHWAY_NOT_WITHIN;
                return 0;
            }
            rc = extend(s, at, p);
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}

int
pathway_search(const struct pathway_question *question, const struct stop *stop, enum pathway_outcome *outcome,
               struct pathway_route *route, int64_t *labels)
{
    struct search s = {.q = question, .in = question->in};
    int rc = find_relevant(&s);

    if (rc != 0)
        goto out;
    find_shares(&s);
    s.scratch = calloc((size_t)s.width + 1, 1);
    rc = MODEL_MEMORY;
    if (s.scratch == NULL || grow(&s) != 0)
        goto out;
    for (int k = 0; k < s.in->role->skills; k++)
        if (s.place[k] >= 0)
            s.scratch[s.place[k]] =
                (uint8_t)(question->level[k] < s.top[s.place[k]] ? question->level[k] : s.top[s.place[k]]);
    rc = offer(&s, (struct label){.end = s.in->from_day - 1, .parent = -1});
    if (rc == 0)
        rc = run(&s, stop, outcome, route);
    *labels += s.labels;
out:
    search_free(&s);
    return rc;
}
