"""The council map: one page that carries everything it shows."""

from __future__ import annotations

import base64
import functools
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import Figure
from jinja2 import Environment, Template
from xstatic.pkg import leaflet

from bredband.county import replacing
from bredband.errors import PlanError
from bredband.maps.background import (
    Background,
    background_tables,
    place_names,
    site_marks,
    terrain_picture,
)
from bredband.maps.content import plan_meta, plan_tables
from bredband.maps.payload import UNIT_ZOOM, Ints, pack, to_world
from bredband.maps.signal import COLOURS, LIMITS_DBM, SignalPictures, signal_pictures
from bredband.plan import Plan
from bredband.wording import sentences

SCRIPTS = (
    "words", "unpack", "model", "palette", "canvas", "marks", "paint", "panel", "timeline",
    "search", "tables", "country", "app",
)  # fmt: skip
"""The page's own scripts, in the order they are read."""

LAYERS = (
    "premises", "holiday", "conflicts", "routes", "not_built", "sites", "signal", "servers", "terrain", "names",
    "online",
)  # fmt: skip

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob: https://cache.kartverket.no; base-uri 'none'; form-action 'none'"
)
"""Nothing may be fetched but the online map, and that only when somebody turns it on."""


class Page(Figure):
    """The HTML page about a map: its language and what it may fetch."""

    def __init__(self, title: str, language: str) -> None:
        super().__init__(title=title)
        self._template = _template("page.html.j2")
        self.language = language
        self.policy = POLICY
        self.header._children.clear()


class CouncilMap(folium.Map):
    """A folium map that carries a plan; children are added to it as to any other."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own name and type
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(
        self,
        metas: list[dict[str, Any]],
        payloads: list[str],
        terrain: str,
        signal: SignalPictures | None = None,
    ) -> None:
        super().__init__(tiles=None)
        meta = metas[0]
        self._id = "bredband"
        self._template = _template("map.html.j2")
        self.language = meta["language"]
        self.words = sentences("maps", self.language)
        self.title = meta["title"]
        self.owner = meta["owner"]
        self.synthetic = meta["synthetic"]
        self.synthetic_note = meta["synthetic_note"]
        absent = {
            "terrain": not terrain,
            "signal": signal is None,
            "servers": signal is None,
            "conflicts": not any(meta["conflicts"] for meta in metas),
        }
        self.layers = [layer for layer in LAYERS if not absent.get(layer, False)]
        self.plan_names = _plan_names([meta["scenario"] for meta in metas])
        self.payloads = payloads
        self.pictures = {"terrain": terrain}
        if signal is not None:
            self.pictures |= {"signal": signal.signal, "servers": signal.servers}
        self.page_css = _asset("page.css")
        self.page_js = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
        self.leaflet_css, self.leaflet_js, self.icons = _leaflet()
        Page(f"{self.title} – {self.owner}", self.language).add_child(self)


def make_map(plan: Plan, *, background: Background, public: bool = False) -> folium.Map:
    """Make the council map as a folium map, so that an analyst can add to it.

    ``make_map(…).add_child(folium.Marker(…)).save("map.html")`` works; what a child
    fetches from the network is stopped by the page's own policy.
    """
    return _make([plan], _land(plan, background), public=public)


def write_map(plan: Plan, path: Path, *, background: Background, public: bool = False) -> None:
    """Write the council map as one HTML file that needs no network.

    Parameters
    ----------
    plan
        The plan to show.
    path
        The HTML file; it is replaced when the new one is whole.
    background
        The land under the plan.
    public
        Show no single address: households are summed in cells of at least
        ``output.fewest_households``.
    """
    write_page(_make([plan], _land(plan, background), public=public), path)


def write_maps(plan: Plan, path: Path, public_path: Path, *, background: Background) -> None:
    """Write the council map and its public edition, over a background that is drawn once."""
    land = _land(plan, background)
    write_page(_make([plan], land), path)
    write_page(_make([plan], land, public=True), public_path)


def write_comparison(plan_a: Plan, plan_b: Plan, path: Path, *, background: Background) -> None:
    """Write two plans of one county in one HTML file, to switch between or see side by side.

    Raises
    ------
    PlanError
        When the plans are not of the same kommuner.
    """
    if plan_a.kommuner["kommune"].tolist() != plan_b.kommuner["kommune"].tolist():
        raise PlanError(
            "planene gjelder ikke de samme kommunene og kan ikke vises i ett kart.",
            advice="Lag begge planene fra samme kommunegrenser.",
        )
    write_page(_make([plan_a, plan_b], _land(plan_a, background)), path)


@dataclass(frozen=True)
class _Land:
    """What lies under a plan, drawn and packed."""

    origin: Ints
    payload: str
    terrain: str
    signal: SignalPictures | None


def _land(plan: Plan, background: Background) -> _Land:
    bounds = _bounds(plan)
    origin, wider = bounds[:2], _widened(bounds)
    picture, box = _picture(background, wider)
    signal = signal_pictures(background.signal, wider) if background.signal else None
    meta = land_meta(origin) | {
        "terrain_box": box,
        "signal_box": signal.box if signal else [],
        "names": place_names(background, origin),
        "sites": site_marks(background, origin),
    }
    return _Land(origin, pack(meta, background_tables(background, origin)), picture, signal)


def land_meta(origin: Ints) -> dict[str, Any]:
    """Give what the page is told of the land under a plan where there are no pictures and marks."""
    return {
        "origin": origin.tolist(),
        "unit_zoom": UNIT_ZOOM,
        "terrain_box": [],
        "signal_box": [],
        "signal_limits_dbm": LIMITS_DBM,
        "signal_colours": COLOURS,
        "names": {"name": [], "rank": [], "x": [], "y": []},
        "sites": {"name": [], "kind": [], "x": [], "y": []},
    }


def _make(plans: list[Plan], land: _Land, *, public: bool = False) -> CouncilMap:
    steps = sorted({year for plan in plans for year in plan.scenario.rollout.years})
    metas = [plan_meta(plan, land.origin, public=public, steps=steps) for plan in plans]
    payloads = [
        pack(meta, plan_tables(plan, land.origin, public=public))
        for meta, plan in zip(metas, plans, strict=True)
    ]
    return CouncilMap(metas, [land.payload, *payloads], land.terrain, land.signal)


def write_page(page: folium.Map, path: Path) -> None:
    """Write a page; what stood there before is replaced when the new one is whole."""
    with replacing(path) as temporary:
        temporary.write_text(page.get_root().render(), encoding="utf-8")


def _bounds(plan: Plan) -> Ints:
    """Give west, north, east and south of the kommuner in map pixels."""
    points = to_world(shapely.get_coordinates(plan.kommuner.geometry.to_numpy()))
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _widened(bounds: Ints) -> Ints:
    """Add a margin, so that pictures do not end where the kommuner do."""
    margin = (bounds[2:] - bounds[:2]).max() // 25
    wider: Ints = bounds + np.array([-margin, -margin, margin, margin])
    return wider


def _picture(background: Background, bounds: Ints) -> tuple[str, list[float]]:
    return terrain_picture(background.terrain, bounds) if background.terrain else ("", [])


def _plan_names(names: list[str]) -> list[str]:
    """Give the plans names that tell them apart; none when there is one plan only."""
    if len(names) < 2:
        return []
    same = len(set(names)) < len(names)
    return [f"{name} {letter}" if same else name for name, letter in zip(names, "AB", strict=True)]


@functools.cache
def _asset(name: str) -> str:
    return resources.files("bredband.maps").joinpath("assets", name).read_text(encoding="utf-8")


def _template(name: str) -> Template:
    return Environment(autoescape=True).from_string(_asset(name))


@functools.cache
def _leaflet() -> tuple[str, str, dict[str, str]]:
    """Give Leaflet's style sheet and script with their pictures inside, and the marker icons.

    The licence stands at the top of the script, as its authors ask.
    """
    folder = Path(leaflet.BASE_DIR)

    def picture(name: str) -> str:
        data = base64.b64encode((folder / "images" / name).read_bytes()).decode("ascii")
        return f"data:image/png;base64,{data}"

    style = (folder / "leaflet.css").read_text(encoding="utf-8")
    style = re.sub(
        r"url\(images/([\w.-]+\.png)\)", lambda found: f"url({picture(found[1])})", style
    )
    script = (folder / "leaflet.js").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)
    icons = {
        "iconUrl": picture("marker-icon.png"),
        "iconRetinaUrl": picture("marker-icon-2x.png"),
        "shadowUrl": picture("marker-shadow.png"),
    }
    return style, script, icons
