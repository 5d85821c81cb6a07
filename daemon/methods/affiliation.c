/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

#define FTE_LEAST 0.001

#define REF                                                                                        \
    {.name = "ref", .type = PARAM_UUID, .flags = PARAM_REQUIRED,                                   \
     .help = "The UUID of the affiliation"}

static const struct param create_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED, .help = "Who"},
    {.name = "organization", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "With which organization"},
    {.name = "fte", .type = PARAM_NUMBER, .min = FTE_LEAST, .max = 1, .unit = "FTE",
     .help = "Full-time equivalent, 1 if absent; all of a person's together never above 1"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED, .help = "First day"},
    {.name = "ends", .type = PARAM_DATE, .help = "Last day; absent where it is open"},
    PARAM_ROW_SYNTHETIC,
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    REF,
    PARAM_ROW_LANG,
    PARAM_ROW_END,
};

static const struct param update_params[] = {
    REF,
    PARAM_ROW_IF_VERSION,
    {.name = "fte", .type = PARAM_NUMBER, .min = FTE_LEAST, .max = 1, .unit = "FTE",
     .help = "Full-time equivalent, as it should have been recorded"},
    {.name = "starts", .type = PARAM_DATE, .help = "First day, as it should have been recorded"},
    {.name = "ends", .type = PARAM_DATE, .flags = PARAM_CLEARABLE,
     .help = "Last day, as it should have been recorded"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param end_params[] = {
    REF,
    PARAM_ROW_IF_VERSION,
    {.name = "ends", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "Last day, not after the one recorded, if there is one"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param move_params[] = {
    REF,
    PARAM_ROW_IF_VERSION,
    {.name = "organization", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,
     .help = "With which organization the person is from then on"},
    {.name = "starts", .type = PARAM_DATE, .flags = PARAM_REQUIRED,
     .help = "First day there; the affiliation ends on the day before"},
    {.name = "ends", .type = PARAM_DATE, .help = "Last day there; absent where it is open"},
    {.name = "fte", .type = PARAM_NUMBER, .min = FTE_LEAST, .max = 1, .unit = "FTE",
     .help = "Full-time equivalent there; that of the affiliation if absent"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "person", .type = PARAM_REFERENCE, .help = "Only this person's"},
    {.name = "organization", .type = PARAM_REFERENCE, .help = "Only with this organization"},
    {.name = "as_of", .type = PARAM_DATE, .help = "Only what holds on this day"},
    PARAM_ROW_SYNTHETIC_FILTER,
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

static const struct column columns[] = {
    {"person.code", "string", "Person", "人材", "Who"},
    {"organization.name", "string", "Organization", "機関", "With which organization"},
    {"fte", "number", "FTE", "FTE", "Full-time equivalent, above 0 and up to 1"},
    {"starts", "string", "From", "開始日", "First day"},
    {"ends", "string", "Until", "終了日", "Last day"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    {"person.code", "string", "Person", "人材", "Who"},
    {"organization.name", "string", "Organization", "機関", "With which organization"},
    {"fte", "number", "FTE", "FTE", "Full-time equivalent, above 0 and up to 1"},
    {"starts", "string", "From", "開始日", "First day"},
    {"ends", "string", "Until", "終了日", "Last day"},
    {"synthetic", "boolean", "Synthetic", "合成データ",
     "Whether it was made up for trying the program out"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method affiliation_methods[] = {
    {.name = "affiliation.create", .summary = "Record that a person is with an organization",
     .summary_ja = "所属を登録する", .params = create_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE,
     .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"person\": \"PS-000001\", \"organization\": \"nifs\", \"fte\": 0.8, "
                "\"starts\": \"2026-04-01\"}"},
    {.name = "affiliation.get", .summary = "Show an affiliation", .summary_ja = "所属を表示する",
     .params = get_params, .shape = RESULT_OBJECT, .columns = columns, .cost = COST_FAST,
     .roles = ROLES_PEOPLE, .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000002\"}"},
    {.name = "affiliation.update", .summary = "Correct an affiliation that was recorded wrongly",
     .summary_ja = "誤って登録した所属を訂正する", .params = update_params, .shape = RESULT_RECEIPT,
     .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000002\", \"fte\": 0.5}"},
    {.name = "affiliation.end", .summary = "End an affiliation", .summary_ja = "所属を終了する",
     .params = end_params, .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING,
     .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000002\", \"ends\": \"2027-03-31\"}"},
    {.name = "affiliation.move",
     .summary = "End an affiliation and begin another, as with a new job",
     .summary_ja = "所属を終了し、次の所属を始める(転職など)", .params = move_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_RECORDING, .writes = true,
     .example = "{\"ref\": \"019c1a2b-0000-7000-8000-000000000002\", \"organization\": \"qst\", "
                "\"starts\": \"2027-04-01\"}"},
    {.name = "affiliation.list", .summary = "List affiliations", .summary_ja = "所属の一覧",
     .params = list_params, .shape = RESULT_PAGE, .columns = list_columns, .cost = COST_FAST,
     .roles = ROLES_PEOPLE, .example = "{\"organization\": \"nifs\", \"as_of\": \"2026-04-01\"}"},
    {.name = NULL},
};
