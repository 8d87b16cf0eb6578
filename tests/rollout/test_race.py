"""The two searches at once: what they agree on holds, and an impossible problem is told as one."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from bredband.errors import PlanError
from bredband.rollout import race as race_module
from bredband.rollout.exact import solve as solve_exact
from bredband.rollout.known import Known, keeps_demands
from bredband.rollout.model import overuse, value_of
from bredband.rollout.optimum import open_years, price, solve
from bredband.rollout.race import PACE, _part, _Prover, _Turns, race
from tests.rollout.test_bounds import case


def run(problem):
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    return race(
        problem,
        relaxation,
        allowed,
        Known(None, -np.inf, relaxation.bound),
        target_gap_share=0.0,
        ends_s=time.perf_counter() + 30,
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_race_ends_at_the_optimum(seed):
    problem = case(seed)
    known = run(problem)
    assert known.built is not None
    assert known.objective == pytest.approx(value_of(problem, known.built))
    assert known.bound == pytest.approx(known.objective)
    assert keeps_demands(problem, known.built)
    assert not any(amounts.any() for amounts in overuse(problem, known.built))
    exact = solve_exact(problem, target_gap_share=0.0, time_limit_s=30)
    assert known.objective == pytest.approx(exact.objective)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("slow", ["prover", "search"])
def test_who_is_ahead_changes_nothing(monkeypatch, seed, slow):
    """The same plan and bound to the last bit, whichever of the two is held back."""
    problem = case(seed)
    once = run(problem)

    def late(call):
        def held_back(*given, **named):
            time.sleep(0.02)
            return call(*given, **named)

        return held_back

    place, name = {"prover": (_Prover, "bounded"), "search": (race_module, "anneal")}[slow]
    monkeypatch.setattr(place, name, late(getattr(place, name)))
    again = run(problem)
    assert (again.objective, again.bound) == (once.objective, once.bound)
    assert (again.built == once.built).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_longer_limit_changes_nothing_once_the_gap_is_reached(seed):
    """No step of a solve is cut by the clock, so the limit leaves no trace in the answer."""
    problem = case(seed)
    short, long = (solve(problem, target_gap_share=0.01, time_limit_s=s) for s in (20.0, 2000.0))
    assert (short.objective, short.bound) == (long.objective, long.bound)
    assert (short.built == long.built).all()


def test_the_prover_waits_for_a_turn_that_it_may_hear_of():
    problem = case(0)
    nothing = Known(None, -np.inf, np.inf)
    turns = _Turns()
    prover = _Prover(problem, nothing, 0.0, turns)
    assert prover.news(PACE - 1) is None
    plan = run(problem).built
    later = threading.Timer(0.05, turns.add, [plan])
    later.start()
    assert (prover.news(PACE) == plan).all()
    assert prover.news(PACE) is None, "told once"
    turns.end()
    assert prover.news(2 * PACE) is None, "nobody waits for a search that has ended"


def test_the_race_tells_what_clashes():
    problem = case(1)
    most = sum(float(promise.gain.sum()) for promise in problem.promises)
    greedy = tuple(replace(promise, least=most + 1) for promise in problem.promises)
    with pytest.raises(PlanError, match="floors"):
        run(replace(problem, promises=greedy))


def test_a_part_opens_two_years_to_what_is_built_in_them_or_never():
    """Of four years two are drawn; what another year builds stays, and is offered nothing else."""
    built = np.array([0, 1, 2, 3, 4, 4])
    good = np.ones((6, 5), dtype=np.bool_)
    part = _part(good, built, 2, np.random.default_rng(0))
    assert part[np.arange(6), built].all()
    open_ = part.sum(axis=1)
    assert sorted(open_[:4]) == [1, 1, 3, 3]
    assert open_[4:].tolist() == [3, 3]


def test_a_race_that_is_out_of_time_gives_what_it_has():
    problem = case(0)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    start = run(problem)
    worse = Known(start.built, start.objective, relaxation.bound)
    known = race(
        problem, relaxation, allowed, worse, target_gap_share=-1.0, ends_s=time.perf_counter()
    )
    assert known.objective == start.objective
    assert start.objective <= known.bound <= relaxation.bound


def test_walks_start_from_the_best_plan_but_for_every_fourth(monkeypatch):
    problem = case(0)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    best = run(problem)
    walked = []

    def noted(_, start, tried, *, moves, seed, hot):
        walked.append((bool((start == best.built).all()), moves, hot, seed))
        return start, -np.inf

    monkeypatch.setattr(race_module, "anneal", noted)
    monkeypatch.setattr(
        race_module,
        "solve_core",
        lambda *_, **__: race_module.CoreAnswer(None, 0.0, 0.0, infeasible=False),
    )
    tries = race_module._tries(
        problem, relaxation, allowed, best, _Turns(), time.perf_counter() + 30
    )
    while len(walked) < 9:
        next(tries)
    assert [from_best for from_best, *_ in walked] == [False, True, True, True] * 2 + [False]
    short = race_module.SHORTEST_MOVES
    assert [moves for _, moves, *_ in walked] == [short] * 4 + [2 * short] + [short] * 3 + [
        4 * short
    ]
    low, high = race_module.WARM
    assert all(low <= hot <= high if warm else hot == race_module.HOT for warm, _, hot, _ in walked)
    assert [seed for *_, seed in walked] == list(range(9))
