/* SPDX-License-Identifier: Apache-2.0
 *
 * exchange.balance stands apart from the exchanges of exchange.c: it computes, and counts people.
 */
#include "methods/tables.h"

static const struct param balance_params[] = {
    {.name = "year", .type = PARAM_INTEGER, .min = 1951, .max = 2149, .unit = "years",
     .help = "The year, as it is called: fiscal year 2026 begins in April 2026 in Japan, in October "
             "2025 in the United States; the present one if absent"},
    {.name = "years", .type = PARAM_INTEGER, .min = 1, .max = 30, .unit = "years",
     .help = "So many years, of which it is the last; 1 if absent"},
    {.name = "year_kind", .type = PARAM_CHOICE, .choices = "calendar|jp_fiscal|us_fiscal",
     .help = "Which year; Japan's fiscal year if absent"},
    {.name = "by", .type = PARAM_CHOICE, .choices = "direction|pillar|category|kind|organization",
     .help = "How each direction is divided: not at all, by pillar, category of the scheme, kind of "
             "the sending organization, or organization; by direction if absent"},
    {.name = "home_country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only from this country, as JP"},
    {.name = "host_country", .type = PARAM_TEXT, .min = 2, .max = 2,
     .help = "Only to this country, as US"},
    {.name = "organization", .type = PARAM_REFERENCE,
     .help = "Only what this organization sends and receives"},
    PARAM_ROW_PILLAR_FILTER,
    {.name = "category", .type = PARAM_TEXT, .min = 1, .max = 100,
     .help = "Only this category of a scheme, or outside, or iter"},
    {.name = "release", .type = PARAM_REFERENCE,
     .help = "As this release published it; the last one if absent, or live figures for who may "
             "see them"},
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct column balance_columns[] = {
    {"year", "integer", "Year", "年", "The calendar or fiscal year"},
    {"group", "string", "Group", "区分", "The pillar, category, kind or organization"},
    {"group_name", "string", "Name", "名称", "Its name"},
    {"from", "string", "From", "派遣国", "Country of the sending organization"},
    {"to", "string", "To", "受入国", "Country of the receiving organization"},
    {"people", "integer", "People", "人数", "People, each once, who were on exchange in the year"},
    {"person_months", "number", "Person-months", "人月",
     "Months at 1 FTE that fall into the year; null where they are hidden"},
    {"hidden", "boolean", "Hidden", "非公表",
     "Whether person-months are hidden since few people are published"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method exchange_balance_methods[] = {
    {.name = "exchange.balance",
     .summary = "Compare people and person-months on exchange each way, by year",
     .summary_ja = "各国間の人材交流を人数と人月で年度ごとに比べる", .params = balance_params,
     .shape = RESULT_LIST, .columns = balance_columns, .cost = COST_SLOW, .roles = ROLES_SIGNED_IN,
     .figures_on_people = true,
     .example = "{\"year\": 2026, \"year_kind\": \"us_fiscal\", \"by\": \"pillar\", \"lang\": \"en\"}"},
    {.name = NULL},
};
