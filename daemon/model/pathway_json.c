/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gap_json.h"

#include <string.h>

#include "model/pathway.h"
#include "model/reading.h"

enum { ROUTES_DEFAULT = 3, LIST_DEFAULT = 20 };

static const char *const outcome_name[] = {"found", "nothing_missing", "untaught", "no_route", "not_within"};

struct question {
    struct reading reading;
    struct reading_codes skills, sources, programs, occupations;
    struct pathway_role role;
    struct pathway_input in;
};

static void
read_role(struct question *q)
{
    struct reading *r = &q->reading;
    json_t *item, *asked = reading_array(r, r->root, "role"), *mappings = reading_array(r, r->root, "mappings");
    size_t i, n = json_array_size(asked), m = json_array_size(mappings);
    int *skill = reading_room(r, n, sizeof(int)), *level = reading_room(r, n, sizeof(int)),
        *from = reading_room(r, m, sizeof(int)), *to = reading_room(r, m, sizeof(int));
    double *weight = reading_room(r, n, sizeof(double)), *strength = reading_room(r, m, sizeof(double));

    if (r->rc != MODEL_OK)
        return;
    json_array_foreach(asked, i, item) {
        reading_at(r, "role[%zu].", i);
        skill[i] = reading_code(r, &q->skills, item, "skill", true);
        level[i] = reading_whole(r, item, "level", READING_NEEDED);
        weight[i] = reading_number(r, item, "weight", 1);
    }
    json_array_foreach(mappings, i, item) {
        reading_at(r, "mappings[%zu].", i);
        from[i] = reading_code(r, &q->sources, item, "from", true);
        to[i] = reading_code(r, &q->skills, item, "to", true);
        strength[i] = reading_number_needed(r, item, "strength");
    }
    q->role = (struct pathway_role){.skills = q->skills.count, .sources = q->sources.count, .asked = (int)n,
                                    .asked_skill = skill, .asked_level = level, .asked_weight = weight,
                                    .mappings = (int)m, .mapping_from = from, .mapping_to = to,
                                    .mapping_strength = strength};
}

static void
read_held(struct question *q)
{
    struct reading *r = &q->reading;
    json_t *item, *own = reading_array(r, r->root, "own"), *held = reading_array(r, r->root, "held");
    size_t i, n = json_array_size(own), m = json_array_size(held);
    int *skill = reading_room(r, n, sizeof(int)), *level = reading_room(r, n, sizeof(int)),
        *source = reading_room(r, m, sizeof(int));
    double *strength = reading_room(r, m, sizeof(double));

    if (r->rc != MODEL_OK)
        return;
    json_array_foreach(own, i, item) {
        reading_at(r, "own[%zu].", i);
        skill[i] = reading_code(r, &q->skills, item, "skill", true);
        level[i] = reading_whole(r, item, "level", READING_NEEDED);
    }
    json_array_foreach(held, i, item) {
        reading_at(r, "held[%zu].", i);
        source[i] = reading_code(r, &q->sources, item, "source", true);
        strength[i] = reading_number_needed(r, item, "level");
    }
    q->in.own = (int)n;
    q->in.own_skill = skill;
    q->in.own_level = level;
    q->in.held = (int)m;
    q->in.held_source = source;
    q->in.held_level = strength;
}

/* The lists called name of all programs, one after the other. */
static void
read_levels(struct question *q, const char *name, const int64_t **first_out, const int **skill_out,
            const int **level_out)
{
    struct reading *r = &q->reading;
    size_t all = 0, n = 0, i;
    int64_t *first = reading_room(r, (size_t)q->programs.count + 1, sizeof(*first));
    int *skill = NULL, *level = NULL;

    for (int p = 0; p < q->programs.count; p++)
        all += json_array_size(json_object_get(json_array_get(q->programs.array, (size_t)p), name));
    skill = reading_room(r, all, sizeof(int));
    level = reading_room(r, all, sizeof(int));
    for (int p = 0; r->rc == MODEL_OK && p < q->programs.count; p++) {
        json_t *item, *list = NULL;

        reading_at(r, "programs[%d].", p);
        list = reading_array(r, json_array_get(q->programs.array, (size_t)p), name);
        json_array_foreach(list, i, item) {
            reading_at(r, "programs[%d].%s[%zu].", p, name, i);
            skill[n] = reading_code(r, &q->skills, item, "skill", true);
            level[n++] = reading_whole(r, item, "level", READING_NEEDED);
        }
        first[p + 1] = (int64_t)n;
    }
    *first_out = first;
    *skill_out = skill;
    *level_out = level;
}

static void
read_programs(struct question *q)
{
    struct reading *r = &q->reading;
    size_t all = 0, n = 0, i, count = (size_t)q->programs.count;
    int64_t *cost = reading_room(r, count, sizeof(*cost)), *first = reading_room(r, count + 1, sizeof(*first));
    int *days = reading_room(r, count, sizeof(int)), *begin = NULL, *end = NULL;

    for (size_t p = 0; p < count; p++)
        all += json_array_size(json_object_get(json_array_get(q->programs.array, p), "sessions"));
    begin = reading_room(r, all, sizeof(int));
    end = reading_room(r, all, sizeof(int));
    for (size_t p = 0; r->rc == MODEL_OK && p < count; p++) {
        json_t *program = json_array_get(q->programs.array, p), *item, *list = NULL;
        double money;

        reading_at(r, "programs[%zu].", p);
        money = reading_number(r, program, "cost", 0);
        if (!(money >= 0 && money <= 1e11))
            reading_refuse(r, "cost", "must not be negative, nor beyond all reason");
        else
            cost[p] = llround(money);
        days[p] = reading_whole(r, program, "days", 0);
        list = reading_array(r, program, "sessions");
        json_array_foreach(list, i, item) {
            json_int_t from = json_integer_value(json_array_get(item, 0)), to = json_integer_value(json_array_get(item, 1));

            if (from < 1 || to < from || to > PATHWAY_DAY_MAX)
                reading_refuse(r, "sessions", "must be pairs of a first and a last day");
            begin[n] = (int)from;
            end[n++] = (int)to;
        }
        first[p + 1] = (int64_t)n;
    }
    q->in.programs = q->programs.count;
    q->in.program_cost = cost;
    q->in.program_days = days;
    q->in.session_first = first;
    q->in.session_begin = begin;
    q->in.session_end = end;
    read_levels(q, "needs", &q->in.need_first, &q->in.need_skill, &q->in.need_level);
    read_levels(q, "teaches", &q->in.teach_first, &q->in.teach_skill, &q->in.teach_level);
}

static void
read_question(struct question *q)
{
    struct reading *r = &q->reading;
    json_t *order = json_object_get(r->root, "order");
    const char *name = json_string_value(order);

    q->skills = reading_codes(r, "skills");
    q->sources = reading_codes(r, "sources");
    q->programs = reading_codes(r, "programs");
    read_role(q);
    read_held(q);
    read_programs(q);
    reading_at(r, "%s", "");
    q->in.role = &q->role;
    q->in.from_day = reading_whole(r, r->root, "from_day", READING_NEEDED);
    q->in.latest_day = reading_whole(r, r->root, "latest_day", READING_NEEDED);
    q->in.routes = reading_whole(r, r->root, "routes", ROUTES_DEFAULT);
    q->in.labels_max = reading_whole(r, r->root, "labels_max", PATHWAY_LABELS_DEFAULT);
    q->in.order = name != NULL && strcmp(name, "soonest") == 0 ? PATHWAY_SOONEST : PATHWAY_CHEAPEST;
    if (order != NULL && !json_is_null(order) &&
        (name == NULL || (q->in.order == PATHWAY_CHEAPEST && strcmp(name, "cheapest") != 0)))
        reading_refuse(r, "order", "must be cheapest or soonest");
}

static json_t *
route_json(const struct question *q, const struct pathway_route *route)
{
    json_t *steps = json_array();

    for (int i = 0; i < route->steps; i++) {
        const struct pathway_step *step = &route->step[i];

        json_array_append_new(steps, json_pack("{s:o, s:o, s:i, s:i}", "program",
                                               reading_code_json(&q->programs, step->program), "session",
                                               step->session < 0 ? json_null() : json_integer(step->session), "begin",
                                               step->begin, "end", step->end));
    }
    return json_pack("{s:I, s:i, s:o}", "cost", (json_int_t)route->cost, "end", route->end, "steps", steps);
}

static json_t *
answer_json(const struct question *q, const struct pathway_result *out)
{
    json_t *skills = json_array(), *routes = json_array();

    for (int a = 0; a < q->role.asked; a++) {
        const struct pathway_carry *c = &out->carry[a];

        json_array_append_new(skills, json_pack("{s:o, s:i, s:i, s:o, s:i, s:i, s:o}", "skill",
                                                reading_code_json(&q->skills, c->skill), "asked", c->asked, "own",
                                                c->own, "carried", reading_figure(c->carried), "level", c->level,
                                                "missing", c->missing, "source",
                                                reading_code_json(&q->sources, c->source)));
    }
    for (int r = 0; r < out->routes; r++)
        json_array_append_new(routes, route_json(q, &out->route[r]));
    return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o}", "outcome", outcome_name[out->outcome], "untaught",
                     reading_code_json(&q->skills, out->untaught), "coverage", reading_figure(out->coverage), "all",
                     (int)out->all, "skills", skills, "routes", routes);
}

int
pathway_json(const char *text, size_t length, const struct stop *stop, char **answer,
             char reason[static MODEL_REASON_BYTES])
{
    struct question q = {0};
    struct pathway_result out = {0};
    int rc = MODEL_OK;

    *answer = NULL;
    if (reading_open(&q.reading, text, length, reason) == MODEL_OK)
        read_question(&q);
    rc = q.reading.rc;
    if (rc == MODEL_OK)
        rc = pathway_find(&q.in, stop, &out, reason);
    if (rc == MODEL_OK)
        rc = reading_answer(answer_json(&q, &out), answer);
    pathway_free(&out);
    reading_close(&q.reading);
    return rc;
}

/* Profiles one after the other. */
static int
rank_occupations(struct question *q, const struct stop *stop, struct pathway_neighbor **out)
{
    struct reading *r = &q->reading;
    size_t count = (size_t)q->occupations.count, all = 0, n = 0, i;
    int64_t *first = reading_room(r, count + 1, sizeof(*first));
    int *source = NULL;
    double *level = NULL;

    for (size_t o = 0; o < count; o++)
        all += json_array_size(json_object_get(json_array_get(q->occupations.array, o), "profile"));
    source = reading_room(r, all, sizeof(int));
    level = reading_room(r, all, sizeof(double));
    *out = reading_room(r, count, sizeof(**out));
    for (size_t o = 0; r->rc == MODEL_OK && o < count; o++) {
        json_t *pair, *list = NULL;

        reading_at(r, "occupations[%zu].", o);
        list = reading_array(r, json_array_get(q->occupations.array, o), "profile");
        json_array_foreach(list, i, pair) {
            json_t *place = json_object_get(q->sources.place, json_string_value(json_array_get(pair, 0)));

            if (place == NULL || !json_is_number(json_array_get(pair, 1)))
                reading_refuse(r, "profile", "must be pairs of a source of the list and a level");
            source[n] = (int)json_integer_value(place);
            level[n++] = json_number_value(json_array_get(pair, 1));
        }
        first[o + 1] = (int64_t)n;
    }
    if (r->rc != MODEL_OK)
        return r->rc;
    return pathway_neighbors(&q->role, (int)count, first, source, level, stop, *out, r->reason);
}

int
neighbors_json(const char *text, size_t length, const struct stop *stop, char **answer,
               char reason[static MODEL_REASON_BYTES])
{
    struct question q = {0};
    struct pathway_neighbor *out = NULL;
    int list = 0, rc = reading_open(&q.reading, text, length, reason);

    *answer = NULL;
    if (rc == MODEL_OK) {
        q.skills = reading_codes(&q.reading, "skills");
        q.sources = reading_codes(&q.reading, "sources");
        q.occupations = reading_codes(&q.reading, "occupations");
        read_role(&q);
        reading_at(&q.reading, "%s", "");
        list = reading_whole(&q.reading, q.reading.root, "list", LIST_DEFAULT);
        if (list < 1)
            reading_refuse(&q.reading, "list", "must be 1 or more");
        rc = rank_occupations(&q, stop, &out);
    }
    if (rc == MODEL_OK) {
        json_t *items = json_array();

        for (int i = 0; i < list && i < q.occupations.count; i++)
            json_array_append_new(items, json_pack("{s:o, s:o, s:i, s:i}", "occupation",
                                                   reading_code_json(&q.occupations, out[i].occupation), "coverage",
                                                   reading_figure(out[i].coverage), "met", out[i].met, "missing",
                                                   out[i].missing));
        rc = reading_answer(json_pack("{s:o}", "occupations", items), answer);
    }
    reading_close(&q.reading);
    return rc;
}
