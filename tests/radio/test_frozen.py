"""A fjord between hills: masts, signals and what four models say, every number written down.

Where other tests show that a number is right, this one sees that it moves: whatever changes a digit
here changes plans, and belongs under *Results change* in the changelog.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bredband.grid import Raster
from bredband.radio import (
    best_signal,
    choose_masts,
    list_candidates,
    make_terrain,
    map_signal,
    propose_masts,
    reach_by_owner,
    reach_of_masts,
    trace_paths,
)
from bredband.radio.p1812 import Climate, p1812_loss_db
from bredband.radio.profile import Terrain
from bredband.radio.second_opinion import compare_models
from bredband.scenario.costs import Costs
from bredband.scenario.radio import RadioChoices

WEST_M, NORTH_M, CELL_M = 300_000.0, 6_760_000.0, 20.0
ROWS, COLUMNS = 300, 400


def fjord() -> Terrain:
    """Six by eight kilometres of synthetic hills, a fjord through the middle and a hole in the east."""
    y, x = np.mgrid[:ROWS, :COLUMNS] * CELL_M
    heights = 150 + 120 * np.sin(x / 900) * np.cos(y / 700) + 30 * np.sin((x + y) / 170)
    wet = np.abs(y - 3000 - 0.2 * x) < 300
    heights[wet] = 0.0
    heights[100:140, 360:380] = np.nan
    return make_terrain(Raster(heights.astype(np.float32), WEST_M, NORTH_M, CELL_M, wet))


TERRAIN = fjord()
MASTS = pd.DataFrame(
    {
        "site_id": ["m1", "m2", "m3"],
        "owner": ["A", "A", "B"],
        "x_m": WEST_M + np.array([1410.0, 6000.0, 4200.0]),
        "y_m": NORTH_M - np.array([1000.0, 5000.0, 2500.0]),
        "height_m": [30.0, 45.0, 24.0],
        "bands": ["700/3600", "800", "26000/2600"],
        "sectors": ["0/120/240", "", "90/270"],
    }
)


def homes() -> pd.DataFrame:
    random = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(60)],
            "x_m": WEST_M + random.uniform(100, COLUMNS * CELL_M - 100, 60),
            "y_m": NORTH_M - random.uniform(100, ROWS * CELL_M - 100, 60),
            "households": random.integers(1, 5, 60),
        }
    )


HOMES = homes()
CHOICES = RadioChoices(
    link={"longest_m": 7000, "busy_hour_mbps": 2.0, "void_share": 0.05}, map_cell_m=500
)


def test_paths() -> None:
    paths = trace_paths(
        TERRAIN,
        tx_x_m=WEST_M + 1410.0,
        tx_y_m=NORTH_M - 1000.0,
        tx_height_m=30.0,
        rx_x_m=HOMES["x_m"].to_numpy()[:8],
        rx_y_m=HOMES["y_m"].to_numpy()[:8],
        rx_height_m=2.0,
        longest_m=6500.0,
    )
    expected = {
        "distance_m": [5840.05, 5303.22, 2737.03, 2963.62, 932.04, 3539.19, 3358.17, 1601.14],
        "steps": [293, 266, 137, 149, 47, 177, 168, 81],
        "edge": [21.385, 10.29, -1.729, -0.807, 0.891, 4.452, 6.269, -1.46],
        "tx_effective_m": [78.13, 86.09, 79.18, 116.31, 60.23, 120.06, 128.11, 53.71],
        "rx_effective_m": [19.89, 13.31, 47.37, 150.49, 12.06, 88.41, 28.33, 34.13],
        "sea_share": [0.044, 0, 0, 0.213, 0, 0.208, 0.178, 0],
        "void_share": [0.0] * 8,
        "rise_m": [-226.56, -151.27, -8.11, -63.72, -19.09, -136.59, -226.56, -141.05],
        "status": [0] * 8,
    }
    for name, values in expected.items():
        assert getattr(paths, name) == pytest.approx(np.array(values), abs=0.01), name
    assert paths.line_of_sight.tolist() == [False, False, True, True, False, False, False, True]
    assert paths.clear_fresnel(3600.0).tolist() == paths.line_of_sight.tolist()
    assert paths.clear_fresnel(100.0).tolist() == [False] * 2 + [True] + [False] * 5


def test_signals() -> None:
    reached = reach_by_owner(MASTS, HOMES, TERRAIN, CHOICES)
    means = reached[
        [
            "distance_m",
            "rsrp_dbm",
            "sinr_db",
            "margin_db",
            "down_mbps",
            "up_mbps",
            "sigma_db",
            "stable_mbps",
        ]
    ].mean()
    assert means.tolist() == pytest.approx(
        [2841.35, -98.703, 15.721, 7.597, 160.997, 20.6, 6.742, 101.151], rel=2e-4
    )
    assert reached["status"].value_counts().to_dict() == {
        "ok": 72,
        "weak_signal": 33,
        "sector_full": 15,
    }
    assert reached["sector_id"].value_counts().to_dict() == {
        "m3-2600-270": 31, "m1-3600-120": 24, "m3-2600-090": 23, "m2-800-000": 11, "m1-3600-240": 10,
        "m2-800-240": 6, "m2-800-120": 5, "m3-26000-090": 5, "m1-700-120": 2, "m1-3600-000": 1,
        "m1-700-000": 1, "m3-26000-270": 1,
    }  # fmt: skip
    best = best_signal(reached)
    assert best["operator"].value_counts().to_dict() == {"A": 42, "B": 18}
    assert best["rsrp_dbm"].sum() == pytest.approx(-5403.298, abs=0.1)


def test_new_masts_proposed_reached_and_chosen() -> None:
    along = np.linspace(0, 9, 200)
    roads = np.column_stack([WEST_M + 7900 * along / 9, NORTH_M - 1000 - 700 * np.sin(along)])
    found = propose_masts(
        TERRAIN,
        road_xy_m=roads,
        power_xy_m=HOMES[["x_m", "y_m"]].to_numpy(),
        unserved=HOMES,
        choices=CHOICES,
        costs=Costs(),
    )
    assert len(found) == 50
    assert found.drop(columns="site_id").head(3).to_numpy(float) == pytest.approx(
        np.array([
            [307810, 6758990, 191.62, 30, 297.32, 231.0, 49, 2_571_000, 90_000],
            [307910, 6759110, 201.78, 30, 400.0, 335.75, 45, 2_674_000, 90_000],
            [302470, 6758990, 186.68, 30, 178.89, 98.35, 42, 2_500_000, 90_000],
        ]), abs=0.01,
    )  # fmt: skip
    assert found["site_id"].tolist()[::49] == ["forslag-001", "forslag-050"]
    reach = reach_of_masts(found, HOMES, TERRAIN, CHOICES, down_mbps=100.0)
    assert len(reach) == 661
    assert reach[["distance_m", "down_mbps", "margin_db"]].sum().tolist() == pytest.approx(
        [1330465.83, 525570.28, 17002.22], rel=2e-4
    )
    choice = choose_masts(found, HOMES, reach, money_nok=9_000_000)
    assert (choice.covered.sum(), choice.households, choice.bound_households) == (39, 92.0, 92.0)
    assert (choice.gap_share, choice.status) == (0.0, "optimal")
    listed = list_candidates(found.assign(kind="mast_candidate", name=""), HOMES, reach, choice)
    assert listed[["site_id", "premises", "households", "capex_nok"]].head(
        4
    ).to_numpy().tolist() == [
        ["forslag-003", 22, 51, 2_500_000],
        ["forslag-004", 22, 51, 2_500_000],
        ["forslag-008", 22, 51, 2_508_000],
        ["forslag-007", 21, 50, 2_508_000],
    ]


def test_a_map_of_the_signal() -> None:
    bounds = (WEST_M + 100, NORTH_M - 5900, WEST_M + 7900, NORTH_M - 100)
    found = map_signal(MASTS, TERRAIN, bounds, CHOICES)
    assert found.rsrp_dbm.shape == (12, 16)
    assert (found.west_m, found.north_m, found.cell_m) == (300_000, 6_760_000, 500)
    assert np.bincount(found.best.ravel() + 1).tolist() == [1, 76, 83, 32]
    assert np.isnan(found.rsrp_dbm).sum() == 1
    assert found.rsrp_dbm[::4, ::4] == pytest.approx(
        np.array([
            [-103.13, -82.73, -102.71, -76.24],
            [-62.63, -62.07, -71.7, -105.6],
            [-73.29, -73.08, -97.94, -116.85],
        ]), abs=0.03,
    )  # fmt: skip


def test_what_four_models_say() -> None:
    d = np.arange(0.0, 9001.0, 150.0)
    profiles = [(d, 100 + 80 * np.sin(d / k)) for k in (400.0, 900.0, 2500.0)]
    for frequency_mhz, rows in (
        (700.0, [[9000, 160.2248, 160.2248, 176.7734, 187.4561, 27.2314],
                 [9000, 153.3137, 153.3137, 169.077, 184.3135, 30.9998],
                 [9000, 149.1269, 149.1269, 155.8907, 168.8742, 19.7473]]),
        (3600.0, [[9000, 181.5831, 181.5831, 211.9385, 221.248, 39.6648],
                  [9000, 174.6992, 174.6992, 203.8323, 219.5127, 44.8136],
                  [9000, 166.0715, 166.0715, 189.1626, 202.5477, 36.4762]]),
    ):  # fmt: skip
        table = compare_models(
            profiles, frequency_mhz=frequency_mhz, tx_height_m=30.0, rx_height_m=3.0
        )
        assert table.to_numpy() == pytest.approx(np.array(rows), abs=1e-4)


def test_long_paths_by_p1812() -> None:
    far = np.linspace(0, 180_000, 400)
    for time_share, loss_db in ((0.5, 190.6768), (0.05, 178.5397)):
        found = p1812_loss_db(
            far,
            50 + 40 * np.sin(far / 9000),
            frequency_mhz=700.0,
            tx_height_m=60.0,
            rx_height_m=10.0,
            climate=Climate(time_share=time_share),
        )
        assert found == pytest.approx(loss_db, abs=1e-4)
