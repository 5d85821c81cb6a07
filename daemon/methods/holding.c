/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define EVIDENCE "training|exchange|badge|assessment|experience|self_declared"
#define CONFIDENCE "low|medium|high"

#define REF                                                                                        \
    {.name = "ref", .type = PARAM_UUID, .flags = PARAM_REQUIRED, .help = "The UUID of the holding"}

static const struct param create_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "Who"},
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "Which skill, not a category"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5,
     .help = "At which level"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "First day on which the evidence is valid"},
    {.name = "ends", .type = PARAM_DATE,
     .help = "Last day on which it is valid; absent where it does not expire"},
    {.name = "evidence", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = EVIDENCE,
     .help = "What it rests on; self-declared holdings count only where a caller asks"},
    {.name = "confidence", .type = PARAM_CHOICE, .choices = CONFIDENCE,
     .help = "How sure the assessor is; medium if absent"},
    {.name = "assessor", .type = PARAM_REFERENCE, .help = "The organization that assessed it"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 2000, .help = "Note"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    REF,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    REF,
    PARAM_ROW_IF_VERSION,
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5, .help = "At which level"},
    {.name = "starts", .type = PARAM_DATE, .help = "First day on which the evidence is valid"},
    {.name = "ends", .type = PARAM_DATE, .flags = PARAM_CLEARABLE,
     .help = "Last day on which it is valid"},
    {.name = "evidence", .type = PARAM_CHOICE, .choices = EVIDENCE,
     .help = "What it rests on; stays where an enrollment or exchange granted the holding"},
    {.name = "confidence", .type = PARAM_CHOICE, .choices = CONFIDENCE,
     .help = "How sure the assessor is"},
    {.name = "assessor", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The organization that assessed it"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE | PARAM_PERSONAL, .max = 2000,
     .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param reverse_params[] = {
    REF,
    PARAM_ROW_IF_VERSION,
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1,
     .max = 2000, .help = "Why it never counts any more"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .help = "Only this person's"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only this skill, or those in this category"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "Only at this level or above"},
    {.name = "evidence", .type = PARAM_CHOICE, .choices = EVIDENCE,
     .help = "Only by this evidence"},
    {.name = "assessor", .type = PARAM_REFERENCE, .help = "Only what this organization assessed"},
    {.name = "as_of", .type = PARAM_DATE, .help = "Only what is valid on this day"},
    {.name = "reversed", .type = PARAM_BOOLEAN,
     .help = "Only reversed holdings, or with false only those that stand"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"person.code", "string", "Person", "人材", "Who"},
    {"skill.name", "string", "Skill", "技能", "Which skill"},
    {"level", "integer", "Level", "レベル", "At which level, 1 to 5"},
    {"starts", "string", "From", "開始日", "First day on which the evidence is valid"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {"evidence", "string", "Evidence", "根拠", "What it rests on"},
    {"confidence", "string", "Confidence", "確度", "How sure the assessor is"},
    {"assessor.name", "string", "Assessor", "評価機関", "The organization that assessed it"},
    {"enrollment.code", "string", "Enrollment", "受講", "The enrollment that granted it"},
    {"exchange.code", "string", "Exchange", "交流", "The exchange that granted it"},
    {"note", "string", "Note", "備考", "Note"},
    {"reversed_on", "string", "Reversed", "取消日",
     "Day on which it was reversed; it never counts any more"},
    {"reversed_reason", "string", "Reason", "取消理由", "Why it was reversed"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"person.code", "string", "Person", "人材", "Who"},
    {"skill.code", "string", "Skill", "技能コード", "Which skill"},
    {"skill.name", "string", "Name", "技能", "Its name"},
    {"level", "integer", "Level", "レベル", "At which level, 1 to 5"},
    {"evidence", "string", "Evidence", "根拠", "What it rests on"},
    {"starts", "string", "From", "開始日", "First day on which the evidence is valid"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {"reversed_on", "string", "Reversed", "取消日", "Day on which it was reversed"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method holding_methods[] = {
    {.name = "holding.create", .summary = "Record evidence that a person has a skill",
     .summary_ja = "技能の保有とその根拠を登録する", .params = create_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"person\": \"PS-000001\", \"skill\": \"FS-MAG-01\", \"level\": 3, "
                "\"starts\": \"2026-04-01\", \"evidence\": \"assessment\", "
                "\"assessor\": \"nifs\"}"},
    {.name = "holding.get", .summary = "Show a holding", .summary_ja = "技能の保有を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_PEOPLE, .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000003\"}"},
    {.name = "holding.update", .summary = "Correct a holding", .summary_ja = "技能の保有を訂正する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000003\", \"level\": 2}"},
    {.name = "holding.reverse",
     .summary = "Take back a holding, which stays on record with the reason",
     .summary_ja = "技能の保有を取り消す(記録と理由は残る)", .params = reverse_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000003\", "
                "\"reason\": \"recorded for the wrong person\"}"},
    {.name = "holding.list", .summary = "List holdings", .summary_ja = "技能の保有の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_PEOPLE, .example = "{\"person\": \"PS-000001\", \"reversed\": false}"},
    {.name = NULL},
};
