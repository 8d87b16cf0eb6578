"""The cheapest tree: reduce, build, improve, and prove how far from best."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from bredband.network.steiner.check import require_connected, tree_value
from bredband.network.steiner.cuts import CutProblem, cut_rounds
from bredband.network.steiner.dualascent import dual_ascent, entering_arcs, least_use
from bredband.network.steiner.graph import BoolArray, Graph, IntArray, Net, Status, Tree
from bredband.network.steiner.heap import label_components, prune, spanning
from bredband.network.steiner.kernels import load_kernels
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.mehlhorn import mehlhorn_tree, repeated_shortest_paths
from bredband.network.steiner.reductions import Reduced, select, simplify, unreduced

OPTIMAL_GAP_SHARE = 1e-9
MOST_ROUNDS = 4
ROOTS = 3
UNPAID_FACTOR = 100.0
MOST_CUT_EDGES = 4000
MOST_CUT_ARCS = 2_000_000
PATIENCE = 20


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
    load_kernels()
    began = time.perf_counter()
    terminals = np.unique(np.asarray(terminals, dtype=np.int64))
    roots = np.unique(np.asarray([] if roots is None else roots, dtype=np.int64))
    require_connected(graph, terminals, roots)
    tail, head, must = merge_roots(graph, terminals, roots)
    reduced = unreduced(graph.n_vertices, tail, head, graph.weight, must)
    label = label_components(graph.n_vertices, tail, head)
    reduced = select(reduced, np.isin(label[tail], label[must[:1]]))
    effort = Effort(began + seconds, target_gap_share, np.random.default_rng(seed))
    best = search(reduced, effort)
    edges = span(graph, tail, head, must, best.edges)
    value = tree_value(graph, edges, terminals, roots)
    late = time.perf_counter() > began + seconds
    return make_tree(edges, value, min(best.bound, value), began, late)


@dataclass(frozen=True)
class Effort:
    """Hold when to stop, at which gap, and the source of random choices."""

    deadline: float
    target_gap_share: float
    random: np.random.Generator


@dataclass(frozen=True)
class Best:
    """Hold the best tree so far, as edges of the original graph, and the best bound."""

    edges: IntArray
    value: float
    bound: float


def search(reduced: Reduced, effort: Effort) -> Best:
    """Reduce, build and bound in rounds; end with directed cuts where size allows."""
    best = Best(np.zeros(0, dtype=np.int64), np.inf, 0.0)
    size = np.inf
    for turn in range(MOST_ROUNDS):
        reduced = simplify(reduced)
        if reduced.terminals.size < 2 or reduced.tail.size == 0:
            best = with_tree(best, reduced, np.zeros(reduced.tail.size, dtype=np.bool_))
            return replace(best, bound=best.value)
        if turn == 0:
            # whatever the time limit, there is a tree and, from the ascent, a bound
            best = with_tree(best, reduced, mehlhorn_tree(reduced.net(), reduced.terminals))
        elif is_done(best, effort) or reduced.tail.size > 0.9 * size:
            break
        size = reduced.tail.size
        best, reduced = ascend(best, reduced, effort)
    if not is_done(best, effort) and reduced.tail.size <= MOST_CUT_EDGES:
        best = cut(best, reduced, effort)
    return best


def is_done(best: Best, effort: Effort) -> bool:
    """Tell whether the gap is small enough or the time is up."""
    small = best.value - best.bound <= effort.target_gap_share * best.value
    return small or time.perf_counter() > effort.deadline


def improve(best: Best, reduced: Reduced, net: Net, tree: BoolArray, effort: Effort) -> Best:
    """Search around a tree and keep the result if it is the best so far."""
    tree = local_search(net, reduced.terminals, tree, effort.deadline)
    return with_tree(best, reduced, tree)


def with_tree(best: Best, reduced: Reduced, tree: BoolArray) -> Best:
    """Keep a tree of the reduced graph if it is the best so far."""
    value = reduced.fixed_value + float(reduced.weight[tree].sum())
    if value >= best.value:
        return best
    return replace(best, edges=reduced.expand(np.flatnonzero(tree)), value=value)


def with_bound(best: Best, bound: float) -> Best:
    """Keep a better bound; what has been cut away cannot be better than the best tree."""
    return replace(best, bound=max(best.bound, min(best.value, bound)))


def ascend(best: Best, reduced: Reduced, effort: Effort) -> tuple[Best, Reduced]:
    """Run the dual ascent from a few roots, follow its prices, drop what they rule out."""
    net, terminals = reduced.net(), reduced.terminals
    entering = entering_arcs(net)
    bounds, uses = [], []
    for root in effort.random.choice(terminals, min(ROOTS, terminals.size), replace=False):
        unpaid = np.repeat(net.weight, 2)
        raised, _, _ = dual_ascent(net.start, net.vertex, entering, unpaid, terminals, root, 0)
        bounds.append(reduced.fixed_value + raised)
        uses.append(least_use(net, entering, unpaid, terminals, root))
        best = with_bound(best, bounds[-1])
        paid = np.minimum(unpaid[0::2], unpaid[1::2]) == 0.0
        guide = np.where(paid, net.weight, UNPAID_FACTOR * net.weight)
        tree = repeated_shortest_paths(net, terminals, root, guide)
        best = improve(best, reduced, net, tree, effort)
        if is_done(best, effort):
            break
    useless = np.zeros(net.tail.size, dtype=np.bool_)
    for bound, use in zip(bounds, uses, strict=True):
        useless |= use >= (best.value - bound) * (1 + 1e-9) + 1e-12 * best.value
    return best, select(reduced, ~useless)


def cut(best: Best, reduced: Reduced, effort: Effort) -> Best:
    """Close the gap with directed cuts, as long as they bring it down."""
    net, terminals = reduced.net(), reduced.terminals
    root = int(terminals[0])
    entering = entering_arcs(net)
    unpaid = np.repeat(net.weight, 2)
    _, starts, members = dual_ascent(
        net.start, net.vertex, entering, unpaid, terminals, root, MOST_CUT_ARCS
    )
    owners = np.full(starts.size - 1, terminals[-1])
    required = np.zeros(reduced.n_vertices, dtype=np.bool_)
    required[terminals] = True
    problem = CutProblem(net, entering, root, required, np.zeros(reduced.n_vertices))
    gaps: list[float] = []
    for point in cut_rounds(problem, effort.deadline, (starts, members, owners)):
        best = with_bound(best, reduced.fixed_value + point.bound)
        share = np.maximum(point.arc_share[0::2], point.arc_share[1::2])
        guide = net.weight * (1.0 + 1e-4 - share)
        tree = repeated_shortest_paths(net, terminals, root, guide)
        best = improve(best, reduced, net, tree, effort)
        gaps.append(best.value - best.bound)
        stuck = len(gaps) > PATIENCE and gaps[-1] > 0.99 * gaps[-1 - PATIENCE]
        if is_done(best, effort) or stuck:
            break
    return best


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
    return Tree(np.sort(edges), value, bound, gap_share, time.perf_counter() - began, status)
