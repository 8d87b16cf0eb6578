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
from bredband.rollout.fillings import MOST_WORKS
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import Relaxation
from bredband.rollout.model import value_of
from bredband.rollout.optimum import open_years, price
from bredband.rollout.yearly import by_years, fill_years
from tests.rollout.stand_ins import calls
from tests.rollout.test_bounds import assert_keeps_order_and_limits, case
from tests.rollout.test_pieces import YEARS, limit, small


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
    together = (30 + 100 + 300) * allowed.size
    assert widest((together + 0.5) / 4_000_000) == exactly
    assert widest((together - 0.5) / 4_000_000) == 100 * allowed.size
    monkeypatch.setattr(yearly, "MOST_PLACES", exactly)
    assert widest(1e6) == exactly, "more time does not make them wider than that"


def test_passes_through_the_years_go_on_while_they_pay(monkeypatch):
    """What is left of the gap after each pass; from 1000 states on a twentieth must be gained."""
    problem = case(1)
    allowed = open_years(problem)
    relaxation = Relaxation(np.zeros(0), 1200.0, np.zeros(0, dtype=np.int64), np.zeros(0))
    built = np.zeros(0, dtype=np.int64)

    def widths(*gaps: float, target: float = 0.0) -> list[int]:
        left = iter(gaps)
        heard = calls(
            monkeypatch, yearly, "fill_years",
            lambda *given, **_: Known(built, 1000.0, 1000.0 + next(left)),
        )  # fmt: skip
        start = Known(built, 1000.0, 1200.0)
        yearly.by_years(
            problem, relaxation, allowed, start, target_gap_share=target, time_limit_s=1e9
        )
        return [named["width"] for _, named in heard]

    slow = (199, 198, 197)
    assert widths(*slow, 100, 95, 90.3, 85) == [30, 100, 300, 1000, 3000, 10_000]
    assert widths(*slow, 100, 95.1) == [30, 100, 300, 1000, 3000]
    assert widths(*slow, 196) == [30, 100, 300, 1000]
    assert widths(100, 10, target=0.01) == [30, 100]
    assert widths(*slow, 100, 50, 20, 10, target=0.0)[-1] == 30_000
    heard = calls(monkeypatch, yearly, "fill_years", lambda *given, **_: given[3])
    yearly.by_years(
        problem,
        relaxation,
        allowed,
        Known(None, -np.inf, 1.0),
        target_gap_share=0.0,
        time_limit_s=9,
    )
    assert len(heard) == 1, "a pass that gave nothing is the last"


def test_a_list_of_a_year_grows_until_it_fills_the_beam_and_shrinks_when_too_long(monkeypatch):
    """Lists of up to 10 per state kept are made, and 3 are enough; losses from 2 in 10 000 of 1000."""
    states = yearly._States(np.zeros((1, 2), dtype=np.int64), np.zeros(1), np.zeros((1, 1)))
    monkeypatch.setattr(yearly, "least_lost", lambda *_: np.array([5.0]))

    def asked(*lengths: int, most: float = 1000.0) -> tuple[list[float], float, int]:
        heard, lengths_left = [], iter(lengths)

        def listed(*given):
            heard.append(given[-2])
            assert given[-1] == 20
            count = np.zeros(next(lengths_left), dtype=np.int64)
            return (count, count[:, None], count, count * 1.0, count[:, None])

        monkeypatch.setattr(yearly, "list_ways", listed)
        ways, reached = yearly._listed(None, None, states, None, most, 2)
        return heard, reached, len(ways.number)

    assert asked(6) == ([5.2], 5.2, 6)
    assert asked(5, 6) == ([5.2, 5.4], 5.4, 6)
    assert asked(5, 20) == ([5.2, 5.4], 5.2, 5)
    assert asked(20, 7) == ([5.2, 5.025], 5.025, 7)
    assert asked(5, most=5.0) == ([5.0], 5.0, 5)
    heard, reached, number = asked(*[20] * 9)
    assert (len(heard), reached, number) == (7, 5.0, 20), (
        "all within a billionth of what may be lost"
    )
    assert heard[-1] == pytest.approx(5 + 0.2 / 8**6)

    def too_many(*_):
        count = np.full(1, -1, dtype=np.int64)
        return (count, count[:, None], count, count * 1.0, count[:, None])

    monkeypatch.setattr(yearly, "list_ways", too_many)
    assert yearly._listed(None, None, states, None, 1000.0, 2) == (None, 0.0)


@pytest.mark.parametrize("works", [64, 65])
def test_a_year_with_more_than_64_works_is_not_for_this(works):
    assert MOST_WORKS == 64
    problem = small(0, works)
    use = np.ones((works, YEARS), dtype=np.int64)
    free = replace(
        problem, before=np.empty((0, 2), dtype=np.int64), beside=np.empty((0, 2), dtype=np.int64),
        exclusive=(), promises=(), limits=(limit(use, [works] * YEARS, carry=False),),
        value=np.ones((works, 1)) * np.arange(YEARS, 0, -1),
    )  # fmt: skip
    allowed = open_years(free)
    relaxation = price(free, allowed)
    nothing = Known(None, -np.inf, relaxation.bound)
    found = yearly.fill_years(free, relaxation, allowed, nothing, width=1)
    assert (found is nothing) == (works == 65)
