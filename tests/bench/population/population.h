/* SPDX-License-Identifier: Apache-2.0
 *
 * A made-up population of any size, always the same: who is where, who can do what, and the supply that follows from it
 * by the rules of sql/schema/0004_supply.sql and 0009_publish.sql. People are drawn one by one from their number, so that
 * each table can be written by a process of its own.
 *
 * What is simple about it makes the rules computable here: one affiliation a person, without an end; one holding a person
 * and skill; no exchanges.
 */
#ifndef POPULATION_H
#define POPULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIRST_YEAR = 2016,
    MONTHS = 192,         /* from January of the first year: starts, and ends that are still to come */
    HALF_YEARS = 20,      /* in which affiliations and holdings start: April and October, from April 2016 on */
    HOLDINGS_MAX = 10,    /* a person */
    SUBJECTS_OF_SKILL = 6,
    SUBJECTS_MAX = 4096,
    CATEGORIES_OF_ORGANIZATION = 6,
    LEVELS = 5,
    COHORTS = 8,
    COHORT_FIRST = 1960,
    COHORT_YEARS = 5,
    ORGANIZATIONS_MAX = 1024,
    GROUPS_MAX = 32,
    UUID_SIZE = 37,
    PERSON_CODE_FIRST = 2000001,
};

struct organization {
    char id[UUID_SIZE];
    int country, kind; /* numbers of groups */
    long first_person; /* its people are these numbers, up to the next one's first */
};

struct skill {
    char id[UUID_SIZE];
    int subjects[SUBJECTS_OF_SKILL];
    int subject_count;
};

/* Which organizations and skills there are, as the database has them. */
struct world {
    struct organization organizations[ORGANIZATIONS_MAX];
    int organization_count;
    struct skill skills[SUBJECTS_MAX];
    int skill_count, skills_of_category;
    char subjects[SUBJECTS_MAX][UUID_SIZE]; /* in the order of their identifiers */
    int subject_count;
    char countries[GROUPS_MAX][16], kinds[GROUPS_MAX][32];
    int country_count, kind_count;
    int holdings; /* of a person, up to HOLDINGS_MAX */
    long people;  /* who hold skills */
    long writers; /* further people, who hold none yet */
    int last_year; /* the last with opening balances */
};

struct holding {
    int skill;
    int level;
    bool self_declared;
    int starts, ends;   /* the first month in which it counts, and the first in which it does not; MONTHS for no end */
    int starts_day;     /* days of the month before it on which it began, 0 for the first itself */
};

struct person {
    long number;
    char id[UUID_SIZE];
    int organization;
    bool verified;
    int cohort;
    uint32_t record_key;
    int stage;
    int fte; /* in thousandths */
    int since; /* the month of the affiliation */
    struct holding holdings[HOLDINGS_MAX];
    int holding_count;
    uint64_t draw; /* state of the random numbers */
};

/* Reads the world from standard input: lines "organization ID COUNTRY KIND" and "skill ID SUBJECT…", in order. Returns 0,
 * or -1 with a sentence on standard error. */
int world_read(struct world *world);

/* Draws the person of this number, from 0 on. */
void person_draw(const struct world *world, long number, struct person *person);

/* The identifier of the holding of this number. */
void holding_id(const struct person *person, int number, char id[UUID_SIZE]);

/* The day, as 2016-04-01, so many days before the first of a month. */
void day_write(int month, int days_before, char day[11]);

/* Writes one of the tables supply_balance, supply_rollup, supply_opening. Returns 0, or -1 where it is none of these or
 * memory runs out. */
int supply_write(const struct world *world, const char *table);

#endif
