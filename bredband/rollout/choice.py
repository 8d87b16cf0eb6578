"""The plan as a table: areas and settings in, the schedule and its proof out."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.plan import Proof
from bredband.rollout.model import Answer, Ints, Problem, Promise
from bredband.rollout.optimum import solve
from bredband.rollout.statement import household_years, state
from bredband.scenario.rollout import Commitment, Rollout


def choose(
    areas: gpd.GeoDataFrame, settings: Rollout, alternatives: pd.DataFrame | None = None
) -> tuple[gpd.GeoDataFrame, Proof]:
    """Choose which areas are built in which year, and prove how good the choice is.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas and shared feeders.
    settings
        The ``rollout`` section of the scenario.
    alternatives
        Other technologies for some of the areas: rows like those of ``areas`` without geometry,
        each with the ``area_id`` it stands in for and its own technology, money and feeder.

    Returns
    -------
    schedule, proof
        The ``schedule`` table, and the objective with its bound.

    Raises
    ------
    PlanError
        If no plan can meet what the settings demand.
    """
    problem = state(areas, settings, alternatives)
    answer = _within(problem, settings, None)
    if settings.goal == "households_then_years":
        answer = _within(_earliest(problem, answer), settings, answer.built)
    return schedule_of(areas, problem, answer.built), proof_of(answer, settings)


def _within(problem: Problem, settings: Rollout, start: Ints | None) -> Answer:
    return solve(
        problem,
        target_gap_share=settings.target_gap_share,
        time_limit_s=settings.time_limit_s,
        start=start,
    )


def _earliest(problem: Problem, most: Answer) -> Problem:
    """Ask for the most household-years among plans that reach as many households as a known one."""
    years = problem.shape[1]
    weighted = problem.value[:, 0]
    reached = Promise("flest husstander", weighted, years - 1, most.objective * (1 - 1e-9))
    return replace(
        problem,
        value=household_years(weighted, years),
        promises=(*problem.promises, reached),
    )


def schedule_of(areas: gpd.GeoDataFrame, problem: Problem, built: Ints) -> gpd.GeoDataFrame:
    """Write a choice of build years as the ``schedule`` table."""
    rows = np.flatnonzero(built < problem.shape[1])
    grant = sum(limit.use[rows, built[rows]] for limit in problem.limits if limit.is_grant)
    geometry = areas.set_index("area_id").geometry.reindex(problem.area_id[rows])
    return gpd.GeoDataFrame(
        {
            "area_id": problem.area_id[rows].astype("str"),
            "build_year": np.array(problem.years, dtype=np.int64)[built[rows]],
            "technology": problem.technology[rows].astype("str"),
            "grant_nok": np.asarray(grant, dtype=np.int64),
        },
        geometry=geometry.to_numpy(),
        crs=areas.crs,
    )


def proof_of(answer: Answer, settings: Rollout) -> Proof:
    """Write how good an answer is known to be; kroner are positive though the solver saves them."""
    saves = settings.goal == "least_grant"
    gap_share = answer.gap_share
    if gap_share <= 1e-6:
        status = "optimal"
    elif gap_share <= settings.target_gap_share:
        status = "within_target"
    else:
        status = "time_limit"
    return Proof(
        what="mill. kr tilskudd" if saves else "vektede husstandsår",
        status=status,
        objective=-answer.objective if saves else answer.objective,
        bound=-answer.bound if saves else answer.bound,
        gap_share=gap_share,
        solver=answer.solver,
    )


def freeze(settings: Rollout, schedule: pd.DataFrame, *, before_year: int) -> Rollout:
    """Hold what an earlier plan builds before a year, so that a new plan changes only the rest."""
    early = schedule[schedule["build_year"] < before_year]
    committed = tuple(
        Commitment(area_id=str(area), year=int(year))
        for area, year in zip(early["area_id"], early["build_year"], strict=True)
    )
    return settings.model_copy(update={"committed": committed})
