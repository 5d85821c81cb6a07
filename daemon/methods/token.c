/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param create_params[] = {
    {.name = "principal", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The UUID or the name of the principal that signs in with it"},
    {.name = "scopes", .type = PARAM_CHOICE, .flags = PARAM_LIST, .choices = "read|write",
     .help = "What it may be used for, within what its principal may do; both if absent"},
    {.name = "days", .type = PARAM_INTEGER, .min = 1, .max = 366, .unit = "days",
     .help = "How long it is good; 90 if absent"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "What it is for"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "principal", .type = PARAM_REFERENCE, .help = "Only those of this principal"},
    {.name = "valid", .type = PARAM_BOOLEAN, .help = "Only those that are good, or with false only those that are not"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param revoke_params[] = {
    {.name = "id", .type = PARAM_UUID, .flags = PARAM_REQUIRED, .help = "The token, as token.list shows it"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct column create_columns[] = {
    {"token", "string", "Token", "トークン",
     "The token itself, shown this once; absent where the call is repeated with the same idempotency key"},
    {"principal.name", "string", "Principal", "利用者", "Who signs in with it"},
    {"scopes", "array", "Scopes", "範囲", "What it may be used for"},
    {"expires_at", "string", "Expires", "期限", "From then on it is worth nothing"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"id", "string", "Identifier", "識別子", "UUID of the token, which is no secret"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"principal.name", "string", "Principal", "利用者", "Who signs in with it"},
    {"scopes", "array", "Scopes", "範囲", "What it may be used for"},
    {"valid", "boolean", "Good", "有効", "Whether one can sign in with it"},
    {"expires_at", "string", "Expires", "期限", "From then on it is worth nothing"},
    {"last_used_on", "string", "Last used", "最終使用日", "Day on which somebody signed in with it last"},
    {"revoked_at", "string", "Revoked", "失効日時", "When it was revoked"},
    {"note", "string", "Note", "備考", "What it is for"},
    {"id", "string", "Identifier", "識別子", "UUID of the token, which is no secret"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method token_methods[] = {
    {.name = "token.create", .summary = "Make a token to sign in with, which is shown this once",
     .summary_ja = "サインイン用のトークンを作る。表示は一度だけ", .params = create_params, .shape = RESULT_OBJECT,
     .columns = create_columns, .cost = COST_WRITE, .roles = ROLE_ADMIN, .writes = true,
     .example = "{\"principal\": \"aiko.tanaka\", \"scopes\": [\"read\"], \"days\": 30}"},
    {.name = "token.list", .summary = "List tokens, without the tokens themselves", .summary_ja = "トークンの一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST, .roles = ROLE_ADMIN,
     .example = "{\"valid\": true}"},
    {.name = "token.revoke", .summary = "Revoke a token, which ends its sign-ins at once and everywhere",
     .summary_ja = "トークンを直ちに失効させる", .params = revoke_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE,
     .roles = ROLE_ADMIN, .writes = true, .example = "{\"id\": \"0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01\"}"},
    {.name = NULL},
};
