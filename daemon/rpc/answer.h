/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON-RPC 2.0 responses, written into a buffer of libevent, and what PostgreSQL's refusals mean
 * for a caller.
 */
#ifndef JINZAI_RPC_ANSWER_H
#define JINZAI_RPC_ANSWER_H

#include <stdbool.h>

#include <event2/buffer.h>
#include <jansson.h>

#include "rpc/fault.h"
#include "store/pool.h"

enum { ANSWER_TRACE_SIZE = 17 }; /* 16 hex digits and their end */

/* Draws a trace id, by which an answer and a line of the log are brought together. */
void answer_trace(char trace[ANSWER_TRACE_SIZE]);

/* Writes an error response without its newline. id is raw JSON; detail is what else error.data
 * says, or NULL. Returns 0, or -1 when out of memory, and then the buffer may hold a part of it. */
int answer_error(struct evbuffer *to, const char *id, size_t id_size, const struct fault *fault,
                 const char *trace, const json_t *detail);

/* Writes a response whose result is finished JSON text. A long text is lent and a short one copied: release
 * is called with context when the buffer is done with it, also on failure; NULL where it outlives the buffer
 * anyway. Returns as answer_error. */
int answer_result(struct evbuffer *to, const char *id, size_t id_size, const char *text,
                  size_t size, evbuffer_ref_cleanup_cb release, void *context);

/* Says what a reply that is not REPLY_OK means for a method that writes or does not. constraints
 * maps the names of constraints to sentences of the form "parameter: expected". *detail is set to
 * an object of further members for error.data, or NULL; the caller releases it. */
void answer_explain(struct fault *fault, json_t **detail, const struct reply *reply, bool writes,
                    const json_t *constraints);

#endif
