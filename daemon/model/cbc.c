/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cbc.h"

#include <dlfcn.h>
#include <stdbool.h>

const struct cbc *
cbc_load(void)
{
    static struct cbc cbc;
    static bool loaded;
    void *library;

    if (loaded)
        return &cbc;
    library = dlopen("libCbcSolver.so.3", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return NULL;
    loaded = true;
    /* Through void **, as POSIX has it: C knows no conversion from an object's address to a function's. */
#define CBC_FIND(name) loaded = (*(void **)&cbc.name = dlsym(library, "Cbc_" #name)) != NULL && loaded;
    CBC_FUNCTIONS(CBC_FIND)
#undef CBC_FIND
    if (!loaded)
        dlclose(library);
    return loaded ? &cbc : NULL;
}
