"""Each piece of the sector plan against every choice there is, and a plan checked number by number."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bredband.errors import PlanError
from bredband.scenario.rollout import Rollout
from bredband.sector import frontier
from bredband.sector.check import faults
from bredband.sector.coupling import Offers, _fill, answer, best_price, bound, couple
from bredband.sector.distribution import _proof
from bredband.sector.forest import NEVER, among, least_cost
from bredband.sector.frontier import _envelope, _kept
from bredband.sector.key import by_key
from bredband.sector.order import blocks, handed_out, in_years
from tests.sector.packages import areas_of, package, shared

Ints = NDArray[np.int64]


def forest(seed: int, count: int = 8) -> tuple[Ints, Ints, Ints]:
    """Random works: what each costs, what it reaches, and what it hangs on."""
    random = np.random.default_rng(seed)
    parent = [int(random.integers(-1, i)) for i in range(count)]
    households = random.integers(0, 6, count) * (random.random(count) < 0.7)
    return random.integers(0, 50, count), households, np.array(parent)


def choices(parent: Ints) -> list[NDArray[np.bool_]]:
    """Every choice of works in which what is built hangs on what is built."""
    every = (np.array(c, dtype=bool) for c in itertools.product((0, 1), repeat=len(parent)))
    hung = parent >= 0
    return [c for c in every if not (c[hung] & ~c[parent[hung]]).any()]


@pytest.mark.parametrize("seed", range(8))
def test_the_least_cost_of_every_number_of_households(seed: int) -> None:
    cost, gain, parent = forest(seed)
    least = least_cost(cost, gain, parent)
    expected = np.full(gain.sum() + 1, NEVER)
    for c in choices(parent):
        h = gain[c].sum()
        expected[h] = min(expected[h], cost[c].sum())
    assert least.cost_nok.tolist() == expected.tolist()
    reachable = np.flatnonzero(expected < NEVER)
    built = least.trace(reachable)
    assert (built @ gain).tolist() == reachable.tolist()
    assert (built @ cost).tolist() == expected[reachable].tolist()
    hung = parent >= 0
    assert not (built[:, hung] & ~built[:, parent[hung]]).any()
    for money in (0, 30, 31, 1000):
        within = [int(gain[c].sum()) for c in choices(parent) if cost[c].sum() <= money]
        assert least.most_within(money) == max(within)


def test_a_parent_outside_the_works_looked_at_is_none() -> None:
    assert among(np.array([-1, 0, 1, 1, 3]), np.array([1, 3, 4])).tolist() == [-1, 0, 1]


def test_works_in_a_ring_are_refused() -> None:
    with pytest.raises(PlanError, match="i ring"):
        least_cost(np.ones(3, dtype=int), np.ones(3, dtype=int), np.array([-1, 2, 1]))


def test_blocks_give_less_and_less_per_krone() -> None:
    """F (10, nobody) leads to A (10 for 8) and B (40 for 8); C (10 for 5) and D (5 for 1) are free."""
    cost, gain = np.array([10, 10, 40, 10, 5]), np.array([0, 8, 8, 5, 1])
    parent = np.array([-1, 0, 0, -1, -1])
    # C gives a half, F with A 0.4, and of B and D, both a fifth, the first
    assert blocks(cost, gain, parent) == [[3], [0, 1], [2], [4]]
    # what is free goes first, and what is free of people last
    free = blocks(np.array([0, 0, 4]), np.array([1, 0, 1]), np.full(3, -1))
    assert free == [[0], [2], [1]]


@pytest.mark.parametrize("seed", range(8))
def test_works_are_built_as_early_as_the_money_of_each_year_allows(seed: int) -> None:
    cost, gain, parent = forest(seed, 6)
    random = np.random.default_rng(seed)
    first = int(random.integers(0, cost.sum() + 1))
    annual = [first, int(random.integers(0, cost.sum() - first + 1)), 0]
    annual[2] = int(cost.sum()) - annual[0] - annual[1]
    ceiling = np.cumsum(annual)

    def holds(year: Ints) -> bool:
        hung = parent >= 0
        spent = [cost[year <= t].sum() for t in range(3)]
        return bool((year[parent[hung]] <= year[hung]).all() and (spent <= ceiling).all())

    def worth(year: Ints) -> int:
        return int((gain * (3 - year)).sum())

    year, most = in_years(cost, gain, parent, annual)
    assert holds(year)
    every = [np.array(y) for y in itertools.product(range(3), repeat=6)]
    best = max(worth(y) for y in every if holds(y))
    assert worth(year) <= best <= most
    assert worth(year) >= 0.9 * best
    within = [
        max(int(gain[c].sum()) for c in choices(parent) if cost[c].sum() <= m) for m in ceiling
    ]
    assert most == sum(within)


def test_many_works_are_built_in_the_order_of_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """F and A for 20 of 8, C for 10 of 5, B for 40 of 8; 25, 25 and 10 in three years."""
    monkeypatch.setattr("bredband.sector.order.MOST_STATES", 0)
    cost, gain = np.array([10, 10, 40, 10]), np.array([0, 8, 8, 5])
    year, most = in_years(cost, gain, np.array([-1, 0, 0, -1]), [25, 5, 40])
    # C first, then F with A, which must wait for 30; B when all 70 are there
    assert year.tolist() == [1, 1, 2, 0]
    assert most == pytest.approx((5 + 8 * 15 / 20) + 13 + 21)


def test_money_is_handed_out_no_later_than_it_is_needed() -> None:
    need = np.array([[40, 0, 10], [0, 60, 0]])
    assert handed_out(need, [50, 50, 20]).tolist() == [[40, 0, 10], [10, 50, 0]]
    assert handed_out(need, [105, 0, 20]).tolist() == [[45, 0, 5], [60, 0, 0]]
    assert need.tolist() == [[40, 0, 10], [0, 60, 0]]


def test_a_grant_shared_by_the_key_in_whole_kroner() -> None:
    assert by_key([0.5, 0.5, 0.0], [900, 900, 900], [101, 100]).tolist() == [
        [50, 50],
        [50, 50],
        [0, 0],
    ]
    # all are full: the rest is not handed out
    assert by_key([0.5, 0.5], [30, 50], [60, 40]).tolist() == [[18, 12], [30, 20]]
    # who is full gives to the others by the key, again and again
    assert by_key([0.6, 0.3, 0.1], [20, 40, 90], [100]).tolist() == [[20], [40], [40]]
    assert by_key([0.5, 0.5], [30, 50], [0, 0]).tolist() == [[0, 0], [0, 0]]
    # more than half a krone is worth another round
    assert by_key([0.6, 0.4], [0, 9], [1]).tolist() == [[0], [1]]
    assert by_key([0.4, 0.6], [0, 9], [1]).tolist() == [[0], [0]]


def county_offers(seed: int) -> list[Offers]:
    random = np.random.default_rng(seed)
    made = []
    for _ in range(3):
        points = int(random.integers(2, 7))
        cost = np.cumsum(random.integers(1, 40, points)) - 1
        made.append(
            Offers(
                cost - (cost[0] if random.random() < 0.5 else 0),
                np.cumsum(random.integers(0, 9, points)),
            )
        )
    return made


@pytest.mark.parametrize("seed", range(12))
def test_the_counties_plans_are_combined_to_the_best_there_is(seed: int) -> None:
    counties = county_offers(seed)
    for share in (0.0, 0.2, 0.5, 0.8, 1.0):
        budget = int(share * sum(o.cost_nok.max() for o in counties))
        combined = [
            (sum(int(o.households[k]) for o, k in zip(counties, plan, strict=True)), plan)
            for plan in itertools.product(*(range(len(o.cost_nok)) for o in counties))
            if sum(int(o.cost_nok[k]) for o, k in zip(counties, plan, strict=True)) <= budget
        ]
        found = couple(counties, budget)
        if not combined:
            assert found is None
            continue
        assert found is not None
        best = max(reached for reached, _ in combined)
        assert found.households == best
        assert found.households == sum(
            o.households[k] for o, k in zip(counties, found.plan, strict=True)
        )
        assert (
            found.cost_nok
            == sum(o.cost_nok[k] for o, k in zip(counties, found.plan, strict=True))
            <= budget
        )
        assert found.bound_households >= best
        # no price bounds it lower: the corners of the envelopes are all the prices there are
        slopes = {
            (h - g) / (d - c)
            for o in counties
            for (c, g), (d, h) in itertools.permutations(
                zip(o.cost_nok.tolist(), o.households.tolist(), strict=True), 2
            )
            if d > c
        }
        lowest = min(
            bound(counties, budget, price) for price in {0.0, *(s for s in slopes if s > 0)}
        )
        assert found.bound_households == pytest.approx(lowest)
        assert found.price_households == best_price(counties, budget)


def test_a_county_answers_a_price_with_the_plan_that_gives_most() -> None:
    offers = Offers(np.array([0, 10, 30]), np.array([1, 6, 9]))
    assert [answer(offers, price) for price in (0.0, 0.14, 0.16, 0.49, 0.51)] == [2, 2, 1, 1, 0]
    assert bound([offers, offers], 20, 0.2) == pytest.approx(0.2 * 20 + 2 * (6 - 2))


def test_a_choice_to_begin_with_spends_what_the_answers_leave() -> None:
    offers = Offers(np.array([0, 10, 30]), np.array([1, 6, 9]))
    two = [offers, offers]
    # both answer with 6 for 10; what is left buys 3 more for 20, in the first county
    assert _fill(two, 20, 0.2) == [1, 1]
    assert _fill(two, 39, 0.2) == [1, 1]
    assert _fill(two, 40, 0.2) == [2, 1]
    assert _fill(two, 60, 0.2) == [2, 2]
    # where the answers take too much it begins with nothing
    assert _fill(two, 15, 0.2) == [1, 0]
    assert _fill(two, 0, 0.2) == [0, 0]
    # the larger gain goes first: 4 for 10 before 1 for 10
    unlike = [
        Offers(np.array([0, 10]), np.array([0, 1])),
        Offers(np.array([0, 10]), np.array([0, 4])),
    ]
    assert _fill(unlike, 10, 0.5) == [0, 1]


def test_corners_are_where_a_krone_gives_less_than_before() -> None:
    cost, gain = np.array([0, 10, 20, 30, 40]), np.array([0, 1, 7, 9, 10])
    assert _envelope(cost, gain).tolist() == [0, 2, 3, 4]
    # three on a line: the one between is no corner
    assert _envelope(np.array([0, 1, 2]), np.array([0, 2, 4])).tolist() == [0, 2]


def test_plans_that_another_beats_are_not_kept() -> None:
    kept = _kept(np.array([0, 5, 4, NEVER, 9, 9]))
    assert kept.households.tolist() == [0, 2, 5]
    assert kept.bound_households.tolist() == [0, 2, 5]


def test_a_county_of_many_plans_keeps_the_corners_and_says_what_lies_between() -> None:
    count = 4 * 500
    steps = np.where(np.arange(1, count) % 2 == 1, 3, 1) + np.arange(1, count) // 400
    cost = np.concatenate([[0], np.cumsum(steps)])
    kept = _kept(cost)
    every = np.arange(count)
    corners = _envelope(cost, every)
    assert 250 < len(kept.households) <= max(500, len(corners) + 2)
    assert len(_kept(cost[:501]).households) < 501
    assert len(_kept(cost[:500]).households) == 500, (
        "a county of five hundred plans is told exactly"
    )
    assert set(corners.tolist()) <= set(kept.households.tolist())
    assert kept.households[[0, -1]].tolist() == [0, count - 1]
    assert (kept.bound_households[:-1] == kept.households[1:] - 1).all()
    assert kept.bound_households[-1] == count - 1


def sector_plan() -> tuple[dict[str, Any], dict[str, Any]]:
    """Two counties and two years of 500; Alfa in prices that are doubled, Beta with half in reserve.

    Alfa builds F (10) and A (90, on F), which take 20 and 180; Beta builds B (100), which takes 200.
    """
    kpis = ("households", "served_before_households", "gained_households", "grant_nok")

    def share(*amounts: int, **more: Any) -> dict[str, Any]:
        return {"kpis": dict(zip(kpis, amounts, strict=True)), **more}

    def county(name: str, ratio: float, **more: Any) -> dict[str, Any]:
        return {"county": name, "price_ratio": ratio, **more}

    alfa = county(
        "Alfa", 2.0, key_share=0.45, promised_nok=120, households=50, served_before_households=10,
        own=share(50, 10, 5, 100),
        key=share(50, 10, 9, 200, annual_grant_nok=[100, 100], built={"A": 2028, "F": 2027}),
        optimal=share(50, 10, 9, 200, annual_grant_nok=[30, 170], built={"A": 2028, "F": 2027}),
    )  # fmt: skip
    beta = county(
        "Beta", 1.0, key_share=0.55, promised_nok=0, households=40, served_before_households=0,
        own=share(40, 0, 6, 100),
        key=share(40, 0, 6, 200, annual_grant_nok=[200, 0], built={"B": 2027}),
        optimal=share(40, 0, 6, 200, annual_grant_nok=[200, 0], built={"B": 2027}),
    )  # fmt: skip
    sums = {
        kind: {name: alfa[kind]["kpis"][name] + beta[kind]["kpis"][name] for name in kpis}
        for kind in ("own", "key", "optimal")
    }
    content = {
        "annual_grant_nok": [300, 170],
        "footing": {"years": [2027, 2028]},
        "counties": [alfa, beta],
        "kpis": sums,
        "by_year": {
            "own": [{"households": 11}], "key": [{"households": 6}, {"households": 9}],
            "optimal": [{"households": 6}, {"households": 9}],
        },
        "proofs": [{"objective": 15, "bound": 16, "gap_share": 1 / 15, "status": "feasible"}],
        "scenario": {
            "least_key_share": 0.6,
            "floors": [{"county": "Beta", "least_grant_nok": 200, "least_served_share": 0.15}],
            "key": {
                "rural_lacking_weight": 1.0, "need_weight": 2.0, "centrality_weight": 1.0,
                "centrality_class": {"1": 5, "2": 6, "3": 4}, "least_central_class": 5,
            },
        },
    }  # fmt: skip

    def rural(kommune: str, settlement: str, households: int, served: float) -> dict[str, Any]:
        return {
            "kommune": kommune,
            "settlement": settlement,
            "households": households,
            "served_share": served,
        }

    def package(areas: list[tuple[str, str, int, int]], points: list[tuple[int, int]], **more: Any):
        rollout = {
            "contingency_share": more.pop("reserve"),
            "must_build": ["A"],
            "must_not_build": ["C"],
        }
        if areas[0][0] == "B":
            rollout["must_build"] = []
        keys = ("area_id", "feeder_area", "households", "grant_nok")
        return {
            "areas": [dict(zip(keys, area, strict=True)) for area in areas],
            "frontier": {"points": [{"grant_nok": g, "bound_households": h} for g, h in points]},
            "scenario": {"rollout": rollout},
            **more,
        }

    packages = {
        "Alfa": package(
            [("F", "", 0, 10), ("A", "F", 9, 90), ("C", "", 1, 5)], [(0, 0), (100, 9)], reserve=0.0,
            coverage=[rural("", "rural", 30, 0.5), rural("1", "rural", 99, 0.0), rural("", "urban", 99, 0.0)],
            kpis={"grant_all_areas_nok": 150}, by_kommune=[{"kommune": "1", "households": 30}, {"kommune": "3", "households": 9}],
        ),
        "Beta": package(
            [("B", "", 6, 100), ("C", "", 1, 5)], [(0, 0), (100, 6)], reserve=0.5,
            coverage=[rural("", "rural", 20, 0.25)],
            kpis={"grant_all_areas_nok": 300}, by_kommune=[{"kommune": "2", "households": 70}],
        ),
    }  # fmt: skip
    # lacking 15 and 15, need 300 and 300, least central 30 and 70: (0.5 + 2 · 0.5 + 0.3) / 4 = 0.45
    return content, packages


def test_a_sector_plan_that_is_right_in_every_number_has_no_faults() -> None:
    assert faults(*sector_plan()) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("annual_grant_nok", 0), 299, ["key 2027: fylkene får 300 kr, rammen er 299 kr"]),
        (("counties", 0, "optimal", "annual_grant_nok", 0), 101, ["optimal 2027: fylkene får 301 kr, rammen er 300 kr"]),
        (("kpis", "own", "households"), 91, ["own: households er 91, fylkene gir 90"]),
        (("kpis", "key", "grant_nok"), 401, ["key: grant_nok er 401, fylkene gir 400"]),
        (("by_year", "own", 0, "households"), 12, ["own: årene gir 12 husstander, nøkkeltallet er 11"]),
        (("proofs", 0, "objective"), 14, [
            "beviset gjelder et annet antall husstander enn planen",
            "beviset oppgir avviket 0.066667, tallene gir 0.142857"]),
        (("proofs", 0, "gap_share"), 0.06, ["beviset oppgir avviket 0.060000, tallene gir 0.066667"]),
        (("proofs", 0, "gap_share"), 0.07, []),
        (("counties", 0, "key_share"), 0.46, ["Alfa: nøkkelen er 0.460000, tallene gir 0.450000"]),
        (("scenario", "key", "least_central_class"), 6, [
            "Alfa: nøkkelen er 0.450000, tallene gir 0.375000", "Beta: nøkkelen er 0.550000, tallene gir 0.625000"]),
        (("scenario", "key", "centrality_weight"), 0.0, [
            "Alfa: nøkkelen er 0.450000, tallene gir 0.500000", "Beta: nøkkelen er 0.550000, tallene gir 0.500000"]),
        (("counties", 0, "optimal", "built", "F"), 2028, []),
        (("counties", 0, "optimal", "built", "A"), 2027, [
            "Alfa (optimal): 200 kr er brukt til og med 2027, rammen er 30 kr"]),
        (("counties", 0, "key", "built"), {"A": 2028}, [
            "Alfa (key): «A» bygges i 2028, før «F» som det henger på"]),
        (("counties", 0, "key", "built"), {"F": 2028, "A": 2027}, [
            "Alfa (key): «A» bygges i 2027, før «F» som det henger på",
            "Alfa (key): 180 kr er brukt til og med 2027, rammen er 100 kr"]),
        (("counties", 0, "key", "built"), {"F": 2027}, [
            "Alfa (key): «A» skal bygges, men er ikke med",
            "Alfa (key): områdene gir 0 husstander, nøkkeltallet er 9"]),
        (("counties", 1, "key", "built"), {"B": 2027, "no": 2027}, [
            "Beta (key): «no» bygges, men finnes ikke i fylkets plan"]),
        (("counties", 1, "key", "built"), {"B": 2027, "C": 2028}, [
            "Beta (key): 210 kr er brukt til og med 2028, rammen er 200 kr",
            "Beta (key): «C» skal ikke bygges, men er med",
            "Beta (key): områdene gir 7 husstander, nøkkeltallet er 6"]),
        (("scenario", "least_key_share"), 1.0, []),
        (("scenario", "least_key_share"), 1.01, [
            "Alfa: får 200 kr, er lovet 202 kr", "Beta: får 200 kr, er lovet 202 kr"]),
        (("scenario", "floors", 0, "least_grant_nok"), 201, []),
        (("scenario", "floors", 0, "least_grant_nok"), 202, ["Beta: får 200 kr, er lovet 202 kr"]),
        (("scenario", "floors", 0, "least_served_share"), 0.16, ["Beta: når 6 husstander, mindre enn lovet"]),
    ],
)  # fmt: skip
def test_each_number_of_a_sector_plan_that_is_changed_is_told_of(path, value, expected) -> None:
    content, packages = sector_plan()
    place: Any = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert faults(content, packages) == expected


def test_the_bound_is_proved_again_from_the_frontiers() -> None:
    """Alfa's 9 take 200, or at least the 120 promised; Beta's 6 take 200 with the reserve."""
    content, packages = sector_plan()
    proof = content["proofs"][0]
    proof |= {"bound": 15, "gap_share": 0.0, "status": "optimal"}
    assert faults(content, packages) == []
    proof |= {"objective": 15, "bound": 14, "status": "optimal"}
    assert faults(content, packages) == []  # Beta is promised coverage, which frontiers do not see
    content["scenario"]["floors"] = []
    assert faults(content, packages) == ["frontene kan nå 15 husstander, beviset sier høyst 14"]
    proof["status"] = "feasible"
    assert faults(content, packages) == []
    packages["Beta"]["frontier"]["points"][1]["grant_nok"] = 136
    assert "frontene når høyst 9 husstander, planen oppgir 15" in faults(content, packages)
    packages["Beta"]["frontier"]["points"][1]["grant_nok"] = 135
    assert faults(content, packages) == []
    content["counties"][0]["promised_nok"] = 201
    assert "frontene når høyst 9 husstander, planen oppgir 15" in faults(content, packages)


@pytest.mark.parametrize(
    ("objective", "highest", "status", "bound", "gap_share"),
    [
        (200, 200.9, "optimal", 200, 0.0),
        (200, 201.0, "within_target", 201, 0.005),
        (200, 201.9999999, "feasible", 202, 0.01),
        (200, 150.0, "optimal", 200, 0.0),
        (0, 0.5, "optimal", 0, 0.0),
        (0, 1.0, "feasible", 1, 1.0),
    ],
)
def test_nothing_lies_between_two_households(
    objective: int, highest: float, status: str, bound: int, gap_share: float
) -> None:
    proof = _proof("husstander", objective, highest)
    assert (proof.status, proof.objective, proof.bound) == (status, objective, bound)
    assert proof.gap_share == pytest.approx(gap_share)


def test_plans_are_left_out_by_shares_that_double_until_few_enough_are_left() -> None:
    cost = (1e6 * np.sqrt(np.arange(40_000))).astype(np.int64)
    assert _envelope(cost, np.arange(40_000)).tolist() == [0, 39_999]
    # shares of 0.0005, 0.001, 0.002, ... : 0.016 is the first that leaves at most 500
    following = [0, 1]
    while following[-1] * 1.016 < 39_999:
        following.append(int(following[-1] * 1.016) + 1)
    assert _kept(cost).households.tolist() == [*following, 39_999]


def test_rules_of_a_county_just_kept_and_just_broken() -> None:
    """A costs 100 for two households, 50 each; F is shared trench of 90, which no rule makes too dear."""
    areas = areas_of([("F", "", 0, 90), ("A", "F", 2, 100), ("B", "", 1, 60)])
    for highest, most in ((60.0, 3), (50.0, 2), (49.9, 0)):
        choices = Rollout(annual_grant_nok=(1000.0,), highest_grant_nok_per_household=highest)
        assert frontier(areas, choices).households.max() == most
    named = Rollout(
        annual_grant_nok=(1000.0,), highest_grant_nok_per_household=1.0, must_build=("A",)
    )
    found = frontier(areas, named)
    assert (found.households.tolist(), found.grant_nok.tolist()) == ([2], [190])
    assert found.bound_households.tolist() == [2]
    decided = Rollout(
        annual_grant_nok=(1000.0,),
        must_not_build=("F",),
        committed=({"area_id": "B", "year": 2027},),
    )
    found = frontier(areas, decided)
    assert (found.households.tolist(), found.left_out) == ([1], ("committed",))
    with pytest.raises(PlanError, match="«F» både skal og skal ikke bygges"):
        frontier(
            areas, Rollout(annual_grant_nok=(1000.0,), must_not_build=("F",), must_build=("A",))
        )
    with pytest.raises(PlanError, match="«Q» står som feeder_area"):
        frontier(areas_of([("A", "Q", 2, 100)]), Rollout(annual_grant_nok=(1000.0,)))


def test_the_least_central_class_counts_from_the_class_itself() -> None:
    packages = [
        package(name, areas_of([("x", "", 3, 10)]), kommune=code)
        for name, code in (("Alfa", "1"), ("Beta", "2"))
    ]
    for least, share in ((4, 0.5), (5, 1.0)):
        key = {"centrality_weight": 1, "need_weight": 0, "rural_lacking_weight": 0,
               "least_central_class": least, "centrality_class": {"1": 5, "2": 4}}  # fmt: skip
        assert shared(packages, annual_grant_nok=[10.0], key=key).key["key_share"]["Alfa"] == share
