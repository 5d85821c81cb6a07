/* SPDX-License-Identifier: Apache-2.0 */
#include "model/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLIONTHS 1e6

struct reading_block {
    struct reading_block *next;
    json_t *json; /* given back with the block, NULL: none */
    max_align_t memory[];
};

static void *
keep(struct reading *reading, size_t bytes, json_t *json)
{
    struct reading_block *block = calloc(1, sizeof(*block) + bytes + 1);

    if (block == NULL) {
        json_decref(json);
        reading->rc = MODEL_MEMORY;
        snprintf(reading->reason, MODEL_REASON_BYTES, "not enough memory");
        return NULL;
    }
    block->json = json;
    block->next = reading->blocks;
    reading->blocks = block;
    return block->memory;
}

int
reading_open(struct reading *reading, const char *text, size_t length, char reason[static MODEL_REASON_BYTES])
{
    json_error_t error;

    *reading = (struct reading){.reason = reason};
    reason[0] = '\0';
    reading->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(reading->root)) {
        reading->rc = MODEL_BAD;
        snprintf(reason, MODEL_REASON_BYTES, "input: must be a JSON object");
    }
    return reading->rc;
}

void
reading_close(struct reading *reading)
{
    while (reading->blocks != NULL) {
        struct reading_block *next = reading->blocks->next;

        json_decref(reading->blocks->json);
        free(reading->blocks);
        reading->blocks = next;
    }
    json_decref(reading->root);
    reading->root = NULL;
}

void
reading_at(struct reading *reading, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reading->path, sizeof(reading->path), format, args);
    va_end(args);
}

void
reading_refuse(struct reading *reading, const char *member, const char *expected)
{
    if (reading->rc != MODEL_OK)
        return;
    reading->rc = MODEL_BAD;
    snprintf(reading->reason, MODEL_REASON_BYTES, "%s%.60s: %.100s", reading->path, member, expected);
}

void *
reading_room(struct reading *reading, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / 2 / size)
        count = SIZE_MAX / 2 / size;
    return keep(reading, (count + 1) * size, NULL);
}

/* A member, NULL where it is absent or null. */
static json_t *
member(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

json_t *
reading_array(struct reading *reading, json_t *object, const char *name)
{
    json_t *value = member(object, name);

    if (value != NULL && !json_is_array(value))
        reading_refuse(reading, name, "must be an array");
    /* What is no array has no elements to jansson. */
    return value;
}

static const char *
code_of(json_t *item)
{
    return json_string_value(json_is_object(item) ? json_object_get(item, "code") : item);
}

struct reading_codes
reading_codes(struct reading *reading, const char *name)
{
    struct reading_codes codes = {.array = reading_array(reading, reading->root, name)};

    codes.place = json_object();
    codes.count = (int)json_array_size(codes.array);
    if (keep(reading, 0, codes.place) == NULL)
        codes.place = NULL;
    for (int i = 0; reading->rc == MODEL_OK && i < codes.count; i++) {
        const char *code = code_of(json_array_get(codes.array, (size_t)i));

        reading_at(reading, "%s[%d].", name, i);
        if (code == NULL)
            reading_refuse(reading, "code", "must be a text");
        else if (json_object_get(codes.place, code) != NULL)
            reading_refuse(reading, "code", "must not be there twice");
        else
            json_object_set_new(codes.place, code, json_integer(i));
    }
    reading_at(reading, "%s", "");
    return codes;
}

json_t *
reading_code_json(const struct reading_codes *codes, int place)
{
    return place < 0 ? json_null() : json_string(code_of(json_array_get(codes->array, (size_t)place)));
}

int
reading_code(struct reading *reading, const struct reading_codes *codes, json_t *object, const char *name, bool needed)
{
    json_t *value = member(object, name), *place = NULL;

    if (value == NULL && !needed)
        return -1;
    place = json_is_string(value) ? json_object_get(codes->place, json_string_value(value)) : NULL;
    if (place == NULL) {
        reading_refuse(reading, name, "must be one of the codes that the input lists");
        return -1;
    }
    return (int)json_integer_value(place);
}

int
reading_whole(struct reading *reading, json_t *object, const char *name, int otherwise)
{
    json_t *value = member(object, name);

    if (value == NULL && otherwise != READING_NEEDED)
        return otherwise;
    if (!json_is_integer(value) || json_integer_value(value) <= INT_MIN || json_integer_value(value) > INT_MAX) {
        reading_refuse(reading, name, "must be a whole number");
        return 0;
    }
    return (int)json_integer_value(value);
}

double
reading_number(struct reading *reading, json_t *object, const char *name, double otherwise)
{
    json_t *value = member(object, name);

    if (value == NULL)
        return otherwise;
    if (!json_is_number(value))
        reading_refuse(reading, name, "must be a number");
    return json_number_value(value);
}

double
reading_number_needed(struct reading *reading, json_t *object, const char *name)
{
    if (member(object, name) == NULL)
        reading_refuse(reading, name, "must be a number");
    return reading_number(reading, object, name, 0);
}

bool
reading_truth(struct reading *reading, json_t *object, const char *name, bool otherwise)
{
    json_t *value = member(object, name);

    if (value == NULL)
        return otherwise;
    if (!json_is_boolean(value))
        reading_refuse(reading, name, "must be true or false");
    return json_is_true(value);
}

void
reading_years(struct reading *reading, json_t *object, const char *name, int years, double otherwise, double out[])
{
    json_t *value = member(object, name);

    if (out == NULL)
        return;
    for (int y = 0; y < years; y++) {
        json_t *item = json_is_array(value) ? json_array_get(value, (size_t)y) : value;

        out[y] = item == NULL || json_is_null(item) ? otherwise : json_number_value(item);
        if (item != NULL && !json_is_null(item) && !json_is_number(item))
            reading_refuse(reading, name, "must be a number, or one for each year");
    }
    if (json_is_array(value) && (int)json_array_size(value) != years)
        reading_refuse(reading, name, "must have one number for each year");
}

int
reading_answer(json_t *document, char **answer)
{
    *answer = document == NULL ? NULL : json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(12));
    json_decref(document);
    return *answer == NULL ? MODEL_MEMORY : MODEL_OK;
}

json_t *
reading_figure(double value)
{
    double rounded = round(value * MILLIONTHS) / MILLIONTHS;

    /* Adding 0 makes a 0 of a -0. */
    return isfinite(value) ? json_real(isfinite(rounded) ? rounded + 0.0 : value) : json_null();
}
