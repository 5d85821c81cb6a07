/* SPDX-License-Identifier: Apache-2.0
 *
 * opportunity.rank: who could help whom with what, best first. The arithmetic is in model/opportunity.h.
 */
#include "methods/tables.h"

enum { TOP_MAX = 1000, PATIENCE_MAX = 3650, WEIGHT_MAX = 1000, INSTRUMENTS = 4 };

static const struct param weight_fields[] = {
    {.name = "per_month", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of the gap closed for a person-month; 1 if absent"},
    {.name = "per_cost", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of the gap closed for its cost; 0.5 if absent"},
    {.name = "closed", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of the gap closed in all; 0.5 if absent"},
    {.name = "feasibility", .type = PARAM_NUMBER, .max = WEIGHT_MAX, .help = "Of whether it can be had; 0.75 if absent"},
    {.name = "complementarity", .type = PARAM_NUMBER, .max = WEIGHT_MAX,
     .help = "Of how much of what each lacks the other has; 0.25 if absent"},
    PARAM_ROW_END,
};

static const struct param rank_params[] = {
    {.name = "as_of", .type = PARAM_MONTH, .help = "The month on whose first day it is counted; the present one if absent"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Demand of this scenario; baseline if absent"},
    {.name = "assumptions", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Assumptions of this scenario, and the baseline's where it has none; as scenario if absent"},
    {.name = "of", .type = PARAM_CHOICE, .choices = "skill|category", .help = "What is looked at; skills if absent"},
    {.name = "level", .type = PARAM_INTEGER, .min = 1, .max = 5, .help = "At this level or above; 3 if absent"},
    {.name = "skill", .type = PARAM_REFERENCE, .help = "Only this skill or category"},
    {.name = "category", .type = PARAM_REFERENCE, .help = "Only what stands below this category"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "across", .type = PARAM_BOOLEAN, .help = "Pairs with a border between them; true if absent"},
    {.name = "within", .type = PARAM_BOOLEAN, .help = "Pairs within a country; false if absent"},
    {.name = "instruments", .type = PARAM_CHOICE, .flags = PARAM_LIST, .max = INSTRUMENTS,
     .choices = "visit|secondment|seat|facility", .help = "Only these instruments; all if absent"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only pairs with this organization"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only gaps of this country, as JP"},
    {.name = "weights", .type = PARAM_OBJECT, .fields = weight_fields, .help = "How much each part of the score counts"},
    {.name = "without_agreement", .type = PARAM_NUMBER, .max = 1,
     .help = "Feasibility across a border that no agreement covers; 0.5 if absent"},
    {.name = "patience_days", .type = PARAM_INTEGER, .min = 1, .max = PATIENCE_MAX, .unit = "days",
     .help = "Approvals that take so long make it infeasible; 365 if absent"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Count totals of associations that include their members' own demand; false if absent"},
    {.name = "top", .type = PARAM_INTEGER, .min = 1, .max = TOP_MAX, .help = "How many at most; 20 if absent"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "People as this release published them; the last of the month or before if absent, or live "
             "figures for who may see them"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column rank_columns[] = {
    {"rank", "integer", "Rank", "順位", "Place among all, from 1"},
    {"receiver.code", "string", "Receiver", "受け手", "Whose gap is closed"},
    {"giver.code", "string", "Giver", "与え手", "Who has mentors, seats or a facility for it"},
    {"skill.code", "string", "Code", "コード", "The skill or category"},
    {"skill.name", "string", "Skill", "技能", "Its name"},
    {"instrument", "string", "Instrument", "手段", "visit, secondment, seat (in a program) or facility (access)"},
    {"participants", "integer", "People", "人数", "How many take part"},
    {"closed", "number", "FTE closed", "解消FTE", "FTE of the gap that it closes"},
    {"person_months", "number", "Months", "人月", "Person-months that it takes"},
    {"cost", "number", "Cost", "費用", "What it costs, US dollars"},
    {"per_month", "number", "Per month", "人月あたり", "FTE closed for each person-month"},
    {"feasibility", "number", "Feasibility", "実現性", "Facility x language x agreement x time, 0 to 1"},
    {"complementarity", "number", "Complementarity", "補完性", "How much of what each lacks the other has, 0 to 1"},
    {"score", "number", "Score", "評点", "Weighted mean of the parts, 0 to 1"},
    {"not_known", "array", "Not known", "不明", "What is assumed or not known of it: cost, language, agreement, agreement_dates, approval_time, free_seats, "
     "facility_places, giver_demand"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method opportunity_methods[] = {
    {.name = "opportunity.rank", .summary = "Rank which organization could close whose gap by which exchange or training",
     .summary_ja = "どの機関がどの機関の不足をどの手段で解消できるかを順位づける", .params = rank_params,
     .shape = RESULT_LIST, .columns = rank_columns, .kind = METHOD_MODEL, .compute = COMPUTE_OPPORTUNITY,
     .cost = COST_SLOW, .roles = ROLE_ANALYST | ROLES_RECORDING, .figures_on_people = true,
     .example = "{\"category\": \"FS-TRI\", \"level\": 3, \"top\": 10, \"lang\": \"en\"}"},
    {.name = NULL},
};
