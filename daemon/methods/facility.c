/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define STATUSES "planned|under_construction|operating|paused|closed|unknown"

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as lhd"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its name"},
    {.name = "operator", .type = PARAM_REFERENCE, .help = "The organization that operates it"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Where it stands, ISO 3166-1 alpha-2 code, as JP"},
    {.name = "kind", .type = PARAM_TEXT, .min = 1, .max = 100,
     .help = "What it is, as tokamak, stellarator, laser, test stand"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES,
     .help = "Whether it runs; unknown if absent"},
    {.name = "summary", .type = PARAM_LABEL, .max = 2000, .help = "What it does"},
    {.name = "access", .type = PARAM_LABEL, .max = 2000, .help = "How others get access"},
    {.name = "skills", .type = PARAM_REFERENCE, .flags = PARAM_LIST,
     .help = "What can be learnt there: skills, or categories for all that stands in them"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("facility"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("facility"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its name"},
    {.name = "operator", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The organization that operates it"},
    {.name = "country", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 2, .max = 2,
     .help = "Where it stands, ISO 3166-1 alpha-2 code, as JP"},
    {.name = "kind", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 1, .max = 100,
     .help = "What it is, as tokamak, stellarator, laser, test stand"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Whether it runs"},
    {.name = "summary", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .max = 2000,
     .help = "What it does"},
    {.name = "access", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .max = 2000,
     .help = "How others get access"},
    {.name = "skills", .type = PARAM_REFERENCE, .flags = PARAM_LIST,
     .help = "All that can be learnt there, in place of what is recorded"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "operator", .type = PARAM_REFERENCE, .help = "Only what this organization operates"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only in this country, as JP"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Only with this status"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only where this skill, or something in this category, can be learnt"},
    PARAM_ROW_PILLAR_FILTER,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"operator.name", "string", "Operator", "運営機関", "The organization that operates it"},
    {"country", "string", "Country", "国", "Where it stands, ISO 3166-1 alpha-2 code"},
    {"kind", "string", "Kind", "種別", "What it is"},
    {"status", "string", "Status", "状況", "Whether it runs"},
    {"summary", "string", "Summary", "概要", "What it does"},
    {"access", "string", "Access", "利用方法", "How others get access"},
    {"skills", "array", "Skills", "習得できる技能", "What can be learnt there"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"operator.code", "string", "Operator", "運営機関", "The organization that operates it"},
    {"country", "string", "Country", "国", "Where it stands, ISO 3166-1 alpha-2 code"},
    {"kind", "string", "Kind", "種別", "What it is"},
    {"status", "string", "Status", "状況", "Whether it runs"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method facility_methods[] = {
    {.name = "facility.create", .summary = "Record a facility", .summary_ja = "施設を登録する",
     .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true,
     .example = "{\"code\": \"lhd\", \"name\": {\"en\": \"Large Helical Device\", "
                "\"ja\": \"大型ヘリカル装置\"}, \"operator\": \"nifs\", \"country\": \"JP\", "
                "\"kind\": \"stellarator\", \"skills\": [\"FS-MCF-02\", \"FS-MAG-06\"], "
                "\"pillars\": [\"science\", \"facilities\"]}"},
    {.name = "facility.get", .summary = "Show a facility, with what can be learnt there",
     .summary_ja = "施設と習得できる技能を表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"lhd\", \"lang\": \"ja\"}"},
    {.name = "facility.update", .summary = "Change a facility", .summary_ja = "施設を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true, .example = "{\"ref\": \"lhd\", \"status\": \"closed\"}"},
    {.name = "facility.list", .summary = "List facilities", .summary_ja = "施設の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"country\": \"JP\", \"skill\": \"FS-MAG\"}"},
    {.name = NULL},
};
