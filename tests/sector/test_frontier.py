"""The frontier against every plan there is."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband.errors import PlanError
from bredband.scenario.rollout import Rollout
from bredband.sector import frontier as find
from bredband.sector.coupling import Offers, best_price, bound, couple
from bredband.sector.forest import least_cost
from bredband.sector.order import blocks, handed_out, in_years
from tests.sector.packages import areas_of, random_areas

SETTINGS = Rollout(annual_grant_nok=(1.0,))


def every_plan(areas: pd.DataFrame) -> list[tuple[int, int, tuple[bool, ...]]]:
    """List grant, households and works of every plan in which each stands after its feeder."""
    row = {name: i for i, name in enumerate(areas["area_id"])}
    feeder = [row.get(name, -1) for name in areas["feeder_area"]]
    grant, households = areas["grant_nok"].tolist(), areas["households"].tolist()
    plans = []
    for built in itertools.product([False, True], repeat=len(areas)):
        if all(not b or feeder[i] < 0 or built[feeder[i]] for i, b in enumerate(built)):
            pair = [sum(v for v, b in zip(c, built, strict=True) if b) for c in (grant, households)]
            plans.append((pair[0], pair[1], built))
    return plans


def unbeaten(plans: list[tuple[int, int, tuple[bool, ...]]]) -> list[tuple[int, int]]:
    least: dict[int, int] = {}
    for grant, households, _ in plans:
        least[households] = min(grant, least.get(households, grant))
    return sorted(
        (grant, h)
        for h, grant in least.items()
        if all(g > grant for k, g in least.items() if k > h)
    )


@given(st.integers(0, 10_000), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_it_has_exactly_the_plans_that_no_other_beats(seed, count):
    areas = random_areas(seed, count)
    found = find(areas, SETTINGS)
    assert list(zip(found.grant_nok, found.households, strict=True)) == unbeaten(every_plan(areas))
    assert (found.bound_households == found.households).all()
    possible = {built for _, _, built in every_plan(areas)}
    assert {tuple(row) for row in found.built.tolist()} <= possible


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_what_must_and_must_not_be_built_holds(seed):
    areas = random_areas(seed, 8)
    choices = Rollout(annual_grant_nok=(1.0,), must_build=("a3",), must_not_build=("a6",))
    plans = [plan for plan in every_plan(areas) if plan[2][3] and not plan[2][6]]
    if not plans:
        with pytest.raises(PlanError, match="både skal og skal ikke"):
            find(areas, choices)
        return
    found = find(areas, choices)
    assert list(zip(found.grant_nok, found.households, strict=True)) == unbeaten(plans)


def test_what_is_too_dear_is_left_and_rules_left_out_are_named():
    areas = areas_of([("a", "", 10, 100_000), ("b", "", 2, 100_000)])
    choices = Rollout(
        annual_grant_nok=(1.0,),
        highest_grant_nok_per_household=20_000,
        exclusive=(("a", "b"),),
        annual_capex_nok=(5.0,),
    )
    found = find(areas, choices)
    assert found.households.tolist() == [0, 10]
    assert found.left_out == ("annual_capex_nok", "exclusive")


def test_a_thinned_frontier_bounds_every_plan(monkeypatch):
    monkeypatch.setattr(sys.modules["bredband.sector.frontier"], "MOST_POINTS", 3)
    thinned = 0
    for seed in range(30):
        areas = random_areas(seed, 10, most_households=40)
        plans = every_plan(areas)
        found = find(areas, SETTINGS)
        thinned += len(found.grant_nok) < len(unbeaten(plans))
        for grant, households, _ in plans:
            point = np.searchsorted(found.grant_nok, grant, side="right") - 1
            assert households <= found.bound_households[point]
        for price in (0.001, 0.02, 0.1, 1.0):
            best = max(h - price * g for g, h, _ in plans)
            assert (found.households - price * found.grant_nok).max() == pytest.approx(best)
    assert thinned > 10


def test_a_ring_of_feeders_is_a_fault():
    with pytest.raises(PlanError, match="ring"):
        find(areas_of([("a", "b", 1, 1), ("b", "a", 1, 1)]), SETTINGS)


def test_no_areas_is_a_frontier_of_nothing():
    found = find(areas_of([]), SETTINGS)
    assert (found.grant_nok.tolist(), found.households.tolist()) == ([0], [0])


offers = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), min_size=1, max_size=5).map(
    lambda rows: Offers(*(np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)))
)


@given(st.lists(offers, min_size=1, max_size=4), st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_coupling_finds_the_best_choice_and_bounds_it(counties, budget):
    choices = itertools.product(*(range(len(o.cost_nok)) for o in counties))
    reached = [
        sum(int(o.households[k]) for o, k in zip(counties, plan, strict=True))
        for plan in choices
        if sum(int(o.cost_nok[k]) for o, k in zip(counties, plan, strict=True)) <= budget
    ]
    found = couple(counties, budget)
    if not reached:
        assert found is None
        return
    assert found is not None
    assert found.households == max(reached)
    assert found.cost_nok <= budget
    assert found.bound_households >= found.households - 1e-6
    price = best_price(counties, budget)
    for other in (0.0, price / 2, price * 2 + 0.01):
        assert bound(counties, budget, price) <= bound(counties, budget, other) + 1e-6


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_years_keep_money_and_order_and_the_bound_holds(seed, count):
    areas = random_areas(seed, count)
    cost, households = areas["grant_nok"].to_numpy(), areas["households"].to_numpy()
    row = {name: i for i, name in enumerate(areas["area_id"])}
    parent = np.array([row.get(name, -1) for name in areas["feeder_area"]])
    annual = [int(cost.sum()) // 3, int(cost.sum()) // 3, int(cost.sum())]
    money = np.cumsum(annual)

    def household_years(year):
        return int((households * (3 - np.array(year))).sum())

    def holds(year):
        spent = np.cumsum(np.bincount(year, cost, 3))
        ordered = all(p < 0 or year[p] <= year[i] for i, p in enumerate(parent))
        return bool((spent <= money).all()) and ordered

    year, most = in_years(cost, households, parent, annual)
    assert holds(year)
    best = max(
        household_years(y) for y in itertools.product(range(3), repeat=count) if holds(np.array(y))
    )
    assert household_years(year) <= best <= most + 1e-9


def test_blocks_give_less_and_less_per_krone():
    for seed in range(20):
        areas = random_areas(seed, 12)
        cost, households = areas["grant_nok"].to_numpy() + 1, areas["households"].to_numpy()
        row = {name: i for i, name in enumerate(areas["area_id"])}
        parent = np.array([row.get(name, -1) for name in areas["feeder_area"]])
        ordered = blocks(cost, households, parent)
        place = {work: i for i, work in enumerate(w for block in ordered for w in block)}
        assert all(p < 0 or place[p] < place[i] for i, p in enumerate(parent.tolist()))
        per_krone = [households[b].sum() / cost[b].sum() for b in ordered]
        assert per_krone == sorted(per_krone, reverse=True)


def test_money_is_handed_out_no_later_than_it_is_needed():
    """Year 1 has 500 for a need of 400, so 100 goes to what is needed in year 2."""
    given_ = handed_out(np.array([[400, 0], [0, 600]]), [500, 500])
    assert given_.tolist() == [[400, 0], [100, 500]]


def test_least_cost_by_hand():
    """A feeder of 200 with 8 households for 100 and 6 for 300 behind it."""
    least = least_cost(np.array([200, 100, 300]), np.array([0, 8, 6]), np.array([-1, 0, 0]))
    assert [int(least.cost_nok[h]) for h in (0, 6, 8, 14)] == [0, 500, 300, 600]
    assert least.most_within(599) == 8
