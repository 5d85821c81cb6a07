/* SPDX-License-Identifier: Apache-2.0 */
#include "model/flow.h"

#include <stdlib.h>
#include <string.h>

enum { EDGES_FIRST = 64, STOP_EVERY = 4096 };

#define FAR INT64_MAX

/* One direction of an edge; its partner has the number with the last bit flipped. */
struct arc {
    int to;
    int cost;
    int64_t left; /* what can still flow */
};

struct flow {
    int nodes;
    int arcs, arcs_held;
    struct arc *arc;
    int *from;      /* by arc */
    int *first;     /* by node, where its arcs begin in order[]; nodes + 1 of them; NULL until first needed */
    int *order;     /* numbers of arcs, sorted by the node they leave */
    int *level;     /* by node: layer, -1 where not reached */
    int *next;      /* by node: which arc of order[] is tried next */
    int *queue;     /* nodes; also the path of the depth-first search */
    int *path;      /* arcs */
    int64_t *potential; /* by node, for the cheapest paths; NULL until first needed */
    int64_t *distance;
    unsigned work;
};

/* What may be walked on: residual arcs of reduced cost 0. */
static bool
open_to(const struct flow *flow, const struct arc *arc, int from)
{
    if (arc->left <= 0)
        return false;
    if (flow->potential == NULL)
        return arc->cost == 0;
    return arc->cost + flow->potential[from] - flow->potential[arc->to] == 0;
}

struct flow *
flow_create(int nodes)
{
    struct flow *flow = NULL;

    if (nodes < 2 || nodes > FLOW_NODES_MAX)
        return NULL;
    flow = calloc(1, sizeof(*flow));
    if (flow == NULL)
        return NULL;
    flow->nodes = nodes;
    flow->level = malloc((size_t)nodes * sizeof(int));
    flow->next = malloc((size_t)nodes * sizeof(int));
    flow->queue = malloc((size_t)nodes * sizeof(int));
    flow->path = malloc((size_t)nodes * sizeof(int));
    if (flow->level == NULL || flow->next == NULL || flow->queue == NULL || flow->path == NULL) {
        flow_free(flow);
        return NULL;
    }
    return flow;
}

void
flow_free(struct flow *flow)
{
    if (flow == NULL)
        return;
    free(flow->arc);
    free(flow->from);
    free(flow->first);
    free(flow->order);
    free(flow->level);
    free(flow->next);
    free(flow->queue);
    free(flow->path);
    free(flow->potential);
    free(flow->distance);
    free(flow);
}

static int
grow(struct flow *flow)
{
    int held = flow->arcs_held == 0 ? 2 * EDGES_FIRST : 2 * flow->arcs_held;
    struct arc *arc = realloc(flow->arc, (size_t)held * sizeof(*arc));
    int *from = NULL;

    if (arc == NULL)
        return -1;
    flow->arc = arc;
    from = realloc(flow->from, (size_t)held * sizeof(*from));
    if (from == NULL)
        return -1;
    flow->from = from;
    flow->arcs_held = held;
    return 0;
}

int
flow_add(struct flow *flow, int from, int to, int64_t capacity, int cost)
{
    int arc = flow->arcs;

    if (from < 0 || from >= flow->nodes || to < 0 || to >= flow->nodes || from == to || capacity < 0 ||
        capacity > FLOW_CAPACITY_MAX || cost < 0 || arc / 2 >= FLOW_EDGES_MAX)
        return -1;
    if (arc + 2 > flow->arcs_held && grow(flow) != 0)
        return -1;
    flow->arc[arc] = (struct arc){.to = to, .cost = cost, .left = capacity};
    flow->arc[arc + 1] = (struct arc){.to = from, .cost = -cost, .left = 0};
    flow->from[arc] = from;
    flow->from[arc + 1] = to;
    flow->arcs += 2;
    free(flow->first);
    free(flow->order);
    flow->first = flow->order = NULL;
    return arc / 2;
}

/* Sorts the arcs by the node they leave, keeping their order: what is walked through is then one span a node. */
static int
sort_arcs(struct flow *flow)
{
    if (flow->first != NULL)
        return 0;
    flow->first = calloc((size_t)flow->nodes + 1, sizeof(int));
    flow->order = malloc(((size_t)flow->arcs + 1) * sizeof(int));
    if (flow->first == NULL || flow->order == NULL) {
        free(flow->first);
        free(flow->order);
        flow->first = flow->order = NULL;
        return MODEL_MEMORY;
    }
    for (int a = 0; a < flow->arcs; a++)
        flow->first[flow->from[a] + 1]++;
    for (int n = 0; n < flow->nodes; n++)
        flow->first[n + 1] += flow->first[n];
    memcpy(flow->next, flow->first, (size_t)flow->nodes * sizeof(int));
    for (int a = 0; a < flow->arcs; a++)
        flow->order[flow->next[flow->from[a]]++] = a;
    return 0;
}

/* Layers the nodes by their distance from the source. Says whether the sink was reached. */
static bool
layer(struct flow *flow, int source, int sink)
{
    int head = 0, tail = 0;

    memset(flow->level, -1, (size_t)flow->nodes * sizeof(int));
    flow->level[source] = 0;
    flow->queue[tail++] = source;
    while (head < tail && flow->level[sink] < 0) {
        int node = flow->queue[head++];

        for (int i = flow->first[node]; i < flow->first[node + 1]; i++) {
            const struct arc *arc = &flow->arc[flow->order[i]];

            if (flow->level[arc->to] < 0 && open_to(flow, arc, node)) {
                flow->level[arc->to] = flow->level[node] + 1;
                flow->queue[tail++] = arc->to;
            }
        }
    }
    return flow->level[sink] >= 0;
}

/* Sends what the path of that many arcs can take. Returns how much, and in *back the first place that is full after it. */
static int64_t
send(struct flow *flow, int length, int64_t most, int *back)
{
    int64_t sent = most;

    for (int i = 0; i < length; i++)
        if (flow->arc[flow->path[i]].left < sent)
            sent = flow->arc[flow->path[i]].left;
    *back = 0;
    for (int i = length - 1; i >= 0; i--) {
        flow->arc[flow->path[i]].left -= sent;
        flow->arc[flow->path[i] ^ 1].left += sent;
        if (flow->arc[flow->path[i]].left == 0)
            *back = i;
    }
    return sent;
}

/* Fills the layered network: depth first, each arc given up once. Returns what was sent, or MODEL_STOPPED. */
static int64_t
block(struct flow *flow, int source, int sink, int64_t most, const struct stop *stop)
{
    int64_t total = 0;
    int node = source, length = 0;

    memcpy(flow->next, flow->first, (size_t)flow->nodes * sizeof(int));
    while (total < most) {
        if (node == sink) {
            int back;

            total += send(flow, length, most - total, &back);
            length = back;
            node = flow->from[flow->path[length]];
            continue;
        }
        if (flow->next[node] < flow->first[node + 1]) {
            int a = flow->order[flow->next[node]];
            const struct arc *arc = &flow->arc[a];

            if (++flow->work % STOP_EVERY == 0 && stop_asked(stop))
                return MODEL_STOPPED;
            if (flow->level[arc->to] == flow->level[node] + 1 && open_to(flow, arc, node)) {
                flow->path[length++] = a;
                node = arc->to;
            } else {
                flow->next[node]++;
            }
            continue;
        }
        if (length == 0)
            break;
        node = flow->from[flow->path[--length]];
        flow->next[node]++;
    }
    return total;
}

/* Sends all that goes over open arcs. */
static int64_t
fill(struct flow *flow, int source, int sink, int64_t most, const struct stop *stop)
{
    int64_t total = 0;

    while (total < most && layer(flow, source, sink)) {
        int64_t sent = block(flow, source, sink, most - total, stop);

        if (sent < 0)
            return sent;
        total += sent;
        if (stop_asked(stop))
            return MODEL_STOPPED;
    }
    return total;
}

int64_t
flow_maximum(struct flow *flow, int source, int sink, const struct stop *stop)
{
    if (source < 0 || source >= flow->nodes || sink < 0 || sink >= flow->nodes || source == sink)
        return MODEL_BAD;
    if (sort_arcs(flow) != 0)
        return MODEL_MEMORY;
    return fill(flow, source, sink, FAR, stop);
}

/* A heap of nodes by distance, with stale entries left in it. */
struct entry {
    int64_t distance;
    int node;
};

struct heap {
    struct entry *entry;
    size_t size, held;
};

static bool
before(const struct entry *a, const struct entry *b)
{
    return a->distance != b->distance ? a->distance < b->distance : a->node < b->node;
}

static int
heap_push(struct heap *heap, int64_t distance, int node)
{
    size_t i = heap->size;

    if (heap->size == heap->held) {
        size_t held = heap->held == 0 ? EDGES_FIRST : 2 * heap->held;
        struct entry *entry = realloc(heap->entry, held * sizeof(*entry));

        if (entry == NULL)
            return -1;
        heap->entry = entry;
        heap->held = held;
    }
    heap->size++;
    heap->entry[i] = (struct entry){distance, node};
    while (i > 0 && before(&heap->entry[i], &heap->entry[(i - 1) / 2])) {
        struct entry up = heap->entry[(i - 1) / 2];

        heap->entry[(i - 1) / 2] = heap->entry[i];
        heap->entry[i] = up;
        i = (i - 1) / 2;
    }
    return 0;
}

static struct entry
heap_pop(struct heap *heap)
{
    struct entry top = heap->entry[0];
    size_t i = 0;

    heap->entry[0] = heap->entry[--heap->size];
    for (;;) {
        size_t child = 2 * i + 1;
        struct entry down;

        if (child >= heap->size)
            break;
        if (child + 1 < heap->size && before(&heap->entry[child + 1], &heap->entry[child]))
            child++;
        if (!before(&heap->entry[child], &heap->entry[i]))
            break;
        down = heap->entry[i];
        heap->entry[i] = heap->entry[child];
        heap->entry[child] = down;
        i = child;
    }
    return top;
}

/* Distances from the source by reduced cost. Returns 0 or a MODEL_ error. */
static int
measure(struct flow *flow, int source, const struct stop *stop)
{
    struct heap heap = {0};
    int rc = MODEL_MEMORY;

    for (int n = 0; n < flow->nodes; n++)
        flow->distance[n] = FAR;
    flow->distance[source] = 0;
    if (heap_push(&heap, 0, source) != 0)
        goto out;
    while (heap.size > 0) {
        struct entry at = heap_pop(&heap);

        if (at.distance > flow->distance[at.node])
            continue;
        for (int i = flow->first[at.node]; i < flow->first[at.node + 1]; i++) {
            const struct arc *arc = &flow->arc[flow->order[i]];
            int64_t distance;

            if (arc->left <= 0)
                continue;
            distance = at.distance + arc->cost + flow->potential[at.node] - flow->potential[arc->to];
            if (distance >= flow->distance[arc->to])
                continue;
            flow->distance[arc->to] = distance;
            if (heap_push(&heap, distance, arc->to) != 0)
                goto out;
        }
        if (++flow->work % STOP_EVERY == 0 && stop_asked(stop)) {
            rc = MODEL_STOPPED;
            goto out;
        }
    }
    rc = 0;
out:
    free(heap.entry);
    return rc;
}

int64_t
flow_cheapest(struct flow *flow, int source, int sink, int64_t most, int64_t *cost, const struct stop *stop)
{
    int rc = 0;

    if (source < 0 || source >= flow->nodes || sink < 0 || sink >= flow->nodes || source == sink || most < 0)
        return MODEL_BAD;
    if (sort_arcs(flow) != 0)
        return MODEL_MEMORY;
    if (flow->potential == NULL) {
        flow->distance = malloc((size_t)flow->nodes * sizeof(int64_t));
        flow->potential = calloc((size_t)flow->nodes, sizeof(int64_t));
        if (flow->distance == NULL || flow->potential == NULL)
            return MODEL_MEMORY;
    }
    rc = measure(flow, source, stop);
    if (rc != 0)
        return rc;
    if (flow->distance[sink] == FAR || most == 0)
        return 0;
    /* No node is put farther than the sink, which keeps every residual arc's reduced cost at 0 or more. */
    for (int n = 0; n < flow->nodes; n++)
        flow->potential[n] += flow->distance[n] < flow->distance[sink] ? flow->distance[n] : flow->distance[sink];
    *cost = flow->potential[sink] - flow->potential[source];
    return fill(flow, source, sink, most, stop);
}

int64_t
flow_on(const struct flow *flow, int edge)
{
    return flow->arc[2 * edge + 1].left;
}

int
flow_cut(const struct flow *flow, int sink, bool side[])
{
    int head = 0, tail = 0;

    memset(side, 0, (size_t)flow->nodes * sizeof(bool));
    side[sink] = true;
    flow->queue[tail++] = sink;
    while (head < tail) {
        int node = flow->queue[head++];

        /* Backwards over an arc is forwards over its partner. */
        for (int i = flow->first[node]; i < flow->first[node + 1]; i++) {
            const struct arc *out = &flow->arc[flow->order[i]], *in = &flow->arc[flow->order[i] ^ 1];

            if (!side[out->to] && in->left > 0 && in->cost == 0) {
                side[out->to] = true;
                flow->queue[tail++] = out->to;
            }
        }
    }
    return 0;
}
