/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runs.h"

#include <stdio.h>
#include <string.h>

#include "model/said.h"

/* A band of shares in words. */
static json_t *
show_band(const json_t *band)
{
    static const char *const names[] = {"below a third", "a third to two thirds", "two thirds or more"};
    json_int_t number = json_integer_value(band);

    return json_is_integer(band) && number >= 0 && number < 3 ? json_string(names[number]) : json_null();
}

/* What is said of a skill, and what was found. */
static json_t *
show_skill(const json_t *about, const json_t *found, json_int_t zero_below, int rank)
{
    json_t *item = json_pack("{s:i}", "rank", rank), *holders = json_object_get(found, "holders"), *band;
    const json_t *said = json_object_get(about, json_string_value(json_object_get(found, "skill")));

    if (said != NULL)
        json_object_update(item, (json_t *)said);
    json_object_update(item, (json_t *)found);
    json_object_del(item, "skill");
    if (json_is_object(holders) && json_integer_value(json_object_get(holders, "from")) == 0) {
        band = json_pack("{s:i, s:I}", "from", 0, "below", zero_below);
        json_object_set_new(item, "holders", band);
    }
    json_object_set_new(item, "retirement_band", show_band(json_object_get(found, "retirement_band")));
    json_object_set_new(item, "concentration_band", show_band(json_object_get(found, "concentration_band")));
    return item;
}

/* The model names weights by number, callers by name. */
static void
explain(struct model_answer *answer)
{
    if (strncmp(answer->reason, "weights", strlen("weights")) == 0) {
        snprintf(answer->parameter, sizeof answer->parameter, "weights");
        snprintf(answer->expected, sizeof answer->expected, "weights that are not negative, one of them above 0");
    }
}

int
fragile_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL), *items = NULL, *result = NULL, *found;
    const json_t *input = json_object_get(root, "input"), *about = json_object_get(root, "about");
    json_int_t top = json_integer_value(json_object_get(root, "top")),
               zero_below = json_integer_value(json_object_get(root, "zero_below"));
    size_t index;
    int rc = MODEL_MEMORY;

    if (input == NULL)
        goto out;
    rc = MODEL_OK;
    if (json_array_size(json_object_get(input, "skills")) > 0)
        rc = said_ask(fragile_json, input, stop, answer, &result);
    if (rc != MODEL_OK) {
        explain(answer);
        goto out;
    }
    items = json_array();
    json_array_foreach(json_object_get(result, "skills"), index, found) {
        if ((json_int_t)index == top)
            break;
        json_array_append_new(items, show_skill(about, found, zero_below, (int)index + 1));
    }
    rc = said_answer(json_object_get(root, "said"),
                     json_pack("{s:o, s:i, s:O?}", "items", items, "skills",
                               (int)json_array_size(json_object_get(result, "skills")), "weights",
                               json_object_get(result, "weights")),
                     answer);
out:
    json_decref(result);
    json_decref(root);
    return rc;
}
