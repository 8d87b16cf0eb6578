"""The rollout problem as arrays: one row per thing that can be built, one column per year.

A *work* is a row: a deployment area with one technology, the later upgrade of one, or a
feeder or mast that several areas share. ``built[i]`` is the index of the year in which work ``i`` is built; the number of years
(one past the last index) means never. Money is whole kroner, so that a budget is met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Limit:
    """What may be used of one thing (grant, capex, trench) in each year.

    ``use`` has shape (works, years): what work i uses if it is built in year t. ``allowed``
    has shape (years,), and so has ``advance``: what may be borrowed from the year after.
    ``unit`` is what one unit in the solver stands for: 1e6 for kroner. ``is_grant`` tells the
    state grant from other things that are limited.
    """

    name: str
    use: Ints
    allowed: Ints
    advance: Ints
    carry_over: bool
    unit: float
    is_grant: bool

    @property
    def ceiling(self) -> Ints:
        """The most that may be used in each year, or with carry-over by the end of each year."""
        return np.cumsum(self.allowed) + self.advance if self.carry_over else self.allowed

    def used(self, built: Ints) -> Ints:
        """Sum what a choice of build years uses, to be held against ``ceiling``."""
        years = self.use.shape[1]
        works = np.flatnonzero(built < years)
        used = np.zeros(years, dtype=np.int64)
        np.add.at(used, built[works], self.use[works, built[works]])
        return np.cumsum(used) if self.carry_over else used


@dataclass(frozen=True)
class Promise:
    """The sum of ``gain`` over what is built by the end of a year is at least ``least``.

    ``field`` is the key of the scenario that asks for it, ``name`` what it asks for in words.
    """

    field: str
    name: str
    gain: Floats
    year: int
    least: float


@dataclass(frozen=True)
class Problem:
    """Everything the solvers need, and nothing about files or geometry.

    Attributes
    ----------
    area_id, technology
        What each work is, shape (works,).
    shared
        True for a feeder or a mast, which nobody builds for its own sake, shape (works,).
    years
        The calendar years.
    value
        What building work i in year t adds to the objective, shape (works, years).
    before
        Shape (pairs, 2): work ``before[k, 1]`` is needed no later than ``before[k, 0]``; at most
        one per work, so that these pairs make a forest.
    beside
        Pairs of the same kind that the forest has no room for: a mast beside the feeder, the
        radio that an upgrade replaces.
    limits, promises
        What may be used, and what must be reached.
    exclusive
        Groups of works of which at most one is built.
    required, barred
        Works that must, or must not, be built, shape (works,).
    committed
        The index of the year that is already decided, or -1, shape (works,).
    """

    area_id: Texts
    technology: Texts
    shared: Bools
    years: tuple[int, ...]
    value: Floats
    before: Ints
    limits: tuple[Limit, ...]
    promises: tuple[Promise, ...]
    exclusive: tuple[Ints, ...]
    required: Bools
    barred: Bools
    committed: Ints
    beside: Ints = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))

    @property
    def pairs(self) -> Ints:
        """Everything that must come first, of the forest and beside it, shape (pairs, 2)."""
        return np.concatenate([self.before, self.beside])

    @property
    def shape(self) -> tuple[int, int]:
        """Number of works and number of years."""
        return len(self.area_id), len(self.years)


@dataclass(frozen=True)
class Answer:
    """A build year for each work, and how good that is known to be.

    ``built`` has shape (works,) and holds the index of the year; the number of years means never.
    """

    built: Ints
    objective: float
    bound: float
    seconds_s: float
    solver: str

    @property
    def gap_share(self) -> float:
        """``|bound - objective| / |objective|``; infinite if only the objective is 0."""
        difference = abs(self.bound - self.objective)
        if difference <= 1e-9 * max(abs(self.objective), 1.0):
            return 0.0
        return difference / abs(self.objective) if self.objective else np.inf


def value_of(problem: Problem, built: Ints) -> float:
    """Sum the objective of a choice of build years."""
    works = np.flatnonzero(built < problem.shape[1])
    return float(problem.value[works, built[works]].sum())


def cumulative(by_year: Floats) -> Floats:
    """Turn what counts when work i is built in year t into coefficients of ``x[i, t]``.

    ``sum_t v[i, t] (x[i, t] - x[i, t-1]) = sum_t (v[i, t] - v[i, t+1]) x[i, t]``; the last
    axis is the years.
    """
    result = by_year.copy()
    result[..., :-1] -= by_year[..., 1:]
    return result


def overuse(problem: Problem, built: Ints) -> list[Ints]:
    """Compute by how much each limit is exceeded in each year, in whole units; 0 where it holds."""
    return [np.maximum(limit.used(built) - limit.ceiling, 0) for limit in problem.limits]


def without_idle_feeders(problem: Problem, built: Ints) -> Ints:
    """Drop shared feeders and masts that nothing built depends on."""
    never = problem.shape[1]
    pairs = problem.pairs
    result = built.copy()
    free = problem.shared & ~problem.required & (problem.committed < 0)
    while True:
        needed = np.zeros(len(result), dtype=np.bool_)
        needed[pairs[result[pairs[:, 0]] < never, 1]] = True
        idle = free & ~needed & (result < never)
        if not idle.any():
            return result
        result[idle] = never


def tightened(problem: Problem, over: list[Ints]) -> Problem:
    """Lower the limits of the years that were exceeded, by as much as they were exceeded."""
    limits = tuple(
        replace(limit, advance=limit.advance - amounts)
        if limit.carry_over
        else replace(limit, allowed=limit.allowed - amounts)
        for limit, amounts in zip(problem.limits, over, strict=True)
    )
    return replace(problem, limits=limits)
