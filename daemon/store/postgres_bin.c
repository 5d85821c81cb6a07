/* SPDX-License-Identifier: Apache-2.0 */
#include "store/postgres_bin.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/child.h"

static const char *const places[] = {
    "/usr/lib/postgresql/*/bin", /* Debian */
    "/usr/pgsql-*/bin",          /* PGDG's packages for Fedora and its kin */
    "/usr/bin",
    "/usr/local/bin",
    "/usr/local/pgsql/bin",
};

int
postgres_bin_version(const char *text)
{
    int version = 0;

    return sscanf(text, "postgres (PostgreSQL) %d", &version) == 1 ? version : 0;
}

static int
version_in(const char *directory)
{
    char program[POSTGRES_DIRECTORY_BYTES + 16], *output = NULL;
    char *argv[] = {program, "--version", NULL};
    int version = 0;

    snprintf(program, sizeof(program), "%s/postgres", directory);
    if (child_run(argv, &output) == 0)
        version = postgres_bin_version(output);
    free(output);
    return version;
}

/* Takes the directory if it is better than what there is. */
static void
consider(const char *directory, int wanted, struct postgres_bin *bin)
{
    int version = version_in(directory);

    if (version < POSTGRES_VERSION_LEAST || bin->version == wanted)
        return;
    if (version != wanted && version <= bin->version)
        return;
    bin->version = version;
    snprintf(bin->directory, sizeof(bin->directory), "%s", directory);
}

int
postgres_bin_find(const char *directory, int wanted, struct postgres_bin *bin)
{
    glob_t found = {0};

    *bin = (struct postgres_bin){.version = -1};
    if (directory != NULL) {
        consider(directory, wanted, bin);
        return bin->version > 0 ? 0 : -1;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        glob(places[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        consider(found.gl_pathv[i], wanted, bin);
    globfree(&found);
    return bin->version > 0 ? 0 : -1;
}
