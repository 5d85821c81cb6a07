/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gap_json.h"

#include "model/reading.h"
#include "model/staffing.h"

enum { STEPS_DEFAULT = 3, WAIVERS_DEFAULT = 10 };

struct question {
    struct reading reading;
    struct reading_codes skills, groups, roles, positions;
    struct staffing_input in;
};

/* How many elements arrays within an array have together. */
static size_t
count_within(json_t *array, const char *name)
{
    size_t index, count = 0;
    json_t *item;

    json_array_foreach(array, index, item)
        count += json_array_size(json_object_get(item, name));
    return count;
}

static void
read_roles(struct question *q)
{
    struct reading *r = &q->reading;
    size_t asked = count_within(q->roles.array, "skills"), n = 0;
    int64_t *first = reading_room(r, (size_t)q->roles.count + 1, sizeof(*first));
    int *skill = reading_room(r, asked, sizeof(*skill)), *level = reading_room(r, asked, sizeof(*level));

    for (int i = 0; r->rc == MODEL_OK && i < q->roles.count; i++) {
        json_t *item, *list = reading_array(r, json_array_get(q->roles.array, (size_t)i), "skills");
        size_t index;

        json_array_foreach(list, index, item) {
            reading_at(r, "roles[%d].skills[%zu].", i, index);
            skill[n] = reading_code(r, &q->skills, item, "skill", true);
            level[n++] = reading_whole(r, item, "level", READING_NEEDED);
        }
        first[i + 1] = (int64_t)n;
    }
    q->in.roles = q->roles.count;
    q->in.asked_first = first;
    q->in.asked_skill = skill;
    q->in.asked_level = level;
}

/* FTE as hundredths. */
static int64_t
hundredths(struct reading *r, json_t *object, double most)
{
    double fte = reading_number(r, object, "fte", 1);

    if (!(fte >= 0 && fte <= most)) {
        reading_refuse(r, "fte", "must not be negative, nor above what one can have");
        return 0;
    }
    return llround(fte * STAFFING_FTE);
}

static void
read_people(struct question *q)
{
    struct reading *r = &q->reading;
    json_t *array = reading_array(r, r->root, "people"), *person;
    size_t held = count_within(array, "skills"), people = json_array_size(array), p, n = 0;
    int64_t *first = reading_room(r, people + 1, sizeof(*first));
    int *skill = reading_room(r, held, sizeof(*skill)), *level = reading_room(r, held, sizeof(*level)),
        *fte = reading_room(r, people, sizeof(*fte)), *heads = reading_room(r, people, sizeof(*heads)),
        *group = reading_room(r, people, sizeof(*group));

    json_array_foreach(array, p, person) {
        json_t *pair, *list = NULL;
        size_t index;

        if (r->rc != MODEL_OK)
            break;
        reading_at(r, "people[%zu].", p);
        list = reading_array(r, person, "skills");
        fte[p] = (int)hundredths(r, person, 1);
        heads[p] = reading_whole(r, person, "heads", 1);
        /* Who is of no group may serve where all may. */
        group[p] = reading_code(r, &q->groups, person, "group", false);
        if (group[p] < 0)
            group[p] = q->groups.count;
        json_array_foreach(list, index, pair) {
            json_t *place = json_object_get(q->skills.place, json_string_value(json_array_get(pair, 0)));

            if (place == NULL || !json_is_integer(json_array_get(pair, 1)))
                reading_refuse(r, "skills", "must be pairs of a skill of the list and a level");
            skill[n] = (int)json_integer_value(place);
            level[n++] = (int)json_integer_value(json_array_get(pair, 1));
        }
        first[p + 1] = (int64_t)n;
    }
    q->in.people = (int)people;
    q->in.held_first = first;
    q->in.held_skill = skill;
    q->in.held_level = level;
    q->in.person_fte = fte;
    q->in.person_heads = heads;
    q->in.person_group = group;
}

static void
read_positions(struct question *q)
{
    struct reading *r = &q->reading;
    int count = q->positions.count, *role = reading_room(r, (size_t)count, sizeof(*role)),
        *group = reading_room(r, (size_t)count, sizeof(*group));
    int64_t *fte = reading_room(r, (size_t)count, sizeof(*fte));

    for (int i = 0; r->rc == MODEL_OK && i < count; i++) {
        json_t *item = json_array_get(q->positions.array, (size_t)i);

        reading_at(r, "positions[%d].", i);
        role[i] = reading_code(r, &q->roles, item, "role", true);
        group[i] = reading_code(r, &q->groups, item, "group", false);
        fte[i] = hundredths(r, item, 1e9);
    }
    q->in.positions = count;
    q->in.position_role = role;
    q->in.position_group = group;
    q->in.position_fte = fte;
}

static void
read_question(struct question *q)
{
    struct reading *r = &q->reading;
    double lift;

    q->skills = reading_codes(r, "skills");
    q->groups = reading_codes(r, "groups");
    q->roles = reading_codes(r, "roles");
    q->positions = reading_codes(r, "positions");
    read_roles(q);
    read_people(q);
    read_positions(q);
    reading_at(r, "%s", "");
    q->in.skills = q->skills.count;
    q->in.training_steps = reading_whole(r, r->root, "training_steps", STEPS_DEFAULT);
    lift = reading_number(r, r->root, "lift_most", 0);
    if (!(lift >= 0 && lift <= 1e9))
        reading_refuse(r, "lift_most", "must not be negative");
    else
        q->in.lift_most = llround(lift * STAFFING_FTE);
    q->in.waivers = reading_whole(r, r->root, "waivers", WAIVERS_DEFAULT);
}

static json_t *
fte_json(int64_t hundredth)
{
    return reading_figure((double)hundredth / STAFFING_FTE);
}

/* The levels of a class in what it holds. */
static json_t *
class_skills(const struct question *q, const struct staffing_class *class)
{
    json_t *list = json_array();

    for (int64_t h = q->in.held_first[class->first_person]; h < q->in.held_first[class->first_person + 1]; h++)
        json_array_append_new(list, json_pack("[o, i]", reading_code_json(&q->skills, q->in.held_skill[h]),
                                              q->in.held_level[h]));
    return list;
}

static json_t *
trainings_json(const struct question *q, const struct staffing_result *out)
{
    json_t *plan = json_array(), *lifts = json_array(), *skills = json_array();

    for (int i = 0; i < out->plan_size; i++)
        json_array_append_new(plan, json_pack("{s:i, s:i, s:i, s:i}", "class", out->plan[i].class, "target",
                                              out->plan[i].target, "people", out->plan[i].people, "steps",
                                              out->plan[i].steps));
    for (int i = 0; i < out->lifts; i++)
        json_array_append_new(lifts, json_pack("{s:I, s:o}", "trainings_each", (json_int_t)out->lift[i].steps_each,
                                               "fte", fte_json(out->lift[i].lift)));
    for (int s = 0; s < q->in.skills; s++)
        if (out->skill_trainings[s] > 0)
            json_array_append_new(skills, json_pack("{s:o, s:I}", "skill", reading_code_json(&q->skills, s),
                                                    "trainings", (json_int_t)out->skill_trainings[s]));
    return json_pack("{s:o, s:I, s:o, s:b, s:b, s:o, s:o, s:o}", "first_lift",
                     out->first_lift_trainings < 0 ? json_null() : json_integer(out->first_lift_trainings), "total",
                     (json_int_t)out->trainings, "filled", fte_json(out->trained_filled), "least",
                     (int)out->trainings_exact, "all", (int)out->trainings_all, "plan", plan, "lifts", lifts, "skills",
                     skills);
}

static json_t *
answer_json(const struct question *q, const struct staffing_result *out)
{
    json_t *classes = json_array(), *targets = json_array(), *shares = json_array(), *positions = json_array(),
           *without = json_array(), *bound_targets = json_array(), *bound_classes = json_array();

    for (int c = 0; c < out->classes; c++) {
        const struct staffing_class *class = &out->class[c];

        json_array_append_new(
            classes, json_pack("{s:i, s:o, s:o, s:o, s:b}", "heads", class->heads, "fte", fte_json(class->fte), "group",
                               reading_code_json(&q->groups, class->group < q->groups.count ? class->group : -1),
                               "skills", class_skills(q, class), "binds", (int)class->binds));
        if (class->binds)
            json_array_append_new(bound_classes, json_integer(c));
    }
    for (int t = 0; t < out->targets; t++) {
        const struct staffing_target *target = &out->target[t];

        json_array_append_new(targets, json_pack("{s:o, s:o, s:o, s:o, s:b}", "role",
                                                 reading_code_json(&q->roles, target->role), "group",
                                                 reading_code_json(&q->groups, target->group), "asked",
                                                 fte_json(target->asked), "filled", fte_json(target->filled), "binds",
                                                 (int)target->binds));
        if (target->binds)
            json_array_append_new(bound_targets, json_integer(t));
    }
    for (int i = 0; i < out->shares; i++)
        json_array_append_new(shares, json_pack("{s:i, s:i, s:o}", "class", out->share[i].class, "target",
                                                out->share[i].target, "fte", fte_json(out->share[i].fte)));
    for (int p = 0; p < q->in.positions; p++)
        json_array_append_new(positions, json_pack("{s:o, s:o}", "code", reading_code_json(&q->positions, p),
                                                   "filled", fte_json(out->position_filled[p])));
    for (int i = 0; i < out->waivers; i++)
        json_array_append_new(without, json_pack("{s:o, s:o}", "skill",
                                                 reading_code_json(&q->skills, out->waiver[i].skill), "fte",
                                                 fte_json(out->waiver[i].lift)));
    return json_pack("{s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o}", "asked", fte_json(out->asked),
                     "filled", fte_json(out->filled), "binds", "asked", fte_json(out->binding_asked), "available",
                     fte_json(out->binding_available), "targets", bound_targets, "classes", bound_classes, "classes",
                     classes, "targets", targets, "shares", shares, "positions", positions, "trainings",
                     trainings_json(q, out), "without", without);
}

int
staffing_json(const char *text, size_t length, const struct stop *stop, char **answer,
              char reason[static MODEL_REASON_BYTES])
{
    struct question q = {0};
    struct staffing_result out = {0};
    int rc = MODEL_OK;

    *answer = NULL;
    if (reading_open(&q.reading, text, length, reason) == MODEL_OK)
        read_question(&q);
    rc = q.reading.rc;
    if (rc == MODEL_OK)
        rc = staffing_solve(&q.in, stop, &out, reason);
    if (rc == MODEL_OK)
        rc = reading_answer(answer_json(&q, &out), answer);
    staffing_free(&out);
    reading_close(&q.reading);
    return rc;
}
