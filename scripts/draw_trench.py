"""Draw the trench of a written plan over shaded relief, as an engineer's sheet.

    python scripts/draw_trench.py out/demo trench.png
    python scripts/draw_trench.py out/demo area.png --area 9903-114-6959

The sheet shows how each metre is built (colour), what several areas share (wide), drops, cabinets,
lit fibre, existing ducts and pole lines, roads, water and the outlines of the areas; below, metres and
kroner by method. Without terrain the ground is left blank. With ``--area`` it shows one area, and
the trench that it hangs on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bredband.county import County
from bredband.errors import BredbandError
from bredband.grid import Raster
from bredband.pipeline import read_county, read_plan
from bredband.plan import Plan
from bredband.units import format_decimal, format_int, format_mnok

METHODS = {
    "plough": ("#1b9e3f", "-", "pløying"),
    "trench": ("#c0392b", "-", "graving"),
    "micro_trench": ("#8e44ad", "-", "microgrøft i asfalt"),
    "rock": ("#111111", "-", "fjell (saging, sprenging)"),
    "bore": ("#8b5a2b", "-", "styrt boring"),
    "attach": ("#e67e22", "-", "i bru eller tunnel"),
    "aerial": ("#d81b8c", (0, (4, 1.2)), "luftstrekk på stolper"),
    "subsea": ("#0b4f9e", (0, (4, 1.2)), "sjøkabel"),
    "blow": ("#00a3a3", "-", "blåst i rør som ligger"),
}
"""Colour, line style and name of each method."""

INK = "#1b2a36"
PICTURE_CELLS = 1800
"""Longest side of the shaded relief."""


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("folder", type=Path, help="a folder that «bredband run» wrote")
    reader.add_argument("picture", type=Path, help="the picture to write: PNG, WEBP or PDF")
    reader.add_argument("--area", help="area_id of the one area to show")
    given = reader.parse_args()
    try:
        plan, county = read_plan(given.folder), read_county(given.folder)
    except BredbandError as fault:
        sys.exit(f"Feil: {fault}")
    if given.area and given.area not in set(plan.areas["area_id"]):
        sys.exit(f"Feil: planen har ikke noe område «{given.area}».")
    draw(plan, county, given.area).savefig(given.picture, dpi=150)


def draw(plan: Plan, county: County, area: str | None) -> Figure:
    """Draw the whole plan, or one area of it."""
    shown = {area} if area else set(plan.areas["area_id"])
    routes = plan.routes[plan.routes["area_id"].isin(shown)]
    view = _view(plan, routes, area)
    west, south, east, north = view
    width_in = 11.0
    height_in = float(np.clip(width_in * (north - south) / (east - west), 5.5, 14.0))
    mpl.rc("font", size=9)
    figure = Figure(figsize=(width_in, height_in + 1.8), layout="constrained")
    figure.get_layout_engine().set(rect=(0.005, 0.005, 0.99, 0.98))
    sheet = figure.add_gridspec(2, 1, height_ratios=[height_in, 1.5])
    axes = figure.add_subplot(sheet[0])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    _ground(axes, county, view)
    _areas(axes, plan, shown, named=area is not None)
    _trench(axes, plan, shown, close=area is not None)
    _points(axes, plan, county, shown, close=area is not None)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set(xlabel="", ylabel="")
    _scale_bar(axes, east - west)
    _title(axes, plan, area)
    _bill(figure.add_subplot(sheet[1]), routes, alone=area is not None)
    return figure


def _view(
    plan: Plan, routes: gpd.GeoDataFrame, area: str | None
) -> tuple[float, float, float, float]:
    """Give the edges of the sheet: what is shown, with a margin."""
    shapes = [routes.total_bounds]
    if area:
        shapes.append(plan.areas[plan.areas["area_id"] == area].total_bounds)
    edges = np.array([shape for shape in shapes if np.isfinite(shape).all()])
    west, south, east, north = [*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0)]
    margin_m = max(0.04 * max(east - west, north - south), 150.0)
    return west - margin_m, south - margin_m, east + margin_m, north + margin_m


def _ground(axes: Any, county: County, view: tuple[float, float, float, float]) -> None:
    """Lay out relief, water, roads, ducts and poles."""
    axes.set_facecolor("#f4f3ee")
    frame = shapely.box(*view)
    if county.terrain is not None:
        _relief(axes, county.terrain, view)
    cover = county.landcover
    words = cover["landcover_class"].str.lower()
    for wanted, colour in (
        (("havflate", "innsjø", "elv", "kanal", "vann", "water"), "#bcd8ea"),
        (("myr",), "#d9d2b0"),
        (("tettbeb", "bymessig", "industri"), "#e3d9d6"),
    ):
        part = cover[words.str.startswith(wanted).to_numpy() & cover.intersects(frame).to_numpy()]
        if len(part):
            part.plot(ax=axes, facecolor=colour, edgecolor="none", alpha=0.75, zorder=2)
    roads = county.roads[county.roads.intersects(frame)]
    if len(roads):
        roads.plot(ax=axes, color="white", linewidth=1.6, zorder=3)
        roads.plot(ax=axes, color="#8d8d8d", linewidth=0.7, zorder=3)
    ducts = county.ducts[county.ducts.intersects(frame)]
    for kind, colour in (("duct", "#00a3a3"), ("pole_line", "#d81b8c")):
        part = ducts[ducts["kind"] == kind]
        if len(part):
            part.plot(ax=axes, color=colour, linewidth=3.4, alpha=0.28, zorder=4)


def _relief(axes: Any, terrain: Raster, view: tuple[float, float, float, float]) -> None:
    """Shade the terrain from the north-west, with height tints and contours."""
    west, south, east, north = view
    cell = terrain.cell_m
    rows, columns = terrain.heights_m.shape
    top = int(np.clip((terrain.north_m - north) // cell, 0, rows))
    bottom = int(np.clip((terrain.north_m - south) // cell + 1, 0, rows))
    left = int(np.clip((west - terrain.west_m) // cell, 0, columns))
    right = int(np.clip((east - terrain.west_m) // cell + 1, 0, columns))
    step = max(1, -(-max(bottom - top, right - left) // PICTURE_CELLS))
    heights_m = terrain.heights_m[top:bottom:step, left:right:step].astype(float)
    if heights_m.size < 4:
        return
    known = np.where(np.isnan(heights_m), 0.0, heights_m)
    tints = mpl.colors.LinearSegmentedColormap.from_list(
        "land", ["#d5e2c4", "#e8e8cd", "#e3d6bb", "#f3efe6"]
    )
    shade = LightSource(azdeg=315, altdeg=45).hillshade(
        known, vert_exag=2.5, dx=cell * step, dy=cell * step
    )
    level = np.clip(known / max(float(np.percentile(known, 99)), 50.0), 0.0, 1.0)
    # flat ground keeps its tint; slopes away from the sun go down to half of it
    picture = np.array(tints(level))
    picture[..., :3] *= np.clip(0.45 + 0.78 * shade, 0.4, 1.05)[..., None]
    picture = np.clip(picture, 0.0, 1.0)
    sea = terrain.sea[top:bottom:step, left:right:step]
    picture[sea] = mpl.colors.to_rgba("#bcd8ea")
    picture[..., 3] = np.where(np.isnan(heights_m), 0.0, 1.0)
    x = terrain.west_m + cell * left, terrain.west_m + cell * (left + heights_m.shape[1] * step)
    y = terrain.north_m - cell * (top + heights_m.shape[0] * step), terrain.north_m - cell * top
    axes.imshow(picture, extent=(*x, *y), zorder=0, interpolation="bilinear")
    span_m = float(known.max() - known.min())
    spacing_m = next((s for s in (5, 10, 20, 50, 100, 200) if span_m / s <= 14), 500)
    across = np.linspace(x[0] + cell * step / 2, x[1] - cell * step / 2, heights_m.shape[1])
    down = np.linspace(y[1] - cell * step / 2, y[0] + cell * step / 2, heights_m.shape[0])
    levels = np.arange(spacing_m, known.max(), spacing_m)
    if len(levels):
        axes.contour(across, down, known, levels, colors="#8a7a55", linewidths=0.3, alpha=0.6)


def _areas(axes: Any, plan: Plan, shown: set[str], *, named: bool) -> None:
    """Outline the areas."""
    own = plan.areas[(plan.areas["kind"] == "area") & plan.areas["area_id"].isin(shown)]
    own.boundary.plot(ax=axes, color=INK, linewidth=0.7, linestyle=(0, (5, 3)), alpha=0.7, zorder=5)
    if named:
        return
    largest = own.sort_values("households", ascending=False).head(12)
    for name, place in zip(largest["name"], largest.geometry.representative_point(), strict=True):
        _write(axes, (place.x, place.y), str(name).split(" og ")[0], fontsize=7, ha="center")


def _trench(axes: Any, plan: Plan, shown: set[str], *, close: bool) -> None:
    """Draw the routes by method, shared trench wide, and the drops."""
    kind = plan.areas.set_index("area_id")["kind"]
    routes = plan.routes.assign(shared=(plan.routes["area_id"].map(kind) == "feeder").to_numpy())
    others = routes[~routes["area_id"].isin(shown)]
    if len(others):
        others.plot(ax=axes, color=INK, linewidth=1.2, alpha=0.35, zorder=6)
    mine = routes[routes["area_id"].isin(shown)]
    scale = 1.6 if close else 1.0
    if mine["shared"].any():
        mine[mine["shared"]].plot(ax=axes, color=INK, linewidth=3.6 * scale, alpha=0.8, zorder=6)
    mine.plot(ax=axes, color="white", linewidth=2.3 * scale, zorder=7)
    for method, (colour, style, _) in METHODS.items():
        part = mine[mine["method"] == method]
        if len(part):
            part.plot(ax=axes, color=colour, linestyle=style, linewidth=1.6 * scale, zorder=8)
    drops = plan.drops[plan.drops["area_id"].isin(shown)]
    if len(drops):
        drops.plot(ax=axes, color="#c0392b", linewidth=0.8 if close else 0.4, zorder=7)


def _points(axes: Any, plan: Plan, county: County, shown: set[str], *, close: bool) -> None:
    """Mark premises, cabinets and lit fibre."""
    reached = plan.connections[plan.connections["area_id"].isin(shown)]
    homes = plan.premises[plan.premises["premises_id"].isin(reached["premises_id"])]
    axes.scatter(
        homes.geometry.x, homes.geometry.y, s=14 if close else 2.5, color="white",
        edgecolor=INK, linewidth=0.7 if close else 0.3, zorder=9,
    )  # fmt: skip
    boxes = plan.cabinets[plan.cabinets["area_id"].isin(shown)]
    axes.scatter(
        boxes.geometry.x, boxes.geometry.y, s=70 if close else 16, marker="s", color="#f1c40f",
        edgecolor=INK, linewidth=0.8, zorder=10,
    )  # fmt: skip
    lit = county.sites[county.sites["kind"] == "lit_fibre"]
    axes.scatter(
        lit.geometry.x, lit.geometry.y, s=110, marker="^", color="#0b4f9e", edgecolor="white",
        linewidth=1.0, zorder=11,
    )  # fmt: skip


def _scale_bar(axes: Any, width_m: float) -> None:
    """Draw a bar of a round length, and an arrow to the north."""
    steps = [base * 10**power for power in range(1, 6) for base in (1, 2, 5)]
    length_m = max(step for step in steps if step <= max(width_m / 5, 10))
    share = length_m / width_m
    ends = [0.02, 0.02 + share]
    paint = {"transform": axes.transAxes, "zorder": 12, "solid_capstyle": "butt"}
    axes.plot(ends, [0.025, 0.025], color="white", linewidth=6, **paint)
    axes.plot(ends, [0.025, 0.025], color=INK, linewidth=3, **paint)
    text = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m} m"
    _write(axes, (0.02 + share / 2, 0.035), text, transform=axes.transAxes, ha="center")
    axes.annotate(
        "N", (0.975, 0.985), (0.975, 0.93), xycoords="axes fraction", ha="center", va="center",
        fontweight="bold", arrowprops={"arrowstyle": "-|>", "color": INK}, zorder=12,
    )  # fmt: skip


def _write(axes: Any, place: tuple[float, float], text: str, **style: Any) -> None:
    halo = [withStroke(linewidth=2.5, foreground="white")]
    axes.text(*place, text, color=INK, path_effects=halo, zorder=12, **style)


def _title(axes: Any, plan: Plan, area: str | None) -> None:
    """Say what the sheet shows, and how good the tree is."""
    proof = next(proof for proof in plan.proofs if proof.kind == "network")
    name = plan.scenario.name
    if area:
        row = plan.areas.set_index("area_id").loc[area]
        name = f"{area} {row['name']}: {format_int(row['households'])} husstander"
    best = (
        "bevist billigst mulig"
        if proof.status == "optimal"
        else f"høyst {format_decimal(100 * proof.gap_share)} % over det billigste mulige"
    )
    label = "\nSyntetiske data – ikke en virkelig plan" if plan.scenario.synthetic else ""
    title = f"{name} – grøftenett, {best}{label}"
    axes.set_title(title, loc="left", fontweight="bold", fontsize=11)


def _bill(axes: Any, routes: gpd.GeoDataFrame, *, alone: bool) -> None:
    """Write the legend with metres and kroner for each method, and the other marks."""
    axes.set_axis_off()
    sums = routes.groupby("method")[["length_m", "trench_nok"]].sum()
    handles = [
        Line2D([], [], color=colour, linestyle=style, linewidth=2.4, label=(
            f"{name}: {format_decimal(sums.loc[method, 'length_m'] / 1000)} km, "
            f"{format_mnok(sums.loc[method, 'trench_nok'])}"))
        for method, (colour, style, name) in METHODS.items() if method in sums.index
    ]  # fmt: skip
    total = f"i alt {format_decimal(sums['length_m'].sum() / 1000)} km, "
    total += format_mnok(sums["trench_nok"].sum())
    marks = [
        Line2D([], [], color=INK, linewidth=1.5, alpha=0.4, label="grøft til andre områder")
        if alone
        else Line2D([], [], color=INK, linewidth=5, label="felles for flere områder"),
        Line2D([], [], color="#c0392b", linewidth=0.8, label="stikkledning"),
        _mark("o", "white", "adresse som skal nås"),
        _mark("s", "#f1c40f", "fordelingsskap"),
        _mark("^", "#0b4f9e", "tent fiberpunkt"),
        Line2D([], [], color="#00a3a3", alpha=0.35, linewidth=4, label="rør som ligger"),
        Line2D([], [], color="#d81b8c", alpha=0.35, linewidth=4, label="stolpelinje"),
        Line2D([], [], color=INK, linestyle=(0, (5, 3)), linewidth=0.8, label="områdegrense"),
    ]
    style = {"frameon": False, "loc": "upper left", "alignment": "left", "title_fontsize": 9}
    first = axes.legend(
        handles=handles, title=f"Grøft, {total} (anslag)", ncols=2, bbox_to_anchor=(0, 1), **style
    )
    axes.add_artist(first)
    axes.legend(handles=marks, title="Ellers", ncols=2, bbox_to_anchor=(0.62, 1), **style)


def _mark(shape: str, colour: str, label: str) -> Line2D:
    return Line2D(
        [], [], marker=shape, linestyle="", color=colour, markeredgecolor=INK, label=label
    )


if __name__ == "__main__":
    main()
