"""Better trees by exchange: key paths, key vertices and Steiner vertices.

A *key vertex* is a terminal or a branching of the tree, a *key path* runs between two of them.
The moves are those of Uchoa and Werneck (2012, ACM J. Exp. Algorithmics 17, "Fast local
search for the Steiner problem in graphs"); one pass takes about ``O(m log n)``.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net
from bredband.network.steiner.heap import find, pop, push, regions
from bredband.network.steiner.mehlhorn import polish

MAX_STEPS = 200_000_000


class Labels(NamedTuple):
    """Hold the nearest tree vertex of every vertex: distance, which, and the edge towards it."""

    far: FloatArray
    base: IntArray
    via: IntArray


class Rooted(NamedTuple):
    """Hold a rooted tree; ``u`` is below ``v`` when ``first[v] <= first[u] <= last[v]``."""

    order: IntArray
    parent: IntArray
    parent_edge: IntArray
    first: IntArray
    last: IntArray
    degree: IntArray


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


def local_search(
    net: Net, terminals: IntArray, tree: BoolArray, deadline: float, max_passes: int = 40
) -> BoolArray:
    """Exchange until no move helps, or the deadline (``time.perf_counter``) has passed."""
    terminal = np.zeros(net.start.size - 1, dtype=np.bool_)
    terminal[terminals] = True
    value = float(net.weight[tree].sum())
    for _ in range(max_passes):
        if time.perf_counter() > deadline:
            break
        inside = insert_vertices(net, tree, terminals[0], MAX_STEPS)
        step = polish(net, inside, terminals)
        bases = np.flatnonzero(tree_vertices(net, step))
        if bases.size == 0:
            break
        labels = Labels(*regions(net, bases))
        inside = exchange_keys(net, terminal, step, terminals[0], labels)
        step = polish(net, inside, terminals)
        reached = float(net.weight[step].sum())
        if reached >= value * (1 - 1e-12):
            break
        tree, value = step, reached
    return tree


def tree_vertices(net: Net, tree: BoolArray) -> BoolArray:
    """Mark the ends of the tree's edges."""
    inside = np.zeros(net.start.size - 1, dtype=np.bool_)
    inside[net.tail[tree]] = True
    inside[net.head[tree]] = True
    return inside


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


@kernel
def exchange_keys(  # noqa: PLR0912, PLR0915  one sweep over shared scratch, compiled
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
    is_key = np.zeros(n, np.bool_)
    for v in order:
        keep[v] = True
        is_key[v] = v == root or terminal[v] or rooted.degree[v] >= 3
    member = np.full(n, -1, np.int64)
    member_next = np.full(n, -1, np.int64)
    for x in range(n):
        if labels.base[x] >= 0:
            member_next[x] = member[labels.base[x]]
            member[labels.base[x]] = x
    path_cost = np.zeros(n)
    child = np.full(n, -1, np.int64)
    child_next = np.full(n, -1, np.int64)
    for v in order:
        if is_key[v] and v != root:
            u = v
            path_cost[v] = net.weight[rooted.parent_edge[v]]
            while not is_key[parent[u]]:
                u = parent[u]
                path_cost[v] += net.weight[rooted.parent_edge[u]]
            u = parent[u]
            child_next[v] = child[u]
            child[u] = v

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
def turn_over(parent: IntArray, parent_edge: IntArray, v: int) -> None:
    """Make ``v`` the root of its tree."""
    above = parent[v]
    edge = parent_edge[v]
    parent[v] = -1
    parent_edge[v] = -1
    while above >= 0:
        next_above = parent[above]
        next_edge = parent_edge[above]
        parent[above] = v
        parent_edge[above] = edge
        v = above
        above = next_above
        edge = next_edge


@kernel
def insert_vertices(  # noqa: PLR0915  one sweep over shared scratch, compiled
    net: Net, tree: BoolArray, root: int, max_steps: int
) -> BoolArray:
    """Take in a vertex where its edges replace dearer ones of the tree.

    Stops after ``max_steps`` steps along the tree, which only huge trees reach. Returns the
    vertices to span by the new tree.
    """
    n = net.start.size - 1
    rooted = root_tree(net, tree, root)
    parent = rooted.parent
    parent_edge = rooted.parent_edge
    inside = np.zeros(n, np.bool_)
    for v in rooted.order:
        inside[v] = True
    cut_at = np.empty(n, np.int64)
    cut_parent = np.empty(n, np.int64)
    cut_edge = np.empty(n, np.int64)
    put_at = np.empty(n, np.int64)
    steps = 0
    for v in range(n):
        if inside[v] or steps > max_steps:
            continue
        best = -1
        count = 0
        for i in range(net.start[v], net.start[v + 1]):
            if inside[net.vertex[i]]:
                count += 1
                if best < 0 or net.weight[net.edge[i]] < net.weight[net.edge[best]]:
                    best = i
        if count < 2:
            continue
        first = net.vertex[best]
        turn_over(parent, parent_edge, first)
        parent[first] = v
        parent_edge[first] = net.edge[best]
        gain = -net.weight[net.edge[best]]
        swaps = 0
        for i in range(net.start[v], net.start[v + 1]):
            u = net.vertex[i]
            if i == best or not inside[u]:
                continue
            dearest = u
            x = u
            while x != v:
                steps += 1
                if net.weight[parent_edge[x]] > net.weight[parent_edge[dearest]]:
                    dearest = x
                x = parent[x]
            saved = net.weight[parent_edge[dearest]] - net.weight[net.edge[i]]
            if saved <= 0.0:
                continue
            gain += saved
            cut_at[swaps] = dearest
            cut_parent[swaps] = parent[dearest]
            cut_edge[swaps] = parent_edge[dearest]
            put_at[swaps] = u
            swaps += 1
            parent[dearest] = -1
            turn_over(parent, parent_edge, u)
            parent[u] = v
            parent_edge[u] = net.edge[i]
        if gain > 1e-9 * net.weight[net.edge[best]]:
            inside[v] = True
            continue
        for k in range(swaps - 1, -1, -1):
            parent[put_at[k]] = -1
            turn_over(parent, parent_edge, cut_at[k])
            parent[cut_at[k]] = cut_parent[k]
            parent_edge[cut_at[k]] = cut_edge[k]
        parent[first] = -1
    return inside
