"""One search for the cheapest tree: reduce, build, improve, bound, and cut."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from bredband.network.steiner.cuts import CutProblem, along_shares, cut_rounds
from bredband.network.steiner.dualascent import along_paid, dual_ascent, entering_arcs, least_use
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net
from bredband.network.steiner.heap import label_components
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.mehlhorn import mehlhorn_tree, repeated_shortest_paths
from bredband.network.steiner.reductions import Reduced, select, simplify

MOST_ROUNDS = 4
"""Rounds of reducing and bounding, as long as each takes a tenth of the edges away."""

ROOTS = 3
"""Dual ascents a round, each from another terminal; an edge goes when any of them rules it out."""

MOST_CUT_EDGES = 4000
"""Largest reduced graph, in edges, whose gap directed cuts are to close."""

MOST_CUT_ARCS = 2_000_000
"""Most arcs in the cuts of an ascent that the linear programme begins with."""

PATIENCE = 20
"""Rounds of cuts that together must take one per cent off the gap; else the cuts are stuck."""


@dataclass(frozen=True)
class Effort:
    """Hold when to stop, and the source of random choices."""

    deadline: float
    random: np.random.Generator


@dataclass(frozen=True)
class Best:
    """Hold the best tree so far, as edges of the original graph, and the best bound."""

    edges: IntArray
    value: float
    bound: float


@dataclass(frozen=True)
class Open:
    """Hold what a search left open: the reduced graph, and each arc's share in its last cuts."""

    reduced: Reduced
    arc_share: FloatArray


def search(best: Best, reduced: Reduced, effort: Effort) -> tuple[Best, Open | None]:
    """Reduce, build and bound in rounds; end with directed cuts where size allows.

    Returns
    -------
    The best tree known, with a bound on every tree of this graph that is better, and what is
    open when the cuts have brought the bound as far as they can.
    """
    size = np.inf
    for turn in range(MOST_ROUNDS):
        if not is_joined(reduced):
            return replace(best, bound=best.value), None
        reduced = simplify(reduced)
        if reduced.terminals.size < 2 or reduced.tail.size == 0:
            best = with_tree(best, reduced, np.zeros(reduced.tail.size, dtype=np.bool_))
            return replace(best, bound=best.value), None
        if turn == 0:
            # whatever the time limit, there is a tree and, from the ascent, a bound
            best = with_tree(best, reduced, mehlhorn_tree(reduced.net(), reduced.terminals))
        elif is_done(best, effort) or reduced.tail.size > 0.9 * size:
            break
        size = reduced.tail.size
        best, reduced = ascend(best, reduced, effort)
    if is_done(best, effort) or reduced.tail.size > MOST_CUT_EDGES:
        return best, None
    if not is_joined(reduced):
        return replace(best, bound=best.value), None
    return cut(best, reduced, effort)


def is_joined(reduced: Reduced) -> bool:
    """Tell whether some tree is left; where only better trees were kept, there may be none."""
    label = label_components(reduced.n_vertices, reduced.tail, reduced.head)
    return bool((label[reduced.terminals] == label[reduced.terminals[:1]]).all())


def is_done(best: Best, effort: Effort) -> bool:
    """Tell whether the gap is closed or the time is up."""
    return best.value <= best.bound or time.thread_time() > effort.deadline


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
        tree = repeated_shortest_paths(net, terminals, root, along_paid(net, unpaid))
        best = improve(best, reduced, net, tree, effort)
        if is_done(best, effort):
            break
    useless = np.zeros(net.tail.size, dtype=np.bool_)
    for bound, use in zip(bounds, uses, strict=True):
        useless |= use >= (best.value - bound) * (1 + 1e-9) + 1e-12 * best.value
    return best, select(reduced, ~useless)


def cut(best: Best, reduced: Reduced, effort: Effort) -> tuple[Best, Open | None]:
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
    left = None
    for point in cut_rounds(problem, effort.deadline, (starts, members, owners)):
        best = with_bound(best, reduced.fixed_value + point.bound)
        guide = along_shares(net, point.arc_share)
        tree = repeated_shortest_paths(net, terminals, root, guide)
        best = improve(best, reduced, net, tree, effort)
        left = Open(reduced, point.arc_share)
        # its own bound: in a branch the cuts start below what is known of the whole
        gaps.append(best.value - reduced.fixed_value - point.bound)
        stuck = len(gaps) > PATIENCE and gaps[-1] > 0.99 * gaps[-1 - PATIENCE]
        if is_done(best, effort) or stuck:
            break
    return best, None if is_done(best, effort) else left
