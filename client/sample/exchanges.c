/* SPDX-License-Identifier: Apache-2.0
 *
 * Exchanges between the two countries, and to ITER, in every state that an exchange can be in. Each
 * step has a file of its own, so that the lines of one file may be loaded in any order.
 */
#include <string.h>

#include "day.h"
#include "line.h"
#include "sample.h"

enum kind { VISIT, SECONDMENT, JOINT_RESEARCH, JOINT_PLANNING, ITER_ASSIGNMENT, KINDS };

/* What an exchange has come to on the sample's day. */
enum state { PROPOSED, UNDER_REVIEW, APPROVED, ACTIVE, COMPLETED, DECLINED, CANCELLED, STATES };

static const char *const kind_names[KINDS] = {
    "visit", "secondment", "joint_research", "joint_planning", "iter_assignment",
};
static const int kind_weights[KINDS] = {420, 150, 270, 100, 60};

/* Least and most days of a kind. */
static const int kind_days[KINDS][2] = {{5, 30}, {120, 300}, {20, 90}, {3, 7}, {365, 720}};

/* Its category in the scheme, and its titles. */
static const char *const kind_categories[KINDS] = {
    "personal-exchange", "personal-exchange", "joint-research-project", "joint-planning", NULL,
};
static const char *const kind_titles[KINDS][2] = {
    {"Visit", "訪問"},
    {"Secondment", "長期派遣"},
    {"Joint research", "共同研究"},
    {"Joint planning", "共同計画"},
    {"Assignment to ITER", "ITER派遣"},
};

static const int state_weights[STATES] = {150, 140, 150, 130, 350, 45, 35};

enum {
    TRIES_AMONG_FITTING = 200,
    TRIES_FOR_KEY_PERSON = 4000,
    VISA_DAYS = 90,
    NEGOTIATED_BEFORE = 70,
    TITLE_TEXT = 256,
};

struct exchange {
    char code[CODE_TEXT];
    enum kind kind;
    enum state state;
    const struct person *person;
    int person_number;
    const char *host, *facility;
    int starts, ends, days, days_approved;
    bool in_scheme, in_person;
    enum category_id category;
    int skills[2], level;
    bool needs_visa, needs_licence;
    int days_actual;
    struct random papers; /* of its own, so that what is drawn after the exchanges stays the same */
};

enum file {
    PROPOSALS,
    PLANS,
    SUBMISSIONS,
    DECISIONS,
    APPROVALS,
    ACTIVATIONS,
    ENDS,
    REPORTS,
    CHANGES,
    CHANGE_DECISIONS,
    FILES
};

static const char *const names[FILES] = {
    [PROPOSALS] = "70_exchanges.jsonl",
    [PLANS] = "71_exchange_plans.jsonl",
    [SUBMISSIONS] = "71_exchange_submissions.jsonl",
    [DECISIONS] = "72_exchange_decisions.jsonl",
    [APPROVALS] = "73_exchange_approvals.jsonl",
    [ACTIVATIONS] = "74_exchange_activations.jsonl",
    [ENDS] = "75_exchange_ends.jsonl",
    [REPORTS] = "76_exchange_reports.jsonl",
    [CHANGES] = "77_exchange_changes.jsonl",
    [CHANGE_DECISIONS] = "78_exchange_change_decisions.jsonl",
};

static struct person *
traveller_draw(struct sample *sample, int *number)
{
    struct person *person;

    do {
        *number = random_below(&sample->random, PEOPLE);
        person = &sample->people[*number];
    } while (!person->here || person->on_exchange || person->fte < 10 ||
             person->home->kind == AGENCY || person->since > day_of(sample->year - 5, 1, 1) ||
             person->stage == TECHNICIAN);
    person->on_exchange = true;
    return person;
}

static void
host_draw(struct sample *sample, struct exchange *exchange)
{
    const struct organization *host;
    int tries = 0;

    if (exchange->kind == ITER_ASSIGNMENT) {
        exchange->host = "iter";
        exchange->facility = "iter";
        return;
    }
    /* After many tries any laboratory of the other country will do. */
    do {
        host = organization_draw(&sample->random);
        tries++;
    } while (host->country == exchange->person->home->country || host->kind == AGENCY ||
             (!organization_has_focus(host, exchange->category) && tries < TRIES_AMONG_FITTING));
    exchange->host = host->code;
    exchange->facility = random_chance(&sample->random, 700) ? host->facility : NULL;
}

/* A first day on which an exchange of the state can have begun, or may begin. */
static int
start_draw(struct sample *sample, const struct exchange *exchange)
{
    struct random *random = &sample->random;
    int today = sample->today;

    switch (exchange->state) {
    case COMPLETED:
        return today - exchange->days - random_between(random, 20, 1000);
    case ACTIVE:
        return today - random_below(random, exchange->days > 3 ? exchange->days - 2 : 1);
    case APPROVED:
        return today + random_between(random, 60, 100);
    case DECLINED:
    case CANCELLED:
        return today - random_between(random, 30, 400);
    default:
        return today + random_between(random, 150, 400);
    }
}

/* Whether it ends by the end of February, as the scheme wants. */
static bool
ends_by_february(const struct exchange *exchange)
{
    int year = day_year(exchange->starts);
    int limit = day_of(year, 3, 1);

    if (exchange->starts >= day_of(year, 4, 1))
        limit = day_of(year + 1, 3, 1);
    return exchange->ends < limit;
}

static void
dates_draw(struct sample *sample, struct exchange *exchange)
{
    exchange->starts = start_draw(sample, exchange);
    exchange->ends = exchange->starts + exchange->days - 1;
    exchange->days_approved = exchange->days;
    if (exchange->days > 14 && random_chance(&sample->random, 200))
        exchange->days_approved -= random_between(&sample->random, 2, exchange->days / 4);
    exchange->in_scheme = exchange->kind != ITER_ASSIGNMENT && ends_by_february(exchange) &&
                          random_chance(&sample->random, 800);
}

static void
exchange_draw(struct sample *sample, struct exchange *exchange, int number)
{
    struct random *random = &sample->random;

    memset(exchange, 0, sizeof *exchange);
    snprintf(exchange->code, sizeof exchange->code, "XS-%04d", number + 1);
    random_seed(&exchange->papers, sample->seed + (unsigned long long)number + 1);
    exchange->state = (enum state)random_weighted(random, state_weights, STATES);
    exchange->kind = (enum kind)random_weighted(random, kind_weights, KINDS);
    exchange->days =
        random_between(random, kind_days[exchange->kind][0], kind_days[exchange->kind][1]);
    /* What is short is seldom under way on one day, and would then be over the day after. */
    if (exchange->state == ACTIVE && exchange->days < 60) {
        exchange->kind = random_chance(random, 500) ? JOINT_RESEARCH : SECONDMENT;
        exchange->days = random_between(random, 60, 140);
    }
    exchange->person = traveller_draw(sample, &exchange->person_number);
    exchange->category = exchange->person->primary;
    host_draw(sample, exchange);
    dates_draw(sample, exchange);
    exchange->in_person = !random_chance(random, 70);
    exchange->skills[0] = random_below(random, categories[exchange->category].skills);
    exchange->skills[1] = (exchange->skills[0] + 1) % categories[exchange->category].skills;
    exchange->level = exchange->person->stage >= MID ? random_between(random, 3, 4)
                                                     : random_between(random, 2, 3);
    exchange->needs_visa = exchange->days >= VISA_DAYS && exchange->in_person;
    exchange->needs_licence = (categories[exchange->category].flags & EXPORT_CONTROL) != 0 &&
                              exchange->kind != JOINT_PLANNING;
}

static void
objectives_write(struct line *line, const char *name, const struct exchange *exchange)
{
    char json[256], first[SKILL_CODE], second[SKILL_CODE];

    snprintf(json, sizeof json,
             "[{\"skill\": \"%s\", \"level\": %d}, {\"skill\": \"%s\", \"level\": %d}]",
             skill_code(exchange->category, exchange->skills[0], first), exchange->level,
             skill_code(exchange->category, exchange->skills[1], second), exchange->level);
    line_json(line, name, json);
}

static void
frame_write(struct line *line, const struct exchange *exchange)
{
    bool theory = exchange->category == PHY && exchange->kind != JOINT_PLANNING;

    if (exchange->kind == ITER_ASSIGNMENT) {
        line_text(line, "agreement", "iter");
        return;
    }
    if (!exchange->in_scheme)
        return;
    line_text(line, "agreement", "sta");
    line_text(line, "committee", theory ? "jift" : "ccfe");
    line_text(line, "scheme", "jp-us-fusion");
    line_text(line, "category", theory ? "joint-institute" : kind_categories[exchange->kind]);
}

/* The key person of the field: somebody senior of the category, on the Japanese side. */
static void
key_person_write(const struct sample *sample, struct line *line, struct exchange *exchange)
{
    const struct person *person;
    char text[CODE_TEXT];
    int tries, number;

    for (tries = 0; tries < TRIES_FOR_KEY_PERSON; tries++) {
        number = random_below(&exchange->papers, PEOPLE);
        person = &sample->people[number];
        if (person->here && person->stage == SENIOR && person->home->country == JP &&
            person->primary == exchange->category && number != exchange->person_number) {
            line_text(line, "key_person", person_code(number, text));
            return;
        }
    }
}

static void
costs_write(struct line *line, const struct exchange *exchange)
{
    if (exchange->kind == ITER_ASSIGNMENT) {
        line_json(line, "assignment",
                  exchange->person->home->country == JP
                      ? "{\"type\": \"project_associate\", \"agency\": \"qst\"}"
                      : "{\"type\": \"secondment\", \"agency\": \"ornl\"}");
        return;
    }
    if (!exchange->in_scheme)
        return;
    line_json(line, "costs",
              exchange->person->home->country == JP
                  ? "[{\"part\": \"travel\", \"payer\": \"scheme\"}, "
                    "{\"part\": \"stay\", \"payer\": \"scheme\"}, "
                    "{\"part\": \"salary\", \"payer\": \"home\"}, "
                    "{\"part\": \"insurance\", \"payer\": \"home\"}]"
                  : "[{\"part\": \"travel\", \"payer\": \"home\"}, "
                    "{\"part\": \"salary\", \"payer\": \"home\"}]");
}

static void
proposal_write(struct sample *sample, FILE *out, struct exchange *exchange)
{
    static const char *const sides[] = {"home", "host", "both"};
    const struct category *subject = &categories[exchange->category];
    char text[CODE_TEXT], en[TITLE_TEXT], ja[TITLE_TEXT], pillars[64], requires[96];
    struct line line;

    snprintf(en, sizeof en, "%s: %s", kind_titles[exchange->kind][0], subject->en);
    snprintf(ja, sizeof ja, "%s:%s", kind_titles[exchange->kind][1], subject->ja);
    snprintf(pillars, sizeof pillars, "[\"%s\", \"workforce\"]", subject->pillar);
    snprintf(requires, sizeof requires, "[\"home\", \"host\"%s%s]",
             exchange->needs_visa ? ", \"visa\"" : "",
             exchange->needs_licence ? ", \"export_control\"" : "");
    line_begin(&line, out, "exchange.create");
    line_text(&line, "code", exchange->code);
    line_text(&line, "kind", kind_names[exchange->kind]);
    line_label(&line, "title", en, ja);
    line_text(&line, "person", person_code(exchange->person_number, text));
    line_text(&line, "home", exchange->person->home->code);
    line_text(&line, "host", exchange->host);
    if (exchange->facility != NULL)
        line_text(&line, "facility", exchange->facility);
    frame_write(&line, exchange);
    line_json(&line, "pillars", pillars);
    objectives_write(&line, "objectives", exchange);
    line_day(&line, "starts", exchange->starts);
    line_day(&line, "ends", exchange->ends);
    line_number(&line, "days_proposed", exchange->days);
    line_tenths(&line, "fte", exchange->in_person ? 10 : 2);
    line_flag(&line, "in_person", exchange->in_person);
    line_text(&line, "funding", sides[random_below(&sample->random, 3)]);
    line_json(&line, "requires", requires);
    if (exchange->in_scheme)
        key_person_write(sample, &line, exchange);
    costs_write(&line, exchange);
    line_text(&line, "source", "jinzai synthetic sample");
    line_end_synthetic(&line);
}

static void
decision_write(struct sample *sample, FILE *out, const struct exchange *exchange,
               const char *approval, bool granted)
{
    struct line line;
    int before = random_between(&sample->random, NEGOTIATED_BEFORE, NEGOTIATED_BEFORE + 40);
    int day = exchange->starts - before;

    line_begin(&line, out, "exchange.decide");
    line_text(&line, "ref", exchange->code);
    line_text(&line, "approval", approval);
    line_text(&line, "decision", granted ? "granted" : "refused");
    line_day(&line, "decided_on", day < sample->today ? day : sample->today - before % 20);
    line_end(&line);
}

static void
step_write(FILE *out, const struct exchange *exchange, const char *method, const char *reason)
{
    struct line line;

    line_begin(&line, out, method);
    line_text(&line, "ref", exchange->code);
    if (reason != NULL)
        line_text(&line, "reason", reason);
    line_end(&line);
}

static void
approval_write(FILE *out, const struct exchange *exchange)
{
    struct line line;

    line_begin(&line, out, "exchange.approve");
    line_text(&line, "ref", exchange->code);
    line_number(&line, "days_approved", exchange->days_approved);
    if (exchange->days_approved != exchange->days)
        line_text(&line, "reason", "Machine time");
    line_end(&line);
}

static void
completion_write(struct sample *sample, FILE *out, struct exchange *exchange)
{
    struct random *random = &sample->random;
    int days =
        exchange->days_approved - (random_chance(random, 250) && exchange->days_approved > 4);
    char link[96];
    struct line line;

    line_begin(&line, out, "exchange.complete");
    line_text(&line, "ref", exchange->code);
    line_day(&line, "ended_on", exchange->starts + days - 1);
    line_number(&line, "days_actual", days);
    line_flag(&line, "returned", !random_chance(random, 60));
    if (exchange->days >= 14)
        objectives_write(&line, "gains", exchange);
    if (random_chance(&exchange->papers, 300)) {
        snprintf(link, sizeof link, "[\"https://example.org/synthetic/%s\"]", exchange->code);
        line_text(&line, "outcome", "A joint paper (synthetic)");
        line_json(&line, "publications", link);
    }
    line_end(&line);
    exchange->days_actual = days;
}

static void
paper_write(FILE *out, const struct exchange *exchange, const char *document, int day)
{
    struct line line;

    line_begin(&line, out, "exchange.hand_in");
    line_text(&line, "ref", exchange->code);
    line_text(&line, "document", document);
    line_day(&line, "handed_in_on", day);
    line_end(&line);
}

/* Most plans and reports have been handed in, some of them late, and a few have been forgotten. */
static void
papers_write(const struct sample *sample, FILE **files, struct exchange *exchange)
{
    struct random *papers = &exchange->papers;
    int plan = exchange->starts - random_between(papers, 50, 100);
    int report = exchange->starts + exchange->days_actual + random_between(papers, 3, 30);

    if (!exchange->in_scheme || exchange->state == DECLINED || exchange->state == CANCELLED)
        return;
    if (plan <= sample->today && random_chance(papers, 930))
        paper_write(files[PLANS], exchange, "plan", plan);
    if (exchange->state == COMPLETED && report <= sample->today && random_chance(papers, 900))
        paper_write(files[REPORTS], exchange, "report", report);
}

/* Of those approved some are to begin later than planned; on half of these it has been decided. */
static void
change_write(const struct sample *sample, FILE **files, struct exchange *exchange)
{
    struct random *papers = &exchange->papers;
    struct line line;
    int later = random_between(papers, 7, 21);

    if (exchange->state != APPROVED || !random_chance(papers, 250))
        return;
    line_begin(&line, files[CHANGES], "exchange.change_notice");
    line_text(&line, "ref", exchange->code);
    line_text(&line, "changes", "The campaign of the machine was moved");
    line_day(&line, "filed_on", sample->today - random_between(papers, 3, 10));
    line_day(&line, "starts", exchange->starts + later);
    line_day(&line, "ends", exchange->ends + later);
    line_end(&line);
    if (random_chance(papers, 500)) {
        line_begin(&line, files[CHANGE_DECISIONS], "exchange.decide_change");
        line_text(&line, "ref", exchange->code);
        line_text(&line, "decision", "accepted");
        line_day(&line, "decided_on", sample->today - 2);
        line_end(&line);
    }
}

static void
decisions_write(struct sample *sample, FILE *out, const struct exchange *exchange)
{
    bool all = exchange->state != UNDER_REVIEW && exchange->state != DECLINED;

    decision_write(sample, out, exchange, "home", true);
    if (exchange->state == DECLINED)
        decision_write(sample, out, exchange, "host", false);
    else if (all || random_chance(&sample->random, 500))
        decision_write(sample, out, exchange, "host", true);
    if (all && exchange->needs_licence)
        decision_write(sample, out, exchange, "export_control", true);
    if (all && exchange->needs_visa)
        decision_write(sample, out, exchange, "visa", true);
}

static void
steps_write(struct sample *sample, FILE **files, struct exchange *exchange)
{
    if (exchange->state == CANCELLED)
        step_write(files[ENDS], exchange, "exchange.cancel", "The person has other duties");
    if (exchange->state == PROPOSED || exchange->state == CANCELLED)
        return;
    step_write(files[SUBMISSIONS], exchange, "exchange.submit", NULL);
    decisions_write(sample, files[DECISIONS], exchange);
    if (exchange->state == DECLINED)
        step_write(files[ENDS], exchange, "exchange.decline", "No machine time in the period");
    if (exchange->state == UNDER_REVIEW || exchange->state == DECLINED)
        return;
    approval_write(files[APPROVALS], exchange);
    if (exchange->state == APPROVED)
        return;
    step_write(files[ACTIVATIONS], exchange, "exchange.activate", NULL);
    if (exchange->state == COMPLETED)
        completion_write(sample, files[ENDS], exchange);
}

static void
exchange_make(struct sample *sample, FILE **files, int number)
{
    struct exchange exchange;

    exchange_draw(sample, &exchange, number);
    proposal_write(sample, files[PROPOSALS], &exchange);
    steps_write(sample, files, &exchange);
    papers_write(sample, files, &exchange);
    change_write(sample, files, &exchange);
}

int
exchanges_make(struct sample *sample)
{
    FILE *files[FILES];
    int i;

    if (sample_open(sample, names, files, FILES) != 0)
        return -1;
    for (i = 0; i < EXCHANGES; i++)
        exchange_make(sample, files, i);
    return sample_close(sample, names, files, FILES);
}
