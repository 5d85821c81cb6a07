/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define KINDS "licence|certificate|degree|badge"

static const struct param counterpart_fields[] = {
    {.name = "qualification", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The counterpart in another country"},
    {.name = "extent", .type = PARAM_CHOICE, .choices = "full|partial",
     .help = "Whether it is recognized in full or in part; partial if absent"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    {.name = "source", .type = PARAM_TEXT, .max = 1000, .help = "Where this comes from"},
    PARAM_ROW_END,
};

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as jp-radiation-1"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its name"},
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = KINDS,
     .help = "What kind of proof it is"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "The country whose law or body gives it, ISO 3166-1 alpha-2 code, as JP"},
    {.name = "issuer", .type = PARAM_TEXT, .min = 1, .max = 300, .help = "Who gives it"},
    {.name = "valid_months", .type = PARAM_INTEGER, .min = 1, .max = 600, .unit = "months",
     .help = "How long it is valid; absent where it does not expire"},
    {.name = "counterparts", .type = PARAM_OBJECT, .flags = PARAM_LIST,
     .fields = counterpart_fields, .help = "Qualifications elsewhere that answer to it"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("qualification"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("qualification"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its name"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "What kind of proof it is"},
    {.name = "country", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 2, .max = 2,
     .help = "The country whose law or body gives it, ISO 3166-1 alpha-2 code, as JP"},
    {.name = "issuer", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 1, .max = 300,
     .help = "Who gives it"},
    {.name = "valid_months", .type = PARAM_INTEGER, .flags = PARAM_CLEARABLE, .min = 1, .max = 600,
     .unit = "months", .help = "How long it is valid"},
    {.name = "counterparts", .type = PARAM_OBJECT, .flags = PARAM_LIST,
     .fields = counterpart_fields, .help = "All qualifications elsewhere that answer to it, in place of those recorded"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only of this country, as JP"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "Only this kind"},
    PARAM_ROW_PILLAR_FILTER,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"kind", "string", "Kind", "種別", "What kind of proof it is"},
    {"country", "string", "Country", "国", "Whose law or body gives it, ISO 3166-1 alpha-2 code"},
    {"issuer", "string", "Issuer", "発行者", "Who gives it"},
    {"valid_months", "integer", "Valid (months)", "有効期間(月)", "How many months it is valid"},
    {"counterparts", "array", "Counterparts", "対応する資格",
     "Qualifications elsewhere that answer to it"},
    {"counterpart_of", "array", "Counterpart of", "対応元の資格",
     "Qualifications elsewhere that it answers to"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"kind", "string", "Kind", "種別", "What kind of proof it is"},
    {"country", "string", "Country", "国", "Whose law or body gives it, ISO 3166-1 alpha-2 code"},
    {"issuer", "string", "Issuer", "発行者", "Who gives it"},
    {"valid_months", "integer", "Valid (months)", "有効期間(月)", "How many months it is valid"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

/* A certification: a person holds a qualification from a date to a date. */

static const struct param certification_create_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "Who holds it"},
    {.name = "qualification", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "Which qualification"},
    {.name = "number", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .min = 1, .max = 100,
     .help = "Number of the licence or certificate"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "First day on which it is valid"},
    {.name = "ends", .type = PARAM_DATE,
     .help = "Last day on which it is valid; if absent, what the qualification's validity gives"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

#define CERTIFICATION_REF                                                                          \
    {.name = "ref", .type = PARAM_UUID, .flags = PARAM_REQUIRED,                                   \
     .help = "The UUID of the certification"}

static const struct param certification_get_params[] = {
    CERTIFICATION_REF,
    PARAM_ROWS_PURPOSE,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param certification_update_params[] = {
    CERTIFICATION_REF,
    PARAM_ROW_IF_VERSION,
    {.name = "number", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE | PARAM_PERSONAL, .min = 1,
     .max = 100, .help = "Number of the licence or certificate"},
    {.name = "starts", .type = PARAM_DATE, .help = "First day on which it is valid"},
    {.name = "ends", .type = PARAM_DATE, .flags = PARAM_CLEARABLE,
     .help = "Last day on which it is valid"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param certification_renew_params[] = {
    CERTIFICATION_REF,
    PARAM_ROW_IF_VERSION,
    {.name = "number", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .min = 1, .max = 100,
     .help = "Number of the renewed licence or certificate; the old one's if absent"},
    {.name = "starts", .type = PARAM_DATE,
     .help = "First day of the renewed one; the day after the old one's last if absent. Before that "
             "day, the old one ends on the day before"},
    {.name = "ends", .type = PARAM_DATE,
     .help = "Last day of the renewed one; if absent, what the qualification's validity gives"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param expiring_params[] = {
    {.name = "days", .type = PARAM_INTEGER, .min = 1, .max = 3660, .unit = "days",
     .help = "Only what expires within so many days; 90 if absent"},
    {.name = "lapsed", .type = PARAM_BOOLEAN,
     .help = "Also what expired within so many days before today; false if absent"},
    {.name = "qualification", .type = PARAM_REFERENCE, .help = "Only this qualification"},
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "Only of people who are with this organization today"},
    {.name = "person", .type = PARAM_REFERENCE, .help = "Only this person's"},
    PARAM_ROWS_PURPOSE,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column expiring_columns[] = {
    {"person.code", "string", "Person", "人材", "Who holds it"},
    {"qualification.name", "string", "Qualification", "資格", "Which qualification"},
    {"number", "string", "Number", "番号", "Number of the licence or certificate"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {"days_left", "integer", "Days left", "残り日数", "Days until then; negative where it has lapsed"},
    {"lapsed", "boolean", "Lapsed", "失効", "Whether it has lapsed"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"id", "string", "Identifier", "識別子", "UUID of the certification"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param certification_list_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .help = "Only this person's"},
    {.name = "qualification", .type = PARAM_REFERENCE, .help = "Only this qualification"},
    {.name = "as_of", .type = PARAM_DATE, .help = "Only what is valid on this day"},
    PARAM_ROWS_PURPOSE,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column certification_columns[] = {
    {"person.code", "string", "Person", "人材", "Who holds it"},
    {"qualification.name", "string", "Qualification", "資格", "Which qualification"},
    {"number", "string", "Number", "番号", "Number of the licence or certificate"},
    COLUMN_PSEUDONYMOUS,
    {"starts", "string", "From", "開始日", "First day on which it is valid"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {"renews", "string", "Renews", "更新元", "UUID of the certification that it renews"},
    {"renewed_by", "string", "Renewed by", "更新先", "UUID of the certification that renews it"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column certification_list_columns[] = {
    {"person.code", "string", "Person", "人材", "Who holds it"},
    {"qualification.name", "string", "Qualification", "資格", "Which qualification"},
    {"starts", "string", "From", "開始日", "First day on which it is valid"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method qualification_methods[] = {
    {.name = "qualification.create", .summary = "Record a licence, certificate, degree or badge",
     .summary_ja = "資格を登録する", .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE,
     .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"code\": \"jp-radiation-2\", \"name\": {\"en\": \"Radiation protection "
                "supervisor, second class\", \"ja\": \"第二種放射線取扱主任者\"}, \"kind\": \"licence\", "
                "\"country\": \"JP\", \"pillars\": [\"regulation\"]}"},
    {.name = "qualification.get", .summary = "Show a qualification, with its counterparts",
     .summary_ja = "資格と他国の対応資格を表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"jp-radiation-1\", \"lang\": \"ja\"}"},
    {.name = "qualification.update", .summary = "Change a qualification", .summary_ja = "資格を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true, .example = "{\"ref\": \"jp-radiation-1\", \"valid_months\": null}"},
    {.name = "qualification.list", .summary = "List qualifications", .summary_ja = "資格の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"country\": \"JP\", \"kind\": \"licence\"}"},
    {.name = "certification.create", .summary = "Record that a person holds a qualification",
     .summary_ja = "人材の資格取得を登録する", .params = certification_create_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"person\": \"PS-000001\", \"qualification\": \"jp-radiation-1\", "
                "\"starts\": \"2026-04-01\"}"},
    {.name = "certification.get", .summary = "Show a person's qualification",
     .summary_ja = "人材の資格を表示する", .params = certification_get_params, .shape = RESULT_OBJECT,
     .columns = certification_columns, .cost = COST_FAST, .logs_reads = true, .roles = ROLES_PEOPLE,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000001\"}"},
    {.name = "certification.renew",
     .summary = "Renew a person's qualification, keeping the old one as history",
     .summary_ja = "人材の資格を更新する(旧資格は履歴として残る)",
     .params = certification_renew_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE,
     .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000001\", \"number\": \"RP-1234\"}"},
    {.name = "qualification.expiring",
     .summary = "List people's qualifications that expire soon and were not renewed",
     .summary_ja = "まもなく失効し、まだ更新されていない資格の一覧", .params = expiring_params,
     .shape = RESULT_PAGE, .columns = expiring_columns, .cost = COST_FAST, .logs_reads = true, .roles = ROLES_PEOPLE,
     .example = "{\"days\": 180, \"organization\": \"nifs\", \"lang\": \"ja\"}"},
    {.name = "certification.update", .summary = "Change a person's qualification",
     .summary_ja = "人材の資格を変更する", .params = certification_update_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000001\", \"ends\": \"2031-03-31\"}"},
    {.name = "certification.list", .summary = "List the qualifications that people hold",
     .summary_ja = "人材の資格の一覧", .params = certification_list_params, .shape = RESULT_PAGE,
     .columns = certification_list_columns, .cost = COST_FAST, .logs_reads = true, .roles = ROLES_PEOPLE,
     .example = "{\"person\": \"PS-000001\", \"as_of\": \"2026-04-01\"}"},
    {.name = NULL},
};
