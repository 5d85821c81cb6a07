/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define ROLES_AUDIT (ROLE_AUDITOR | ROLE_SECRETARIAT | ROLE_ADMIN)

static const struct param verify_params[] = {
    {.name = "from_batch", .type = PARAM_INTEGER, .min = 1, .max = 1e15,
     .help = "The first batch to check; 1 if absent"},
    {.name = "to_batch", .type = PARAM_INTEGER, .min = 1, .max = 1e15,
     .help = "The last batch to check; the last there is if absent"},
    {.name = "head_batch", .type = PARAM_INTEGER, .min = 0, .max = 1e15,
     .help = "The batch of a head kept earlier, which the log should continue"},
    {.name = "head_hash", .type = PARAM_TEXT, .min = 64, .max = 64,
     .help = "The hash of that head, 64 hexadecimal digits"},
    {.name = "events", .type = PARAM_INTEGER, .min = 1, .max = 100000000, .unit = "events",
     .help = "Stop after the batch in which so many events were checked; 1000000 if absent"},
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "noun", .type = PARAM_TEXT, .min = 1, .max = 63, .help = "Only this kind of record, as exchange"},
    {.name = "record", .type = PARAM_REFERENCE, .help = "Only this record: its UUID or code"},
    {.name = "principal", .type = PARAM_TEXT, .min = 1, .max = 300,
     .help = "Only what this principal did: its UUID or name"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only what concerns this organization"},
    {.name = "action", .type = PARAM_CHOICE, .choices = "created|updated|deleted", .help = "Only this action"},
    {.name = "from", .type = PARAM_DATE, .help = "Only from this day on, in UTC"},
    {.name = "to", .type = PARAM_DATE, .help = "Only up to the end of this day, in UTC"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column head_columns[] = {
    {"line", "string", "Head", "先頭", "The head in one line, to be signed or kept elsewhere"},
    {"batch", "integer", "Batch", "バッチ", "Number of the last batch; 0 for an empty log"},
    {"position", "integer", "Position", "位置", "Position of its last event"},
    {"hash", "string", "SHA-256", "SHA-256", "Its hash, which covers all of the log, in hexadecimal"},
    {"sealed_at", "string", "Sealed", "封印日時", "When it was sealed"},
    {"unsealed", "integer", "Not sealed", "未封印",
     "How many committed events wait to be sealed, counted up to 100000"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column verify_columns[] = {
    {"intact", "boolean", "Intact", "無傷", "Whether nothing is wrong in the batches that were checked"},
    {"first_bad.batch", "integer", "First bad batch", "最初の異常バッチ", "The first batch that is not as it was sealed"},
    {"first_bad.reason", "string", "What is wrong", "異常の内容", "What is wrong with it"},
    {"continues", "boolean", "Continues the head", "既知の先頭に続く",
     "Whether the log continues the head that was given"},
    {"batches", "integer", "Batches", "バッチ数", "How many batches were found intact"},
    {"events", "integer", "Events", "イベント数", "How many events they hold"},
    {"retired", "integer", "Retired", "保存期間経過",
     "How many more they held that were retired after their period, by marks that agree with the log"},
    {"next_batch", "integer", "Go on from", "続き", "The batch from which to go on; empty where all were checked"},
    {"head.batch", "integer", "Last batch", "最終バッチ", "Number of the last batch"},
    {"head.position", "integer", "Last position", "最終位置", "Position of its last event"},
    {"head.hash", "string", "SHA-256", "SHA-256", "Its hash in hexadecimal"},
    {"head.sealed_at", "string", "Sealed", "封印日時", "When it was sealed"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"position", "integer", "Position", "位置", "Place in the one order of all events"},
    {"at", "string", "At", "日時", "When it was written"},
    {"principal.name", "string", "Principal", "実行者", "Who did it; empty for the database's own doing"},
    {"noun", "string", "Noun", "種類", "What kind of record changed"},
    {"code", "string", "Code", "コード", "Code of the record; empty for people"},
    {"action", "string", "Action", "操作", "What happened to it"},
    {"fields", "array", "Fields", "項目", "The fields that changed, never their values"},
    {"record", "string", "Record", "レコード", "UUID of the record; of a person a reference that erasure forgets"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method audit_methods[] = {
    {.name = "audit.head", .summary = "Show the head of the log, to be kept elsewhere",
     .summary_ja = "外部に控えるためのログの先頭を表示する", .shape = RESULT_OBJECT, .columns = head_columns,
     .line = "line", .cost = COST_FAST, .roles = ROLES_AUDIT},
    {.name = "audit.verify", .summary = "Prove that the log is as it was sealed, or name the first batch that is not",
     .summary_ja = "ログが封印時のままであることを検証し、異常があれば最初のバッチを示す", .params = verify_params,
     .shape = RESULT_OBJECT, .columns = verify_columns, .cost = COST_SLOW, .roles = ROLES_AUDIT,
     .example = "{\"from_batch\": 1}"},
    {.name = "audit.list", .summary = "List what the log says", .summary_ja = "ログの一覧", .params = list_params,
     .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_SLOW, .roles = ROLES_AUDIT,
     .example = "{\"noun\": \"exchange\", \"from\": \"2026-04-01\"}"},
    {.name = NULL},
};
