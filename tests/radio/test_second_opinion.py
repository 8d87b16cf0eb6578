"""P.1812-8 against every published number, and how far models lie apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bredband.errors import InputError
from bredband.radio.diffraction import make_profile
from bredband.radio.p1812 import Climate, Surface, _ducting_share, p1812_loss_db
from bredband.radio.second_opinion import compare_models, deygout_db
from tests.radio.reference import Case, p1812_cases


def loss_of(case: Case) -> float:
    inputs, logged = case.inputs, case.logged
    climate = Climate(
        time_share=inputs["p (%)"] / 100.0,
        refractivity_gradient=inputs["DN"],
        sea_level_refractivity=inputs["N0"],
        latitude_deg=logged["phi (deg)"],
        tx_sea_km=inputs["dct (km)"],
        rx_sea_km=inputs["dcr (km)"],
    )
    return p1812_loss_db(
        case.distance_m,
        case.height_m,
        clutter_m=case.clutter_m,
        frequency_mhz=1000.0 * inputs["f (GHz)"],
        tx_height_m=inputs["htg (m)"],
        rx_height_m=inputs["hrg (m)"],
        climate=climate,
        surface=Surface(logged["w"], logged["dtm (km)"], logged["dlm (km)"]),
        polarisation="vertical" if inputs["pol"] == 2 else "horizontal",
    )


def test_all_p1812_cases(shared_data: Path) -> None:
    """Basic transmission loss of all the cases: ducts, scatter, time, sea and clutter."""
    for case in p1812_cases(shared_data / "radio" / "p1812-8_Py1812"):
        assert loss_of(case) == pytest.approx(case.logged["Lb (dB)"], abs=1e-6), case.name


def test_a_profile_without_a_point_in_between_is_refused() -> None:
    with pytest.raises(InputError, match="minst ett punkt mellom"):
        p1812_loss_db([0, 100], [5, 6], frequency_mhz=700.0, tx_height_m=30, rx_height_m=6)


def test_ducting_share_north_of_seventy_degrees() -> None:
    """Finnmark, 100 km inland: 4.17 mu1 mu4 with mu1 = 10^-0.85, by hand; no power lost."""
    found = _ducting_share(Climate(latitude_deg=70.5), Surface(0.0, 1000.0, 1000.0))
    assert found == pytest.approx(4.17 * 10.0**-0.85 * 10.0 ** (0.3 * -0.85), rel=1e-9)
    below = _ducting_share(Climate(latitude_deg=69.999), Surface(0.0, 1000.0, 1000.0))
    assert found == pytest.approx(below, rel=0.02)


def test_the_earth_is_as_round_as_the_air_of_the_north_makes_it() -> None:
    # 6371 km times 157/(157 - 45), by hand: 45 N-units per km fits the north of Europe.
    assert Climate().effective_earth_radius_km == pytest.approx(8930.8, abs=0.1)


def test_one_knife_edge_is_one_knife_edge() -> None:
    distance = np.linspace(0.0, 2000.0, 201)
    height = np.zeros(201)
    height[100] = 60.0
    profile = make_profile(distance, height, tx_height_m=20.0, rx_height_m=20.0)
    found = deygout_db(profile, 3500.0)
    assert 20.0 < found < 50.0
    assert (
        deygout_db(make_profile(distance, np.zeros(201), tx_height_m=60, rx_height_m=60), 26e3) == 0
    )


def test_models_agree_in_the_clear_and_part_behind_hills() -> None:
    distance = np.linspace(0.0, 4000.0, 401)
    rough = 40.0 * np.sin(distance / 300.0) + 40.0
    table = compare_models(
        [(distance, np.zeros(401)), (distance, rough)],
        frequency_mhz=3500.0, tx_height_m=60.0, rx_height_m=20.0,
    )  # fmt: skip
    assert table["spread_db"].iloc[0] < 1.0
    assert np.isfinite(table.to_numpy()).all()
    assert abs(table["bredband_db"] - table["p1812_db"]).max() < 1.0
    assert table["itm_db"].iloc[0] == pytest.approx(table["bredband_db"].iloc[0], abs=1.0)
