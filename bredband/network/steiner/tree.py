"""The cheapest tree: reduce, build, improve, and prove how far from best."""

from __future__ import annotations

import time

import numpy as np

from bredband.network.steiner.check import require_connected, tree_value
from bredband.network.steiner.dualascent import dual_ascent, entering_arcs
from bredband.network.steiner.graph import Graph, IntArray, Status, Tree, make_net
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.mehlhorn import mehlhorn_tree

OPTIMAL_GAP_SHARE = 1e-9


def steiner_tree(
    graph: Graph,
    terminals: IntArray,
    *,
    roots: IntArray | None = None,
    seconds: float = 60.0,
    seed: int = 0,
    target_gap_share: float = 0.0,
) -> Tree:
    """Find the cheapest tree that joins all terminals, and a proven bound on the best.

    With several ``roots`` the result is a forest in which each terminal hangs on one of them:
    the roots count as joined already. The answer does not depend on the number of threads,
    nor on the clock unless ``status`` is ``"time_limit"``.

    Parameters
    ----------
    terminals
        Vertices to join.
    roots
        Vertices that are lit already; without them the terminals are joined to each other.
    seconds
        Time limit; the best tree so far is returned when it has passed.
    seed
        Seed of the search's random choices.
    target_gap_share
        Stop as soon as the gap is proven to be this small.

    Raises
    ------
    PlanError
        When a terminal cannot be reached.
    """
    began = time.perf_counter()
    deadline = began + seconds
    terminals = np.unique(np.asarray(terminals, dtype=np.int64))
    roots = np.unique(np.asarray([] if roots is None else roots, dtype=np.int64))
    require_connected(graph, terminals, roots)
    tail, head, must = merge_roots(graph, terminals, roots)
    net = make_net(graph.n_vertices, tail, head, graph.weight)
    if must.size > 1:
        tree = mehlhorn_tree(net, must)
        tree = local_search(net, must, tree, deadline)
        unpaid = np.repeat(graph.weight, 2)
        bound = dual_ascent(
            net.start, net.vertex, entering_arcs(net), unpaid, must, int(must[0])
        )
        edges = np.flatnonzero(tree)
    else:
        edges, bound = np.zeros(0, dtype=np.int64), 0.0
    value = tree_value(graph, edges, terminals, roots)
    return make_tree(edges, value, bound, began, time.perf_counter() > deadline)


def merge_roots(
    graph: Graph, terminals: IntArray, roots: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Make all roots one vertex; return tails, heads and the vertices to join, that one first."""
    if roots.size == 0:
        return graph.tail, graph.head, terminals
    place = np.arange(graph.n_vertices)
    place[roots] = roots[0]
    must = np.setdiff1d(place[terminals], roots[:1])
    return place[graph.tail], place[graph.head], np.concatenate([roots[:1], must])


def make_tree(edges: IntArray, value: float, bound: float, began: float, late: bool) -> Tree:
    """State a result: the bound never passes the value, and only a closed gap is optimal."""
    bound = min(bound, value)
    gap_share = (value - bound) / value if value > 0 else 0.0
    status: Status = "time_limit" if late else "feasible"
    if gap_share <= OPTIMAL_GAP_SHARE:
        status = "optimal"
    return Tree(np.sort(edges), value, bound, gap_share, time.perf_counter() - began, status)
