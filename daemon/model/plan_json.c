/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gap_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan.h"
#include "model/reading.h"

#define SECONDS_DEFAULT 10

static const char *const kind_name[] = {"budget", "capacity", "mentors"};
static const char *const bind_name[] = {"nothing", "unknown", "no_action", "too_late",
                                        "most",    "total",   "resource",  "choice"};

struct question {
    struct reading reading;
    struct reading_codes resources, actions, cells;
    struct plan_input in;
};

static void
read_resources(struct question *q)
{
    struct reading *r = &q->reading;
    size_t count = (size_t)q->resources.count, years = (size_t)q->in.years;
    enum plan_resource *kind = reading_room(r, count, sizeof(*kind));
    double *limit = reading_room(r, count * years, sizeof(double)), *step = reading_room(r, count, sizeof(double));

    for (size_t k = 0; r->rc == MODEL_OK && k < count; k++) {
        json_t *item = json_array_get(q->resources.array, k);
        const char *name = json_string_value(json_object_get(item, "kind"));
        unsigned at = 0;

        reading_at(r, "resources[%zu].", k);
        while (at <= PLAN_MENTOR && (name == NULL || strcmp(name, kind_name[at]) != 0))
            at++;
        if (at > PLAN_MENTOR)
            reading_refuse(r, "kind", "must be budget, capacity or mentors");
        kind[k] = (enum plan_resource)at;
        step[k] = reading_number(r, item, "step", 1);
        reading_years(r, item, "limit", q->in.years, INFINITY, limit + k * years);
    }
    q->in.resources = (int)count;
    q->in.resource_kind = kind;
    q->in.resource_limit = limit;
    q->in.resource_step = step;
}

/* Runs of each year, which must be whole. */
static void
read_runs(struct reading *r, json_t *object, const char *name, int years, int otherwise, int out[])
{
    double figure[PLAN_YEARS_MAX];

    reading_years(r, object, name, years, otherwise, figure);
    for (int y = 0; y < years; y++) {
        if (!(figure[y] >= 0 && figure[y] <= PLAN_RUNS_MAX && figure[y] == floor(figure[y]))) {
            reading_refuse(r, name, "must be whole numbers of 0 or more");
            return;
        }
        out[y] = (int)figure[y];
    }
}

static void
read_actions(struct question *q)
{
    struct reading *r = &q->reading;
    size_t count = (size_t)q->actions.count, years = (size_t)q->in.years, uses = 0, gains = 0, u = 0, g = 0, i;
    int *least = reading_room(r, count * years, sizeof(int)), *most = reading_room(r, count * years, sizeof(int)),
        *total = reading_room(r, count, sizeof(int)), *resource = NULL, *cell = NULL, *lag = NULL;
    int64_t *use_first = reading_room(r, count + 1, sizeof(*use_first)),
            *gain_first = reading_room(r, count + 1, sizeof(*gain_first));
    double *use_amount = NULL, *gain_amount = NULL;

    for (size_t a = 0; a < count; a++) {
        json_t *action = json_array_get(q->actions.array, a);

        uses += json_array_size(json_object_get(action, "uses"));
        gains += json_array_size(json_object_get(action, "gains"));
    }
    resource = reading_room(r, uses, sizeof(int));
    use_amount = reading_room(r, uses, sizeof(double));
    cell = reading_room(r, gains, sizeof(int));
    lag = reading_room(r, gains, sizeof(int));
    gain_amount = reading_room(r, gains, sizeof(double));
    for (size_t a = 0; r->rc == MODEL_OK && a < count; a++) {
        json_t *action = json_array_get(q->actions.array, a), *item, *list = NULL;

        reading_at(r, "actions[%zu].", a);
        read_runs(r, action, "least", q->in.years, 0, least + a * years);
        read_runs(r, action, "most", q->in.years, 1, most + a * years);
        total[a] = reading_whole(r, action, "total", INT_MAX);
        list = reading_array(r, action, "uses");
        json_array_foreach(list, i, item) {
            reading_at(r, "actions[%zu].uses[%zu].", a, i);
            resource[u] = reading_code(r, &q->resources, item, "resource", true);
            use_amount[u++] = reading_number_needed(r, item, "amount");
        }
        reading_at(r, "actions[%zu].", a);
        list = reading_array(r, action, "gains");
        json_array_foreach(list, i, item) {
            reading_at(r, "actions[%zu].gains[%zu].", a, i);
            cell[g] = reading_code(r, &q->cells, item, "cell", true);
            lag[g] = reading_whole(r, item, "lag", 0);
            gain_amount[g++] = reading_number_needed(r, item, "amount");
        }
        use_first[a + 1] = (int64_t)u;
        gain_first[a + 1] = (int64_t)g;
    }
    q->in.actions = (int)count;
    q->in.action_least = least;
    q->in.action_most = most;
    q->in.action_total = total;
    q->in.use_first = use_first;
    q->in.use_resource = resource;
    q->in.use_amount = use_amount;
    q->in.gain_first = gain_first;
    q->in.gain_cell = cell;
    q->in.gain_lag = lag;
    q->in.gain_amount = gain_amount;
}

static void
read_cells(struct question *q)
{
    struct reading *r = &q->reading;
    size_t count = (size_t)q->cells.count, years = (size_t)q->in.years;
    double *gap = reading_room(r, count * years, sizeof(double)), *weight = reading_room(r, count * years, sizeof(double)),
           *loss = reading_room(r, count, sizeof(double)), *ceiling = reading_room(r, count, sizeof(double));

    for (size_t c = 0; r->rc == MODEL_OK && c < count; c++) {
        json_t *item = json_array_get(q->cells.array, c);

        reading_at(r, "cells[%zu].", c);
        reading_years(r, item, "gap", q->in.years, NAN, gap + c * years);
        reading_years(r, item, "weight", q->in.years, 1, weight + c * years);
        loss[c] = reading_number(r, item, "loss", 0);
        ceiling[c] = reading_number(r, item, "ceiling", INFINITY);
    }
    q->in.cells = (int)count;
    q->in.cell_gap = gap;
    q->in.cell_weight = weight;
    q->in.cell_loss = loss;
    q->in.cell_ceiling = ceiling;
}

static void
read_question(struct question *q)
{
    struct reading *r = &q->reading;

    q->in.years = reading_whole(r, r->root, "years", READING_NEEDED);
    q->in.seconds = reading_number(r, r->root, "seconds", SECONDS_DEFAULT);
    q->in.prices = reading_truth(r, r->root, "prices", true);
    if (q->in.years < 1 || q->in.years > PLAN_YEARS_MAX) {
        reading_refuse(r, "years", "must be 1 to 50");
        return;
    }
    q->resources = reading_codes(r, "resources");
    q->actions = reading_codes(r, "actions");
    q->cells = reading_codes(r, "cells");
    read_resources(q);
    read_actions(q);
    read_cells(q);
}

static json_t *
answer_json(const struct question *q, const struct plan_result *out)
{
    json_t *runs = json_array(), *resources = json_array(), *cells = json_array();
    int years = q->in.years;

    for (int i = 0; i < q->in.actions * years; i++)
        if (out->run[i] > 0)
            json_array_append_new(runs, json_pack("{s:o, s:i, s:i}", "action", reading_code_json(&q->actions, i / years),
                                                  "year", i % years, "times", out->run[i]));
    for (int i = 0; i < q->in.resources * years; i++)
        json_array_append_new(resources, json_pack("{s:o, s:i, s:o, s:o, s:o, s:b}", "resource",
                                                   reading_code_json(&q->resources, i / years), "year", i % years,
                                                   "used", reading_figure(out->used[i]), "limit",
                                                   reading_figure(q->in.resource_limit[i]), "one_more",
                                                   reading_figure(out->price[i].gain), "one_more_proven",
                                                   (int)out->price[i].proven));
    for (int i = 0; i < q->in.cells * years; i++) {
        const struct plan_binding *b = &out->binding[i];

        json_array_append_new(cells, json_pack("{s:o, s:i, s:o, s:s, s:o, s:o, s:o}", "cell",
                                               reading_code_json(&q->cells, i / years), "year", i % years, "remaining",
                                               reading_figure(out->remaining[i]), "binds", bind_name[b->bind],
                                               "action", reading_code_json(&q->actions, b->action), "resource",
                                               reading_code_json(&q->resources, b->resource), "in_year",
                                               b->year < 0 ? json_null() : json_integer(b->year)));
    }
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "objective", reading_figure(out->objective), "before",
                     reading_figure(out->before), "bound", reading_figure(out->bound), "proven", (int)out->proven,
                     "runs", runs, "resources", resources, "cells", cells);
}

/* Puts codes for places: what the reason calls "cells[3]" its reader knows by its code. */
static void
name_places(const struct question *q, char *reason)
{
    const struct {
        const char *name;
        const struct reading_codes *codes;
    } list[] = {{"resources[", &q->resources}, {"actions[", &q->actions}, {"cells[", &q->cells}};
    char named[MODEL_REASON_BYTES] = "";
    size_t used = 0;

    for (const char *at = reason; *at != '\0' && used + 1 < sizeof(named);) {
        const char *code = NULL;
        size_t length = 0;

        for (size_t i = 0; i < sizeof(list) / sizeof(list[0]) && code == NULL; i++) {
            char *end = NULL;
            long place;

            length = strlen(list[i].name);
            if (strncmp(at, list[i].name, length) != 0)
                continue;
            place = strtol(at + length, &end, 10);
            if (*end == ']' && place >= 0 && place < list[i].codes->count) {
                json_t *item = json_array_get(list[i].codes->array, (size_t)place);

                code = json_string_value(json_is_object(item) ? json_object_get(item, "code") : item);
                at = end + 1;
            }
        }
        if (code != NULL)
            used += (size_t)snprintf(named + used, sizeof(named) - used, "%s", code);
        else
            named[used++] = *at++;
        if (used >= sizeof(named))
            used = sizeof(named) - 1;
        named[used] = '\0';
    }
    memcpy(reason, named, sizeof(named));
}

int
plan_json(const char *text, size_t length, const struct stop *stop, char **answer,
          char reason[static MODEL_REASON_BYTES])
{
    struct question q = {0};
    struct plan_result out = {0};
    int rc = MODEL_OK;

    *answer = NULL;
    if (reading_open(&q.reading, text, length, reason) == MODEL_OK)
        read_question(&q);
    rc = q.reading.rc;
    if (rc == MODEL_OK)
        rc = plan_optimize(&q.in, stop, &out, reason);
    if (rc == MODEL_INFEASIBLE)
        name_places(&q, reason);
    if (rc == MODEL_OK)
        rc = reading_answer(answer_json(&q, &out), answer);
    plan_free(&out);
    reading_close(&q.reading);
    return rc;
}
