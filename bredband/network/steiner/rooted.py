"""Rooted trees: who is below whom."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, IntArray, Net


class Rooted(NamedTuple):
    """Hold a rooted tree; ``u`` is below ``v`` when ``first[v] <= first[u] <= last[v]``."""

    order: IntArray
    parent: IntArray
    parent_edge: IntArray
    first: IntArray
    last: IntArray
    degree: IntArray


@kernel
def root_tree(net: Net, tree: BoolArray, root: int) -> Rooted:
    """Walk the tree depth first from its root."""
    n = net.start.size - 1
    order = np.empty(n, np.int64)
    parent = np.full(n, -1, np.int64)
    parent_edge = np.full(n, -1, np.int64)
    stack = np.empty(n + 1, np.int64)
    stack[0] = root
    top = 1
    count = 0
    while top > 0:
        top -= 1
        v = stack[top]
        order[count] = v
        count += 1
        for i in range(net.start[v], net.start[v + 1]):
            e = net.edge[i]
            if tree[e] and e != parent_edge[v]:
                u = net.vertex[i]
                parent[u] = v
                parent_edge[u] = e
                stack[top] = u
                top += 1
    order = order[:count].copy()
    first = np.full(n, -1, np.int64)
    last = np.full(n, -2, np.int64)
    size = np.ones(n, np.int64)
    degree = np.zeros(n, np.int64)
    for j in range(count - 1, -1, -1):
        v = order[j]
        first[v] = j
        last[v] = j + size[v] - 1
        if parent[v] >= 0:
            size[parent[v]] += size[v]
            degree[parent[v]] += 1
            degree[v] += 1
    return Rooted(order, parent, parent_edge, first, last, degree)


@kernel
def is_below(rooted: Rooted, u: int, v: int) -> bool:
    """Tell whether ``u`` is ``v`` or below it."""
    return bool(rooted.first[v] <= rooted.first[u] <= rooted.last[v])


@kernel
def part_of(rooted: Rooted, u: int, tops: IntArray) -> int:
    """Name the part that holds ``u``: below one of the tops, or the rest."""
    for k in range(tops.size):
        if is_below(rooted, u, tops[k]):
            return k
    return tops.size


@kernel
def block_between(rooted: Rooted, blocked: BoolArray, a: int, b: int) -> None:
    """Block the vertices whose part of the tree changes when ``a`` and ``b`` are joined."""
    v = a
    while v >= 0 and not is_below(rooted, b, v):
        blocked[v] = True
        v = rooted.parent[v]
    v = b
    while v >= 0 and not is_below(rooted, a, v):
        blocked[v] = True
        v = rooted.parent[v]


def tree_vertices(net: Net, tree: BoolArray) -> BoolArray:
    """Mark the ends of the tree's edges."""
    inside = np.zeros(net.start.size - 1, dtype=np.bool_)
    inside[net.tail[tree]] = True
    inside[net.head[tree]] = True
    return inside
