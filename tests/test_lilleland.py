"""Lilleland planned from its tables: every number is worked out in tests/lilleland.py."""

from __future__ import annotations

import dataclasses

import pytest
import shapely

from bredband import exchange, maps, report, tables
from bredband.county import COUNTY_TABLES, write_table
from bredband.errors import InputError
from bredband.pipeline import make_plan
from bredband.plan import Plan
from tests import lilleland


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(lilleland.county(), lilleland.scenario())


def test_every_table_follows_the_data_model(plan):
    for name in ("kommuner", "premises", "coverage", "connections", "routes", "areas", "schedule"):
        tables.check(getattr(plan, name), name)


def test_trench_tree_is_the_road(plan):
    assert plan.routes["length_m"].sum() == pytest.approx(6020)
    assert plan.routes["trench_nok"].sum() == 602_000
    proof = plan.proofs[0]
    assert (proof.objective, proof.status) == (602_000, "optimal")


def test_areas_and_shared_trench(plan):
    areas = plan.areas.set_index("name")
    shared = plan.areas[plan.areas["kind"] == "feeder"].sort_values("capex_nok")
    first, second = shared["area_id"]
    assert list(shared["capex_nok"]) == [104_000, 202_000]
    assert list(shared["feeder_area"]) == ["", first]
    assert areas.loc["Vesle", ["households", "capex_nok", "feeder_area"]].tolist() == [
        4,
        4_000,
        first,
    ]
    assert areas.loc["Midtby", ["households", "capex_nok", "feeder_area"]].tolist() == [
        6,
        6_000,
        second,
    ]
    assert areas.loc["Ytre", ["households", "capex_nok", "feeder_area"]].tolist() == [
        2,
        298_000,
        second,
    ]
    assert (plan.areas["grant_nok"] == plan.areas["capex_nok"]).all()


def test_schedule_is_the_best_there_is(plan):
    years = plan.areas.merge(plan.schedule[["area_id", "build_year"]])
    assert dict(zip(years["capex_nok"], years["build_year"], strict=True)) == {
        104_000: 2027, 4_000: 2027, 202_000: 2028, 6_000: 2028,
    }  # fmt: skip
    proof = plan.proofs[1]
    assert proof.objective == pytest.approx(24)
    assert proof.bound == pytest.approx(24)
    assert plan.kpis()["weighted_household_years"] == 24


def test_key_figures(plan):
    by_year = plan.by_year()
    assert by_year["grant_nok"].tolist() == [108_000, 208_000, 0]
    assert by_year["households"].tolist() == [4, 6, 0]
    assert by_year["served_share"].tolist() == pytest.approx([5 / 13, 11 / 13, 11 / 13])
    kommune = plan.by_kommune().loc["9901"]
    assert kommune["served_before_households"] == 1
    assert kommune["gained_households"] == 10
    assert kommune["served_after_share"] == pytest.approx(11 / 13)


def test_a_plan_shows_itself_in_a_notebook(plan):
    assert "Husstander som får tilbud" in plan._repr_html_()
    assert "Syntetiske data" in plan._repr_html_()
    assert "leaflet" in plan.explore()._repr_html_()


def test_operator_and_local_shares():
    funding = {"operator_nok_per_household": 900, "local_share": 0.25}
    plan = make_plan(lilleland.county(), lilleland.scenario(funding=funding))
    vesle = plan.areas.set_index("name").loc["Vesle"]
    # 4 000 kr: the operator pays 4 · 900 = 3 600, a quarter of the remaining 400 is local.
    assert vesle[["operator_nok", "local_nok", "grant_nok"]].tolist() == [3_600, 100, 300]


def test_areas_do_not_overlap_and_hold_their_premises(plan):
    own = plan.areas[plan.areas["kind"] == "area"].set_index("area_id").geometry
    for first in own.index:
        for second in own.index:
            if first < second:
                assert own[first].intersection(own[second]).area == pytest.approx(0, abs=1e-6)
    reached = plan.premises.merge(plan.connections[["premises_id", "area_id"]])
    for area_id, point in zip(reached["area_id"], reached.geometry, strict=True):
        assert own[area_id].covers(point)


def test_premises_far_from_roads_are_reported():
    county = lilleland.county()
    premises = county.premises.copy()
    premises.loc[5, "geometry"] = shapely.Point(lilleland.X0 + 3000, lilleland.Y0 + 1500)
    plan = make_plan(dataclasses.replace(county, premises=premises), lilleland.scenario())
    row = plan.connections.set_index("premises_id").loc["p05"]
    assert row["area_id"] == ""
    assert "Lenger fra nærmeste veg" in row["reason"]


def test_inputs_are_not_mutated():
    county = lilleland.county()
    before = {name: getattr(county, name).copy() for name in COUNTY_TABLES}
    make_plan(county, lilleland.scenario())
    for name, frame in before.items():
        assert frame.equals(getattr(county, name)), name


def test_what_is_written_of_a_plan_does_not_change_it(plan, tmp_path):
    names = [f.name for f in dataclasses.fields(plan) if hasattr(getattr(plan, f.name), "columns")]
    before = {name: getattr(plan, name).copy() for name in names}
    county = lilleland.county()
    for look in (plan.by_year, plan.by_kommune, plan.kpis):
        look()
    document = exchange.plan_document(plan, provenance={})
    exchange.write_geopackage(plan, tmp_path / "plan.gpkg")
    exchange.write_data_package(document, plan, tmp_path / "datapakke")
    land = maps.Background(None, county.landcover, county.roads, county.places, county.sites)
    maps.write_map(plan, tmp_path / "kart.html", background=land)
    report.write_county_plan(document, plan, tmp_path / "plan.docx")
    for name, frame in before.items():
        assert frame.equals(getattr(plan, name)), name


def doubtful(plan_on: str) -> Plan:
    """Plan Lilleland where one home in four has an offer that nobody reported."""
    trust = {"unlisted_probability": 0.25}
    return make_plan(
        lilleland.county(), lilleland.scenario(coverage={"plan_on": plan_on, "trust": trust})
    )


def test_a_plan_on_expected_households_counts_what_probably_lacks():
    plan = doubtful("expected")
    assert plan.kpis()["weighted_household_years"] == pytest.approx(0.75 * 24)
    assert plan.kpis()["gained_households"] == 10
    assert plan.lacking_draws.empty


def test_a_plan_on_draws_counts_the_mean_of_the_draws():
    plan = doubtful("draws")
    tables.check(plan.lacking_draws, "lacking_draws")
    mean = plan.lacking_draws.groupby("area_id")["lacking_weighted_households"].mean()
    areas = plan.areas[plan.areas["kind"] == "area"].set_index("area_id")
    assert mean.to_dict() == pytest.approx(areas["weighted_households"].to_dict())
    households = areas["households"].reindex(plan.lacking_draws["area_id"]).to_numpy()
    assert (plan.lacking_draws["lacking_households"].to_numpy() <= households).all()
    assert plan.kpis()["weighted_household_years"] == pytest.approx(0.75 * 24, rel=0.15)
    assert plan.lacking_draws["draw"].nunique() == plan.scenario.rollout.uncertainty.draws


def test_a_plan_on_a_cut_counts_whole_households():
    assert doubtful("cut").kpis()["weighted_household_years"] == 24


def test_next_years_plan_holds_what_is_decided(plan, tmp_path):
    for name in ("schedule", "upgrades"):
        write_table(tmp_path, name, getattr(plan, name))
    before = lilleland.scenario()
    years = before.rollout.years
    poorer = before.rollout.model_copy(
        update={"earlier_plan": str(tmp_path), "frozen_before_year": years[1]}
    )
    again = make_plan(lilleland.county(), before.model_copy(update={"rollout": poorer}))
    decided = plan.schedule[plan.schedule["build_year"] < years[1]]
    held = {one.area_id: one.year for one in again.scenario.rollout.committed}
    assert held == dict(zip(decided["area_id"], decided["build_year"], strict=True))
    assert again.scenario.rollout.earlier_plan == ""
    now = again.schedule.set_index("area_id")["build_year"]
    assert {area: now[area] for area in held} == held


def test_an_earlier_plan_that_is_not_there_is_said():
    before = lilleland.scenario()
    lost = before.rollout.model_copy(update={"earlier_plan": "/finnes/ikke"})
    with pytest.raises(InputError, match="schedule"):
        make_plan(lilleland.county(), before.model_copy(update={"rollout": lost}))
