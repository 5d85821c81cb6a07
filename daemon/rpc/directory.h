/* SPDX-License-Identifier: Apache-2.0
 *
 * The methods by name, with the number of each one's statement in the pool.
 */
#ifndef JINZAI_RPC_DIRECTORY_H
#define JINZAI_RPC_DIRECTORY_H

#include <stddef.h>

#include "rpc/fault.h"
#include "rpc/method.h"

struct entry {
    const struct method *method;
    size_t statement; /* its number among the rows that ask the database; without meaning for the others */
};

struct directory {
    struct entry *entries; /* sorted by name */
    size_t count;
};

/* Sorts the methods of tables, which is ended by NULL. Returns 0, or -1 when out of memory or when
 * two have one name. directory_close is needed either way. */
int directory_open(struct directory *directory, const struct method *const *tables);

/* The method of that name, or NULL. */
const struct entry *directory_find(const struct directory *directory, const char *name);

/* Fills the fault for a method that is not there, with the closest one that is. */
void directory_missing(const struct directory *directory, const char *name, struct fault *fault);

void directory_close(struct directory *directory);

#endif
