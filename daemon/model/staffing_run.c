/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runs.h"

#include "model/said.h"

enum { BY_MAX = 5 }; /* of each target: the classes that fill most of it */

struct showing {
    const json_t *roles, *skills, *positions; /* what is said of them */
    json_t *classes, *targets;                /* the model's */
    json_int_t top;
};

/* Levels as references: [["FS-TRI-01", 3], …] becomes [{"skill": …, "level": 3}, …]. */
static json_t *
show_levels(const struct showing *show, json_t *levels)
{
    json_t *list = json_array(), *pair;
    size_t index;

    json_array_foreach(levels, index, pair)
        json_array_append_new(list, json_pack("{s:o, s:O}", "skill", said_of(show->skills, json_array_get(pair, 0)), "level",
                                              json_array_get(pair, 1)));
    return list;
}

static json_t *
show_class(const struct showing *show, size_t number)
{
    json_t *class = json_array_get(show->classes, number);

    return json_pack("{s:O, s:O, s:O, s:o}", "group", json_object_get(class, "group"), "heads", json_object_get(class, "heads"),
                     "fte_each", json_object_get(class, "fte"), "skills", show_levels(show, json_object_get(class, "skills")));
}

/* Inserts an object with "fte" into a list that stays in the order of the largest first and no longer than BY_MAX. */
static void
keep_largest(json_t *list, json_t *item)
{
    double fte = json_number_value(json_object_get(item, "fte"));
    size_t at = 0;

    while (at < json_array_size(list) && json_number_value(json_object_get(json_array_get(list, at), "fte")) >= fte)
        at++;
    json_array_insert(list, at, item);
    if (json_array_size(list) > BY_MAX)
        json_array_remove(list, BY_MAX);
}

/* By whom a target is filled. */
static json_t *
show_by(const struct showing *show, json_t *largest)
{
    json_t *list = json_array(), *share;
    size_t index;

    json_array_foreach(largest, index, share) {
        json_t *item = show_class(show, (size_t)json_integer_value(json_object_get(share, "class")));

        json_object_set(item, "fills", json_object_get(share, "fte"));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *
show_targets(const struct showing *show, const json_t *shares)
{
    json_t *list = json_array(), *largest = json_array(), *target, *share;
    size_t index;

    json_array_foreach(show->targets, index, target)
        json_array_append_new(largest, json_array());
    json_array_foreach(shares, index, share)
        keep_largest(json_array_get(largest, (size_t)json_integer_value(json_object_get(share, "target"))), share);
    json_array_foreach(show->targets, index, target) {
        double asked = json_number_value(json_object_get(target, "asked")),
               filled = json_number_value(json_object_get(target, "filled"));

        json_array_append_new(
            list, json_pack("{s:o, s:O, s:O, s:O, s:o, s:O, s:o}", "role", said_of(show->roles, json_object_get(target, "role")),
                            "group", json_object_get(target, "group"), "asked", json_object_get(target, "asked"), "filled",
                            json_object_get(target, "filled"), "unfilled", json_real(asked - filled), "binds",
                            json_object_get(target, "binds"), "by", show_by(show, json_array_get(largest, index))));
    }
    json_decref(largest);
    return list;
}

/* The minimum cut: the targets, and what there is of people who could serve any of them. */
static json_t *
show_binds(const struct showing *show, const json_t *binds)
{
    json_t *targets = json_array(), *classes = json_array(), *number;
    json_int_t heads = 0;
    size_t index;

    json_array_foreach(json_object_get(binds, "targets"), index, number) {
        json_t *target = json_array_get(show->targets, (size_t)json_integer_value(number));

        json_array_append_new(targets, json_pack("{s:o, s:O}", "role", said_of(show->roles, json_object_get(target, "role")),
                                                 "group", json_object_get(target, "group")));
    }
    json_array_foreach(json_object_get(binds, "classes"), index, number) {
        size_t place = (size_t)json_integer_value(number);

        heads += json_integer_value(json_object_get(json_array_get(show->classes, place), "heads"));
        if ((json_int_t)json_array_size(classes) < show->top)
            json_array_append_new(classes, show_class(show, place));
    }
    return json_pack("{s:O, s:O, s:I, s:o, s:o}", "asked", json_object_get(binds, "asked"), "available",
                     json_object_get(binds, "available"), "heads", heads, "positions", targets, "classes", classes);
}

/* A list of objects in which the code of a skill becomes a reference. */
static json_t *
show_skills(const struct showing *show, json_t *list, json_int_t top)
{
    json_t *shown = json_array(), *item;
    size_t index;

    json_array_foreach(list, index, item) {
        if ((json_int_t)index == top)
            break;
        item = json_copy(item);
        json_object_set_new(item, "skill", said_of(show->skills, json_object_get(item, "skill")));
        json_array_append_new(shown, item);
    }
    return shown;
}

static json_t *
show_trainings(const struct showing *show, json_t *trainings)
{
    json_t *shown = json_copy(trainings), *plan = json_array(), *item;
    size_t index;

    json_array_foreach(json_object_get(trainings, "plan"), index, item) {
        json_t *target = json_array_get(show->targets, (size_t)json_integer_value(json_object_get(item, "target"))), *step;

        if ((json_int_t)index == show->top)
            break;
        step = show_class(show, (size_t)json_integer_value(json_object_get(item, "class")));
        json_object_set_new(step, "role", said_of(show->roles, json_object_get(target, "role")));
        json_object_set(step, "position_group", json_object_get(target, "group"));
        json_object_set(step, "people", json_object_get(item, "people"));
        json_object_set(step, "steps", json_object_get(item, "steps"));
        json_array_append_new(plan, step);
    }
    json_object_set_new(shown, "plan_size", json_integer((json_int_t)json_array_size(json_object_get(trainings, "plan"))));
    json_object_set_new(shown, "plan", plan);
    json_object_set_new(shown, "skills", show_skills(show, json_object_get(trainings, "skills"), show->top));
    return shown;
}

/* What is said of each position, with how much of it is filled. */
static json_t *
show_positions(const struct showing *show, json_t *positions)
{
    json_t *list = json_array(), *position;
    size_t index;

    json_array_foreach(positions, index, position) {
        json_t *item = json_copy(json_object_get(show->positions, json_string_value(json_object_get(position, "code"))));

        json_object_set(item, "filled", json_object_get(position, "filled"));
        json_array_append_new(list, item);
    }
    return list;
}

int
staffing_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL), *about = json_object_get(root, "about"), *result = NULL, *shown = NULL;
    struct showing show = {.roles = json_object_get(about, "roles"), .skills = json_object_get(about, "skills"),
                           .positions = json_object_get(about, "positions"),
                           .top = json_integer_value(json_object_get(root, "top"))};
    const json_t *input = json_object_get(root, "input");
    bool live = json_is_true(json_object_get(root, "live"));
    double unfilled;
    int rc = MODEL_MEMORY;

    if (input == NULL)
        goto out;
    if (json_array_size(json_object_get(input, "positions")) == 0) {
        /* Nothing is known of any position: no figures, instead of zeros. */
        rc = said_answer(json_object_get(root, "said"),
                         json_pack("{s:[], s:n, s:n, s:n, s:n, s:n, s:n, s:[]}", "items", "asked", "filled", "unfilled", "binds",
                                   "trainings", "without", "positions"),
                         answer);
        goto out;
    }
    rc = said_ask(staffing_json, input, stop, answer, &result);
    if (rc != MODEL_OK)
        goto out;
    show.classes = json_object_get(result, "classes");
    show.targets = json_object_get(result, "targets");
    unfilled = json_number_value(json_object_get(result, "asked")) - json_number_value(json_object_get(result, "filled"));
    shown = json_pack("{s:o, s:O, s:O, s:f, s:o, s:o, s:o, s:o}", "items", show_targets(&show, json_object_get(result, "shares")),
                      "asked", json_object_get(result, "asked"), "filled", json_object_get(result, "filled"), "unfilled", unfilled,
                      "binds", show_binds(&show, json_object_get(result, "binds")), "trainings",
                      live ? show_trainings(&show, json_object_get(result, "trainings")) : json_null(), "without",
                      live ? show_skills(&show, json_object_get(result, "without"), show.top) : json_null(), "positions",
                      show_positions(&show, json_object_get(result, "positions")));
    rc = said_answer(json_object_get(root, "said"), shown, answer);
out:
    json_decref(result);
    json_decref(root);
    return rc;
}
