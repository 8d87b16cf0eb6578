"""From loss to megabits: each step worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest

from bredband.radio import link
from bredband.scenario.radio import LinkBudget, RadioBand, RadioChoices

BUDGET = LinkBudget()
PLAIN = RadioBand(
    lowest_mhz=900, highest_mhz=1100, frequency_mhz=1000, bandwidth_mhz=10,
    tx_power_dbm=46, tx_gain_dbi=15, rx_gain_dbi=10, downlink_share=1,
)  # fmt: skip
WIDE = RadioChoices().bands["3600"]


def test_antenna_pattern() -> None:
    """Straight ahead nothing; 3 dB at half the width; 25 dB behind."""

    def gain(bearing: float, elevation: float) -> float:
        return float(
            link.sector_gain_db(
                PLAIN, azimuth_deg=350.0, tilt_deg=3.0, bearing_deg=bearing, elevation_deg=elevation
            )
        )

    assert gain(350.0, -3.0) == 0.0
    assert gain(25.0, -3.0) == pytest.approx(-3.0)
    assert gain(315.0, -3.0) == pytest.approx(-3.0)
    assert gain(170.0, -3.0) == -25.0
    assert gain(350.0, 2.0) == pytest.approx(-3.0)
    assert gain(350.0, 60.0) == -20.0


def test_grid_convergence() -> None:
    """Known angles at Bergen and Vardø, and what a step due north does on the grid."""
    projection = pyproj.Proj("EPSG:25833")
    for longitude, latitude, expected in ((5.32, 60.39, -8.44), (31.1, 70.37, 15.21)):
        x, y = projection(longitude, latitude)
        found = float(link.grid_convergence_deg(x, y))
        assert found == pytest.approx(expected, abs=0.01)
        x1, y1 = projection(longitude, latitude + 1e-4)
        assert -math.degrees(math.atan2(x1 - x, y1 - y)) == pytest.approx(found, abs=1e-3)


def test_signal_and_noise() -> None:
    """46 + 15 + 10 - 120 = -49 dBm; RSRP is 10 dB gain and 600 elements (27.8 dB) lower."""
    received = link.received_dbm(PLAIN, 120.0, 0.0)
    assert received == pytest.approx(-49.0)
    assert link.rsrp_dbm(PLAIN, BUDGET, received) == pytest.approx(-49.0 - 10.0 - 27.78, abs=0.01)
    assert link.noise_dbm(10.0, 9.0) == pytest.approx(-95.0)
    alone = link.sinr_db(-85.0, -300.0, -95.0)
    assert alone == pytest.approx(10.0)
    assert link.sinr_db(-85.0, -95.0, -95.0) == pytest.approx(10.0 - 3.01, abs=0.01)
    assert np.isneginf(link.sinr_db(-math.inf, -300.0, -95.0))


def test_speed() -> None:
    """20 dB: 0.6 log2(101) = 3.995 b/s/Hz; at most 5.98; nothing below -10 dB."""
    assert link.bits_per_hz(BUDGET, 20.0) == pytest.approx(3.995, abs=1e-3)
    assert link.bits_per_hz(BUDGET, 60.0) == 5.98
    assert link.bits_per_hz(BUDGET, -10.1) == 0.0
    assert link.bits_per_hz(BUDGET, -math.inf) == 0.0
    assert link.speed_mbps(PLAIN, BUDGET, 20.0, layers=1) == pytest.approx(39.95, abs=0.01)
    # two layers of 17 dB each: 2 x 10 MHz x 0.6 log2(1 + 50.1)
    two = 20.0 * 0.6 * math.log2(1.0 + 10.0**1.7 * 10 ** (0.3 - 0.30103))
    assert link.speed_mbps(PLAIN, BUDGET, 20.0, layers=2) == pytest.approx(two, abs=0.01)
    tdd = link.speed_mbps(WIDE, BUDGET, 20.0, layers=1)
    assert tdd == pytest.approx(100.0 * 0.74 * 3.995, abs=0.1)
    up = link.speed_mbps(WIDE, BUDGET, 20.0, layers=1, direction="up")
    assert up == pytest.approx(100.0 * 0.26 * 0.25 * 3.995, abs=0.1)
