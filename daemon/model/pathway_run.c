/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runs.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "model/said.h"

enum { DAY_TEXT = 16, DAY_SECONDS = 86400, PAIR_TEXT = 160 };

struct showing {
    const json_t *skills, *matches, *programs; /* what is said of them */
};

/* A day since 1970 as a date. */
static json_t *
show_day(const json_t *day)
{
    time_t seconds = (time_t)json_integer_value(day) * DAY_SECONDS;
    char text[DAY_TEXT];
    struct tm when;

    if (gmtime_r(&seconds, &when) == NULL || strftime(text, sizeof text, "%Y-%m-%d", &when) == 0)
        return json_null();
    return json_string(text);
}

/* What carries over to a skill of the role, and by which match. */
static json_t *
show_skill(const struct showing *show, json_t *found)
{
    const char *to = json_string_value(json_object_get(found, "skill")),
               *from = json_string_value(json_object_get(found, "source"));
    json_t *item = json_copy(found), *match = NULL;
    char pair[PAIR_TEXT];

    if (from != NULL) {
        snprintf(pair, sizeof pair, "%s/%s", from, to);
        match = json_object_get(show->matches, pair);
    }
    json_object_set_new(item, "skill", said_of(show->skills, json_object_get(found, "skill")));
    json_object_set_new(item, "source", said_of(show->skills, json_object_get(found, "source")));
    json_object_set(item, "match", match != NULL ? match : json_null());
    return item;
}

/* A program of a route, with the session if it has one. */
static json_t *
show_step(const struct showing *show, json_t *found)
{
    const char *code = json_string_value(json_object_get(found, "program"));
    json_t *item = json_copy(json_object_get(show->programs, code)), *place = json_object_get(found, "session"),
           *session = json_null();

    if (json_is_integer(place))
        session = json_array_get(json_object_get(item, "sessions"), (size_t)json_integer_value(place));
    json_object_set(item, "session", session);
    json_object_set_new(item, "starts", show_day(json_object_get(found, "begin")));
    json_object_set_new(item, "ends", show_day(json_object_get(found, "end")));
    json_object_del(item, "sessions");
    return item;
}

/* What of a route has no price in the currency does not count in its cost. */
static json_t *
show_route(const struct showing *show, json_t *found, const json_t *unpriced_as, int rank)
{
    json_t *steps = json_array(), *step, *shown, *programs = json_array();
    json_int_t cost = json_integer_value(json_object_get(found, "cost")), assumed = llround(json_number_value(unpriced_as));
    int unpriced = 0;
    size_t index;

    json_array_foreach(json_object_get(found, "steps"), index, step) {
        shown = show_step(show, step);
        if (!json_is_true(json_object_get(shown, "priced"))) {
            unpriced++;
            cost -= assumed;
        }
        json_array_append(programs, json_object_get(step, "program"));
        json_array_append_new(steps, shown);
    }
    return json_pack("{s:i, s:o, s:i, s:o, s:o, s:o}", "rank", rank, "cost",
                     unpriced > 0 && unpriced == (int)json_array_size(steps) ? json_null() : json_integer(cost), "unpriced",
                     unpriced, "ends", show_day(json_object_get(found, "end")), "programs", programs, "steps", steps);
}

int
pathway_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL), *about = json_object_get(root, "about"), *said = json_object_get(root, "said"),
           *result = NULL, *skills = NULL, *routes = NULL, *found;
    const json_t *input = json_object_get(root, "input");
    const struct showing show = {json_object_get(about, "skills"), json_object_get(about, "matches"),
                                 json_object_get(about, "programs")};
    json_int_t missing = 0;
    size_t index;
    int rc = MODEL_MEMORY;

    if (input == NULL)
        goto out;
    rc = said_ask(pathway_json, input, stop, answer, &result);
    if (rc != MODEL_OK)
        goto out;
    skills = json_array();
    routes = json_array();
    json_array_foreach(json_object_get(result, "skills"), index, found) {
        missing += json_integer_value(json_object_get(found, "missing"));
        json_array_append_new(skills, show_skill(&show, found));
    }
    json_array_foreach(json_object_get(result, "routes"), index, found)
        if (json_array_size(json_object_get(found, "steps")) > 0)
            json_array_append_new(routes, show_route(&show, found, json_object_get(said, "unpriced_as"),
                                                     (int)json_array_size(routes) + 1));
    rc = said_answer(said,
                     json_pack("{s:O, s:o, s:O, s:I, s:O, s:o, s:o}", "outcome", json_object_get(result, "outcome"), "untaught",
                               said_of(show.skills, json_object_get(result, "untaught")), "coverage",
                               json_object_get(result, "coverage"), "missing_levels", missing, "all",
                               json_object_get(result, "all"), "skills", skills, "routes", routes),
                     answer);
out:
    json_decref(result);
    json_decref(root);
    return rc;
}

int
neighbors_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL), *result = NULL, *items = NULL, *found;
    const json_t *input = json_object_get(root, "input"),
                 *occupations = json_object_get(json_object_get(root, "about"), "occupations");
    size_t index;
    int rc = MODEL_MEMORY;

    if (input == NULL)
        goto out;
    rc = said_ask(neighbors_json, input, stop, answer, &result);
    if (rc != MODEL_OK)
        goto out;
    items = json_array();
    json_array_foreach(json_object_get(result, "occupations"), index, found) {
        json_t *item = json_pack("{s:i}", "rank", (int)index + 1), *said = said_of(occupations, json_object_get(found, "occupation"));

        json_object_update(item, said);
        json_decref(said);
        json_object_set(item, "coverage", json_object_get(found, "coverage"));
        json_object_set(item, "met", json_object_get(found, "met"));
        json_object_set(item, "missing", json_object_get(found, "missing"));
        json_array_append_new(items, item);
    }
    rc = said_answer(json_object_get(root, "said"), json_pack("{s:o}", "items", items), answer);
out:
    json_decref(result);
    json_decref(root);
    return rc;
}
