"""The way through the search: which step is taken when, and what each is told it may spend."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bredband.errors import PlanError
from bredband.rollout import optimum
from bredband.rollout.core import CoreAnswer
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import Relaxation, coupling_rows
from bredband.rollout.model import Promise
from bredband.rollout.optimum import _Aim, _any_plan, _cores, open_years, price, solve
from tests.rollout.stand_ins import NOTHING, calls
from tests.rollout.test_pieces import YEARS, plans, small


def ranked(works: int) -> Relaxation:
    """At the prices every work is built in its first year; the other choices lose 1, 2, 3 … each."""
    slack = np.zeros((works, YEARS + 1))
    slack[:, 1:] = 1 + np.arange(works * YEARS).reshape(works, YEARS)
    return Relaxation(np.zeros(0), 1e6, np.zeros(works, dtype=np.int64), slack)


@pytest.mark.parametrize(("works", "first"), [(100, 150), (200, 150), (400, 300), (900, 600)])
def test_cores_widen_fourfold_until_they_hold_everything(monkeypatch, works, first):
    problem, prices = small(0, works), ranked(works)
    solver_knows = iter([999_000.0, 998_000.0, 997_000.0, 0.0])
    solved = calls(
        monkeypatch, optimum, "solve_core",
        lambda *_, **__: replace(NOTHING, bound=next(solver_knows)),
    )  # fmt: skip
    everything = np.ones((works, YEARS + 1), dtype=bool)
    nothing = Known(None, -np.inf, 1e6)
    aim = _Aim(0.01, time.perf_counter() + 60, 300, None)
    known = _cores(problem, prices, everything, nothing, aim)
    sizes = [min(size, works * YEARS) for size in (first, 4 * first, 16 * first)]
    sizes = sizes[: 1 + sizes.index(works * YEARS)]
    assert [given[2].sum() for given, _ in solved] == [works + size for size in sizes]
    last = len(sizes) - 1
    assert [named["gap_share"] for _, named in solved] == [0.005] * last + [0.01]
    assert [named["talk"].most_work for _, named in solved] == [300] * last + [None]
    assert all(0 < named["time_limit_s"] <= 60 for _, named in solved)
    # what is left out is bounded by the first choice outside; the widest core by itself alone
    assert known.bound == 1e6 - 1000 * (last + 1)
    solver_knows = iter([0.0])
    once = _cores(problem, prices, everything, nothing, aim._replace(cores=1))
    assert len(solved) == last + 2
    assert once.bound == 1e6 - first


def test_a_core_holds_no_more_than_what_may_beat_the_plan(monkeypatch):
    problem = small(0, 100)
    solved = calls(monkeypatch, optimum, "solve_core", lambda *_, **__: NOTHING)
    everything = np.ones((100, YEARS + 1), dtype=bool)
    never = np.full(100, YEARS)
    known = Known(never, 1e6 - 40, 1e6)
    aim = _Aim(0.0, time.perf_counter() + 60, 300, 1)
    found = _cores(problem, ranked(100), everything, known, aim)
    ((given, named),) = solved
    core = given[2]
    # the forty that lose least, of which 3, 6 … 39 are never, and the plan itself
    assert core.sum() == 100 + 40 + 100 - 13
    assert core[:, YEARS].all()
    assert (named["start"] is never, named["talk"].most_work, named["gap_share"]) == (
        True,
        300,
        0.0,
    )
    assert found.bound == 1e6 - 40
    # near enough, or out of time: nothing is solved
    for stop in (
        (known, aim._replace(gap_share=known.gap_share)),
        (known, aim._replace(ends_s=time.perf_counter() - 1)),
        (known, aim._replace(cores=0)),
    ):
        assert _cores(problem, ranked(100), everything, *stop) is known
    assert len(solved) == 1


def test_a_core_that_overspends_is_solved_again_with_less_to_spend(monkeypatch):
    problem, prices = small(0, 50), ranked(50)
    answers = iter([CoreAnswer(np.zeros(50, dtype=np.int64), 9.0, 5e5, infeasible=False), NOTHING])
    solved = calls(monkeypatch, optimum, "solve_core", lambda *_, **__: next(answers))
    everything = np.ones((50, YEARS + 1), dtype=bool)
    aim = _Aim(0.0, time.perf_counter() + 60, 300, None)
    found = _cores(problem, prices, everything, Known(None, -np.inf, 1e6), aim)
    assert found == Known(None, -np.inf, 5e5)
    before, after = (given[0].limits for given, _ in solved)
    assert all((b.allowed + b.advance).sum() < (a.allowed + a.advance).sum()
               for a, b in zip(before, after, strict=True))  # fmt: skip
    # the second has the same choices: the first was no proof of anything but the bound
    assert [given[2].sum() for given, _ in solved] == [200, 200]


def test_a_core_of_everything_that_has_no_plan_tells_what_clashes(monkeypatch):
    impossible = replace(NOTHING, infeasible=True)
    calls(monkeypatch, optimum, "solve_core", lambda *_, **__: impossible)
    calls(monkeypatch, optimum.clash, "explain", lambda _: PlanError("krasj", advice=""))
    problem, everything = small(0), np.ones((5, YEARS + 1), dtype=bool)
    aim = _Aim(0.0, time.perf_counter() + 60, 300, None)
    with pytest.raises(PlanError, match="krasj"):
        _cores(problem, ranked(5), everything, Known(None, -np.inf, 1e6), aim)
    with pytest.raises(PlanError, match="krasj"):
        _any_plan(problem, everything, Known(None, -np.inf, 1e6))
    # one that leaves something out proves nothing of the kind
    wide, nothing = np.ones((400, YEARS + 1), dtype=bool), Known(None, -np.inf, 1e6)
    few = _cores(small(0, 400), ranked(400), wide, nothing, aim._replace(cores=1))
    assert few.built is None


def test_any_plan_will_do_in_the_end(monkeypatch):
    solved = calls(monkeypatch, optimum, "solve_core", lambda *_, **__: NOTHING)
    problem, everything = small(0), np.ones((5, YEARS + 1), dtype=bool)
    nothing = Known(None, -np.inf, 1e6)
    assert _any_plan(problem, everything, nothing) is nothing
    ((given, named),) = solved
    assert not given[0].value.any()
    assert given[2] is everything
    assert named == {"start": None, "gap_share": 0.0, "time_limit_s": 120.0}


class Way:
    """The search with stand-ins for its steps; each answers what a test puts there."""

    def __init__(self, monkeypatch) -> None:
        self.steps: list[str] = []
        self.heard: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Known] = {}
        self.problem = small(0)
        bound = 501.0
        self.relaxation = replace(ranked(5), bound=bound)
        self.nothing = Known(None, -np.inf, bound)
        monkeypatch.setattr(optimum, "price", lambda *_: self.relaxation)
        monkeypatch.setattr(optimum, "fill", lambda *given: self._note("fill", given))
        monkeypatch.setattr(optimum, "as_priced", lambda *given: self._note("as_priced", given))
        for name in ("by_years", "race"):
            monkeypatch.setattr(optimum, name, self._step(name))
        monkeypatch.setattr(optimum, "_cores", self._cores)
        monkeypatch.setattr(optimum, "_any_plan", self._step("any_plan"))

    def _note(self, name: str, given: tuple) -> None:
        self.heard[name] = {"given": given}

    def _step(self, name: str):
        def step(*given, **named):
            self.steps.append(name)
            self.heard[name] = named
            return self.answers.get(name, next(one for one in given if isinstance(one, Known)))

        return step

    def _cores(self, *given):
        name = "first" if given[-1].cores == 1 else "cores"
        known = self._step(name)(*given)
        self.heard[name] = given[-1]._asdict()
        return known

    def run(self, target: float, **named):
        self.steps.clear()
        try:
            return solve(self.problem, target_gap_share=target, time_limit_s=30.0, **named)
        except PlanError as error:
            return error


def plan(objective: float) -> Known:
    """A plan worth so much, where 501 is the most there may be."""
    return Known(np.full(5, YEARS), objective, 501.0)


def test_the_steps_of_the_search(monkeypatch):
    way = Way(monkeypatch)
    monkeypatch.setattr(optimum, "LARGEST_WHOLE", 20)
    # a lumpy county: 1 in 499 is too far, 1 in 500 is not
    way.answers = {"by_years": plan(499.0)}
    assert way.run(0.0).objective == 499.0
    assert way.steps == ["by_years", "first", "race"]
    way.answers = {"by_years": plan(499.0), "first": plan(500.0)}
    answer = way.run(0.0)
    assert way.steps == ["by_years", "first", "cores"]
    assert (answer.objective, answer.bound) == (500.0, 501.0)
    assert answer.solver.startswith("bredband med HiGHS ")
    assert 0 <= answer.seconds_s < 300
    way.answers = {"by_years": plan(499.0), "first": plan(499.0)}
    way.run(0.01)
    assert way.steps == ["by_years", "first", "cores"], "near enough for who asks for 1 %"
    # what each may spend
    assert way.heard["by_years"] == {"target_gap_share": 0.01, "time_limit_s": 30.0}
    first, cores = way.heard["first"], way.heard["cores"]
    assert (first["gap_share"], first["work"], first["cores"]) == (0.01, 60, 1)
    assert (cores["gap_share"], cores["work"], cores["cores"]) == (0.01, 300, None)
    assert first["ends_s"] == cores["ends_s"] == pytest.approx(time.perf_counter() + 30, abs=29)
    order, earliest = way.heard["fill"]["given"][1:3]
    assert order.tolist() == [4, 3, 2, 1, 0], "what loses most if never built comes first"
    assert earliest.tolist() == [0] * 5
    # a large county: no beam, and no race
    monkeypatch.setattr(optimum, "LARGEST_WHOLE", 19)
    way.answers = {"cores": plan(400.0)}
    way.run(0.0)
    assert way.steps == ["cores"]
    assert "by_years" not in way.steps


def test_a_plan_that_is_near_enough_is_not_searched_for_by_years(monkeypatch):
    way = Way(monkeypatch)
    start = max((p for p in plans(way.problem)), key=lambda p: plan_worth(way.problem, p))
    worth = plan_worth(way.problem, start)
    way.relaxation = replace(way.relaxation, bound=2 * worth)
    for target, steps in ((1.0, ["first", "cores"]), (0.999, ["by_years", "first", "race"])):
        answer = way.run(target, start=start)
        assert (answer.objective, way.steps) == (worth, steps)
    assert 29 < way.heard["race"]["ends_s"] - time.perf_counter() + 29 < 60
    assert way.heard["race"]["target_gap_share"] == 0.999


def plan_worth(problem, built) -> float:
    known = Known(None, -np.inf, np.inf).with_plan(problem, built)
    return known.objective


def test_no_plan_in_time_is_told_with_the_time_that_was_given(monkeypatch):
    way = Way(monkeypatch)
    error = way.run(0.0)
    assert way.steps == ["by_years", "first", "race", "any_plan"]
    assert isinstance(error, PlanError)
    assert "på 150 sekunder" in error.message
    way.answers = {"any_plan": plan(7.0)}
    assert way.run(0.0).objective == 7.0


def test_nothing_to_build_is_an_answer_and_a_work_without_a_year_a_clash(monkeypatch):
    none = small(0, 5)
    empty = replace(none, area_id=none.area_id[:0], required=none.required[:0], barred=none.barred[:0],
                    committed=none.committed[:0])  # fmt: skip
    answer = solve(empty, target_gap_share=0.0, time_limit_s=1.0)
    assert (answer.built.tolist(), answer.objective, answer.bound, answer.seconds_s) == (
        [],
        0,
        0,
        0,
    )
    calls(monkeypatch, optimum.clash, "explain", lambda _: PlanError("krasj", advice=""))
    both = replace(none, required=np.arange(5) == 2, barred=np.arange(5) == 2)
    with pytest.raises(PlanError, match="krasj"):
        solve(both, target_gap_share=0.0, time_limit_s=1.0)


@pytest.mark.parametrize(
    ("size", "rows", "way"),
    [(20, 200, "linear"), (19, 201, "linear"), (19, 200, "search")],
)
def test_prices_come_from_the_linear_program_or_from_a_search(monkeypatch, size, rows, way):
    problem = small(0)
    promise = Promise("floors", "x", np.ones(5), 2, 0.0)
    more = replace(problem, promises=(promise,) * (rows - len(coupling_rows(problem).lower) + 1))
    assert len(coupling_rows(more).lower) == rows
    monkeypatch.setattr(optimum, "LARGEST_WHOLE", size)
    linear = calls(monkeypatch, optimum, "linear_prices", lambda _, c: np.zeros(len(c.lower)))
    searched = calls(monkeypatch, optimum, "best_prices")
    price(more, open_years(more))
    assert (len(linear), len(searched)) == ((1, 0) if way == "linear" else (0, 1))
