/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "keyring.h"

#include <stdlib.h>
#include <string.h>

enum {
    TIMEOUT_MS = 30000,
    TIMEOUT_SECONDS_MAX = 24 * 3600,
};

const struct session_row session_table[] = {
    {"connect", "ADDRESS",
     "unix:/path, tcp:host:port or tls:host:port; JINZAI_CONNECT if absent, else " SESSION_ADDRESS,
     "unix:/path、tcp:host:port または tls:host:port。省略時は JINZAI_CONNECT、なければ " SESSION_ADDRESS},
    {"token-file", "FILE", "sign in with the token in this file; JINZAI_TOKEN if absent, else the keyring of jinzai login",
     "このファイルのトークンでサインインする。省略時は JINZAI_TOKEN、なければ jinzai login の鍵束"},
    {"timeout", "SECONDS", "how long to wait for an answer; 30 if absent",
     "応答を待つ秒数。省略時は 30"},
    {"lang", "en|ja", "language of text and headings; the locale's if absent",
     "文と見出しの言語。省略時はロケールに従う"},
    {"json", NULL, "print the result as JSON", "結果を JSON で出力する"},
    {"csv", NULL, "print the result as CSV (RFC 4180) with headings",
     "結果を見出し付きの CSV (RFC 4180) で出力する"},
    {"all", NULL, "follow the pages of a list to its end", "一覧の全ページを最後までたどる"},
    {"help", NULL, "show help for what stands before it", "直前の語のヘルプを表示する"},
    {NULL, NULL, NULL, NULL},
};

void
session_init(struct session *session)
{
    const char *address = getenv("JINZAI_CONNECT");

    *session = (struct session){
        .language = language_of_environment(),
        .timeout_ms = TIMEOUT_MS,
        .address = address != NULL && *address != '\0' ? address : SESSION_ADDRESS,
    };
}

static int
set_timeout(struct session *session, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != '\0' || !(seconds > 0 && seconds <= TIMEOUT_SECONDS_MAX)) {
        failure_say(
            EXIT_USAGE_ERROR,
            language_pick(session->language,
                          "--timeout: \"%s\" is not a number of seconds above 0 and up to %d",
                          "--timeout: \"%s\" は 0 より大きく %d 以下の秒数ではない"),
            text, TIMEOUT_SECONDS_MAX);
        return -1;
    }
    session->timeout_ms = seconds * 1000 < 1 ? 1 : (int)(seconds * 1000);
    return 1;
}

static int
set_language(struct session *session, const char *text)
{
    if (language_parse(&session->language, text) != 0) {
        failure_say(EXIT_USAGE_ERROR,
                    language_pick(session->language, "--lang: \"%s\" is neither en nor ja",
                                  "--lang: \"%s\" は en でも ja でもない"),
                    text);
        return -1;
    }
    session->language_given = true;
    return 1;
}

static int
set(struct session *session, const char *name, const char *value)
{
    if (strcmp(name, "connect") == 0)
        session->address = value;
    else if (strcmp(name, "token-file") == 0)
        session->token_file = value;
    else if (strcmp(name, "timeout") == 0)
        return set_timeout(session, value);
    else if (strcmp(name, "lang") == 0)
        return set_language(session, value);
    else if (strcmp(name, "json") == 0)
        session->form = FORM_JSON;
    else if (strcmp(name, "csv") == 0)
        session->form = FORM_CSV;
    else if (strcmp(name, "all") == 0)
        session->all = true;
    else if (strcmp(name, "help") == 0)
        session->help = true;
    return 1;
}

int
session_option(struct session *session, int argc, char **argv, int *at)
{
    const char *word = argv[*at], *value;

    if (strcmp(word, "-h") == 0)
        return set(session, "help", NULL);
    if (strncmp(word, "--", 2) != 0)
        return 0;
    for (const struct session_row *row = session_table; row->name != NULL; row++) {
        size_t length = strlen(row->name);

        if (strncmp(word + 2, row->name, length) != 0)
            continue;
        value = word + 2 + length;
        if (row->argument == NULL && *value == '\0')
            return set(session, row->name, NULL);
        if (row->argument != NULL && *value == '=')
            return set(session, row->name, value + 1);
        if (row->argument == NULL || *value != '\0')
            continue;
        if (*at + 1 == argc) {
            failure_say(EXIT_USAGE_ERROR,
                        language_pick(session->language, "--%s: its value is missing (%s)",
                                      "--%s: 値 (%s) がない"),
                        row->name, row->argument);
            return -1;
        }
        return set(session, row->name, argv[++*at]);
    }
    return 0;
}

enum exit_code
session_open(struct session *session)
{
    struct jinzai_error error;

    if (session->conn != NULL)
        return EXIT_OK;
    session->conn = jinzai_open(session->address, session->timeout_ms, &error);
    return session->conn != NULL ? EXIT_OK : failure_report(session->language, &error);
}

enum exit_code
session_connect(struct session *session)
{
    char token[KEYRING_TOKEN_SIZE] = "";
    struct jinzai_error error;
    enum exit_code code;

    if (session->conn != NULL)
        return EXIT_OK;
    code = keyring_token(session, token);
    if (code == EXIT_OK)
        code = session_open(session);
    if (code == EXIT_OK && *token != '\0' && jinzai_sign_in(session->conn, token, session->timeout_ms, NULL, &error) != 0) {
        code = failure_report(session->language, &error);
        session_close(session);
    }
    explicit_bzero(token, sizeof token);
    return code;
}

void
session_close(struct session *session)
{
    jinzai_close(session->conn);
    session->conn = NULL;
}
