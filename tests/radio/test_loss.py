"""Rain, gas, walls and clutter against the study groups' own examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bredband.errors import InputError
from bredband.radio import loss
from bredband.radio.gas import gas_attenuation_db_per_km


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, skiprows=[1])


def test_p838_rain(shared_data: Path) -> None:
    rows = table(shared_data / "radio" / "itu-rpy" / "ITURP838-3_rain_specific_attenuation.csv")
    assert len(rows)
    for row in rows.itertuples():
        tilt = row.tau
        k, alpha = loss.rain_coefficients(row.f * 1000.0, elevation_deg=row.el, tilt_deg=tilt)
        assert k == pytest.approx(row.k, abs=1e-7)
        assert alpha == pytest.approx(row.alpha, abs=1e-7)
        assert k * row.R**alpha == pytest.approx(row.gamma_r, rel=1e-6)


@pytest.mark.parametrize(("polarisation", "tilt_deg"), [("horizontal", 0.0), ("vertical", 90.0)])
def test_a_wave_that_is_not_tilted(polarisation: str, tilt_deg: float) -> None:
    found = loss.rain_coefficients(26_000.0, polarisation=polarisation)
    assert found == loss.rain_coefficients(26_000.0, tilt_deg=tilt_deg)


def test_p676_gas(shared_data: Path) -> None:
    rows = table(shared_data / "radio" / "itu-rpy" / "ITURP676-13_gamma.csv")
    assert len(rows)
    for row in rows.itertuples():
        oxygen, vapour = gas_attenuation_db_per_km(
            row.f * 1000.0, dry_pressure_hpa=row.P, temperature_k=row.T, vapour_g_per_m3=row.rho
        )
        assert oxygen == pytest.approx(row.gamma0, rel=1e-6)
        assert vapour == pytest.approx(row.gammaw, rel=1e-6)


KINDS = ("water", "open", "suburban", "urban", "dense_urban")


def test_p2108_terminal_clutter(shared_data: Path) -> None:
    rows = pd.read_csv(shared_data / "radio" / "p2108" / "expected.csv")
    assert len(rows)
    for row in rows.itertuples():
        ghz, height, kind, *more = (float(x) for x in row.arg_values.split())
        found = loss.terminal_clutter_db(
            1000.0 * ghz,
            antenna_m=height,
            surroundings=KINDS[int(kind) - 1],
            clutter_height_m=more[0] if more else None,
            street_width_m=more[1] if more else 27.0,
        )
        assert found == pytest.approx(row.expected_dB, abs=row.tol_dB)


@pytest.mark.parametrize(
    ("ghz", "elevation", "building", "percent", "expected"),
    [
        # ITU-R SG3 workbook "Clutter and BEL", sheet for P.2109
        (28.0, 0.0, "traditional", 1.0, 2.769),
        (28.0, 0.0, "traditional", 10.0, 6.891),
        (28.0, 0.0, "traditional", 50.11872, 20.218),
        (28.0, 0.0, "traditional", 99.08319, 49.505),
        (28.0, 0.0, "thermally_efficient", 1.0, 9.369),
        (28.0, 0.0, "thermally_efficient", 50.11872, 41.732),
        (28.0, 0.0, "thermally_efficient", 99.08319, 86.423),
        (2.0, 45.0, "traditional", 1.0, 3.508),
        (2.0, 45.0, "traditional", 50.11872, 23.556),
        (2.0, 45.0, "thermally_efficient", 10.0, 20.566),
        (2.0, 45.0, "thermally_efficient", 99.08319, 72.152),
    ],
)
def test_p2109_building_entry(ghz, elevation, building, percent, expected) -> None:
    found = loss.building_entry_db(
        1000.0 * ghz, building=building, share=percent / 100.0, elevation_deg=elevation
    )
    assert found == pytest.approx(expected, abs=0.01)


def test_free_space() -> None:
    """1 GHz over 1 km: 92.4 dB; twice the distance or the frequency: 6.02 dB more."""
    assert loss.free_space_db(1000.0, 1000.0) == pytest.approx(92.4)
    assert loss.free_space_db(2000.0, 2000.0) == pytest.approx(92.4 + 12.041, abs=1e-3)
    assert np.isfinite(loss.free_space_db(0.0, 1000.0))


def test_rain_grows_with_availability_and_distance() -> None:
    arguments = {"rain_rate_mm_per_h": 25.0}
    sometimes = loss.rain_db([1000.0, 5000.0], 26_000.0, availability_share=0.999, **arguments)
    often = loss.rain_db([1000.0, 5000.0], 26_000.0, availability_share=0.9999, **arguments)
    assert (often > sometimes).all()
    assert sometimes[1] > sometimes[0] > 0.5
    assert loss.rain_db(5000.0, 3500.0, availability_share=0.9999, **arguments) < 0.2
    with pytest.raises(InputError, match="tilgjengelighet"):
        loss.rain_db(5000.0, 3500.0, availability_share=0.5, **arguments)


def test_statistical_clutter_worked_by_hand() -> None:
    """P.2108-1 §3.2 at 10 GHz and 1 km, where both logarithms of the formulae are whole.

    Near: -2 log(10^-17.5 + 10^-16.5) = 33 - 2 log 1.1 = 32.9172. Far: 32.98 + 0 + 3 = 35.98. Their
    weights 10^-6.58344 = 2.6095e-7 and 10^-7.196 = 0.6368e-7 sum to 3.2463e-7: the median is
    -5 log 3.2463e-7 = 32.4431 dB. The spread is the root of (16 x 2.6095 + 36 x 0.6368) / 3.2463
    = 19.923, that is 4.4635 dB, and the normal 10 % point is -1.28155: 32.4431 - 5.7202 = 26.7229.
    At 90 % the sum would be 38.1633, more than at 2 km, where far is 35.98 + 23.9 log 2 = 43.1746,
    the weights 2.6095e-7 + 0.0232e-7, the median 32.8980 and the spread 4.0219: 38.0523.
    """
    assert loss.statistical_clutter_db(1000.0, 10_000.0) == pytest.approx(32.4431, abs=1e-4)
    low = loss.statistical_clutter_db(1000.0, 10_000.0, location_share=0.1)
    assert low == pytest.approx(26.7229, abs=2e-4)
    high = loss.statistical_clutter_db(1000.0, 10_000.0, location_share=0.9)
    assert high == pytest.approx(38.0523, abs=2e-4)


@pytest.mark.parametrize(
    ("ghz", "km", "percent", "expected"),
    [
        # ITU-R SG3 workbook "Clutter and BEL", sheet for P.2108 section 3.2: one decimal
        (2.0, 0.65, 5.0, 19.2), (2.0, 0.65, 50.0, 27.1), (2.0, 0.65, 95.0, 34.6),
        (2.0, 0.65, 99.9, 40.4), (10.0, 0.65, 50.0, 30.6), (10.0, 0.65, 99.9, 45.3),
        (26.0, 0.65, 5.0, 22.9), (26.0, 0.65, 50.0, 31.4), (66.0, 0.65, 95.0, 39.6),
        # test data of the U.S. reference implementation (NTIA/p2108), some beyond 2 km
        (0.5, 0.25, 50.0, 17.4), (0.5, 0.25, 1.0, 3.9), (0.5, 0.25, 99.0, 30.9),
        (26.6, 15.8, 45.0, 32.5), (67.0, 5.4, 30.5, 30.9), (3.5, 1.0, 0.1, 16.8),
        (3.5, 1.0, 99.9, 42.8),
    ],
)  # fmt: skip
def test_p2108_statistical_clutter(ghz, km, percent, expected) -> None:
    found = loss.statistical_clutter_db(1000.0 * km, 1000.0 * ghz, location_share=percent / 100.0)
    assert found == pytest.approx(expected, abs=0.0501)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_statistical_clutter_never_exceeds_that_at_two_kilometres(share) -> None:
    distances_m = np.geomspace(250.0, 100_000.0, 60)
    for mhz in (800.0, 3500.0, 26_000.0):
        loss_db = loss.statistical_clutter_db(distances_m, mhz, location_share=share)
        highest = loss.statistical_clutter_db(2000.0, mhz, location_share=share)
        assert (loss_db <= highest).all()
        assert loss_db[-1] <= highest


def test_statistical_clutter_has_its_median_in_the_middle() -> None:
    low, median, high = (
        loss.statistical_clutter_db(2000.0, 3500.0, location_share=s) for s in (0.1, 0.5, 0.9)
    )
    assert low < median < high
    assert median == pytest.approx((low + high) / 2.0, abs=1e-9)
    assert loss.statistical_clutter_db(100.0, 3500.0) == 0.0
