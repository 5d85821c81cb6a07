/* SPDX-License-Identifier: Apache-2.0 */
#include "population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPREAD = 10 }; /* the largest organization has so many times less than a hyperbola would give it */

static int
group_number(char *groups, size_t width, int *count, const char *name)
{
    int i = 0;

    while (i < *count && strcmp(groups + (size_t)i * width, name) != 0)
        i++;
    if (i == GROUPS_MAX)
        return -1;
    if (i == *count)
        snprintf(groups + (size_t)(*count)++ * width, width, "%s", name);
    return i;
}

static int
read_organization(struct world *world, char *rest)
{
    struct organization *organization = &world->organizations[world->organization_count];
    char country[16], kind[32];

    if (world->organization_count == ORGANIZATIONS_MAX ||
        sscanf(rest, "%36s %15s %31s", organization->id, country, kind) != 3)
        return -1;
    organization->country = group_number(world->countries[0], sizeof world->countries[0], &world->country_count, country);
    organization->kind = group_number(world->kinds[0], sizeof world->kinds[0], &world->kind_count, kind);
    world->organization_count++;
    return organization->country < 0 || organization->kind < 0 ? -1 : 0;
}

/* Subjects get numbers when all are known; until then a skill keeps them as they come. */
static int
subject_number(struct world *world, const char *id)
{
    int i = 0;

    while (i < world->subject_count && strcmp(world->subjects[i], id) != 0)
        i++;
    if (i == SUBJECTS_MAX)
        return -1;
    if (i == world->subject_count)
        snprintf(world->subjects[world->subject_count++], UUID_SIZE, "%s", id);
    return i;
}

static int
read_skill(struct world *world, char *rest)
{
    struct skill *skill = &world->skills[world->skill_count];
    char *word = strtok(rest, " \n");

    if (world->skill_count == SUBJECTS_MAX || word == NULL)
        return -1;
    snprintf(skill->id, sizeof skill->id, "%s", word);
    while ((word = strtok(NULL, " \n")) != NULL) {
        if (skill->subject_count == SUBJECTS_OF_SKILL)
            return -1;
        skill->subjects[skill->subject_count] = subject_number(world, word);
        if (skill->subjects[skill->subject_count++] < 0)
            return -1;
    }
    world->skill_count++;
    return 0;
}

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
subjects_sort(struct world *world)
{
    static char as_read[SUBJECTS_MAX][UUID_SIZE];

    memcpy(as_read, world->subjects, sizeof as_read);
    qsort(world->subjects, (size_t)world->subject_count, UUID_SIZE, compare_ids);
    for (int i = 0; i < world->skill_count; i++)
        for (int j = 0; j < world->skills[i].subject_count; j++) {
            const char *found = bsearch(as_read[world->skills[i].subjects[j]], world->subjects,
                                        (size_t)world->subject_count, UUID_SIZE, compare_ids);

            world->skills[i].subjects[j] = (int)((found - world->subjects[0]) / UUID_SIZE);
        }
}

/* The first organizations are the largest: the n-th has people as 1 / (n + SPREAD). */
static void
people_spread(struct world *world)
{
    double total = 0, sum = 0;

    for (int i = 0; i < world->organization_count; i++)
        total += 1.0 / (i + SPREAD);
    for (int i = 0; i < world->organization_count; i++) {
        world->organizations[i].first_person = (long)((double)world->people * sum / total + 0.5);
        sum += 1.0 / (i + SPREAD);
    }
}

int
world_read(struct world *world)
{
    char *line = NULL;
    size_t room = 0;
    int rc = 0;

    while (rc == 0 && getline(&line, &room, stdin) > 0) {
        if (strncmp(line, "organization ", 13) == 0)
            rc = read_organization(world, line + 13);
        else if (strncmp(line, "skill ", 6) == 0)
            rc = read_skill(world, line + 6);
        else
            rc = -1;
        if (rc != 0)
            fprintf(stderr, "population: cannot take %s", line);
    }
    free(line);
    if (rc != 0 || world->organization_count == 0 || world->skill_count < HOLDINGS_MAX)
        return -1;
    subjects_sort(world);
    people_spread(world);
    return 0;
}
