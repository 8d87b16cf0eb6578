"""The plan as a table: areas and settings in, the schedule and its proof out."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.plan import ALTERNATIVE_OF, Proof
from bredband.rollout.model import (
    Answer,
    Bools,
    Ints,
    Problem,
    Promise,
    overuse,
    value_of,
    without_idle_feeders,
)
from bredband.rollout.optimum import solve
from bredband.rollout.robustness import draws_of, prudent
from bredband.rollout.statement import (
    UPGRADE,
    counted_households,
    household_years,
    state,
    works_of,
)
from bredband.scenario.rollout import Commitment, Rollout


class Chosen(NamedTuple):
    """What is built when, how good that is known to be, and what gets fibre after radio."""

    schedule: gpd.GeoDataFrame
    proof: Proof
    upgrades: gpd.GeoDataFrame


def choose(
    areas: gpd.GeoDataFrame,
    settings: Rollout,
    alternatives: pd.DataFrame | None = None,
    lacking_draws: pd.DataFrame | None = None,
    bills: pd.DataFrame | None = None,
) -> Chosen:
    """Choose which areas are built in which year, and prove how good the choice is.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas and shared feeders.
    settings
        The ``rollout`` section of the scenario.
    alternatives
        The ``alternatives`` table: what else an area may get, such as radio now and fibre later.
    lacking_draws
        The table of that name: versions of the truth about coverage, for a plan made for draws.
    bills
        The table of that name: from where to where prices may go, for a plan made for draws.

    Returns
    -------
    schedule, proof, upgrades
        The tables of those names, and the objective with its bound.

    Raises
    ------
    PlanError
        If no plan can meet what the settings demand.
    """
    problem = state(areas, settings, alternatives)
    answer = _within(problem, settings, None)
    if settings.goal == "households_then_years":
        answer = _within(_earliest(problem, answer), settings, answer.built)
    works = works_of(areas, settings, alternatives)
    if settings.plan_for != "estimate":
        draws = draws_of(works, settings, lacking_draws, bills)
        answer = prudent(problem, works, settings, answer, draws)
    answer = without_double_building(works, problem, answer)
    later = (works["how"] == UPGRADE).to_numpy()
    return Chosen(
        schedule_of(areas, problem, answer.built, ~later),
        proof_of(answer, settings),
        schedule_of(areas, problem, answer.built, later),
    )


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
    reached = Promise("goal", "flest husstander", weighted, years - 1, most.objective * (1 - 1e-9))
    return replace(
        problem,
        value=household_years(weighted, years),
        promises=(*problem.promises, reached),
    )


def without_double_building(works: pd.DataFrame, problem: Problem, answer: Answer) -> Answer:
    """Lay fibre at once where radio and its upgrade have got the same year.

    Where that keeps the limits and counts for no less, it is the same plan with less waste.
    """
    row = {key: i for i, key in enumerate(zip(works["area_id"], works["how"], strict=True))}
    never = problem.shape[1]
    for i in np.flatnonzero((works["how"] == UPGRADE).to_numpy() & (answer.built < never)):
        ways = np.array([i, *(row[works["area_id"][i], how] for how in ("radio", "fibre"))])
        _, radio, fibre = ways
        decided = (problem.committed[ways] >= 0).any() or problem.barred[fibre]
        if decided or answer.built[radio] != answer.built[i]:
            continue
        built = answer.built.copy()
        built[ways] = never, never, answer.built[i]
        built = without_idle_feeders(problem, built)
        value = value_of(problem, built)
        if value >= answer.objective and not any(over.any() for over in overuse(problem, built)):
            answer = replace(answer, built=built, objective=value)
    return answer


def schedule_of(
    areas: gpd.GeoDataFrame, problem: Problem, built: Ints, among: Bools | None = None
) -> gpd.GeoDataFrame:
    """Write a choice of build years as the ``schedule`` table; ``among`` picks the works."""
    chosen = built < problem.shape[1]
    rows = np.flatnonzero(chosen if among is None else chosen & among)
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


def counted_years(
    areas: gpd.GeoDataFrame, alternatives: pd.DataFrame, settings: Rollout, chosen: Chosen
) -> float:
    """Sum the weighted household-years of a plan, with radio counted for what it counts."""
    works = works_of(areas, settings, alternatives)
    worth = dict(
        zip(
            zip(works["area_id"], works["how"], strict=True),
            counted_households(works, settings),
            strict=True,
        )
    )
    kind = dict(zip(areas["area_id"], areas["kind"], strict=True))
    years = [
        (
            row.area_id,
            ALTERNATIVE_OF[row.technology] if kind[row.area_id] == "area" else "fibre",
            row.build_year,
        )
        for row in chosen.schedule.itertuples()
    ]
    years += [(row.area_id, UPGRADE, row.build_year) for row in chosen.upgrades.itertuples()]
    end = settings.years[-1] + 1
    return float(sum(worth[area, how] * (end - year) for area, how, year in years))


def proof_of(answer: Answer, settings: Rollout) -> Proof:
    """Write how good an answer is known to be; kroner are positive though the solver saves them."""
    saves = settings.goal == "least_grant"
    gap_share = answer.gap_share
    if settings.plan_for != "estimate":
        status = "robust"
    elif gap_share <= 1e-6:
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
        gap_share=gap_share if np.isfinite(gap_share) else None,
        solver=answer.solver,
        kind="rollout",
    )


def freeze(
    settings: Rollout,
    schedule: pd.DataFrame,
    *,
    before_year: int,
    upgrades: pd.DataFrame | None = None,
) -> Rollout:
    """Hold what an earlier plan builds before a year, so that a new plan changes only the rest.

    Radio stays radio; an upgrade is held only if it comes before the year as well. What the
    scenario itself commits goes before what the earlier plan says. What the earlier plan built
    before this one begins is coverage now, and not held.
    """
    own = {(one.area_id, one.alternative) for one in settings.committed}
    ways = [(schedule, None)] if upgrades is None else [(schedule, None), (upgrades, UPGRADE)]
    held = [
        Commitment.model_validate(
            {
                "area_id": area,
                "year": year,
                "alternative": how or ALTERNATIVE_OF.get(technology, "fibre"),
            }
        )
        for table, how in ways
        for area, year, technology in zip(
            table["area_id"].astype(str),
            table["build_year"].astype(int),
            table["technology"].astype(str),
            strict=True,
        )
        if settings.first_year <= year < before_year
    ]
    new = tuple(one for one in held if (one.area_id, one.alternative) not in own)
    return settings.model_copy(update={"committed": (*settings.committed, *new)})
