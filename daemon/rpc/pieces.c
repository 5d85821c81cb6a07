/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/pieces.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "{\"items\" : [", between[] = ", ";

/* What the database says, read. */
struct news {
    struct piece *rows;
    size_t count;
    int64_t *gone; /* parts, in ascending order */
    size_t gone_count;
};

static int
compare_parts(const void *a, const void *b)
{
    const int64_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

static void
news_free(struct news *news)
{
    free(news->rows);
    free(news->gone);
}

static int
news_read(struct news *news, const PGresult *result)
{
    const int rows = PQntuples(result);

    *news = (struct news){.rows = calloc((size_t)rows, sizeof *news->rows), .gone = calloc((size_t)rows, sizeof *news->gone)};
    if (news->rows == NULL || news->gone == NULL) {
        news_free(news);
        return -1;
    }
    for (int i = 1; i < rows; i++) {
        int64_t part = strtoll(PQgetvalue(result, i, PIECES_PART), NULL, 10);

        if (PQgetisnull(result, i, PIECES_WORDS)) {
            news->gone[news->gone_count++] = part;
            continue;
        }
        news->rows[news->count++] = (struct piece){
            .rank = PQgetisnull(result, i, PIECES_RANK) ? -INFINITY : strtod(PQgetvalue(result, i, PIECES_RANK), NULL),
            .place = strtoll(PQgetvalue(result, i, PIECES_PLACE), NULL, 10),
            .part = part,
            .words = PQgetvalue(result, i, PIECES_WORDS),
            .size = (size_t)PQgetlength(result, i, PIECES_WORDS),
        };
    }
    qsort(news->gone, news->gone_count, sizeof *news->gone, compare_parts);
    return 0;
}

static bool
is_gone(const struct news *news, const struct piece *piece)
{
    return bsearch(&piece->part, news->gone, news->gone_count, sizeof *news->gone, compare_parts) != NULL;
}

static bool
stands_before(const struct piece *a, const struct piece *b)
{
    return a->rank > b->rank || (a->rank == b->rank && a->place < b->place);
}

/* Puts the pieces in to, which has room for all, in their order: those from before that are left, and the new ones. */
static void
merge(struct pieces *to, const struct news *news, const struct pieces *before)
{
    size_t fresh = 0;

    for (size_t old = 0; before != NULL && old < before->count; old++) {
        const struct piece *piece = &before->rows[old];

        if (is_gone(news, piece))
            continue;
        while (fresh < news->count && stands_before(&news->rows[fresh], piece))
            to->rows[to->count++] = news->rows[fresh++];
        to->rows[to->count++] = *piece;
    }
    while (fresh < news->count)
        to->rows[to->count++] = news->rows[fresh++];
}

static char *
append(char *to, const char *text, size_t size)
{
    return (char *)memcpy(to, text, size) + size;
}

/* Writes the text, and makes the words of the pieces point into it instead of where they were. */
static int
write_text(struct pieces *pieces, const char *rest, size_t rest_size)
{
    size_t size = sizeof head - 1 + rest_size;
    char *to;

    for (size_t i = 0; i < pieces->count; i++)
        size += pieces->rows[i].size + (i > 0 ? sizeof between - 1 : 0);
    to = pieces->text = malloc(size + 1);
    if (to == NULL)
        return -1;
    pieces->size = size;
    to = append(to, head, sizeof head - 1);
    for (size_t i = 0; i < pieces->count; i++) {
        struct piece *piece = &pieces->rows[i];

        if (i > 0)
            to = append(to, between, sizeof between - 1);
        memcpy(to, piece->words, piece->size);
        piece->words = to;
        to += piece->size;
    }
    *append(to, rest, rest_size) = '\0';
    return 0;
}

int
pieces_read(struct pieces *pieces, const PGresult *result, const struct pieces *before)
{
    struct news news = {.rows = NULL};
    int rc = -1;

    if (strcmp(PQgetvalue(result, 0, PIECES_WHOLE), "t") == 0)
        before = NULL;
    *pieces = (struct pieces){.text = NULL};
    if (news_read(&news, result) != 0)
        return -1;
    pieces->rows = calloc((before != NULL ? before->count : 0) + news.count + 1, sizeof *pieces->rows);
    if (pieces->rows == NULL)
        goto out;
    merge(pieces, &news, before);
    rc = write_text(pieces, PQgetvalue(result, 0, PIECES_WORDS), (size_t)PQgetlength(result, 0, PIECES_WORDS));
out:
    news_free(&news);
    if (rc != 0)
        pieces_free(pieces);
    return rc;
}

void
pieces_free(struct pieces *pieces)
{
    free(pieces->text);
    free(pieces->rows);
    *pieces = (struct pieces){.text = NULL};
}
