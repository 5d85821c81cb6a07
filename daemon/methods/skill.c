/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define KINDS "category|skill"
#define MATCHES "exact|broad|narrow"

static const struct param create_params[] = {
    {.name = "code", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63,
     .help = "Short code that people quote, as FS-MAG-01"},
    {.name = "framework", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The framework that it belongs to"},
    {.name = "parent", .type = PARAM_REFERENCE,
     .help = "What it stands under, in the same framework"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS,
     .help = "A category groups skills and is held by nobody; skill if absent"},
    {.name = "name", .type = PARAM_LABEL, .flags = PARAM_REQUIRED, .min = 1, .max = 300,
     .help = "Its name"},
    {.name = "definition", .type = PARAM_LABEL, .max = 2000, .help = "One sentence on what it is"},
    PARAM_ROW_PILLARS,
    PARAM_ROWS_ORIGIN,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("skill or category"),
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    PARAM_ROW_REF("skill or category"),
    PARAM_ROW_IF_VERSION,
    {.name = "parent", .type = PARAM_REFERENCE, .flags = PARAM_CLEARABLE,
     .help = "What it stands under, in the same framework"},
    {.name = "name", .type = PARAM_LABEL, .min = 1, .max = 300, .help = "Its name"},
    {.name = "definition", .type = PARAM_LABEL, .flags = PARAM_CLEARABLE, .max = 2000,
     .help = "One sentence on what it is"},
    PARAM_ROW_PILLARS,
    {.name = "retired", .type = PARAM_DATE, .flags = PARAM_CLEARABLE,
     .help = "From this day on it is not to be used any more"},
    PARAM_ROWS_ORIGIN_UPDATE,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "framework", .type = PARAM_REFERENCE, .help = "Only this framework"},
    {.name = "category", .type = PARAM_REFERENCE,
     .help = "Only what stands below this category, at any depth"},
    {.name = "parent", .type = PARAM_REFERENCE, .help = "Only what stands directly under this one"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS,
     .help = "Only skills, or only categories"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "retired", .type = PARAM_BOOLEAN,
     .help = "Only what is retired today, or with false only what is in use"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param search_params[] = {
    PARAM_ROW_QUERY("codes and names"),
    {.name = "framework", .type = PARAM_REFERENCE, .help = "Only this framework"},
    {.name = "kind", .type = PARAM_CHOICE, .choices = KINDS,
     .help = "Only skills, or only categories"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct param tree_params[] = {
    {.name = "framework", .type = PARAM_REFERENCE,
     .help = "The framework whose tree it is; or else give a category"},
    {.name = "category", .type = PARAM_REFERENCE,
     .help = "The category or skill that stands at the top"},
    {.name = "depth", .type = PARAM_INTEGER, .min = 1, .max = 100, .unit = "levels",
     .help = "How many levels, the top counted; all if absent"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param map_params[] = {
    {.name = "from", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The skill that is mapped"},
    {.name = "to", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The skill of another framework that it is mapped to"},
    {.name = "match", .type = PARAM_CHOICE, .flags = PARAM_REQUIRED, .choices = MATCHES,
     .help = "exact: the same; broad: the other is broader; narrow: the other is narrower"},
    {.name = "source", .type = PARAM_TEXT, .max = 1000, .help = "Where the mapping comes from"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param unmap_params[] = {
    {.name = "from", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The skill that is mapped"},
    {.name = "to", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "The skill that it is mapped to"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param mappings_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE,
     .help = "Only mappings of this skill, from it or to it"},
    {.name = "framework", .type = PARAM_REFERENCE,
     .help = "Only mappings from skills of this framework"},
    {.name = "to_framework", .type = PARAM_REFERENCE,
     .help = "Only mappings to skills of this framework"},
    {.name = "match", .type = PARAM_CHOICE, .choices = MATCHES,
     .help = "Only matches of this kind"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"definition", "string", "Definition", "定義", "One sentence on what it is"},
    {"kind", "string", "Kind", "種別", "A category groups skills and is held by nobody"},
    {"framework.name", "string", "Framework", "技能体系", "The framework that it belongs to"},
    {"category.name", "string", "Category", "区分", "The nearest category above it"},
    {"parent.name", "string", "Parent", "上位項目", "What it stands under"},
    {"children", "integer", "Children", "下位項目数", "How many stand directly under it"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    {"mappings", "array", "Mappings", "対応付け",
     "What it matches elsewhere; broad: the other is broader, narrow: the other is narrower"},
    {"retired", "string", "Retired", "廃止日", "From this day on it is not to be used any more"},
    COLUMNS_ORIGIN,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    {"kind", "string", "Kind", "種別", "A category groups skills and is held by nobody"},
    {"parent.code", "string", "Parent", "上位項目", "What it stands under"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    {"retired", "string", "Retired", "廃止日", "From this day on it is not to be used any more"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column search_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"name", "string", "Name", "名称", "Its name"},
    COLUMNS_MATCH,
    {"kind", "string", "Kind", "種別", "A category groups skills and is held by nobody"},
    {"framework.code", "string", "Framework", "技能体系", "The framework that it belongs to"},
    {"parent.code", "string", "Parent", "上位項目", "What it stands under"},
    {"retired", "string", "Retired", "廃止日", "From this day on it is not to be used any more"},
    COLUMN_MARKS,
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column tree_columns[] = {
    {"tree", "string", "Skill", "技能", "Code and name, indented by depth"},
    {"kind", "string", "Kind", "種別", "A category groups skills and is held by nobody"},
    {"children", "integer", "Children", "下位項目数", "How many stand directly under it"},
    {"pillars", "array", "Pillars", "柱", "Codes of the pillars that it serves"},
    {"retired", "string", "Retired", "廃止日", "From this day on it is not to be used any more"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column mappings_columns[] = {
    {"from.code", "string", "From", "対応元コード", "The skill that is mapped"},
    {"from.name", "string", "Name", "対応元", "Its name"},
    {"match", "string", "Match", "対応",
     "broad: the other is broader; narrow: the other is narrower"},
    {"to.code", "string", "To", "対応先コード", "The skill that it is mapped to"},
    {"to.name", "string", "Name", "対応先", "Its name"},
    {"source", "string", "Source", "出典", "Where the mapping comes from"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method skill_methods[] = {
    {.name = "skill.create", .summary = "Record a skill or a category of skills",
     .summary_ja = "技能または区分を登録する", .params = create_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"code\": \"FS-MAG-90\", \"framework\": \"FS\", \"parent\": \"FS-MAG\", "
                "\"name\": {\"en\": \"Joint resistance measurement\", \"ja\": \"接続抵抗測定\"}, "
                "\"pillars\": [\"facilities\"]}"},
    {.name = "skill.get", .summary = "Show a skill or a category", .summary_ja = "技能または区分を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST, .each = true,
     .roles = ROLES_SIGNED_IN, .example = "{\"ref\": \"FS-MAG-01\", \"lang\": \"ja\"}"},
    {.name = "skill.update", .summary = "Change a skill or a category",
     .summary_ja = "技能または区分を変更する",
     .params = update_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE,
     .writes = true,
     .example = "{\"ref\": \"FS-MAG-01\", \"pillars\": [\"facilities\", \"supply-chain\"]}"},
    {.name = "skill.list", .summary = "List skills and categories", .summary_ja = "技能と区分の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_SIGNED_IN, .example = "{\"category\": \"FS-MAG\", \"kind\": \"skill\"}"},
    {.name = "skill.search", .summary = "Search skills by code or name",
     .summary_ja = "技能をコードや名称で検索する", .params = search_params, .shape = RESULT_PAGE,
     .columns = search_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"query\": \"トリチウム\", \"lang\": \"ja\"}"},
    {.name = "skill.tree", .summary = "Show the tree of a framework or of a category",
     .summary_ja = "技能体系または区分を木構造で表示する", .params = tree_params,
     .shape = RESULT_LIST, .columns = tree_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"category\": \"FS-MAG\", \"lang\": \"ja\"}"},
    {.name = "skill.map", .summary = "Map a skill to one of another framework",
     .summary_ja = "技能を他の体系の技能に対応付ける", .params = map_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"from\": \"FS-MAG-01\", \"to\": \"ESCO-MAGNET\", \"match\": \"broad\"}"},
    {.name = "skill.unmap", .summary = "Take back a mapping between skills",
     .summary_ja = "技能の対応付けを取り消す", .params = unmap_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"from\": \"FS-MAG-01\", \"to\": \"ESCO-MAGNET\"}"},
    {.name = "skill.mappings", .summary = "List mappings between skills",
     .summary_ja = "技能の対応付けの一覧",
     .params = mappings_params, .shape = RESULT_PAGE, .columns = mappings_columns,
     .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .example = "{\"framework\": \"FS\"}"},
    {.name = NULL},
};
