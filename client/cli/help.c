/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "example.h"
#include "grid.h"
#include "output.h"
#include "version.h"
#include "word.h"

const struct help_command help_commands[] = {
    {"call", "METHOD [JSON|@FILE|-]", "call a method by its name with parameters as JSON",
     "メソッドを名前で呼ぶ。パラメータは JSON"},
    {"login", "", "sign in with a token, which is asked for and kept in the keyring",
     "トークンでサインインし、鍵束に保存する"},
    {"logout", "", "forget the token for the address", "このアドレスのトークンを消す"},
    {"methods", "", "list all methods", "すべてのメソッドを一覧する"},
    {"load", "sample | FILE|DIRECTORY… [--keep-going]",
     "load records from files of one call a line; sample is the one installed",
     "1 行 1 呼び出しのファイルから記録を読み込む。sample は付属の見本"},
    {"export", "DIR [--csv]", "write the whole record as files, from one snapshot",
     "ある一時点の全記録をファイルに書き出す"},
    {"import", "DIR|FILE… [--dry-run] [--keep-going]", "take in what export wrote, all or nothing",
     "書き出したファイルを取り込む。全部か無か"},
    {"watch", "[--noun NOUN] [--organization REF] [--since POSITION|CURSOR]",
     "show what changes as it happens; with --json one event a line", "変更をその場で表示する。--json では 1 行 1 件"},
    {"backup", "FILE [FLAG …]", "write a backup, on the database's machine",
     "データベースの計算機でバックアップを書く"},
    {"restore", "FILE [FLAG …]", "restore a backup into a new database",
     "バックアップを新しいデータベースに復元する"},
    {"shell", "", "an interactive shell", "対話シェル"},
    {"completion", "bash|zsh", "print a completion script for a shell",
     "シェルの補完スクリプトを出力する"},
    {"reference", "", "print the reference of all methods as Markdown",
     "全メソッドのリファレンスを Markdown で出力する"},
    {"version", "", "print the version", "版を表示する"},
    {NULL, NULL, NULL, NULL},
};

const char *
help_summary(enum language language, const struct method *method)
{
    return language_pick(language, method->summary,
                         method->summary_ja != NULL ? method->summary_ja : method->summary);
}

static struct grid *
two_columns(void)
{
    struct grid *grid = grid_open(false);

    if (grid != NULL) {
        grid_column(grid, "", 0);
        grid_column(grid, "", GRID_WRAP);
    }
    return grid;
}

static void
row(struct grid *grid, const char *left, const char *right)
{
    char indented[HELP_LINE_SIZE + 2];

    if (grid == NULL)
        return;
    snprintf(indented, sizeof indented, "  %s", left);
    grid_row(grid);
    grid_cell(grid, 0, indented);
    grid_cell(grid, 1, right);
}

static void
finish(struct grid *grid, FILE *stream)
{
    if (grid == NULL || grid_print(grid, stream) != 0)
        fputs("jinzai: out of memory\n", stderr);
    grid_free(grid);
}

static void
options(FILE *stream, enum language language)
{
    struct grid *grid = two_columns();

    fputs(language_pick(language, "\nOptions everywhere:\n", "\n共通の指定:\n"), stream);
    for (const struct session_row *at = session_table; at->name != NULL; at++) {
        char left[HELP_LINE_SIZE];

        snprintf(left, sizeof left, "--%s%s%s", at->name, at->argument != NULL ? " " : "",
                 at->argument != NULL ? at->argument : "");
        row(grid, left, language_pick(language, at->en, at->ja));
    }
    finish(grid, stream);
}

static void
nouns(FILE *stream, enum language language)
{
    struct grid *grid = two_columns();
    const struct method *method, *other;

    fputs(language_pick(language, "\nNouns and their verbs:\n", "\n名詞とその動詞:\n"), stream);
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        char verbs[HELP_LINE_SIZE] = "", noun[WORD_SIZE], name[WORD_SIZE];

        if (!word_is_first(i))
            continue;
        word_noun(noun, method);
        for (size_t j = i; (other = catalogue_at(j)) != NULL; j++) {
            if (strcmp(word_noun(name, other), noun) != 0)
                continue;
            snprintf(verbs + strlen(verbs), sizeof verbs - strlen(verbs), "%s%s",
                     *verbs != '\0' ? " " : "", word_typed(name, word_verb(other)));
        }
        row(grid, noun, verbs);
    }
    finish(grid, stream);
}

static void
exit_codes(FILE *stream, enum language language)
{
    struct grid *grid = two_columns();

    fputs(language_pick(language, "\nExit codes:\n", "\n終了コード:\n"), stream);
    for (const struct exit_row *at = exit_table; at->en != NULL; at++) {
        char code[8];

        snprintf(code, sizeof code, "%2d", (int)at->code);
        row(grid, code, language_pick(language, at->en, at->ja));
    }
    finish(grid, stream);
}

void
help_all(FILE *stream, enum language language)
{
    struct grid *grid;

    fprintf(stream,
            language_pick(language,
                          "jinzai %s: the workforce database of the fusion partnership\n\n"
                          "Usage: jinzai NOUN VERB [--parameter value …]\n"
                          "       jinzai NOUN --help, jinzai NOUN VERB --help\n",
                          "jinzai %s: 核融合パートナーシップの人材データベース\n\n"
                          "使い方: jinzai 名詞 動詞 [--パラメータ 値 …]\n"
                          "        jinzai 名詞 --help、jinzai 名詞 動詞 --help\n"),
            JINZAI_VERSION);
    nouns(stream, language);
    fputs(language_pick(language, "\nOther commands:\n", "\nその他のコマンド:\n"), stream);
    grid = two_columns();
    for (const struct help_command *at = help_commands; at->name != NULL; at++) {
        char left[HELP_LINE_SIZE];

        snprintf(left, sizeof left, "%s %s", at->name, at->arguments);
        row(grid, left, language_pick(language, at->en, at->ja));
    }
    finish(grid, stream);
    options(stream, language);
    exit_codes(stream, language);
}

void
help_noun(FILE *stream, enum language language, const char *noun)
{
    struct grid *grid = two_columns();
    const struct method *method;
    char typed[WORD_SIZE], name[WORD_SIZE];

    word_typed(typed, noun);
    fprintf(stream,
            language_pick(language, "Usage: jinzai %s VERB [--parameter value …]\n\nVerbs:\n",
                          "使い方: jinzai %s 動詞 [--パラメータ 値 …]\n\n動詞:\n"),
            typed);
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (strcmp(word_noun(name, method), typed) == 0)
            row(grid, word_typed(name, word_verb(method)), help_summary(language, method));
    }
    finish(grid, stream);
    fprintf(stream,
            language_pick(language, "\nMore: jinzai %s VERB --help\n",
                          "\n詳しくは: jinzai %s 動詞 --help\n"),
            typed);
}

/* What is typed for a parameter, by its type: "ref", "YYYY-MM", "a|b". */
static const char *
placeholder(const struct param *param)
{
    switch (param->type) {
    case PARAM_CHOICE:
        return param->choices;
    case PARAM_LANG:
        return "en|ja";
    case PARAM_LABEL:
        return "en=TEXT,ja=TEXT";
    case PARAM_INTEGER:
    case PARAM_LIMIT:
        return "WHOLE-NUMBER";
    case PARAM_NUMBER:
        return "NUMBER";
    case PARAM_BOOLEAN:
        return "true|false";
    case PARAM_DATE:
        return "YYYY-MM-DD";
    case PARAM_MONTH:
        return "YYYY-MM";
    case PARAM_UUID:
    case PARAM_ONCE:
        return "UUID";
    case PARAM_REFERENCE:
        return "CODE|UUID";
    case PARAM_OBJECT:
        return "JSON|FIELD=VALUE,…";
    case PARAM_CURSOR:
        return "CURSOR";
    case PARAM_TEXT:
    case PARAM_SECRET:
    case PARAM_END:
        break;
    }
    return "TEXT";
}

void
help_add(char line[HELP_LINE_SIZE], const char *format, ...)
{
    size_t length = strlen(line);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line + length, HELP_LINE_SIZE - length, format, arguments);
    va_end(arguments);
}

/* The bounds of a row, where it has any that tell something. */
static void
add_bounds(char line[HELP_LINE_SIZE], enum language language, const struct param *param)
{
    bool text = param->type == PARAM_TEXT || param->type == PARAM_LABEL;

    if (text && param->max > 0 && param->min == param->max)
        help_add(line, language_pick(language, "; %.0f characters", "; %.0f 文字"), param->max);
    else if (text && param->max > 0)
        help_add(line, language_pick(language, "; up to %.0f characters", "; %.0f 文字以下"),
                 param->max);
    else if (!text && (param->min != 0 || param->max != 0) && param->max < INT32_MAX)
        help_add(line, language_pick(language, "; from %.15g to %.15g", "; %.15g から %.15g"),
                 param->min, param->max);
}

/* The help of a parameter with what its row says beside it: unit, bounds, whether it repeats or can
 * be emptied. */
static void
describe(char line[HELP_LINE_SIZE], enum language language, const struct param *param)
{
    bool list = (param->flags & PARAM_LIST) != 0;
    bool whole =
        param->type == PARAM_TEXT || param->type == PARAM_LABEL || param->type == PARAM_OBJECT;

    *line = '\0';
    help_add(line, "%s", param->help != NULL ? param->help : "");
    if (param->unit != NULL)
        help_add(line, language_pick(language, "; unit: %s", "; 単位: %s"), param->unit);
    add_bounds(line, language, param);
    if (list && whole)
        help_add(line, "%s",
                 language_pick(language, "; repeat for more", "; 複数は繰り返し指定する"));
    else if (list)
        help_add(line, "%s",
                 language_pick(language, "; repeat or separate by commas for more",
                               "; 複数は繰り返しかコンマ区切り"));
    if ((param->flags & PARAM_CLEARABLE) != 0)
        help_add(line, "%s",
                 language_pick(language, "; nothing after = empties it",
                               "; = の後を空にすると消去する"));
}

static void
parameters(FILE *stream, enum language language, const struct method *method, bool required)
{
    struct grid *grid = two_columns();
    char left[HELP_LINE_SIZE], right[HELP_LINE_SIZE], typed[WORD_SIZE];

    for (const struct param *at = method->params; at != NULL && at->type != PARAM_END; at++) {
        if (((at->flags & PARAM_REQUIRED) != 0) != required || grid == NULL)
            continue;
        if (grid_rows(grid) == 0) {
            fputs(required ? language_pick(language, "\nRequired:\n", "\n必須:\n")
                           : language_pick(language, "\nOptional:\n", "\n任意:\n"),
                  stream);
        }
        /* A long list of choices goes where it may wrap. */
        describe(right, language, at);
        if (at->type == PARAM_CHOICE && strlen(at->choices) > 24) {
            snprintf(left, sizeof left, "--%s …", word_typed(typed, at->name));
            help_add(right, ": %s", at->choices);
        } else {
            snprintf(left, sizeof left, "--%s %s", word_typed(typed, at->name), placeholder(at));
        }
        row(grid, left, right);
        for (const struct param *field = at->fields; field != NULL && field->type != PARAM_END;
             field++) {
            describe(right, language, field);
            if (field->type == PARAM_CHOICE)
                help_add(right, ": %s", field->choices);
            snprintf(left, sizeof left, "    %s=%s", field->name,
                     field->type == PARAM_CHOICE ? "…" : placeholder(field));
            row(grid, left, right);
        }
    }
    finish(grid, stream);
}

static void
result(FILE *stream, enum language language, const struct method *method)
{
    struct grid *grid;

    if (method->columns == NULL)
        return;
    fputs(language_pick(language, "\nResult (names in --json):\n", "\n結果 (--json での名前):\n"),
          stream);
    grid = two_columns();
    for (const struct column *at = method->columns; at->path != NULL; at++)
        row(grid, at->path, at->help != NULL ? at->help : "");
    finish(grid, stream);
}

void
help_method(FILE *stream, enum language language, const struct method *method)
{
    const struct param *unnamed = arguments_unnamed(method);
    char noun[WORD_SIZE], verb[WORD_SIZE], typed[WORD_SIZE];

    fprintf(stream,
            language_pick(language, "%s (%s)\n\nUsage: jinzai %s %s",
                          "%s (%s)\n\n使い方: jinzai %s %s"),
            help_summary(language, method), method->name, word_noun(noun, method),
            word_typed(verb, word_verb(method)));
    if (unnamed != NULL)
        fprintf(stream, " %s", word_typed(typed, unnamed->name));
    fputs(language_pick(language, " [--parameter value …]\n", " [--パラメータ 値 …]\n"), stream);
    parameters(stream, language, method, true);
    parameters(stream, language, method, false);
    fputs(language_pick(language,
                        "\n--params JSON|@FILE|- gives parameters as one JSON object; options are "
                        "laid over it.\n",
                        "\n--params JSON|@ファイル|- はパラメータを 1 つの JSON "
                        "で与える。他の指定が優先する。\n"),
          stream);
    result(stream, language, method);
    example_print(stream, language, method);
}

enum exit_code
help_methods(const struct session *session)
{
    static const struct column columns[] = {
        {"method", "string", "Method", "メソッド", NULL},
        {"writes", "boolean", "Writes", "書き込み", NULL},
        {"summary", "string", "Summary", "概要", NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const struct method table = {
        .name = "methods", .shape = RESULT_LIST, .columns = columns};
    json_t *items = json_array(), *list = json_object();
    const struct method *method;
    struct output output;

    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        json_array_append_new(items, json_pack("{s:s,s:b,s:s}", "method", method->name, "writes",
                                               (int)method->writes, "summary",
                                               help_summary(session->language, method)));
    }
    json_object_set_new(list, "items", items);
    output_open(&output, session, &table, false);
    output_result(&output, list);
    json_decref(list);
    return output_close(&output);
}
