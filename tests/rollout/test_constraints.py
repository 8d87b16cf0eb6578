"""One test per constraint, on a county of two works and two years that fits in the head."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest

from bredband.rollout import constraints
from bredband.rollout.statement import (
    household_years,
    households_at_the_end,
    saved_grant,
    state,
)
from bredband.scenario.rollout import Rollout
from tests.rollout.oracle import county

AREAS = county(("F", "feeder", "", "3401", 0, 1, 1.0), ("A", "area", "F", "3402", 20, 1, 3.0))
BASE = {"first_year": 2027, "annual_grant_nok": (4e6, 1e6)}


def holds(constraint, x, **choices):
    """Tell whether ``x`` (a row of two years per work: F, then A) keeps a constraint."""
    rows = constraint(state(AREAS, Rollout(**{**BASE, **choices})))
    value = rows.matrix @ np.array(x, dtype=float).ravel()
    return bool((value >= rows.lower - 1e-9).all() and (value <= rows.upper + 1e-9).all())


def test_never_torn_down():
    assert holds(constraints.never_torn_down, [[0, 1], [0, 1]])
    assert not holds(constraints.never_torn_down, [[1, 0], [0, 1]])


def test_feeder_first():
    assert holds(constraints.feeder_first, [[1, 1], [0, 1]])
    assert not holds(constraints.feeder_first, [[0, 1], [1, 1]])


def test_also_first():
    problem = state(AREAS, Rollout(**BASE))
    rows = constraints.also_first(replace(problem, beside=np.array([[1, 0]])))
    assert (rows.matrix @ np.array([0.0, 1.0, 0.0, 1.0]) <= rows.upper).all()
    assert not (rows.matrix @ np.array([0.0, 1.0, 1.0, 1.0]) <= rows.upper).all()


def test_annual_limits_in_each_year():
    assert holds(constraints.annual_limits, [[1, 1], [1, 1]], carry_over=False)
    assert holds(constraints.annual_limits, [[0, 1], [1, 1]], carry_over=False)
    assert not holds(constraints.annual_limits, [[0, 0], [0, 1]], carry_over=False)


def test_annual_limits_with_carry_over_and_borrowing():
    assert holds(constraints.annual_limits, [[0, 0], [0, 1]])
    tight = {"annual_grant_nok": (3e6, 2e6)}
    assert not holds(constraints.annual_limits, [[1, 1], [1, 1]], **tight)
    assert holds(constraints.annual_limits, [[1, 1], [1, 1]], **tight, borrow_share=0.5)


def test_annual_limits_of_a_fund():
    fund = {"name": "fjell", "kommuner": ("3402",), "annual_grant_nok": (3e6, 0.0)}
    assert holds(constraints.annual_limits, [[1, 1], [1, 1]], funds=(fund,))
    poorer = fund | {"annual_grant_nok": (2.9e6, 0.0)}
    assert not holds(constraints.annual_limits, [[1, 1], [1, 1]], funds=(poorer,))


def test_annual_limits_of_capex_and_trench():
    assert not holds(constraints.annual_limits, [[1, 1], [1, 1]], annual_capex_nok=(5e6, 5e6))
    assert holds(constraints.annual_limits, [[1, 1], [1, 1]], annual_capex_nok=(6e6, 0.0))
    assert not holds(constraints.annual_limits, [[1, 1], [1, 1]], annual_trench_m=(3999.0, 0.0))


def test_annual_limits_with_synergy():
    poor = {"annual_grant_nok": (4e6, 0.0), "carry_over": False}
    synergy = {"area_id": "A", "year": 2028, "saving_nok": 3e6}
    assert not holds(constraints.annual_limits, [[1, 1], [0, 1]], **poor)
    assert holds(constraints.annual_limits, [[1, 1], [0, 1]], **poor, synergies=(synergy,))


def test_promises():
    floor = {"kommune": "3402", "by_year": 2027, "least_share": 1.0}
    assert holds(constraints.promises, [[1, 1], [1, 1]], floors=(floor,))
    assert not holds(constraints.promises, [[1, 1], [0, 1]], floors=(floor,))


def test_at_most_one():
    assert not holds(constraints.at_most_one, [[0, 1], [0, 1]], exclusive=(("F", "A"),))
    assert holds(constraints.at_most_one, [[0, 1], [0, 0]], exclusive=(("F", "A"),))


def test_must_build():
    assert not holds(constraints.must_build, [[1, 1], [0, 0]], must_build=("A",))
    assert holds(constraints.must_build, [[1, 1], [0, 1]], must_build=("A",))


def test_must_not_build():
    assert not holds(constraints.must_not_build, [[0, 0], [0, 1]], must_not_build=("A",))
    dear = {"highest_grant_nok_per_household": 149_999.0}
    assert not holds(constraints.must_not_build, [[1, 1], [0, 1]], **dear)
    assert holds(
        constraints.must_not_build, [[1, 1], [0, 1]], highest_grant_nok_per_household=150_000.0
    )


def test_keep_commitments():
    committed = ({"area_id": "F", "year": 2028},)
    assert holds(constraints.keep_commitments, [[0, 1], [0, 0]], committed=committed)
    assert not holds(constraints.keep_commitments, [[1, 1], [0, 0]], committed=committed)
    assert not holds(constraints.keep_commitments, [[0, 0], [0, 0]], committed=committed)


def test_every_constraint_is_registered_and_has_its_mathematics():
    public = {
        function
        for name, function in inspect.getmembers(constraints, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == constraints.__name__
        and name != "stack"
    }
    assert set(constraints.CONSTRAINTS) == public
    for function in public:
        assert "``" in inspect.getdoc(function)
        assert any(f"test_{function.__name__}" in name for name in globals())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"annual_capex_nok": (1.0,)}, "har 1 år"),
        ({"carry_over": False, "borrow_share": 0.1}, "carry_over"),
        ({"floors": ({"by_year": 2040},)}, "2040"),
        ({"annual_trench_m": (-1.0, 2.0)}, "negative"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        Rollout(**{**BASE, **change})


def test_household_years_count_every_year_with_an_offer():
    assert household_years(np.array([10.0, 4.0]), 3).tolist() == [[30, 20, 10], [12, 8, 4]]


def test_households_at_the_end_count_once_whenever():
    assert households_at_the_end(np.array([10.0]), 3).tolist() == [[10, 10, 10]]


def test_saved_grant_is_what_is_not_paid_in_millions():
    assert saved_grant(np.array([[2_000_000, 1_500_000]])).tolist() == [[-2.0, -1.5]]
