/* SPDX-License-Identifier: Apache-2.0
 *
 * pathway.find and pathway.neighbors: from where somebody is to a role. The arithmetic is in model/pathway.h.
 */
#include "methods/tables.h"

enum { ROUTES_MAX = 20, TOP_MAX = 1000, HOURS_MAX = 168, COST_MAX = 1000000000 };

static const struct param held_fields[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "A skill of any framework"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 5, .help = "At this level"},
    PARAM_ROW_END,
};

static const struct param strength_fields[] = {
    {.name = "exact", .type = PARAM_NUMBER, .max = 1, .help = "To a skill that is the same; 1 if absent"},
    {.name = "narrow", .type = PARAM_NUMBER, .max = 1, .help = "To a narrower skill; 0.75 if absent"},
    {.name = "broad", .type = PARAM_NUMBER, .max = 1, .help = "To a broader skill; 0.5 if absent"},
    PARAM_ROW_END,
};

static const struct param rate_fields[] = {
    {.name = "currency", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 3, .max = 3, .help = "A currency, as EUR"},
    {.name = "rate", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .max = COST_MAX, .help = "What one of it is worth in the answer's currency"},
    PARAM_ROW_END,
};

#define PARAM_ROW_STRENGTHS                                                                        \
    {.name = "strengths", .type = PARAM_OBJECT, .fields = strength_fields,                         \
     .help = "How much of a level carries over by a mapping between frameworks, 0 to 1"}

static const struct param find_params[] = {
    {.name = "role", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The role to get to"},
    {.name = "from_role", .type = PARAM_REFERENCE,
     .help = "The occupation to begin from: a role, whose skills may be of another framework, as O*NET or ESCO"},
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_PERSONAL,
     .help = "A person to begin from, with what they hold today; for who may see the person, and across a border with a purpose"},
    {.name = "held", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = held_fields, .help = "Skills that are there in addition"},
    {.name = "self_declared", .type = PARAM_BOOLEAN, .help = "With person: count also what people say of themselves; false if absent"},
    {.name = "starts", .type = PARAM_DATE, .help = "The first day on which a program may begin; today if absent"},
    {.name = "latest", .type = PARAM_DATE, .help = "The day by which the role is to be reached; three years after starts if absent"},
    {.name = "order", .type = PARAM_CHOICE, .choices = "cheapest|soonest", .help = "What counts first; cheapest if absent"},
    {.name = "routes", .type = PARAM_INTEGER, .min = 1, .max = ROUTES_MAX, .help = "How many routes at most, the best first; 3 if absent"},
    PARAM_ROW_STRENGTHS,
    {.name = "currency", .type = PARAM_TEXT, .min = 3, .max = 3,
     .help = "Costs are compared in this currency; the one that most of the programs are priced in if absent"},
    {.name = "rates", .type = PARAM_OBJECT, .flags = PARAM_LIST, .fields = rate_fields,
     .help = "Worth of other currencies; what is priced in one without a rate counts as not priced"},
    {.name = "unpriced", .type = PARAM_NUMBER, .max = COST_MAX,
     .help = "What a program without a known cost counts when routes are ranked; as the dearest if absent"},
    {.name = "undated", .type = PARAM_BOOLEAN,
     .help = "Whether programs without a session ahead may begin on any day, for the time that their hours take; true if absent"},
    {.name = "hours_a_week", .type = PARAM_INTEGER, .min = 1, .max = HOURS_MAX, .unit = "hours",
     .help = "With programs that have no session ahead: how many hours a week; 40 if absent"},
    {.name = "purpose", .type = PARAM_CHOICE, .choices = PURPOSES,
     .help = "With person: for what the data is read, which is recorded; across a border it must be given"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column find_columns[] = {
    {"outcome", "string", "Outcome", "結果",
     "found; nothing_missing; untaught: no program teaches a skill high enough; no_route: none by the latest day; not_within: none found, "
     "though there may be one"},
    {"role.name", "string", "Role", "職務", "The role to get to"},
    {"from_role.name", "string", "From", "出発点", "The occupation begun from"},
    {"person.code", "string", "Person", "人", "The person begun from"},
    {"coverage", "number", "Coverage", "充足率", "Share of the asked levels that is there already, 0 to 1"},
    {"missing_levels", "integer", "Missing levels", "不足水準", "Levels that are missing, over all skills"},
    {"untaught.name", "string", "Untaught", "教える課程がない技能", "A skill that no program teaches as high as is asked"},
    {"skills", "array", "Skills", "技能",
     "Each skill of the role: level asked, own, carried over (from which skill, by which match: exact, broad or narrow), missing"},
    {"routes", "array", "Routes", "経路",
     "Programs one after the other, the best route first: its cost without the unpriced, its last day, its steps with dates"},
    {"all", "boolean", "All", "網羅", "Whether these are all the routes there are, or as many as were asked for, in order"},
    {"currency", "string", "Currency", "通貨", "Currency of the costs"},
    {"unpriced_as", "number", "Unpriced as", "費用不明の扱い", "What a program without a known cost counted in the order, in the currency"},
    {"starts", "string", "Starts", "開始日", "The first day on which a program may begin"},
    {"latest", "string", "Latest", "期限", "The day by which the role is to be reached"},
    {"strengths", "object", "Strengths", "対応の強さ", "Strengths of mappings in force, 0 to 1"},
    {"notes", "array", "Notes", "注記", "What a reader has to know"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param neighbors_params[] = {
    {.name = "role", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The role to get to"},
    {.name = "framework", .type = PARAM_REFERENCE, .help = "Only occupations with skills of this framework"},
    PARAM_ROW_STRENGTHS,
    PARAM_ROW_SYNTHETIC_FILTER,
    {.name = "top", .type = PARAM_INTEGER, .min = 1, .max = TOP_MAX, .help = "How many at most; 20 if absent"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column neighbors_columns[] = {
    {"rank", "integer", "Rank", "順位", "Place among all, from 1"},
    {"occupation.code", "string", "Code", "コード", "The role or occupation"},
    {"occupation.name", "string", "Name", "名称", "Its name"},
    {"frameworks", "array", "Frameworks", "体系", "The frameworks that its skills are of"},
    {"coverage", "number", "Coverage", "充足率", "Share of the role's asked levels that it brings, 0 to 1"},
    {"met", "integer", "Met", "満たす技能", "Skills of the role that it brings as high as asked"},
    {"missing", "integer", "Missing levels", "不足水準", "Levels that are missing, over all skills"},
    {"carries", "integer", "Carries", "引き継ぐ技能", "How many of its skills carry something over"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method pathway_methods[] = {
    {.name = "pathway.find", .summary = "Find what carries over to a role, what is missing, and the programs that lead there",
     .summary_ja = "職務に引き継げる技能、不足する技能、および到達するまでの課程を示す", .params = find_params, .shape = RESULT_OBJECT,
     .columns = find_columns, .kind = METHOD_MODEL, .compute = COMPUTE_PATHWAY, .cost = COST_SLOW, .roles = ROLES_SIGNED_IN,
     .example = "{\"role\": \"nuclear-welder\", \"held\": [{\"skill\": \"FS-FAB-01\", \"level\": 2}], \"lang\": \"en\"}"},
    {.name = "pathway.neighbors", .summary = "Rank occupations by what they already bring to a role",
     .summary_ja = "職務に必要な技能を既に備えている職業を順位付けする", .params = neighbors_params, .shape = RESULT_LIST,
     .columns = neighbors_columns, .kind = METHOD_MODEL, .compute = COMPUTE_NEIGHBORS, .cost = COST_SLOW, .roles = ROLES_SIGNED_IN,
     .example = "{\"role\": \"cryogenic-operator\", \"lang\": \"en\"}"},
    {.name = NULL},
};
