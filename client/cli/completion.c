/* SPDX-License-Identifier: Apache-2.0 */
#include "completion.h"

#include <string.h>

#include "help.h"
#include "word.h"

static const char bash_script[] =
    "# bash completion of jinzai; load it with: source <(jinzai completion bash)\n"
    "_jinzai() {\n"
    "    local line\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r line _; do\n"
    "        COMPREPLY+=(\"$line\")\n"
    "    done < <(jinzai completion candidates \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -o default -F _jinzai jinzai\n";

static const char zsh_script[] =
    "#compdef jinzai\n"
    "# zsh completion of jinzai; load it with: source <(jinzai completion zsh)\n"
    "_jinzai() {\n"
    "    local line\n"
    "    local -a candidates\n"
    "    while IFS= read -r line; do\n"
    "        candidates+=(\"${${line//:/\\\\:}/$'\\t'/:}\")\n"
    "    done < <(jinzai completion candidates \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
    "    if (( ${#candidates} )); then\n"
    "        _describe 'jinzai' candidates\n"
    "    else\n"
    "        _files\n"
    "    fi\n"
    "}\n"
    "compdef _jinzai jinzai\n";

/* What the words before the one under way say. */
struct position {
    const char *noun, *verb; /* NULL: not yet */
    const char *option;      /* the option whose value is under way, without its dashes, or NULL */
};

struct search {
    enum language language;
    const char *prefix;
    completion_found *found;
    void *context;
};

static void
offer(const struct search *search, const char *word, const char *help)
{
    if (strncmp(word, search->prefix, strlen(search->prefix)) == 0)
        search->found(word, help != NULL ? help : "", search->context);
}

static void
offer_option(const struct search *search, const char *name, const char *help)
{
    char word[WORD_SIZE + 2] = "--", typed[WORD_SIZE];

    offer(search, strcat(word, word_typed(typed, name)), help);
}

static void
offer_choices(const struct search *search, const char *choices)
{
    char choice[WORD_SIZE];

    while (*choices != '\0') {
        size_t size = strcspn(choices, "|");

        if (size < sizeof choice) {
            memcpy(choice, choices, size);
            choice[size] = '\0';
            offer(search, choice, "");
        }
        choices += size + (choices[size] == '|' ? 1 : 0);
    }
}

static const struct session_row *
session_row(const char *name)
{
    const struct session_row *row = session_table;

    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    return row;
}

/* Whether an option, without its dashes, takes the next word as its value. */
static bool
takes_value(const struct method *method, const char *name)
{
    const struct session_row *row = session_row(name);
    struct word_option option;

    if (strchr(name, '=') != NULL)
        return false;
    if (row->name != NULL)
        return row->argument != NULL;
    option = word_option(method != NULL ? method->params : NULL, name, strlen(name));
    return option.row != NULL && option.row->type != PARAM_BOOLEAN;
}

static struct position
locate(int argc, char *const *argv)
{
    struct position position = {.noun = NULL};

    for (int i = 0; i < argc; i++) {
        const struct method *method =
            position.verb != NULL ? word_find(position.noun, position.verb) : NULL;

        if (strncmp(argv[i], "--", 2) == 0) {
            if (!takes_value(method, argv[i] + 2))
                continue;
            if (i + 1 == argc)
                position.option = argv[i] + 2;
            i++;
        } else if (position.noun == NULL) {
            position.noun = argv[i];
        } else if (position.verb == NULL) {
            position.verb = argv[i];
        }
    }
    return position;
}

static void
offer_nouns(const struct search *search)
{
    const struct method *method;
    char noun[WORD_SIZE];

    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (word_is_first(i))
            offer(search, word_noun(noun, method), "");
    }
    for (const struct help_command *command = help_commands; command->name != NULL; command++)
        offer(search, command->name, language_pick(search->language, command->en, command->ja));
}

static void
offer_verbs(const struct search *search, const char *noun)
{
    const struct method *method;
    char name[WORD_SIZE];

    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        if (word_is(word_noun(name, method), noun, strlen(noun)))
            offer(search, word_typed(name, word_verb(method)),
                  help_summary(search->language, method));
    }
    if (strcmp(noun, "completion") == 0)
        offer_choices(search, "bash|zsh");
    if (strcmp(noun, "load") == 0)
        offer(search, "sample", "");
    for (size_t i = 0; strcmp(noun, "call") == 0 && (method = catalogue_at(i)) != NULL; i++)
        offer(search, method->name, help_summary(search->language, method));
}

static void
offer_value(const struct search *search, const struct method *method, const char *option)
{
    const struct param *row =
        word_option(method != NULL ? method->params : NULL, option, strlen(option)).row;

    if (strcmp(option, "lang") == 0 || (row != NULL && row->type == PARAM_LANG))
        offer_choices(search, "en|ja");
    else if (row != NULL && row->type == PARAM_CHOICE)
        offer_choices(search, row->choices);
}

void
completion_each(enum language language, int argc, char *const *argv, const char *prefix,
                completion_found *found, void *context)
{
    struct search search = {
        .language = language, .prefix = prefix, .found = found, .context = context};
    struct position position = locate(argc, argv);
    const struct method *method =
        position.verb != NULL ? word_find(position.noun, position.verb) : NULL;

    if (position.option != NULL) {
        offer_value(&search, method, position.option);
    } else if (*prefix == '-') {
        for (const struct param *row = method != NULL ? method->params : NULL;
             row != NULL && row->type != PARAM_END; row++)
            offer_option(&search, row->name, row->help);
        if (position.noun != NULL && strcmp(position.noun, "import") == 0) {
            offer_option(&search, "dry-run", language_pick(language, "do all of it and keep nothing", "すべて行い、何も残さない"));
            offer_option(&search, "keep-going", language_pick(language, "keep the good rows", "正しい行を残す"));
            offer_option(&search, "rejects", language_pick(language, "where bad rows are written", "不正な行の書き出し先"));
            offer_option(&search, "changed", language_pick(language, "take files that differ from the manifest", "マニフェストと異なるファイルも受け入れる"));
        }
        for (const struct session_row *row = session_table; row->name != NULL; row++)
            offer_option(&search, row->name, language_pick(language, row->en, row->ja));
    } else if (position.noun == NULL) {
        offer_nouns(&search);
    } else if (position.verb == NULL) {
        offer_verbs(&search, position.noun);
    }
}

static void
print_candidate(const char *word, const char *help, void *context)
{
    (void)context;
    printf("%s\t%s\n", word, help);
}

enum exit_code
completion_run(struct session *session, int argc, char **argv)
{
    if (argc == 1 && strcmp(argv[0], "bash") == 0)
        fputs(bash_script, stdout);
    else if (argc == 1 && strcmp(argv[0], "zsh") == 0)
        fputs(zsh_script, stdout);
    else if (argc > 1 && strcmp(argv[0], "candidates") == 0)
        completion_each(session->language, argc - 2, argv + 1, argv[argc - 1], print_candidate,
                        NULL);
    else
        return failure_say(EXIT_USAGE_ERROR, "%s",
                           language_pick(session->language, "usage: jinzai completion bash|zsh",
                                         "使い方: jinzai completion bash|zsh"));
    return EXIT_OK;
}
