"""«Why not my hamlet?» What an area lacks to be built, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.errors import PlanError
from bredband.rollout.budgets import moves
from bredband.rollout.lagrangian import forest_of
from bredband.rollout.model import Answer, Problem
from bredband.rollout.optimum import open_years, price, solve
from bredband.rollout.statement import state
from bredband.scenario.rollout import Rollout
from bredband.units import format_decimal, format_int, format_mnok, format_percent


@dataclass(frozen=True)
class Why:
    """Why an area is built when it is, or not at all.

    Attributes
    ----------
    build_year
        None if the area is not built.
    barred
        The scenario itself rules the area out.
    first
        Feeders that must be built before it and are not in the plan.
    grant_nok
        Grant of the area and of the feeders it lacks.
    entering_grant_nok
        The grant at which it would pay to build it, at the prices of the plan (anslag).
    entering_weight
        How many times its present weight its households must count to enter (anslag).
    entering_budget_share
        How much larger all budgets must be, as a share, before it enters (anslag); infinite
        if it does not at five times the money.
    loss_household_years
        What the plan loses if the area is forced in; the re-solve says so, not the prices.
        Infinite if no plan can hold it.
    pushed
        Areas that change years when it is forced in: area_id, year_before, year_after.
    """

    area_id: str
    build_year: int | None
    barred: bool
    first: tuple[str, ...]
    grant_nok: int
    entering_grant_nok: float
    entering_weight: float
    entering_budget_share: float
    loss_household_years: float
    pushed: pd.DataFrame


def why(areas: gpd.GeoDataFrame, settings: Rollout, area_id: str) -> Why:
    """Find what an area lacks to be built, from the prices and from a plan with it forced in.

    Raises
    ------
    PlanError
        If the area does not exist.
    """
    problem = state(areas, settings)
    found = np.flatnonzero(problem.area_id == area_id)
    if not len(found):
        raise PlanError(
            f"området «{area_id}» finnes ikke.",
            advice="Navnene (area_id) står i plan.gpkg, laget «areas», og på kartet.",
        )
    row = int(found[0])
    answer = _solve(problem, settings, None)
    years = problem.shape[1]
    built = answer.built[row] < years
    chain = [i for i in _chain(problem, row) if answer.built[i] >= years]
    grant = sum(limit.use[:, -1] for limit in problem.limits if limit.is_grant)
    needed_nok = int(sum(np.asarray(grant)[i] for i in chain)) if chain else 0
    opened = replace(problem, barred=problem.barred & ~_rows(problem, chain))
    missing, price_per_nok, worth = _shortfall(opened, row)
    loss, pushed = _forced(opened, settings, row, answer) if not built else (0.0, _nothing())
    cheaper_nok = missing / price_per_nok if price_per_nok > 0 else np.inf
    return Why(
        area_id=area_id,
        build_year=problem.years[answer.built[row]] if built else None,
        barred=bool(problem.barred[chain].any()) if chain else False,
        first=tuple(str(problem.area_id[i]) for i in chain if i != row),
        grant_nok=needed_nok,
        entering_grant_nok=max(needed_nok - cheaper_nok, 0.0),
        entering_weight=1 + missing / worth if worth > 0 else np.inf,
        entering_budget_share=0.0 if built else _entering_share(opened, row),
        loss_household_years=loss,
        pushed=pushed,
    )


def in_words(why: Why) -> list[str]:
    """Say it in Norwegian, a sentence each, ready for a terminal, a map or a letter."""
    if why.build_year is not None:
        return [f"{why.area_id} bygges i {why.build_year}."]
    lines = [f"{why.area_id} er ikke med i planen."]
    if why.barred:
        lines.append(
            "Scenariet utelukker området (must_not_build eller grensen per husstand); tallene "
            "under gjelder om det åpnes."
        )
    if why.first:
        lines.append(f"Før området kan bygges, må dette bygges: {', '.join(why.first)}.")
    included = ", medregnet dette" if why.first else ""
    lines.append(f"Området trenger {format_mnok(why.grant_nok)} i tilskudd{included}.")
    lines.append(
        "Med dagens rammer kommer det med når tilskuddet det trenger, er nede i "
        f"{format_mnok(why.entering_grant_nok)} (anslag fra prisene i planen)"
        + (
            f", eller når husstandene teller {format_decimal(why.entering_weight, 2)} ganger så mye."
            if np.isfinite(why.entering_weight)
            else "."
        )
    )
    if np.isfinite(why.entering_budget_share):
        lines.append(
            f"Med {format_percent(why.entering_budget_share, 0)} større rammer hvert år kommer det "
            "med (anslag)."
        )
    else:
        lines.append("Selv med fem ganger så store rammer kommer det ikke med.")
    if np.isfinite(why.loss_household_years):
        out = why.pushed[why.pushed["year_after"].isna()]["area_id"].tolist()
        lines.append(
            f"Tvinges det inn, taper planen {format_int(why.loss_household_years)} vektede "
            "husstandsår" + (f", og dette faller ut: {', '.join(out)}." if out else ".")
        )
    else:
        lines.append("Det kan ikke tvinges inn: rammene og kravene rommer det ikke.")
    return lines


def _solve(problem: Problem, settings: Rollout, start: np.ndarray | None) -> Answer:
    return solve(
        problem,
        target_gap_share=settings.target_gap_share,
        time_limit_s=settings.time_limit_s / 2,
        start=start,
    )


def _chain(problem: Problem, row: int) -> list[int]:
    feeder = forest_of(problem).feeder
    chain = [row]
    while feeder[chain[-1]] >= 0:
        chain.append(int(feeder[chain[-1]]))
    return chain


def _rows(problem: Problem, rows: list[int]) -> np.ndarray:
    mask = np.zeros(problem.shape[0], dtype=np.bool_)
    mask[rows] = True
    return mask


def _shortfall(problem: Problem, row: int) -> tuple[float, float, float]:
    """Give what building the area loses at the prices, the price of a krone, and its value."""
    relaxation = price(problem, open_years(problem))
    year = int(relaxation.slack[row, :-1].argmin())
    missing = float(relaxation.slack[row, year])
    years = problem.shape[1]
    per_nok, first = 0.0, 0
    for limit in problem.limits:
        if limit.is_grant and limit.use[row].any():
            later = slice(first + year, first + (years if limit.carry_over else year + 1))
            per_nok += float(relaxation.prices[later].sum()) / limit.unit
        first += years
    return missing, per_nok, float(problem.value[row, year])


def _entering_share(problem: Problem, row: int) -> float:
    """Bisect on the size of all grant budgets until the relaxed plan builds the area."""

    def enters(share: float) -> bool:
        limits = tuple(
            replace(limit, allowed=(limit.allowed * share).astype(np.int64))
            if limit.is_grant
            else limit
            for limit in problem.limits
        )
        richer = replace(problem, limits=limits)
        slack = price(richer, open_years(richer)).slack[row]
        return bool(slack[:-1].min() <= slack[-1])

    low, high = 1.0, 5.0
    if not enters(high):
        return np.inf
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if enters(middle) else (middle, high)
    return high - 1


def _forced(
    problem: Problem, settings: Rollout, row: int, answer: Answer
) -> tuple[float, pd.DataFrame]:
    forced = replace(problem, required=problem.required | _rows(problem, [row]))
    try:
        with_it = _solve(forced, settings, None)
    except PlanError:
        return np.inf, _nothing()
    names = pd.Series(problem.area_id)
    pushed = moves(names, problem.years, answer.built, with_it.built)
    return max(answer.objective - with_it.objective, 0.0), pushed[
        pushed["area_id"] != problem.area_id[row]
    ]


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({"area_id": [], "year_before": [], "year_after": []})
