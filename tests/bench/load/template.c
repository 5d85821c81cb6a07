/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PARTS_MAX = 64,
    NUMBER_ROOM = 20, /* digits of 2^64 */
    UUID_ROOM = 36,
};

enum part_kind { PART_TEXT, PART_RANGE, PART_ID, PART_UUID7 };

struct part {
    enum part_kind kind;
    size_t range;
    const char *text;
    size_t size;
};

struct template {
    char *text;
    struct part parts[PARTS_MAX];
    size_t count;
};

/* splitmix64 (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators). */
uint64_t
random_bits(void)
{
    static uint64_t state = 20240409;
    uint64_t z = state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int
ranges_add(struct ranges *ranges, const char *text)
{
    struct range *range = &ranges->rows[ranges->count];

    if (ranges->count == RANGES_MAX ||
        sscanf(text, "%31[a-z_]=%" SCNu64 ":%" SCNu64, range->name, &range->first, &range->last) != 3 ||
        range->last < range->first)
        return -1;
    ranges->count++;
    return 0;
}

void
ranges_draw(const struct ranges *ranges, struct draw *draw)
{
    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *range = &ranges->rows[i];

        draw->values[i] = range->first + random_bits() % (range->last - range->first + 1);
    }
}

static int
part_read(struct part *part, const char *name, size_t size, const struct ranges *ranges)
{
    if (size == 2 && memcmp(name, "id", 2) == 0) {
        part->kind = PART_ID;
        return 0;
    }
    if (size == 5 && memcmp(name, "uuid7", 5) == 0) {
        part->kind = PART_UUID7;
        return 0;
    }
    part->kind = PART_RANGE;
    for (part->range = 0; part->range < ranges->count; part->range++) {
        const char *known = ranges->rows[part->range].name;

        if (strlen(known) == size && memcmp(known, name, size) == 0)
            return 0;
    }
    fprintf(stderr, "load: there is no range %.*s\n", (int)size, name);
    return -1;
}

struct template *
template_new(const char *text, const struct ranges *ranges)
{
    struct template *template = calloc(1, sizeof *template);
    const char *at;

    if (template == NULL || (template->text = strdup(text)) == NULL)
        goto fail;
    at = template->text;
    while (*at != '\0') {
        const char *place = strstr(at, "%{"), *end = place != NULL ? strchr(place, '}') : NULL;
        struct part *part = &template->parts[template->count];

        if (template->count + 2 > PARTS_MAX)
            goto fail;
        *part = (struct part){.kind = PART_TEXT, .text = at,
                              .size = end != NULL ? (size_t)(place - at) : strlen(at)};
        template->count += part->size > 0;
        at += part->size;
        if (end == NULL)
            break;
        part = &template->parts[template->count++];
        if (part_read(part, place + 2, (size_t)(end - place) - 2, ranges) != 0)
            goto fail;
        at = end + 1;
    }
    return template;
fail:
    template_free(template);
    return NULL;
}

size_t
template_room(const struct template *template)
{
    return strlen(template->text) + template->count * (UUID_ROOM + 1) + 1;
}

static size_t
write_number(char *at, uint64_t number)
{
    char digits[NUMBER_ROOM];
    size_t size = 0;

    do
        digits[size++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    for (size_t i = 0; i < size; i++)
        at[i] = digits[size - 1 - i];
    return size;
}

static size_t
write_uuid7(char *at)
{
    uint64_t high = random_bits(), low = random_bits();
    char text[UUID_ROOM + 1];
    struct timespec now;
    uint64_t ms;

    clock_gettime(CLOCK_REALTIME, &now);
    ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    snprintf(text, sizeof text, "%08" PRIx64 "-%04" PRIx64 "-7%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
             ms >> 16 & 0xffffffffu, ms & 0xffffu, high & 0xfffu, (low >> 48 & 0x3fffu) | 0x8000u,
             low & 0xffffffffffffu);
    memcpy(at, text, UUID_ROOM);
    return UUID_ROOM;
}

size_t
template_write(const struct template *template, const struct draw *draw, char *at, size_t size)
{
    const char *start = at;

    if (size < template_room(template))
        return 0;
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];

        switch (part->kind) {
        case PART_TEXT:
            memcpy(at, part->text, part->size);
            at += part->size;
            break;
        case PART_RANGE:
            at += write_number(at, draw->values[part->range]);
            break;
        case PART_ID:
            at += write_number(at, draw->id);
            break;
        case PART_UUID7:
            at += write_uuid7(at);
            break;
        }
    }
    return (size_t)(at - start);
}

void
template_free(struct template *template)
{
    if (template == NULL)
        return;
    free(template->text);
    free(template);
}
