/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <string.h>

#include "arguments.h"
#include "backup.h"
#include "completion.h"
#include "export.h"
#include "help.h"
#include "import.h"
#include "keyring.h"
#include "load.h"
#include "output.h"
#include "reference.h"
#include "rpc/suggest.h"
#include "shell.h"
#include "value.h"
#include "version.h"
#include "watch.h"
#include "word.h"

static bool
has_param(const struct method *method, const char *name)
{
    for (const struct param *row = method->params; row != NULL && row->type != PARAM_END; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return false;
}

static unsigned
flags_of(const struct method *method)
{
    if (!method->writes)
        return 0;
    return has_param(method, "idempotency_key") ? JINZAI_WRITE : JINZAI_ONCE;
}

/* One call with its failure said. Returns EXIT_OK with *result, which the caller releases. */
static enum exit_code
call(struct session *session, const char *method, const json_t *params, unsigned flags,
     json_t **result)
{
    struct jinzai_error error;
    int64_t ticket = jinzai_send(session->conn, method, params, flags, session->timeout_ms, &error);

    if (ticket > 0 && jinzai_receive(session->conn, ticket, result, &error) == 0)
        return EXIT_OK;
    return failure_report(session->language, &error);
}

/* Says on standard error what is not on standard output: nothing found, or more to be had. */
static void
remark(const struct session *session, size_t rows, const char *next)
{
    if (rows == 0 && session->form == FORM_TABLE)
        fputs(language_pick(session->language, "nothing found\n", "該当するものはない\n"), stderr);
    if (next == NULL || session->all)
        return;
    fflush(stdout);
    fprintf(stderr,
            language_pick(session->language,
                          "there is more: add --all, or --cursor '%s' for the next page\n",
                          "続きがある。全件は --all、次のページは --cursor '%s'\n"),
            next);
}

/* Calls a method and prints its answer, and with --all the pages that follow. */
static enum exit_code
call_pages(struct session *session, const struct method *method, json_t *params)
{
    struct output output;
    bool pages = method->shape == RESULT_PAGE, many = pages && session->all;
    json_t *result = NULL, *next = NULL;
    enum exit_code code = call(session, method->name, params, flags_of(method), &result), closed;

    if (code != EXIT_OK)
        return code;
    output_open(&output, session, method, many);
    for (;;) {
        output_result(&output, result);
        next = json_incref(json_object_get(result, "next"));
        json_decref(result);
        result = NULL;
        if (!many || !json_is_string(next) || json_object_set(params, "cursor", next) != 0)
            break;
        json_decref(next);
        next = NULL;
        code = call(session, method->name, params, flags_of(method), &result);
        if (code != EXIT_OK)
            break;
    }
    closed = output_close(&output);
    if (code == EXIT_OK && (pages || method->shape == RESULT_LIST))
        remark(session, output.rows, pages ? json_string_value(next) : NULL);
    json_decref(next);
    return code != EXIT_OK ? code : closed;
}

static enum exit_code
run_method(struct session *session, const struct method *method, int argc, char **argv)
{
    json_t *params = NULL;
    enum exit_code code = arguments_read(session, method, argc, argv, &params);

    if (code == EXIT_OK && session->help) {
        help_method(stdout, session->language, method);
        goto out;
    }
    if (code == EXIT_OK)
        code = session_connect(session);
    if (code != EXIT_OK)
        goto out;
    /* People read one language; JSON for programs holds both unless one was asked for. */
    if (has_param(method, "lang") && (session->form != FORM_JSON || session->language_given))
        json_object_set_new(params, "lang", json_string(language_code(session->language)));
    code = call_pages(session, method, params);
out:
    json_decref(params);
    return code;
}

static enum exit_code
run_call(struct session *session, int argc, char **argv)
{
    char reason[VALUE_REASON_SIZE] = "";
    json_t *params = NULL, *result = NULL;
    const struct method *method;
    struct output output;
    enum exit_code code;

    if (argc < 1 || argc > 2) {
        return failure_say(EXIT_USAGE_ERROR, "%s",
                           language_pick(session->language,
                                         "usage: jinzai call METHOD [JSON|@FILE|-]",
                                         "使い方: jinzai call メソッド [JSON|@ファイル|-]"));
    }
    method = catalogue_find(argv[0], NULL);
    if (argc == 2) {
        params = value_json(argv[1], session->language, reason);
        if (params == NULL)
            return failure_say(
                EXIT_DATA, language_pick(session->language, "the parameters: %s", "パラメータ: %s"),
                reason);
    }
    code = session_connect(session);
    if (code == EXIT_OK)
        code = call(session, argv[0], params, method != NULL ? flags_of(method) : JINZAI_ONCE,
                    &result);
    if (code == EXIT_OK) {
        /* Called by its name, a method answers as the protocol does, unless CSV was asked for. */
        output_open(&output, session, session->form == FORM_CSV ? method : NULL, false);
        output_result(&output, result);
        code = output_close(&output);
    }
    json_decref(params);
    json_decref(result);
    return code;
}

static enum exit_code
run_methods(struct session *session, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return help_methods(session);
}

static enum exit_code
run_reference(struct session *session, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    reference_print(stdout, session->language);
    return EXIT_OK;
}

static enum exit_code
run_version(struct session *session, int argc, char **argv)
{
    (void)session;
    (void)argc;
    (void)argv;
    printf("jinzai %s\n", JINZAI_VERSION);
    return EXIT_OK;
}

static enum exit_code
run_help(struct session *session, int argc, char **argv)
{
    const struct method *method = argc > 1 ? word_find(argv[0], argv[1]) : NULL;

    if (method != NULL)
        help_method(stdout, session->language, method);
    else if (argc > 0 && word_find_noun(argv[0]) != NULL)
        help_noun(stdout, session->language, argv[0]);
    else
        help_all(stdout, session->language);
    return EXIT_OK;
}

static const struct {
    const char *name;
    enum exit_code (*run)(struct session *session, int argc, char **argv);
    void (*help)(FILE *stream, enum language language); /* NULL: the help of all */
} commands[] = {
    {"login", keyring_login, NULL}, {"logout", keyring_logout, NULL},
    {"call", run_call, NULL},       {"methods", run_methods, NULL},       {"load", load_run, NULL},
    {"watch", watch_run, NULL}, {"shell", shell_run, NULL},     {"completion", completion_run, NULL}, {"reference", run_reference, NULL},
    {"export", export_run, export_help}, {"import", import_run, import_help},
    {"backup", backup_run, backup_help}, {"restore", restore_run, restore_help},
    {"version", run_version, NULL}, {"--version", run_version, NULL},     {"help", run_help, NULL},
};

/* A command beside the nouns: takes the options of every command out of its words, then runs it. */
static enum exit_code
run_command(struct session *session, enum exit_code (*run)(struct session *, int, char **),
            void (*help)(FILE *, enum language), int argc, char **argv)
{
    /* The words that are to be completed belong to another command. */
    bool lent = run == completion_run && argc > 1;
    int kept = lent ? argc : 0;

    for (int at = 0; !lent && at < argc; at++) {
        int taken = session_option(session, argc, argv, &at);

        if (taken == -1)
            return EXIT_USAGE_ERROR;
        if (taken == 0)
            argv[kept++] = argv[at];
    }
    if (session->help) {
        (help != NULL ? help : help_all)(stdout, session->language);
        return EXIT_OK;
    }
    return run(session, kept, argv);
}

static enum exit_code
refuse_noun(const struct session *session, const char *noun)
{
    char typed[WORD_SIZE];
    const char *nearest = word_nearest(typed, NULL, noun);
    struct suggest suggest;

    if (nearest == NULL) {
        suggest_begin(&suggest, noun);
        for (const struct help_command *command = help_commands; command->name != NULL; command++)
            suggest_offer(&suggest, command->name);
        nearest = suggest.best;
    }
    if (nearest != NULL) {
        return failure_say(EXIT_USAGE_ERROR,
                           language_pick(session->language,
                                         "unknown command \"%s\"; did you mean \"%s\"?",
                                         "\"%s\" というコマンドはない。\"%s\" のことか"),
                           noun, nearest);
    }
    return failure_say(EXIT_USAGE_ERROR,
                       language_pick(session->language, "unknown command \"%s\"; see jinzai --help",
                                     "\"%s\" というコマンドはない。jinzai --help を参照"),
                       noun);
}

static enum exit_code
refuse_verb(const struct session *session, const char *noun, const char *verb)
{
    char nearest[WORD_SIZE];

    if (word_nearest(nearest, noun, verb) != NULL) {
        return failure_say(EXIT_USAGE_ERROR,
                           language_pick(session->language,
                                         "%s: unknown verb \"%s\"; did you mean \"%s\"?",
                                         "%s: \"%s\" という動詞はない。\"%s\" のことか"),
                           noun, verb, nearest);
    }
    return failure_say(EXIT_USAGE_ERROR,
                       language_pick(session->language,
                                     "%s: unknown verb \"%s\"; see jinzai %s --help",
                                     "%s: \"%s\" という動詞はない。jinzai %s --help を参照"),
                       noun, verb, noun);
}

/* NOUN [VERB …] */
static enum exit_code
run_noun(struct session *session, int argc, char **argv)
{
    const struct method *method;
    int at, taken = 1;

    for (at = 1; at < argc && taken == 1; at++) {
        taken = session_option(session, argc, argv, &at);
        if (taken == 0)
            break;
    }
    if (taken == -1)
        return EXIT_USAGE_ERROR;
    if (at >= argc) {
        help_noun(session->help ? stdout : stderr, session->language, argv[0]);
        return session->help ? EXIT_OK : EXIT_USAGE_ERROR;
    }
    method = word_find(argv[0], argv[at]);
    if (method == NULL)
        return refuse_verb(session, argv[0], argv[at]);
    return run_method(session, method, argc - at - 1, argv + at + 1);
}

enum exit_code
command_run(struct session *session, int argc, char **argv)
{
    int at, taken = 1;

    for (at = 0; at < argc && taken == 1; at++) {
        taken = session_option(session, argc, argv, &at);
        if (taken == 0)
            break;
    }
    if (taken == -1)
        return EXIT_USAGE_ERROR;
    if (at >= argc) {
        help_all(session->help ? stdout : stderr, session->language);
        return session->help ? EXIT_OK : EXIT_USAGE_ERROR;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, argv[at]) == 0)
            return run_command(session, commands[i].run, commands[i].help, argc - at - 1, argv + at + 1);
    }
    if (word_find_noun(argv[at]) == NULL)
        return refuse_noun(session, argv[at]);
    return run_noun(session, argc - at, argv + at);
}
