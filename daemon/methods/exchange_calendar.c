/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar of exchanges stands apart from the exchanges of exchange.c: what their schemes ask
 * for, and by when.
 */
#include "methods/tables.h"

static const struct param hand_in_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "document", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = "plan|report",
     .help = "What was handed in: the implementation plan, or the report after the return"},
    {.name = "handed_in_on", .type = PARAM_DATE,
     .help = "Day on which it was handed in; today if absent"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param change_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "changes", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1,
     .max = 1000, .help = "What changes, and why"},
    {.name = "filed_on", .type = PARAM_DATE, .help = "Day of the notice; today if absent"},
    {.name = "starts", .type = PARAM_DATE,
     .help = "First day asked for instead of the one planned; not once it has begun"},
    {.name = "ends", .type = PARAM_DATE, .help = "Last day asked for instead of the one planned"},
    {.name = "days", .type = PARAM_INTEGER, .min = 1, .max = 3660, .unit = "days",
     .help = "Days asked for instead of those approved, never more than these"},
    {.name = "due_on", .type = PARAM_DATE,
     .help = "Day by which it is to be decided; by the scheme's calendar if absent"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param decide_params[] = {
    PARAM_ROW_REF("exchange"),
    PARAM_ROW_IF_VERSION,
    {.name = "notice", .type = PARAM_UUID,
     .help = "Which notice of change, by its id; the only undecided one if absent"},
    {.name = "decision", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "accepted|refused",
     .help = "accepted: the days asked for take the place of those planned and approved"},
    {.name = "decided_on", .type = PARAM_DATE, .help = "Day of the decision; today if absent"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .min = 1, .max = 1000,
     .help = "Why"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param due_params[] = {
    {.name = "as_of", .type = PARAM_DATE,
     .help = "What is due before this day is late, by the record as it stands; today if absent"},
    {.name = "within", .type = PARAM_INTEGER, .min = 0, .max = 3660, .unit = "days",
     .help = "Also what is due within so many days from then on; 30 if absent"},
    {.name = "state", .type = PARAM_CHOICE, .choices = "late|near",
     .help = "Only what is late, or only what is near"},
    {.name = "due", .type = PARAM_CHOICE,
     .choices = "plan|change|approvals|start|completion|end|report", .help = "Only this"},
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "Only exchanges that this organization sends or receives"},
    {.name = "committee", .type = PARAM_REFERENCE, .help = "Only exchanges of this committee"},
    {.name = "scheme", .type = PARAM_REFERENCE, .help = "Only exchanges under this scheme"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column due_columns[] = {
    {"due_on", "string", "Due on", "期限", "By which day"},
    {"days_left", "integer", "Days left", "残り日数", "Days until then; negative: days late"},
    {"state", "string", "State", "状態", "late or near"},
    {"due", "string", "Due", "必要な手続",
     "plan or report to be handed in; change to be decided; approvals that lack; start or "
     "completion to be recorded; end: it would end after the scheme's last day"},
    {"detail", "string", "Detail", "詳細", "Which approvals lack"},
    {"code", "string", "Code", "コード", "Short code of the exchange"},
    {"status", "string", "Status", "状況", "Where the exchange stands"},
    {"person.code", "string", "Person", "人", "Pseudonym of who goes"},
    {"key_person.code", "string", "Key person", "キーパーソン", "Pseudonym of the key person"},
    {"home.name", "string", "Home", "派遣元", "The organization that sends"},
    {"host.name", "string", "Host", "受入先", "The organization that receives"},
    {"scheme.code", "string", "Scheme", "制度", "The scheme whose calendar it follows"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {NULL, NULL, NULL, NULL, NULL},
};

#define WRITES .shape = RESULT_RECEIPT, .cost = COST_WRITE, .writes = true

const struct method exchange_calendar_methods[] = {
    {.name = "exchange.hand_in",
     .summary = "Record that the plan or the report of an exchange was handed in",
     .summary_ja = "実施計画書・事業報告書の提出を記録する", .params = hand_in_params, WRITES,
     .roles = ROLES_RECORDING,
     .example = "{\"ref\": \"EX-2026-0001\", \"document\": \"report\", "
                "\"handed_in_on\": \"2026-11-20\"}"},
    {.name = "exchange.change_notice",
     .summary = "Record a notice of change of an exchange that is approved or active",
     .summary_ja = "承認済み・実施中の交流の内容変更届を記録する", .params = change_params, WRITES,
     .roles = ROLES_RECORDING,
     .example = "{\"ref\": \"EX-2026-0001\", \"changes\": \"Machine time was moved\", "
                "\"starts\": \"2027-05-24\", \"ends\": \"2027-07-04\"}"},
    {.name = "exchange.decide_change",
     .summary = "Decide on a notice of change; what is accepted changes the plan",
     .summary_ja = "内容変更届について決定する(承認されれば計画が変わる)", .params = decide_params,
     WRITES, .roles = ROLES_REFERENCE,
     .example = "{\"ref\": \"EX-2026-0001\", \"decision\": \"accepted\"}"},
    {.name = "exchange.due", .summary = "List what of exchanges is late, or due soon",
     .summary_ja = "交流に関する手続のうち遅れているもの・期限の近いものの一覧", .params = due_params,
     .shape = RESULT_PAGE, .columns = due_columns, .cost = COST_SLOW, .roles = ROLES_PEOPLE,
     .example = "{\"within\": 60, \"committee\": \"ccfe\", \"lang\": \"en\"}"},
    {.name = NULL},
};
