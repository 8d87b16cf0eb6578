"""Prices, slacks, search and the core: what they promise holds on small random counties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband.rollout import highs
from bredband.rollout.constraints import stack
from bredband.rollout.core import solve_core
from bredband.rollout.exact import solve as solve_exact
from bredband.rollout.greedy import by_households_per_krone, by_price, fill
from bredband.rollout.lagrangian import (
    best_prices,
    coupling_rows,
    forest_of,
    linear_prices,
    relax,
)
from bredband.rollout.model import cumulative, overuse, value_of
from bredband.rollout.optimum import open_years
from bredband.rollout.search import anneal
from bredband.rollout.statement import state
from bredband.scenario.rollout import Rollout
from tests.rollout.oracle import county


def case(seed: int, *, carry_over: bool = False):
    random = np.random.default_rng(seed)
    rows = []
    for i in range(12):
        feeder = f"A{random.integers(0, i)}" if i and random.random() < 0.6 else ""
        kind = "feeder" if random.random() < 0.2 else "area"
        households = int(random.integers(3, 60)) if kind == "area" else 0
        mnok = float(random.integers(5, 40)) / 10
        rows.append((f"A{i}", kind, feeder, f"{random.integers(1, 3)}", households, 1, mnok))
    choices = Rollout(
        annual_grant_nok=(6e6, 5e6, 4e6),
        carry_over=carry_over,
        floors=({"kommune": "1", "by_year": 2028, "least_share": 0.1},),
    )
    return state(county(*rows), choices)


seeds = st.integers(0, 10_000)


@given(seeds, st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_best_lagrangian_bound_is_the_linear_bound(seed, carry_over):
    problem = case(seed, carry_over=carry_over)
    allowed = open_years(problem)
    forest, coupling = forest_of(problem), coupling_rows(problem)
    linear = highs.maximise(cumulative(problem.value).ravel(), stack(problem), integral=False)
    if linear.infeasible:
        return
    at_duals = relax(problem, forest, coupling, linear_prices(problem, coupling), allowed)
    assert at_duals.bound == pytest.approx(linear.bound, rel=1e-6)
    searched = best_prices(problem, forest, coupling, allowed)
    assert searched.bound >= linear.bound * (1 - 1e-6)
    assert searched.bound <= linear.bound * 1.01


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_slack_bounds_what_forcing_a_choice_gives(seed):
    problem = case(seed)
    works, years = problem.shape
    allowed = open_years(problem)
    coupling = coupling_rows(problem)
    relaxation = relax(
        problem, forest_of(problem), coupling, linear_prices(problem, coupling), allowed
    )
    random = np.random.default_rng(seed)
    work, year = int(random.integers(works)), int(random.integers(years + 1))
    forced = allowed.copy()
    forced[work] = np.arange(years + 1) == year
    found = solve_core(problem, stack(problem), forced, start=None, gap_share=0.0, time_limit_s=10)
    if found.built is not None:
        assert found.built[work] == year or problem.shared[work]
        assert found.objective <= relaxation.bound - relaxation.slack[work, year] + 1e-6


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_search_and_greedy_give_plans_that_hold(seed):
    problem = case(seed)
    works, years = problem.shape
    allowed = open_years(problem)
    built, objective = anneal(problem, np.full(works, years), allowed, moves=20_000, seed=1)
    if np.isfinite(objective):
        assert objective == pytest.approx(value_of(problem, built))
        assert_keeps_order_and_limits(problem, built)
        exact = solve_exact(problem, target_gap_share=0.0, time_limit_s=20)
        assert 0.9 * exact.objective <= objective <= exact.objective + 1e-6
    coupling = coupling_rows(problem)
    relaxation = relax(
        problem, forest_of(problem), coupling, linear_prices(problem, coupling), allowed
    )
    for order in (by_households_per_krone(problem), by_price(relaxation)):
        plan = fill(problem, order, np.zeros(works, dtype=np.int64), allowed)
        assert_keeps_order_and_limits(problem, plan)


def assert_keeps_order_and_limits(problem, built):
    assert not any(amounts.any() for amounts in overuse(problem, built))
    assert (built[problem.before[:, 1]] <= built[problem.before[:, 0]]).all()


def test_the_search_is_seeded():
    problem = case(3)
    start = np.full(12, 3)
    allowed = open_years(problem)
    first = anneal(problem, start, allowed, moves=5_000, seed=7)
    again = anneal(problem, start, allowed, moves=5_000, seed=7)
    assert (first[0] == again[0]).all()


def test_the_whole_problem_gets_the_time_that_is_left(monkeypatch):
    given = []
    maximise = highs.maximise

    def noted(*args, **named):
        given.append(named["time_limit_s"])
        return maximise(*args, **named)

    monkeypatch.setattr(highs, "maximise", noted)
    answer = solve_exact(case(0), target_gap_share=0.0, time_limit_s=30.0)
    assert 0 <= answer.seconds_s <= 300
    assert given
    assert all(0 < left_s <= 30.0 for left_s in given)
