/* SPDX-License-Identifier: Apache-2.0
 *
 * From a JSON value that has been checked to the text that PostgreSQL reads. Pure.
 */
#ifndef JINZAI_RPC_VALUE_H
#define JINZAI_RPC_VALUE_H

#include <jansson.h>

#include "rpc/method.h"

/* The SQL type of a parameter as it stands in a statement: "text", "bigint[]". That of each half
 * for a label ("text"); an idempotency key has two of its own. */
const char *value_type(const struct param *param);

/* The text of a checked value that is not null: a list becomes an array literal, an object compact
 * JSON. To be freed. NULL when out of memory. */
char *value_text(const struct param *param, const json_t *value);

/* An array literal of count texts, quoted: {"a","b"}. To be freed. NULL when out of memory. */
char *value_array(const char *const *texts, size_t count);

#endif
