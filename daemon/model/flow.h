/* SPDX-License-Identifier: Apache-2.0
 *
 * Maximum flow through a network of whole capacities, its minimum cut, and the cheapest flow of any value beyond it.
 *
 * Maximum: blocking flows on layered networks, at most n phases, O(n² m). Source: Dinic (1970), Algorithm for Solution of
 * a Problem of Maximum Flow in Networks with Power Estimation, Soviet Mathematics Doklady 11:1277-1280. Capacities are
 * whole, and so is the flow.
 *
 * Cut: value = Σ capacity of the edges that lead out of the source's side, for any minimum cut. Source: Ford and Fulkerson
 * (1956), Maximal Flow Through a Network, Canadian Journal of Mathematics 8:399-404. Among the minimum cuts the one is
 * given whose sink's side is the smallest: the nodes from which the sink can be reached in the residual network.
 *
 * Cheapest: augmenting along cheapest residual paths keeps a flow the cheapest of its value, so the cost of the k-th unit
 * never falls; Dijkstra's algorithm finds them, on costs made non-negative by node potentials, and all paths of equal cost
 * are filled at once. Source: Edmonds and Karp (1972), Theoretical Improvements in Algorithmic Efficiency for Network Flow
 * Problems, Journal of the ACM 19:248-264.
 */
#ifndef JINZAI_MODEL_FLOW_H
#define JINZAI_MODEL_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stop.h"

struct flow;

enum { FLOW_NODES_MAX = 1 << 26, FLOW_EDGES_MAX = 1 << 28 };
#define FLOW_CAPACITY_MAX (INT64_C(1) << 50)

/* A network of that many nodes and no edges, or NULL where there is no memory or no such number. The caller frees it. */
struct flow *flow_create(int nodes);

void flow_free(struct flow *flow);

/* Adds an edge with cost 0 or more a unit. Returns its number, from 0, in the order of adding; or -1 where an argument is
 * out of bounds or there is no memory. */
int flow_add(struct flow *flow, int from, int to, int64_t capacity, int cost);

/* Raises the flow from source to sink to the maximum over the edges of cost 0. Returns its value, or a MODEL_ error. */
int64_t flow_maximum(struct flow *flow, int source, int sink, const struct stop *stop);

/* Raises the flow further by the cheapest paths, all those of one cost (*cost) at once and at most `most` units. To be
 * called after flow_maximum, again and again. Returns by how much it rose, 0 where it cannot, or a MODEL_ error. */
int64_t flow_cheapest(struct flow *flow, int source, int sink, int64_t most, int64_t *cost, const struct stop *stop);

/* The flow on an edge. */
int64_t flow_on(const struct flow *flow, int edge);

/* Sets side[n] for each node n from which the sink can be reached over residual edges of cost 0: the sink's side of the
 * minimum cut that is nearest to the sink. Returns 0 or MODEL_MEMORY. */
int flow_cut(const struct flow *flow, int sink, bool side[]);

#endif
