/* SPDX-License-Identifier: Apache-2.0
 *
 * A small catalogue with a parameter of every type, for tests that must not change when the real
 * one grows.
 */
#ifndef JINZAI_TESTS_UNIT_ROWS_H
#define JINZAI_TESTS_UNIT_ROWS_H

#include "config.h"
#include "methods/tables.h"
#include "rpc/method.h"

static const struct param badge_goal_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5, .help = "The level"},
    {.name = "share", .type = PARAM_NUMBER, .min = 0, .max = 1, .help = "The share"},
    {.name = "title", .type = PARAM_LABEL, .min = 1, .max = 20, .help = "The title"},
    PARAM_ROW_END,
};

static const struct param badge_create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 8, .help = "A short code"},
    {.name = "name",
     .type = PARAM_LABEL,
     .flags = PARAM_REQUIRED,
     .min = 1,
     .max = 20,
     .help = "What it is called"},
    {.name = "kind",
     .type = PARAM_CHOICE,
     .flags = PARAM_REQUIRED,
     .choices = "visit|secondment|joint-research",
     .help = "What kind it is"},
    {.name = "hours",
     .type = PARAM_INTEGER,
     .min = 0,
     .max = 1000,
     .unit = "hours",
     .help = "How long"},
    {.name = "fte", .type = PARAM_NUMBER, .min = 0, .max = 1, .unit = "FTE", .help = "How much"},
    {.name = "open", .type = PARAM_BOOLEAN, .help = "Whether it is open"},
    {.name = "starts", .type = PARAM_DATE, .help = "The first day"},
    {.name = "month", .type = PARAM_MONTH, .help = "The month"},
    {.name = "series", .type = PARAM_UUID, .help = "The series"},
    {.name = "pillars",
     .type = PARAM_CHOICE,
     .flags = PARAM_LIST,
     .choices = "science|facilities",
     .help = "The pillars"},
    {.name = "years", .type = PARAM_INTEGER, .flags = PARAM_LIST, .help = "The years"},
    {.name = "goals",
     .type = PARAM_OBJECT,
     .flags = PARAM_LIST,
     .fields = badge_goal_fields,
     .help = "The goals"},
    {.name = "secret", .type = PARAM_TEXT, .flags = PARAM_PERSONAL, .max = 10, .help = "A secret"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param badge_update_params[] = {
    PARAM_ROW_REF("badge"),
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .help = "What it is called"},
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .help = "A note"},
    PARAM_ROW_IF_VERSION,
    PARAM_ROW_END,
};

static const struct param badge_get_params[] = {
    PARAM_ROW_REF("badge"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param badge_list_params[] = {
    {.name = "q", .type = PARAM_TEXT, .help = "What to look for"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column badge_columns[] = {
    {"code", "string", "code", "コード", "The short code"},
    {"name", "string", "name", "名称", "What it is called"},
    {"host", "object", "host", "受入機関", "Who has it"},
    {"host.name", "string", "host", "受入機関", "Who has it, by name"},
    {"hours", "integer", "hours", "時間", "How long it takes, in hours"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct method badge_methods[] = {
    {.name = "badge.create",
     .summary = "Record a badge",
     .summary_ja = "バッジを登録する",
     .params = badge_create_params,
     .shape = RESULT_RECEIPT,
     .kind = METHOD_SQL,
     .cost = COST_WRITE,
     .roles = ROLE_ADMIN,
     .writes = true,
     .example = "{\"name\": {\"en\": \"First\"}, \"kind\": \"visit\"}"},
    {.name = "badge.get",
     .summary = "Show a badge",
     .summary_ja = "バッジを表示する",
     .params = badge_get_params,
     .columns = badge_columns,
     .kind = METHOD_SQL,
     .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"B-1\"}"},
    {.name = "badge.update",
     .summary = "Change a badge",
     .summary_ja = "バッジを変更する",
     .params = badge_update_params,
     .shape = RESULT_RECEIPT,
     .kind = METHOD_SQL,
     .cost = COST_WRITE,
     .roles = ROLE_ADMIN,
     .writes = true},
    {.name = "badge.list",
     .summary = "List badges",
     .summary_ja = "バッジを一覧する",
     .params = badge_list_params,
     .shape = RESULT_PAGE,
     .columns = badge_columns,
     .kind = METHOD_SQL,
     .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN},
    {.name = "badge.audit",
     .summary = "Audit badges",
     .summary_ja = "バッジを監査する",
     .shape = RESULT_LIST,
     .columns = badge_columns,
     .kind = METHOD_SQL,
     .cost = COST_SLOW,
     .roles = ROLE_AUDITOR},
    {.name = NULL},
};

static const struct method *const row_tables[] = {server_methods, badge_methods, NULL};

static const struct limits row_limits = {
    .request_bytes = 1 << 20,
    .request_depth = 32,
    .requests_in_flight = 4,
    .connections = 3,
    .batch_items = 5,
    .output_bytes = 1 << 16,
    .output_stall_ms = 200,
    .queue_requests = 64,
    .queue_bytes = 1 << 20,
    .kept_bytes = 1 << 20,
    .page_size = 1000,
    .list_items = 3,
    .drain_ms = 1000,
};

/* What api.daemon_start answers. */
static const char row_start[] =
    "{\"once_secret\": \"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
    " \"constraints\": {\"badge_dates\": \"ends: must not be before starts\"},"
    " \"principals\": {\"root\": \"11111111-1111-4111-8111-111111111111\"},"
    " \"schema_version\": 7}";

#endif
