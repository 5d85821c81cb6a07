/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gap_json.h"

#include <string.h>

#include "model/opportunity.h"
#include "model/reading.h"

enum { LIST_DEFAULT = 20 };

static const char *const part_name[OPPORTUNITY_PARTS] = {"per_month", "per_cost", "closed", "feasibility",
                                                         "complementarity"};
static const char *const kind_name[] = {"visit", "secondment", "seat", "facility"};

struct question {
    struct reading reading;
    struct reading_codes organizations, skills, instruments;
    struct opportunity_input in;
};

static void
read_instruments(struct question *q)
{
    struct reading *r = &q->reading;
    struct opportunity_instrument *list = reading_room(r, (size_t)q->instruments.count, sizeof(*list));

    for (int i = 0; r->rc == MODEL_OK && i < q->instruments.count; i++) {
        json_t *item = json_array_get(q->instruments.array, (size_t)i);
        const char *kind = json_string_value(json_object_get(item, "kind"));
        unsigned k = 0;

        reading_at(r, "instruments[%d].", i);
        while (k <= OPPORTUNITY_FACILITY && (kind == NULL || strcmp(kind, kind_name[k]) != 0))
            k++;
        if (k > OPPORTUNITY_FACILITY)
            reading_refuse(r, "kind", "must be visit, secondment, seat or facility");
        list[i] = (struct opportunity_instrument){
            .kind = (enum opportunity_kind)k,
            .months = reading_number_needed(r, item, "months"),
            .gain = reading_number_needed(r, item, "gain"),
            .fixed = reading_number(r, item, "fixed", 0),
            .travel = reading_number(r, item, "travel", 0),
            .per_month = reading_number(r, item, "per_month", 0),
            .per_mentor = reading_number(r, item, "per_mentor", 1),
            .needs_facility = reading_truth(r, item, "needs_facility", false),
            .approval_days = reading_number(r, item, "approval_days", 0),
        };
    }
    q->in.instruments = q->instruments.count;
    q->in.instrument = list;
}

/* Countries as numbers: that of the first organization with the same. */
static void
read_countries(struct question *q)
{
    struct reading *r = &q->reading;
    int *country = reading_room(r, (size_t)q->organizations.count, sizeof(*country));

    for (int o = 0; r->rc == MODEL_OK && o < q->organizations.count; o++) {
        json_t *name = json_object_get(json_array_get(q->organizations.array, (size_t)o), "country");

        reading_at(r, "organizations[%d].", o);
        if (!json_is_string(name))
            reading_refuse(r, "country", "must be a text");
        country[o] = o;
        for (int before = 0; before < o && country[o] == o; before++)
            if (json_equal(name, json_object_get(json_array_get(q->organizations.array, (size_t)before), "country")))
                country[o] = country[before];
    }
    q->in.organizations = q->organizations.count;
    q->in.country = country;
}

static void
read_cells(struct question *q)
{
    struct reading *r = &q->reading;
    size_t skills = (size_t)q->skills.count, count = (size_t)q->organizations.count * skills, index;
    double *gap = NULL, *surplus = NULL;
    int *seats = NULL, *facility = NULL;
    json_t *cell, *list = reading_array(r, r->root, "cells");

    if (q->organizations.count > OPPORTUNITY_ORGANIZATIONS_MAX || q->skills.count > OPPORTUNITY_SKILLS_MAX)
        return; /* opportunity_rank says so */
    gap = reading_room(r, count, sizeof(*gap));
    surplus = reading_room(r, count, sizeof(*surplus));
    seats = reading_room(r, count, sizeof(*seats));
    facility = reading_room(r, count, sizeof(*facility));
    if (r->rc != MODEL_OK)
        return;
    for (size_t i = 0; i < count; i++)
        gap[i] = surplus[i] = NAN;
    json_array_foreach(list, index, cell) {
        int organization = -1, skill = -1;
        size_t at = 0;

        reading_at(r, "cells[%zu].", index);
        organization = reading_code(r, &q->organizations, cell, "organization", true);
        skill = reading_code(r, &q->skills, cell, "skill", true);
        if (r->rc != MODEL_OK)
            return;
        at = (size_t)organization * skills + (size_t)skill;
        gap[at] = reading_number(r, cell, "gap", NAN);
        surplus[at] = reading_number(r, cell, "surplus", NAN);
        seats[at] = reading_whole(r, cell, "seats", 0);
        facility[at] = reading_whole(r, cell, "facility", 0);
    }
    q->in.gap = gap;
    q->in.surplus = surplus;
    q->in.seats = seats;
    q->in.facility = facility;
}

static void
read_pairs(struct question *q)
{
    struct reading *r = &q->reading;
    size_t organizations = (size_t)q->organizations.count, index;
    double *language = NULL;
    bool *agreement = NULL;
    json_t *pair, *list = reading_array(r, r->root, "pairs");

    if (q->organizations.count > OPPORTUNITY_ORGANIZATIONS_MAX)
        return;
    language = reading_room(r, organizations * organizations, sizeof(*language));
    agreement = reading_room(r, organizations * organizations, sizeof(*agreement));
    for (size_t i = 0; r->rc == MODEL_OK && i < organizations * organizations; i++)
        language[i] = 1;
    json_array_foreach(list, index, pair) {
        int giver = -1, receiver = -1;

        reading_at(r, "pairs[%zu].", index);
        giver = reading_code(r, &q->organizations, pair, "giver", true);
        receiver = reading_code(r, &q->organizations, pair, "receiver", true);
        if (r->rc != MODEL_OK)
            return;
        language[(size_t)giver * organizations + (size_t)receiver] = reading_number(r, pair, "language", 1);
        agreement[(size_t)giver * organizations + (size_t)receiver] = reading_truth(r, pair, "agreement", false);
    }
    q->in.language = language;
    q->in.agreement = agreement;
}

static void
read_question(struct question *q)
{
    static const double usual[OPPORTUNITY_PARTS] = OPPORTUNITY_WEIGHTS_DEFAULT;
    struct reading *r = &q->reading;

    q->organizations = reading_codes(r, "organizations");
    q->skills = reading_codes(r, "skills");
    q->instruments = reading_codes(r, "instruments");
    q->in.skills = q->skills.count;
    read_instruments(q);
    read_countries(q);
    read_cells(q);
    read_pairs(q);
    reading_at(r, "%s", "");
    q->in.across = reading_truth(r, r->root, "across", true);
    q->in.within = reading_truth(r, r->root, "within", true);
    q->in.list = reading_whole(r, r->root, "list", LIST_DEFAULT);
    q->in.without_agreement =
        reading_number(r, r->root, "without_agreement", OPPORTUNITY_WITHOUT_AGREEMENT_DEFAULT);
    q->in.patience_days = reading_number(r, r->root, "patience_days", OPPORTUNITY_PATIENCE_DAYS_DEFAULT);
    for (int p = 0; p < OPPORTUNITY_PARTS; p++)
        q->in.weight[p] = reading_number(r, json_object_get(r->root, "weights"), part_name[p], usual[p]);
}

static json_t *
one_json(const struct question *q, const struct opportunity *o)
{
    const struct {
        const char *name;
        double value;
    } figure[] = {
        {"closed", o->closed},       {"person_months", o->person_months},
        {"cost", o->cost},           {"per_month", o->per_month},
        {"per_cost", o->per_cost},   {"facility", o->facility},
        {"language", o->language},   {"agreement", o->agreement},
        {"time", o->time},           {"feasibility", o->feasibility},
        {"complementarity", o->complementarity}, {"score", o->score},
    };
    json_t *parts = json_object(),
           *item = json_pack("{s:o, s:o, s:o, s:o, s:b, s:i}", "giver", reading_code_json(&q->organizations, o->giver),
                             "receiver", reading_code_json(&q->organizations, o->receiver), "skill",
                             reading_code_json(&q->skills, o->skill), "instrument",
                             reading_code_json(&q->instruments, o->instrument), "across", (int)o->across,
                             "participants", o->participants);

    for (size_t i = 0; i < sizeof(figure) / sizeof(figure[0]); i++)
        json_object_set_new(item, figure[i].name, reading_figure(figure[i].value));
    for (int p = 0; p < OPPORTUNITY_PARTS; p++)
        json_object_set_new(parts, part_name[p], reading_figure(o->part[p]));
    json_object_set_new(item, "parts", parts);
    return item;
}

int
opportunity_json(const char *text, size_t length, const struct stop *stop, char **answer,
                 char reason[static MODEL_REASON_BYTES])
{
    struct question q = {0};
    struct opportunity *out = NULL;
    int count = 0, rc = MODEL_OK;

    *answer = NULL;
    if (reading_open(&q.reading, text, length, reason) == MODEL_OK)
        read_question(&q);
    if (q.in.list > 0 && q.in.list <= OPPORTUNITY_LIST_MAX)
        out = reading_room(&q.reading, (size_t)q.in.list, sizeof(*out));
    rc = q.reading.rc;
    if (rc == MODEL_OK)
        rc = opportunity_rank(&q.in, stop, out, &count, reason);
    if (rc == MODEL_OK) {
        json_t *list = json_array(), *weights = json_object();

        for (int p = 0; p < OPPORTUNITY_PARTS; p++)
            json_object_set_new(weights, part_name[p], reading_figure(q.in.weight[p]));
        for (int i = 0; i < count; i++)
            json_array_append_new(list, one_json(&q, &out[i]));
        rc = reading_answer(json_pack("{s:o, s:o}", "weights", weights, "opportunities", list), answer);
    }
    reading_close(&q.reading);
    return rc;
}
