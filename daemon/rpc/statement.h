/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQL text of each method, composed once at start from its row:
 *   select api.program_get(p_caller => $1::uuid, p_ref => $2::text, p_lang => $3::text)
 * and of a row that answers each also the one for several calls:
 *   select * from api.skill_get_each(p_caller => $1::uuid, p_ref => @2::text[], p_lang => @3::text[])
 * The function of a row that keeps takes the stamp of the answer that is there, and gives its own in pieces (rpc/pieces.h).
 */
#ifndef JINZAI_RPC_STATEMENT_H
#define JINZAI_RPC_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "rpc/method.h"
#include "store/pool.h"

/* The statements of a catalogue, in the order of its METHOD_SQL rows. */
struct statements {
    struct statement *rows;
    size_t count;
};

/* Composes the statements of tables (ended by NULL). Returns 0, or -1 when out of memory. */
int statements_compose(struct statements *statements, const struct method *const *tables);

/* Adds a statement of the daemon's own. *number is set to its number. Returns 0, or -1 when out of
 * memory. */
int statements_add(struct statements *statements, const char *sql, int arguments, enum cost_class lane, size_t *number);

/* Marks as sharing those that only read: whose function's name is in the array stable, which PostgreSQL keeps from changing
 * anything. */
void statements_mark_reads(struct statements *statements, const json_t *stable);

void statements_free(struct statements *statements);

/* The SQL text of one row, to be freed; *arguments is how many $n it has. NULL when out of memory.
 */
char *statement_text(const struct method *method, int *arguments);

/* The SQL text for several calls of a row that answers each (store/pool.h), to be freed. NULL when out of memory. */
char *statement_each(const struct method *method);

/* How many arguments one parameter takes: a label and an idempotency key take two. */
int statement_width(const struct param *param);

/* Whether the method has a PARAM_CLEARABLE parameter, and so ends with p_clear. */
bool statement_clears(const struct method *method);

#endif
