/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/directory.h"

#include <stdlib.h>
#include <string.h>

#include "rpc/suggest.h"

static int
compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return strcmp(x->method->name, y->method->name);
}

int
directory_open(struct directory *directory, const struct method *const *tables)
{
    size_t room = 0, statement = 0;

    for (const struct method *const *table = tables; *table != NULL; table++)
        for (const struct method *method = *table; method->name != NULL; method++)
            room++;
    directory->count = 0;
    directory->entries = calloc(room + 1, sizeof *directory->entries);
    if (directory->entries == NULL)
        return -1;
    for (const struct method *const *table = tables; *table != NULL; table++) {
        for (const struct method *method = *table; method->name != NULL; method++) {
            struct entry *entry = &directory->entries[directory->count++];

            entry->method = method;
            if (method_asks_database(method))
                entry->statement = statement++;
        }
    }
    qsort(directory->entries, directory->count, sizeof *directory->entries, compare);
    for (size_t i = 1; i < directory->count; i++)
        if (compare(&directory->entries[i - 1], &directory->entries[i]) == 0)
            return -1;
    return 0;
}

const struct entry *
directory_find(const struct directory *directory, const char *name)
{
    const struct method named = {.name = name};
    const struct entry wanted = {&named, 0};

    return bsearch(&wanted, directory->entries, directory->count, sizeof wanted, compare);
}

void
directory_missing(const struct directory *directory, const char *name, struct fault *fault)
{
    char quote[FAULT_QUOTE_SIZE];
    struct suggest suggest;

    suggest_begin(&suggest, name);
    for (size_t i = 0; i < directory->count; i++)
        suggest_offer(&suggest, directory->entries[i].method->name);
    fault_quote(quote, name);
    if (suggest.best != NULL)
        fault_set(fault, ERROR_METHOD_NOT_FOUND, "There is no method \"%s\"; did you mean \"%s\"?",
                  quote, suggest.best);
    else
        fault_set(fault, ERROR_METHOD_NOT_FOUND, "There is no method \"%s\"", quote);
    fault_expect(fault, "one of those that rpc.discover lists");
}

void
directory_close(struct directory *directory)
{
    free(directory->entries);
    directory->entries = NULL;
    directory->count = 0;
}
