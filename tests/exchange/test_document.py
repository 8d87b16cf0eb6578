from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
import pytest
from plans import PROVENANCE, make_plan, scenario

from bredband.exchange import json_schema, plan_document, write_plan_json
from bredband.plan import Plan, Proof


def test_the_document_follows_its_own_published_schema(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(document, json_schema())


def test_it_can_be_written_and_read_again(document: dict[str, Any], tmp_path: Any) -> None:
    write_plan_json(document, tmp_path / "plan.json")
    assert json.loads((tmp_path / "plan.json").read_text("utf-8")) == document


def test_the_bill_of_quantities_sums_to_the_build_price(document: dict[str, Any]) -> None:
    for area in document["areas"]:
        assert sum(line["likely_nok"] for line in area["quantities"]) == area["capex_nok"]
        assert area["capex_low_nok"] <= area["capex_nok"] <= area["capex_high_nok"]


def test_remaining_households_are_exactly_those_not_served_afterwards(
    document: dict[str, Any],
) -> None:
    kpis = document["kpis"]
    left = sum(row["households"] for row in document["remaining"])
    assert left == kpis["households"] - kpis["served_after_households"]


def test_built_areas_come_in_order_and_the_grant_adds_up(document: dict[str, Any]) -> None:
    built = [area for area in document["areas"] if area["build_year"] is not None]
    years = [area["build_year"] for area in built]
    assert years == sorted(years)
    assert built[-1]["accumulated_grant_nok"] == document["kpis"]["grant_nok"]
    numbers = [area["priority"] for area in built if area["kind"] == "area"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(area["priority"] is None for area in document["areas"] if area["kind"] == "feeder")
    place = {area["area_id"]: index for index, area in enumerate(built)}
    for area in built:
        if area["feeder_area"] in place:
            assert place[area["feeder_area"]] < place[area["area_id"]]


def test_every_area_that_is_not_built_has_a_reason(document: dict[str, Any]) -> None:
    for area in document["areas"]:
        assert (area["build_year"] is None) == bool(area["not_built_reason"])


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"must_not_build": ["A000"]}, "scenario"),
        ({"highest_grant_nok_per_household": 1.0}, "ceiling"),
        ({}, "budget"),
    ],
)
def test_the_reason_follows_the_scenario(rules: dict[str, Any], reason: str) -> None:
    rollout = {"first_year": 2027, "annual_grant_nok": [4e6] * 4, **rules}
    made = make_plan(rollout=rollout)
    keep = made.schedule["area_id"] != "A000"
    bare = type(made)(**{**vars(made), "schedule": made.schedule[keep]})
    areas = {area["area_id"]: area for area in plan_document(bare, provenance={})["areas"]}
    assert areas["A000"]["not_built_reason"] == reason


def test_an_area_behind_a_trench_that_is_not_built_says_so(plan: Plan) -> None:
    keep = ~plan.schedule["area_id"].isin(["A004", "A007"])
    bare = type(plan)(**{**vars(plan), "schedule": plan.schedule[keep]})
    areas = {area["area_id"]: area for area in plan_document(bare, provenance={})["areas"]}
    assert areas["A007"]["not_built_reason"] == "feeder"


def test_without_a_bound_the_gap_is_null_not_a_number(plan: Plan) -> None:
    open_proof = Proof("grøft", "time_limit", 1.0, -math.inf, None, "x", "network")
    bare = type(plan)(**{**vars(plan), "proofs": (open_proof,)})
    proof = plan_document(bare, provenance={})["proofs"][0]
    assert proof["bound"] is None
    assert proof["gap_share"] is None


def test_coverage_is_of_households_and_by_every_offer_where_they_are_known(plan: Plan) -> None:
    best = plan_document(plan, provenance={})
    offers = plan.coverage[["premises_id", "operator", "technology", "down_mbps", "up_mbps"]]
    cable = offers.assign(technology="cable")
    import pandas as pd  # noqa: PLC0415

    both = pd.concat([offers, cable]).assign(status="available")
    every = plan_document(plan, provenance={}, availability=both)
    county = every["coverage"][0]
    assert best["coverage_counts"] == "best_offer"
    assert every["coverage_counts"] == "every_offer"
    assert county["technology_share"]["cable"] == 1.0
    assert county["technology_share"]["fibre+cable"] == 1.0
    assert county["technology_share"]["fibre"] < 1.0
    assert county["technology_share"]["any"] == 1.0
    assert best["coverage"][0]["technology_share"]["cable"] == 0.0
    assert county["served_share"] == pytest.approx(every["kpis"]["served_before_share"])


def test_urban_and_rural_households_sum_to_all(document: dict[str, Any]) -> None:
    rows = {(row["kommune"], row["settlement"]): row["households"] for row in document["coverage"]}
    for kommune in ("", "9901", "9902", "9903"):
        assert rows[kommune, "all"] == rows[kommune, "urban"] + rows[kommune, "rural"]


def test_the_date_is_the_scenarios_or_else_todays(plan: Plan) -> None:
    import datetime as dt  # noqa: PLC0415

    undated = scenario(output={"language": "nb"})
    bare = type(plan)(**{**vars(plan), "scenario": undated})
    made = plan_document(bare, provenance=PROVENANCE)["publication"]["created_on"]
    assert made == dt.date.today().isoformat()
