"""Plans made for the draws instead of for the estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from bredband.rollout import choose
from bredband.scenario.rollout import Rollout, Uncertainty
from tests.rollout.oracle import county, faults

BOLD = county(
    ("A", "area", "", "3401", 10, 1, 3.95),
    ("B", "area", "", "3401", 9, 1, 3.0),
)
"""One year's 4 million pays for A if nothing is dearer than thought, and for B in any case."""

DEARER = Uncertainty(
    draws=40,
    lowest_cost_share=1.0,
    likely_cost_share=1.1,
    highest_cost_share=1.2,
    lowest_take_up_share=1.0,
)
BASE = {"annual_grant_nok": (4e6,), "target_gap_share": 0.0, "uncertainty": DEARER}


def built(**change) -> list[str]:
    return choose(BOLD, Rollout(**BASE | change)).schedule["area_id"].tolist()


@pytest.mark.parametrize("plan_for", ["mean", "tail", "regret"])
def test_a_plan_for_the_draws_takes_what_can_be_paid_for(plan_for):
    assert built() == ["A"]
    assert built(plan_for=plan_for) == ["B"]


@pytest.mark.parametrize("plan_for", ["mean", "tail", "regret"])
def test_it_keeps_every_demand_and_says_what_it_costs(plan_for):
    choices = Rollout(**BASE | {"plan_for": plan_for, "must_build": ("A",)})
    schedule, proof, _ = choose(BOLD, choices)
    assert schedule["area_id"].tolist() == ["A"]
    assert not faults(
        BOLD, choices, dict(zip(schedule["area_id"], schedule["build_year"], strict=True))
    )
    proof = choose(BOLD, Rollout(**BASE | {"plan_for": plan_for})).proof
    assert (proof.status, proof.objective, proof.bound) == ("robust", 9.0, 10.0)
    assert proof.gap_share == pytest.approx(1 / 9)


def test_where_nothing_is_uncertain_the_plan_is_the_same():
    certain = Uncertainty(
        draws=3, lowest_cost_share=1.0, highest_cost_share=1.0, lowest_take_up_share=1.0
    )
    assert built(plan_for="tail", uncertainty=certain) == ["A"]


def test_a_cautious_plan_minds_who_truly_lacks():
    """In half of the draws nobody lacks in A, in the other half twice as many; B is certain."""
    certain = Uncertainty(
        draws=10, lowest_cost_share=1.0, highest_cost_share=1.0, lowest_take_up_share=1.0
    )
    truth = pd.DataFrame(
        [(0, "A", 0.0), (0, "B", 9.0), (1, "A", 20.0), (1, "B", 9.0)],
        columns=["draw", "area_id", "lacking_weighted_households"],
    )
    taken = {}
    for plan_for in ("mean", "tail"):
        choices = Rollout(**BASE | {"plan_for": plan_for, "uncertainty": certain})
        taken[plan_for] = choose(BOLD, choices, lacking_draws=truth).schedule["area_id"].tolist()
    assert taken == {"mean": ["A"], "tail": ["B"]}


def test_draws_are_of_household_years():
    with pytest.raises(ValidationError, match="household_years"):
        Rollout(**BASE | {"plan_for": "mean", "goal": "least_grant"})


def test_the_same_seed_gives_the_same_plan():
    random = np.random.default_rng(5)
    rows = [
        (f"A{i}", "area", "", "3401", int(random.integers(3, 30)), 1, float(random.uniform(0.5, 3)))
        for i in range(12)
    ]
    areas = county(*rows)
    choices = Rollout(
        annual_grant_nok=(4e6, 4e6), plan_for="tail", uncertainty=Uncertainty(draws=20)
    )
    once, again = (choose(areas, choices).schedule for _ in range(2))
    assert once.equals(again)
