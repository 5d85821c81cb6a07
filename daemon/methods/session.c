/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define STATUSES "planned|open|running|ended"

static const struct param create_params[] = {
    {.name = "program", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The program that is offered"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED, .help = "Its first day"},
    {.name = "ends", .type = PARAM_DATE, .flags = PARAM_REQUIRED, .help = "Its last day"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as SE-00042, if absent"},
    {.name = "capacity", .type = PARAM_INTEGER, .min = 1, .max = 100000, .unit = "seats",
     .help = "Its seats; the program's if absent"},
    {.name = "location", .type = PARAM_TEXT, .max = 300, .help = "Where it is held"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES,
     .help = "How far it is; planned if absent"},
    {.name = "cost", .type = PARAM_NUMBER, .min = 0, .max = 999999999999,
     .help = "What the session costs in all, in the program's currency"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("session"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("session"),
    PARAM_ROW_IF_VERSION,
    {.name = "starts", .type = PARAM_DATE, .help = "Its first day"},
    {.name = "ends", .type = PARAM_DATE, .help = "Its last day"},
    {.name = "capacity", .type = PARAM_INTEGER, .flags = PARAM_CLEARABLE, .min = 1, .max = 100000,
     .unit = "seats", .help = "Its seats, not fewer than are taken; null for the program's"},
    {.name = "location", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 300,
     .help = "Where it is held"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "How far it is"},
    {.name = "cost", .type = PARAM_NUMBER, .flags = PARAM_CLEARABLE, .min = 0, .max = 999999999999,
     .help = "What the session costs in all, in the program's currency"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param cancel_params[] = {
    PARAM_ROW_REF("session"),
    PARAM_ROW_IF_VERSION,
    {.name = "reason", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 1000,
     .help = "Why it is cancelled"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "program", .type = PARAM_REFERENCE, .help = "Only those of this program"},
    {.name = "provider", .type = PARAM_REFERENCE,
     .help = "Only those that this organization gives"},
    {.name = "from", .type = PARAM_DATE, .help = "Only those that are held on this day or later"},
    {.name = "to", .type = PARAM_DATE, .help = "Only those that are held on this day or earlier"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES "|cancelled",
     .help = "Only this status"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"program.name", "string", "Program", "プログラム", "The program that is offered"},
    {"provider.name", "string", "Provider", "実施機関", "The organization that gives it"},
    {"starts", "string", "Starts", "開始日", "Its first day"},
    {"ends", "string", "Ends", "終了日", "Its last day"},
    {"location", "string", "Location", "場所", "Where it is held"},
    {"status", "string", "Status", "状況", "How far it is"},
    {"capacity", "integer", "Seats", "定員", "Seats; empty where there is no limit"},
    {"taken", "integer", "Taken", "参加決定",
     "Seats that are taken; shown to its provider, the secretariat and auditors"},
    {"left", "integer", "Left", "残席",
     "Seats that are left, shown as taken is; empty where there is no limit"},
    {"fill_rate", "number", "Fill rate", "充足率",
     "Part of the seats that is taken, 0 to 1, shown as taken is; empty where there is no limit"},
    {"applied", "integer", "Applied", "申込中",
     "Applications that are not decided, shown as taken is"},
    {"waiting", "integer", "Waiting", "待機者",
     "How many people wait for a seat, shown as taken is"},
    {"cost", "number", "Cost", "費用", "What the session costs in all, in the program's currency"},
    {"cost_per_person", "number", "Cost a person", "一人当たり費用",
     "Its cost over the seats taken, shown as taken is"},
    {"currency", "string", "Currency", "通貨", "ISO 4217 code of the cost"},
    {"cancelled_reason", "string", "Cancelled", "中止理由", "Why it was cancelled"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"program.name", "string", "Program", "プログラム", "The program that is offered"},
    {"starts", "string", "Starts", "開始日", "Its first day"},
    {"ends", "string", "Ends", "終了日", "Its last day"},
    {"location", "string", "Location", "場所", "Where it is held"},
    {"taken", "integer", "Taken", "参加決定",
     "Seats that are taken; shown to its provider, the secretariat and auditors"},
    {"capacity", "integer", "Seats", "定員", "Seats; empty where there is no limit"},
    {"status", "string", "Status", "状況", "How far it is"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method session_methods[] = {
    {.name = "session.create", .summary = "Record a session of a program",
     .summary_ja = "プログラムの開催を登録する", .params = create_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"program\": \"jifs\", \"starts\": \"2027-08-30\", \"ends\": \"2027-09-10\", "
                "\"capacity\": 20, \"location\": \"Naka\"}"},
    {.name = "session.get", .summary = "Show a session and its seats", .summary_ja = "開催と席数を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"SE-00001\"}"},
    {.name = "session.update", .summary = "Change a session", .summary_ja = "開催を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true, .example = "{\"ref\": \"SE-00001\", \"status\": \"open\"}"},
    {.name = "session.cancel", .summary = "Cancel a session and withdraw who is enrolled",
     .summary_ja = "開催を中止し、受講登録を取り下げる", .params = cancel_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"SE-00001\", \"reason\": \"The facility is closed\"}"},
    {.name = "session.list", .summary = "List sessions", .summary_ja = "開催の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"from\": \"2026-04-01\", \"to\": \"2027-03-31\"}"},
    {.name = NULL},
};
