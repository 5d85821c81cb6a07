/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

enum { COUNTRY_LENGTH = 2 };

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote"},
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "agreement|contract|law|adequacy|equivalent_measures|public_interest",
     .help = "What kind of basis it is"},
    {.name = "law", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "appi|gdpr|privacy_act|other", .help = "Under which law"},
    {.name = "provision", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 200,
     .help = "Which provision of it, as APPI 28(1)"},
    {.name = "purpose", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = PURPOSES,
     .help = "The purpose that it allows"},
    {.name = "from_country", .type = PARAM_TEXT, .min = COUNTRY_LENGTH, .max = COUNTRY_LENGTH,
     .help = "The country whose people it covers, ISO 3166-1 alpha-2 code; this, organization or "
             "person is given"},
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "The organization whose people it covers"},
    {.name = "person", .type = PARAM_REFERENCE, .help = "The person whom it covers"},
    {.name = "recipient_country", .type = PARAM_TEXT, .flags = PARAM_REQUIRED,
     .min = COUNTRY_LENGTH, .max = COUNTRY_LENGTH,
     .help = "The country to which the data may go, ISO 3166-1 alpha-2 code"},
    {.name = "recipient", .type = PARAM_REFERENCE,
     .help = "The only organization there that may have it; any if absent"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "First day on which it is valid"},
    {.name = "ends", .type = PARAM_DATE, .help = "Last day on which it is valid; open if absent"},
    {.name = "agreement", .type = PARAM_REFERENCE, .help = "The agreement that it rests on"},
    {.name = "document", .type = PARAM_TEXT, .min = 1, .max = 1000,
     .help = "Where the document is kept"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("legal basis"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("legal basis"),
    PARAM_ROW_IF_VERSION,
    {.name = "provision", .type = PARAM_TEXT, .min = 1, .max = 200,
     .help = "Which provision of the law, as APPI 28(1)"},
    {.name = "agreement", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The agreement that it rests on"},
    {.name = "document", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 1, .max = 1000,
     .help = "Where the document is kept"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param end_params[] = {
    PARAM_ROW_REF("legal basis"),
    PARAM_ROW_IF_VERSION,
    {.name = "ends", .type = PARAM_DATE,
     .help = "Last day on which it is valid; if absent, it ends at once"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "purpose", .type = PARAM_CHOICE, .choices = PURPOSES, .help = "Only for this purpose"},
    {.name = "from_country", .type = PARAM_TEXT, .min = COUNTRY_LENGTH, .max = COUNTRY_LENGTH,
     .help = "Only those that cover this country's people"},
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "Only those that cover this organization's people"},
    {.name = "person", .type = PARAM_REFERENCE, .help = "Only those that cover this person"},
    {.name = "recipient_country", .type = PARAM_TEXT, .min = COUNTRY_LENGTH, .max = COUNTRY_LENGTH,
     .help = "Only those towards this country"},
    {.name = "in_force_on", .type = PARAM_DATE, .help = "Only what is valid on this day"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"kind", "string", "Kind", "種別", "What kind of basis it is"},
    {"law", "string", "Law", "法令", "Under which law"},
    {"provision", "string", "Provision", "条項", "Which provision of it"},
    {"purpose", "string", "Purpose", "利用目的", "The purpose that it allows"},
    {"scope", "string", "Scope", "対象範囲", "Whose data it covers"},
    {"from_country", "string", "From country", "提供元の国", "The country whose people it covers"},
    {"organization.code", "string", "From organization", "提供元の機関",
     "The organization whose people it covers"},
    {"person.code", "string", "Person", "人材", "The person whom it covers"},
    {"recipient_country", "string", "To country", "提供先の国", "The country to which data may go"},
    {"recipient.code", "string", "Recipient", "提供先の機関",
     "The only organization there that may have it"},
    {"starts", "string", "From", "開始日", "First day on which it is valid"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {"agreement.code", "string", "Agreement", "協定", "The agreement that it rests on"},
    {"document", "string", "Document", "文書", "Where the document is kept"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"provision", "string", "Provision", "条項", "Which provision of the law"},
    {"purpose", "string", "Purpose", "利用目的", "The purpose that it allows"},
    {"scope", "string", "Scope", "対象範囲", "Whose data it covers"},
    {"recipient_country", "string", "To country", "提供先の国", "The country to which data may go"},
    {"starts", "string", "From", "開始日", "First day on which it is valid"},
    {"ends", "string", "Until", "終了日", "Last day on which it is valid"},
    {NULL, NULL, NULL, NULL, NULL},
};

#define READS .cost = COST_FAST, .roles = ROLES_PEOPLE
#define WRITES .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true

const struct method legal_basis_methods[] = {
    {.name = "legal_basis.create",
     .summary = "Record what allows people's data to cross a border for a purpose",
     .summary_ja = "個人データの越境提供の法的根拠を登録する", .params = create_params, WRITES,
     .example = "{\"code\": \"LB-US-exchange\", \"kind\": \"agreement\", \"law\": \"appi\", "
                "\"provision\": \"APPI 28(1)\", \"purpose\": \"exchange\", \"organization\": \"nifs\", "
                "\"recipient_country\": \"US\", \"starts\": \"2026-04-01\"}"},
    {.name = "legal_basis.get", .summary = "Show a legal basis", .summary_ja = "法的根拠を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, READS,
     .example = "{\"ref\": \"LB-US-exchange\"}"},
    {.name = "legal_basis.update", .summary = "Change what is written about a legal basis",
     .summary_ja = "法的根拠の記載を変更する", .params = update_params, WRITES,
     .example = "{\"ref\": \"LB-US-exchange\", \"document\": \"records office, file 2026-17\"}"},
    {.name = "legal_basis.end", .summary = "End a legal basis, at once or on a day",
     .summary_ja = "法的根拠を終了する", .params = end_params, WRITES,
     .example = "{\"ref\": \"LB-US-exchange\", \"ends\": \"2027-03-31\"}"},
    {.name = "legal_basis.list", .summary = "List legal bases", .summary_ja = "法的根拠の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, READS,
     .example = "{\"recipient_country\": \"US\", \"in_force_on\": \"2026-04-01\"}"},
    {.name = NULL},
};
