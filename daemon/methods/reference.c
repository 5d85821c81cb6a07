/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param all_params[] = {
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param agreement_get_params[] = {
    PARAM_ROW_REF("agreement"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param agreement_list_params[] = {
    {.name = "parent", .type = PARAM_REFERENCE,
     .help = "Only agreements that stand under this one"},
    {.name = "in_force_on", .type = PARAM_DATE,
     .help = "Only agreements known to be in force on this day"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param committee_get_params[] = {
    PARAM_ROW_REF("committee"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param committee_list_params[] = {
    {.name = "parent", .type = PARAM_REFERENCE, .help = "Only committees that report to this one"},
    {.name = "agreement", .type = PARAM_REFERENCE,
     .help = "Only committees that work under this agreement"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param scheme_get_params[] = {
    PARAM_ROW_REF("scheme"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param scheme_list_params[] = {
    {.name = "committee", .type = PARAM_REFERENCE, .help = "Only schemes that this committee runs"},
    {.name = "agreement", .type = PARAM_REFERENCE,
     .help = "Only schemes that stand under this agreement"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column pillar_columns[] = {
    {"code", "string", "Code", "コード", "Code that records name it by"},
    {"name", "string", "Name", "名称", "Its name"},
    {"summary", "string", "Summary", "概要", "What it is about"},
    {"source", "string", "Source", "出典", "Where the record comes from"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column level_columns[] = {
    {"level", "integer", "Level", "レベル", "The level, 1 to 5"},
    {"name", "string", "Name", "名称", "Its name"},
    {"definition", "string", "Definition", "定義", "What a person at this level does"},
    {"onet_low", "number", "O*NET from", "O*NET 下限", "Lowest O*NET level (0 to 7) that it covers"},
    {"onet_high", "number", "O*NET below", "O*NET 上限", "O*NET level (0 to 7) below which it ends"},
    {"source", "string", "Source", "出典", "Where the record comes from"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column agreement_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its title"},
    {"abbreviation", "string", "Abbreviation", "略称", "What people call it; never a key"},
    {"parties", "array", "Parties", "当事者",
     "Who concluded it: countries by ISO 3166 code, others by name"},
    {"signed", "string", "Signed", "署名日", "Day of signature"},
    {"starts", "string", "In force from", "発効日", "First day on which it is in force"},
    {"ends", "string", "In force until", "失効日", "Last day on which it is in force"},
    {"parent.name", "string", "Under", "上位協定", "The agreement that it stands under"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column agreement_list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its title"},
    {"abbreviation", "string", "Abbreviation", "略称", "What people call it; never a key"},
    {"parties", "array", "Parties", "当事者",
     "Who concluded it: countries by ISO 3166 code, others by name"},
    {"signed", "string", "Signed", "署名日", "Day of signature"},
    {"parent.code", "string", "Under", "上位協定", "The agreement that it stands under"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column committee_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"abbreviation", "string", "Abbreviation", "略称",
     "What people call it; never a key, for many have namesakes"},
    {"parent.name", "string", "Reports to", "上位委員会", "The committee that it reports to"},
    {"agreement.name", "string", "Agreement", "協定", "The agreement that it works under"},
    {"established", "string", "Established", "設置日",
     "When it was set up; 1 January where only the year is known"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column committee_list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"abbreviation", "string", "Abbreviation", "略称",
     "What people call it; never a key, for many have namesakes"},
    {"parent.code", "string", "Reports to", "上位委員会", "The committee that it reports to"},
    {"agreement.code", "string", "Agreement", "協定", "The agreement that it works under"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column scheme_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"categories", "array", "Categories", "区分", "Codes of its categories"},
    {"category_names", "array", "Category names", "区分名", "What its categories are called"},
    {"rule_sources", "object", "Sources of the rules", "規則の出典",
     "Where the rules on plan, change, report and end stand"},
    {"plan_months_before", "integer", "Plan due (months before)", "計画書期限(開始前月数)",
     "The plan is due so many months before the start"},
    {"change_days_before", "integer", "Change decided (days before)", "変更届の決定期限(開始前日数)",
     "A notice of change is to be decided so many days before the changed start"},
    {"report_days_after", "integer", "Report due (days after)", "報告書期限(帰国後日数)",
     "The report is due so many days after the return"},
    {"ends_by_month", "integer", "Ends by month", "終了月",
     "Exchanges end by the last day of this month, 1 to 12, of the scheme's year"},
    {"year_kind", "string", "Year", "年度",
     "Which year it follows: calendar, jp_fiscal or us_fiscal"},
    {"committee.name", "string", "Committee", "委員会", "The committee that runs it"},
    {"agreement.name", "string", "Agreement", "協定", "The agreement that it stands under"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column scheme_list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"year_kind", "string", "Year", "年度",
     "Which year it follows: calendar, jp_fiscal or us_fiscal"},
    {"committee.code", "string", "Committee", "委員会", "The committee that runs it"},
    {"agreement.code", "string", "Agreement", "協定", "The agreement that it stands under"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method reference_methods[] = {
    {.name = "pillar.list", .summary = "List the pillars of the partnership",
     .summary_ja = "パートナーシップの柱の一覧", .params = all_params, .shape = RESULT_LIST,
     .columns = pillar_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"lang\": \"ja\"}"},
    {.name = "level.list", .summary = "List the levels of a skill, with their mapping to O*NET",
     .summary_ja = "技能レベルの一覧(O*NETとの対応付き)", .params = all_params, .shape = RESULT_LIST,
     .columns = level_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"lang\": \"en\"}"},
    {.name = "agreement.get", .summary = "Show an agreement", .summary_ja = "協定を表示する",
     .params = agreement_get_params, .shape = RESULT_OBJECT, .columns = agreement_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"sta\", \"lang\": \"ja\"}"},
    {.name = "agreement.list", .summary = "List agreements", .summary_ja = "協定の一覧",
     .params = agreement_list_params, .shape = RESULT_PAGE, .columns = agreement_list_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"parent\": \"sta\"}"},
    {.name = "committee.get", .summary = "Show a committee", .summary_ja = "委員会を表示する",
     .params = committee_get_params, .shape = RESULT_OBJECT, .columns = committee_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"ccfe\"}"},
    {.name = "committee.list", .summary = "List committees", .summary_ja = "委員会の一覧",
     .params = committee_list_params, .shape = RESULT_PAGE, .columns = committee_list_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"parent\": \"ccfe\"}"},
    {.name = "scheme.get", .summary = "Show an exchange scheme and its calendar",
     .summary_ja = "交流事業とその日程を表示する", .params = scheme_get_params, .shape = RESULT_OBJECT,
     .columns = scheme_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"jp-us-fusion\"}"},
    {.name = "scheme.list", .summary = "List exchange schemes", .summary_ja = "交流事業の一覧",
     .params = scheme_list_params, .shape = RESULT_PAGE, .columns = scheme_list_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"committee\": \"ccfe\"}"},
    {.name = NULL},
};
