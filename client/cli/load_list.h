/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files are loaded, and in what order.
 */
#ifndef JINZAI_CLI_LOAD_LIST_H
#define JINZAI_CLI_LOAD_LIST_H

#include <stddef.h>

struct load_list {
    char **path;
    size_t count;
    long long bytes; /* of all files together */
};

/* Adds a file, or the *.jsonl files of a directory in the order of their names. Returns 0, or -1
 * with errno set; ENOENT also where a directory holds no such file. */
int load_list_add(struct load_list *list, const char *path);

/* Adds the sample: below JINZAI_DATA where that variable is set, else where it is installed.
 * *directory, which the caller frees, is where it was looked for. Returns as load_list_add. */
int load_list_sample(struct load_list *list, char **directory);

void load_list_free(struct load_list *list);

#endif
