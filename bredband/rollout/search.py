"""Simulated annealing over build years: plans for the lumpy regime, in seconds.

A state is a build year for each work. A move gives one work another year, alone or in exchange
for one that stands there; feeders are pulled forward and what depends on them pushed back, so
the order always holds. What breaks a limit or a promise is priced, and the price swings so that
the walk crosses the border of the possible again and again (strategic oscillation, Glover and
Laguna 1997); only plans within it are kept.
"""
# ruff: noqa: NPY002 - numba knows only the old random generator

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bredband.kernel import kernel
from bredband.rollout.model import Bools, Floats, Ints, Problem

HOT = 0.25
COLD = 0.012
"""First and last temperature, as shares of the value of a typical work."""

OSCILLATION = 500
"""Moves between two changes of the price of what is broken."""


class _Land(NamedTuple):
    """The problem as the kernels want it: plain arrays, limits in solver units."""

    value: Floats
    allowed: Bools
    choice_work: Ints
    choice_year: Ints
    up_start: Ints
    up: Ints
    down_start: Ints
    down: Ints
    use: Floats
    ceiling: Floats
    carry: Bools
    gain: Floats
    promise_year: Ints
    least: Floats
    group_start: Ints
    group: Ints


class _State(NamedTuple):
    """A choice of years and every sum that follows from it."""

    built: Ints
    used: Floats
    gained: Floats
    crowd: Ints
    member: Ints
    position: Ints
    members: Ints


def anneal(
    problem: Problem, start: Ints, allowed: Bools, *, moves: int, seed: int, hot: float = HOT
) -> tuple[Ints, float]:
    """Search from a plan that keeps the order, and give the best plan met on the way.

    Parameters
    ----------
    start
        Build year indices, shape (works,); may break limits and promises but not the order.
    allowed
        The years to try for each work, shape (works, years + 1), the last column for never.
    moves
        Number of moves tried.
    hot
        First temperature, as a share of the value of a typical work.

    Returns
    -------
    built, objective
        The best plan that keeps every constraint; minus infinity if none was met.
    """
    land = _land(problem, allowed)
    if not len(land.choice_work):
        return start.copy(), -np.inf
    worth = _typical(np.abs(problem.value).max(axis=1))
    price_over = 2 * worth / _typical(land.use)
    price_short = 2 * worth / _typical(land.gain)
    built, best = walk(
        land,
        _in_order(problem, start),
        moves,
        seed,
        (hot * worth, COLD * worth),
        (price_over, price_short, 2 * worth),
    )
    return built, float(best)


def _in_order(problem: Problem, start: Ints) -> Ints:
    """Pull forward what a plan needs earlier than it has it."""
    built = start.astype(np.int64)
    while True:
        pulled = built.copy()
        np.minimum.at(pulled, problem.pairs[:, 1], built[problem.pairs[:, 0]])
        if (pulled == built).all():
            return built
        built = pulled


def _typical(amounts: Floats) -> float:
    """Give the median of what is not zero."""
    some = amounts[amounts > 0]
    return float(np.median(some)) if len(some) else 1.0


def _land(problem: Problem, allowed: Bools) -> _Land:
    works, years = problem.shape
    pairs = problem.pairs
    up_start, up = neighbours(pairs[:, 0], pairs[:, 1], works)
    down_start, down = neighbours(pairs[:, 1], pairs[:, 0], works)
    member = np.concatenate([np.empty(0, dtype=np.int64), *problem.exclusive])
    number = np.repeat(np.arange(len(problem.exclusive)), [len(g) for g in problem.exclusive])
    group_start, group = neighbours(member, number.astype(np.int64), works)
    limits, promises = problem.limits, problem.promises
    choice_work, choice_year = np.nonzero(allowed & (allowed.sum(axis=1) > 1)[:, None])
    return _Land(
        value=np.hstack([problem.value, np.zeros((works, 1))]),
        allowed=allowed,
        choice_work=choice_work.astype(np.int64),
        choice_year=choice_year.astype(np.int64),
        up_start=up_start,
        up=up,
        down_start=down_start,
        down=down,
        use=np.array([limit.use / limit.unit for limit in limits]).reshape(-1, works, years),
        ceiling=np.array([limit.ceiling / limit.unit for limit in limits]).reshape(-1, years),
        carry=np.array([limit.carry_over for limit in limits], dtype=np.bool_),
        gain=np.array([promise.gain for promise in promises]).reshape(-1, works),
        promise_year=np.array([promise.year for promise in promises], dtype=np.int64),
        least=np.array([promise.least for promise in promises], dtype=np.float64),
        group_start=group_start,
        group=group,
    )


def neighbours(source: Ints, target: Ints, count: int) -> tuple[Ints, Ints]:
    """List the targets of each source: those of i are ``target[start[i]:start[i + 1]]``."""
    order = np.argsort(source, kind="stable")
    start = np.searchsorted(source[order], np.arange(count + 1)).astype(np.int64)
    return start, target[order].astype(np.int64)


@kernel
def _breaches(land: _Land, state: _State) -> tuple[float, float, float]:
    """Sum what is over the limits, short of the promises, and too many in the groups."""
    over = 0.0
    for k in range(state.used.shape[0]):
        total = 0.0
        for t in range(state.used.shape[1]):
            total = total + state.used[k, t] if land.carry[k] else state.used[k, t]
            if total > land.ceiling[k, t] + 1e-9:
                over += total - land.ceiling[k, t]
    short = 0.0
    for k in range(len(land.least)):
        if state.gained[k] < land.least[k] - 1e-9:
            short += land.least[k] - state.gained[k]
    many = 0.0
    for g in range(len(state.crowd)):
        if state.crowd[g] > 1:
            many += state.crowd[g] - 1
    return over, short, many


@kernel
def _shift(land: _Land, state: _State, i: int, new: int) -> float:
    """Give work i another year and keep every sum up to date; returns the change of value."""
    old = state.built[i]
    never = state.used.shape[1]
    for k in range(state.used.shape[0]):
        if old < never:
            state.used[k, old] -= land.use[k, i, old]
        if new < never:
            state.used[k, new] += land.use[k, i, new]
    for k in range(len(land.least)):
        counted = int(new <= land.promise_year[k]) - int(old <= land.promise_year[k])
        state.gained[k] += land.gain[k, i] * counted
    if (new < never) != (old < never):
        for g in range(land.group_start[i], land.group_start[i + 1]):
            state.crowd[land.group[g]] += 1 if new < never else -1
    state.members[old] -= 1
    moved = state.member[old, state.members[old]]
    state.member[old, state.position[i]] = moved
    state.position[moved] = state.position[i]
    state.member[new, state.members[new]] = i
    state.position[i] = state.members[new]
    state.members[new] += 1
    state.built[i] = new
    return float(land.value[i, new] - land.value[i, old])


@kernel
def _move(
    land: _Land,
    state: _State,
    work: int,
    year: int,
    stack: Ints,
    touched: Ints,
    was: Ints,
    count: int,
) -> tuple[bool, int, float]:
    """Give a work a year, its feeders one no later, and what hangs on it one no earlier."""
    change = 0.0
    for direction in range(2):
        top = 1
        stack[0] = work
        while top:
            top -= 1
            j = stack[top]
            if state.built[j] != year:
                if not land.allowed[j, year]:
                    return False, count, change
                touched[count] = j
                was[count] = state.built[j]
                count += 1
                change += _shift(land, state, j, year)
            if direction == 0:
                for e in range(land.up_start[j], land.up_start[j + 1]):
                    if state.built[land.up[e]] > year:
                        stack[top] = land.up[e]
                        top += 1
            else:
                for e in range(land.down_start[j], land.down_start[j + 1]):
                    if state.built[land.down[e]] < year:
                        stack[top] = land.down[e]
                        top += 1
    return True, count, change


@kernel
def _state_of(land: _Land, start: Ints, never: int) -> _State:
    works = len(start)
    crowds = 0
    for g in land.group:
        crowds = max(crowds, g + 1)
    state = _State(
        np.full(works, never),
        np.zeros((land.use.shape[0], never)),
        np.zeros(len(land.least)),
        np.zeros(crowds, np.int64),
        np.zeros((never + 1, works), np.int64),
        np.arange(works),
        np.zeros(never + 1, np.int64),
    )
    state.member[never] = np.arange(works)
    state.members[never] = works
    for i in range(works):
        if start[i] < never:
            _shift(land, state, i, start[i])
    return state


@kernel
def walk(
    land: _Land,
    start: Ints,
    moves: int,
    seed: int,
    heat: tuple[float, float],
    prices: tuple[float, float, float],
) -> tuple[Ints, float]:
    """Walk from a plan, move by move, while the heat falls; give the best plan met."""
    np.random.seed(seed)
    works = len(start)
    never = land.ceiling.shape[1]
    state = _state_of(land, start, never)
    total = 0.0
    for i in range(works):
        total += land.value[i, start[i]]
    over, short, many = _breaches(land, state)
    swing = 1.0
    best = -np.inf
    best_built = state.built.copy()
    stack = np.empty(works + 1, np.int64)
    touched = np.empty(4 * works + 4, np.int64)
    was = np.empty(4 * works + 4, np.int64)
    within = 0
    temperature = heat[0]
    for move in range(moves):
        if move % OSCILLATION == 0:
            temperature = heat[0] * (heat[1] / heat[0]) ** (move / moves)
            swing *= 0.93 if within > 0.4 * OSCILLATION else 1.08
            swing = min(max(swing, 0.05), 50.0)
            within = 0
        pick = np.random.randint(len(land.choice_work))
        work, year = land.choice_work[pick], land.choice_year[pick]
        old = state.built[work]
        if year == old:
            continue
        other = -1
        if state.members[year] and year < never and np.random.random() < 0.6:
            other = state.member[year, np.random.randint(state.members[year])]
        possible, count, change = _move(land, state, work, year, stack, touched, was, 0)
        if possible and other >= 0 and state.built[other] == year:
            possible, count, more = _move(land, state, other, old, stack, touched, was, count)
            change += more
        accepted = possible
        if possible:
            new_over, new_short, new_many = _breaches(land, state)
            better = (
                change
                - swing * prices[0] * (new_over - over)
                - swing * prices[1] * (new_short - short)
                - swing * prices[2] * (new_many - many)
            )
            accepted = better >= 0 or np.random.random() < np.exp(better / temperature)
        if accepted:
            over, short, many = new_over, new_short, new_many
            total += change
            if over + short + many <= 0.0:
                within += 1
                if total > best + 1e-9:
                    best = total
                    best_built[:] = state.built
        else:
            for c in range(count - 1, -1, -1):
                _shift(land, state, touched[c], was[c])
    return best_built, best
