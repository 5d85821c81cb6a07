/* SPDX-License-Identifier: Apache-2.0
 *
 * People, where they work, and what they can do.
 */
#include "day.h"
#include "line.h"
#include "sample.h"

static const char *const stage_names[STAGES] = {
    [STUDENT] = "student", [POSTDOC] = "postdoc",   [EARLY] = "early",           [MID] = "mid",
    [SENIOR] = "senior",   [EMERITUS] = "emeritus", [TECHNICIAN] = "technician",
};

enum { UNVERIFIED_EVERY = 12 }; /* one person in so many is not */

static const int stage_weights[][STAGES] = {
    [UNIVERSITY] = {300, 130, 150, 190, 150, 40, 40},
    [LABORATORY] = {50, 110, 210, 260, 190, 20, 160},
    [COMPANY] = {10, 20, 330, 300, 120, 0, 220},
    [AGENCY] = {0, 0, 300, 450, 250, 0, 0},
};

/* First and last cohort of a stage: the first birth years of five. */
static const int cohorts[STAGES][2] = {
    [STUDENT] = {1995, 2000},    [POSTDOC] = {1990, 1995}, [EARLY] = {1985, 1995},
    [MID] = {1970, 1985},        [SENIOR] = {1960, 1970},  [EMERITUS] = {1945, 1955},
    [TECHNICIAN] = {1960, 2000},
};

/* How often a holding of the primary category is at level 1 to 5. */
static const int level_weights[STAGES][5] = {
    [STUDENT] = {40, 50, 10, 0, 0},    [POSTDOC] = {0, 45, 45, 10, 0},
    [EARLY] = {10, 45, 40, 5, 0},      [MID] = {0, 15, 50, 33, 2},
    [SENIOR] = {0, 0, 25, 55, 20},     [EMERITUS] = {0, 0, 20, 50, 30},
    [TECHNICIAN] = {10, 40, 42, 8, 0},
};

static const int holding_counts[STAGES][2] = {
    [STUDENT] = {3, 6}, [POSTDOC] = {4, 7},  [EARLY] = {4, 8},      [MID] = {5, 10},
    [SENIOR] = {6, 10}, [EMERITUS] = {5, 9}, [TECHNICIAN] = {4, 7},
};

enum evidence { TRAINING, BADGE, ASSESSMENT, EXPERIENCE, SELF_DECLARED, EVIDENCES };

static const char *const evidence_names[EVIDENCES] = {
    "training", "badge", "assessment", "experience", "self_declared",
};
static const char *const evidence_confidence[EVIDENCES] = {"medium", "high", "high", "medium",
                                                           "low"};
static const int evidence_weights[EVIDENCES] = {200, 80, 220, 350, 150};

enum { LEVEL_COUNTED = 3, BADGE_YEARS = 3, LICENCE_YEARS = 5 };

const char *
person_code(int number, char text[CODE_TEXT])
{
    snprintf(text, CODE_TEXT, "PS-%06d", number + 1);
    return text;
}

/* The first of a month in the year: of April more often in Japan, of September in the United
 * States. */
static int
usual_start(struct random *random, enum country_id country, int year)
{
    int usual = country == JP ? 4 : 9;

    return day_of(year, random_chance(random, 600) ? usual : random_between(random, 1, 12), 1);
}

static enum category_id
category_any(struct random *random, bool technicians)
{
    enum category_id category;

    do
        category = (enum category_id)random_below(random, CATEGORIES);
    while (technicians && (categories[category].flags & TECHNICIANS) == 0);
    return category;
}

static enum category_id
category_of_focus(struct random *random, const struct organization *organization, bool technicians)
{
    enum category_id category =
        organization->focus[random_below(random, organization->focus_count)];

    if (technicians && (categories[category].flags & TECHNICIANS) == 0)
        return category_any(random, true);
    return category;
}

static void
person_make(struct sample *sample, struct person *person)
{
    struct random *random = &sample->random;
    bool technician;
    int career_from;

    person->home = organization_draw(random);
    person->stage = (enum stage)random_weighted(random, stage_weights[person->home->kind], STAGES);
    technician = person->stage == TECHNICIAN;
    person->primary = category_of_focus(random, person->home, technician);
    person->secondary = random_chance(random, 650)
                            ? category_of_focus(random, person->home, technician)
                            : category_any(random, technician);
    if (person->stage == MID && (categories[person->primary].flags & AGING) != 0 &&
        random_chance(random, 450))
        person->stage = SENIOR;
    person->cohort =
        random_between(random, cohorts[person->stage][0] / 5, cohorts[person->stage][1] / 5) * 5;
    career_from = person->cohort + 2 + (technician ? 20 : 24);
    if (career_from > sample->year - 1)
        career_from = sample->year - 1;
    if (career_from < 1990)
        career_from = 1990;
    person->began = usual_start(random, person->home->country, career_from);
    person->since = person->began;
    person->fte = person->stage == STUDENT || person->stage == EMERITUS ? 5 : 10;
    if (person->fte == 10 && random_chance(random, 50))
        person->fte = random_chance(random, 500) ? 5 : 8;
    person->here = !random_chance(random, 25);
}

static void
person_write(FILE *out, const struct person *person, int number)
{
    struct line line;
    char code[CODE_TEXT];

    line_begin(&line, out, "person.create");
    line_text(&line, "code", person_code(number, code));
    line_text(&line, "career_stage", stage_names[person->stage]);
    line_number(&line, "birth_cohort", person->cohort);
    /* Some records are still to be looked through; releases do without them. */
    line_flag(&line, "verified", number % UNVERIFIED_EVERY != 0);
    line_end_synthetic(&line);
}

static void
affiliation_write(FILE *out, int number, const struct organization *where, int fte, int starts,
                  int ends)
{
    struct line line;
    char code[CODE_TEXT];

    line_begin(&line, out, "affiliation.create");
    line_text(&line, "person", person_code(number, code));
    line_text(&line, "organization", where->code);
    line_tenths(&line, "fte", fte);
    line_day(&line, "starts", starts);
    if (ends != 0)
        line_day(&line, "ends", ends);
    line_end_synthetic(&line);
}

static const struct organization *
organization_other(struct random *random, const struct organization *than)
{
    const struct organization *other;
    bool abroad = random_chance(random, 80);

    do
        other = organization_draw(random);
    while (other == than || (other->country != than->country) != abroad);
    return other;
}

/* One affiliation for most, two in a row for who changed, two at once for who works in two places.
 */
static void
affiliations_make(struct sample *sample, FILE *out, struct person *person, int number)
{
    struct random *random = &sample->random;
    int year = day_year(person->began);
    int ends = 0;

    if (!person->here)
        ends = day_of(random_between(random, sample->year - 2, sample->year - 1), 4, 1) - 1;
    if (ends != 0 && ends <= person->began) {
        ends = 0;
        person->here = true;
    }
    if (year < sample->year - 6 && random_chance(random, 120)) {
        int moved = usual_start(random, person->home->country,
                                random_between(random, year + 2, sample->year - 3));
        const struct organization *before = organization_other(random, person->home);

        affiliation_write(out, number, before, 10, person->began, moved - 1);
        affiliation_write(out, number, person->home, person->fte, moved, ends);
        person->since = moved;
        return;
    }
    if (person->here && person->fte == 10 && person->stage != POSTDOC &&
        random_chance(random, 60)) {
        static const int second_ftes[] = {2, 4, 5};
        int second = second_ftes[random_below(random, 3)];
        int from = usual_start(random, person->home->country,
                               random_between(random, year, sample->year - 1));

        if (from > person->began)
            affiliation_write(out, number, person->home, 10, person->began, from - 1);
        else
            from = person->began;
        person->fte = 10 - second;
        person->since = from;
        affiliation_write(out, number, person->home, person->fte, from, 0);
        affiliation_write(out, number, organization_other(random, person->home), second, from, 0);
        return;
    }
    affiliation_write(out, number, person->home, person->fte, person->began, ends);
}

static bool
is_licence(enum category_id category, int skill)
{
    return (category == TRI && skill == 0) || (category == SAF && skill == 3) ||
           (category == FAB && skill == 2) || (category == PWR && skill == 4);
}

struct holding {
    enum category_id category;
    int skill, level, starts, ends;
    enum evidence evidence;
};

static void
holding_write(FILE *out, const struct person *person, int number, const struct holding *holding)
{
    struct line line;
    char code[CODE_TEXT], skill[SKILL_CODE];

    line_begin(&line, out, "holding.create");
    line_text(&line, "person", person_code(number, code));
    line_text(&line, "skill", skill_code(holding->category, holding->skill, skill));
    line_number(&line, "level", holding->level);
    line_day(&line, "starts", holding->starts);
    if (holding->ends != 0)
        line_day(&line, "ends", holding->ends);
    line_text(&line, "evidence", evidence_names[holding->evidence]);
    line_text(&line, "confidence", evidence_confidence[holding->evidence]);
    if (holding->evidence == ASSESSMENT || holding->evidence == BADGE)
        line_text(&line, "assessor", person->home->code);
    line_end_synthetic(&line);
}

/* Evidence of the skill, and for some an earlier one a level below: what a career looks like on
 * record. */
static void
holding_make(struct sample *sample, FILE *out, struct person *person, int number,
             struct holding *holding)
{
    struct random *random = &sample->random;
    int days = sample->today - person->began;

    holding->evidence = (enum evidence)random_weighted(random, evidence_weights, EVIDENCES);
    holding->starts = person->began + random_below(random, days > 60 ? days - 30 : 30);
    if (holding->level > 1 && holding->starts - person->began > 800 && random_chance(random, 300)) {
        struct holding before = *holding;

        before.level--;
        before.starts = person->began + random_below(random, holding->starts - person->began - 400);
        before.evidence = EXPERIENCE;
        holding_write(out, person, number, &before);
    }
    if (holding->evidence == BADGE)
        holding->ends = holding->starts + BADGE_YEARS * 365;
    else if (is_licence(holding->category, holding->skill) && holding->evidence != SELF_DECLARED)
        holding->ends = holding->starts + LICENCE_YEARS * 365;
    holding_write(out, person, number, holding);
}

static void
holdings_make(struct sample *sample, FILE *out, struct person *person, int number)
{
    struct random *random = &sample->random;
    bool held[CATEGORIES][SKILLS_MAX] = {{false}};
    int best[CATEGORIES] = {0};
    int count =
        random_between(random, holding_counts[person->stage][0], holding_counts[person->stage][1]);
    int i, c;

    for (i = 0; i < count; i++) {
        int drawn = random_below(random, 100);
        struct holding holding = {0};

        holding.category = drawn < 60   ? person->primary
                           : drawn < 85 ? person->secondary
                                        : category_any(random, person->stage == TECHNICIAN);
        holding.skill = random_below(random, categories[holding.category].skills);
        if (held[holding.category][holding.skill])
            continue;
        held[holding.category][holding.skill] = true;
        holding.level = 1 + (int)random_weighted(random, level_weights[person->stage], 5);
        if (holding.category != person->primary && holding.level > 1)
            holding.level -= random_chance(random, 700);
        holding_make(sample, out, person, number, &holding);
        if (holding.evidence != SELF_DECLARED &&
            (holding.ends == 0 || holding.ends >= sample->today) &&
            holding.level > best[holding.category])
            best[holding.category] = holding.level;
    }
    for (c = 0; c < CATEGORIES; c++) {
        if (person->here && best[c] >= LEVEL_COUNTED)
            sample->supply[person->home->country][c] += person->fte;
    }
}

int
people_make(struct sample *sample)
{
    static const char *const names[] = {"50_people.jsonl", "51_affiliations.jsonl",
                                        "52_holdings.jsonl"};
    FILE *files[3];
    int i;

    if (sample_open(sample, names, files, 3) != 0)
        return -1;
    for (i = 0; i < PEOPLE; i++) {
        struct person *person = &sample->people[i];

        person_make(sample, person);
        person_write(files[0], person, i);
        affiliations_make(sample, files[1], person, i);
        holdings_make(sample, files[2], person, i);
    }
    return sample_close(sample, names, files, 3);
}
