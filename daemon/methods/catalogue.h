/* SPDX-License-Identifier: Apache-2.0
 *
 * All methods, noun by noun. The tables are data without behaviour, so that the daemon, the command and the reference
 * generator link the same ones.
 */
#ifndef JINZAI_METHODS_CATALOGUE_H
#define JINZAI_METHODS_CATALOGUE_H

#include <stddef.h>

#include "rpc/method.h"

/* The tables, each ended by a row without a name; the list is ended by NULL. */
extern const struct method *const catalogue_tables[];

/* How many methods there are. They are numbered from 0 in the order of the tables. */
size_t catalogue_size(void);

/* The method with that number, or NULL past the end. */
const struct method *catalogue_at(size_t number);

/* The method of that name, or NULL; *number is set where number is not NULL. */
const struct method *catalogue_find(const char *name, size_t *number);

#endif
