/* SPDX-License-Identifier: Apache-2.0
 *
 *     population TABLE PEOPLE HOLDINGS WRITERS LAST_YEAR < world
 *
 * writes a table of a population of so many people with so many holdings each as COPY reads it. It is asked once for each table.
 */
#include "population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_BYTES = 1 << 20, SKILLS_OF_CATEGORY = 20 };

static const char *const stages[] = {"student", "postdoc", "early", "mid", "senior", "emeritus", "technician"};

static const char *
evidence_of(const struct holding *holding)
{
    static const char *const others[] = {"training", "badge", "assessment", "experience"};

    return holding->self_declared ? "self_declared" : others[holding->skill % 4];
}

/* id, code, career_stage, birth_cohort, record_key, verified, synthetic */
static void
write_person(const struct world *world, const struct person *person)
{
    (void)world;
    printf("%s\t%ld\t%s\t%d\t%u\t%c\tt\n", person->id, PERSON_CODE_FIRST + person->number, stages[person->stage],
           person->cohort, person->record_key, person->verified ? 't' : 'f');
}

/* person_id, organization_id, fte, valid, synthetic */
static void
write_affiliation(const struct world *world, const struct person *person)
{
    char day[11];

    day_write(person->since, 0, day);
    printf("%s\t%s\t%d.%03d\t[%s,)\tt\n", person->id, world->organizations[person->organization].id, person->fte / 1000,
           person->fte % 1000, day);
}

static void
write_span(const struct holding *holding)
{
    char first[11], end[11] = "";

    day_write(holding->starts, holding->starts_day, first);
    if (holding->ends < MONTHS)
        day_write(holding->ends, 0, end);
    printf("[%s,%s)", first, end);
}

/* id, person_id, skill_id, level, valid, evidence, synthetic */
static void
write_holdings(const struct world *world, const struct person *person)
{
    char id[UUID_SIZE];

    for (int i = 0; i < person->holding_count; i++) {
        const struct holding *holding = &person->holdings[i];

        holding_id(person, i, id);
        printf("%s\t%s\t%s\t%d\t", id, person->id, world->skills[holding->skill].id, holding->level);
        write_span(holding);
        printf("\t%s\tt\n", evidence_of(holding));
    }
}

/* person_id, skill_id, starts, days, level_verified, level */
static void
write_timeline(const struct world *world, const struct person *person)
{
    char first[11];

    for (int i = 0; i < person->holding_count; i++) {
        const struct holding *holding = &person->holdings[i];

        day_write(holding->starts, holding->starts_day, first);
        printf("%s\t%s\t%s\t", person->id, world->skills[holding->skill].id, first);
        write_span(holding);
        if (holding->self_declared)
            printf("\t\\N\t%d\n", holding->level);
        else
            printf("\t%d\t%d\n", holding->level, holding->level);
    }
}

/* person_id, organization_id, starts, months, heads, fte, birth_cohort, record_key, verified */
static void
write_location(const struct world *world, const struct person *person)
{
    char day[11];

    day_write(person->since, 0, day);
    printf("%s\t%s\t%s\t[%s,)\t1\t%d.%03d\t%d\t%u\t%c\n", person->id, world->organizations[person->organization].id, day, day,
           person->fte / 1000, person->fte % 1000, person->cohort, person->record_key, person->verified ? 't' : 'f');
}

/* organization_id, person_id, kept_until */
static void
write_belonging(const struct world *world, const struct person *person)
{
    printf("%s\t%s\tinfinity\n", world->organizations[person->organization].id, person->id);
}

static const struct {
    const char *name;
    void (*write)(const struct world *world, const struct person *person);
} tables[] = {
    {"person", write_person},     {"affiliation", write_affiliation}, {"holding", write_holdings},
    {"timeline", write_timeline}, {"location", write_location},       {"belonging", write_belonging},
};

static int
table_write(const struct world *world, const char *name)
{
    struct person person;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (strcmp(tables[i].name, name) != 0)
            continue;
        for (long number = 0; number < world->people + world->writers; number++) {
            person_draw(world, number, &person);
            tables[i].write(world, &person);
        }
        return 0;
    }
    return supply_write(world, name);
}

int
main(int argc, char **argv)
{
    static struct world world = {.skills_of_category = SKILLS_OF_CATEGORY};
    static char output[OUTPUT_BYTES];

    if (argc == 6) {
        world.people = atol(argv[2]);
        world.holdings = atoi(argv[3]);
        world.writers = atol(argv[4]);
        world.last_year = atoi(argv[5]);
    }
    if (world.holdings < 1 || world.holdings > HOLDINGS_MAX) {
        fprintf(stderr, "population TABLE PEOPLE HOLDINGS WRITERS LAST_YEAR < world, with 1 to %d holdings\n", HOLDINGS_MAX);
        return EXIT_FAILURE;
    }
    setvbuf(stdout, output, _IOFBF, sizeof output);
    if (world_read(&world) != 0 || table_write(&world, argv[1]) != 0 || fflush(stdout) != 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
