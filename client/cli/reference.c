/* SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

#include <string.h>

#include "help.h"
#include "version.h"
#include "word.h"

static const char *const type_names[] = {
    [PARAM_END] = "",
    [PARAM_TEXT] = "text",
    [PARAM_LABEL] = "{\"en\": text, \"ja\": text}",
    [PARAM_INTEGER] = "integer",
    [PARAM_NUMBER] = "number",
    [PARAM_BOOLEAN] = "boolean",
    [PARAM_DATE] = "date",
    [PARAM_MONTH] = "month",
    [PARAM_UUID] = "UUID",
    [PARAM_REFERENCE] = "code or UUID",
    [PARAM_CHOICE] = "choice",
    [PARAM_OBJECT] = "object",
    [PARAM_LANG] = "en or ja",
    [PARAM_LIMIT] = "integer",
    [PARAM_CURSOR] = "cursor",
    [PARAM_ONCE] = "UUID",
    [PARAM_SECRET] = "text",
};

static const struct {
    enum role role;
    const char *name;
} roles[] = {
    {ROLE_STRANGER, "everyone"}, {ROLE_MEMBER, "member"},   {ROLE_COORDINATOR, "coordinator"},
    {ROLE_ANALYST, "analyst"},   {ROLE_AUDITOR, "auditor"}, {ROLE_SECRETARIAT, "secretariat"},
    {ROLE_ADMIN, "admin"},
};

/* Writes text into a cell of a Markdown table, where | would end it. */
static void
cell(FILE *stream, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '|')
            fputc('\\', stream);
        fputc(*text, stream);
    }
}

static void
bounds(FILE *stream, const struct param *row)
{
    bool text = row->type == PARAM_TEXT || row->type == PARAM_LABEL;

    if (row->type == PARAM_CHOICE) {
        fputs(": ", stream);
        cell(stream, row->choices);
    }
    if (row->min != 0 || row->max != 0)
        fprintf(stream, ", %.15g to %.15g%s", row->min, row->max, text ? " characters" : "");
    if (row->unit != NULL)
        fprintf(stream, ", in %s", row->unit);
}

static void
parameters(FILE *stream, const struct param *table, const char *prefix, const char *mark)
{
    for (const struct param *row = table; row != NULL && row->type != PARAM_END; row++) {
        bool list = (row->flags & PARAM_LIST) != 0;
        char name[WORD_SIZE];

        snprintf(name, sizeof name, "%s%s", prefix, row->name);
        fprintf(stream, "| `%s`%s | %s%s", name, (row->flags & PARAM_REQUIRED) != 0 ? mark : "",
                list ? "list of " : "", type_names[row->type]);
        bounds(stream, row);
        fputs(" | ", stream);
        cell(stream, row->help);
        fputs((row->flags & PARAM_CLEARABLE) != 0 ? "; null empties it |\n" : " |\n", stream);
        strncat(name, list ? "[]." : ".", sizeof name - strlen(name) - 1);
        parameters(stream, row->fields, name, mark);
    }
}

static void
result(FILE *stream, enum language language, const struct method *method)
{
    static const char *const shapes[][2] = {
        [RESULT_OBJECT] = {"One object:", "オブジェクト 1 つ:"},
        [RESULT_PAGE] = {"A page, `{\"items\": […], \"next\": cursor or null}`, of:",
                         "ページ `{\"items\": […], \"next\": カーソルか null}`。各項目:"},
        [RESULT_LIST] = {"A list, `{\"items\": […]}`, of:", "一覧 `{\"items\": […]}`。各項目:"},
        [RESULT_RECEIPT] = {"A receipt: `{\"id\": UUID, \"code\": text, \"version\": integer}`",
                            "受領: `{\"id\": UUID, \"code\": 文字列, \"version\": 整数}`"},
    };

    fprintf(stream, "%s: %s\n\n", language_pick(language, "Result", "結果"),
            shapes[method->shape][language]);
    if (method->columns == NULL)
        return;
    fputs(language_pick(language, "| Name | Type | Meaning |\n", "| 名前 | 型 | 意味 |\n"), stream);
    fputs("|---|---|---|\n", stream);
    for (const struct column *column = method->columns; column->path != NULL; column++) {
        fprintf(stream, "| `%s` | %s | ", column->path, column->type);
        cell(stream, column->help);
        fputs(" |\n", stream);
    }
    fputc('\n', stream);
}

static void
callers(FILE *stream, enum language language, unsigned set)
{
    const char *gap = "";

    fprintf(stream, "%s: ", language_pick(language, "For", "利用できる役割"));
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if ((set & roles[i].role) == 0)
            continue;
        fprintf(stream, "%s%s", gap, roles[i].name);
        if (roles[i].role == ROLE_STRANGER)
            break; /* everyone holds all the others */
        gap = ", ";
    }
}

static void
method_section(FILE *stream, enum language language, const struct method *method)
{
    char noun[WORD_SIZE], verb[WORD_SIZE];

    fprintf(stream, "### %s\n\n%s. ", method->name, help_summary(language, method));
    callers(stream, language, method->roles);
    fputs(method->writes ? language_pick(language, ". Writes.\n\n", "。書き込む。\n\n") : ".\n\n",
          stream);
    if (method->params != NULL && method->params->type != PARAM_END) {
        fputs(language_pick(language, "| Parameter (\\* required) | Type | Meaning |\n",
                            "| パラメータ (\\* は必須) | 型 | 意味 |\n"),
              stream);
        fputs("|---|---|---|\n", stream);
        parameters(stream, method->params, "", " \\*");
        fputc('\n', stream);
    }
    result(stream, language, method);
    fprintf(stream, "```\n{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"%s\"%s%s}\n```\n\n",
            method->name, method->example != NULL ? ", \"params\": " : "",
            method->example != NULL ? method->example : "");
    fprintf(stream, "`jinzai %s %s --help`\n\n", word_noun(noun, method),
            word_typed(verb, word_verb(method)));
}

/* Who may call what, at one look; who records only for their own organization is said above it. */
static void
role_table(FILE *stream, enum language language)
{
    const struct method *method;

    fprintf(stream, "## %s\n\n",
            language_pick(language, "Who may call what", "誰が何を呼び出せるか"));
    fputs(language_pick(
              language,
              "Members and coordinators see the people of their own organization: who is or was "
              "with it, whose record it keeps, who is on exchange to or from it or enrolled in its "
              "programs. Coordinators write records of their own organization only.\n\n",
              "member と coordinator に見えるのは自機関の人だけである: 所属する人・所属した人、"
              "記録を預かる人、人材交流で出入りする人、自機関のプログラムの参加者。"
              "coordinator が書き込めるのは自機関の記録だけである。\n\n"),
          stream);
    fprintf(stream, "| %s |", language_pick(language, "Method", "メソッド"));
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        fprintf(stream, " %s |", roles[i].name);
    fputs("\n|---|", stream);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        fputs(":-:|", stream);
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        fprintf(stream, "\n| `%s` |", method->name);
        for (size_t j = 0; j < sizeof roles / sizeof *roles; j++)
            fputs((method->roles & roles[j].role) != 0 ? " ✓ |" : "  |", stream);
    }
    fputs("\n\n", stream);
}

void
reference_print(FILE *stream, enum language language)
{
    const struct method *method, *other;
    char noun[WORD_SIZE], name[WORD_SIZE];

    fprintf(stream,
            language_pick(language, "# Methods of jinzai %s\n\n", "# jinzai %s のメソッド\n\n"),
            JINZAI_VERSION);
    role_table(stream, language);
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (!word_is_first(i))
            continue;
        fprintf(stream, "## %s\n\n", word_noun(noun, method));
        for (size_t j = i; (other = catalogue_at(j)) != NULL; j++) {
            if (strcmp(word_noun(name, other), noun) == 0)
                method_section(stream, language, other);
        }
    }
}
