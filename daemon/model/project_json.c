/* SPDX-License-Identifier: Apache-2.0 */
#include "model/project_json.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "model/project_json_part.h"

enum {
    DRAWS = 10000,
    ENTRY_AGE = 25,
    STOCK_PARTS = 3,
    DEMAND_PARTS = 5,
    NAME_BYTES = 64,
    MEMBER_BYTES = 80,
};

/* Reads one text; the first thing wrong is kept, and nothing is read any more. */
struct reader {
    struct project_json *to;
    struct project_refusal *refusal;
    bool failed;
    char path[NAME_BYTES]; /* of the object at hand: "series[3]." */
};

static void
refuse(struct reader *reader, const char *name, const char *member, const char *expected)
{
    int length = (int)strnlen(member, MEMBER_BYTES);

    if (reader->failed)
        return;
    /* A long name is cut between characters, so that the path stays UTF-8. */
    if (length == MEMBER_BYTES)
        while (length > 0 && (member[length] & 0xC0) == 0x80)
            length--;
    reader->failed = true;
    reader->refusal->name = name;
    snprintf(reader->refusal->path, sizeof(reader->refusal->path), "%.60s%.*s", reader->path, length,
             member);
    snprintf(reader->refusal->expected, sizeof(reader->refusal->expected), "%s", expected);
}

__attribute__((format(printf, 2, 3))) static void
at(struct reader *reader, const char *format, ...)
{
    va_list args;

    if (reader->failed)
        return;
    va_start(args, format);
    vsnprintf(reader->path, sizeof(reader->path), format, args);
    va_end(args);
}

/* calloc of at least one. */
static void *
some(struct reader *reader, size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL)
        refuse(reader, "memory", "", "more memory");
    return memory;
}

/* A member, or NULL where it is absent or null. */
static json_t *
member(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

/* That value is an object with none but these members; names ends with NULL. */
static bool
object_of(struct reader *reader, json_t *value, const char *const *names)
{
    const char *name;
    json_t *unused;

    if (!json_is_object(value)) {
        refuse(reader, "malformed", "", "an object");
        return false;
    }
    json_object_foreach(value, name, unused)
    {
        int i = 0;

        while (names[i] != NULL && strcmp(names[i], name) != 0)
            i++;
        if (names[i] == NULL)
            refuse(reader, "unknown", name, "no such member");
    }
    return !reader->failed;
}

static int
whole_value(struct reader *reader, json_t *value, const char *name)
{
    if (!json_is_integer(value) || json_integer_value(value) < INT_MIN ||
        json_integer_value(value) > INT_MAX) {
        refuse(reader, "malformed", name, "a whole number");
        return 0;
    }
    return (int)json_integer_value(value);
}

static int
whole(struct reader *reader, json_t *object, const char *name, int otherwise)
{
    json_t *value = member(object, name);

    return value == NULL ? otherwise : whole_value(reader, value, name);
}

static double
number_value(struct reader *reader, json_t *value, const char *name)
{
    if (!json_is_number(value)) {
        refuse(reader, "malformed", name, "a number");
        return 0;
    }
    return json_number_value(value);
}

/* Without `otherwise` being a number (NaN), the member must be there. */
static double
number(struct reader *reader, json_t *object, const char *name, double otherwise)
{
    json_t *value = member(object, name);

    return value == NULL && !isnan(otherwise) ? otherwise : number_value(reader, value, name);
}

static const char *
string(struct reader *reader, json_t *object, const char *name, const char *otherwise)
{
    json_t *value = member(object, name);

    if (value == NULL && otherwise != NULL)
        return otherwise;
    if (!json_is_string(value)) {
        refuse(reader, "malformed", name, "a string");
        return "";
    }
    return json_string_value(value);
}

/* An array, or NULL where there is none. */
static json_t *
array(struct reader *reader, json_t *object, const char *name)
{
    json_t *value = member(object, name);

    if (value != NULL && !json_is_array(value)) {
        refuse(reader, "malformed", name, "an array");
        return NULL;
    }
    return value;
}

/* The place of a word in a list that ends with NULL; refused where it is not in it. */
static int
word(struct reader *reader, json_t *object, const char *name, const char *otherwise,
     const char *const *words, const char *expected)
{
    const char *given = string(reader, object, name, otherwise);

    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], given) == 0)
            return i;
    refuse(reader, "unknown", name, expected);
    return 0;
}

static uint32_t
fnv(const char *text)
{
    uint32_t hash = UINT32_C(2166136261);

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    return hash;
}

/* Notes a code and what its number is. Refused where it was there already. */
static void
name_one(struct reader *reader, json_t *names, const char *code, size_t number)
{
    if (!reader->failed && json_object_get(names, code) != NULL)
        refuse(reader, "not_unique", "code", "a code of its own");
    else if (!reader->failed &&
             json_object_set_new(names, code, json_integer((json_int_t)number)) != 0)
        refuse(reader, "memory", "", "more memory");
}

/* The number of the parameter that value names; PROJECT_NONE for null. */
static int
parameter_value(struct reader *reader, json_t *value, const char *name)
{
    json_t *found;

    if (value == NULL || json_is_null(value))
        return PROJECT_NONE;
    found = json_is_string(value)
                ? json_object_get(reader->to->parameters, json_string_value(value))
                : NULL;
    if (found == NULL) {
        refuse(reader, "unknown", name, "the code of a parameter, or null");
        return PROJECT_NONE;
    }
    return (int)json_integer_value(found);
}

static int
parameter(struct reader *reader, json_t *object, const char *name)
{
    return parameter_value(reader, member(object, name), name);
}

/* One for the first `least` levels, or an array of one each. */
static void
by_level(struct reader *reader, json_t *object, const char *name, int *to, size_t least)
{
    json_t *value = member(object, name);

    for (size_t i = 0; i < PROJECT_LEVELS; i++)
        to[i] = PROJECT_NONE;
    if (!json_is_array(value)) {
        for (size_t i = 0; i < least; i++)
            to[i] = parameter_value(reader, value, name);
        return;
    }
    if (json_array_size(value) < least || json_array_size(value) > PROJECT_LEVELS) {
        refuse(reader, "malformed", name, "one for each level");
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        to[i] = parameter_value(reader, json_array_get(value, i), name);
}

static void
read_parameters(struct reader *reader, json_t *list)
{
    static const char *const names[] = {"code", "low", "mode", "high", "factor", "about", NULL};
    struct project_parameter *to = some(reader, json_array_size(list), sizeof(*to));
    json_t *item;
    size_t i;

    reader->to->parameter = to;
    json_array_foreach(list, i, item)
    {
        const char *code;

        at(reader, "parameters[%zu].", i);
        if (reader->failed || !object_of(reader, item, names))
            return;
        code = string(reader, item, "code", NULL);
        name_one(reader, reader->to->parameters, code, i);
        to[i].key = fnv(code);
        to[i].range.low = number(reader, item, "low", NAN);
        to[i].range.mode = number(reader, item, "mode", NAN);
        to[i].range.high = number(reader, item, "high", NAN);
        to[i].factor = number(reader, item, "factor", 1);
    }
    reader->to->input.parameter = to;
    reader->to->input.parameters = (int)json_array_size(list);
}

static void
read_bands(struct reader *reader, struct project_regime *to, json_t *list, size_t regime)
{
    static const char *const names[] = {"age", "parameter", NULL};
    json_t *item;
    size_t i;

    if (json_array_size(list) > PROJECT_BANDS_MAX)
        refuse(reader, "out_of_range", "retire", "at most 16");
    json_array_foreach(list, i, item)
    {
        if (reader->failed)
            return;
        at(reader, "regimes[%zu].retire[%zu].", regime, i);
        if (!object_of(reader, item, names))
            return;
        to->band[i].age = whole(reader, item, "age", -1);
        to->band[i].parameter = parameter(reader, item, "parameter");
    }
    to->bands = (int)json_array_size(list);
}

static void
read_regimes(struct reader *reader, json_t *list)
{
    static const char *const names[] = {"code",        "quit",   "expire",         "move",
                                        "expiry_drop", "retire", "retire_unknown", "replace",
                                        "entry_age",   NULL};
    struct project_regime *to = some(reader, json_array_size(list), sizeof(*to));
    json_t *item;
    size_t i;

    reader->to->regime = to;
    json_array_foreach(list, i, item)
    {
        at(reader, "regimes[%zu].", i);
        if (reader->failed || !object_of(reader, item, names))
            return;
        name_one(reader, reader->to->regimes, string(reader, item, "code", NULL), i);
        by_level(reader, item, "quit", to[i].quit, PROJECT_LEVELS);
        by_level(reader, item, "expire", to[i].expire, PROJECT_LEVELS);
        by_level(reader, item, "move", to[i].move, PROJECT_LEVELS - 1);
        to[i].expiry_drop = whole(reader, item, "expiry_drop", PROJECT_LEVELS);
        to[i].retire_unknown = parameter(reader, item, "retire_unknown");
        to[i].replace = parameter(reader, item, "replace");
        to[i].entry_age = whole(reader, item, "entry_age", ENTRY_AGE);
        read_bands(reader, &to[i], array(reader, item, "retire"), i);
    }
    reader->to->input.regime = to;
    reader->to->input.regimes = (int)json_array_size(list);
}

static struct project_stock *
read_stock(struct reader *reader, json_t *list)
{
    struct project_stock *to = some(reader, json_array_size(list), sizeof(*to));
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        char name[NAME_BYTES];
        json_t *cohort = json_array_get(item, 0);

        if (reader->failed)
            break;
        snprintf(name, sizeof(name), "stock[%zu]", i);
        if (json_array_size(item) != STOCK_PARTS) {
            refuse(reader, "malformed", name, "[cohort, level, heads]");
            break;
        }
        to[i].cohort = json_is_null(cohort) ? 0 : whole_value(reader, cohort, name);
        to[i].level = whole_value(reader, json_array_get(item, 1), name);
        to[i].heads = whole_value(reader, json_array_get(item, 2), name);
    }
    return to;
}

static struct project_arrival *
read_arrivals(struct reader *reader, json_t *list, size_t series)
{
    static const char *const names[] = {"kind",        "at",        "level", "cohort", "heads",
                                        "probability", "retention", "lag",   NULL};
    static const char *const kinds[] = {"completion", "return", "hire", "departure", NULL};
    struct project_arrival *to = some(reader, json_array_size(list), sizeof(*to));
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        at(reader, "series[%zu].arrivals[%zu].", series, i);
        if (reader->failed || !object_of(reader, item, names))
            break;
        to[i].kind = (enum project_kind)word(reader, item, "kind", NULL, kinds,
                                             "completion, return, hire or departure");
        to[i].at = number(reader, item, "at", NAN);
        to[i].level = whole(reader, item, "level", 0);
        to[i].cohort = whole(reader, item, "cohort", 0);
        to[i].heads = whole(reader, item, "heads", -1);
        to[i].probability = parameter(reader, item, "probability");
        to[i].retention = parameter(reader, item, "retention");
        to[i].lag = parameter(reader, item, "lag");
    }
    at(reader, "series[%zu].", series);
    return to;
}

/* Fills years between two that are stated, at one level, along a straight line. */
static void
fill_between(struct project_range *demand, int horizon, int level)
{
    int last = -1;

    for (int year = 0; year <= horizon; year++) {
        const struct project_range *to = &demand[year * PROJECT_LEVELS + level];

        if (isnan(to->mode))
            continue;
        for (int between = last + 1; last >= 0 && between < year; between++) {
            const struct project_range *from = &demand[last * PROJECT_LEVELS + level];
            double share = (double)(between - last) / (year - last);

            demand[between * PROJECT_LEVELS + level] = (struct project_range){
                from->low + share * (to->low - from->low),
                from->mode + share * (to->mode - from->mode),
                from->high + share * (to->high - from->high),
            };
        }
        last = year;
    }
}

static struct project_range *
read_demand(struct reader *reader, json_t *list, bool linear)
{
    int horizon = reader->to->input.horizon;
    size_t cells = (size_t)(horizon + 1) * PROJECT_LEVELS, i;
    struct project_range *to = some(reader, cells, sizeof(*to));
    json_t *item;

    for (size_t c = 0; to != NULL && c < cells; c++)
        to[c] = (struct project_range){NAN, NAN, NAN};
    json_array_foreach(list, i, item)
    {
        char name[NAME_BYTES];
        struct project_range range;
        int64_t year;
        int level;

        if (reader->failed)
            break;
        snprintf(name, sizeof(name), "demand[%zu]", i);
        if (json_array_size(item) != DEMAND_PARTS) {
            refuse(reader, "malformed", name, "[year, level, low, mode, high]");
            break;
        }
        year = (int64_t)whole_value(reader, json_array_get(item, 0), name) -
               reader->to->input.start_year;
        level = whole_value(reader, json_array_get(item, 1), name);
        range.low = number_value(reader, json_array_get(item, 2), name);
        range.mode = number_value(reader, json_array_get(item, 3), name);
        range.high = number_value(reader, json_array_get(item, 4), name);
        if (year < 0 || year > horizon)
            refuse(reader, "out_of_range", name, "a year from start_year to the last");
        else if (level < 1 || level > PROJECT_LEVELS)
            refuse(reader, "out_of_range", name, "a level from 1 to 5");
        else if (!reader->failed && !isnan(to[year * PROJECT_LEVELS + level - 1].mode))
            refuse(reader, "not_unique", name, "a year and level once");
        else if (!reader->failed)
            to[year * PROJECT_LEVELS + level - 1] = range;
    }
    for (int level = 0; linear && to != NULL && level < PROJECT_LEVELS; level++)
        fill_between(to, horizon, level);
    return to;
}

static void
read_one_series(struct reader *reader, json_t *item, struct project_series *to, size_t i,
                bool linear)
{
    json_t *known = member(item, "supply_known"), *list, *regime;
    const char *code = string(reader, item, "code", NULL);

    name_one(reader, reader->to->names, code, i);
    to->key = fnv(code);
    regime = json_object_get(reader->to->regimes, string(reader, item, "regime", NULL));
    if (regime == NULL)
        refuse(reader, "unknown", "regime", "the code of a regime");
    to->regime = (int)json_integer_value(regime);
    if (known != NULL && !json_is_boolean(known))
        refuse(reader, "malformed", "supply_known", "true or false");
    to->supply_known = !json_is_false(known);
    to->fte = number(reader, item, "fte", 1);
    list = array(reader, item, "stock");
    to->stocks = json_array_size(list);
    to->stock = read_stock(reader, list);
    list = array(reader, item, "demand");
    to->demand = read_demand(reader, list, linear);
    list = array(reader, item, "arrivals");
    to->arrivals = json_array_size(list);
    to->arrival = read_arrivals(reader, list, i);
}

static void
read_series(struct reader *reader, json_t *list, bool linear)
{
    static const char *const names[] = {
        "code", "about", "regime", "supply_known", "fte", "stock", "arrivals", "demand", NULL};
    struct project_series *to = some(reader, json_array_size(list), sizeof(*to));
    json_t *item;
    size_t i;

    reader->to->series = to;
    reader->to->input.series = to;
    if (to == NULL)
        return;
    json_array_foreach(list, i, item)
    {
        at(reader, "series[%zu].", i);
        if (reader->failed || !object_of(reader, item, names))
            return;
        reader->to->input.count = (int)i + 1; /* so that what was read is freed */
        read_one_series(reader, item, &to[i], i, linear);
    }
}

static void
read_all(struct reader *reader, json_t *root)
{
    static const char *const names[] = {
        "start_year",     "years",      "draws",   "seed",   "shape", "demand_growth",
        "demand_between", "parameters", "regimes", "series", NULL};
    static const char *const shapes[] = {"triangular", "pert", NULL};
    static const char *const between[] = {"stated", "linear", NULL};
    struct project_input *input = &reader->to->input;
    json_t *seed, *parameters, *regimes, *series;
    bool linear;

    if (!object_of(reader, root, names))
        return;
    input->start_year = whole(reader, root, "start_year", 0);
    input->horizon = whole(reader, root, "years", 0);
    input->draws = whole(reader, root, "draws", DRAWS);
    seed = member(root, "seed");
    if (!json_is_integer(seed) || json_integer_value(seed) < 0)
        refuse(reader, "malformed", "seed", "a whole number of 0 or more");
    input->seed = (uint64_t)json_integer_value(seed);
    input->shape =
        (enum project_shape)word(reader, root, "shape", "triangular", shapes, "triangular or pert");
    input->demand_growth = number(reader, root, "demand_growth", 0);
    linear = word(reader, root, "demand_between", "stated", between, "stated or linear") == 1;
    if (input->horizon < 1 || input->horizon > PROJECT_YEARS_MAX)
        refuse(reader, "out_of_range", "years", "1 to 20 years");
    parameters = array(reader, root, "parameters");
    regimes = array(reader, root, "regimes");
    series = array(reader, root, "series");
    if (json_array_size(parameters) > PROJECT_PARAMETERS_MAX)
        refuse(reader, "out_of_range", "parameters", "at most 256");
    if (json_array_size(regimes) > PROJECT_REGIMES_MAX)
        refuse(reader, "out_of_range", "regimes", "at most 256");
    if (json_array_size(series) > PROJECT_SERIES_MAX)
        refuse(reader, "out_of_range", "series", "at most 20000");
    if (!reader->failed)
        read_parameters(reader, parameters);
    if (!reader->failed)
        read_regimes(reader, regimes);
    if (!reader->failed)
        read_series(reader, series, linear);
}

struct project_json *
project_json_read(const char *text, size_t length, struct project_refusal *refusal)
{
    struct project_json *json = calloc(1, sizeof(*json));
    struct reader reader = {.to = json, .refusal = refusal};

    memset(refusal, 0, sizeof(*refusal));
    if (json == NULL) {
        refuse(&reader, "memory", "", "more memory");
        return NULL;
    }
    json->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    json->parameters = json_object();
    json->regimes = json_object();
    json->names = json_object();
    if (json->root == NULL)
        refuse(&reader, "malformed", "", "a JSON text");
    else if (json->parameters == NULL || json->regimes == NULL || json->names == NULL)
        refuse(&reader, "memory", "", "more memory");
    else
        read_all(&reader, json->root);
    if (reader.failed) {
        project_json_free(json);
        return NULL;
    }
    return json;
}

const struct project_input *
project_json_input(const struct project_json *json)
{
    return &json->input;
}

void
project_json_free(struct project_json *json)
{
    if (json == NULL)
        return;
    for (int i = 0; json->series != NULL && i < json->input.count; i++) {
        free((void *)json->series[i].stock);
        free((void *)json->series[i].arrival);
        free((void *)json->series[i].demand);
    }
    free(json->series);
    free(json->regime);
    free(json->parameter);
    json_decref(json->root);
    json_decref(json->parameters);
    json_decref(json->regimes);
    json_decref(json->names);
    free(json);
}
