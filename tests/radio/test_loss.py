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


def test_statistical_clutter_has_its_median_in_the_middle() -> None:
    low, median, high = (
        loss.statistical_clutter_db(2000.0, 3500.0, location_share=s) for s in (0.1, 0.5, 0.9)
    )
    assert low < median < high
    assert median == pytest.approx((low + high) / 2.0, abs=1e-9)
    assert loss.statistical_clutter_db(100.0, 3500.0) == 0.0
