/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/suggest.h"

#include <string.h>
#include <strings.h>

enum { NAME_MAX_LENGTH = 64 };

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

/* How many letters must be put in, left out, changed or swapped with their neighbour (optimal
 * string alignment; Boytsov, Indexing methods for approximate dictionary searching, 2011,
 * section 2.2). Case and - for _ cost nothing. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];
    size_t *before = rows[0], *last = rows[1], *line = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *spare = before;

        line[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned char x = lower((unsigned char)a[i - 1]), y = lower((unsigned char)b[j - 1]);
            size_t change = x == y || (x == '-' && y == '_') ? 0 : 1;

            line[j] = least(least(last[j] + 1, line[j - 1] + 1), last[j - 1] + change);
            if (i > 1 && j > 1 && x == lower((unsigned char)b[j - 2]) &&
                lower((unsigned char)a[i - 2]) == y)
                line[j] = least(line[j], before[j - 2] + 1);
        }
        before = last;
        last = line;
        line = spare;
    }
    return last[b_length];
}

void
suggest_begin(struct suggest *suggest, const char *wanted)
{
    suggest->wanted = wanted;
    suggest->best = NULL;
    /* A third of the letters may be wrong; past that a suggestion is a guess. */
    suggest->distance = strlen(wanted) / 3 + 1;
}

void
suggest_offer(struct suggest *suggest, const char *name)
{
    size_t wanted = strlen(suggest->wanted), length = strlen(name), distance;

    if (wanted == 0 || wanted > NAME_MAX_LENGTH || length > NAME_MAX_LENGTH)
        return;
    if ((wanted > length ? wanted - length : length - wanted) > suggest->distance)
        return;
    distance = edit_distance(suggest->wanted, wanted, name, length);
    if (distance < suggest->distance) {
        suggest->best = name;
        suggest->distance = distance;
    }
}
