"""The whole choice against brute force, one demand at a time and all together."""

from __future__ import annotations

import os
from dataclasses import asdict

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband import tables
from bredband.check.years import rollout_faults
from bredband.errors import PlanError
from bredband.rollout import choose, freeze
from bredband.rollout.choice import schedule_of
from bredband.rollout.exact import solve as solve_exact
from bredband.rollout.statement import state
from bredband.scenario.rollout import Rollout
from tests.rollout.oracle import brute_force, county, faults, grant, objective

VALLEY = county(
    ("F1", "feeder", "", "3401", 0, 1, 2.0),
    ("A1", "area", "F1", "3401", 40, 1.5, 3.0),
    ("A2", "area", "F1", "3401", 25, 1, 2.5),
    ("A3", "area", "", "3402", 30, 1, 4.0),
    ("A4", "area", "A3", "3402", 12, 1, 1.0),
    ("A5", "area", "", "3402", 5, 1, 1.5),
)
"""Two kommuner; A1 and A2 share the feeder F1, and A4 lies behind A3."""

EXAMPLES = int(os.environ.get("BREDBAND_SCENARIOS", "100"))
"""Random scenarios held against brute force; CONTRIBUTING says when a thousand."""

BASE = {"annual_grant_nok": (5e6, 4e6, 3e6), "carry_over": False, "target_gap_share": 0.0}

DEMANDS = {
    "nothing": {},
    "carry_over": {"carry_over": True},
    "borrow": {"carry_over": True, "borrow_share": 0.5},
    "contingency": {"contingency_share": 0.2},
    "fund": {
        "funds": ({"name": "fjell", "kommuner": ("3402",), "annual_grant_nok": (1e6, 4e6, 2e6)},)
    },
    "capex": {"annual_capex_nok": (4e6, 6e6, 4e6)},
    "trench": {"annual_trench_m": (4000.0, 4000.0, 4000.0)},
    "must_build": {"must_build": ("A4",)},
    "must_not_build": {"must_not_build": ("F1",)},
    "highest_grant": {"highest_grant_nok_per_household": 110_000.0},
    "floor": {"floors": ({"kommune": "3402", "by_year": 2028, "least_share": 0.6},)},
    "exclusive": {"exclusive": (("A1", "A3"),)},
    "synergy": {"synergies": ({"area_id": "A3", "year": 2029, "saving_nok": 3e6},)},
    "committed": {"committed": ({"area_id": "A5", "year": 2028},)},
    "least_grant": {
        "goal": "least_grant",
        "floors": ({"by_year": 2029, "least_households": 40},),
    },
}
TOGETHER = {
    "carry_over": True,
    "borrow_share": 0.3,
    "contingency_share": 0.05,
    "annual_grant_nok": (6e6, 6e6, 4e6),
    "annual_capex_nok": (12e6, 12e6, 12e6),
    "annual_trench_m": (8000.0, 8000.0, 8000.0),
    "must_build": ("A4",),
    "must_not_build": ("A5",),
    "exclusive": (("A1", "A2"),),
    "floors": ({"kommune": "3401", "by_year": 2029, "least_share": 0.3},),
    "synergies": ({"area_id": "F1", "year": 2028, "saving_nok": 5e5},),
}


@pytest.mark.parametrize("demand", [*DEMANDS, "together"])
def test_choose_equals_brute_force(demand):
    choices = Rollout(**{**BASE, **(TOGETHER if demand == "together" else DEMANDS[demand])})
    schedule, proof, _ = choose(VALLEY, choices)
    tables.check(schedule, "schedule")
    year_of = dict(zip(schedule["area_id"], schedule["build_year"], strict=True))
    assert faults(VALLEY, choices, year_of) == []
    assert proof.objective == pytest.approx(brute_force(VALLEY, choices))
    assert objective(VALLEY, choices, year_of) == pytest.approx(proof.objective)
    assert proof.status == "optimal"


def test_lexicographic_goal_builds_most_households_first():
    choices = Rollout(**{**BASE, "goal": "households_then_years"})
    schedule, proof, _ = choose(VALLEY, choices)
    by_years, _, _ = choose(VALLEY, Rollout(**BASE))
    weighted = VALLEY.set_index("area_id")["weighted_households"]
    most = weighted[schedule["area_id"]].sum()
    assert most >= weighted[by_years["area_id"]].sum()
    assert proof.objective == pytest.approx(
        objective(
            VALLEY, choices, dict(zip(schedule["area_id"], schedule["build_year"], strict=True))
        )
    )


def test_a_budget_is_met_to_the_krone():
    areas = county(("A", "area", "", "3401", 10, 1, 1.000001), ("B", "area", "", "3401", 9, 1, 1.0))
    schedule, _, _ = choose(areas, Rollout(annual_grant_nok=(2_000_000.0,)))
    assert schedule["area_id"].tolist() == ["A"]
    schedule, _, _ = choose(areas, Rollout(annual_grant_nok=(2_000_001.0,)))
    assert schedule["area_id"].tolist() == ["A", "B"]


def test_an_unused_feeder_is_not_built():
    areas = county(("F", "feeder", "", "3401", 0, 1, 0.0), ("A", "area", "F", "3401", 5, 1, 9.0))
    schedule, _, _ = choose(areas, Rollout(annual_grant_nok=(1e6,)))
    assert len(schedule) == 0


def test_no_areas_is_an_empty_plan():
    schedule, proof, _ = choose(VALLEY.iloc[:0], Rollout(**BASE))
    assert len(schedule) == 0
    assert proof.gap_share == 0


def test_committed_years_do_not_move():
    first, _, _ = choose(VALLEY, Rollout(**BASE))
    poorer = Rollout(**{**BASE, "annual_grant_nok": (5e6, 1e6, 1e6)})
    again, _, _ = choose(VALLEY, freeze(poorer, first, before_year=2028))
    early = first[first["build_year"] < 2028].set_index("area_id")["build_year"]
    assert (again.set_index("area_id")["build_year"].reindex(early.index) == early).all()


def test_an_earlier_plan_holds_only_years_of_this_one():
    first, _, _ = choose(VALLEY, Rollout(**BASE))
    next_year = Rollout(**{**BASE, "first_year": 2028})
    held = freeze(next_year, first, before_year=2029).committed
    assert [one.area_id for one in held] == first.loc[
        first["build_year"] == 2028, "area_id"
    ].tolist()


def test_the_feeder_ring_is_refused():
    ring = county(("A", "area", "B", "3401", 5, 1, 1.0), ("B", "area", "A", "3401", 5, 1, 1.0))
    with pytest.raises(PlanError, match="ring"):
        choose(ring, Rollout(**BASE))


def test_unknown_areas_are_named():
    with pytest.raises(PlanError, match="must_build nevner området «X9»"):
        choose(VALLEY, Rollout(**BASE, must_build=("X9",)))
    with pytest.raises(PlanError, match="«F9» står som feeder_area"):
        choose(VALLEY.assign(feeder_area="F9"), Rollout(**BASE))


def test_inputs_are_not_changed():
    before = VALLEY.copy()
    choose(VALLEY, Rollout(**{**BASE, **TOGETHER}))
    assert before.equals(VALLEY)


@st.composite
def rare_demands(draw, names):
    """Draw each demand of one scenario in eight or so; all of them may come together."""
    area = st.sampled_from(names)
    tenths = st.lists(st.integers(10, 80), min_size=3, max_size=3)
    amounts = tenths.map(lambda parts: tuple(part * 1e5 for part in parts))
    year = st.integers(2027, 2029)
    demands = st.fixed_dictionaries(
        {},
        optional={
            "contingency_share": st.sampled_from([0.1, 0.25]),
            "funds": amounts.map(
                lambda money: ({"name": "fond", "kommuner": ("2",), "annual_grant_nok": money},)
            ),
            "annual_capex_nok": amounts,
            "annual_trench_m": tenths.map(lambda parts: tuple(part * 100.0 for part in parts)),
            "highest_grant_nok_per_household": st.sampled_from([5e4, 2e5]),
            "synergies": st.tuples(
                st.fixed_dictionaries(
                    {"area_id": area, "year": year, "saving_nok": st.sampled_from([5e5, 2e6])}
                )
            ),
            "committed": st.tuples(st.fixed_dictionaries({"area_id": area, "year": year})),
        },
    )
    drawn = draw(demands)
    every = draw(st.integers(0, 5)) == 0
    return drawn if every else {k: v for k, v in drawn.items() if draw(st.integers(0, 2)) == 0}


@st.composite
def scenarios(draw):
    count = draw(st.integers(1, 4))
    rows = []
    for i in range(count):
        feeder = draw(st.sampled_from(["", *(f"A{j}" for j in range(i))]))
        kind = draw(st.sampled_from(["area", "area", "feeder"]))
        households = draw(st.integers(0, 20)) if kind == "area" else 0
        mnok = draw(st.integers(0, 60)) / 10
        rows.append((f"A{i}", kind, feeder, draw(st.sampled_from(["1", "2"])), households, 1, mnok))
    names = st.sampled_from([row[0] for row in rows])
    some = st.lists(names, max_size=1, unique=True).map(tuple)
    carry = draw(st.booleans())
    choices = {
        "annual_grant_nok": tuple(draw(st.lists(st.integers(0, 80), min_size=3, max_size=3))),
        "carry_over": carry,
        "borrow_share": draw(st.sampled_from([0.0, 0.5])) if carry else 0.0,
        "must_build": draw(some) if draw(st.integers(0, 3)) == 0 else (),
        "must_not_build": draw(some),
        "target_gap_share": 0.0,
        "goal": draw(st.sampled_from(["household_years", "household_years", "least_grant"])),
    }
    choices["annual_grant_nok"] = tuple(m * 1e5 for m in choices["annual_grant_nok"])
    choices |= draw(rare_demands([row[0] for row in rows]))
    if draw(st.booleans()):
        floor = {"kommune": draw(st.sampled_from(["1", "2", ""])), "by_year": 2028}
        choices["floors"] = (floor | {"least_share": draw(st.sampled_from([0.2, 0.6]))},)
    if draw(st.booleans()):
        choices["exclusive"] = (tuple(draw(st.lists(names, min_size=2, max_size=3))),)
    return county(*rows), Rollout(**choices)


def checked(areas, choices, schedule, *proofs) -> list[str]:
    """Let ``bredband check`` judge a schedule, from what a plan folder would hold of it."""
    frames = {
        "areas": areas,
        "schedule": schedule,
        "alternatives": tables.empty("alternatives"),
        "upgrades": tables.empty("upgrades"),
    }
    return rollout_faults(frames, choices.model_dump(mode="json"), [asdict(p) for p in proofs])


@given(scenarios())
@settings(max_examples=EXAMPLES, deadline=None)
def test_random_scenarios_pass_the_check_and_equal_brute_force(scenario):
    areas, choices = scenario
    best = brute_force(areas, choices)
    if best is None:
        with pytest.raises(PlanError, match="går ikke sammen"):
            choose(areas, choices)
        return
    schedule, proof, _ = choose(areas, choices)
    year_of = dict(zip(schedule["area_id"], schedule["build_year"], strict=True))
    assert faults(areas, choices, year_of) == []
    assert checked(areas, choices, schedule, proof) == []
    assert proof.objective == pytest.approx(best, abs=1e-6)
    sign = -1 if choices.goal == "least_grant" else 1
    assert sign * proof.bound >= sign * best - 1e-6 * max(1, abs(best))


@given(scenarios(), st.data())
@settings(max_examples=60, deadline=None)
def test_the_check_finds_fault_where_the_oracle_does(scenario, data):
    """Any choice of years, mostly a bad one: two readings of the rules that share nothing agree."""
    areas, choices = scenario
    years = st.one_of(st.none(), st.sampled_from(choices.years))
    drawn = {name: data.draw(years) for name in areas["area_id"]}
    year_of = {name: year for name, year in drawn.items() if year is not None}
    own = areas.set_index("area_id").to_dict("index")
    schedule = pd.DataFrame(
        {
            "area_id": list(year_of),
            "build_year": list(year_of.values()),
            "technology": "fibre",
            "grant_nok": [grant(own, name, year, choices) for name, year in year_of.items()],
        }
    )
    assert bool(checked(areas, choices, schedule)) == bool(faults(areas, choices, year_of))


@given(scenarios())
@settings(max_examples=30, deadline=None)
def test_the_plain_model_agrees(scenario):
    areas, choices = scenario
    problem = state(areas, choices)
    try:
        answer = solve_exact(problem, target_gap_share=0.0, time_limit_s=10)
    except PlanError:
        with pytest.raises(PlanError):
            choose(areas, choices)
        return
    assert abs(answer.objective) == pytest.approx(choose(areas, choices)[1].objective, abs=1e-6)
    assert schedule_of(areas, problem, answer.built)["area_id"].is_unique


@given(scenarios(), st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_more_money_never_gives_less(scenario, more):
    areas, choices = scenario
    choices = choices.model_copy(update={"goal": "household_years"})
    richer = tuple(amount + more * 1e5 for amount in choices.annual_grant_nok)
    try:
        before = choose(areas, choices)[1].objective
    except PlanError:
        return
    after = choose(areas, choices.model_copy(update={"annual_grant_nok": richer}))[1].objective
    assert after >= before - 1e-6
