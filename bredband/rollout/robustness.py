"""How a plan fares when prices and take-up turn out otherwise, and a plan made for that.

A draw multiplies the build price of every work and the take-up of every area. The operator's
and the local contributions are fixed sums, so the whole overrun falls on the grant. In a draw
the county builds in the order of its plan, each area in its year or in the first later year
with room: that is how a plan meets reality, and it never overruns a budget. The *regret* of a
plan in a draw is what it falls short of the best found there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import PlanError
from bredband.rollout.draws import Draws, draw, lacking, prices_of
from bredband.rollout.greedy import as_priced, by_price, fill
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import best_prices, coupling_rows, forest_of, relax
from bredband.rollout.model import (
    Answer,
    Bools,
    Floats,
    Ints,
    Problem,
    value_of,
    without_idle_feeders,
)
from bredband.rollout.optimum import open_years, price, solve
from bredband.rollout.statement import UPGRADE, state, works_of
from bredband.scenario.rollout import Rollout, Uncertainty

CONTINGENCIES = (0.0, 0.05, 0.10, 0.20)
"""Shares of the budgets that the candidate plans hold back."""

MOST_DRAWN_PLANS = 20
"""So many of the draws' own best plans are candidates too."""


@dataclass(frozen=True)
class Robustness:
    """What the draws say.

    Attributes
    ----------
    built_share
        Share of draws in which each area is built by the end of each year when the plan is
        carried out: a row per area, a column per year.
    best_built_share
        The same for the best plan of each draw: what one would build if one knew.
    candidates
        A row per candidate plan: ``contingency_share`` (empty for a draw's own plan),
        ``mean_household_years``, ``tail_household_years`` (mean of the worst draws, CVaR),
        ``highest_regret_share``, ``mean_regret_share``, ``overrun_probability`` (that the plan
        carried out to the letter costs more than its budgets), ``households`` (that get an offer
        if all goes as estimated) and ``price_households`` (how many fewer than in the plan that
        holds nothing back: the price of the contingency).
    plans
        The build year indices of the candidates, shape (candidates, works).
    """

    built_share: pd.DataFrame
    best_built_share: pd.DataFrame
    candidates: pd.DataFrame
    plans: Ints

    def chosen(self, by: str) -> Ints:
        """Take the candidate that is best by ``mean``, ``tail`` (CVaR) or ``regret``."""
        column, sign = {
            "mean": ("mean_household_years", 1),
            "tail": ("tail_household_years", 1),
            "regret": ("highest_regret_share", -1),
        }[by]
        row: Ints = self.plans[int((sign * self.candidates[column]).to_numpy().argmax())]
        return row


def assess(
    areas: gpd.GeoDataFrame,
    settings: Rollout,
    alternatives: pd.DataFrame | None = None,
    lacking_draws: pd.DataFrame | None = None,
    bills: pd.DataFrame | None = None,
) -> Robustness:
    """Try the plan, and plans with contingency, on seeded draws of price, take-up and truth.

    Parameters
    ----------
    areas, settings, alternatives
        As for ``choose``.
    lacking_draws
        The plan's table of that name; without it the coverage is taken as certain.
    bills
        The plan's table of that name: what the prices are made of, and from where to where each
        part may go; without it every price has the scenario's own triangle.
    """
    problem = state(areas, settings, alternatives)
    works = works_of(areas, settings, alternatives)
    draws = draws_of(works, settings, lacking_draws, bills)
    tried = _tried(problem, _worlds(problem, works, draws), settings)
    households = works["households"].to_numpy(np.float64) * (works["how"] != UPGRADE).to_numpy()
    reached = (households * (tried.plans < problem.shape[1])).sum(axis=1)
    table = tried.candidates.assign(households=reached, price_households=reached[0] - reached)
    return replace(tried, candidates=table)


def draws_of(
    works: pd.DataFrame,
    settings: Rollout,
    lacking_draws: pd.DataFrame | None,
    bills: pd.DataFrame | None,
) -> Draws:
    """Draw prices, take-up and truth for the rows of ``works_of``."""
    truth = None
    if lacking_draws is not None:
        truth = lacking(lacking_draws, works["area_id"].tolist(), settings.uncertainty)
    return draw(prices_of(works, settings.uncertainty, bills), settings.uncertainty, truth)


def prudent(
    problem: Problem, works: pd.DataFrame, settings: Rollout, plain: Answer, draws: Draws
) -> Answer:
    """Take the candidate plan that the draws like best, among those that keep every demand.

    With ``f(p, k)`` what plan p achieves in draw k when it is carried out, and ``b(k)`` the best
    known there, ``plan_for`` is ``max_p mean_k f``, the mean of the worst ``tail_share`` of the
    draws (CVaR), or ``min_p max_k (1 - f / b)``: a sample average approximation (Kleywegt,
    Shapiro and Homem-de-Mello 2002) over the candidates of :func:`assess`, not over all plans.

    Parameters
    ----------
    works
        The frame of ``works_of``, a row per work.
    plain
        The best plan for the estimate, which is a candidate; its bound bounds every other plan.
    draws
        From :func:`draws_of`.
    """
    tried = _tried(problem, _worlds(problem, works, draws), settings, plain.built)
    nothing = Known(None, -np.inf, plain.bound)
    holds = [nothing.with_plan(problem, built).built is not None for built in tried.plans]
    kept = replace(tried, candidates=tried.candidates[holds], plans=tried.plans[holds])
    built = without_idle_feeders(problem, kept.chosen(settings.plan_for))
    return replace(plain, built=built, objective=value_of(problem, built))


def _tried(
    problem: Problem, worlds: list[Problem], settings: Rollout, plain: Ints | None = None
) -> Robustness:
    """Carry out the candidates in every world; ``plain`` is the plan without contingency."""
    allowed = open_years(problem)
    best = _best_of_each(problem, worlds, allowed)
    plans = [_with_contingency(problem, settings, 0.0) if plain is None else plain]
    labels = [0.0]
    for share in CONTINGENCIES[1:]:
        try:
            plans.append(_with_contingency(problem, settings, share))
        except PlanError:
            break  # what is left does not pay for what the scenario demands
        labels.append(share)
    for built in best[:MOST_DRAWN_PLANS]:
        plans.append(built)
        labels.append(np.nan)
    achieved = np.array([[_carried_out(w, plan, allowed)[1] for w in worlds] for plan in plans])
    known = np.array([value_of(w, b) for w, b in zip(worlds, best, strict=True)])
    table = _judge(achieved, np.maximum(known, achieved.max(axis=0)), settings.uncertainty)
    table.insert(0, "contingency_share", labels)
    table["overrun_probability"] = [_overruns(worlds, plan) for plan in plans]
    happened = np.array([_carried_out(w, plans[0], allowed)[0] for w in worlds])
    return Robustness(
        built_share=_built_share(problem, happened),
        best_built_share=_built_share(problem, np.array(best)),
        candidates=table,
        plans=np.array(plans),
    )


def _worlds(problem: Problem, works: pd.DataFrame, draws: Draws) -> list[Problem]:
    """Make the problem of each draw; the multipliers act on the build price of each work."""
    capex_nok = works["capex_nok"].to_numpy(np.int64)
    return [
        _world(problem, capex_nok, cost, take_up)
        for cost, take_up in zip(draws.cost, draws.take_up, strict=True)
    ]


def _world(problem: Problem, capex_nok: Ints, cost: Floats, take_up: Floats) -> Problem:
    overrun = np.round(capex_nok * (cost - 1)).astype(np.int64)[:, None]
    limits = tuple(
        replace(limit, use=np.where(limit.use > 0, np.maximum(limit.use + overrun, 0), limit.use))
        if limit.is_grant
        else limit
        for limit in problem.limits
    )
    return replace(problem, limits=limits, value=problem.value * take_up[:, None])


def _best_of_each(problem: Problem, worlds: list[Problem], allowed: Bools) -> list[Ints]:
    """Find a good plan in every world; the prices of the plain problem start every search."""
    forest = forest_of(problem)
    prices = price(problem, allowed).prices
    anytime = np.zeros_like(problem.committed)
    plans = []
    for world in worlds:
        coupling = coupling_rows(world)
        here = best_prices(world, forest, coupling, allowed, rounds=25, first=prices)
        orders = [by_price(here), by_price(relax(world, forest, coupling, prices, allowed))]
        tried = [fill(world, order, anytime, allowed) for order in orders]
        tried.append(as_priced(world, here, allowed))
        plans.append(max(tried, key=lambda built, w=world: value_of(w, built)))  # type: ignore[misc]
    return plans


def _with_contingency(problem: Problem, settings: Rollout, share: float) -> Ints:
    limits = tuple(
        replace(limit, allowed=np.floor(limit.allowed * (1 - share)).astype(np.int64))
        if limit.is_grant
        else limit
        for limit in problem.limits
    )
    return solve(
        replace(problem, limits=limits),
        target_gap_share=max(settings.target_gap_share, 0.003),
        time_limit_s=min(settings.time_limit_s, 5.0),
    ).built


def _carried_out(world: Problem, plan: Ints, allowed: Bools) -> tuple[Ints, float]:
    """Build in the plan's order, each in its year or in the first later year with room."""
    order = np.lexsort((-world.value[:, 0], plan))
    order = order[plan[order] < world.shape[1]]
    built = fill(world, order, plan, allowed)
    return built, value_of(world, built)


def _judge(achieved: Floats, known: Floats, uncertainty: Uncertainty) -> pd.DataFrame:
    worst = max(round(uncertainty.tail_share * achieved.shape[1]), 1)
    regret = 1 - achieved / np.maximum(known, 1e-9)
    return pd.DataFrame(
        {
            "mean_household_years": achieved.mean(axis=1),
            "tail_household_years": np.sort(achieved, axis=1)[:, :worst].mean(axis=1),
            "highest_regret_share": regret.max(axis=1),
            "mean_regret_share": regret.mean(axis=1),
        }
    )


def _overruns(worlds: list[Problem], plan: Ints) -> float:
    """Count how often the plan to the letter costs more than all its years' money."""
    over = [
        any(int(m.used(plan).max()) > int(m.ceiling.max()) if m.carry_over
            else int(m.used(plan).sum()) > int(m.ceiling.sum()) for m in world.limits if m.is_grant)
        for world in worlds
    ]  # fmt: skip
    return float(np.mean(over))


def _built_share(problem: Problem, built: NDArray[np.int64]) -> pd.DataFrame:
    years = np.arange(problem.shape[1])
    share = (built[:, :, None] <= years).mean(axis=0)
    index = pd.Index(problem.area_id, name="area_id")
    return pd.DataFrame(share, index=index, columns=list(problem.years))
