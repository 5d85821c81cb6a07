/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param requires_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "A skill, not a category"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5,
     .help = "The lowest level that will do"},
    PARAM_ROW_END,
};

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as coil-engineer"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its name"},
    {.name = "summary", .type = PARAM_LABEL, .max = 2000, .help = "What the role does"},
    {.name = "requires", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = requires_fields,
     .help = "The skills and levels that one person in the role needs, all at once"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("role"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("role"),
    PARAM_ROW_IF_VERSION,
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its name"},
    {.name = "summary", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .max = 2000,
     .help = "What the role does"},
    {.name = "requires", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = requires_fields,
     .help = "All skills and levels that it requires, in place of those recorded"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only roles that require this skill, or something in this category"},
    PARAM_ROW_PILLAR_FILTER,
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"summary", "string", "Summary", "概要", "What the role does"},
    {"requires", "array", "Requires", "必要な技能", "Skills and lowest levels, all needed at once"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"skills", "integer", "Skills", "技能数", "How many skills it requires"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method role_methods[] = {
    {.name = "role.create", .summary = "Record a role", .summary_ja = "職務を登録する",
     .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true,
     .example = "{\"code\": \"coil-engineer\", \"name\": {\"en\": \"Coil engineer\", "
                "\"ja\": \"コイル技術者\"}, \"requires\": [{\"skill\": \"FS-MAG-01\", \"level\": 4}, "
                "{\"skill\": \"FS-CRY-01\", \"level\": 2}], \"pillars\": [\"facilities\"]}"},
    {.name = "role.get", .summary = "Show a role, with the skills it requires",
     .summary_ja = "職務と必要な技能を表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"magnet-engineer\", \"lang\": \"ja\"}"},
    {.name = "role.update", .summary = "Change a role", .summary_ja = "職務を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true,
     .example = "{\"ref\": \"magnet-engineer\", "
                "\"requires\": [{\"skill\": \"FS-MAG-01\", \"level\": 3}]}"},
    {.name = "role.list", .summary = "List roles", .summary_ja = "職務の一覧", .params = list_params,
     .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"skill\": \"FS-MAG\"}"},
    {.name = NULL},
};
