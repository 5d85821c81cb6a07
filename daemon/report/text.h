/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that grows while it is written.
 */
#ifndef JINZAI_REPORT_TEXT_H
#define JINZAI_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A plain value, zeroed before use. Once memory has failed it takes nothing more, so that only the end need be checked. */
struct text {
    char *at; /* malloc'ed and ended by a zero byte; NULL while nothing was put */
    size_t size, room;
    bool failed;
};

void text_put(struct text *text, const char *what);
void text_put_bytes(struct text *text, const char *what, size_t size);

__attribute__((format(printf, 2, 3))) void text_print(struct text *text, const char *format, ...);

/* 1234.56 with one decimal as 1,234.6; whole numbers without decimals; a true minus sign; never -0. */
void text_number(struct text *text, double value, int decimals);

/* Gives the text away; the caller frees it. "" where nothing was put, NULL when out of memory. text is as new afterwards. */
char *text_take(struct text *text);

void text_free(struct text *text);

#endif
