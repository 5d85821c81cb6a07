/* SPDX-License-Identifier: Apache-2.0 */
#include "failure.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

const struct exit_row exit_table[] = {
    {EXIT_OK, "done", "成功"},
    {EXIT_REFUSED, "the daemon refused", "デーモンが拒否した"},
    {EXIT_INVALID, "a parameter is missing, unknown or wrong",
     "パラメータが足りない、知られていない、または正しくない"},
    {EXIT_NOT_FOUND, "there is no such record", "該当する記録がない"},
    {EXIT_CONFLICT, "conflict, stale version, or a transition that is not allowed",
     "競合、古い版、または許されない遷移"},
    {EXIT_DENIED, "denied, not signed in, or consent required",
     "権限がない、認証されていない、または同意が必要"},
    {EXIT_USAGE_ERROR, "the command line cannot be understood", "コマンドラインが正しくない"},
    {EXIT_DATA, "the content of a file cannot be understood", "ファイルの内容が正しくない"},
    {EXIT_INPUT, "a file cannot be read", "ファイルを読めない"},
    {EXIT_UNAVAILABLE, "no connection, or the daemon cannot answer at the moment",
     "接続できない、またはデーモンが応答できない"},
    {EXIT_INTERNAL, "internal error, or an answer that makes no sense",
     "内部エラー、または解釈できない応答"},
    {EXIT_OUTPUT, "the output cannot be written", "出力できない"},
    {EXIT_LATE, "no answer within the deadline", "期限までに応答がない"},
    {EXIT_OK, NULL, NULL},
};

static const struct {
    int error;
    enum exit_code code;
} codes[] = {
    {JINZAI_INVALID_PARAMS, EXIT_INVALID},
    {JINZAI_NOT_FOUND, EXIT_NOT_FOUND},
    {JINZAI_CONFLICT, EXIT_CONFLICT},
    {JINZAI_STALE_VERSION, EXIT_CONFLICT},
    {JINZAI_INVALID_TRANSITION, EXIT_CONFLICT},
    {JINZAI_DIVERGED, EXIT_CONFLICT},
    {JINZAI_DENIED, EXIT_DENIED},
    {JINZAI_UNAUTHENTICATED, EXIT_DENIED},
    {JINZAI_CONSENT_REQUIRED, EXIT_DENIED},
    {JINZAI_UNAVAILABLE, EXIT_UNAVAILABLE},
    {JINZAI_TIMEOUT, EXIT_LATE},
    {JINZAI_INTERNAL_ERROR, EXIT_INTERNAL},
    {JINZAI_BAD_ADDRESS, EXIT_USAGE_ERROR},
    {JINZAI_BAD_CALL, EXIT_USAGE_ERROR},
    {JINZAI_CANNOT_CONNECT, EXIT_UNAVAILABLE},
    {JINZAI_LOST, EXIT_UNAVAILABLE},
    {JINZAI_DEADLINE, EXIT_LATE},
    {JINZAI_TOO_LARGE, EXIT_INTERNAL},
    {JINZAI_BAD_ANSWER, EXIT_INTERNAL},
    {JINZAI_NO_MEMORY, EXIT_INTERNAL},
};

enum exit_code
failure_code(const struct jinzai_error *error)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].error == error->code)
            return codes[i].code;
    }
    return EXIT_REFUSED;
}

enum exit_code
failure_say(enum exit_code code, const char *format, ...)
{
    char text[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* What a message quotes may come from anywhere, and must not steer the terminal. */
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    }
    fflush(stdout);
    fprintf(stderr, "jinzai: %s\n", text);
    return code;
}

/* Appends to text of size bytes what fits. */
static void
append(char *text, size_t size, const char *format, const char *argument)
{
    size_t length = strlen(text);

    /* Every format given here has one %s. */
    if (length < size)
        snprintf(text + length, size - length, format, argument);
}

void
failure_describe(char *text, size_t size, enum language language, const struct jinzai_error *error)
{
    bool expected = error->expected[0] != '\0' && strstr(error->message, error->expected) == NULL;
    bool trace = failure_code(error) == EXIT_INTERNAL && error->trace[0] != '\0';
    const char *gap = " (";

    snprintf(text, size, "%s", error->message);
    if (error->parameter[0] != '\0') {
        append(text, size, "%s", gap);
        append(text, size, language_pick(language, "parameter \"%s\"", "パラメータ \"%s\""),
               error->parameter);
        gap = "; ";
    }
    if (expected) {
        append(text, size, "%s", gap);
        append(text, size, language_pick(language, "expected %s", "期待値: %s"), error->expected);
        gap = "; ";
    }
    if (trace) {
        append(text, size, "%s", gap);
        append(text, size, language_pick(language, "trace %s", "トレース %s"), error->trace);
        gap = "; ";
    }
    if (strcmp(gap, "; ") == 0)
        append(text, size, "%s", ")");
}

enum exit_code
failure_report(enum language language, const struct jinzai_error *error)
{
    char text[1536];

    failure_describe(text, sizeof text, language, error);
    return failure_say(failure_code(error), "%s", text);
}
