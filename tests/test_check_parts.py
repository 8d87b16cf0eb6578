"""A plan written by hand, every number of it worked out, and what the check says of each change."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from bredband.check import Written, faults
from bredband.scenario.rollout import Rollout

ROLLOUT = Rollout(
    first_year=2027, annual_grant_nok=(400.0, 300.0, 200.0), carry_over=False, upgrades=True,
    alternatives=("radio", "hybrid"), radio_weight_share=0.5,
).model_dump(mode="json")  # fmt: skip
COSTS = {
    "premises_per_cabinet": 2,
    "cabinet_nok": {"likely_nok": 100.0},
    "joint_nok": {"likely_nok": 10.0},
    "permit_nok": {"likely_nok": 7.0},
    "customer_radio_nok": {"likely_nok": 5.0},
}


def frame(columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


def plan() -> dict[str, Any]:
    """A by fibre on feeder F in 2027; B by fibre and radio from mast M in 2028; C by radio from M in
    2028 and by fibre in 2029. D is not built. p6 has an offer, p7 is out of reach."""
    premises = frame(
        "premises_id households",
        ("p1", 2), ("p2", 1), ("p3", 0), ("p4", 3), ("p5", 1), ("p6", 4), ("p7", 1), ("p8", 2), ("p9", 6),
    )  # fmt: skip
    coverage = premises.assign(
        served=premises["premises_id"] == "p6",
        eligible=premises["premises_id"] != "p6",
        served_probability=[0.0, 0.25, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0],
        lacking_share=[1.0] * 5 + [0.0] + [1.0] * 3,
    )
    connections = frame(
        "premises_id area_id route_id drop_nok weighted_households reason",
        ("p1", "A", "r3", 4, 2.0, ""),
        ("p2", "A", "r4", 4, 1.5, ""),
        ("p3", "A", "r2", 4, 0.0, ""),
        ("p4", "B", "r5", 3, 3.0, ""),
        ("p5", "B", "", 0, 1.0, ""),
        ("p7", "", "", 0, 1.0, "for langt unna"),
        ("p8", "C", "", 0, 2.0, ""),
        ("p9", "D", "r6", 9, 6.0, ""),
    )
    routes = frame(
        "route_id upstream_route area_id length_m trench_nok road_owner method",
        ("r1", "", "F", 50.0, 40, "", "trench"),
        ("r2", "r1", "A", 30.0, 30, "county", "trench"),
        ("r3", "r2", "A", 20.0, 20, "", "trench"),
        ("r4", "r2", "A", 10.0, 10, "county", "blow"),
        ("r5", "r1", "B", 40.0, 25, "county", "aerial"),
        ("r6", "", "D", 60.0, 91, "", "plough"),
    )
    # F: 40 and a joint. A: 60, drops 12, two cabinets, a joint and a permit. B: 25, a drop of 3, a cabinet
    # and a radio. C: a radio. D: 91, a drop of 9 and a cabinet.
    areas = frame(
        "area_id kind kommune feeder_area premises households weighted_households trench_m capex_nok "
        "operator_nok local_nok grant_nok",
        ("A", "area", "9901", "F", 3, 3, 3.5, 60.0, 289, 60, 9, 220),
        ("B", "area", "9901", "F", 2, 4, 4.0, 40.0, 133, 30, 3, 100),
        ("C", "area", "9901", "", 1, 2, 2.0, 0.0, 5, 5, 0, 0),
        ("D", "area", "9902", "", 1, 6, 6.0, 60.0, 200, 20, 0, 180),
        ("F", "feeder", "9901", "", 0, 0, 0.0, 50.0, 50, 0, 0, 50),
        ("M", "mast", "9901", "", 0, 0, 0.0, 0.0, 60, 0, 0, 60),
    )  # fmt: skip
    schedule = frame(
        "area_id build_year technology grant_nok",
        ("A", 2027, "fibre", 220), ("F", 2027, "fibre", 50), ("B", 2028, "hybrid", 100),
        ("C", 2028, "fwa", 0), ("M", 2028, "fwa", 60),
    )  # fmt: skip
    alternatives = frame(
        "area_id alternative feeder_area premises left_premises radio_premises masts trench_m capex_nok "
        "operator_nok local_nok grant_nok",
        ("B", "hybrid", "F", 2, 0, 1, "M", 40.0, 133, 30, 3, 100),
        ("C", "radio", "", 1, 0, 1, "M", 0.0, 5, 5, 0, 0),
        ("C", "upgrade", "F", 1, 0, 0, "", 70.0, 90, 0, 10, 80),
    )
    ways = {
        "areas": areas,
        "schedule": schedule,
        "connections": connections,
        "alternatives": alternatives,
        "radio_premises": frame("premises_id area_id alternative", ("p5", "B", "hybrid"), ("p8", "C", "radio")),
        "upgrades": frame("area_id build_year grant_nok", ("C", 2029, 80)),
        "mast_candidates": frame(
            "site_id households capex_nok yearly_opex_nok chosen", ("M", 3, 60, 5, True)
        ),
    }  # fmt: skip
    bills = frame(
        "area_id item likely_nok",
        ("A", "trench", 60), ("A", "drop", 229), ("B", "trench", 133), ("C", "radio", 5),
        ("D", "trench", 200), ("F", "trench", 50), ("M", "mast", 60),
    )  # fmt: skip
    years = [
        {"build_year": 2027, "households": 3, "capex_nok": 339, "grant_nok": 270},
        {"build_year": 2028, "households": 6, "capex_nok": 198, "grant_nok": 160},
        {"build_year": 2029, "households": 0, "capex_nok": 90, "grant_nok": 80},
    ]
    # A counts 3.5 in three years; B 4 in two, with the half of its two premises by radio at half; C 2 at
    # half in two years and the other half in one.
    goal = 3 * 3.5 + 2 * 0.75 * 4 + 2 * 0.5 * 2 + 1 * 0.5 * 2
    document = {
        "kpis": {
            "premises": 9, "households": 20, "served_before_households": 4, "gained_households": 9,
            "served_after_households": 13, "served_after_share": 0.65, "areas": 4, "areas_built": 3,
            "capex_nok": 627, "operator_nok": 95, "local_nok": 22, "grant_nok": 510,
            "weighted_household_years": goal,
        },
        "by_year": years,
        # p6 has four households, a quarter of p2's one and half of p5's one: 4.75 of 20
        "certainty": {
            "plan_on": "cut", "lowest_probability": 0.8, "expected_served_before_share": 0.2375,
            "expected_gained_households": 2 + 0.75 + 0 + 3 + 0.5 + 2,
        },
        "proofs": [
            {"kind": "rollout", "what": "P", "objective": goal, "bound": goal + 1, "gap_share": 1 / goal,
             "status": "feasible"},
            {"kind": "network", "what": "Q", "objective": 0.0, "bound": 0.0, "gap_share": 0.0,
             "status": "optimal"},
            {"kind": "other", "what": "R", "objective": 10.0, "bound": 9.0, "gap_share": None,
             "status": "feasible"},
            {"kind": "other", "what": "S", "objective": -1000.0, "bound": -1000.09, "gap_share": 1e-4,
             "status": "optimal"},
        ],
        "masts": [{"site_id": "M", "households": 3, "capex_nok": 60, "yearly_opex_nok": None, "chosen": True}],
        "scenario": {
            "rollout": ROLLOUT, "costs": COSTS, "coverage": {"plan_on": "cut", "lowest_probability": 0.8},
            "radio": {"masts": {"money_nok": 60.0}},
        },
    }  # fmt: skip
    return {
        "premises": premises, "coverage": coverage, "routes": routes, "bills": bills, "ways": ways,
        "document": document,
    }  # fmt: skip


def said(parts: dict[str, Any]) -> list[str]:
    ways = parts["ways"]
    own = {name: ways[name] for name in ("areas", "schedule", "connections")}
    rest = {name: parts[name] for name in ("premises", "coverage", "routes", "bills")}
    document = parts["document"]
    return faults(
        Written(**own, **rest, ways=ways, scenario=document["scenario"], document=document)
    )


def test_a_plan_that_is_right_in_every_number_has_no_faults() -> None:
    assert said(plan()) == []


def altered(table: str, row: str, column: str, value: object) -> list[str]:
    parts = plan()
    frames = parts if table in parts else parts["ways"]
    changed = frames[table]
    changed.loc[changed.iloc[:, 0] == row, column] = value
    return said(parts)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("areas", "D", "local_nok", 1),
            ["«D»: tilbyder, lokal andel og tilskudd summerer ikke til byggeprisen"],
        ),
        (("areas", "D", "premises", 2), ["«D»: oppgir 2 adresser, delene gir 1"]),
        (("areas", "D", "households", 5), ["«D»: oppgir 5 husstander, delene gir 6"]),
        (("areas", "D", "trench_m", 60.02), ["«D»: oppgir 60.0 m grøft, delene gir 60.0 m"]),
        (("areas", "D", "trench_m", 60.009), []),
        (
            ("areas", "D", "weighted_households", 6.1),
            ["«D»: oppgir 6.1 vektede husstander, delene gir 6"],
        ),
        (("areas", "D", "weighted_households", 6.000005), []),
        (("bills", "D", "likely_nok", 199), ["«D»: oppgir 199 kroner i mengdelista, delene gir 200"]),
        (("routes", "r6", "trench_nok", 90), ["«D»: oppgir 200 kroner i byggepris, delene gir 199"]),
        (("routes", "r6", "road_owner", "x"), ["«D»: oppgir 200 kroner i byggepris, delene gir 207"]),
        (("routes", "r4", "method", "rock"), []),
        (("routes", "r3", "trench_nok", 19), ["«A»: oppgir 289 kroner i byggepris, delene gir 288"]),
        (("connections", "p4", "drop_nok", 4), ["«B»: oppgir 133 kroner i byggepris, delene gir 134"]),
        (("routes", "r4", "upstream_route", "r3"), ["«A»: oppgir 289 kroner i byggepris, delene gir 279"]),
        (
            ("mast_candidates", "M", "capex_nok", 59),
            ["plan.json: capex_nok for «M» er 60, tabellen gir 59",
             "«M»: oppgir 60 kroner i byggepris, delene gir 59"],
        ),
        (("routes", "r6", "upstream_route", "r6"), ["grøfta «r6» fører ikke fram til tent fiber"]),
        (("routes", "r6", "upstream_route", "no"), ["grøfta «r6» fører ikke fram til tent fiber"]),
        (("connections", "p9", "route_id", "r5"), ["adressen p9 i «D» henger ikke på områdets grøft"]),
        (("connections", "p9", "route_id", "no"), ["adressen p9 i «D» henger ikke på områdets grøft"]),
        (("connections", "p1", "route_id", "r1"), []),
        (
            ("coverage", "p9", "premises_id", "p0"),
            ["dekningstabellen har ikke de samme adressene som adressetabellen",
             "adressen p9 er med i nettet, men kan ikke få støtte"],
        ),
        (("coverage", "p9", "eligible", False), ["adressen p9 er med i nettet, men kan ikke få støtte"]),
        (("connections", "p7", "reason", ""), ["adressen p7 skal enten ha et område eller en grunn"]),
        (("connections", "p9", "reason", "x"), ["adressen p9 skal enten ha et område eller en grunn"]),
        (("coverage", "p9", "lacking_share", 0.5), ["adressen p9 teller 0.5, planen er laget på cut"]),
        (
            ("coverage", "p9", "served_probability", 0.5),
            ["plan.json: expected_served_before_share er 0.2375, tabellene gir 0.3875"],
        ),
        (
            ("coverage", "p8", "served_probability", 0.5),
            ["plan.json: expected_served_before_share er 0.2375, tabellene gir 0.2875",
             "plan.json: expected_gained_households er 8.25, tabellene gir 7.25"],
        ),
    ],
)  # fmt: skip
def test_each_number_that_is_changed_is_told_of_and_nothing_else(change, expected) -> None:
    assert [fault for fault in altered(*change) if "p0" not in fault] == expected


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("certainty", "plan_on"), "expected", [
            "plan_on er expected, scenariet sier cut",
            "adressen p2 teller 1, planen er laget på expected",
            "adressen p5 teller 1, planen er laget på expected"]),
        (("certainty", "lowest_probability"), 0.7, ["lowest_probability er 0.7, scenariet sier 0.8"]),
        (("by_year", 0, "households"), 4, ["households i 2027 er 4, tabellene gir 3"]),
        (("by_year", 1, "capex_nok"), 199, ["capex_nok i 2028 er 199, tabellene gir 198"]),
        (("by_year", 1, "capex_nok"), 198.4, []),
        (("by_year", 2, "grant_nok"), 79, ["grant_nok i 2029 er 79, tabellene gir 80"]),
        (("proofs", 0, "gap_share"), 0.05, ["P oppgir avviket 0.050000, tallene gir 0.051282"]),
        (("proofs", 0, "gap_share"), 0.06, []),
        (("proofs", 1, "bound"), 1.0, [
            "Q oppgir avviket 0.000000, tallene gir 1.000000", "Q kalles optimalt med avvik 1.000000"]),
        (("proofs", 2, "status"), "optimal", ["R kalles optimalt uten noe avvik"]),
        (("proofs",), [], ["rekkefølgen har ikke noe bevis"]),
        (("proofs", 3, "objective"), -999.9, [
            "S oppgir avviket 0.000100, tallene gir 0.000190", "S kalles optimalt med avvik 0.000190"]),
        *[(("kpis", name), value + 1, [f"{name} er {value + 1}, tabellene gir {value:g}"])
          for name, value in plan()["document"]["kpis"].items()],
    ],
)  # fmt: skip
def test_each_figure_of_the_document_that_is_changed_is_told_of(path, value, expected) -> None:
    parts = plan()
    place = parts["document"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    found = [
        fault.removeprefix("plan.json: ").removeprefix("beviset for ") for fault in said(parts)
    ]
    assert found == expected


def test_trench_through_an_area_that_it_does_not_hang_on_is_told_of() -> None:
    parts = plan()
    parts["routes"].loc[5, "upstream_route"] = "r5"
    assert "grøfta «r6» i «D» går gjennom «B», som området ikke henger på" in said(parts)
    # a ring of feeders is walked once
    parts = plan()
    parts["ways"]["areas"].loc[4, "feeder_area"] = "F"
    assert said(parts) == []


def test_a_county_where_nothing_is_built_has_no_faults() -> None:
    parts = plan()
    for name in ("premises", "coverage", "routes", "bills"):
        parts[name] = parts[name].iloc[:0]
    parts["ways"] = {name: table.iloc[:0] for name, table in parts["ways"].items()}
    document = parts["document"]
    proof = document["proofs"][0] | {"objective": 0.0, "bound": 0.0, "gap_share": 0.0}
    document |= {"masts": [], "proofs": [proof], "kpis": dict.fromkeys(document["kpis"], 0)}
    document["by_year"] = [dict.fromkeys(row, 0) for row in document["by_year"]]
    document["certainty"] |= {"expected_served_before_share": 0, "expected_gained_households": 0}
    assert said(parts) == []
