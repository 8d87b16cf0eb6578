from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bredband import maps, tables, wording
from bredband.errors import PlanError
from bredband.grid import Raster
from bredband.maps.content import NONE, plan_meta, plan_tables
from bredband.maps.payload import to_world
from bredband.scenario.rollout import Commitment, Synergy
from bredband.sources.nvdb import class_of
from bredband.wording import sentences
from tests.maps.example import example_background, example_plan
from tests.maps.unpack import unpack

ORIGIN = np.array([0, 0])


def payloads(path):
    found = re.findall(r"data-payload>(.*?)</script>", path.read_text("utf-8"), re.DOTALL)
    return [unpack(text) for text in found]


def test_premises_carry_the_plan(plan):
    premises = plan_tables(plan, ORIGIN)["premises"]
    assert len(premises["x"]) == len(plan.premises)
    served = premises["served"] == 1
    households = premises["households"]
    assert households[served].sum() == plan.served_households_before()
    built = np.isin(
        premises["area"],
        np.flatnonzero(plan.areas["area_id"].isin(plan.schedule["area_id"])),
    )
    assert households[built & ~served].sum() == plan.kpis()["gained_households"]
    assert set(premises["area"][served]) == {NONE}


def test_kommuner_add_up_to_the_county(plan):
    meta = plan_meta(plan, ORIGIN)
    served = np.array(meta["kommuner"]["served"]).sum(axis=0)
    by_year = plan.by_year()
    assert served[0] == plan.served_households_before()
    assert np.diff(served).tolist() == by_year["households"].tolist()
    grant = np.array(meta["kommuner"]["grant_nok"]).sum(axis=0)
    assert grant.tolist() == by_year["grant_nok"].tolist()


def test_premises_without_coverage_row_are_unknown(plan):
    coverage = plan.coverage.iloc[1:].reset_index(drop=True)
    premises = plan_tables(replace(plan, coverage=coverage), ORIGIN)["premises"]
    assert (premises["speed_class"] == 255).sum() == 1


def said(plan):
    """Give for each area the names of its sentences, and its year."""
    areas = plan_meta(plan, ORIGIN)["areas"]
    return [
        ({name for name, _ in why}, year)
        for why, year in zip(areas["why"], areas["year"], strict=True)
    ]


def ruled(plan, **rules):
    rollout = plan.scenario.rollout.model_copy(update=rules)
    return replace(plan, scenario=plan.scenario.model_copy(update={"rollout": rollout}))


def test_every_area_says_why(plan):
    known = sentences("maps", "nb")
    areas = plan_meta(plan, ORIGIN)["areas"]
    for why in areas["why"]:
        assert why
        for name, figures in why:
            assert set(re.findall(r"\{(\w+)\}", known[name])) <= set(figures)
    this_year = {"why_first_year", "why_no_room", "why_near_enough"}
    assert all(len(names & this_year) == (1 if year else 0) for names, year in said(plan))
    no_money = {"why_no_money", "why_no_money_alone", "why_no_money_shared"}
    assert any(not year for _, year in said(plan))
    assert all(len(names & no_money) == 1 for names, year in said(plan) if not year)


def test_a_later_year_is_told_by_what_the_budgets_had_left(plan):
    areas = plan_meta(plan, ORIGIN)["areas"]
    years = plan.by_year()
    left_nok = (years["budget_nok"] - years["grant_nok"]).cumsum()
    told = [figures for why in areas["why"] for name, figures in why if name == "why_no_room"]
    assert told
    for figures in told:
        assert figures["room_nok"] == pytest.approx(left_nok[figures["before"]])
        assert figures["need_nok"] > figures["room_nok"]


def test_area_over_the_ceiling_says_so(plan):
    dear = said(ruled(plan, highest_grant_nok_per_household=1.0))
    assert all("why_too_dear" in names for names, year in dear if not year)


def test_promises_and_rules_of_the_scenario_are_told(plan):
    built = plan.schedule[plan.schedule["area_id"].str.startswith("A")].iloc[-1]
    left = plan.areas[~plan.areas["area_id"].isin(plan.schedule["area_id"])].iloc[0]
    place = plan.areas["area_id"].tolist().index
    at, year = place(built["area_id"]), int(built["build_year"])
    promised = ruled(
        plan,
        committed=(Commitment(area_id=built["area_id"], year=year),),
        synergies=(Synergy(area_id=built["area_id"], year=year, saving_nok=5.0),),
        exclusive=((built["area_id"], left["area_id"]),),
    )
    assert {"why_committed", "why_synergy"} <= said(promised)[at][0]
    assert "why_exclusive" in said(promised)[place(left["area_id"])][0]
    barred = ruled(plan, must_build=(built["area_id"],), must_not_build=(left["area_id"],))
    assert "why_must" in said(barred)[at][0]
    assert "why_must_not" in said(barred)[place(left["area_id"])][0]


def test_a_budget_that_does_not_carry_over_is_told_year_by_year(plan):
    names = [names for names, year in said(ruled(plan, carry_over=False)) if year > 2027]
    assert all(names & {"why_no_room_any_year", "why_near_enough"} for names in names)


def test_conflicts_point_at_their_premises(plan):
    made = plan_tables(plan, ORIGIN)
    at = made["conflicts"]["premises"]
    where = np.column_stack([made["premises"]["x"][at], made["premises"]["y"][at]])
    points = shapely.get_coordinates(plan.conflicts.geometry.to_numpy())
    assert where.tolist() == to_world(points).tolist()
    assert len(at) == len(plan_meta(plan, ORIGIN)["conflicts"]) > 3
    assert "conflicts" not in plan_tables(plan, ORIGIN, public=True)
    assert plan_meta(plan, ORIGIN, public=True)["conflicts"] == []


def test_public_map_has_no_small_group_and_no_address(plan):
    made = plan_tables(plan, ORIGIN, public=True)
    assert "premises" not in made
    cells = made["cells"]
    sums = np.sum([values for name, values in cells.items() if name.startswith("step_")], axis=0)
    assert sums.min() >= 5
    assert sums.sum() == plan.kpis()["households"]
    assert cells["step_0"].sum() == plan.served_households_before()
    meta = plan_meta(plan, ORIGIN, public=True)
    assert meta["streets"] == meta["reasons"] == []
    few = plan.areas["households"].lt(5) & plan.areas["kind"].eq("area")
    hidden = [value is None for value in meta["areas"]["households"]]
    assert hidden == few.tolist()
    assert not set(np.flatnonzero(few)) & set(made["area_parts"]["owner"])


def test_the_scenario_says_how_few_a_public_cell_may_hold(plan):
    output = plan.scenario.output.model_copy(update={"fewest_households": 40})
    coarse = replace(plan, scenario=plan.scenario.model_copy(update={"output": output}))
    cells = plan_tables(coarse, ORIGIN, public=True)["cells"]
    sums = np.sum([values for name, values in cells.items() if name.startswith("step_")], axis=0)
    assert sums.min() >= 40
    assert sums.sum() == plan.kpis()["households"]
    assert plan_meta(coarse, ORIGIN, public=True)["fewest"] == 40


def test_a_few_households_in_all_are_still_one_group():
    few = example_plan(premises=4, areas=2)
    cells = plan_tables(few, ORIGIN, public=True)["cells"]
    assert len(cells["x"]) <= 1


def test_public_roads_of_every_publisher_are_drawn_far_out():
    letters = pd.Series(["E", "R", "F", "K", "P", "S"])
    classes = class_of(letters, pd.Series([""] * len(letters))).tolist()
    assert set(classes[:3]) <= maps.MAJOR_ROADS
    assert not set(classes[3:]) & maps.MAJOR_ROADS
    assert {"motorway", "trunk", "primary", "secondary"} <= maps.MAJOR_ROADS


def test_same_plan_same_bytes(plan, background, tmp_path):
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    maps.write_map(plan, first, background=background)
    maps.write_map(plan, second, background=background)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_nothing_lies_under_the_map(plan, tmp_path):
    bare = maps.Background(
        None, tables.empty("landcover"), tables.empty("roads"), tables.empty("places")
    )
    maps.write_map(plan, tmp_path / "kart.html", background=bare)
    land, _ = payloads(tmp_path / "kart.html")
    assert land[0]["terrain_box"] == []
    assert len(land[1]["road_parts"]["owner"]) == 0


def test_void_terrain_is_clear_and_sea_is_flat(plan):
    west, south, _, north = plan.kommuner.total_bounds
    rows = int((north - south) / 500)
    heights = np.full((rows, rows), np.nan, dtype=np.float32)
    void = Raster(heights, float(west), float(north), 500.0, np.zeros(heights.shape, dtype=bool))
    page = maps.make_map(plan, background=replace(example_background(plan), terrain=void))
    assert page.pictures["terrain"].startswith("data:image/webp;base64,")


def test_comparison_needs_the_same_kommuner(plan, background, tmp_path):
    other = replace(plan, kommuner=plan.kommuner.iloc[:2].reset_index(drop=True))
    with pytest.raises(PlanError, match="samme kommunene"):
        maps.write_comparison(plan, other, tmp_path / "kart.html", background=background)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_plan_is_a_map_of_today(plan, background, tmp_path):
    connections = plan.connections.assign(area_id="")
    nothing = replace(
        plan,
        connections=connections,
        routes=tables.empty("routes"),
        areas=tables.empty("areas"),
        schedule=tables.empty("schedule"),
        proofs=(),
    )
    maps.write_map(nothing, tmp_path / "kart.html", background=background)
    (_, (meta, _)) = payloads(tmp_path / "kart.html")
    assert meta["areas"]["id"] == []
    assert meta["kpis"]["gained_households"] == 0


def test_every_word_that_the_page_asks_for_is_there():
    nb = sentences("maps", "nb")
    folder = resources.files("bredband.maps") / "assets"
    asked: set[str] = set()
    for file in folder.iterdir():
        text = file.read_text("utf-8")
        asked |= set(re.findall(r'\bt\("(\w+)"', text)) | set(re.findall(r'column\("(\w+)"', text))
        asked |= set(re.findall(r"\bw\.(\w+)", text))
    assert asked <= set(nb)
    for technology in tables.TECHNOLOGIES:
        assert technology in nb


def test_a_nynorsk_map_says_its_reasons_in_nynorsk(plan):
    output = plan.scenario.output.model_copy(update={"language": "nn"})
    told = plan_meta(
        replace(plan, scenario=plan.scenario.model_copy(update={"output": output})), ORIGIN
    )
    plain = plan_meta(plan, ORIGIN)
    for name in ("reasons", "conflicts"):
        assert told[name] == [wording.said(text, "nn") for text in plain[name]]
    assert told["synthetic"].startswith("Syntetiske data – ikkje")


def test_nynorsk_is_not_bokmaal():
    bokmaal = re.compile(
        r"\b(ikke|noe|fra|hvor|hvorfor|husstander|mangler|tilbud|tilskudd|områdene|bygges|"
        r"kommunene|dekket|etter hva|byggeår|sammenligning|kilder|stedsnavn)\b",
        re.IGNORECASE,
    )
    left = {key: text for key, text in sentences("maps", "nn").items() if bokmaal.search(text)}
    assert left == {}


def test_shared_border_is_drawn_once_and_coast_is_not_a_border(plan):
    made = plan_tables(plan, ORIGIN)
    assert len(made["between_parts"]["size"]) == 2
    one = gpd.GeoDataFrame(plan.kommuner.iloc[:1])
    alone = plan_tables(replace(plan, kommuner=one), ORIGIN)
    assert len(alone["between_parts"]["size"]) == 0


def test_analyst_adds_to_the_map(plan, background, tmp_path):
    folium = pytest.importorskip("folium")
    page = maps.make_map(plan, background=background)
    folium.Marker([60.4, 7.3], popup="Her").add_to(page)
    page.save(str(tmp_path / "mitt.html"))
    text = (tmp_path / "mitt.html").read_text("utf-8")
    assert "L.marker(" in text
    assert not re.findall(r'<(?:script|link)[^>]+(?:src|href)="http', text)


def test_an_area_with_holes_and_islands_is_written(plan):
    areas = plan.areas.copy()
    island = shapely.MultiPolygon(
        [
            areas.geometry.iloc[0].buffer(200).difference(areas.geometry.iloc[0].buffer(50)),
            shapely.box(80_000, 6_700_000, 80_500, 6_700_500),
        ]
    )
    areas.loc[areas.index[0], "geometry"] = island
    made = plan_tables(replace(plan, areas=areas), ORIGIN)["area_parts"]
    assert (made["owner"] == 0).sum() >= 3


def test_house_numbers_with_letters_and_cadastral_addresses(plan):
    premises = plan.premises.copy()
    premises.loc[0, "house_number"] = "28B"
    premises.loc[1, ["street", "house_number", "address"]] = ["", "", "33/1144-2"]
    changed = replace(plan, premises=premises)
    made = plan_tables(changed, ORIGIN)["premises"]
    streets = plan_meta(changed, ORIGIN)["streets"]
    shown = {
        f"{streets[s]} {n}{chr(c) if c else ''}"
        for s, n, c in zip(made["street"], made["number"], made["letter"], strict=True)
    }
    assert f"{premises['street'].iloc[0]} 28B" in shown
    assert "33/1144-2 0" in shown


def test_two_plans_go_through_the_years_of_both(plan):
    own = plan_meta(plan, ORIGIN)
    steps = [own["years"][0] - 1, *own["years"], own["years"][-1] + 1]
    made = plan_meta(plan, ORIGIN, steps=steps)
    assert (made["years"], made["steps"]) == (own["years"], steps)
    years, alone = made["by_year"], own["by_year"]
    assert years["households"] == [0, *alone["households"], 0]
    assert years["budget_nok"] == [0, *alone["budget_nok"], 0]
    before, after = own["kpis"]["served_before_share"], own["kpis"]["served_after_share"]
    assert years["served_share"] == pytest.approx([before, *alone["served_share"], after])
    for k, (wide, narrow) in enumerate(
        zip(made["kommuner"]["served"], own["kommuner"]["served"], strict=True)
    ):
        assert wide == [narrow[0], *narrow, narrow[-1]], k


def test_households_are_whole_numbers_in_the_table_of_years(plan):
    by_year = plan_meta(plan, ORIGIN)["by_year"]
    assert isinstance(pd.Series(by_year["households"]).sum().item(), int)
