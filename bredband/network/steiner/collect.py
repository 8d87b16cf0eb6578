"""Trees that choose what to connect: prize-collecting, and within a budget.

Both run the same way: a quick tree, a dual bound on it, then directed cuts whose every
solution leads to a new tree and a new bound.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bredband.errors import InputError, PlanError
from bredband.network.steiner.check import tree_value
from bredband.network.steiner.cuts import CutPoint, CutProblem, along_shares, cut_rounds
from bredband.network.steiner.dualascent import entering_arcs
from bredband.network.steiner.graph import BoolArray, FloatArray, Graph, IntArray, Net, Tree
from bredband.network.steiner.heap import label_components, prune
from bredband.network.steiner.kernels import load_prize_kernels
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.prizes import (
    extend,
    grow_tree,
    priced_ascent,
    prune_by_price,
    spanning_tree,
    touched,
    trim_to_budget,
)
from bredband.network.steiner.reductions import (
    Reduced,
    drop_parallel,
    join_chains,
    relabel,
    select,
    unreduced,
)
from bredband.network.steiner.tree import OPTIMAL_GAP_SHARE, make_tree, merge_roots

MOST_CUT_EDGES = 20_000
"""Largest reduced graph, in edges, whose gap directed cuts are to close."""

MOST_CUT_ARCS = 1_000_000
"""Most arcs in the cuts of an ascent that the linear programme begins with."""

PRICE_STEPS = 12
"""Halvings of the price of trench before the cuts begin."""

PATIENCE = 10
"""Rounds of cuts that together must move the bound by a millionth; else the cuts are stuck."""

Cuts = tuple[IntArray, IntArray, IntArray]


@dataclass(frozen=True)
class Prospect:
    """Hold the reduced graph of what can be reached, its root and the prize of each vertex.

    ``free`` is the prize at the roots themselves, ``lost`` what no path reaches.
    """

    reduced: Reduced
    net: Net
    root: int
    prize: FloatArray
    free: float
    lost: float


@dataclass(frozen=True)
class Best:
    """Hold the best tree so far (edges of the reduced graph), its value and the best bound."""

    tree: BoolArray
    value: float
    bound: float


def prize_collecting_tree(
    graph: Graph,
    roots: IntArray,
    prize: FloatArray,
    *,
    seconds: float = 60.0,
) -> Tree:
    """Find the tree from the roots whose trench plus prizes given up is least.

    ``value`` and ``bound`` count the weight of the edges and the prizes of all vertices that
    the tree does not touch; the bound is from below.

    Parameters
    ----------
    graph
        The links and what each weighs (kroner, say).
    roots
        Vertices that are lit already, at least one.
    prize
        What it is worth to reach each vertex, in the unit of the weights, shape
        ``(n_vertices,)``.
    seconds
        Time limit for the work of this thread, whatever else the machine does; the best tree so
        far is returned when it has passed.

    Raises
    ------
    InputError
        When the prizes do not fit the graph.
    PlanError
        When there is no root.
    """
    load_prize_kernels()
    began = time.thread_time()
    prospect = prepare(graph, roots, prize)
    net, root, worth = prospect.net, prospect.root, prospect.prize
    total = float(worth.sum())

    def rate(tree: BoolArray) -> float:
        return float(net.weight[tree].sum()) + total - float(worth[touched(net, tree, root)].sum())

    first = priced_ascent(net, root, worth, MOST_CUT_ARCS)
    tree = settle(prospect, grow_tree(net, root, first.worthwhile, first.guide), began + seconds)
    best = Best(tree, rate(tree), first.bound)
    for point in collecting_rounds(prospect, None, first.cuts, began + seconds):
        best = replace(best, bound=max(best.bound, point.bound))
        tree = settle(prospect, follow(prospect, point), began + seconds)
        if rate(tree) < best.value:
            best = replace(best, tree=tree, value=rate(tree))
        if best.value - best.bound <= OPTIMAL_GAP_SHARE * best.value:
            break
    edges = np.sort(prospect.reduced.expand(np.flatnonzero(best.tree)))
    collected = collected_weight(graph, edges, roots, prize)
    value = float(graph.weight[edges].sum()) + float(np.sum(prize)) - collected
    late = time.thread_time() > began + seconds
    bound = min(best.bound + prospect.lost, value)
    return make_tree(edges, value, bound, began, late)


def bound_of_prizes(graph: Graph, roots: IntArray, prize: FloatArray) -> float:
    """Bound from below what trench and the prizes given up cost together; quick, by dual ascent."""
    prospect = prepare(graph, roots, prize)
    if not prospect.net.tail.size:
        return prospect.lost
    return priced_ascent(prospect.net, prospect.root, prospect.prize).bound + prospect.lost


def budget_tree(
    graph: Graph,
    roots: IntArray,
    weight_of_vertex: FloatArray,
    budget: float,
    *,
    seconds: float = 60.0,
) -> Tree:
    """Find the tree from the roots that reaches most within a trench budget.

    Trench is paid once however many share it. ``value`` is the weight of the vertices that the
    tree touches, roots included; ``bound`` is what no tree within the budget can pass.

    Parameters
    ----------
    graph
        The links and what each weighs (kroner, say).
    roots
        Vertices that are lit already, at least one.
    weight_of_vertex
        What each vertex counts (households, say), shape ``(n_vertices,)``.
    budget
        The most that the edges may weigh together, in the unit of the weights.
    seconds
        Time limit for the work of this thread, whatever else the machine does; the best tree so
        far is returned when it has passed.

    Raises
    ------
    InputError
        When the budget is negative, or what the vertices count does not fit the graph.
    PlanError
        When there is no root.
    """
    load_prize_kernels()
    began = time.thread_time()
    if not budget >= 0:
        raise InputError("Budsjettet må være null eller større.")
    prospect = prepare(graph, roots, weight_of_vertex)
    net, root, worth = prospect.net, prospect.root, prospect.prize
    whole = bool(np.all(worth == np.rint(worth)))

    def rate(tree: BoolArray) -> float:
        return float(worth[touched(net, tree, root)].sum())

    def round_down(bound: float) -> float:
        return float(np.floor(bound + 1e-6)) if whole else bound

    tree = spend(prospect, grow_tree(net, root, worth > 0), budget, began + seconds)
    best = Best(tree, rate(tree), float(worth.sum()))
    cuts = None
    for priced in price_rounds(prospect, budget, began + seconds):
        bound, wide, cuts = priced
        tree = spend(prospect, wide, budget, began + seconds)
        best = better(best, tree, rate, round_down(bound))
    for point in collecting_rounds(prospect, budget, cuts, began + seconds):
        tree = spend(prospect, follow(prospect, point), budget, began + seconds)
        best = better(best, tree, rate, round_down(point.bound))
        if best.bound - best.value <= OPTIMAL_GAP_SHARE * best.value:
            break
    edges = np.sort(prospect.reduced.expand(np.flatnonzero(best.tree)))
    value = collected_weight(graph, edges, roots, weight_of_vertex)
    late = time.thread_time() > began + seconds
    bound = max(round_down(best.bound) + prospect.free, value)
    return make_tree(edges, value, bound, began, late)


def prepare(graph: Graph, roots: IntArray, prize: FloatArray) -> Prospect:
    """Merge the roots, keep what they reach, and shorten the graph between the prizes.

    Raises
    ------
    InputError
        When the prizes do not fit the graph.
    PlanError
        When there is no root.
    """
    roots = np.unique(np.asarray(roots, dtype=np.int64))
    prize = np.asarray(prize, dtype=np.float64)
    if prize.shape != (graph.n_vertices,) or not np.all(np.isfinite(prize) & (prize >= 0)):
        raise InputError("Hvert punkt i grafen må ha en verdi som er null eller større.")
    if roots.size == 0:
        raise PlanError("Nettet har ingen rot å starte fra.", advice="Oppgi tent fiber.")
    tail, head, _ = merge_roots(graph, roots[:0], roots)
    label = label_components(graph.n_vertices, tail, head)
    reached = label == label[roots[0]]
    reached[roots] = True
    worth = np.where(reached, prize, 0.0)
    worth[roots] = 0.0
    anchors = np.union1d(np.flatnonzero(worth > 0), roots[:1])
    reduced = unreduced(graph.n_vertices, tail, head, graph.weight, anchors)
    reduced = shorten(select(reduced, reached[tail] & reached[head]))
    value = np.zeros(reduced.n_vertices)
    value[reduced.terminals] = worth[anchors]
    root = int(reduced.terminals[np.searchsorted(anchors, roots[0])])
    lost = float(prize[~reached].sum())
    free = float(prize[roots].sum())
    return Prospect(reduced, reduced.net(), root, value, free, lost)


def shorten(reduced: Reduced) -> Reduced:
    """Drop parallel edges and idle leaves, and join chains, until nothing changes."""
    while True:
        before = reduced.tail.size
        reduced = drop_parallel(reduced)
        terminal = np.zeros(reduced.n_vertices, dtype=np.bool_)
        terminal[reduced.terminals] = True
        every = np.ones(reduced.tail.size, dtype=np.bool_)
        kept = prune(reduced.n_vertices, reduced.tail, reduced.head, every, terminal)
        reduced = join_chains(relabel(select(reduced, kept)))
        if reduced.tail.size == before:
            return reduced


def collecting_rounds(
    prospect: Prospect, budget: float | None, cuts: Cuts | None, deadline: float
) -> Iterator[CutPoint]:
    """Solve the directed-cut programme round by round, where size allows, until it is stuck."""
    net, prize = prospect.net, prospect.prize
    if not 0 < net.tail.size <= MOST_CUT_EDGES:
        return
    required = np.zeros(prize.size, dtype=np.bool_)
    required[prospect.root] = True
    problem = CutProblem(net, entering_arcs(net), prospect.root, required, prize, budget)
    bounds: list[float] = []
    for point in cut_rounds(problem, deadline, cuts):
        yield point
        bounds.append(point.bound)
        if len(bounds) > PATIENCE:
            moved = abs(bounds[-1] - bounds[-1 - PATIENCE])
            if moved <= 1e-6 * abs(bounds[-1]):
                return


def price_rounds(
    prospect: Prospect, budget: float, deadline: float
) -> Iterator[tuple[float, BoolArray, Cuts]]:
    """Bound the budget form by a price on trench; give some prices' bounds, trees and cuts.

    For any worth ``p`` of a unit collected, ``total - (cheapest(p) - budget) / p`` is a valid
    bound (Lagrange); ``p`` is found by bisection.
    """
    net, root, prize = prospect.net, prospect.root, prospect.prize
    total = float(prize.sum())
    if total == 0.0 or net.tail.size == 0:
        return
    low, high = 0.0, 4.0 * float(net.weight.sum()) / total + 1e-9
    for step in range(PRICE_STEPS):
        if time.thread_time() > deadline:
            return
        worth = 0.5 * (low + high)
        priced = priced_ascent(net, root, worth * prize, MOST_CUT_ARCS)
        tree = grow_tree(net, root, priced.worthwhile, priced.guide)
        kept = prune_by_price(net, root, tree, worth * prize)
        cost = float(net.weight[spanning_tree(net, kept, prize, root)].sum())
        bound = total - (priced.bound - budget) / worth
        if step % 4 == 3:
            yield bound, tree, priced.cuts
        low, high = (worth, high) if cost <= budget else (low, worth)


def better(best: Best, tree: BoolArray, rate: Callable[[BoolArray], float], bound: float) -> Best:
    """Keep the tree that collects more and the lower bound."""
    best = replace(best, bound=min(best.bound, bound))
    return replace(best, tree=tree, value=rate(tree)) if rate(tree) > best.value else best


def follow(prospect: Prospect, point: CutPoint) -> BoolArray:
    """Grow a tree along the arcs that a solution of the cut programme uses."""
    wanted = (prospect.prize > 0) & (point.vertex_share > 0.01)
    guide = along_shares(prospect.net, point.arc_share)
    return grow_tree(prospect.net, prospect.root, wanted, guide)


def spend(prospect: Prospect, tree: BoolArray, budget: float, deadline: float) -> BoolArray:
    """Trim a tree to the budget, shorten it, and spend what that frees, while it helps."""
    net, root, prize = prospect.net, prospect.root, prospect.prize
    inside = trim_to_budget(net, root, tree, prize, budget)
    best, most = np.zeros_like(tree), -1.0
    while True:
        tree = shortest(prospect, inside, deadline)
        inside = touched(net, tree, root)
        reached = float(prize[inside].sum())
        if reached <= most:
            return best
        best, most = tree, reached
        left = budget - float(net.weight[tree].sum())
        inside = extend(net, inside, prize, left * (1 - 1e-12), 0.0)


def settle(prospect: Prospect, tree: BoolArray, deadline: float) -> BoolArray:
    """Cut off what does not pay, shorten, and take in what now pays, while it helps."""
    net, root, prize = prospect.net, prospect.root, prospect.prize
    best, least = np.zeros_like(tree), np.inf
    while True:
        tree = shortest(prospect, prune_by_price(net, root, tree, prize), deadline)
        inside = touched(net, tree, root)
        value = float(net.weight[tree].sum()) - float(prize[inside].sum())
        if value >= least - 1e-12 * abs(least):
            return best
        best, least = tree, value
        inside = extend(net, inside, prize, np.inf, 1.0 + 1e-9)
        tree = spanning_tree(net, inside, prize, root)


def shortest(prospect: Prospect, inside: BoolArray, deadline: float) -> BoolArray:
    """Shorten the tree of a vertex set by local search, keeping what it collects."""
    net, root, prize = prospect.net, prospect.root, prospect.prize
    tree = spanning_tree(net, inside, prize, root)
    collected = np.flatnonzero(touched(net, tree, root) & (prize > 0))
    return local_search(net, np.union1d(collected, [root]), tree, deadline)


def collected_weight(graph: Graph, edges: IntArray, roots: IntArray, prize: FloatArray) -> float:
    """Sum what a tree touches, after checking that all of it hangs on a root."""
    roots = np.asarray(roots, dtype=np.int64)
    reached = np.unique(np.concatenate([graph.tail[edges], graph.head[edges], roots]))
    tree_value(graph, edges, reached, roots)
    return float(np.asarray(prize, dtype=np.float64)[reached].sum())
