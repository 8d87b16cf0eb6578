"""Radio, masts and fibre after radio in a written plan: each fault is found, and only faults."""

from __future__ import annotations

import pandas as pd
import pytest

from bredband.check.ways import (
    chosen_ways,
    counted_share,
    mast_faults,
    radio_faults,
    upgrade_faults,
)

CHOICES = {"upgrades": True, "synergies": [{"area_id": "A", "year": 2029, "saving_nok": 100.0}]}


def plan() -> dict[str, pd.DataFrame]:
    """Area A by radio from mast M in 2027 and by fibre behind feeder F in 2029; B by fibre."""
    money = {"capex_nok": 500, "operator_nok": 100, "local_nok": 0, "grant_nok": 400}
    none = dict.fromkeys(money, 0)
    areas = [
        {"area_id": "A", "kind": "area", **money},
        {"area_id": "B", "kind": "area", **none},
        {"area_id": "F", "kind": "feeder", **none},
        {"area_id": "M", "kind": "mast", **none},
    ]
    built = [("A", 2027, "fwa"), ("M", 2027, "fwa"), ("B", 2028, "fibre"), ("F", 2028, "fibre")]
    common = {"area_id": "A", "premises": 2, "left_premises": 0}
    ways = [
        common | money | {"alternative": "radio", "radio_premises": 2, "masts": "M", "feeder_area": ""},
        common | money | {"alternative": "upgrade", "radio_premises": 0, "masts": "", "feeder_area": "F",
                          "grant_nok": 900},
    ]  # fmt: skip
    homes = [("p1", "A", ""), ("p2", "A", ""), ("p3", "B", "r1"), ("p4", "", "")]
    return {
        "areas": pd.DataFrame(areas),
        "schedule": pd.DataFrame(built, columns=["area_id", "build_year", "technology"]),
        "alternatives": pd.DataFrame(ways),
        "radio_premises": pd.DataFrame(
            [("p1", "A", "radio"), ("p2", "A", "radio"), ("p3", "B", "radio")],
            columns=["premises_id", "area_id", "alternative"],
        ),
        "connections": pd.DataFrame(homes, columns=["premises_id", "area_id", "route_id"]),
        "upgrades": pd.DataFrame([{"area_id": "A", "build_year": 2029, "grant_nok": 800}]),
    }


def altered(table: str, row: int, column: str, value: object) -> dict[str, pd.DataFrame]:
    frames = plan()
    frames[table].loc[row, column] = value
    return frames


def test_a_right_plan_has_no_faults():
    frames = plan()
    assert list(radio_faults(frames, ["radio"])) == []
    assert list(upgrade_faults(frames, CHOICES)) == []
    assert chosen_ways(frames["areas"], frames["schedule"]) == {"A": "radio"}
    assert counted_share(frames, 0.9) == pytest.approx({"A": 0.9})


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (("schedule", 0, "technology", "hybrid"), "som ikke er blant alternativene"),
        (("alternatives", 0, "left_premises", 1), "gir ikke alle i området tilbud"),
        (("areas", 0, "grant_nok", 399), "grant_nok er 399, alternativet radio har 400"),
        (("schedule", 1, "build_year", 2028), "masta «M» er ikke bygd da"),
        (("connections", 0, "route_id", "r1"), "både stikkledning og radio"),
        (("connections", 2, "route_id", ""), "verken stikkledning eller radio"),
    ],
)
def test_every_fault_of_radio_is_found(change, finding):
    faults = list(radio_faults(altered(*change), ["radio", "hybrid"]))
    assert any(finding in fault for fault in faults), faults


def test_radio_that_the_scenario_does_not_allow_is_found():
    assert any("som scenariet ikke tillater" in fault for fault in radio_faults(plan(), []))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (("upgrades", 0, "build_year", 2026), "men har ikke radio da"),
        (("schedule", 0, "technology", "fibre"), "men har ikke radio da"),
        (("schedule", 3, "build_year", 2030), "men «F» er ikke bygd da"),
        (("upgrades", 0, "grant_nok", 900), "trenger 800 kr"),
        (("upgrades", 0, "grant_nok", 799), "får 799 kr, trenger 800 kr"),
        (("alternatives", 1, "area_id", "B"), "ikke er blant alternativene"),
    ],
)
def test_every_fault_of_an_upgrade_is_found(change, finding):
    faults = list(upgrade_faults(altered(*change), CHOICES))
    assert any(finding in fault for fault in faults), faults


def test_upgrades_that_the_scenario_does_not_allow_are_found():
    faults = list(upgrade_faults(plan(), CHOICES | {"upgrades": False}))
    assert any("som scenariet ikke tillater" in fault for fault in faults)


def weighed() -> tuple[pd.DataFrame, dict]:
    """Two masts within 900 kroner; together they reach 9 of the 7 and 5 that each does."""
    masts = pd.DataFrame(
        [("M", 7, 500, 10, True), ("N", 5, 400, 10, True), ("O", 6, 600, 10, False)],
        columns=["site_id", "households", "capex_nok", "yearly_opex_nok", "chosen"],
    )
    document = {
        "scenario": {"radio": {"masts": {"money_nok": 900.0}}},
        "proofs": [{"kind": "masts", "objective": 9.0}, {"kind": "rollout", "objective": 99.0}],
        "masts": masts.to_dict("records"),
    }
    return masts, document


def test_a_right_choice_of_masts_has_no_faults():
    masts, document = weighed()
    assert list(mast_faults(masts, document)) == []
    document["masts"][0]["households"] = None  # few homes, in what is for everybody
    assert list(mast_faults(masts, document)) == []


@pytest.mark.parametrize(
    ("row", "column", "value", "finding"),
    [
        (0, "capex_nok", 550, "koster 950 kr, rammen er 900 kr"),
        (2, "chosen", True, "koster 1500 kr"),
        (0, "households", 3, "når mellom 5 og 8"),
        (0, "households", 10, "når mellom 10 og 15"),
        (1, "yearly_opex_nok", 11, "yearly_opex_nok for «N» er 10, tabellen gir 11"),
        (1, "site_id", "P", "ikke de samme"),
    ],
)
def test_every_fault_of_a_choice_of_masts_is_found(row, column, value, finding):
    masts, document = weighed()
    masts.loc[row, column] = value
    assert any(finding in fault for fault in mast_faults(masts, document))
