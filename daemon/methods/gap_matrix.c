/* SPDX-License-Identifier: Apache-2.0
 *
 * gap.matrix stands apart from the recorded gaps of gap.c: it computes, and counts people.
 */
#include "methods/tables.h"

static const struct param matrix_params[] = {
    {.name = "as_of", .type = PARAM_MONTH,
     .help = "The month on whose first day demand and supply are compared; the present one if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Demand of this scenario; baseline if absent"},
    {.name = "of", .type = PARAM_CHOICE, .choices = "skill|category|pillar",
     .help = "What stands in the rows; categories if absent"},
    {.name = "by", .type = PARAM_CHOICE, .choices = "country|kind|organization|all",
     .help = "How organizations are grouped; by country if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5,
     .help = "Only this level or above; each of the five levels if absent"},
    {.name = "skill", .type = PARAM_REFERENCE, .help = "Only this skill or category"},
    {.name = "category", .type = PARAM_REFERENCE, .help = "Only what stands below this category"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only this country, as JP"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only this organization"},
    {.name = "evidence", .type = PARAM_CHOICE, .choices = "verified|all",
     .help = "With all, what people declare of themselves counts too; verified if absent"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Count totals of associations that include their members' own demand; false if absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "Supply as this release published it; the last of the month or before if absent, or live "
             "figures for who may see them"},
    {.name = "order", .type = PARAM_CHOICE, .choices = "gap|code",
     .help = "Largest gap first, or by code; by gap if absent"},
    {.name = "top", .type = PARAM_INTEGER, .min = 1, .max = 100000,
     .help = "Only so many rows; all if absent"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column matrix_columns[] = {
    {"subject.code", "string", "Code", "コード", "The skill, category or pillar"},
    {"subject.name", "string", "Name", "名称", "Its name"},
    {"group", "string", "Group", "区分", "The country, kind of organization or organization"},
    {"level", "integer", "Level ≥", "水準以上", "At this level or above, 1 to 5"},
    {"demand", "number", "Demand FTE", "需要 FTE",
     "Demand, most likely, in FTE; null where nobody has stated any"},
    {"demand_low", "number", "Low", "下限", "Demand, low, in FTE"},
    {"demand_high", "number", "High", "上限", "Demand, high, in FTE"},
    {"fte", "number", "Supply FTE", "供給 FTE",
     "Supply, counted where people are, in FTE; null where it is hidden or not released"},
    {"headcount", "integer", "People", "人数", "Supply, counted at the home organization, in people"},
    {"hidden", "boolean", "Hidden", "非公表",
     "Whether FTE is hidden since few people are published"},
    {"gap", "number", "Gap FTE", "不足 FTE",
     "Demand less supply, in FTE; null without demand or supply"},
    {"coverage", "number", "Coverage", "充足率", "Supply over demand; null without demand"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method gap_matrix_methods[] = {
    {.name = "gap.matrix",
     .summary = "Compare demand and supply of skills, by group, as of any month",
     .summary_ja = "スキルの需要と供給を区分ごと、任意の月について比べる",
     .params = matrix_params, .shape = RESULT_LIST, .columns = matrix_columns, .cost = COST_SLOW, .keeps = true,
     .roles = ROLES_SIGNED_IN, .figures_on_people = true, .plot = PLOT_HEAT,
     .example = "{\"of\": \"category\", \"by\": \"country\", \"level\": 3, \"top\": 10, \"lang\": \"en\"}"},
    {.name = NULL},
};
