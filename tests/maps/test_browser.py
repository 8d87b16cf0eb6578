"""The page in a real browser, with the network blocked."""

from __future__ import annotations

import itertools
import re

import geopandas as gpd
import numpy as np
import pytest

from tests.maps.example import HOSTILE, example_plan

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def text(page, selector: str) -> str:
    return page.locator(selector).inner_text().replace("\u202f", " ").replace("\xa0", " ")


def plan_pixels(page) -> list[int]:
    """Give a small print of what is painted on the plan's canvas."""
    return page.evaluate(
        """() => { const c = document.querySelector('.leaflet-plan-pane canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const sums = [0, 0, 0, 0];
        for (let i = 0; i < d.length; i += 4) for (let k = 0; k < 4; k++) sums[k] += d[i + k];
        return sums; }"""
    )


def settle(page) -> None:
    page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


@pytest.mark.parametrize("name", ["kart", "nynorsk", "public", "comparison"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_opens_from_disk_without_network(open_page, name, size):
    with open_page(name, width=size[0], height=size[1]) as page:
        settle(page)
        assert page.title().startswith("Bredbåndsplan")
        assert page.locator("html").get_attribute("lang") == ("nn" if name == "nynorsk" else "nb")
        assert sum(plan_pixels(page)) > 0
        told = "ikkje ein verkeleg plan" if name == "nynorsk" else "ikke en virkelig plan"
        assert page.locator(f"text=Syntetiske data – {told}").is_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0


def test_a_file_that_was_cut_says_so(chromium, pages, tmp_path):
    text_of_page = pages["kart"].read_text("utf-8")
    start = text_of_page.index("data-payload>", text_of_page.index("data-payload>") + 1) + 200
    cut = tmp_path / "kart.html"
    cut.write_text(text_of_page[:start] + text_of_page[start + 4000 :], "utf-8")
    page = chromium.new_page()
    page.goto(f"file://{cut}")
    page.locator("html[data-ready=failed]").wait_for(state="attached")
    assert "fila er ikke hel" in text(page, "#loading")
    page.close()


def test_headline_is_the_plan(open_page, plan):
    kpis = plan.kpis()
    with open_page("kart") as page:
        shown = text(page, "#figures")
        lacking = kpis["households"] - kpis["served_before_households"]
        assert shown.startswith(str(lacking))
        assert f"{100 * kpis['served_after_share']:.1f}".replace(".", ",") + " %" in shown
        assert "Høyst 0,1 % fra best mulig" in shown


def test_slider_paints_every_year_and_plays(open_page):
    with open_page("kart") as page:
        seen = []
        for step in range(7):
            page.locator("#step").fill(str(step))
            settle(page)
            seen.append(plan_pixels(page))
        assert all(a != b for a, b in itertools.pairwise(seen))
        assert "2032" in text(page, "#reading")
        page.locator("#step").fill("5")
        page.locator("#play").click()
        page.locator("#play.playing").wait_for()
        page.locator("#play:not(.playing)").wait_for()
        assert page.locator("#step").input_value() == "6"


def test_search_finds_address_area_and_kommune(open_page, plan):
    address = plan.premises["address"].iloc[40]
    area = plan.areas["area_id"].iloc[3]
    with open_page("kart") as page:
        for typed, kind in ((address, "Adresse"), (area, "Område"), ("Midtdal", "Kommune")):
            page.locator("#search").fill(typed)
            page.locator("#hits li").first.wait_for()
            assert kind in text(page, "#hits li >> nth=0")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            settle(page)
            if kind == "Adresse":
                assert text(page, "#card h2") == address
            elif kind == "Område":
                assert area in text(page, "#card .kicker")
        assert page.locator("#kommune").input_value() == "1"


def test_click_in_an_area_opens_its_card(open_page, plan):
    area = plan.areas[plan.areas["kind"] == "area"].iloc[5]
    with open_page("kart", f"#omrade={area['area_id']}") as page:
        assert page.locator("#card").is_visible()
        shown = text(page, "#card")
        assert area["name"] in shown
        assert f"{area['grant_nok'] / 1e6:.1f}".replace(".", ",") in shown
        assert "Hvorfor" in shown
        page.locator("#card .close").click()
        assert page.locator("#card").is_hidden()
        middle = area["geometry"].representative_point()
        latlng = gpd.GeoSeries([middle], crs=25833).to_crs(4326).iloc[0]
        page.evaluate(f"map_bredband.setView([{latlng.y}, {latlng.x}], 11.5, {{animate: false}})")
        page.evaluate(f"map_bredband.fire('click', {{latlng: L.latLng({latlng.y}, {latlng.x})}})")
        assert page.locator("#card").is_visible()


def test_share_link_brings_back_the_view(open_page):
    with open_page("kart") as page:
        page.locator("#step").fill("2")
        page.locator("#kommune").select_option("1")
        fragment = page.evaluate("location.hash")
    assert "aar=2028" in fragment
    assert "kommune=9902" in fragment
    with open_page("kart", fragment) as page:
        assert page.locator("#step").input_value() == "2"
        assert page.locator("#kommune").input_value() == "1"
        again = page.evaluate("location.hash")
    places = [re.search(r"p=([\d.]+)%2C([\d.]+)", found) for found in (fragment, again)]
    assert re.sub(r"p=[^&]+", "", again) == re.sub(r"p=[^&]+", "", fragment)
    for first, second in zip(places[0].groups(), places[1].groups(), strict=True):
        assert abs(float(first) - float(second)) < 0.001


def test_keyboard_alone_is_enough(open_page):
    with open_page("kart") as page:
        order = []
        for _ in range(14):
            page.keyboard.press("Tab")
            order.append(
                page.evaluate(
                    "document.activeElement.id || document.activeElement.className || document.activeElement.dataset.view"
                )
            )
        assert order[0] == "skip"
        assert order.index("search") < order.index("kommune")
        page.locator("#step").focus()
        page.keyboard.press("ArrowLeft")
        assert page.locator("#step").input_value() == "5"
        page.locator("button[data-view=table]").focus()
        page.keyboard.press("Enter")
        page.locator("#tables td .link").first.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.tagName") == "H2"
        page.keyboard.press("Escape")
        assert page.locator("#card").is_hidden()


def test_tables_hold_the_same_content(open_page, plan):
    with open_page("kart") as page:
        page.locator("button[data-view=table]").click()
        assert page.locator("#tables table").count() == 4
        rows = page.locator("section[aria-labelledby=table-areas] tbody tr").count()
        assert rows == len(plan.areas)
        total = text(page, "tr.total")
        assert f"{plan.kpis()['grant_nok']:,}".replace(",", " ") in total


def test_hostile_names_are_inert(open_page):
    with open_page("nynorsk") as page:
        hurt = []
        page.on("dialog", lambda dialog: (hurt.append(dialog.message), dialog.dismiss()))
        page.locator("#search").fill("<script")
        page.locator("#hits li").first.wait_for()
        assert HOSTILE.split()[0] in text(page, "#hits")
        page.keyboard.press("Enter")
        page.locator("button[data-view=table]").click()
        assert HOSTILE in page.locator("#tables").inner_text()
        with page.expect_download() as started:
            page.locator("section[aria-labelledby=table-areas] .plain").click()
        content = started.value.path().read_text("utf-8-sig")
        assert '<script>alert(1)</script>""' in content
        assert not re.search(r'(^|;)"?[=+@]', content, re.MULTILINE)
        assert hurt == []
        assert page.locator("#tables script, #card script, #hits script").count() == 0


def test_conflicts_are_a_layer_a_card_and_a_table(open_page, plan):
    first = plan.conflicts.iloc[0]
    with open_page("kart") as page:
        page.locator("summary", has_text="Kartlag").click()
        before = plan_pixels(page)
        page.locator("[data-layer=conflicts]").check()
        settle(page)
        assert plan_pixels(page) != before
        assert "Motstrid" in text(page, "#legend")
        fragment = page.evaluate("location.hash")
        at = gpd.GeoSeries([first["geometry"]], crs=25833).to_crs(4326).iloc[0]
        page.evaluate(f"map_bredband.fire('click', {{latlng: L.latLng({at.y}, {at.x})}})")
        assert "motsagt av 1 svar" in text(page, "#card")
        page.locator("button[data-view=table]").click()
        rows = page.locator("section[aria-labelledby=table-conflicts] tbody tr")
        assert rows.count() == len(plan.conflicts)
    assert "lag=conflicts" in fragment
    with open_page("kart", fragment) as page:
        assert page.locator("[data-layer=conflicts]").is_checked()
    with open_page("public") as page:
        assert page.locator("[data-layer=conflicts]").count() == 0


def test_online_background_fails_quietly(chromium, pages):
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    asked, faults, said = [], [], []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)

    def unplugged(route):
        if route.request.url.startswith("file:"):
            return route.continue_()
        asked.append(route.request.url)
        return route.abort("internetdisconnected")

    page.route("**/*", unplugged)
    page.goto(f"file://{pages['kart']}")
    page.locator("html[data-ready=true]").wait_for(state="attached")
    before = plan_pixels(page)
    assert asked == []
    page.locator("summary", has_text="Kartlag").click()
    page.locator("input[data-layer=online]").click()
    page.wait_for_function("document.getElementById('status').textContent !== ''")
    settle(page)
    assert "Kartverket" in text(page, "#status")
    assert not page.locator("input[data-layer=online]").is_checked()
    assert page.locator(".leaflet-terrain-pane img").count() == 1  # back to what is in the file
    assert plan_pixels(page) == before
    assert all(url.startswith("https://cache.kartverket.no/") for url in asked)
    assert faults == []
    # The browser itself notes every picture that did not come; nothing else is said.
    assert all("ERR_INTERNET_DISCONNECTED" in line for line in said)
    page.close()


def test_public_map_finds_no_address(open_page, plan):
    with open_page("public") as page:
        page.locator("#search").fill(plan.premises["street"].iloc[0] + " 1")
        settle(page)
        assert "Adresse" not in text(page, "#hits") if page.locator("#hits").is_visible() else True
        assert "minst 5" in page.locator("#about").text_content()


def test_comparison_switches_and_splits(open_page):
    with open_page("comparison") as page:
        assert page.locator("#comparison tbody tr").count() == 8
        first = plan_pixels(page)
        page.locator("button[data-plan='1']").click()
        settle(page)
        second = plan_pixels(page)
        page.locator("button[data-plan=split]").click()
        settle(page)
        assert page.locator("#splitter").is_visible()
        half = plan_pixels(page)
        assert len({tuple(first), tuple(second), tuple(half)}) == 3
        assert "plan=delt" in page.evaluate("location.hash")


def test_side_by_side_the_plan_that_is_pointed_at_answers(open_page, plan):
    shown = (plan, example_plan(seed=2))  # as the fixture compares them
    with open_page("comparison", "#plan=delt") as page:
        names = page.locator(".plan-name").all_inner_texts()
        for side, name, own in zip((0.2, 0.8), names, shown, strict=True):
            area = own.areas[own.areas["kind"] == "area"].geometry.iloc[5]
            at = gpd.GeoSeries([area.representative_point()], crs=25833).to_crs(4326).iloc[0]
            page.evaluate(f"map_bredband.setView([{at.y}, {at.x}], 12, {{animate: false}})")
            page.evaluate(
                f"map_bredband.panBy([map_bredband.getSize().x * {0.5 - side}, 0], {{animate: false}})"
            )
            page.evaluate(f"map_bredband.fire('click', {{latlng: L.latLng({at.y}, {at.x})}})")
            assert text(page, "#card .kicker").endswith(f"· {name}")
            assert page.locator("#splitter").is_visible()


def test_a_word_is_seen_each_time_it_is_said(open_page):
    with open_page("kart") as page:
        page.evaluate(
            "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async () => {}}})"
        )
        for _ in range(2):
            page.locator("#share").click()
            page.locator("#status span").wait_for()
            opacity = "getComputedStyle(document.querySelector('#status span')).opacity"
            assert page.evaluate(opacity) == "1"
            page.evaluate("document.getAnimations().forEach((a) => a.finish())")
            assert page.evaluate(opacity) == "0"
        page.evaluate("document.getElementById('status').replaceChildren()")
        page.evaluate("() => { navigator.clipboard.writeText = async () => { throw 1; }; }")
        with page.expect_event("dialog") as asked:
            page.once("dialog", lambda dialog: dialog.dismiss())
            page.locator("#share").click()
        assert asked.value.type == "prompt"
        assert page.locator("#status span").count() == 0


def test_a_link_brings_no_layer_that_this_map_lacks(open_page):
    with open_page("public", "#lag=conflicts.terrain&punkt=grant&aar=0") as page:
        assert "Motstrid" not in text(page, "#legend")
        assert not page.locator("[data-layer=terrain]").is_checked()
        assert "lag=terrain" in page.evaluate("location.hash")
        assert "punkt" not in page.evaluate("location.hash")
    with open_page("kart", "#punkt=grant&aar=0&z=13") as page:
        assert page.locator("#points").input_value() == "grant"
        assert "punkt=grant" in page.evaluate("location.hash")


def test_the_tables_on_screen_are_the_tables_on_paper(open_page):
    shown = "[...document.querySelectorAll('#print-tables section')].map((s) => s.getAttribute('aria-labelledby'))"
    with open_page("kart", "#vis=table") as page:
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")  # of nothing
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(shown) == [f"table-{name}" for name in ("years", "kommuner", "areas")]
        assert page.locator("#print-tables td.link, #print-tables .go").first.is_hidden()
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        page.locator("button[data-view=map]").click()
        settle(page)
        assert sum(plan_pixels(page)) > 0
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(shown) == ["table-years", "table-kommuner"]
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def test_a_search_without_hits_says_so_to_the_eye_too(open_page):
    with open_page("public") as page:
        assert page.locator("#search").get_attribute("placeholder") == "Kommune, område eller sted"
        page.locator("#search").fill("x")
        assert page.locator("#hit-count").inner_text() == ""
        page.locator("#search").fill("xyzxyz")
        assert text(page, "#hit-count") == "Ingen treff"
        assert page.locator("#hit-count").bounding_box()["height"] > 10


def test_the_keyboard_is_never_left_nowhere(open_page, plan):
    area = plan.areas[plan.areas["kind"] == "area"].iloc[5]
    with open_page("kart", f"#omrade={area['area_id']}") as page:
        page.locator("#card .close").press("Enter")
        assert page.evaluate("document.activeElement.id") == "map_bredband"
        row = page.locator("#kommuner button").nth(1)
        chosen = row.get_attribute("data-row")
        row.press("Enter")
        assert page.evaluate("document.activeElement.dataset.row") == chosen
        assert (
            page.locator(f"#kommuner [data-row='{chosen}']").get_attribute("aria-pressed") == "true"
        )


@pytest.mark.parametrize("name", ["kart", "comparison"])
def test_a_finger_hits_what_it_aims_at(open_page, name):
    with open_page(name, width=390, height=844) as page:
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        page.locator("button[data-view=table]").click()
        page.locator("#tables td .link").first.click()
        small = page.evaluate(
            """[...document.querySelectorAll('button, select, summary, .layers label, .leaflet-bar a, #search')]
            .map((e) => [e, e.getBoundingClientRect()])
            .filter(([e, r]) => r.width && r.height && Math.min(r.width, r.height) < 43.5)
            .map(([e, r]) => `${e.id || e.className || e.textContent}: ${r.width} × ${r.height}`)"""
        )
        assert small == []


def test_a_plan_of_one_kommune_is_called_by_its_name(open_page):
    with open_page("alone") as page:
        assert page.locator("#chart .note").inner_text().startswith("Midtdal: ")
        assert not page.locator("#kommune").is_visible()


def test_paper_has_the_legend_that_the_screen_folds_away(open_page):
    with open_page("comparison", "#plan=delt") as page:
        is_open = "document.getElementById('legend').open"
        assert page.evaluate(is_open) is False
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(is_open) is True
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(is_open) is False


def test_prints_on_paper(open_page, tmp_path):
    with open_page("kart") as page:
        page.pdf(path=str(tmp_path / "kart.pdf"), prefer_css_page_size=True, print_background=True)
        settle(page)
        assert page.locator("#view-map").is_visible()
        assert not page.evaluate("document.body.classList.contains('printing')")
    content = (tmp_path / "kart.pdf").read_bytes()
    pages = re.search(rb"/Type /Pages.*?/Count (\d+)", content, re.DOTALL)
    assert pages is not None
    assert int(pages[1]) == 2


def test_paper_is_never_laid_out_as_a_phone(open_page):
    with open_page("kart", width=700) as page:
        shown = "getComputedStyle(document.getElementById('print-a4')).display"
        assert page.evaluate(shown) == "none"
        page.emulate_media(media="print")
        assert page.evaluate(shown) != "none"


@pytest.mark.parametrize(
    ("name", "size"),
    [("kart", (1280, 800)), ("public", (1280, 800)), ("comparison", (390, 844))],
)
def test_axe_finds_no_violation(open_page, name, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"runOnly": {"type": "tag", "values": AXE_RULES}}
    with open_page(name, width=size[0], height=size[1]) as page:

        def violations() -> list[str]:
            found = axe.run(page, options=options).response["violations"]
            return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]

        assert violations() == []
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        page.locator("#search").fill("ve")
        page.locator("#step").fill("0")
        assert violations() == []
        page.locator("button[data-view=table]").click()
        assert violations() == []
        page.locator("#tables td .link").first.click()
        settle(page)
        assert page.locator("#card").is_visible()
        assert violations() == []


def test_colours_differ_for_every_eye(open_page):
    """Neighbouring classes stay apart under the three dichromacies and in grey.

    Simulation after Viénot, Brettel and Mollon (1999), Color Research & Application 24(4).
    """
    with open_page("kart") as page:
        page.locator("#step").fill("0")
        settle(page)
        fills = page.evaluate(
            "[...document.querySelectorAll('#legend-body circle')].map((c) => c.getAttribute('fill'))"
        )
    colours = np.array([[int(v) for v in re.findall(r"\d+", f)] for f in fills if "rgb" in f]) / 255
    linear = colours**2.2
    eyes = {
        "protan": [[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.004, -0.004, 1]],
        "deutan": [[0.2929, 0.7071, 0], [0.2929, 0.7071, 0], [-0.0223, 0.0223, 1]],
        "tritan": [[1, 0.1446, -0.1446], [0, 0.8592, 0.1408], [0, 0.8592, 0.1408]],
        "grey": [[0.2126, 0.7152, 0.0722]] * 3,
    }
    for name, matrix in eyes.items():
        seen = np.clip(linear @ np.array(matrix).T, 0, 1) ** (1 / 2.2)
        steps = np.abs(np.diff(seen, axis=0)).max(axis=1)
        assert steps.min() > 0.05, name
