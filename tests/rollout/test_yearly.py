"""Years filled in every way that loses little: the plan holds, and no plan exceeds the bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband.errors import PlanError
from bredband.rollout import yearly
from bredband.rollout.exact import solve as solve_exact
from bredband.rollout.known import Known
from bredband.rollout.model import value_of
from bredband.rollout.optimum import open_years, price
from bredband.rollout.yearly import PLACES_A_SECOND, by_years, fill_years
from tests.rollout.test_bounds import assert_keeps_order_and_limits, case


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([1, 3, 3000]))
@settings(max_examples=40, deadline=None)
def test_no_plan_exceeds_the_bound_and_many_states_find_the_best(seed, carry_over, width):
    problem = case(seed, carry_over=carry_over)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    nothing = Known(None, -np.inf, relaxation.bound)
    known = fill_years(problem, relaxation, allowed, nothing, width=width)
    try:
        exact = solve_exact(problem, target_gap_share=0.0, time_limit_s=20)
    except PlanError:
        assert known.built is None
        return
    assert exact.objective <= known.bound + 1e-6
    assert known.objective <= exact.objective + 1e-6
    if known.built is not None:
        assert value_of(problem, known.built) == pytest.approx(known.objective)
        assert_keeps_order_and_limits(problem, known.built)
    start = Known(exact.built, exact.objective, relaxation.bound)
    proved = fill_years(problem, relaxation, allowed, start, width=width)
    assert proved.bound >= exact.objective - 1e-6
    if width == 3000:
        assert proved.bound == pytest.approx(exact.objective)


def test_it_ends_where_nothing_is_worth_anything():
    problem = replace(case(1, carry_over=True), promises=())
    nothing = replace(problem, value=np.zeros(problem.shape))
    allowed = open_years(nothing)
    relaxation = replace(price(nothing, allowed), bound=0.0)
    known = fill_years(nothing, relaxation, allowed, Known(None, -np.inf, 0.0), width=1)
    assert known.bound == 0.0


def test_the_time_limit_ends_the_passes_by_their_work(monkeypatch):
    """The same passes on every machine: a slow one has no other proof."""
    problem = case(1, carry_over=True)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    tried = []

    def without_a_plan(*_, width):
        tried.append(width * allowed.size)
        return Known(None, -np.inf, relaxation.bound)

    def widest(limit_s):
        tried.clear()
        nothing = Known(None, -np.inf, relaxation.bound)
        by_years(problem, relaxation, allowed, nothing, target_gap_share=0.0, time_limit_s=limit_s)
        return max(tried, default=0)

    monkeypatch.setattr(yearly, "fill_years", without_a_plan)
    assert widest(0.0) == 0
    exactly = 300 * allowed.size
    assert widest((exactly + 0.5) / PLACES_A_SECOND) == exactly
    assert widest((exactly - 0.5) / PLACES_A_SECOND) == 100 * allowed.size
    monkeypatch.setattr(yearly, "MOST_PLACES", exactly)
    assert widest(1e6) == exactly, "more time does not make them wider than that"
