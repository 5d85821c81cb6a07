/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "line_key.h"
#include "load_list.h"
#include "output.h"
#include "word.h"

enum {
    IN_FLIGHT = 64, /* no more than the daemon reads of one connection at a time */
    NOUNS_MAX = 64,
    BAR_WIDTH = 30,
    BAR_EVERY_MS = 100,
    REASON_SIZE = 1536,
};

struct tally {
    char noun[WORD_SIZE];
    long loaded, present, failed;
};

struct flight {
    int64_t ticket; /* 0: free */
    long line;
    struct tally *tally;
    bool creates;
};

struct load {
    struct session *session;
    bool keep_going;
    struct load_list list;
    struct tally tally[NOUNS_MAX];
    size_t tallies;
    struct flight flight[IN_FLIGHT];
    int flying;
    const char *path; /* the file under way */
    long long bytes;  /* read so far, of all files */
    int64_t drawn_ms; /* when the bar was drawn last */
    bool bar;
    enum exit_code code; /* of the first failure, and which it was */
    long first_line;
    char first_reason[REASON_SIZE];
};

static int64_t
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void
clear_bar(const struct load *load)
{
    if (load->bar)
        fputs("\r\033[K", stderr);
}

static void
draw_bar(struct load *load)
{
    const char *slash = strrchr(load->path, '/');
    int done = load->list.bytes > 0 ? (int)(load->bytes * BAR_WIDTH / load->list.bytes) : BAR_WIDTH;

    if (!load->bar || now_ms() - load->drawn_ms < BAR_EVERY_MS)
        return;
    load->drawn_ms = now_ms();
    fputs("\r\033[K[", stderr);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputc(i < done ? '#' : '-', stderr);
    fprintf(stderr, "] %3d%% %s",
            load->list.bytes > 0 ? (int)(load->bytes * 100 / load->list.bytes) : 100,
            slash != NULL ? slash + 1 : load->path);
}

/* Says what is wrong with a line. Where the loading stops at it, lines that are under way may fail
 * too, so that the first of them is found only when they are all in: it waits for say_first. */
static void
fail(struct load *load, long line, enum exit_code code, const char *reason)
{
    if (load->keep_going) {
        clear_bar(load);
        failure_say(code, "%s:%ld: %s", load->path, line, reason);
    }
    if (load->code == EXIT_OK || (!load->keep_going && line < load->first_line)) {
        load->code = code;
        load->first_line = line;
        snprintf(load->first_reason, sizeof load->first_reason, "%s", reason);
    }
}

static void
say_first(const struct load *load)
{
    if (load->keep_going || load->code == EXIT_OK)
        return;
    clear_bar(load);
    failure_say(load->code, "%s:%ld: %s", load->path, load->first_line, load->first_reason);
}

static struct tally *
tally_of(struct load *load, const char *method)
{
    char noun[WORD_SIZE];
    size_t i;

    word_noun(noun, &(struct method){.name = method});
    for (i = 0; i < load->tallies; i++) {
        if (strcmp(load->tally[i].noun, noun) == 0)
            return &load->tally[i];
    }
    if (load->tallies < NOUNS_MAX)
        strcpy(load->tally[load->tallies++].noun, noun);
    return &load->tally[load->tallies - 1];
}

static struct flight *
find_flight(struct load *load, int64_t ticket)
{
    for (int i = 0; i < IN_FLIGHT; i++) {
        if (load->flight[i].ticket == ticket)
            return &load->flight[i];
    }
    return NULL;
}

/* Waits for one answer and counts it. */
static void
take_one(struct load *load)
{
    struct jinzai_error error;
    json_t *result = NULL;
    int64_t ticket = jinzai_receive_any(load->session->conn, -1, &result, &error);
    struct flight *flight = find_flight(load, ticket);
    char reason[REASON_SIZE];

    if (flight == NULL)
        return;
    if (result != NULL) {
        flight->tally->loaded++;
    } else if (flight->creates && error.code == JINZAI_CONFLICT) {
        flight->tally->present++;
    } else {
        flight->tally->failed++;
        failure_describe(reason, sizeof reason, load->session->language, &error);
        fail(load, flight->line, failure_code(&error), reason);
    }
    json_decref(result);
    flight->ticket = 0;
    load->flying--;
}

/* Adds the line's key where the method writes. Returns the flags for jinzai_send, or -1 when out of
 * memory. */
static int
add_key(struct load *load, const char *method, json_t *params, long line, const char *text)
{
    const struct method *row = catalogue_find(method, NULL);
    char key[LINE_KEY_SIZE];

    if (row == NULL || !row->writes)
        return 0;
    if (json_object_get(params, "idempotency_key") != NULL)
        return JINZAI_WRITE;
    if (line_key_make(key, load->path, line, text) != 0 ||
        json_object_set_new(params, "idempotency_key", json_string(key)) != 0)
        return -1;
    return JINZAI_WRITE;
}

static void
send_line(struct load *load, json_t *root, long line, const char *text)
{
    const char *method = json_string_value(json_object_get(root, "method")),
               *dot = strrchr(method, '.');
    json_t *params = json_incref(json_object_get(root, "params"));
    struct jinzai_error error;
    struct flight *flight;
    char reason[REASON_SIZE] = "out of memory";
    int64_t ticket = -1;
    int flags;

    if (params == NULL)
        params = json_object();
    while (load->flying == IN_FLIGHT)
        take_one(load);
    flags = add_key(load, method, params, line, text);
    if (flags >= 0) {
        ticket = jinzai_send(load->session->conn, method, params, (unsigned)flags,
                             load->session->timeout_ms, &error);
        if (ticket < 0)
            failure_describe(reason, sizeof reason, load->session->language, &error);
    }
    json_decref(params);
    if (ticket < 0) {
        fail(load, line, EXIT_DATA, reason);
        return;
    }
    flight = find_flight(load, 0);
    *flight = (struct flight){
        .ticket = ticket,
        .line = line,
        .tally = tally_of(load, method),
        .creates = dot != NULL && strcmp(dot, ".create") == 0,
    };
    load->flying++;
}

static void
load_line(struct load *load, long line, const char *text)
{
    enum language language = load->session->language;
    json_error_t where;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &where),
           *params = json_object_get(root, "params");
    char reason[JSON_ERROR_TEXT_LENGTH + 64];

    if (root == NULL) {
        snprintf(reason, sizeof reason,
                 language_pick(language, "is no JSON: column %d: %s", "JSON ではない: %d 桁: %s"),
                 where.column, where.text);
        fail(load, line, EXIT_DATA, reason);
    } else if (!json_is_string(json_object_get(root, "method")) ||
               (params != NULL && !json_is_object(params))) {
        fail(load, line, EXIT_DATA,
             language_pick(language, "is not {\"method\": …, \"params\": {…}}",
                           "{\"method\": …, \"params\": {…}} ではない"));
    } else {
        send_line(load, root, line, text);
    }
    json_decref(root);
}

static void
load_file(struct load *load, const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    ssize_t size;
    bool stop = false;

    load->path = path;
    if (file == NULL) {
        fail(load, 0, EXIT_INPUT, strerror(errno));
        return;
    }
    for (long line = 1; !stop && (size = getline(&text, &room, file)) > 0; line++) {
        load->bytes += size;
        while (size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL)
            text[--size] = '\0';
        if (size > 0)
            load_line(load, line, text);
        draw_bar(load);
        stop = load->code != EXIT_OK && !load->keep_going;
    }
    if (ferror(file))
        fail(load, 0, EXIT_INPUT, strerror(errno));
    /* What is under way is counted also where the loading stops. */
    while (load->flying > 0)
        take_one(load);
    free(text);
    fclose(file);
}

/* What was loaded, by noun, in the session's form. */
static enum exit_code
summarize(const struct load *load)
{
    static const struct column columns[] = {
        {"noun", "string", "Noun", "名詞", NULL},
        {"loaded", "integer", "Loaded", "読み込み", NULL},
        {"present", "integer", "Already there", "既存", NULL},
        {"failed", "integer", "Failed", "失敗", NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const struct method table = {.name = "load", .shape = RESULT_LIST, .columns = columns};
    json_t *items = json_array(), *list = json_object();
    struct output output;

    for (size_t i = 0; i < load->tallies; i++) {
        const struct tally *tally = &load->tally[i];

        json_array_append_new(items, json_pack("{s:s,s:I,s:I,s:I}", "noun", tally->noun, "loaded",
                                               (json_int_t)tally->loaded, "present",
                                               (json_int_t)tally->present, "failed",
                                               (json_int_t)tally->failed));
    }
    json_object_set_new(list, "items", items);
    output_open(&output, load->session, &table, false);
    output_result(&output, list);
    json_decref(list);
    return output_close(&output);
}

static enum exit_code
add_paths(struct load *load, int argc, char **argv, bool *sample)
{
    enum language language = load->session->language;

    for (int i = 0; i < argc; i++) {
        char *directory = NULL;
        int rc;

        if (strcmp(argv[i], "--keep-going") == 0) {
            load->keep_going = true;
            continue;
        }
        if (strncmp(argv[i], "--", 2) == 0) {
            return failure_say(EXIT_USAGE_ERROR,
                               language_pick(language, "unknown option %s", "%s という指定はない"),
                               argv[i]);
        }
        if (strcmp(argv[i], "sample") == 0) {
            *sample = true;
            rc = load_list_sample(&load->list, &directory);
        } else {
            rc = load_list_add(&load->list, argv[i]);
        }
        if (rc != 0) {
            failure_say(EXIT_INPUT,
                        language_pick(language, "cannot load %s: %s", "%s を読み込めない: %s"),
                        directory != NULL ? directory : argv[i], strerror(errno));
        }
        free(directory);
        if (rc != 0)
            return EXIT_INPUT;
    }
    if (load->list.count > 0)
        return EXIT_OK;
    return failure_say(
        EXIT_USAGE_ERROR, "%s",
        language_pick(language, "usage: jinzai load sample | FILE|DIRECTORY… [--keep-going]",
                      "使い方: jinzai load sample | ファイル|ディレクトリ… [--keep-going]"));
}

enum exit_code
load_run(struct session *session, int argc, char **argv)
{
    struct load load = {.session = session, .bar = isatty(STDERR_FILENO) == 1};
    bool sample = false;
    enum exit_code code = add_paths(&load, argc, argv, &sample), summed;

    if (code == EXIT_OK)
        code = session_connect(session);
    if (code != EXIT_OK)
        goto out;
    for (size_t i = 0; i < load.list.count && (load.code == EXIT_OK || load.keep_going); i++)
        load_file(&load, load.list.path[i]);
    clear_bar(&load);
    say_first(&load);
    summed = summarize(&load);
    code = load.code != EXIT_OK ? load.code : summed;
    if (sample && code == EXIT_OK) {
        fflush(stdout);
        fputs(language_pick(session->language,
                            "The sample's people and what is recorded of them are synthetic, made "
                            "from a seed.\n",
                            "見本の人物とその記録は、種から生成した合成データである。\n"),
              stderr);
    }
out:
    load_list_free(&load.list);
    return code;
}
