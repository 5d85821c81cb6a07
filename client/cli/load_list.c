/* SPDX-License-Identifier: Apache-2.0 */
#include "load_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef JINZAI_DATA_DIR
#define JINZAI_DATA_DIR "/usr/share/jinzai"
#endif

static int
add_file(struct load_list *list, const char *path, long long bytes)
{
    char **larger = realloc(list->path, (list->count + 1) * sizeof *larger);

    if (larger == NULL)
        return -1;
    list->path = larger;
    list->path[list->count] = strdup(path);
    if (list->path[list->count] == NULL)
        return -1;
    list->count++;
    list->bytes += bytes;
    return 0;
}

static int
is_wanted(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && size > 6 && strcmp(entry->d_name + size - 6, ".jsonl") == 0;
}

/* Byte by byte, so that the order does not depend on the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_directory(struct load_list *list, const char *directory)
{
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, is_wanted, by_name), rc = 0;
    struct stat status;
    char *path;

    for (int i = 0; i < count; i++) {
        path = NULL;
        if (rc == 0)
            rc = asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0 ? -1
                                                                             : stat(path, &status);
        if (rc == 0)
            rc = add_file(list, path, status.st_size);
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (count == 0)
        errno = ENOENT;
    return count <= 0 ? -1 : rc;
}

int
load_list_add(struct load_list *list, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return -1;
    return S_ISDIR(status.st_mode) ? add_directory(list, path)
                                   : add_file(list, path, status.st_size);
}

int
load_list_sample(struct load_list *list, char **directory)
{
    const char *data = getenv("JINZAI_DATA");
    struct stat status;

    if (data == NULL || *data == '\0')
        data = JINZAI_DATA_DIR;
    if (asprintf(directory, "%s/sample", data) < 0) {
        *directory = NULL;
        return -1;
    }
    if (stat(*directory, &status) != 0 && stat(data, &status) == 0) {
        free(*directory);
        *directory = strdup(data);
        if (*directory == NULL)
            return -1;
    }
    return load_list_add(list, *directory);
}

void
load_list_free(struct load_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->path[i]);
    free(list->path);
    *list = (struct load_list){.path = NULL};
}
