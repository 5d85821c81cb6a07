/* SPDX-License-Identifier: Apache-2.0 */
#include "shell.h"

#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "completion.h"

enum { HISTORY_LINES = 1000, PREFIX_SIZE = 256 };

/* What completion gathers: how many candidates, what they have in common, and their list for the
 * terminal. */
struct gathered {
    int count;
    char common[PREFIX_SIZE];
    FILE *list;
};

static char *
prompt(EditLine *editor)
{
    static char text[] = "jinzai> ";

    (void)editor;
    return text;
}

static void
gather(const char *word, const char *help, void *context)
{
    struct gathered *gathered = context;
    size_t same = 0;

    fprintf(gathered->list, "\n  %s", word);
    if (*help != '\0')
        fprintf(gathered->list, "  %s", help);
    if (gathered->count++ == 0) {
        snprintf(gathered->common, sizeof gathered->common, "%s", word);
        return;
    }
    while (word[same] != '\0' && word[same] == gathered->common[same])
        same++;
    gathered->common[same] = '\0';
}

/* Tab: extends the word as far as its candidates agree, and shows them where they do not. */
static unsigned char
complete(EditLine *editor, int key)
{
    const LineInfo *line = el_line(editor);
    struct session *session = NULL;
    struct gathered gathered = {.count = 0};
    char prefix[PREFIX_SIZE];
    size_t size = (size_t)(line->cursor - line->buffer), begin = size, list_size = 0;
    char *text = strndup(line->buffer, size), *list = NULL;
    Tokenizer *tokenizer = tok_init(NULL);
    const char **words = NULL;
    int count = 0;
    unsigned char rc = CC_ERROR;

    (void)key;
    gathered.list = open_memstream(&list, &list_size);
    if (text == NULL || tokenizer == NULL || gathered.list == NULL)
        goto out;
    while (begin > 0 && text[begin - 1] != ' ')
        begin--;
    snprintf(prefix, sizeof prefix, "%s", text + begin);
    text[begin] = '\0';
    if (tok_str(tokenizer, text, &count, &words) != 0)
        goto out;
    el_get(editor, EL_CLIENTDATA, &session);
    completion_each(session->language, count, (char *const *)words, prefix, gather, &gathered);
    fflush(gathered.list);
    if (gathered.count == 0)
        goto out;
    if (strlen(gathered.common) > strlen(prefix) || gathered.count == 1) {
        el_insertstr(editor, gathered.common + strlen(prefix));
        if (gathered.count == 1)
            el_insertstr(editor, " ");
        rc = CC_REFRESH;
    } else {
        printf("%s\n", list);
        fflush(stdout);
        rc = CC_REDISPLAY;
    }
out:
    if (gathered.list != NULL)
        fclose(gathered.list);
    free(list);
    if (tokenizer != NULL)
        tok_end(tokenizer);
    free(text);
    return rc;
}

static bool
names_address(int count, const char *const *words)
{
    for (int at = 0; at < count; at++) {
        if (strncmp(words[at], "--connect", strlen("--connect")) == 0)
            return true;
    }
    return false;
}

/* Runs one line. What options say in it holds for it alone; the connection stays, unless the line
 * names another for itself. */
static enum exit_code
run_words(struct session *session, int count, const char **words)
{
    bool elsewhere = names_address(count, words);
    struct session line = *session;
    char **copy = calloc((size_t)count + 1, sizeof *copy); /* commands reorder their words */
    enum exit_code code;

    if (copy == NULL)
        return failure_say(EXIT_INTERNAL, "%s",
                           language_pick(session->language, "out of memory", "メモリが足りない"));
    memcpy(copy, words, (size_t)count * sizeof *copy);
    if (elsewhere)
        line.conn = NULL;
    code = command_run(&line, count, copy);
    if (elsewhere)
        session_close(&line);
    else
        session->conn = line.conn;
    free(copy);
    return code;
}

/* Returns false when the line says to leave. */
static bool
run_line(struct session *session, const char *line, enum exit_code *code)
{
    Tokenizer *tokenizer = tok_init(NULL);
    const char **words = NULL;
    int count = 0, rc = tokenizer != NULL ? tok_str(tokenizer, line, &count, &words) : -1;
    bool stay = true;

    if (rc != 0)
        *code = failure_say(EXIT_USAGE_ERROR, "%s",
                            language_pick(session->language, "a quotation mark is not closed",
                                          "引用符が閉じていない"));
    else if (count > 0 && (strcmp(words[0], "exit") == 0 || strcmp(words[0], "quit") == 0))
        stay = false;
    else if (count > 0 && *words[0] != '#')
        *code = run_words(session, count, words);
    fflush(stdout);
    if (tokenizer != NULL)
        tok_end(tokenizer);
    return stay;
}

static enum exit_code
read_script(struct session *session)
{
    enum exit_code code = EXIT_OK;
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0 && run_line(session, line, &code))
        ;
    free(line);
    return code;
}

static enum exit_code
read_terminal(struct session *session)
{
    EditLine *editor = el_init("jinzai", stdin, stdout, stderr);
    History *past = history_init();
    HistEvent event;
    enum exit_code code = EXIT_OK;
    const char *line;
    int size;

    if (editor == NULL || past == NULL)
        return failure_say(EXIT_INTERNAL, "%s",
                           language_pick(session->language, "out of memory", "メモリが足りない"));
    /* The history is not kept in a file, for lines may hold personal data. */
    history(past, &event, H_SETSIZE, HISTORY_LINES);
    el_set(editor, EL_CLIENTDATA, session);
    el_set(editor, EL_PROMPT, prompt);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, history, past);
    el_set(editor, EL_ADDFN, "jinzai-complete", "complete the word", complete);
    el_set(editor, EL_BIND, "^I", "jinzai-complete", NULL);
    while ((line = el_gets(editor, &size)) != NULL && size > 0) {
        if (line[strspn(line, " \t\r\n")] != '\0')
            history(past, &event, H_ENTER, line);
        if (!run_line(session, line, &code))
            break;
    }
    if (line == NULL)
        putchar('\n');
    history_end(past);
    el_end(editor);
    return code;
}

enum exit_code
shell_run(struct session *session, int argc, char **argv)
{
    enum exit_code code;

    (void)argv;
    if (argc > 0 || session->in_shell) {
        return failure_say(
            EXIT_USAGE_ERROR, "%s",
            language_pick(session->language, "usage: jinzai shell", "使い方: jinzai shell"));
    }
    code = session_connect(session);
    if (code != EXIT_OK)
        return code;
    session->in_shell = true;
    return isatty(STDIN_FILENO) == 1 ? read_terminal(session) : read_script(session);
}
