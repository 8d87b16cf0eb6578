"""Say what terrain takes from a radio signal: the delta-Bullington method.

Recommendation ITU-R P.526-15 §4.5.4, whose text is that of P.1812-8 §4.3 and Attachment 1
§5.6; the equation numbers below are those of P.1812-8. This is the reference form, one
profile at a time in float64. `bredband.radio.profile` does the same for many at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bredband.errors import InputError
from bredband.scenario.radio import Polarisation

SPEED_OF_LIGHT_M_GHZ = 0.2998
"""Wavelength in metres times frequency in GHz, rounded as in P.1812-8 (3e8 in the P.526 sheet)."""

EFFECTIVE_EARTH_RADIUS_KM = 8500.0
"""Median effective Earth radius, 4/3 of the true one (P.526-15 §4.5.4)."""

LAND_PERMITTIVITY, LAND_CONDUCTIVITY_S = 22.0, 0.003
SEA_PERMITTIVITY, SEA_CONDUCTIVITY_S = 80.0, 5.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """The ground between two antennas, ready for the equations.

    Attributes
    ----------
    distance_km
        Distance of each point from the transmitter, first 0, increasing.
    height_m
        Terrain above sea level.
    surface_m
        Terrain with what stands on it; equal to the terrain at both ends.
    tx_m, rx_m
        Antennas above sea level.
    """

    distance_km: Array
    height_m: Array
    surface_m: Array
    tx_m: float
    rx_m: float

    @property
    def length_km(self) -> float:
        """Length of the path."""
        return float(self.distance_km[-1])


def delta_bullington_db(
    distance_m: ArrayLike,
    height_m: ArrayLike,
    *,
    clutter_m: ArrayLike | None = None,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    effective_earth_radius_km: float = EFFECTIVE_EARTH_RADIUS_KM,
    sea_share: float = 0.0,
    polarisation: Polarisation = "vertical",
) -> float:
    """Compute the diffraction loss of one terrain profile, in dB above free space.

    Parameters
    ----------
    distance_m
        Distance of each profile point from the transmitter, shape (n,), increasing, n >= 2.
    height_m
        Terrain height above sea level, shape (n,).
    clutter_m
        Height of trees and buildings above the terrain, shape (n,). Added to the profile but
        not to the smooth-Earth fit, and not at the two ends, where the antennas stand.
    frequency_mhz
        Carrier frequency.
    tx_height_m, rx_height_m
        Antenna heights above ground.
    effective_earth_radius_km
        Earth radius that makes the ray straight; 8500 km is the median.
    sea_share
        Share of the path over sea, 0-1.
    polarisation
        ``"vertical"`` or ``"horizontal"``.

    Returns
    -------
    float
        Loss in dB, never negative; 0 for a profile without an interior point.

    Raises
    ------
    InputError
        If the profile has a gap, is too short, or does not increase in distance; if an antenna
        stands below ground, or the frequency, the Earth, the share or the polarisation is none.

    Notes
    -----
    ITU-R P.526-15 §4.5.4, P.1812-8 eq. (39).
    """
    _check_air(frequency_mhz, effective_earth_radius_km, sea_share, polarisation)
    profile = make_profile(
        distance_m,
        height_m,
        clutter_m=clutter_m,
        tx_height_m=tx_height_m,
        rx_height_m=rx_height_m,
    )
    if profile.distance_km.size < 3:
        return 0.0
    frequency_ghz = frequency_mhz / 1000.0
    tx_smooth_m, rx_smooth_m = smooth_earth_heights_m(profile)
    actual = bullington_db(profile, frequency_ghz, effective_earth_radius_km)
    flat = np.zeros_like(profile.distance_km)
    smooth = Profile(
        profile.distance_km, flat, flat, profile.tx_m - tx_smooth_m, profile.rx_m - rx_smooth_m
    )
    smooth_db = bullington_db(smooth, frequency_ghz, effective_earth_radius_km)
    spherical_db = spherical_earth_db(
        profile.length_km,
        smooth.tx_m,
        smooth.rx_m,
        frequency_ghz,
        effective_earth_radius_km,
        sea_share,
        polarisation,
    )
    return actual + max(spherical_db - smooth_db, 0.0)


def make_profile(
    distance_m: ArrayLike,
    height_m: ArrayLike,
    *,
    clutter_m: ArrayLike | None = None,
    tx_height_m: float,
    rx_height_m: float,
) -> Profile:
    """Check a terrain profile and put the antennas on it.

    Raises
    ------
    InputError
        If the profile has a gap, is too short, or does not increase in distance, or if an
        antenna stands below ground.
    """
    distance_km = np.asarray(distance_m, dtype=np.float64) / 1000.0
    height = np.asarray(height_m, dtype=np.float64)
    if distance_km.ndim != 1 or distance_km.shape != height.shape or distance_km.size < 2:
        raise InputError(
            f"et profil trenger minst to punkter, med like mange avstander ({distance_km.size}) "
            f"som høyder ({height.size})."
        )
    surface = height.copy()
    if clutter_m is not None:
        clutter = np.asarray(clutter_m, dtype=np.float64)
        if clutter.shape != height.shape:
            raise InputError(
                f"profilet har {height.size} høyder, men {clutter.size} høyder på det som står der.",
                advice="Oppgi én slik høyde per punkt i profilet.",
            )
        surface[1:-1] += clutter[1:-1]
    if not (np.isfinite(distance_km).all() and np.isfinite(surface).all()):
        raise InputError(
            "profilet har punkter uten høyde.",
            advice="Hent dem fra en annen terrengmodell, eller utelat strekket.",
        )
    if not (0.0 <= tx_height_m < math.inf and 0.0 <= rx_height_m < math.inf):
        raise InputError(
            f"en antenne står under bakken eller ingen steder ({tx_height_m} og {rx_height_m} m).",
            advice="Oppgi antennehøyder over bakken, ikke over havet.",
        )
    if not (np.diff(distance_km) > 0).all():
        raise InputError("avstandene i profilet øker ikke fra punkt til punkt.")
    distance_km = distance_km - distance_km[0]
    return Profile(distance_km, height, surface, height[0] + tx_height_m, height[-1] + rx_height_m)


def _check_air(
    frequency_mhz: float, earth_radius_km: float, sea_share: float, polarisation: str
) -> None:
    """Refuse what the equations would answer with a number that means nothing."""
    if not (0.0 < frequency_mhz < math.inf and 0.0 < earth_radius_km < math.inf):
        raise InputError(
            f"frekvensen ({frequency_mhz} MHz) og jordas radius ({earth_radius_km} km) "
            "må være positive tall."
        )
    if not 0.0 <= sea_share <= 1.0:
        raise InputError(f"andelen over sjø er {sea_share}, men må ligge fra 0 til 1.")
    if polarisation not in get_args(Polarisation):
        raise InputError(
            f"polarisasjonen «{polarisation}» finnes ikke.",
            advice=f"Velg {' eller '.join(get_args(Polarisation))}.",
        )


def knife_edge_db(v: float) -> float:
    """Compute the loss over one knife edge from its diffraction parameter, eq. (12)."""
    if v <= -0.78:
        return 0.0
    return 6.9 + 20.0 * math.log10(math.sqrt((v - 0.1) ** 2 + 1.0) + v - 0.1)


def bullington_db(
    profile: Profile, frequency_ghz: float, effective_earth_radius_km: float
) -> float:
    """Compute the Bullington part of the loss, eqs (13)-(21).

    The profile's terrain is replaced by the one knife edge where the steepest rays from both
    ends meet; in line of sight, by the point that comes closest to the ray.

    Notes
    -----
    Let a and b be the steepest slopes from either end, less that of the direct ray. The rays
    meet at height a b d / (a + b) above it, and the diffraction parameter of eqs (18)-(19)
    becomes sqrt(a b 0.002 d / wavelength): the same number without a division that fails when
    terrain just touches the ray.
    """
    length = profile.length_km
    wavelength_m = SPEED_OF_LIGHT_M_GHZ / frequency_ghz
    d = profile.distance_km[1:-1]
    rest = length - d
    bulging = profile.surface_m[1:-1] + 500.0 / effective_earth_radius_km * d * rest
    above_ray = bulging - (profile.tx_m * rest + profile.rx_m * d) / length
    if d.size == 0:
        return 0.0
    tx_slope = float(np.max(above_ray / d))
    if tx_slope <= 0.0:
        v = float(np.max(above_ray * np.sqrt(0.002 * length / (wavelength_m * d * rest))))
    else:
        rx_slope = float(np.max(above_ray / rest))
        v = math.sqrt(tx_slope * rx_slope * 0.002 * length / wavelength_m)
    loss = knife_edge_db(v)
    return loss + (1.0 - math.exp(-loss / 6.0)) * (10.0 + 0.02 * length)


def smooth_earth_heights_m(profile: Profile) -> tuple[float, float]:
    """Fit a smooth Earth to the terrain and give its height at both ends, eqs (85)-(89).

    Where the terrain rises above the ray the fit is lowered, and it never lies above the
    ground at either end.
    """
    d, h = profile.distance_km, profile.height_m
    length = profile.length_km
    step = np.diff(d)
    v1 = float(np.sum(step * (h[1:] + h[:-1])))
    v2 = float(np.sum(step * (h[1:] * (2.0 * d[1:] + d[:-1]) + h[:-1] * (d[1:] + 2.0 * d[:-1]))))
    tx = (2.0 * v1 * length - v2) / length**2
    rx = (v2 - v1 * length) / length**2
    inner, rest = d[1:-1], length - d[1:-1]
    above = h[1:-1] - (profile.tx_m * rest + profile.rx_m * inner) / length
    highest = float(np.max(above, initial=0.0))
    if highest > 0.0:
        tx_rise = float(np.max(above / inner))
        rx_rise = float(np.max(above / rest))
        tx -= highest * tx_rise / (tx_rise + rx_rise)
        rx -= highest * rx_rise / (tx_rise + rx_rise)
    return min(tx, float(h[0])), min(rx, float(h[-1]))


def spherical_earth_db(
    length_km: float,
    tx_m: float,
    rx_m: float,
    frequency_ghz: float,
    effective_earth_radius_km: float,
    sea_share: float,
    polarisation: Polarisation,
) -> float:
    """Compute the loss over a smooth Earth from antenna heights above it, eqs (22)-(27)."""
    horizon_km = math.sqrt(2.0 * effective_earth_radius_km) * (
        math.sqrt(0.001 * tx_m) + math.sqrt(0.001 * rx_m)
    )
    electric = (frequency_ghz, sea_share, polarisation)
    if length_km >= horizon_km:
        return first_term_db(length_km, tx_m, rx_m, effective_earth_radius_km, *electric)
    total_m = tx_m + rx_m
    c = (tx_m - rx_m) / total_m
    m = 250.0 * length_km**2 / (effective_earth_radius_km * total_m)
    cosine = 1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3)
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + angle / 3.0)
    near_km = 0.5 * length_km * (1.0 + b)
    far_km = length_km - near_km
    clearance_m = (
        (tx_m - 500.0 * near_km**2 / effective_earth_radius_km) * far_km
        + (rx_m - 500.0 * far_km**2 / effective_earth_radius_km) * near_km
    ) / length_km
    wavelength_m = SPEED_OF_LIGHT_M_GHZ / frequency_ghz
    needed_m = 17.456 * math.sqrt(near_km * far_km * wavelength_m / length_km)
    if clearance_m > needed_m:
        return 0.0
    grazing_radius_km = 500.0 * (length_km / (math.sqrt(tx_m) + math.sqrt(rx_m))) ** 2
    loss = first_term_db(length_km, tx_m, rx_m, grazing_radius_km, *electric)
    return max(0.0, (1.0 - clearance_m / needed_m) * loss)


def first_term_db(
    length_km: float,
    tx_m: float,
    rx_m: float,
    earth_radius_km: float,
    frequency_ghz: float,
    sea_share: float,
    polarisation: Polarisation,
) -> float:
    """Compute the first term of the residue series, land and sea by their shares, eq. (28)."""

    def over(permittivity: float, conductivity_s: float) -> float:
        k = surface_admittance(
            earth_radius_km, frequency_ghz, permittivity, conductivity_s, polarisation
        )
        beta = (1.0 + 1.6 * k**2 + 0.67 * k**4) / (1.0 + 4.5 * k**2 + 1.53 * k**4)
        x = 21.88 * beta * math.cbrt(frequency_ghz / earth_radius_km**2) * length_km
        if x >= 1.6:
            distance_db = 11.0 + 10.0 * math.log10(x) - 17.6 * x
        else:
            distance_db = -20.0 * math.log10(x) - 5.6488 * x**1.425
        y = 0.9575 * beta * math.cbrt(frequency_ghz**2 / earth_radius_km)
        return -distance_db - height_gain_db(y * tx_m, beta, k) - height_gain_db(y * rx_m, beta, k)

    loss = 0.0
    if sea_share < 1.0:
        loss += (1.0 - sea_share) * over(LAND_PERMITTIVITY, LAND_CONDUCTIVITY_S)
    if sea_share > 0.0:
        loss += sea_share * over(SEA_PERMITTIVITY, SEA_CONDUCTIVITY_S)
    return loss


def surface_admittance(
    earth_radius_km: float,
    frequency_ghz: float,
    permittivity: float,
    conductivity_s: float,
    polarisation: Polarisation,
) -> float:
    """Compute the normalised surface admittance K, eqs (29)-(30)."""
    loss_term = (18.0 * conductivity_s / frequency_ghz) ** 2
    fourth_root = math.sqrt(math.sqrt((permittivity - 1.0) ** 2 + loss_term))
    k = 0.036 / (math.cbrt(earth_radius_km * frequency_ghz) * fourth_root)
    if polarisation == "vertical":
        k *= math.sqrt(permittivity**2 + loss_term)
    return k


def height_gain_db(y: float, beta: float, k: float) -> float:
    """Compute the gain of an antenna raised above a smooth Earth, eqs (35)-(36)."""
    floor = 2.0 + 20.0 * math.log10(k)
    b = beta * y
    if b > 2.0:
        return max(floor, 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0)
    if b <= 0.0:
        return floor
    return max(floor, 20.0 * math.log10(b + 0.1 * b**3))
