"""The reference form against ITU's own examples, and what theory says must hold."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bredband.errors import InputError
from bredband.radio import diffraction
from bredband.radio.bullington import _height_gain
from bredband.radio.diffraction import delta_bullington_db, height_gain_db
from tests.radio.reference import (
    p526_cases,
    p526_loss_db,
    p1812_cases,
    p1812_diffraction_db,
)

HEIGHTS = st.lists(st.floats(0.0, 800.0), min_size=3, max_size=60)
MASTS = st.floats(1.0, 80.0)
BANDS = st.sampled_from([700.0, 1800.0, 3500.0, 26_000.0])


def test_p526_examples(shared_data: Path) -> None:
    """All of ITU's delta-Bullington examples within 0.01 dB (ITU's own tolerance is 0.1)."""
    cases = p526_cases(shared_data / "radio" / "p526_dbull")
    assert cases
    for expected, profile in cases:
        assert p526_loss_db(expected, profile) == pytest.approx(expected["L_dB"], abs=0.01)


def test_p526_smooth_earth_heights(shared_data: Path) -> None:
    """Antenna heights above the fitted smooth Earth, to a micrometre."""
    for expected, points in p526_cases(shared_data / "radio" / "p526_dbull"):
        profile = diffraction.make_profile(
            points[:, 0] * 1000.0,
            points[:, 1],
            tx_height_m=expected["htg_m"],
            rx_height_m=expected["hrg_m"],
        )
        tx, rx = diffraction.smooth_earth_heights_m(profile)
        assert profile.tx_m - tx == pytest.approx(expected["htsp_m"], abs=1e-6)
        assert profile.rx_m - rx == pytest.approx(expected["hrsp_m"], abs=1e-6)


def test_p1812_median_diffraction(shared_data: Path) -> None:
    """Ld50 of all P.1812-8 cases, clutter and sea included, within 1e-5 dB."""
    cases = p1812_cases(shared_data / "radio" / "p1812-8_Py1812")
    assert cases
    for case in cases:
        expected = case.logged["Ld50 (dB)"]
        assert p1812_diffraction_db(case) == pytest.approx(expected, abs=1e-5), case.name


def loss_over(heights: list[float], tx: float, rx: float, band: float, **other: float) -> float:
    distance = 25.0 * np.arange(len(heights))
    return delta_bullington_db(
        distance, heights, frequency_mhz=band, tx_height_m=tx, rx_height_m=rx, **other
    )


@given(HEIGHTS, MASTS, MASTS, BANDS)
def test_reciprocity(heights: list[float], tx: float, rx: float, band: float) -> None:
    """A path loses the same in both directions."""
    forth = loss_over(heights, tx, rx, band)
    back = loss_over(heights[::-1], rx, tx, band)
    assert forth == pytest.approx(back, abs=1e-6)


@given(HEIGHTS, MASTS, MASTS, BANDS, st.floats(0.0, 1.0))
def test_never_nan_and_never_a_gain(
    heights: list[float], tx: float, rx: float, band: float, sea_share: float
) -> None:
    loss = loss_over(heights, tx, rx, band, sea_share=sea_share)
    assert math.isfinite(loss)
    assert loss >= 0.0


@given(st.integers(3, 400), MASTS, MASTS, st.floats(0.1, 60.0), BANDS)
def test_a_taller_mast_never_loses_more_over_flat_ground(
    points: int, tx: float, rx: float, taller: float, band: float
) -> None:
    flat = [100.0] * points
    assert loss_over(flat, tx + taller, rx, band) <= loss_over(flat, tx, rx, band) + 1e-9


@given(HEIGHTS, MASTS, MASTS, BANDS, st.integers(0, 57), st.floats(0.0, 300.0))
def test_raising_the_terrain_never_lowers_the_bullington_loss(
    heights: list[float], tx: float, rx: float, band: float, where: int, raised: float
) -> None:
    distance = 25.0 * np.arange(len(heights))
    higher = list(heights)
    higher[1 + where % (len(heights) - 2)] += raised
    before, after = (
        diffraction.bullington_db(
            diffraction.make_profile(distance, h, tx_height_m=tx, rx_height_m=rx), band / 1e3, 8500
        )
        for h in (heights, higher)
    )
    assert after >= before - 1e-9


def test_terrain_that_just_touches_the_ray_loses_six_decibel() -> None:
    """At v = 0 the knife edge takes 6.0 dB; Bullington adds 10 (1 - exp(-1)) dB of it."""
    loss = loss_over([0.0, 10.0, 0.0], 10.0, 10.0, 3500.0, effective_earth_radius_km=1e12)
    edge = 6.9 + 20.0 * math.log10(math.sqrt(1.01) - 0.1)
    assert loss == pytest.approx(edge + (1.0 - math.exp(-edge / 6.0)) * 10.001, abs=0.05)


def test_two_points_have_no_terrain_between_them() -> None:
    assert loss_over([10.0, 20.0], 5.0, 5.0, 700.0) == 0.0


@pytest.mark.parametrize(
    ("distance", "height", "clutter", "message"),
    [
        ([0, 10, 20], [1.0, math.nan, 1.0], None, "uten høyde"),
        ([0, 10, 10], [1.0, 2.0, 1.0], None, "øker ikke"),
        ([0], [1.0], None, "minst to"),
        ([0, 10, 20], [1.0, 1.0], None, "minst to"),
        ([0, 10, 20], [1.0, 1.0, 1.0], [1.0], "det som står der"),
        ([0, 0], [1.0, 1.0], None, "øker ikke"),
        (0, 1.0, 1.0, "minst to"),
        ([[0, 10]], [[1.0, 1.0]], None, "minst to"),
    ],
)
def test_a_broken_profile_is_refused_with_a_sentence(
    distance: list[float], height: list[float], clutter: list[float] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        delta_bullington_db(
            distance, height, clutter_m=clutter, frequency_mhz=700.0, tx_height_m=10, rx_height_m=5
        )


@pytest.mark.parametrize("height_m", [-1.0, math.nan, math.inf])
def test_an_antenna_below_ground_or_nowhere_is_refused(height_m: float) -> None:
    with pytest.raises(InputError, match="under bakken"):
        loss_over([0.0, 0.0, 0.0], height_m, 5.0, 700.0)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"polarisation": "h"}, "polarisasjonen «h»"),
        ({"sea_share": 1.1}, "andelen over sjø"),
        ({"sea_share": math.nan}, "andelen over sjø"),
        ({"effective_earth_radius_km": math.inf}, "jordas radius"),
    ],
)
def test_what_means_nothing_is_refused(other: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        loss_over([0.0, 5.0, 0.0], 10.0, 5.0, 700.0, **other)
    for band in (0.0, math.nan):
        with pytest.raises(InputError, match="frekvensen"):
            loss_over([0.0, 5.0, 0.0], 10.0, 5.0, band)


def test_whole_numbers_and_lists_are_profiles_too() -> None:
    """As int16 heights come from a terrain model; and only distances between points count."""
    distance, height = [0, 50, 100], [5, 60, 6]
    given = {"frequency_mhz": 700, "tx_height_m": 30, "rx_height_m": 6}
    expected = delta_bullington_db(np.array(distance, float), np.array(height, float), **given)
    assert expected > 40.0
    for kind in (np.uint8, np.int16, np.float32):
        assert delta_bullington_db(np.array(distance, kind), np.array(height, kind), **given) == (
            expected
        )
    assert delta_bullington_db(distance, height, **given) == expected
    moved = [1000 + metres for metres in distance]
    assert delta_bullington_db(moved, height, **given) == pytest.approx(expected, abs=1e-9)
    on_the_ground = {**given, "tx_height_m": 0, "rx_height_m": 0}
    assert math.isfinite(delta_bullington_db(distance, [5, 5, 5], **on_the_ground))


@pytest.mark.parametrize(
    ("b", "gain_db"),
    [(0.0, -38.0), (0.001, -38.0), (1.0, 0.827854), (2.0, 8.943161), (3.1, 15.385009)],
)
def test_the_gain_of_height_is_never_below_that_of_the_bare_surface(
    b: float, gain_db: float
) -> None:
    """P.526-15, eqs (36) and (36a), where K is 0.01: no less than 2 + 20 log K."""
    assert height_gain_db(b / 0.5, 0.5, 0.01) == pytest.approx(gain_db, abs=1e-6)
    assert _height_gain.py_func(b, 0.01) == pytest.approx(gain_db, abs=1e-6)
