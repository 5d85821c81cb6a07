/* SPDX-License-Identifier: Apache-2.0
 *
 * Courses of two training centers that do not exist, their sessions, who took part with what result
 * or waits for a seat, and the licences that people hold. Each step of an enrollment has a file of
 * its own, so that the lines of one file may be loaded in any order.
 */
#include "day.h"
#include "line.h"
#include "sample.h"

static const char *const centers[COUNTRIES] = {[JP] = "sample-jp", [US] = "sample-us"};

enum { SESSIONS = 3 };

/* What the three sessions of a course have come to on the sample's day. */
enum state { ENDED, RUNNING, OPEN };

enum file {
    CENTERS,
    PROGRAMS,
    SESSION_PLANS,
    ENROLLMENTS,
    ADMISSIONS,
    STARTS,
    RESULTS,
    SESSION_ENDS,
    CERTIFICATIONS,
    FILES
};

static const char *const names[FILES] = {
    [CENTERS] = "15_sample_organizations.jsonl",     [PROGRAMS] = "35_sample_programs.jsonl",
    [SESSION_PLANS] = "36_sample_sessions.jsonl",    [ENROLLMENTS] = "60_enrollments.jsonl",
    [ADMISSIONS] = "61_enrollment_admissions.jsonl", [STARTS] = "62_enrollment_starts.jsonl",
    [RESULTS] = "63_enrollment_results.jsonl",       [SESSION_ENDS] = "64_session_ends.jsonl",
    [CERTIFICATIONS] = "58_certifications.jsonl",
};

struct session {
    char code[CODE_TEXT];
    enum state state;
    int starts, ends, capacity;
    bool selective; /* whether the course asks for skills that some applicants do not hold */
};

static void
centers_write(FILE *out)
{
    static const char *const labels[COUNTRIES][2] = {
        [JP] = {"Sample Training Center Japan (does not exist)",
                "見本研修センター日本(実在しない)"},
        [US] = {"Sample Training Center US (does not exist)", "見本研修センター米国(実在しない)"},
    };
    struct line line;
    int c;

    for (c = 0; c < COUNTRIES; c++) {
        line_begin(&line, out, "organization.create");
        line_text(&line, "code", centers[c]);
        line_label(&line, "name", labels[c][0], labels[c][1]);
        line_text(&line, "kind", "university");
        line_text(&line, "country", c == JP ? "JP" : "US");
        line_text(&line, "source", "jinzai synthetic sample");
        line_end_synthetic(&line);
    }
}

/* Two or three skills of the category, each at level 2. */
static void
taught_write(struct sample *sample, enum category_id category, char *json, size_t size)
{
    int skills = categories[category].skills;
    int first = random_below(&sample->random, skills);
    int count = random_between(&sample->random, 2, 3);
    size_t used = 0;
    char code[SKILL_CODE];
    int i;

    for (i = 0; i < count; i++)
        used +=
            (size_t)snprintf(json + used, size - used, "%s{\"skill\": \"%s\", \"level\": 2}",
                             i == 0 ? "[" : ", ", skill_code(category, (first + i) % skills, code));
    snprintf(json + used, size - used, "]");
}

/* Whether a course asks for a skill of its field. */
static bool
selective(enum category_id category)
{
    return category % 4 == 0;
}

static void
program_write(struct sample *sample, FILE *out, enum category_id category, const char *code,
              int capacity)
{
    const struct category *subject = &categories[category];
    char en[256], ja[256], taught[256], pillars[64], required[64], skill[SKILL_CODE];
    struct line line;

    snprintf(en, sizeof en, "Sample course: %s", subject->en);
    snprintf(ja, sizeof ja, "見本コース:%s", subject->ja);
    snprintf(pillars, sizeof pillars, "[\"workforce\", \"%s\"]", subject->pillar);
    taught_write(sample, category, taught, sizeof taught);
    line_begin(&line, out, "program.create");
    line_text(&line, "code", code);
    line_label(&line, "name", en, ja);
    line_text(&line, "provider", centers[category % COUNTRIES]);
    line_text(&line, "mode", random_chance(&sample->random, 300) ? "hybrid" : "in_person");
    line_number(&line, "hours", 8 * random_between(&sample->random, 3, 15));
    line_number(&line, "capacity", capacity);
    line_json(&line, "languages", category % COUNTRIES == JP ? "[\"ja\", \"en\"]" : "[\"en\"]");
    line_json(&line, "pillars", pillars);
    line_json(&line, "teaches", taught);
    if (selective(category)) {
        snprintf(required, sizeof required, "[{\"skill\": \"%s\", \"level\": 1}]",
                 skill_code(category, 0, skill));
        line_json(&line, "requires", required);
    }
    line_text(&line, "currency", category % COUNTRIES == JP ? "JPY" : "USD");
    line_text(&line, "source", "jinzai synthetic sample");
    line_end_synthetic(&line);
}

static void
session_make(struct sample *sample, struct session *session, enum category_id category, int number)
{
    struct random *random = &sample->random;

    snprintf(session->code, sizeof session->code, "SS-%.3s-%d", categories[category].code + 3,
             (number + 1) % 10);
    session->state = number == 0   ? ENDED
                     : number == 1 ? (category % 2 == 0 ? ENDED : RUNNING)
                                   : OPEN;
    if (number == 0)
        session->starts = sample->today - random_between(random, 300, 900);
    else if (session->state == ENDED)
        session->starts = sample->today - random_between(random, 60, 180);
    else if (session->state == RUNNING)
        session->starts = sample->today - random_between(random, 1, 25);
    else
        session->starts = sample->today + random_between(random, 90, 270);
    session->ends = session->starts + (session->state == RUNNING ? random_between(random, 60, 100)
                                                                 : random_between(random, 2, 20));
}

/* Seats of a session. A third of the coming ones is smaller than the demand for it, so that people
 * wait. */
static int
seats(const struct session *session, enum category_id category)
{
    return session->state == OPEN && category % 3 == 0 ? session->capacity / 4 : session->capacity;
}

static void
session_write(FILE *out, const struct session *session, const char *program,
              enum category_id category)
{
    struct line line;

    line_begin(&line, out, "session.create");
    line_text(&line, "code", session->code);
    line_text(&line, "program", program);
    line_day(&line, "starts", session->starts);
    line_day(&line, "ends", session->ends);
    line_number(&line, "capacity", seats(session, category));
    line_text(&line, "status", "open");
    line_number(&line, "cost", session->capacity * (category % COUNTRIES == JP ? 120000 : 900));
    line_end_synthetic(&line);
}

static void
session_end_write(FILE *out, const struct session *session)
{
    struct line line;

    if (session->state == OPEN)
        return;
    line_begin(&line, out, "session.update");
    line_text(&line, "ref", session->code);
    line_text(&line, "status", session->state == ENDED ? "ended" : "running");
    line_end(&line);
}

static void
step_write(FILE *out, const char *method, const char *enrollment)
{
    struct line line;

    line_begin(&line, out, method);
    line_text(&line, "ref", enrollment);
    line_end(&line);
}

static void
admission_write(FILE *out, const char *enrollment, const struct session *session)
{
    struct line line;

    line_begin(&line, out, "enrollment.admit");
    line_text(&line, "ref", enrollment);
    line_flag(&line, "or_wait", true);
    if (session->selective)
        line_text(&line, "prerequisites_waived", "Judged able in an interview");
    line_end(&line);
}

static void
completion_write(struct sample *sample, FILE *out, const char *enrollment, int day)
{
    char certificate[2 * CODE_TEXT];
    struct line line;

    line_begin(&line, out, "enrollment.complete");
    line_text(&line, "ref", enrollment);
    line_day(&line, "completed_on", day);
    snprintf(certificate, sizeof certificate, "SAMPLE-%s", enrollment);
    line_text(&line, "result", "passed");
    line_text(&line, "certificate_number", certificate);
    line_tenths(&line, "attendance", random_between(&sample->random, 8, 10));
    line_end(&line);
}

static void
enrollment_make(struct sample *sample, FILE **files, const struct session *session, int person,
                int number)
{
    struct random *random = &sample->random;
    char code[CODE_TEXT], who[CODE_TEXT];
    int drawn = random_below(random, 100);
    struct line line;

    snprintf(code, sizeof code, "ES-%05d", number + 1);
    line_begin(&line, files[ENROLLMENTS], "enrollment.create");
    line_text(&line, "session", session->code);
    line_text(&line, "person", person_code(person, who));
    line_text(&line, "code", code);
    line_day(&line, "applied_on",
             session->state == OPEN ? sample->today - random_between(random, 1, 60)
                                    : session->starts - random_between(random, 100, 150));
    line_end_synthetic(&line);

    if (session->state == OPEN && drawn >= 50) {
        if (drawn >= 95)
            step_write(files[RESULTS], "enrollment.withdraw", code);
        return;
    }
    admission_write(files[ADMISSIONS], code, session);
    if (session->state == OPEN)
        return;
    step_write(files[STARTS], "enrollment.start", code);
    if (drawn >= 90)
        step_write(files[RESULTS], "enrollment.withdraw", code);
    else if (session->state == ENDED && drawn >= 80)
        step_write(files[RESULTS], "enrollment.fail", code);
    else if (session->state == ENDED)
        completion_write(sample, files[RESULTS], code, session->ends);
}

/* Whether the course suits the person: not above the stage, and in a field that the person is near
 * or wants to enter. */
static bool
suits(struct random *random, const struct person *person, enum category_id category)
{
    if (!person->here || person->stage == EMERITUS)
        return false;
    return person->primary == category || person->secondary == category ||
           random_chance(random, 10);
}

static void
enrollments_make(struct sample *sample, FILE **files, const struct session *session,
                 enum category_id category, int *number)
{
    struct random *random = &sample->random;
    int seats = session->capacity * random_between(random, 60, 95) / 100;
    int first = random_below(random, PEOPLE);
    int i, taken = 0;

    /* Each person is looked at once, so that nobody applies twice. */
    for (i = 0; i < PEOPLE && taken < seats; i++) {
        int person = (first + i) % PEOPLE;

        if (sample->people[person].began < session->starts - 200 &&
            suits(random, &sample->people[person], category)) {
            enrollment_make(sample, files, session, person, (*number)++);
            taken++;
        }
    }
}

static void
courses_make(struct sample *sample, FILE **files)
{
    int c, s, enrollments = 0;

    for (c = 0; c < CATEGORIES; c++) {
        enum category_id category = (enum category_id)c;
        int capacity = 2 * random_between(&sample->random, 6, 12);
        char program[CODE_TEXT];

        snprintf(program, sizeof program, "sample-%s", categories[category].code);
        program_write(sample, files[PROGRAMS], category, program, capacity);
        for (s = 0; s < SESSIONS; s++) {
            struct session session = {.capacity = capacity, .selective = selective(category)};

            session_make(sample, &session, category, s);
            session_write(files[SESSION_PLANS], &session, program, category);
            enrollments_make(sample, files, &session, category, &enrollments);
            session_end_write(files[SESSION_ENDS], &session);
        }
    }
}

/* The qualification that people of a field hold in a country, and for how many days, or NULL. */
static const char *
licence(enum category_id category, enum country_id country, int *days)
{
    static const struct {
        const char *code;
        int days;
    } radiation[COUNTRIES] = {[JP] = {"jp-radiation-1", 0}, [US] = {"us-chp", 4 * 365}},
      reactor[COUNTRIES] = {[JP] = {"jp-reactor-engineer", 0}, [US] = {"us-nrc-sro", 6 * 365}},
      welding[COUNTRIES] = {[JP] = {"jp-jis-welder", 365}, [US] = {"us-asme-welder", 0}};

    switch (category) {
    case TRI:
    case NEU:
    case WST:
        *days = radiation[country].days;
        return radiation[country].code;
    case SAF:
        *days = reactor[country].days;
        return reactor[country].code;
    case FAB:
        *days = welding[country].days;
        return welding[country].code;
    default:
        return NULL;
    }
}

/* Every third person of a field with licences holds one; those that expire do so from a month ago
 * to some years ahead. */
static void
certifications_make(const struct sample *sample, FILE *out)
{
    int i, days;

    for (i = 0; i < PEOPLE; i += 3) {
        const struct person *person = &sample->people[i];
        const char *code =
            person->here ? licence(person->primary, person->home->country, &days) : NULL;
        char who[CODE_TEXT], number[2 * CODE_TEXT];
        int starts;
        struct line line;

        if (code == NULL)
            continue;
        starts = days > 0 ? sample->today - days + i * 7 % days - 30 : person->since;
        person_code(i, who);
        snprintf(number, sizeof number, "SAMPLE-%s", who);
        line_begin(&line, out, "certification.create");
        line_text(&line, "person", who);
        line_text(&line, "qualification", code);
        line_text(&line, "number", number);
        line_day(&line, "starts", starts);
        line_end_synthetic(&line);
    }
}

int
learning_make(struct sample *sample)
{
    FILE *files[FILES];

    if (sample_open(sample, names, files, FILES) != 0)
        return -1;
    centers_write(files[CENTERS]);
    courses_make(sample, files);
    certifications_make(sample, files[CERTIFICATIONS]);
    return sample_close(sample, names, files, FILES);
}
