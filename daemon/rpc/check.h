/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a JSON value is what a parameter's row says. Pure.
 */
#ifndef JINZAI_RPC_CHECK_H
#define JINZAI_RPC_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "config.h"
#include "rpc/fault.h"
#include "rpc/method.h"

enum { CHECK_PAGE_DEFAULT = 100 }; /* rows of a page where the caller does not say */

/* The largest whole number up to which a JSON number, read as a double, tells all neighbours apart:
 * 2^53 - 1. */
#define CHECK_WHOLE_MAX 9007199254740991.0

/* Where a value is: a chain from the value up to the parameter. */
struct path {
    const struct path *above;
    const char *name; /* of a member, or NULL for an item */
    size_t index;     /* of an item */
};

/* Finds the bounds of a parameter: those of its row, or where it is silent of its type. */
void check_bounds(const struct param *param, const struct limits *limits, double *min, double *max);

/* Checks a value that is not null, a list item by item. Returns true, or false with the fault
 * filled in. */
bool check_value(const struct param *param, const json_t *value, const struct path *path,
                 const struct limits *limits, struct fault *fault);

/* Fills the fault for a required parameter that is missing. */
void check_missing(const struct param *param, const struct path *path, const struct limits *limits,
                   struct fault *fault);

/* Fills the fault for a member that the table does not have, with the closest one that it has. */
void check_unknown(const struct param *table, const struct path *path, struct fault *fault);

#endif
