/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define KINDS "person|program|certificate|local_user|local_group"
#define ROLES "admin|secretariat|coordinator|member|analyst|auditor"

#define PARAM_ROW_PRINCIPAL                                                                        \
    {.name = "ref", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,                              \
     .help = "The UUID or the name of the principal"}

static const struct param create_params[] = {
    {.name = "name", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 100,
     .help = "How administrators name it; of a certificate its subject alternative name as email:…, uri:… or dns:…, "
             "of a local user unix:NAME, of a local group group:NAME"},
    {.name = "kind", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = KINDS,
     .help = "How it signs in: persons and programs by a token"},
    {.name = "role", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = ROLES, .help = "What it may do"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "The organization that it acts for"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "The country to which data shown to it goes, as JP; that of its organization if absent"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_PRINCIPAL,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_PRINCIPAL,
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_TEXT, .min = 1, .max = 100, .help = "How administrators name it"},
    {.name = "role", .type = PARAM_CHOICE, .choices = ROLES, .help = "What it may do"},
    {.name = "organization", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "The organization that it acts for"},
    {.name = "country", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 2, .max = 2,
     .help = "The country to which data shown to it goes, as JP"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param able_params[] = {
    PARAM_ROW_PRINCIPAL,
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS, .help = "Only this kind"},
    {.name = "role", .type = PARAM_CHOICE, .choices = ROLES, .help = "Only this role"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only those who act for this organization"},
    {.name = "disabled", .type = PARAM_BOOLEAN, .help = "Only disabled ones, or with false only those that are not"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

#define COLUMNS_PRINCIPAL                                                                          \
    {"name", "string", "Name", "名称", "How administrators name it"},                              \
    {"kind", "string", "Kind", "種別", "How it signs in"},                                         \
    {"role", "string", "Role", "役割", "What it may do"},                                          \
    {"organization.code", "string", "Organization", "機関", "The organization that it acts for"},  \
    {"country", "string", "Country", "国", "The country to which data shown to it goes"},          \
    {"tokens", "integer", "Tokens", "トークン数", "How many tokens of it are good"},               \
    {"disabled", "boolean", "Disabled", "無効", "Whether it may do nothing"}

static const struct column columns[] = {
    COLUMNS_PRINCIPAL,
    {"note", "string", "Note", "備考", "Note"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"created_at", "string", "Recorded", "登録日時", "When it was recorded"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the principal"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    COLUMNS_PRINCIPAL,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method principal_methods[] = {
    {.name = "principal.create", .summary = "Record who may come in, and what they may do",
     .summary_ja = "利用者を登録する", .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE,
     .roles = ROLE_ADMIN, .writes = true,
     .example = "{\"name\": \"aiko.tanaka\", \"kind\": \"person\", \"role\": \"coordinator\", "
                "\"organization\": \"nifs\"}"},
    {.name = "principal.get", .summary = "Show a principal", .summary_ja = "利用者を表示する", .params = get_params,
     .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST, .roles = ROLE_ADMIN,
     .example = "{\"ref\": \"aiko.tanaka\"}"},
    {.name = "principal.update", .summary = "Change a principal, which ends its sign-ins if what it may do changes",
     .summary_ja = "利用者を変更する。権限が変わればサインインは終了する", .params = update_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLE_ADMIN, .writes = true,
     .example = "{\"ref\": \"aiko.tanaka\", \"role\": \"member\"}"},
    {.name = "principal.disable", .summary = "Let a principal do nothing any more, at once and everywhere",
     .summary_ja = "利用者を直ちに無効にする", .params = able_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE,
     .roles = ROLE_ADMIN, .writes = true, .example = "{\"ref\": \"aiko.tanaka\"}"},
    {.name = "principal.enable", .summary = "Let a disabled principal in again", .summary_ja = "利用者を再び有効にする",
     .params = able_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLE_ADMIN, .writes = true,
     .example = "{\"ref\": \"aiko.tanaka\"}"},
    {.name = "principal.list", .summary = "List principals", .summary_ja = "利用者の一覧", .params = list_params,
     .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST, .roles = ROLE_ADMIN,
     .example = "{\"role\": \"coordinator\"}"},
    {.name = NULL},
};
