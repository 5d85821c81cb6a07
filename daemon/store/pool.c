/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pool.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "store/backend.h"
#include "store/request.h"

enum {
    /* How long a request waits where no backend is ready, so that a dead database answers "unavailable" soon. */
    OUTAGE_WAIT_MS = 2000,
    /* How often waiting requests are looked through for those that have waited too long. */
    EXPIRY_MS = 100,
};

/* The backends of one cost class and the requests that wait for them. */
struct lane {
    struct pool *pool;
    struct backend_lane shared;
    struct backend **backends;
    int count, wanted; /* opened, and configured */
    struct request_queue queue;
    struct event *expiry;
    bool was_ready;
};

struct pool {
    const struct config *conf;
    const struct statement *statements;
    size_t count;
    int spread; /* how many backends of a lane are used before the others */
    char *conninfo;
    bool closing;
    bool filled; /* all backends are open that are to be */
    void (*changed)(void *context); /* NULL: nobody wants to know */
    void *changed_context;
    struct lane lanes[COST_CLASSES];
};

static int
lane_ready(const struct lane *lane)
{
    int ready = 0;

    for (int i = 0; i < lane->count; i++)
        ready += backend_state(lane->backends[i]) == BACKEND_READY;
    return ready;
}

static unsigned
hash(const char *text)
{
    unsigned value = 5381;

    for (; *text != '\0'; text++)
        value = value * 33 ^ (unsigned char)*text;
    return value;
}

/* Whether the request can be looked up at once with others of its caller. */
static bool
goes_together(const struct lane *lane, const struct request *request)
{
    const struct statement *statement = &lane->pool->statements[request->number];

    return statement->each != NULL && statement->shares && request->values[0] != NULL;
}

/* The ready backend with least in flight among the first few, or where those are full the first that is not; NULL where all
 * are full or down. More backends at work than there are processors take them from each other in the middle of a request.
 * What can be looked up at once goes together: all of a caller's to one backend, as long as that does nothing else. It then
 * takes twice as many, so that the next gather while some are looked up. */
static struct backend *
lane_choose(const struct lane *lane, const struct request *request)
{
    const int spread = lane->pool->spread < lane->count ? lane->pool->spread : lane->count;
    const bool together = goes_together(lane, request);
    const int first = together ? (int)(hash(request->values[0]) % (unsigned)spread) : 0;
    struct backend *best = NULL;
    int least = INT_MAX, seen = 0;

    for (int i = 0; i < lane->count && (best == NULL || seen < spread); i++) {
        struct backend *backend = lane->backends[i < spread ? (first + i) % spread : i];
        const bool gathers = together && backend_long_calls(backend) == 0;
        const int load = gathers ? 0 : backend_in_flight(backend);
        const int depth = gathers && lane->shared.depth > 1 ? 2 * lane->shared.depth : lane->shared.depth;

        if (backend_state(backend) != BACKEND_READY)
            continue;
        seen++;
        if (backend_in_flight(backend) < depth && load < least) {
            best = backend;
            least = load;
        }
    }
    return best;
}

static void
lane_pump(struct lane *lane)
{
    struct backend *backend;

    while (lane->queue.head != NULL && (backend = lane_choose(lane, lane->queue.head)) != NULL)
        backend_send(backend, request_queue_pop(&lane->queue));
}

static void
expiry_set(struct lane *lane)
{
    struct timeval soon = {.tv_usec = EXPIRY_MS * 1000};

    if (!evtimer_pending(lane->expiry, NULL))
        evtimer_add(lane->expiry, &soon);
}

static void
on_expiry(evutil_socket_t fd, short what, void *context)
{
    struct lane *lane = context;
    int timeout_ms = lane->shared.conf->lane[lane->shared.cost].timeout_ms;
    int64_t oldest = request_clock_ms() - (lane_ready(lane) > 0 ? timeout_ms : OUTAGE_WAIT_MS);
    struct request_queue late;

    (void)fd;
    (void)what;
    request_queue_init(&late);
    while (lane->queue.head != NULL && lane->queue.head->since_ms < oldest)
        request_queue_push(&late, request_queue_pop(&lane->queue));
    request_queue_answer(&late, REPLY_UNSENT);
    if (lane->queue.head != NULL)
        expiry_set(lane);
}

/* Opens backends until there are so many. Returns 0, or -1 when out of memory. */
static int
lane_open_backends(struct lane *lane, int count)
{
    while (lane->count < count) {
        struct backend *backend = backend_open(&lane->shared);

        if (backend == NULL)
            return -1;
        lane->backends[lane->count++] = backend;
    }
    return 0;
}

/* Opens those that waited for the first. */
static void
lane_fill(struct lane *lane)
{
    if (lane_open_backends(lane, lane->wanted) == 0)
        return;
    lane->pool->filled = false;
    log_write(LOG_ERR, "memory ran out for another database connection lane=%s", lane_name(lane->shared.cost));
}

/* The others wait for the first of each lane, or until there is more to do than it can take: so all lanes serve sooner, and
 * an unreachable database is not asked by all. */
static void
pool_fill(struct pool *pool)
{
    bool ready;

    if (pool->filled || pool->closing)
        return;
    ready = pool->filled = pool_is_ready(pool);
    for (int cost = 0; cost < COST_CLASSES; cost++) {
        struct lane *lane = &pool->lanes[cost];

        if (ready || (lane_ready(lane) > 0 && lane->queue.head != NULL))
            lane_fill(lane);
    }
}

static void
lane_changed(void *context)
{
    struct lane *lane = context;
    bool ready = lane_ready(lane) > 0;

    if (ready != lane->was_ready)
        log_write(ready ? LOG_NOTICE : LOG_ERR, "database is %s lane=%s", ready ? "ready" : "out of reach",
                  lane_name(lane->shared.cost));
    if (ready != lane->was_ready && lane->pool->changed != NULL && !lane->pool->closing) {
        lane->was_ready = ready;
        lane->pool->changed(lane->pool->changed_context);
    }
    lane->was_ready = ready;
    lane_pump(lane);
    pool_fill(lane->pool);
}

/* To the front of the queue: what was not sent is sent by another, or when its time is over refused as what waits is. */
static void
lane_returned(struct request_queue *unsent, void *context)
{
    struct lane *lane = context;
    struct request_queue all;
    struct request *request;

    if (unsent->head == NULL)
        return;
    request_queue_init(&all);
    while ((request = request_queue_pop(unsent)) != NULL)
        request_queue_push(&all, request);
    while ((request = request_queue_pop(&lane->queue)) != NULL)
        request_queue_push(&all, request);
    while ((request = request_queue_pop(&all)) != NULL)
        request_queue_push(&lane->queue, request);
    expiry_set(lane);
}

static int
lane_open(struct lane *lane, struct pool *pool, struct event_base *base, enum cost_class cost)
{
    const struct config *conf = pool->conf;
    /* What may run for long is not put behind another: it waits for whichever backend is free first. */
    int depth = cost == COST_FAST || cost == COST_WRITE ? conf->pipeline_depth : 1;

    lane->pool = pool;
    lane->shared = (struct backend_lane){.base = base, .conf = conf, .cost = cost, .conninfo = pool->conninfo,
                                         .statements = pool->statements, .count = pool->count, .depth = depth,
                                         .returned = lane_returned, .changed = lane_changed, .context = lane};
    request_queue_init(&lane->queue);
    lane->expiry = evtimer_new(base, on_expiry, lane);
    lane->wanted = conf->lane[cost].backends;
    lane->backends = calloc((size_t)lane->wanted, sizeof(struct backend *));
    if (lane->expiry == NULL || lane->backends == NULL)
        return -1;
    return lane_open_backends(lane, 1);
}

struct pool *
pool_open(struct event_base *base, const struct config *conf, const char *conninfo,
          const struct statement *statements, size_t count)
{
    struct pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return NULL;
    pool->conf = conf;
    pool->spread = conf->spread > 0 ? conf->spread : (int)sysconf(_SC_NPROCESSORS_ONLN);
    pool->statements = statements;
    pool->count = count;
    pool->conninfo = strdup(conninfo);
    if (pool->conninfo == NULL)
        goto fail;
    for (int cost = 0; cost < COST_CLASSES; cost++)
        if (lane_open(&pool->lanes[cost], pool, base, (enum cost_class)cost) != 0)
            goto fail;
    return pool;
fail:
    pool_close(pool);
    return NULL;
}

int
pool_send(struct pool *pool, size_t number, const char *const *values, pool_answer *answer, void *context)
{
    const struct statement *statement = &pool->statements[number];
    struct lane *lane = &pool->lanes[statement->lane];
    const struct limits *limits = &pool->conf->limits;
    struct request *request;

    assert(number < pool->count);
    if (pool->closing || lane->queue.count >= limits->queue_requests || lane->queue.size_bytes >= limits->queue_bytes)
        return -1;
    request = request_new(number, values, statement->arguments, answer, context);
    if (request == NULL)
        return -1;
    request_queue_push(&lane->queue, request);
    lane_pump(lane);
    if (lane->queue.head != NULL)
        expiry_set(lane);
    return 0;
}

void
pool_watch(struct pool *pool, void (*changed)(void *context), void *context)
{
    pool->changed = changed;
    pool->changed_context = context;
}

bool
pool_is_ready(const struct pool *pool)
{
    for (int cost = 0; cost < COST_CLASSES; cost++)
        if (lane_ready(&pool->lanes[cost]) == 0)
            return false;
    return true;
}

struct pool_state
pool_state(const struct pool *pool, enum cost_class cost)
{
    const struct lane *lane = &pool->lanes[cost];
    struct pool_state state = {.backends = lane->wanted, .ready = lane_ready(lane), .queued = lane->queue.count};

    for (int i = 0; i < lane->count; i++)
        if (backend_state(lane->backends[i]) == BACKEND_READY)
            state.in_flight += backend_in_flight(lane->backends[i]);
    return state;
}

static void
lane_close(struct lane *lane)
{
    request_queue_answer(&lane->queue, REPLY_UNSENT);
    for (int i = 0; i < lane->count; i++)
        backend_close(lane->backends[i]);
    free(lane->backends);
    if (lane->expiry != NULL)
        event_free(lane->expiry);
}

void
pool_close(struct pool *pool)
{
    if (pool == NULL)
        return;
    pool->closing = true;
    for (int cost = 0; cost < COST_CLASSES; cost++)
        lane_close(&pool->lanes[cost]);
    free(pool->conninfo);
    free(pool);
}
