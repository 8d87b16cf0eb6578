"""Fill the years in a given order of priority: a quick plan, and how a plan fares in practice."""

from __future__ import annotations

import numpy as np

from bredband.kernel import kernel
from bredband.rollout.lagrangian import Relaxation
from bredband.rollout.model import Bools, Ints, Problem
from bredband.rollout.search import neighbours


def fill(problem: Problem, order: Ints, earliest: Ints, allowed: Bools) -> Ints:
    """Build works in order, each with what it lacks before it, in the first year with room.

    Parameters
    ----------
    order
        Works by priority, the first first; works left out are built only for others.
    earliest
        No work is tried before this year index, shape (works,).
    allowed
        The years open for each work, shape (works, years + 1).

    Returns
    -------
    built
        Keeps limits, order and groups; promises and requirements only as far as there is room.
    """
    works, years = problem.shape
    limits = problem.limits
    groups = np.full((works, max(len(problem.exclusive), 1)), False)
    for g, group in enumerate(problem.exclusive):
        groups[group, g] = True
    up_start, up = neighbours(problem.pairs[:, 0], problem.pairs[:, 1], works)
    return _fill(
        order.astype(np.int64),
        earliest.astype(np.int64),
        allowed,
        up_start,
        up,
        np.array([limit.use for limit in limits]).reshape(-1, works, years),
        np.array([limit.ceiling for limit in limits]).reshape(-1, years),
        np.array([limit.carry_over for limit in limits], dtype=np.bool_),
        groups,
    )


def by_households_per_krone(problem: Problem) -> Ints:
    """Order the works as a spreadsheet would: most value per krone of their own grant first."""
    grant = sum(limit.use[:, 0] for limit in problem.limits if limit.is_grant)
    ratio = problem.value[:, 0] / np.maximum(np.asarray(grant, dtype=np.float64), 1.0)
    return np.argsort(-ratio, kind="stable")[: int((problem.value[:, 0] > 0).sum())]


def by_price(relaxation: Relaxation) -> Ints:
    """Order the works by what is lost, at the prices, if they are never built."""
    worth = relaxation.slack[:, -1] - relaxation.slack[:, :-1].min(axis=1)
    return np.argsort(-worth, kind="stable")


def as_priced(problem: Problem, relaxation: Relaxation, allowed: Bools) -> Ints:
    """Build each work in its best year at the prices or as soon after as there is room.

    What is not built at the prices comes last, in whatever room is left. In a county of many
    small works few have to move, so the plan is close to the bound.
    """
    order = by_price(relaxation)
    order = order[np.argsort(relaxation.built[order], kind="stable")]
    earliest = np.where(relaxation.built < problem.shape[1], relaxation.built, 0)
    return fill(problem, order, earliest, allowed)


@kernel
def _fits(
    chain: Ints, year: int, allowed: Bools, use: Ints, used: Ints, ceiling: Ints, carry: Bools
) -> bool:
    """Tell whether a chain of works can all be built in a year."""
    for i in chain:
        if not allowed[i, year]:
            return False
    for k in range(len(used)):
        need = 0
        for i in chain:
            need += use[k, i, year]
        total = 0
        for t in range(used.shape[1]):
            total = total + used[k, t] if carry[k] else used[k, t]
            concerned = t >= year if carry[k] else t == year
            if need > 0 and concerned and total + need > ceiling[k, t]:
                return False
    return True


@kernel
def _fill(
    order: Ints,
    earliest: Ints,
    allowed: Bools,
    up_start: Ints,
    up: Ints,
    use: Ints,
    ceiling: Ints,
    carry: Bools,
    groups: Bools,
) -> Ints:
    years = ceiling.shape[1]
    works = len(up_start) - 1
    built = np.full(works, years)
    used = np.zeros(ceiling.shape, np.int64)
    taken = np.zeros(groups.shape[1], np.bool_)
    chain = np.empty(works, np.int64)
    seen = np.full(works, -1)
    for work in order:
        count = 0
        first = 0
        crowded = False
        within = taken.copy()
        if built[work] == years:
            chain[0] = work
            seen[work] = work
            count = 1
        k = 0
        while k < count:
            i = chain[k]
            k += 1
            first = max(first, earliest[i])
            crowded = crowded or (groups[i] & within).any()
            within |= groups[i]
            for e in range(up_start[i], up_start[i + 1]):
                j = up[e]
                if built[j] < years:
                    first = max(first, built[j])
                elif seen[j] != work:
                    seen[j] = work
                    chain[count] = j
                    count += 1
        lacking = chain[:count]
        start = years if crowded or not count else first
        for t in range(start, years):
            if _fits(lacking, t, allowed, use, used, ceiling, carry):
                for c in lacking:
                    built[c] = t
                    used[:, t] += use[:, c, t]
                    taken |= groups[c]
                break
    return built
