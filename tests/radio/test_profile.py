"""Many paths at once: against the reference form, and what happens at every edge."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from bredband.errors import InputError
from bredband.grid import Raster
from bredband.radio.diffraction import delta_bullington_db
from bredband.radio.profile import STATUSES, Paths, diffraction_db, make_terrain, trace_paths

CELL_M = 10.0


def hills(size: int, seed: int = 1) -> np.ndarray:
    """Synthetic hills with structure at several scales, 0 to a few hundred metres."""
    rng = np.random.default_rng(seed)
    heights = np.zeros((size, size))
    for scale in (size / 8, size / 30, 4):
        bumps = ndimage.gaussian_filter(rng.normal(size=(size, size)), scale, mode="wrap")
        heights += bumps / bumps.std() * scale * 0.6
    return (heights - heights.min()).astype(np.float32)


def raster(heights: np.ndarray, sea: np.ndarray | None = None) -> Raster:
    rows, _ = heights.shape
    return Raster(
        heights_m=heights.astype(np.float32),
        west_m=1000.0,
        north_m=5000.0 + rows * CELL_M,
        cell_m=CELL_M,
        sea=np.zeros(heights.shape, bool) if sea is None else sea,
    )


def sampled(r: Raster, start: tuple[float, float], end: tuple[float, float]):
    """A brute-force profile: every 10 m or less, bilinear, in float64."""
    length = np.hypot(end[0] - start[0], end[1] - start[1])
    n = max(1, int(np.ceil(length / r.cell_m - 1e-9)))
    i = np.arange(n + 1) / n
    column = (start[0] + (end[0] - start[0]) * i - r.west_m) / r.cell_m - 0.5
    row = (r.north_m - start[1] - (end[1] - start[1]) * i) / r.cell_m - 0.5
    heights = ndimage.map_coordinates(
        r.heights_m.astype(float), [row, column], order=1, mode="nearest"
    )
    return length * i, heights


def one(r: Raster, start: tuple[float, float], end: tuple[float, float], **other) -> Paths:
    return trace_paths(
        make_terrain(r),
        tx_x_m=start[0],
        tx_y_m=start[1],
        tx_height_m=30.0,
        rx_x_m=end[0],
        rx_y_m=end[1],
        rx_height_m=6.0,
        **other,
    )


def status(paths: Paths) -> list[str]:
    return [STATUSES[code] for code in paths.status]


def test_the_batch_equals_the_reference() -> None:
    """Within 0.01 dB of float64 and the same line of sight, for land, sea and three bands."""
    rng = np.random.default_rng(4)
    heights = hills(400)
    sea = np.zeros(heights.shape, bool)
    sea[:, :80] = True
    heights[sea] = 0.0
    r = raster(heights, sea)
    count = 600
    x = 1000.0 + rng.uniform(0, 4000, (2, count))
    y = 5000.0 + rng.uniform(0, 4000, (2, count))
    masts, poles = rng.uniform(5, 60, count), rng.uniform(2, 10, count)
    paths = trace_paths(
        make_terrain(r), tx_x_m=x[0], tx_y_m=y[0], tx_height_m=masts,
        rx_x_m=x[1], rx_y_m=y[1], rx_height_m=poles,
    )  # fmt: skip
    agrees = 0
    for band in (700.0, 3500.0, 26_000.0):
        losses = diffraction_db(paths, frequency_mhz=band)
        for i in range(count):
            d, h = sampled(r, (x[0, i], y[0, i]), (x[1, i], y[1, i]))
            expected = delta_bullington_db(
                d, h, frequency_mhz=band, tx_height_m=masts[i], rx_height_m=poles[i],
                sea_share=paths.sea_share[i],
            )  # fmt: skip
            assert losses[i] == pytest.approx(expected, abs=0.01)
            if band == 700.0:
                ray = h[0] + masts[i] + (h[-1] + poles[i] - h[0] - masts[i]) * d / d[-1]
                bulge = d * (d[-1] - d) / (2 * 8.5e6)
                sees = bool(((h + bulge)[1:-1] < ray[1:-1]).all())
                agrees += sees == paths.line_of_sight[i]
    assert agrees >= 0.995 * count
    assert 0.0 < paths.sea_share.max() <= 1.0


def test_short_paths_to_low_antennas_equal_the_reference() -> None:
    """A telephone 1.5 m up, 20 to 300 m away: samples repeated to fill a lane do not count."""
    r = raster(np.full((80, 80), 50.0))
    for length in np.linspace(21.0, 299.0, 30):
        paths = trace_paths(
            make_terrain(r), tx_x_m=1100.0, tx_y_m=5400.0, tx_height_m=10.0,
            rx_x_m=1100.0 + length, rx_y_m=5400.0, rx_height_m=1.5,
        )  # fmt: skip
        distance, height = sampled(r, (1100.0, 5400.0), (1100.0 + length, 5400.0))
        expected = delta_bullington_db(
            distance, height, frequency_mhz=450.0, tx_height_m=10.0, rx_height_m=1.5
        )
        assert diffraction_db(paths, frequency_mhz=450.0)[0] == pytest.approx(expected, abs=0.01)


def test_a_terrain_held_once_gives_the_same_answer() -> None:
    """Rays north and south are walked on a turned copy, except where memory forbids it."""
    terrain = make_terrain(raster(hills(150)))
    cells = terrain.heights_m.size
    beyond = np.concatenate([terrain.heights_m.ravel(), np.full(cells, np.nan, np.float32)])
    once = dataclasses.replace(terrain, walked_m=beyond[:cells])  # what lies beyond is no height
    rng = np.random.default_rng(9)
    ends = {
        "tx_x_m": 1700.0, "tx_y_m": 5700.0, "tx_height_m": 30.0, "rx_height_m": 6.0,
        "rx_x_m": rng.uniform(1000, 2500, 300), "rx_y_m": rng.uniform(5000, 6500, 300),
    }  # fmt: skip
    both = [diffraction_db(trace_paths(t, **ends), frequency_mhz=26_000.0) for t in (terrain, once)]
    assert both[0] == pytest.approx(both[1], abs=0.005)


def test_clutter_stands_on_the_path_but_not_at_the_antennas() -> None:
    r = raster(np.zeros((60, 400)))
    surface = np.zeros((60, 400), np.float32)
    surface[:, 5:395] = 15.0
    start, end = (1015.0, 5300.0), (4985.0, 5300.0)
    distance, bare = sampled(r, start, end)
    clutter = np.where((distance > 30.0) & (distance < distance[-1] - 30.0), 15.0, 0.0)
    paths = trace_paths(
        make_terrain(r, surface_m=surface),
        tx_x_m=start[0], tx_y_m=start[1], tx_height_m=30.0,
        rx_x_m=end[0], rx_y_m=end[1], rx_height_m=6.0, clutter_free_m=30.0,
    )  # fmt: skip
    expected = delta_bullington_db(
        distance, bare, clutter_m=clutter, frequency_mhz=3500.0, tx_height_m=30, rx_height_m=6
    )
    assert diffraction_db(paths, frequency_mhz=3500.0)[0] == pytest.approx(expected, abs=0.3)
    assert expected > 20.0


@given(
    st.integers(0, 10_000), st.floats(0.0, 60.0), st.floats(0.0, 10.0),
    st.sampled_from([450.0, 3500.0, 26_000.0]), st.booleans(),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_never_nan(seed: int, mast: float, pole: float, band: float, void: bool) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.uniform(0, 400, (40, 40)).astype(np.float32)
    if void:
        heights[rng.uniform(size=heights.shape) < 0.2] = np.nan
    x = rng.uniform(900, 1500, (2, 60))
    y = rng.uniform(4900, 5500, (2, 60))
    paths = trace_paths(
        make_terrain(raster(heights)), tx_x_m=x[0], tx_y_m=y[0], tx_height_m=mast,
        rx_x_m=x[1], rx_y_m=y[1], rx_height_m=pole,
    )  # fmt: skip
    loss = diffraction_db(paths, frequency_mhz=band)
    assert not np.isnan(loss).any()
    assert (loss >= 0.0).all()
    assert np.array_equal(np.isfinite(loss), paths.computed)
    assert np.isfinite(paths.edge).all()


def test_swapping_the_ends_changes_nothing() -> None:
    r = raster(hills(100))
    there, back = one(r, (1100.0, 5100.0), (1900.0, 5800.0)), None
    back = trace_paths(
        make_terrain(r), tx_x_m=1900.0, tx_y_m=5800.0, tx_height_m=6.0,
        rx_x_m=1100.0, rx_y_m=5100.0, rx_height_m=30.0,
    )  # fmt: skip
    both = [diffraction_db(p, frequency_mhz=3500.0)[0] for p in (there, back)]
    assert both[0] == pytest.approx(both[1], abs=0.005)


def test_sea_is_not_void_and_void_is_not_sea() -> None:
    heights = np.full((50, 300), 20.0, np.float32)
    sea = np.zeros(heights.shape, bool)
    sea[:, 100:200] = True
    heights[sea] = np.nan  # many terrain models have no height at sea
    over_sea = one(raster(heights, sea), (1005.0, 5250.0), (3995.0, 5250.0))
    assert status(over_sea) == ["ok"]
    assert over_sea.sea_share[0] == pytest.approx(1 / 3, abs=0.01)
    assert over_sea.void_share[0] == 0.0
    to_the_half = one(raster(heights, sea), (1505.0, 5250.0), (2495.0, 5250.0))
    assert to_the_half.sea_share[0] == pytest.approx(
        0.5, abs=1e-6
    )  # cells 50 to 149: 100 on are sea
    over_void = one(raster(heights), (1005.0, 5250.0), (3995.0, 5250.0))
    assert status(over_void) == ["void_on_path"]
    assert over_void.sea_share[0] == 0.0
    assert over_void.void_share[0] == pytest.approx(102 / 300, abs=0.01)
    # the hole is filled with the plain around it, not with 0 m
    plain = one(raster(np.full((50, 300), 20.0)), (1005.0, 5250.0), (3995.0, 5250.0))
    assert over_void.edge[0] == pytest.approx(plain.edge[0], rel=1e-4)


def test_a_small_hole_aside_from_the_path_is_not_on_it() -> None:
    heights = np.full((50, 300), 20.0, np.float32)
    heights[5, 150] = np.nan
    assert status(one(raster(heights), (1005.0, 5250.0), (3995.0, 5250.0))) == ["ok"]


def test_outside_at_the_edge_and_on_the_mast() -> None:
    r = raster(hills(100))
    mast = (1500.0, 5500.0)
    assert status(one(r, mast, (1999.0, 5001.0))) == ["ok"]
    assert status(one(r, mast, (1000.0, 6000.0))) == ["ok"]
    assert status(one(r, mast, (2000.5, 5500.0))) == ["outside_raster"]
    assert status(one(r, (999.0, 5500.0), mast)) == ["outside_raster"]
    assert status(one(r, mast, (np.nan, 5500.0))) == ["outside_raster"]
    assert status(one(r, mast, mast)) == ["too_short"]
    assert status(one(r, mast, (1508.0, 5500.0))) == ["too_short"]
    assert status(one(r, mast, (1990.0, 5500.0), longest_m=400.0)) == ["beyond_range"]
    on_mast = one(r, mast, mast)
    assert diffraction_db(on_mast, frequency_mhz=3500.0)[0] == 0.0
    assert on_mast.line_of_sight[0]
    outside = one(r, (999.0, 5500.0), mast)
    assert np.isposinf(diffraction_db(outside, frequency_mhz=3500.0)[0])
    assert not outside.line_of_sight[0]


def test_threads_and_order_do_not_change_the_answer() -> None:
    rng = np.random.default_rng(8)
    ends = {
        "tx_x_m": 1500.0, "tx_y_m": 5500.0, "tx_height_m": 30.0, "rx_height_m": 6.0,
        "rx_x_m": rng.uniform(1000, 2000, 500), "rx_y_m": rng.uniform(5000, 6000, 500),
    }  # fmt: skip
    terrain = make_terrain(raster(hills(100)))
    alone, shared = trace_paths(terrain, **ends), trace_paths(terrain, **ends, threads=3)
    assert np.array_equal(alone.edge, shared.edge)
    loss = [diffraction_db(alone, frequency_mhz=3500.0, threads=n) for n in (1, 2)]
    assert np.array_equal(loss[0], loss[1])


def test_fresnel_clearance_follows_the_band() -> None:
    """A plain 4 km apart: 0.6 of the zone at 26 GHz is free where that at 300 MHz is not."""
    flat = one(raster(np.zeros((50, 400))), (1005.0, 5250.0), (4995.0, 5250.0))
    assert flat.line_of_sight[0]
    assert flat.clear_fresnel(26_000.0)[0]
    assert not flat.clear_fresnel(300.0)[0]


def test_terrain_without_heights_is_refused() -> None:
    with pytest.raises(InputError, match="ingen høyder"):
        make_terrain(raster(np.full((5, 5), np.nan)))
    with pytest.raises(InputError, match="overflatemodellen"):
        make_terrain(raster(np.zeros((5, 5))), surface_m=np.zeros((4, 4), np.float32))


def test_making_terrain_leaves_the_raster_alone() -> None:
    r = raster(np.array([[1.0, np.nan], [3.0, 4.0]]))
    before = r.heights_m.copy()
    make_terrain(r)
    assert np.array_equal(r.heights_m, before, equal_nan=True)
