"""Each piece of the rollout's solvers against every plan there is, or a plain retelling of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from bredband.rollout import highs
from bredband.rollout.choice import proof_of
from bredband.rollout.constraints import Rows, stack
from bredband.rollout.core import _columns, _without_repeats, _years_of, solve_core
from bredband.rollout.greedy import as_priced, by_households_per_krone, by_price, fill
from bredband.rollout.known import Known, keeps_demands
from bredband.rollout.lagrangian import (
    IMPOSSIBLE,
    Relaxation,
    best_prices,
    coupling_rows,
    forest_of,
    profit_at,
    relax,
)
from bredband.rollout.model import (
    Answer,
    Limit,
    Problem,
    Promise,
    cumulative,
    overuse,
    tightened,
    value_of,
    without_idle_feeders,
)
from bredband.rollout.optimum import open_years, price, solve
from bredband.rollout.race import _not_ruled_out, _where_to_walk, cheapest
from bredband.rollout.search import anneal, neighbours
from bredband.rollout.yearly import fill_years
from bredband.scenario.rollout import Rollout

YEARS = 3


def limit(use: np.ndarray, allowed: list[int], *, carry: bool, grant: bool = True) -> Limit:
    years = len(allowed)
    return Limit(
        "tilskudd", use.astype(np.int64), np.array(allowed), np.zeros(years, dtype=np.int64), carry, 1.0, grant
    )  # fmt: skip


def small(seed: int, works: int = 5, *, carry: bool = False) -> Problem:
    """A random problem: a forest of feeders, a mast beside it, two limits, a group and a floor."""
    random = np.random.default_rng(seed)
    hung = [(i, int(random.integers(0, i))) for i in range(1, works) if random.random() < 0.6]
    grants = np.repeat(random.integers(1, 9, (works, 1)), YEARS, axis=1)
    metres = random.integers(0, 5, (works, YEARS))
    weight = random.integers(0, 9, works).astype(float)
    return Problem(
        area_id=np.array([f"A{i}" for i in range(works)], dtype=object),
        technology=np.array(["fibre"] * works, dtype=object),
        shared=weight == 0,
        years=(2027, 2028, 2029),
        value=weight[:, None] * np.arange(YEARS, 0, -1),
        before=np.array(hung, dtype=np.int64).reshape(-1, 2),
        beside=np.array([[works - 1, 0]]) if works - 1 not in dict(hung) else np.array([[2, 0]]),
        limits=(
            limit(grants, [9, 6, 7], carry=carry),
            limit(metres, [6, 4, 5], carry=not carry, grant=False),
        ),
        promises=(Promise("floors", "fylket", np.ones(works), 2, 1.0),),
        exclusive=(np.array([1, works - 1]),),
        required=np.zeros(works, dtype=bool),
        barred=np.zeros(works, dtype=bool),
        committed=np.full(works, -1),
    )


def plans(problem: Problem) -> list[np.ndarray]:
    """Every choice of years in which what comes first comes first in the forest."""
    works, years = problem.shape
    every = (np.array(built) for built in itertools.product(range(years + 1), repeat=works))
    first, second = problem.before.T
    return [built for built in every if (built[second] <= built[first]).all()]


def keeps(problem: Problem, built: np.ndarray) -> bool:
    """Whether a plan keeps all rules, in plain words."""
    never = problem.shape[1]
    order = all(built[j] <= built[i] for i, j in problem.pairs)
    groups = all(sum(built[i] < never for i in group) <= 1 for group in problem.exclusive)
    floors = all(
        sum(p.gain[i] for i in range(len(built)) if built[i] <= p.year) >= p.least for p in problem.promises
    )  # fmt: skip
    money = True
    for one in problem.limits:
        spent = [
            sum(one.use[i, t] for i in range(len(built)) if built[i] == t) for t in range(never)
        ]
        for t in range(never):
            left = sum(one.allowed[: t + 1]) if one.carry_over else one.allowed[t]
            used = sum(spent[: t + 1]) if one.carry_over else spent[t]
            money = money and used <= left + one.advance[t]
    return order and groups and floors and money


@pytest.mark.parametrize("seed", range(8))
def test_a_forest_at_given_prices_is_solved_exactly_with_the_loss_of_every_choice(
    seed: int,
) -> None:
    problem = small(seed)
    works, years = problem.shape
    random = np.random.default_rng(seed)
    allowed = random.random((works, years + 1)) < 0.8
    allowed[:, years] = True
    coupling = coupling_rows(problem)
    prices = random.uniform(-1, 3, len(coupling.lower))
    prices[:2] = 1.0, 0.0
    found = relax(problem, forest_of(problem), coupling, prices, allowed)
    upper = np.isfinite(coupling.upper)
    assert (found.prices == np.where(upper, np.maximum(prices, 0), np.minimum(prices, 0))).all()

    def priced(built: np.ndarray) -> float:
        x = (built[:, None] <= np.arange(years)).astype(float).ravel()
        side = np.where(upper, coupling.upper, coupling.lower)
        return value_of(problem, built) + float(found.prices @ (side - coupling.matrix @ x))

    open_ = [built for built in plans(problem) if allowed[np.arange(works), built].all()]
    worth = [priced(built) for built in open_]
    assert found.bound == pytest.approx(max(worth))
    assert priced(found.built) == pytest.approx(max(worth))
    for work in range(works):
        for year in range(years + 1):
            forced = [w for built, w in zip(open_, worth, strict=True) if built[work] == year]
            if forced:
                assert found.slack[work, year] == pytest.approx(max(worth) - max(forced))
            else:
                assert found.slack[work, year] > 1e12
    profit = profit_at(problem, coupling, found.prices, allowed)
    assert (profit[~allowed] == IMPOSSIBLE).all()
    paid = float(found.prices @ np.where(upper, coupling.upper, coupling.lower))
    assert profit[np.arange(works), found.built].sum() + paid == pytest.approx(found.bound)


def test_a_plan_that_keeps_all_rules_is_never_worth_more_than_the_bound() -> None:
    for seed in range(8):
        problem = small(seed)
        allowed = np.ones((5, YEARS + 1), dtype=bool)
        coupling = coupling_rows(problem)
        prices = np.random.default_rng(seed).uniform(0, 2, len(coupling.lower))
        bound = relax(problem, forest_of(problem), coupling, prices, allowed).bound
        assert (
            max(value_of(problem, b) for b in plans(problem) if keeps(problem, b)) <= bound + 1e-9
        )


def filled(
    problem: Problem, order: list[int], earliest: np.ndarray, allowed: np.ndarray
) -> list[int]:
    """Fill the years in the order given, told plainly."""
    works, never = problem.shape
    built = [never] * works
    for work in order:
        if built[work] < never:
            continue
        chain, first = [work], 0
        for i in chain:
            first = max(first, int(earliest[i]))
            for j in (int(b) for a, b in problem.pairs if a == i):
                if built[j] < never:
                    first = max(first, built[j])
                elif j not in chain:
                    chain.append(j)
        taken = [i for i in range(works) if built[i] < never]
        if any(sum(i in group for i in [*taken, *chain]) > 1 and set(chain) & set(group.tolist())
               for group in problem.exclusive):  # fmt: skip
            continue
        for t in range(first, never):
            trial = np.array(built)
            trial[chain] = t
            room = all(
                not (over.any() and any(one.use[i, t] for i in chain))
                for one, over in zip(problem.limits, overuse(problem, trial), strict=True)
            )
            if allowed[chain, t].all() and room:
                for i in chain:
                    built[i] = t
                break
    return built


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_years_are_filled_in_the_order_given(seed: int, carry: bool) -> None:
    problem = small(seed, 8, carry=carry)
    random = np.random.default_rng(seed)
    order = random.permutation(8)[: random.integers(5, 9)]
    earliest = random.integers(0, 2, 8)
    allowed = random.random((8, YEARS + 1)) < 0.85
    assert fill(problem, order, earliest, allowed).tolist() == filled(
        problem, order.tolist(), earliest, allowed
    )


def test_orders_of_priority() -> None:
    """Values 30, 0, 20 and 12 at 10, 5, 4 and 4 kroner; loss of never building 3, 8, 0 and 8."""
    problem = small(0, 4)
    value = np.array([30.0, 0.0, 20.0, 12.0])[:, None] * np.ones(YEARS)
    use = np.array([10, 5, 4, 4])[:, None] * np.ones(YEARS)
    one = Problem(**{**vars(problem), "value": value, "limits": (
        limit(use, [9, 9, 9], carry=False), limit(9 * use, [9, 9, 9], carry=False, grant=False))})  # fmt: skip
    assert by_households_per_krone(one).tolist() == [2, 0, 3]
    slack = np.array([[1.0, 0, 2, 3], [0, 1, 1, 8], [1, 0, 0, 0], [2, 4, 2, 10]])
    relaxation = Relaxation(np.zeros(0), 0.0, np.array([2, 0, 3, 1]), slack)
    assert by_price(relaxation).tolist() == [1, 3, 0, 2]
    # in the years of the prices: 1 first, then 3 no earlier than its year, 0 in its, and 2 last
    free = Problem(**{**vars(one), "limits": (limit(use, [9, 9, 10], carry=False),), "exclusive": (),
                      "before": np.empty((0, 2), dtype=np.int64), "beside": np.empty((0, 2), dtype=np.int64)})  # fmt: skip
    assert as_priced(free, relaxation, np.ones((4, 4), dtype=bool)).tolist() == [2, 0, 0, 1]


def test_what_a_limit_allows_and_uses() -> None:
    use = np.array([[5, 5, 4], [3, 3, 3]])
    one = Limit("x", use, np.array([4, 4, 4]), np.array([1, 2, 0]), False, 1.0, True)
    carried = Limit("x", use, np.array([4, 4, 4]), np.array([1, 2, 0]), True, 1.0, True)
    assert (one.ceiling.tolist(), carried.ceiling.tolist()) == ([4, 4, 4], [5, 10, 12])
    built = np.array([2, 1])
    assert (one.used(built).tolist(), carried.used(built).tolist()) == ([0, 3, 4], [0, 3, 7])
    assert one.used(np.array([3, 3])).tolist() == [0, 0, 0]
    problem = Problem(**{**vars(small(0, 2)), "limits": (one, carried)})
    over = overuse(problem, np.array([0, 0]))
    assert [amounts.tolist() for amounts in over] == [[4, 0, 0], [3, 0, 0]]
    lower, narrower = tightened(problem, over).limits
    assert (lower.allowed.tolist(), lower.advance.tolist()) == ([0, 4, 4], [1, 2, 0])
    assert (narrower.allowed.tolist(), narrower.advance.tolist()) == ([4, 4, 4], [-2, 2, 0])


def test_neighbours_are_listed_in_the_order_they_are_told() -> None:
    start, target = neighbours(np.array([2, 0, 2, 2]), np.array([5, 6, 7, 4]), 4)
    assert start.tolist() == [0, 1, 1, 4, 4]
    assert target.tolist() == [6, 5, 7, 4]


def test_the_gap_of_an_answer() -> None:
    def gap(objective: float, bound: float) -> float:
        return Answer(np.zeros(0, dtype=np.int64), objective, bound, 0.0, "").gap_share

    assert gap(100.0, 103.0) == pytest.approx(0.03)
    assert gap(-50.0, -49.0) == pytest.approx(0.02)
    assert gap(0.0, 1.0) == np.inf
    assert gap(0.0, 1e-9) == 0.0
    assert gap(1e6, 1e6 + 9e-4) == 0.0
    assert gap(1e6, 1e6 + 2e-3) > 0.0


def test_what_counts_by_year_as_what_counts_from_year_to_year() -> None:
    assert cumulative(np.array([[9.0, 5.0, 2.0]])).tolist() == [[4.0, 3.0, 2.0]]


def test_feeders_that_nothing_hangs_on_are_not_built() -> None:
    """0 feeds 1 and the feeder 2, which feeds 3; 4 is a mast beside 1."""
    base = vars(small(0, 5))
    problem = Problem(**{
        **base, "shared": np.array([1, 0, 1, 0, 1], dtype=bool), "before": np.array([[1, 0], [2, 0], [3, 2]]),
        "beside": np.array([[1, 4]]),
    })  # fmt: skip

    def left(*built: int, **changes: np.ndarray) -> list[int]:
        return without_idle_feeders(
            Problem(**{**vars(problem), **changes}), np.array(built)
        ).tolist()

    assert left(0, 1, 0, 3, 0) == [0, 1, 3, 3, 0]
    assert left(0, 3, 0, 3, 0) == [3, 3, 3, 3, 3]
    assert left(0, 3, 0, 1, 0) == [0, 3, 0, 1, 3]
    assert left(0, 3, 0, 3, 0, required=np.arange(5) == 2) == [0, 3, 0, 3, 3]
    assert left(0, 3, 1, 3, 0, committed=np.array([-1, -1, -1, -1, 0])) == [3, 3, 3, 3, 0]


def test_unknowns_of_a_core_are_the_years_open_to_each_work() -> None:
    """Open: years 0 and never; 1 alone; 1, 2 and never; all of them."""
    allowed = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 1, 1], [1, 1, 1, 1]], dtype=bool)
    columns, constant = _columns(allowed)
    assert columns.shape == (12, 1 + 0 + 2 + 3)
    assert columns.toarray().reshape(4, 3, 6).argmax(axis=2).tolist() == [
        [0, 0, 0], [0, 0, 0], [0, 1, 2], [3, 4, 5]
    ]  # fmt: skip
    assert columns.sum(axis=1).reshape(4, 3).tolist() == [
        [1, 1, 1],
        [0, 0, 0],
        [0, 1, 1],
        [1, 1, 1],
    ]
    assert constant.reshape(4, 3).tolist() == [[0, 0, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]]
    problem = small(0, 4)
    for unknowns, built in (
        ([1, 0, 0, 0, 0, 0], [0, 1, 3, 3]),
        ([0, 1, 1, 0, 0, 1], [3, 1, 1, 2]),
        ([0, 0, 1, 1, 1, 1], [3, 1, 2, 0]),
    ):
        assert (
            _years_of(columns, constant, np.array(unknowns, dtype=float), problem).tolist() == built
        )


def test_rows_that_say_the_same_are_kept_once() -> None:
    matrix = sparse.csr_array(
        np.array([[1, -1, 0], [1, -1, 0], [0, 1, -1], [-1, 1, 0], [1, -1, 0], [1, -1, 0], [1, 1, 1]], dtype=float)
    )  # fmt: skip
    none = -np.inf
    rows = _without_repeats(
        Rows(
            matrix,
            np.array([none, none, none, none, 0.0, none, none]),
            np.array([0.0, 0, 0, 0, 0, 1, 0]),
        )
    )
    assert rows.matrix.toarray().tolist() == [
        [1, -1, 0], [0, 1, -1], [-1, 1, 0], [1, -1, 0], [1, -1, 0], [1, 1, 1]
    ]  # fmt: skip
    assert rows.upper.tolist() == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_core_gives_the_best_of_the_plans_that_it_holds(seed: int, carry: bool) -> None:
    problem = small(seed, carry=carry)
    works, years = problem.shape
    allowed = np.random.default_rng(seed).random((works, years + 1)) < 0.7
    allowed[~allowed.any(axis=1), years] = True
    inside = [b for b in plans(problem) if keeps(problem, b) and allowed[np.arange(works), b].all()]
    found = solve_core(problem, stack(problem), allowed, start=None, gap_share=0.0, time_limit_s=30)
    assert found.infeasible == (not inside)
    if inside:
        best = max(value_of(problem, built) for built in inside)
        assert (found.objective, found.bound) == pytest.approx((best, best))
        again = solve_core(
            problem, stack(problem), allowed, start=found.built, gap_share=0.0, time_limit_s=30
        )
        assert again.objective == pytest.approx(best)


def test_choices_that_the_gap_rules_out_are_not_tried() -> None:
    slack = np.array([[0.0, 2.0, 5.0], [1.0, 0.0, 3.0]])
    relaxation = Relaxation(np.zeros(0), 10.0, np.array([0, 1]), slack)
    allowed = np.array([[1, 1, 1], [1, 1, 0]], dtype=bool)
    known = Known(np.array([2, 1]), 8.0, 10.0)
    assert _not_ruled_out(relaxation, allowed, known).tolist() == [[1, 1, 1], [1, 1, 0]]
    closer = Known(np.array([0, 1]), 9.0, 10.0)
    assert _not_ruled_out(relaxation, allowed, closer).tolist() == [[1, 0, 0], [1, 1, 0]]
    assert _not_ruled_out(relaxation, allowed, Known(None, -np.inf, 10.0)) is allowed


def test_the_cheapest_choices_are_the_best_of_each_work_and_some_more() -> None:
    random = np.random.default_rng(1)
    slack = random.permutation(400).reshape(100, 4).astype(float)
    relaxation = Relaxation(np.zeros(0), 0.0, np.zeros(100, dtype=np.int64), slack)
    allowed = np.ones((100, 4), dtype=bool)
    assert cheapest(relaxation, allowed, 0.75).sum() == 175
    assert cheapest(relaxation, allowed, 0.1).sum() == 100 + 60, (
        "at least so many in a small county"
    )
    assert cheapest(relaxation, allowed, 9.0).sum() == 400
    assert slack[cheapest(relaxation, allowed, 0.75)].max() == 174
    half = slack % 2 == 0
    assert slack[cheapest(relaxation, half, 0.1)].max() == 2 * 159
    assert not cheapest(relaxation, half, 9.0)[~half].any()


def test_a_walk_starts_with_as_little_built_as_may_be() -> None:
    problem = small(0, 3)
    allowed = np.array([[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 1]], dtype=bool)
    good = np.array([[0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]], dtype=bool)
    relaxation = Relaxation(np.zeros(0), 0.0, np.array([0, 2, 0]), np.zeros((3, 4)))
    start, tried = _where_to_walk(problem, relaxation, allowed, good)
    assert start.tolist() == [3, 2, 3]
    assert tried.tolist() == [[0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1]]
    assert good.sum() == 2, "what is given is not touched"


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_a_walk_finds_the_best_plan_of_a_small_problem(seed: int, carry: bool) -> None:
    problem = small(seed, carry=carry)
    allowed = np.ones((5, YEARS + 1), dtype=bool)
    best = max(value_of(problem, built) for built in plans(problem) if keeps(problem, built))
    built, objective = anneal(problem, np.full(5, YEARS), allowed, moves=4000, seed=1)
    assert keeps(problem, built)
    assert objective == value_of(problem, built) == best


def test_a_walk_without_choices_goes_nowhere() -> None:
    problem = small(0)
    alone = np.arange(YEARS + 1) == np.array([0, 1, 2, 3, 3])[:, None]
    built, objective = anneal(problem, np.array([0, 1, 2, 3, 3]), alone, moves=100, seed=1)
    assert (built.tolist(), objective) == ([0, 1, 2, 3, 3], -np.inf)


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_years_filled_in_every_way_prove_the_best_plan(seed: int, carry: bool) -> None:
    """With room for every way the bound is the best plan there is, or all that was looked at.

    Groups and masts have prices that no year loses, so the bound is looser where they bind.
    """
    with_groups = small(seed, carry=carry)
    problem = Problem(
        **{**vars(with_groups), "exclusive": (), "beside": np.empty((0, 2), dtype=int)}
    )
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    best = max(value_of(problem, built) for built in plans(problem) if keeps(problem, built))
    nothing = Known(None, -np.inf, relaxation.bound)
    looked_at = 0.05 * relaxation.bound
    found = fill_years(problem, relaxation, allowed, nothing, width=5000)
    assert found.bound == pytest.approx(max(best, relaxation.bound - looked_at))
    if best > relaxation.bound - looked_at + 1e-9:
        assert found.built is not None
        assert keeps(problem, found.built)
        assert found.objective == best
    # with a plan to beat it looks as far as that plan, and finds the best in any case
    poor = Known(np.full(5, YEARS), 0.0, relaxation.bound)
    again = fill_years(problem, relaxation, allowed, poor, width=5000)
    assert (again.objective, again.bound) == pytest.approx((best, best))
    for width in (1, 5000):
        most = max(
            value_of(problem, built) for built in plans(problem) if keeps(with_groups, built)
        )
        priced = price(with_groups, allowed)
        found = fill_years(
            with_groups, priced, allowed, replace(poor, bound=priced.bound), width=width
        )
        assert found.objective <= most <= found.bound + 1e-9


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_whole_search_finds_the_best_plan(seed: int, carry: bool) -> None:
    problem = small(seed, carry=carry)
    best = max(value_of(problem, built) for built in plans(problem) if keeps(problem, built))
    answer = solve(problem, target_gap_share=0.0, time_limit_s=30)
    assert (answer.objective, answer.bound) == pytest.approx((best, best))
    assert keeps(problem, answer.built)


def test_what_is_known_only_gets_better() -> None:
    problem = small(0)
    best = max((b for b in plans(problem) if keeps(problem, b)), key=lambda b: value_of(problem, b))
    worth = value_of(problem, best)
    nothing = Known(None, -np.inf, 1000.0)
    assert nothing.gap_share == np.inf
    assert nothing.with_plan(problem, None) is nothing
    assert nothing.with_plan(problem, np.zeros(5, dtype=np.int64)) is nothing, "too dear"
    assert nothing.with_plan(problem, np.full(5, YEARS)) is nothing, "the floor is not met"
    known = nothing.with_plan(problem, best)
    assert known.objective == worth
    assert known.gap_share == pytest.approx((1000 - worth) / worth)
    assert known.with_bound(1001.0).bound == 1000.0
    assert known.with_bound(0.0).bound == worth
    assert known.with_bound(worth + 1).bound == worth + 1
    demanded = Problem(**{**vars(problem), "required": np.arange(5) == 0})
    assert keeps_demands(demanded, np.zeros(5, dtype=np.int64))
    assert not keeps_demands(demanded, np.array([3, 0, 0, 0, 0]))
    decided = Problem(**{**vars(problem), "committed": np.array([-1, 2, -1, -1, -1])})
    assert keeps_demands(decided, np.array([0, 2, 0, 0, 0]))
    assert not keeps_demands(decided, np.array([0, 1, 0, 0, 0]))
    at_once = Problem(**{**vars(problem), "committed": np.array([-1, 0, -1, -1, -1])})
    assert keeps_demands(at_once, np.array([3, 0, 3, 3, 3]))
    assert not keeps_demands(at_once, np.array([3, 1, 3, 3, 3]))
    floor = Problem(**{**vars(problem), "promises": (Promise("floors", "x", np.ones(5), 1, 2.0),)})
    assert keeps_demands(floor, np.array([3, 1, 0, 3, 2]))
    assert not keeps_demands(floor, np.array([3, 2, 0, 3, 2]))


def test_years_that_are_open_to_a_work() -> None:
    problem = small(0, 4)
    marked = Problem(
        **{
            **vars(problem),
            "barred": np.array([1, 0, 0, 0], dtype=bool),
            "required": np.array([0, 1, 0, 0], dtype=bool),
            "committed": np.array([-1, -1, 1, -1]),
        }
    )
    assert open_years(marked).tolist() == [
        [0, 0, 0, 1], [1, 1, 1, 0], [0, 1, 0, 0], [1, 1, 1, 1]
    ]  # fmt: skip


def test_the_solver_is_asked_for_what_it_is_told() -> None:
    """Most of 3a + 2b + 5 with a + b at most 1.5."""
    rows = Rows(sparse.csr_array(np.array([[1.0, 1.0]])), np.array([-np.inf]), np.array([1.5]))
    objective = np.array([3.0, 2.0])
    shares = highs.maximise(objective, rows, integral=False, offset=5.0)
    assert shares.x.tolist() == [1.0, 0.5]
    assert (shares.bound, shares.prices.tolist(), shares.infeasible) == (9.0, [2.0], False)
    whole = highs.maximise(objective, rows, offset=5.0)
    assert (whole.x.tolist(), whole.bound, whole.prices.size) == ([1.0, 0.0], 8.0, 0)
    mixed = highs.maximise(objective, rows, integral=np.array([True, False]))
    assert mixed.x.tolist() == [1.0, 0.5]
    wide = highs.maximise(
        objective, rows, between=(np.array([-1.0, 0.0]), np.array([0.5, 3.0])), integral=False
    )
    assert wide.x.tolist() == [0.5, 1.0]
    none = Rows(rows.matrix, np.array([3.0]), np.array([np.inf]))
    assert highs.maximise(objective, none).infeasible
    assert highs.maximise(objective, none).x.size == 0
    empty = sparse.csr_array((2, 0))
    for lower, upper, clash in ((0.0, 0.0, False), (1.0, 2.0, True), (-2.0, -1.0, True)):
        both = Rows(empty, np.full(2, lower), np.full(2, upper))
        found = highs.maximise(np.empty(0), both, offset=2.0)
        assert (found.bound, found.prices.tolist(), found.infeasible) == (2.0, [0.0, 0.0], clash)


def test_a_walk_of_a_few_hundred_moves_gets_so_far_and_no_farther() -> None:
    """Written down from these very walks, which are the same on every machine: heat, moves and prices."""
    for seed, after in ((0, (88.0, 109.0)), (1, (70.0, 78.0)), (2, (85.0, 93.0))):
        problem = small(seed, 30, carry=seed % 2 == 1)
        everything = np.ones((30, YEARS + 1), dtype=bool)
        for moves, objective in zip((600, 3000), after, strict=True):
            built, found = anneal(problem, np.full(30, YEARS), everything, moves=moves, seed=3)
            assert found == value_of(problem, built) == objective


def test_a_choice_that_costs_just_the_gap_is_tried() -> None:
    slack = np.array([[2.0, 2.5, 0.0]])
    relaxation = Relaxation(np.zeros(0), 0.0, np.array([2]), slack)
    known = Known(np.array([2]), -2.0, 0.0)
    open_ = np.ones((1, 3), dtype=bool)
    assert _not_ruled_out(relaxation, open_, known).tolist() == [[True, False, True]]


@pytest.mark.parametrize(
    ("objective", "bound", "status"),
    [(1e6, 1e6 + 1, "optimal"), (1e6, 1e6 + 2, "within_target"), (100.0, 101.0, "within_target"), (100.0, 101.1, "time_limit"), (0.0, 1.0, "time_limit")],
)  # fmt: skip
def test_a_proof_says_how_close_the_plan_is(objective: float, bound: float, status: str) -> None:
    answer = Answer(np.zeros(0, dtype=np.int64), objective, bound, 0.0, "x")
    choices = Rollout(annual_grant_nok=(1.0,), target_gap_share=0.01)
    proof = proof_of(answer, choices)
    assert (proof.status, proof.objective, proof.bound) == (status, objective, bound)
    assert (proof.gap_share is None) == (objective == 0)
    least = proof_of(answer, choices.model_copy(update={"goal": "least_grant"}))
    assert (least.objective, least.bound, least.what) == (-objective, -bound, "mill. kr tilskudd")
    prudent = proof_of(answer, choices.model_copy(update={"plan_for": "mean"}))
    assert prudent.status == "robust"


LAGRANGIAN = {
    0: (202.782435, 187.245607, 167.41252, 140.204966, 129.955003, 103.973673, 99.518172),
    1: (169.375282, 133.723756, 97.177367, 71.709622, 71.709622, 69.066405, 65.332384),
    2: (157.957143, 139.974227, 114.974898, 86.238163, 64.671596, 62.701549, 60.480622),
}


@pytest.mark.parametrize(
    ("seed", "linear", "beams", "filled"),
    [
        (0, 98.571429, {1: (87, 94.095238), 4: (87, 92.404762), 40: (87, 87)}, (86, 86, 82)),
        (1, 64.849906, {1: (53, 57.736398), 4: (53, 53.893058), 40: (53, 53)}, (49, 43, 36)),
        (2, 58.676923, {1: (46, 53), 4: (48, 50.166667), 40: (48, 48)}, (36, 39, 36)),
    ],
)
def test_how_far_each_way_gets_on_twenty_works(
    seed: int, linear: float, beams: dict[int, tuple[float, float]], filled: tuple[int, int, int]
) -> None:
    """Written down from these very runs: prices, years filled with so many states kept, and quick plans."""
    with_groups = small(seed, 20, carry=seed % 2 == 1)
    problem = Problem(
        **{**vars(with_groups), "exclusive": (), "beside": np.empty((0, 2), dtype=int)}
    )
    allowed, coupling = open_years(problem), coupling_rows(problem)
    relaxation = price(problem, allowed)
    assert relaxation.bound == pytest.approx(linear)
    searched = best_prices(problem, forest_of(problem), coupling, allowed)
    assert searched.bound == pytest.approx(linear)
    for rounds, bound in zip((0, 1, 2, 3, 5, 8, 12), LAGRANGIAN[seed], strict=True):
        after = best_prices(problem, forest_of(problem), coupling, allowed, rounds=rounds)
        assert after.bound == pytest.approx(bound, abs=1e-5), rounds
    nothing = Known(np.full(20, YEARS), 0.0, relaxation.bound)
    for width, expected in beams.items():
        found = fill_years(problem, relaxation, allowed, nothing, width=width)
        assert (found.objective, found.bound) == pytest.approx(expected)
    anytime = np.zeros_like(problem.committed)
    plans_ = (
        fill(problem, by_price(relaxation), anytime, allowed),
        as_priced(problem, relaxation, allowed),
        fill(problem, by_households_per_krone(problem), anytime, allowed),
    )
    assert tuple(value_of(problem, plan) for plan in plans_) == filled
