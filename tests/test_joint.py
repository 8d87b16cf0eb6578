"""Trench, choice and years together, on Lilleland, where every cost is known by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from bredband import areas, network
from bredband.network.reach import _own_trench_nok
from bredband.pipeline.airwaves import hear_masts, weigh_masts
from bredband.pipeline.joint import _money_nok, _prospects, choose_together
from bredband.pipeline.layout import Situation, lay_out, settle
from bredband.pipeline.plan import price_network
from bredband.pipeline.served import weigh_evidence
from tests import lilleland


@pytest.fixture(scope="module")
def made():
    county, scenario = lilleland.county(), lilleland.scenario()
    _, availability = hear_masts(county, scenario)
    served = weigh_evidence(county, availability, scenario, scenario.rollout.uncertainty)
    weighed = areas.weigh(county.premises, served.coverage, scenario.priorities)
    lacking = areas.to_connect(weighed, served.coverage)
    joined = price_network(county, scenario.network, scenario.costs)
    candidates, reach, _ = weigh_masts(county, lacking, scenario)
    at = Situation(
        scenario, county.kommuner, lacking, candidates, reach, np.empty((len(lacking), 0), np.bool_)
    )
    return joined, lay_out(network.design(joined, lacking, scenario.network), at), at


def test_no_plan_reaches_more_than_the_bound(made):
    """108 000 kr reaches Vesle (4), 316 000 Midtby too (10), 614 000 all (12)."""
    joined, layout, at = made
    money = [0.0, 108_000.0, 316_000.0, 614_000.0, 1e9]
    bound = network.bound_reach(
        joined, at.lacking, layout.connections, layout.routes, _prospects(layout, at), money
    )
    assert (bound >= np.array([0, 4, 10, 12, 12]) - 1e-6).all()
    assert (np.diff(bound) >= -1e-9).all()
    assert bound[0] < 4
    assert bound[2] < 12
    assert bound[-1] == pytest.approx(12)


def test_trench_of_an_area_is_shared_by_who_hangs_behind_it():
    """100 kr of trench for three homes, then 60 for two of them; a home by radio needs none.

    Area b hangs on the same trench, but pays for its own 40 alone.
    """
    routes = pd.DataFrame(
        {
            "route_id": ["near", "far", "other"], "upstream_route": ["", "near", "near"],
            "area_id": ["a", "a", "b"], "trench_nok": [100, 60, 40],
        }
    )  # fmt: skip
    homes = pd.DataFrame(
        {
            "route_id": ["far", "far", "near", "", "other"],
            "area_id": ["a", "a", "a", "a", "b"],
        }
    )
    third = 100 / 3
    assert _own_trench_nok(routes, homes) == pytest.approx([third + 30, third + 30, third, 0, 40])


def test_money_is_what_the_grants_can_carry_so_far():
    rollout = lilleland.scenario().rollout.model_copy(
        update={"contingency_share": 0.5, "borrow_share": 0.1, "annual_grant_nok": (100.0, 200.0)}
    )
    assert _money_nok(rollout, 0.5) == pytest.approx([(50 + 10) / 0.5, 150 / 0.5])


def test_choosing_together_is_no_worse_and_says_its_gap(made):
    joined, first, at = made
    alone = dataclasses.replace(
        at,
        scenario=at.scenario.model_copy(
            update={"rollout": at.scenario.rollout.model_copy(update={"redesigns": 0})}
        ),
    )
    layout, plan, proof = choose_together(joined, first, alone)
    assert layout is first
    _, again, joint = choose_together(joined, first, at)
    assert again.proof.objective >= plan.proof.objective
    assert joint.kind == proof.kind == "joint"
    assert joint.bound >= joint.objective > 0
    assert joint.gap_share == pytest.approx(joint.bound / joint.objective - 1)


def test_a_plan_of_fibre_is_settled_as_it_stands(made):
    joined, first, at = made
    layout, plan, _ = choose_together(joined, first, at)
    built, schedule = settle(layout, plan.schedule, at)
    assert schedule is plan.schedule
    assert not (built.areas["kind"] == "mast").any()
    assert built.bills is layout.bills


def test_a_plan_that_builds_nothing_has_a_gap_that_can_be_written(made):
    """The least grant with nothing demanded is none; the bound is on households, and is not 0."""
    joined, layout, at = made
    rollout = at.scenario.rollout.model_copy(update={"goal": "least_grant", "redesigns": 0})
    scenario = at.scenario.model_copy(update={"rollout": rollout})
    _, chosen, proof = choose_together(joined, layout, dataclasses.replace(at, scenario=scenario))
    assert len(chosen.schedule) == 0
    assert (proof.objective, proof.gap_share) == (0, None)
    assert proof.bound > 0
    assert chosen.proof.gap_share == 0
