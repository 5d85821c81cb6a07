/* SPDX-License-Identifier: Apache-2.0
 *
 * How dates, months, UUIDs and texts are written. Pure.
 */
#ifndef JINZAI_RPC_SYNTAX_H
#define JINZAI_RPC_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SYNTAX_YEAR_FIRST = 1900,
    SYNTAX_YEAR_LAST = 2200,
};

/* Whether text is a day of the calendar as 2026-04-01, in the years above. */
bool syntax_date(const char *text);

/* Whether text is a month as 2026-04, in the years above. */
bool syntax_month(const char *text);

/* Whether text is a UUID, in digits of either case. */
bool syntax_uuid(const char *text);

/* How many characters a text of valid UTF-8 has. */
size_t syntax_characters(const char *text);

#endif
