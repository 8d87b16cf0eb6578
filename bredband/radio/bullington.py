"""Turn paths that have been walked into decibels, compiled: delta-Bullington, many at once.

`bredband.radio.rays` finds what is read here, `bredband.radio.diffraction` is the reference.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bredband.kernel import kernel
from bredband.radio.diffraction import (
    LAND_CONDUCTIVITY_S,
    LAND_PERMITTIVITY,
    SEA_CONDUCTIVITY_S,
    SEA_PERMITTIVITY,
    SPEED_OF_LIGHT_M_GHZ,
)

Floats = NDArray[np.float64]

OK, OUTSIDE, VOID, SHORT, BEYOND = range(5)
NO_EDGE = -1e3
"""The edge of a path without terrain in between: so deep that nothing is lost over it."""


class Reduced(NamedTuple):
    """What is left of paths when the terrain has been read; see `Paths`."""

    distance_m: Floats
    steps: Floats
    edge: Floats
    tx_m: Floats
    rx_m: Floats
    sea_share: Floats
    status: NDArray[np.uint8]


class Band(NamedTuple):
    """The radio band and the Earth it bends around."""

    ghz: float
    earth_radius_km: float
    vertical: bool


@kernel(inner=True)
def _samples_around(at: float, n: float) -> tuple[float, float]:
    """Give the two sample numbers around a place on the path, inside it."""
    low = min(max(math.floor(at), 1.0), n - 1.0)
    return low, min(low + 1.0, n - 1.0)


@kernel(inner=True)
def _smooth_edge(n: float, tx_m: float, rx_m: float, bulge: float) -> float:
    """Find the knife edge of a smooth Earth below two antennas, in units of one step.

    What a sweep finds by looking at every sample is known here in closed form: each of the
    three quantities has a single top along the path, so the samples around it are enough.
    """
    slope = (rx_m - tx_m) / n
    low, high = _samples_around(math.sqrt(tx_m / bulge), n)
    from_tx = max(bulge * (n - low) - tx_m / low, bulge * (n - high) - tx_m / high) - slope
    if from_tx > 0.0:
        low, high = _samples_around(math.sqrt(rx_m / bulge), n)
        from_rx = max(bulge * (n - low) - rx_m / low, bulge * (n - high) - rx_m / high) + slope
        return math.sqrt(from_tx * max(from_rx, 0.0))
    # The top of bulge sqrt(i (n - i)) - (tx + slope i) / sqrt(i (n - i)): with u = i / (n - i)
    # the one root of a cubic, which lies between 1 and tx / rx.
    a = bulge * n * n
    even = tx_m / rx_m if rx_m > 0.0 else 1e6
    lowest, highest = min(1.0, even), max(1.0, even)
    u = even
    for _ in range(8):
        value = a * u * (1.0 - u) + (1.0 + u) ** 2 * (tx_m - rx_m * u)
        steepness = a * (1.0 - 2.0 * u) + (1.0 + u) * (2.0 * tx_m - rx_m - 3.0 * rx_m * u)
        if steepness == 0.0:
            break
        before, u = u, min(max(u - value / steepness, lowest), highest)
        if abs(u - before) <= 1e-6 * u:
            break
    nearest = -math.inf
    for i in _samples_around(n * u / (1.0 + u), n):
        root = math.sqrt(i * (n - i))
        nearest = max(nearest, bulge * root - (tx_m + slope * i) / root)
    return nearest


@kernel(inner=True)
def _bullington(v: float, length_km: float) -> float:
    """Compute the Bullington loss of a knife edge with diffraction parameter v."""
    if v <= -0.78:
        return 0.0
    loss = 6.9 + 20.0 * math.log10(math.sqrt((v - 0.1) ** 2 + 1.0) + v - 0.1)
    return loss + (1.0 - math.exp(-loss / 6.0)) * (10.0 + 0.02 * length_km)


@kernel(inner=True)
def _height_gain(b: float, k: float) -> float:
    """Compute the height gain of an antenna, never below that of the bare surface."""
    floor = 2.0 + 20.0 * math.log10(k)
    if b > 2.0:
        return max(floor, 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0)
    if b <= 0.0:
        return floor
    return max(floor, 20.0 * math.log10(b + 0.1 * b**3))


@kernel(inner=True)
def _first_term(
    length_km: float,
    tx_m: float,
    rx_m: float,
    radius_km: float,
    band: Band,
    surface: tuple[float, float],
) -> float:
    """Compute the first term of the residue series over one kind of surface."""
    permittivity, conductivity_s = surface
    loss_term = (18.0 * conductivity_s / band.ghz) ** 2
    root = float(np.cbrt(radius_km * band.ghz))
    k = 0.036 / (root * math.sqrt(math.sqrt((permittivity - 1.0) ** 2 + loss_term)))
    if band.vertical:
        k *= math.sqrt(permittivity**2 + loss_term)
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * root / radius_km * length_km
    if x >= 1.6:
        distance_db = 11.0 + 10.0 * math.log10(x) - 17.6 * x
    else:
        distance_db = -20.0 * math.log10(x) - 5.6488 * x**1.425
    b = 0.9575 * beta * beta * band.ghz / root
    return -distance_db - _height_gain(b * tx_m, k) - _height_gain(b * rx_m, k)


@kernel(inner=True)
def _spherical(length_km: float, tx_m: float, rx_m: float, sea_share: float, band: Band) -> float:
    """Compute the loss over a smooth Earth; a mixed surface by its shares."""
    radius_km = band.earth_radius_km
    share_lost = 1.0
    horizon_km = math.sqrt(2.0 * radius_km) * (math.sqrt(0.001 * tx_m) + math.sqrt(0.001 * rx_m))
    if length_km < horizon_km:
        # Higher than the Earth's bulge and the widest zone together: clear, wherever it narrows.
        bulge_m = 125.0 * length_km**2 / radius_km
        widest_m = 8.728 * math.sqrt(length_km * SPEED_OF_LIGHT_M_GHZ / band.ghz)
        if min(tx_m, rx_m) - bulge_m > widest_m:
            return 0.0
        total = tx_m + rx_m
        m = 250.0 * length_km**2 / (radius_km * total)
        cosine = 1.5 * (tx_m - rx_m) / total * math.sqrt(3.0 * m / (m + 1.0) ** 3)
        angle = math.acos(min(1.0, max(-1.0, cosine)))
        b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos((math.pi + angle) / 3.0)
        near = 0.5 * length_km * (1.0 + b)
        far = length_km - near
        clearance_m = (
            (tx_m - 500.0 * near**2 / radius_km) * far + (rx_m - 500.0 * far**2 / radius_km) * near
        ) / length_km
        needed_m = 17.456 * math.sqrt(near * far * SPEED_OF_LIGHT_M_GHZ / band.ghz / length_km)
        if clearance_m > needed_m:
            return 0.0
        share_lost = 1.0 - clearance_m / needed_m
        radius_km = 500.0 * (length_km / (math.sqrt(tx_m) + math.sqrt(rx_m))) ** 2
    loss = 0.0
    if sea_share < 1.0:
        land = (LAND_PERMITTIVITY, LAND_CONDUCTIVITY_S)
        loss += (1.0 - sea_share) * _first_term(length_km, tx_m, rx_m, radius_km, band, land)
    if sea_share > 0.0:
        sea = (SEA_PERMITTIVITY, SEA_CONDUCTIVITY_S)
        loss += sea_share * _first_term(length_km, tx_m, rx_m, radius_km, band, sea)
    return max(0.0, loss * share_lost) if length_km < horizon_km else loss


@kernel
def diffraction_of(paths: Reduced, band: Band, start: int, end: int, loss_db: Floats) -> None:
    """Turn the numbers of each path into its delta-Bullington loss."""
    per_root_metre = math.sqrt(band.ghz / SPEED_OF_LIGHT_M_GHZ)
    for path in range(start, end):
        if paths.status[path] == OUTSIDE or paths.status[path] == BEYOND:
            loss_db[path] = math.inf
            continue
        if paths.edge[path] == NO_EDGE:
            loss_db[path] = 0.0
            continue
        length_km = paths.distance_m[path] / 1000.0
        loss = _bullington(paths.edge[path] * per_root_metre, length_km)
        spherical = _spherical(
            length_km, paths.tx_m[path], paths.rx_m[path], paths.sea_share[path], band
        )
        if spherical > 0.0:
            n = paths.steps[path]
            step_km = length_km / n
            bulge = 500.0 / band.earth_radius_km * step_km * step_km
            smooth_edge = _smooth_edge(n, paths.tx_m[path], paths.rx_m[path], bulge)
            smooth_edge *= math.sqrt(0.002 * n / step_km)
            smooth = _bullington(smooth_edge * per_root_metre, length_km)
            loss += max(0.0, spherical - smooth)
        loss_db[path] = loss
