/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pathway_part.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOP_EVERY = 1024 };

/* What a product of level and strength may lack of a whole level by rounding alone. */
#define HAIR 1e-9

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
failed(int rc, char *reason)
{
    if (rc == MODEL_STOPPED)
        snprintf(reason, MODEL_REASON_BYTES, "pathway: stopped before an answer was found");
    else if (rc == MODEL_MEMORY)
        snprintf(reason, MODEL_REASON_BYTES, "pathway: not enough memory");
    return rc;
}

static double
weight(const struct pathway_role *role, int asked)
{
    return role->asked_weight == NULL ? 1 : role->asked_weight[asked];
}

static int
check_role(const struct pathway_role *role, char *reason)
{
    double weights = 0;

    if (role->skills < 1 || role->skills > PATHWAY_SKILLS_MAX)
        return bad(reason, "skills: must be 1 to %d", PATHWAY_SKILLS_MAX);
    if (role->sources < 0 || role->sources > PATHWAY_SKILLS_MAX)
        return bad(reason, "sources: must be 0 to %d", PATHWAY_SKILLS_MAX);
    if (role->asked < 1 || role->asked > PATHWAY_ASKED_MAX)
        return bad(reason, "role.skills: a role must ask for at least one skill, and %d at most", PATHWAY_ASKED_MAX);
    if (role->mappings < 0 || role->mappings > PATHWAY_MAPPINGS_MAX)
        return bad(reason, "mappings: must be 0 to %d", PATHWAY_MAPPINGS_MAX);
    for (int a = 0; a < role->asked; a++) {
        if (role->asked_skill[a] < 0 || role->asked_skill[a] >= role->skills)
            return bad(reason, "role.skills[%d].skill: must be one of the %d skills", a, role->skills);
        if (role->asked_level[a] < 1 || role->asked_level[a] > PATHWAY_LEVEL_MAX)
            return bad(reason, "role.skills[%d].level: must be 1 to %d", a, PATHWAY_LEVEL_MAX);
        if (!(weight(role, a) >= 0) || isinf(weight(role, a)))
            return bad(reason, "role.skills[%d].weight: must not be negative", a);
        for (int b = 0; b < a; b++)
            if (role->asked_skill[a] == role->asked_skill[b])
                return bad(reason, "role.skills[%d]: must name a skill once", a);
        weights += weight(role, a);
    }
    if (!(weights > 0))
        return bad(reason, "role.skills: one weight must be above 0");
    for (int m = 0; m < role->mappings; m++) {
        if (role->mapping_from[m] < 0 || role->mapping_from[m] >= role->sources)
            return bad(reason, "mappings[%d].from: must be one of the %d sources", m, role->sources);
        if (role->mapping_to[m] < 0 || role->mapping_to[m] >= role->skills)
            return bad(reason, "mappings[%d].to: must be one of the %d skills", m, role->skills);
        if (!(role->mapping_strength[m] >= 0 && role->mapping_strength[m] <= 1))
            return bad(reason, "mappings[%d].strength: must be 0 to 1", m);
    }
    return MODEL_OK;
}

/* A span of skills and levels of a program. */
static int
check_span(const struct pathway_input *in, int program, const char *name, const int64_t *first, const int *skill,
           const int *level, char *reason)
{
    if (first[program] < 0 || first[program] > first[program + 1])
        return bad(reason, "programs[%d].%s: must be a span", program, name);
    for (int64_t i = first[program]; i < first[program + 1]; i++) {
        if (skill[i] < 0 || skill[i] >= in->role->skills)
            return bad(reason, "programs[%d].%s.skill: must be one of the %d skills", program, name, in->role->skills);
        if (level[i] < 1 || level[i] > PATHWAY_LEVEL_MAX)
            return bad(reason, "programs[%d].%s.level: must be 1 to %d", program, name, PATHWAY_LEVEL_MAX);
    }
    return MODEL_OK;
}

static int
check_program(const struct pathway_input *in, int p, char *reason)
{
    int rc = MODEL_OK;

    if (in->program_cost[p] < 0 || in->program_cost[p] > PATHWAY_COST_MAX / PATHWAY_PROGRAMS_MAX)
        return bad(reason, "programs[%d].cost: must not be negative, nor beyond all reason", p);
    if (in->program_days[p] < 0 || in->program_days[p] > PATHWAY_DAY_MAX)
        return bad(reason, "programs[%d].days: must be 0 to %d", p, PATHWAY_DAY_MAX);
    rc = check_span(in, p, "needs", in->need_first, in->need_skill, in->need_level, reason);
    if (rc == MODEL_OK)
        rc = check_span(in, p, "teaches", in->teach_first, in->teach_skill, in->teach_level, reason);
    if (rc != MODEL_OK)
        return rc;
    for (int64_t a = in->teach_first[p]; a < in->teach_first[p + 1]; a++)
        for (int64_t b = in->teach_first[p]; b < a; b++)
            if (in->teach_skill[a] == in->teach_skill[b])
                return bad(reason, "programs[%d].teaches: must name a skill once", p);
    if (in->session_first[p] < 0 || in->session_first[p] > in->session_first[p + 1])
        return bad(reason, "programs[%d].sessions: must be a span", p);
    for (int64_t i = in->session_first[p]; i < in->session_first[p + 1]; i++)
        if (in->session_begin[i] < 0 || in->session_begin[i] > in->session_end[i] ||
            in->session_end[i] > PATHWAY_DAY_MAX)
            return bad(reason, "programs[%d].sessions[%lld]: must begin before it ends", p,
                       (long long)(i - in->session_first[p]));
    return MODEL_OK;
}

static int
check_input(const struct pathway_input *in, char *reason)
{
    int rc = check_role(in->role, reason);

    if (rc != MODEL_OK)
        return rc;
    for (int i = 0; i < in->own; i++)
        if (in->own_skill[i] < 0 || in->own_skill[i] >= in->role->skills || in->own_level[i] < 0 ||
            in->own_level[i] > PATHWAY_LEVEL_MAX)
            return bad(reason, "own[%d]: must be one of the %d skills at a level of 0 to %d", i, in->role->skills,
                       PATHWAY_LEVEL_MAX);
    for (int i = 0; i < in->held; i++)
        if (in->held_source[i] < 0 || in->held_source[i] >= in->role->sources ||
            !(in->held_level[i] >= 0 && in->held_level[i] <= PATHWAY_LEVEL_MAX))
            return bad(reason, "held[%d]: must be one of the %d sources at a level of 0 to %d", i, in->role->sources,
                       PATHWAY_LEVEL_MAX);
    if (in->own < 0 || in->held < 0)
        return bad(reason, "held: must not be negative in number");
    if (in->programs < 0 || in->programs > PATHWAY_PROGRAMS_MAX)
        return bad(reason, "programs: must be 0 to %d", PATHWAY_PROGRAMS_MAX);
    if (in->from_day < 1 || in->latest_day > PATHWAY_DAY_MAX || in->latest_day < in->from_day)
        return bad(reason, "latest_day: must not be before from_day, and both 1 to %d", PATHWAY_DAY_MAX);
    if (in->routes < 1 || in->routes > PATHWAY_ROUTES_MAX)
        return bad(reason, "routes: must be 1 to %d", PATHWAY_ROUTES_MAX);
    if (in->labels_max < 1 || in->labels_max > PATHWAY_LABELS_MAX)
        return bad(reason, "labels_max: must be 1 to %d", PATHWAY_LABELS_MAX);
    if (in->order > PATHWAY_SOONEST)
        return bad(reason, "order: must be cheapest or soonest");
    for (int p = 0; rc == MODEL_OK && p < in->programs; p++)
        rc = check_program(in, p, reason);
    return rc;
}

/* Fills what carries over from levels by source, by asked skill. Returns the coverage. */
static double
carry_over(const struct pathway_role *role, const int *own, const double *source, const int *asked_of,
           struct pathway_carry *carry)
{
    double covered = 0, all = 0;

    for (int a = 0; a < role->asked; a++) {
        int level = own == NULL ? 0 : own[role->asked_skill[a]];

        carry[a] = (struct pathway_carry){role->asked_skill[a], role->asked_level[a], level, level, 0, 0, -1, -1};
    }
    for (int m = 0; m < role->mappings; m++) {
        double level = source[role->mapping_from[m]] * role->mapping_strength[m];
        struct pathway_carry *c = NULL;

        if (asked_of[role->mapping_to[m]] < 0)
            continue;
        c = &carry[asked_of[role->mapping_to[m]]];
        if (level > c->carried) {
            c->carried = level;
            c->source = role->mapping_from[m];
            c->mapping = m;
        }
    }
    for (int a = 0; a < role->asked; a++) {
        struct pathway_carry *c = &carry[a];

        c->level = (int)floor(c->carried + HAIR);
        c->missing = c->level < c->asked ? c->asked - c->level : 0;
        covered += weight(role, a) * fmin(c->carried, c->asked);
        all += weight(role, a) * c->asked;
    }
    return covered / all;
}

/* By skill: which of the asked it is, -1: none. The caller frees it. */
static int *
index_asked(const struct pathway_role *role)
{
    int *asked_of = malloc((size_t)role->skills * sizeof(int));

    if (asked_of == NULL)
        return NULL;
    memset(asked_of, -1, (size_t)role->skills * sizeof(int));
    for (int a = 0; a < role->asked; a++)
        asked_of[role->asked_skill[a]] = a;
    return asked_of;
}

/* The levels that a route begins with, by skill: own or carried, also of skills that only programs ask for. */
static int *
levels_at_outset(const struct pathway_input *in, const int *own, const double *source)
{
    const struct pathway_role *role = in->role;
    int *level = malloc((size_t)role->skills * sizeof(int));

    if (level == NULL)
        return NULL;
    memcpy(level, own, (size_t)role->skills * sizeof(int));
    for (int m = 0; m < role->mappings; m++) {
        int carried = (int)floor(source[role->mapping_from[m]] * role->mapping_strength[m] + HAIR);

        if (carried > level[role->mapping_to[m]])
            level[role->mapping_to[m]] = carried;
    }
    return level;
}

/* A set of forbidden programs, with the best route that it leaves. */
struct branch {
    bool *forbidden;
    struct pathway_route route;
    bool taken;
};

struct branches {
    struct branch *branch;
    int size, held;
};

static int
compare_routes(const struct pathway_input *in, const struct pathway_route *a, const struct pathway_route *b)
{
    int64_t first = a->cost - b->cost, second = (int64_t)a->end - b->end;

    if (in->order == PATHWAY_SOONEST) {
        int64_t kept = first;

        first = second;
        second = kept;
    }
    if (first != 0)
        return first < 0 ? -1 : 1;
    if (second != 0)
        return second < 0 ? -1 : 1;
    return (a->steps > b->steps) - (a->steps < b->steps);
}

/* Searches with what the parent forbids (NULL: nothing) and one program more (-1: none), and keeps the branch where it has a
 * route. */
static int
branch_add(struct branches *all, const struct pathway_question *question, const bool *parent, int program,
           const struct stop *stop, struct pathway_result *out, enum pathway_outcome *outcome)
{
    struct pathway_question q = *question;
    struct branch fresh = {0};
    size_t programs = (size_t)q.in->programs;
    int rc = MODEL_MEMORY;

    if (all->size == all->held) {
        int held = all->held == 0 ? 16 : 2 * all->held;
        struct branch *grown = realloc(all->branch, (size_t)held * sizeof(*grown));

        if (grown == NULL)
            return MODEL_MEMORY;
        all->branch = grown;
        all->held = held;
    }
    fresh.forbidden = calloc(programs + 1, sizeof(bool));
    if (fresh.forbidden == NULL)
        return MODEL_MEMORY;
    if (parent != NULL)
        memcpy(fresh.forbidden, parent, programs * sizeof(bool));
    if (program >= 0)
        fresh.forbidden[program] = true;
    for (int b = 0; b < all->size; b++)
        if (memcmp(all->branch[b].forbidden, fresh.forbidden, programs * sizeof(bool)) == 0) {
            free(fresh.forbidden);
            return 0; /* searched before */
        }
    q.forbidden = fresh.forbidden;
    rc = pathway_search(&q, stop, outcome, &fresh.route, &out->labels);
    if (rc == 0 && *outcome == PATHWAY_NOT_WITHIN)
        out->all = false;
    if (rc == 0 && *outcome == PATHWAY_FOUND) {
        all->branch[all->size++] = fresh;
        return 0;
    }
    free(fresh.forbidden);
    free(fresh.route.step);
    return rc;
}

static bool
contains(const struct pathway_route *route, const struct pathway_route *other)
{
    for (int i = 0; i < other->steps; i++) {
        bool found = false;

        for (int j = 0; j < route->steps && !found; j++)
            found = route->step[j].program == other->step[i].program;
        if (!found)
            return false;
    }
    return true;
}

/* Takes over a route, unless it contains an earlier one. */
static int
take_route(struct pathway_result *out, const struct pathway_route *route)
{
    struct pathway_route *copy = &out->route[out->routes];

    for (int r = 0; r < out->routes; r++)
        if (contains(route, &out->route[r]))
            return 0;
    *copy = *route;
    copy->step = malloc(((size_t)route->steps + 1) * sizeof(*copy->step));
    if (copy->step == NULL)
        return MODEL_MEMORY;
    memcpy(copy->step, route->step, (size_t)route->steps * sizeof(*copy->step));
    out->routes++;
    return 0;
}

static int
find_routes(const struct pathway_question *question, const struct stop *stop, struct pathway_result *out)
{
    const struct pathway_input *in = question->in;
    struct branches all = {0};
    enum pathway_outcome outcome = PATHWAY_NO_ROUTE;
    int rc = MODEL_MEMORY;

    out->route = calloc((size_t)in->routes, sizeof(*out->route));
    if (out->route == NULL)
        return MODEL_MEMORY;
    out->all = true;
    rc = branch_add(&all, question, NULL, -1, stop, out, &out->outcome);
    while (rc == 0 && out->routes < in->routes) {
        int best = -1, steps = 0;

        for (int b = 0; b < all.size; b++)
            if (!all.branch[b].taken &&
                (best < 0 || compare_routes(in, &all.branch[b].route, &all.branch[best].route) < 0))
                best = b;
        if (best < 0)
            break;
        all.branch[best].taken = true;
        rc = take_route(out, &all.branch[best].route);
        steps = out->routes < in->routes ? all.branch[best].route.steps : 0;
        for (int i = 0; rc == 0 && i < steps; i++)
            rc = branch_add(&all, question, all.branch[best].forbidden, all.branch[best].route.step[i].program, stop,
                            out, &outcome);
    }
    for (int b = 0; b < all.size; b++) {
        free(all.branch[b].forbidden);
        free(all.branch[b].route.step);
    }
    free(all.branch);
    return rc;
}

/* The first missing skill that no program teaches as high as asked, or -1. */
static int
find_untaught(const struct pathway_input *in, const struct pathway_carry *carry)
{
    for (int a = 0; a < in->role->asked; a++) {
        bool taught = carry[a].missing == 0;

        for (int p = 0; p < in->programs && !taught; p++)
            for (int64_t t = in->teach_first[p]; t < in->teach_first[p + 1] && !taught; t++)
                taught = in->teach_skill[t] == carry[a].skill && in->teach_level[t] >= carry[a].asked;
        if (!taught)
            return carry[a].skill;
    }
    return -1;
}

static int
answer(const struct pathway_input *in, const struct stop *stop, struct pathway_result *out, const int *own,
       const double *source)
{
    int *asked_of = index_asked(in->role), *level = levels_at_outset(in, own, source);
    bool *none = calloc((size_t)in->programs + 1, sizeof(bool));
    int missing = 0, rc = MODEL_MEMORY;

    out->carry = calloc((size_t)in->role->asked, sizeof(*out->carry));
    if (asked_of == NULL || level == NULL || none == NULL || out->carry == NULL)
        goto out;
    out->coverage = carry_over(in->role, own, source, asked_of, out->carry);
    for (int a = 0; a < in->role->asked; a++)
        missing += out->carry[a].missing;
    rc = 0;
    out->untaught = find_untaught(in, out->carry);
    if (missing == 0) {
        out->outcome = PATHWAY_NOTHING_MISSING;
        out->all = true;
    } else if (out->untaught >= 0) {
        out->outcome = PATHWAY_UNTAUGHT;
        out->all = true;
    } else {
        rc = find_routes(&(struct pathway_question){in, level, none}, stop, out);
    }
out:
    free(asked_of);
    free(level);
    free(none);
    return rc;
}

int
pathway_find(const struct pathway_input *input, const struct stop *stop, struct pathway_result *result,
             char reason[static MODEL_REASON_BYTES])
{
    int *own = NULL, rc = MODEL_OK;
    double *source = NULL;

    *result = (struct pathway_result){.untaught = -1};
    reason[0] = '\0';
    rc = check_input(input, reason);
    if (rc != MODEL_OK)
        return rc;
    if (stop_asked(stop))
        return failed(MODEL_STOPPED, reason);
    own = calloc((size_t)input->role->skills, sizeof(int));
    source = calloc((size_t)input->role->sources + 1, sizeof(double));
    rc = MODEL_MEMORY;
    if (own != NULL && source != NULL) {
        for (int i = 0; i < input->own; i++)
            if (input->own_level[i] > own[input->own_skill[i]])
                own[input->own_skill[i]] = input->own_level[i];
        for (int i = 0; i < input->held; i++)
            source[input->held_source[i]] = fmax(source[input->held_source[i]], input->held_level[i]);
        rc = answer(input, stop, result, own, source);
    }
    free(own);
    free(source);
    return failed(rc, reason);
}

void
pathway_free(struct pathway_result *result)
{
    for (int r = 0; r < result->routes; r++)
        free(result->route[r].step);
    free(result->route);
    free(result->carry);
    *result = (struct pathway_result){0};
}

static int
compare_neighbors(const void *left, const void *right)
{
    const struct pathway_neighbor *a = left, *b = right;

    if (a->coverage != b->coverage)
        return a->coverage > b->coverage ? -1 : 1;
    if (a->missing != b->missing)
        return a->missing < b->missing ? -1 : 1;
    return (a->occupation > b->occupation) - (a->occupation < b->occupation);
}

int
pathway_neighbors(const struct pathway_role *role, int occupations, const int64_t *profile_first,
                  const int *profile_source, const double *profile_level, const struct stop *stop,
                  struct pathway_neighbor out[], char reason[static MODEL_REASON_BYTES])
{
    int *asked_of = NULL;
    double *source = NULL;
    struct pathway_carry *carry = NULL;
    int rc = check_role(role, reason);

    if (rc != MODEL_OK)
        return rc;
    reason[0] = '\0';
    if (occupations < 0 || occupations > PATHWAY_OCCUPATIONS_MAX)
        return bad(reason, "occupations: must be 0 to %d", PATHWAY_OCCUPATIONS_MAX);
    asked_of = index_asked(role);
    source = calloc((size_t)role->sources + 1, sizeof(double));
    carry = calloc((size_t)role->asked, sizeof(*carry));
    rc = MODEL_MEMORY;
    if (asked_of == NULL || source == NULL || carry == NULL)
        goto out;
    for (int o = 0; o < occupations; o++) {
        rc = MODEL_BAD;
        if (profile_first[o] < 0 || profile_first[o] > profile_first[o + 1]) {
            bad(reason, "occupations[%d]: its profile must be a span", o);
            goto out;
        }
        for (int64_t i = profile_first[o]; i < profile_first[o + 1]; i++) {
            if (profile_source[i] < 0 || profile_source[i] >= role->sources ||
                !(profile_level[i] >= 0 && profile_level[i] <= PATHWAY_LEVEL_MAX)) {
                bad(reason, "occupations[%d].profile: must be one of the %d sources at a level of 0 to %d", o,
                    role->sources, PATHWAY_LEVEL_MAX);
                goto out;
            }
            source[profile_source[i]] = fmax(source[profile_source[i]], profile_level[i]);
        }
        out[o] = (struct pathway_neighbor){.occupation = o};
        out[o].coverage = carry_over(role, NULL, source, asked_of, carry);
        for (int a = 0; a < role->asked; a++) {
            out[o].met += carry[a].missing == 0;
            out[o].missing += carry[a].missing;
        }
        for (int64_t i = profile_first[o]; i < profile_first[o + 1]; i++)
            source[profile_source[i]] = 0;
        rc = MODEL_STOPPED;
        if (o % STOP_EVERY == 0 && stop_asked(stop))
            goto out;
    }
    qsort(out, (size_t)occupations, sizeof(*out), compare_neighbors);
    rc = MODEL_OK;
out:
    free(asked_of);
    free(source);
    free(carry);
    return failed(rc, reason);
}
