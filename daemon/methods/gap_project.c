/* SPDX-License-Identifier: Apache-2.0
 *
 * gap.project: the gap of the coming years, with its uncertainty. The arithmetic is in model/project.h.
 */
#include "methods/tables.h"

enum { YEARS_MAX = 20, DRAWS_MIN = 100, DRAWS_MAX = 100000, SEED_MAX = 2147483647 };

static const struct param project_params[] = {
    {.name = "years", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = YEARS_MAX,
     .unit = "years", .help = "How far ahead"},
    {.name = "as_of", .type = PARAM_MONTH,
     .help = "The month from whose first day on it is projected; the present one if absent"},
    {.name = "seed", .type = PARAM_INTEGER, .min = 0, .max = SEED_MAX,
     .help = "The same seed gives the same answer, byte by byte, on the same figures; 1 if absent"},
    {.name = "draws", .type = PARAM_INTEGER, .min = DRAWS_MIN, .max = DRAWS_MAX,
     .help = "How many possible futures are drawn; 2000 if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Demand of this scenario; baseline if absent"},
    {.name = "assumptions", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Assumptions of this scenario, and the baseline's where it has none; as scenario if absent"},
    {.name = "shape", .type = PARAM_CHOICE, .choices = "pert|triangular",
     .help = "How assumptions are drawn between low and high; pert if absent"},
    {.name = "between", .type = PARAM_CHOICE, .choices = "linear|stated",
     .help = "Demand of years between two for which it is stated: on a line from one to the other, or not "
             "known; linear if absent, and never beyond what is stated"},
    {.name = "of", .type = PARAM_CHOICE, .choices = "skill|category",
     .help = "What is projected; categories if absent"},
    {.name = "by", .type = PARAM_CHOICE, .choices = "country|kind|organization|all",
     .help = "How organizations are grouped; by country if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5, .help = "At this level or above; 3 if absent"},
    {.name = "skill", .type = PARAM_REFERENCE, .help = "Only this skill or category"},
    {.name = "category", .type = PARAM_REFERENCE, .help = "Only what stands below this category"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only this country, as JP"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only this organization"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Count totals of associations that include their members' own demand; false if absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "People as this release published them; the last of the month or before if absent, or live "
             "figures for who may see them"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column project_columns[] = {
    {"about.subject.code", "string", "Code", "コード", "The skill or category"},
    {"about.subject.name", "string", "Name", "名称", "Its name"},
    {"about.group", "string", "Group", "区分", "The country, kind of organization or organization"},
    {"level", "integer", "Level ≥", "水準以上", "At this level or above, 1 to 5"},
    {"year", "integer", "Year", "年", "The year; tables for people show the last that has a gap"},
    {"supply.p50", "number", "Supply P50", "供給 P50", "Supply in FTE, the middle of the draws"},
    {"demand.p50", "number", "Demand P50", "需要 P50", "Demand in FTE, the middle of the draws; null where not stated"},
    {"gap.p10", "number", "Gap P10", "不足 P10", "One draw in ten has a smaller gap, FTE"},
    {"gap.p50", "number", "P50", "P50", "Half of the draws have a smaller gap, FTE"},
    {"gap.p90", "number", "P90", "P90", "Nine draws in ten have a smaller gap, FTE"},
    {"gap_probability", "number", "Probability", "確率", "Share of the draws that have a gap at all"},
    {"growth", "number", "Growth", "需要増", "Change of demand since the year before, FTE"},
    {"replacement", "number", "Replacement", "補充", "Who retires, quits or loses the level in the year, FTE"},
    {"state", "string", "State", "状態", "known, or what is missing: no_supply, no_demand"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method gap_project_methods[] = {
    {.name = "gap.project", .summary = "Project gaps 1 to 20 years ahead, with P10, P50, P90 and what moves them most",
     .summary_ja = "1年から20年先までの不足を推計する(P10・P50・P90、影響の大きい前提)", .params = project_params,
     .shape = RESULT_LIST, .columns = project_columns, .kind = METHOD_MODEL, .compute = COMPUTE_PROJECT,
     .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .figures_on_people = true, .plot = PLOT_FAN,
     .example = "{\"years\": 10, \"category\": \"FS-TRI\", \"level\": 3, \"lang\": \"en\"}"},
    {.name = NULL},
};
