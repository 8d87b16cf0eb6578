"""Simulated annealing over build years: plans for the lumpy regime, in seconds.

A state is a build year for each work. A move gives one work another year, or swaps the years
of two; feeders are pulled forward and what depends on them pushed back, so the order always
holds. What breaks a limit or a promise is priced, and the price swings so that the walk
crosses the border of the possible again and again; only plans within it are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bredband.kernel import kernel
from bredband.rollout.model import Floats, Ints, Problem


@dataclass(frozen=True)
class _Terrain:
    """The problem as the kernel wants it: plain arrays, limits in solver units."""

    value: Floats
    first: Ints
    last: Ints
    up_start: Ints
    up: Ints
    down_start: Ints
    down: Ints
    use: Floats
    ceiling: Floats
    carry: Ints
    gain: Floats
    promise_year: Ints
    least: Floats
    group_start: Ints
    group: Ints


def anneal(problem: Problem, start: Ints, *, moves: int, seed: int) -> tuple[Ints, float]:
    """Search from a plan that keeps the order, and give the best plan met on the way.

    Parameters
    ----------
    start
        Build year indices, shape (works,); may break limits and promises but not the order.
    moves
        Number of moves tried.

    Returns
    -------
    built, objective
        The best plan that keeps every constraint; minus infinity if none was met.
    """
    works, years = problem.shape
    if not works:
        return start.copy(), 0.0
    land = _terrain(problem)
    scale = float(np.median(problem.value.max(axis=1)[problem.value.max(axis=1) > 0], axis=0)) if (
        problem.value > 0
    ).any() else 1.0
    built, best = _walk(
        start.astype(np.int64), years, moves, seed, scale,
        land.value, land.first, land.last, land.up_start, land.up, land.down_start, land.down,
        land.use, land.ceiling, land.carry, land.gain, land.promise_year, land.least,
        land.group_start, land.group,
    )  # fmt: skip
    return built, best


def _terrain(problem: Problem) -> _Terrain:
    works, years = problem.shape
    up_start, up = _neighbours(problem.before[:, 0], problem.before[:, 1], works)
    down_start, down = _neighbours(problem.before[:, 1], problem.before[:, 0], works)
    member = np.concatenate([np.empty(0, dtype=np.int64), *problem.exclusive])
    number = np.repeat(np.arange(len(problem.exclusive)), [len(g) for g in problem.exclusive])
    group_start, group = _neighbours(member, number.astype(np.int64), works)
    limits, promises = problem.limits, problem.promises
    first, last = windows(problem)
    return _Terrain(
        value=np.hstack([problem.value, np.zeros((works, 1))]),
        first=first,
        last=last,
        up_start=up_start,
        up=up,
        down_start=down_start,
        down=down,
        use=np.array([limit.use / limit.unit for limit in limits]).reshape(-1, works, years),
        ceiling=np.array([limit.ceiling / limit.unit for limit in limits]).reshape(-1, years),
        carry=np.array([limit.carry_over for limit in limits], dtype=np.int64),
        gain=np.array([promise.gain for promise in promises]).reshape(-1, works),
        promise_year=np.array([promise.year for promise in promises], dtype=np.int64),
        least=np.array([promise.least for promise in promises], dtype=np.float64),
        group_start=group_start,
        group=group,
    )


def windows(problem: Problem) -> tuple[Ints, Ints]:
    """Give the first and the last year index each work may have; the number of years is never."""
    works, years = problem.shape
    first = np.where(problem.barred, years, 0).astype(np.int64)
    last = np.where(problem.required, years - 1, years).astype(np.int64)
    decided = problem.committed >= 0
    first[decided] = last[decided] = problem.committed[decided]
    return first, last


def _neighbours(source: Ints, target: Ints, count: int) -> tuple[Ints, Ints]:
    order = np.argsort(source, kind="stable")
    start = np.searchsorted(source[order], np.arange(count + 1)).astype(np.int64)
    return start, target[order].astype(np.int64)


@kernel
def _penalty(used, gained, counts, ceiling, carry, least):  # type: ignore[no-untyped-def]
    over = 0.0
    for k in range(used.shape[0]):
        total = 0.0
        for t in range(used.shape[1]):
            total = total + used[k, t] if carry[k] else used[k, t]
            if total > ceiling[k, t] + 1e-9:
                over += total - ceiling[k, t]
    short = 0.0
    for k in range(len(gained)):
        if gained[k] < least[k] - 1e-9:
            short += least[k] - gained[k]
    many = 0.0
    for g in range(len(counts)):
        if counts[g] > 1:
            many += counts[g] - 1
    return over, short, many


@kernel
def _shift(  # type: ignore[no-untyped-def]
    i, new, built, value, use, used, gain, gained, promise_year, group_start, group, counts
):
    """Give work i another year and keep every sum up to date; returns the change of value."""
    old = built[i]
    never = used.shape[1]
    for k in range(used.shape[0]):
        if old < never:
            used[k, old] -= use[k, i, old]
        if new < never:
            used[k, new] += use[k, i, new]
    for k in range(len(gained)):
        gained[k] += gain[k, i] * (int(new <= promise_year[k]) - int(old <= promise_year[k]))
    if (new < never) != (old < never):
        for g in range(group_start[i], group_start[i + 1]):
            counts[group[g]] += 1 if new < never else -1
    built[i] = new
    return value[i, new] - value[i, old]


@kernel
def _walk(  # type: ignore[no-untyped-def]
    start, never, moves, seed, scale,
    value, first, last, up_start, up, down_start, down, use, ceiling, carry,
    gain, promise_year, least, group_start, group,
):  # fmt: skip
    np.random.seed(seed)
    works = len(start)
    built = np.full(works, never)
    used = np.zeros((use.shape[0], never))
    gained = np.zeros(len(least))
    counts = np.zeros(group.max() + 1 if len(group) else 0)
    total = 0.0
    for i in range(works):
        total += _shift(
            i, start[i], built, value, use, used, gain, gained, promise_year,
            group_start, group, counts,
        )  # fmt: skip
    over, short, many = _penalty(used, gained, counts, ceiling, carry, least)
    # Prices of a broken unit: a median work's value per limit unit it uses.
    price_over = scale / 4.0
    price_short = scale / 20.0
    price_many = scale
    best = -np.inf
    best_built = built.copy()
    stack = np.empty(works, np.int64)
    touched = np.empty(2 * works + 2, np.int64)
    was = np.empty(2 * works + 2, np.int64)
    feasible_moves = 0
    hot, cold = 0.15 * scale, 0.004 * scale
    temperature = hot
    for move in range(moves):
        if move % 1000 == 0:
            temperature = hot * (cold / hot) ** (move / moves)
            factor = 0.93 if feasible_moves > 400 else 1.08
            price_over = min(max(price_over * factor, scale / 100.0), scale * 10.0)
            price_short = min(max(price_short * factor, scale / 500.0), scale * 10.0)
            price_many = min(max(price_many * factor, scale / 10.0), scale * 10.0)
            feasible_moves = 0
        count = 0
        change = 0.0
        possible = True
        i = np.random.randint(works)
        goals = 1
        other = i
        if np.random.random() < 0.5:
            other = np.random.randint(works)
            if built[other] != built[i]:
                goals = 2
        year_i, year_other = built[i], built[other]
        for goal in range(goals):
            if goals == 2:
                work = i if goal == 0 else other
                target = year_other if goal == 0 else year_i
            else:
                work = i
                target = np.random.randint(never + 1)
            if target == built[work]:
                continue
            # The work itself, then its feeders no later, then what hangs on it no earlier.
            for direction in range(2):
                top = 1
                stack[0] = work
                while top and possible:
                    top -= 1
                    j = stack[top]
                    if target < first[j] or target > last[j]:
                        possible = False
                        break
                    if built[j] != target:
                        touched[count] = j
                        was[count] = built[j]
                        count += 1
                        change += _shift(
                            j, target, built, value, use, used, gain, gained, promise_year,
                            group_start, group, counts,
                        )  # fmt: skip
                    if direction == 0:
                        for e in range(up_start[j], up_start[j + 1]):
                            if built[up[e]] > target:
                                stack[top] = up[e]
                                top += 1
                    else:
                        for e in range(down_start[j], down_start[j + 1]):
                            if built[down[e]] < target:
                                stack[top] = down[e]
                                top += 1
                if not possible:
                    break
            if not possible:
                break
        if count == 0:
            continue
        accepted = possible
        if possible:
            new_over, new_short, new_many = _penalty(used, gained, counts, ceiling, carry, least)
            gain_of_move = (
                change
                - price_over * (new_over - over)
                - price_short * (new_short - short)
                - price_many * (new_many - many)
            )
            accepted = gain_of_move >= 0 or np.random.random() < np.exp(gain_of_move / temperature)
        if accepted:
            over, short, many = new_over, new_short, new_many
            total += change
            if over + short + many == 0.0:
                feasible_moves += 1
                if total > best + 1e-9:
                    best = total
                    best_built[:] = built
        else:
            for c in range(count - 1, -1, -1):
                _shift(
                    touched[c], was[c], built, value, use, used, gain, gained, promise_year,
                    group_start, group, counts,
                )  # fmt: skip
    return best_built, best
