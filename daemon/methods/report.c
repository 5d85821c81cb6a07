/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param untranslated_params[] = {
    {.name = "noun", .type = PARAM_CHOICE,
     .choices = "agreement|committee|facility|framework|organization|program|qualification|role|"
                "scheme|skill",
     .help = "Only records of this kind"},
    {.name = "missing", .type = PARAM_CHOICE, .choices = "en|ja",
     .help = "Only those whose name lacks this language"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column untranslated_columns[] = {
    {"noun", "string", "What", "種類", "What kind of record it is"},
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name, in the language that there is"},
    {"missing", "string", "Missing", "欠けている言語", "The language that its name lacks: en or ja"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method report_methods[] = {
    {.name = "report.untranslated", .summary = "List records whose name lacks a language",
     .summary_ja = "名称の片方の言語が欠けている記録の一覧", .params = untranslated_params,
     .shape = RESULT_PAGE, .columns = untranslated_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"noun\": \"organization\", \"missing\": \"ja\"}"},
    {.name = NULL},
};
