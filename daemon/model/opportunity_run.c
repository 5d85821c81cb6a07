/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runs.h"

#include <stdio.h>
#include <string.h>

#include "model/opportunity.h"
#include "model/said.h"

struct showing {
    const json_t *organizations, *skills, *ties, *guessed, *instruments; /* what is said of them */
    const json_t *organization, *country; /* only with this one; only to that one */
};

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* Whether the caller asked for it. */
static bool
wanted(const struct showing *show, const json_t *item)
{
    const json_t *giver = json_object_get(item, "giver"),
                 *receiver = json_object_get(item, "receiver");
    const json_t *country = json_object_get(
        json_object_get(show->organizations, json_string_value(receiver)), "country");

    return (json_is_null(show->organization) || json_equal(show->organization, giver) ||
            json_equal(show->organization, receiver)) &&
           (json_is_null(show->country) || json_equal(show->country, country));
}

static const json_t *
instrument_of(const struct showing *show, const char *code)
{
    const json_t *instrument;
    size_t index;

    json_array_foreach(show->instruments, index,
                       instrument) if (strcmp(text_of(instrument, "code"), code) ==
                                       0) return instrument;
    return NULL;
}

/* What the ranking could not know of an item. */
static json_t *
not_known(const struct showing *show, const json_t *item, const json_t *tie)
{
    json_t *list = json_array();
    const char *instrument = text_of(item, "instrument");
    const json_t *assumed = instrument_of(show, instrument);
    char cell[300];

    json_array_append_new(list, json_string("cost"));
    if (json_is_true(json_object_get(item, "across"))) {
        json_array_append_new(list, json_string("language"));
        if (tie == NULL)
            json_array_append_new(list, json_string("agreement"));
        else if (!json_is_true(json_object_get(tie, "known")))
            json_array_append_new(list, json_string("agreement_dates"));
        if (!json_is_true(json_object_get(assumed, "approval_learnt")))
            json_array_append_new(list, json_string("approval_time"));
    }
    snprintf(cell, sizeof cell, "%s %s", text_of(item, "giver"), text_of(item, "skill"));
    if (strcmp(instrument, "seat") == 0)
        json_array_append_new(list, json_string("free_seats"));
    else if (strcmp(instrument, "facility") == 0)
        json_array_append_new(list, json_string("facility_places"));
    else if (json_object_get(show->guessed, cell) != NULL)
        json_array_append_new(list, json_string("giver_demand"));
    return list;
}

/* An item of the answer: references for codes, and what it would serve. */
static json_t *
show_item(const struct showing *show, const json_t *found, int rank)
{
    json_t *item = json_pack("{s:i}", "rank", rank), *giver = NULL, *receiver = NULL;
    const json_t *skill = json_object_get(show->skills, text_of(found, "skill")), *tie = NULL;
    char countries[16];

    json_object_update(item, (json_t *)found);
    giver = said_of(show->organizations, json_object_get(found, "giver"));
    receiver = said_of(show->organizations, json_object_get(found, "receiver"));
    snprintf(countries, sizeof countries, "%.6s/%.6s", text_of(giver, "country"),
             text_of(receiver, "country"));
    tie = json_object_get(show->ties, countries);
    json_object_set_new(item, "not_known", not_known(show, found, tie));
    json_object_set_new(item, "giver", giver);
    json_object_set_new(item, "receiver", receiver);
    json_object_set(item, "skill", json_object_get(skill, "brief"));
    json_object_set(item, "pillars", json_object_get(skill, "pillars"));
    json_object_set_new(item, "agreements",
                        tie != NULL ? json_incref(json_object_get(tie, "agreements"))
                                    : json_array());
    json_object_set_new(item, "committees",
                        tie != NULL ? json_incref(json_object_get(tie, "committees"))
                                    : json_array());
    return item;
}

int
opportunity_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL), *input = json_object_get(root, "input"),
           *result = NULL, *items = NULL, *found;
    const json_t *about = json_object_get(root, "about"), *only = json_object_get(root, "only");
    const struct showing show = {
        .organizations = json_object_get(about, "organizations"),
        .skills = json_object_get(about, "skills"),
        .ties = json_object_get(about, "ties"),
        .guessed = json_object_get(about, "guessed"),
        .instruments = json_object_get(input, "instruments"),
        .organization = json_object_get(only, "organization"),
        .country = json_object_get(only, "country"),
    };
    json_int_t top = json_integer_value(json_object_get(root, "top"));
    bool filtered = !json_is_null(show.organization) || !json_is_null(show.country);
    size_t index;
    int rc = MODEL_MEMORY;

    if (input == NULL)
        goto out;
    json_object_set_new(input, "list", json_integer(filtered ? OPPORTUNITY_LIST_MAX : top));
    if (json_array_size(json_object_get(input, "organizations")) >= 2 &&
        json_array_size(json_object_get(input, "skills")) >= 1)
        rc = said_ask(opportunity_json, input, stop, answer, &result);
    else
        rc = MODEL_OK; /* nobody to look at: an empty list */
    if (rc != MODEL_OK)
        goto out;
    items = json_array();
    json_array_foreach(json_object_get(result, "opportunities"), index,
                       found) if ((json_int_t)json_array_size(items) < top && wanted(&show, found))
        json_array_append_new(items, show_item(&show, found, (int)index + 1));
    rc = said_answer(
        json_object_get(root, "said"),
        json_pack("{s:O?, s:o}", "weights", json_object_get(result, "weights"), "items", items),
        answer);
out:
    json_decref(result);
    json_decref(root);
    return rc;
}
