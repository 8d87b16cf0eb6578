"""The cheapest tree: reduce, build, improve, and prove how far from best."""

from __future__ import annotations

import time

import numpy as np

from bredband.network.steiner.branch import branch
from bredband.network.steiner.check import require_connected, tree_value
from bredband.network.steiner.graph import Graph, IntArray, Status, Tree
from bredband.network.steiner.heap import label_components, prune, spanning
from bredband.network.steiner.kernels import load_kernels
from bredband.network.steiner.reductions import select, unreduced
from bredband.network.steiner.search import Best, Effort, search

OPTIMAL_GAP_SHARE = 1e-9


def steiner_tree(
    graph: Graph,
    terminals: IntArray,
    *,
    roots: IntArray | None = None,
    seconds: float = 60.0,
    seed: int = 0,
) -> Tree:
    """Find the cheapest tree that joins all terminals, and a proven bound on the best.

    With several ``roots`` the result is a forest in which each terminal hangs on one of them:
    the roots count as joined already. The answer does not depend on the number of threads,
    nor on the time unless ``status`` is ``"time_limit"``.

    Parameters
    ----------
    graph
        The links and what each weighs (kroner, say).
    terminals
        Vertices to join.
    roots
        Vertices that are lit already; without them the terminals are joined to each other.
    seconds
        Time limit for the work of this thread, whatever else the machine does; the best tree so
        far is returned when it has passed.
    seed
        Seed of the search's random choices.

    Raises
    ------
    PlanError
        When a terminal cannot be reached.
    """
    load_kernels()
    began = time.thread_time()
    terminals = np.unique(np.asarray(terminals, dtype=np.int64))
    roots = np.unique(np.asarray([] if roots is None else roots, dtype=np.int64))
    require_connected(graph, terminals, roots)
    tail, head, must = merge_roots(graph, terminals, roots)
    reduced = unreduced(graph.n_vertices, tail, head, graph.weight, must)
    label = label_components(graph.n_vertices, tail, head)
    reduced = select(reduced, np.isin(label[tail], label[must[:1]]))
    effort = Effort(began + seconds, np.random.default_rng(seed))
    best, left = search(Best(np.zeros(0, dtype=np.int64), np.inf, 0.0), reduced, effort)
    if left is not None:
        best = branch(best, left, effort)
    edges = span(graph, tail, head, must, best.edges)
    value = tree_value(graph, edges, terminals, roots)
    late = time.thread_time() > began + seconds
    return make_tree(edges, value, min(best.bound, value), began, late)


def span(graph: Graph, tail: IntArray, head: IntArray, must: IntArray, edges: IntArray) -> IntArray:
    """Span the given edges by their cheapest tree and cut off idle leaves."""
    order = np.argsort(graph.weight[edges], kind="stable")
    terminal = np.zeros(graph.n_vertices, dtype=np.bool_)
    terminal[must] = True
    taken = spanning(graph.n_vertices, tail[edges], head[edges], order)
    return edges[prune(graph.n_vertices, tail[edges], head[edges], taken, terminal)]


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
    """State a result; only a closed gap is optimal, whatever ended the search."""
    larger = max(value, bound)
    gap_share = abs(value - bound) / larger if larger > 0 else 0.0
    status: Status = "time_limit" if late else "feasible"
    if gap_share <= OPTIMAL_GAP_SHARE:
        status = "optimal"
    return Tree(np.sort(edges), value, bound, gap_share, time.thread_time() - began, status)
