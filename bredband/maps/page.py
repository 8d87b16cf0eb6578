"""The council map: one page that carries everything it shows."""

from __future__ import annotations

import os
from pathlib import Path

import folium

from bredband.maps.background import Background
from bredband.plan import Plan


def make_map(plan: Plan, *, background: Background) -> folium.Map:
    """Make the council map as a folium map, so that an analyst can add to it."""
    page = folium.Map(tiles=None)
    page.get_root().title = plan.scenario.output.title or plan.scenario.name
    return page


def write_map(plan: Plan, path: Path, *, background: Background) -> None:
    """Write the council map as one HTML file that needs no network."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.with_name(path.name + ".part")
    half_written.write_text(make_map(plan, background=background).get_root().render(), "utf-8")
    os.replace(half_written, path)
