/* SPDX-License-Identifier: Apache-2.0
 *
 * Workshops of the two countries in the years before the sample's day, three a year, in turn in
 * either. Their participants are numbers, and so move no supply.
 */
#include "day.h"
#include "line.h"
#include "sample.h"

enum { YEARS = 4, A_YEAR = 3, DAYS = 4, REPORTED = 20 };

enum file { PROPOSALS, SUBMISSIONS, DECISIONS, APPROVALS, ACTIVATIONS, ENDS, REPORTS, FILES };

static const char *const names[FILES] = {
    [PROPOSALS] = "70_workshops.jsonl",
    [SUBMISSIONS] = "71_workshop_submissions.jsonl",
    [DECISIONS] = "72_workshop_decisions.jsonl",
    [APPROVALS] = "73_workshop_approvals.jsonl",
    [ACTIVATIONS] = "74_workshop_activations.jsonl",
    [ENDS] = "75_workshop_ends.jsonl",
    [REPORTS] = "76_workshop_reports.jsonl",
};

static const struct {
    const char *category, *en, *ja, *pillar;
    const char *home[2], *host; /* the home, another that sends people, and the host */
} topics[] = {
    {"joint-planning",
     "Workshop: high heat flux components",
     "ワークショップ:高熱流束機器",
     "science",
     {"nifs", "kyoto-u"},
     "ornl"},
    {"joint-institute",
     "Workshop: theory of energetic particles",
     "ワークショップ:高エネルギー粒子の理論",
     "science",
     {"ut-ifs", "pppl"},
     "nifs"},
    {"personal-exchange",
     "Workshop: regulation of fusion machines",
     "ワークショップ:核融合装置の規制",
     "regulation",
     {"qst", "nifs"},
     "pppl"},
};

static void
proposal_write(struct random *random, FILE *out, const char *code, size_t topic, int starts)
{
    char people[256];
    struct line line;

    snprintf(
        people, sizeof people,
        "[{\"organization\": \"%s\", \"people\": %d}, {\"organization\": \"%s\", \"people\": %d}, "
        "{\"organization\": \"%s\", \"people\": %d}]",
        topics[topic].home[0], random_between(random, 2, 5), topics[topic].home[1],
        random_between(random, 1, 3), topics[topic].host, random_between(random, 8, 20));
    line_begin(&line, out, "exchange.create");
    line_text(&line, "code", code);
    line_text(&line, "kind", "workshop");
    line_label(&line, "title", topics[topic].en, topics[topic].ja);
    line_text(&line, "home", topics[topic].home[0]);
    line_text(&line, "host", topics[topic].host);
    line_text(&line, "agreement", "sta");
    line_text(&line, "committee", "ccfe");
    line_text(&line, "scheme", "jp-us-fusion");
    line_text(&line, "category", topics[topic].category);
    line_json(&line, "pillars",
              topics[topic].pillar[0] == 'r' ? "[\"regulation\"]" : "[\"science\"]");
    line_day(&line, "starts", starts);
    line_day(&line, "ends", starts + DAYS - 1);
    line_json(&line, "participants", people);
    line_json(&line, "costs", "[{\"part\": \"venue\", \"payer\": \"host\"}]");
    line_text(&line, "source", "jinzai synthetic sample");
    line_end_synthetic(&line);
}

static void
decisions_write(FILE *out, const char *code, int starts)
{
    static const char *const sides[] = {"home", "host"};
    struct line line;
    int i;

    for (i = 0; i < 2; i++) {
        line_begin(&line, out, "exchange.decide");
        line_text(&line, "ref", code);
        line_text(&line, "approval", sides[i]);
        line_text(&line, "decision", "granted");
        line_day(&line, "decided_on", starts - 90);
        line_end(&line);
    }
}

static void
step_write(FILE *out, const char *method, const char *code, int ended_on)
{
    struct line line;

    line_begin(&line, out, method);
    line_text(&line, "ref", code);
    if (ended_on != 0)
        line_day(&line, "ended_on", ended_on);
    line_end(&line);
}

static void
report_write(FILE *out, const char *code, int day)
{
    struct line line;

    line_begin(&line, out, "exchange.hand_in");
    line_text(&line, "ref", code);
    line_text(&line, "document", "report");
    line_day(&line, "handed_in_on", day);
    line_end(&line);
}

int
workshops_make(struct sample *sample)
{
    static const int months[A_YEAR] = {5, 9, 1};
    FILE *files[FILES];
    struct random random; /* of its own, so that what is drawn elsewhere stays the same */
    char code[CODE_TEXT];
    int i, starts;

    if (sample_open(sample, names, files, FILES) != 0)
        return -1;
    random_seed(&random, sample->seed + 70000);
    for (i = 0; i < YEARS * A_YEAR; i++) {
        snprintf(code, sizeof code, "XW-%02d", i + 1);
        /* In May, in September, and in January, which is still in Japan's fiscal year. */
        starts = day_of(sample->year - YEARS + i / A_YEAR + (i % A_YEAR == 2), months[i % A_YEAR],
                        random_between(&random, 8, 20));
        if (starts + DAYS + REPORTED > sample->today)
            break;
        proposal_write(&random, files[PROPOSALS], code, (size_t)(i % A_YEAR), starts);
        step_write(files[SUBMISSIONS], "exchange.submit", code, 0);
        decisions_write(files[DECISIONS], code, starts);
        step_write(files[APPROVALS], "exchange.approve", code, 0);
        step_write(files[ACTIVATIONS], "exchange.activate", code, 0);
        step_write(files[ENDS], "exchange.complete", code, starts + DAYS - 1);
        report_write(files[REPORTS], code, starts + DAYS + random_between(&random, 5, 18));
    }
    return sample_close(sample, names, files, FILES);
}
