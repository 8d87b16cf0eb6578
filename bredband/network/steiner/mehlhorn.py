"""First trees: Mehlhorn's approximation, repeated shortest paths, and the polish of both.

Every tree here is a mask over the edges of a net.
"""

from __future__ import annotations

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net
from bredband.network.steiner.heap import pop, prune, push, regions, spanning


def mehlhorn_tree(net: Net, terminals: IntArray) -> BoolArray:
    """Join the terminals along shortest paths between their regions.

    The tree is at most ``2 (1 - 1 / terminals)`` times the shortest, in
    ``O(m + n log n)`` (Mehlhorn 1988, Information Processing Letters 27).
    """
    far, base, via = regions(net, terminals)
    a, b = base[net.tail], base[net.head]
    border = np.flatnonzero((a != b) & (a >= 0) & (b >= 0))
    cost = far[net.tail[border]] + net.weight[border] + far[net.head[border]]
    order = np.argsort(cost, kind="stable")
    joins = border[spanning(far.size, a[border], b[border], order)]
    ends = np.concatenate([net.tail[joins], net.head[joins]])
    inside = walk_back(net, via, ends)
    inside[terminals] = True
    return polish(net, inside, terminals)


@kernel
def walk_back(net: Net, via: IntArray, ends: IntArray) -> BoolArray:
    """Mark every vertex on the ways from ``ends`` back to their sources."""
    inside = np.zeros(via.size, np.bool_)
    for first in ends:
        v = first
        while not inside[v]:
            inside[v] = True
            e = via[v]
            if e >= 0:
                v = net.head[e] if net.tail[e] == v else net.tail[e]
    return inside


def polish(net: Net, inside: BoolArray, terminals: IntArray) -> BoolArray:
    """Span the marked vertices by their cheapest tree and cut off idle leaves."""
    candidates = np.flatnonzero(inside[net.tail] & inside[net.head])
    tail, head = net.tail[candidates], net.head[candidates]
    order = np.argsort(net.weight[candidates], kind="stable")
    terminal = np.zeros(inside.size, dtype=np.bool_)
    terminal[terminals] = True
    taken = spanning(inside.size, tail, head, order)
    tree = np.zeros(net.tail.size, dtype=np.bool_)
    tree[candidates[prune(inside.size, tail, head, taken, terminal)]] = True
    return tree


def repeated_shortest_paths(
    net: Net, terminals: IntArray, first: int, guide: FloatArray | None = None
) -> BoolArray:
    """Grow a tree from one vertex to the terminal nearest to the tree, until all are in.

    ``guide`` replaces the weights while growing, so that a dual solution can lead the way
    (Takahashi and Matsuyama 1980).
    """
    terminal = np.zeros(net.start.size - 1, dtype=np.bool_)
    terminal[terminals] = True
    inside = grow(net if guide is None else net._replace(weight=guide), terminal, first)
    return polish(net, inside, terminals)


@kernel
def grow(net: Net, terminal: BoolArray, first: int) -> BoolArray:
    """Mark the vertices of a tree grown terminal by terminal; unreachable ones stay out."""
    n = net.start.size - 1
    far = np.full(n, np.inf)
    back = np.full(n, -1, np.int64)
    inside = np.zeros(n, np.bool_)
    keys = np.empty(net.vertex.size + n + 16)
    items = np.empty(net.vertex.size + n + 16, np.int64)
    left = 0
    for v in range(n):
        left += terminal[v]
    far[first] = 0.0
    inside[first] = True
    left -= terminal[first]
    size = push(keys, items, 0, 0.0, first)
    while size > 0 and left > 0:
        size = pop(keys, items, size)
        v = items[size]
        if keys[size] > far[v]:
            continue
        if terminal[v] and not inside[v]:
            left -= 1
            u = v
            while not inside[u]:
                inside[u] = True
                far[u] = 0.0
                size = push(keys, items, size, 0.0, u)
                u = back[u]
            continue
        for i in range(net.start[v], net.start[v + 1]):
            u = net.vertex[i]
            reach = far[v] + net.weight[net.edge[i]]
            if reach < far[u]:
                far[u] = reach
                back[u] = v
                if size + 1 >= keys.size - n:
                    keys = np.concatenate((keys, np.empty(keys.size)))
                    items = np.concatenate((items, np.empty(items.size, np.int64)))
                size = push(keys, items, size, reach, u)
    return inside
