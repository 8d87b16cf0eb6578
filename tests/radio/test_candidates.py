"""New masts: high, near road and power, and the best few of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy.optimize import OptimizeResult

from bredband import tables
from bredband.errors import InputError, ScenarioError
from bredband.grid import Raster
from bredband.radio.candidates import propose_masts
from bredband.radio.covering import choose_masts, list_candidates, reach_of_masts
from bredband.radio.profile import make_terrain
from bredband.report.words import words
from bredband.scenario.costs import Costs
from bredband.scenario.radio import RadioChoices

WEST_M, NORTH_M, CELL_M = 300_000.0, 6_760_000.0, 10.0
CHOICES = RadioChoices(link={"longest_m": 5000})
COSTS = Costs()


def two_hills(sea: bool = False):
    """Synthetic: hills of 120 m in the west and 150 m in the east, a road past the western."""
    y, x = np.mgrid[:300, :400] * CELL_M
    west = 120.0 * np.exp(-(((x - 1000) / 250) ** 2) - ((y - 1500) / 250) ** 2)
    east = 150.0 * np.exp(-(((x - 3000) / 250) ** 2) - ((y - 1500) / 250) ** 2)
    wet = np.zeros(x.shape, bool)
    wet[:, :120] = sea
    return make_terrain(Raster((west + east).astype(np.float32), WEST_M, NORTH_M, CELL_M, wet))


ROAD = np.column_stack([WEST_M + np.full(200, 1200.0), NORTH_M - 15.0 * np.arange(200)])


def homes(count: int = 12) -> pd.DataFrame:
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    return pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(count)],
            "x_m": WEST_M + 1000.0 + 800.0 * np.cos(angle),
            "y_m": NORTH_M - 1500.0 + 800.0 * np.sin(angle),
            "households": np.arange(1, count + 1),
        }
    )


def propose(terrain, roads=ROAD, choices=CHOICES) -> pd.DataFrame:
    people = homes()
    return propose_masts(
        terrain, road_xy_m=roads, power_xy_m=people[["x_m", "y_m"]].to_numpy(),
        unserved=people, choices=choices, costs=COSTS,
    )  # fmt: skip


def test_the_hill_by_the_road_is_the_best_place() -> None:
    """The eastern hill is higher, but 1.8 km from the road."""
    best = propose(two_hills()).iloc[0]
    assert abs(best["x_m"] - WEST_M - 1000.0) <= 50.0
    assert abs(best["y_m"] - NORTH_M + 1500.0) <= 50.0
    assert best["ground_m"] > 110.0
    assert best["seen_households"] == homes()["households"].sum()
    assert best["road_m"] == pytest.approx(200.0, abs=60.0)
    assert best["power_m"] > 200.0
    expected = 2_500_000.0 + 600.0 * max(best["road_m"] - 200.0, 0.0)
    expected += 400.0 * (best["power_m"] - 200.0)
    assert best["capex_nok"] == pytest.approx(expected, abs=1000.0)
    far = propose(two_hills())
    assert (far["x_m"] < WEST_M + 1700.0).all()


def test_no_mast_in_the_sea() -> None:
    places = propose(two_hills(sea=True))
    assert (places["x_m"] > WEST_M + 1200.0).all()


def test_no_road_no_mast() -> None:
    with pytest.raises(InputError, match="uten veger"):
        propose(two_hills(), roads=np.zeros((0, 2)))
    assert propose(two_hills(), roads=ROAD + 1e6).empty


def test_reach_grows_with_height() -> None:
    people = homes(40)
    few = RadioChoices(link={"longest_m": 5000}, masts={"most_places": 5})
    places = propose(two_hills(), choices=few)
    reach = [
        len(
            reach_of_masts(
                places.assign(height_m=height), people, two_hills(), CHOICES, down_mbps=300.0
            )
        )
        for height in (5.0, 40.0)
    ]
    assert 0 < reach[0] <= reach[1]


def test_a_band_too_narrow_for_the_target_is_refused() -> None:
    """100 MHz x 0.74 x 2 layers x 5.98 b/s/Hz = 885 Mbit/s is the most that 3600 gives."""
    with pytest.raises(ScenarioError, match="høyst 885 Mbit/s"):
        reach_of_masts(propose(two_hills()), homes(), two_hills(), CHOICES, down_mbps=1000.0)


def test_candidates_are_laid_out_with_price_and_reach() -> None:
    """Everybody sees the hill; the cheapest per household comes first; the useless is left out."""
    people, terrain = homes(), two_hills()
    places = propose(terrain).assign(kind="mast_candidate", name="Forslag")
    useless = places.iloc[[0]].assign(site_id="langt-borte", x_m=WEST_M + 1e6)
    masts = pd.concat([places, useless], ignore_index=True)
    masts["kind"], masts["name"] = masts["kind"].astype("str"), masts["name"].astype("str")
    reached = reach_of_masts(masts, people, terrain, CHOICES, down_mbps=100.0)
    choice = choose_masts(masts, people, reached, money_nok=3e6)
    listed = list_candidates(masts, people, reached, choice)
    tables.check(listed, "mast_candidates")
    assert "langt-borte" not in set(listed["site_id"])
    assert listed["premises"].max() == 12
    assert listed["households"].max() == people["households"].sum()
    assert listed["chosen"].sum() == 1
    assert listed.loc[listed["chosen"], "capex_nok"].item() <= 3_000_000
    assert (listed["capex_nok"] / listed["households"]).is_monotonic_increasing


@given(st.integers(0, 2**31), st.integers(1, 7), st.integers(1, 12), st.floats(0.0, 6.0))
@settings(max_examples=25, deadline=None)
def test_the_choice_is_the_best_there_is(seed: int, masts: int, people: int, money: float) -> None:
    """Against every subset, by brute force; and the bound is never below what was found."""
    rng = np.random.default_rng(seed)
    sites = pd.DataFrame(
        {"site_id": [f"m{i}" for i in range(masts)], "capex_nok": 1e6 * rng.uniform(0.5, 3, masts)}
    )
    homes = pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(people)],
            "households": rng.integers(1, 5, people),
        }
    )
    covers = rng.uniform(size=(masts, people)) < 0.4
    mast, home = np.nonzero(covers)
    reach = pd.DataFrame(
        {"site_id": sites["site_id"].to_numpy()[mast],
         "premises_id": homes["premises_id"].to_numpy()[home]}
    )  # fmt: skip
    choice = choose_masts(sites, homes, reach, money_nok=1e6 * money)
    capex, weight = sites["capex_nok"].to_numpy(), homes["households"].to_numpy()
    best = 0.0
    for picked in product([False, True], repeat=masts):
        x = np.array(picked)
        if capex[x].sum() <= 1e6 * money:
            best = max(best, float(weight[covers[x].any(axis=0)].sum()))
    assert choice.households == best
    assert choice.bound_households >= choice.households
    assert capex[choice.chosen].sum() <= 1e6 * money * (1 + 1e-6)
    assert choice.status == "optimal"


def test_a_choice_that_ran_out_of_time_says_so_in_the_words_of_every_proof(monkeypatch) -> None:
    """Nothing found and a bound of 5: the gap is whole, and the status is one that documents know."""
    stopped = OptimizeResult(x=np.zeros(2), mip_dual_bound=-5.0, status=1)
    monkeypatch.setattr(optimize, "milp", lambda *_, **__: stopped)
    sites = pd.DataFrame({"site_id": ["m"], "capex_nok": [1e6]})
    people = pd.DataFrame({"premises_id": ["p"], "households": [5]})
    reach = pd.DataFrame({"site_id": ["m"], "premises_id": ["p"]})
    choice = choose_masts(sites, people, reach, money_nok=1e6)
    assert (choice.households, choice.bound_households, choice.gap_share) == (0.0, 5.0, 1.0)
    assert f"status.{choice.status}" in words("nb").sentences
