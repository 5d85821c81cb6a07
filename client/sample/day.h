/* SPDX-License-Identifier: Apache-2.0
 *
 * Days as numbers: days since 1970-01-01 in the Gregorian calendar.
 */
#ifndef JINZAI_SAMPLE_DAY_H
#define JINZAI_SAMPLE_DAY_H

enum { DAY_TEXT = 16 };

/* The day of that date; month is 1 to 12. */
int day_of(int year, int month, int day);

/* The year in which the day lies. */
int day_year(int day);

/* Reads a date as 2026-04-01. Returns 0, or -1 if it is none. */
int day_read(const char *text, int *day);

/* Writes the day as 2026-04-01. Returns text. */
const char *day_write(int day, char text[DAY_TEXT]);

#endif
