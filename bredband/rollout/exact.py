"""The whole problem to the solver, as it stands."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from bredband.errors import PlanError
from bredband.rollout import highs
from bredband.rollout.constraints import stack
from bredband.rollout.model import Answer, Floats, Ints, Problem


def solve(problem: Problem, *, target_gap_share: float, time_limit_s: float) -> Answer:
    """Solve the cumulative model with HiGHS.

    Raises
    ------
    PlanError
        If no plan can meet the constraints, or none was found in time.
    """
    start = time.perf_counter()
    bound = np.inf
    tightened = problem
    while True:
        solution = highs.maximise(
            cumulative_value(tightened).ravel(),
            stack(tightened),
            gap_share=target_gap_share,
            time_limit_s=time_limit_s - (time.perf_counter() - start),
        )
        if not len(solution.x) and problem.shape[0]:
            raise PlanError(
                "ingen plan oppfyller alle kravene i scenariet."
                if solution.infeasible
                else f"løseren fant ingen plan på {time_limit_s:.0f} sekunder.",
                advice="Øk rammene, ta bort krav (must_build), eller gi løseren mer tid.",
            )
        bound = min(bound, solution.bound)
        x = np.rint(solution.x.reshape(problem.shape)).astype(np.int64)
        built = without_idle_feeders(problem, problem.shape[1] - x.sum(axis=1))
        over = overuse(problem, built)
        if not any(amounts.any() for amounts in over):
            break
        # The solver is exact to about a krone; the plan is exact to the krone.
        tightened = _tighten(tightened, over)
    objective = value_of(problem, built)
    seconds_s = time.perf_counter() - start
    return Answer(built, objective, max(bound, objective), seconds_s, highs.version())


def value_of(problem: Problem, built: Ints) -> float:
    """Sum the objective of a choice of build years."""
    works = np.flatnonzero(built < problem.shape[1])
    return float(problem.value[works, built[works]].sum())


def overuse(problem: Problem, built: Ints) -> list[Ints]:
    """Compute by how much each limit is exceeded in each year, in whole units; 0 where it holds."""
    works = np.flatnonzero(built < problem.shape[1])
    result = []
    for limit in problem.limits:
        used = np.zeros(problem.shape[1], dtype=np.int64)
        np.add.at(used, built[works], limit.use[works, built[works]])
        spare = limit.allowed - used
        result.append(np.maximum(-(np.cumsum(spare) if limit.carry_over else spare), 0))
    return result


def without_idle_feeders(problem: Problem, built: Ints) -> Ints:
    """Drop what is built without value and without anything after it, such as an unused feeder."""
    never = problem.shape[1]
    result = built.copy()
    worthless = (problem.value.max(axis=1, initial=0.0) <= 0) & ~problem.required
    while True:
        needed = np.zeros(len(result), dtype=np.bool_)
        needed[problem.before[result[problem.before[:, 0]] < never, 1]] = True
        idle = worthless & ~needed & (result < never)
        if not idle.any():
            return result
        result[idle] = never


def cumulative_value(problem: Problem) -> Floats:
    """Give the objective's coefficient of each ``x[i, t]``, shape (works, years)."""
    later = np.zeros_like(problem.value)
    later[:, :-1] = problem.value[:, 1:]
    return problem.value - later


def _tighten(problem: Problem, over: list[Ints]) -> Problem:
    limits = tuple(
        replace(limit, allowed=limit.allowed - amounts)
        for limit, amounts in zip(problem.limits, over, strict=True)
    )
    return replace(problem, limits=limits)
