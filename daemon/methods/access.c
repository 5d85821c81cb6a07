/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param sign_in_params[] = {
    {.name = "token", .type = PARAM_SECRET, .flags = PARAM_REQUIRED | PARAM_PERSONAL,
     .help = "The token, as token.create showed it"},
    PARAM_ROW_END,
};

#define COLUMNS_CALLER                                                                             \
    {"principal.name", "string", "Principal", "利用者", "Who the caller is"},                      \
    {"principal.kind", "string", "Kind", "種別", "How it signs in"},                               \
    {"role", "string", "Role", "役割", "What it may do"},                                          \
    {"organization.code", "string", "Organization", "機関", "The organization that it acts for"},  \
    {"country", "string", "Country", "国", "The country to which data shown to it goes"},          \
    {"principal.id", "string", "Identifier", "識別子", "UUID of the principal"}

static const struct column whoami_columns[] = {
    COLUMNS_CALLER,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column sign_in_columns[] = {
    COLUMNS_CALLER,
    {"scopes", "array", "Scopes", "範囲", "What the token may be used for"},
    {"expires_at", "string", "Expires", "期限", "When the token, and with it the sign-in, ends"},
    {"expires_in", "integer", "Seconds left", "残り秒数", "The same in seconds from now"},
    {"token", "string", "Token", "トークン", "UUID of the token, by which it can be revoked; no secret"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column sign_out_columns[] = {
    {"signed_out", "boolean", "Signed out", "サインアウト", "Always true"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method access_methods[] = {
    {.name = "access.sign_in",
     .summary = "Sign in with a token: what is asked after the answer is asked by its principal",
     .summary_ja = "トークンでサインインする。応答の後の要求はその利用者のものとなる", .params = sign_in_params,
     .shape = RESULT_OBJECT, .columns = sign_in_columns, .kind = METHOD_SIGN_IN, .cost = COST_FAST,
     .roles = ROLES_EVERYONE, .example = "{\"token\": \"jz_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"},
    {.name = "access.whoami", .summary = "Say as whom the daemon knows the caller",
     .summary_ja = "呼び出し元が誰として扱われているかを返す", .shape = RESULT_OBJECT, .columns = whoami_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN},
    {.name = "access.sign_out", .summary = "Sign out: the caller is again who its socket says it is",
     .summary_ja = "サインアウトする", .shape = RESULT_OBJECT, .columns = sign_out_columns, .kind = METHOD_SIGN_OUT,
     .cost = COST_FAST, .roles = ROLES_EVERYONE},
    {.name = NULL},
};
