/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool without a database: it keeps what was sent until the test says how PostgreSQL answers. It
 * takes the place of store/pool.c when the test is linked.
 */
#ifndef JINZAI_TESTS_UNIT_FAKE_POOL_H
#define JINZAI_TESTS_UNIT_FAKE_POOL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/pool.h"

enum { FAKE_MAX = 1024 };

struct fake_request {
    size_t number;
    char caller[64];
    pool_answer *answer;
    void *context;
};

static struct fake_request fake_requests[FAKE_MAX];
static size_t fake_count;
static bool fake_full;

int
pool_send(struct pool *pool, size_t number, const char *const *values, pool_answer *answer,
          void *context)
{
    struct fake_request *request = &fake_requests[fake_count];

    (void)pool;
    if (fake_full || fake_count == FAKE_MAX)
        return -1;
    request->number = number;
    snprintf(request->caller, sizeof request->caller, "%s", values[0] != NULL ? values[0] : "");
    request->answer = answer;
    request->context = context;
    fake_count++;
    return 0;
}

/* Takes request i out and answers it. */
static void
fake_reply(size_t i, struct reply *reply)
{
    struct fake_request request = fake_requests[i];

    memmove(&fake_requests[i], &fake_requests[i + 1], (fake_count - i - 1) * sizeof *fake_requests);
    fake_count--;
    request.answer(reply, request.context);
    PQclear(reply->result);
}

/* Answers request i with a result, as libpq would hand it over. */
static void
fake_answer(size_t i, const char *text)
{
    PGresAttDesc column = {.name = (char *)"text", .typlen = -1};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    struct reply reply = {.status = REPLY_OK, .result = result};

    PQsetResultAttrs(result, 1, &column);
    if (text != NULL)
        PQsetvalue(result, 0, 0, (char *)text, (int)strlen(text));
    reply.text = text != NULL ? PQgetvalue(result, 0, 0) : NULL;
    reply.size = text != NULL ? strlen(text) : 0;
    fake_reply(i, &reply);
}

#endif
