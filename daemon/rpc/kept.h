/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that are large, take long to compose and are asked for again: of a method whose row says keeps, the last answer to
 * each question stays here with the stamp that the database gave it. Who asks the same is not answered from here alone: the
 * database gets the stamp with the question, and says either that nothing has changed since or what the answer is by now. So
 * no answer is ever older than the question; what is here can be lost at any time, and daemons need not know of each other.
 */
#ifndef JINZAI_RPC_KEPT_H
#define JINZAI_RPC_KEPT_H

#include <stddef.h>

#include <jansson.h>

#include "store/pool.h"

struct kept_answers;
struct kept; /* one answer: lives until nobody holds it */

/* limit_bytes, which is read at each use, bounds what all answers take together, and there are 256 at most; 0 keeps none. NULL
 * when out of memory. */
struct kept_answers *kept_answers_new(const size_t *limit_bytes);
void kept_answers_free(struct kept_answers *answers);

/* Lets go of all: what the database said of them no longer means anything. */
void kept_answers_clear(struct kept_answers *answers);

/* {"answers", "bytes", "reused"}; NULL when out of memory. */
json_t *kept_answers_describe(const struct kept_answers *answers);

/* A statement with its values, the caller among them, as one text, to be freed. NULL when out of memory. */
char *kept_question(size_t statement, const char *const *values, size_t count);

/* The answer to a question, which the caller now holds too; NULL where none is kept. */
struct kept *kept_find(struct kept_answers *answers, const char *question);

/* Keeps what the database replied with a stamp in the place of what was kept for the question, and takes over
 * reply->result. The caller holds it too. NULL, with the reply as it was, when out of memory. */
struct kept *kept_put(struct kept_answers *answers, const char *question, struct reply *reply);

/* Counts that the database let it stand. */
void kept_reused(struct kept_answers *answers);

const char *kept_stamp(const struct kept *kept);
const char *kept_text(const struct kept *kept);
size_t kept_size(const struct kept *kept);

/* One more holder; the same pointer. */
struct kept *kept_hold(struct kept *kept);

/* A holder is done with it; NULL is allowed. Made to be the cleanup of evbuffer_add_reference, so text and size say nothing. */
void kept_release(const void *text, size_t size, void *kept);

#endif
