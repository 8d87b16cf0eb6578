"""Masts to premises: best sector, status at every edge, and sectors that fill up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bredband.radio.sites as sites_room
from bredband.errors import InputError
from bredband.grid import Raster
from bredband.radio.capacity import assign_to_sectors, stable_mbps
from bredband.radio.loss import statistical_clutter_db
from bredband.radio.profile import Terrain, make_terrain
from bredband.radio.sectors import sectors_of
from bredband.radio.sites import reach_premises
from bredband.scenario.radio import RadioChoices

WEST_M, NORTH_M = 300_000.0, 6_760_000.0


def chosen(bands: dict | None = None, **link: float) -> RadioChoices:
    return RadioChoices(link={"clutter_free_m": 0, **link}, bands=bands or {})


CHOICES = chosen()
BUDGET = CHOICES.link


def plain(wall_m: float = 0.0, void: bool = False) -> Terrain:
    """A flat synthetic country of 6 x 6 km, with a ridge or a hole east of the middle."""
    heights = np.full((600, 600), 200.0, np.float32)
    heights[:, 400:403] += wall_m
    if void:
        heights[:, 400:450] = np.nan
    return make_terrain(Raster(heights, WEST_M, NORTH_M, 10.0, np.zeros((600, 600), bool)))


def masts(*, bands: str = "800", sectors: str = "0/120/240") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site_id": ["m1"], "x_m": [WEST_M + 3000.0], "y_m": [NORTH_M - 3000.0],
            "height_m": [30.0], "bands": [bands], "sectors": [sectors],
        }
    )  # fmt: skip


def homes(*places: tuple[float, float], households: int = 1) -> pd.DataFrame:
    """Premises by metres east and north of the mast, with an index that is not 0, 1, 2."""
    east, north = np.array(places, float).T
    return pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(len(places))],
            "x_m": WEST_M + 3000.0 + east,
            "y_m": NORTH_M - 3000.0 + north,
            "households": households,
        },
        index=[10 * i + 7 for i in range(len(places))],
    )


def reach(sites, people, terrain=None, choices=CHOICES) -> pd.DataFrame:
    return reach_premises(sectors_of(sites, choices), people, terrain or plain(), choices)


def test_every_premises_gets_the_sector_that_points_at_it() -> None:
    people = homes((0.0, 2000.0), (1900.0, -1100.0), (-1900.0, -1100.0))
    before = people.copy()
    table = reach(masts(), people)
    assert list(table["sector_id"]) == ["m1-800-000", "m1-800-120", "m1-800-240"]
    assert list(table.index) == [7, 17, 27]
    assert table["served"].all()
    assert (table["status"] == "ok").all()
    assert table["line_of_sight"].all()
    assert (table["stable_mbps"] <= table["down_mbps"]).all()
    assert (table["margin_db"] > 0).all()
    pd.testing.assert_frame_equal(people, before)


def test_azimuth_is_from_true_north() -> None:
    """At 11.4 degrees east grid north leans 3.2 degrees west: the bearing is corrected."""
    narrow = chosen({"800": {"horizontal_width_deg": 10}})
    table = reach(masts(sectors="355/0"), homes((0.0, 2000.0)), choices=narrow)
    assert table["sector_id"].iloc[0] == "m1-800-355"


def test_an_antenna_below_the_trees_loses_what_p2108_says() -> None:
    """Two kilometres from the mast; free sight either way, so nothing else changes."""
    people = homes((0.0, 2000.0))
    above = reach(masts(), people)["rsrp_dbm"].item()
    below = reach(masts(), people, choices=chosen(below_clutter=True))["rsrp_dbm"].item()
    frequency = CHOICES.bands["800"].frequency_mhz
    assert above - below == pytest.approx(
        float(statistical_clutter_db(2000.0, frequency)), abs=0.01
    )


def test_a_ridge_takes_signal_and_sight() -> None:
    there = homes((2000.0, 0.0))
    east = masts(sectors="90")
    free = reach(east, there).iloc[0]
    behind = reach(east, there, plain(wall_m=150.0)).iloc[0]
    assert free["line_of_sight"]
    assert not behind["line_of_sight"]
    assert behind["rsrp_dbm"] < free["rsrp_dbm"] - 20.0
    assert behind["down_mbps"] < free["down_mbps"]


def test_every_edge_has_a_word() -> None:
    people = homes((0.0, 1000.0), (0.0, 3500.0), (0.0, 40_000.0), (0.0, 0.0), (5.0, 0.0))
    table = reach(masts(), people)
    assert list(table["status"]) == [
        "ok", "outside_raster", "beyond_range", "too_short", "too_short",
    ]  # fmt: skip
    assert list(table["served"]) == [True, False, False, True, True]
    assert table["rsrp_dbm"].isna().tolist() == [False, True, True, False, False]
    assert list(table["site_id"]) == ["m1", "", "", "m1", "m1"]
    hole = reach(masts(), homes((2500.0, 0.0)), plain(void=True)).iloc[0]
    assert hole["status"] == "void_on_path"
    assert not hole["served"]
    trusting = chosen(void_share=0.5)
    guess = reach(masts(), homes((2500.0, 0.0)), plain(void=True), trusting).iloc[0]
    assert guess["status"] == "void_on_path"
    assert guess["served"]
    assert 0.15 < guess["void_share"] < 0.25


def test_a_mast_outside_the_terrain_serves_nobody() -> None:
    away = masts().assign(x_m=WEST_M - 500.0)
    table = reach(away, homes((-2500.0, 0.0)))
    assert list(table["status"]) == ["outside_raster"]
    assert not table["served"].any()


def test_no_mast_and_no_premises() -> None:
    nothing = reach(masts().iloc[:0], homes((0.0, 9.0)))
    assert list(nothing["status"]) == ["beyond_range"]
    assert not nothing["served"].any()
    assert len(reach(masts(), homes((0.0, 9.0)).iloc[:0])) == 0


def test_a_full_sector_serves_fewer() -> None:
    """Five MHz cannot give 4 Mbit/s to forty households at once; the strongest stay."""
    small = chosen({"800": {"bandwidth_mhz": 5}})
    places = [(10.0 * i, 500.0 + 60.0 * i) for i in range(40)]
    table = reach(masts(sectors="0"), homes(*places), choices=small)
    served = table["served"].to_numpy()
    assert 0 < served.sum() < 40
    assert set(table.loc[~served, "status"]) == {"sector_full"}
    assert (table.loc[~served, "stable_mbps"] == 0.0).all()
    left = table.loc[served, "stable_mbps"] / table.loc[served, "down_mbps"]
    assert (left >= 1.0 - BUDGET.busy_hour_share).all()
    assert (left < 1.0).all()
    weakest = table.loc[served, "margin_db"].min()
    assert table.loc[~served, "margin_db"].max() <= weakest
    time = (BUDGET.takeup_share * BUDGET.busy_hour_mbps / table.loc[served, "down_mbps"]).sum()
    assert time <= BUDGET.busy_hour_share + 1e-9


def test_premises_taken_a_few_at_a_time_hear_the_same(monkeypatch) -> None:
    """Sectors that fill up are shared between all premises, also when signals are found by parts."""
    two = pd.concat([masts(bands="800/1800"), masts(bands="800")], ignore_index=True)
    two.loc[1, ["site_id", "y_m"]] = ["m2", NORTH_M - 500.0]
    small = chosen({"800": {"bandwidth_mhz": 5}, "1800": {"bandwidth_mhz": 5}})
    people = homes(*((70.0 * i - 2500.0, 45.0 * i) for i in range(60)), (9000.0, 0.0))
    whole = reach(two, people, plain(wall_m=80.0), small)
    assert set(whole["status"]) >= {"ok", "sector_full"}
    monkeypatch.setattr(sites_room, "_PAIRS_AT_A_TIME", 14)
    pd.testing.assert_frame_equal(reach(two, people, plain(wall_m=80.0), small), whole)


def test_a_second_mast_interferes() -> None:
    two = pd.concat([masts(sectors="0"), masts(sectors="180")], ignore_index=True)
    two.loc[1, ["site_id", "y_m"]] = ["m2", NORTH_M - 500.0]
    alone = reach(two.iloc[:1], homes((0.0, 900.0)))
    both = reach(two, homes((0.0, 900.0)))
    assert both["sinr_db"].iloc[0] < alone["sinr_db"].iloc[0] - 3.0
    silent = reach(two, homes((0.0, 900.0)), choices=chosen(neighbour_load_share=0.0))
    assert silent["sinr_db"].iloc[0] == pytest.approx(alone["sinr_db"].iloc[0], abs=0.01)


def test_unknown_band_and_azimuth_are_explained_together() -> None:
    two = pd.concat([masts(bands="800/950/5000"), masts(sectors="nord")], ignore_index=True)
    two["site_id"] = ["m1", "m2"]
    with pytest.raises(InputError, match=r"m1 har båndet 5000 MHz.*; mast m2 har retningen «nord»"):
        sectors_of(two, CHOICES)
    with pytest.raises(InputError, match="m1 har båndet «NR», som ikke er et tall"):
        sectors_of(masts(bands="NR"), CHOICES)


def test_a_frequency_falls_in_its_band_once() -> None:
    """The numbers operators write for one band are the scenario's band, and 3500 and 3600 one."""
    sectors = sectors_of(masts(bands="773/3500/3600/700", sectors="0"), CHOICES)
    assert list(sectors["band"]) == ["700", "3600"]


def test_a_mast_without_directions_gets_the_usual_ones_and_without_bands_none() -> None:
    assert list(sectors_of(masts(sectors=""), CHOICES)["azimuth_deg"]) == [0.0, 120.0, 240.0]
    assert sectors_of(masts(bands=""), CHOICES).empty


@given(
    st.integers(1, 25), st.integers(1, 5), st.integers(0, 2**31), st.floats(0.05, 1.0)
)  # fmt: skip
def test_assignment_stops_fits_and_is_stable(
    people: int, sectors: int, seed: int, limit: float
) -> None:
    rng = np.random.default_rng(seed)
    premises = np.repeat(np.arange(people), sectors)
    sector = np.tile(np.arange(sectors), people)
    keep = rng.uniform(size=len(premises)) < 0.7
    premises, sector = premises[keep], sector[keep]
    wish, margin = rng.uniform(size=(2, len(premises)))
    share = np.full(len(premises), rng.uniform(0.02, 0.5))
    stands = assign_to_sectors(premises, sector, wish, margin, share, busy_hour_share=limit)
    assert np.bincount(premises[stands], minlength=people).max(initial=0) <= 1
    load = np.bincount(sector[stands], weights=share[stands], minlength=sectors)
    assert (load <= limit + 1e-9).all()
    for pair in np.flatnonzero(~stands):
        own = stands & (premises == premises[pair])
        prefers = wish[pair] > wish[own].max(initial=-1.0)
        inside = stands & (sector == sector[pair])
        room = load[sector[pair]] + share[pair] <= limit + 1e-9
        stronger = margin[pair] > margin[inside].min(initial=2.0)
        assert not (prefers and (room or stronger))


def test_stable_speed_is_what_the_others_leave() -> None:
    """Two share a sector, taking 0.2 and 0.3 of it: 100 x (1 - 0.3) and 50 x (1 - 0.2)."""
    rate = stable_mbps(
        np.array([0, 0, 1]), np.array([0.2, 0.3, 0.4]), np.array([100.0, 50.0, 30.0])
    )
    assert rate == pytest.approx([70.0, 40.0, 30.0])


def test_at_most_ten_faults_are_told_of_and_how_many_more() -> None:
    def said(count: int) -> str:
        many = pd.concat([masts(bands="5000")] * count, ignore_index=True)
        with pytest.raises(InputError) as caught:
            sectors_of(many.assign(site_id=[f"m{i}" for i in range(count)]), CHOICES)
        return str(caught.value)

    assert [said(count).count("båndet 5000 MHz") for count in (1, 10, 12)] == [1, 10, 10]
    assert ["; og 2 til." in said(count) for count in (1, 10, 12)] == [False, False, True]


def test_masts_are_unfolded_into_bands_and_sectors() -> None:
    """A band by its name and by its MHz is one; without sectors the usual ones; without bands none."""
    sites = pd.concat([masts(bands="700/ 702,5 /3600", sectors="15,5/200"), masts(bands="800", sectors=""),
                       masts(bands="")], ignore_index=True)  # fmt: skip
    table = sectors_of(sites.assign(site_id=["a", "b", "c"]), CHOICES)
    assert table["sector_id"].tolist() == [
        "a-700-016", "a-700-200", "a-3600-016", "a-3600-200",
        *[f"b-800-{azimuth:03.0f}" for azimuth in CHOICES.usual_sectors_deg],
    ]  # fmt: skip
    assert table["azimuth_deg"].tolist()[:2] == [15.5, 200.0]
    assert (table["tilt_deg"] == CHOICES.tilt_deg).all()
