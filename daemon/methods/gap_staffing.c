/* SPDX-License-Identifier: Apache-2.0
 *
 * gap.staffing and gap.fragile: what the people there are can fill, and which skills hang by a thread. The arithmetic is in
 * model/staffing.h and model/fragile.h.
 */
#include "methods/tables.h"

enum { TOP_MAX = 1000, STEPS_MAX = 20, FEW_MAX = 1000, AGE_MIN = 40, AGE_MAX = 75, FTE_MAX = 1000000, WEIGHT_MAX = 1000 };

static const struct param position_fields[] = {
    {.name = "role", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The role, which needs all of its skills at once"},
    {.name = "fte", .type = PARAM_NUMBER, .max = FTE_MAX, .unit = "FTE", .help = "How much of it; 1 if absent"},
    {.name = "group", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "The country, kind of organization or organization (as by says) whose people may fill it; open to all if absent"},
    PARAM_ROW_END,
};

static const struct param staffing_params[] = {
    {.name = "as_of", .type = PARAM_MONTH, .help = "The month on whose first day it is asked; the present one if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Demand of this scenario; baseline if absent"},
    {.name = "by", .type = PARAM_CHOICE, .choices = "country|kind|organization|all",
     .help = "Positions are filled from within the group: by country if absent"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only positions and people of this country, as JP; by country then, unless by organization"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only positions and people of this organization"},
    {.name = "role", .type = PARAM_REFERENCE, .help = "Only positions of this role"},
    {.name = "across", .type = PARAM_BOOLEAN, .help = "Whether anybody may fill any position, also from other groups; false if absent"},
    {.name = "positions", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = position_fields,
     .help = "What if these were the positions to fill, in place of the demand by role on record"},
    {.name = "with_demand", .type = PARAM_BOOLEAN,
     .help = "Whether demand on record counts; if absent, where no positions are given"},
    {.name = "estimate", .type = PARAM_CHOICE, .choices = "low|likely|high", .help = "Which figure of demand; likely if absent"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Count totals of associations that include their members' own demand; false if absent"},
    {.name = "training_steps", .type = PARAM_INTEGER, .min = 0, .max = STEPS_MAX, .unit = "levels",
     .help = "How many levels one person may be trained, over all skills; 3 if absent, 0: none"},
    {.name = "top", .type = PARAM_INTEGER, .min = 1, .max = TOP_MAX,
     .help = "How many classes of people and trainings are listed at most; 20 if absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "People as this release published them; the last of the month or before if absent, or live "
             "figures for who may see them"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column staffing_columns[] = {
    {"role.code", "string", "Role", "職務コード", "Code of the role"},
    {"role.name", "string", "Name", "職務", "Its name"},
    {"group", "string", "Group", "区分", "The country, kind of organization or organization; empty where open to all"},
    {"asked", "number", "Asked FTE", "必要FTE", "FTE of the positions"},
    {"filled", "number", "Filled FTE", "充足FTE", "FTE that the people there are can fill, when nobody fills two; one best way of several"},
    {"unfilled", "number", "Unfilled FTE", "未充足FTE", "The rest, FTE"},
    {"binds", "boolean", "Binds", "制約", "Whether it is of the smallest set of positions that explains what stays unfilled"},
    {"by", "array", "By", "充足する人", "The classes of people that fill most of it: group, heads, FTE of each, skills they have at least"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param weight_fields[] = {
    {.name = "scarcity", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of few holders; 1 if absent"},
    {.name = "retirement", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of the share near retirement; 1 if absent"},
    {.name = "program", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of no running program; 0.5 if absent"},
    {.name = "concentration", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of few organizations; 0.5 if absent"},
    PARAM_ROW_END,
};

static const struct param fragile_params[] = {
    {.name = "as_of", .type = PARAM_MONTH, .help = "The month on whose first day it is counted; the present one if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5, .help = "Holders at this level or above; 3 if absent"},
    {.name = "skill", .type = PARAM_REFERENCE, .help = "Only this skill"},
    {.name = "category", .type = PARAM_REFERENCE, .help = "Only skills below this category"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only people of this country, as JP; all together if absent"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only people of this organization"},
    {.name = "few", .type = PARAM_INTEGER, .min = 1, .max = FEW_MAX, .unit = "people",
     .help = "So many holders are as bad as none; 5 if absent"},
    {.name = "near_age", .type = PARAM_INTEGER, .min = AGE_MIN, .max = AGE_MAX, .unit = "years",
     .help = "Near retirement from this age on; 60 if absent"},
    {.name = "weights", .type = PARAM_OBJECT, .fields = weight_fields, .help = "How much each part of the score counts"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "People as this release published them; the last of the month or before if absent, or live "
             "figures for who may see them"},
    {.name = "top", .type = PARAM_INTEGER, .min = 1, .max = TOP_MAX, .help = "How many at most; 20 if absent"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column fragile_columns[] = {
    {"rank", "integer", "Rank", "順位", "Place among all, the most fragile first"},
    {"subject.code", "string", "Code", "コード", "The skill"},
    {"subject.name", "string", "Name", "名称", "Its name"},
    {"group", "string", "Group", "区分", "The country or organization; all: everybody"},
    {"level", "integer", "Level ≥", "水準以上", "At this level or above, 1 to 5"},
    {"score", "number", "Score", "評点", "Weighted mean of the parts that are known, 0 to 1"},
    {"scarcity", "number", "Scarcity", "希少性", "1 where no more than few hold it, few / holders above"},
    {"retirement", "number", "Retirement", "退職", "Share of the holders who are near retirement"},
    {"program", "number", "No program", "課程なし", "1 where no program that teaches it runs, else 0"},
    {"concentration", "number", "Concentration", "集中度", "Herfindahl index of the holders over organizations, 1: all in one"},
    {"holders.from", "integer", "Holders ≥", "保有者(以上)", "The band of holders: from"},
    {"holders.below", "integer", "Holders <", "保有者(未満)", "The band of holders: below; empty for the highest"},
    {"headcount", "integer", "People", "人数", "Holders; empty outside the own organization, which is shown bands"},
    {"single_organization", "boolean", "Single", "単一組織", "Whether all are with one organization; empty where people are shown in bands"},
    {"programs", "integer", "Programs", "課程数", "Running programs that teach it, at whatever level"},
    {"demand", "number", "Demand FTE", "需要FTE", "FTE of the baseline's demand at the level or above; empty where none is stated"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method gap_staffing_methods[] = {
    {.name = "gap.staffing", .summary = "Say how many positions the people there are can fill, by whom, what binds, and which trainings would lift it",
     .summary_ja = "現在の人材で充足できる職位、充足する人の区分、制約、および有効な研修を示す", .params = staffing_params,
     .shape = RESULT_LIST, .columns = staffing_columns, .kind = METHOD_MODEL, .compute = COMPUTE_STAFFING,
     .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"positions\": [{\"role\": \"nuclear-welder\", \"fte\": 12, \"group\": \"US\"}], \"lang\": \"en\"}"},
    {.name = "gap.fragile", .summary = "Rank skills that hang by a thread: few holders, near retirement, no program, one organization",
     .summary_ja = "脆弱な技能を順位付けする(保有者が少ない、退職が近い、課程がない、単一組織)", .params = fragile_params,
     .shape = RESULT_LIST, .columns = fragile_columns, .kind = METHOD_MODEL, .compute = COMPUTE_FRAGILE,
     .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"category\": \"FS-TRI\", \"country\": \"JP\", \"lang\": \"en\"}"},
    {.name = NULL},
};
