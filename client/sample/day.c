/* SPDX-License-Identifier: Apache-2.0
 *
 * The conversions are Howard Hinnant's (chrono-Compatible Low-Level Date Algorithms), with years
 * that begin in March so that the leap day comes last.
 */
#include "day.h"

#include <stdio.h>
#include <string.h>

enum { DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400, DAYS_TO_1970 = 719468 };

int
day_of(int year, int month, int day)
{
    int shifted = month <= 2 ? year - 1 : year;
    int era = shifted / YEARS_PER_ERA;
    int of_era = shifted - era * YEARS_PER_ERA;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

static void
split(int day, int *year, int *month, int *of_month)
{
    int z = day + DAYS_TO_1970;
    int era = z / DAYS_PER_ERA;
    int of_era = z - era * DAYS_PER_ERA;
    int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * of_year + 2) / 153;

    *of_month = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * YEARS_PER_ERA + (*month <= 2);
}

int
day_year(int day)
{
    int year, month, of_month;

    split(day, &year, &month, &of_month);
    return year;
}

int
day_read(const char *text, int *day)
{
    char again[DAY_TEXT];
    int year, month, of_month;

    if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d", &year, &month, &of_month) != 3 ||
        year < 1970 || month < 1 || month > 12)
        return -1;
    *day = day_of(year, month, of_month);
    /* A 31 April would come back as another day. */
    return strcmp(day_write(*day, again), text) == 0 ? 0 : -1;
}

const char *
day_write(int day, char text[DAY_TEXT])
{
    int year, month, of_month;

    split(day, &year, &month, &of_month);
    snprintf(text, DAY_TEXT, "%04d-%02d-%02d", year % 10000, month % 100, of_month % 100);
    return text;
}
