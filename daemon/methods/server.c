/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct column info_columns[] = {
    {"name", "string", "name", "名称", "Always jinzaid"},
    {"version", "string", "version", "版", "The version of the daemon"},
    {"protocol", "string", "protocol", "プロトコル", "Always JSON-RPC 2.0"},
    {"schema_version", "integer", "schema", "スキーマ", "The number of the last migration"},
    {"languages", "array", "languages", "言語", "The languages of labels and answers"},
    {"caller.role", "string", "your role", "あなたの役割", "What the caller is known as"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column discover_columns[] = {
    {"openrpc", "string", "OpenRPC", "OpenRPC",
     "The version of OpenRPC that the document keeps to"},
    {"info", "object", "about", "概要", "Title, version and licence"},
    {"methods", "array", "methods", "メソッド",
     "Each method with its parameters, result and errors"},
    {"components", "object", "shared", "共通", "What the methods share: errors and schemas"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method server_methods[] = {
    {
        .name = "rpc.discover",
        .summary = "Describe all methods as an OpenRPC document",
        .summary_ja = "全メソッドを OpenRPC 文書として返す",
        .shape = RESULT_OBJECT,
        .columns = discover_columns,
        .kind = METHOD_DISCOVER,
        .cost = COST_FAST,
        .roles = ROLES_EVERYONE,
    },
    {
        .name = "server.info",
        .summary = "Say which daemon answers, and as whom it knows the caller",
        .summary_ja = "応答しているデーモンと呼び出し元の役割を返す",
        .shape = RESULT_OBJECT,
        .columns = info_columns,
        .kind = METHOD_INFO,
        .cost = COST_FAST,
        .roles = ROLES_EVERYONE,
    },
    {.name = NULL},
};
