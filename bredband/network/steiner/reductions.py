"""Smaller graphs with the same cheapest tree: leaves, chains, parallel and long edges.

The tests are those of Duin and Volgenant (1989, Networks 19). Every edge of a reduced graph
stands for one or more edges of the original, so that a tree can be carried back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net, make_net
from bredband.network.steiner.heap import merge, regions, spanning


@dataclass(frozen=True)
class Reduced:
    """Hold a reduced graph and how it stands for the original.

    Reduced edge ``i`` stands for the original edges ``parts[part_start[i]:part_start[i + 1]]``.
    ``fixed`` are original edges of some cheapest tree, ``fixed_value`` is their sum.
    """

    n_vertices: int
    tail: IntArray
    head: IntArray
    weight: FloatArray
    terminals: IntArray
    part_start: IntArray
    parts: IntArray
    fixed: IntArray
    fixed_value: float

    def net(self) -> Net:
        """Return the reduced graph ready for walking."""
        return make_net(self.n_vertices, self.tail, self.head, self.weight)

    def expand(self, chosen: IntArray) -> IntArray:
        """Return the original edges that reduced edges and the fixed ones stand for."""
        return np.concatenate([self.fixed, take_parts(self.part_start, self.parts, chosen)])


def unreduced(
    n_vertices: int, tail: IntArray, head: IntArray, weight: FloatArray, terminals: IntArray
) -> Reduced:
    """Wrap a graph that stands for itself."""
    every = np.arange(tail.size + 1)
    none = np.zeros(0, dtype=np.int64)
    return Reduced(n_vertices, tail, head, weight, terminals, every, every[:-1], none, 0.0)


def take_parts(part_start: IntArray, parts: IntArray, chosen: IntArray) -> IntArray:
    """Concatenate the parts of the chosen edges, in their order."""
    length = part_start[chosen + 1] - part_start[chosen]
    skip = np.repeat(part_start[chosen] - np.cumsum(length) + length, length)
    return np.asarray(parts[skip + np.arange(skip.size)], dtype=np.int64)


def simplify(reduced: Reduced) -> Reduced:
    """Apply the tests in turn until the graph no longer shrinks noticeably."""
    reduced = contract(reduced, np.flatnonzero(reduced.weight == 0.0))
    while True:
        before = reduced.tail.size
        reduced = drop_parallel(reduced)
        reduced = cut_leaves(reduced)
        reduced = contract(reduced, shortest_terminal_links(reduced))
        reduced = join_chains(drop_long(drop_parallel(reduced)))
        if reduced.tail.size >= 0.99 * before:
            return drop_parallel(reduced)


def select(reduced: Reduced, kept: BoolArray | IntArray) -> Reduced:
    """Keep only some edges."""
    chosen: IntArray = np.arange(reduced.tail.size)[kept]
    length = reduced.part_start[chosen + 1] - reduced.part_start[chosen]
    return replace(
        reduced,
        tail=reduced.tail[chosen],
        head=reduced.head[chosen],
        weight=reduced.weight[chosen],
        part_start=np.concatenate([[0], np.cumsum(length)]),
        parts=take_parts(reduced.part_start, reduced.parts, chosen),
    )


def contract(reduced: Reduced, edges: IntArray) -> Reduced:
    """Fix edges that some cheapest tree holds, and make their ends one vertex."""
    if edges.size == 0:
        return reduced
    n = reduced.n_vertices
    order = np.argsort(reduced.weight[edges], kind="stable")
    taken = edges[spanning(n, reduced.tail[edges], reduced.head[edges], order)]
    place = merge(n, reduced.tail[taken], reduced.head[taken])
    tail, head = place[reduced.tail], place[reduced.head]
    fixed = replace(
        reduced,
        tail=tail,
        head=head,
        terminals=np.unique(place[reduced.terminals]),
        fixed=reduced.expand(taken),
        fixed_value=reduced.fixed_value + float(reduced.weight[taken].sum()),
    )
    return relabel(select(fixed, tail != head))


def relabel(reduced: Reduced) -> Reduced:
    """Give the vertices still in use new numbers, in their old order."""
    used = np.zeros(reduced.n_vertices, dtype=np.bool_)
    used[reduced.tail] = True
    used[reduced.head] = True
    used[reduced.terminals] = True
    place = np.cumsum(used) - 1
    return replace(
        reduced,
        n_vertices=int(used.sum()),
        tail=place[reduced.tail],
        head=place[reduced.head],
        terminals=place[reduced.terminals],
    )


def drop_parallel(reduced: Reduced) -> Reduced:
    """Keep the cheapest of parallel edges and no loops."""
    kept = cheapest_parallel(reduced.n_vertices, reduced.tail, reduced.head, reduced.weight)
    return reduced if kept.all() else select(reduced, kept)


@kernel
def cheapest_parallel(n: int, tail: IntArray, head: IntArray, weight: FloatArray) -> BoolArray:
    """Mark the cheapest edge between each pair of vertices, the first of equals."""
    m = tail.size
    first = np.full(n, -1, np.int64)
    following = np.empty(m, np.int64)
    for e in range(m - 1, -1, -1):
        if tail[e] != head[e]:
            low = min(tail[e], head[e])
            following[e] = first[low]
            first[low] = e
    owner = np.full(n, -1, np.int64)
    best = np.empty(n, np.int64)
    kept = np.zeros(m, np.bool_)
    for v in range(n):
        e = first[v]
        while e >= 0:
            u = max(tail[e], head[e])
            if owner[u] != v:
                owner[u] = v
                best[u] = e
                kept[e] = True
            elif weight[e] < weight[best[u]]:
                kept[best[u]] = False
                best[u] = e
                kept[e] = True
            e = following[e]
    return kept


def shortest_terminal_links(reduced: Reduced) -> IntArray:
    """Find the edges between terminals that are the shortest at one of their ends."""
    terminal = np.zeros(reduced.n_vertices, dtype=np.bool_)
    terminal[reduced.terminals] = True
    least = least_edges(reduced.n_vertices, reduced.tail, reduced.head, reduced.weight)
    every = np.arange(reduced.tail.size)
    shortest = (least[reduced.tail] == every) | (least[reduced.head] == every)
    both = terminal[reduced.tail] & terminal[reduced.head]
    # the shortest at an end that is a terminal; with both terminal, any end will do
    return np.flatnonzero(shortest & both)


@kernel
def least_edges(n: int, tail: IntArray, head: IntArray, weight: FloatArray) -> IntArray:
    """Name the cheapest edge at each vertex (-1: none), the first of equals."""
    least = np.full(n, -1, np.int64)
    for e in range(tail.size):
        for v in (tail[e], head[e]):
            if least[v] < 0 or weight[e] < weight[least[v]]:
                least[v] = e
    return least


def cut_leaves(reduced: Reduced) -> Reduced:
    """Drop leaves that nobody needs, and fix the edge of each leaf that is a terminal."""
    terminal = np.zeros(reduced.n_vertices, dtype=np.bool_)
    terminal[reduced.terminals] = True
    kept, fixed = strip_leaves(reduced.tail, reduced.head, terminal)
    if kept.all():
        return reduced
    edges = np.flatnonzero(fixed)
    return relabel(
        replace(
            select(reduced, kept),
            terminals=np.flatnonzero(terminal),
            fixed=reduced.expand(edges),
            fixed_value=reduced.fixed_value + float(reduced.weight[edges].sum()),
        )
    )


@kernel
def strip_leaves(
    tail: IntArray, head: IntArray, terminal: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Take off leaves until none is left; ``terminal`` moves inwards, in place."""
    n = terminal.size
    degree = np.zeros(n, np.int64)
    only = np.zeros(n, np.int64)
    kept = np.ones(tail.size, np.bool_)
    fixed = np.zeros(tail.size, np.bool_)
    left = 0
    for v in range(n):
        left += terminal[v]
    for e in range(tail.size):
        degree[tail[e]] += 1
        degree[head[e]] += 1
        only[tail[e]] ^= e
        only[head[e]] ^= e
    for first in range(n):
        v = first
        while degree[v] == 1 and not (terminal[v] and left == 1):
            e = only[v]
            u = head[e] if tail[e] == v else tail[e]
            kept[e] = False
            degree[v] = 0
            degree[u] -= 1
            only[u] ^= e
            if terminal[v]:
                terminal[v] = False
                fixed[e] = True
                if terminal[u]:
                    left -= 1
                terminal[u] = True
            v = u
    return kept, fixed


def join_chains(reduced: Reduced) -> Reduced:
    """Make one edge of each chain of edges over vertices that only pass it on."""
    ends = np.concatenate([reduced.tail, reduced.head])
    anchor = np.bincount(ends, minlength=reduced.n_vertices) != 2
    anchor[reduced.terminals] = True
    net = reduced.net()
    tail, head, start, chain = walk_chains(net, anchor)
    if tail.size == reduced.tail.size:
        return reduced
    length = reduced.part_start[chain + 1] - reduced.part_start[chain]
    ends_at = np.concatenate([[0], np.cumsum(length)])
    weight = np.add.reduceat(reduced.weight[chain], start[:-1]) if chain.size else np.zeros(0)
    return relabel(
        replace(
            reduced,
            tail=tail,
            head=head,
            weight=weight,
            part_start=ends_at[start],
            parts=take_parts(reduced.part_start, reduced.parts, chain),
        )
    )


@kernel
def walk_chains(net: Net, anchor: BoolArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Walk from anchor to anchor; return the ends and, concatenated, the edges walked."""
    m = net.tail.size
    seen = np.zeros(m, np.bool_)
    tail = np.empty(m, np.int64)
    head = np.empty(m, np.int64)
    start = np.zeros(m + 1, np.int64)
    chain = np.empty(m, np.int64)
    count = 0
    length = 0
    for a in range(anchor.size):
        if not anchor[a]:
            continue
        for i in range(net.start[a], net.start[a + 1]):
            e = net.edge[i]
            if seen[e]:
                continue
            v = a
            while True:
                seen[e] = True
                chain[length] = e
                length += 1
                v = net.head[e] if net.tail[e] == v else net.tail[e]
                if anchor[v]:
                    break
                j = net.start[v]
                e = net.edge[j] if net.edge[j] != e else net.edge[j + 1]
            tail[count] = a
            head[count] = v
            count += 1
            start[count] = length
    return (
        tail[:count].copy(),
        head[:count].copy(),
        start[: count + 1].copy(),
        chain[:length].copy(),
    )


def drop_long(reduced: Reduced) -> Reduced:
    """Drop edges that no cheapest tree holds, as a way over terminals has shorter legs.

    The legs are the way to each end's nearest terminal and the longest link between the two
    in the terminals' own spanning tree (an upper bound on the special distance).
    """
    if reduced.terminals.size < 2:
        return reduced
    far, base, _ = regions(reduced.net(), reduced.terminals)
    a, b = base[reduced.tail], base[reduced.head]
    cost = far[reduced.tail] + reduced.weight + far[reduced.head]
    border = np.flatnonzero((a != b) & (a >= 0) & (b >= 0))
    order = border[np.argsort(cost[border], kind="stable")]
    leg = np.maximum(far[reduced.tail], far[reduced.head])
    longest = longest_links(reduced.n_vertices, a, b, cost, order)
    leg = np.where(a == b, leg, np.maximum(leg, longest))
    return select(reduced, ~(leg < reduced.weight * (1 - 1e-9)))


@kernel
def longest_links(
    n: int, a: IntArray, b: IntArray, cost: FloatArray, order: IntArray
) -> FloatArray:
    """Find the longest link between ``a[e]`` and ``b[e]`` in the spanning tree of all links."""
    above = np.arange(n)
    size = np.ones(n, np.int64)
    link = np.full(n, np.inf)
    for e in order:
        u = a[e]
        v = b[e]
        while above[u] != u:
            u = above[u]
        while above[v] != v:
            v = above[v]
        if u != v:
            if size[u] > size[v]:
                u, v = v, u
            above[u] = v
            size[v] += size[u]
            link[u] = cost[e]
    longest = np.full(a.size, np.inf)
    for e in order:
        u = a[e]
        v = b[e]
        longest[e] = 0.0
        # links grow towards the top, so the lower of the two steps up
        while u != v:
            if link[u] <= link[v]:
                longest[e] = link[u]
                u = above[u]
            else:
                longest[e] = link[v]
                v = above[v]
    return longest
