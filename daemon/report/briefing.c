/* SPDX-License-Identifier: Apache-2.0 */
#include "report/briefing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/runs.h"
#include "report/briefing_part.h"
#include "report/html.h"
#include "report/markdown.h"

const char *
member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

double
member_number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

long long
member_integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

const char *
member_name(const json_t *object, const char *name)
{
    const json_t *reference = json_object_get(object, name);
    const char *text = member_text(reference, "name");

    return *text != '\0' ? text : member_text(reference, "code");
}

const char *
briefing_place(const struct briefing *briefing, const char *group)
{
    if (*briefing->basis.organization != '\0' && strcmp(group, "all") != 0)
        return briefing->basis.organization;
    return words_term(briefing->words->places, group);
}

/* Building blocks ------------------------------------------------------------------------------- */

static char *
composed(struct briefing *briefing, struct text *text)
{
    char *copy = text_take(text);

    if (copy == NULL)
        briefing->document->failed = true;
    return copy;
}

void
briefing_paragraph(struct briefing *briefing, struct text *text)
{
    char *copy = composed(briefing, text);

    document_paragraph(briefing->document, copy);
    free(copy);
}

void
briefing_item(struct briefing *briefing, const char *lead, struct text *text)
{
    char *copy = composed(briefing, text);

    document_item(briefing->document, lead, copy);
    free(copy);
}

void
briefing_cell(struct briefing *briefing, struct text *text)
{
    char *copy = composed(briefing, text);

    document_cell(briefing->document, copy);
    free(copy);
}

void
briefing_say(struct briefing *briefing, enum phrase phrase)
{
    document_paragraph(briefing->document, briefing->words->phrase[phrase]);
}

void
briefing_number_cell(struct briefing *briefing, double value, int decimals)
{
    struct text text = {.at = NULL};

    if (isnan(value))
        text_put(&text, briefing->words->phrase[PHRASE_UNKNOWN]);
    else
        text_number(&text, value, decimals);
    briefing_cell(briefing, &text);
}

void
briefing_fte_cell(struct briefing *briefing, double value)
{
    briefing_number_cell(briefing, value, 1);
}

void
briefing_percent_cell(struct briefing *briefing, double share)
{
    struct text text = {.at = NULL};

    if (isnan(share)) {
        text_put(&text, briefing->words->phrase[PHRASE_UNKNOWN]);
    } else {
        text_number(&text, 100 * share, 0);
        text_put(&text, "%");
    }
    briefing_cell(briefing, &text);
}

void
briefing_table(struct briefing *briefing, const char *caption, int columns, const enum head heads[], const char *right)
{
    enum { COLUMNS_MAX = 16 };
    const char *names[COLUMNS_MAX];
    bool numbers[COLUMNS_MAX];

    for (int i = 0; i < columns && i < COLUMNS_MAX; i++) {
        names[i] = briefing->words->head[heads[i]];
        numbers[i] = right[i] == 'n';
    }
    document_table(briefing->document, caption, columns, names, numbers);
}

void
briefing_section(struct briefing *briefing, enum section section, unsigned marks)
{
    struct text note = {.at = NULL};
    char *copy;

    briefing->words->marks(&note, marks & briefing->marks, briefing->basis.at_most);
    copy = composed(briefing, &note);
    document_section(briefing->document, briefing->words->section[section], copy);
    free(copy);
}

/* Summary --------------------------------------------------------------------------------------- */

static void
summary_gaps(struct briefing *briefing)
{
    const struct words *words = briefing->words;
    const json_t *largest = briefing_largest(json_object_get(json_object_get(briefing->root, "matrix"), "items"), NULL);
    const struct series **order = calloc(briefing->count + 1, sizeof *order);
    struct text text = {.at = NULL};
    struct gap_fact fact;

    if (order == NULL) {
        briefing->document->failed = true;
        return;
    }
    if (largest != NULL) {
        fact = briefing_fact(briefing, largest);
        words->largest_now(&text, &fact);
        briefing_item(briefing, "", &text);
    }
    if (briefing_rank(briefing, false, order) > 0 && order[0]->p50[order[0]->last] > 0) {
        fact = briefing_outlook(order[0]);
        words->future(&text, &fact);
        briefing_item(briefing, "", &text);
    }
    if (briefing_rank(briefing, true, order) > 0) {
        fact = briefing_outlook(order[0]);
        words->growing(&text, &fact);
        briefing_item(briefing, "", &text);
    }
    free(order);
}

static void
summary_due(struct briefing *briefing)
{
    const json_t *due = json_object_get(briefing->root, "due"), *kind;
    long long late = 0, near = 0;
    struct text text = {.at = NULL}, lead = {.at = NULL};
    size_t index;

    json_array_foreach(json_object_get(due, "kinds"), index, kind)
    {
        late += member_integer(kind, "late");
        near += member_integer(kind, "near");
    }
    if (late + near > 0) {
        briefing->words->due_all(&text, late, near, (int)member_integer(due, "within_days"));
        text_print(&lead, "%s:", briefing->words->section[SECTION_DUE]);
        briefing_item(briefing, lead.at, &text);
        text_free(&lead);
    }
}

static void
summary(struct briefing *briefing)
{
    const struct words *words = briefing->words;
    struct text text = {.at = NULL};
    struct fragile_fact fragile;
    struct balance_fact balance;
    struct opportunity_fact opportunity;
    size_t before;

    briefing_section(briefing, SECTION_SUMMARY, MARK_SYNTHETIC | MARK_PERTURBED | MARK_UNVERIFIED);
    before = briefing->document->blocks;
    summary_gaps(briefing);
    if (briefing->document->blocks == before)
        briefing_say(briefing, PHRASE_NOTHING);
    if (briefing_fragile_fact(briefing, &fragile)) {
        words->fragile(&text, &fragile);
        briefing_item(briefing, "", &text);
    }
    if (briefing_balance_fact(briefing, &balance)) {
        words->balance(&text, &balance);
        briefing_item(briefing, "", &text);
    }
    summary_due(briefing);
    if (briefing_opportunity_fact(briefing, &opportunity)) {
        words->opportunity(&text, &opportunity);
        briefing_item(briefing, "", &text);
    }
    words->basis(&text, &briefing->basis);
    briefing_paragraph(briefing, &text);
    words->published(&text, &briefing->basis);
    briefing_paragraph(briefing, &text);
}

/* Running --------------------------------------------------------------------------------------- */

static unsigned
marks_of(const json_t *root)
{
    const json_t *assumption, *outcome, *demand = json_object_get(json_object_get(root, "matrix"), "demand");
    unsigned marks = json_is_true(json_object_get(root, "synthetic")) ? MARK_SYNTHETIC : 0;
    size_t index;

    if (json_is_true(json_object_get(json_object_get(root, "published"), "perturbed")) &&
        *member_text(json_object_get(root, "published"), "release") != '\0')
        marks |= MARK_PERTURBED;
    if (member_integer(demand, "unverified") > 0)
        marks |= MARK_UNVERIFIED;
    json_array_foreach(json_object_get(root, "assumptions"), index, assumption)
        if (json_is_true(json_object_get(assumption, "unverified")))
            marks |= MARK_UNVERIFIED;
    json_array_foreach(json_object_get(root, "outcomes"), index, outcome)
        if (json_is_true(json_object_get(outcome, "unverified")))
            marks |= MARK_UNVERIFIED;
    return marks;
}

/* What a model answers to a member of root, or NULL; *rc as the model said, MODEL_OK where nothing was asked. */
static json_t *
ask(const json_t *root, const char *name, model_run *run, const struct stop *stop, char *failure, int *rc)
{
    const json_t *question = json_object_get(root, name);
    struct model_answer answer = {.text = NULL};
    char *text = json_is_object(question) ? json_dumps(question, JSON_COMPACT) : NULL;
    json_t *result = NULL;

    *rc = MODEL_OK;
    if (text == NULL)
        return NULL;
    *rc = run(text, strlen(text), stop, &answer);
    if (*rc == MODEL_OK)
        result = json_loadb(answer.text, answer.size, 0, NULL);
    else
        snprintf(failure, BRIEFING_FAILURE_BYTES, "%s", answer.reason);
    if (*rc == MODEL_OK && result == NULL)
        *rc = MODEL_MEMORY;
    /* A question that makes no sense costs its section, not the document. */
    if (*rc == MODEL_BAD || *rc == MODEL_INFEASIBLE)
        *rc = MODEL_OK;
    free(answer.text);
    free(text);
    return result;
}

static void
read_basis(struct briefing *briefing)
{
    const json_t *asked = json_object_get(briefing->root, "asked"), *published = json_object_get(briefing->root, "published"),
                 *pillars = json_object_get(briefing->root, "pillars");
    const char *country = member_text(asked, "country");

    briefing->words = strcmp(member_text(asked, "lang"), "ja") == 0 ? &words_ja : &words_en;
    briefing->level = (int)member_integer(asked, "level");
    briefing->top = (int)member_integer(asked, "top");
    briefing->basis = (struct basis){
        .committee = member_name(asked, "committee"), .abbreviation = member_text(asked, "committee_abbreviation"),
        .day = member_text(asked, "date"), .month = member_text(asked, "month"), .scenario = member_text(asked, "scenario"),
        .organization = member_name(asked, "organization"),
        .country = *country != '\0' ? words_term(briefing->words->places, country) : "",
        .pillar = *member_text(asked, "pillar") != '\0' ? member_text(json_array_get(pillars, 0), "name") : "",
        .level = briefing->level, .years = (int)member_integer(asked, "years"),
        .draws = briefing->project != NULL ? member_integer(briefing->project, "draws") : 0,
        .live = strcmp(member_text(published, "live"), "all") == 0,
        .some_live = strcmp(member_text(published, "live"), "own organization") == 0,
        .release = member_text(published, "release"), .release_month = member_text(published, "release_month"),
        .at_most = (int)member_integer(published, "at_most"),
    };
    briefing->marks = marks_of(briefing->root);
}

static void
compose(struct briefing *briefing)
{
    struct text title = {.at = NULL}, running = {.at = NULL};

    briefing->words->title(&title, &briefing->basis);
    briefing->words->marks(&running, briefing->marks, briefing->basis.at_most);
    document_open(briefing->document, briefing->words->lang, title.at, running.at);
    text_free(&title);
    text_free(&running);
    summary(briefing);
    briefing_pillars(briefing);
    briefing_gaps(briefing);
    briefing_growth(briefing);
    briefing_fragile(briefing);
    briefing_balance(briefing);
    briefing_outcomes(briefing);
    briefing_due(briefing);
    briefing_opportunities(briefing);
    briefing_recorded(briefing);
    briefing_assumptions(briefing);
    briefing_unsaid(briefing);
}

static int
answer_with(const struct briefing *briefing, const struct text *text, struct model_answer *answer)
{
    const json_t *asked = json_object_get(briefing->root, "asked");
    json_t *result = json_pack("{s:s#, s:s, s:s, s:s, s:b, s:b, s:b, s:O?}", "document", text->at, (int)text->size, "format",
                               member_text(asked, "format"), "lang", briefing->words->lang, "date", briefing->basis.day, "synthetic",
                               (briefing->marks & MARK_SYNTHETIC) != 0, "unverified", (briefing->marks & MARK_UNVERIFIED) != 0,
                               "perturbed", (briefing->marks & MARK_PERTURBED) != 0, "release",
                               json_object_get(json_object_get(briefing->root, "published"), "release"));
    char *dump = result != NULL ? json_dumps(result, JSON_COMPACT) : NULL;
    int rc = dump != NULL && model_answer_put(dump, strlen(dump), answer) == 0 ? MODEL_OK : MODEL_MEMORY;

    free(dump);
    json_decref(result);
    return rc;
}

int
briefing_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    json_t *root = json_loadb(text, size, 0, NULL);
    struct document document = {.lang = "en"};
    struct briefing briefing = {.root = root, .document = &document};
    struct text written = {.at = NULL};
    char unused[BRIEFING_FAILURE_BYTES];
    int rc = MODEL_MEMORY;

    if (root == NULL)
        goto out;
    briefing.project = ask(root, "project", project_run, stop, briefing.project_failure, &rc);
    if (rc == MODEL_OK)
        briefing.opportunity = ask(root, "opportunity", opportunity_run, stop, unused, &rc);
    if (rc == MODEL_OK)
        briefing.fragile = ask(root, "fragile", fragile_run, stop, unused, &rc);
    if (rc != MODEL_OK)
        goto out;
    rc = MODEL_MEMORY;
    read_basis(&briefing);
    if (briefing_read_series(&briefing) != 0)
        goto out;
    compose(&briefing);
    if (strcmp(member_text(json_object_get(root, "asked"), "format"), "html") == 0)
        html_write(&written, &document);
    else
        markdown_write(&written, &document);
    if (!document.failed && !written.failed)
        rc = answer_with(&briefing, &written, answer);
out:
    text_free(&written);
    document_close(&document);
    free(briefing.series);
    json_decref(briefing.project);
    json_decref(briefing.opportunity);
    json_decref(briefing.fragile);
    json_decref(root);
    return rc;
}
