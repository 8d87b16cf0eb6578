"""The least money that reaches so many households, when works hang on one another.

Areas and shared trench form a forest, so this is a knapsack on a forest. With the works in
preorder, where ``end[i]`` is the first work after everything that hangs on work ``i``:

    F[i, h] = min(F[end[i], h], cost[i] + F[i + 1, h - households[i]])

that is, leave work ``i`` and all that hangs on it, or build it and go on (Johnson and Niemi,
"On knapsacks, partitions, and a new dynamic programming technique for trees", Mathematics of
Operations Research 8(1), 1983, the left-right order). The answer is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bredband.errors import PlanError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max // 4
"""Stands for «no choice of works reaches exactly so many»."""


@dataclass(frozen=True)
class Least:
    """The least cost of reaching exactly h households, shape (households + 1,), and how.

    ``taken[i]`` is packed bits: whether the work at place ``i`` in ``preorder`` is built where h
    households are still to be reached.
    """

    cost_nok: Ints
    preorder: Ints
    end: Ints
    households: Ints
    taken: list[NDArray[np.uint8]]

    def trace(self, targets: Ints) -> Bools:
        """Tell which works reach each number of households, shape (targets, works)."""
        left, place = targets.copy(), np.zeros(len(targets), dtype=np.int64)
        built = np.zeros((len(targets), len(self.preorder)), dtype=np.bool_)
        for i, packed in enumerate(self.taken):
            here = np.flatnonzero(place == i)
            if not len(here):
                continue
            h = left[here]
            takes = (packed[h >> 3] >> (7 - (h & 7)) & 1).astype(np.bool_)
            built[here, self.preorder[i]] = takes
            left[here] -= np.where(takes, self.households[i], 0)
            place[here] = np.where(takes, i + 1, self.end[i])
        return built

    def most_within(self, money_nok: int) -> int:
        """Give the most households that can be reached for so much money."""
        return int(np.flatnonzero(self.cost_nok <= money_nok)[-1])


def least_cost(cost_nok: Ints, households: Ints, parent: Ints) -> Least:
    """Find the least cost of every number of households.

    Parameters
    ----------
    cost_nok, households
        What each work takes and reaches, shape (works,).
    parent
        The work that each hangs on, or -1.

    Raises
    ------
    PlanError
        If works hang on one another in a ring.
    """
    order, end = _preorder(parent)
    cost, gain = cost_nok[order], households[order]
    count = len(order)
    last_use = np.full(count + 1, count, dtype=np.int64)
    for i in range(count - 1, -1, -1):
        last_use[i + 1] = last_use[end[i]] = i
    ready: dict[int, Ints] = {count: np.zeros(1, dtype=np.int64)}
    taken: list[NDArray[np.uint8]] = []
    for i in range(count - 1, -1, -1):
        after, leave, more = ready[i + 1], ready[int(end[i])], int(gain[i])
        best = np.full(len(after) + more, NEVER, dtype=np.int64)
        best[: len(leave)] = leave
        built = np.minimum(after + cost[i], NEVER)
        is_taken = np.zeros(len(best), dtype=np.bool_)
        is_taken[more:] = built < best[more:]
        np.minimum(best[more:], built, out=best[more:])
        taken.append(np.packbits(is_taken))
        ready[i] = best
        for done in {i + 1, int(end[i])}:
            if last_use[done] == i:
                del ready[done]
    return Least(ready[0], order, end, gain, taken[::-1])


def among(parent: Ints, rows: Ints) -> Ints:
    """Count parents within some of the works only; a parent outside them becomes -1."""
    place = np.full(len(parent) + 1, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    within: Ints = place[parent[rows]]
    return within


def _preorder(parent: Ints) -> tuple[Ints, Ints]:
    """Order works so that each stands before what hangs on it, and say where its part ends."""
    children: dict[int, list[int]] = {}
    for i, above in enumerate(parent.tolist()):
        children.setdefault(above, []).append(i)
    order: list[int] = []
    size = [1] * len(parent)
    stack = list(reversed(children.get(-1, [])))
    while stack:
        i = stack.pop()
        order.append(i)
        stack += reversed(children.get(i, []))
    if len(order) != len(parent):
        raise PlanError(
            "områder henger på hverandre i ring (feeder_area).", advice="Lag områdene på nytt."
        )
    for i in reversed(order):
        if parent[i] >= 0:
            size[int(parent[i])] += size[i]
    end = [place + size[i] for place, i in enumerate(order)]
    return np.array(order, dtype=np.int64), np.array(end, dtype=np.int64)
