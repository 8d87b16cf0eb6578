"""Propose where new masts could stand: the highest cells of the terrain near a road and near power."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from bredband.errors import InputError
from bredband.radio.profile import Terrain
from bredband.radio.rays import LAND_CELL
from bredband.radio.signals import pairs_in_range, trace_pairs
from bredband.scenario.costs import Costs
from bredband.scenario.radio import MastChoices, RadioChoices

Floats = NDArray[np.float64]


def propose_masts(
    terrain: Terrain,
    *,
    road_xy_m: Floats,
    power_xy_m: Floats,
    unserved: pd.DataFrame,
    choices: RadioChoices,
    costs: Costs,
    threads: int = 1,
) -> pd.DataFrame:
    """Propose places for new masts: high, near road and power, seeing unserved households.

    Parameters
    ----------
    terrain
        From `bredband.radio.profile.make_terrain`.
    road_xy_m, power_xy_m
        Points along roads, and points that have power (premises will do), shape (n, 2).
    unserved
        ``x_m``, ``y_m``, ``households`` of the premises that need an offer.

    Returns
    -------
    pandas.DataFrame
        ``site_id``, ``x_m``, ``y_m``, ``ground_m`` (above sea level), ``height_m`` (mast),
        ``road_m``, ``power_m``, ``seen_households``, ``capex_nok``, ``yearly_opex_nok``;
        best first.
    """
    masts = choices.masts
    if len(road_xy_m) == 0 or len(power_xy_m) == 0:
        raise InputError(
            "kan ikke foreslå master uten veger og uten adresser som har strøm.",
            advice="Oppgi veger og adresser under [sources], eller slå av propose_masts.",
        )
    places = _high_places(terrain, road_xy_m, masts)
    places["power_m"] = cKDTree(power_xy_m).query(places[["x_m", "y_m"]].to_numpy(float))[0]
    places = places[places["power_m"] <= masts.longest_power_m].reset_index(drop=True)
    places["height_m"] = masts.height_m
    places["seen_households"] = _seen_households(places, unserved, terrain, choices, threads)
    order = places.sort_values(
        ["seen_households", "ground_m"], ascending=False, kind="stable"
    ).index[: masts.most_places]
    places = places.loc[order].reset_index(drop=True)
    places = places[places["seen_households"] > 0]
    places["capex_nok"] = (
        costs.new_mast_nok.likely_nok
        + masts.road_nok_per_m * (places["road_m"] - masts.included_m).clip(lower=0.0)
        + masts.power_nok_per_m * (places["power_m"] - masts.included_m).clip(lower=0.0)
    ).round(-3)
    places["yearly_opex_nok"] = costs.mast_opex_nok.likely_nok
    names = [f"forslag-{i + 1:03d}" for i in range(len(places))]
    places["site_id"] = pd.Series(names, index=places.index, dtype="str")
    columns = "site_id x_m y_m ground_m height_m road_m power_m seen_households capex_nok"
    return places[[*columns.split(), "yearly_opex_nok"]]


def _high_places(terrain: Terrain, road_xy_m: Floats, masts: MastChoices) -> pd.DataFrame:
    """Find the highest known land cell near a road in every block."""
    heights = terrain.heights_m[1:-1, 1:-1]
    rows, columns = heights.shape
    cell = terrain.cell_m
    column = np.floor((road_xy_m[:, 0] - terrain.west_m) / cell).astype(np.int64)
    row = np.floor((terrain.north_m - road_xy_m[:, 1]) / cell).astype(np.int64)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    away = np.ones(heights.shape, bool)
    away[row[inside], column[inside]] = False
    road_m = (
        ndimage.distance_transform_edt(away) * cell
        if inside.any()
        else np.full(heights.shape, np.inf)
    )
    allowed = road_m <= masts.longest_road_m
    if terrain.cell_class.size:
        allowed &= terrain.cell_class[1:-1, 1:-1] == LAND_CELL
    size = max(1, round(masts.block_m / cell))
    high_row, high_column = _highest_in_blocks(np.where(allowed, heights, -np.inf), size)
    return pd.DataFrame(
        {
            "x_m": terrain.west_m + (high_column + 0.5) * cell,
            "y_m": terrain.north_m - (high_row + 0.5) * cell,
            "ground_m": heights[high_row, high_column].astype(float),
            "road_m": road_m[high_row, high_column],
        }
    )


def _highest_in_blocks(
    heights: NDArray[np.float32], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give row and column of the highest cell of each block that has one."""
    rows, columns = heights.shape
    padded = np.pad(heights, ((0, -rows % size), (0, -columns % size)), constant_values=-np.inf)
    down, across = padded.shape[0] // size, padded.shape[1] // size
    blocks = padded.reshape(down, size, across, size).swapaxes(1, 2).reshape(down, across, -1)
    best = blocks.argmax(axis=2)
    has_one = np.isfinite(np.take_along_axis(blocks, best[:, :, None], axis=2)[:, :, 0])
    block_row, block_column = np.nonzero(has_one)
    best = best[has_one]
    return block_row * size + best // size, block_column * size + best % size


def _seen_households(
    places: pd.DataFrame,
    unserved: pd.DataFrame,
    terrain: Terrain,
    choices: RadioChoices,
    threads: int,
) -> Floats:
    """Count the unserved households in line of sight of each place, within range."""
    pairs = pairs_in_range(places, unserved, choices.link.longest_m)
    paths = trace_pairs(places, unserved, pairs, terrain, choices.link, threads=threads)
    seen = unserved["households"].to_numpy(float)[pairs[1]] * paths.line_of_sight
    return np.bincount(pairs[0], weights=seen, minlength=len(places)).astype(np.float64)
