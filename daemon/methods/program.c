/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define MODES "in_person|online|hybrid"
#define STATUSES "planned|running|ended|unknown"

static const struct param skill_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5,
     .help = "At which level, 1 to 5"},
    PARAM_ROW_END,
};

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as jifs"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its name"},
    {.name = "provider", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The organization that gives it"},
    {.name = "mode", .type = PARAM_CHOICE, .choices = MODES,
     .help = "Where it takes place; in person if absent"},
    {.name = "summary", .type = PARAM_LABEL, .min = 1, .max = 2000, .help = "What it is"},
    {.name = "audience", .type = PARAM_LABEL, .min = 1, .max = 1000, .help = "Whom it is for"},
    {.name = "hours", .type = PARAM_INTEGER, .min = 1, .max = 20000, .unit = "hours",
     .help = "Hours of instruction"},
    {.name = "capacity", .type = PARAM_INTEGER, .min = 1, .max = 100000, .unit = "seats",
     .help = "Seats of a session, unless the session says otherwise"},
    {.name = "languages", .type = PARAM_TEXT, .flags = PARAM_LIST, .min = 2, .max = 2,
     .help = "Languages of instruction, ISO 639-1 codes, as en"},
    {.name = "cost", .type = PARAM_NUMBER, .min = 0, .max = 999999999999,
     .help = "Fee for a participant, in the currency"},
    {.name = "currency", .type = PARAM_TEXT, .min = 3, .max = 3,
     .help = "ISO 4217 code of the cost, as JPY"},
    {.name = "website", .type = PARAM_TEXT, .max = 500, .help = "Its web address"},
    PARAM_ROW_PILLARS,
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES,
     .help = "Whether it runs; running if absent"},
    {.name = "teaches", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "The skills that who completes it holds, with their levels"},
    {.name = "requires", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "The skills that who begins it must hold, with the lowest levels that will do"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("program"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("program"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its name"},
    {.name = "provider", .type = PARAM_REFERENCE, .help = "The organization that gives it"},
    {.name = "mode", .type = PARAM_CHOICE, .choices = MODES, .help = "Where it takes place"},
    {.name = "summary", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .min = 1, .max = 2000,
     .help = "What it is"},
    {.name = "audience", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .min = 1, .max = 1000,
     .help = "Whom it is for"},
    {.name = "hours", .type = PARAM_INTEGER, .flags = PARAM_CLEARABLE, .min = 1, .max = 20000,
     .unit = "hours", .help = "Hours of instruction"},
    {.name = "capacity", .type = PARAM_INTEGER, .flags = PARAM_CLEARABLE, .min = 1, .max = 100000,
     .unit = "seats", .help = "Seats of a session, unless the session says otherwise"},
    {.name = "languages", .type = PARAM_TEXT, .flags = PARAM_LIST, .min = 2, .max = 2,
     .help = "All languages of instruction, in place of those recorded"},
    {.name = "cost", .type = PARAM_NUMBER, .flags = PARAM_CLEARABLE, .min = 0, .max = 999999999999,
     .help = "Fee for a participant, in the currency"},
    {.name = "currency", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 3, .max = 3,
     .help = "ISO 4217 code of the cost, as JPY"},
    {.name = "website", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 500,
     .help = "Its web address"},
    PARAM_ROW_PILLARS,
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Whether it runs"},
    {.name = "teaches", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "All skills that it teaches, in place of those recorded; what was granted stays"},
    {.name = "requires", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = skill_fields,
     .help = "All skills that it requires, in place of those recorded"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "provider", .type = PARAM_REFERENCE,
     .help = "Only those that this organization gives"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only those whose provider is in this country, as JP"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only those that teach this skill, or a skill of this category"},
    {.name = "mode", .type = PARAM_CHOICE, .choices = MODES, .help = "Only this mode"},
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Only this status"},
    {.name = "language", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only those given in this language, as en"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"provider.name", "string", "Provider", "実施機関", "The organization that gives it"},
    {"country", "string", "Country", "国", "Country of the provider"},
    {"mode", "string", "Mode", "形態", "Where it takes place"},
    {"summary", "string", "Summary", "概要", "What it is"},
    {"audience", "string", "Audience", "対象", "Whom it is for"},
    {"hours", "integer", "Hours", "時間", "Hours of instruction"},
    {"capacity", "integer", "Seats", "定員", "Seats of a session, unless the session says otherwise"},
    {"languages", "array", "Languages", "使用言語", "Languages of instruction, ISO 639-1"},
    {"cost", "number", "Cost", "費用", "Fee for a participant, in the currency"},
    {"currency", "string", "Currency", "通貨", "ISO 4217 code of the cost"},
    {"website", "string", "Website", "ウェブサイト", "Its web address"},
    {"pillars", "array", "Pillars", "柱", "The pillars that it serves"},
    {"status", "string", "Status", "状況", "Whether it runs"},
    {"teaches", "array", "Teaches", "習得技能",
     "Skills that who completes it holds, with their levels"},
    {"requires", "array", "Requires", "前提技能",
     "Skills that who begins it must hold, with their levels"},
    {"sessions", "integer", "Sessions", "開催数", "How many dated offerings are recorded"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"provider.name", "string", "Provider", "実施機関", "The organization that gives it"},
    {"country", "string", "Country", "国", "Country of the provider"},
    {"mode", "string", "Mode", "形態", "Where it takes place"},
    {"skills_taught", "integer", "Skills", "技能数", "How many skills it teaches"},
    {"status", "string", "Status", "状況", "Whether it runs"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method program_methods[] = {
    {.name = "program.create", .summary = "Record a training program",
     .summary_ja = "研修プログラムを登録する", .params = create_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"code\": \"TRITIUM-BASIC\", \"name\": {\"en\": \"Tritium handling, basic "
                "course\", "
                "\"ja\": \"トリチウム取扱基礎コース\"}, \"provider\": \"qst\", \"hours\": 40, "
                "\"languages\": [\"ja\"], \"pillars\": [\"workforce\"], "
                "\"teaches\": [{\"skill\": \"FS-TRI-01\", \"level\": 2}]}"},
    {.name = "program.get", .summary = "Show a training program",
     .summary_ja = "研修プログラムを表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"jifs\", \"lang\": \"en\"}"},
    {.name = "program.update", .summary = "Change a training program",
     .summary_ja = "研修プログラムを変更する", .params = update_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"jifs\", \"status\": \"running\"}"},
    {.name = "program.list", .summary = "List training programs", .summary_ja = "研修プログラムの一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"country\": \"JP\", \"pillar\": \"workforce\"}"},
    {.name = NULL},
};
