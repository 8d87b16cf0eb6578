"""A valley of six areas: what draws, questions and more money say of it, every number written down.

Where other tests show that a number is right, this one sees that it moves: whatever changes a digit
here changes answers, and belongs under *Results change* in the changelog.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bredband.errors import PlanError
from bredband.rollout import (
    Robustness,
    assess,
    choose,
    frontier,
    in_words,
    why,
    with_more,
    works_of,
)
from bredband.rollout.draws import draw, prices_of
from bredband.scenario.rollout import Rollout, Uncertainty
from tests.rollout.test_questions import CHOICES, VALLEY
from tests.rollout.test_robustness import bills

TWELVE = Uncertainty(draws=12)
BILLS = bills(
    ("A1", "trench", "rock", 2_000_000, 3_000_000, 6_000_000),
    ("A1", "drop", "", 1_000_000, 1_500_000, 1_800_000),
    ("A2", "trench", "rock", 3_000_000, 3_750_000, 5_000_000),
    ("F1", "trench", "soft", 2_000_000, 3_000_000, 3_300_000),
)
POOR = {"annual_grant_nok": (3e6, 2e6)}


def tried(*, carry_over: bool) -> Robustness:
    choices = CHOICES.model_copy(update={"uncertainty": TWELVE, "carry_over": carry_over})
    return assess(VALLEY, choices, None, None, BILLS)


def test_prices_and_take_up_drawn() -> None:
    drawn = draw(prices_of(works_of(VALLEY, CHOICES), TWELVE, BILLS), TWELVE)
    assert drawn.cost[:2] == pytest.approx(
        np.array([[1.004427, 1.250499, 1.1263, 0.917832, 0.965809, 1.116754],
                  [0.930822, 1.195598, 1.176441, 1.144527, 1.225367, 1.225836]]), abs=1e-6
    )  # fmt: skip
    assert drawn.take_up[:2] == pytest.approx(
        np.array([[0.935526, 0.788502, 0.930632, 0.857689, 0.744714, 0.98949],
                  [0.820491, 0.78857, 0.9541, 0.737338, 0.920077, 0.756347]]), abs=1e-6
    )  # fmt: skip


def test_plans_tried_on_draws_year_by_year() -> None:
    found = tried(carry_over=False)
    table = found.candidates
    assert table["contingency_share"].tolist()[:4] == [0.0, 0.05, 0.1, 0.2]
    assert len(table) == 16
    assert table["contingency_share"].isna().tolist() == [False] * 4 + [True] * 12
    columns = ["mean_household_years", "tail_household_years", "highest_regret_share", "mean_regret_share",
               "overrun_probability", "households", "price_households"]  # fmt: skip
    assert table[columns].iloc[[0, 1, 3, 6, 8]].to_numpy() == pytest.approx(
        np.array([
            [27.024531, 0.0, 1.0, 0.765814, 1.0, 70, 0],
            [77.383424, 0.0, 1.0, 0.174758, 0.166667, 65, 5],
            [36.561372, 0.722563, 0.993836, 0.537434, 0.083333, 43, 27],
            [46.771623, 19.657117, 0.786677, 0.541745, 0.166667, 65, 5],
            [23.569748, 21.102244, 0.827016, 0.725625, 0.0, 26, 44],
        ]), abs=1e-6,
    )  # fmt: skip
    assert found.built_share.to_numpy() * 12 == pytest.approx(
        np.array([[12, 12], [3, 3], [0, 0], [0, 1], [0, 0], [0, 0]])
    )
    assert found.best_built_share.to_numpy() * 12 == pytest.approx(
        np.array([[11, 12], [3, 9], [7, 11], [1, 1], [1, 1], [1, 4]])
    )
    assert found.built_share.columns.tolist() == [2027, 2028]
    assert found.chosen("mean").tolist() == [0, 1, 0, 2, 2, 2]
    assert found.chosen("tail").tolist() == [0, 2, 1, 2, 2, 0]
    assert found.chosen("regret").tolist() == [0, 0, 1, 2, 2, 2]


def test_plans_tried_on_draws_with_money_carried_over() -> None:
    found = tried(carry_over=True)
    columns = [
        "mean_household_years",
        "tail_household_years",
        "highest_regret_share",
        "overrun_probability",
    ]
    assert found.candidates[columns].iloc[[0, 1, 3, 7, 8]].to_numpy() == pytest.approx(
        np.array([
            [61.80124, 42.301011, 0.514882, 1.0],
            [82.880546, 20.198402, 0.685056, 0.166667],
            [51.779405, 35.202444, 0.699173, 0.083333],
            [80.27554, 48.299606, 0.313184, 0.833333],
            [49.361086, 42.301011, 0.602487, 0.0],
        ]), abs=1e-6,
    )  # fmt: skip
    assert found.chosen("tail").tolist() == [0, 0, 1, 2, 2, 1]


def explained(area: str, **changes: object) -> tuple[object, ...]:
    found = why(VALLEY, CHOICES.model_copy(update=changes), area)
    pushed = [
        [None if pd.isna(value) else value for value in row]
        for row in found.pushed.to_numpy().tolist()
    ]
    return (found.barred, found.first, found.grant_nok, round(found.entering_grant_nok),
            round(found.entering_weight, 4), found.entering_budget_share, found.loss_household_years,
            pushed)  # fmt: skip


def test_why_not_in_every_number() -> None:
    assert explained("A5") == (
        False, (), 1_500_000, 119_048, 12.6, 0.390625, 4.0,
        [["A2", None, 2028], ["A3", 2028, None]],
    )  # fmt: skip
    assert explained("A2") == (
        False, (), 2_500_000, 2_500_000, 1.0, 0.0078125, 4.0,
        [["A3", 2028, None], ["A5", None, 2028]],
    )  # fmt: skip
    assert explained("A4", **POOR) == (
        False,
        ("A3",),
        5_000_000,
        4_200_000,
        1.6667,
        1.5,
        np.inf,
        [],
    )
    assert explained("A5", **POOR, carry_over=True, must_not_build=("A2",)) == (
        False, (), 1_500_000, 119_048, 12.6, 1.0, 58.0, [["F1", 2027, None], ["A1", 2028, None]]
    )  # fmt: skip
    assert explained("A2", **POOR, carry_over=True, must_not_build=("A2",)) == (
        True, (), 2_500_000, 2_500_000, 1.0, 0.0078125, 35.0, [["F1", 2027, 2028], ["A1", 2028, None]]
    )  # fmt: skip


def test_why_not_in_words() -> None:
    def said(area: str, **changes: object) -> list[str]:
        lines = in_words(why(VALLEY, CHOICES.model_copy(update=changes), area))
        return [line.replace("\xa0", " ") for line in lines]

    assert said("A2", **POOR, carry_over=True, must_not_build=("A2",)) == [
        "A2 er ikke med i planen.",
        "Scenariet utelukker området (must_not_build eller grensen per husstand); tallene under gjelder om det "
        "åpnes.",
        "Området trenger 2,5 mill. kr i tilskudd.",
        "Med dagens rammer kommer det med om det blir bare litt billigere (anslag).",
        "Teller husstandene bare litt mer, kommer det med (anslag).",
        "Med 1 % større rammer hvert år kommer det med (anslag).",
        "Tvinges det inn, taper planen 35 vektede husstandsår, og dette faller ut: A1.",
    ]
    assert said("A4", **POOR) == [
        "A4 er ikke med i planen.",
        "Før området kan bygges, må dette bygges: A3.",
        "Området trenger 5,0 mill. kr i tilskudd, medregnet dette.",
        "Med dagens rammer kommer det med når tilskuddet det trenger, er nede i 4,2 mill. kr (anslag fra prisene "
        "i planen).",
        "Teller husstandene 1,67 ganger så mye, kommer det med (anslag).",
        "Med 150 % større rammer hvert år kommer det med (anslag).",
        "Det kan ikke tvinges inn: rammene og kravene rommer det ikke.",
    ]
    assert (
        said("A5", annual_grant_nok=(1e5, 1e5))[-2]
        == "Selv med fem ganger så store rammer kommer det ikke med."
    )


def test_the_frontier_in_every_number() -> None:
    for carry_over, rows in (
        (False, [[2.7e6, 2, 2027, 1.5e6, 1], [2.7e6, 2, 2028, 1.5e6, 1], [5.4e6, 2, 2027, 1.5e6, 1],
                 [5.4e6, 2, 2028, 1.5e6, 1], [13.5e6, 212, 2027, 7.5e6, 65], [13.5e6, 212, 2028, 12.5e6, 107]]),
        (True, [[2.7e6, 2, 2027, 1.5e6, 1], [2.7e6, 2, 2028, 1.5e6, 1], [5.4e6, 60, 2027, 2e6, 0],
                [5.4e6, 60, 2028, 5e6, 40], [13.5e6, 212, 2027, 7.5e6, 65], [13.5e6, 212, 2028, 12.5e6, 107]]),
    ):  # fmt: skip
        choices = CHOICES.model_copy(update={"carry_over": carry_over})
        table = frontier(VALLEY, choices, shares=(1.5, 0.3, 0.6))
        columns = ["budget_nok", "weighted_household_years", "year", "spent_nok", "households"]
        assert table[columns].to_numpy().tolist() == rows
        assert table["bound_household_years"].tolist() == table["weighted_household_years"].tolist()


def test_what_two_million_more_give() -> None:
    for carry_over, gained in (
        (False, (2.0, 1.0, [["A5", None, 2027]])),
        (True, (12.0, 12.0, [["A4", None, 2028]])),
    ):
        choices: Rollout = CHOICES.model_copy(update={"carry_over": carry_over})
        extra = with_more(VALLEY, choices, year=2027, amount_nok=2e6)
        moved = [
            [None if pd.isna(v) else v for v in row] for row in extra.moves.to_numpy().tolist()
        ]
        assert (extra.gained_household_years, extra.gained_households, moved) == gained


@pytest.mark.parametrize(
    ("changes", "clashing", "enough"),
    [
        (
            {"annual_grant_nok": (1e6, 1e6), "must_build": ("A3",)},
            "must_build (A3)",
            "Det minste som må til: 3,00 mill. kr mer i tilskuddsrammen i 2028.",
        ),
        (
            {"annual_grant_nok": (1e6, 1e6), "must_build": ("A3",), "carry_over": True},
            "must_build (A3)",
            "Det minste som må til: 2,00 mill. kr mer i tilskuddsrammen i 2028.",
        ),
        (
            {"must_build": ("A3", "A4"), "must_not_build": ("A3",), "exclusive": (("A1", "A2"),)},
            "must_build (A4); A3 er stengt av must_not_build eller av prisen per husstand",
            "Ta bort ett av dem.",
        ),
        (
            {"must_build": ("A1", "A2"), "exclusive": (("A3", "A4"), ("A1", "A2"))},
            "høyst ett av A1, A2; must_build (A1); must_build (A2)",
            "Ta bort ett av dem.",
        ),
        (
            {"committed": ({"area_id": "A1", "year": 2027}, {"area_id": "A3", "year": 2027})},
            "committed (A1 i 2027); committed (A3 i 2027)",
            "Det minste som må til: 4,00 mill. kr mer i tilskuddsrammen i 2027.",
        ),
        (
            {"annual_trench_m": (3000, 3999), "must_build": ("A3",)},
            "must_build (A3)",
            "Det minste som må til: 1 mer i meter grøft i 2028.",
        ),
        (
            {"annual_capex_nok": (1e6, 5.5e6), "must_build": ("A3",)},
            "must_build (A3)",
            "Det minste som må til: 0,50 mill. kr mer i byggepris i 2028.",
        ),
        (
            {"floors": ({"kommune": "", "by_year": 2028, "least_households": 109},)},
            "floors (fylket: minst 109 husstander innen 2028)",
            "Det minste som må til: 39 færre i kravet «fylket: minst 109 husstander innen 2028».",
        ),
        (
            {
                "floors": (
                    {"kommune": "3401", "by_year": 2027, "least_households": 41},
                    {"kommune": "3402", "by_year": 2027, "least_households": 1},
                ),
                "annual_grant_nok": (5.5e6, 1e6),
            },
            "floors (kommune 3401: minst 41 husstander innen 2027)",
            "Det minste som må til: 3,50 mill. kr mer i tilskuddsrammen i 2027, eller 1 færre i kravet «kommune "
            "3401: minst 41 husstander innen 2027» og 1 færre i kravet «kommune 3402: minst 1 husstander innen 2027».",
        ),
    ],
)
def test_what_clashes_and_what_would_be_enough(changes, clashing, enough) -> None:
    with pytest.raises(PlanError) as caught:
        choose(VALLEY, Rollout(**{**CHOICES.model_dump(), **changes}))
    start = "ingen plan oppfyller alle kravene. Dette går ikke sammen innenfor rammene: "
    assert caught.value.message == f"{start}{clashing}."
    assert caught.value.advice.replace("\xa0", " ") == enough
