/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"

#include <string.h>

#include "rpc/suggest.h"
#include "value.h"
#include "word.h"

const struct param *
arguments_unnamed(const struct method *method)
{
    for (const struct param *row = method->params; row != NULL && row->type != PARAM_END; row++) {
        bool required = (row->flags & PARAM_REQUIRED) != 0, list = (row->flags & PARAM_LIST) != 0;

        if (required)
            return list || row->type == PARAM_OBJECT || row->type == PARAM_LABEL ? NULL : row;
    }
    return NULL;
}

static enum exit_code
refuse_option(const struct session *session, const struct method *method, const char *word,
              size_t size)
{
    char wanted[WORD_SIZE] = "", typed[WORD_SIZE];
    struct suggest suggest;

    memcpy(wanted, word, size < WORD_SIZE ? size : WORD_SIZE - 1);
    suggest_begin(&suggest, wanted);
    for (const struct param *row = method->params; row != NULL && row->type != PARAM_END; row++)
        suggest_offer(&suggest, row->name);
    for (const struct session_row *row = session_table; row->name != NULL; row++)
        suggest_offer(&suggest, row->name);
    if (suggest.best != NULL) {
        return failure_say(EXIT_USAGE_ERROR,
                           language_pick(session->language,
                                         "unknown option --%s; did you mean --%s?",
                                         "--%s という指定はない。--%s のことか"),
                           wanted, word_typed(typed, suggest.best));
    }
    return failure_say(EXIT_USAGE_ERROR,
                       language_pick(session->language, "unknown option --%s; see --help",
                                     "--%s という指定はない。--help を参照"),
                       wanted);
}

static enum exit_code
put(const struct session *session, json_t *params, struct word_option option, const char *word,
    const char *value)
{
    char reason[VALUE_REASON_SIZE] = "out of memory";

    if (value_put(params, option.row, value, option.language, session->language, reason) == 0)
        return EXIT_OK;
    return failure_say(EXIT_USAGE_ERROR, "%s: %s", word, reason);
}

/* --params: a JSON object that the options are laid over. */
static enum exit_code
take_base(const struct session *session, json_t **base, const char *text)
{
    char reason[VALUE_REASON_SIZE] = "";
    json_t *value = value_json(text, session->language, reason);

    if (value != NULL && json_is_object(value)) {
        json_decref(*base);
        *base = value;
        return EXIT_OK;
    }
    json_decref(value);
    return failure_say(EXIT_USAGE_ERROR, "--params: %s",
                       *reason != '\0' ? reason
                                       : language_pick(session->language, "is no JSON object",
                                                       "JSON のオブジェクトではない"));
}

/* A boolean may stand alone; the word behind it is its value only where it is one. */
static bool
stands_alone(struct word_option option, const char *next)
{
    return option.row != NULL && option.row->type == PARAM_BOOLEAN &&
           (option.row->flags & PARAM_LIST) == 0 &&
           (next == NULL || (strcmp(next, "true") != 0 && strcmp(next, "false") != 0));
}

/* Takes the option at argv[*at] and its value. */
static enum exit_code
take_option(const struct session *session, const struct method *method, int argc, char **argv,
            int *at, json_t *params, json_t **base)
{
    const char *word = argv[*at], *name = word + 2, *value = NULL;
    size_t size = strcspn(name, "=");
    struct word_option option = word_option(method->params, name, size);
    bool is_base = option.row == NULL && word_is("params", name, size);

    if (option.row == NULL && !is_base)
        return refuse_option(session, method, name, size);
    if (name[size] == '=')
        value = name + size + 1;
    else if (stands_alone(option, *at + 1 < argc ? argv[*at + 1] : NULL))
        value = "true";
    else if (*at + 1 < argc)
        value = argv[++*at];
    if (value == NULL) {
        return failure_say(
            EXIT_USAGE_ERROR,
            language_pick(session->language, "%s: its value is missing", "%s: 値がない"), word);
    }
    return is_base ? take_base(session, base, value) : put(session, params, option, word, value);
}

static enum exit_code
take_unnamed(const struct session *session, const struct method *method, const char *word,
             json_t *params)
{
    struct word_option option = {.row = arguments_unnamed(method)};

    if (option.row == NULL || json_object_get(params, option.row->name) != NULL) {
        return failure_say(
            EXIT_USAGE_ERROR,
            language_pick(session->language,
                          "unexpected word \"%s\"; parameters are given as --name value",
                          "余分な語 \"%s\"。パラメータは --name value の形で指定する"),
            word);
    }
    return put(session, params, option, option.row->name, word);
}

enum exit_code
arguments_read(struct session *session, const struct method *method, int argc, char **argv,
               json_t **result)
{
    json_t *params = json_object(), *base = NULL;
    enum exit_code code = EXIT_OK;

    for (int at = 0; at < argc && code == EXIT_OK; at++) {
        int taken = session_option(session, argc, argv, &at);

        if (taken == 1)
            continue;
        if (taken == -1)
            code = EXIT_USAGE_ERROR;
        else if (strncmp(argv[at], "--", 2) == 0 && argv[at][2] != '\0')
            code = take_option(session, method, argc, argv, &at, params, &base);
        else
            code = take_unnamed(session, method, argv[at], params);
    }
    if (base != NULL) {
        json_object_update(base, params);
        json_decref(params);
        params = base;
    }
    *result = params;
    if (code != EXIT_OK) {
        json_decref(params);
        *result = NULL;
    }
    return code;
}
