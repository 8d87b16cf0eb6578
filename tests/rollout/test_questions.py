"""The questions planners ask: what clashes, why not here, what would more money give, how sure."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from bredband import tables
from bredband.errors import PlanError
from bredband.rollout import alternate, assess, choose, frontier, in_words, joint, why, with_more
from bredband.scenario.rollout import Rollout, Uncertainty
from tests.rollout.oracle import county

VALLEY = county(
    ("F1", "feeder", "", "3401", 0, 1, 2.0),
    ("A1", "area", "F1", "3401", 40, 1.5, 3.0),
    ("A2", "area", "F1", "3401", 25, 1, 2.5),
    ("A3", "area", "", "3402", 30, 1, 4.0),
    ("A4", "area", "A3", "3402", 12, 1, 1.0),
    ("A5", "area", "", "3402", 1, 1, 1.5),
)
CHOICES = Rollout(annual_grant_nok=(5e6, 4e6), carry_over=False, target_gap_share=0.0)


@dataclass(frozen=True)
class Offer:
    """Areas and what else they may get, as ``alternate`` takes them."""

    areas: gpd.GeoDataFrame
    alternatives: pd.DataFrame = field(default_factory=lambda: tables.empty("alternatives"))
    lacking_draws: pd.DataFrame = field(default_factory=lambda: tables.empty("lacking_draws"))
    bills: pd.DataFrame = field(default_factory=lambda: tables.empty("bills"))


def refused(**change) -> str:
    with pytest.raises(PlanError) as caught:
        choose(VALLEY, Rollout(**{**CHOICES.model_dump(), **change}))
    return str(caught.value).replace("\u202f", " ").replace("\xa0", " ")


def test_a_floor_out_of_reach_says_how_much_money_is_lacking():
    """All of 3402 needs 4 + 1 + 1.5 MNOK in 2027, which has 5; without A5, 1 household less."""
    said = refused(floors=({"kommune": "3402", "by_year": 2027, "least_share": 1.0},))
    assert "floors (kommune 3402: minst 43 husstander innen 2027)" in said
    assert "1,50 mill. kr mer i tilskuddsrammen i 2027" in said
    assert "1 færre i kravet" in said


def test_must_build_over_budget_says_by_how_much():
    said = refused(annual_grant_nok=(1e6, 1e6), must_build=("A3",))
    assert "must_build (A3)" in said
    assert "3,00 mill. kr mer" in said


def test_only_the_demands_that_clash_are_named():
    said = refused(must_build=("A3", "A4"), must_not_build=("A3",), exclusive=(("A1", "A2"),))
    assert "A3 er stengt av must_not_build" in said
    assert "A1" not in said
    said = refused(must_build=("A1", "A2"), exclusive=(("A3", "A4"), ("A1", "A2")))
    assert "høyst ett av A1, A2" in said
    assert "A3" not in said


def test_why_not_counts_the_feeder_and_what_is_pushed_out():
    answer = why(VALLEY, CHOICES, "A5")
    assert answer.build_year is None
    assert answer.grant_nok == 1_500_000
    assert answer.entering_grant_nok < answer.grant_nok
    assert answer.loss_household_years >= 0
    assert len(answer.pushed) > 0
    words = " ".join(in_words(answer))
    assert "A5 er ikke med i planen" in words
    assert "taper planen" in words
    poor = CHOICES.model_copy(update={"annual_grant_nok": (1e6, 1.6e6)})
    assert why(VALLEY, poor, "A1").first == ("F1",)
    assert np.isinf(why(VALLEY, poor, "A1").loss_household_years)


def test_why_of_a_built_area_names_the_year():
    assert in_words(why(VALLEY, CHOICES, "A1")) == ["A1 bygges i 2027."]
    with pytest.raises(PlanError, match="finnes ikke"):
        why(VALLEY, CHOICES, "A99")


def test_the_frontier_rises_and_its_bounds_hold():
    table = frontier(VALLEY, CHOICES, shares=(0.5, 1.0, 1.5))
    last = table[table["year"] == 2028]
    assert last["weighted_household_years"].is_monotonic_increasing
    assert (table["bound_household_years"] >= table["weighted_household_years"] - 1e-6).all()
    assert table["gap_share"].max() <= 1e-6
    assert last["budget_nok"].tolist() == [4_500_000, 9_000_000, 13_500_000]


def test_the_frontier_tells_what_each_year_has_reached():
    """The middle budget is the plan itself; the margin is households per million by that year."""
    table = frontier(VALLEY, CHOICES, shares=(0.5, 1.0, 1.5))
    assert table["year"].tolist() == [2027, 2028] * 3
    schedule = choose(VALLEY, CHOICES)[0]
    own = table[table["budget_nok"] == 9_000_000].set_index("year")
    for year in (2027, 2028):
        built = schedule[schedule["build_year"] <= year]
        reached = VALLEY.set_index("area_id").loc[built["area_id"]]
        assert own.loc[year, "households"] == reached["households"].sum()
        assert own.loc[year, "spent_nok"] == reached["grant_nok"].sum()
        poorer = table[(table["budget_nok"] == 4_500_000) & (table["year"] == year)]
        more = own.loc[year, "households"] - poorer["households"].item()
        assert own.loc[year, "marginal_households"] == pytest.approx(more / 4.5)
    assert table["marginal_households"].isna().tolist() == [True, True, *[False] * 4]


def test_more_money_in_a_year_says_what_and_where():
    extra = with_more(VALLEY, CHOICES, year=2028, amount_nok=1e6)
    before = choose(VALLEY, CHOICES)[1].objective
    richer = CHOICES.model_copy(update={"annual_grant_nok": (5e6, 5e6)})
    assert extra.gained_household_years == choose(VALLEY, richer)[1].objective - before
    assert set(extra.moves.columns) == {"area_id", "year_before", "year_after"}
    assert len(extra.moves) > 0


def test_the_alternation_takes_what_a_redesign_gains_and_then_stops():
    calls = []

    def redesign(chosen):
        calls.append(chosen)
        cheaper = VALLEY["grant_nok"].where(VALLEY["area_id"] != "A3", 2_000_000)
        return Offer(VALLEY.assign(grant_nok=cheaper))

    joint = alternate(Offer(VALLEY), CHOICES, redesign, rounds=4)
    assert joint.chosen.proof.objective > joint.objectives[0]
    assert len(calls) == 2
    assert joint.objectives[-1] == joint.chosen.proof.objective


def test_a_redesign_that_offers_the_same_is_not_chosen_from_again(monkeypatch):
    solved = []
    monkeypatch.setattr(joint, "choose", lambda *given: solved.append(given) or choose(*given))
    same = Offer(VALLEY.copy())
    unchanged = alternate(Offer(VALLEY), CHOICES, lambda _: same, rounds=4)
    assert len(solved) == 1
    assert unchanged.objectives == (unchanged.chosen.proof.objective,) * 2
    other_bill = tables.empty("bills").assign(area_id=["A1"]).astype({"area_id": "str"})
    priced = Offer(VALLEY.copy(), bills=other_bill)
    alternate(Offer(VALLEY), CHOICES, lambda _: priced, rounds=1)
    assert len(solved) == 3


def test_a_redesign_that_loses_a_named_area_is_not_taken():
    named = CHOICES.model_copy(update={"must_build": ("A5",)})
    without = Offer(VALLEY[VALLEY["area_id"] != "A5"])
    joint = alternate(Offer(VALLEY), named, lambda _: without, rounds=4)
    assert joint.layout.areas is VALLEY
    assert len(joint.objectives) == 1


def test_draws_without_spread_change_nothing():
    sure = Uncertainty(
        draws=3,
        lowest_cost_share=1.0,
        highest_cost_share=1.0,
        lowest_take_up_share=1.0,
        highest_take_up_share=1.0,
    )
    result = assess(VALLEY, CHOICES.model_copy(update={"uncertainty": sure}))
    assert result.candidates["mean_household_years"].iloc[0] == choose(VALLEY, CHOICES)[1].objective
    assert result.candidates["overrun_probability"].iloc[0] == 0
    assert set(np.unique(result.built_share)) <= {0.0, 1.0}


def test_draws_are_seeded_and_shares_grow_with_the_years():
    choices = CHOICES.model_copy(update={"uncertainty": Uncertainty(draws=20)})
    result = assess(VALLEY, choices)
    pd.testing.assert_frame_equal(result.built_share, assess(VALLEY, choices).built_share)
    assert (result.built_share.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    regret = result.candidates["highest_regret_share"]
    assert regret.between(0, 1).all()
    for by in ("mean", "tail", "regret"):
        assert result.chosen(by).shape == (6,)
