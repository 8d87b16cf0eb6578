"""Two searches at once for the lumpy regime: one proves, one finds, and the prover hears the other.

Where few areas fit in a year, the linear bound is a per cent or more away, and what closes it is
branching and cuts on the whole problem. That is left to HiGHS in a thread of its own. Meanwhile
this thread looks for plans, by annealing and by choosing parts of the best plan anew
(a large-neighbourhood search, Shaw 1998). HiGHS is handed the better plans, which cuts its tree.

Who is ahead depends on the machine, and what is answered must not. So the search goes its own
way in *turns*, and the prover hears what a turn found at a fixed point of its own work; where it
gets there first, it waits. The prover alone says when the gap is small enough, and then the
answer is what it knew: the same plan and the same bound whatever the clock. Only when the time
is out is everything used that either has found.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import count

import numpy as np

from bredband.errors import PlanError
from bredband.rollout import clash
from bredband.rollout.constraints import stack
from bredband.rollout.core import CoreAnswer, solve_core
from bredband.rollout.highs import Talk
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import Relaxation
from bredband.rollout.model import Bools, Ints, Problem
from bredband.rollout.search import HOT, anneal

PACE = 100
"""So much work of the prover entitles it to hear of one more turn of the search.

A turn costs more the more works there are. At 10 the prover of a county with 559 works waited for
turns four fifths of the time; in lumpy counties of 200 works the answers are the same at 10 and 100.
"""

PART_WORK = 150
"""A part of a plan is given up after so much work of the solver."""

PATIENCE = 6
"""Parts of a plan chosen anew without gain before the next walk."""

FRESH = 4
"""Every so many walks starts with nothing built; the others start from the best plan."""

WARM = (0.05, 0.15)
"""First temperature of a walk from the best plan: too cold to forget it, too hot to stay."""

NARROW, WIDE = 0.75, 1.5
"""Choices that are tried, per work and beside the first: those that cost least at the prices.

In lumpy counties the best known plans hold only choices among the cheapest 0.8 per work; walks
and parts that keep to them end two to three times nearer the best.
"""

LEAST_TRIED = 60
"""At least so many choices are tried in a small county."""

PARTS = ((2, WIDE), (3, WIDE), (4, NARROW), (5, NARROW))
"""How many years are chosen anew together, and among how many choices per work."""

SHORTEST_MOVES, LONGEST_MOVES = 300_000, 3_000_000
"""Moves of the first walk, and of the longest; each fresh walk is twice as long as the one before.

Every second fresh walk is over all choices that no bound has ruled out.
"""


class _Turns:
    """The best plan after each turn of the search; whoever reads ahead of it waits."""

    def __init__(self) -> None:
        self._plans: list[Ints | None] = []
        self._changed = threading.Condition()
        self.are_over = False

    def add(self, built: Ints | None) -> None:
        """Write what is the best plan after one more turn."""
        with self._changed:
            self._plans.append(built)
            self._changed.notify()

    def end(self) -> None:
        """Let nobody search or wait any more."""
        with self._changed:
            self.are_over = True
            self._changed.notify()

    def read(self, turn: int) -> Ints | None:
        """Give the best plan after a turn, when it is there; None if all ended before."""
        with self._changed:
            self._changed.wait_for(lambda: self.are_over or len(self._plans) > turn)
            return self._plans[turn] if len(self._plans) > turn else None


class _Prover:
    """What the prover knows: its bound, its own plans, and what it has heard of the search's."""

    def __init__(
        self, problem: Problem, known: Known, target_gap_share: float, turns: _Turns
    ) -> None:
        self._problem = problem
        self._target = target_gap_share
        self._turns = turns
        self._heard = -1
        self.known = known

    def news(self, work: int) -> Ints | None:
        """Give the plan of the last turn that this much work entitles to, if it is better."""
        turn = work // PACE - 1
        if turn <= self._heard:
            return None
        self._heard = turn
        before = self.known.objective
        self.found(self._turns.read(turn))
        return self.known.built if self.known.objective > before else None

    def found(self, built: Ints | None) -> None:
        """Take over a plan if it is better."""
        self.known = self.known.with_plan(self._problem, built)

    def bounded(self, bound: float) -> bool:
        """Take over a bound; tells whether it is close enough."""
        if np.isfinite(bound):
            self.known = self.known.with_bound(bound)
        return self.known.gap_share <= self._target


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
    turns = _Turns()
    prover = _Prover(problem, known, target_gap_share, turns)
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
                    talk=Talk(prover.news, prover.found, prover.bounded, known.built is not None),
                )
            )
        finally:
            turns.end()

    found = known
    thread = threading.Thread(target=prove)
    thread.start()
    try:
        for built in _tries(problem, relaxation, allowed, known, turns, ends_s):
            found = found.with_plan(problem, built)
            turns.add(found.built)
            if turns.are_over or time.perf_counter() >= ends_s:
                break
    finally:
        turns.end()
        thread.join()
    if not answers:
        raise PlanError("løseren stanset uten svar.", advice="Kjør på nytt.")
    proved = prover.known.with_plan(problem, answers[0].built).with_bound(answers[0].bound)
    if answers[0].infeasible and proved.built is None:
        raise clash.explain(problem)
    if proved.gap_share <= max(target_gap_share, 1e-9):
        # What the search has found since the prover last heard depends on the clock.
        return proved
    return proved.with_plan(problem, found.built).with_bound(proved.bound)


def _not_ruled_out(relaxation: Relaxation, allowed: Bools, known: Known) -> Bools:
    """Leave out every choice whose slack exceeds the gap: it is in no better plan."""
    if known.built is None:
        return allowed
    enough = relaxation.bound - known.objective + 1e-9 * abs(relaxation.bound)
    kept = allowed & (relaxation.slack <= enough)
    kept[np.arange(len(kept)), known.built] = True
    return kept


def _tries(
    problem: Problem,
    relaxation: Relaxation,
    allowed: Bools,
    best: Known,
    turns: _Turns,
    ends_s: float,
) -> Iterator[Ints | None]:
    """Give plans without end: walks, and after each of them parts of its plan chosen anew.

    Better plans are found near good ones but seldom by small steps, so most walks start from
    the best plan, and their outcome is improved before it is held against it (iterated local
    search, Lourenço, Martin and Stützle 2003).
    """
    random = np.random.default_rng(0)
    rows = stack(problem)
    good = {share: cheapest(relaxation, allowed, share) for share in (NARROW, WIDE)}
    everywhere = _not_ruled_out(relaxation, allowed, best)
    fresh = [_where_to_walk(problem, relaxation, allowed, g) for g in (good[NARROW], everywhere)]
    nothing = Known(None, -np.inf, relaxation.bound)
    for walk in count():
        turn = walk if best.built is None else walk // FRESH
        start, tried = fresh[turn % 2]
        hot, moves = HOT, min(SHORTEST_MOVES << turn, LONGEST_MOVES)
        if best.built is not None and walk % FRESH:
            start, tried = best.built, fresh[0][1]
            hot, moves = random.uniform(*WARM), SHORTEST_MOVES
        walked = anneal(problem, start, tried, moves=moves, seed=walk, hot=hot)[0]
        here = nothing.with_plan(problem, walked)
        best = best.with_plan(problem, here.built)
        yield here.built
        idle = 0
        while here.built is not None and idle < PATIENCE:
            years, share = PARTS[random.integers(len(PARTS))]
            found = solve_core(
                problem,
                rows,
                _part(good[share], here.built, years, random),
                start=here.built,
                gap_share=1e-4,
                time_limit_s=ends_s - time.perf_counter(),
                talk=Talk(bounded=lambda _: turns.are_over, most_work=PART_WORK),
            ).built
            before, here = here, here.with_plan(problem, found)
            best = best.with_plan(problem, here.built)
            yield here.built
            idle = 0 if here.objective > before.objective else idle + 1


def cheapest(relaxation: Relaxation, allowed: Bools, per_work: float) -> Bools:
    """Mark the choices that cost least at the prices: the best of each work, and some more."""
    works = len(allowed)
    slack = np.where(allowed, relaxation.slack, np.inf)
    ranked = np.sort(slack[np.isfinite(slack)])
    last = min(works + max(int(per_work * works), LEAST_TRIED), len(ranked)) - 1
    marked: Bools = slack <= ranked[last]
    return marked


def _where_to_walk(
    problem: Problem, relaxation: Relaxation, allowed: Bools, good: Bools
) -> tuple[Ints, Bools]:
    """Give the start of a walk, with as little as possible built, and the choices worth trying."""
    never = problem.shape[1]
    tried = good.copy()
    tried[:, never] |= allowed[:, never]
    tried[~tried.any(axis=1)] = allowed[~tried.any(axis=1)]
    return np.where(allowed[:, never], never, relaxation.built), tried


def _part(good: Bools, built: Ints, years: int, random: np.random.Generator) -> Bools:
    """Draw what to choose anew: some years, in a row or not, with all that is not built."""
    works, width = good.shape
    never = width - 1
    drawn = np.zeros(width, dtype=np.bool_)
    drawn[random.choice(never, min(years, never), replace=False)] = True
    drawn[never] = True
    part: Bools = good & drawn & drawn[built][:, None]
    part[np.arange(works), built] = True
    return part
