"""Years filled one by one in every way that loses little: plans and a bound at once.

At given prices (``lagrangian``) a plan is worth the bound less what it loses, and the loss falls
into years: what a feeder tree loses by building now what should wait, or by waiting with what
should be built now, and what the money left over would have been worth. No year loses less than
nothing. So of all that may have been built by a year, what has lost least is most promising, and
a plan that loses less than some amount has lost less than that by every year. A year's ways to
lose little are listed in full by a knapsack along the trees (depth-first order: Johnson and
Niemi 1983); what is kept is a beam (Lowerre 1976), and the least loss that was left out bounds
every plan that is not found. Where few works fit in a year this bound is far above the linear one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bredband.rollout.fillings import Rules, Wood, least_lost, list_ways, worth_later
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import Relaxation, coupling_rows, forest_of, profit_at
from bredband.rollout.model import Bools, Floats, Ints, Problem
from bredband.rollout.search import neighbours

FIRST_LOSS = 2e-4
"""Ways that lose no more than this beyond the best are listed first, as a share of what may be lost."""

TOO_MANY = 10
"""A year's list is given up at so many times what is kept."""

ENOUGH = 3
"""A year's list is long enough at so many times what is kept."""

MOST_LOSS = 0.05
"""Without a plan to beat, no more than this is lost, as a share of the bound."""

WIDTHS = (30, 100, 300, 1000, 3000, 10_000, 30_000)
"""States kept in each pass through the years; a pass costs about three times the one before."""

MOST_PLACES = 60_000_000
"""States times works times years of the widest pass."""

PLACES_A_SECOND = 4_000_000
"""The same of all passes together, for each second that may be spent.

Work and not the clock ends the passes: a machine gets about so far, and what is proved is the
same on one that is slower, busier or compiles for the first time.
"""

GAIN, SURE_WIDTH = 0.95, 1000
"""Passes wider than this go on only while each leaves no more than such a share of the gap."""


class _States(NamedTuple):
    """What may have been built by a year: build years, what was lost, and what was used."""

    built: Ints
    loss: Floats
    used: Ints


class _Ways(NamedTuple):
    """Ways to fill a year: the state before, the works that are new, the loss, and what is used."""

    state: Ints
    works: Ints
    number: Ints
    loss: Floats
    spent: Ints


def by_years(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    known: Known,
    *,
    target_gap_share: float,
    time_limit_s: float,
) -> Known:
    """Go through the years with more and more states kept, as long as that pays.

    Parameters
    ----------
    relaxation, allowed, known
        As in ``fill_years``.
    target_gap_share
        Stop when the bound is no further than this above the plan.
    time_limit_s
        How long the passes may take, on a machine that manages ``PLACES_A_SECOND``.
    """
    done = 0
    for width in WIDTHS:
        places = width * allowed.size
        done += places
        if places > MOST_PLACES or done > PLACES_A_SECOND * time_limit_s:
            break
        before = known
        known = fill_years(problem, relaxation, allowed, known, width=width)
        if known is before or known.gap_share <= target_gap_share:
            break
        if width >= SURE_WIDTH and not known.gap_share <= GAIN * before.gap_share:
            break
    return known


def fill_years(
    problem: Problem, relaxation: Relaxation, allowed: Bools, known: Known, *, width: int
) -> Known:
    """Fill year by year, keep the ``width`` states that have lost least, and say what is proved.

    Parameters
    ----------
    relaxation
        The prices that losses are measured at.
    allowed
        The years open for each work, shape (works, years + 1).
    known
        The best plan so far; what loses more than it is left out.

    Returns
    -------
    known
        With a better plan and a lower bound, if this found any.
    """
    works, years = problem.shape
    limits = problem.limits
    wood = _wood(problem, relaxation, allowed)
    most = relaxation.bound - known.objective
    if known.built is None:
        most = MOST_LOSS * abs(relaxation.bound)
    proved = most
    random = np.random.default_rng(0)
    sign, purse = (random.integers(1, 2**62, count) for count in (works, len(limits)))
    carry = np.array([limit.carry_over for limit in limits], dtype=np.int64)
    states = _States(np.full((1, works), years), np.zeros(1), np.zeros((1, len(limits)), np.int64))
    for year in range(years):
        rules = _rules(problem, relaxation, year)
        left = np.array([limit.ceiling[year] for limit in limits]) - states.used * carry
        ways, listed = _listed(wood, rules, states, left, most, width)
        if ways is None:
            return known
        built = states.built[ways.state]
        new = ways.works >= 0
        built[np.nonzero(new)[0], ways.works[new]] = year
        holds, owed = _promised(problem, relaxation, built, year)
        loss = ways.loss + owed
        used = states.used[ways.state] * carry + ways.spent
        rank = np.flatnonzero(holds)[np.argsort(loss[holds], kind="stable")]
        same = (built[rank] <= year) @ sign + used[rank] @ (carry * purse)
        kept = rank[np.sort(np.unique(same, return_index=True)[1])]
        proved = min(proved, listed, *loss[kept[width : width + 1]])
        kept = kept[:width]
        states = _States(built[kept], loss[kept], used[kept])
        if not len(kept):
            return known.with_bound(relaxation.bound - proved)
    proved = min(proved, states.loss[0])
    best = states.built[np.argmax(_worth(problem, states.built))]
    return known.with_plan(problem, best).with_bound(relaxation.bound - proved)


def _worth(problem: Problem, plans: Ints) -> Floats:
    """Sum the objective of many plans; their losses leave out what is paid for groups."""
    value = np.pad(problem.value, ((0, 0), (0, 1)))
    worth = np.zeros(len(plans))
    for work, built in enumerate(plans.T):
        worth += value[work, built]
    return worth


def _wood(problem: Problem, relaxation: Relaxation, allowed: Bools) -> Wood:
    works = problem.shape[0]
    forest = forest_of(problem)
    hangs = np.flatnonzero(forest.feeder >= 0)
    start, below = neighbours(forest.feeder[hangs], hangs, works)
    size = np.ones(works, dtype=np.int64)
    for i in forest.order[::-1]:
        if forest.feeder[i] >= 0:
            size[forest.feeder[i]] += size[i]
    work = np.empty(works, dtype=np.int64)
    stack = list(np.flatnonzero(forest.feeder < 0)[::-1])
    for place in range(works):
        work[place] = stack.pop()
        stack += list(below[start[work[place]] : start[work[place] + 1]])
    profit = profit_at(problem, coupling_rows(problem), relaxation.prices, allowed)
    skip = np.arange(works) + size[work]
    return Wood(work, skip, profit, worth_later(profit, forest.feeder, forest.order))


def _rules(problem: Problem, relaxation: Relaxation, year: int) -> Rules:
    works, years = problem.shape
    limits = problem.limits
    unit = np.array([limit.unit for limit in limits])
    priced = relaxation.prices[: len(limits) * years].reshape(len(limits), years)
    groups = np.zeros((works, len(problem.exclusive)), dtype=np.bool_)
    for g, group in enumerate(problem.exclusive):
        groups[group, g] = True
    start, before = neighbours(problem.beside[:, 0], problem.beside[:, 1], works)
    use = np.array([limit.use[:, year] for limit in limits]).reshape(-1, works)
    return Rules(year, use, priced[:, year] / unit, start, before, groups)


def _promised(
    problem: Problem, relaxation: Relaxation, built: Ints, year: int
) -> tuple[Bools, Floats]:
    """Tell which states keep the promises of a year, and what they lose by keeping more."""
    holds, loss = np.ones(len(built), dtype=np.bool_), np.zeros(len(built))
    first = len(problem.limits) * problem.shape[1]
    for row, promise in enumerate(problem.promises, first):
        if promise.year == year:
            beyond = (built <= year) @ promise.gain - promise.least
            holds &= beyond >= -1e-6
            loss += -relaxation.prices[row] * np.maximum(beyond, 0.0)
    return holds, loss


def _listed(
    wood: Wood, rules: Rules, states: _States, left: Ints, most: float, width: int
) -> tuple[_Ways | None, float]:
    """List the ways of all states that lose no more than some amount, enough to fill the beam.

    Returns the list, and the amount: no way that loses less is missing. None if a year holds
    more works than this is made for.
    """
    capacity = TOO_MANY * width
    least = least_lost(wood, rules, states.built, states.loss, left, most)
    lowest = float(least.min())
    best: _Ways | None = None
    reached, more = lowest, FIRST_LOSS * most
    while True:
        upto = min(lowest + more, most)
        ways = _Ways(
            *list_ways(wood, rules, states.built, states.loss, left, least, upto, capacity)
        )
        if (ways.number < 0).any():
            return None, 0.0
        if len(ways.number) < capacity:
            best, reached = ways, upto
            if upto >= most or len(ways.number) >= ENOUGH * width:
                return best, reached
            more *= 2
        elif best is not None:
            return best, reached
        elif more <= 1e-9 * most:
            return ways, lowest
        else:
            more /= 8
