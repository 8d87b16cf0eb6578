"""The cheapest tree: reduce, build, improve, and prove how far from best."""

from __future__ import annotations

import time

import numpy as np

from bredband.network.steiner.check import require_connected, tree_value
from bredband.network.steiner.cuts import CutProblem, cut_rounds
from bredband.network.steiner.dualascent import dual_ascent, entering_arcs, least_use
from bredband.network.steiner.graph import BoolArray, Graph, IntArray, Net, Status, Tree
from bredband.network.steiner.heap import label_components, prune, spanning
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
    began = time.perf_counter()
    terminals = np.unique(np.asarray(terminals, dtype=np.int64))
    roots = np.unique(np.asarray([] if roots is None else roots, dtype=np.int64))
    require_connected(graph, terminals, roots)
    tail, head, must = merge_roots(graph, terminals, roots)
    reduced = unreduced(graph.n_vertices, tail, head, graph.weight, must)
    label = label_components(graph.n_vertices, tail, head)
    reduced = select(reduced, np.isin(label[tail], label[must[:1]]))
    search = Search(reduced, began + seconds, target_gap_share, np.random.default_rng(seed))
    search.run()
    edges = span(graph, tail, head, must, search.edges)
    value = tree_value(graph, edges, terminals, roots)
    late = time.perf_counter() > began + seconds
    return make_tree(edges, value, search.bound, began, late)


class Search:
    """Hold the best tree and the best bound while a graph shrinks between the two."""

    def __init__(
        self,
        reduced: Reduced,
        deadline: float,
        target_gap_share: float,
        random: np.random.Generator,
    ) -> None:
        self.reduced = reduced
        self.deadline = deadline
        self.target_gap_share = target_gap_share
        self.random = random
        self.value = np.inf
        self.bound = 0.0
        self.edges = np.zeros(0, dtype=np.int64)

    def run(self) -> None:
        """Reduce, build and bound in rounds; end with directed cuts where size allows."""
        size = np.inf
        for turn in range(MOST_ROUNDS):
            self.reduced = simplify(self.reduced)
            net = self.reduced.net()
            if self.reduced.terminals.size < 2:
                self.offer(np.zeros(0, dtype=np.int64))
                self.bound = self.value
            if self.is_done() or net.tail.size > 0.9 * size:
                break
            size = net.tail.size
            if turn == 0:
                self.improve(net, mehlhorn_tree(net, self.reduced.terminals))
            self.ascend(net)
        if not self.is_done() and self.reduced.tail.size <= MOST_CUT_EDGES:
            self.cut()

    def is_done(self) -> bool:
        """Tell whether the gap is small enough or the time is up."""
        small = self.value - self.bound <= self.target_gap_share * self.value
        return small or time.perf_counter() > self.deadline

    def improve(self, net: Net, tree: BoolArray) -> None:
        """Search around a tree and keep the result if it is the best so far."""
        tree = local_search(net, self.reduced.terminals, tree, self.deadline)
        self.offer(np.flatnonzero(tree))

    def offer(self, chosen: IntArray) -> None:
        """Keep a tree of the reduced graph if it is the best so far."""
        value = self.reduced.fixed_value + float(self.reduced.weight[chosen].sum())
        if value < self.value:
            self.value = value
            self.edges = self.reduced.expand(chosen)

    def raise_bound(self, bound: float) -> None:
        """Keep a better bound; what is cut away cannot be better than the best tree."""
        self.bound = max(self.bound, min(self.value, bound))

    def ascend(self, net: Net) -> None:
        """Run the dual ascent from a few roots, follow its prices, drop what they rule out."""
        terminals = self.reduced.terminals
        entering = entering_arcs(net)
        roots = self.random.choice(terminals, min(ROOTS, terminals.size), replace=False)
        uses, bounds = [], []
        for root in roots:
            unpaid = np.repeat(net.weight, 2)
            raised, _, _ = dual_ascent(
                net.start, net.vertex, entering, unpaid, terminals, root, 0
            )
            bounds.append(self.reduced.fixed_value + raised)
            uses.append(least_use(net, entering, unpaid, terminals, root))
            self.raise_bound(bounds[-1])
            paid = np.minimum(unpaid[0::2], unpaid[1::2]) == 0.0
            guide = np.where(paid, net.weight, UNPAID_FACTOR * net.weight)
            self.improve(net, repeated_shortest_paths(net, terminals, root, guide))
            if self.is_done():
                return
        useless = np.zeros(net.tail.size, dtype=np.bool_)
        for use, bound in zip(uses, bounds, strict=True):
            useless |= use >= (self.value - bound) * (1 + 1e-9) + 1e-12 * self.value
        self.reduced = select(self.reduced, ~useless)

    def cut(self) -> None:
        """Close the gap with directed cuts, as long as they bring it down."""
        reduced, net = self.reduced, self.reduced.net()
        root = int(reduced.terminals[0])
        entering = entering_arcs(net)
        unpaid = np.repeat(net.weight, 2)
        _, *cuts = dual_ascent(
            net.start, net.vertex, entering, unpaid, reduced.terminals, root, MOST_CUT_ARCS
        )
        required = np.zeros(reduced.n_vertices, dtype=np.bool_)
        required[reduced.terminals] = True
        problem = CutProblem(net, entering, root, required, np.zeros(reduced.n_vertices))
        gaps = []
        for point in cut_rounds(problem, self.deadline, (cuts[0], cuts[1])):
            self.raise_bound(reduced.fixed_value + point.bound)
            share = np.maximum(point.arc_share[0::2], point.arc_share[1::2])
            guide = net.weight * (1.0 + 1e-4 - share)
            self.improve(net, repeated_shortest_paths(net, reduced.terminals, root, guide))
            gaps.append(self.value - self.bound)
            stuck = len(gaps) > PATIENCE and gaps[-1] > 0.99 * gaps[-1 - PATIENCE]
            if self.is_done() or stuck:
                return


def span(
    graph: Graph, tail: IntArray, head: IntArray, must: IntArray, edges: IntArray
) -> IntArray:
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
    """State a result: the bound never passes the value, and only a closed gap is optimal."""
    bound = min(bound, value)
    gap_share = (value - bound) / value if value > 0 else 0.0
    status: Status = "time_limit" if late else "feasible"
    if gap_share <= OPTIMAL_GAP_SHARE:
        status = "optimal"
    return Tree(np.sort(edges), value, bound, gap_share, time.perf_counter() - began, status)
