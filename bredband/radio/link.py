"""Turn loss into signal, and signal into megabits: the link budget.

Every threshold, margin, height and gain is a field of the scenario's `LinkBudget` or `RadioBand`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pyproj
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS
from bredband.scenario.radio import LinkBudget, RadioBand

Floats = NDArray[np.float64]
Values = Floats | float

THERMAL_NOISE_DBM_PER_HZ = -174.0
"""Noise of a resistor at 290 K: 10 log10(k T / 1 mW)."""


def linear(level_db: Values) -> Floats:
    """Turn decibels into a ratio, and dBm into milliwatts."""
    return np.asarray(np.exp(np.asarray(level_db, np.float64) * (math.log(10.0) / 10.0)))


def grid_convergence_deg(x_m: Values, y_m: Values) -> Floats:
    """Give the angle from true north to grid north, clockwise, at each place.

    About -8.5 in Bergen and +15.2 in Vardø: too much to leave out of an antenna's azimuth.
    A true azimuth minus this angle is a grid azimuth.
    """
    if np.size(x_m) == 0:
        return np.zeros(0)
    projection = pyproj.Proj(WORKING_CRS)
    longitude, latitude = projection(x_m, y_m, inverse=True)
    return np.asarray(projection.get_factors(longitude, latitude).meridian_convergence)


def sector_gain_db(
    band: RadioBand,
    *,
    azimuth_deg: Values,
    tilt_deg: Values,
    bearing_deg: Values,
    elevation_deg: Values,
) -> Floats:
    """Compute what a sector's antenna takes off in a direction, in dB, never positive.

    Parameters
    ----------
    azimuth_deg, tilt_deg
        Where the antenna points: clockwise from grid north, and down from the horizon.
    bearing_deg, elevation_deg
        Where the receiver is, from the antenna: clockwise from grid north, and up.

    Notes
    -----
    3GPP TR 36.814 table A.2.1.1-2: parabolas in both planes, added, down to front-to-back.
    """
    aside = np.asarray(bearing_deg, np.float64) - azimuth_deg
    aside = aside - 360.0 * np.rint(aside / 360.0)
    below = np.asarray(elevation_deg, np.float64) + tilt_deg
    horizontal = np.minimum(12.0 * (aside / band.horizontal_width_deg) ** 2, band.front_to_back_db)
    vertical = np.minimum(12.0 * (below / band.vertical_width_deg) ** 2, band.sidelobe_db)
    return np.asarray(-np.minimum(horizontal + vertical, band.front_to_back_db))


def received_dbm(band: RadioBand, loss_db: Values, gain_db: Values) -> Floats:
    """Compute the whole carrier's power at the customer's receiver; -inf where loss is inf."""
    strongest = band.tx_power_dbm + band.tx_gain_dbi + band.rx_gain_dbi
    return np.asarray(strongest + np.asarray(gain_db) - np.asarray(loss_db))


def rsrp_dbm(band: RadioBand, budget: LinkBudget, received: Values) -> Floats:
    """Compute the reference signal power an operator would report, without antenna gain.

    RSRP is what a telephone outdoors sees: one resource element of 15 kHz, no customer antenna.
    """
    elements = 10.0 * math.log10(band.bandwidth_mhz * 0.9 * 1000.0 / 15.0)
    return np.asarray(
        np.asarray(received) - band.rx_gain_dbi - elements + budget.reference_power_share_db
    )


def noise_dbm(bandwidth_mhz: float, noise_figure_db: float) -> float:
    """Compute the noise a receiver hears in a bandwidth."""
    return THERMAL_NOISE_DBM_PER_HZ + 10.0 * math.log10(bandwidth_mhz * 1e6) + noise_figure_db


def sinr_db(signal_dbm: Values, interference_dbm: Values, noise: float) -> Floats:
    """Compare a signal with the sum of interference and noise; -inf where there is none."""
    heard = linear(interference_dbm) + linear(noise)
    return np.asarray(np.asarray(signal_dbm) - 10.0 * np.log10(heard))


def bits_per_hz(budget: LinkBudget, sinr: Values) -> Floats:
    """Compute the spectral efficiency of one layer.

    3GPP TR 36.942 annex A.1: 0.6 log2(1 + SINR), nothing below -10 dB, capped.
    """
    level = np.asarray(sinr, np.float64)
    shannon = budget.attenuation_share * np.log2(1.0 + linear(np.minimum(level, 60.0)))
    return np.asarray(
        np.where(level < budget.sinr_floor_db, 0.0, np.minimum(shannon, budget.highest_bits_per_hz))
    )


def speed_mbps(
    band: RadioBand,
    budget: LinkBudget,
    sinr: Values,
    *,
    layers: Values,
    direction: Literal["down", "up"] = "down",
) -> Floats:
    """Compute the speed of one customer alone in the sector: the peak.

    Layers share the power, so each is 10 log10(layers) weaker; never more than one without
    line of sight is the caller's choice.
    """
    count = np.minimum(np.asarray(layers), band.layers)
    each = np.asarray(sinr, np.float64) - 10.0 * np.log10(count)
    if direction == "down":
        width_mhz = band.bandwidth_mhz * band.downlink_share
    else:
        time_share = 1.0 if band.downlink_share == 1.0 else 1.0 - band.downlink_share
        width_mhz = band.bandwidth_mhz * budget.uplink_width_share * time_share
    return np.asarray(width_mhz * count * bits_per_hz(budget, each))
