"""Recommendation ITU-R P.1812-8, all of it: diffraction, ducting, scatter and the time they take.

The radio room adds diffraction to free space. P.1812 also weighs ducting, troposcatter and the
time variation of the atmosphere, and blends them. On fixed-wireless paths the two should differ
by little; `bredband.radio.second_opinion` prints by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bredband.errors import InputError
from bredband.radio.diffraction import (
    SPEED_OF_LIGHT_M_GHZ,
    Profile,
    delta_bullington_db,
    make_profile,
    smooth_earth_heights_m,
)
from bredband.scenario.radio import Polarisation

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class Climate:
    """The atmosphere over the path.

    Attributes
    ----------
    time_share
        Share of time for which the loss is not exceeded, 0.01 to 0.5.
    refractivity_gradient
        Fall of refractivity over the lowest kilometre, N-units per km. Default for Norway;
        ITU's own map may not be passed on.
    sea_level_refractivity
        Refractivity at sea level, N-units.
    latitude_deg
        Middle of the path.
    tx_sea_km, rx_sea_km
        Distance from each end to the coast along the path; 500 if inland.
    """

    time_share: float = 0.5
    refractivity_gradient: float = 45.0
    sea_level_refractivity: float = 325.0
    latitude_deg: float = 61.0
    tx_sea_km: float = 500.0
    rx_sea_km: float = 500.0

    @property
    def effective_earth_radius_km(self) -> float:
        """Median effective Earth radius, eqs (6)-(7a)."""
        return EARTH_RADIUS_KM * 157.0 / (157.0 - self.refractivity_gradient)


@dataclass(frozen=True)
class Surface:
    """What the path crosses: share over sea, longest stretches over land and inland."""

    sea_share: float
    land_km: float
    inland_km: float


@dataclass(frozen=True)
class Horizons:
    """Where each antenna's horizon is: distances, angles in milliradian, and path angle."""

    tx_km: float
    rx_km: float
    tx_mrad: float
    rx_mrad: float
    path_mrad: float
    first: int
    last: int


def p1812_loss_db(
    distance_m: ArrayLike,
    height_m: ArrayLike,
    *,
    clutter_m: ArrayLike | None = None,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    climate: Climate | None = None,
    surface: Surface | None = None,
    polarisation: Polarisation = "vertical",
) -> float:
    """Compute the basic transmission loss of one profile by P.1812-8, at half of the places.

    Parameters
    ----------
    distance_m, height_m, clutter_m, frequency_mhz, tx_height_m, rx_height_m, polarisation
        As in `bredband.radio.diffraction.delta_bullington_db`.
    climate
        The atmosphere; the median over southern Norway if None.
    surface
        Land and sea under the path; all inland if None.

    Raises
    ------
    InputError
        As `bredband.radio.diffraction.delta_bullington_db`, and if no point lies between the ends.

    Notes
    -----
    ITU-R P.1812-8 §4 and Attachment 1, 30 MHz to 6 GHz and 0.25 to 3000 km. Compared with all
    63 of the study group's cases to 1e-6 dB.
    """
    climate = climate or Climate()
    profile = make_profile(
        distance_m, height_m, clutter_m=clutter_m, tx_height_m=tx_height_m, rx_height_m=rx_height_m
    )
    d = profile.length_km
    if profile.distance_km.size < 3:
        raise InputError(
            "P.1812 trenger et profil med minst ett punkt mellom antennene.",
            advice="Hent høydene tettere, eller regn så korte strekk som fri sikt.",
        )
    surface = surface or Surface(0.0, d, d)
    f = frequency_mhz / 1000.0
    percent = 100.0 * climate.time_share

    def diffraction(radius_km: float) -> float:
        return delta_bullington_db(
            distance_m,
            height_m,
            clutter_m=clutter_m,
            frequency_mhz=frequency_mhz,
            tx_height_m=tx_height_m,
            rx_height_m=rx_height_m,
            effective_earth_radius_km=radius_km,
            sea_share=surface.sea_share,
            polarisation=polarisation,
        )

    median = diffraction(climate.effective_earth_radius_km)
    rare = diffraction(3.0 * EARTH_RADIUS_KM)
    beta0 = _ducting_share(climate, surface)
    horizons = _horizons(profile, f, climate.effective_earth_radius_km)
    ray_km = math.hypot(d, (profile.tx_m - profile.rx_m) / 1000.0)
    free = 92.4 + 20.0 * math.log10(f) + 20.0 * math.log10(ray_km)
    near = 2.6 * (1.0 - math.exp(-0.1 * (horizons.tx_km + horizons.rx_km)))
    free_p = free + near * math.log10(percent / 50.0)
    free_beta = free + near * math.log10(beta0 / 50.0)
    if percent >= 50.0:
        weight = 0.0
    elif percent > beta0:
        weight = _inverse_normal(percent / 100.0) / _inverse_normal(beta0 / 100.0)
    else:
        weight = 1.0
    diffracted_p = median + weight * (rare - median)
    over_land = 1.0 - surface.sea_share
    if percent < beta0:
        lowest = free_p + over_land * diffracted_p
    else:
        lowest = free + median
        lowest += (free_beta + over_land * diffracted_p - lowest) * weight
    duct = _ducting_db(profile, horizons, f, percent, beta0, climate, surface)
    smallest, largest = min(duct, free_p), max(duct, free_p)
    by_duct = largest + 2.5 * math.log1p(math.exp((smallest - largest) / 2.5))
    bent = free_p + diffracted_p
    if by_duct <= bent:
        far = 1.0 - 0.5 * (1.0 + math.tanh(3.0 * 0.5 * (d - 20.0) / 20.0))
        bent = by_duct + (bent - by_duct) * far
    seen = 1.0 - 0.5 * (1.0 + math.tanh(3.0 * 0.8 * (horizons.path_mrad - 0.3) / 0.3))
    blended = bent + (lowest - bent) * seen
    scatter = _scatter_db(horizons, f, d, percent, climate)
    together = -5.0 * math.log10(10.0 ** (-0.2 * scatter) + 10.0 ** (-0.2 * blended))
    return max(free_p, together)


def _ducting_share(climate: Climate, surface: Surface) -> float:
    """Compute the share of time with ducts near the ground, in per cent, eqs (2)-(5)."""
    latitude = abs(climate.latitude_deg)
    tau = 1.0 - math.exp(-4.12e-4 * math.pow(surface.inland_km, 2.41))
    land = math.pow(10.0, -surface.land_km / (16.0 - 6.6 * tau))
    mu1 = min(1.0, math.pow(land + math.pow(10.0, -5.0 * (0.496 + 0.354 * tau)), 0.2))
    if latitude <= 70.0:
        mu4 = math.pow(mu1, -0.935 + 0.0176 * latitude)
        return math.pow(10.0, -0.015 * latitude + 1.67) * mu1 * mu4
    return 4.17 * mu1 * math.pow(mu1, 0.3)


def _horizons(profile: Profile, f: float, radius_km: float) -> Horizons:
    """Find the horizon of each antenna, or the narrowest point in line of sight, eqs (76)-(82)."""
    d, length = profile.distance_km[1:-1], profile.length_km
    h, rest = profile.height_m[1:-1], profile.length_km - profile.distance_km[1:-1]

    def angle(rise_m: NDArray[np.float64] | float, away: NDArray[np.float64] | float) -> object:
        return 1000.0 * np.arctan(rise_m / (1000.0 * away) - away / (2.0 * radius_km))

    rise_m = profile.rx_m - profile.tx_m
    tx_angles = np.asarray(angle(h - profile.tx_m, d))
    direct = float(np.asarray(angle(rise_m, length)))
    if tx_angles.max() > direct:
        first = int(tx_angles.argmax())
        rx_angles = np.asarray(angle(h - profile.rx_m, rest))
        last = int(rx_angles.argmax())
        tx_mrad, rx_mrad = float(tx_angles[first]), float(rx_angles[last])
    else:
        above = h + 500.0 * d * rest / radius_km
        above = above - (profile.tx_m * rest + profile.rx_m * d) / length
        wave_m = SPEED_OF_LIGHT_M_GHZ / f
        first = last = int(np.argmax(above * np.sqrt(0.002 * length / (wave_m * d * rest))))
        tx_mrad, rx_mrad = direct, float(np.asarray(angle(-rise_m, length)))
    return Horizons(
        tx_km=float(d[first]),
        rx_km=float(rest[last]),
        tx_mrad=tx_mrad,
        rx_mrad=rx_mrad,
        path_mrad=1000.0 * length / radius_km + tx_mrad + rx_mrad,
        first=first + 1,
        last=last + 1,
    )


def _scatter_db(horizons: Horizons, f: float, d: float, percent: float, climate: Climate) -> float:
    """Compute the loss by troposcatter, eqs (44)-(45)."""
    by_band = 25.0 * math.log10(f) - 2.5 * math.log10(f / 2.0) ** 2
    return (
        190.1
        + by_band
        + 20.0 * math.log10(d)
        + 0.573 * horizons.path_mrad
        - 0.15 * climate.sea_level_refractivity
        - 10.125 * math.pow(math.log10(50.0 / percent), 0.7)
    )


def _ducting_db(
    profile: Profile,
    horizons: Horizons,
    f: float,
    percent: float,
    beta0: float,
    climate: Climate,
    surface: Surface,
) -> float:
    """Compute the loss by ducting and layer reflection, eqs (46)-(56)."""
    radius_km, d = climate.effective_earth_radius_km, profile.length_km

    def shielding(horizon_mrad: float, horizon_km: float) -> float:
        over = horizon_mrad - 0.1 * horizon_km
        if over <= 0.0:
            return 0.0
        return 20.0 * math.log10(1.0 + 0.361 * over * math.sqrt(f * horizon_km)) + (
            0.264 * over * math.cbrt(f)
        )

    def coast(sea_km: float, horizon_km: float, antenna_m: float) -> float:
        if surface.sea_share < 0.75 or sea_km > min(horizon_km, 5.0):
            return 0.0
        return -3.0 * math.exp(-0.25 * sea_km**2) * (1.0 + math.tanh(0.07 * (50.0 - antenna_m)))

    fixed = 102.45 + 20.0 * math.log10(f) + 20.0 * math.log10(horizons.tx_km + horizons.rx_km)
    fixed += 45.375 - 137.0 * f + 92.5 * f * f if f < 0.5 else 0.0
    fixed += shielding(horizons.tx_mrad, horizons.tx_km)
    fixed += shielding(horizons.rx_mrad, horizons.rx_km)
    fixed += coast(climate.tx_sea_km, horizons.tx_km, profile.tx_m)
    fixed += coast(climate.rx_sea_km, horizons.rx_km, profile.rx_m)
    angle = 1000.0 * d / radius_km
    angle += min(horizons.tx_mrad, 0.1 * horizons.tx_km)
    angle += min(horizons.rx_mrad, 0.1 * horizons.rx_km)

    beta = beta0 * _terrain_factors(profile, horizons, radius_km, surface)
    log_beta = math.log10(beta)
    power = 1.076 / math.pow(2.0058 - log_beta, 1.012)
    power *= math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * math.pow(d, 1.13))
    ratio = percent / beta
    varying = -12.0 + (1.2 + 3.7e-3 * d) * math.log10(ratio) + 12.0 * math.pow(ratio, power)
    return fixed + 5e-5 * radius_km * math.cbrt(f) * angle + varying


def _terrain_factors(
    profile: Profile, horizons: Horizons, radius_km: float, surface: Surface
) -> float:
    """Compute how geometry and rough ground make ducts rarer, eqs (53)-(56) and (90)-(93)."""
    d, h = profile.length_km, profile.height_m
    # The plain least-squares surface: no terrain lies above a ray from very tall antennas.
    tall = Profile(profile.distance_km, h, h, h[0] + 1e6, h[-1] + 1e6)
    tx_smooth, rx_smooth = smooth_earth_heights_m(tall)
    tx_m, rx_m = profile.tx_m - tx_smooth, profile.rx_m - rx_smooth
    tau = 1.0 - math.exp(-4.12e-4 * math.pow(surface.inland_km, 2.41))
    alpha = max(-3.4, -0.6 - 3.5e-9 * math.pow(d, 3.1) * tau)
    geometry = 500.0 / radius_km * d**2 / (math.sqrt(tx_m) + math.sqrt(rx_m)) ** 2
    mu2 = min(1.0, math.pow(geometry, alpha))
    between = slice(horizons.first, horizons.last + 1)
    line = tx_smooth + (rx_smooth - tx_smooth) / d * profile.distance_km[between]
    rough_m = float(np.max(h[between] - line)) if horizons.first <= horizons.last else 0.0
    hidden_km = min(d - horizons.tx_km - horizons.rx_km, 40.0)
    mu3 = (
        1.0 if rough_m <= 10.0 else math.exp(-4.6e-5 * (rough_m - 10.0) * (43.0 + 6.0 * hidden_km))
    )
    return mu2 * mu3


def _inverse_normal(x: float) -> float:
    """Approximate the inverse complementary cumulative normal distribution, Attachment 2."""
    t = math.sqrt(-2.0 * math.log(x))
    above = (0.010328 * t + 0.802853) * t + 2.515516698
    below = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    return above / below - t
