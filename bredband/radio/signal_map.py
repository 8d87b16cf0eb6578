"""The signal over the whole county, cell by cell: how strong, and from which mast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.radio.profile import Terrain
from bredband.radio.sectors import sectors_of
from bredband.radio.signals import all_signals, reach
from bredband.scenario.radio import RadioChoices

STEP_SHARE = 0.15
"""Distance between terrain samples as a share of the map's cell: 30 m for cells of 200 m."""


@dataclass(frozen=True)
class SignalMap:
    """The strongest signal in every cell, north up.

    Attributes
    ----------
    rsrp_dbm
        Strongest RSRP of any mast and band at the customer's antenna height, shape (rows,
        columns), float32; NaN where no mast has an answer. Row 0 is the northernmost.
    best
        Whose signal it is, as a place in `site_ids`; -1 where there is none.
    site_ids
        The masts.
    west_m, north_m
        Outer edges of the upper left cell.
    cell_m
        Size of a cell.
    """

    rsrp_dbm: NDArray[np.float32]
    best: NDArray[np.int16]
    site_ids: tuple[str, ...]
    west_m: float
    north_m: float
    cell_m: float


def map_signal(
    masts: pd.DataFrame,
    terrain: Terrain,
    bounds_m: tuple[float, float, float, float],
    choices: RadioChoices,
    *,
    threads: int = 1,
) -> SignalMap:
    """Compute the strongest signal in the middle of every cell of a coarse grid.

    Parameters
    ----------
    masts
        ``site_id``, ``x_m``, ``y_m``, ``height_m``, ``bands``, ``sectors``.
    terrain
        From `bredband.radio.profile.make_terrain`.
    bounds_m
        West, south, east and north of what shall be covered; widened to whole cells.

    Notes
    -----
    Terrain is read at coarser steps than for premises, which flatters by about 0.4 dB at 30 m.
    Masts are taken one at a time, so that memory does not grow with their number.
    """
    cell = choices.map_cell_m
    west, north = np.floor(bounds_m[0] / cell) * cell, np.ceil(bounds_m[3] / cell) * cell
    columns = max(1, int(np.ceil((bounds_m[2] - west) / cell)))
    rows = max(1, int(np.ceil((north - bounds_m[1]) / cell)))
    coarse = choices.link.model_copy(
        update={"step_m": max(terrain.cell_m, choices.link.step_m, STEP_SHARE * cell)}
    )
    quick = choices.model_copy(update={"link": coarse})
    strongest = np.full(rows * columns, -np.inf)
    best = np.full(rows * columns, -1, np.int16)
    x_m = west + cell * (np.arange(columns) + 0.5)
    y_m = north - cell * (np.arange(rows) + 0.5)
    for number in range(len(masts)):
        sectors = sectors_of(masts.iloc[[number]], choices)
        at_x, at_y = float(masts["x_m"].iloc[number]), float(masts["y_m"].iloc[number])
        near_row = np.flatnonzero(np.abs(y_m - at_y) <= coarse.longest_m)
        near_column = np.flatnonzero(np.abs(x_m - at_x) <= coarse.longest_m)
        cells = (near_row[:, None] * columns + near_column[None, :]).reshape(-1)
        middles = pd.DataFrame({"x_m": x_m[cells % columns], "y_m": y_m[cells // columns]})
        found = all_signals(reach(sectors, middles, terrain, coarse, threads=threads), quick)
        order = np.argsort(found.rsrp_dbm, kind="stable")
        here = np.full(len(cells), -np.inf)
        here[found.premises[order]] = found.rsrp_dbm[order]
        stronger = here > strongest[cells]
        strongest[cells[stronger]] = here[stronger]
        best[cells[stronger]] = number
    answered = np.where(best >= 0, strongest, np.nan).astype(np.float32)
    return SignalMap(
        rsrp_dbm=answered.reshape(rows, columns),
        best=best.reshape(rows, columns),
        site_ids=tuple(masts["site_id"]),
        west_m=float(west),
        north_m=float(north),
        cell_m=cell,
    )
