"""Ask other models the same question, because the choice of model matters more than any decimal.

P.1812-8 shares our diffraction and adds the atmosphere; Longley-Rice (ITM) comes from elsewhere
altogether; knife edges put one after another (Deygout) give a fourth answer from the same profile.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.radio.diffraction import (
    SPEED_OF_LIGHT_M_GHZ,
    Profile,
    delta_bullington_db,
    knife_edge_db,
    make_profile,
)
from bredband.radio.longley_rice import Ground, itm_loss_db
from bredband.radio.p1812 import Climate, p1812_loss_db

SAME_HILL_KM = 0.25
"""Terrain this near to a knife edge belongs to the same hill (P.526-15 §4.5.1 merges so)."""


def deygout_db(profile: Profile, frequency_mhz: float, *, earth_radius_km: float = 8500.0) -> float:
    """Compute diffraction by at most three knife edges, one after another.

    The tallest edge, and the tallest on each side of it on another hill, with the correction
    that ITU-R P.526 gives for cascaded knife edges. Source: J. Deygout, IEEE Trans. AP-14
    (1966).
    """
    d = profile.distance_km
    above = profile.surface_m.copy()
    above[0], above[-1] = profile.tx_m, profile.rx_m
    wave_m = SPEED_OF_LIGHT_M_GHZ * 1000.0 / frequency_mhz

    def tallest(a: int, b: int, apart_km: float) -> tuple[float, int]:
        inner = np.arange(a + 1, b)
        from_a, to_b, length = d[inner] - d[a], d[b] - d[inner], d[b] - d[a]
        near_edge = from_a if a > 0 else to_b
        other_hill = near_edge > apart_km
        if not other_hill.any():
            return -10.0, -1
        inner, from_a, to_b = inner[other_hill], from_a[other_hill], to_b[other_hill]
        line = (above[a] * to_b + above[b] * from_a) / length
        h = above[inner] + 500.0 / earth_radius_km * from_a * to_b - line
        v = h * np.sqrt(0.002 * length / (wave_m * from_a * to_b))
        return float(v.max()), int(inner[v.argmax()])

    last = len(d) - 1
    v, top = tallest(0, last, 0.0)
    main = knife_edge_db(v)
    if main == 0.0:
        return 0.0
    sides = sum(knife_edge_db(tallest(*part, SAME_HILL_KM)[0]) for part in ((0, top), (top, last)))
    return main + (1.0 - math.exp(-main / 6.0)) * (sides + 10.0 + 0.04 * profile.length_km)


def compare_models(
    profiles: list[tuple[NDArray[np.float64], NDArray[np.float64]]],
    *,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    climate: Climate | None = None,
) -> pd.DataFrame:
    """Ask four models about the same profiles, so that their spread can be printed.

    Parameters
    ----------
    profiles
        Distance and height of each, as for `p1812_loss_db`; three points or more.

    Returns
    -------
    pandas.DataFrame
        ``distance_m``, ``bredband_db`` (free space and delta-Bullington), ``p1812_db``,
        ``itm_db`` (Longley-Rice; NaN outside its 20 MHz to 20 GHz), ``deygout_db`` and
        ``spread_db`` (highest less lowest), one row per profile. All but Longley-Rice, which
        finds its own, use the same effective Earth.
    """
    climate = climate or Climate()
    radius_km = climate.effective_earth_radius_km
    rows = []
    for distance_m, height_m in profiles:
        profile = make_profile(
            distance_m, height_m, tx_height_m=tx_height_m, rx_height_m=rx_height_m
        )
        ray_km = math.hypot(profile.length_km, (profile.tx_m - profile.rx_m) / 1000.0)
        free = 92.4 + 20.0 * math.log10(frequency_mhz / 1000.0) + 20.0 * math.log10(ray_km)
        ours = delta_bullington_db(
            distance_m,
            height_m,
            frequency_mhz=frequency_mhz,
            tx_height_m=tx_height_m,
            rx_height_m=rx_height_m,
            effective_earth_radius_km=radius_km,
        )
        theirs = p1812_loss_db(
            distance_m,
            height_m,
            frequency_mhz=frequency_mhz,
            tx_height_m=tx_height_m,
            rx_height_m=rx_height_m,
            climate=climate,
        )
        edges = deygout_db(profile, frequency_mhz, earth_radius_km=radius_km)
        itm = itm_loss_db(
            distance_m,
            height_m,
            frequency_mhz=frequency_mhz,
            tx_height_m=tx_height_m,
            rx_height_m=rx_height_m,
            ground=Ground(sea_level_refractivity=climate.sea_level_refractivity),
        )
        answers = (free + ours, theirs, itm, free + edges)
        spread = np.nanmax(answers) - np.nanmin(answers)
        rows.append((1000.0 * profile.length_km, *answers, spread))
    columns = ["distance_m", "bredband_db", "p1812_db", "itm_db", "deygout_db", "spread_db"]
    return pd.DataFrame(rows, columns=columns)
