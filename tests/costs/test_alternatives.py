"""Fibre, radio and hybrid, held against trying every choice."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband import tables
from bredband.costs import compare_alternatives
from bredband.scenario.costs import Costs
from bredband.scenario.rollout import Funding
from bredband.scenario.section import estimate
from tests.costs.tables_by_hand import tree

COSTS = Costs(
    existing_mast_nok=estimate(100, 100, 100),
    new_mast_nok=estimate(400, 400, 400),
    customer_radio_nok=estimate(10, 10, 10),
    mast_opex_nok=estimate(50, 50, 50),
    fibre_opex_nok=estimate(1, 1, 1),
    radio_opex_nok=estimate(2, 2, 2),
    cabinet_nok=estimate(0, 0, 0),
    joint_nok=estimate(0, 0, 0),
    permit_nok=estimate(0, 0, 0),
)
MASTS = pd.DataFrame({"site_id": ["m"], "kind": ["mast"]})


def compare(parts, seen: list[int], masts: pd.DataFrame = MASTS) -> pd.DataFrame:
    areas, routes, connections, premises = parts
    reach = pd.DataFrame({"premises_id": [f"p{i}" for i in seen], "site_id": "m"}, dtype="str")
    drops = connections[["premises_id", "area_id"]].assign(crosses="", length_m=10.0, wet_m=0.0)
    made, on_radio = compare_alternatives(
        areas, routes, connections, drops, premises, reach, masts, COSTS,
        Funding(operator_nok_per_household=20),
    )  # fmt: skip
    tables.check(made, "alternatives")
    tables.check(on_radio, "radio_premises")
    by_radio = made.groupby("alternative")["radio_premises"].sum()
    assert on_radio["alternative"].value_counts().to_dict() == by_radio[by_radio > 0].to_dict()
    return made.set_index("alternative")


def test_by_hand():
    # A short branch with two homes, and a long one with one home that the mast sees too.
    made = compare(tree([-1, 0, 0], [1, 2, 900], [1, 1, 2], [1, 1, 5]), seen=[0, 1, 2])
    assert made.loc["fibre", ["premises", "capex_nok", "yearly_opex_nok"]].tolist() == [3, 910, 3]
    # 10 for each, and the mast 100 apart.
    assert made.loc["radio", ["premises", "capex_nok", "masts"]].tolist() == [3, 30, "m"]
    assert made.loc["radio", "mast_capex_nok"] == 100
    # Later fibre is dug in full, and the operator has paid already.
    assert made.loc["upgrade", ["capex_nok", "operator_nok", "grant_nok"]].tolist() == [910, 0, 910]
    # The operator gives 20 for each household, at most the price. The mast runs for 50 a year, 2 for each.
    assert made.loc["radio", ["operator_nok", "grant_nok"]].tolist() == [30, 0]
    assert made.loc["radio", "yearly_opex_nok"] == 56
    # 10 for the one by radio, 1 + 2 of trench and 2 of drops; the mast apart.
    assert made.loc["hybrid", "capex_nok"] == 15
    assert made.loc["hybrid", ["fibre_premises", "radio_premises"]].tolist() == [2, 1]
    # Each route is 100 m: the long branch is left undug, and radio digs nothing.
    dug_m = {"fibre": 300.0, "hybrid": 200.0, "radio": 0.0, "upgrade": 300.0}
    assert made["trench_m"].to_dict() == dug_m
    assert made["weighted_households"].tolist() == [4.5] * 4


def test_radio_that_does_not_reach_all_says_so():
    made = compare(tree([-1, 0], [10, 900], [0, 1], [5, 5]), seen=[1])
    assert made.loc["radio", ["premises", "left_premises"]].tolist() == [1, 1]
    assert made.loc["hybrid", ["premises", "left_premises", "capex_nok"]].tolist() == [2, 0, 25]


def test_without_masts_there_is_fibre_alone():
    nobody = pd.DataFrame({"site_id": [], "kind": []}, dtype="str")
    made = compare(tree([-1], [10], [0], [5]), seen=[], masts=nobody)
    assert made.index.tolist() == ["fibre"]


@st.composite
def forests(draw):
    count = draw(st.integers(1, 5))
    upstream = [-1] + [draw(st.integers(-1, i - 1)) for i in range(1, count)]
    trench = draw(st.lists(st.integers(0, 300), min_size=count, max_size=count))
    homes = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=6))
    needed = set()
    for route in homes:
        at = route
        while at >= 0:
            needed.add(at)
            at = upstream[at]
    trench = [nok if i in needed else 0 for i, nok in enumerate(trench)]
    drops = draw(st.lists(st.integers(0, 30), min_size=len(homes), max_size=len(homes)))
    seen = draw(st.sets(st.integers(0, len(homes) - 1)))
    return upstream, trench, homes, drops, sorted(seen)


@settings(max_examples=60, deadline=None)
@given(forests())
def test_hybrid_is_the_cheapest_mix_there_is(forest):
    upstream, trench, homes, drops, seen = forest
    made = compare(tree(upstream, trench, homes, drops), seen)

    def price(by_radio: tuple[int, ...]) -> int:
        dug, nok = set(), 0
        for j, route in enumerate(homes):
            if j in by_radio:
                nok += 10
                continue
            nok += drops[j]
            at = route
            while at >= 0 and at not in dug:
                dug.add(at)
                at = upstream[at]
        return nok + sum(trench[i] for i in dug) + (100 if by_radio else 0)

    fibre = sum(trench) + sum(drops)
    assert made.loc["fibre", "capex_nok"] == fibre
    some = [c for n in range(1, len(seen) + 1) for c in itertools.combinations(seen, n)]
    mixes = [price(choice) for choice in some if len(choice) < len(homes)]
    best = min(mixes, default=fibre)
    if "hybrid" in made.index:
        assert made.loc["hybrid", ["capex_nok", "mast_capex_nok"]].sum() == best < fibre
    else:
        all_by_radio = 100 + 10 * len(homes) if len(seen) == len(homes) else fibre
        assert best >= min(fibre, all_by_radio)
    if "radio" in made.index:
        assert made.loc["radio", ["capex_nok", "mast_capex_nok"]].sum() == 100 + 10 * len(seen)
        assert made.loc["radio", "left_premises"] == len(homes) - len(seen)


def test_a_price_of_the_masts_own_is_used():
    masts = MASTS.assign(capex_nok=[7], yearly_opex_nok=[3])
    made = compare(tree([-1], [900], [0], [5]), seen=[0], masts=masts)
    assert made.loc["radio", ["mast_capex_nok", "yearly_opex_nok"]].tolist() == [7, 5]


def test_shared_trench_is_shown_apart():
    areas, routes, connections, premises = tree([-1], [10], [0], [5])
    feeder = areas.assign(area_id="F", kind="feeder", premises=0, households=0, capex_nok=1000)
    both = pd.concat([areas.assign(feeder_area="F"), feeder], ignore_index=True)
    made = compare((both, routes, connections, premises), seen=[0])
    assert made.loc["fibre", "shared_capex_nok"] == 1000
    assert made.loc["radio", "shared_capex_nok"] == 0
    assert made["feeder_area"].to_dict() == {"fibre": "F", "radio": "", "upgrade": "F"}


@pytest.mark.parametrize("seen", [[], [0]])
def test_alternatives_are_for_deployment_areas_only(seen):
    assert len(compare(tree([-1], [10], [0], [5]), seen)) >= 1


def test_the_operator_pays_for_the_businesses_that_are_served():
    """Four businesses on one branch of 1000; radio reaches one, so for a quarter of the four at 70."""
    areas, routes, connections, premises = tree([-1], [1000], [0] * 4, [5] * 4)
    premises = premises.assign(kind="business", households=0)
    areas = areas.assign(households=0)
    reach = pd.DataFrame({"premises_id": ["p1"], "site_id": ["m"]})
    drops = connections[["premises_id", "area_id"]].assign(crosses="", length_m=10.0, wet_m=0.0)
    made, _ = compare_alternatives(
        areas, routes, connections, drops, premises, reach, MASTS,
        COSTS.model_copy(update={"customer_radio_nok": estimate(100, 100, 100)}),
        Funding(operator_nok_per_business=70),
    )  # fmt: skip
    operator_nok = made.set_index("alternative")["operator_nok"].to_dict()
    assert operator_nok == {"fibre": 4 * 70, "radio": 70}


def test_what_costs_the_same_by_radio_is_dug_or_left_by_a_rule():
    """Radio is 10 a home and the mast 100; p0 is out of sight, so the first route is always dug."""
    # a drop of 10 is laid where the trench passes anyway; the long branch is left
    made = compare(tree([-1, 0], [1, 900], [0, 0, 1], [5, 10, 5]), seen=[1, 2])
    assert made.loc["hybrid", ["radio_premises", "capex_nok"]].tolist() == [1, 1 + 5 + 10 + 10]
    # a branch of 10 in all is left
    made = compare(tree([-1, 0, 0], [1, 5, 900], [0, 1, 2], [5, 5, 5]), seen=[1, 2])
    assert made.loc["hybrid", ["radio_premises", "capex_nok"]].tolist() == [2, 1 + 5 + 10 + 10]
    # a mix that costs what fibre does is none
    made = compare(tree([-1, 0], [1, 105], [0, 1], [5, 5]), seen=[1])
    assert made.index.tolist() == ["fibre", "radio"]
    made = compare(tree([-1, 0], [1, 106], [0, 1], [5, 5]), seen=[1])
    assert made.index.tolist() == ["fibre", "hybrid", "radio"]
