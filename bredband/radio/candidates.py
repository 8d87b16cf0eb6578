"""Propose where new masts could stand, and which of them to raise.

Places are the highest cells of the terrain near a road and near power. Which of them to build
is the maximal covering location problem (Church and ReVelle 1974), solved on HiGHS with its
bound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage, optimize, sparse
from scipy.spatial import cKDTree

from bredband.errors import InputError, PlanError
from bredband.radio import link as budgeting
from bredband.radio.link import LinkBudget, RadioBand
from bredband.radio.profile import Terrain, trace_paths
from bredband.radio.rays import LAND_CELL
from bredband.radio.sites import pairs_in_range, path_loss_db

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MastChoices:
    """Where a mast may stand and what it costs. Every price is an estimate (anslag).

    Attributes
    ----------
    height_m
        Height of a new mast.
    block_m
        One place at most is proposed in each square of this size.
    longest_road_m, longest_power_m
        Farther from a road, or from power, no mast is proposed.
    most_places
        Places kept, those that see most unserved households first.
    new_mast_nok, equipment_nok
        A new mast, and radio equipment on it (or on an existing mast).
    road_nok_per_m, power_nok_per_m
        Access road and power line from the nearest of each.
    yearly_opex_nok
        Rent, power and upkeep.
    """

    height_m: float = 30.0
    block_m: float = 500.0
    longest_road_m: float = 400.0
    longest_power_m: float = 1500.0
    most_places: int = 200
    new_mast_nok: float = 1_900_000.0
    equipment_nok: float = 600_000.0
    road_nok_per_m: float = 600.0
    power_nok_per_m: float = 400.0
    yearly_opex_nok: float = 90_000.0


@dataclass(frozen=True)
class Choice:
    """Which masts to raise, and the proof.

    Attributes
    ----------
    chosen
        True for masts to raise, one per candidate.
    covered
        True for premises that a chosen mast reaches.
    households
        Weight of the premises covered.
    bound_households
        No choice within the money covers more.
    gap_share
        Bound less found, over found.
    seconds_s, solver, status
        How it was found.
    """

    chosen: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    households: float
    bound_households: float
    gap_share: float
    seconds_s: float
    solver: str
    status: str


def propose_masts(
    terrain: Terrain,
    *,
    road_xy_m: Floats,
    power_xy_m: Floats,
    unserved: pd.DataFrame,
    choices: MastChoices | None = None,
    budget: LinkBudget | None = None,
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
    choices, budget = choices or MastChoices(), budget or LinkBudget()
    if len(road_xy_m) == 0 or len(power_xy_m) == 0:
        raise InputError(
            "Masts cannot be proposed without roads and points that have power.",
            advice="Read the roads and the premises first.",
        )
    places = _high_places(terrain, road_xy_m, choices)
    places["power_m"] = cKDTree(power_xy_m).query(places[["x_m", "y_m"]].to_numpy(float))[0]
    places = places[places["power_m"] <= choices.longest_power_m].reset_index(drop=True)
    places["seen_households"] = _seen_households(
        places, unserved, terrain, choices, budget, threads
    )
    order = places.sort_values(
        ["seen_households", "ground_m"], ascending=False, kind="stable"
    ).index[: choices.most_places]
    places = places.loc[order].reset_index(drop=True)
    places = places[places["seen_households"] > 0]
    places["height_m"] = choices.height_m
    places["capex_nok"] = (
        choices.new_mast_nok
        + choices.equipment_nok
        + choices.road_nok_per_m * places["road_m"]
        + choices.power_nok_per_m * places["power_m"]
    ).round(-3)
    places["yearly_opex_nok"] = choices.yearly_opex_nok
    places.insert(0, "site_id", [f"forslag-{i + 1:03d}" for i in range(len(places))])
    columns = "site_id x_m y_m ground_m height_m road_m power_m seen_households capex_nok"
    return places[[*columns.split(), "yearly_opex_nok"]]


def _high_places(terrain: Terrain, road_xy_m: Floats, choices: MastChoices) -> pd.DataFrame:
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
    allowed = road_m <= choices.longest_road_m
    if terrain.cell_class.size:
        allowed &= terrain.cell_class[1:-1, 1:-1] == LAND_CELL
    size = max(1, round(choices.block_m / cell))
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
    choices: MastChoices,
    budget: LinkBudget,
    threads: int,
) -> Floats:
    """Count the unserved households in line of sight of each place, within range."""
    place, home = pairs_in_range(places, unserved, budget.longest_m)
    paths = trace_paths(
        terrain,
        tx_x_m=places["x_m"].to_numpy(float)[place],
        tx_y_m=places["y_m"].to_numpy(float)[place],
        tx_height_m=choices.height_m,
        rx_x_m=unserved["x_m"].to_numpy(float)[home],
        rx_y_m=unserved["y_m"].to_numpy(float)[home],
        rx_height_m=budget.rx_height_m,
        longest_m=budget.longest_m,
        clutter_free_m=budget.clutter_free_m,
        threads=threads,
    )
    seen = unserved["households"].to_numpy(float)[home] * paths.line_of_sight
    return np.bincount(place, weights=seen, minlength=len(places)).astype(np.float64)


def reach_of_masts(
    masts: pd.DataFrame,
    premises: pd.DataFrame,
    terrain: Terrain,
    *,
    band: RadioBand,
    budget: LinkBudget | None = None,
    down_mbps: float,
    threads: int = 1,
) -> pd.DataFrame:
    """List the premises that each mast alone could give a speed, in the middle of a sector.

    Three sectors meet 3 dB below their best, so that is taken off everywhere; no interference
    (masts that are only proposed have no neighbours yet).

    Returns
    -------
    pandas.DataFrame
        ``site_id``, ``premises_id``, ``distance_m``, ``down_mbps``, ``margin_db``: one row per
        mast and premises that gets at least `down_mbps`.
    """
    budget = budget or LinkBudget()
    mast, home = pairs_in_range(masts, premises, budget.longest_m)
    paths = trace_paths(
        terrain,
        tx_x_m=masts["x_m"].to_numpy(float)[mast],
        tx_y_m=masts["y_m"].to_numpy(float)[mast],
        tx_height_m=masts["height_m"].to_numpy(float)[mast],
        rx_x_m=premises["x_m"].to_numpy(float)[home],
        rx_y_m=premises["y_m"].to_numpy(float)[home],
        rx_height_m=budget.rx_height_m,
        longest_m=budget.longest_m,
        clutter_free_m=budget.clutter_free_m,
        threads=threads,
    )
    received = budgeting.received_dbm(
        band, path_loss_db(band, budget, paths, threads=threads), -3.0
    )
    sinr = received - budgeting.noise_dbm(band.bandwidth_mhz, budget.noise_figure_db)
    speed = budgeting.speed_mbps(
        band,
        budget,
        sinr - budget.fade_margin_db,
        layers=np.where(paths.line_of_sight, 2.0, 1.0),
    )
    margin = (
        budgeting.rsrp_dbm(band, budget, received) - budget.outdoor_rsrp_dbm - budget.fade_margin_db
    )
    good = (speed >= down_mbps) & (margin >= 0.0)
    return pd.DataFrame(
        {
            "site_id": masts["site_id"].to_numpy()[mast[good]],
            "premises_id": premises["premises_id"].to_numpy()[home[good]],
            "distance_m": paths.distance_m[good],
            "down_mbps": speed[good],
            "margin_db": margin[good],
        }
    )


def choose_masts(
    masts: pd.DataFrame,
    premises: pd.DataFrame,
    reach: pd.DataFrame,
    *,
    money_nok: float,
    time_limit_s: float = 30.0,
) -> Choice:
    """Choose the masts that cover most households for the money.

    Maximise the sum of w_j y_j over premises j, where y_j <= sum of x_i over the masts i that
    reach j, the sum of c_i x_i <= money, x in {0, 1}, y in [0, 1].

    Parameters
    ----------
    masts
        ``site_id``, ``capex_nok``.
    premises
        ``premises_id``, ``households``.
    reach
        From `reach_of_masts`.
    money_nok
        What may be spent on masts.

    Raises
    ------
    PlanError
        If the solver ends without any answer.
    """
    started = time.perf_counter()
    weight = premises["households"].to_numpy(float)
    mast_count, home_count = len(masts), len(premises)
    mast = pd.Index(masts["site_id"]).get_indexer(pd.Index(reach["site_id"]))
    home = pd.Index(premises["premises_id"]).get_indexer(pd.Index(reach["premises_id"]))
    covers = sparse.csr_array((np.ones(len(reach)), (home, mast)), shape=(home_count, mast_count))
    if mast_count == 0 or len(reach) == 0:
        nothing = np.zeros(mast_count, bool), np.zeros(home_count, bool)
        return Choice(*nothing, 0.0, 0.0, 0.0, 0.0, "HiGHS", "optimal")
    capex_mnok = masts["capex_nok"].to_numpy(float) / 1e6
    reachable = sparse.hstack([-covers, sparse.eye_array(home_count)], format="csr")
    spent = sparse.csr_array(np.r_[capex_mnok, np.zeros(home_count)][None, :])
    answer: optimize.OptimizeResult = optimize.milp(
        np.r_[np.zeros(mast_count), -weight],
        integrality=np.r_[np.ones(mast_count), np.zeros(home_count)],
        bounds=optimize.Bounds(0.0, 1.0),
        constraints=[
            optimize.LinearConstraint(reachable, -np.inf, 0.0),
            optimize.LinearConstraint(spent, -np.inf, money_nok / 1e6),
        ],
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    if answer.x is None or answer.mip_dual_bound is None:
        raise PlanError(
            f"No choice of masts was found within {time_limit_s:.0f} s.",
            advice="Give it more time or fewer candidates.",
        )
    chosen = np.asarray(answer.x[:mast_count] > 0.5)
    covered = np.asarray(covers @ chosen > 0.0)
    found = float(weight[covered].sum())
    bound = max(found, -float(answer.mip_dual_bound))
    return Choice(
        chosen=chosen,
        covered=covered,
        households=found,
        bound_households=bound,
        gap_share=(bound - found) / found if found > 0.0 else 0.0,
        seconds_s=time.perf_counter() - started,
        solver="HiGHS",
        status="optimal" if answer.status == 0 else "time limit",
    )
