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

static const struct column status_columns[] = {
    {"version", "string", "version", "版", "The version of the daemon"},
    {"uptime_s", "integer", "up, seconds", "稼働秒数", "Seconds since the daemon began to serve"},
    {"connections", "integer", "connections", "接続数", "Open connections"},
    {"subscriptions.open", "integer", "subscriptions", "購読数", "Open subscriptions to events"},
    {"subscriptions.feeds", "integer", "feeds", "配信数", "How many of them are read for apart; the others share a read"},
    {"subscriptions.waiting", "integer", "slow subscribers", "遅い購読者", "Subscribers without room for more"},
    {"kept.answers", "integer", "kept answers", "保持回答数", "Large answers kept for who asks the same again"},
    {"kept.bytes", "integer", "bytes kept", "保持容量", "What they take, in bytes"},
    {"kept.reused", "integer", "reused", "再利用数", "How often the database let one stand"},
    {"kept.mended", "integer", "mended", "部分更新数", "How often only what had changed in one was computed anew"},
    {"memory.heap_bytes", "integer", "heap, bytes", "ヒープ (バイト)", "Memory in use, in bytes"},
    {"memory.peak_bytes", "integer", "peak, bytes", "最大メモリ (バイト)", "The most memory that the process had, in bytes"},
    {"database.reachable", "boolean", "database reachable", "データベース応答", "Whether the database has answered"},
    {"database.version", "string", "PostgreSQL", "PostgreSQL", "The database's version"},
    {"database.standby", "boolean", "standby", "スタンバイ", "Whether the database is a standby"},
    {"database.schema_version", "integer", "schema", "スキーマ", "The number of the last migration"},
    {"database.head.position", "integer", "log position", "ログ位置", "Position of the last sealed event"},
    {"database.head.sealed_at", "string", "last sealed", "最終封印日時", "When it was sealed"},
    {"database.retired_position", "integer", "retired up to", "保存期間経過位置", "Position up to which events were retired"},
    {"database.unsealed", "integer", "not sealed", "未封印", "Committed events that wait to be sealed, counted up to 100000"},
    {"database.seal_lag_ms", "integer", "seal lag, ms", "封印の遅れ (ms)", "How long the oldest of them has waited, in milliseconds"},
    {"database.unfolded", "integer", "not folded", "未集計",
     "Changes of supply that are not folded yet, counted up to 100000; they are added at reading"},
    {"pool", "object", "lanes", "レーン",
     "For each lane of connections to the database: how many there are and are ready, what is in flight and what waits"},
    {"limits", "object", "limits", "上限", "The limits in force, by name"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column method_columns[] = {
    {"method", "string", "Method", "メソッド", "The method; empty for requests that named none that there is"},
    {"calls", "integer", "Calls", "呼び出し", "How often it was called and answered"},
    {"error_count", "integer", "Errors", "エラー", "How many of the answers were errors"},
    {"errors", "object", "By name", "内訳", "How many errors of each name"},
    {"p50_ms", "number", "p50 ms", "p50 ms", "Half of the answers came within so many milliseconds"},
    {"p99_ms", "number", "p99 ms", "p99 ms", "99 of 100 answers did"},
    {"bytes", "integer", "Bytes", "バイト", "Bytes of all results"},
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

/* What the daemon's administrators ask it about itself. */
const struct method server_state_methods[] = {
    {
        .name = "server.status",
        .summary = "Say how the daemon and its database are doing",
        .summary_ja = "デーモンとデータベースの状態を返す",
        .shape = RESULT_OBJECT,
        .columns = status_columns,
        .kind = METHOD_STATUS,
        .cost = COST_FAST,
        .roles = ROLE_AUDITOR | ROLE_SECRETARIAT | ROLE_ADMIN,
    },
    {
        .name = "server.methods",
        .summary = "Say how often each method was called since the daemon's start, how it ended and how long it took",
        .summary_ja = "起動以来の各メソッドの呼び出し回数、エラー、所要時間を返す",
        .shape = RESULT_LIST,
        .columns = method_columns,
        .kind = METHOD_STATISTICS,
        .cost = COST_FAST,
        .roles = ROLE_AUDITOR | ROLE_SECRETARIAT | ROLE_ADMIN,
    },
    {.name = NULL},
};
