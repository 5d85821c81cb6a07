/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define YEAR_KINDS "calendar|jp_fiscal|us_fiscal"
#define CONFIDENCES "low|medium|high"
#define FTE_MAX 100000000

#define ROW_REF                                                                                    \
    {.name = "ref", .type = PARAM_UUID, .flags = PARAM_REQUIRED, .help = "The UUID of the demand"}

static const struct param create_params[] = {
    {.name = "organization", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "Who needs them; an association speaks for its members with members_included"},
    {.name = "fte", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = 0, .max = FTE_MAX,
     .unit = "FTE", .help = "How many, most likely"},
    {.name = "year", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1950, .max = 2150,
     .help = "The year, on whose first day they are needed"},
    {.name = "source", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 1000,
     .help = "Where the figure comes from"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "The skill or category needed; or else a role"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "Lowest level of the skill that will do; a role has its own levels"},
    {.name = "role", .type = PARAM_REFERENCE, .help = "The role needed, all of its skills at once"},
    {.name = "fte_low", .type = PARAM_NUMBER, .min = 0, .max = FTE_MAX, .unit = "FTE",
     .help = "How many at least; fte if absent"},
    {.name = "fte_high", .type = PARAM_NUMBER, .min = 0, .max = FTE_MAX, .unit = "FTE",
     .help = "How many at most; fte if absent"},
    {.name = "year_kind", .type = PARAM_CHOICE, .choices = YEAR_KINDS,
     .help = "Which year: calendar, Japanese fiscal or United States fiscal; calendar if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "The scenario that it belongs to, in lower case; baseline if absent"},
    {.name = "confidence", .type = PARAM_CHOICE, .choices = CONFIDENCES,
     .help = "How much the source is to be trusted; medium if absent"},
    {.name = "members_included", .type = PARAM_BOOLEAN,
     .help = "Whether an association's figure holds its members' own; false if absent"},
    {.name = "source_date", .type = PARAM_DATE, .help = "Date of the source"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    {.name = "unverified", .type = PARAM_BOOLEAN,
     .help = "Whether it was only recalled and not found in a document; false if absent"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    ROW_REF,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    ROW_REF,
    PARAM_ROW_IF_VERSION,
    {.name = "fte", .type = PARAM_NUMBER, .min = 0, .max = FTE_MAX, .unit = "FTE",
     .help = "How many, most likely"},
    {.name = "fte_low", .type = PARAM_NUMBER, .min = 0, .max = FTE_MAX, .unit = "FTE",
     .help = "How many at least"},
    {.name = "fte_high", .type = PARAM_NUMBER, .min = 0, .max = FTE_MAX, .unit = "FTE",
     .help = "How many at most"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "Lowest level of the skill that will do"},
    {.name = "confidence", .type = PARAM_CHOICE, .choices = CONFIDENCES,
     .help = "How much the source is to be trusted"},
    {.name = "members_included", .type = PARAM_BOOLEAN,
     .help = "Whether an association's figure holds its members' own"},
    {.name = "source", .type = PARAM_TEXT, .min = 1, .max = 1000,
     .help = "Where the figure comes from"},
    {.name = "source_date", .type = PARAM_DATE, .flags = PARAM_CLEARABLE,
     .help = "Date of the source"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 2000, .help = "Note"},
    {.name = "unverified", .type = PARAM_BOOLEAN,
     .help = "Whether it was only recalled and not found in a document"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only those of this organization"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only those of organizations in this country, as JP"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only those for this skill, or for this category and the skills in it"},
    {.name = "role", .type = PARAM_REFERENCE, .help = "Only those for this role"},
    {.name = "year", .type = PARAM_INTEGER, .min = 1950, .max = 2150,
     .help = "Only those for this year"},
    {.name = "year_kind", .type = PARAM_CHOICE, .choices = YEAR_KINDS,
     .help = "Only this kind of year"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Only those of this scenario"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"organization.name", "string", "Organization", "機関", "Who needs them"},
    {"country", "string", "Country", "国", "Country of the organization"},
    {"members_included", "boolean", "Members", "会員を含む",
     "Whether an association's figure holds its members' own"},
    {"skill.name", "string", "Skill", "技能", "The skill or category needed"},
    {"level", "integer", "Level", "レベル", "Lowest level that will do"},
    {"role.name", "string", "Role", "職務", "The role needed"},
    {"fte_low", "number", "FTE low", "FTE(低位)", "How many FTE at least"},
    {"fte", "number", "FTE", "FTE", "How many FTE, most likely"},
    {"fte_high", "number", "FTE high", "FTE(高位)", "How many FTE at most"},
    {"year", "integer", "Year", "年", "The year"},
    {"year_kind", "string", "Kind of year", "年の種別", "Calendar or whose fiscal year"},
    {"as_of", "string", "As of", "基準日", "First day of the year"},
    {"scenario", "string", "Scenario", "シナリオ", "The scenario that it belongs to"},
    {"confidence", "string", "Confidence", "信頼度", "How much the source is to be trusted"},
    {"source_date", "string", "Source date", "出典の日付", "Date of the source"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"organization.name", "string", "Organization", "機関", "Who needs them"},
    {"skill.name", "string", "Skill", "技能", "The skill or category needed"},
    {"level", "integer", "Level", "レベル", "Lowest level that will do"},
    {"role.name", "string", "Role", "職務", "The role needed"},
    {"fte", "number", "FTE", "FTE", "How many FTE, most likely"},
    {"as_of", "string", "As of", "基準日", "First day of the year"},
    {"scenario", "string", "Scenario", "シナリオ", "The scenario that it belongs to"},
    {"confidence", "string", "Confidence", "信頼度", "How much the source is to be trusted"},
    COLUMN_MARKS,
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method demand_methods[] = {
    {.name = "demand.create", .summary = "Record a demand for people with a skill or in a role",
     .summary_ja = "技能または職務の人材需要を登録する", .params = create_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"organization\": \"helical-fusion\", \"skill\": \"FS-MCF-03\", \"level\": 3, "
                "\"fte_low\": 4, \"fte\": 6, \"fte_high\": 10, \"year\": 2027, "
                "\"year_kind\": \"jp_fiscal\", \"source\": \"Staffing plan\", \"confidence\": "
                "\"low\"}"},
    {.name = "demand.get", .summary = "Show a demand", .summary_ja = "人材需要を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"0198f3a2-5c1e-7b44-9a51-3e8f6c2d7b10\"}"},
    {.name = "demand.update", .summary = "Change a demand", .summary_ja = "人材需要を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true,
     .example = "{\"ref\": \"0198f3a2-5c1e-7b44-9a51-3e8f6c2d7b10\", \"confidence\": \"medium\"}"},
    {.name = "demand.list", .summary = "List demands", .summary_ja = "人材需要の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"country\": \"JP\", \"scenario\": \"baseline\"}"},
    {.name = NULL},
};
