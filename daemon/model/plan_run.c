/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/project_json.h"
#include "model/reading.h"
#include "model/said.h"

/* Of the time that is left to the computation, what the plan may take: the answer has to be
 * written, too. */
#define SHARE_OF_TIME 0.8

struct plan_question {
    json_t *root, *input;
    const json_t *actions, *cells, *resources; /* what is said of them */
    json_t *gaps; /* projected, by cell: an array with one for each year */
    int years, first_year;
};

static int
refuse(struct model_answer *answer, const struct project_refusal *refusal)
{
    if (strcmp(refusal->name, "stopped") == 0)
        return MODEL_STOPPED;
    if (strcmp(refusal->name, "memory") == 0)
        return MODEL_MEMORY;
    snprintf(answer->reason, sizeof answer->reason,
             "what is to be planned for cannot be projected: %s", refusal->path);
    snprintf(answer->expected, sizeof answer->expected, "%s", refusal->expected);
    return MODEL_BAD;
}

/* The gaps of the coming years: a plan's year ends where the projection's next year stands. */
static json_t *
gaps_of(const struct project *project, int series, int years, int level, bool high)
{
    json_t *list = json_array();

    for (int year = 1; year <= years; year++) {
        const struct project_cell *cell = project_cell(project, series, year, level);

        json_array_append_new(list, reading_figure(cell->state != PROJECT_KNOWN ? NAN
                                                   : high                       ? cell->gap.p90
                                                                                : cell->gap.p50));
    }
    return list;
}

static int
project_gaps(struct plan_question *q, const struct stop *stop, struct model_answer *answer)
{
    struct project_refusal refusal = {.name = "memory"};
    const json_t *projection = json_object_get(q->root, "projection"), *series;
    const char *quantile = json_string_value(json_object_get(q->root, "quantile"));
    int level = (int)json_integer_value(json_object_get(q->root, "level"));
    char *text = json_dumps(projection, JSON_COMPACT);
    struct project_json *json =
        text != NULL ? project_json_read(text, strlen(text), &refusal) : NULL;
    struct project *project =
        json != NULL ? project_open(project_json_input(json), stop, &refusal) : NULL;
    size_t index;
    int rc = MODEL_OK;

    if (project == NULL) {
        rc = refuse(answer, &refusal);
        goto out;
    }
    if (project_work(project, stop) != 0) {
        rc = stop_asked(stop) ? MODEL_STOPPED : MODEL_MEMORY;
        goto out;
    }
    project_finish(project);
    json_array_foreach(json_object_get(projection, "series"), index, series)
        json_object_set_new(q->gaps, json_string_value(json_object_get(series, "code")),
                            gaps_of(project, (int)index, q->years, level,
                                    quantile != NULL && strcmp(quantile, "p90") == 0));
out:
    project_close(project);
    project_json_free(json);
    free(text);
    return rc;
}

static bool
any_gap(const struct plan_question *q, const json_t *cell)
{
    const json_t *gap;
    size_t index;

    json_array_foreach(json_object_get(q->gaps, json_string_value(cell)), index,
                       gap) if (json_number_value(gap) > 0) return true;
    return false;
}

/* Gives the cells their gaps, and leaves out actions that could lower none. */
static void
complete(struct plan_question *q)
{
    json_t *cell, *action, *kept = json_array();
    size_t index, at;

    json_array_foreach(json_object_get(q->input, "cells"), index, cell) json_object_set(
        cell, "gap", json_object_get(q->gaps, json_string_value(json_object_get(cell, "code"))));
    json_array_foreach(json_object_get(q->input, "actions"), index, action)
    {
        bool needed = json_is_true(json_object_get(action, "needed"));
        const json_t *gain;

        json_array_foreach(json_object_get(action, "gains"), at, gain) needed =
            needed || any_gap(q, json_object_get(gain, "cell"));
        if (needed)
            json_array_append(kept, action);
    }
    if (json_array_size(kept) == 0) /* a plan has an action, if only one that never runs */
        json_array_append_new(kept, json_pack("{s:s, s:i}", "code", "none", "most", 0));
    json_object_set_new(q->input, "actions", kept);
}

static void
limit_time(struct plan_question *q, const struct stop *stop)
{
    double seconds = json_number_value(json_object_get(q->input, "seconds"));

    if (stop != NULL && stop->deadline_ms != 0)
        seconds =
            fmin(seconds, SHARE_OF_TIME * (double)(stop->deadline_ms - stop_clock_ms()) / 1000);
    json_object_set_new(q->input, "seconds", json_real(fmax(seconds, 0.001)));
}

/* Years count from 0 for the model; for people they are those of the calendar. */
static void
name_years(const struct plan_question *q, char *reason)
{
    static const char before[] = "in year ";
    char named[MODEL_REASON_BYTES] = "";
    const char *at = reason, *found;
    size_t used = 0;

    while ((found = strstr(at, before)) != NULL && used < sizeof named) {
        char *end = NULL;
        long year = strtol(found + strlen(before), &end, 10);

        used +=
            (size_t)snprintf(named + used, sizeof named - used, "%.*s in %ld",
                             (int)(found - at > 0 ? found - at - 1 : 0), at, year + q->first_year);
        at = end;
    }
    if (used < sizeof named)
        snprintf(named + used, sizeof named - used, "%s", at);
    memcpy(reason, named, sizeof named);
}

static json_t *
calendar(const struct plan_question *q, const json_t *year)
{
    return json_is_integer(year) ? json_integer(json_integer_value(year) + q->first_year)
                                 : json_null();
}

static const json_t *
action_of(const struct plan_question *q, const char *code)
{
    const json_t *action;
    size_t index;

    json_array_foreach(json_object_get(q->input, "actions"), index,
                       action) if (strcmp(json_string_value(json_object_get(action, "code")),
                                          code) == 0) return action;
    return NULL;
}

/* What one run in a year brings to whom, and from when. */
static json_t *
serves(const struct plan_question *q, const json_t *run)
{
    const json_t *action = action_of(q, json_string_value(json_object_get(run, "action"))), *gain;
    json_int_t year = json_integer_value(json_object_get(run, "year")),
               times = json_integer_value(json_object_get(run, "times"));
    json_t *list = json_array();
    size_t index;

    json_array_foreach(json_object_get(action, "gains"), index, gain)
    {
        json_t *one = json_object(), *cell = said_of(q->cells, json_object_get(gain, "cell"));
        json_int_t from = year + q->first_year + json_integer_value(json_object_get(gain, "lag"));
        char day[24];

        snprintf(day, sizeof day, "%04d-12-31", (int)from);
        json_object_update(one, cell);
        json_object_set_new(
            one, "contribution_fte",
            reading_figure((double)times * json_number_value(json_object_get(gain, "amount"))));
        json_object_set_new(one, "expected_on", json_string(day));
        json_array_append_new(list, one);
        json_decref(cell);
    }
    return list;
}

static json_t *
show_runs(const struct plan_question *q, const json_t *result)
{
    json_t *items = json_array(), *run;
    size_t index;

    for (int year = 0; year < q->years; year++)
        json_array_foreach(json_object_get(result, "runs"), index, run)
        {
            json_t *item, *about;
            double times = json_number_value(json_object_get(run, "times"));

            if (json_integer_value(json_object_get(run, "year")) != year)
                continue;
            item = json_pack("{s:o, s:O, s:O}", "year", calendar(q, json_object_get(run, "year")),
                             "action", json_object_get(run, "action"), "times",
                             json_object_get(run, "times"));
            about = said_of(q->actions, json_object_get(run, "action"));
            json_object_update_missing(item, about);
            json_object_set_new(
                item, "people",
                reading_figure(times * json_number_value(json_object_get(about, "people"))));
            json_object_set_new(
                item, "cost",
                reading_figure(times * json_number_value(json_object_get(about, "cost"))));
            json_object_set_new(item, "serves", serves(q, run));
            json_array_append_new(items, item);
            json_decref(about);
        }
    return items;
}

/* Budgets, and of the rest what is used at all. */
static json_t *
show_resources(const struct plan_question *q, const json_t *result)
{
    json_t *list = json_array(), *used;
    size_t index;

    json_array_foreach(json_object_get(result, "resources"), index, used)
    {
        json_t *about = said_of(q->resources, json_object_get(used, "resource")),
               *item = json_object();
        const char *kind = json_string_value(json_object_get(about, "kind"));

        json_object_update(item, used);
        json_object_set_new(item, "year", calendar(q, json_object_get(used, "year")));
        json_object_update_missing(item, about);
        if (kind != NULL &&
            (strcmp(kind, "budget") == 0 || json_number_value(json_object_get(used, "used")) > 0))
            json_array_append(list, item);
        json_decref(item);
        json_decref(about);
    }
    return list;
}

static json_t *
show_cells(const struct plan_question *q, const json_t *result)
{
    json_t *list = json_array(), *left;
    size_t index;

    json_array_foreach(json_object_get(result, "cells"), index, left)
    {
        const json_t *code = json_object_get(left, "cell");
        json_t *item = json_object(), *about = said_of(q->cells, code);
        size_t year = (size_t)json_integer_value(json_object_get(left, "year"));

        json_object_update(item, about);
        json_object_set_new(item, "year", calendar(q, json_object_get(left, "year")));
        json_object_set(item, "gap",
                        json_array_get(json_object_get(q->gaps, json_string_value(code)), year));
        json_object_set(item, "remaining", json_object_get(left, "remaining"));
        json_object_set(item, "binds", json_object_get(left, "binds"));
        json_object_set(item, "action", json_object_get(left, "action"));
        json_object_set(item, "resource", json_object_get(left, "resource"));
        json_object_set_new(item, "in_year", calendar(q, json_object_get(left, "in_year")));
        json_array_append_new(list, item);
        json_decref(about);
    }
    return list;
}

static json_t *
show(const struct plan_question *q, const json_t *result)
{
    return json_pack("{s:O, s:O, s:O, s:O, s:o, s:o, s:o}", "objective",
                     json_object_get(result, "objective"), "before",
                     json_object_get(result, "before"), "bound", json_object_get(result, "bound"),
                     "proven", json_object_get(result, "proven"), "items", show_runs(q, result),
                     "resources", show_resources(q, result), "remaining", show_cells(q, result));
}

int
plan_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL), *result = NULL;
    const json_t *about = json_object_get(root, "about");
    struct plan_question q = {
        .root = root,
        .input = json_object_get(root, "input"),
        .actions = json_object_get(about, "actions"),
        .cells = json_object_get(about, "cells"),
        .resources = json_object_get(about, "resources"),
        .gaps = json_object(),
        .first_year = (int)json_integer_value(json_object_get(root, "first_year")),
    };
    int rc = MODEL_MEMORY;

    if (q.input == NULL || q.gaps == NULL)
        goto out;
    q.years = (int)json_integer_value(json_object_get(q.input, "years"));
    if (json_array_size(json_object_get(q.input, "cells")) == 0) {
        snprintf(answer->reason, sizeof answer->reason,
                 "there is nothing to plan for: no demand and nobody with these skills is known");
        snprintf(answer->expected, sizeof answer->expected,
                 "skills or categories with demand, as gap.project shows");
        rc = MODEL_INFEASIBLE;
        goto out;
    }
    rc = project_gaps(&q, stop, answer);
    if (rc != MODEL_OK)
        goto out;
    complete(&q);
    limit_time(&q, stop);
    rc = said_ask(plan_json, q.input, stop, answer, &result);
    if (rc == MODEL_INFEASIBLE) {
        name_years(&q, answer->reason);
        snprintf(answer->parameter, sizeof answer->parameter, "%s",
                 strstr(answer->reason, "ceiling") != NULL ? "ceilings" : "budgets");
        snprintf(answer->expected, sizeof answer->expected,
                 "larger budgets, or less that has to be reached with them");
    }
    if (rc == MODEL_OK)
        rc = said_answer(json_object_get(root, "said"), show(&q, result), answer);
out:
    json_decref(result);
    json_decref(q.gaps);
    json_decref(root);
    return rc;
}
