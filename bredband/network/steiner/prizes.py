"""Trees that choose what to collect: prizes given up against trench dug.

The heuristics work on vertex masks that hold the root; the tree of a mask is its cheapest
spanning tree without idle leaves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.dualascent import along_paid, dual_ascent, entering_arcs
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net, make_net
from bredband.network.steiner.heap import pop, push
from bredband.network.steiner.mehlhorn import polish, repeated_shortest_paths
from bredband.network.steiner.rooted import Rooted, root_tree, tree_vertices


class PricedAscent(NamedTuple):
    """Hold a dual ascent over optional vertices: the bound and where its prices lead.

    ``guide`` is a length per edge that is short where the price is paid, ``worthwhile`` marks
    vertices whose prize was not used up. ``cuts`` are where each cut raised starts, its arcs in
    the net, and the vertex that it is raised for.
    """

    bound: float
    guide: FloatArray
    worthwhile: BoolArray
    cuts: tuple[IntArray, IntArray, IntArray]


def priced_ascent(net: Net, root: int, prize: FloatArray, room: int = 0) -> PricedAscent:
    """Bound the cost of trench plus prizes given up, from below.

    Each prize vertex gets a terminal of its own that is reached from the vertex for nothing or
    straight from the root for the prize, and the ascent runs on that (Ljubić et al. 2006,
    Mathematical Programming 105).
    """
    n = net.start.size - 1
    optional = np.flatnonzero(prize > 0)
    optional = optional[optional != root]
    own = n + np.arange(optional.size)
    m = net.tail.size
    tail = np.concatenate([net.tail, optional, np.full(optional.size, root)])
    head = np.concatenate([net.head, own, own])
    weight = np.concatenate([net.weight, np.zeros(optional.size), prize[optional]])
    wide = make_net(n + optional.size, tail, head, weight)
    unpaid = np.repeat(weight, 2)
    unpaid[2 * m + 1 :: 2] = np.inf
    entering = entering_arcs(wide)
    open_way = np.isfinite(unpaid[entering])
    start = np.concatenate([[0], np.cumsum(open_way)])[wide.start]
    bound, starts, members = dual_ascent(
        start, wide.vertex[open_way], entering[open_way], unpaid, own, root, room
    )
    # every cut holds one own terminal: its arc from the root names the vertex
    which = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    straight = members >= 2 * (m + optional.size)
    owners = np.zeros(starts.size - 1, dtype=np.int64)
    owners[which[straight]] = optional[(members[straight] - 2 * (m + optional.size)) // 2]
    within = members < 2 * m
    width = np.bincount(which[within], minlength=owners.size)
    cut_starts = np.concatenate([[0], np.cumsum(width[width > 0])])
    cuts = (cut_starts, members[within], owners[width > 0])
    worthwhile = np.zeros(n, dtype=np.bool_)
    worthwhile[optional] = unpaid[2 * (m + optional.size) :: 2] > 0.0
    return PricedAscent(bound, along_paid(net, unpaid), worthwhile, cuts)


def grow_tree(net: Net, root: int, wanted: BoolArray, guide: FloatArray | None = None) -> BoolArray:
    """Join the wanted vertices to the root along a guide; return the tree's edges."""
    terminals = np.union1d(np.flatnonzero(wanted), [root])
    return repeated_shortest_paths(net, terminals, root, guide)


def prune_by_price(net: Net, root: int, tree: BoolArray, prize: FloatArray) -> BoolArray:
    """Cut off every branch that costs more than its prizes; return the vertices left.

    Exact for a given tree (Johnson, Minkoff and Phillips 2000, "strong pruning").
    """
    return keep_branches(net, root_tree(net, tree, root), prize)


@kernel
def keep_branches(net: Net, rooted: Rooted, prize: FloatArray) -> BoolArray:
    """Keep the branches that pay for themselves, from the root outwards."""
    gain = prize.copy()
    keep = np.zeros(gain.size, np.bool_)
    for j in range(rooted.order.size - 1, 0, -1):
        v = rooted.order[j]
        net_gain = gain[v] - net.weight[rooted.parent_edge[v]]
        if net_gain > 0.0:
            gain[rooted.parent[v]] += net_gain
            keep[v] = True
    keep[rooted.order[0]] = True
    for v in rooted.order[1:]:
        keep[v] = keep[v] and keep[rooted.parent[v]]
    return keep


def trim_to_budget(
    net: Net, root: int, tree: BoolArray, prize: FloatArray, budget: float
) -> BoolArray:
    """Find the part of a tree that pays best within the budget.

    The price per unit of prize is found by bisection; the part is the best one for its own
    cost, but some of the budget may be left.
    """
    rooted = root_tree(net, tree, root)
    low, high = 0.0, 1.0
    best = np.zeros(prize.size, dtype=np.bool_)
    best[root] = True
    whole = keep_branches(net, rooted, np.full(prize.size, np.inf))
    if branch_cost(net, rooted, whole) <= budget:
        return whole
    while branch_cost(net, rooted, keep_branches(net, rooted, high * prize)) <= budget:
        high *= 4.0
    for _ in range(40):
        price = 0.5 * (low + high)
        kept = keep_branches(net, rooted, price * prize)
        if branch_cost(net, rooted, kept) <= budget:
            low, best = price, kept
        else:
            high = price
    return best


def branch_cost(net: Net, rooted: Rooted, kept: BoolArray) -> float:
    """Sum the edges above the kept vertices."""
    inner = rooted.order[1:]
    return float(net.weight[rooted.parent_edge[inner[kept[inner]]]].sum())


@kernel
def extend(  # noqa: PLR0915  one loop over shared scratch, compiled
    net: Net, inside: BoolArray, prize: FloatArray, left: float, least_ratio: float
) -> BoolArray:
    """Extend a vertex set by the way out that gives most prize for its length, again and again.

    Stops when no way fits into what is ``left`` to spend, or gives more than ``least_ratio``.
    """
    n = inside.size
    taken = inside.copy()
    far = np.full(n, np.inf)
    back = np.full(n, -1, np.int64)
    gain = np.zeros(n)
    keys = np.empty(net.vertex.size + n + 16)
    items = np.empty(net.vertex.size + n + 16, np.int64)
    reached = np.empty(n, np.int64)
    listed = np.zeros(n, np.bool_)
    n_reached = 0
    size = 0
    for v in range(n):
        if taken[v]:
            far[v] = 0.0
            size = push(keys, items, size, 0.0, v)
    while True:
        while size > 0:
            size = pop(keys, items, size)
            v = items[size]
            if keys[size] > far[v]:
                continue
            if not listed[v] and not taken[v]:
                listed[v] = True
                reached[n_reached] = v
                n_reached += 1
            for i in range(net.start[v], net.start[v + 1]):
                u = net.vertex[i]
                reach = far[v] + net.weight[net.edge[i]]
                if reach <= left and reach < far[u]:
                    far[u] = reach
                    back[u] = v
                    gain[u] = gain[v] + prize[u]
                    if size + 1 >= keys.size:
                        keys = np.concatenate((keys, np.empty(keys.size)))
                        items = np.concatenate((items, np.empty(items.size, np.int64)))
                    size = push(keys, items, size, reach, u)
        best = -1
        best_ratio = least_ratio
        kept = 0
        for k in range(n_reached):
            v = reached[k]
            if taken[v]:
                continue
            reached[kept] = v
            kept += 1
            if far[v] <= left and prize[v] > 0.0:
                ratio = gain[v] / (far[v] + 1e-12)
                if ratio > best_ratio:
                    best_ratio = ratio
                    best = v
        n_reached = kept
        if best < 0:
            return taken
        left -= far[best]
        v = best
        while not taken[v]:
            taken[v] = True
            far[v] = 0.0
            gain[v] = 0.0
            size = push(keys, items, size, 0.0, v)
            v = back[v]


def spanning_tree(net: Net, inside: BoolArray, prize: FloatArray, root: int) -> BoolArray:
    """Span a vertex set by its cheapest tree without idle leaves; return the edges."""
    collected = np.flatnonzero(inside & (prize > 0))
    return polish(net, inside, np.union1d(collected, [root]))


def touched(net: Net, tree: BoolArray, root: int) -> BoolArray:
    """Mark the vertices of a tree, the root among them."""
    inside = tree_vertices(net, tree)
    inside[root] = True
    return inside
