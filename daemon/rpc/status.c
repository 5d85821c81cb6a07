/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/status.h"

#include <malloc.h>
#include <string.h>
#include <sys/resource.h>

#include "rpc/subscription.h"
#include "service/metrics.h"

enum { BYTES_PER_KILOBYTE = 1024 };

static json_t *
memory(void)
{
    struct mallinfo2 heap = mallinfo2();
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    return json_pack("{s:I, s:I}", "heap_bytes", (json_int_t)(heap.uordblks + heap.hblkhd), "peak_bytes",
                     (json_int_t)usage.ru_maxrss * BYTES_PER_KILOBYTE);
}

/* What the database answered, or that it did not. */
static json_t *
database(const struct reply *reply)
{
    json_t *answer = reply != NULL && reply->status == REPLY_OK && reply->text != NULL ? json_loads(reply->text, 0, NULL) : NULL;

    return answer != NULL ? answer : json_pack("{s:b}", "reachable", 0);
}

void
status_arrived(const struct item *item, struct reply *reply)
{
    const struct dispatch *dispatch = item->call->dispatch;
    json_t *status;

    /* The function refuses the caller: that is no state of the database. */
    if (reply != NULL && reply->status == REPLY_FAILED && strncmp(reply->sqlstate, "JZ", 2) == 0) {
        item_refusal(item, reply);
        return;
    }
    status = json_pack("{s:s, s:o, s:o, s:o, s:o}", "version", dispatch->version, "database", database(reply), "memory", memory(),
                       "subscriptions", subscriptions_describe(dispatch->subscriptions), "kept",
                       kept_answers_describe(dispatch->kept));
    if (status != NULL && dispatch->describe != NULL)
        dispatch->describe(status, dispatch->describe_context);
    item_object(item, status);
}

void
status_methods(const struct item *item)
{
    const struct dispatch *dispatch = item->call->dispatch;
    const struct directory *directory = &dispatch->directory;
    json_t *items = json_array();

    for (size_t i = 0; i <= directory->count; i++) {
        json_t *figures;

        if (metrics_calls(dispatch->metrics, i) == 0)
            continue;
        figures = metrics_json(dispatch->metrics, i);
        json_object_set_new(figures, "method",
                            i < directory->count ? json_string(directory->entries[i].method->name) : json_null());
        json_array_append_new(items, figures);
    }
    item_object(item, json_pack("{s:o}", "items", items));
}
