"""The whole problem to the solver, as it stands."""

from __future__ import annotations

import time

import numpy as np

from bredband.errors import PlanError
from bredband.rollout import clash, highs
from bredband.rollout.constraints import stack
from bredband.rollout.model import (
    Answer,
    Problem,
    cumulative,
    overuse,
    tightened,
    value_of,
    without_idle_feeders,
)


def solve(problem: Problem, *, target_gap_share: float, time_limit_s: float) -> Answer:
    """Solve the cumulative model with HiGHS.

    Raises
    ------
    PlanError
        If no plan can meet the constraints, or none was found in time.
    """
    start = time.perf_counter()
    bound = np.inf
    lowered = problem
    while True:
        solution = highs.maximise(
            cumulative(lowered.value).ravel(),
            stack(lowered),
            gap_share=target_gap_share,
            time_limit_s=time_limit_s - (time.perf_counter() - start),
        )
        if not len(solution.x) and problem.shape[0]:
            if solution.infeasible:
                raise clash.explain(problem)
            raise PlanError(
                f"løseren fant ingen plan på {time_limit_s:.0f} sekunder.",
                advice="Gi løseren mer tid (time_limit_s), øk rammene eller ta bort krav.",
            )
        bound = solution.bound if lowered is problem else bound
        x = np.rint(solution.x.reshape(problem.shape)).astype(np.int64)
        built = without_idle_feeders(problem, problem.shape[1] - x.sum(axis=1))
        over = overuse(problem, built)
        if not any(amounts.any() for amounts in over):
            break
        # The solver is exact to about a krone; the plan is exact to the krone.
        lowered = tightened(lowered, over)
    objective = value_of(problem, built)
    seconds_s = time.perf_counter() - start
    return Answer(built, objective, max(bound, objective), seconds_s, highs.version())
