/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define KINDS                                                                                      \
    "quit_rate|retirement_rate|expiry_rate|move_rate|replacement_share|completion_rate|"           \
    "return_rate|fill_rate|retention_rate|session_lag|entry_age|demand_growth|visit_months|"        \
    "secondment_months|seat_months|facility_months|visit_cost|secondment_cost|facility_cost|"      \
    "travel_cost|seat_cost|visit_gain|secondment_gain|facility_gain|mentored|mentor_share|"        \
    "facility_places|approval_time|language_ease|currency_rate"

enum { AGE_MIN = 15, AGE_MAX = 100, STALE_MAX = 600, VALUE_MAX = 1000000 };

#define ROW_STALE_AFTER                                                                            \
    {.name = "stale_after_months", .type = PARAM_INTEGER, .min = 1, .max = STALE_MAX,              \
     .unit = "months", .help = "So long after the source's date it is marked stale; 36 if absent"}

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as quit.JP"},
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = KINDS,
     .help = "What it is; assumption.list shows with each kind the unit that it is measured in"},
    {.name = "mode", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = -1, .max = VALUE_MAX,
     .help = "Most likely value"},
    {.name = "source", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 1000,
     .help = "Where it comes from"},
    {.name = "source_date", .type = PARAM_DATE, .flags = PARAM_REQUIRED, .help = "Date of the source"},
    {.name = "low", .type = PARAM_NUMBER, .min = -1, .max = VALUE_MAX,
     .help = "Lowest value thought possible; mode if absent"},
    {.name = "high", .type = PARAM_NUMBER, .min = -1, .max = VALUE_MAX,
     .help = "Highest value thought possible; mode if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "The scenario that it belongs to, in lower case; baseline if absent, which holds where a "
             "scenario has none of its own"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only in this country, as JP; in all if absent"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only for this skill, or for the skills of this category; for all if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "Only for people at this level, of a quit, expiry or move rate; at all if absent"},
    {.name = "age", .type = PARAM_INTEGER, .min = AGE_MIN, .max = AGE_MAX, .unit = "years",
     .help = "Of a retirement rate: from this age until the next one's; absent: of people whose birth "
             "cohort is not known"},
    {.name = "currency", .type = PARAM_TEXT, .min = 3, .max = 3,
     .help = "Of a currency_rate: the currency of which so many units are one US dollar, as JPY"},
    ROW_STALE_AFTER,
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    {.name = "unverified", .type = PARAM_BOOLEAN,
     .help = "Whether it is a judgement, or was only recalled and not found in a document; false if absent"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("assumption"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("assumption"),
    PARAM_ROW_IF_VERSION,
    {.name = "low", .type = PARAM_NUMBER, .min = -1, .max = VALUE_MAX,
     .help = "Lowest value thought possible"},
    {.name = "mode", .type = PARAM_NUMBER, .min = -1, .max = VALUE_MAX, .help = "Most likely value"},
    {.name = "high", .type = PARAM_NUMBER, .min = -1, .max = VALUE_MAX,
     .help = "Highest value thought possible"},
    {.name = "source", .type = PARAM_TEXT, .min = 1, .max = 1000, .help = "Where it comes from"},
    {.name = "source_date", .type = PARAM_DATE, .help = "Date of the source"},
    ROW_STALE_AFTER,
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 2000, .help = "Note"},
    {.name = "unverified", .type = PARAM_BOOLEAN,
     .help = "Whether it is a judgement, or was only recalled and not found in a document"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param delete_params[] = {
    PARAM_ROW_REF("assumption"),
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "Only those of this kind"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Only those of this scenario"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only those for this country, as JP"},
    {.name = "skill", .type = PARAM_REFERENCE, .help = "Only those for this very skill or category"},
    {.name = "stale", .type = PARAM_BOOLEAN, .help = "Only stale ones, or with false only others"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

#define COLUMNS_VALUE                                                                              \
    {"code", "string", "Code", "コード", "Short code that people quote"},                          \
    {"kind", "string", "Kind", "種別", "What it is"},                                              \
    {"scenario", "string", "Scenario", "シナリオ", "The scenario that it belongs to"},             \
    {"country", "string", "Country", "国", "Only in this country"},                                \
    {"skill.code", "string", "Skill", "技能", "Only for this skill or category"},                  \
    {"level", "integer", "Level", "レベル", "Only for people at this level"},                      \
    {"age", "integer", "Age", "年齢", "From this age on, years"},                                  \
    {"currency", "string", "Currency", "通貨", "Of a currency_rate: the currency"},                  \
    {"low", "number", "Lowest value", "最小の想定", "Lowest value thought possible"},              \
    {"mode", "number", "Most likely", "最頻の想定", "Most likely value"},                          \
    {"high", "number", "Highest value", "最大の想定", "Highest value thought possible"},           \
    {"unit", "string", "Unit", "単位", "In what it is measured"},                                  \
    {"source_date", "string", "Source date", "出典の日付", "Date of the source"},                  \
    {"stale", "boolean", "Stale", "要更新", "Whether the source is older than it should be"}

static const struct column columns[] = {
    COLUMNS_VALUE,
    {"stale_after_months", "integer", "Stale after months", "更新期限(月)",
     "So long after the source's date it is marked stale, months"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    COLUMNS_VALUE,
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method assumption_methods[] = {
    {.name = "assumption.create", .summary = "Record what projections assume: a rate with its range, source and date",
     .summary_ja = "将来推計の前提(率と幅、出典、日付)を登録する", .params = create_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"code\": \"quit.JP.2030\", \"kind\": \"quit_rate\", \"country\": \"JP\", \"scenario\": \"high\", "
                "\"low\": 0.01, \"mode\": 0.03, \"high\": 0.08, \"source\": \"Survey of leavers\", "
                "\"source_date\": \"2026-03-31\"}"},
    {.name = "assumption.get", .summary = "Show an assumption", .summary_ja = "前提を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"quit.JP\"}"},
    {.name = "assumption.update", .summary = "Change an assumption", .summary_ja = "前提を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true, .example = "{\"ref\": \"quit.JP\", \"high\": 0.1, \"source_date\": \"2026-04-01\"}"},
    {.name = "assumption.delete", .summary = "Remove an assumption, so that a less specific one holds",
     .summary_ja = "前提を削除する(より一般的な前提が適用される)", .params = delete_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true, .example = "{\"ref\": \"quit.JP\"}"},
    {.name = "assumption.list", .summary = "List what projections assume, with age and source",
     .summary_ja = "将来推計の前提の一覧", .params = list_params, .shape = RESULT_PAGE, .columns = list_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"kind\": \"retirement_rate\", \"country\": \"JP\"}"},
    {.name = NULL},
};
