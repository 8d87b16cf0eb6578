"""A proven lower bound by raising the price of cuts (Wong 1984), and what the prices rule out.

Every edge becomes two arcs, ``2 e`` from tail to head and ``2 e + 1`` back. A terminal that
the root does not reach over arcs paid in full owns a cut; the cheapest remaining price in the
cut is paid by all its arcs and added to the bound. What is left unpaid, the reduced costs, say
which vertices and edges no better tree can use (Polzin and Vahdati Daneshmand 2001).
"""

from __future__ import annotations

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import FloatArray, IntArray, Net
from bredband.network.steiner.heap import pop, push

WORK_PER_ARC = 250
"""Steps per arc after which a dual ascent stops; only very large graphs get so far."""

UNPAID_FACTOR = 100.0
"""How much longer an edge that is not paid for counts for a tree led by the prices."""

SLACK = 1.1
"""How much wider than the next cut a cut may grow before it has to wait."""


def entering_arcs(net: Net) -> IntArray:
    """Name the arc that comes in along each place of the net's neighbour list."""
    owner = np.repeat(np.arange(net.start.size - 1), np.diff(net.start))
    entering: IntArray = 2 * net.edge + (net.head[net.edge] != owner)
    return entering


@kernel
def dual_ascent(  # noqa: PLR0912, PLR0915  one loop over shared scratch, compiled
    start: IntArray,
    source: IntArray,
    arc: IntArray,
    unpaid: FloatArray,
    terminals: IntArray,
    root: int,
    room: int,
) -> tuple[float, IntArray, IntArray]:
    """Raise cuts until the root reaches every terminal; return the sum raised and the cuts.

    The narrowest cut is raised first. The sum is a bound at any moment, so the work is limited
    (``WORK_PER_ARC``): on graphs of hundreds of thousands of edges the last cuts span the whole
    graph and take nearly all the time, for a few millionths of the bound.

    Vertex ``v`` is entered by ``arc[i]`` from ``source[i]`` for ``i`` in
    ``start[v]:start[v + 1]``. ``unpaid`` holds the arcs' costs and is worked down in place to
    the reduced costs. An infinite sum says that a terminal cannot be reached. The cuts are
    given as where each starts and its arcs, as far as there is ``room`` for arcs.
    """
    n = start.size - 1
    bound = 0.0
    keys = np.empty(terminals.size + 2)
    items = np.empty(terminals.size + 2, np.int64)
    size = 0
    active = np.zeros(n, np.bool_)
    seen = np.full(n, -1, np.int64)
    for t in terminals:
        if t != root and not active[t]:
            active[t] = True
            size = push(keys, items, size, float(start[t + 1] - start[t]), t)
    queue = np.empty(n, np.int64)
    cut = np.empty(arc.size + 1, np.int64)
    starts = np.zeros(room + 1, np.int64)
    members = np.empty(room, np.int64)
    count = 0
    stamp = 0
    work = 0
    most_work = WORK_PER_ARC * (arc.size + 64)
    while size > 0 and work < most_work:
        size = pop(keys, items, size)
        t = items[size]
        stamp += 1
        seen[t] = stamp
        queue[0] = t
        ends = 1
        at = 0
        width = 0
        finished = False
        while not finished and work < most_work:
            while at < ends and not finished:
                v = queue[at]
                at += 1
                work += start[v + 1] - start[v]
                for i in range(start[v], start[v + 1]):
                    u = source[i]
                    if seen[u] == stamp:
                        continue
                    if unpaid[arc[i]] > 0.0:
                        cut[width] = i
                        width += 1
                        continue
                    if u == root or active[u]:
                        finished = True
                        break
                    seen[u] = stamp
                    queue[ends] = u
                    ends += 1
            if finished:
                break
            work += width
            least = np.inf
            kept = 0
            for j in range(width):
                i = cut[j]
                if seen[source[i]] != stamp:
                    cut[kept] = i
                    kept += 1
                    least = min(least, unpaid[arc[i]])
            width = kept
            if width == 0:
                return np.inf, starts[:1].copy(), members[:0].copy()
            if size > 0 and width > SLACK * keys[0]:
                size = push(keys, items, size, float(width), t)
                break
            bound += least
            if starts[count] + width <= room:
                for j in range(width):
                    members[starts[count] + j] = arc[cut[j]]
                starts[count + 1] = starts[count] + width
                count += 1
            kept = 0
            for j in range(width):
                i = cut[j]
                a = arc[i]
                if unpaid[a] > least:
                    unpaid[a] -= least
                    cut[kept] = i
                    kept += 1
                    continue
                unpaid[a] = 0.0
                u = source[i]
                if u == root or active[u]:
                    finished = True
                elif seen[u] != stamp:
                    seen[u] = stamp
                    queue[ends] = u
                    ends += 1
            width = kept
        if finished:
            active[t] = False
    return bound, starts[: count + 1].copy(), members[: starts[count]].copy()


def along_paid(net: Net, unpaid: FloatArray) -> FloatArray:
    """Give each edge a length that leads a tree along what an ascent has paid for."""
    arcs = unpaid[: 2 * net.tail.size]
    paid = np.minimum(arcs[0::2], arcs[1::2]) == 0.0
    return np.where(paid, net.weight, UNPAID_FACTOR * net.weight)


@kernel
def reach_costs(
    net: Net, entering: IntArray, unpaid: FloatArray, sources: IntArray, backwards: bool
) -> FloatArray:
    """Find reduced-cost distances from the sources (or, backwards, to the nearest source)."""
    n = net.start.size - 1
    far = np.full(n, np.inf)
    keys = np.empty(net.vertex.size + sources.size + 1)
    items = np.empty(net.vertex.size + sources.size + 1, np.int64)
    size = 0
    for s in sources:
        far[s] = 0.0
        size = push(keys, items, size, 0.0, s)
    while size > 0:
        size = pop(keys, items, size)
        v = items[size]
        if keys[size] > far[v]:
            continue
        for i in range(net.start[v], net.start[v + 1]):
            u = net.vertex[i]
            a = entering[i] if backwards else entering[i] ^ 1
            reach = far[v] + unpaid[a]
            if reach < far[u]:
                far[u] = reach
                size = push(keys, items, size, reach, u)
    return far


def least_use(
    net: Net, entering: IntArray, unpaid: FloatArray, terminals: IntArray, root: int
) -> FloatArray:
    """Find, for each edge, the least reduced cost of any tree that uses it.

    A tree that uses arc ``(u, v)`` pays at least the way from the root to ``u``, the arc, and
    the way on from ``v`` to the nearest terminal.
    """
    others = terminals[terminals != root]
    from_root = reach_costs(net, entering, unpaid, np.array([root]), False)
    to_terminal = reach_costs(net, entering, unpaid, others, True)
    forth = from_root[net.tail] + unpaid[0::2] + to_terminal[net.head]
    back = from_root[net.head] + unpaid[1::2] + to_terminal[net.tail]
    return np.asarray(np.minimum(forth, back), dtype=np.float64)
