/* SPDX-License-Identifier: Apache-2.0
 *
 * Import and export of everything, on a connection and in a transaction that are held for the stream. An export pulls:
 * bulk.export, then bulk.read file by file until each is done, then bulk.close. An import pushes: bulk.import, then for
 * each file bulk.write and at its end bulk.load, then bulk.commit; without it nothing has happened.
 */
#include "methods/tables.h"

enum { TEXT_MAX = 16 << 20, READ_MAX = 1 << 20 };

#define STREAM "{\"stream\": \"3f0c6f0e-8a57-4c7e-9d6e-0b9f4f5d2a11\""

#define PARAM_ROW_STREAM                                                                                               \
    {.name = "stream", .type = PARAM_UUID, .flags = PARAM_REQUIRED, .help = "What bulk.export or bulk.import answered"}
#define PARAM_ROW_FILE                                                                                                 \
    {.name = "file", .type = PARAM_TEXT, .flags = PARAM_REQUIRED, .min = 1, .max = 63, .help = "The name of a file of the stream"}

static const struct param import_params[] = {
    {.name = "whole", .type = PARAM_BOOLEAN,
     .help = "Whether a whole export comes, which in a new database replaces what that came with; false if absent"},
    PARAM_ROW_END,
};

static const struct param read_params[] = {
    PARAM_ROW_STREAM,
    PARAM_ROW_FILE,
    {.name = "form", .type = PARAM_CHOICE, .choices = "jsonl|csv", .help = "How rows are written; jsonl if absent"},
    {.name = "bytes", .type = PARAM_INTEGER, .min = 1, .max = READ_MAX, .unit = "bytes",
     .help = "Stop after the line with which the answer has so many; 262144 if absent"},
    PARAM_ROW_END,
};

static const struct param write_params[] = {
    PARAM_ROW_STREAM,
    {.name = "text", .type = PARAM_TEXT, .flags = PARAM_REQUIRED | PARAM_PERSONAL, .min = 1, .max = TEXT_MAX,
     .help = "Lines of one file, each a line number, a tab and a row as JSON"},
    PARAM_ROW_END,
};

static const struct param load_params[] = {
    PARAM_ROW_STREAM,
    PARAM_ROW_FILE,
    {.name = "rejects", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 100000, .unit = "rows",
     .help = "Stop after so many bad rows"},
    PARAM_ROW_END,
};

static const struct param stream_params[] = {PARAM_ROW_STREAM, PARAM_ROW_END};

#define COLUMNS_FILES                                                                                                  \
    {"stream", "string", "Stream", "ストリーム", "What the calls that follow name"},                                   \
    {"schema_version", "integer", "Schema", "スキーマ", "The number of the last migration"},                           \
    {"files", "array", "Files", "ファイル", "Name, columns and number of rows of each, in the order in which they go in"}

static const struct column export_columns[] = {COLUMNS_FILES, {NULL, NULL, NULL, NULL, NULL}};

static const struct column import_columns[] = {
    COLUMNS_FILES,
    {"replaces", "boolean", "Replaces", "置換", "Whether what a new database came with makes room"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column read_columns[] = {
    {"text", "string", "Text", "内容", "Whole lines"},
    {"rows", "integer", "Rows", "行数", "How many rows they hold"},
    {"done", "boolean", "Done", "完了", "Whether the file has ended"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column write_columns[] = {
    {"rows", "integer", "Rows", "行数", "How many rows were taken in"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column load_columns[] = {
    {"rows", "integer", "Loaded", "読み込み", "How many rows came into the table"},
    {"present", "integer", "Already there", "既存", "How many were there already"},
    {"rejected", "array", "Rejected", "拒否", "Line, parameter, expectation and reason of each bad row"},
    {"unchecked", "boolean", "Unchecked", "未確認", "Whether rows were not looked at after the last bad one that was asked for"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column commit_columns[] = {
    {"committed", "boolean", "Committed", "確定", "Always true"},
    {"replaced", "boolean", "Replaced", "置換", "Whether what a new database came with made room"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct column close_columns[] = {
    {"closed", "boolean", "Closed", "終了", "Always true"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct method bulk_methods[] = {
    {
        .name = "bulk.export",
        .summary = "Begin to export everything, as it is at this moment",
        .summary_ja = "現時点の全記録の書き出しを始める",
        .shape = RESULT_OBJECT,
        .columns = export_columns,
        .kind = METHOD_BULK,
        .cost = COST_STREAM,
        .roles = ROLE_ADMIN,
    },
    {
        .name = "bulk.read",
        .summary = "Read the next lines of a file of an export",
        .summary_ja = "書き出すファイルの続きを読む",
        .params = read_params,
        .shape = RESULT_OBJECT,
        .columns = read_columns,
        .kind = METHOD_BULK,
        .cost = COST_STREAM,
        .roles = ROLE_ADMIN,
        .example = STREAM ", \"file\": \"organization\"}",
    },
    {
        .name = "bulk.import",
        .summary = "Begin to import, all or nothing",
        .summary_ja = "一括の読み込みを始める。全部か無か",
        .params = import_params,
        .shape = RESULT_OBJECT,
        .columns = import_columns,
        .kind = METHOD_BULK,
        .cost = COST_WRITE,
        .roles = ROLE_ADMIN,
        .writes = true,
        .example = "{\"whole\": true}",
    },
    {
        .name = "bulk.write",
        .summary = "Hand over lines of one file of an import",
        .summary_ja = "読み込むファイルの行を渡す",
        .params = write_params,
        .shape = RESULT_OBJECT,
        .columns = write_columns,
        .kind = METHOD_BULK,
        .cost = COST_WRITE,
        .roles = ROLE_ADMIN,
        .writes = true,
        .example = STREAM ", \"text\": \"1\\t{}\"}",
    },
    {
        .name = "bulk.load",
        .summary = "Put the lines that were handed over into their table",
        .summary_ja = "渡した行を表に入れる",
        .params = load_params,
        .shape = RESULT_OBJECT,
        .columns = load_columns,
        .kind = METHOD_BULK,
        .cost = COST_WRITE,
        .roles = ROLE_ADMIN,
        .writes = true,
        .example = STREAM ", \"file\": \"organization\", \"rejects\": 100}",
    },
    {
        .name = "bulk.commit",
        .summary = "End an import and keep what it loaded",
        .summary_ja = "読み込みを確定して終える",
        .params = stream_params,
        .shape = RESULT_OBJECT,
        .columns = commit_columns,
        .kind = METHOD_BULK,
        .cost = COST_WRITE,
        .roles = ROLE_ADMIN,
        .writes = true,
        .example = STREAM "}",
    },
    {
        .name = "bulk.close",
        .summary = "End a stream; an import that was not committed has not happened",
        .summary_ja = "ストリームを終える。確定していない読み込みはなかったことになる",
        .params = stream_params,
        .shape = RESULT_OBJECT,
        .columns = close_columns,
        .kind = METHOD_BULK,
        .cost = COST_STREAM,
        .roles = ROLE_ADMIN,
        .example = STREAM "}",
    },
    {.name = NULL},
};
