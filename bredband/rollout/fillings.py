"""Every way to fill a year that loses little, listed by a knapsack along the feeder trees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.rollout.lagrangian import IMPOSSIBLE
from bredband.rollout.model import Bools, Floats, Ints

STEPS = 600
"""A year's money is counted in so many steps to tell what a way must lose; sums are exact."""

MOST_WORKS = 64
"""No year holds more works than this in a county where this method is of use."""


class Wood(NamedTuple):
    """The feeder forest in depth-first order, and what each choice is worth at the prices.

    ``skip[k]`` is the place after the tree that begins at place k; ``later[i, t]`` the most that
    the tree from work i outward is worth when i is built in year t or later.
    """

    work: Ints
    skip: Ints
    profit: Floats
    later: Floats


class Rules(NamedTuple):
    """What one year allows: what works use and its price, and what else must hold."""

    year: int
    use: Ints
    price: Floats
    before_start: Ints
    before: Ints
    groups: Bools


class _Desk(NamedTuple):
    """Room for one state at a time: the works that may be new, and what is still to lose."""

    node: Ints
    skip: Ints
    build: Floats
    wait: Floats
    need: Ints
    least: Floats


@kernel
def worth_later(profit: Floats, feeder: Ints, order: Ints) -> Floats:
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
    desk: _Desk, wood: Wood, rules: Rules, plan: Ints, left: Ints, most: float
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
    desk: _Desk, wood: Wood, rules: Rules, plan: Ints, left: Ints, most: float
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
def least_lost(
    wood: Wood, rules: Rules, built: Ints, loss: Floats, left: Ints, most: float
) -> Floats:
    """Give the least that a plan through each state has lost by the end of the year."""
    least = np.empty(len(built))
    desk = _desk(len(wood.work))
    for s in range(len(built)):
        _, top, lost = _laid_out(desk, wood, rules, built[s], left[s], most - loss[s])
        least[s] = loss[s] + lost + desk.least[0, top]
    return least


@kernel
def _holds(rules: Rules, plan: Ints, new: Ints) -> bool:
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
def list_ways(
    wood: Wood,
    rules: Rules,
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
    listed = np.empty((capacity, MOST_WORKS), np.int64)
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
                listed[found, depth:] = -1
                spent[found] = total
                found += 1
    return state[:found], listed[:found], count[:found], lost[:found], spent[:found]
