/* SPDX-License-Identifier: Apache-2.0
 *
 * The movements that follow from each person, as derive.movements computes them: a person counts in a subject at the
 * highest level that is valid, so a change of that level takes one from the old and gives one to the new. What
 * self-declared holdings add is all that counts with them less what counts without; 'assured' repeats what is verified of
 * people whose record is verified.
 */
#include "population.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of their names, which is the order of the index. */
enum evidence { ASSURED, DECLARED, VERIFIED, EVIDENCES };
static const char *const evidence_names[EVIDENCES] = {"assured", "declared", "verified"};

struct amount {
    int64_t heads, fte, keys;
};

struct movement {
    uint64_t place; /* subject, evidence, level, cohort, month: their order */
    struct amount amount;
};

struct movements {
    struct movement *rows;
    size_t count, room;
};

struct sums {
    struct amount *cells; /* by group, subject, evidence, level, month */
};

/* What one person gives to one subject. */
struct gift {
    const struct person *person;
    struct movements *to;
    int subject, cohort;
};

static uint64_t
place_of(int subject, int evidence, int level, int cohort, int month)
{
    return (uint64_t)subject << 32 | (uint64_t)evidence << 24 | (uint64_t)level << 16 | (uint64_t)cohort << 8 |
           (uint64_t)month;
}

static int
movement_add(const struct gift *gift, enum evidence evidence, int level, int month, int sign)
{
    struct movements *to = gift->to;

    if (to->count == to->room) {
        size_t room = to->room > 0 ? to->room * 2 : 1 << 16;
        struct movement *rows = realloc(to->rows, room * sizeof *rows);

        if (rows == NULL)
            return -1;
        to->rows = rows;
        to->room = room;
    }
    to->rows[to->count++] = (struct movement){
        .place = place_of(gift->subject, evidence, level, gift->cohort, month),
        .amount = {.heads = sign, .fte = sign * gift->person->fte, .keys = sign * (int64_t)gift->person->record_key}};
    return 0;
}

static bool
counts_towards(const struct world *world, const struct holding *holding, int subject)
{
    const struct skill *skill = &world->skills[holding->skill];

    for (int i = 0; i < skill->subject_count; i++)
        if (skill->subjects[i] == subject)
            return true;
    return false;
}

static int
level_in(const struct holding *const *held, int count, int month, bool declared)
{
    int level = 0;

    for (int i = 0; i < count; i++)
        if (held[i]->starts <= month && month < held[i]->ends && (declared || !held[i]->self_declared) &&
            held[i]->level > level)
            level = held[i]->level;
    return level;
}

static int
change_add(const struct gift *gift, enum evidence evidence, int was, int is, int month, int sign)
{
    if (was == is)
        return 0;
    if (was > 0 && movement_add(gift, evidence, was, month, -sign) != 0)
        return -1;
    return is > 0 ? movement_add(gift, evidence, is, month, sign) : 0;
}

static int
compare_months(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int
subject_follow(const struct world *world, const struct gift *gift)
{
    const struct person *person = gift->person;
    const struct holding *held[HOLDINGS_MAX];
    int count = 0, edges[2 * HOLDINGS_MAX], edge_count = 0, verified = 0, any = 0;
    bool twice = false;

    for (int i = 0; i < person->holding_count; i++) {
        const struct holding *holding = &person->holdings[i];

        if (!counts_towards(world, holding, gift->subject))
            continue;
        held[count++] = holding;
        twice = twice || holding->self_declared;
        edges[edge_count++] = holding->starts;
        if (holding->ends < MONTHS)
            edges[edge_count++] = holding->ends;
    }
    qsort(edges, (size_t)edge_count, sizeof edges[0], compare_months);
    for (int i = 0; i < edge_count; i++) {
        int month = edges[i], verified_then = level_in(held, count, month, false);
        int any_then = level_in(held, count, month, true);

        if (change_add(gift, VERIFIED, verified, verified_then, month, 1) != 0 ||
            (person->verified && change_add(gift, ASSURED, verified, verified_then, month, 1) != 0) ||
            (twice && (change_add(gift, DECLARED, any, any_then, month, 1) != 0 ||
                       change_add(gift, DECLARED, verified, verified_then, month, -1) != 0)))
            return -1;
        verified = verified_then;
        any = any_then;
    }
    return 0;
}

static int
person_follow(const struct world *world, const struct person *person, struct movements *to)
{
    struct gift gift = {.person = person, .to = to, .cohort = (person->cohort - COHORT_FIRST) / COHORT_YEARS};
    int seen[HOLDINGS_MAX * SUBJECTS_OF_SKILL], seen_count = 0;

    for (int i = 0; i < person->holding_count; i++) {
        const struct skill *skill = &world->skills[person->holdings[i].skill];

        for (int j = 0; j < skill->subject_count; j++) {
            bool known = false;

            gift.subject = skill->subjects[j];
            for (int k = 0; k < seen_count; k++)
                known = known || seen[k] == gift.subject;
            if (known)
                continue;
            seen[seen_count++] = gift.subject;
            if (subject_follow(world, &gift) != 0)
                return -1;
        }
    }
    return 0;
}

static int
compare_movements(const void *a, const void *b)
{
    const struct movement *x = a, *y = b;

    return (x->place > y->place) - (x->place < y->place);
}

static void
amount_add(struct amount *to, const struct amount *more)
{
    to->heads += more->heads;
    to->fte += more->fte;
    to->keys += more->keys;
}

static bool
amount_is_zero(const struct amount *amount)
{
    return amount->heads == 0 && amount->fte == 0 && amount->keys == 0;
}

static void
movements_sum(struct movements *movements)
{
    size_t kept = 0;

    qsort(movements->rows, movements->count, sizeof *movements->rows, compare_movements);
    for (size_t i = 0; i < movements->count; i++) {
        if (kept > 0 && movements->rows[kept - 1].place == movements->rows[i].place)
            amount_add(&movements->rows[kept - 1].amount, &movements->rows[i].amount);
        else
            movements->rows[kept++] = movements->rows[i];
    }
    movements->count = kept;
}

/* All that the people of an organization give, summed. */
static int
organization_follow(const struct world *world, int organization, struct movements *movements)
{
    long end = organization + 1 < world->organization_count ? world->organizations[organization + 1].first_person
                                                             : world->people;
    struct person person;

    movements->count = 0;
    for (long number = world->organizations[organization].first_person; number < end; number++) {
        person_draw(world, number, &person);
        if (person_follow(world, &person, movements) != 0)
            return -1;
    }
    movements_sum(movements);
    return 0;
}

static void
write_amount(const struct amount *amount)
{
    int64_t fte = amount->fte < 0 ? -amount->fte : amount->fte;

    printf("%" PRId64 "\t%s%" PRId64 ".%03" PRId64 "\t%" PRId64 "\n", amount->heads, amount->fte < 0 ? "-" : "", fte / 1000,
           fte % 1000, amount->keys);
}

/* organization_id, subject_id, evidence, level, birth_cohort, month, heads, fte, keys */
static void
write_balance(const struct world *world, int organization, const struct movements *movements)
{
    char day[11];

    for (size_t i = 0; i < movements->count; i++) {
        uint64_t place = movements->rows[i].place;

        if (amount_is_zero(&movements->rows[i].amount))
            continue;
        day_write((int)(place & 0xff), 0, day);
        printf("%s\t%s\t%s\t%d\t%d\t%s\t", world->organizations[organization].id, world->subjects[place >> 32],
               evidence_names[place >> 24 & 0xff], (int)(place >> 16 & 0xff),
               COHORT_FIRST + COHORT_YEARS * (int)(place >> 8 & 0xff), day);
        write_amount(&movements->rows[i].amount);
    }
}

static struct amount *
cell_of(const struct world *world, const struct sums *sums, int group, uint64_t place, int month)
{
    size_t subject = place >> 32, evidence = place >> 24 & 0xff, level = place >> 16 & 0xff;

    return &sums->cells[((((size_t)group * (size_t)world->subject_count + subject) * EVIDENCES + evidence) * LEVELS + level - 1) *
                            MONTHS + (size_t)month];
}

/* What is written of one cell over all its months: the movements themselves, or what had come before each year. */
static void
write_cell(const struct world *world, const char *grouping, const char *group, const struct amount *months, int subject,
           int evidence, int level, bool opening)
{
    struct amount balance = {0};
    bool begun = false;
    char day[11];

    for (int month = 0; month < MONTHS; month++) {
        if (opening && month % 12 == 0 && begun && FIRST_YEAR + month / 12 <= world->last_year) {
            printf("%s\t%s\t%d\t%s\t%s\t%d\t", grouping, group, FIRST_YEAR + month / 12, world->subjects[subject],
                   evidence_names[evidence], level);
            write_amount(&balance);
        }
        if (amount_is_zero(&months[month]))
            continue;
        begun = true;
        amount_add(&balance, &months[month]);
        if (!opening) {
            day_write(month, 0, day);
            printf("%s\t%s\t%s\t%s\t%s\t%d\t", grouping, group, day, world->subjects[subject], evidence_names[evidence], level);
            write_amount(&months[month]);
        }
    }
}

static void
write_sums(const struct world *world, const struct sums *sums, const char *grouping, int group, const char *name,
           bool opening)
{
    for (int subject = 0; subject < world->subject_count; subject++)
        for (int evidence = 0; evidence < EVIDENCES; evidence++)
            for (int level = 1; level <= LEVELS; level++)
                write_cell(world, grouping, name, cell_of(world, sums, group, place_of(subject, evidence, level, 0, 0), 0),
                           subject, evidence, level, opening);
}

int
supply_write(const struct world *world, const char *table)
{
    bool balance = strcmp(table, "supply_balance") == 0, opening = strcmp(table, "supply_opening") == 0;
    size_t cells = (size_t)world->subject_count * EVIDENCES * LEVELS * MONTHS;
    struct sums countries = {.cells = calloc(cells * (size_t)world->country_count, sizeof(struct amount))};
    struct sums kinds = {.cells = calloc(cells * (size_t)world->kind_count, sizeof(struct amount))};
    struct movements movements = {0};
    int rc = countries.cells != NULL && kinds.cells != NULL ? 0 : -1;

    if (!balance && !opening && strcmp(table, "supply_rollup") != 0)
        rc = -1;
    for (int i = 0; rc == 0 && i < world->organization_count; i++) {
        const struct organization *organization = &world->organizations[i];

        rc = organization_follow(world, i, &movements);
        if (balance)
            write_balance(world, i, &movements);
        for (size_t j = 0; j < movements.count && !balance; j++) {
            const struct movement *row = &movements.rows[j];
            int month = (int)(row->place & 0xff);

            amount_add(cell_of(world, &countries, organization->country, row->place, month), &row->amount);
            amount_add(cell_of(world, &kinds, organization->kind, row->place, month), &row->amount);
        }
    }
    for (int i = 0; rc == 0 && !balance && i < world->country_count; i++)
        write_sums(world, &countries, "country", i, world->countries[i], opening);
    for (int i = 0; rc == 0 && !balance && i < world->kind_count; i++)
        write_sums(world, &kinds, "kind", i, world->kinds[i], opening);
    free(movements.rows);
    free(countries.cells);
    free(kinds.cells);
    return rc;
}
