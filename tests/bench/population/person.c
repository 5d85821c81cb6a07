/* SPDX-License-Identifier: Apache-2.0 */
#include "population.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    VERIFIED_PERCENT = 70,
    SELF_DECLARED_PERCENT = 15,
    EXPIRING_PERCENT = 30,
    PART_TIME_PERCENT = 10,
    HALF_YEARS_AFTER = 5,          /* within so many half-years of their affiliation people gain their skills */
    APRIL = 3,
    MONTHS_A_HALF_YEAR = 6,
    STAGES = 7,
};

/* splitmix64 (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators). */
static uint64_t
draw_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int
draw(struct person *person, int below)
{
    return (int)(draw_bits(&person->draw) % (uint64_t)below);
}

static bool
draw_percent(struct person *person, int percent)
{
    return draw(person, 100) < percent;
}

/* UUIDs of version 7 (RFC 9562) in the order of the numbers, as they would have been recorded one after the other. */
static void
write_id(char id[UUID_SIZE], int kind, uint64_t number)
{
    uint64_t ms = UINT64_C(1451606400000) + number / 16;

    snprintf(id, UUID_SIZE, "%08" PRIx64 "-%04" PRIx64 "-7%03x-8%03x-%012" PRIx64, ms >> 16 & 0xffffffffu, ms & 0xffffu, (unsigned)kind & 0xfffu,
             (unsigned)(number % 16), number * 0x9e3779b97f4a7c15u >> 16);
}

void
holding_id(const struct person *person, int number, char id[UUID_SIZE])
{
    write_id(id, 2, (uint64_t)person->number * HOLDINGS_MAX + (uint64_t)number);
}

static int
month_of(int half_year)
{
    return APRIL + half_year * MONTHS_A_HALF_YEAR;
}

void
day_write(int month, int days_before, char day[11])
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = FIRST_YEAR + month / 12, of_year = month % 12 + 1, of_month = 1;

    if (days_before > 0) {
        of_year = of_year == 1 ? 12 : of_year - 1;
        year -= of_year == 12;
        of_month = lengths[of_year - 1] + 1 - days_before; /* a leap day is nobody's first */
    }
    snprintf(day, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)of_year % 100, (unsigned)of_month % 100);
}

static int
organization_of(const struct world *world, long number)
{
    int low = 0, high = world->organization_count;

    if (number >= world->people)
        return (int)(number % world->organization_count);
    while (high - low > 1) {
        int middle = (low + high) / 2;

        if (world->organizations[middle].first_person <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Each organization has its categories, and its people skills of these. */
static int
draw_skill(const struct world *world, struct person *person)
{
    int categories = world->skill_count / world->skills_of_category;
    int category = (person->organization * 7 + draw(person, CATEGORIES_OF_ORGANIZATION)) % categories;

    return category * world->skills_of_category + draw(person, world->skills_of_category);
}

static bool
has_skill(const struct person *person, int skill)
{
    for (int i = 0; i < person->holding_count; i++)
        if (person->holdings[i].skill == skill)
            return true;
    return false;
}

static void
draw_holding(const struct world *world, struct person *person, int since)
{
    static const int levels[] = {1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 5};
    struct holding *holding = &person->holdings[person->holding_count];
    int half_year = since + draw(person, HALF_YEARS_AFTER);

    do
        holding->skill = draw_skill(world, person);
    while (has_skill(person, holding->skill));
    holding->level = levels[draw(person, sizeof levels / sizeof levels[0])];
    holding->self_declared = draw_percent(person, SELF_DECLARED_PERCENT);
    if (half_year >= HALF_YEARS)
        half_year = HALF_YEARS - 1;
    holding->starts = month_of(half_year);
    holding->starts_day = draw(person, 28);
    holding->ends = MONTHS;
    if (draw_percent(person, EXPIRING_PERCENT))
        holding->ends = holding->starts + (draw(person, 2) == 0 ? 36 : 60);
    person->holding_count++;
}

void
person_draw(const struct world *world, long number, struct person *person)
{
    int since;

    memset(person, 0, sizeof *person);
    person->number = number;
    person->draw = UINT64_C(20240409) + (uint64_t)number * UINT64_C(0x632be59bd9b4e019);
    write_id(person->id, 1, (uint64_t)number);
    person->organization = organization_of(world, number);
    person->verified = draw_percent(person, VERIFIED_PERCENT);
    person->cohort = COHORT_FIRST + COHORT_YEARS * draw(person, COHORTS);
    person->record_key = (uint32_t)draw_bits(&person->draw);
    person->stage = draw(person, STAGES);
    person->fte = draw_percent(person, PART_TIME_PERCENT) ? 500 : 1000;
    since = draw(person, HALF_YEARS);
    person->since = month_of(since);
    while (number < world->people && person->holding_count < world->holdings)
        draw_holding(world, person, since);
}
