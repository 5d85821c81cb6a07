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

static const struct param search_params[] = {
    PARAM_ROW_QUERY("codes and names"),
    {.name = "provider", .type = PARAM_REFERENCE,
     .help = "Only those that this organization gives"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "status", .type = PARAM_CHOICE, .choices = STATUSES, .help = "Only this status"},
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
    {"seats", "integer", "Seats in all", "総定員",
     "Seats of all sessions that were not cancelled; these figures are shown to the provider, the "
     "secretariat and auditors"},
    {"taken", "integer", "Taken", "参加決定", "Seats that were taken, in all sessions"},
    {"fill_rate", "number", "Fill rate", "充足率",
     "Part of the seats that was taken, 0 to 1, in sessions that have a limit"},
    {"waiting", "integer", "Waiting", "待機者", "How many people wait for a seat"},
    {"sessions_cost", "number", "Sessions' cost", "開催費用", "What its sessions cost, in its currency"},
    {"cost_per_person", "number", "Cost a person", "一人当たり費用",
     "What its sessions cost over the seats taken"},
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

static const struct column search_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    COLUMNS_MATCH,
    {"provider.name", "string", "Provider", "実施機関", "The organization that gives it"},
    {"status", "string", "Status", "状況", "Whether it runs"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param outcome_params[] = {
    PARAM_ROW_REF("program"),
    {.name = "as_of", .type = PARAM_MONTH,
     .help = "Sessions that began by this month's first day count, and what had come of them; the "
             "present month if absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "As this release published it; the last of the month or before if absent, or live "
             "figures for who may see them"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column outcome_columns[] = {
    {"program.name", "string", "Program", "プログラム", "The program"},
    {"as_of", "string", "As of", "基準月", "By which month"},
    {"enrolled", "integer", "Enrolled", "受講者", "People who were given a seat, each once"},
    {"finished", "integer", "Finished", "終了者",
     "Of these, people who completed it, failed or withdrew"},
    {"completed", "integer", "Completed", "修了者", "People who completed it"},
    {"failed", "integer", "Failed", "不合格", "People who did not pass"},
    {"withdrawn", "integer", "Withdrawn", "途中取下げ", "People who gave up their seat"},
    {"completion_rate", "number", "Completion", "修了率",
     "Completed over finished; null where nobody has finished"},
    {"days_to_complete", "number", "Days", "修了までの日数",
     "Mean days from the session's first to completion; null where nobody has completed it"},
    {"levels_gained", "number", "Levels gained", "水準の伸び",
     "Mean levels gained by completing it, over the skills that it teaches; null where it is not "
     "known"},
    {"due", "integer", "A year ago", "修了後1年", "People who completed it a year ago or longer"},
    {"known", "integer", "Known", "その後が既知",
     "Of these, people of whom an affiliation then or since is recorded"},
    {"stayed", "integer", "Stayed", "核融合に在籍",
     "Of these, people who had one a year after; null where it cannot be said"},
    {"stay_rate", "number", "Stay rate", "在籍率",
     "Stayed over known; null where it cannot be said"},
    {"perturbed", "boolean", "Perturbed", "撹乱", "Whether the figures are those of a release"},
    {"release", "string", "Release", "公表", "The release that they are from"},
    {"notes", "array", "Notes", "注記", "What to know of these figures"},
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
    {.name = "program.search", .summary = "Search training programs by code or name",
     .summary_ja = "研修プログラムをコードや名称で検索する", .params = search_params,
     .shape = RESULT_PAGE, .columns = search_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"query\": \"school\"}"},
    {.name = "program.outcome",
     .summary = "Show what came of a program: completion, levels gained, who stayed in fusion",
     .summary_ja = "プログラムの成果(修了・水準の伸び・1年後の在籍)を表示する",
     .params = outcome_params, .shape = RESULT_OBJECT, .columns = outcome_columns,
     .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"ref\": \"jifs\", \"as_of\": \"2026-04\", \"lang\": \"en\"}"},
    {.name = NULL},
};
