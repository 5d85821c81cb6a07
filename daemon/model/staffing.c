/* SPDX-License-Identifier: Apache-2.0 */
#include "model/staffing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/flow.h"

enum { SOURCE, SINK, NODES_OWN };

/* What only this computation needs. */
struct work {
    const struct staffing_input *in;
    const struct stop *stop;
    char *reason;
    struct staffing_result *out;
    int8_t *asked_most;    /* by skill: the highest level that a demanded role asks for */
    bool *role_used;       /* by role */
    int64_t *vector_first; /* by row, people + 1: the relevant levels, sorted by skill */
    int *vector_skill;
    int8_t *vector_level;
    int *sorted;        /* rows */
    int *target_first;  /* by role, roles + 1: its targets, which stand together */
    int *position_target;
    int8_t *held;       /* by skill, of the class looked at */
    struct flow *flow;
    struct staffing_training *edge; /* the edges from classes to targets: steps 0 where already fit */
    int edges, edges_held;
    int edge_base; /* the flow's number of edge[0] */
};

__attribute__((format(printf, 2, 3))) static int
bad(struct work *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->reason, MODEL_REASON_BYTES, format, args);
    va_end(args);
    return MODEL_BAD;
}

static int
failed(struct work *w, int64_t rc)
{
    if (rc == MODEL_STOPPED)
        snprintf(w->reason, MODEL_REASON_BYTES, "staffing: stopped before the answer was found");
    else if (rc == MODEL_MEMORY)
        snprintf(w->reason, MODEL_REASON_BYTES, "staffing: not enough memory");
    return (int)rc;
}

static int
check_people(struct work *w)
{
    const struct staffing_input *in = w->in;
    int64_t heads = 0;

    if (in->people < 0 || in->people > STAFFING_PEOPLE_MAX)
        return bad(w, "people: must be 0 to %d", STAFFING_PEOPLE_MAX);
    for (int p = 0; p < in->people; p++) {
        if (in->held_first[p] > in->held_first[p + 1] || in->held_first[p] < 0)
            return bad(w, "people[%d]: its holdings must be a span", p);
        if (in->person_fte[p] < 0 || in->person_fte[p] > STAFFING_FTE)
            return bad(w, "people[%d].fte: must be 0 to 1", p);
        if (in->person_heads != NULL && in->person_heads[p] < 0)
            return bad(w, "people[%d].heads: must not be negative", p);
        if (in->person_group != NULL && in->person_group[p] < 0)
            return bad(w, "people[%d].group: must not be negative", p);
        heads += in->person_heads == NULL ? 1 : in->person_heads[p];
        if (heads > STAFFING_HEADS_MAX)
            return bad(w, "people: must be %d heads at most", STAFFING_HEADS_MAX);
        for (int64_t h = in->held_first[p]; h < in->held_first[p + 1]; h++) {
            if (in->held_skill[h] < 0 || in->held_skill[h] >= in->skills)
                return bad(w, "people[%d].skill: must be one of the %d skills", p, in->skills);
            if (in->held_level[h] < 0 || in->held_level[h] > STAFFING_LEVEL_MAX)
                return bad(w, "people[%d].level: must be 0 to %d", p, STAFFING_LEVEL_MAX);
        }
    }
    return 0;
}

static int
check_roles(struct work *w)
{
    const struct staffing_input *in = w->in;

    if (in->roles < 1 || in->roles > STAFFING_ROLES_MAX)
        return bad(w, "roles: must be 1 to %d", STAFFING_ROLES_MAX);
    for (int r = 0; r < in->roles; r++) {
        if (in->asked_first[r] < 0 || in->asked_first[r] > in->asked_first[r + 1])
            return bad(w, "roles[%d]: its skills must be a span", r);
        if (in->asked_first[r] == in->asked_first[r + 1])
            return bad(w, "roles[%d].skills: a role must ask for at least one skill", r);
        for (int64_t a = in->asked_first[r]; a < in->asked_first[r + 1]; a++) {
            if (in->asked_skill[a] < 0 || in->asked_skill[a] >= in->skills)
                return bad(w, "roles[%d].skill: must be one of the %d skills", r, in->skills);
            if (in->asked_level[a] < 1 || in->asked_level[a] > STAFFING_LEVEL_MAX)
                return bad(w, "roles[%d].level: must be 1 to %d", r, STAFFING_LEVEL_MAX);
            for (int64_t b = in->asked_first[r]; b < a; b++)
                if (in->asked_skill[a] == in->asked_skill[b])
                    return bad(w, "roles[%d].skills: must name skill %d once", r, in->asked_skill[a]);
        }
    }
    return 0;
}

static int
check_rest(struct work *w)
{
    const struct staffing_input *in = w->in;
    int64_t total = 0;

    if (in->positions < 1 || in->positions > STAFFING_POSITIONS_MAX)
        return bad(w, "positions: must be 1 to %d", STAFFING_POSITIONS_MAX);
    for (int p = 0; p < in->positions; p++) {
        if (in->position_role[p] < 0 || in->position_role[p] >= in->roles)
            return bad(w, "positions[%d].role: must be one of the %d roles", p, in->roles);
        if (in->position_fte[p] < 0 || in->position_fte[p] > FLOW_CAPACITY_MAX)
            return bad(w, "positions[%d].fte: must not be negative, nor beyond all reason", p);
        if (in->position_group != NULL && in->position_group[p] < -1)
            return bad(w, "positions[%d].group: must be -1 for all groups, or a group", p);
        total += in->position_fte[p];
        if (total > FLOW_CAPACITY_MAX)
            return bad(w, "positions: the FTE asked for is beyond all reason");
    }
    if (in->training_steps < 0 || in->training_steps > STAFFING_STEPS_MAX)
        return bad(w, "training_steps: must be 0 to %d", STAFFING_STEPS_MAX);
    if (in->lift_most < 0)
        return bad(w, "lift_most: must not be negative");
    if (in->waivers < 0 || in->waivers > STAFFING_WAIVERS_MAX)
        return bad(w, "waivers: must be 0 to %d", STAFFING_WAIVERS_MAX);
    w->out->asked = total;
    return 0;
}

static int
check(struct work *w)
{
    int rc = 0;

    if (w->in->skills < 1 || w->in->skills > STAFFING_SKILLS_MAX)
        return bad(w, "skills: must be 1 to %d", STAFFING_SKILLS_MAX);
    rc = check_roles(w);
    if (rc == 0)
        rc = check_people(w);
    if (rc == 0)
        rc = check_rest(w);
    return rc;
}

/* Which roles are asked for at all, and what levels with them. */
static int
find_relevant(struct work *w)
{
    const struct staffing_input *in = w->in;

    w->asked_most = calloc((size_t)in->skills, 1);
    w->held = calloc((size_t)in->skills, 1);
    w->role_used = calloc((size_t)in->roles, sizeof(bool));
    if (w->asked_most == NULL || w->held == NULL || w->role_used == NULL)
        return MODEL_MEMORY;
    for (int p = 0; p < in->positions; p++)
        w->role_used[in->position_role[p]] = true;
    for (int r = 0; r < in->roles; r++)
        for (int64_t a = in->asked_first[r]; w->role_used[r] && a < in->asked_first[r + 1]; a++)
            if (in->asked_level[a] > w->asked_most[in->asked_skill[a]])
                w->asked_most[in->asked_skill[a]] = (int8_t)in->asked_level[a];
    return 0;
}

/* A row's relevant levels into w->held (which is all 0), their skills, sorted, to the end of vector_skill. */
static void
read_vector(struct work *w, int person, int64_t *end)
{
    const struct staffing_input *in = w->in;
    int64_t begin = *end;

    for (int64_t h = in->held_first[person]; h < in->held_first[person + 1]; h++) {
        int skill = in->held_skill[h];
        int level = in->held_level[h] < w->asked_most[skill] ? in->held_level[h] : w->asked_most[skill];

        if (level <= w->held[skill])
            continue;
        if (w->held[skill] == 0) {
            int64_t at = (*end)++;

            while (at > begin && w->vector_skill[at - 1] > skill) {
                w->vector_skill[at] = w->vector_skill[at - 1];
                at--;
            }
            w->vector_skill[at] = skill;
        }
        w->held[skill] = (int8_t)level;
    }
    for (int64_t v = begin; v < *end; v++) {
        w->vector_level[v] = w->held[w->vector_skill[v]];
        w->held[w->vector_skill[v]] = 0;
    }
}

/* Orders rows by their class. */
static int
compare_class(const struct work *w, int a, int b)
{
    const struct staffing_input *in = w->in;
    int64_t i = w->vector_first[a], j = w->vector_first[b];
    int64_t i_end = w->vector_first[a + 1], j_end = w->vector_first[b + 1];

    for (; i < i_end && j < j_end; i++, j++) {
        if (w->vector_skill[i] != w->vector_skill[j])
            return w->vector_skill[i] < w->vector_skill[j] ? -1 : 1;
        if (w->vector_level[i] != w->vector_level[j])
            return w->vector_level[i] < w->vector_level[j] ? -1 : 1;
    }
    if (i_end - i != j_end - j)
        return i_end - i < j_end - j ? -1 : 1;
    if (in->person_group != NULL && in->person_group[a] != in->person_group[b])
        return in->person_group[a] < in->person_group[b] ? -1 : 1;
    if (in->person_fte[a] != in->person_fte[b])
        return in->person_fte[a] < in->person_fte[b] ? -1 : 1;
    return 0;
}

static int
compare_rows(const void *left, const void *right, void *w)
{
    int a = *(const int *)left, b = *(const int *)right;
    int order = compare_class(w, a, b);

    return order != 0 ? order : (a > b) - (a < b);
}

static int
make_classes(struct work *w)
{
    const struct staffing_input *in = w->in;
    size_t people = (size_t)in->people, holdings = people == 0 ? 0 : (size_t)in->held_first[in->people];
    int64_t end = 0;

    w->vector_first = calloc(people + 1, sizeof(int64_t));
    w->vector_skill = calloc(holdings + 1, sizeof(int));
    w->vector_level = calloc(holdings + 1, 1);
    w->sorted = calloc(people + 1, sizeof(int));
    w->out->person_class = calloc(people + 1, sizeof(int));
    w->out->class = calloc(people + 1, sizeof(*w->out->class));
    if (w->vector_first == NULL || w->vector_skill == NULL || w->vector_level == NULL || w->sorted == NULL ||
        w->out->person_class == NULL || w->out->class == NULL)
        return MODEL_MEMORY;
    for (int p = 0; p < in->people; p++) {
        read_vector(w, p, &end);
        w->vector_first[p + 1] = end;
        w->sorted[p] = p;
    }
    qsort_r(w->sorted, people, sizeof(int), compare_rows, w);
    for (int i = 0; i < in->people; i++) {
        int p = w->sorted[i];
        struct staffing_class *class = NULL;

        if (i == 0 || compare_class(w, w->sorted[i - 1], p) != 0) {
            class = &w->out->class[w->out->classes++];
            class->first_person = p;
            class->fte = in->person_fte[p];
            class->group = in->person_group == NULL ? 0 : in->person_group[p];
        }
        class = &w->out->class[w->out->classes - 1];
        class->heads += in->person_heads == NULL ? 1 : in->person_heads[p];
        w->out->person_class[p] = w->out->classes - 1;
    }
    return stop_asked(w->stop) ? MODEL_STOPPED : 0;
}

static int
group_of(const struct staffing_input *in, int position)
{
    return in->position_group == NULL ? -1 : in->position_group[position];
}

static int
compare_positions(const void *left, const void *right, void *input)
{
    const struct staffing_input *in = input;
    int a = *(const int *)left, b = *(const int *)right;

    if (in->position_role[a] != in->position_role[b])
        return in->position_role[a] < in->position_role[b] ? -1 : 1;
    if (group_of(in, a) != group_of(in, b))
        return group_of(in, a) < group_of(in, b) ? -1 : 1;
    return (a > b) - (a < b);
}

static int
make_targets(struct work *w)
{
    const struct staffing_input *in = w->in;
    struct staffing_result *out = w->out;
    int *sorted = calloc((size_t)in->positions, sizeof(int));
    int rc = MODEL_MEMORY;

    out->target = calloc((size_t)in->positions, sizeof(*out->target));
    out->position_filled = calloc((size_t)in->positions, sizeof(int64_t));
    w->position_target = calloc((size_t)in->positions, sizeof(int));
    w->target_first = calloc((size_t)in->roles + 1, sizeof(int));
    if (sorted == NULL || out->target == NULL || out->position_filled == NULL || w->position_target == NULL ||
        w->target_first == NULL)
        goto out;
    for (int p = 0; p < in->positions; p++)
        sorted[p] = p;
    qsort_r(sorted, (size_t)in->positions, sizeof(int), compare_positions, (void *)(uintptr_t)in);
    for (int i = 0; i < in->positions; i++) {
        int p = sorted[i], role = in->position_role[p], group = group_of(in, p);
        struct staffing_target *last = out->targets == 0 ? NULL : &out->target[out->targets - 1];

        if (last == NULL || last->role != role || last->group != group) {
            last = &out->target[out->targets++];
            *last = (struct staffing_target){.role = role, .group = group};
            w->target_first[role + 1]++;
        }
        last->asked += in->position_fte[p];
        w->position_target[p] = out->targets - 1;
    }
    for (int r = 0; r < in->roles; r++)
        w->target_first[r + 1] += w->target_first[r];
    rc = 0;
out:
    free(sorted);
    return rc;
}

/* The levels of a class into w->held, or out of it again. */
static void
hold(struct work *w, int class, bool in)
{
    int person = w->out->class[class].first_person;

    for (int64_t v = w->vector_first[person]; v < w->vector_first[person + 1]; v++)
        w->held[w->vector_skill[v]] = in ? w->vector_level[v] : 0;
}

/* How many levels whoever is in w->held lacks for a role, or more than `most`. */
static int
steps_to(const struct work *w, int role, int waived, int most)
{
    const struct staffing_input *in = w->in;
    int steps = 0;

    for (int64_t a = in->asked_first[role]; a < in->asked_first[role + 1] && steps <= most; a++)
        if (in->asked_skill[a] != waived && w->held[in->asked_skill[a]] < in->asked_level[a])
            steps += in->asked_level[a] - w->held[in->asked_skill[a]];
    return steps;
}

static int
add_edge(struct work *w, int class, int target, int steps)
{
    const struct staffing_class *c = &w->out->class[class];

    if (w->edges == w->edges_held) {
        int held = w->edges_held == 0 ? 1024 : 2 * w->edges_held;
        struct staffing_training *edge = NULL;

        if (w->edges_held >= FLOW_EDGES_MAX / 2)
            return MODEL_MEMORY;
        edge = realloc(w->edge, (size_t)held * sizeof(*edge));
        if (edge == NULL)
            return MODEL_MEMORY;
        w->edge = edge;
        w->edges_held = held;
    }
    /* One more than can flow: a full edge would be cut in a class's stead. */
    if (flow_add(w->flow, NODES_OWN + class, NODES_OWN + w->out->classes + target, (int64_t)c->heads * c->fte + 1,
                 steps) < 0)
        return MODEL_MEMORY;
    w->edge[w->edges++] = (struct staffing_training){.class = class, .target = target, .steps = steps};
    return 0;
}

/* The edges of one class. */
static int
add_class(struct work *w, int class, int waived, int most)
{
    const struct staffing_class *c = &w->out->class[class];

    for (int r = 0; r < w->in->roles; r++) {
        int steps = 0;

        if (!w->role_used[r])
            continue;
        steps = steps_to(w, r, waived, most);
        if (steps > most)
            continue;
        for (int t = w->target_first[r]; t < w->target_first[r + 1]; t++) {
            const struct staffing_target *target = &w->out->target[t];

            if (target->asked == 0 || (target->group >= 0 && target->group != c->group))
                continue;
            if (add_edge(w, class, t, steps) != 0)
                return MODEL_MEMORY;
        }
    }
    return 0;
}

/* Builds the network, as if no role asked for the waived skill (-1: none), with trainings of up to that many steps. */
static int
make_network(struct work *w, int waived, int most)
{
    const struct staffing_result *out = w->out;

    flow_free(w->flow);
    w->edges = 0;
    w->flow = flow_create(NODES_OWN + out->classes + out->targets);
    if (w->flow == NULL)
        return MODEL_MEMORY;
    for (int c = 0; c < out->classes; c++)
        if (flow_add(w->flow, SOURCE, NODES_OWN + c, (int64_t)out->class[c].heads * out->class[c].fte, 0) < 0)
            return MODEL_MEMORY;
    for (int t = 0; t < out->targets; t++)
        if (flow_add(w->flow, NODES_OWN + out->classes + t, SINK, out->target[t].asked, 0) < 0)
            return MODEL_MEMORY;
    w->edge_base = out->classes + out->targets;
    for (int c = 0; c < out->classes; c++) {
        int rc = 0;

        if (out->class[c].fte == 0 || out->class[c].heads == 0)
            continue;
        hold(w, c, true);
        rc = add_class(w, c, waived, most);
        hold(w, c, false);
        if (rc != 0)
            return rc;
        if (c % 64 == 0 && stop_asked(w->stop))
            return MODEL_STOPPED;
    }
    return 0;
}

/* Writes down who fills what. */
static int
read_shares(struct work *w)
{
    struct staffing_result *out = w->out;
    int64_t *left = calloc((size_t)out->targets, sizeof(int64_t));

    out->share = calloc((size_t)w->edges + 1, sizeof(*out->share));
    if (out->share == NULL || left == NULL) {
        free(left);
        return MODEL_MEMORY;
    }
    for (int e = 0; e < w->edges; e++) {
        int64_t fte = flow_on(w->flow, w->edge_base + e);

        if (fte > 0)
            out->share[out->shares++] = (struct staffing_share){w->edge[e].class, w->edge[e].target, fte};
    }
    for (int t = 0; t < out->targets; t++)
        left[t] = out->target[t].filled = flow_on(w->flow, out->classes + t);
    for (int p = 0; p < w->in->positions; p++) {
        int64_t *rest = &left[w->position_target[p]];
        int64_t take = w->in->position_fte[p] < *rest ? w->in->position_fte[p] : *rest;

        out->position_filled[p] = take;
        *rest -= take;
    }
    free(left);
    return 0;
}

static int
read_cut(struct work *w)
{
    struct staffing_result *out = w->out;
    bool *side = calloc((size_t)(NODES_OWN + out->classes + out->targets), sizeof(bool));

    if (side == NULL)
        return MODEL_MEMORY;
    flow_cut(w->flow, SINK, side);
    for (int c = 0; c < out->classes; c++) {
        out->class[c].binds = side[NODES_OWN + c];
        if (out->class[c].binds)
            out->binding_available += (int64_t)out->class[c].heads * out->class[c].fte;
    }
    for (int t = 0; t < out->targets; t++) {
        out->target[t].binds = side[NODES_OWN + out->classes + t];
        if (out->target[t].binds)
            out->binding_asked += out->target[t].asked;
    }
    free(side);
    return 0;
}

/* Whether everybody is a whole unit of what every position is a multiple of: then the plan is the least. */
static bool
uniform(const struct work *w)
{
    int fte = 0;

    for (int c = 0; c < w->out->classes; c++) {
        const struct staffing_class *class = &w->out->class[c];

        if (class->fte == 0 || class->heads == 0)
            continue;
        if (fte != 0 && class->fte != fte)
            return false;
        fte = class->fte;
    }
    for (int t = 0; fte != 0 && t < w->out->targets; t++)
        if (w->out->target[t].asked % fte != 0)
            return false;
    return w->in->lift_most == 0 || fte == 0 || w->in->lift_most % fte == 0;
}

/* The trainings that the flow asks for. */
static int
read_plan(struct work *w)
{
    struct staffing_result *out = w->out;

    out->plan = calloc((size_t)w->edges + 1, sizeof(*out->plan));
    if (out->plan == NULL)
        return MODEL_MEMORY;
    for (int e = 0; e < w->edges; e++) {
        const struct staffing_training *edge = &w->edge[e];
        int64_t fte = edge->steps == 0 ? 0 : flow_on(w->flow, w->edge_base + e);
        int each = out->class[edge->class].fte, role = out->target[edge->target].role;
        struct staffing_training *training = &out->plan[out->plan_size];

        if (fte == 0)
            continue;
        *training = *edge;
        training->people = (int)((fte + each - 1) / each);
        out->plan_size++;
        out->trainings += (int64_t)training->people * training->steps;
        hold(w, edge->class, true);
        for (int64_t a = w->in->asked_first[role]; a < w->in->asked_first[role + 1]; a++) {
            int skill = w->in->asked_skill[a], lack = w->in->asked_level[a] - w->held[skill];

            if (lack > 0)
                out->skill_trainings[skill] += (int64_t)training->people * lack;
        }
        hold(w, edge->class, false);
    }
    return 0;
}

static int
find_trainings(struct work *w)
{
    struct staffing_result *out = w->out;
    int64_t most = w->in->lift_most == 0 ? INT64_MAX : w->in->lift_most, risen = 0;
    int held = 0;

    out->skill_trainings = calloc((size_t)w->in->skills, sizeof(int64_t));
    if (out->skill_trainings == NULL)
        return MODEL_MEMORY;
    out->trainings_all = true;
    while (w->in->training_steps > 0) {
        int64_t cost = 0, lift = 0;

        if (risen >= most) {
            out->trainings_all = out->filled + risen == out->asked;
            break;
        }
        lift = flow_cheapest(w->flow, SOURCE, SINK, most - risen, &cost, w->stop);
        if (lift < 0)
            return (int)lift;
        if (lift == 0)
            break;
        if (out->lifts == held) {
            struct staffing_lift *grown = NULL;

            held = held == 0 ? 16 : 2 * held;
            grown = realloc(out->lift, (size_t)held * sizeof(*grown));
            if (grown == NULL)
                return MODEL_MEMORY;
            out->lift = grown;
        }
        out->lift[out->lifts++] = (struct staffing_lift){cost, lift};
        risen += lift;
    }
    if (out->lifts > 0)
        out->first_lift_trainings = out->lift[0].steps_each;
    out->trained_filled = out->filled + risen;
    out->trainings_exact = uniform(w);
    return read_plan(w);
}

struct candidate {
    int skill;
    int64_t weight;
};

static int
compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return (a->skill > b->skill) - (a->skill < b->skill);
}

static int
compare_waivers(const void *left, const void *right)
{
    const struct staffing_waiver *a = left, *b = right;

    if (a->lift != b->lift)
        return a->lift > b->lift ? -1 : 1;
    return (a->skill > b->skill) - (a->skill < b->skill);
}

/* Leaves out one skill after the other, those first that most of the binding FTE asks for. */
static int
find_waivers(struct work *w)
{
    struct staffing_result *out = w->out;
    struct candidate *candidate = calloc((size_t)w->in->skills, sizeof(*candidate));
    int rc = MODEL_MEMORY;

    out->waiver = calloc((size_t)w->in->waivers + 1, sizeof(*out->waiver));
    if (candidate == NULL || out->waiver == NULL)
        goto out;
    for (int s = 0; s < w->in->skills; s++)
        candidate[s].skill = s;
    for (int t = 0; t < out->targets; t++)
        for (int64_t a = w->in->asked_first[out->target[t].role];
             out->target[t].binds && a < w->in->asked_first[out->target[t].role + 1]; a++)
            candidate[w->in->asked_skill[a]].weight += out->target[t].asked;
    qsort(candidate, (size_t)w->in->skills, sizeof(*candidate), compare_candidates);
    for (int i = 0; i < w->in->waivers && i < w->in->skills && candidate[i].weight > 0; i++) {
        int64_t value = 0;

        rc = make_network(w, candidate[i].skill, 0);
        if (rc != 0)
            goto out;
        value = flow_maximum(w->flow, SOURCE, SINK, w->stop);
        if (value < 0) {
            rc = (int)value;
            goto out;
        }
        out->waiver[out->waivers++] = (struct staffing_waiver){candidate[i].skill, value - out->filled};
    }
    qsort(out->waiver, (size_t)out->waivers, sizeof(*out->waiver), compare_waivers);
    rc = 0;
out:
    free(candidate);
    return rc;
}

int
staffing_solve(const struct staffing_input *input, const struct stop *stop, struct staffing_result *result,
               char reason[static MODEL_REASON_BYTES])
{
    struct work w = {.in = input, .stop = stop, .reason = reason, .out = result};
    int64_t rc = 0;

    *result = (struct staffing_result){.first_lift_trainings = -1};
    reason[0] = '\0';
    if ((rc = check(&w)) != 0 || (rc = find_relevant(&w)) != 0 || (rc = make_classes(&w)) != 0 ||
        (rc = make_targets(&w)) != 0 || (rc = make_network(&w, -1, input->training_steps)) != 0)
        goto out;
    rc = flow_maximum(w.flow, SOURCE, SINK, stop);
    if (rc < 0)
        goto out;
    result->filled = rc;
    if ((rc = read_shares(&w)) != 0 || (rc = read_cut(&w)) != 0 || (rc = find_trainings(&w)) != 0)
        goto out;
    rc = find_waivers(&w);
out:
    flow_free(w.flow);
    free(w.edge);
    free(w.asked_most);
    free(w.role_used);
    free(w.vector_first);
    free(w.vector_skill);
    free(w.vector_level);
    free(w.sorted);
    free(w.target_first);
    free(w.position_target);
    free(w.held);
    return failed(&w, rc);
}

void
staffing_free(struct staffing_result *result)
{
    free(result->class);
    free(result->target);
    free(result->share);
    free(result->person_class);
    free(result->position_filled);
    free(result->plan);
    free(result->lift);
    free(result->skill_trainings);
    free(result->waiver);
    *result = (struct staffing_result){0};
}
