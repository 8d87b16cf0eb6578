"""Exchange of key paths and removal of key vertices, leaves first.

A *key vertex* is a terminal or a branching of the tree, a *key path* runs between two of them.
The moves and the way to find them in about ``O(m log n)`` are those of Uchoa and Werneck
(2012, ACM J. Exp. Algorithmics 17, "Fast local search for the Steiner problem in graphs").
"""

from __future__ import annotations

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.borders import (
    Labels,
    choose_joins,
    find_borders,
    list_joins,
    mark_way,
    meld,
    repair,
)
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net
from bredband.network.steiner.rooted import Rooted, block_between, root_tree


@kernel
def exchange_keys(  # noqa: PLR0912, PLR0915  cut by its moves it took 1.4 times as long
    net: Net, terminal: BoolArray, tree: BoolArray, root: int, labels: Labels
) -> BoolArray:
    """Replace key paths and remove key vertices where that is cheaper, leaves first.

    ``labels`` are the regions of the tree's vertices and are worked on in place. Returns the
    vertices to span by the new tree.
    """
    n = net.start.size - 1
    m = net.tail.size
    rooted = root_tree(net, tree, root)
    order = rooted.order
    parent = rooted.parent
    borders = find_borders(net, tree, rooted, labels)
    heap = borders.heap
    keep = np.zeros(n, np.bool_)
    keep[rooted.order] = True
    is_key, path_cost, child, child_next = find_keys(net, rooted, terminal, root)
    member, member_next = list_members(labels)
    gone = np.zeros(n, np.bool_)
    pinned = np.zeros(n, np.bool_)
    blocked = np.zeros(n, np.bool_)
    mark = np.full(n, -1, np.int64)
    stamp = 0
    fresh = Labels(np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64))
    keys = np.empty(2 * m + n + 1)
    items = np.empty(2 * m + n + 1, np.int64)
    orphans = np.empty(n, np.int64)
    removed = np.empty(n, np.int64)
    tops = np.empty(n, np.int64)
    group = np.empty(n + 1, np.int64)
    chosen = np.empty(n, np.int64)
    join_cost = np.empty(2 * m + n + 1)
    join_edge = np.empty(2 * m + n + 1, np.int64)

    for j in range(order.size - 1, -1, -1):
        v = order[j]
        if not is_key[v]:
            continue
        untouched = True
        n_children = 0
        c = child[v]
        while c >= 0:
            n_children += 1
            c = child_next[c]
        next_child = child[v]
        for turn in range(n_children + 1):
            n_tops = 0
            n_removed = 0
            budget = 0.0
            possible = True
            if turn < n_children:  # one key path below v
                tops[0] = next_child
                n_tops = 1
                next_child = child_next[next_child]
            else:  # v itself with all its key paths
                if terminal[v] or v == root or pinned[v] or blocked[v] or not untouched:
                    continue
                c = child[v]
                while c >= 0:
                    tops[n_tops] = c
                    n_tops += 1
                    c = child_next[c]
                u = v
                budget = path_cost[v]
                while u == v or not is_key[u]:
                    possible = possible and not pinned[u]
                    removed[n_removed] = u
                    n_removed += 1
                    u = parent[u]
            for k in range(n_tops):
                possible = possible and not blocked[tops[k]]
                budget += path_cost[tops[k]]
                u = parent[tops[k]]
                while u != v:
                    possible = possible and not pinned[u]
                    removed[n_removed] = u
                    n_removed += 1
                    u = parent[u]
            if not possible or n_tops == 0:
                continue
            stamp += 1
            n_orphans = 0
            for k in range(n_removed):
                gone[removed[k]] = True
                x = member[removed[k]]
                while x >= 0:
                    mark[x] = stamp
                    orphans[n_orphans] = x
                    n_orphans += 1
                    x = member_next[x]
            repair(net, labels, fresh, gone, mark, stamp, orphans[:n_orphans], keys, items)
            n_joins = list_joins(
                net, rooted, labels, fresh, borders, gone, mark, stamp, orphans[:n_orphans],
                tops[:n_tops], v, budget, join_cost, join_edge,
            )  # fmt: skip
            spent = choose_joins(
                net, rooted, labels, fresh, mark, stamp, tops[:n_tops],
                join_cost[:n_joins], join_edge[:n_joins], group, chosen,
            )  # fmt: skip
            if spent >= budget * (1.0 - 1e-9):
                for k in range(n_removed):
                    gone[removed[k]] = False
                continue
            untouched = False
            for k in range(n_removed):
                keep[removed[k]] = False
            for k in range(n_orphans):
                x = orphans[k]
                labels.far[x] = fresh.far[x]
                labels.base[x] = fresh.base[x]
                labels.via[x] = fresh.via[x]
                if fresh.base[x] >= 0:
                    member_next[x] = member[fresh.base[x]]
                    member[fresh.base[x]] = x
            for k in range(n_tops):
                blocked[tops[k]] = True
                e = chosen[k]
                a = labels.base[net.tail[e]]
                b = labels.base[net.head[e]]
                mark_way(net, labels, keep, net.tail[e])
                mark_way(net, labels, keep, net.head[e])
                pinned[a] = True
                pinned[b] = True
                block_between(rooted, blocked, a, b)
            if turn == n_children:
                blocked[v] = True
        c = child[v]
        while c >= 0:
            heap[v] = meld(heap[v], heap[c], borders)
            u = parent[c]
            while u != v:
                heap[v] = meld(heap[v], heap[u], borders)
                u = parent[u]
            c = child_next[c]
    return keep


@kernel
def find_keys(
    net: Net, rooted: Rooted, terminal: BoolArray, root: int
) -> tuple[BoolArray, FloatArray, IntArray, IntArray]:
    """Find the key vertices, what the key path above each costs, and those next below each.

    The last two are a linked list per key vertex (-1 ends it): the first below it, and the next.
    """
    n = terminal.size
    is_key = np.zeros(n, np.bool_)
    path_cost = np.zeros(n)
    child = np.full(n, -1, np.int64)
    child_next = np.full(n, -1, np.int64)
    for v in rooted.order:
        is_key[v] = v == root or terminal[v] or rooted.degree[v] >= 3
    for v in rooted.order:
        if is_key[v] and v != root:
            path_cost[v] = net.weight[rooted.parent_edge[v]]
            u = rooted.parent[v]
            while not is_key[u]:
                path_cost[v] += net.weight[rooted.parent_edge[u]]
                u = rooted.parent[u]
            child_next[v] = child[u]
            child[u] = v
    return is_key, path_cost, child, child_next


@kernel
def list_members(labels: Labels) -> tuple[IntArray, IntArray]:
    """List the vertices of each region: the first of it, and the next of each (-1 ends it)."""
    n = labels.base.size
    member = np.full(n, -1, np.int64)
    member_next = np.full(n, -1, np.int64)
    for x in range(n):
        if labels.base[x] >= 0:
            member_next[x] = member[labels.base[x]]
            member[labels.base[x]] = x
    return member, member_next
