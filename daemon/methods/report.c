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

enum { YEARS_MAX = 20, TOP_MAX = 20, SEED_MAX = 2147483647 };

static const struct param briefing_params[] = {
    {.name = "lang", .type = PARAM_LANG, .help = "The language of the document; English if absent"},
    {.name = "format", .type = PARAM_CHOICE, .choices = "markdown|html",
     .help = "markdown: text and tables; html: one page with charts, which needs nothing else and prints well; "
             "markdown if absent"},
    {.name = "as_of", .type = PARAM_DATE, .help = "The day of the meeting; today if absent"},
    {.name = "years", .type = PARAM_INTEGER, .min = 1, .max = YEARS_MAX, .unit = "years",
     .help = "How far ahead gaps are projected; 10 if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "Skills count from this level on; 3 if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Demand of this scenario; baseline if absent"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only this country, as JP"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only this organization"},
    {.name = "committee", .type = PARAM_REFERENCE,
     .help = "Whose meeting it is, and whose exchanges' due dates are listed; ccfe and all of them if absent"},
    {.name = "top", .type = PARAM_INTEGER, .min = 1, .max = TOP_MAX,
     .help = "How many gaps, skills and opportunities are named; 5 if absent"},
    {.name = "seed", .type = PARAM_INTEGER, .min = 0, .max = SEED_MAX,
     .help = "The same seed gives the same document, byte by byte, on the same figures; 1 if absent"},
    PARAM_ROW_END,
};

static const struct column briefing_columns[] = {
    {"document", "string", "Document", "文書", "The document, as Markdown or HTML"},
    {"format", "string", "Format", "形式", "markdown or html"},
    {"lang", "string", "Language", "言語", "Its language: en or ja"},
    {"date", "string", "Date", "日付", "The day of the meeting"},
    {"synthetic", "boolean", "Synthetic", "合成データ", "Whether figures include data made up for trying the program out"},
    {"unverified", "boolean", "Unverified", "未確認", "Whether it rests on data that nobody has verified"},
    {"perturbed", "boolean", "Perturbed", "攪乱済み", "Whether counts of people are changed so that they expose nobody"},
    {"release", "string", "Release", "公表", "The release that figures on people are from; null for live ones"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method report_methods[] = {
    {.name = "report.briefing",
     .summary = "Write a committee meeting's document on gaps, exchanges and programs, in English or Japanese",
     .summary_ja = "委員会に提出する人材の概況を日本語または英語の文書にまとめる", .params = briefing_params,
     .shape = RESULT_OBJECT, .columns = briefing_columns, .kind = METHOD_MODEL, .compute = COMPUTE_BRIEFING,
     .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .figures_on_people = true, .line = "document",
     .example = "{\"lang\": \"en\", \"format\": \"html\", \"years\": 10}"},
    {.name = "report.untranslated", .summary = "List records whose name lacks a language",
     .summary_ja = "名称の片方の言語が欠けている記録の一覧", .params = untranslated_params,
     .shape = RESULT_PAGE, .columns = untranslated_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"noun\": \"organization\", \"missing\": \"ja\"}"},
    {.name = NULL},
};
