/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"

enum { WAIT_MS = 1000 };

static volatile sig_atomic_t interrupted, writing;

/* Between two lines there is nothing to finish. */
static void
on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
    if (!writing)
        _exit(EXIT_OK);
}

static enum exit_code
read_options(const struct session *session, int argc, char **argv, json_t *params)
{
    static const char *const names[] = {"noun", "organization", "since"};

    for (int at = 0; at < argc; at++) {
        const char *word = argv[at], *value = NULL;
        size_t i, length = 0;

        for (i = 0; i < sizeof names / sizeof *names; i++) {
            length = strlen(names[i]);
            if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, names[i], length) == 0 &&
                (word[2 + length] == '\0' || word[2 + length] == '='))
                break;
        }
        if (i == sizeof names / sizeof *names)
            return failure_say(EXIT_USAGE_ERROR,
                               language_pick(session->language, "watch: unknown option \"%s\"; there are --noun, --organization and --since",
                                             "watch: \"%s\" という指定はない。--noun、--organization、--since がある"),
                               word);
        if (word[2 + length] == '=')
            value = word + 2 + length + 1;
        else if (at + 1 < argc)
            value = argv[++at];
        if (value == NULL)
            return failure_say(EXIT_USAGE_ERROR, language_pick(session->language, "--%s: its value is missing", "--%s: 値がない"),
                               names[i]);
        if (json_object_set_new(params, names[i], json_string(value)) != 0)
            return failure_say(EXIT_USAGE_ERROR, language_pick(session->language, "--%s: its value is not UTF-8", "--%s: 値が UTF-8 ではない"),
                               names[i]);
    }
    return EXIT_OK;
}

/* What a path of an event leads to, with what could steer a terminal made harmless. The caller frees it. */
static char *
cell(json_t *event, const char *path, enum language language)
{
    json_t *value = cell_find(event, path);
    char *text = value != NULL ? cell_text(value, language, CELL_TABLE) : NULL;

    for (char *at = text; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    json_decref(value);
    return text;
}

static void
print_row(json_t *event, enum language language)
{
    char *noun = cell(event, "noun", language), *action = cell(event, "action", language), *code = cell(event, "code", language),
         *record = cell(event, "record", language), *fields = cell(event, "fields", language),
         *by = cell(event, "principal.name", language);
    const char *at = json_string_value(json_object_get(event, "at"));
    const char *name = code != NULL && *code != '\0' && strcmp(code, "-") != 0 ? code : record;

    printf("%10lld  %.10s %.8s  %-20s  %-7s  %-36s  %s", (long long)json_integer_value(json_object_get(event, "position")),
           at != NULL ? at : "", at != NULL && strlen(at) > 11 ? at + 11 : "", noun != NULL ? noun : "", action != NULL ? action : "",
           name != NULL ? name : "", fields != NULL ? fields : "");
    if (by != NULL && *by != '\0' && strcmp(by, "-") != 0)
        printf("  (%s)", by);
    putchar('\n');
    free(noun);
    free(action);
    free(code);
    free(record);
    free(fields);
    free(by);
}

/* Returns whether all of it could be written. */
static bool
print_events(const struct session *session, const json_t *events)
{
    json_t *event;
    size_t index;

    json_array_foreach(events, index, event)
    {
        if (session->form == FORM_JSON) {
            json_dumpf(event, stdout, JSON_COMPACT);
            putchar('\n');
        } else {
            print_row(event, session->language);
        }
    }
    return fflush(stdout) == 0 && !ferror(stdout);
}

static enum exit_code
follow(struct session *session, struct jinzai_watch *watch)
{
    struct jinzai_error error;
    json_t *events = NULL;
    bool away = false, written = true;
    int rc = 0;

    while (!interrupted && written && (rc = jinzai_watch_next(watch, WAIT_MS, &events, &error)) >= 0) {
        bool down = jinzai_fd(session->conn) < 0;

        if (down != away)
            failure_say(EXIT_OK, "%s", down ? language_pick(session->language, "the connection is lost; trying to go on", "接続が切れた。再接続を試みる")
                                            : language_pick(session->language, "connected again", "再接続した"));
        away = down;
        if (events == NULL)
            continue;
        writing = 1;
        written = print_events(session, events);
        writing = 0;
        json_decref(events);
    }
    if (!written)
        return failure_say(EXIT_OUTPUT, "%s", language_pick(session->language, "cannot write the output", "出力できない"));
    return rc < 0 ? failure_report(session->language, &error) : EXIT_OK;
}

enum exit_code
watch_run(struct session *session, int argc, char **argv)
{
    const struct sigaction interrupt = {.sa_handler = on_interrupt};
    struct jinzai_watch *watch = NULL;
    struct jinzai_error error;
    json_t *params = json_object();
    enum exit_code code = read_options(session, argc, argv, params);

    if (code == EXIT_OK && session->form == FORM_CSV)
        code = failure_say(EXIT_USAGE_ERROR, "%s",
                           language_pick(session->language, "watch prints a table, or with --json a line for each event",
                                         "watch の出力は表、または --json による 1 行 1 件である"));
    if (code == EXIT_OK)
        code = session_connect(session);
    if (code == EXIT_OK) {
        watch = jinzai_watch_open(session->conn, params, session->timeout_ms, &error);
        if (watch == NULL)
            code = failure_report(session->language, &error);
    }
    json_decref(params);
    if (watch == NULL)
        return code;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
    if (session->form == FORM_TABLE)
        printf("%s\n", language_pick(session->language,
                                     "  Position  At (UTC)             Noun                  Action   Record                                Fields",
                                     "      位置  日時 (UTC)           種類                  操作     レコード                              項目"));
    fflush(stdout);
    code = follow(session, watch);
    jinzai_watch_close(watch);
    return code;
}
