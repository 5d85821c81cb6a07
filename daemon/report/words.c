/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <math.h>
#include <string.h>

const char *
words_term(const struct term *terms, const char *code)
{
    for (; terms->code != NULL; terms++)
        if (strcmp(terms->code, code) == 0)
            return terms->text;
    return code;
}

int
words_tenths(double probability)
{
    return (int)lround(10 * fmin(fmax(probability, 0), 1));
}

void
words_fte(struct text *text, double value)
{
    text_number(text, value, 1);
}
