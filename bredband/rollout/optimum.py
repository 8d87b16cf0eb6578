"""Choose build years: prices, search and the exact solver on what is left, with one proof."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from bredband.errors import PlanError
from bredband.rollout import clash, highs
from bredband.rollout.constraints import stack
from bredband.rollout.core import solve_core
from bredband.rollout.greedy import by_price, fill
from bredband.rollout.lagrangian import (
    Relaxation,
    best_prices,
    coupling_rows,
    forest_of,
    linear_prices,
    relax,
    roots_of,
)
from bredband.rollout.model import (
    Answer,
    Bools,
    Ints,
    Problem,
    overuse,
    tightened,
    value_of,
    without_idle_feeders,
)
from bredband.rollout.search import anneal

LARGEST_WHOLE = 20_000
"""Up to so many unknowns the prices come from the linear program, and the search is worth it."""

FIRST_SHARE = 0.15
"""Share of the time in which the cores alone may be enough; then the search may help them."""

PATIENCE = 60
"""Neighbourhoods without gain after which the polishing stops."""

LUMPY_GAP = 0.002
"""A gap that remains after that shows the lumpy regime, where the search pays."""

FIRST_CORE = 600
"""Free choices in the first core; a core that is proved but too narrow grows fourfold."""


@dataclass(frozen=True)
class _Known:
    """The best plan so far (None if none), what it is worth, and what no plan can exceed."""

    built: Ints | None
    objective: float
    bound: float

    def with_plan(self, problem: Problem, built: Ints | None) -> _Known:
        """Take over a plan if it is better and keeps every limit to the krone."""
        if built is None or any(amounts.any() for amounts in overuse(problem, built)):
            return self
        built = without_idle_feeders(problem, built)
        objective = value_of(problem, built)
        return (
            replace(self, built=built, objective=objective) if objective > self.objective else self
        )

    def with_bound(self, bound: float) -> _Known:
        """Take over a bound if it is sharper."""
        return replace(self, bound=max(min(self.bound, bound), self.objective))

    @property
    def gap_share(self) -> float:
        if self.built is None:
            return np.inf
        return (self.bound - self.objective) / max(abs(self.objective), 1e-9)


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
    known = _Known(None, -np.inf, relaxation.bound).with_plan(problem, start)
    quick = fill(problem, by_price(relaxation), np.zeros(len(allowed), dtype=np.int64), allowed)
    if keeps_demands(problem, quick):
        known = known.with_plan(problem, quick)
    first_s = begun + time_limit_s * FIRST_SHARE
    known = _cores(problem, relaxation, allowed, known, target_gap_share, first_s)
    if allowed.size <= LARGEST_WHOLE and known.gap_share > max(target_gap_share, LUMPY_GAP):
        known = _search(problem, relaxation, allowed, known, target_gap_share, ends)
        known = _polish(problem, relaxation, allowed, known, target_gap_share, ends)
    known = _cores(problem, relaxation, allowed, known, target_gap_share, ends)
    if known.built is None:
        raise PlanError(
            f"løseren fant ingen plan på {time_limit_s:.0f} sekunder, men har heller ikke vist at "
            "det ikke finnes noen.",
            advice="Gi løseren mer tid (time_limit_s), øk rammene eller ta bort krav.",
        )
    return Answer(
        known.built,
        known.objective,
        known.bound,
        time.perf_counter() - begun,
        f"bredband med {highs.version()}",
    )


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


def keeps_demands(problem: Problem, built: Ints) -> bool:
    """Tell whether a choice keeps all that a greedy fill may have left out."""
    years = problem.shape[1]
    decided = problem.committed >= 0
    return (
        bool((built[problem.required] < years).all())
        and bool((built[decided] == problem.committed[decided]).all())
        and all(
            float(promise.gain[built <= promise.year].sum()) >= promise.least - 1e-6
            for promise in problem.promises
        )
    )


def _search(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    known: _Known,
    target_gap_share: float,
    ends: float,
) -> _Known:
    """Anneal for a third of the time that is left, each walk from scratch, among good choices."""
    never = problem.shape[1]
    tried = allowed & (relaxation.slack <= 0.01 * abs(relaxation.bound))
    tried[:, never] |= allowed[:, never]
    tried[~tried.any(axis=1)] = allowed[~tried.any(axis=1)]
    start = np.where(allowed[:, never], never, relaxation.built)
    now = time.perf_counter()
    moves, seed, third = 100_000, 0, now + (ends - now) / 3
    while time.perf_counter() < third and known.gap_share > target_gap_share:
        built, _ = anneal(problem, start, tried, moves=moves, seed=seed)
        known = known.with_plan(problem, built)
        moves, seed = min(moves * 4, 3_000_000), seed + 1
    return known


def _polish(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    known: _Known,
    target_gap_share: float,
    ends: float,
) -> _Known:
    """Choose a part of the plan anew, all else held, for two thirds of the time that is left.

    A large-neighbourhood search (Shaw 1998). The part is either three years, with what is built
    in them and what is not built, or four in ten feeder trees in all years; it goes to the
    exact solver.
    """
    works, never = problem.shape
    random = np.random.default_rng(0)
    good = allowed & (relaxation.slack <= 0.015 * abs(relaxation.bound))
    rows = stack(problem)
    root = roots_of(forest_of(problem))
    now = time.perf_counter()
    stop = now + (ends - now) * 2 / 3
    idle = 0
    while known.built is not None and idle < PATIENCE and time.perf_counter() < stop:
        if known.gap_share <= target_gap_share:
            break
        if random.random() < 0.5:
            drawn = np.zeros(never + 1, dtype=np.bool_)
            drawn[random.choice(never, size=min(3, never), replace=False)] = True
            drawn[never] = True
            part = good & drawn & drawn[known.built][:, None]
        else:
            part = good & (random.random(works) < 0.4)[root][:, None]
        part[np.arange(works), known.built] = True
        found = solve_core(
            problem,
            rows,
            part,
            start=known.built,
            gap_share=1e-4,
            time_limit_s=min((ends - now) / 12, stop - time.perf_counter()),
        )
        before = known.objective
        known = known.with_plan(problem, found.built)
        idle = 0 if known.objective > before else idle + 1
    return known


def _cores(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    known: _Known,
    target_gap_share: float,
    ends: float,
) -> _Known:
    lowered, rows = problem, stack(problem)
    works = problem.shape[0]
    slack = np.where(allowed, relaxation.slack, np.inf)
    ranked = np.sort(slack[np.isfinite(slack)])
    size = FIRST_CORE
    while known.gap_share > target_gap_share and time.perf_counter() < ends:
        enough = relaxation.bound - known.objective
        width = min(float(ranked[min(works + size, len(ranked)) - 1]), enough)
        everything = width >= min(enough, float(ranked[-1]))
        core = allowed & (slack <= width + 1e-9 * abs(relaxation.bound))
        if known.built is not None:
            core[np.arange(works), known.built] = True
        left_s = ends - time.perf_counter()
        found = solve_core(
            lowered,
            rows,
            core,
            start=known.built,
            gap_share=target_gap_share if everything else target_gap_share / 2,
            time_limit_s=left_s if everything else left_s / 3,
        )
        if lowered is problem:
            outside = -np.inf if everything else relaxation.bound - width
            known = known.with_bound(max(found.bound, outside, known.objective))
        if found.built is not None and any(over.any() for over in overuse(problem, found.built)):
            # The solver is exact to a share of a krone; the plan is exact to the krone.
            lowered = tightened(lowered, overuse(problem, found.built))
            rows = stack(lowered)
            continue
        better = known.with_plan(problem, found.built)
        if everything:
            known = better
            if found.infeasible and known.built is None:
                raise clash.explain(problem)
            break
        known = better
        size *= 4
    return known
