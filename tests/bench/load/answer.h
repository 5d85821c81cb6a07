/* SPDX-License-Identifier: Apache-2.0
 *
 * Where one answer ends in the bytes received, and whether it is the right one. Pure functions over bytes.
 */
#ifndef LOAD_ANSWER_H
#define LOAD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "template.h"

enum { CHECKS_MAX = 8 };

/* What the body of a right answer holds: the text, at least once, or exactly so many times where times is not 0. */
struct check {
    struct template *text;
    size_t times;
};

struct checks {
    struct check rows[CHECKS_MAX];
    size_t count;
};

/* One answer within the bytes received. */
struct answer {
    size_t size;       /* how many bytes belong to it */
    const char *body;  /* the result, or what HTTP carries */
    size_t body_size;
    bool good;         /* a JSON-RPC result with an id, or HTTP status 200 */
    bool last;         /* the server closes the connection after it */
    unsigned id;       /* of JSON-RPC */
};

enum found { FOUND_NOTHING, FOUND_ANSWER, FOUND_NONSENSE };

/* Finds a JSON-RPC answer, which ends with a newline. *scanned is how many bytes are known to hold none. */
enum found answer_find_rpc(const char *bytes, size_t size, size_t *scanned, struct answer *answer);

/* Finds an HTTP answer. Chunks are joined in place, so that body is one piece. */
enum found answer_find_http(char *bytes, size_t size, struct answer *answer);

/* Whether the body holds what it should for a request that drew this. */
bool answer_right(const struct answer *answer, const struct checks *checks, const struct draw *draw);

#endif
