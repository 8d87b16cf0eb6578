"""The two searches at once: what they agree on holds, and an impossible problem is told as one."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from bredband.errors import PlanError
from bredband.rollout.exact import solve as solve_exact
from bredband.rollout.known import Known, keeps_demands
from bredband.rollout.model import overuse, value_of
from bredband.rollout.optimum import open_years, price
from bredband.rollout.race import race
from tests.rollout.test_bounds import case


def run(problem):
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    return race(
        problem,
        relaxation,
        allowed,
        Known(None, -np.inf, relaxation.bound),
        target_gap_share=0.0,
        ends_s=time.perf_counter() + 30,
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_race_ends_at_the_optimum(seed):
    problem = case(seed)
    known = run(problem)
    assert known.built is not None
    assert known.objective == pytest.approx(value_of(problem, known.built))
    assert known.bound == pytest.approx(known.objective)
    assert keeps_demands(problem, known.built)
    assert not any(amounts.any() for amounts in overuse(problem, known.built))
    exact = solve_exact(problem, target_gap_share=0.0, time_limit_s=30)
    assert known.objective == pytest.approx(exact.objective)


def test_the_race_tells_what_clashes():
    problem = case(1)
    most = sum(float(promise.gain.sum()) for promise in problem.promises)
    greedy = tuple(replace(promise, least=most + 1) for promise in problem.promises)
    with pytest.raises(PlanError, match="floors"):
        run(replace(problem, promises=greedy))
