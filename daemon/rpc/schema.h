/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON Schema (draft 7) of parameters and results, made from their rows.
 */
#ifndef JINZAI_RPC_SCHEMA_H
#define JINZAI_RPC_SCHEMA_H

#include <jansson.h>

#include "config.h"
#include "rpc/method.h"

/* All functions return a new reference, or NULL when out of memory. */

/* What a value of the parameter must be, with its bounds. */
json_t *schema_param(const struct param *param, const struct limits *limits);

/* What the method answers. */
json_t *schema_result(const struct method *method);

/* What results share, by name, for components/schemas: receipt, text. */
json_t *schema_shared(void);

#endif
