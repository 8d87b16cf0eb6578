"""Fibre, radio, hybrid and radio first: the choice of technology against plain loops."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband.errors import PlanError
from bredband.rollout import assess, choose, freeze, frontier, in_words, why, with_more
from bredband.rollout.constraints import also_first
from bredband.rollout.statement import counted_households, state, works_of
from bredband.scenario.rollout import Rollout, Uncertainty
from tests.rollout.oracle import county

VALLEY = county(
    ("F1", "feeder", "", "3401", 0, 1, 6.0),
    ("A1", "area", "F1", "3401", 40, 1, 4.0),
    ("A2", "area", "F1", "3401", 25, 1, 3.0),
    ("A3", "area", "", "3402", 12, 1, 2.0),
    ("M1", "mast", "", "3401", 0, 1, 1.5),
    ("M2", "mast", "", "3402", 0, 1, 0.5),
)
"""A1 and A2 need the dear feeder F1 for fibre, or the mast M1 for radio."""


def ways(*rows: tuple) -> pd.DataFrame:
    """Make alternatives from (area_id, alternative, masts, feeder, MNOK, radio premises)."""
    households = VALLEY.set_index("area_id")["households"]
    return pd.DataFrame(
        [
            {
                "area_id": area,
                "alternative": how,
                "masts": masts,
                "feeder_area": feeder,
                "premises": households[area],
                "left_premises": 0,
                "households": households[area],
                "radio_premises": radio,
                "trench_m": 0.0 if how == "radio" else 1000.0,
                "capex_nok": round(1e6 * mnok),
                "operator_nok": 0,
                "local_nok": 0,
                "grant_nok": round(1e6 * mnok),
            }
            for area, how, masts, feeder, mnok, radio in rows
        ]
    )


WAYS = ways(
    ("A1", "radio", "M1", "", 0.5, 40),
    ("A1", "upgrade", "", "F1", 4.5, 0),
    ("A1", "hybrid", "M1/M2", "F1", 2.0, 20),
    ("A2", "radio", "M1", "", 0.4, 25),
    ("A2", "upgrade", "", "F1", 3.5, 0),
    ("A3", "hybrid", "M2", "", 1.0, 6),
)
GRANT_NOK = VALLEY.set_index("area_id")["grant_nok"].to_dict()
BASE = {"annual_grant_nok": (3e6, 3e6, 8e6), "target_gap_share": 0.0, "carry_over": False}


def plans(choices: Rollout, alternatives: pd.DataFrame):
    """Try everything: a way and a year for each area, perhaps fibre later, and what they need."""
    area = VALLEY.set_index("area_id").to_dict("index")
    other = {(r["area_id"], r["alternative"]): r for r in alternatives.to_dict("records")}
    names = [name for name in area if area[name]["kind"] == "area"]
    last = choices.years[-1]

    def options(name):
        yield ()
        for year in choices.years:
            yield (("fibre", year),)
            for how in choices.alternatives:
                if (name, how) in other:
                    yield ((how, year),)
            if ("radio" in choices.alternatives and choices.upgrades
                    and (name, "upgrade") in other and choices.radio_weight_share < 1):  # fmt: skip
                for later in range(year, last + 1):
                    yield (("radio", year), ("upgrade", later))

    for choice in itertools.product(*(list(options(name)) for name in names)):
        spent, need, value = dict.fromkeys(choices.years, 0), {}, 0.0
        for name, steps in zip(names, choice, strict=True):
            for how, year in steps:
                own = area[name] if how == "fibre" else other[name, how]
                spent[year] += own["grant_nok"]
                for thing in (own["feeder_area"], *str(own.get("masts", "")).split("/")):
                    if thing:
                        need[thing] = min(need.get(thing, 9999), year)
                w = area[name]["weighted_households"]
                lost = 1 - choices.radio_weight_share
                counts = {
                    "fibre": w,
                    "upgrade": w * lost,
                }.get(how, w * (1 - lost * own.get("radio_premises", 0) / max(own["premises"], 1)))
                value += counts * (last + 1 - year)
        yield spent, need, value


def best(choices: Rollout, alternatives: pd.DataFrame) -> float:
    """Give the most that any plan within the money reaches."""
    most = -1.0
    for spent, need, value in plans(choices, alternatives):
        if value > most and affordable(choices, spent, need):
            most = value
    return most


def affordable(choices: Rollout, spent: dict[int, int], need: dict[str, int]) -> bool:
    """Tell whether what several share can be paid in some year before it is needed."""
    if any(spent[y] > m for y, m in zip(choices.years, choices.annual_grant_nok, strict=True)):
        return False
    early = [[y for y in choices.years if y <= year] for year in need.values()]
    for years in itertools.product(*early):
        total = dict(spent)
        for thing, year in zip(need, years, strict=True):
            total[year] += GRANT_NOK[thing]
        if all(total[y] <= m for y, m in zip(choices.years, choices.annual_grant_nok, strict=True)):
            return True
    return False


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"radio_weight_share": 0.5},
        {"radio_weight_share": 0.2, "annual_grant_nok": (3e6, 14e6, 8e6)},
        {"radio_weight_share": 1.0},
        {"upgrades": False, "radio_weight_share": 0.5},
        {"alternatives": ("hybrid",)},
        {"alternatives": ()},
    ],
)
def test_ways_equal_trying_everything(change):
    choices = Rollout(**{**BASE, **change})
    chosen = choose(VALLEY, choices, WAYS)
    assert chosen.proof.objective == pytest.approx(best(choices, WAYS))
    assert chosen.proof.status == "optimal"
    assert chosen.schedule["area_id"].is_unique


@given(
    st.lists(st.integers(0, 12), min_size=3, max_size=3),
    st.lists(st.integers(0, 40), min_size=6, max_size=6),
    st.sampled_from([0.3, 0.8, 1.0]),
)
@settings(max_examples=12, deadline=None)
def test_random_prices_equal_trying_everything(money, prices, weight):
    alternatives = WAYS.assign(grant_nok=[p * 100_000 for p in prices])
    choices = Rollout(
        **BASE | {"annual_grant_nok": [m * 1e6 for m in money], "radio_weight_share": weight}
    )
    chosen = choose(VALLEY, choices, alternatives)
    assert chosen.proof.objective == pytest.approx(best(choices, alternatives), abs=1e-6)


def test_radio_now_and_fibre_later():
    """Three million a year buy mast and radio for both; in the third year there is fibre."""
    choices = Rollout(**BASE | {"annual_grant_nok": (3e6, 0.0, 15e6), "radio_weight_share": 0.5})
    chosen = choose(VALLEY, choices, WAYS)
    schedule = chosen.schedule.set_index("area_id")
    assert schedule.loc[["A1", "A2"], "technology"].tolist() == ["fwa", "fwa"]
    assert schedule.loc["M1", "build_year"] == 2027
    assert schedule.loc["F1", "build_year"] == 2029
    assert chosen.upgrades["area_id"].tolist() == ["A1", "A2"]
    assert set(chosen.upgrades["build_year"]) == {2029}
    assert chosen.upgrades["grant_nok"].tolist() == [4_500_000, 3_500_000]


def test_a_mast_is_paid_once_and_first():
    problem = state(VALLEY, Rollout(**BASE), WAYS)
    works = works_of(VALLEY, Rollout(**BASE), WAYS)
    needs = {
        (works["area_id"][i], works["how"][i], works["area_id"][j])
        for i, j in problem.pairs
        if works["kind"][j] == "mast"
    }
    assert ("A1", "radio", "M1") in needs
    assert ("A2", "radio", "M1") in needs
    assert {("A1", "hybrid", "M1"), ("A1", "hybrid", "M2")} <= needs
    assert len(set(problem.before[:, 0])) == len(problem.before)


def test_also_first_is_a_row_for_each_year():
    problem = state(VALLEY, Rollout(**BASE), WAYS)
    rows = also_first(problem)
    assert rows.matrix.shape[0] == 3 * len(problem.beside)
    assert len(problem.beside) == 4, "two masts beside the feeder of the hybrid, two upgrades"


def test_radio_counts_for_less_and_the_upgrade_adds_the_rest():
    choices = Rollout(**BASE | {"radio_weight_share": 0.75})
    works = works_of(VALLEY, choices, WAYS)
    counted = dict(zip(zip(works["area_id"], works["how"], strict=True),
                       counted_households(works, choices), strict=True))  # fmt: skip
    assert counted["A1", "fibre"] == 40
    assert counted["A1", "radio"] == 30
    assert counted["A1", "upgrade"] == 10
    assert counted["A1", "hybrid"] == 35


def test_radio_that_leaves_someone_out_is_not_open():
    partly = WAYS.assign(left_premises=1)
    assert len(works_of(VALLEY, Rollout(**BASE), partly)) == len(VALLEY)


def test_must_build_may_be_met_by_any_way():
    choices = Rollout(**BASE | {"must_build": ("A2",), "annual_grant_nok": (3e6, 0.0, 0.0)})
    schedule = choose(VALLEY, choices, WAYS).schedule.set_index("area_id")
    assert schedule.loc["A2", "technology"] == "fwa"
    with pytest.raises(PlanError, match=r"must_build \(A2\)"):
        choose(VALLEY, choices.model_copy(update={"annual_grant_nok": (1e6, 0.0, 0.0)}), WAYS)


def test_an_earlier_plan_holds_its_radio_and_its_upgrade():
    choices = Rollout(**BASE | {"annual_grant_nok": (3e6, 15e6, 0.0), "radio_weight_share": 0.5})
    first = choose(VALLEY, choices, WAYS)
    assert len(first.upgrades)
    held = freeze(choices, first.schedule, before_year=2029, upgrades=first.upgrades)
    again = choose(VALLEY, held, WAYS)
    assert again.schedule.drop(columns="geometry").equals(first.schedule.drop(columns="geometry"))
    assert again.upgrades["build_year"].tolist() == first.upgrades["build_year"].tolist()


POOR = Rollout(**BASE | {"annual_grant_nok": (1.2e6, 1.2e6, 0.0)})
"""Too little for any mast but M2, so for A3 as hybrid and nothing else."""


def test_why_not_tells_of_the_way_that_is_nearest_and_of_its_mast():
    answer = why(VALLEY, POOR, "A1", alternatives=WAYS)
    assert answer.build_year is None
    assert answer.first == ("M1",)
    assert answer.grant_nok == 2_000_000
    assert "Før området kan bygges, må dette bygges: M1." in in_words(answer)
    assert in_words(why(VALLEY, POOR, "A3", alternatives=WAYS)) == ["A3 bygges i 2028."]
    assert why(VALLEY, POOR, "A3").build_year is None


def test_questions_about_money_know_every_way():
    table = frontier(VALLEY, POOR, shares=(1.0, 2.0), alternatives=WAYS)
    for share, objective in table.groupby("budget_nok")["weighted_household_years"].first().items():
        annual = tuple(amount * share / 2.4e6 for amount in POOR.annual_grant_nok)
        richer = POOR.model_copy(update={"annual_grant_nok": annual})
        assert objective == pytest.approx(best(richer, WAYS))
    extra = with_more(VALLEY, POOR, year=2027, amount_nok=1.8e6, alternatives=WAYS)
    assert extra.gained_households >= 25
    assert extra.moves["area_id"].is_unique
    doubt = POOR.model_copy(update={"uncertainty": Uncertainty(draws=4)})
    result = assess(VALLEY, doubt, WAYS)
    assert result.candidates["households"].iloc[0] == 12
