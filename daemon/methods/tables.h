/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of the catalogue, one a noun, and the rows that many of them share.
 */
#ifndef JINZAI_METHODS_TABLES_H
#define JINZAI_METHODS_TABLES_H

#include "rpc/method.h"

extern const struct method server_methods[];
extern const struct method server_state_methods[];
extern const struct method access_methods[];
extern const struct method principal_methods[];
extern const struct method token_methods[];
extern const struct method reference_methods[];
extern const struct method organization_methods[];
extern const struct method facility_methods[];
extern const struct method framework_methods[];
extern const struct method skill_methods[];
extern const struct method role_methods[];
extern const struct method qualification_methods[];
extern const struct method person_methods[];
extern const struct method affiliation_methods[];
extern const struct method holding_methods[];
extern const struct method program_methods[];
extern const struct method session_methods[];
extern const struct method enrollment_methods[];
extern const struct method exchange_methods[];
extern const struct method exchange_calendar_methods[];
extern const struct method exchange_balance_methods[];
extern const struct method demand_methods[];
extern const struct method assumption_methods[];
extern const struct method gap_methods[];
extern const struct method gap_review_methods[];
extern const struct method gap_project_methods[];
extern const struct method gap_matrix_methods[];
extern const struct method gap_staffing_methods[];
extern const struct method pathway_methods[];
extern const struct method opportunity_methods[];
extern const struct method plan_methods[];
extern const struct method release_methods[];
extern const struct method legal_basis_methods[];
extern const struct method consent_methods[];
extern const struct method subject_methods[];
extern const struct method retention_methods[];
extern const struct method audit_methods[];
extern const struct method event_methods[];
extern const struct method report_methods[];
extern const struct method bulk_methods[];

/* Who may read what is recorded about people one by one; analysts see figures only. */
#define ROLES_PEOPLE                                                                               \
    (ROLE_MEMBER | ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_SECRETARIAT | ROLE_ADMIN)

#define CAREER_STAGES "student|postdoc|early|mid|senior|emeritus|technician"

/* For what people's data may be read; core.is_purpose has the same list. */
#define PURPOSES                                                                                   \
    "administration|training|exchange|planning|research|legal_duty|audit|subject_request"

/* How a read of people one by one says what it is for, and what it must have. */
#define PARAM_ROWS_PURPOSE                                                                         \
    {.name = "purpose", .type = PARAM_CHOICE, .choices = PURPOSES,                                 \
     .help = "For what the data is read, which is recorded; across a border it must be given"},    \
    {.name = "form", .type = PARAM_CHOICE, .choices = "personal|pseudonymous",                     \
     .help = "personal: all of it or an error; pseudonymous: without what is personal; if "        \
             "absent, personal where it is allowed"}

#define COLUMN_PSEUDONYMOUS                                                                        \
    {"pseudonymous", "boolean", "Pseudonymous", "仮名",                                            \
     "Whether what is personal is left out"}

/* A search: what is sought, and how a row of its answer says why it is there. */
#define PARAM_ROW_QUERY(what)                                                                      \
    {.name = "query", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 200,           \
     .help = "What to look for in " what                                                           \
             ": a part of it, in either language, down to one character; width, case, accents, "   \
             "kana and hyphens do not matter, nor one wrong letter in an English word"}

#define COLUMNS_MATCH                                                                              \
    {"match.text", "string", "Matched", "一致した名称", "What of the record matched best"},        \
        {"match.field", "string", "Field", "一致項目",                                             \
         "What that is: code, name, abbreviation, alias, former, researcher_id"},                  \
        {"match.how", "string", "Match", "一致",                                                   \
         "How it matched: exact, prefix, substring, words (in any order), similar (misspelt)"},    \
    {                                                                                              \
        "match.former", "boolean", "Former", "旧称", "Whether it is a name from the past"          \
    }

/* Where a record comes from: p_note, p_source, p_unverified, p_synthetic. */
#define PARAM_ROWS_ORIGIN                                                                          \
    {.name = "note", .type = PARAM_TEXT, .max = 2000, .help = "Note"},                             \
    {.name = "source", .type = PARAM_TEXT, .max = 1000, .help = "Where the record comes from"},    \
    {.name = "unverified", .type = PARAM_BOOLEAN,                                                  \
     .help = "Whether it was only recalled and not found in a document; false if absent"},         \
    {.name = "synthetic", .type = PARAM_BOOLEAN,                                                   \
     .help = "Whether it was made up for trying the program out; false if absent"}

/* The same for an update, where a record cannot become synthetic: p_note, p_source, p_unverified. */
#define PARAM_ROWS_ORIGIN_UPDATE                                                                   \
    {.name = "note", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 2000, .help = "Note"},   \
    {.name = "source", .type = PARAM_TEXT, .flags = PARAM_CLEARABLE, .max = 1000,                  \
     .help = "Where the record comes from"},                                                       \
    {.name = "unverified", .type = PARAM_BOOLEAN,                                                  \
     .help = "Whether it was only recalled and not found in a document"}

#define PARAM_ROW_SYNTHETIC                                                                        \
    {.name = "synthetic", .type = PARAM_BOOLEAN,                                                   \
     .help = "Whether it was made up for trying the program out; false if absent"}

#define PARAM_ROW_SYNTHETIC_FILTER                                                                 \
    {.name = "synthetic", .type = PARAM_BOOLEAN,                                                   \
     .help = "Only synthetic records, or with false only real ones"}

#define PARAM_ROW_PILLARS                                                                          \
    {.name = "pillars", .type = PARAM_CHOICE, .flags = PARAM_LIST,                                 \
     .choices = "science|facilities|regulation|supply-chain|engagement|workforce",                 \
     .help = "The pillars that it serves"}

#define PARAM_ROW_PILLAR_FILTER                                                                    \
    {.name = "pillar", .type = PARAM_CHOICE,                                                       \
     .choices = "science|facilities|regulation|supply-chain|engagement|workforce",                 \
     .help = "Only what serves this pillar"}

/* The last columns of a record. */
#define COLUMNS_ORIGIN                                                                             \
    {"note", "string", "Note", "備考", "Note"},                                                    \
    {"source", "string", "Source", "出典", "Where the record comes from"},                         \
    COLUMN_MARKS, {"version", "integer", "Version", "版", "Counts changes"},                       \
    {"created_at", "string", "Recorded", "登録日時", "When it was recorded"},                      \
    {"updated_at", "string", "Changed", "更新日時", "When it was changed last"},                   \
    {"id", "string", "Identifier", "識別子", "UUID of the record"}

#define COLUMN_MARKS                                                                               \
    {"unverified", "boolean", "Unverified", "未確認", "Whether it was only recalled"},             \
    {"synthetic", "boolean", "Synthetic", "合成データ", "Whether it was made up for trying the program out"}

#endif
