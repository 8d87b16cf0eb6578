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

import time
from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import IMPOSSIBLE, Relaxation, coupling_rows, forest_of, profit_at
from bredband.rollout.model import Bools, Floats, Ints, Problem
from bredband.rollout.search import neighbours

STEPS = 600
"""A year's money is counted in so many steps to tell what a way must lose; sums are exact."""

FIRST_LOSS = 2e-4
"""Ways that lose no more than this beyond the best are listed first, as a share of the bound."""

TOO_MANY = 10
"""A year's list is given up at so many times what is kept."""

ENOUGH = 3
"""A year's list is long enough at so many times what is kept."""

MOST_LOSS = 0.05
"""Without a plan to beat, no more than this is lost, as a share of the bound."""

MOST_WORKS = 64
"""No year holds more works than this in a county where this method is of use."""


WIDTHS = (30, 100, 300, 1000, 3000, 10_000, 30_000)
"""States kept in each pass through the years; a pass costs about three times the one before."""

GAIN, SURE_WIDTH = 0.95, 1000
"""Passes wider than this go on only while each leaves no more than such a share of the gap."""


class _Wood(NamedTuple):
    """The feeder forest in depth-first order, and what each choice is worth at the prices.

    ``skip[k]`` is the place after the tree that begins at place k; ``later[i, t]`` the most that
    the tree from work i outward is worth when i is built in year t or later.
    """

    work: Ints
    skip: Ints
    profit: Floats
    later: Floats


class _Rules(NamedTuple):
    """What one year allows: what works use and its price, and what else must hold."""

    year: int
    use: Ints
    price: Floats
    before_start: Ints
    before: Ints
    groups: Bools


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


class _Desk(NamedTuple):
    """Room for one state at a time: the works that may be new, and what is still to lose."""

    node: Ints
    skip: Ints
    build: Floats
    wait: Floats
    need: Ints
    least: Floats


def by_years(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    known: Known,
    *,
    target_gap_share: float,
    ends_s: float,
) -> Known:
    """Go through the years with more and more states kept, as long as that pays.

    Parameters
    ----------
    relaxation, allowed, known
        As in ``fill_years``.
    target_gap_share
        Stop when the bound is no further than this above the plan.
    ends_s
        When to stop, on the clock of ``time.perf_counter``.
    """
    for width in WIDTHS:
        begun = time.perf_counter()
        before = known
        known = fill_years(problem, relaxation, allowed, known, width=width)
        if known is before or known.gap_share <= target_gap_share:
            break
        if width >= SURE_WIDTH and not known.gap_share <= GAIN * before.gap_share:
            break
        now = time.perf_counter()
        if now + 4 * (now - begun) > ends_s:
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
    key = np.random.default_rng(0).integers(1, 2**62, works)
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
        same = (built[rank] <= year) @ key + used[rank] @ (carry * 1_000_003)
        kept = rank[np.sort(np.unique(same, return_index=True)[1])]
        proved = min(proved, listed, *loss[kept[width : width + 1]])
        kept = kept[:width]
        states = _States(built[kept], loss[kept], used[kept])
        if not len(kept):
            return known.with_bound(relaxation.bound - proved)
    proved = min(proved, states.loss[0])
    return known.with_plan(problem, states.built[0]).with_bound(relaxation.bound - proved)


def _wood(problem: Problem, relaxation: Relaxation, allowed: Bools) -> _Wood:
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
    return _Wood(work, skip, profit, _later(profit, forest.feeder, forest.order))


def _rules(problem: Problem, relaxation: Relaxation, year: int) -> _Rules:
    works, years = problem.shape
    limits = problem.limits
    unit = np.array([limit.unit for limit in limits])
    priced = relaxation.prices[: len(limits) * years].reshape(len(limits), years)
    groups = np.zeros((works, len(problem.exclusive)), dtype=np.bool_)
    for g, group in enumerate(problem.exclusive):
        groups[group, g] = True
    start, before = neighbours(problem.beside[:, 0], problem.beside[:, 1], works)
    use = np.array([limit.use[:, year] for limit in limits]).reshape(-1, works)
    return _Rules(year, use, priced[:, year] / unit, start, before, groups)


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
    wood: _Wood, rules: _Rules, states: _States, left: Ints, most: float, width: int
) -> tuple[_Ways | None, float]:
    """List the ways of all states that lose no more than some amount, enough to fill the beam.

    Returns the list, and the amount: no way that loses less is missing. None if a year holds
    more works than this is made for.
    """
    capacity = TOO_MANY * width
    least = _least(wood, rules, states.built, states.loss, left, most)
    lowest = float(least.min())
    best: _Ways | None = None
    reached, more = lowest, FIRST_LOSS * most
    while True:
        upto = min(lowest + more, most)
        ways = _Ways(*_ways(wood, rules, states.built, states.loss, left, least, upto, capacity))
        if (ways.number < 0).any():
            return None, 0.0
        if len(ways.number) < capacity:
            best, reached = ways, upto
            if upto >= most or len(ways.number) >= ENOUGH * width:
                return best, reached
            more *= 2
        elif best is not None:
            return best, reached
        elif more < 1e-9 * most:
            return ways, lowest
        else:
            more /= 8


@kernel
def _later(profit: Floats, feeder: Ints, order: Ints) -> Floats:
    """Give the most that the tree from i outward is worth when i is built in t or later."""
    works, columns = profit.shape
    later = profit.copy()
    for k in range(works - 1, -1, -1):
        i = order[k]
        for t in range(columns - 2, -1, -1):
            later[i, t] = max(later[i, t], later[i, t + 1])
        if feeder[i] >= 0:
            later[feeder[i]] += later[i]
    return later


@kernel
def _desk(works: int) -> _Desk:
    return _Desk(
        np.empty(works, np.int64),
        np.empty(works + 1, np.int64),
        np.empty(works),
        np.empty(works),
        np.empty(works, np.int64),
        np.empty((works + 1, STEPS + MOST_WORKS + 1)),
    )


@kernel
def _spread(
    desk: _Desk, wood: _Wood, rules: _Rules, plan: Ints, left: Ints, most: float
) -> tuple[int, float]:
    """Put on the desk what may be new in a year after a plan, and what each choice loses.

    Returns the number of works, and what is lost whatever is chosen.
    """
    works, year = len(wood.work), rules.year
    place = np.empty(works + 1, np.int64)
    count, lost = 0, 0.0
    k = 0
    while k < works:
        place[k] = count
        i = wood.work[k]
        if plan[i] < year:
            k += 1
            continue
        now = wood.profit[i, year]
        j = k + 1
        while j < wood.skip[k]:
            now += wood.later[wood.work[j], year]
            j = wood.skip[j]
        delayed = wood.later[i, year + 1]
        best = max(now, delayed)
        if best < IMPOSSIBLE / 2:
            lost -= IMPOSSIBLE
        if best - now <= most and (rules.use[:, i] <= left).all():
            desk.node[count] = k
            desk.build[count] = best - now
            desk.wait[count] = best - delayed
            count += 1
            k += 1
        else:
            lost += best - delayed
            place[k : wood.skip[k]] = count
            k = wood.skip[k]
    place[works] = count
    for c in range(count):
        desk.skip[c] = place[wood.skip[desk.node[c]]]
    return count, lost


@kernel
def _laid_out(
    desk: _Desk, wood: _Wood, rules: _Rules, plan: Ints, left: Ints, most: float
) -> tuple[int, int, float]:
    """Lay out what may be new in a year after a plan, and what each choice must lose.

    ``least[c, r]`` is the least loss of the works from c on with r steps of money left. Use is
    rounded up to whole steps, which may cost a step for each new work, so the last ``spare``
    steps are free: then nothing is lost on paper that would not be lost in truth.

    Returns the number of works, the steps at the start, and what is lost whatever is chosen.
    """
    count, lost = _spread(desk, wood, rules, plan, left, most)
    main = np.argmax(rules.price * left)
    step = max(left[main] / STEPS, 1e-9)
    used = np.empty(count)
    for c in range(count):
        used[c] = rules.use[main, wood.work[desk.node[c]]]
        desk.need[c] = int(np.ceil(used[c] / step - 1e-9))
    cheapest = np.sort(used[used > 0]).cumsum()
    spare = min(int((cheapest <= left[main]).sum()), MOST_WORKS)
    top = STEPS + spare
    for r in range(top + 1):
        desk.least[count, r] = max(r - spare, 0) * step * rules.price[main]
    for c in range(count - 1, -1, -1):
        after, build, wait, need = desk.skip[c], desk.build[c], desk.wait[c], desk.need[c]
        for r in range(top + 1):
            best = wait + desk.least[after, r]
            if r >= need:
                best = min(best, build + desk.least[c + 1, r - need])
            desk.least[c, r] = best
    return count, top, lost


@kernel
def _least(
    wood: _Wood, rules: _Rules, built: Ints, loss: Floats, left: Ints, most: float
) -> Floats:
    """Give the least that a plan through each state has lost by the end of the year."""
    least = np.empty(len(built))
    desk = _desk(len(wood.work))
    for s in range(len(built)):
        _, top, lost = _laid_out(desk, wood, rules, built[s], left[s], most - loss[s])
        least[s] = loss[s] + lost + desk.least[0, top]
    return least


@kernel
def _holds(rules: _Rules, plan: Ints, new: Ints) -> bool:
    """Tell whether what new works need beside their feeders is there, and no group has two."""
    for i in new:
        for b in range(rules.before_start[i], rules.before_start[i + 1]):
            j = rules.before[b]
            if plan[j] >= rules.year and not (new == j).any():
                return False
        for g in range(rules.groups.shape[1]):
            if rules.groups[i, g]:
                for j in range(len(plan)):
                    if j != i and rules.groups[j, g] and (plan[j] < rules.year or (new == j).any()):
                        return False
    return True


@kernel
def _ways(
    wood: _Wood,
    rules: _Rules,
    built: Ints,
    loss: Floats,
    left: Ints,
    least: Floats,
    upto: float,
    capacity: int,
) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    """List every way to fill the year that has lost no more than ``upto`` by its end."""
    works, limits = len(wood.work), left.shape[1]
    desk = _desk(works)
    state, count = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    listed = np.full((capacity, MOST_WORKS), -1)
    lost, spent = np.empty(capacity), np.empty((capacity, limits), np.int64)
    # A stack of choices not followed yet: place, works so far, the last of them, steps, loss.
    ahead = np.empty((2 * works + 2, 4), np.int64)
    so_far = np.empty(2 * works + 2)
    new = np.empty(MOST_WORKS, np.int64)
    total = np.empty(limits, np.int64)
    found = 0
    for s in range(len(built)):
        if least[s] > upto:
            continue
        places, top, fixed = _laid_out(desk, wood, rules, built[s], left[s], upto - loss[s])
        if loss[s] + fixed + desk.least[0, top] > upto:
            continue
        ahead[0] = 0, 0, -1, top
        so_far[0] = loss[s] + fixed
        height = 1
        while height and found < capacity:
            height -= 1
            c, depth, last, r = ahead[height]
            here = so_far[height]
            if last >= 0:
                new[depth - 1] = last
            if c < places:
                after, need = desk.skip[c], desk.need[c]
                if here + desk.wait[c] + desk.least[after, r] <= upto:
                    ahead[height] = after, depth, -1, r
                    so_far[height] = here + desk.wait[c]
                    height += 1
                if r >= need and here + desk.build[c] + desk.least[c + 1, r - need] <= upto:
                    if depth == MOST_WORKS:
                        count[0] = -1
                        return state[:1], listed[:1], count[:1], lost[:1], spent[:1]
                    ahead[height] = c + 1, depth + 1, wood.work[desk.node[c]], r - need
                    so_far[height] = here + desk.build[c]
                    height += 1
                continue
            total[:] = 0
            for i in new[:depth]:
                total += rules.use[:, i]
            waste = 0.0
            fits = True
            for m in range(limits):
                fits = fits and total[m] <= left[s, m]
                waste += rules.price[m] * (left[s, m] - total[m])
            if fits and here + waste <= upto and _holds(rules, built[s], new[:depth]):
                state[found], count[found], lost[found] = s, depth, here + waste
                listed[found, :depth] = new[:depth]
                spent[found] = total
                found += 1
    return state[:found], listed[:found], count[:found], lost[:found], spent[:found]
