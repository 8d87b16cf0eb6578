"""The council map against a plain folium map of the same plan, in one run.

    python scripts/bench/map.py [--premises 100000] [--areas 2000] [--plain-premises N]

Prints size, seconds to write, seconds until the page is ready and frames per second while
panning and zooming, in headless Chromium with the network blocked. Both maps show the same
premises and areas; the plain one is ``folium.GeoJson`` with a ``style_function``, as the
documentation of folium has it. Its page takes minutes at 100 000 premises.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import folium
from playwright.sync_api import Browser, Page, Route, sync_playwright
from xstatic.pkg import leaflet

from bredband import maps
from bredband.plan import Plan
from tests.maps.example import example_background, example_plan

ZOOMS = (8.0, 9.5, 10.5, 11.5, 13.0)
COLOURS = ("#440154", "#31688e", "#35b779", "#fde725")

FRAMES = """async (act, ms) => {
  const frames = []; let last = performance.now(); let on = true;
  const tick = (now) => { frames.push(now - last); last = now; if (on) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  await act();
  await new Promise((done) => setTimeout(done, ms));
  on = false;
  frames.shift();
  return [1000 * frames.length / frames.reduce((a, b) => a + b, 0), Math.max(...frames)];
}"""
PAN = """() => { let k = 0; const timer = setInterval(() => {
  MAP.panBy([60 * (k % 10 < 5 ? 1 : -1), 25], {animate: true, duration: 0.2});
  if (++k > 8) clearInterval(timer); }, 220); }"""
ZOOM = "() => { MAP.zoomIn(1); setTimeout(() => MAP.zoomOut(1), 700); }"


def write_plain(plan: Plan, path: Path) -> None:
    """Write the same premises and areas the way folium's documentation does."""
    page = folium.Map(tiles=None, prefer_canvas=True)
    premises = plan.premises[["address", "households", "geometry"]].merge(
        plan.coverage[["premises_id", "down_mbps"]],
        left_index=True,
        right_index=True,
    )
    classes = (30.0, 100.0, 1000.0)

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        speed = feature["properties"]["down_mbps"]
        return {"fillColor": COLOURS[sum(speed >= limit for limit in classes)], "weight": 0}

    folium.GeoJson(
        premises.to_crs(4326),
        marker=folium.CircleMarker(radius=3, fill_opacity=0.9),
        style_function=style,
    ).add_to(page)
    columns = ["name", "households", "grant_nok", "geometry"]
    folium.GeoJson(
        plan.areas[columns].to_crs(4326), style_function=lambda _: {"color": "#31688e"}
    ).add_to(page)
    west, south, east, north = plan.kommuner.to_crs(4326).total_bounds
    page.fit_bounds([[south, west], [north, east]])
    page.save(str(path))


def from_disk(route: Route) -> None:
    """Serve Leaflet from the package, and nothing else from the network."""
    address = route.request.url
    if address.startswith("file:"):
        route.continue_()
    elif address.endswith(("leaflet.js", "leaflet.css")):
        route.fulfill(path=Path(leaflet.BASE_DIR) / address.rsplit("/", 1)[1])
    else:
        route.abort()


def opened(browser: Browser, path: Path, ready: str) -> tuple[Page, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(900_000)
    page.route("**/*", from_disk)
    start = time.perf_counter()
    page.goto(f"file://{path}", wait_until="commit", timeout=900_000)
    page.locator(ready).first.wait_for(state="attached")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page, time.perf_counter() - start


def frames(page: Page, map_name: str, zoom: float) -> dict[str, tuple[float, float]]:
    page.evaluate(f"{map_name}.setZoom({zoom}, {{animate: false}})")
    page.wait_for_timeout(400)
    measured = {}
    for name, act, ms in (("pan", PAN, 2200), ("zoom", ZOOM, 1500)):
        script = f"() => ({FRAMES})({act.replace('MAP', map_name)}, {ms})"
        measured[name] = tuple(page.evaluate(script))
    return measured


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--premises", type=int, default=100_000)
    arguments.add_argument("--areas", type=int, default=2_000)
    arguments.add_argument("--plain-premises", type=int, default=None, help="fewer, to save time")
    chosen = arguments.parse_args()
    plan = example_plan(chosen.premises, chosen.areas)
    plain_count = chosen.plain_premises or chosen.premises
    plain_plan = plan if plain_count == chosen.premises else example_plan(plain_count, chosen.areas)
    background = example_background(plan)
    program = os.environ.get("BREDBAND_CHROMIUM") or shutil.which("chromium")
    load = os.getloadavg()[0]
    print(f"{chosen.premises} premises, {chosen.areas} areas; load average {load:.1f} at start")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        council, plain = Path(folder, "council.html"), Path(folder, "plain.html")
        start = time.perf_counter()
        maps.write_map(plan, council, background=background)
        council_write_s = time.perf_counter() - start
        start = time.perf_counter()
        write_plain(plain_plan, plain)
        plain_write_s = time.perf_counter() - start
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        times = []
        for _ in range(5):
            page, ready_s = opened(browser, council, "html[data-ready=true]")
            times.append(ready_s)
            page.close()
        page, _ = opened(browser, council, "html[data-ready=true]")
        council_mb = council.stat().st_size / 1e6
        ready = statistics.median(times)
        print(
            f"council map   {council_mb:7.2f} MB  written in {council_write_s:6.1f} s  "
            f"ready in {ready:6.2f} s (median of 5, best {min(times):.2f})"
        )
        for zoom in ZOOMS:
            found = frames(page, "map_bredband", zoom)
            shown = "  ".join(
                f"{name} {fps:4.0f} frames/s, worst {worst:4.0f} ms"
                for name, (fps, worst) in found.items()
            )
            print(f"  zoom {zoom:4.1f}   {shown}")
        page.close()
        plain_mb = plain.stat().st_size / 1e6
        page, plain_s = opened(browser, plain, "canvas.leaflet-zoom-animated")
        print(
            f"plain folium  {plain_mb:7.2f} MB  written in {plain_write_s:6.1f} s  "
            f"ready in {plain_s:6.2f} s ({plain_count} premises)"
        )
        print(f"ratio         {plain_mb / council_mb:7.1f}     {plain_s / ready:29.1f}")
        browser.close()


if __name__ == "__main__":
    main()
