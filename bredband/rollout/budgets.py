"""What more or less money would give: the frontier, and one question about one year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.rollout.lagrangian import coupling_rows, forest_of, relax
from bredband.rollout.model import Floats, Ints, Limit, Problem
from bredband.rollout.optimum import open_years, price, solve
from bredband.rollout.statement import first_built, state, works_of
from bredband.scenario.rollout import Rollout

SHARES = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)
"""Budgets of the frontier, as shares of the scenario's own."""


def frontier(
    areas: gpd.GeoDataFrame,
    settings: Rollout,
    shares: Sequence[float] = SHARES,
    alternatives: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Solve the plan for several budgets in one run.

    A plan for less money starts the search for more, and the prices of every budget bound
    every other one, for the bound is a concave function of the money (LP duality).

    Returns
    -------
    table
        A row per budget and year, the smallest budget first: ``budget_nok`` (sum over all years),
        ``year``, ``spent_nok`` and ``households`` by the end of the year; and what is of the
        whole budget: ``weighted_household_years``, ``bound_household_years``, ``gap_share``;
        ``marginal_households`` is more households by the end of the year per million kroner
        since the budget before (empty in the first).
    """
    works = works_of(areas, settings, alternatives)
    whole = state(areas, settings, alternatives)
    problems = [_scaled(whole, share) for share in sorted(shares)]
    prices = [price(problem, open_years(problem)).prices for problem in problems]
    households = areas["households"].to_numpy(dtype=np.float64)
    rows = []
    start = None
    for problem in problems:
        answer = solve(
            problem,
            target_gap_share=settings.target_gap_share,
            time_limit_s=settings.time_limit_s / len(problems),
            start=start,
        )
        start = answer.built
        bound = max(min(answer.bound, _lowest_bound(problem, prices)), answer.objective)
        of_budget = {
            "budget_nok": sum(int(limit.allowed.sum()) for limit in _grants(problem)),
            "weighted_household_years": answer.objective,
            "bound_household_years": bound,
            "gap_share": replace(answer, bound=bound).gap_share,
        }
        spent = np.cumsum(_spent(problem, start))
        first = first_built(works, start)
        for index, year in enumerate(settings.years):
            reached = float(households[first <= index].sum())
            rows.append(
                {**of_budget, "year": year, "spent_nok": int(spent[index]), "households": reached}
            )
    table = pd.DataFrame(rows)
    by_year = table.groupby("year")
    more_mnok = by_year["budget_nok"].diff() / 1e6
    table["marginal_households"] = by_year["households"].diff() / more_mnok
    return table


def _spent(problem: Problem, built: Ints) -> Ints:
    """Sum the grant that is used in each year, shape (years,)."""
    spent = np.zeros(problem.shape[1], dtype=np.int64)
    for limit in _grants(problem):
        spent += replace(limit, carry_over=False).used(built)
    return spent


@dataclass(frozen=True)
class Extra:
    """What more money in one year gives, and where.

    ``moves`` has a row per area whose year changes: ``area_id``, ``year_before``, ``year_after``
    (empty where it is not built).
    """

    gained_household_years: float
    gained_households: float
    moves: pd.DataFrame


def with_more(
    areas: gpd.GeoDataFrame,
    settings: Rollout,
    *,
    year: int,
    amount_nok: float,
    alternatives: pd.DataFrame | None = None,
) -> Extra:
    """Answer «what would so much more in that year give, and where?» by solving both plans."""
    annual = list(settings.annual_grant_nok)
    annual[year - settings.first_year] += amount_nok
    more = settings.model_copy(update={"annual_grant_nok": tuple(annual)})
    plans = []
    start = None
    for choice in (settings, more):
        problem = state(areas, choice, alternatives)
        answer = solve(
            problem,
            target_gap_share=choice.target_gap_share,
            time_limit_s=choice.time_limit_s,
            start=start,
        )
        start = answer.built
        plans.append(answer)
    before, after = plans
    never = len(settings.years)
    works = works_of(areas, settings, alternatives)
    built = [first_built(works, plan.built) for plan in plans]
    households = areas["households"].to_numpy(dtype=np.float64)
    gained = households[built[1] < never].sum() - households[built[0] < never].sum()
    return Extra(
        gained_household_years=after.objective - before.objective,
        gained_households=float(gained),
        moves=moves(areas["area_id"], settings.years, *built),
    )


def moves(
    area_id: pd.Series, years: tuple[int, ...], before: np.ndarray, after: np.ndarray
) -> pd.DataFrame:
    """List the areas that two choices of build years treat differently."""
    calendar = np.append(np.array(years, dtype=np.float64), np.nan)
    changed = np.flatnonzero(before != after)
    return pd.DataFrame(
        {
            "area_id": area_id.to_numpy()[changed],
            "year_before": pd.array(calendar[before[changed]], dtype="Int64"),
            "year_after": pd.array(calendar[after[changed]], dtype="Int64"),
        }
    )


def _grants(problem: Problem) -> list[Limit]:
    return [limit for limit in problem.limits if limit.is_grant]


def _scaled(problem: Problem, share: float) -> Problem:
    limits = tuple(
        replace(
            limit,
            allowed=np.floor(limit.allowed * share).astype(np.int64),
            advance=np.floor(limit.advance * share).astype(np.int64),
        )
        if limit.is_grant
        else limit
        for limit in problem.limits
    )
    return replace(problem, limits=limits)


def _lowest_bound(problem: Problem, prices: Sequence[Floats]) -> float:
    forest, coupling, allowed = forest_of(problem), coupling_rows(problem), open_years(problem)
    return min(relax(problem, forest, coupling, one, allowed).bound for one in prices)
