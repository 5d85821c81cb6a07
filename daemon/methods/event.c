/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

enum { NOUN_MAX = 63, SINCE_MAX = 96 };

#define PARAM_ROW_NOUN                                                                             \
    {.name = "noun", .type = PARAM_TEXT, .min = 1, .max = NOUN_MAX,                                \
     .help = "Only events of this kind of record, as exchange"}
#define PARAM_ROW_ORGANIZATION                                                                     \
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only events that concern this organization"}

static const struct param list_params[] = {
    PARAM_ROW_NOUN,
    PARAM_ROW_ORGANIZATION,
    {.name = "record", .type = PARAM_REFERENCE, .help = "Only events of this record: its UUID or code"},
    {.name = "since", .type = PARAM_TEXT, .min = 1, .max = SINCE_MAX,
     .help = "Only what follows this position, as 512, or cursor, as 512:9f86d081884c7d65; the oldest event that is kept if absent"},
    {.name = "limit", .type = PARAM_LIMIT, .help = "How many rows a page holds; 100 if absent"},
    {.name = "cursor", .type = PARAM_CURSOR, .help = "What \"next\" held on the page before"},
    PARAM_ROW_END,
};

static const struct param subscribe_params[] = {
    PARAM_ROW_NOUN,
    PARAM_ROW_ORGANIZATION,
    {.name = "since", .type = PARAM_TEXT, .min = 1, .max = SINCE_MAX,
     .help = "Begin after this position, as 0 for all, or cursor, as 512:9f86d081884c7d65, which also proves that the log is "
             "still the same; now if absent"},
    PARAM_ROW_END,
};

static const struct param unsubscribe_params[] = {
    {.name = "subscription", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 1e15,
     .help = "The number that event.subscribe answered on this connection"},
    PARAM_ROW_END,
};

static const struct column list_columns[] = {
    {"position", "integer", "Position", "位置", "Place in the one order of all events"},
    {"at", "string", "At", "日時", "When it was written"},
    {"noun", "string", "Noun", "種類", "What kind of record changed"},
    {"action", "string", "Action", "操作", "What happened to it"},
    {"code", "string", "Code", "コード", "Code of the record; empty for people"},
    {"fields", "array", "Fields", "項目", "The fields that changed, never their values"},
    {"organizations", "array", "Organizations", "組織", "The organizations that it concerns"},
    {"principal.name", "string", "Principal", "実行者", "Who did it, for those who may read the log"},
    {"record", "string", "Record", "レコード", "UUID of the record; of a person a reference that erasure forgets"},
    {"cursor", "string", "Cursor", "カーソル", "From where to go on after it"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column subscribe_columns[] = {
    {"subscription", "integer", "Subscription", "購読番号", "Names the subscription in event.notify, event.ended and event.unsubscribe"},
    {"position", "integer", "Position", "位置", "The events after this position follow"},
    {"cursor", "string", "Cursor", "カーソル", "That place as a cursor"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column unsubscribe_columns[] = {
    {"subscription", "integer", "Subscription", "購読番号", "The subscription that is over"},
    {"cursor", "string", "Cursor", "カーソル", "From where to go on one day"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method event_methods[] = {
    {.name = "event.list", .summary = "List what has changed, in the one order that all see",
     .summary_ja = "変更の一覧。順序は誰にとっても同じ", .params = list_params, .shape = RESULT_PAGE, .columns = list_columns,
     .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .example = "{\"noun\": \"organization\", \"limit\": 10}"},
    {.name = "event.subscribe", .summary = "Be sent what changes as notifications event.notify, in the one order that all see",
     .summary_ja = "変更を通知 event.notify として受け取る。順序は誰にとっても同じ", .params = subscribe_params, .shape = RESULT_OBJECT,
     .columns = subscribe_columns, .kind = METHOD_SUBSCRIBE, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"noun\": \"scheme\", \"since\": \"now\"}"},
    {.name = "event.unsubscribe", .summary = "End a subscription of this connection",
     .summary_ja = "この接続の購読を終える", .params = unsubscribe_params, .shape = RESULT_OBJECT, .columns = unsubscribe_columns,
     .kind = METHOD_UNSUBSCRIBE, .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"subscription\": 1}"},
    {.name = NULL},
};
