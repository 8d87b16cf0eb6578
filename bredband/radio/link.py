"""Turn loss into signal, and signal into megabits: the link budget.

Every threshold, margin, height and gain is a field of `LinkBudget` or `RadioBand`. The values
below are what the scenario starts from; each names its source, or the word *anslag* (estimate).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS
from bredband.radio.diffraction import Polarisation
from bredband.radio.loss import Building

Floats = NDArray[np.float64]
Values = Floats | float

THERMAL_NOISE_DBM_PER_HZ = -174.0
"""Noise of a resistor at 290 K: 10 log10(k T / 1 mW)."""


@dataclass(frozen=True)
class RadioBand:
    """One band as an operator runs it.

    Attributes
    ----------
    frequency_mhz
        Centre of the band.
    bandwidth_mhz
        Width of one carrier.
    tx_power_dbm
        Power of one sector into its antenna, all carriers' width. Anslag: 40 W a carrier.
    tx_gain_dbi
        Antenna of a sector, in its main direction. 3GPP TR 36.942 §4.2: 15 dBi below 1 GHz,
        17-18 above; massive MIMO at 3.5 GHz about 24 (anslag).
    rx_gain_dbi
        Antenna of the customer, outdoor, aimed at the mast. Anslag.
    horizontal_width_deg, vertical_width_deg
        Half-power widths of the sector's antenna. 3GPP TR 36.814 table A.2.1.1-2: 70 and 10.
    front_to_back_db
        Most the antenna takes off behind and beside (same table): 25.
    sidelobe_db
        Most it takes off above and below (same table): 20.
    downlink_share
        Share of time that goes down in TDD; 1 in FDD, where up has its own band.
    layers
        Spatial layers in a rural line of sight: at most 2, two polarisations.
    sigma_db
        Standard deviation between model and measurement. ITU-R P.1812-8 §4.7: 5.5 dB.
    """

    frequency_mhz: float
    bandwidth_mhz: float
    tx_power_dbm: float
    tx_gain_dbi: float
    rx_gain_dbi: float
    horizontal_width_deg: float = 70.0
    vertical_width_deg: float = 10.0
    front_to_back_db: float = 25.0
    sidelobe_db: float = 20.0
    downlink_share: float = 0.74
    layers: int = 2
    sigma_db: float = 5.5


BANDS: dict[str, RadioBand] = {
    "800": RadioBand(806.0, 10.0, 46.0, 15.0, 8.0, downlink_share=1.0),
    "1800": RadioBand(1842.0, 20.0, 46.0, 17.0, 11.0, downlink_share=1.0),
    "2600": RadioBand(2655.0, 20.0, 46.0, 18.0, 13.0, downlink_share=1.0),
    "3500": RadioBand(3550.0, 100.0, 49.0, 24.0, 15.0),
    "26000": RadioBand(26_000.0, 400.0, 38.0, 30.0, 30.0, sigma_db=6.0),
}
"""The bands a mast in Norway is likely to carry, by the name used in the sites table. Anslag."""


@dataclass(frozen=True)
class LinkBudget:
    """Everything else between the mast's power and the customer's speed.

    Attributes
    ----------
    rx_height_m
        Customer antenna above ground: at the eaves of a house. Anslag.
    longest_m
        The model is not asked beyond this.
    step_m
        Distance between terrain samples; the DTM's own cell if 0.
    effective_earth_radius_km
        Median, 4/3 of the true radius: 8500 (P.526-15 §4.5.4).
    polarisation
        Of the link.
    clutter_free_m
        Nothing stands nearer than this to either antenna (own house, own garden). Anslag.
    rain_rate_mm_per_h
        Exceeded 0.01 % of the year (ITU-R P.837); about 25 in inland eastern Norway. Anslag.
    rain_availability_share
        Share of the year the speed must hold in rain.
    fade_margin_db
        Taken off so that a speed holds at a place, not only at the median of all places: 0.67
        standard deviations is 75 % of them, FCC's demand on fixed wireless.
    indoor
        The customer's antenna stands indoors: building entry loss is added (P.2109).
    building, building_share
        Kind of building, and share of places inside that must be reached.
    void_share
        A path with more terrain missing than this gives no speed.
    noise_figure_db, uplink_noise_figure_db
        Of the customer's receiver and of the mast. TR 36.942: 9 and 5.
    rx_power_dbm
        Customer's transmitter. 3GPP power class 3: 23.
    uplink_width_share
        Share of the carrier that one customer sends in. Anslag.
    neighbour_load_share
        Share of time that other sectors send: FCC asks for at least 0.5.
    rx_discrimination_db
        What the customer's aimed antenna takes off signals from other masts. Anslag.
    reference_power_share_db
        RSRP is the power of one resource element: less than the carrier's by 10 log10 of the
        subcarriers; this is added for boosted reference signals.
    outdoor_rsrp_dbm
        Weakest RSRP that counts as covered. Nkom, 4G outdoor: -110 (before 2016: -114).
    attenuation
        Share of Shannon's limit that is reached: 0.6 (3GPP TR 36.942 annex A.1).
    sinr_floor_db
        Below this nothing gets through (same): -10.
    highest_bits_per_hz
        Densest modulation of NR, one layer: 5.98 after coding and overhead.
    busy_hour_mbps
        Rate that each household takes out of its sector at the busy hour: 2-5. Anslag.
    takeup_share
        Share of the households that load their sector. Anslag.
    busy_hour_share
        Share of a sector's time that may be planned for the busy hour. Anslag.
    sectors_tried
        Strongest sectors that a household may be moved between when one is full.
    """

    rx_height_m: float = 6.0
    longest_m: float = 15_000.0
    step_m: float = 0.0
    effective_earth_radius_km: float = 8500.0
    polarisation: Polarisation = "vertical"
    clutter_free_m: float = 30.0
    rain_rate_mm_per_h: float = 25.0
    rain_availability_share: float = 0.9995
    fade_margin_db: float = 3.7
    indoor: bool = False
    building: Building = "thermally_efficient"
    building_share: float = 0.5
    void_share: float = 0.02
    noise_figure_db: float = 9.0
    uplink_noise_figure_db: float = 5.0
    rx_power_dbm: float = 23.0
    uplink_width_share: float = 0.25
    neighbour_load_share: float = 0.5
    rx_discrimination_db: float = 10.0
    reference_power_share_db: float = 0.0
    outdoor_rsrp_dbm: float = -110.0
    attenuation: float = 0.6
    sinr_floor_db: float = -10.0
    highest_bits_per_hz: float = 5.98
    busy_hour_mbps: float = 4.0
    takeup_share: float = 0.6
    busy_hour_share: float = 0.8
    sectors_tried: int = 4


def grid_convergence_deg(x_m: Values, y_m: Values, *, crs: str = WORKING_CRS) -> Floats:
    """Give the angle from true north to grid north, clockwise, at each place.

    About -8.5 in Bergen and +15.2 in Vardø: too much to leave out of an antenna's azimuth.
    A true azimuth minus this angle is a grid azimuth.
    """
    if np.size(x_m) == 0:
        return np.zeros(0)
    projection = pyproj.Proj(crs)
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
    aside = (aside + 180.0) % 360.0 - 180.0
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
    heard = 10.0 ** (np.asarray(interference_dbm, np.float64) / 10.0) + 10.0 ** (noise / 10.0)
    return np.asarray(np.asarray(signal_dbm) - 10.0 * np.log10(heard))


def bits_per_hz(budget: LinkBudget, sinr: Values) -> Floats:
    """Compute the spectral efficiency of one layer.

    3GPP TR 36.942 annex A.1: 0.6 log2(1 + SINR), nothing below -10 dB, capped.
    """
    level = np.asarray(sinr, np.float64)
    shannon = budget.attenuation * np.log2(1.0 + 10.0 ** (np.minimum(level, 60.0) / 10.0))
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
