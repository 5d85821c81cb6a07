/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/shared_text.h"

#include <stdlib.h>

struct shared_text {
    char *text;
    unsigned holders;
};

struct shared_text *
shared_text_new(char *text)
{
    struct shared_text *shared = text != NULL ? calloc(1, sizeof *shared) : NULL;

    if (shared == NULL) {
        free(text);
        return NULL;
    }
    shared->text = text;
    shared->holders = 1;
    return shared;
}

const char *
shared_text(const struct shared_text *shared)
{
    return shared->text;
}

struct shared_text *
shared_text_keep(struct shared_text *shared)
{
    shared->holders++;
    return shared;
}

void
shared_text_release(const void *text, size_t size, void *context)
{
    struct shared_text *shared = context;

    (void)text;
    (void)size;
    if (shared == NULL || --shared->holders > 0)
        return;
    free(shared->text);
    free(shared);
}
