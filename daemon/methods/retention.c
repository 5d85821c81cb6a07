/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

enum { MONTHS_MAX = 1200, SWEEP_MAX = 1000 };

static const struct param list_params[] = {
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param set_params[] = {
    {.name = "noun", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED,
     .choices = "person|enrollment|consent|access_read|disclosure|event",
     .help = "Which kind of record"},
    {.name = "months", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = MONTHS_MAX,
     .unit = "months", .help = "How long such records are kept"},
    {.name = "source", .type = PARAM_TEXT, .min = 1, .max = 1000, .help = "Where the period comes from"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param sweep_params[] = {
    {.name = "dry_run", .type = PARAM_BOOLEAN,
     .help = "Only say what is past its period; true if absent"},
    {.name = "limit", .type = PARAM_INTEGER, .min = 1, .max = SWEEP_MAX,
     .help = "How many records of a kind at once, of events how many batches; 100 if absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct column list_columns[] = {
    {"noun", "string", "Record", "記録", "Which kind of record"},
    {"months", "integer", "Months", "月数", "How many months it is kept"},
    {"counted_from", "string", "Counted from", "起算点", "From which event they count"},
    {"source", "string", "Source", "出典", "Where the period comes from"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column sweep_columns[] = {
    {"noun", "string", "Record", "記録", "Which kind of record"},
    {"months", "integer", "Months", "月数", "How many months it is kept"},
    {"before", "string", "Before", "基準日", "Records from before this day are past their period"},
    {"records", "integer", "Records", "件数", "How many of them there are, up to the limit"},
    {"codes", "array", "People", "人材", "In a dry run, the people who would be erased"},
    {"done", "boolean", "Done", "実行", "Whether they were removed"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method retention_methods[] = {
    {.name = "retention.list", .summary = "List how long records are kept",
     .summary_ja = "保存期間の一覧", .params = list_params, .shape = RESULT_LIST, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN},
    {.name = "retention.set", .summary = "Set how long records of a kind are kept",
     .summary_ja = "保存期間を設定する", .params = set_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"noun\": \"access_read\", \"months\": 36}"},
    {.name = "retention.sweep",
     .summary = "Say which records are past their period, and remove them if told to",
     .summary_ja = "保存期間を過ぎた記録を示し、指示があれば消去する", .params = sweep_params,
     .shape = RESULT_LIST, .columns = sweep_columns, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true, .example = "{\"dry_run\": true}"},
    {.name = NULL},
};
