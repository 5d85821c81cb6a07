/* SPDX-License-Identifier: Apache-2.0
 *
 * Demand, in sizes that stand in a chosen proportion to the people there are, so that each country
 * is short of something that the other has; and gaps on record with what is meant to close them.
 * None of it is any organization's statement.
 */
#include "day.h"
#include "line.h"
#include "sample.h"

enum {
    YEAR_FIRST = 2024,
    YEAR_LAST = 2036,
    STATED_BY = 2,
    TRIES_AMONG_FITTING = 400,
    TRIES = 2000,
    LEAST_POSITIONS = 60 /* tenths of an FTE */
};

enum file { DEMAND, GAPS, ACTIONS, STATES, FILES };

static const char *const names[FILES] = {
    [DEMAND] = "81_demand.jsonl",
    [GAPS] = "90_gaps.jsonl",
    [ACTIONS] = "91_gap_actions.jsonl",
    [STATES] = "92_gap_states.jsonl",
};

struct statement {
    const struct organization *organization;
    const char *skill, *role;
    int level;
    int first, last; /* positions in the first year and in the last, in tenths of an FTE */
};

/* Half positions are as fine as a plan gets. */
static int
halves(int tenths)
{
    int rounded = (tenths + 2) / 5 * 5;

    return rounded < 5 ? 5 : rounded;
}

static const char *
year_kind(const struct organization *organization)
{
    if (organization->kind == COMPANY)
        return "calendar";
    return organization->country == JP ? "jp_fiscal" : "us_fiscal";
}

static void
statement_write(const struct sample *sample, FILE *out, const struct statement *statement)
{
    char source[128];
    struct line line;
    int year;

    snprintf(source, sizeof source,
             "jinzai synthetic sample, seed %llu; not a statement of the organization",
             sample->seed);
    for (year = YEAR_FIRST; year <= YEAR_LAST; year++) {
        int fte = halves(statement->first + (statement->last - statement->first) *
                                                (year - YEAR_FIRST) / (YEAR_LAST - YEAR_FIRST));

        line_begin(&line, out, "demand.create");
        line_text(&line, "organization", statement->organization->code);
        if (statement->role != NULL) {
            line_text(&line, "role", statement->role);
        } else {
            line_text(&line, "skill", statement->skill);
            line_number(&line, "level", statement->level);
        }
        line_number(&line, "year", year);
        line_text(&line, "year_kind", year_kind(statement->organization));
        line_tenths(&line, "fte_low", fte * 8 / 10);
        line_tenths(&line, "fte", fte);
        line_tenths(&line, "fte_high", fte * 13 / 10);
        line_text(&line, "confidence", year <= sample->year + 2 ? "medium" : "low");
        line_text(&line, "source", source);
        line_day(&line, "source_date", sample->today);
        line_end_synthetic(&line);
    }
}

/* Who states a demand of the category: those whose field it is; where they are too few, any that
 * builds or runs things. No organization twice. */
static int
stating_draw(struct sample *sample, enum country_id country, enum category_id category,
             const struct organization *stating[STATED_BY])
{
    int tries = 0, count = 0;

    while (count < STATED_BY && tries < TRIES) {
        const struct organization *drawn = organization_draw(&sample->random);
        bool suits =
            organization_has_focus(drawn, category) ||
            (tries > TRIES_AMONG_FITTING && (drawn->kind == COMPANY || drawn->kind == LABORATORY));

        tries++;
        if (drawn->country == country && suits && (count == 0 || drawn != stating[0]))
            stating[count++] = drawn;
    }
    return count;
}

static void
category_demand_make(struct sample *sample, FILE *out, enum country_id country,
                     enum category_id category)
{
    struct random *random = &sample->random;
    const struct category *subject = &categories[category];
    int supply = sample->supply[country][category];
    int shares[SKILLS_MAX], sum = 0;
    char code[SKILL_CODE];
    int s, o;

    if (supply < LEAST_POSITIONS)
        supply = LEAST_POSITIONS;
    for (s = 0; s < subject->skills; s++) {
        shares[s] = random_between(random, 1, 5);
        sum += shares[s];
    }
    for (s = 0; s < subject->skills; s++) {
        const struct organization *stating[STATED_BY];
        int count = stating_draw(sample, country, category, stating);

        for (o = 0; o < count; o++) {
            int part = supply * shares[s] / sum * (count == 1 ? 10 : o == 0 ? 6 : 4) / 10;
            struct statement statement = {
                .organization = stating[o],
                .skill = skill_code(category, s, code),
                .level = random_chance(random, 250) ? 4 : 3,
                .first = part * subject->need[country][0] / 1000,
                .last = part * subject->need[country][1] / 1000,
            };

            statement_write(sample, out, &statement);
        }
    }
}

/* Roles that are needed whole, each by one organization of either country. */
static void
role_demand_make(struct sample *sample, FILE *out)
{
    static const struct {
        const char *role;
        enum category_id category;
    } roles[] = {
        {"tritium-plant-engineer", TRI},
        {"blanket-design-engineer", BLK},
        {"magnet-engineer", MAG},
        {"cryogenic-operator", CRY},
        {"ech-engineer", HCD},
        {"laser-engineer", ICF},
        {"remote-handling-engineer", RMT},
        {"fusion-safety-analyst", SAF},
        {"licensing-engineer", REG},
        {"nuclear-welder", FAB},
        {"systems-integrator", PMS},
        {"community-liaison", PUB},
    };
    size_t i;
    int c;

    for (i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        for (c = 0; c < COUNTRIES; c++) {
            const struct organization *stating[STATED_BY];
            int first = 5 * random_between(&sample->random, 2, 8);
            struct statement statement = {.role = roles[i].role,
                                          .first = first,
                                          .last =
                                              first * random_between(&sample->random, 14, 28) / 10};

            if (stating_draw(sample, (enum country_id)c, roles[i].category, stating) == 0)
                continue;
            statement.organization = stating[0];
            statement_write(sample, out, &statement);
        }
    }
}

struct gap {
    enum category_id category;
    enum country_id country;
    int size;             /* tenths of an FTE; 0: computed by the daemon */
    const char *severity; /* of a declared one */
    const char *status;   /* NULL: open */
};

static const struct gap gaps[] = {
    {TRI, JP, 0, NULL, "being_closed"}, {REG, JP, 0, NULL, NULL},
    {BLK, US, 0, NULL, "being_closed"}, {RMT, US, 0, NULL, NULL},
    {FAB, US, 0, NULL, "being_closed"}, {ICF, JP, 0, NULL, NULL},
    {NEU, JP, 120, "high", NULL},       {PUB, JP, 60, "medium", "accepted"},
    {WST, US, 40, "medium", NULL},      {CTL, US, 85, "low", NULL},
};

static void
gap_write(FILE *out, const struct gap *gap, const char *code)
{
    struct line line;

    line_begin(&line, out, gap->size == 0 ? "gap.record" : "gap.create");
    line_text(&line, "code", code);
    line_text(&line, "skill", categories[gap->category].code);
    line_number(&line, "level", 3);
    line_text(&line, "country", gap->country == JP ? "JP" : "US");
    if (gap->size == 0) {
        line_text(&line, "as_of", "2030-11");
    } else {
        line_number(&line, "year", 2030);
        line_tenths(&line, "size_fte", gap->size);
        line_text(&line, "severity", gap->severity);
        line_text(&line, "source", "jinzai synthetic sample");
    }
    line_text(&line, "owner", gap->country == JP ? "sample-jp" : "sample-us");
    line_end_synthetic(&line);
}

/* A course of the category, for all that are not only noted, and what it is expected to bring. */
static void
gap_make(struct sample *sample, FILE **files, const struct gap *gap, int number)
{
    char code[CODE_TEXT], program[CODE_TEXT];
    struct line line;

    snprintf(code, sizeof code, "GS-%02d", (number + 1) % 100);
    gap_write(files[GAPS], gap, code);
    if (gap->status != NULL) {
        line_begin(&line, files[STATES], "gap.update");
        line_text(&line, "ref", code);
        line_text(&line, "status", gap->status);
        line_text(&line, "reason", "Agreed for the sample");
        line_end(&line);
    }
    snprintf(program, sizeof program, "sample-%s", categories[gap->category].code);
    line_begin(&line, files[ACTIONS], "gap.add_action");
    line_text(&line, "gap", code);
    line_text(&line, "program", program);
    line_tenths(&line, "contribution_fte", 5 * random_between(&sample->random, 4, 16));
    line_day(&line, "expected_on", day_of(random_between(&sample->random, 2027, 2029), 4, 1));
    line_end(&line);
}

int
needs_make(struct sample *sample)
{
    FILE *files[FILES];
    size_t g;
    int country, category;

    if (sample_open(sample, names, files, FILES) != 0)
        return -1;
    for (country = 0; country < COUNTRIES; country++) {
        for (category = 0; category < CATEGORIES; category++)
            category_demand_make(sample, files[DEMAND], (enum country_id)country,
                                 (enum category_id)category);
    }
    role_demand_make(sample, files[DEMAND]);
    for (g = 0; g < sizeof gaps / sizeof gaps[0]; g++)
        gap_make(sample, files, &gaps[g], (int)g);
    return sample_close(sample, names, files, FILES);
}
