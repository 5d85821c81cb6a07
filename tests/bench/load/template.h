/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts with places in them that each request fills: %{name} takes a number drawn from the range of that name, %{id} the
 * request's own number, %{uuid7} a fresh UUID of version 7 (RFC 9562).
 */
#ifndef LOAD_TEMPLATE_H
#define LOAD_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

enum { RANGES_MAX = 8 };

/* Numbers that are drawn evenly from first to last, both included. */
struct range {
    char name[32];
    uint64_t first;
    uint64_t last;
};

struct ranges {
    struct range rows[RANGES_MAX];
    size_t count;
};

/* What one request has drawn, by range. */
struct draw {
    uint64_t values[RANGES_MAX];
    unsigned id;
};

struct template;

/* Reads "name=first:last" into ranges. Returns 0, or -1 where it is not written so or there are too many. */
int ranges_add(struct ranges *ranges, const char *text);

/* Draws anew from every range. */
void ranges_draw(const struct ranges *ranges, struct draw *draw);

/* Takes a text apart. Returns NULL, with a sentence on standard error, where a place has no range. */
struct template *template_new(const char *text, const struct ranges *ranges);

/* Writes the text with its places filled into at, which has room for size bytes. Returns its length, or 0 where it does
 * not fit. It is not terminated. */
size_t template_write(const struct template *template, const struct draw *draw, char *at, size_t size);

/* More than template_write ever needs. */
size_t template_room(const struct template *template);

void template_free(struct template *template);

/* Evenly distributed bits, the same in every run. */
uint64_t random_bits(void);

#endif
