"""Two searches at once for the lumpy regime: one proves, one finds, and each hears the other.

Where few areas fit in a year, the linear bound is a per cent or more away, and what closes it is
branching and cuts on the whole problem. That is left to HiGHS in a thread of its own. Meanwhile
this thread looks for plans, by annealing and by choosing parts of the best plan anew
(a large-neighbourhood search, Shaw 1998). HiGHS is handed every better plan, which cuts its tree,
and its own plans are where the next part is chosen. So neither the plan nor the bound is worse
than what HiGHS alone would give in the same time on a core of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np

from bredband.errors import PlanError
from bredband.rollout import clash
from bredband.rollout.constraints import stack
from bredband.rollout.core import CoreAnswer, solve_core
from bredband.rollout.highs import Talk
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import Relaxation
from bredband.rollout.model import Bools, Ints, Problem
from bredband.rollout.search import anneal

PATIENCE = 30
"""Parts chosen anew without gain before the next walk from scratch."""

GOOD_SHARE = 0.01
"""A choice that costs more than this share of the bound at the prices is not tried."""

WINDOW_YEARS = 4
"""Years in a row that are chosen anew together: neighbours exchange areas at little loss."""

SHORTEST_MOVES, LONGEST_MOVES = 100_000, 3_000_000
"""Moves of the first walk; each is four times as long as the one before, up to the longest."""


class _Board:
    """The best plan that either search knows, and the bound; guarded by a lock."""

    def __init__(self, problem: Problem, known: Known, target_gap_share: float) -> None:
        self._problem = problem
        self._target = target_gap_share
        self._lock = threading.Lock()
        self._news: Ints | None = None
        self.known = known
        self.is_over = False

    def found(self, built: Ints | None) -> bool:
        """Take over a plan if it is better, and keep it for the prover; tells if it was."""
        with self._lock:
            before = self.known.objective
            self.known = self.known.with_plan(self._problem, built)
            better = self.known.objective > before
            self._news = self.known.built if better else self._news
        return better

    def proved(self, built: Ints) -> None:
        """Take over a plan of the prover's own."""
        with self._lock:
            self.known = self.known.with_plan(self._problem, built)

    def news(self) -> Ints | None:
        """Hand the prover a plan it has not seen, once."""
        with self._lock:
            plan, self._news = self._news, None
        return plan

    def bounded(self, bound: float) -> bool:
        """Take over a bound; tells whether the prover may stop."""
        with self._lock:
            if np.isfinite(bound):
                self.known = self.known.with_bound(bound)
            self.is_over = self.is_over or self.known.gap_share <= self._target
        return self.is_over


def race(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    known: Known,
    *,
    target_gap_share: float,
    ends_s: float,
) -> Known:
    """Prove and search at once until the gap is small enough or the clock shows ``ends_s``.

    Parameters
    ----------
    relaxation
        The bound from prices; what it shows to be in no better plan is left out.
    allowed
        The years open for each work, shape (works, years + 1).
    known
        What is known at the start; ``built`` may be None.
    ends_s
        When to stop, on the clock of ``time.perf_counter``.

    Raises
    ------
    PlanError
        If no plan can meet the constraints.
    """
    board = _Board(problem, known, target_gap_share)
    answers: list[CoreAnswer] = []

    def prove() -> None:
        try:
            answers.append(
                solve_core(
                    problem,
                    stack(problem),
                    _not_ruled_out(relaxation, allowed, known),
                    start=known.built,
                    gap_share=target_gap_share,
                    time_limit_s=ends_s - time.perf_counter(),
                    talk=Talk(board.news, board.proved, board.bounded),
                )
            )
        finally:
            board.is_over = True

    prover = threading.Thread(target=prove)
    prover.start()
    try:
        for built in _tries(problem, relaxation, allowed, board, ends_s):
            board.found(built)
            if board.is_over or time.perf_counter() >= ends_s:
                break
    finally:
        board.is_over = True
        prover.join()
    if not answers:
        raise PlanError("løseren stanset uten svar.", advice="Kjør på nytt.")
    if answers[0].infeasible and board.known.built is None:
        raise clash.explain(problem)
    result = board.known.with_plan(problem, answers[0].built)
    return result.with_bound(max(answers[0].bound, result.objective))


def _not_ruled_out(relaxation: Relaxation, allowed: Bools, known: Known) -> Bools:
    """Leave out every choice whose slack exceeds the gap: it is in no better plan."""
    if known.built is None:
        return allowed
    enough = relaxation.bound - known.objective + 1e-9 * abs(relaxation.bound)
    kept = allowed & (relaxation.slack <= enough)
    kept[np.arange(len(kept)), known.built] = True
    return kept


def _tries(
    problem: Problem, relaxation: Relaxation, allowed: Bools, board: _Board, ends_s: float
) -> Iterator[Ints | None]:
    """Give plans without end: walks from scratch, and between them parts chosen anew."""
    random = np.random.default_rng(0)
    started_s = time.perf_counter()
    moves, seed = SHORTEST_MOVES, 0
    start, tried = _where_to_walk(problem, relaxation, allowed)
    while True:
        yield anneal(problem, start, tried, moves=moves, seed=seed)[0]
        moves, seed = min(moves * 4, LONGEST_MOVES), seed + 1
        idle = 0
        while board.known.built is not None and idle < PATIENCE:
            before = board.known.objective
            part = _part(problem, relaxation, allowed, board.known.built, random)
            left_s = ends_s - time.perf_counter()
            yield solve_core(
                problem,
                stack(problem),
                part,
                start=board.known.built,
                gap_share=1e-4,
                time_limit_s=min((ends_s - started_s) / 12, left_s),
                talk=Talk(lambda: None, lambda _: None, lambda _: board.is_over),
            ).built
            idle = 0 if board.known.objective > before else idle + 1


def _where_to_walk(problem: Problem, relaxation: Relaxation, allowed: Bools) -> tuple[Ints, Bools]:
    """Give the start of a walk, with as little as possible built, and the choices worth trying."""
    never = problem.shape[1]
    tried = allowed & (relaxation.slack <= GOOD_SHARE * abs(relaxation.bound))
    tried[:, never] |= allowed[:, never]
    tried[~tried.any(axis=1)] = allowed[~tried.any(axis=1)]
    return np.where(allowed[:, never], never, relaxation.built), tried


def _part(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    built: Ints,
    random: np.random.Generator,
) -> Bools:
    """Draw what to choose anew: some years in a row, with all that is not built."""
    works, never = problem.shape
    good = allowed & (relaxation.slack <= GOOD_SHARE * abs(relaxation.bound))
    width = min(WINDOW_YEARS, never)
    first = random.integers(never - width + 1)
    drawn = np.zeros(never + 1, dtype=np.bool_)
    drawn[first : first + width] = True
    drawn[never] = True
    part = good & drawn & drawn[built][:, None]
    part[np.arange(works), built] = True
    return part
