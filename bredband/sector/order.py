"""When what is chosen is built: as early as the money of each year allows."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bredband.sector.forest import among, least_cost

Ints = NDArray[np.int64]

MOST_STATES = 200_000_000
"""Works times households up to which the knapsack of every year is solved exactly."""


def blocks(cost_nok: Ints, households: Ints, parent: Ints) -> list[list[int]]:
    """Put works into blocks so that each gives less per krone than the one before.

    Every work comes after the one it hangs on (``parent``, -1 for none). This is the order of
    least weighted completion time on an out-forest (Horn, "Single-machine job sequencing with
    treelike precedence ordering and linear delay penalties", SIAM Journal on Applied
    Mathematics 23(2), 1972), with kroner for time; the corners of the best that any amount of
    money can reach lie between the blocks.
    """
    count = len(cost_nok)
    members = [[i] for i in range(count)]
    cost, gain = cost_nok.astype(np.float64), households.astype(np.float64)
    leader = list(range(count))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    def per_krone(i: int) -> float:
        return np.inf if cost[i] == 0 and gain[i] > 0 else gain[i] / max(cost[i], 0.5)

    version = [0] * count
    heap = [(-per_krone(i), i, 0) for i in range(count)]
    heapq.heapify(heap)
    ordered: list[list[int]] = []
    is_done = [False] * count
    while heap:
        _, i, of_version = heapq.heappop(heap)
        if is_done[i] or leader[i] != i or of_version != version[i]:
            continue
        above = find(int(parent[members[i][0]])) if parent[members[i][0]] >= 0 else -1
        if above < 0 or is_done[above]:
            is_done[i] = True
            ordered.append(members[i])
            continue
        leader[i] = above
        members[above] += members[i]
        cost[above] += cost[i]
        gain[above] += gain[i]
        version[above] += 1
        heapq.heappush(heap, (-per_krone(above), above, version[above]))
    return ordered


def in_years(
    cost_nok: Ints, households: Ints, parent: Ints, annual_grant_nok: Sequence[int]
) -> tuple[Ints, float]:
    """Choose a year for each work so that households are reached early, within the money so far.

    What is not used in a year may be used later. The works as a whole must fit in the sum. Where
    the works are few, the best that the money of each year can do is tried as well, from the
    first year on and from the last year back.

    Returns
    -------
    year, bound_household_years
        The index of the year of each work, shape (works,), and a sum over years of households
        reached by then that no other order exceeds.
    """
    ceiling = np.cumsum(np.array(annual_grant_nok, dtype=np.int64))
    ordered = blocks(cost_nok, households, parent)
    year = _by_block(cost_nok, households, parent, ordered, ceiling)
    if len(cost_nok) * int(households.sum()) > MOST_STATES:
        return year, _most_by_envelope(cost_nok, households, ordered, ceiling)
    tried = [
        year,
        *(_stepwise(cost_nok, households, parent, ceiling, back=b) for b in (True, False)),
    ]
    least = least_cost(cost_nok, households, parent)
    most = sum(least.most_within(int(money)) for money in ceiling)
    years = len(ceiling)
    return max(tried, key=lambda year: int((households * (years - year)).sum())), float(most)


def _by_block(
    cost_nok: Ints, households: Ints, parent: Ints, ordered: list[list[int]], ceiling: Ints
) -> Ints:
    """Build in the order of the blocks, and pass over what does not fit this year."""
    sequence = [i for block in ordered for i in block]
    never = len(ceiling)
    year = np.full(len(cost_nok), never, dtype=np.int64)
    spent = 0
    for t, allowed in enumerate(ceiling.tolist()):
        for i in sequence:
            if year[i] < never or not (households[i] or t == never - 1):
                continue
            chain = _unbuilt(i, parent, year, never)
            need = int(cost_nok[chain].sum())
            if spent + need <= allowed:
                year[chain] = t
                spent += need
    return year


def _stepwise(cost_nok: Ints, households: Ints, parent: Ints, ceiling: Ints, *, back: bool) -> Ints:
    """Do the best that the money so far can do year by year, each given those before (or after)."""
    years = len(ceiling)
    year = np.full(len(cost_nok), years - 1, dtype=np.int64)
    open_ = np.ones(len(cost_nok), dtype=np.bool_)
    for t in range(years - 2, -1, -1) if back else range(years - 1):
        rows = np.flatnonzero(open_)
        if not len(rows):
            break
        spent = 0 if back else int(cost_nok[~open_].sum())
        least = least_cost(cost_nok[rows], households[rows], among(parent, rows))
        most = least.most_within(int(ceiling[t]) - spent)
        built = rows[least.trace(np.array([most]))[0]]
        year[built] = t
        if back:
            open_[:] = False
            open_[built] = True
        else:
            open_[built] = False
    return year


def _unbuilt(work: int, parent: Ints, year: Ints, never: int) -> list[int]:
    """Give a work and what it hangs on that is not built yet."""
    chain = []
    at = work
    while at >= 0 and year[at] == never:
        chain.append(at)
        at = int(parent[at])
    return chain


def _most_by_envelope(
    cost_nok: Ints, households: Ints, ordered: list[list[int]], ceiling: Ints
) -> float:
    """Sum over years what the upper envelope gives for the money so far."""
    cost = np.cumsum([0, *(int(cost_nok[block].sum()) for block in ordered)])
    gain = np.cumsum([0, *(int(households[block].sum()) for block in ordered)])
    return float(np.interp(ceiling, cost, gain).sum())


def handed_out(need_nok: Ints, annual_grant_nok: Sequence[int]) -> Ints:
    """Turn what counties need each year into budgets that keep within each year's grant.

    A year's grant goes first to what is needed that year, then to what is needed next: a county
    may get money before the year in which it uses it, never after.

    Parameters
    ----------
    need_nok
        Shape (counties, years); the sum so far never exceeds the grant so far.

    Returns
    -------
    Whole kroner, shape (counties, years).
    """
    left = need_nok.copy()
    given = np.zeros_like(need_nok)
    for t, grant in enumerate(annual_grant_nok):
        money = int(grant)
        for due in range(left.shape[1]):
            for c in range(left.shape[0]):
                amount = min(int(left[c, due]), money)
                left[c, due] -= amount
                given[c, t] += amount
                money -= amount
    return given
