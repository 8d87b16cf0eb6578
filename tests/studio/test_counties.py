"""A planner's whole way in a real browser: on the demo county, and on Elverum's real addresses.

Every page is held against axe and two sizes of screen, and kept as a picture.
"""

from __future__ import annotations

import json
import runpy
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from bredband.check import check_folder
from tests.studio.browsing import look_over, text
from tests.studio.conftest import Server, start, stop

LACKING = 1
NEXT_FRAME = "() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))"
BOKMAAL = {
    "fra",
    "ikke",
    "Ikke",
    "Dekket:",
    "(sannsynlighet",
    "hvitt",
    "tilbud",
    "tilbudet",
    "mangler",
}


@pytest.fixture
def studio(tmp_path):
    running = start(tmp_path / "mappe")
    yield running
    stop(running)


@pytest.fixture
def elverum(root, shared_data, tmp_path) -> Path:
    script = runpy.run_path(str(root / "scripts" / "real_runs.py"))
    script["write_elverum"](tmp_path / "elverum", shared_data)
    return tmp_path / "elverum"


@dataclass(frozen=True)
class Walk:
    """One way through the studio: its browser, its server, and where pictures are kept."""

    page: Any
    studio: Server
    pictures: Path

    def see(self, name: str) -> None:
        """Hold a page against what every page must be, and keep its picture."""
        look_over(self.page, name)
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def finish(self) -> None:
        """Wait for the run to end well; a fault is told at once."""
        self.page.locator(".kpis, .fault").first.wait_for()
        assert self.page.locator(".fault").all_inner_texts() == []

    def map_is_drawn(self) -> None:
        """Wait for the council map in the page; a fault of its own is told at once."""
        frame = self.page.locator("iframe.map")
        frame.scroll_into_view_if_needed()
        drawn = self.page.frame_locator("iframe.map").locator("html[data-ready]")
        drawn.wait_for(state="attached")
        assert drawn.get_attribute("data-ready") == "true"
        drawn.evaluate(NEXT_FRAME)  # painted by a process of its own

    def scenario(self, slug: str) -> Path:
        return self.studio.folder / "scenarioer" / slug

    def picture(self, scenario: str) -> dict[str, Any]:
        return self.studio.ask("GET", f"/scenario/{scenario}/oversikt.json").json()

    def at(self, selector: str, bounds: list[int], east: float, north: float) -> dict[str, float]:
        """Give the place in a map, drawn whole, of a point in the county."""
        box = self.page.locator(f"{selector} > canvas").bounding_box()
        west, south, far_east, far_north = bounds
        scale = 0.94 * min(box["width"] / (far_east - west), box["height"] / (far_north - south))
        return {
            "x": box["width"] / 2 + (east - (west + far_east) / 2) * scale,
            "y": box["height"] / 2 - (north - (south + far_north) / 2) * scale,
        }


@pytest.fixture
def flawed(demo, tmp_path) -> Path:
    """The demo county with an address given twice."""
    folder = Path(shutil.copytree(demo, tmp_path / "fylke"))
    file = min((folder / "adresser").glob("*.csv"))
    with file.open("a", encoding="utf-8") as addresses:
        addresses.write(file.read_text("utf-8").splitlines()[-1] + "\n")
    return folder


def test_the_demo_county(studio, page, flawed, tmp_path):
    walk = Walk(page, studio, tmp_path)
    see_coverage(walk, flawed)
    assert "flere ganger" in text(page, "#rapport ~ .scroll")
    make_a_plan(walk, ["14", "14", "14"])
    plan_once_more(walk)
    compare_and_ask(walk)
    ask_in_nynorsk(walk)
    take_away(walk)


def test_elverum_on_real_addresses(studio, page, elverum, tmp_path):
    walk = Walk(page, studio, tmp_path)
    see_coverage(walk, elverum)
    make_a_plan(walk, ["8", "8"])
    plan_once_more(walk)
    compare_and_ask(walk)
    ask_in_nynorsk(walk)
    take_away(walk)


def see_coverage(walk: Walk, folder: Path) -> None:
    """Choose a county folder, read it, and see who is covered today."""
    page = walk.page
    page.goto(walk.studio.address)
    page.fill("#folder", str(folder))
    page.get_by_role("button", name="Bruk mappa").click()
    page.get_by_role("button", name="Les filene").click()
    page.locator(".picture[data-ready]").wait_for()
    assert "husstander mangler 1 000 Mbit/s i dag" in text(page, ".big").replace("\n", " ")
    assert "Syntetiske data" in text(page, ".synthetic")
    walk.see("1-dekning")


def make_a_plan(walk: Walk, grants_mnok: list[str]) -> None:
    """Fill in the form, cancel a run, run again with live progress, and read the result."""
    page = walk.page
    page.get_by_role("link", name="Nytt scenario").first.click()
    page.fill("[name=name]", "Grunnlinje")
    page.fill("[name='rollout.contingency_share']", "100")
    page.locator("[data-fault='rollout.contingency_share']", has_text="mindre enn 100 %").wait_for()
    page.fill("[name='rollout.contingency_share']", "5")
    page.select_option("[name='coverage.plan_on']", "expected")
    page.select_option("[name='rollout.plan_for']", "tail")
    page.select_option("[name='rollout.goal']", "least_grant")
    page.locator("#verdict", has_text="«Planen skal søke» er «Flest husstandsår").wait_for()
    page.select_option("[name='rollout.goal']", "household_years")
    page.select_option("[name='rollout.plan_for']", "estimate")
    for i, amount in enumerate([*grants_mnok, *[""] * (4 - len(grants_mnok))]):
        page.locator("[name='rollout.annual_grant_nok']").nth(i).fill(amount)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.fill("[name='network.time_limit_s']", "2")
    page.fill("[name='rollout.time_limit_s']", "3")
    page.fill("[name='rollout.redesigns']", "0")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
    page.locator("#verdict", has_text="Scenariet er gyldig").wait_for()
    walk.see("2-skjema")
    page.get_by_role("button", name="Lagre og kjør").click()
    page.locator("#run-steps .now").wait_for()
    page.get_by_role("button", name="Avbryt").click()
    assert "Kjøringen ble avbrutt" in text(page, ".fault")
    look_over(page, "cancelled")
    page.get_by_role("button", name="Kjør", exact=True).click()
    page.locator("#run-steps .now").wait_for()
    assert "brukt ·" in text(page, "#run-time")
    walk.see("3-kjoring")
    walk.finish()
    assert "est mulig" in text(page, ".proof")
    walk.map_is_drawn()
    assert page.locator("table.years tbody tr").count() == len(grants_mnok)
    assert "Rammene rekker ikke" in text(page, "#omrader ~ .scroll")
    walk.see("4-resultat")
    values = tomllib.loads((walk.scenario("grunnlinje") / "scenario.toml").read_text("utf-8"))
    assert values["coverage"] == {"plan_on": "expected"}
    assert values["rollout"]["contingency_share"] == 0.05
    assert check_folder(walk.scenario("grunnlinje") / "resultat") == []


def plan_once_more(walk: Walk) -> None:
    """Point out a place that must be built; what does not hang on that is used again."""
    page = walk.page
    page.get_by_role("link", name="Endre én ting").first.click()
    page.locator("#pick[data-ready]").wait_for()
    page.fill("[name=name]", "Med en grend til")
    wanted = within_reach(walk.scenario("grunnlinje"))
    draw_a_frame(walk, wanted)
    point_out(walk, wanted)
    walk.see("5-grend")
    page.get_by_role("button", name="Lagre og kjør").click()
    page.locator("#run").wait_for()
    page.goto("about:blank")  # the browser may be closed: the run goes on
    folder = walk.scenario("med-en-grend-til")
    assert walk.studio.wait(folder, seconds=180)["state"] == "done"
    page.goto(f"http://127.0.0.1:{walk.studio.port}/scenario/med-en-grend-til")
    reused = text(page, ".reused")
    assert "Gjenbrukt fra tidligere kjøringer: filene" in reused
    assert "grøftene" in reused.split("Regnet ut nå:")[0]
    assert "rekkefølgen" in reused.split("Regnet ut nå:")[1]
    areas = json.loads((folder / "resultat" / "plan.json").read_text("utf-8"))["areas"]
    assert next(a for a in areas if a["area_id"] == wanted)["build_year"] is not None
    assert check_folder(folder / "resultat") == []


def within_reach(scenario: Path) -> str:
    """Give the cheapest area that is not built and needs no trench that is not built either."""
    areas = json.loads((scenario / "resultat" / "plan.json").read_text("utf-8"))["areas"]
    built = {"", *(a["area_id"] for a in areas if a["build_year"] is not None)}
    left = [a for a in areas if a["kind"] == "area" and a["build_year"] is None]
    ready = [a for a in left if a["feeder_area"] in built]
    return str(min(ready, key=lambda area: area["grant_nok"])["area_id"])


def draw_a_frame(walk: Walk, area: str) -> None:
    """Draw a frame around an area on the map: all in it must be built; then take them off again."""
    page, picture = walk.page, walk.picture("grunnlinje")
    ring = np.reshape(next(a for a in picture["areas"] if a["id"] == area)["rings"][0], (-1, 2))
    (west, south), (east, north) = ring.min(axis=0), ring.max(axis=0)
    page.locator("#pick").scroll_into_view_if_needed()
    box = page.locator("#pick > canvas").bounding_box()
    page.get_by_role("button", name="Tegn en ramme").click()
    for act, corner in ((page.mouse.down, (west, north)), (page.mouse.up, (east, south))):
        at = walk.at("#pick", picture["bounds"], *corner)
        page.mouse.move(box["x"] + at["x"], box["y"] + at["y"], steps=4)
        act()
    ticked = page.locator("#areas input[name='rollout.must_build']:checked")
    assert area in [tick.get_attribute("value") for tick in ticked.all()]
    for tick in ticked.all()[::-1]:
        tick.uncheck()
    page.get_by_role("button", name="Tegn en ramme").click()


def point_out(walk: Walk, area: str) -> None:
    """Point at an area on the map: it must be built."""
    page, picture = walk.page, walk.picture("grunnlinje")
    east, north = inside(next(a for a in picture["areas"] if a["id"] == area))
    page.locator("#pick").scroll_into_view_if_needed()
    page.locator("#pick > canvas").click(position=walk.at("#pick", picture["bounds"], east, north))
    must = page.locator(f"tr[data-area='{area}']").get_by_label("Må bygges", exact=False)
    assert must.first.is_checked()


def compare_and_ask(walk: Walk) -> None:
    """Put two plans side by side, and ask about a premises by pointing at it."""
    page = walk.page
    page.goto(f"http://127.0.0.1:{walk.studio.port}/")
    for box in page.locator("input[name=s]").all():
        box.check()
    walk.see("6-forside")
    page.get_by_role("button", name="Sammenlign de valgte").first.click()
    walk.map_is_drawn()
    assert page.locator("#flyttet ~ .scroll tbody tr").count() > 0
    walk.see("7-sammenligning")
    page.goto(f"http://127.0.0.1:{walk.studio.port}/scenario/grunnlinje/hvorfor")
    page.locator(".picture[data-ready]").wait_for()
    east, north = lonely_premises(walk.picture("grunnlinje"))
    bounds = walk.picture("grunnlinje")["bounds"]
    page.locator("#why-map > canvas").click(position=walk.at("#why-map", bounds, east, north))
    page.locator(".why li").first.wait_for()
    assert "som ikke bygges i denne planen" in text(page, ".verdict")
    walk.see("8-hvorfor")


def take_away(walk: Walk) -> None:
    """Take away the document, the map, the GeoPackage and the address lists."""
    page = walk.page
    page.goto(f"http://127.0.0.1:{walk.studio.port}/scenario/med-en-grend-til")
    starts = {"plan.docx": b"PK", "plan.pdf": b"%PDF", "kart.html": b"<!DOCTYPE", "plan.gpkg": b"SQLite",
              "adresselister.zip": b"PK", "scenario.toml": b"name"}  # fmt: skip
    for name, first in starts.items():
        with page.expect_download() as download:
            page.locator(f"a[href$='/fil/{name}']").click()
        assert download.value.path().read_bytes().lower().startswith(first.lower()), name


def ask_in_nynorsk(walk: Walk) -> None:
    """See that what is said of each address holds no word of bokmål."""
    cookie = f"bredband-{walk.studio.port}={walk.studio.token}; maalform=nn"
    answer = walk.studio.ask("GET", "/scenario/grunnlinje/oversikt.json", Cookie=cookie)
    premises = answer.json()["premises"]
    words = {w for text in {*premises["reason"], *premises["not_reached"]} for w in text.split()}
    assert words & {"Dekt:", "Ikkje", "kvitt", "manglar"}
    assert words & BOKMAAL == set()


def inside(area: dict[str, Any]) -> tuple[float, float]:
    """Give a point well inside an area."""
    ring = np.reshape(area["rings"][0], (-1, 2))
    point = shapely.maximum_inscribed_circle(shapely.Polygon(ring))
    return tuple(shapely.get_coordinates(point)[0])


def lonely_premises(picture: dict[str, Any]) -> tuple[float, float]:
    """Give a premises in an area that is not built, as far from all other premises as may be."""
    premises, areas = picture["premises"], picture["areas"]
    xy = np.column_stack([premises["x"], premises["y"]]).astype(float)
    left = [i for i, area in enumerate(areas) if area["kind"] == "area" and area["year"] is None]
    asked = np.flatnonzero(
        np.isin(premises["area"], left) & (np.array(premises["state"]) == LACKING)
    )
    near_m, _ = shapely.STRtree(shapely.points(xy)).query_nearest(
        shapely.points(xy[asked]), exclusive=True, return_distance=True, all_matches=False
    )[::-1]
    return tuple(xy[asked[np.argmax(near_m)]])
