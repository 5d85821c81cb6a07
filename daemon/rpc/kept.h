/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that are large, take long to compose and are asked for again: of a method whose row says keeps, the last answer to
 * each question stays here with the stamp that the database gave it. Who asks the same is not answered from here alone: the
 * database gets the stamp with the question, and says either that nothing has changed since, or what has, or what the answer
 * is by now. So no answer is ever older than the question; what is here can be lost at any time, and daemons need not know of
 * each other.
 */
#ifndef JINZAI_RPC_KEPT_H
#define JINZAI_RPC_KEPT_H

#include <stddef.h>

#include <jansson.h>
#include <libpq-fe.h>

struct kept_answers;
struct kept; /* one answer: lives until nobody holds it */

/* limit_bytes, which is read at each use, bounds what all answers take together, and there are 256 at most; 0 keeps none. NULL
 * when out of memory. */
struct kept_answers *kept_answers_new(const size_t *limit_bytes);
void kept_answers_free(struct kept_answers *answers);

/* Lets go of all: what the database said of them no longer means anything. */
void kept_answers_clear(struct kept_answers *answers);

/* {"answers", "bytes", "reused", "mended"}; NULL when out of memory. */
json_t *kept_answers_describe(const struct kept_answers *answers);

/* A statement with its values, the caller among them, as one text, to be freed. NULL when out of memory. */
char *kept_question(size_t statement, const char *const *values, size_t count);

/* The answer to a question, which the caller now holds too; NULL where none is kept. */
struct kept *kept_find(struct kept_answers *answers, const char *question);

/* The answer that the database gives (rpc/pieces.h): before, held once more, where it lets that stand; before with what it says
 * has changed; or all of a new one. before may be NULL where the database was sent no stamp. The caller holds it. NULL when out
 * of memory. */
struct kept *kept_read(struct kept_answers *answers, const PGresult *result, struct kept *before);

/* Keeps an answer in the place of what was kept for the question. Without memory for it it is not kept. */
void kept_put(struct kept_answers *answers, const char *question, struct kept *kept);

const char *kept_stamp(const struct kept *kept);
const char *kept_text(const struct kept *kept);
size_t kept_size(const struct kept *kept);

/* One more holder; the same pointer. */
struct kept *kept_hold(struct kept *kept);

/* A holder is done with it; NULL is allowed. Made to be the cleanup of evbuffer_add_reference, so text and size say nothing. */
void kept_release(const void *text, size_t size, void *kept);

#endif
