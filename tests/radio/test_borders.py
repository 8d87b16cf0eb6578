"""Every limit of the radio room met exactly, and what is taken for given."""

from __future__ import annotations

import inspect
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from scipy.optimize import OptimizeResult

from bredband.errors import InputError, PlanError
from bredband.grid import Raster
from bredband.radio import bullington, link, profile
from bredband.radio.candidates import propose_masts
from bredband.radio.covering import choose_masts, list_candidates, reach_of_masts
from bredband.radio.diffraction import (
    SPEED_OF_LIGHT_M_GHZ,
    height_gain_db,
    knife_edge_db,
    make_profile,
)
from bredband.radio.gas import gas_attenuation_db_per_km
from bredband.radio.longley_rice import Ground, itm_loss_db
from bredband.radio.loss import rain_db, statistical_clutter_db, terminal_clutter_db
from bredband.radio.networks import modelled_availability, reach_by_owner
from bredband.radio.p1812 import Climate, p1812_loss_db
from bredband.radio.profile import diffraction_db, trace_paths
from bredband.radio.second_opinion import deygout_db
from bredband.radio.signal_map import map_signal
from bredband.radio.signals import all_signals, path_loss_db, reach, trace_pairs
from bredband.radio.sites import reach_premises
from bredband.scenario.coverage import Target
from bredband.scenario.radio import LinkBudget, RadioChoices
from tests.radio.test_candidates import COSTS, ROAD, propose, two_hills
from tests.radio.test_candidates import homes as people_round
from tests.radio.test_networks import claims, reached
from tests.radio.test_sites import CHOICES, chosen, homes, masts, plain
from tests.radio.test_sites import reach as table_of

BUDGET = LinkBudget()


def test_one_core_is_used_unless_told_otherwise():
    """A county shares its machine with others; who has it alone says so."""
    faces = (
        propose_masts, reach_of_masts, reach_by_owner, trace_paths, diffraction_db, map_signal, trace_pairs,
        path_loss_db, reach, all_signals, reach_premises,
    )  # fmt: skip
    assert [inspect.signature(face).parameters["threads"].default for face in faces] == [1] * 11


def test_ground_and_air_that_nobody_has_told_of():
    """NTIA's average ground and temperate sea climate; P.1812's median over the north; P.835's air."""
    assert Ground() == Ground(15.0, 0.005, 301.0, 6, 12, 0.5, 0.5, 0.5)
    assert Climate() == Climate(0.5, 45.0, 325.0, 61.0, 500.0, 500.0)
    air = inspect.signature(gas_attenuation_db_per_km).parameters
    assert [air[name].default for name in ("dry_pressure_hpa", "temperature_k", "vapour_g_per_m3")] == [
        1013.25, 288.15, 7.5
    ]  # fmt: skip


@pytest.mark.parametrize(
    "edge_db", [knife_edge_db, lambda v: bullington._bullington.py_func(v, 0.0)]
)
def test_an_edge_far_below_the_ray_takes_nothing(edge_db):
    assert edge_db(-0.78) == 0.0
    assert edge_db(-0.77) > 0.0


@pytest.mark.parametrize(
    "gain_db", [lambda b, k: height_gain_db(b, 1.0, k), bullington._height_gain.py_func]
)
def test_the_gain_of_height_where_its_equations_meet(gain_db):
    """(36) says 20 lg(2 + 0.8) = 8.943 at b = 2, where (35) would say 8.926; at 0 there is no logarithm."""
    assert gain_db(2.0, 0.01) == pytest.approx(20 * math.log10(2.8), abs=1e-12)
    assert gain_db(2.0 + 1e-9, 0.01) == pytest.approx(8.9256, abs=1e-3)
    assert gain_db(0.0, 0.01) == pytest.approx(-38.0)


def test_a_profile_has_two_points_at_the_least_and_antennas_on_the_ground():
    assert make_profile([0, 100], [1, 2], tx_height_m=0.0, rx_height_m=0.0).length_km == 0.1
    with pytest.raises(InputError, match="minst to punkter"):
        make_profile([0], [1], tx_height_m=1.0, rx_height_m=1.0)
    with pytest.raises(InputError, match="øker ikke"):
        make_profile([0, 0], [1, 2], tx_height_m=1.0, rx_height_m=1.0)


def test_a_terminal_as_high_as_what_surrounds_it_loses_nothing():
    assert terminal_clutter_db(2000.0, antenna_m=15.0, surroundings="urban") == 0.0
    assert terminal_clutter_db(2000.0, antenna_m=14.0, surroundings="urban") > 1.0
    assert terminal_clutter_db(2000.0, antenna_m=9.0, surroundings="water") > 0.5


def test_clutter_counts_from_250_m():
    assert (statistical_clutter_db([249.9, 250.0], 2000.0) > 0).tolist() == [False, True]


def test_rain_is_known_for_availability_from_two_nines_to_five():
    for share, known in ((0.99, True), (0.98999, False), (0.99999, True), (0.999991, False)):
        rain = {"rain_rate_mm_per_h": 30.0, "availability_share": share}
        if known:
            assert rain_db(1000.0, 26_000.0, **rain) > 0
        else:
            with pytest.raises(InputError, match="regntap"):
                rain_db(1000.0, 26_000.0, **rain)


def traced(where=(0.0, 2000.0)):
    sites, there = masts(), homes(where)
    return trace_pairs(sites, there, (np.array([0]), np.array([0])), plain(), BUDGET)


def test_rain_counts_from_five_gigahertz():
    band, paths = CHOICES.bands["3600"], traced()
    ray_m = np.hypot(paths.distance_m, paths.rise_m)
    loss = {
        mhz: path_loss_db(band.model_copy(update={"frequency_mhz": mhz}), BUDGET, paths)[0]
        for mhz in (4999.999, 5000.0)
    }
    rain = rain_db(
        ray_m, 5000.0, rain_rate_mm_per_h=BUDGET.rain_rate_mm_per_h,
        availability_share=BUDGET.rain_availability_share, polarisation=BUDGET.polarisation,
    )[0]  # fmt: skip
    assert loss[5000.0] - loss[4999.999] == pytest.approx(rain, abs=1e-3)
    assert rain > 0.01


def test_a_path_may_miss_as_much_terrain_as_the_scenario_says():
    band, paths = CHOICES.bands["800"], traced()
    for share, heard in ((BUDGET.void_share, True), (np.nextafter(BUDGET.void_share, 1), False)):
        holed = replace(paths, void_share=np.array([share]))
        assert np.isfinite(path_loss_db(band, BUDGET, holed)[0]) == heard


def test_a_signal_at_the_floor_carries_something():
    assert link.bits_per_hz(BUDGET, BUDGET.sinr_floor_db) > 0.0
    assert link.bits_per_hz(BUDGET, np.nextafter(BUDGET.sinr_floor_db, -np.inf)) == 0.0


def test_of_two_sectors_as_strong_the_first_serves():
    table = table_of(masts(sectors="0/360"), homes((0.0, 2000.0)))
    assert table["sector_id"].item() == "m1-800-000"


@pytest.mark.parametrize(("stable_mbps", "offered"), [(1.0, True), (0.999, False)])
def test_a_megabit_at_the_busy_hour_is_an_offer(stable_mbps, offered):
    heard = reached().assign(stable_mbps=stable_mbps)
    rows = modelled_availability(heard, claims(), Target(), RadioChoices(modelled_offers="all"))
    assert (len(rows) > 0) == offered


def test_a_place_as_far_from_road_and_power_as_allowed_is_proposed():
    best = propose(two_hills()).iloc[0]
    for name in ("road", "power"):
        for limit_m, there in ((best[f"{name}_m"], True), (best[f"{name}_m"] - 1e-6, False)):
            choices = RadioChoices(link={"longest_m": 5000}, masts={f"longest_{name}_m": limit_m})
            places = propose(two_hills(), choices=choices)
            at = places[["x_m", "y_m"]].to_numpy().tolist()
            assert ([best["x_m"], best["y_m"]] in at) == there


def test_a_place_that_sees_nobody_is_none_and_outside_the_terrain_there_is_no_road():
    people = people_round()
    given = {"power_xy_m": people[["x_m", "y_m"]].to_numpy(), "choices": RadioChoices(link={"longest_m": 5000}),
             "costs": COSTS}  # fmt: skip
    nobody = people.assign(households=0)
    assert propose_masts(two_hills(), road_xy_m=ROAD, unserved=nobody, **given).empty
    whole = propose_masts(two_hills(), road_xy_m=ROAD, unserved=people, **given)
    # a road along the outermost cells is a road, and one beyond them is not
    corners = np.array([[300_000.0, 6_760_000.0], [303_999.9, 6_757_000.1]])
    outside = np.array([[299_999.9, 6_760_000.0], [304_000.0, 6_757_000.1], [300_000.0, 6_760_000.1],
                        [303_999.9, 6_757_000.0]])  # fmt: skip
    again = propose_masts(
        two_hills(), road_xy_m=np.vstack([ROAD, outside]), unserved=people, **given
    )
    pd.testing.assert_frame_equal(again, whole)
    near = propose_masts(two_hills(), road_xy_m=corners, unserved=people, **given)
    assert near.empty or (near["road_m"] < 1500).all()
    assert propose_masts(two_hills(), road_xy_m=outside, unserved=people, **given).empty


def test_a_target_of_all_that_the_band_gives_is_reached_by_the_nearest():
    """Alone in the middle of a sector with two layers: the most there is, and no more."""
    terrain, people = plain(), homes((0.0, 300.0), (0.0, 2900.0))
    site = masts().assign(site_id="m")
    band = CHOICES.bands[CHOICES.masts.band]
    most = float(link.speed_mbps(band, CHOICES.link, 60.0, layers=2.0))
    near = reach_of_masts(site, people, terrain, CHOICES, down_mbps=most)
    assert near["premises_id"].tolist()[:1] == ["p0"]
    assert near["down_mbps"].max() == most
    with pytest.raises(Exception, match="høyst"):
        reach_of_masts(site, people, terrain, CHOICES, down_mbps=np.nextafter(most, np.inf))


def test_the_choice_of_masts_has_half_a_minute(monkeypatch):
    heard = []

    def milp(*_, **named):
        heard.append(named["options"])
        return OptimizeResult(x=None, mip_dual_bound=None, status=1)

    monkeypatch.setattr(optimize, "milp", milp)
    sites = pd.DataFrame({"site_id": ["m"], "capex_nok": [1e6]})
    people = pd.DataFrame({"premises_id": ["p"], "households": [5]})
    with pytest.raises(PlanError, match="på 30 s"):
        choose_masts(
            sites, people, pd.DataFrame({"site_id": ["m"], "premises_id": ["p"]}), money_nok=1e6
        )
    assert heard == [{"time_limit": 30.0, "mip_rel_gap": 0.0}]
    none = choose_masts(
        sites, people, pd.DataFrame({"site_id": [], "premises_id": []}), money_nok=1e6
    )
    assert (none.households, none.bound_households, none.gap_share, none.status) == (
        0,
        0,
        0,
        "optimal",
    )
    assert (none.chosen.tolist(), none.covered.tolist()) == ([False], [False])


def test_a_mast_that_reaches_homes_without_households_is_listed():
    sites = pd.DataFrame(
        {"site_id": ["a", "b"], "kind": "mast_candidate", "name": "x", "x_m": 0.0, "y_m": 0.0, "height_m": 30.0,
         "road_m": np.nan, "power_m": np.nan, "capex_nok": [100.4, 300.0], "yearly_opex_nok": [7.6, 8.0]}
    )  # fmt: skip
    people = pd.DataFrame({"premises_id": ["p", "q"], "households": [0, 4]})
    pairs = pd.DataFrame({"site_id": ["a", "b"], "premises_id": ["p", "q"]})
    choice = choose_masts(sites, people, pairs, money_nok=300.0)
    listed = list_candidates(sites, people, pairs, choice)
    assert listed["site_id"].tolist() == ["b", "a"]
    assert listed["premises"].tolist() == [1, 1]
    assert listed[["households", "capex_nok", "yearly_opex_nok"]].to_numpy().tolist() == [
        [4, 300, 8], [0, 100, 8]
    ]  # fmt: skip
    assert listed["chosen"].tolist() == [True, False]
    assert (choice.households, choice.covered.tolist()) == (4.0, [False, True])


def test_longley_rice_speaks_of_20_megahertz_to_20_gigahertz():
    distance_m = np.arange(0, 10_001, 100.0)
    for mhz, speaks in ((20.0, True), (19.99, False), (20_000.0, True), (20_001.0, False)):
        loss = itm_loss_db(
            distance_m, 0 * distance_m, frequency_mhz=mhz, tx_height_m=30.0, rx_height_m=10.0
        )
        assert math.isfinite(loss) == speaks


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(("apart_m", "is_other"), [(250.0, False), (251.0, True)])
def test_terrain_within_250_m_of_an_edge_is_the_same_hill(apart_m, is_other, back):
    """A hill of 100 m in the middle of 10 km, and a shoulder of 99 m so far beyond it, or before."""
    distance_m = np.array([0.0, 5000.0, 5000.0 + apart_m, 10_000.0])
    heights_m = np.array([[0, 100.0, 99.0, 0], [0, 100.0, -900.0, 0]])
    if back:
        distance_m, heights_m = 10_000.0 - distance_m[::-1], heights_m[:, ::-1]
    with_it, without = (
        make_profile(distance_m, height_m, tx_height_m=10.0, rx_height_m=10.0)
        for height_m in heights_m
    )
    more = deygout_db(with_it, 1000.0) - deygout_db(without, 1000.0)
    assert (more > 1.0) == is_other
    flat = make_profile(distance_m, [0, -900.0, -900.0, 0], tx_height_m=10.0, rx_height_m=10.0)
    assert deygout_db(flat, 1000.0) == 0.0


@pytest.mark.parametrize(("east_m", "told"), [(4000.0, "outside_raster"), (6000.0, "void_on_path")])
def test_the_nearest_mast_tells_why_there_is_no_signal(east_m, told):
    """Neither mast has an answer: one is 2500 m off over a hole, one beyond the terrain at 1500 or 3500."""
    two = pd.concat([masts(), masts()], ignore_index=True)
    two["site_id"] = ["m1", "m2"]
    two.loc[1, "x_m"] += east_m
    table = table_of(two, homes((2500.0, 0.0)), plain(void=True), chosen())
    assert table["status"].item() == told


def test_a_ray_that_just_touches_the_ground_sees_nothing_and_keeps_no_zone():
    paths = replace(traced(), status=np.zeros(1, np.uint8))
    needed = -0.6 * math.sqrt(2.0) * math.sqrt(SPEED_OF_LIGHT_M_GHZ * 1000.0 / 900.0)
    for edge, sees, keeps in ((0.0, False, False), (-1e-9, True, False), (needed, True, True),
                              (np.nextafter(needed, 0), True, False)):  # fmt: skip
        one = replace(paths, edge=np.array([edge]))
        assert (one.line_of_sight[0], one.clear_fresnel(900.0)[0]) == (sees, keeps)


def test_paths_of_thirty_kilometres_are_computed():
    flat = Raster(np.zeros((5, 310), np.float32), 0.0, 500.0, 100.0, np.zeros((5, 310), bool))
    terrain = profile.make_terrain(flat)
    given = {
        "tx_x_m": 100.0,
        "tx_y_m": 250.0,
        "tx_height_m": 30.0,
        "rx_y_m": 250.0,
        "rx_height_m": 6.0,
    }
    paths = trace_paths(terrain, rx_x_m=[30_100.0, 30_100.5, 400.0], **given)
    assert [profile.STATUSES[code] for code in paths.status] == ["ok", "beyond_range", "ok"]
    assert paths.steps.tolist() == [300, 0, 3]
    assert trace_paths(terrain, rx_x_m=[400.0], step_m=150.0, **given).steps.tolist() == [2]


@pytest.mark.parametrize(("spare", "walked"), [(0, 2), (-1, 1)])
def test_a_terrain_is_held_twice_when_there_is_room(monkeypatch, spare, walked):
    monkeypatch.setattr(profile, "MOST_CELLS_TWICE", 7 * 12 + spare)
    made = profile.make_terrain(
        Raster(np.zeros((5, 10), np.float32), 0.0, 50.0, 10.0, np.zeros((5, 10), bool))
    )
    assert (made.rows, made.columns) == (7, 12)
    assert made.walked_m.size == walked * 84


@pytest.mark.parametrize(("threads", "parts"), [(1, 1), (2, 16), (3, 24)])
def test_work_is_shared_out_in_eight_parts_a_thread(threads, parts):
    done: list[list[int]] = []
    profile._share_out(lambda part: done.append(part.tolist()), np.arange(100), threads)
    assert len(done) == parts
    assert sorted(i for part in done for i in part) == list(range(100))
    done.clear()
    profile._share_out(lambda part: done.append(part.tolist()), np.arange(0), threads)
    assert done == []


def test_paths_are_read_mast_by_mast_and_round_each():
    """Eight ways out from a mast in disorder, then two from the next; the rows of the grid run south."""
    ways = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)]
    disorder = [3, 7, 0, 5, 2, 6, 1, 4]
    links = np.zeros((10, 6))
    links[:8, 3:5] = np.array(ways)[disorder] * 5.0
    links[8:, 0] = 100.0
    links[8:, 3:5] = [[100.0, 9.0], [107.0, 0.0]]
    order = profile._by_mast_and_azimuth(links)
    assert [disorder[i] for i in order[:8]] == list(range(8))
    assert order[8:].tolist() == [9, 8]
    assert profile._by_mast_and_azimuth(links[:1]).tolist() == [0]
    one = profile._by_mast_and_azimuth(links[:8])
    assert [disorder[i] for i in one] == list(range(8))


@pytest.mark.parametrize("masts", [65_536, 65_537])
def test_more_masts_than_a_16_bit_number_are_read_in_their_order(masts):
    links = np.zeros((masts, 6))
    links[:, 0] = links[:, 3] = np.arange(masts) * 2.0
    links[:, 4] = 1.0
    assert (profile._by_mast_and_azimuth(links) == np.arange(masts)).all()


def test_p1812_asks_for_one_point_between_the_antennas():
    loss = p1812_loss_db(
        [0, 500, 1000], [0, 0, 0], frequency_mhz=700.0, tx_height_m=30, rx_height_m=10
    )
    assert 80 < loss < 110


def test_who_is_reached_stands_first_in_the_table():
    assert table_of(masts(), homes((0.0, 2000.0))).columns[:2].tolist() == [
        "premises_id",
        "site_id",
    ]


@pytest.mark.parametrize("step_cells", [1.0, 1.7, 3.0])
def test_there_are_as_many_steps_to_choose_from_as_the_longest_path_has(step_cells):
    """Straight, aslant and just as long as is walked; what is longer is not walked at all."""
    for across, along in ((12.0, 0.0), (0.0, 12.0), (9.0, 9.0), (5.0, 11.9), (7.2, 9.6)):
        links = np.array([[0.0, 0.0, 30.0, across, along, 6.0], [0.0, 0.0, 30.0, 1.0, 1.0, 6.0]])
        length = math.hypot(across, along)
        needed = math.ceil(min(length, 12.0) / step_cells - 1e-9)
        assert needed <= profile._most_steps(links, 12.0, step_cells) <= needed + 8
