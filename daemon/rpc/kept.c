/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "rpc/pieces.h"

/* They are looked through one by one, and who asks many small questions must not make that long. */
enum { KEPT_MAX = 256 };

struct kept {
    TAILQ_ENTRY(kept) link; /* while it is in the list, which is one of its holders */
    unsigned holders;
    char *question; /* while it is in the list */
    char *stamp;
    struct pieces pieces;
};

struct kept_answers {
    const size_t *limit_bytes;
    TAILQ_HEAD(kept_list, kept) list; /* last used first */
    size_t count, bytes;
    size_t reused, mended; /* so often, ever */
};

struct kept_answers *
kept_answers_new(const size_t *limit_bytes)
{
    struct kept_answers *answers = calloc(1, sizeof *answers);

    if (answers == NULL)
        return NULL;
    answers->limit_bytes = limit_bytes;
    TAILQ_INIT(&answers->list);
    return answers;
}

/* What one takes of memory. */
static size_t
cost(const struct kept *kept)
{
    return kept->pieces.size + kept->pieces.count * sizeof *kept->pieces.rows + strlen(kept->question) + strlen(kept->stamp) +
           sizeof *kept;
}

static void
drop(struct kept_answers *answers, struct kept *kept)
{
    TAILQ_REMOVE(&answers->list, kept, link);
    answers->count--;
    answers->bytes -= cost(kept);
    free(kept->question);
    kept->question = NULL;
    kept_release(NULL, 0, kept);
}

void
kept_answers_clear(struct kept_answers *answers)
{
    while (!TAILQ_EMPTY(&answers->list))
        drop(answers, TAILQ_FIRST(&answers->list));
}

void
kept_answers_free(struct kept_answers *answers)
{
    if (answers == NULL)
        return;
    kept_answers_clear(answers);
    free(answers);
}

json_t *
kept_answers_describe(const struct kept_answers *answers)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "answers", (json_int_t)answers->count, "bytes", (json_int_t)answers->bytes,
                     "reused", (json_int_t)answers->reused, "mended", (json_int_t)answers->mended);
}

char *
kept_question(size_t statement, const char *const *values, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int failed;

    if (out == NULL)
        return NULL;
    /* Each value with its length, so that no two questions have one text. */
    fprintf(out, "%zu", statement);
    for (size_t i = 0; i < count; i++)
        if (values[i] != NULL)
            fprintf(out, ",%zu:%s", strlen(values[i]), values[i]);
        else
            fputc(',', out);
    failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

static struct kept *
find(const struct kept_answers *answers, const char *question)
{
    struct kept *kept;

    TAILQ_FOREACH(kept, &answers->list, link)
        if (strcmp(kept->question, question) == 0)
            return kept;
    return NULL;
}

struct kept *
kept_find(struct kept_answers *answers, const char *question)
{
    struct kept *kept = find(answers, question);

    if (kept == NULL)
        return NULL;
    TAILQ_REMOVE(&answers->list, kept, link);
    TAILQ_INSERT_HEAD(&answers->list, kept, link);
    return kept_hold(kept);
}

struct kept *
kept_read(struct kept_answers *answers, const PGresult *result, struct kept *before)
{
    struct kept *kept;

    if (PQgetisnull(result, 0, PIECES_WORDS) && before != NULL) {
        answers->reused++;
        return kept_hold(before);
    }
    kept = PQntuples(result) > 0 ? calloc(1, sizeof *kept) : NULL;
    if (kept == NULL)
        return NULL;
    kept->holders = 1;
    kept->stamp = strdup(PQgetvalue(result, 0, PIECES_STAMP));
    if (kept->stamp == NULL || pieces_read(&kept->pieces, result, before != NULL ? &before->pieces : NULL) != 0) {
        kept_release(NULL, 0, kept);
        return NULL;
    }
    answers->mended += strcmp(PQgetvalue(result, 0, PIECES_WHOLE), "f") == 0;
    return kept;
}

void
kept_put(struct kept_answers *answers, const char *question, struct kept *kept)
{
    struct kept *before = find(answers, question);

    if (before == kept)
        return;
    if (before != NULL)
        drop(answers, before);
    kept->question = strdup(question);
    if (kept->question == NULL)
        return;
    kept_hold(kept); /* outside of the macro, which names it several times */
    TAILQ_INSERT_HEAD(&answers->list, kept, link);
    answers->count++;
    answers->bytes += cost(kept);
    while (answers->bytes > *answers->limit_bytes || answers->count > KEPT_MAX)
        drop(answers, TAILQ_LAST(&answers->list, kept_list));
}

const char *
kept_stamp(const struct kept *kept)
{
    return kept->stamp;
}

const char *
kept_text(const struct kept *kept)
{
    return kept->pieces.text;
}

size_t
kept_size(const struct kept *kept)
{
    return kept->pieces.size;
}

struct kept *
kept_hold(struct kept *kept)
{
    kept->holders++;
    return kept;
}

void
kept_release(const void *text, size_t size, void *context)
{
    struct kept *kept = context;

    (void)text;
    (void)size;
    if (kept == NULL || --kept->holders > 0)
        return;
    free(kept->stamp);
    pieces_free(&kept->pieces);
    free(kept);
}
