"""Choose build years: prices, search and the exact solver on what is left, with one proof."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import numpy as np

from bredband.errors import PlanError
from bredband.rollout import clash, highs
from bredband.rollout.constraints import stack
from bredband.rollout.core import solve_core
from bredband.rollout.greedy import as_priced, by_price, fill
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import (
    Relaxation,
    best_prices,
    coupling_rows,
    forest_of,
    linear_prices,
    relax,
)
from bredband.rollout.model import (
    Answer,
    Bools,
    Ints,
    Problem,
    overuse,
    tightened,
)
from bredband.rollout.race import race
from bredband.rollout.yearly import by_years

LARGEST_WHOLE = 20_000
"""Up to so many unknowns the prices come from the linear program, and the search is worth it."""

FIRST_WORK = 60
"""Work on the one core that is tried first in a small county; then the race may be better."""

LUMPY_GAP = 0.002
"""A gap that remains after them shows the lumpy regime, where the race pays."""

CORE_WORK = 300
"""A core that leaves something out is given up after so much work of the solver."""

LAST_RESORT_S = 120.0
"""Time beyond the limit to find any plan at all, or to prove that there is none."""

FIRST_CORE = 0.75
"""Free choices per work in the first core; one that is proved but too narrow grows fourfold."""

SMALLEST_CORE, LARGEST_CORE = 150, 600
"""The first core has so many free choices at least, and at most, whatever the works."""


def solve(
    problem: Problem, *, target_gap_share: float, time_limit_s: float, start: Ints | None = None
) -> Answer:
    """Find the best choice of build years, and prove how good it is.

    Parameters
    ----------
    target_gap_share
        Stop when the bound is no further than this above the plan.
    start
        A known plan to improve on, such as that of a neighbouring budget.

    Raises
    ------
    PlanError
        If no plan can meet the constraints, or none was found in time.
    """
    begun = time.perf_counter()
    ends = begun + time_limit_s
    allowed = open_years(problem)
    if not len(allowed):
        return Answer(np.empty(0, dtype=np.int64), 0.0, 0.0, 0.0, highs.version())
    if not allowed.any(axis=1).all():
        raise clash.explain(problem)
    relaxation = price(problem, allowed)
    known = Known(None, -np.inf, relaxation.bound).with_plan(problem, start)
    anytime = np.zeros_like(problem.committed)
    known = known.with_plan(problem, fill(problem, by_price(relaxation), anytime, allowed))
    known = known.with_plan(problem, as_priced(problem, relaxation, allowed))
    aim = _Aim(target_gap_share, ends, CORE_WORK, None)
    small = allowed.size <= LARGEST_WHOLE
    if small and known.gap_share > target_gap_share:
        known = by_years(
            problem,
            relaxation,
            allowed,
            known,
            target_gap_share=target_gap_share,
            time_limit_s=time_limit_s,
        )
    if small:
        first = aim._replace(work=FIRST_WORK, cores=1)
        known = _cores(problem, relaxation, allowed, known, first)
    if small and known.gap_share > max(target_gap_share, LUMPY_GAP):
        known = race(
            problem, relaxation, allowed, known, target_gap_share=target_gap_share, ends_s=ends
        )
    else:
        known = _cores(problem, relaxation, allowed, known, aim)
    if known.built is None:
        known = _any_plan(problem, allowed, known)
    if known.built is None:
        raise PlanError(
            f"løseren fant ingen plan på {time_limit_s + LAST_RESORT_S:.0f} sekunder, men har heller ikke vist "
            "at det ikke finnes noen.",
            advice="Gi løseren mer tid (time_limit_s), øk rammene eller ta bort krav.",
        )
    return Answer(
        known.built,
        known.objective,
        known.bound,
        time.perf_counter() - begun,
        f"bredband med {highs.version()}",
    )


def _any_plan(problem: Problem, allowed: Bools, known: Known) -> Known:
    """Look only for a plan that holds, beyond the time limit: better a late plan than none."""
    nothing = replace(problem, value=np.zeros(problem.shape))
    found = solve_core(
        nothing, stack(problem), allowed, start=None, gap_share=0.0, time_limit_s=LAST_RESORT_S
    )
    if found.infeasible:
        raise clash.explain(problem)
    return known.with_plan(problem, found.built)


def open_years(problem: Problem) -> Bools:
    """Mark the years each work may have, shape (works, years + 1), the last column for never."""
    works, years = problem.shape
    allowed = np.ones((works, years + 1), dtype=np.bool_)
    allowed[problem.barred, :years] = False
    allowed[problem.required, years] = False
    decided = np.flatnonzero(problem.committed >= 0)
    allowed[decided] &= np.arange(years + 1) == problem.committed[decided, None]
    return allowed


def price(problem: Problem, allowed: Bools) -> Relaxation:
    """Find the prices that give the lowest bound, by the way that is quickest for the size."""
    forest, coupling = forest_of(problem), coupling_rows(problem)
    if allowed.size <= LARGEST_WHOLE or len(coupling.lower) > 200:
        return relax(problem, forest, coupling, linear_prices(problem, coupling), allowed)
    return best_prices(problem, forest, coupling, allowed)


class _Aim(NamedTuple):
    """When cores may stop: the gap is small enough, the clock shows it, so many are tried.

    ``work`` is what may be spent on one that leaves something out.
    """

    gap_share: float
    ends_s: float
    work: int
    cores: int | None


def _cores(
    problem: Problem, relaxation: Relaxation, allowed: Bools, known: Known, aim: _Aim
) -> Known:
    """Solve wider and wider cores; what ends each is work and not time, save at the very end."""
    lowered, rows = problem, stack(problem)
    works = problem.shape[0]
    slack = np.where(allowed, relaxation.slack, np.inf)
    ranked = np.sort(slack[np.isfinite(slack)])
    size = min(max(int(FIRST_CORE * works), SMALLEST_CORE), LARGEST_CORE)
    for tried in count():
        left_s = aim.ends_s - time.perf_counter()
        if known.gap_share <= aim.gap_share or left_s <= 0 or tried == aim.cores:
            break
        enough = relaxation.bound - known.objective
        width = min(float(ranked[min(works + size, len(ranked)) - 1]), enough)
        everything = width >= min(enough, float(ranked[-1]))
        core = allowed & (slack <= width + 1e-9 * abs(relaxation.bound))
        if known.built is not None:
            core[np.arange(works), known.built] = True
        found = solve_core(
            lowered,
            rows,
            core,
            start=known.built,
            gap_share=aim.gap_share if everything else aim.gap_share / 2,
            time_limit_s=left_s,
            talk=highs.Talk(most_work=None if everything and aim.cores is None else aim.work),
        )
        if lowered is problem:
            outside = -np.inf if everything else relaxation.bound - width
            known = known.with_bound(max(found.bound, outside, known.objective))
        if found.built is not None and any(over.any() for over in overuse(problem, found.built)):
            # The solver is exact to a share of a krone; the plan is exact to the krone.
            lowered = tightened(lowered, overuse(problem, found.built))
            rows = stack(lowered)
            continue
        known = known.with_plan(problem, found.built)
        if everything:
            if found.infeasible and known.built is None:
                raise clash.explain(problem)
            break
        size *= 4
    return known
