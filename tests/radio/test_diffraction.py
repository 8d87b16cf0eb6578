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
from bredband.radio.diffraction import delta_bullington_db
from tests.radio.reference import p526_cases, p1812_cases

HEIGHTS = st.lists(st.floats(0.0, 800.0), min_size=3, max_size=60)
MASTS = st.floats(1.0, 80.0)
BANDS = st.sampled_from([700.0, 1800.0, 3500.0, 26_000.0])


def test_p526_examples(shared_data: Path) -> None:
    """All 20 of ITU's delta-Bullington examples within 0.01 dB (ITU's own tolerance is 0.1)."""
    cases = p526_cases(shared_data / "radio" / "p526_dbull")
    assert len(cases) == 20
    for expected, profile in cases:
        loss = delta_bullington_db(
            profile[:, 0] * 1000.0,
            profile[:, 1],
            frequency_mhz=expected["f_MHz"],
            tx_height_m=expected["htg_m"],
            rx_height_m=expected["hrg_m"],
            effective_earth_radius_km=expected["ae_km"],
            sea_share=expected["omega"],
            polarisation="horizontal",
        )
        assert loss == pytest.approx(expected["L_dB"], abs=0.01)


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
    """Ld50 of all 63 P.1812-8 cases, clutter and sea included, within 1e-5 dB."""
    cases = p1812_cases(shared_data / "radio" / "p1812-8_Py1812")
    assert len(cases) == 63
    for case in cases:
        loss = delta_bullington_db(
            case.distance_m,
            case.height_m,
            clutter_m=case.clutter_m,
            frequency_mhz=1000.0 * case.inputs["f (GHz)"],
            tx_height_m=case.inputs["htg (m)"],
            rx_height_m=case.inputs["hrg (m)"],
            effective_earth_radius_km=case.logged["ae (km)"],
            sea_share=case.logged["w"],
            polarisation="vertical" if case.inputs["pol"] == 2 else "horizontal",
        )
        assert loss == pytest.approx(case.logged["Ld50 (dB)"], abs=1e-5), case.name


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
    ],
)
def test_a_broken_profile_is_refused_with_a_sentence(
    distance: list[float], height: list[float], clutter: list[float] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        delta_bullington_db(
            distance, height, clutter_m=clutter, frequency_mhz=700.0, tx_height_m=10, rx_height_m=5
        )


def test_an_antenna_below_ground_is_refused() -> None:
    with pytest.raises(InputError, match="under bakken"):
        loss_over([0.0, 0.0, 0.0], -1.0, 5.0, 700.0)
