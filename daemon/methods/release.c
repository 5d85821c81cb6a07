/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/tables.h"

static const struct param create_params[] = {
    {.name = "month", .type = PARAM_MONTH,
     .help = "Count people on the first day of this month; the present one if absent"},
    {.name = "code", .type = PARAM_TEXT, .min = 1, .max = 63,
     .help = "Short code that people quote; by the month, as R-2026-11, if absent"},
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},
    PARAM_ROW_ONCE,
    PARAM_ROW_END,
};

static const struct param get_params[] = {
    PARAM_ROW_REF("release"),
    PARAM_ROW_END,
};

static const struct param list_params[] = {
    {.name = "month", .type = PARAM_MONTH, .help = "Only those of this month"},
    PARAM_ROWS_PAGE,
    PARAM_ROW_END,
};

#define COLUMNS_FRONT                                                                              \
    {"code", "string", "Code", "コード", "Short code that people quote"},                          \
    {"month", "string", "Month", "月", "On whose first day people are counted"},                   \
    {"cells", "integer", "Cells", "セル数", "How many figures it has that are not zero"},          \
    {"at_most", "integer", "People off at most", "最大のずれ(人)",                                \
     "The most by which a published count of people is off"},                                      \
    {"never_up_to", "integer", "Never up to", "非公表の上限(人)",                                 \
     "Counts of people from 1 to this are never published"},                                       \
    {"monthly", "boolean", "Monthly", "月次", "Whether it was cut by the calendar"}

static const struct column columns[] = {
    COLUMNS_FRONT,
    {"variance", "integer", "Variance", "分散", "Variance of the noise of counts"},
    {"fte_threshold_heads", "integer", "FTE from", "FTE公表の下限(人)",
     "FTE is hidden where fewer people than this, but some, are published"},
    {"fte_noise_min_percent", "integer", "FTE noise from", "FTEノイズ下限(%)",
     "How far the noise factor of FTE is from 1 at least, in per cent"},
    {"fte_noise_max_percent", "integer", "FTE noise to", "FTEノイズ上限(%)",
     "How far the noise factor of FTE is from 1 at most, in per cent"},
    {"rule", "integer", "Rule", "規則", "Version of the rule by which it was perturbed"},
    {"made_by", "string", "Cut by", "作成者", "Who cut it; shown to the secretariat"},
    {"note", "string", "Note", "備考", "Note"},
    {"version", "integer", "Version", "版", "Counts changes"},
    {"created_at", "string", "Cut", "作成日時", "When it was cut"},
    {"id", "string", "Identifier", "識別子", "UUID of the record"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column list_columns[] = {
    COLUMNS_FRONT,
    {"created_at", "string", "Cut", "作成日時", "When it was cut"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method release_methods[] = {
    {.name = "release.create",
     .summary = "Cut a release: freeze the figures on people that others than their organization see",
     .summary_ja = "所属機関以外に示す人数などの公表値を確定する", .params = create_params,
     .shape = RESULT_RECEIPT, .cost = COST_WRITE, .roles = ROLES_REFERENCE, .writes = true,
     .example = "{\"note\": \"For the committee meeting\"}"},
    {.name = "release.get", .summary = "Show a release and how it was perturbed",
     .summary_ja = "公表値の確定回とその処理方法を表示する", .params = get_params, .shape = RESULT_OBJECT,
     .columns = columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"ref\": \"R-2026-11\"}"},
    {.name = "release.list", .summary = "List releases, the latest first",
     .summary_ja = "公表値の確定回の一覧", .params = list_params, .shape = RESULT_PAGE,
     .columns = list_columns, .cost = COST_FAST, .roles = ROLES_SIGNED_IN,
     .example = "{\"month\": \"2026-11\"}"},
    {.name = NULL},
};
