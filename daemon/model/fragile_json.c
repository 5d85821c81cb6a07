/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gap_json.h"

#include "model/fragile.h"
#include "model/reading.h"

static const char *const part_name[FRAGILE_PARTS] = {"scarcity", "retirement", "program", "concentration"};

static void
read_question(struct reading *r, const struct reading_codes *skills, struct fragile_input *in)
{
    static const double usual[FRAGILE_PARTS] = FRAGILE_WEIGHTS_DEFAULT;
    size_t count = (size_t)skills->count, organizations = 0, n = 0;
    int64_t *holders = reading_room(r, count, sizeof(*holders)), *old = reading_room(r, count, sizeof(*old)),
            *first = reading_room(r, count + 1, sizeof(*first)), *heads = NULL;
    int *programs = reading_room(r, count, sizeof(*programs));

    for (int s = 0; s < skills->count; s++)
        organizations += json_array_size(json_object_get(json_array_get(skills->array, (size_t)s), "organizations"));
    heads = reading_room(r, organizations, sizeof(*heads));
    for (int s = 0; r->rc == MODEL_OK && s < skills->count; s++) {
        json_t *skill = json_array_get(skills->array, (size_t)s), *item, *list = NULL;
        size_t index;

        reading_at(r, "skills[%d].", s);
        holders[s] = reading_whole(r, skill, "holders", -1);
        old[s] = reading_whole(r, skill, "near_retirement", -1);
        programs[s] = reading_whole(r, skill, "programs", -1);
        list = reading_array(r, skill, "organizations");
        json_array_foreach(list, index, item) {
            if (!json_is_integer(item))
                reading_refuse(r, "organizations", "must be whole numbers");
            heads[n++] = json_integer_value(item);
        }
        first[s + 1] = (int64_t)n;
    }
    reading_at(r, "%s", "");
    in->skills = skills->count;
    in->holders = holders;
    in->near_retirement = old;
    in->programs = programs;
    in->organization_first = first;
    in->organization_holders = heads;
    in->few = reading_whole(r, r->root, "few", FRAGILE_FEW);
    in->banded = reading_truth(r, r->root, "banded", false);
    for (int p = 0; p < FRAGILE_PARTS; p++)
        in->weight[p] = reading_number(r, json_object_get(r->root, "weights"), part_name[p], usual[p]);
}

static json_t *
band_json(int band)
{
    return band < 0 ? json_null() : json_integer(band);
}

/* A count's band. */
static json_t *
holders_json(int band)
{
    int64_t low, high;

    if (band < 0)
        return json_null();
    fragile_holder_band(band, &low, &high);
    return json_pack("{s:I, s:o}", "from", (json_int_t)low, "below", high < 0 ? json_null() : json_integer(high));
}

static json_t *
answer_json(const struct reading_codes *skills, const struct fragile_input *in, const struct fragile_skill *out)
{
    json_t *list = json_array(), *weights = json_object();

    for (int p = 0; p < FRAGILE_PARTS; p++)
        json_object_set_new(weights, part_name[p], reading_figure(in->weight[p]));
    for (int i = 0; i < in->skills; i++) {
        json_t *item = json_pack("{s:o, s:o}", "skill", reading_code_json(skills, out[i].skill), "score",
                                 reading_figure(out[i].score));

        for (int p = 0; p < FRAGILE_PARTS; p++)
            json_object_set_new(item, part_name[p], reading_figure(out[i].part[p]));
        json_object_set_new(item, "single_organization",
                            in->banded ? json_null() : json_boolean(out[i].single_organization));
        json_object_set_new(item, "holders", holders_json(out[i].holder_band));
        json_object_set_new(item, "retirement_band", band_json(out[i].retirement_band));
        json_object_set_new(item, "concentration_band", band_json(out[i].concentration_band));
        json_array_append_new(list, item);
    }
    return json_pack("{s:o, s:o}", "weights", weights, "skills", list);
}

int
fragile_json(const char *text, size_t length, const struct stop *stop, char **answer,
             char reason[static MODEL_REASON_BYTES])
{
    struct reading r;
    struct reading_codes skills = {0};
    struct fragile_input in = {0};
    struct fragile_skill *out = NULL;
    int rc = reading_open(&r, text, length, reason);

    *answer = NULL;
    if (rc == MODEL_OK) {
        skills = reading_codes(&r, "skills");
        read_question(&r, &skills, &in);
        out = reading_room(&r, (size_t)skills.count, sizeof(*out));
        rc = r.rc;
    }
    if (rc == MODEL_OK && stop_asked(stop))
        rc = MODEL_STOPPED;
    if (rc == MODEL_OK)
        rc = fragile_rank(&in, out, reason);
    if (rc == MODEL_OK)
        rc = reading_answer(answer_json(&skills, &in, out), answer);
    reading_close(&r);
    return rc;
}
