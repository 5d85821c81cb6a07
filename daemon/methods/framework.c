/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as ESCO"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its name"},
    {.name = "publisher", .type = PARAM_TEXT, .min = 1, .max = 300, .help = "Who publishes it"},
    {.name = "edition", .type = PARAM_TEXT, .min = 1, .max = 100, .help = "Which edition"},
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("framework"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("framework"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its name"},
    {.name = "publisher", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 1, .max = 300,
     .help = "Who publishes it"},
    {.name = "edition", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .min = 1, .max = 100,
     .help = "Which edition"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"publisher", "string", "Publisher", "発行者", "Who publishes it"},
    {"edition", "string", "Edition", "版次", "Which edition"},
    {"categories", "integer", "Categories", "区分数", "How many categories it has"},
    {"skills", "integer", "Skills", "技能数", "How many skills it has"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"publisher", "string", "Publisher", "発行者", "Who publishes it"},
    {"edition", "string", "Edition", "版次", "Which edition"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method framework_methods[] = {
    {.name = "framework.create", .summary = "Record a skill framework", .summary_ja = "技能体系を登録する",
     .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true,
     .example = "{\"code\": \"ESCO\", \"name\": {\"en\": \"European Skills, Competences, "
                "Qualifications and Occupations\"}, \"publisher\": \"European Commission\"}"},
    {.name = "framework.get", .summary = "Show a skill framework", .summary_ja = "技能体系を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"FS\", \"lang\": \"ja\"}"},
    {.name = "framework.update", .summary = "Change a skill framework", .summary_ja = "技能体系を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true, .example = "{\"ref\": \"FS\", \"edition\": \"1\"}"},
    {.name = "framework.list", .summary = "List skill frameworks", .summary_ja = "技能体系の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"lang\": \"en\"}"},
    {.name = NULL},
};
