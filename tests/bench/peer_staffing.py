#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""peer_staffing.py FILE [networkx]: the network that bench_staffing wrote, by scipy's maximum_flow (Dinic, in Cython) or
networkx's (preflow_push, in Python)."""

import sys
import time

import numpy

edges = numpy.loadtxt(sys.argv[1], dtype=numpy.int32)
nodes, edges = int(edges[0, 0]), edges[1:]
begun = time.monotonic()
if "networkx" in sys.argv[2:]:
    import networkx
    graph = networkx.DiGraph()
    graph.add_weighted_edges_from(edges.tolist(), weight="capacity")
    built = time.monotonic()
    value = networkx.maximum_flow_value(graph, 0, 1)
else:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_flow
    graph = csr_matrix((edges[:, 2], (edges[:, 0], edges[:, 1])), shape=(nodes, nodes))
    built = time.monotonic()
    value = maximum_flow(graph, 0, 1).flow_value
print(f"{len(edges)} edges: filled {value}; building {built - begun:.3f} s, flow {time.monotonic() - built:.3f} s")
