"""Say what takes from a radio signal besides terrain: distance, rain, walls and trees.

Each function is one Recommendation ITU-R in force, checked against the study group's own
examples. Gases have their own file, `bredband.radio.gas`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from bredband.errors import InputError
from bredband.radio.diffraction import knife_edge_db
from bredband.scenario.radio import Building, Polarisation

Surroundings = Literal["water", "open", "suburban", "urban", "dense_urban"]
Floats = NDArray[np.float64]

SHORTEST_M = 1.0
"""Free space is not followed nearer to an antenna than this: there it has no far field."""


def free_space_db(distance_m: ArrayLike, frequency_mhz: float) -> Floats:
    """Compute the loss of distance alone, in dB; distance along the ray.

    ITU-R P.525-4 eq. (5) with the constant of P.1812-8 eq. (8).
    """
    distance_km = np.maximum(np.asarray(distance_m, np.float64), SHORTEST_M) / 1000.0
    return np.asarray(
        92.4 + 20.0 * math.log10(frequency_mhz / 1000.0) + 20.0 * np.log10(distance_km)
    )


def rain_coefficients(
    frequency_mhz: float,
    *,
    elevation_deg: float = 0.0,
    tilt_deg: float | None = None,
    polarisation: Polarisation = "vertical",
) -> tuple[float, float]:
    """Give k and alpha of the rain law gamma = k R^alpha, in dB a kilometre.

    Parameters
    ----------
    frequency_mhz
        Carrier frequency, 1000 to 1 000 000.
    elevation_deg
        Angle of the path above the horizon.
    tilt_deg
        Polarisation tilt against the horizon, 45 for circular; from `polarisation` if None.

    Notes
    -----
    ITU-R P.838-3 eqs (2)-(5) and Tables 1-4.
    """
    x = math.log10(frequency_mhz / 1000.0)
    kh = 10.0 ** _bells(x, _K_HORIZONTAL, -0.18961, 0.71147)
    kv = 10.0 ** _bells(x, _K_VERTICAL, -0.16398, 0.63297)
    ah = _bells(x, _ALPHA_HORIZONTAL, 0.67849, -1.95537)
    av = _bells(x, _ALPHA_VERTICAL, -0.053739, 0.83433)
    tilt = tilt_deg if tilt_deg is not None else (90.0 if polarisation == "vertical" else 0.0)
    mix = math.cos(math.radians(elevation_deg)) ** 2 * math.cos(2.0 * math.radians(tilt))
    k = (kh + kv + (kh - kv) * mix) / 2.0
    alpha = (kh * ah + kv * av + (kh * ah - kv * av) * mix) / (2.0 * k)
    return k, alpha


def _bells(x: float, bells: tuple[tuple[float, float, float], ...], m: float, c: float) -> float:
    return sum(a * math.exp(-(((x - b) / w) ** 2)) for a, b, w in bells) + m * x + c


_K_HORIZONTAL = (
    (-5.33980, -0.10008, 1.13098),
    (-0.35351, 1.26970, 0.45400),
    (-0.23789, 0.86036, 0.15354),
    (-0.94158, 0.64552, 0.16817),
)
_K_VERTICAL = (
    (-3.80595, 0.56934, 0.81061),
    (-3.44965, -0.22911, 0.51059),
    (-0.39902, 0.73042, 0.11899),
    (0.50167, 1.07319, 0.27195),
)
_ALPHA_HORIZONTAL = (
    (-0.14318, 1.82442, -0.55187),
    (0.29591, 0.77564, 0.19822),
    (0.32177, 0.63773, 0.13164),
    (-5.37610, -0.96230, 1.47828),
    (16.1721, -3.29980, 3.43990),
)
_ALPHA_VERTICAL = (
    (-0.07771, 2.33840, -0.76284),
    (0.56727, 0.95545, 0.54039),
    (-0.20238, 1.14520, 0.26809),
    (-48.2991, 0.791669, 0.116226),
    (48.5833, 0.791459, 0.116479),
)


def rain_db(
    distance_m: ArrayLike,
    frequency_mhz: float,
    *,
    rain_rate_mm_per_h: float,
    availability_share: float,
    polarisation: Polarisation = "vertical",
) -> Floats:
    """Compute the rain loss that is not exceeded in the given share of an average year.

    Parameters
    ----------
    distance_m
        Length of the path.
    rain_rate_mm_per_h
        Rain rate exceeded in 0.01 % of the year (ITU-R P.837); 20-35 in lowland Norway.
    availability_share
        0.99 to 0.99999; outside that the law is not fitted and an error is raised.

    Notes
    -----
    ITU-R P.530-18 §2.4.1 eqs (32)-(36) over P.838-3.

    Raises
    ------
    InputError
        If the availability lies outside what the method covers.
    """
    percent = 100.0 * (1.0 - availability_share)
    if not 0.001 - 1e-9 <= percent <= 1.0 + 1e-9:
        raise InputError(
            f"regntap er bare kjent for tilgjengelighet fra 0,99 til 0,99999, ikke {availability_share}.",
            advice="Rett rain_availability_share under [radio.link].",
        )
    ghz = frequency_mhz / 1000.0
    k, alpha = rain_coefficients(frequency_mhz, polarisation=polarisation)
    d = np.maximum(np.asarray(distance_m, np.float64) / 1000.0, 1e-3)
    shrink = 0.477 * d**0.633 * rain_rate_mm_per_h ** (0.073 * alpha) * ghz**0.123
    shrink = np.maximum(shrink - 10.579 * (1.0 - np.exp(-0.024 * d)), 0.4)
    worst = k * rain_rate_mm_per_h**alpha * d / shrink
    c0 = 0.12 + 0.4 * math.log10(ghz / 10.0) ** 0.8 if ghz >= 10.0 else 0.12
    c1 = 0.07**c0 * 0.12 ** (1.0 - c0)
    c2 = 0.855 * c0 + 0.546 * (1.0 - c0)
    c3 = 0.139 * c0 + 0.043 * (1.0 - c0)
    return np.asarray(worst * c1 * percent ** -(c2 + c3 * math.log10(percent)))


def building_entry_db(
    frequency_mhz: float,
    *,
    building: Building = "traditional",
    share: float = 0.5,
    elevation_deg: float = 0.0,
) -> float:
    """Compute the loss into a building that is not exceeded in a share of all places inside.

    ITU-R P.2109-2 eqs (1)-(10); 80 MHz to 100 GHz.
    """
    r, s, t, u, v, w, x, y, z = _BUILDINGS[building]
    f = math.log10(frequency_mhz / 1000.0)
    median = r + s * f + t * f * f + 0.212 * abs(elevation_deg)
    q = float(ndtri(share))
    a = q * (u + v * f) + median
    b = q * (y + z * f) + w + x * f
    return 10.0 * math.log10(10.0 ** (0.1 * a) + 10.0 ** (0.1 * b) + 10.0**-0.3)


_BUILDINGS: dict[Building, tuple[float, ...]] = {
    "traditional": (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "thermally_efficient": (28.19, -3.00, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}


def terminal_clutter_db(
    frequency_mhz: float,
    *,
    antenna_m: float,
    surroundings: Surroundings,
    clutter_height_m: float | None = None,
    street_width_m: float = 27.0,
) -> float:
    """Compute the loss of a terminal that stands below what surrounds it.

    ITU-R P.2108-1 §3.1 eqs (1)-(2); 30 MHz to 3 GHz. Zero above the clutter.
    """
    height = _CLUTTER_HEIGHTS_M[surroundings] if clutter_height_m is None else clutter_height_m
    if antenna_m >= height:
        return 0.0
    ghz = frequency_mhz / 1000.0
    if surroundings in {"water", "open"}:
        return -(21.8 + 6.2 * math.log10(ghz)) * math.log10(antenna_m / height)
    below = height - antenna_m
    angle_deg = math.degrees(math.atan(below / street_width_m))
    return knife_edge_db(0.342 * math.sqrt(ghz) * math.sqrt(below * angle_deg)) - 6.03


_CLUTTER_HEIGHTS_M: dict[Surroundings, float] = {
    "water": 10.0,
    "open": 10.0,
    "suburban": 10.0,
    "urban": 15.0,
    "dense_urban": 20.0,
}


def statistical_clutter_db(
    distance_m: ArrayLike, frequency_mhz: float, *, location_share: float = 0.5
) -> Floats:
    """Compute the clutter loss not exceeded at a share of places, for terminals below clutter.

    ITU-R P.2108-1 §3.2 eqs (3)-(6); 0.5-67 GHz. Applied at one end, from 250 m on; nearer it
    is set to zero, where the Recommendation gives none. It never exceeds what it is at 2 km.
    """
    d = np.asarray(distance_m, np.float64) / 1000.0
    loss = np.minimum(
        _statistical_db(d, frequency_mhz, location_share),
        _statistical_db(np.asarray(2.0), frequency_mhz, location_share),
    )
    return np.asarray(np.where(d < 0.25, 0.0, np.maximum(loss, 0.0)))


def _statistical_db(distance_km: Floats, frequency_mhz: float, location_share: float) -> Floats:
    ghz = frequency_mhz / 1000.0
    near = -2.0 * math.log10(10.0 ** (-5.0 * math.log10(ghz) - 12.5) + 10.0**-16.5)
    far = 32.98 + 23.9 * np.log10(np.maximum(distance_km, 0.25)) + 3.0 * math.log10(ghz)
    near_weight, far_weight = 10.0 ** (-0.2 * near), 10.0 ** (-0.2 * far)
    both = near_weight + far_weight
    spread = np.sqrt((16.0 * near_weight + 36.0 * far_weight) / both)
    return np.asarray(-5.0 * np.log10(both) + spread * float(ndtri(location_share)))
