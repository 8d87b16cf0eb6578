"""Directed cuts: the linear programme whose bound is the tightest that is practical.

``x[a] = 1`` when the tree, rooted, uses arc ``a``; ``y[v] = 1`` when it collects vertex ``v``.
Arc ``2 e`` runs from ``tail[e]`` to ``head[e]``, arc ``2 e + 1`` back. Every set of vertices
that holds a collected vertex but not the root must be entered (Wong 1984; Koch and Martin
1998, Networks 32). The sets are too many to list: those a solution violates are found as
minimum cuts and added, round by round, so every round's bound is valid.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.network.steiner.graph import BoolArray, FloatArray, IntArray, Net

MOST_CUTS = 2000
"""Most cuts added in a round."""

VIOLATION = 1e-4
"""How much less than it needs a set must be entered with to count as violated."""


@dataclass(frozen=True)
class CutProblem:
    """Hold what the cheapest tree must join, may collect and may spend.

    ``prize`` is zero where there is nothing to collect. Without ``budget`` the arcs' cost plus
    the prizes given up is least; with it the prizes collected are most, and the arcs cost no
    more than the budget.
    """

    net: Net
    entering: IntArray
    root: int
    required: BoolArray
    prize: FloatArray
    budget: float | None = None


class CutPoint(NamedTuple):
    """Hold one round's solution: a valid bound, the arcs' and vertices' shares, reduced costs.

    ``bound`` is on the cost plus the prizes given up, or with a budget on the prizes collected.
    ``settled`` tells that no cut is violated any more.
    """

    bound: float
    arc_share: FloatArray
    vertex_share: FloatArray
    arc_reduced: FloatArray
    settled: bool


def along_shares(net: Net, arc_share: FloatArray) -> FloatArray:
    """Give each edge a length that leads a tree along the arcs that a solution uses."""
    share = np.maximum(arc_share[0::2], arc_share[1::2])
    return np.asarray(net.weight * (1.0 + 1e-4 - share), dtype=np.float64)


def cut_rounds(
    problem: CutProblem,
    deadline: float,
    first_cuts: tuple[IntArray, IntArray, IntArray] | None = None,
) -> Iterator[CutPoint]:
    """Solve, cut off and solve again until nothing is violated or the time is up.

    ``first_cuts`` are known cuts, such as those of a dual ascent: where each starts, its arcs,
    and a vertex in it that is required or may be collected.
    """
    import highspy  # noqa: PLC0415  slow to load

    net = problem.net
    solver, column = build_programme(problem)
    if first_cuts is not None and first_cuts[0].size > 1:
        add_cuts(solver, first_cuts[0], first_cuts[1], column[first_cuts[2]])
    n_arcs = 2 * net.tail.size
    given_up = 0.0 if problem.budget is not None else float(problem.prize.sum())
    targets = np.flatnonzero(problem.required | (problem.prize > 0))
    targets = targets[targets != problem.root]
    while True:
        left = deadline - time.thread_time()
        if left <= 0:
            return
        solver.setOptionValue("time_limit", solver.getRunTime() + left)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return
        solution = solver.getSolution()
        values = np.array(solution.col_value)
        reduced = np.array(solution.col_dual)[:n_arcs]
        objective = solver.getObjectiveValue() + given_up
        share = problem.required.astype(np.float64)
        share[column >= 0] = values[column[column >= 0]]
        arcs = np.clip(values[:n_arcs], 0.0, 1.0)
        ready = targets[share[targets] > VIOLATION]
        starts, members, owners = violated_cuts(
            net, problem.entering, arcs.copy(), problem.root, ready, share, MOST_CUTS
        )
        bound = -objective if problem.budget is not None else objective
        yield CutPoint(bound, arcs, share, reduced, starts.size == 1)
        if starts.size == 1:
            return
        add_cuts(solver, starts, members, column[owners])


def build_programme(problem: CutProblem) -> tuple[Any, IntArray]:
    """Set up the programme without cuts; return it and each vertex's column (-1: none)."""
    import highspy  # noqa: PLC0415  slow to load
    from highspy._core import _Highs  # noqa: PLC0415
    from scipy import sparse  # noqa: PLC0415

    net, m = problem.net, problem.net.tail.size
    n = problem.prize.size
    optional = np.flatnonzero((problem.prize > 0) & ~problem.required)
    optional = optional[optional != problem.root]
    column = np.full(n, -1, dtype=np.int64)
    column[optional] = 2 * m + np.arange(optional.size)
    width = 2 * m + optional.size
    arc = np.arange(2 * m)
    into = np.where(arc % 2 == 0, np.repeat(net.head, 2), np.repeat(net.tail, 2))
    out_of = into[arc ^ 1]
    inner = np.arange(n) != problem.root
    entered = sparse.csr_matrix((np.ones(2 * m), (into, arc)), shape=(n, width))
    left = sparse.csr_matrix((np.ones(2 * m), (out_of, arc)), shape=(n, width))
    collected = sparse.csr_matrix(
        (np.ones(optional.size), (optional, column[optional])), shape=(n, width)
    )
    plain = ~problem.required & (column < 0)
    upper = np.ones(width)
    upper[: 2 * m][turning_back(net, problem.entering, problem.root)] = 0.0
    # entered as often as collected; a vertex that is only passed is left when it is entered
    passed = sparse.diags(plain.astype(np.float64)) @ left
    blocks = [(entered - collected - passed)[inner]]
    low = [np.where(problem.required, 1.0, np.where(plain, -np.inf, 0.0))[inner]]
    high = [np.where(problem.required, 1.0, 0.0)[inner]]
    if optional.size:
        # an arc leaves a vertex only when another enters it
        leaving = arc[inner[out_of] & (upper[: 2 * m] > 0)]
        one = sparse.eye(2 * m, width, format="csr")
        supply = collected + sparse.diags((column < 0).astype(np.float64)) @ entered
        blocks.append(one[leaving] + one[leaving ^ 1] - supply[out_of[leaving]])
        low.append(np.full(leaving.size, -np.inf))
        high.append(np.zeros(leaving.size))
    cost = np.concatenate([np.repeat(net.weight, 2), -problem.prize[optional]])
    if problem.budget is not None:
        spent = np.where(np.arange(width) < 2 * m, cost, 0.0)
        blocks.append(sparse.csr_matrix(spent))
        low.append(np.array([-np.inf]))
        high.append(np.array([problem.budget]))
        cost = cost - spent
    matrix = sparse.vstack(blocks, format="csr")
    # highspy.Highs writes a banner before it can be told not to; its base does not.
    highspy.Highs.resetGlobalScheduler(True)
    solver = _Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    no_index, no_value = np.zeros(0, dtype=np.int32), np.zeros(0)
    solver.addCols(width, cost, np.zeros(width), upper, 0, no_index, no_index, no_value)
    solver.addRows(
        matrix.shape[0], np.concatenate(low), np.concatenate(high), matrix.nnz,
        matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
    )  # fmt: skip
    return solver, column


@kernel
def turning_back(net: Net, entering: IntArray, root: int) -> BoolArray:
    """Mark the arcs that no tree from the root needs: every way to them passes their end.

    They enter the vertex through which alone their block is reached (Tarjan 1972, SIAM J.
    Computing 1: depth first search and blocks).
    """
    n = net.start.size - 1
    found = np.full(n, -1, np.int64)
    lowest = np.empty(n, np.int64)
    parent = np.full(n, -1, np.int64)
    last = np.full(n, -1, np.int64)
    place = net.start[:-1].copy()
    order = np.empty(n, np.int64)
    found[root] = 0
    lowest[root] = 0
    order[0] = root
    count = 1
    v = root
    while v >= 0:
        if place[v] < net.start[v + 1]:
            u = net.vertex[place[v]]
            place[v] += 1
            if found[u] < 0:
                found[u] = count
                lowest[u] = count
                parent[u] = v
                order[count] = u
                count += 1
                v = u
            else:
                lowest[v] = min(lowest[v], found[u])
        else:
            last[v] = count - 1
            if parent[v] >= 0:
                lowest[parent[v]] = min(lowest[parent[v]], lowest[v])
            v = parent[v]
    useless = np.zeros(2 * net.tail.size, np.bool_)
    for k in range(1, count):
        c = order[k]
        p = parent[c]
        if lowest[c] < found[p]:
            continue
        # the whole branch of c is reached through p alone
        for i in range(net.start[p], net.start[p + 1]):
            if found[c] <= found[net.vertex[i]] <= last[c]:
                useless[entering[i]] = True
    return useless


def add_cuts(solver: Any, starts: IntArray, members: IntArray, columns: IntArray) -> None:
    """Demand that each cut is entered as often as its owner's column says (-1: once)."""
    n_cuts = starts.size - 1
    owned = columns >= 0
    length = np.diff(starts) + owned
    begin = np.concatenate([[0], np.cumsum(length)])
    index = np.empty(begin[-1], dtype=np.int32)
    value = np.ones(begin[-1])
    own_place = begin[1:][owned] - 1
    is_arc = np.ones(begin[-1], dtype=np.bool_)
    is_arc[own_place] = False
    index[is_arc] = members
    index[own_place] = columns[owned]
    value[own_place] = -1.0
    solver.addRows(
        n_cuts, np.where(owned, 0.0, 1.0), np.full(n_cuts, np.inf), index.size,
        begin[:-1].astype(np.int32), index, value,
    )  # fmt: skip


@kernel
def violated_cuts(  # noqa: PLR0912, PLR0915  one sweep of flows, compiled
    net: Net,
    entering: IntArray,
    share: FloatArray,
    root: int,
    targets: IntArray,
    need: FloatArray,
    most: int,
) -> tuple[IntArray, IntArray, IntArray]:
    """Find sets that are entered less than a target in them needs, by maximum flow.

    Arcs of a cut found are raised to one, in place, so that the next cut is another. Returns
    where each cut starts, its arcs, and its target.
    """
    n = net.start.size - 1
    starts = np.zeros(most + 1, np.int64)
    members = np.empty(4 * n + 64, np.int64)
    owners = np.empty(most, np.int64)
    seen = np.zeros(n, np.int64)
    came = np.empty(n, np.int64)
    queue = np.empty(n, np.int64)
    touched = np.empty(8 * n + 64, np.int64)
    pushed = np.empty(8 * n + 64)
    stamp = 0
    count = 0
    for t in targets:
        again = 0
        while again < 3 and count < most:
            flow = 0.0
            n_touched = 0
            short = False
            while flow < need[t] - VIOLATION:
                stamp += 1
                seen[t] = stamp
                queue[0] = t
                ends = 1
                at = 0
                while at < ends and seen[root] != stamp:
                    v = queue[at]
                    at += 1
                    for i in range(net.start[v], net.start[v + 1]):
                        u = net.vertex[i]
                        if seen[u] != stamp and share[entering[i]] > 1e-9:
                            seen[u] = stamp
                            came[u] = entering[i]
                            queue[ends] = u
                            ends += 1
                if seen[root] != stamp:
                    short = True
                    break
                least = need[t] - flow
                v = root
                while v != t:
                    a = came[v]
                    least = min(least, share[a])
                    v = net.head[a >> 1] if a & 1 == 0 else net.tail[a >> 1]
                v = root
                while v != t:
                    a = came[v]
                    share[a] -= least
                    share[a ^ 1] += least
                    if n_touched + 1 >= touched.size:
                        touched = np.concatenate((touched, np.empty_like(touched)))
                        pushed = np.concatenate((pushed, np.empty_like(pushed)))
                    touched[n_touched] = a
                    pushed[n_touched] = least
                    n_touched += 1
                    v = net.head[a >> 1] if a & 1 == 0 else net.tail[a >> 1]
                flow += least
            for k in range(n_touched):
                share[touched[k]] += pushed[k]
                share[touched[k] ^ 1] -= pushed[k]
            if not short:
                break
            if starts[count] + 2 * net.vertex.size >= members.size:
                members = np.concatenate(
                    (members, np.empty(members.size + 4 * net.vertex.size, np.int64))
                )
            place = starts[count]
            for k in range(ends):
                v = queue[k]
                for i in range(net.start[v], net.start[v + 1]):
                    if seen[net.vertex[i]] != stamp:
                        members[place] = entering[i]
                        place += 1
            owners[count] = t
            count += 1
            starts[count] = place
            again += 1
            for k in range(starts[count - 1], place):
                share[members[k]] = 1.0
    return starts[: count + 1].copy(), members[: starts[count]].copy(), owners[:count].copy()
