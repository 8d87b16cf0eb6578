"""Owners' networks side by side, and what the computation says of the offers they report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bredband import tables
from bredband.coverage.claims import gather
from bredband.radio.networks import best_signal, modelled_availability, reach_by_owner
from bredband.scenario.coverage import CoverageChoices, Target
from bredband.scenario.radio import RadioChoices
from tests.radio.test_sites import CHOICES, homes, masts, plain

TARGET = Target(down_mbps=50)
PLACES = ((0.0, 2000.0), (0.0, 40_000.0), (1500.0, 0.0))


def two_owners() -> pd.DataFrame:
    """Synthetic: A with 800 and B with 3600 on neighbouring masts."""
    both = pd.concat([masts(), masts(bands="3600")], ignore_index=True)
    return both.assign(site_id=["a1", "b1"], owner=["A", "B"], x_m=both["x_m"] + [0.0, 50.0])


def reached() -> pd.DataFrame:
    return reach_by_owner(two_owners(), homes(*PLACES), plain(), CHOICES)


def claims(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(p, o, "fwa", down, 0.0, "available", False, "meldt", "", np.nan) for p, o, down in rows],
        columns=tables.TABLES["availability"].column_names,
    )


def test_owners_do_not_disturb_each_other() -> None:
    alone = reach_by_owner(two_owners().iloc[:1], homes(*PLACES), plain(), CHOICES)
    with_neighbour = reached()
    pd.testing.assert_frame_equal(alone, with_neighbour.iloc[: len(PLACES)])


def test_the_best_signal_is_one_row_per_premises() -> None:
    people = homes(*PLACES)
    best = best_signal(reached())
    tables.check(best, "signal")
    assert list(best["premises_id"]) == list(people["premises_id"])
    assert list(best["operator"]) == ["B", "", "B"]
    assert best["status"].tolist() == ["ok", "beyond_range", "ok"]
    assert best["rsrp_dbm"].isna().tolist() == [False, True, False]


def modelled(mode: str, reported: pd.DataFrame, target: Target = TARGET) -> pd.DataFrame:
    rows = modelled_availability(reached(), reported, target, RadioChoices(modelled_offers=mode))
    if len(rows):
        tables.check(pd.concat([reported, rows], ignore_index=True), "availability")
    return rows


def test_a_computation_checks_the_claim_of_the_mast_owner_only() -> None:
    reported = claims(("p0", "A", 50.0), ("p2", "C", 100.0), ("p2", "B", 10.0))
    rows = modelled("check_claims", reported)
    assert list(zip(rows["premises_id"], rows["operator"], strict=True)) == [("p0", "A")]
    peak = reached().iloc[0]
    assert rows["down_mbps"].item() == np.floor(peak["stable_mbps"])
    assert (rows["up_mbps"] <= rows["down_mbps"]).all()
    assert modelled("none", reported).empty


def test_every_signal_is_an_offer_when_the_scenario_says_so() -> None:
    """But not where the owner reports something slower: it knows what it sells."""
    rows = modelled("all", claims(("p2", "B", 10.0)))
    pairs = set(zip(rows["premises_id"], rows["operator"], strict=True))
    assert pairs == {("p0", "A"), ("p0", "B"), ("p2", "A")}


def test_the_error_of_an_offer_is_that_of_its_band_and_sight() -> None:
    """In sight 5.5 dB at 3600 MHz and 8 dB behind a ridge, and 6 dB that the register hides."""
    table = reached().assign(line_of_sight=True)
    sigma = {
        wall_m: reach_by_owner(
            two_owners().iloc[[1]], homes((2600.0, 0.0)), plain(wall_m=wall_m), CHOICES
        )["sigma_db"].item()
        for wall_m in (0.0, 400.0)
    }
    band = next(iter(CHOICES.bands.values()))
    assert sigma == {0.0: band.sigma_db, 400.0: band.hidden_sigma_db}
    choices = RadioChoices(modelled_offers="all", link={"register_error_db": 6.0})
    rows = modelled_availability(table.assign(sigma_db=8.0), claims(), TARGET, choices)
    assert rows["error_db"].to_list() == [10.0] * len(rows)
    assert len(rows)


def test_an_uncertain_computation_says_less_of_a_claim() -> None:
    premises = pd.DataFrame({"premises_id": ["p0"], "rural": [True]})
    reported, target = claims(("p0", "B", 300.0)), Target(down_mbps=300)
    after = []
    for error_db in (4.0, 8.0, 16.0, np.nan):
        computed = reported.assign(down_mbps=100.0, status="modelled", error_db=error_db)
        offers = pd.concat([reported, computed], ignore_index=True)
        claim = gather(premises, offers, target, CoverageChoices()).set_index("technology")
        after.append(claim.loc["fwa", "prior_probability"])
    assert after[0] < after[1] < after[2] < 0.85
    assert after[3] == after[1]


def test_a_weak_signal_weakens_the_claim() -> None:
    """3 km behind a ridge: the operator's claim becomes less probable than before."""
    target, behind = Target(down_mbps=300), homes((2600.0, 0.0))
    sites = two_owners().iloc[[1]].reset_index(drop=True)
    reported = claims(("p0", "B", 300.0))
    table = reach_by_owner(sites, behind, plain(wall_m=400.0), CHOICES)
    assert list(table["status"]) == ["weak_signal"]
    rows = modelled_availability(table, reported, target, CHOICES)
    premises = pd.DataFrame({"premises_id": ["p0"], "rural": [True]})
    prior = [
        gather(premises, offers, target, CoverageChoices()).set_index("technology")
        for offers in (reported, pd.concat([reported, rows], ignore_index=True))
    ]
    before, after = (frame.loc["fwa", "prior_probability"] for frame in prior)
    assert before == pytest.approx(0.85)
    assert after < 0.5
