/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/statement.h"

/* What calls of a stream do besides asking their function. */
static const struct {
    const char *method;
    enum bulk_step step;
} steps[] = {
    {"bulk.export", BULK_EXPORT}, {"bulk.import", BULK_IMPORT}, {"bulk.commit", BULK_COMMIT}, {"bulk.close", BULK_CLOSE},
};

struct row {
    const struct method *method;
    enum bulk_step step;
    struct statement statement;
};

struct streams {
    struct bulk *bulk;
    size_t count;
    struct row rows[];
};

static enum bulk_step
step_of(const struct method *method)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].method, method->name) == 0)
            return steps[i].step;
    return BULK_CALL;
}

struct streams *
streams_new(const struct method *const *tables, struct bulk *bulk)
{
    size_t count = 0;
    struct streams *streams;

    for (const struct method *const *table = tables; *table != NULL; table++)
        for (const struct method *method = *table; method->name != NULL; method++)
            count += method->kind == METHOD_BULK;
    streams = calloc(1, sizeof *streams + count * sizeof *streams->rows);
    if (streams == NULL)
        return NULL;
    streams->bulk = bulk;
    for (const struct method *const *table = tables; *table != NULL; table++) {
        for (const struct method *method = *table; method->name != NULL; method++) {
            struct row *row = &streams->rows[streams->count];

            if (method->kind != METHOD_BULK)
                continue;
            *row = (struct row){.method = method, .step = step_of(method)};
            row->statement.sql = statement_text(method, &row->statement.arguments);
            streams->count++;
            if (row->statement.sql == NULL) {
                streams_free(streams);
                return NULL;
            }
        }
    }
    return streams;
}

static void
arrived(struct reply *reply, void *context)
{
    struct item *item = context;
    struct call *call = item->call;
    struct asker *asker = call->asker;

    if (asker != NULL)
        asker->in_flight--;
    /* The background pass has nothing to do before an import is committed. */
    if (reply->status == REPLY_OK && strcmp(item->method->name, "bulk.commit") == 0 && call->dispatch->wrote != NULL)
        call->dispatch->wrote(call->dispatch->wrote_context);
    item_reply(item, reply);
    call_release(call);
    if (asker != NULL)
        asker->answered(asker);
}

static void
refuse(struct item *item, enum bulk_refusal refusal)
{
    struct fault fault;

    switch (refusal) {
    case BULK_NO_STREAM:
        fault_set(&fault, ERROR_NOT_FOUND, "This connection has no such stream, or it has ended; what was not committed has not happened");
        snprintf(fault.parameter, sizeof fault.parameter, "stream");
        fault_expect(&fault, "what bulk.export or bulk.import answered on this connection");
        break;
    case BULK_TOO_MANY:
        fault_set(&fault, ERROR_LIMIT_EXCEEDED, "As many imports and exports as bulk_streams allows are under way; try again later");
        break;
    case BULK_WAITS:
        fault_set(&fault, ERROR_LIMIT_EXCEEDED, "Too many calls of the stream wait; take the answers first");
        break;
    default:
        fault_set(&fault, ERROR_UNAVAILABLE, "The daemon has no memory left for this; try again later");
        break;
    }
    item_fault(item, &fault, NULL, NULL);
}

void
stream_begin(struct item *item, struct params *params)
{
    struct call *call = item->call;
    struct streams *streams = call->dispatch->streams;
    const struct row *row = NULL;
    enum bulk_refusal refusal = BULK_TOO_MANY;

    for (size_t i = 0; streams != NULL && i < streams->count; i++)
        if (streams->rows[i].method == item->method)
            row = &streams->rows[i];
    params->values[0] = call->asker->who.id[0] != '\0' ? call->asker->who.id : NULL;
    if (row != NULL)
        refusal = bulk_send(streams->bulk, call->asker, row->step, &row->statement, params->values, arrived, item);
    if (refusal != BULK_TAKEN) {
        refuse(item, refusal);
        return;
    }
    call->asker->streams = streams;
    call->asker->in_flight++;
    call->pending++;
}

void
streams_leave(struct asker *asker)
{
    if (asker->streams != NULL)
        bulk_leave(asker->streams->bulk, asker);
    asker->streams = NULL;
}

void
streams_free(struct streams *streams)
{
    if (streams == NULL)
        return;
    for (size_t i = 0; i < streams->count; i++)
        free((char *)streams->rows[i].statement.sql);
    free(streams);
}
