/* SPDX-License-Identifier: Apache-2.0
 *
 * From the params of a request to the values of its method's statement, checked against the
 * method's row. Pure.
 */
#ifndef JINZAI_RPC_PARAMS_H
#define JINZAI_RPC_PARAMS_H

#include <stddef.h>

#include <jansson.h>

#include "config.h"
#include "rpc/fault.h"
#include "rpc/method.h"

/* What checking needs besides the method's row. */
struct params_rules {
    const struct limits *limits;
    const unsigned char *once_secret; /* the key of the digests */
    size_t once_secret_size;
};

/* The values in the order of the statement; the last of a method that keeps is the stamp, which is left NULL. The first is the caller's principal, which params_read
 * leaves NULL and params_free does not free; the others are owned. */
struct params {
    const char **values;
    size_t count;
};

/* The parameter at a position: as OpenRPC asks, the required ones come first, and each kind in the
 * order of the row. NULL past the end. */
const struct param *params_at(const struct method *method, size_t position);

/* Reads params (an object, an array in the order of params_at, or NULL for none). A null is an
 * absent value; given by name, it also clears what may be cleared, while by position it only holds
 * the place. Returns 0, or -1 with the fault filled in. */
int params_read(struct params *params, const struct params_rules *rules,
                const struct method *method, const json_t *given, struct fault *fault);

void params_free(struct params *params);

#endif
