/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of catalogue.h, apart from the list itself so that a test can bring a list of its
 * own.
 */
#include "methods/catalogue.h"

#include <string.h>

size_t
catalogue_size(void)
{
    size_t size = 0;

    while (catalogue_at(size) != NULL)
        size++;
    return size;
}

const struct method *
catalogue_at(size_t number)
{
    for (const struct method *const *table = catalogue_tables; *table != NULL; table++) {
        for (const struct method *method = *table; method->name != NULL; method++) {
            if (number == 0)
                return method;
            number--;
        }
    }
    return NULL;
}

const struct method *
catalogue_find(const char *name, size_t *number)
{
    size_t count = 0;

    for (const struct method *const *table = catalogue_tables; *table != NULL; table++) {
        for (const struct method *method = *table; method->name != NULL; method++, count++) {
            if (strcmp(method->name, name) != 0)
                continue;
            if (number != NULL)
                *number = count;
            return method;
        }
    }
    return NULL;
}
