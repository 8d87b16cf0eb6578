"""Choose which masts to raise: the households each would reach, and the best few for the money.

The choice is the maximal covering location problem (Church and ReVelle 1974), solved on HiGHS
with its bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, sparse

from bredband import tables
from bredband.errors import PlanError, ScenarioError
from bredband.grid import WORKING_CRS
from bredband.radio import link as budgeting
from bredband.radio.profile import Terrain
from bredband.radio.signals import pairs_in_range, path_loss_db, trace_pairs
from bredband.scenario.radio import RadioChoices

_PATIENCE_S = 30.0
"""The choice of masts is what the solver has found by then, with its bound."""


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
        Bound less found, over found; 1 when only the found is 0.
    solver, status
        How it was found.
    """

    chosen: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    households: float
    bound_households: float
    gap_share: float
    solver: str
    status: str


def reach_of_masts(
    masts: pd.DataFrame,
    premises: pd.DataFrame,
    terrain: Terrain,
    choices: RadioChoices,
    *,
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

    Raises
    ------
    ScenarioError
        If the band cannot give anybody that speed.
    """
    band, budget = choices.bands[choices.masts.band], choices.link
    highest = float(budgeting.speed_mbps(band, budget, 60.0, layers=2.0))
    if highest < down_mbps:
        raise ScenarioError(
            f"båndet {choices.masts.band} gir høyst {highest:.0f} Mbit/s til én kunde alene, og "
            f"målet er {down_mbps:g}: ingen ny mast kan nå det.",
            advice="Velg et bredere bånd som 26000 i [radio.masts] band, senk target.down_mbps, "
            "eller slå av propose_masts.",
        )
    mast, home = pairs_in_range(masts, premises, budget.longest_m)
    paths = trace_pairs(masts, premises, (mast, home), terrain, budget, threads=threads)
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
    weight = premises["households"].to_numpy(float)
    mast_count, home_count = len(masts), len(premises)
    mast = pd.Index(masts["site_id"]).get_indexer(pd.Index(reach["site_id"]))
    home = pd.Index(premises["premises_id"]).get_indexer(pd.Index(reach["premises_id"]))
    covers = sparse.csr_array((np.ones(len(reach)), (home, mast)), shape=(home_count, mast_count))
    if mast_count == 0 or len(reach) == 0:
        nothing = np.zeros(mast_count, bool), np.zeros(home_count, bool)
        return Choice(*nothing, 0.0, 0.0, 0.0, "HiGHS", "optimal")
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
        options={"time_limit": _PATIENCE_S, "mip_rel_gap": 0.0},
    )
    if answer.x is None or answer.mip_dual_bound is None:
        raise PlanError(
            f"fant ikke noe valg av master på {_PATIENCE_S:.0f} s.",
            advice="Senk most_places under [radio.masts].",
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
        gap_share=(bound - found) / found if found > 0.0 else float(bound > 0.0),
        solver="HiGHS",
        status="optimal" if answer.status == 0 else "time_limit",
    )


def list_candidates(
    masts: pd.DataFrame, premises: pd.DataFrame, reached: pd.DataFrame, choice: Choice
) -> gpd.GeoDataFrame:
    """Lay masts out with what each costs and whom it alone would reach, the cheapest first.

    Parameters
    ----------
    masts
        ``site_id``, ``kind``, ``name``, ``x_m``, ``y_m``, ``height_m``, ``road_m`` and
        ``power_m`` (NaN where not known), ``capex_nok``, ``yearly_opex_nok``.
    premises
        ``premises_id``, ``households`` of those who lack an offer.
    reached
        From `reach_of_masts`.
    choice
        From `choose_masts`.

    Returns
    -------
    The table ``mast_candidates``: masts that reach nobody are left out.
    """
    households = premises.set_index("premises_id")["households"]
    weight = households.reindex(reached["premises_id"]).to_numpy()
    sums = pd.DataFrame({"premises": 1, "households": weight}).groupby(
        reached["site_id"].to_numpy()
    )
    counts = sums.sum().reindex(masts["site_id"]).fillna(0).astype("int64").set_axis(masts.index)
    frame = masts.assign(
        premises=counts["premises"],
        households=counts["households"],
        capex_nok=masts["capex_nok"].round().astype("int64"),
        yearly_opex_nok=masts["yearly_opex_nok"].round().astype("int64"),
        chosen=choice.chosen,
    )
    frame = frame[frame["premises"] > 0]
    per_household = frame["capex_nok"] / frame["households"].clip(lower=1)
    frame = frame.loc[per_household.sort_values(kind="stable").index].reset_index(drop=True)
    points = gpd.points_from_xy(frame["x_m"], frame["y_m"])
    names = tables.TABLES["mast_candidates"].column_names
    return gpd.GeoDataFrame(frame[names], geometry=points, crs=WORKING_CRS)
