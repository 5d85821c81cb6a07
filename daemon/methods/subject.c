/* SPDX-License-Identifier: Apache-2.0
 *
 * The rights of the people whom records are about.
 */
#include "methods/tables.h"

enum { COHORT_FIRST = 1920, COHORT_LAST = 2030, ORCID_LENGTH = 19 };

static const struct param export_params[] = {
    PARAM_ROW_REF("person"),
    {.name = "format", .type = PARAM_CHOICE, .choices = "json|markdown",
     .help = "json for programs, markdown for the person to read; json if absent"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param access_log_params[] = {
    PARAM_ROW_REF("person"),
    {.name = "before", .type = PARAM_DATE, .help = "Only what was read before this day (UTC)"},
    {.name = "limit", .type = PARAM_LIMIT, .help = "How many rows; 100 if absent"},
    PARAM_ROW_END,
};

static const struct param correct_params[] = {
    PARAM_ROW_REF("person"),
    PARAM_ROW_IF_VERSION,
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1,
     .max = 2000, .help = "The request, and why it is or is not met"},
    {.name = "refused", .type = PARAM_CHOICE, .flags = PARAM_LIST,
     .choices = "name|career_stage|birth_cohort|researcher_id",
     .help = "Fields that were asked for and stay as they are"},
    {.name = "name", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE | PARAM_PERSONAL, .min = 1,
     .max = 200, .help = "Name, where the person is known by name"},
    {.name = "career_stage", .type = PARAM_CHOICE, .flags = PARAM_PERSONAL,
     .choices = CAREER_STAGES, .help = "Where in a career the person is"},
    {.name = "birth_cohort", .type = PARAM_INTEGER, .flags = PARAM_CLEARABLE | PARAM_PERSONAL,
     .min = COHORT_FIRST, .max = COHORT_LAST,
     .help = "First year of the five-year cohort of birth, as 1985 for 1985 to 1989"},
    {.name = "researcher_id", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE | PARAM_PERSONAL,
     .min = ORCID_LENGTH, .max = ORCID_LENGTH, .help = "ORCID identifier, as 0000-0002-1825-0097"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param restrict_params[] = {
    PARAM_ROW_REF("person"),
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1,
     .max = 2000, .help = "Why processing is restricted, or no longer"},
    {.name = "lift", .type = PARAM_BOOLEAN,
     .help = "Lift the restriction that there is; false if absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param erase_params[] = {
    PARAM_ROW_REF("person"),
    {.name = "confirm", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "The person's code once more, for an erasure cannot be taken back"},
    {.name = "cause", .type = PARAM_CHOICE, .choices = "request|consent_withdrawn|unlawful",
     .help = "Why the record goes; request if absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct column export_columns[] = {
    {"exported_at", "string", "Exported", "出力日時", "When it was exported"},
    {"person", "array", "Record", "本人の記録", "The record, and those that were merged into it"},
    {"records", "object", "Records", "関連する記録", "What every other table holds on the person"},
    {"changes", "array", "Changes", "変更", "Which fields changed when, and by whom"},
    {"accesses", "array", "Accesses", "閲覧と提供", "Who read it, and disclosures abroad"},
    {"text", "string", "Text", "本文", "With format markdown all of it as text instead"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column access_columns[] = {
    {"at", "string", "Time", "日時", "When"},
    {"kind", "string", "Kind", "種別", "read, or disclosure across a border"},
    {"by", "string", "By", "閲覧者", "Who"},
    {"organization", "string", "Organization", "機関", "For which organization"},
    {"country", "string", "Country", "国", "In which country"},
    {"purpose", "string", "Purpose", "利用目的", "For which purpose"},
    {"method", "string", "Method", "メソッド", "By which method"},
    {"form", "string", "Form", "形式", "personal, or pseudonymous: the code alone"},
    {"legal_basis", "string", "Legal basis", "法的根拠", "Under which legal basis it crossed"},
    {"consent", "string", "Consent", "同意", "Under which consent it crossed"},
    {NULL, NULL, NULL, NULL, NULL},
};

#define WRITES .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true

const struct method subject_methods[] = {
    {.name = "subject.export", .summary = "Export everything on a person",
     .summary_ja = "本人に関する全記録を出力する", .params = export_params, .shape = RESULT_OBJECT,
     .columns = export_columns, .cost = COST_SLOW, .roles = ROLES_RECORDING,
     .example = "{\"ref\": \"PS-000001\", \"format\": \"markdown\", \"lang\": \"ja\"}"},
    {.name = "subject.access_log",
     .summary = "Show who read a person's record, when and for what, and what crossed a border",
     .summary_ja = "本人の記録の閲覧・越境提供の履歴を表示する", .params = access_log_params,
     .shape = RESULT_LIST, .columns = access_columns, .cost = COST_SLOW,
     .roles = ROLES_RECORDING | ROLE_AUDITOR, .example = "{\"ref\": \"PS-000001\"}"},
    {.name = "subject.correct", .summary = "Correct a record at its subject's request",
     .summary_ja = "本人の求めにより記録を訂正する", .params = correct_params, WRITES,
     .example = "{\"ref\": \"PS-000001\", \"birth_cohort\": 1990, \"reason\": \"letter of 2 April\"}"},
    {.name = "subject.restrict", .summary = "Restrict the processing of a record, or lift that",
     .summary_ja = "記録の利用を制限し、または制限を解除する", .params = restrict_params, WRITES,
     .example = "{\"ref\": \"PS-000001\", \"reason\": \"accuracy is disputed\"}"},
    {.name = "subject.erase",
     .summary = "Erase a person from every table; figures of the past stay",
     .summary_ja = "本人の記録を消去する(過去の統計は変わらない)", .params = erase_params, WRITES,
     .example = "{\"ref\": \"PS-000001\", \"confirm\": \"PS-000001\"}"},
    {.name = NULL},
};
