/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define KINDS "university|national_laboratory|company|agency|industry_association|international"

static const struct param name_fields[] = {
    {.name = "name", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 300, .help = "The name"},
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = "former|abbreviation|alias",
     .help = "A former name, an abbreviation, or another name in use"},
    {.name = "lang", .type = PARAM_CHOICE, .choices = "en|ja", .help = "Its language"},
    {.name = "from", .type = PARAM_DATE, .help = "First day on which it was used"},
    {.name = "to", .type = PARAM_DATE, .help = "Last day on which it was used"},
    PARAM_ROW_END,
};

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as nifs"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its present name"},
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = KINDS,
     .help = "What kind of organization it is"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "ISO 3166-1 alpha-2 code, as JP; may be absent for an international one"},
    {.name = "other_names", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = name_fields,
     .help = "Former names and abbreviations, dated; never keys, for several organizations share one"},
    {.name = "website", .type = PARAM_TEXT, .max = 500, .help = "Its web address"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("organization"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("organization"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its present name"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "What kind of organization it is"},
    {.name = "country", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 2, .max = 2,
     .help = "ISO 3166-1 alpha-2 code, as JP"},
    {.name = "other_names", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = name_fields,
     .help = "All of its former names and abbreviations, in place of those recorded"},
    {.name = "website", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 500, .help = "Its web address"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "Only this kind"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only this country, as JP"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param search_params[] = {
    PARAM_ROW_QUERY("codes, names past and present, and abbreviations"),
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS,
     .help = "Only this kind; leaves committees and agreements out"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only this country, as JP; leaves committees and agreements out"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its present name"},
    {"kind", "string", "Kind", "種別", "What kind of organization it is"},
    {"country", "string", "Country", "国", "ISO 3166-1 alpha-2 code"},
    {"website", "string", "Website", "ウェブサイト", "Its web address"},
    {"other_names", "array", "Other names", "別名・旧称", "Former names and abbreviations, dated"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its present name"},
    {"kind", "string", "Kind", "種別", "What kind of organization it is"},
    {"country", "string", "Country", "国", "ISO 3166-1 alpha-2 code"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column search_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"noun", "string", "What", "種類",
     "organization, or a committee or agreement that has the abbreviation too"},
    {"name", "string", "Name", "名称", "Its present name"},
    COLUMNS_MATCH,
    {"kind", "string", "Kind", "種別", "What kind of organization it is"},
    {"country", "string", "Country", "国", "ISO 3166-1 alpha-2 code"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method organization_methods[] = {
    {.name = "organization.create", .summary = "Record an organization", .summary_ja = "機関を登録する",
     .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true,
     .example = "{\"code\": \"nifs\", \"name\": {\"en\": \"National Institute for Fusion Science\", "
                "\"ja\": \"核融合科学研究所\"}, \"kind\": \"national_laboratory\", \"country\": \"JP\"}"},
    {.name = "organization.get", .summary = "Show an organization", .summary_ja = "機関を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"nifs\", \"lang\": \"ja\"}"},
    {.name = "organization.update", .summary = "Change an organization", .summary_ja = "機関を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true, .example = "{\"ref\": \"nifs\", \"website\": \"https://www.nifs.ac.jp\"}"},
    {.name = "organization.list", .summary = "List organizations", .summary_ja = "機関の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"country\": \"JP\", \"kind\": \"university\"}"},
    {.name = "organization.search",
     .summary = "Search organizations by code or name, with all that an abbreviation means",
     .summary_ja = "機関をコード・名称・旧称・略称で検索する(略称は委員会・協定も示す)",
     .params = search_params, .shape = RESULT_PAGE, .columns = search_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"query\": \"CCFE\"}"},
    {.name = NULL},
};
