/* SPDX-License-Identifier: Apache-2.0
 *
 * Gaps over time: expected against actual, trends, and projections that are recorded.
 */
#include "methods/tables.h"

#define FTE_MAX 100000000

enum { LEVEL_MAX = 5, STEP_MAX = 120, SEED_MAX = 2147483647, DRAWS_MAX = 100000, YEARS_MAX = 20 };

static const struct param review_params[] = {
    {.name = "as_of", .type = PARAM_DATE,
     .help = "The day as of whose end expected and actual are compared; today if absent"},
    {.name = "ref", .type = PARAM_REFERENCE, .help = "Only this gap"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only those in this organization"},
    {.name = "owner", .type = PARAM_REFERENCE, .help = "Only those that this organization sees to"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only those in this country, as JP"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "status", .type = PARAM_CHOICE, .choices = "open|being_closed|closed|accepted",
     .help = "Only this status"},
    {.name = "late", .type = PARAM_BOOLEAN,
     .help = "Only those with an action that has contributed less than it should have by then, or with false only others"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column review_columns[] = {
    {"code", "string", "Code", "コード", "Short code that people quote"},
    {"skill.name", "string", "Skill", "技能", "The skill or category that is short"},
    {"level", "integer", "Level", "レベル", "At this level or above"},
    {"country", "string", "Country", "国", "In this country"},
    {"organization.code", "string", "Organization", "機関", "In this organization"},
    {"owner.code", "string", "Owner", "担当機関", "The organization that sees to it"},
    {"year", "integer", "Year", "年", "In this calendar year"},
    {"status", "string", "Status", "状況", "Whether it is being closed"},
    {"size_fte", "number", "FTE short", "不足FTE", "How many FTE are short; null where hidden"},
    {"planned_fte", "number", "Planned", "計画FTE", "FTE that the actions are to contribute in all"},
    {"expected_fte", "number", "Expected", "見込FTE", "FTE of it that were expected by the day"},
    {"actual_fte", "number", "Actual", "実績FTE", "FTE that the actions were known to have contributed by then"},
    {"shortfall_fte", "number", "Behind", "遅れFTE", "FTE expected that have not come"},
    {"remaining_fte", "number", "Remaining", "残りFTE", "FTE still short after what came; null where hidden"},
    {"late", "integer", "Late", "遅延", "Actions that have contributed less than expected by the day"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param trend_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill or category"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = LEVEL_MAX,
     .help = "At this level or above"},
    {.name = "starts", .type = PARAM_MONTH, .help = "First month; five years before the last if absent"},
    {.name = "ends", .type = PARAM_MONTH, .help = "Last month; the present one if absent"},
    {.name = "step_months", .type = PARAM_INTEGER, .min = 1, .max = STEP_MAX, .unit = "months",
     .help = "From one month that is shown to the next; 6 if absent"},
    {.name = "by", .type = PARAM_CHOICE, .choices = "country|kind|organization|all",
     .help = "How organizations are grouped; by country if absent"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2, .help = "Only this country, as JP"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only this organization"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40,
     .help = "Demand of this scenario; baseline if absent"},
    {.name = "associations", .type = PARAM_BOOLEAN,
     .help = "Count totals of associations that include their members' own demand; false if absent"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column trend_columns[] = {
    {"group", "string", "Group", "区分", "The country, kind of organization or organization"},
    {"month", "string", "Month", "月", "The month on whose first day it is counted"},
    {"demand", "number", "Demand FTE", "需要 FTE", "Demand, most likely, in FTE; null where nobody has stated any"},
    {"fte", "number", "Supply FTE", "供給 FTE", "Supply in FTE; null where it is hidden or not released"},
    {"gap", "number", "Gap FTE", "不足 FTE", "Demand less supply, in FTE; null without demand or supply"},
    {"change", "number", "Change", "増減", "Of the gap since the month before in this list, in FTE"},
    {"coverage", "number", "Coverage", "充足率", "Supply over demand"},
    {"release", "string", "Release", "公表", "The release that supply is of; null where it is live"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct param projection_fields[] = {
    {.name = "p50", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = -FTE_MAX, .max = FTE_MAX, .unit = "FTE",
     .help = "Half of the draws have a smaller gap; the size that is recorded"},
    {.name = "p10", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = -FTE_MAX, .max = FTE_MAX, .unit = "FTE",
     .help = "One draw in ten has a smaller gap"},
    {.name = "p90", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .min = -FTE_MAX, .max = FTE_MAX, .unit = "FTE",
     .help = "Nine draws in ten have a smaller gap"},
    {.name = "probability", .type = PARAM_NUMBER, .flags = PARAM_REQUIRED, .max = 1,
     .help = "Share of the draws that have a gap"},
    {.name = "as_of", .type = PARAM_MONTH, .flags = PARAM_REQUIRED, .help = "The month from which it was projected"},
    {.name = "years", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = YEARS_MAX, .unit = "years",
     .help = "How far ahead"},
    {.name = "seed", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .max = SEED_MAX, .help = "The seed"},
    {.name = "draws", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = DRAWS_MAX, .help = "The draws"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "The release that it was projected from; absent for live figures"},
    {.name = "scenario", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Of demand; baseline if absent"},
    {.name = "assumptions", .type = PARAM_TEXT, .min = 1, .max = 40, .help = "Of the assumptions; as scenario if absent"},
    PARAM_ROW_END,
};

static const struct param record_projection_params[] = {
    {.name = "skill", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "The skill or category"},
    {.name = "level", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = LEVEL_MAX,
     .help = "At this level or above"},
    {.name = "year", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1950, .max = 2150,
     .help = "The year of the gap"},
    {.name = "projection", .type = PARAM_OBJECT, .flags = PARAM_REQUIRED, .fields = projection_fields,
     .help = "What gap.project answered, and what it was asked"},
    {.name = "country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "In this country; the whole partnership if this and organization are absent"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "In this organization"},
    {.name = "severity", .type = PARAM_CHOICE, .choices = "low|medium|high|critical",
     .help = "How much it hurts; by the probability if absent: high from 0.9, medium from 0.5"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; numbered, as GAP-2026-0042, if absent"},
    {.name = "owner", .type = PARAM_REFERENCE, .help = "The organization that sees to it"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

const struct method gap_review_methods[] = {
    {.name = "gap.review", .summary = "Compare what actions on gaps were expected to contribute with what came of them",
     .summary_ja = "対策の見込みと実績を比べる", .params = review_params, .shape = RESULT_PAGE,
     .columns = review_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"country\": \"JP\", \"late\": true, \"lang\": \"en\"}"},
    {.name = "gap.trend", .summary = "Show how a skill's gap grew or shrank over past months",
     .summary_ja = "過去の月について不足の推移を示す", .params = trend_params, .shape = RESULT_LIST,
     .columns = trend_columns, .cost = COST_SLOW, .roles = ROLES_SIGNED_IN, .figures_on_people = true,
     .example = "{\"skill\": \"FS-TRI\", \"level\": 3, \"lang\": \"en\"}"},
    {.name = "gap.record_projection", .summary = "Record a projected gap, with what it was projected from",
     .summary_ja = "推計した不足を、推計の条件とともに登録する", .params = record_projection_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"skill\": \"FS-TRI\", \"level\": 3, \"year\": 2036, \"country\": \"JP\", \"projection\": {\"p10\": 4, "
                "\"p50\": 19, \"p90\": 33, \"probability\": 0.93, \"as_of\": \"2026-11\", \"years\": 10, \"seed\": 1, "
                "\"draws\": 2000, \"release\": \"R-2026-11\"}}"},
    {.name = NULL},
};
