"""Reach premises from masts: which mast, which sector, what signal, what speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.errors import InputError
from bredband.radio import link as budgeting
from bredband.radio import loss as losses
from bredband.radio.capacity import assign_to_sectors, stable_mbps
from bredband.radio.gas import gas_attenuation_db_per_km
from bredband.radio.link import BANDS, LinkBudget, RadioBand
from bredband.radio.profile import STATUSES, Paths, Terrain, diffraction_db, trace_paths

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FULL, WEAK = "sector_full", "weak_signal"
"""Besides `STATUSES`: within reach, but every sector is full; computed, but too weak."""


@dataclass(frozen=True)
class Offers:
    """What the best sector of a mast in a band can give a premises, one entry per pair."""

    premises: Integers
    sector: Integers
    path: Integers
    rsrp_dbm: Floats
    sinr_db: Floats
    margin_db: Floats
    down_mbps: Floats
    up_mbps: Floats


_PAIRS = np.zeros(0, np.int64)
_VALUES = np.zeros(0)
_NONE = Offers(_PAIRS, _PAIRS, _PAIRS, _VALUES, _VALUES, _VALUES, _VALUES, _VALUES)


def sectors_of(
    sites: pd.DataFrame, *, tilt_deg: float = 3.0, bands: Mapping[str, RadioBand] = BANDS
) -> pd.DataFrame:
    """Unfold a sites table into one row per sector and band.

    Parameters
    ----------
    sites
        ``site_id``, ``x_m``, ``y_m``, ``height_m`` above ground, ``bands`` and ``sectors``
        (azimuths from true north), the last two separated by ``/``.
    tilt_deg
        Downward tilt of every antenna.

    Returns
    -------
    pandas.DataFrame
        ``sector_id``, ``site_id``, ``x_m``, ``y_m``, ``height_m``, ``band``, ``azimuth_deg``
        (from true north), ``tilt_deg``.

    Raises
    ------
    InputError
        If a mast has a band that is not described, or an azimuth that is not a number.
    """
    rows = []
    for site in sites.itertuples(index=False):
        names = [name for name in str(site.bands).split("/") if name]
        unknown = sorted(set(names) - set(bands))
        if unknown:
            raise InputError(
                f"Mast {site.site_id} has band {unknown[0]}, which is not described.",
                advice=f"Known bands: {', '.join(bands)}.",
            )
        try:
            azimuths = [float(text) for text in str(site.sectors).split("/") if text]
        except ValueError as error:
            raise InputError(
                f"Mast {site.site_id} has sectors «{site.sectors}», which are not degrees.",
                advice="Write azimuths from true north as in 0/120/240.",
            ) from error
        rows += [
            (f"{site.site_id}-{name}-{azimuth:03.0f}", site.site_id, site.x_m, site.y_m,
             site.height_m, name, azimuth, tilt_deg)
            for name in names
            for azimuth in azimuths
        ]  # fmt: skip
    columns = ["sector_id", "site_id", "x_m", "y_m", "height_m", "band", "azimuth_deg", "tilt_deg"]
    return pd.DataFrame(rows, columns=columns)


def reach_premises(
    sectors: pd.DataFrame,
    premises: pd.DataFrame,
    terrain: Terrain,
    *,
    budget: LinkBudget | None = None,
    bands: Mapping[str, RadioBand] = BANDS,
    threads: int = 1,
) -> pd.DataFrame:
    """Find for every premises the sector that serves it, with signal, speed and margin.

    Parameters
    ----------
    sectors
        From `sectors_of`.
    premises
        ``premises_id``, ``x_m``, ``y_m``, ``households``.
    terrain
        From `bredband.radio.profile.make_terrain`.
    budget, bands
        Every choice of the link budget.

    Returns
    -------
    pandas.DataFrame
        One row per premises, same index: ``premises_id``, ``site_id``, ``sector_id``, ``band``
        (empty if none), ``distance_m``, ``rsrp_dbm``, ``sinr_db``, ``margin_db``,
        ``down_mbps``, ``up_mbps`` (peak), ``stable_mbps`` (at busy hour, 0 if not served),
        ``sigma_db`` (of the model), ``line_of_sight``, ``void_share``, ``served``, ``status``.
        A number that does not exist is NaN, never 0.
    """
    budget = budget or LinkBudget()
    masts, mast_of_sector = _masts(sectors)
    mast, home = pairs_in_range(masts, premises, budget.longest_m)
    paths = trace_paths(
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
    directions = _directions(masts, premises, mast, home, paths)
    parts = [
        _offers_in_band(
            name, bands[name], budget, sectors, mast_of_sector, mast, home, paths, directions
        )
        for name in sectors["band"].unique()
    ]
    offers = Offers(
        *(np.concatenate(column) for column in zip(*map(_columns, [_NONE, *parts]), strict=True))
    )
    return _best(offers, sectors, premises, paths, home, budget, bands)


def modelled_availability(
    reached: pd.DataFrame, *, operator: str, source: str, as_of: str
) -> pd.DataFrame:
    """Turn what masts reach into rows of the availability table, status ``modelled``.

    The speed offered is the stable one, rounded down to whole megabits; premises that are not
    served, or whose path crosses holes in the terrain, get no row. ``sigma_db`` and
    ``margin_db`` follow along, for whoever weighs the offer by how sure it is.
    """
    offered = reached[reached["served"] & (reached["status"] != "void_on_path")]
    up = np.minimum(offered["up_mbps"], offered["stable_mbps"])
    return pd.DataFrame(
        {
            "premises_id": offered["premises_id"],
            "operator": operator,
            "technology": "fwa",
            "down_mbps": np.floor(offered["stable_mbps"]),
            "up_mbps": np.floor(up),
            "status": "modelled",
            "connected": False,
            "source": source,
            "as_of": as_of,
            "margin_db": offered["margin_db"],
            "sigma_db": offered["sigma_db"],
        }
    ).reset_index(drop=True)


def path_loss_db(band: RadioBand, budget: LinkBudget, paths: Paths, *, threads: int = 1) -> Floats:
    """Compute all that a band loses on traced paths: distance, terrain, gas, rain and walls.

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
    return np.asarray(np.where(paths.void_share > budget.void_share, np.inf, loss))


def _masts(sectors: pd.DataFrame) -> tuple[pd.DataFrame, Integers]:
    """List the places that paths start from, and which of them each sector stands on."""
    columns = ["site_id", "x_m", "y_m", "height_m"]
    masts = sectors[columns].drop_duplicates().reset_index(drop=True)
    number = pd.MultiIndex.from_frame(masts).get_indexer(pd.MultiIndex.from_frame(sectors[columns]))
    return masts, np.asarray(number, np.int64)


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


def _offers_in_band(
    name: str,
    band: RadioBand,
    budget: LinkBudget,
    sectors: pd.DataFrame,
    mast_of_sector: Integers,
    mast: Integers,
    home: Integers,
    paths: Paths,
    directions: tuple[Floats, Floats],
) -> Offers:
    """Compute what the best sector of every mast gives every premises in one band."""
    in_band = np.flatnonzero((sectors["band"] == name).to_numpy())
    on_mast = _sectors_by_mast(in_band, mast_of_sector)
    path = np.flatnonzero(on_mast[mast, 0] >= 0)
    loss = path_loss_db(band, budget, paths)[path]
    azimuth = sectors["azimuth_deg"].to_numpy(float)
    tilt = sectors["tilt_deg"].to_numpy(float)
    best = np.full(len(path), -np.inf)
    sector = np.full(len(path), -1, np.int64)
    power = np.zeros(len(path))
    for column in on_mast.T:
        here = column[mast[path]]
        gain = budgeting.sector_gain_db(
            band,
            azimuth_deg=azimuth[here],
            tilt_deg=tilt[here],
            bearing_deg=directions[0][path],
            elevation_deg=directions[1][path],
        )
        received = budgeting.received_dbm(band, loss, np.where(here >= 0, gain, -np.inf))
        power += 10.0 ** (received / 10.0)
        sector = np.where((received > best) | (sector < 0), here, sector)
        best = np.maximum(best, received)
    interference = _interference_dbm(best, power, home[path], budget)
    noise = budgeting.noise_dbm(band.bandwidth_mhz, budget.noise_figure_db)
    sinr = budgeting.sinr_db(best, interference, noise)
    up_noise = budgeting.noise_dbm(
        band.bandwidth_mhz * budget.uplink_width_share, budget.uplink_noise_figure_db
    )
    up_snr = best + budget.rx_power_dbm - band.tx_power_dbm - up_noise
    rsrp = budgeting.rsrp_dbm(band, budget, best)
    held = budget.fade_margin_db
    layers = np.where(paths.line_of_sight[path], 2.0, 1.0)
    return Offers(
        premises=home[path],
        sector=sector,
        path=path,
        rsrp_dbm=rsrp,
        sinr_db=sinr,
        margin_db=rsrp - budget.outdoor_rsrp_dbm - held,
        down_mbps=budgeting.speed_mbps(band, budget, sinr - held, layers=layers),
        up_mbps=budgeting.speed_mbps(band, budget, up_snr - held, layers=1.0, direction="up"),
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
    same_mast = np.maximum(power_mw - 10.0 ** (best_dbm / 10.0), 0.0)
    weakened = 10.0 ** (-budget.rx_discrimination_db / 10.0)
    others = same_mast + weakened * np.maximum(everything - power_mw, 0.0)
    return np.asarray(10.0 * np.log10(np.maximum(budget.neighbour_load_share * others, 1e-30)))


def _columns(offers: Offers) -> tuple[NDArray[np.generic], ...]:
    return tuple(getattr(offers, name) for name in Offers.__dataclass_fields__)


def _pick(offers: Offers, keep: NDArray[np.generic]) -> Offers:
    return Offers(*(column[keep] for column in _columns(offers)))


def _strongest(offers: Offers, count: int) -> Offers:
    """Keep the few best offers of every premises: highest speed, then margin."""
    if len(offers.premises) == 0:
        return offers
    order = np.argsort(offers.premises, kind="stable")
    owner = offers.premises[order]
    merit = offers.down_mbps[order] + 1e-3 * offers.margin_db[order]
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(owner)]))
    kept = []
    for _ in range(count):
        best = np.maximum.reduceat(merit, starts)[group]
        at = np.flatnonzero((merit == best) & (merit > -np.inf))
        at = at[np.r_[True, group[at][1:] != group[at][:-1]]] if len(at) else at
        merit[at] = -np.inf
        kept.append(order[at])
    return _pick(offers, np.concatenate(kept))


def _best(
    offers: Offers,
    sectors: pd.DataFrame,
    premises: pd.DataFrame,
    paths: Paths,
    home: Integers,
    budget: LinkBudget,
    bands: Mapping[str, RadioBand],
) -> pd.DataFrame:
    """Choose one offer for every premises and say what it gives."""
    households = np.maximum(premises["households"].to_numpy(float), 1.0) * budget.takeup_share
    good = _pick(offers, (offers.margin_db >= 0.0) & (offers.down_mbps > 0.0))
    tried = _strongest(good, budget.sectors_tried)
    time_share = households[tried.premises] * budget.busy_hour_mbps / tried.down_mbps
    stands = assign_to_sectors(
        tried.premises,
        tried.sector,
        tried.down_mbps,
        tried.margin_db,
        time_share,
        busy_hour_share=budget.busy_hour_share,
    )
    served = _pick(tried, stands)
    computed = _pick(offers, np.isfinite(offers.rsrp_dbm))
    shown = _strongest(computed, 1)
    count = len(premises)
    table = pd.DataFrame({"premises_id": premises["premises_id"].to_numpy()}, index=premises.index)
    chosen = np.full(count, -1, np.int64)
    chosen[shown.premises] = np.arange(len(shown.premises))
    chosen[served.premises] = len(shown.premises) + np.arange(len(served.premises))
    both = Offers(*(np.r_[a, b] for a, b in zip(_columns(shown), _columns(served), strict=True)))
    has = chosen >= 0
    offer = _pick(both, chosen[has])
    for column in ("site_id", "sector_id", "band"):
        text = np.full(count, "", object)
        text[has] = sectors[column].to_numpy(object)[offer.sector]
        table[column] = pd.array(text, dtype="str")
    sigma = np.array([bands[name].sigma_db for name in sectors["band"]], float)
    numbers = {
        "distance_m": paths.distance_m[offer.path],
        "rsrp_dbm": offer.rsrp_dbm,
        "sinr_db": offer.sinr_db,
        "margin_db": offer.margin_db,
        "down_mbps": offer.down_mbps,
        "up_mbps": offer.up_mbps,
        "sigma_db": sigma[offer.sector],
        "void_share": paths.void_share[offer.path],
    }
    for column, values in numbers.items():
        filled = np.full(count, np.nan)
        filled[has] = values
        table[column] = filled
    stable = np.zeros(count)
    stable[served.premises] = stable_mbps(served.sector, time_share[stands], served.down_mbps)
    table["stable_mbps"] = stable
    sees = np.zeros(count, bool)
    sees[has] = paths.line_of_sight[offer.path]
    table["line_of_sight"] = sees
    is_served = np.zeros(count, bool)
    is_served[served.premises] = True
    table["served"] = is_served
    status = _statuses(count, offer, has, paths, home)
    reachable = np.zeros(count, bool)
    reachable[good.premises] = True
    status[reachable & ~is_served] = FULL
    status[has & ~reachable & (status == "ok")] = WEAK
    table["status"] = pd.array(status, dtype="str")
    return table


def _statuses(
    count: int, offer: Offers, has: NDArray[np.bool_], paths: Paths, home: Integers
) -> NDArray[np.object_]:
    """Give each premises the status of its path, or of its nearest mast if none is computed."""
    words = np.array(STATUSES, object)
    status = np.full(count, "beyond_range", object)
    missing = np.flatnonzero(~has[home])
    nearest_last = missing[np.argsort(-paths.distance_m[missing], kind="stable")]
    status[home[nearest_last]] = words[paths.status[nearest_last]]
    status[has] = words[paths.status[offer.path]]
    return status
