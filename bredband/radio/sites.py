"""Reach premises from masts: which mast, which sector, what signal, what speed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.radio.capacity import assign_to_sectors, stable_mbps
from bredband.radio.profile import STATUSES, Terrain
from bredband.radio.signals import Reach, Signals, all_signals, join, pick, reach
from bredband.scenario.radio import LinkBudget, RadioChoices

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_PAIRS_AT_A_TIME = 500_000
"""A mast and a premises take some 1.4 kB while their signals are computed."""

FULL, WEAK = "sector_full", "weak_signal"
"""Besides `STATUSES`: within reach, but every sector is full; computed, but too weak."""


def reach_premises(
    sectors: pd.DataFrame,
    premises: pd.DataFrame,
    terrain: Terrain,
    choices: RadioChoices,
    *,
    threads: int = 1,
) -> pd.DataFrame:
    """Find for every premises the sector that serves it, with signal, speed and margin.

    Parameters
    ----------
    sectors
        From `bredband.radio.sectors.sectors_of`. All belong to one network: those in the same
        band disturb each other.
    premises
        ``premises_id``, ``x_m``, ``y_m``, ``households`` that load a sector if it takes them in;
        a premises with 0, such as one that has fibre, gets the speed that the others leave.
    terrain
        From `bredband.radio.profile.make_terrain`.

    Returns
    -------
    pandas.DataFrame
        One row per premises, same index: ``premises_id``, ``site_id``, ``sector_id``, ``band``
        (empty if none), ``distance_m``, ``rsrp_dbm``, ``sinr_db``, ``margin_db``,
        ``down_mbps``, ``up_mbps`` (peak), ``stable_mbps`` (at busy hour, 0 if not served),
        ``sigma_db`` (of the model: by band, in sight or hidden), ``line_of_sight``, ``void_share``, ``served``, ``status``.
        A number that does not exist is NaN, never 0.
    """
    count = len(premises)
    parts = [
        _hear(sectors, premises, rows, terrain, choices, threads=threads)
        for rows in _blocks(count, sectors["site_id"].nunique())
    ]
    shown, good = join([part.shown for part in parts]), join([part.good for part in parts])
    served, stable = _share_sectors(good, premises, choices.link)
    chosen = np.full(count, -1, np.int64)
    chosen[shown.premises] = np.arange(len(shown.premises))
    chosen[served.premises] = len(shown.premises) + np.arange(len(served.premises))
    has = chosen >= 0
    table = _describe(pick(join([shown, served]), chosen[has]), has, sectors, choices)
    table.insert(0, "premises_id", premises["premises_id"].to_numpy())
    is_served = _flags(count, served.premises)
    speed = np.zeros(count)
    speed[served.premises] = stable
    status = np.concatenate([part.status for part in parts])
    status[served.premises] = np.array(STATUSES, object)[served.status]
    reachable = _flags(count, good.premises)
    status[reachable & ~is_served] = FULL
    status[has & ~reachable & (status == "ok")] = WEAK
    return table.assign(
        status=pd.array(status, dtype="str"), stable_mbps=speed, served=is_served
    ).set_axis(premises.index)


@dataclass(frozen=True)
class _Heard:
    """What some of the premises hear.

    ``shown`` is the strongest signal of each, ``good`` the few best that carry an offer,
    ``status`` that of the strongest, or of the nearest mast if no signal is computed.
    """

    shown: Signals
    good: Signals
    status: NDArray[np.object_]


def _blocks(count: int, masts: int) -> list[slice]:
    """Share premises out so that memory is held, even if every mast reaches every premises."""
    size = max(_PAIRS_AT_A_TIME // max(masts, 1), 1)
    return [slice(start, start + size) for start in range(0, max(count, 1), size)]


def _hear(
    sectors: pd.DataFrame,
    premises: pd.DataFrame,
    rows: slice,
    terrain: Terrain,
    choices: RadioChoices,
    *,
    threads: int,
) -> _Heard:
    """Compute what all sectors give some of the premises, and keep what may be asked of it."""
    mine = premises.iloc[rows]
    reached = reach(sectors, mine, terrain, choices.link, threads=threads)
    signals = all_signals(reached, choices, threads=threads)
    shown = _strongest(pick(signals, np.isfinite(signals.rsrp_dbm)), 1)
    offering = pick(signals, (signals.margin_db >= 0.0) & (signals.down_mbps > 0.0))
    good = _strongest(offering, choices.link.sectors_tried)
    return _Heard(
        shown=replace(shown, premises=shown.premises + rows.start),
        good=replace(good, premises=good.premises + rows.start),
        status=_statuses(shown, reached, len(mine)),
    )


def _share_sectors(
    good: Signals, premises: pd.DataFrame, budget: LinkBudget
) -> tuple[Signals, Floats]:
    """Give each premises the sector that takes it in, and its speed at the busy hour."""
    households = premises["households"].to_numpy(float) * budget.takeup_share
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
    served = pick(tried, stands)
    return served, stable_mbps(served.sector, time_share[stands], served.down_mbps)


def _strongest(signals: Signals, count: int) -> Signals:
    """Keep the few best signals of every premises: highest speed, then margin."""
    if len(signals.premises) == 0:
        return signals
    order = np.argsort(signals.premises, kind="stable")
    owner = signals.premises[order]
    merit = signals.down_mbps[order] + 1e-3 * signals.margin_db[order]
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(owner)]))
    kept = []
    for _ in range(count):
        best = np.maximum.reduceat(merit, starts)[group]
        at = np.flatnonzero((merit == best) & (merit > -np.inf))
        at = at[np.r_[True, group[at][1:] != group[at][:-1]]] if len(at) else at
        merit[at] = -np.inf
        kept.append(order[at])
    return pick(signals, np.concatenate(kept))


def _describe(
    signals: Signals, has: NDArray[np.bool_], sectors: pd.DataFrame, choices: RadioChoices
) -> pd.DataFrame:
    """Lay the chosen signals out with a row per premises, empty where there is none."""
    bands = [choices.bands[name] for name in sectors["band"]]
    seen, hidden = (
        np.array([getattr(band, name) for band in bands], float)[signals.sector]
        for name in ("sigma_db", "hidden_sigma_db")
    )
    columns: dict[str, Any] = {}
    for name in ("site_id", "sector_id", "band"):
        text = np.full(len(has), "", object)
        text[has] = sectors[name].to_numpy(object)[signals.sector]
        columns[name] = pd.array(text, dtype="str")
    numbers = {
        "distance_m": signals.distance_m,
        "rsrp_dbm": signals.rsrp_dbm,
        "sinr_db": signals.sinr_db,
        "margin_db": signals.margin_db,
        "down_mbps": signals.down_mbps,
        "up_mbps": signals.up_mbps,
        "sigma_db": np.where(signals.line_of_sight, seen, hidden),
        "void_share": signals.void_share,
    }
    for name, values in numbers.items():
        columns[name] = np.full(len(has), np.nan)
        columns[name][has] = values
    sees = np.zeros(len(has), bool)
    sees[has] = signals.line_of_sight
    columns["line_of_sight"] = sees
    return pd.DataFrame(columns)


def _statuses(shown: Signals, reached: Reach, count: int) -> NDArray[np.object_]:
    """Give each premises the status of its path, or of its nearest mast if none is computed."""
    words = np.array(STATUSES, object)
    paths, home = reached.paths, reached.home
    status = np.full(count, "beyond_range", object)
    missing = np.flatnonzero(~_flags(count, shown.premises)[home])
    nearest_last = missing[np.argsort(-paths.distance_m[missing], kind="stable")]
    status[home[nearest_last]] = words[paths.status[nearest_last]]
    status[shown.premises] = words[shown.status]
    return status


def _flags(count: int, where: Integers) -> NDArray[np.bool_]:
    flags = np.zeros(count, bool)
    flags[where] = True
    return flags
