"""What to build where and when under annual budgets, with a proven gap."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from bredband.plan import Proof
from bredband.rollout import exact
from bredband.rollout.model import Answer
from bredband.rollout.statement import state
from bredband.scenario.rollout import Rollout

__all__ = ["choose"]


def choose(areas: gpd.GeoDataFrame, settings: Rollout) -> tuple[gpd.GeoDataFrame, Proof]:
    """Choose which areas are built in which year, and prove how good the choice is.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas and shared feeders.
    settings
        The ``rollout`` section of the scenario.

    Returns
    -------
    schedule, proof
        The ``schedule`` table, and the objective with its bound in weighted household-years.

    Raises
    ------
    PlanError
        If no plan can meet what the settings demand.
    """
    problem = state(areas, settings)
    answer = exact.solve(
        problem,
        target_gap_share=settings.target_gap_share,
        time_limit_s=settings.time_limit_s,
    )
    return _schedule(areas, settings, answer), _proof(answer, settings)


def _schedule(areas: gpd.GeoDataFrame, settings: Rollout, answer: Answer) -> gpd.GeoDataFrame:
    rows = np.flatnonzero(answer.built < len(settings.years))
    columns = ["area_id", "technology", "grant_nok", "geometry"]
    schedule = areas.iloc[rows][columns].reset_index(drop=True)
    years = np.array(settings.years, dtype=np.int64)[answer.built[rows]]
    schedule.insert(1, "build_year", years)
    return schedule


def _proof(answer: Answer, settings: Rollout) -> Proof:
    difference = abs(answer.bound - answer.objective)
    gap_share = difference / abs(answer.objective) if answer.objective else float(difference > 0)
    if gap_share <= 1e-6:
        status = "optimal"
    elif gap_share <= settings.target_gap_share:
        status = "within_target"
    else:
        status = "time_limit"
    return Proof(
        what="vektede husstandsår",
        status=status,
        objective=answer.objective,
        bound=answer.bound,
        gap_share=gap_share,
        seconds_s=answer.seconds_s,
        solver=answer.solver,
    )
