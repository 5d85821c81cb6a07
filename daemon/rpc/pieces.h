/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a list that can be mended: {"items" : [piece, piece …], …}. The pieces stand in an order that they bear, and
 * several that change together are one part. So of what has changed the database says only the parts.
 */
#ifndef JINZAI_RPC_PIECES_H
#define JINZAI_RPC_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

struct piece {
    double rank;   /* the largest first; -INFINITY where it has none */
    int64_t place; /* the smallest first of those with one rank; no two pieces have one place */
    int64_t part;
    const char *words;
    size_t size;
};

struct pieces {
    char *text; /* all of it, ended by a NUL, which the words of the pieces point into */
    size_t size;
    struct piece *rows;
    size_t count;
};

/* The columns of what the database says. The first row has no piece: it gives the stamp by which all is known later, whether
 * what follows is the whole list, and as words what stands after the pieces. A row that has words is a piece, and they come in
 * their order; one that has none names a part of which no piece from before is left. */
#define PIECES_COLUMNS "stamp, whole, part, rank, place, words"
enum { PIECES_STAMP, PIECES_WHOLE, PIECES_PART, PIECES_RANK, PIECES_PLACE, PIECES_WORDS };

/* Writes the list that the database says, or what becomes of the one before with what it says. before may be NULL where all
 * is said. Returns 0, or -1 with nothing in pieces when out of memory. */
int pieces_read(struct pieces *pieces, const PGresult *result, const struct pieces *before);

void pieces_free(struct pieces *pieces);

#endif
