"""Share a sector's time between the households that load it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def assign_to_sectors(
    premises: Integers,
    sector: Integers,
    preference: Floats,
    margin_db: Floats,
    time_share: Floats,
    *,
    busy_hour_share: float,
) -> NDArray[np.bool_]:
    """Choose at most one sector for each premises so that no sector is overfull.

    Every premises asks its best sector; a sector keeps the strongest signals that fit in its
    time and turns the others away, who then ask their next best. A pair that was turned away
    never comes back, so the asking stops after at most as many rounds as there are pairs. The
    outcome is stable: no premises has a better sector that would rather have it than somebody
    it keeps (deferred acceptance, Gale and Shapley 1962).

    Parameters
    ----------
    premises, sector
        Which premises may ask which sector, one pair per entry.
    preference
        How much the premises wants the sector; higher is better.
    margin_db
        How much the sector wants the premises; higher is better.
    time_share
        Share of the sector's time that the premises would take.
    busy_hour_share
        Share of its time that a sector may give away.

    Returns
    -------
    numpy.ndarray
        True for the pairs that stand, shape as the input.
    """
    order = np.lexsort((-preference, premises))
    first = np.r_[True, premises[order][1:] != premises[order][:-1]] if len(order) else order
    turn = np.empty(len(order), np.int64)
    starts = np.flatnonzero(first)
    turn[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    asked = turn == 0
    struck = np.zeros(len(order), bool)
    while True:
        standing = np.flatnonzero(asked & ~struck)
        turned_away = standing[_overfull(standing, sector, margin_db, time_share, busy_hour_share)]
        if len(turned_away) == 0:
            return np.asarray(asked & ~struck)
        struck[turned_away] = True
        next_turn = np.full(int(premises.max()) + 1, -1, np.int64)
        next_turn[premises[turned_away]] = turn[turned_away] + 1
        asked |= turn == next_turn[premises]


def _overfull(
    pairs: Integers, sector: Integers, margin_db: Floats, time_share: Floats, limit: float
) -> NDArray[np.bool_]:
    """Tell which pairs do not fit when every sector fills up from the strongest signal."""
    order = np.lexsort((-margin_db[pairs], sector[pairs]))
    owner, share = sector[pairs][order], time_share[pairs][order]
    filled = np.cumsum(share)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else order
    before = np.repeat(filled[starts] - share[starts], np.diff(np.r_[starts, len(owner)]))
    overfull = np.empty(len(pairs), bool)
    overfull[order] = filled - before > limit + 1e-9
    return overfull


def stable_mbps(sector: Integers, time_share: Floats, peak_mbps: Floats) -> Floats:
    """Compute the speed each premises keeps at the busy hour.

    The peak, for the share of the sector's time that is left when every other premises in it
    takes its busy-hour rate. This is the state-aid notion: stable, under load, for the
    farthest customer too.
    """
    load_share = np.bincount(sector, weights=time_share)[sector] if len(sector) else time_share
    return np.asarray(peak_mbps * np.clip(1.0 - (load_share - time_share), 0.0, 1.0))
