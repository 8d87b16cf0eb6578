"""The map of several counties: its tables, and the page in a real browser with the network blocked."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely

from bredband import maps
from bredband.maps import sector as sector_map
from tests.maps.example import example_background, example_plan

EAST_M = 60_000.0
NAMES = ("Vestfylket (syntetisk)", "Østfylket")


def moved(frame):
    return frame.set_geometry(frame.geometry.translate(EAST_M))


def two_counties():
    """The example county, and another of the same kommuner beside it."""
    plans = []
    for seed in (1, 2):
        plan = example_plan(seed=seed)
        background = dataclasses.replace(example_background(plan), terrain=None, masts=None)
        if seed == 2:
            names = ("kommuner", "premises", "routes", "areas", "schedule")
            plan = dataclasses.replace(plan, **{name: moved(getattr(plan, name)) for name in names})
            parts = ("landcover", "roads", "places")
            land = {name: moved(getattr(background, name)) for name in parts}
            background = dataclasses.replace(background, **land)
        plans.append((plan, background))
    return plans


def told(plans) -> dict:
    """What ``sektor.json`` would say of the counties, as far as the map asks."""
    counties = []
    for name, (plan, _) in zip(NAMES, plans, strict=True):
        kpis, table = plan.kpis(), plan.by_year().reset_index()
        optimal = {"kpis": kpis, "by_year": table.to_dict("records")}
        counties.append({"county": name, "optimal": optimal} | kpis)
    summed = {
        name: sum(c["optimal"]["kpis"][name] for c in counties)
        for name in ("households", "served_before_households", "gained_households", "capex_nok", "grant_nok")
    }  # fmt: skip
    after = summed["served_before_households"] + summed["gained_households"]
    rows = zip(*(county["optimal"]["by_year"] for county in counties), strict=True)
    by_year = [
        {name: sum(row[name] for row in year) for name in year[0]}
        | {"build_year": year[0]["build_year"], "served_share": after / summed["households"]}
        for year in rows
    ]
    return {
        "publication": {"title": "To fylker", "organisation": "KS", "synthetic": True},
        "footing": {"price_year": 2026},
        "annual_grant_nok": [int(year["budget_nok"]) for year in by_year],
        "kpis": {"optimal": summed | {"areas": 9, "trench_m": 1e4, "served_after_share": 0.9}},
        "by_year": {"optimal": by_year},
        "counties": counties,
        "proofs": [{"kind": "rollout", "what": "husstander", "status": "optimal", "gap_share": 0.0, "solver": "bredband"}],
    }  # fmt: skip


@pytest.fixture(scope="session")
def plans():
    return two_counties()


@pytest.fixture(scope="session")
def drawn(plans):
    return [
        maps.draw_county(plan, name, background)
        for name, (plan, background) in zip(NAMES, plans, strict=True)
    ]


@pytest.fixture(scope="session")
def pages(plans, drawn, tmp_path_factory):
    path = tmp_path_factory.mktemp("sektorkart") / "sektor.html"
    maps.write_sector_map(told(plans), drawn, path)
    return {"sector": path}


def test_the_tables_of_counties_are_laid_end_to_end(plans, drawn):
    tables = sector_map._tables(drawn)
    (first, _), (second, _) = plans
    lines = shapely.get_parts(second.areas.geometry.to_numpy()[second.areas["kind"] == "area"])
    assert len(lines)
    owner = tables["area_parts"]["owner"]
    assert owner.max() < len(first.areas) + len(second.areas)
    assert (owner >= len(first.areas)).any()
    kommuner = len(first.kommuner) + len(second.kommuner)
    assert set(tables["border_parts"]["owner"]) == set(range(kommuner + 2))
    assert tables["border_parts"]["size"].sum() == len(tables["border_xy"]["x"])
    homes = sum(values.sum() for name, values in tables["cells"].items() if name[:5] == "step_")
    assert homes == sum(plan.premises["households"].sum() for plan, _ in plans)


def test_kommuner_point_to_their_county_and_areas_to_their_kommune(plans, drawn):
    meta = sector_map._meta(told(plans), drawn)
    places, areas = meta["kommuner"], meta["areas"]
    count = len(plans[0][0].kommuner)
    assert places["name"][-2:] == list(NAMES)
    assert places["county"] == [2 * count] * count + [2 * count + 1] * count + [-1, -1]
    for c, county in enumerate(range(2 * count, 2 * count + 2)):
        own = slice(c * count, (c + 1) * count)
        assert np.sum(places["served"][own], axis=0).tolist() == places["served"][county]
    second = plans[1][0]
    at = len(plans[0][0].areas)
    assert areas["id"][at] == f"{NAMES[1]}: {second.areas['area_id'].iloc[0]}"
    codes = [places["code"][k] if k >= 0 else "" for k in areas["kommune"][at:]]
    known = set(second.kommuner["kommune"])
    assert codes == [code if code in known else "" for code in second.areas["kommune"]]
    assert not any(areas["why"])


@pytest.mark.parametrize("size", [(1280, 900), (1920, 1080), (390, 844)])
def test_all_counties_are_in_view_when_the_page_opens(open_page, drawn, size):
    corners = gpd.GeoSeries([county.outline[0] for county in drawn], crs=25833).to_crs(4326)
    with open_page("sector", width=size[0], height=size[1]) as page:
        seen = page.evaluate("map_bredband.getBounds().toBBoxString()")
        west, south, east, north = map(float, seen.split(","))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert west < corners.total_bounds[0]
    assert south < corners.total_bounds[1]
    assert east > corners.total_bounds[2]
    assert north > corners.total_bounds[3]
    # And not as a speck: half of the page is theirs in one direction or the other.
    wide, high = corners.total_bounds[2:] - corners.total_bounds[:2]
    assert max(wide / (east - west), high / (north - south)) > 0.4


def test_counties_come_first_and_their_kommuner_when_one_is_chosen(open_page, plans):
    with open_page("sector", fragment="#z=6&p=62.5,8") as page:
        assert page.locator("#places-title").inner_text() == "Fylkene"
        rows = page.locator("#kommuner .name")
        assert sorted(rows.all_inner_texts()) == ["Vestfylket", "Østfylket"]
        assert "Klikk på et fylke" in page.locator("#legend-body").inner_text()
        rows.filter(has_text="Østfylket").click()
        assert page.locator("#places-title").inner_text() == "Kommunene"
        assert rows.count() == len(plans[1][0].kommuner)
        assert page.locator("#kommune optgroup").count() == 2


def test_tables_have_counties_and_kommuner_apart(open_page, plans):
    with open_page("sector", fragment="#vis=table") as page:
        for name, count in (("counties", 2), ("kommuner", 2 * len(plans[0][0].kommuner))):
            table = page.locator(f"section[aria-labelledby=table-{name}] tbody tr")
            assert table.count() == count
