/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define STATUSES "open|being_closed|closed|accepted"
#define SEVERITIES "low|medium|high|critical"
#define FTE_MAX 100000000

/* Whose gap: of a country, of an organization, or with neither of the whole partnership. */
#define ROWS_GROUP                                                                                 \
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,                                    \
     .help = "In this country, as JP; with no organization either, in the whole partnership"},     \
    {.name = "organization", .type = PARAM_REFERENCE, .help = "In this organization"}

#define ROW_ACTION                                                                                 \
    {.name = "action", .type = PARAM_UUID, .flags = PARAM_REQUIRED,                                \
     .help = "The UUID of the action, as gap.get answers it"}

static const struct param create_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The skill or category that is short"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5,
     .help = "At this level or above"},
    {.name = "year", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1950, .max = 2150,
     .help = "In this calendar year"},
    {.name = "size_fte", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = 0, .max = FTE_MAX,
     .unit = "FTE", .help = "How many are short"},
    {.name = "severity", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = SEVERITIES,
     .help = "How much it hurts"},
    ROWS_GROUP,
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as GAP-2026-0042, if absent"},
    {.name = "owner", .type = PARAM_REFERENCE, .help = "The organization that sees to it"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param record_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The skill or category to compute it for"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5,
     .help = "At this level or above"},
    {.name = "as_of", .type = PARAM_MONTH, .flags = PARAM_REQUIRED,
     .help = "As of the first day of this month"},
    ROWS_GROUP,
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "The scenario of the demand; baseline if absent"},
    {.name = "evidence", .type = PARAM_CHOICE, .choices = "verified|all",
     .help = "Which holdings count as supply: verified ones, or all, also self-declared; verified "
             "if absent"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Whether associations' totals count that include their members' own demand; false if "
             "absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "Supply as this release published it; the last of the month or before if absent, or live "
             "figures for who may see them"},
    {.name = "severity", .type = PARAM_CHOICE, .choices = SEVERITIES,
     .help = "How much it hurts; by the part of the demand that is covered if absent"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as GAP-2026-0042, if absent"},
    {.name = "owner", .type = PARAM_REFERENCE, .help = "The organization that sees to it"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("gap"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("gap"),
    PARAM_ROW_IF_VERSION,
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES,
     .help = "From open to being closed or accepted, from there to closed or accepted; back to "
             "open with a reason"},
    {.name = "reason", .type = PARAM_TEXT, .min = 1, .max = 1000,
     .help = "Why the status changes; required to open it again"},
    {.name = "size_fte", .type = PARAM_NUMBER, .min = 0, .max = FTE_MAX, .unit = "FTE",
     .help = "How many are short; only of a declared gap"},
    {.name = "severity", .type = PARAM_CHOICE, .choices = SEVERITIES, .help = "How much it hurts"},
    {.name = "owner", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The organization that sees to it"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only those of this skill, or of this category and the skills in it"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only those in this country, as JP"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only those in this organization"},
    {.name = "owner", .type = PARAM_REFERENCE, .help = "Only those that this organization sees to"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "year", .type = PARAM_INTEGER, .min = 1950, .max = 2150,
     .help = "Only those of this year"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Only this status"},
    {.name = "severity", .type = PARAM_CHOICE, .choices = SEVERITIES, .help = "Only this severity"},
    {.name = "basis", .type = PARAM_CHOICE, .choices = "declared|computed",
     .help = "Only those declared, or only those computed"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param add_action_params[] = {
    {.name = "gap", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The UUID or the code of the gap"},
    {.name = "contribution_fte", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = 0.001,
     .max = FTE_MAX, .unit = "FTE", .help = "How many it is expected to contribute"},
    {.name = "program", .type = PARAM_REFERENCE, .help = "A program; or else an exchange"},
    {.name = "exchange", .type = PARAM_REFERENCE, .help = "An exchange"},
    {.name = "expected_on", .type = PARAM_DATE, .help = "By when"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param update_action_params[] = {
    ROW_ACTION,
    PARAM_ROW_IF_VERSION,
    {.name = "contribution_fte", .type = PARAM_NUMBER, .min = 0.001, .max = FTE_MAX, .unit = "FTE",
     .help = "How many it is expected to contribute"},
    {.name = "expected_on", .type = PARAM_DATE, .flags = PARAM_CLEARABLE, .help = "By when"},
    {.name = "actual_fte", .type = PARAM_NUMBER, .flags = PARAM_CLEARABLE, .min = 0, .max = FTE_MAX,
     .unit = "FTE", .help = "How many it has contributed"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param remove_action_params[] = {
    ROW_ACTION,
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

#define COLUMNS_FRONT                                                                              \
    {"code", "string", "Code", "コード", "Short code that people quote"},                          \
    {"skill.name", "string", "Skill", "技能", "The skill or category that is short"},              \
    {"level", "integer", "Level", "レベル", "At this level or above"},                             \
    {"country", "string", "Country", "国", "In this country; empty for the whole partnership"},    \
    {"organization.name", "string", "Organization", "機関", "In this organization"},               \
    {"year", "integer", "Year", "年", "In this calendar year"},                                    \
    {"size_fte", "number", "FTE short", "不足FTE",                                                 \
     "How many FTE are short; null where hidden, since live figures were computed with"},          \
    {"severity", "string", "Severity", "深刻度", "How much it hurts"},                             \
    {"status", "string", "Status", "状況", "Whether it is being closed"}

static const struct column columns[] = {
    COLUMNS_FRONT,
    {"statuses", "array", "Possible", "可能な状況", "The statuses that may follow"},
    {"status_reason", "string", "Reason", "理由", "Why the status changed last"},
    {"basis", "string", "Basis", "根拠", "Declared by somebody, or computed"},
    {"parameters", "object", "Parameters", "計算条件", "What a computed gap was computed from"},
    {"owner.name", "string", "Owner", "担当機関", "The organization that sees to it"},
    {"actions", "array", "Actions", "対策", "Programs and exchanges meant to close it"},
    {"expected_fte", "number", "FTE expected", "見込FTE",
     "FTE that the actions are expected to contribute"},
    {"actual_fte", "number", "FTE actual", "実績FTE", "FTE that the actions have contributed"},
    {"uncovered_fte", "number", "FTE uncovered", "未対策FTE",
     "FTE that no action is expected to contribute"},
    {"remaining_fte", "number", "FTE remaining", "残りFTE",
     "FTE that are still short after what the actions contributed"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    COLUMNS_FRONT,
    {"basis", "string", "Basis", "根拠", "Declared by somebody, or computed"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

#define WRITES .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true

const struct method gap_methods[] = {
    {.name = "gap.create", .summary = "Declare a gap", .summary_ja = "人材不足を登録する",
     .params = create_params, WRITES,
     .example = "{\"skill\": \"FS-MCF-03\", \"level\": 3, \"country\": \"JP\", \"year\": 2027, "
                "\"size_fte\": 12, \"severity\": \"high\", \"source\": \"Committee meeting\"}"},
    {.name = "gap.record", .summary = "Compute a gap from demand and supply and record it",
     .summary_ja = "需要と供給から人材不足を計算して登録する", .params = record_params, WRITES,
     .figures_on_people = true,
     .example = "{\"skill\": \"FS-MCF\", \"level\": 3, \"country\": \"JP\", \"as_of\": "
                "\"2027-04\"}"},
    {.name = "gap.get", .summary = "Show a gap with its actions and what remains",
     .summary_ja = "人材不足を対策・残りとともに表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"ref\": \"GAP-2026-0001\", \"lang\": \"en\"}"},
    {.name = "gap.update", .summary = "Change a gap or its status", .summary_ja = "人材不足を変更する",
     .params = update_params, WRITES,
     .example = "{\"ref\": \"GAP-2026-0001\", \"status\": \"being_closed\"}"},
    {.name = "gap.list", .summary = "List gaps", .summary_ja = "人材不足の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"country\": \"JP\", \"status\": \"open\"}"},
    {.name = "gap.add_action",
     .summary = "Add a program or an exchange that is meant to close a gap",
     .summary_ja = "人材不足の対策(プログラムまたは交流)を加える", .params = add_action_params, WRITES,
     .example = "{\"gap\": \"GAP-2026-0001\", \"program\": \"jifs\", \"contribution_fte\": 4, "
                "\"expected_on\": \"2027-09-30\"}"},
    {.name = "gap.update_action", .summary = "Change what an action contributes to closing a gap",
     .summary_ja = "対策の寄与を変更する", .params = update_action_params, WRITES,
     .example = "{\"action\": \"0198f3a2-5c1e-7b44-9a51-3e8f6c2d7b10\", \"actual_fte\": 3}"},
    {.name = "gap.remove_action", .summary = "Remove an action from a gap",
     .summary_ja = "対策を取り除く", .params = remove_action_params, WRITES,
     .example = "{\"action\": \"0198f3a2-5c1e-7b44-9a51-3e8f6c2d7b10\"}"},
    {.name = NULL},
};
