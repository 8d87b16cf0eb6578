"""Insertion of Steiner vertices whose edges replace dearer ones of the tree."""

from __future__ import annotations

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, IntArray, Net
from bredband.network.steiner.rooted import root_tree


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
