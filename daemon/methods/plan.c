/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.…: which sessions and exchanges to run under budgets, and the plans that were adopted. The arithmetic is in
 * model/plan.h.
 */
#include "methods/tables.h"

enum {
    YEARS_MAX = 10,
    DRAWS_MIN = 100,
    DRAWS_MAX = 100000,
    SEED_MAX = 2147483647,
    SECONDS_MAX = 60,
    TIMES_MAX = 1000,
    PLACES_MAX = 10000,
    YEAR_MIN = 1950,
    YEAR_MAX = 2150,
    WEIGHT_MAX = 1000,
};
#define MONEY_MAX 1e12
#define FTE_MAX 100000000
#define UNIT_MIN 100
#define SECONDS_MIN 0.1

static const struct param budget_fields[] = {
    {.name = "year", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = YEAR_MIN, .max = YEAR_MAX,
     .help = "The year of the plan: the twelve months that begin in it"},
    {.name = "country", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 2, .max = 2,
     .help = "Whose budget: it pays its programs' sessions and the people that it sends, as JP"},
    {.name = "amount", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .max = MONEY_MAX, .help = "How much, in currency"},
    {.name = "currency", .type = PARAM_TEXT, .min = 3, .max = 3, .help = "Currency, ISO 4217; USD if absent"},
    PARAM_ROW_END,
};

static const struct param weight_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill or category"},
    {.name = "weight", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .max = WEIGHT_MAX, .help = "What an FTE of it weighs"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "In this country; in all if absent"},
    PARAM_ROW_END,
};

static const struct param ceiling_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill or category"},
    {.name = "fte", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .max = FTE_MAX, .unit = "FTE",
     .help = "No more may remain at the end of the last year"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "In this country; in each if absent"},
    PARAM_ROW_END,
};

static const struct param committed_fields[] = {
    {.name = "program", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The program"},
    {.name = "year", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = YEAR_MIN, .max = YEAR_MAX, .help = "The year"},
    {.name = "times", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = TIMES_MAX, .help = "How many sessions"},
    PARAM_ROW_END,
};

static const struct param optimize_params[] = {
    {.name = "years", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = YEARS_MAX, .unit = "years",
     .help = "How many years are planned"},
    {.name = "budgets", .type = PARAM_OBJECT, .flags = PARAM_REQUIRED | PARAM_LIST, .fields = budget_fields,
     .help = "What may be spent; nothing where a year and country has none"},
    {.name = "as_of", .type = PARAM_MONTH, .help = "The month in which the first year begins; next January if absent"},
    {.name = "seed", .type = PARAM_INTEGER, .max = SEED_MAX, .help = "Of the projection, as in gap.project; 1 if absent"},
    {.name = "draws", .type = PARAM_INTEGER, .min = DRAWS_MIN, .max = DRAWS_MAX,
     .help = "How many possible futures are drawn; 1000 if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Demand of this scenario; baseline if absent"},
    {.name = "assumptions", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Assumptions of this scenario, and the baseline's where it has none; as scenario if absent"},
    {.name = "of", .type = PARAM_CHOICE, .choices = "skill|category", .help = "What is planned for; categories if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5, .help = "At this level or above; 3 if absent"},
    {.name = "skill", .type = PARAM_REFERENCE, .help = "Only this skill or category"},
    {.name = "category", .type = PARAM_REFERENCE, .help = "Only what stands below this category"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only gaps of this country, as JP"},
    {.name = "quantile", .type = PARAM_CHOICE, .choices = "p50|p90",
     .help = "Which gap of the projection is to be closed; p50 if absent, p90 to be on the safe side"},
    {.name = "weights", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = weight_fields,
     .help = "What an FTE of a gap weighs; 1 where none is given"},
    {.name = "ceilings", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = ceiling_fields,
     .help = "What has to be reached"},
    {.name = "committed", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = committed_fields,
     .help = "Further sessions that are run in any case"},
    {.name = "sessions_per_year", .type = PARAM_INTEGER, .max = TIMES_MAX,
     .help = "Further sessions that a program can run in a year; 1 if absent"},
    {.name = "exchange_places", .type = PARAM_INTEGER, .max = PLACES_MAX,
     .help = "How many people from abroad a country can host in a year; only its mentors limit them if absent"},
    {.name = "exchanges", .type = PARAM_BOOLEAN, .help = "Plan exchanges, too; true if absent"},
    {.name = "unit", .type = PARAM_NUMBER, .min = UNIT_MIN, .max = MONEY_MAX, .unit = "USD",
     .help = "How much one more unit of a budget is; 50000 if absent"},
    {.name = "prices", .type = PARAM_BOOLEAN,
     .help = "Solve again to say what one more unit of each budget would buy; true if absent"},
    {.name = "seconds", .type = PARAM_NUMBER, .min = SECONDS_MIN, .max = SECONDS_MAX, .unit = "seconds",
     .help = "How long to look for a better plan; 10 if absent"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Count totals of associations that include their members' own demand; false if absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "People as this release published them; the last of the month or before if absent, or live "
             "figures for who may see them"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column optimize_columns[] = {
    {"year", "integer", "Year", "年", "The year in which it runs"},
    {"kind", "string", "Kind", "種別", "session, visit or secondment"},
    {"program.code", "string", "Program", "プログラム", "The program, of a session"},
    {"home_country", "string", "From", "派遣国", "The country that sends, of an exchange"},
    {"host_country", "string", "To", "受入国", "The country that receives, of an exchange"},
    {"times", "integer", "Runs", "回数", "How many sessions, or people on exchange"},
    {"people", "number", "People", "人数", "How many people take part"},
    {"cost", "number", "Cost", "費用", "What all of it costs, US dollars"},
    {"cost_assumed", "boolean", "Assumed", "仮定", "Whether the cost is an assumption"},
    {"serves", "array", "Serves", "対象", "The gaps that it closes, with the FTE that it adds and from when"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param item_fields[] = {
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = "session|visit|secondment",
     .help = "What is run"},
    {.name = "year", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = YEAR_MIN, .max = YEAR_MAX,
     .help = "The year in which it runs"},
    {.name = "times", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = TIMES_MAX,
     .help = "How many sessions, or people on exchange"},
    {.name = "contribution_fte", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .max = FTE_MAX, .unit = "FTE",
     .help = "What it is expected to contribute to the gap"},
    {.name = "program", .type = PARAM_REFERENCE, .help = "The program, of a session"},
    {.name = "exchange", .type = PARAM_REFERENCE, .help = "The exchange that carries it out, where there is one already"},
    {.name = "home_country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "The country that sends, of an exchange"},
    {.name = "host_country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "The country that receives, of an exchange"},
    {.name = "cost", .type = PARAM_NUMBER, .max = MONEY_MAX, .help = "What all of it costs, in currency"},
    {.name = "currency", .type = PARAM_TEXT, .min = 3, .max = 3, .help = "Currency, ISO 4217; USD if absent"},
    {.name = "gap", .type = PARAM_REFERENCE, .help = "The recorded gap that it serves"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Without a gap: the skill or category of one, which is recorded where none is for the plan's level, the "
             "country and the year"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Without a gap: its country"},
    {.name = "size_fte", .type = PARAM_NUMBER, .max = FTE_MAX, .unit = "FTE",
     .help = "Without a gap: how much was projected to be short, as remaining of plan.optimize has it under gap"},
    {.name = "expected_on", .type = PARAM_DATE, .help = "When the contribution is expected; the year's last day if absent"},
    PARAM_ROW_END,
};

static const struct param parameter_fields[] = {
    {.name = "as_of", .type = PARAM_MONTH, .flags = PARAM_REQUIRED, .help = "The month in which the first year begins"},
    {.name = "years", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = YEARS_MAX, .unit = "years",
     .help = "How many years were planned"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5, .help = "At this level or above"},
    {.name = "quantile", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = "p50|p90", .help = "Which gap was to be closed"},
    {.name = "seed", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .max = SEED_MAX, .help = "The seed"},
    {.name = "draws", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = DRAWS_MAX, .help = "The draws"},
    {.name = "budgets", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = budget_fields, .help = "The budgets"},
    {.name = "release", .type = PARAM_REFERENCE, .help = "The release that it was planned from; absent for live figures"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Of demand; baseline if absent"},
    {.name = "assumptions", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Of the assumptions; as scenario if absent"},
    {.name = "objective", .type = PARAM_NUMBER, .max = MONEY_MAX, .help = "The weighted gap that remains"},
    {.name = "before", .type = PARAM_NUMBER, .max = MONEY_MAX, .help = "The weighted gap without the plan"},
    {.name = "bound", .type = PARAM_NUMBER, .max = MONEY_MAX, .help = "No plan can do better than this"},
    {.name = "proven", .type = PARAM_BOOLEAN, .help = "Whether the plan is proven to be the best"},
    PARAM_ROW_END,
};

static const struct param adopt_params[] = {
    {.name = "items", .type = PARAM_OBJECT, .flags = PARAM_REQUIRED | PARAM_LIST, .fields = item_fields,
     .help = "What is adopted: a row for each run and gap that it serves"},
    {.name = "parameters", .type = PARAM_OBJECT, .flags = PARAM_REQUIRED, .fields = parameter_fields,
     .help = "What plan.optimize was asked and answered, which is kept as it is"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as PLAN-2026-0001, if absent"},
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 200, .help = "What it is called"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("plan"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "What it is called"},
    {"parameters", "object", "Parameters", "条件", "What it was optimized with and came to, frozen"},
    {"hidden", "boolean", "Hidden", "非表示", "Whether what it came to is hidden, as it counts people as they are"},
    {"items", "array", "Items", "項目", "What is run in which year, with the actions on gaps that it is"},
    {"note", "string", "Note", "備考", "Note"},
    {"synthetic", "boolean", "Synthetic", "合成データ", "Whether it was made up for trying the program out"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"created_at", "string", "Adopted", "採択日時", "When it was adopted"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param list_params[] = {
    {.name = "program", .type = PARAM_REFERENCE, .help = "Only plans that run this program"},
    {.name = "gap", .type = PARAM_REFERENCE, .help = "Only plans that serve this gap"},
    {.name = "year", .type = PARAM_INTEGER, .min = YEAR_MIN, .max = YEAR_MAX, .help = "Only plans that run something in this year"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "What it is called"},
    {"as_of", "string", "From", "開始月", "The month in which its first year begins"},
    {"years", "integer", "Years", "年数", "How many years were planned"},
    {"quantile", "string", "Gap", "不足", "Which gap was to be closed: p50 or p90"},
    {"release", "string", "Release", "公表", "The release that it was planned from; null for live figures"},
    {"items", "integer", "Items", "項目数", "How many sessions and exchanges it has, by year"},
    {"actions", "integer", "Actions", "対策数", "How many actions on gaps these are"},
    {"gaps", "integer", "Gaps", "不足数", "How many gaps they serve"},
    {"synthetic", "boolean", "Synthetic", "合成データ", "Whether it was made up for trying the program out"},
    {"created_at", "string", "Adopted", "採択日時", "When it was adopted"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method plan_methods[] = {
    {.name = "plan.optimize", .summary = "Find which sessions and exchanges to run, and when, so that the least gap remains under budgets",
     .summary_ja = "予算内で不足が最も小さくなる研修・交流の計画を求める", .params = optimize_params,
     .shape = RESULT_LIST, .columns = optimize_columns, .kind = METHOD_MODEL, .compute = COMPUTE_PLAN,
     .cost = COST_SLOW, .roles = ROLE_ANALYST | ROLES_RECORDING, .figures_on_people = true,
     .example = "{\"years\": 3, \"as_of\": \"2027-01\", \"category\": \"FS-TRI\", \"budgets\": [{\"year\": 2027, \"country\": "
                "\"JP\", \"amount\": 30000000, \"currency\": \"JPY\"}, {\"year\": 2028, \"country\": \"US\", \"amount\": "
                "200000}], \"lang\": \"en\"}"},
    {.name = "plan.adopt", .summary = "Adopt a plan: store what it runs as actions on the gaps that it serves",
     .summary_ja = "計画を採択し、その内容を不足への対策として登録する", .params = adopt_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"items\": [{\"kind\": \"secondment\", \"home_country\": \"JP\", \"host_country\": \"US\", \"year\": 2027, "
                "\"times\": 2, \"contribution_fte\": 1.1, \"skill\": \"FS-TRI\", \"country\": \"JP\", \"size_fte\": 17.5}], "
                "\"parameters\": {\"as_of\": \"2027-01\", \"years\": 3, \"level\": 3, \"quantile\": \"p50\", \"seed\": 1, "
                "\"draws\": 1000}}"},
    {.name = "plan.get", .summary = "Show an adopted plan, with what came of it", .summary_ja = "採択した計画と実績を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .figures_on_people = true, .example = "{\"ref\": \"PLAN-2026-0001\"}"},
    {.name = "plan.list", .summary = "List adopted plans", .summary_ja = "採択した計画の一覧", .params = list_params,
     .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"year\": 2027, \"lang\": \"en\"}"},
    {.name = NULL},
};
