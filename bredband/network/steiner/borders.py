"""The borders between the regions of a tree's vertices, and what they can join again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net
from bredband.network.steiner.heap import find, pop, push
from bredband.network.steiner.rooted import Rooted, is_below, part_of


class Labels(NamedTuple):
    """Hold the nearest tree vertex of every vertex: distance, which, and the edge towards it."""

    far: FloatArray
    base: IntArray
    via: IntArray


class Borders(NamedTuple):
    """Hold the edges between regions: in a heap per tree vertex and a list where they meet.

    Heap item ``2 e + side`` has the key ``length[e]``, the way from base to base over ``e``.
    ``meet[v]`` starts the list, linked by ``next``, of edges whose bases' lowest common
    ancestor is ``v`` (and is neither base).
    """

    length: FloatArray
    left: IntArray
    right: IntArray
    heap: IntArray
    meet: IntArray
    next: IntArray


@kernel
def meld(a: int, b: int, borders: Borders) -> int:
    """Merge two skew heaps of borders."""
    if a < 0:
        return b
    if b < 0:
        return a
    length = borders.length
    left = borders.left
    right = borders.right
    if length[b >> 1] < length[a >> 1]:
        a, b = b, a
    root = a
    while True:
        rest = right[a]
        right[a] = left[a]
        if rest < 0:
            left[a] = b
            return root
        if length[b >> 1] < length[rest >> 1]:
            rest, b = b, rest
        left[a] = rest
        a = rest


@kernel
def find_borders(net: Net, tree: BoolArray, rooted: Rooted, labels: Labels) -> Borders:
    """Collect the edges between regions and find where their bases' ways to the root meet."""
    n = net.start.size - 1
    m = net.tail.size
    borders = Borders(
        np.zeros(m), np.full(2 * m, -1, np.int64), np.full(2 * m, -1, np.int64),
        np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.full(m, -1, np.int64),
    )  # fmt: skip
    seen = np.full(n, -1, np.int64)
    follow = np.full(2 * m, -1, np.int64)
    for e in range(m):
        a = labels.base[net.tail[e]]
        b = labels.base[net.head[e]]
        if a == b or a < 0 or b < 0 or tree[e]:
            continue
        borders.length[e] = labels.far[net.tail[e]] + net.weight[e] + labels.far[net.head[e]]
        borders.heap[a] = meld(borders.heap[a], 2 * e, borders)
        borders.heap[b] = meld(borders.heap[b], 2 * e + 1, borders)
        follow[2 * e] = seen[a]
        seen[a] = 2 * e
        follow[2 * e + 1] = seen[b]
        seen[b] = 2 * e + 1
    up = np.arange(n)
    finished = np.zeros(n, np.bool_)
    for j in range(rooted.order.size - 1, -1, -1):
        v = rooted.order[j]
        item = seen[v]
        while item >= 0:
            e = item >> 1
            u = labels.base[net.head[e]] if item & 1 == 0 else labels.base[net.tail[e]]
            if finished[u]:
                lowest = find(up, u)
                if lowest not in (u, v):
                    borders.next[e] = borders.meet[lowest]
                    borders.meet[lowest] = e
            item = follow[item]
        finished[v] = True
        if rooted.parent[v] >= 0:
            up[v] = rooted.parent[v]
    return borders


@kernel
def repair(
    net: Net,
    labels: Labels,
    fresh: Labels,
    gone: BoolArray,
    mark: IntArray,
    stamp: int,
    orphans: IntArray,
    keys: FloatArray,
    items: IntArray,
) -> None:
    """Find the nearest remaining tree vertex of the orphans of removed ones, into ``fresh``."""
    size = 0
    for x in orphans:
        fresh.far[x] = np.inf
        fresh.base[x] = -1
        fresh.via[x] = -1
        for i in range(net.start[x], net.start[x + 1]):
            y = net.vertex[i]
            if mark[y] == stamp or labels.base[y] < 0 or gone[labels.base[y]]:
                continue
            reach = labels.far[y] + net.weight[net.edge[i]]
            if reach < fresh.far[x]:
                fresh.far[x] = reach
                fresh.base[x] = labels.base[y]
                fresh.via[x] = net.edge[i]
        if fresh.base[x] >= 0:
            size = push(keys, items, size, fresh.far[x], x)
    while size > 0:
        size = pop(keys, items, size)
        d = keys[size]
        x = items[size]
        if d > fresh.far[x]:
            continue
        for i in range(net.start[x], net.start[x + 1]):
            y = net.vertex[i]
            reach = d + net.weight[net.edge[i]]
            if mark[y] == stamp and reach < fresh.far[y]:
                fresh.far[y] = reach
                fresh.base[y] = fresh.base[x]
                fresh.via[y] = net.edge[i]
                size = push(keys, items, size, reach, y)


@kernel
def list_joins(  # noqa: PLR0913, PLR0917  scratch arrays are handed down
    net: Net,
    rooted: Rooted,
    labels: Labels,
    fresh: Labels,
    borders: Borders,
    gone: BoolArray,
    mark: IntArray,
    stamp: int,
    orphans: IntArray,
    tops: IntArray,
    v: int,
    budget: float,
    join_cost: FloatArray,
    join_edge: IntArray,
) -> int:
    """List the borders, cheaper than the budget, that may join the parts again."""
    n_joins = 0
    whole = tops.size > 1
    for k in range(tops.size):
        top = tops[k]
        # an item that is useless here is useless for every part above, so it may go
        while borders.heap[top] >= 0:
            item = borders.heap[top]
            e = item >> 1
            x = net.tail[e]
            y = net.head[e]
            a = labels.base[x]
            b = labels.base[y]
            useful = (
                not gone[a]
                and not gone[b]
                and labels.far[x] + net.weight[e] + labels.far[y] == borders.length[e]
                and is_below(rooted, a, top) != is_below(rooted, b, top)
            )
            if useful and whole:
                useful = not (is_below(rooted, a, v) and is_below(rooted, b, v))
            if useful:
                if borders.length[e] < budget:
                    join_cost[n_joins] = borders.length[e]
                    join_edge[n_joins] = e
                    n_joins += 1
                break
            borders.heap[top] = meld(borders.left[item], borders.right[item], borders)
    e = borders.meet[v] if whole else -1
    while e >= 0:
        x = net.tail[e]
        y = net.head[e]
        if (
            borders.length[e] < budget
            and mark[x] != stamp
            and mark[y] != stamp
            and labels.base[x] != labels.base[y]
            and labels.far[x] + net.weight[e] + labels.far[y] == borders.length[e]
        ):
            join_cost[n_joins] = borders.length[e]
            join_edge[n_joins] = e
            n_joins += 1
        e = borders.next[e]
    for x in orphans:
        if fresh.far[x] >= budget:
            continue
        for i in range(net.start[x], net.start[x + 1]):
            y = net.vertex[i]
            e = net.edge[i]
            if mark[y] == stamp:
                if net.tail[e] != x:
                    continue
                cost = fresh.far[x] + net.weight[e] + fresh.far[y]
                other = fresh.base[y]
            else:
                cost = fresh.far[x] + net.weight[e] + labels.far[y]
                other = labels.base[y]
            if cost < budget and other != fresh.base[x]:
                join_cost[n_joins] = cost
                join_edge[n_joins] = e
                n_joins += 1
    return n_joins


@kernel
def choose_joins(  # noqa: PLR0913, PLR0917  scratch arrays are handed down
    net: Net,
    rooted: Rooted,
    labels: Labels,
    fresh: Labels,
    mark: IntArray,
    stamp: int,
    tops: IntArray,
    join_cost: FloatArray,
    join_edge: IntArray,
    group: IntArray,
    chosen: IntArray,
) -> float:
    """Join all parts as cheaply as the listed borders allow; infinite when they cannot."""
    spent = 0.0
    taken = 0
    for k in range(tops.size + 1):
        group[k] = k
    for j in np.argsort(join_cost):
        e = join_edge[j]
        x = net.tail[e]
        y = net.head[e]
        a = part_of(rooted, fresh.base[x] if mark[x] == stamp else labels.base[x], tops)
        b = part_of(rooted, fresh.base[y] if mark[y] == stamp else labels.base[y], tops)
        a = find(group, a)
        b = find(group, b)
        if a != b:
            group[a] = b
            spent += join_cost[j]
            chosen[taken] = e
            taken += 1
            if taken == tops.size:
                return float(spent)
    return float(np.inf)


@kernel
def mark_way(net: Net, labels: Labels, keep: BoolArray, x: int) -> None:
    """Take the way from ``x`` to its base into the tree."""
    while not keep[x]:
        keep[x] = True
        e = labels.via[x]
        if e < 0:
            return
        x = net.head[e] if net.tail[e] == x else net.tail[e]
