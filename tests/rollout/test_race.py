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
from bredband.rollout.race import _part, _Prover, _Turns, race
from tests.rollout.stand_ins import NOTHING, calls
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
    assert prover.news(99) is None
    plan = run(problem).built
    later = threading.Timer(0.05, turns.add, [plan])
    later.start()
    assert (prover.news(100) == plan).all()
    assert prover.news(100) is None, "told once"
    turns.end()
    assert prover.news(200) is None, "nobody waits for a search that has ended"


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
    short = 300_000
    assert [moves for _, moves, *_ in walked] == [short] * 4 + [2 * short] + [short] * 3 + [
        4 * short
    ]
    assert all(0.05 <= hot <= 0.15 if warm else hot == 0.25 for warm, _, hot, _ in walked)
    warm = [hot for is_warm, _, hot, _ in walked if is_warm]
    assert warm[0] == np.random.default_rng(0).uniform(0.05, 0.15)
    assert [seed for *_, seed in walked] == list(range(9))


PARTS_DRAWN = [5, 4, 4, 3, 3, 2, 2, 2]


def better_when_given(self: Known, _, built) -> Known:
    """Take every plan as worth one more than what is known."""
    if built is None:
        return self
    return replace(self, built=built, objective=max(self.objective, 0.0) + 1)


def test_parts_of_the_best_plan_are_chosen_anew_until_six_in_a_row_give_nothing(monkeypatch):
    problem = case(0)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    answer = solve(problem, target_gap_share=0.0, time_limit_s=20.0)
    best = Known(answer.built, answer.objective, relaxation.bound)
    never = np.full(12, 3)
    walked = calls(monkeypatch, race_module, "anneal", lambda *given, **_: (given[1], -np.inf))
    monkeypatch.setattr(Known, "with_plan", better_when_given)
    better = iter([None, None, never, *[None] * 30])
    tried = calls(
        monkeypatch,
        race_module,
        "solve_core",
        lambda *_, **__: replace(NOTHING, built=next(better)),
    )
    parts = calls(monkeypatch, race_module, "_part", lambda good, *_: good)
    ended = time.perf_counter() + 30
    tries = race_module._tries(problem, relaxation, allowed, best, race_module._Turns(), ended)
    for _ in range(1 + 9 + 1 + 6 + 1):
        next(tries)
    assert len(walked) == 3
    assert len(tried) == 9 + 6
    assert all(named["gap_share"] == 1e-4 for _, named in tried)
    assert {named["talk"].most_work for _, named in tried} == {150}
    assert all(0 < named["time_limit_s"] <= 30 for _, named in tried)
    assert not tried[0][1]["talk"].bounded(0.0)
    drawn = [(given[2], int(given[0].sum())) for given, _ in parts]
    narrow, wide = (int(race_module.cheapest(relaxation, allowed, s).sum()) for s in (0.75, 1.5))
    assert dict(drawn) == {
        years: wide if years < 4 else narrow for years in {years for years, _ in drawn}
    }
    assert [years for years, _ in drawn[:8]] == PARTS_DRAWN


def test_walks_are_of_three_hundred_thousand_to_three_million_moves(monkeypatch):
    problem = case(0)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    walked = calls(monkeypatch, race_module, "anneal", lambda *given, **_: (given[1], -np.inf))
    monkeypatch.setattr(Known, "with_plan", lambda self, *_: self)
    nothing = Known(None, -np.inf, relaxation.bound)
    tries = race_module._tries(problem, relaxation, allowed, nothing, race_module._Turns(), 0.0)
    for _ in range(6):
        next(tries)
    assert [named["moves"] for _, named in walked] == [
        300_000, 600_000, 1_200_000, 2_400_000, 3_000_000, 3_000_000
    ]  # fmt: skip
    assert {named["hot"] for _, named in walked} == {0.25}
    # every second walk is over all choices that no bound has ruled out
    assert [int(given[2].sum()) for given, _ in walked[:2]] == [
        int(race_module._where_to_walk(problem, relaxation, allowed, good)[1].sum())
        for good in (race_module.cheapest(relaxation, allowed, 0.75), allowed)
    ]


def test_a_prover_hears_of_a_turn_for_every_hundred_of_work():
    turns = race_module._Turns()
    first, second = np.full(12, 3), np.full(12, 3)
    turns.add(first)
    turns.add(second)
    prover = race_module._Prover(case(0), Known(None, -np.inf, np.inf), 0.01, turns)
    told = []
    prover.found = told.append  # type: ignore[method-assign]
    for work in (99, 100, 199, 200, 250):
        prover.news(work)
    assert [one is two for one, two in zip(told, (first, second), strict=True)] == [True, True]
    known = Known(first, 100.0, 103.0)
    prover.known = known
    assert not prover.bounded(102.0)
    assert prover.bounded(101.0), "just near enough"
    assert prover.bounded(np.inf)
    assert prover.known.bound == 101.0


def test_the_solver_proves_alone_only_when_there_is_a_plan(monkeypatch):
    problem = case(0)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    answer = solve(problem, target_gap_share=0.0, time_limit_s=20.0)
    proofs = calls(
        monkeypatch,
        race_module,
        "solve_core",
        lambda *_, **__: replace(NOTHING, bound=answer.bound),
    )
    calls(monkeypatch, race_module, "_tries", lambda *_: iter([None]))
    for built, objective in ((None, -np.inf), (answer.built, answer.objective)):
        known = Known(built, objective, relaxation.bound)
        ends_s = time.perf_counter() + 5
        race(problem, relaxation, allowed, known, target_gap_share=0.25, ends_s=ends_s)
    assert [named["talk"].only_prove for _, named in proofs] == [False, True]
    assert [named["gap_share"] for _, named in proofs] == [0.25, 0.25]
    assert all(0 < named["time_limit_s"] <= 5 for _, named in proofs)


def test_what_the_search_has_found_is_left_out_when_the_proof_is_near_enough(monkeypatch):
    """A plan worth 100 under 101 is within 1 %, and what else was found depends on the clock."""
    problem = case(0)
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    first, found = np.full(12, 3), np.full(12, 2)
    monkeypatch.setattr(Known, "with_plan", better_when_given)
    calls(monkeypatch, race_module, "solve_core", lambda *_, **__: replace(NOTHING, bound=101.0))
    calls(monkeypatch, race_module, "_tries", lambda *_: iter([found]))
    known = Known(first, 100.0, 200.0)
    for target, objective in ((0.01, 100.0), (0.0099, 101.0)):
        ends_s = time.perf_counter() + 5
        best = race(problem, relaxation, allowed, known, target_gap_share=target, ends_s=ends_s)
        assert best.objective == objective
