"""What every sector gives every premises within range: signal, noise and speed, band by band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.radio import link as budgeting
from bredband.radio import loss as losses
from bredband.radio.gas import gas_attenuation_db_per_km
from bredband.radio.profile import Paths, Terrain, diffraction_db, trace_paths
from bredband.scenario.radio import LinkBudget, RadioBand, RadioChoices

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Signals:
    """What the best sector of a mast in a band gives a premises, one entry per pair.

    The last four are the path's own, as in `bredband.radio.profile.Paths`.
    """

    premises: Integers
    sector: Integers
    rsrp_dbm: Floats
    sinr_db: Floats
    margin_db: Floats
    down_mbps: Floats
    up_mbps: Floats
    distance_m: Floats
    void_share: Floats
    line_of_sight: NDArray[np.bool_]
    status: NDArray[np.uint8]


_PAIRS = np.zeros(0, np.int64)
_VALUES = np.zeros(0)
_NONE = Signals(
    premises=_PAIRS, sector=_PAIRS, rsrp_dbm=_VALUES, sinr_db=_VALUES, margin_db=_VALUES,
    down_mbps=_VALUES, up_mbps=_VALUES, distance_m=_VALUES, void_share=_VALUES,
    line_of_sight=np.zeros(0, np.bool_), status=np.zeros(0, np.uint8),
)  # fmt: skip


def pairs_in_range(
    masts: pd.DataFrame, premises: pd.DataFrame, longest_m: float
) -> tuple[Integers, Integers]:
    """List mast and premises of every pair within range, masts in order."""
    if masts.empty or premises.empty:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    tree = cKDTree(premises[["x_m", "y_m"]].to_numpy(float))
    near = tree.query_ball_point(masts[["x_m", "y_m"]].to_numpy(float), longest_m)
    homes = [np.asarray(found, np.int64) for found in near]
    mast = np.repeat(np.arange(len(masts)), [len(found) for found in homes])
    return mast, np.concatenate(homes)


def trace_pairs(
    masts: pd.DataFrame,
    premises: pd.DataFrame,
    pairs: tuple[Integers, Integers],
    terrain: Terrain,
    budget: LinkBudget,
    *,
    threads: int = 1,
) -> Paths:
    """Read the terrain between the masts and premises of every pair."""
    mast, home = pairs
    return trace_paths(
        terrain,
        tx_x_m=masts["x_m"].to_numpy(float)[mast],
        tx_y_m=masts["y_m"].to_numpy(float)[mast],
        tx_height_m=masts["height_m"].to_numpy(float)[mast],
        rx_x_m=premises["x_m"].to_numpy(float)[home],
        rx_y_m=premises["y_m"].to_numpy(float)[home],
        rx_height_m=budget.rx_height_m,
        step_m=budget.step_m or None,
        longest_m=budget.longest_m,
        effective_earth_radius_km=budget.effective_earth_radius_km,
        clutter_free_m=budget.clutter_free_m,
        threads=threads,
    )


def path_loss_db(band: RadioBand, budget: LinkBudget, paths: Paths, *, threads: int = 1) -> Floats:
    """Compute all that a band loses on traced paths: distance, terrain, air, rain, clutter and walls.

    Infinite where the path has no answer or misses more terrain than `budget.void_share`.
    """
    ray_m = np.hypot(paths.distance_m, paths.rise_m)
    loss = losses.free_space_db(ray_m, band.frequency_mhz)
    loss = loss + diffraction_db(
        paths,
        frequency_mhz=band.frequency_mhz,
        polarisation=budget.polarisation,
        threads=threads,
    )
    loss = loss + sum(gas_attenuation_db_per_km(band.frequency_mhz)) * ray_m / 1000.0
    if band.frequency_mhz >= 5000.0:
        loss = loss + losses.rain_db(
            ray_m,
            band.frequency_mhz,
            rain_rate_mm_per_h=budget.rain_rate_mm_per_h,
            availability_share=budget.rain_availability_share,
            polarisation=budget.polarisation,
        )
    if budget.indoor:
        loss = loss + losses.building_entry_db(
            band.frequency_mhz, building=budget.building, share=budget.building_share
        )
    if budget.below_clutter:
        loss = loss + losses.statistical_clutter_db(
            ray_m, band.frequency_mhz, location_share=budget.clutter_location_share
        )
    return np.asarray(np.where(paths.void_share > budget.void_share, np.inf, loss))


def _directions(
    masts: pd.DataFrame, premises: pd.DataFrame, mast: Integers, home: Integers, paths: Paths
) -> tuple[Floats, Floats]:
    """Give the bearing (from true north) and elevation of every path at its mast."""
    east = premises["x_m"].to_numpy(float)[home] - masts["x_m"].to_numpy(float)[mast]
    north = premises["y_m"].to_numpy(float)[home] - masts["y_m"].to_numpy(float)[mast]
    convergence = budgeting.grid_convergence_deg(
        masts["x_m"].to_numpy(float), masts["y_m"].to_numpy(float)
    )
    bearing = np.degrees(np.arctan2(east, north)) + convergence[mast]
    elevation = np.degrees(np.arctan2(paths.rise_m, np.maximum(paths.distance_m, 1.0)))
    return bearing, elevation


def _masts(sectors: pd.DataFrame) -> tuple[pd.DataFrame, Integers]:
    """List the places that paths start from, and which of them each sector stands on."""
    columns = ["site_id", "x_m", "y_m", "height_m"]
    masts = sectors[columns].drop_duplicates().reset_index(drop=True)
    number = pd.MultiIndex.from_frame(masts).get_indexer(pd.MultiIndex.from_frame(sectors[columns]))
    return masts, np.asarray(number, np.int64)


@dataclass(frozen=True)
class Reach:
    """Masts, premises within their range, and the terrain between them, pair by pair."""

    sectors: pd.DataFrame
    mast_of_sector: Integers
    mast: Integers
    home: Integers
    paths: Paths
    bearing_deg: Floats
    elevation_deg: Floats


def reach(
    sectors: pd.DataFrame,
    premises: pd.DataFrame,
    terrain: Terrain,
    budget: LinkBudget,
    *,
    threads: int = 1,
) -> Reach:
    """Find the premises within range of every mast, and read the terrain in between."""
    masts, mast_of_sector = _masts(sectors)
    mast, home = pairs_in_range(masts, premises, budget.longest_m)
    paths = trace_pairs(masts, premises, (mast, home), terrain, budget, threads=threads)
    bearing, elevation = _directions(masts, premises, mast, home, paths)
    return Reach(sectors, mast_of_sector, mast, home, paths, bearing, elevation)


def all_signals(reached: Reach, choices: RadioChoices, *, threads: int = 1) -> Signals:
    """Compute what the best sector of every mast gives every premises, in every band."""
    parts = [
        _signals_in_band(name, choices.bands[name], choices.link, reached, threads)
        for name in reached.sectors["band"].unique()
    ]
    return join(parts)


def _signals_in_band(
    name: str, band: RadioBand, budget: LinkBudget, reached: Reach, threads: int
) -> Signals:
    """Compute what the best sector of every mast gives every premises in one band."""
    sectors, paths = reached.sectors, reached.paths
    in_band = np.flatnonzero((sectors["band"] == name).to_numpy())
    on_mast = _sectors_by_mast(in_band, reached.mast_of_sector)
    path = np.flatnonzero(on_mast[reached.mast, 0] >= 0)
    mast, home = reached.mast[path], reached.home[path]
    loss = path_loss_db(band, budget, paths, threads=threads)[path]
    azimuth = sectors["azimuth_deg"].to_numpy(float)
    tilt = sectors["tilt_deg"].to_numpy(float)
    bearing, elevation = reached.bearing_deg[path], reached.elevation_deg[path]
    best = np.full(len(path), -np.inf)
    sector = np.full(len(path), -1, np.int64)
    power = np.zeros(len(path))
    for column in on_mast.T:
        here = column[mast]
        gain = budgeting.sector_gain_db(
            band,
            azimuth_deg=azimuth[here],
            tilt_deg=tilt[here],
            bearing_deg=bearing,
            elevation_deg=elevation,
        )
        received = budgeting.received_dbm(band, loss, np.where(here >= 0, gain, -np.inf))
        power += budgeting.linear(received)
        sector = np.where((received > best) | (sector < 0), here, sector)
        best = np.maximum(best, received)
    noise = budgeting.noise_dbm(band.bandwidth_mhz, budget.noise_figure_db)
    sinr = budgeting.sinr_db(best, _interference_dbm(best, power, home, budget), noise)
    up_noise = budgeting.noise_dbm(
        band.bandwidth_mhz * budget.uplink_width_share, budget.uplink_noise_figure_db
    )
    up_snr = best + budget.rx_power_dbm - band.tx_power_dbm - up_noise
    rsrp = budgeting.rsrp_dbm(band, budget, best)
    held = budget.fade_margin_db
    in_sight = paths.line_of_sight[path]
    layers = np.where(in_sight, 2.0, 1.0)
    return Signals(
        premises=home,
        sector=sector,
        rsrp_dbm=rsrp,
        sinr_db=sinr,
        margin_db=rsrp - budget.outdoor_rsrp_dbm - held,
        down_mbps=budgeting.speed_mbps(band, budget, sinr - held, layers=layers),
        up_mbps=budgeting.speed_mbps(band, budget, up_snr - held, layers=1.0, direction="up"),
        distance_m=paths.distance_m[path],
        void_share=paths.void_share[path],
        line_of_sight=in_sight,
        status=paths.status[path],
    )


def _sectors_by_mast(in_band: Integers, mast_of_sector: Integers) -> Integers:
    """Lay a band's sectors out with one row per mast, -1 where it has no more."""
    owner = mast_of_sector[in_band]
    order = np.argsort(owner, kind="stable")
    place = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    table = np.full((int(mast_of_sector.max()) + 1, int(place.max()) + 1), -1, np.int64)
    table[owner[order], place] = in_band[order]
    return table


def _interference_dbm(
    best_dbm: Floats, power_mw: Floats, premises: Integers, budget: LinkBudget
) -> Floats:
    """Sum what the other sectors of the band put into each premises while one serves it.

    Sectors on the serving mast come in along the same ray; other masts are weakened by the
    customer's aimed antenna. All send for `neighbour_load_share` of the time.
    """
    everything = np.bincount(premises, weights=power_mw)[premises] if len(premises) else power_mw
    same_mast = np.maximum(power_mw - budgeting.linear(best_dbm), 0.0)
    weakened = 10.0 ** (-budget.rx_discrimination_db / 10.0)
    others = same_mast + weakened * np.maximum(everything - power_mw, 0.0)
    return np.asarray(10.0 * np.log10(np.maximum(budget.neighbour_load_share * others, 1e-30)))


def pick(signals: Signals, keep: NDArray[np.generic]) -> Signals:
    """Keep some of the signals."""
    return Signals(*(column[keep] for column in _columns_of(signals)))


def join(parts: Sequence[Signals]) -> Signals:
    """Put signals after one another."""
    columns = zip(*map(_columns_of, [_NONE, *parts]), strict=True)
    return Signals(*(np.concatenate(column) for column in columns))


def _columns_of(signals: Signals) -> tuple[NDArray[np.generic], ...]:
    return tuple(getattr(signals, field.name) for field in fields(Signals))
