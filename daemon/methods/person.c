/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

enum { COHORT_FIRST = 1920, COHORT_LAST = 2030, ORCID_LENGTH = 19 };

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Pseudonym by which people quote the record; the next number, as P-000042, if absent"},
    {.name = "name", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .min = 1, .max = 200,
     .help = "Name, where the person is known by name"},
    {.name = "career_stage", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED | PARAM_PERSONAL,
     .choices = CAREER_STAGES, .help = "Where in a career the person is"},
    {.name = "birth_cohort", .type = PARAM_INTEGER, .flags = PARAM_PERSONAL, .min = COHORT_FIRST,
     .max = COHORT_LAST,
     .help = "First year of the five-year cohort of birth, as 1985 for 1985 to 1989"},
    {.name = "researcher_id", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .min = ORCID_LENGTH,
     .max = ORCID_LENGTH, .help = "ORCID identifier, as 0000-0002-1825-0097"},
    {.name = "verified", .type = PARAM_BOOLEAN,
     .help = "Whether a coordinator has verified the record; releases count only such people; false if absent"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("person"),
    {.name = "as_of", .type = PARAM_DATE,
     .help = "The day whose home organization and levels are shown; today if absent"},
    PARAM_ROWS_PURPOSE,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("person"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE | PARAM_PERSONAL, .min = 1,
     .max = 200, .help = "Name, where the person is known by name"},
    {.name = "career_stage", .type = PARAM_CHOICE, .flags = PARAM_PERSONAL,
     .choices = CAREER_STAGES,
     .help = "Where in a career the person is"},
    {.name = "birth_cohort", .type = PARAM_INTEGER, .flags = PARAM_CLEARABLE | PARAM_PERSONAL,
     .min = COHORT_FIRST, .max = COHORT_LAST,
     .help = "First year of the five-year cohort of birth, as 1985 for 1985 to 1989"},
    {.name = "researcher_id", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE | PARAM_PERSONAL,
     .min = ORCID_LENGTH, .max = ORCID_LENGTH, .help = "ORCID identifier, as 0000-0002-1825-0097"},
    {.name = "verified", .type = PARAM_BOOLEAN,
     .help = "Whether a coordinator has verified the record; releases count only such people"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "Only people who are with this organization on the day of as_of"},
    {.name = "career_stage", .type = PARAM_CHOICE, .choices = CAREER_STAGES,
     .help = "Only at this stage"},
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only people who have this skill, or one in this category, on the day of as_of"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "With skill: at this level or above; 1 if absent"},
    {.name = "self_declared", .type = PARAM_BOOLEAN,
     .help = "With skill: count also what people say of themselves; false if absent"},
    {.name = "as_of", .type = PARAM_DATE,
     .help = "The day for which organization and skill are asked; today if absent"},
    PARAM_ROWS_PURPOSE,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param search_params[] = {
    {.name = "query", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1,
     .max = 200,
     .help = "What to look for in codes, names and ORCID identifiers: a part of a name, in either "
             "script, down to one character; width, case, accents, kana and hyphens do not matter, "
             "nor one wrong letter. Names find only people who may be shown by name"},
    PARAM_ROWS_PURPOSE,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param merge_params[] = {
    {.name = "ref", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The UUID or the code of the record that stays"},
    {.name = "duplicate", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "Another record of the same person, which goes into it; what refers to it is moved, and "
             "its UUID and code stand for the record that stays"},
    PARAM_ROW_IF_VERSION,
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1,
     .max = 1000, .help = "How it is known that both are the same person"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Pseudonym by which people quote the record"},
    {"name", "string", "Name", "氏名", "Name, where the person is known by name"},
    {"career_stage", "string", "Career stage", "キャリア段階", "Where in a career the person is"},
    {"birth_cohort", "integer", "Birth cohort", "出生コホート",
     "First year of the five-year cohort of birth"},
    {"researcher_id", "string", "Researcher identifier", "研究者ID", "ORCID identifier"},
    {"organization.name", "string", "Home organization", "所属機関",
     "Where the person has the most FTE on the day"},
    {"affiliations", "array", "Affiliations", "所属歴",
     "Where the person is and was, the latest first"},
    {"skills", "array", "Skills", "技能", "The highest valid level of each skill on the day"},
    {"holdings", "array", "Holdings", "技能の根拠",
     "Evidence of skills that was not reversed, the latest 200"},
    {"certifications", "array", "Certifications", "資格", "Qualifications, the latest first"},
    {"merged", "array", "Merged", "統合元",
     "Codes of records that were merged into this one, and stand for it"},
    {"verified", "boolean", "Verified", "確認済み", "Whether a coordinator has verified the record"},
    COLUMN_PSEUDONYMOUS,
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"created_at", "string", "Recorded", "登録日時", "When it was recorded"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Pseudonym by which people quote the record"},
    {"name", "string", "Name", "氏名", "Name, where the person is known by name"},
    {"career_stage", "string", "Career stage", "キャリア段階", "Where in a career the person is"},
    {"birth_cohort", "integer", "Birth cohort", "出生コホート",
     "First year of the five-year cohort of birth"},
    {"organization.code", "string", "Home organization", "所属機関",
     "Where the person has the most FTE on the day"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column search_columns[] = {
    {"code", "string", "Code", "コード", "Pseudonym by which people quote the record"},
    {"name", "string", "Name", "氏名", "Name, where the person is known by name"},
    COLUMNS_MATCH,
    {"career_stage", "string", "Career stage", "キャリア段階", "Where in a career the person is"},
    {"organization.code", "string", "Home organization", "所属機関",
     "Where the person has the most FTE today"},
    COLUMN_PSEUDONYMOUS,
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method person_methods[] = {
    {.name = "person.create", .summary = "Record a person", .summary_ja = "人材を登録する",
     .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true, .example = "{\"career_stage\": \"postdoc\", \"birth_cohort\": 1995}"},
    {.name = "person.get", .summary = "Show a person, with affiliations, skills and qualifications",
     .summary_ja = "人材の所属・技能・資格を表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .logs_reads = true, .roles = ROLES_PEOPLE,
     .example = "{\"ref\": \"PS-000001\", \"lang\": \"ja\"}"},
    {.name = "person.update", .summary = "Change a person", .summary_ja = "人材を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true, .example = "{\"ref\": \"PS-000001\", \"career_stage\": \"early\"}"},
    {.name = "person.list", .summary = "List people", .summary_ja = "人材の一覧", .params = list_params,
     .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST, .logs_reads = true, .roles = ROLES_PEOPLE,
     .example = "{\"organization\": \"nifs\", \"skill\": \"FS-MAG\", \"level\": 3}"},
    {.name = "person.search", .summary = "Search people by code or name",
     .summary_ja = "人材をコードや氏名で検索する", .params = search_params, .shape = RESULT_PAGE,
     .columns = search_columns, .cost = COST_FAST, .logs_reads = true, .roles = ROLES_PEOPLE,
     .example = "{\"query\": \"佐藤\", \"purpose\": \"exchange\"}"},
    {.name = "person.merge",
     .summary = "Merge two records of a person who was registered twice, keeping both histories",
     .summary_ja = "二重に登録された人材の記録を、双方の履歴を残して統合する",
     .params = merge_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true,
     .example = "{\"ref\": \"PS-000001\", \"duplicate\": \"PS-000002\", \"reason\": \"The same "
                "ORCID identifier\"}"},
    {.name = NULL},
};
