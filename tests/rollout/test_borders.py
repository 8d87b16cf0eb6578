"""What is met exactly: a krone, a tolerance, a gain, a limit; and what the solver is told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from bredband.errors import PlanError
from bredband.rollout import budgets, explanation, highs, joint, robustness
from bredband.rollout.constraints import Rows
from bredband.rollout.core import solve_core
from bredband.rollout.known import Known
from bredband.rollout.lagrangian import coupling_rows, forest_of
from bredband.rollout.model import Limit
from bredband.scenario.rollout import Rollout
from tests.rollout.stand_ins import calls
from tests.rollout.test_pieces import YEARS, limit, small
from tests.rollout.test_questions import CHOICES, VALLEY


def test_what_the_solver_is_told(monkeypatch):
    """Budgets are in millions: 1e-8 is a hundredth of a krone. One core, and no less than 50 ms."""
    options: dict[str, object] = {}

    class Noting(highs._Highs):
        def setOptionValue(self, name, value):  # noqa: N802 - the solver's own name
            options[name] = value
            return super().setOptionValue(name, value)

    monkeypatch.setattr(highs, "_Highs", Noting)
    rows = Rows(sparse.csr_array(np.ones((1, 1))), np.array([-np.inf]), np.array([1.0]))
    assert highs.maximise(np.ones(1), rows).bound == 1.0
    plain = {
        "output_flag": False, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-9, "mip_feasibility_tolerance": 1e-8,
        "primal_feasibility_tolerance": 1e-8, "threads": 1, "time_limit": 60.0,
    }  # fmt: skip
    assert options == plain
    options.clear()
    talk = highs.Talk(only_prove=True)
    highs.maximise(np.ones(1), rows, gap_share=0.02, time_limit_s=0.0, talk=talk)
    assert options == plain | {
        "mip_rel_gap": 0.02,
        "time_limit": 0.05,
        "mip_heuristic_effort": 0.0,
    } | (dict.fromkeys(highs.SEARCHES, False))
    assert highs.Talk() == (
        highs.Talk().news,
        highs.Talk().found,
        highs.Talk().bounded,
        False,
        None,
    )
    assert not highs.Talk().bounded(0.0)


def test_a_solver_stops_after_so_much_work(monkeypatch):
    answers = {}

    class Model:
        def setCallback(self, answer, _):  # noqa: N802 - the solver's own names
            answers["answer"] = answer

        def startCallback(self, _):  # noqa: N802
            return None

    kind = highs.highspy.cb.HighsCallbackType
    told = SimpleNamespace(mip_node_count=3, mip_dual_bound=1.0)
    worked: list[int] = []
    talk = highs.Talk(news=worked.append, most_work=5)
    highs._let_talk(Model(), talk)
    stopped = []
    for _ in range(2):
        reply = SimpleNamespace(user_interrupt=False)
        answers["answer"](kind.kCallbackMipInterrupt, "", told, reply, None)
        answers["answer"](kind.kCallbackMipUserSolution, "", told, reply, None)
        stopped.append(reply.user_interrupt)
    assert (worked, stopped) == ([4, 5], [False, True])


def test_what_is_fixed_may_break_a_rule_by_a_ten_millionth():
    problem = replace(small(0, 1), exclusive=(), beside=np.empty((0, 2), dtype=np.int64))
    fixed = np.arange(YEARS + 1)[None, :] == 0
    for over, infeasible in ((0.9e-7, False), (1.1e-7, True)):
        for side in (-1.0, 1.0):
            matrix = coupling_rows(problem).matrix[:1].copy()
            matrix.data[:] = 0.0
            row = matrix + type(matrix)(([side], ([0], [0])), shape=matrix.shape)
            lower, upper = (-np.inf, 1.0 - over) if side > 0 else (-1.0 + over, np.inf)
            rows = Rows(row, np.array([lower]), np.array([upper]))
            found = solve_core(problem, rows, fixed, start=None, gap_share=0.0, time_limit_s=1.0)
            assert found.infeasible == infeasible


def chosen(objective: float, *areas: str) -> SimpleNamespace:
    return SimpleNamespace(
        proof=SimpleNamespace(objective=objective), schedule={"area_id": list(areas)}
    )


@pytest.mark.parametrize(
    ("goal", "second", "taken"),
    [
        ("household_years", 1e9 + 1, False),
        ("household_years", 1e9 + 2, True),
        ("least_grant", 1e9 - 1, False),
        ("least_grant", 1e9 - 2, True),
        ("household_years", 1e9 - 2, False),
    ],
)
def test_a_redesign_must_gain_more_than_a_billionth(monkeypatch, goal, second, taken):
    layouts = iter(["second", "third"])
    worth = {"first": 1e9, "second": second, "third": second}
    monkeypatch.setattr(joint, "_chosen", lambda layout, _: chosen(worth[layout], "A"))
    monkeypatch.setattr(joint, "_offers_the_same", lambda *_: False)
    settings = SimpleNamespace(goal=goal)
    best = joint.alternate("first", settings, lambda _: next(layouts), rounds=2)
    assert best.layout == ("second" if taken else "first")
    assert best.objectives == (1e9, second, second)[: 3 if taken else 2]


def test_nothing_chosen_is_not_designed_for(monkeypatch):
    monkeypatch.setattr(joint, "_chosen", lambda *_: SimpleNamespace(
        proof=SimpleNamespace(objective=0.0), schedule=[]))  # fmt: skip
    best = joint.alternate(
        "first", SimpleNamespace(goal="household_years"), lambda _: None, rounds=2
    )
    assert best.objectives == (0.0,)


def test_money_just_spent_is_no_overrun():
    """8 kroner in years of 5 and 3: to the letter 8 are used, and 9 are one too many."""
    problem = small(0, 2)
    use = np.array([[5] * YEARS, [3] * YEARS])
    for carry in (False, True):
        for last, share in ((3, 0.0), (2, 0.5)):
            money = [limit(use, [5, 3, 0], carry=carry), limit(use, [5, last, 0], carry=carry)]
            worlds = [replace(problem, limits=(one,)) for one in money]
            assert robustness._overruns(worlds, np.array([0, 1])) == share
    free = limit(use, [0, 0, 0], carry=False, grant=False)
    assert robustness._overruns([replace(problem, limits=(free,))], np.array([0, 1])) == 0.0


def test_what_needs_no_grant_needs_none_when_it_is_dearer():
    problem = small(0, 2)
    use = np.array([[10] * YEARS, [0] * YEARS])
    grant = limit(use, [9, 9, 9], carry=False)
    dug = limit(use, [9, 9, 9], carry=False, grant=False)
    world = robustness._world(
        replace(problem, limits=(grant, dug)), np.array([100, 100]), np.array([1.05, 2.0]), np.array([0.5, 2.0])
    )  # fmt: skip
    assert world.limits[0].use.tolist() == [[15] * YEARS, [0] * YEARS]
    assert world.limits[1] is dug
    assert (world.value == problem.value * np.array([[0.5], [2.0]])).all()
    cheaper = robustness._world(
        replace(problem, limits=(grant,)), np.array([100, 100]), np.array([0.8, 0.8]), np.ones(2)
    )
    assert cheaper.limits[0].use.tolist() == [[0] * YEARS, [0] * YEARS]


def test_a_contingency_is_planned_for_in_five_seconds_to_three_in_a_thousand(monkeypatch):
    problem = replace(small(0, 2), limits=(limit(np.ones((2, YEARS)), [9, 7, 5], carry=False),))
    solved = calls(
        monkeypatch, robustness, "solve", lambda *_, **__: SimpleNamespace(built=np.zeros(2))
    )
    for target, seconds in ((0.001, 60.0), (0.01, 3.0)):
        choices = Rollout(
            annual_grant_nok=(1.0,) * 3, target_gap_share=target, time_limit_s=seconds
        )
        robustness._with_contingency(problem, choices, 0.1)
    assert [named["target_gap_share"] for _, named in solved] == [0.003, 0.01]
    assert [named["time_limit_s"] for _, named in solved] == [5.0, 3.0]
    assert solved[0][0][0].limits[0].allowed.tolist() == [8, 6, 4]


def test_an_area_with_money_enough_for_everything_enters_for_nothing(monkeypatch):
    """Where no krone is scarce its grant is no hindrance, and where nobody lives no weight helps."""
    rich = CHOICES.model_copy(update={"annual_grant_nok": (5e7, 5e7), "must_not_build": ("A5",)})
    told = explanation.why(VALLEY, rich, "A5")
    assert (told.entering_grant_nok, told.entering_weight, told.barred) == (0.0, 1.0, True)
    poor = CHOICES.model_copy(update={"annual_grant_nok": (1e6, 1.6e6)})
    feeder = explanation.why(VALLEY, poor, "F1")
    assert feeder.entering_weight == np.inf
    assert "husstandene teller" not in " ".join(explanation.in_words(feeder))


def test_feeders_in_a_ring_are_told_of_by_name():
    ring = replace(small(0, 5), before=np.array([[0, 1], [1, 2], [2, 3], [3, 0]]))
    with pytest.raises(PlanError, match="områdene A0, A1, A2 venter på hverandre"):
        forest_of(ring)
    order = forest_of(replace(ring, before=np.array([[0, 1], [1, 4]]))).order.tolist()
    assert order == [2, 3, 4, 1, 0]


def test_a_limit_is_kept_to_the_krone_where_a_plan_just_meets_it():
    one = Limit(
        "x",
        np.array([[4] * YEARS]),
        np.array([4, 0, 0]),
        np.zeros(3, dtype=np.int64),
        False,
        1.0,
        True,
    )
    problem = replace(small(0, 1), limits=(one,), promises=(), exclusive=(), beside=np.empty((0, 2), dtype=np.int64))  # fmt: skip
    nothing = Known(None, -np.inf, 100.0)
    assert nothing.with_plan(problem, np.array([0])).built is not None
    assert nothing.with_plan(problem, np.array([1])).built is None
    same = nothing.with_plan(problem, np.array([0]))
    assert same.with_plan(problem, np.array([0])) is same, "no better, so not taken"


def test_the_time_of_a_frontier_is_shared_between_its_budgets(monkeypatch):
    given = []
    solve = budgets.solve

    def noted(problem, **named):
        given.append((named["time_limit_s"], named["target_gap_share"]))
        return solve(problem, **named)

    monkeypatch.setattr(budgets, "solve", noted)
    choices = CHOICES.model_copy(update={"time_limit_s": 60.0})
    budgets.frontier(VALLEY, choices, shares=(0.5, 1.0, 1.5))
    assert given == [(20.0, 0.0)] * 3
    given.clear()
    budgets.with_more(VALLEY, choices, year=2028, amount_nok=1e6)
    assert given == [(60.0, 0.0)] * 2
    assert budgets.SHARES == (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)


def test_an_area_that_is_built_lacks_nothing():
    told = explanation.why(VALLEY, CHOICES, "A1")
    assert told.pushed.empty
    assert replace(told, pushed=None) == explanation.Why(
        "A1", 2027, False, (), 0, 0.0, 1.0, 0.0, 0.0, None
    )


def test_why_not_is_asked_twice_in_the_time_of_one_plan(monkeypatch):
    given = []
    solve = explanation.solve

    def noted(problem, **named):
        given.append(named["time_limit_s"])
        return solve(problem, **named)

    monkeypatch.setattr(explanation, "solve", noted)
    explanation.why(VALLEY, CHOICES.model_copy(update={"time_limit_s": 60.0}), "A5")
    assert given == [30.0, 30.0]


def test_a_plan_for_each_draw_is_sought_in_25_rounds_of_prices(monkeypatch):
    problem = small(0, 6)
    rounds = calls(monkeypatch, robustness, "best_prices", robustness.best_prices)
    robustness._best_of_each(problem, [problem, problem], np.ones((6, YEARS + 1), dtype=bool))
    assert [named["rounds"] for _, named in rounds] == [25, 25]
    assert robustness.CONTINGENCIES == (0.0, 0.05, 0.1, 0.2)
    assert robustness.MOST_DRAWN_PLANS == 20
