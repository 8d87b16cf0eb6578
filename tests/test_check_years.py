"""Every rule about build years: a plan that just keeps it is right, one that just breaks it is told of."""

from __future__ import annotations

import pandas as pd
import pytest

from bredband import tables
from bredband.check.years import rollout_faults
from bredband.scenario.rollout import Rollout

PROOF = {"kind": "rollout", "what": "husstandsår", "objective": 21.0}
A, B = {"area_id": "A", "year": 2027}, {"area_id": "B", "year": 2028}


def frames() -> dict[str, pd.DataFrame]:
    """A with ten homes hangs on F, both in 2027; B has one home in 2028; C is left."""
    columns = (
        "area_id", "kind", "kommune", "feeder_area", "households", "weighted_households", "grant_nok",
        "capex_nok", "trench_m",
    )  # fmt: skip
    rows = [
        ("F", "feeder", "9901", "", 0, 0.0, 300_000, 500_000, 300.0),
        ("A", "area", "9901", "F", 10, 10.0, 150_000, 250_000, 100.0),
        ("B", "area", "9902", "", 1, 1.0, 60_000, 100_000, 50.0),
        ("C", "area", "9902", "", 5, 5.0, 90_000, 100_000, 50.0),
    ]
    built = [("F", 2027, 300_000), ("A", 2027, 150_000), ("B", 2028, 60_000)]
    schedule = pd.DataFrame(built, columns=["area_id", "build_year", "grant_nok"])
    empty = ("alternatives", "upgrades", "radio_premises", "connections")
    return {
        "areas": pd.DataFrame(rows, columns=columns),
        "schedule": schedule.assign(technology="fibre"),
        **{name: tables.empty(name) for name in empty},
    }


def faults(rules: dict, objective: float = 21.0) -> list[str]:
    chosen = Rollout(**{"annual_grant_nok": (450_000, 60_000), "carry_over": False, **rules})
    rollout = chosen.model_dump(mode="json")
    return rollout_faults(frames(), rollout, [{**PROOF, "objective": objective}])


def money(*amounts: float, **rules) -> dict:
    return {"annual_grant_nok": amounts, **rules}


def floor(kommune: str, by_year: int, **least: float) -> dict:
    return {"floors": ({"kommune": kommune, "by_year": by_year, **least},)}


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"highest_grant_nok_per_household": 60_000},
        {"highest_grant_nok_per_household": 15_000, "must_build": ("B",)},
        {"highest_grant_nok_per_household": 15_000, "committed": (B,)},
        floor("9902", 2028, least_households=1),
        floor("9901", 2027, least_share=1.0),
        floor("", 2028, least_households=11),
        {"annual_capex_nok": (750_000, 100_000)},
        {"annual_trench_m": (400, 50)},
        money(510_000, 0, carry_over=True),
        money(400_000, 110_000, carry_over=True, borrow_share=0.5),
        money(900_000, 120_000, contingency_share=0.5),
        {"funds": ({"name": "kyst", "kommuner": ("9902",), "annual_grant_nok": (0, 60_000)},)},
        {"must_build": ("A",), "must_not_build": ("C",), "exclusive": (("A", "C"),)},
        {"committed": (A,)},
        {"synergies": ({"area_id": "C", "year": 2027, "saving_nok": 1000},)},
    ],
)
def test_a_plan_that_just_keeps_a_rule_is_right(rules):
    assert faults(rules) == []


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"highest_grant_nok_per_household": 59_999}, "«B» trenger mer enn 59999 kr"),
        ({"highest_grant_nok_per_household": 14_999, "must_build": ("B",)}, "«A» trenger mer"),
        (floor("9902", 2027, least_households=1), "9902: 0 husstander innen 2027, kravet er 1"),
        (floor("9902", 2028, least_share=0.2), "9902: 1 husstander innen 2028, kravet er 1.2"),
        (floor("", 2028, least_households=12), "fylket: 11 husstander innen 2028"),
        ({"annual_capex_nok": (749_999, 100_000)}, "2027: 750000 kroner i byggepris"),
        ({"annual_trench_m": (400, 49)}, "2028: 50 meter grøft, grensen er 49"),
        (money(449_999, 60_000), "2027: tilskudd for 450000 kr, rammen er 449999 kr"),
        (money(600_000, 59_999), "2028: tilskudd for 60000 kr"),
        (money(509_999, 0, carry_over=True), "2028: tilskudd for 60000 kr, rammen er 59999 kr"),
        (
            money(400_000, 110_000, carry_over=True, borrow_share=0.4),
            "2027: tilskudd for 450000 kr, rammen er 444000 kr",
        ),
        (money(900_000, 130_000, contingency_share=0.51), "2027: tilskudd for 450000 kr"),
        (
            {"funds": ({"name": "kyst", "kommuner": ("9902",), "annual_grant_nok": (0, 59_999)},)},
            "rammen kyst er 59999 kr",
        ),
        ({"must_build": ("C",)}, "«C» skal bygges, men er ikke i planen"),
        ({"must_not_build": ("A",)}, "«A» skal ikke bygges, men er i planen"),
        ({"exclusive": (("B", "A"),)}, "høyst ett av områdene «B», «A» skal bygges"),
        ({"committed": ({**A, "year": 2028},)}, "«A» er avtalt bygd som fibre i 2028"),
        ({"committed": ({**A, "alternative": "radio"},)}, "«A» er avtalt bygd som radio i 2027"),
        (
            {"synergies": ({**A, "saving_nok": 1000},)},
            "«A»: planen betaler 150000 kr i tilskudd, området trenger 149000 kr",
        ),
    ],
)
def test_a_plan_that_just_breaks_a_rule_is_told_of(rules, told):
    found = faults(rules)
    assert len(found) == 1
    assert told in found[0]


def test_a_proof_that_counts_otherwise_is_told_of():
    # Ten homes for two years, one for one.
    assert "teller 22, tabellene gir 21" in faults({}, objective=22.0)[0]
    # The least grant may be less than was reckoned with, but not more.
    assert faults({"goal": "least_grant"}, objective=0.51) == []
    assert "teller 0.5, tabellene gir 0.51" in faults({"goal": "least_grant"}, objective=0.5)[0]


def test_a_goal_that_rounding_moves_is_not_told_of():
    nothing = frames()
    nothing["schedule"] = nothing["schedule"].iloc[:0]
    rollout = Rollout(annual_grant_nok=(450_000, 60_000)).model_dump(mode="json")
    for objective, told in ((1e-6, 0), (1.1e-6, 1), (-1e-6, 0), (-1.1e-6, 1)):
        assert len(rollout_faults(nothing, rollout, [{**PROOF, "objective": objective}])) == told
