/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon learns from the database before it serves: the answer of api.daemon_start.
 */
#ifndef JINZAI_STORE_START_H
#define JINZAI_STORE_START_H

#include <jansson.h>

#include "config.h"

/* Asks with conninfo, the daemon's own login, for an object of "once_secret" (64 hex digits), "constraints" (name →
 * sentence), "principals" (trusted user → UUID) and "schema_version". Blocks. Returns it, or NULL with *error set to a
 * sentence; the caller frees either. */
json_t *start_ask(const char *conninfo, const struct config *conf, char **error);

/* The names of the trusted users as the text of a PostgreSQL array, to be freed. NULL when out of memory. */
char *start_names(const struct config *conf);

#endif
