"""«Why not my hamlet?» What an area lacks to be built, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.errors import PlanError
from bredband.rollout.budgets import moves
from bredband.rollout.model import Answer, Problem, Promise
from bredband.rollout.optimum import open_years, price, solve
from bredband.rollout.statement import UPGRADE, first_built, state, works_of
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
        Feeders and masts that must be built before it and are not in the plan.
    grant_nok
        Grant of the area and of the feeders and masts it lacks.
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


def why(
    areas: gpd.GeoDataFrame,
    settings: Rollout,
    area_id: str,
    alternatives: pd.DataFrame | None = None,
) -> Why:
    """Find what an area lacks to be built, from the prices and from a plan with it forced in.

    Of the ways in which the area may be built (``alternatives``), the one that is nearest to pay
    at the prices is told of.

    Raises
    ------
    PlanError
        If the area does not exist.
    """
    problem = state(areas, settings, alternatives)
    works = works_of(areas, settings, alternatives)
    ways = np.flatnonzero((works["area_id"] == area_id) & (works["how"] != UPGRADE))
    if not len(ways):
        raise PlanError(
            f"området «{area_id}» finnes ikke.",
            advice="Skriv navnet som i dokumentet, eller id-en som på kartet og i plan.gpkg.",
        )
    answer = _solve(problem, settings, None)
    years = problem.shape[1]
    first = int(answer.built[ways].min())
    if first < years:
        return _built(area_id, problem.years[first])
    row = _nearest(problem, ways)
    chain = [i for i in _chain(problem, row) if answer.built[i] >= years]
    grant = sum(limit.use[:, -1] for limit in problem.limits if limit.is_grant)
    needed_nok = int(sum(np.asarray(grant)[i] for i in chain))
    opened = replace(problem, barred=problem.barred & ~_rows(problem, [*chain, *ways]))
    missing, price_per_nok, worth = _shortfall(opened, row)
    loss, with_it = _forced(opened, settings, ways, answer)
    cheaper_nok = missing / price_per_nok if price_per_nok > 0 else np.inf
    return Why(
        area_id=area_id,
        build_year=None,
        barred=bool(problem.barred[chain].any()),
        first=tuple(dict.fromkeys(str(problem.area_id[i]) for i in chain if i not in ways)),
        grant_nok=needed_nok,
        entering_grant_nok=max(needed_nok - cheaper_nok, 0.0),
        entering_weight=1 + missing / worth if worth > 0 else np.inf,
        entering_budget_share=_entering_share(opened, row),
        loss_household_years=loss,
        pushed=_pushed(areas, works, problem, (answer.built, with_it), area_id),
    )


def _built(area_id: str, year: int) -> Why:
    """Tell of an area that is in the plan: it lacks nothing."""
    nobody = np.empty(0, dtype=np.int64)
    return Why(
        area_id=area_id,
        build_year=year,
        barred=False,
        first=(),
        grant_nok=0,
        entering_grant_nok=0.0,
        entering_weight=1.0,
        entering_budget_share=0.0,
        loss_household_years=0.0,
        pushed=moves(pd.Series([], dtype="object"), (year,), nobody, nobody),
    )


def _nearest(problem: Problem, ways: np.ndarray) -> int:
    """Take the way to build an area that loses least at the prices, were all of them open."""
    needed = [i for way in ways for i in _chain(problem, int(way))]
    opened = replace(problem, barred=problem.barred & ~_rows(problem, needed))
    slack = price(opened, open_years(opened)).slack
    return int(ways[slack[ways, :-1].min(axis=1).argmin()])


def _pushed(
    areas: gpd.GeoDataFrame,
    works: pd.DataFrame,
    problem: Problem,
    plans: tuple[np.ndarray, np.ndarray | None],
    area_id: str,
) -> pd.DataFrame:
    """List the other areas whose year changes from one plan to the other."""
    before, after = plans
    built = [first_built(works, plan) for plan in (before, before if after is None else after)]
    changed = moves(areas["area_id"], problem.years, *built)
    return changed[changed["area_id"] != area_id]


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
    lines += _entering(why)
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
            f"Tvinges det inn, taper planen {_loss(why.loss_household_years)}"
            + (f", og dette faller ut: {', '.join(out)}." if out else ".")
        )
    else:
        lines.append("Det kan ikke tvinges inn: rammene og kravene rommer det ikke.")
    return lines


def _entering(why: Why) -> list[str]:
    """Say at which grant, and at which weight, the area comes in; that it is close, where it is."""
    needed, entering = format_mnok(why.grant_nok), format_mnok(why.entering_grant_nok)
    if why.entering_grant_nok <= 0:
        lines = ["Med dagens rammer hjelper det ikke at området blir billigere (anslag)."]
    elif needed == entering:
        lines = ["Med dagens rammer kommer det med om det blir bare litt billigere (anslag)."]
    else:
        lines = [
            "Med dagens rammer kommer det med når tilskuddet det trenger, er nede i "
            f"{entering} (anslag fra prisene i planen)."
        ]
    if np.isfinite(why.entering_weight):
        times = format_decimal(why.entering_weight, 2)
        more = "bare litt mer" if times == format_decimal(1, 2) else f"{times} ganger så mye"
        lines.append(f"Teller husstandene {more}, kommer det med (anslag).")
    return lines


def _loss(household_years: float) -> str:
    if household_years < 0.5:
        return "nesten ingenting"
    whole = format_int(household_years)
    return "ett vektet husstandsår" if whole == "1" else f"{whole} vektede husstandsår"


def _solve(problem: Problem, settings: Rollout, start: np.ndarray | None) -> Answer:
    return solve(
        problem,
        target_gap_share=settings.target_gap_share,
        time_limit_s=settings.time_limit_s / 2,
        start=start,
    )


def _chain(problem: Problem, row: int) -> list[int]:
    """List a work and everything that must be built before it: feeders and masts."""
    chain = [row]
    for at in chain:
        above = problem.pairs[problem.pairs[:, 0] == at, 1]
        chain += [int(one) for one in above if one not in chain]
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
    problem: Problem, settings: Rollout, ways: np.ndarray, answer: Answer
) -> tuple[float, np.ndarray | None]:
    """Plan anew with the area in it by any of its ways; infinite loss if no plan can hold it."""
    gain = _rows(problem, [int(way) for way in ways]).astype(np.float64)
    last = problem.shape[1] - 1
    wanted = Promise("must_build", str(problem.area_id[ways[0]]), gain, last, 1.0)
    try:
        with_it = _solve(replace(problem, promises=(*problem.promises, wanted)), settings, None)
    except PlanError:
        return np.inf, None
    return max(answer.objective - with_it.objective, 0.0), with_it.built
