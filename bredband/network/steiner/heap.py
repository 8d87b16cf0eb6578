"""Small kernels that the tree searches share: a binary heap, union-find, shortest paths."""

from __future__ import annotations

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net


@kernel
def push(keys: FloatArray, items: IntArray, size: int, key: float, item: int) -> int:
    """Add an item to a binary heap and return the new size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        items[at] = items[above]
        at = above
    keys[at] = key
    items[at] = item
    return size + 1


@kernel
def pop(keys: FloatArray, items: IntArray, size: int) -> int:
    """Move the least item to the slot just behind the heap and return the new size."""
    size -= 1
    least_key = keys[0]
    least_item = items[0]
    key = keys[size]
    item = items[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        items[at] = items[below]
        at = below
    keys[at] = key
    items[at] = item
    keys[size] = least_key
    items[size] = least_item
    return size


@kernel
def find(above: IntArray, v: int) -> int:
    """Find the representative of a set, halving the path on the way."""
    while above[v] != v:
        above[v] = above[above[v]]
        v = above[v]
    return v


@kernel
def merge(n: int, tail: IntArray, head: IntArray) -> IntArray:
    """Map the vertices that edges join to one of them."""
    above = np.arange(n)
    for e in range(tail.size):
        above[find(above, tail[e])] = find(above, head[e])
    for v in range(n):
        above[v] = find(above, v)
    return above


@kernel
def label_components(n: int, tail: IntArray, head: IntArray) -> IntArray:
    """Label connected components by their smallest vertex."""
    label = merge(n, tail, head)
    smallest = np.full(n, -1, np.int64)
    for v in range(n):
        if smallest[label[v]] < 0:
            smallest[label[v]] = v
        label[v] = smallest[label[v]]
    return label


@kernel
def regions(net: Net, sources: IntArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Find each vertex's nearest source: distance, source and the edge towards it.

    Unreached vertices have an infinite distance and the source -1 (Dijkstra 1959,
    many sources at once).
    """
    start, vertex, edge, weight = net.start, net.vertex, net.edge, net.weight
    n = start.size - 1
    far = np.full(n, np.inf)
    base = np.full(n, -1, np.int64)
    via = np.full(n, -1, np.int64)
    keys = np.empty(vertex.size + sources.size + 1)
    items = np.empty(vertex.size + sources.size + 1, np.int64)
    size = 0
    for s in sources:
        far[s] = 0.0
        base[s] = s
        size = push(keys, items, size, 0.0, s)
    while size > 0:
        size = pop(keys, items, size)
        d = keys[size]
        v = items[size]
        if d > far[v]:
            continue
        for i in range(start[v], start[v + 1]):
            u = vertex[i]
            reach = d + weight[edge[i]]
            if reach < far[u]:
                far[u] = reach
                base[u] = base[v]
                via[u] = edge[i]
                size = push(keys, items, size, reach, u)
    return far, base, via


@kernel
def spanning(n: int, tail: IntArray, head: IntArray, order: IntArray) -> BoolArray:
    """Take the edges in order as long as they close no circle (Kruskal 1956)."""
    above = np.arange(n)
    taken = np.zeros(tail.size, np.bool_)
    for e in order:
        a = find(above, tail[e])
        b = find(above, head[e])
        if a != b:
            above[a] = b
            taken[e] = True
    return taken


@kernel
def prune(
    n: int, tail: IntArray, head: IntArray, taken: BoolArray, terminal: BoolArray
) -> BoolArray:
    """Cut off, again and again, every leaf that is not a terminal."""
    degree = np.zeros(n, np.int64)
    only = np.zeros(n, np.int64)
    kept = taken.copy()
    for e in range(tail.size):
        if taken[e]:
            degree[tail[e]] += 1
            degree[head[e]] += 1
            only[tail[e]] ^= e
            only[head[e]] ^= e
    for first in range(n):
        v = first
        while degree[v] == 1 and not terminal[v]:
            e = only[v]
            kept[e] = False
            degree[v] = 0
            v = head[e] if tail[e] == v else tail[e]
            degree[v] -= 1
            only[v] ^= e
    return kept
