/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

enum { COUNTRY_LENGTH = 2 };

#define CONSENT_REF                                                                                \
    {.name = "ref", .type = PARAM_UUID, .flags = PARAM_REQUIRED, .help = "The UUID of the consent"}

static const struct param give_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "Who consents"},
    {.name = "purpose", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = PURPOSES,
     .help = "For which purpose"},
    {.name = "recipient_country", .type = PARAM_TEXT, .flags = PARAM_REQUIRED,
     .min = COUNTRY_LENGTH, .max = COUNTRY_LENGTH,
     .help = "To which country, ISO 3166-1 alpha-2 code"},
    {.name = "recipient", .type = PARAM_REFERENCE,
     .help = "To which organization there only; any if absent"},
    {.name = "notice_version", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 100,
     .help = "Version of the notice that the person was given, on the country, its system of "
             "protection and the recipient's measures"},
    {.name = "notice_lang", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = "en|ja",
     .help = "Language of the notice"},
    {.name = "notice_source", .type = PARAM_TEXT, .min = 1, .max = 1000,
     .help = "Where the notice's text is kept"},
    {.name = "means", .type = PARAM_CHOICE, .choices = "written|electronic|oral",
     .help = "How consent was given; written if absent"},
    {.name = "given_on", .type = PARAM_DATE, .help = "Day on which it was given; today if absent"},
    {.name = "ends_on", .type = PARAM_DATE,
     .help = "Last day on which it holds; until withdrawn if absent"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param withdraw_params[] = {
    CONSENT_REF,
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    CONSENT_REF,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .help = "Only this person's"},
    {.name = "purpose", .type = PARAM_CHOICE, .choices = PURPOSES, .help = "Only for this purpose"},
    {.name = "recipient_country", .type = PARAM_TEXT, .min = COUNTRY_LENGTH, .max = COUNTRY_LENGTH,
     .help = "Only towards this country"},
    {.name = "holds", .type = PARAM_BOOLEAN,
     .help = "Only those that hold today, or with false only the others"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"person.code", "string", "Person", "人材", "Who consents; empty once erased"},
    {"purpose", "string", "Purpose", "利用目的", "For which purpose"},
    {"recipient_country", "string", "To country", "提供先の国", "To which country"},
    {"recipient.code", "string", "Recipient", "提供先の機関", "To which organization there only"},
    {"notice_version", "string", "Notice", "通知の版", "Version of the notice that was given"},
    {"notice_lang", "string", "Notice language", "通知の言語", "Language of the notice"},
    {"notice_source", "string", "Notice text", "通知の所在", "Where the notice's text is kept"},
    {"means", "string", "Means", "方法", "How consent was given"},
    {"given_on", "string", "Given", "同意日", "Day on which it was given"},
    {"ends_on", "string", "Ends", "終了日", "Last day on which it holds"},
    {"withdrawn_on", "string", "Withdrawn", "撤回日", "Day on which it was withdrawn"},
    {"holds", "boolean", "Holds", "有効", "Whether it holds today"},
    {"note", "string", "Note", "備考", "Note"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"person.code", "string", "Person", "人材", "Who consents; empty once erased"},
    {"purpose", "string", "Purpose", "利用目的", "For which purpose"},
    {"recipient_country", "string", "To country", "提供先の国", "To which country"},
    {"given_on", "string", "Given", "同意日", "Day on which it was given"},
    {"withdrawn_on", "string", "Withdrawn", "撤回日", "Day on which it was withdrawn"},
    {"holds", "boolean", "Holds", "有効", "Whether it holds today"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

#define READS .cost = COST_FAST, .roles = ROLES_PEOPLE
#define WRITES .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true

const struct method consent_methods[] = {
    {.name = "consent.give",
     .summary = "Record a person's consent to their data going to another country",
     .summary_ja = "外国への個人データ提供に対する本人の同意を登録する", .params = give_params, WRITES,
     .example = "{\"person\": \"PS-000001\", \"purpose\": \"exchange\", \"recipient_country\": \"US\", "
                "\"notice_version\": \"2026-04\", \"notice_lang\": \"ja\"}"},
    {.name = "consent.withdraw", .summary = "Withdraw a consent, with effect at once",
     .summary_ja = "同意を撤回する(直ちに効力を生じる)", .params = withdraw_params, WRITES,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000001\"}"},
    {.name = "consent.get", .summary = "Show a consent", .summary_ja = "同意を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, READS,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000001\"}"},
    {.name = "consent.list", .summary = "List consents", .summary_ja = "同意の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, READS,
     .example = "{\"person\": \"PS-000001\", \"holds\": true}"},
    {.name = NULL},
};
