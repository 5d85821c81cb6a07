/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/syntax.h"

#include <ctype.h>
#include <string.h>

/* Reads exactly count digits, or returns -1. */
static int
digits(const char *text, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/* How many days a month of the Gregorian calendar has. */
static int
days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Reads the year and month that text begins with; false where there are none. */
static bool
read_month(const char *text, int *year, int *month)
{
    if (strlen(text) < strlen("2026-04") || text[4] != '-')
        return false;
    *year = digits(text, 4);
    *month = digits(text + 5, 2);
    return *year >= SYNTAX_YEAR_FIRST && *year <= SYNTAX_YEAR_LAST && *month >= 1 && *month <= 12;
}

bool
syntax_month(const char *text)
{
    int year, month;

    return strlen(text) == strlen("2026-04") && read_month(text, &year, &month);
}

bool
syntax_date(const char *text)
{
    int year, month, day;

    if (strlen(text) != strlen("2026-04-01") || text[7] != '-' || !read_month(text, &year, &month))
        return false;
    day = digits(text + 8, 2);
    return day >= 1 && day <= days_of(year, month);
}

bool
syntax_uuid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != strlen(shape))
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++)
        if (shape[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

size_t
syntax_characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}
