"""The map of the sector document: every kommune by who has an offer in the end, and the counties."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np

from bredband.report.figures import INK, draw_scale_bar, patch, year_colours
from bredband.report.glyphs import drawable
from bredband.report.words import Words
from bredband.units import format_decimal

SHARE_LIMITS = (0.5, 0.7, 0.8, 0.9, 0.97)
"""The classes of the map page, so that document and map have the same colours."""
_WIDTH_IN, _HIGHEST_IN = 6.3, 7.9
_NAME_PT = 7.5
_MOVES = ((0, 0), (0, 1), (0, -1), (0.6, 0), (-0.6, 0), (0.6, 1), (0.6, -1), (-0.6, 1), (-0.6, -1),
          (0, 2), (0, -2), (1.1, 0), (-1.1, 0))  # fmt: skip
"""Where a name may stand, in its own half widths and lines, the best first."""


def paint_counties(kommuner: gpd.GeoDataFrame, say: Words, figure: Any) -> None:
    """Colour kommuner by the share that has an offer after the plan, and outline the counties.

    Parameters
    ----------
    kommuner
        A row per kommune with ``county``, ``served_after_share`` and the outline.
    say
        The sentences of the document.
    figure
        The figure to paint on; it is made as high as the country needs.
    """
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    west, south, east, north = kommuner.total_bounds
    height_in = _WIDTH_IN * (north - south) / max(east - west, 1.0)
    figure.set_size_inches(_WIDTH_IN, float(np.clip(height_in, 3.0, _HIGHEST_IN)) + 0.6)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    colours = year_colours(len(SHARE_LIMITS) + 1)
    level = np.searchsorted(SHARE_LIMITS, kommuner["served_after_share"], side="right")
    kommuner.plot(ax=axes, color=[colours[k] for k in level], edgecolor="white", linewidth=0.2)
    counties = kommuner[["county", "geometry"]].dissolve("county")
    counties.boundary.plot(ax=axes, color=INK, linewidth=0.8)
    pixel_m = max((east - west) / (_WIDTH_IN * 72), (north - south) / (height_in * 72))
    halo = [withStroke(linewidth=2.2, foreground="white")]
    for text, x, y in _placed(counties, pixel_m):
        axes.annotate(
            text, (x, y), ha="center", va="center", fontsize=_NAME_PT, fontweight="bold",
            path_effects=halo,
        )  # fmt: skip
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    draw_scale_bar(axes, east - west)
    figure.legend(
        handles=[
            patch(facecolor=colour, edgecolor="white", label=label)
            for colour, label in zip(colours, _labels(), strict=True)
        ],
        loc="outside lower center",
        ncols=len(colours),
        title=say("map.legend"),
        fontsize=8,
    )


def _labels() -> list[str]:
    whole = [format_decimal(100 * limit, 0) for limit in SHARE_LIMITS]
    between = [f"{low}–{high} %" for low, high in pairwise(whole)]
    return [f"< {whole[0]} %", *between, f"≥ {whole[-1]} %"]


def _placed(counties: gpd.GeoDataFrame, point_m: float) -> list[tuple[str, float, float]]:
    """Place each county's name once, the largest counties first, where it lies on no other.

    What stands in parentheses after a name is left out; a name without room is left out too, as its
    county is in the tables.
    """
    taken: list[tuple[float, float, float, float]] = []
    placed = []
    middles = counties.geometry.representative_point()
    for name in counties.area.sort_values(ascending=False).index:
        text = drawable(str(name).split(" (", 1)[0])
        half_m = (0.33 * _NAME_PT * len(text) + 2) * point_m
        line_m = 0.75 * _NAME_PT * point_m
        for right, up in _MOVES:
            x, y = middles[name].x + right * half_m, middles[name].y + 2 * up * line_m
            box = (x - half_m, y - line_m, x + half_m, y + line_m)
            if not any(
                box[0] < b[2] and box[2] > b[0] and box[1] < b[3] and box[3] > b[1] for b in taken
            ):
                taken.append(box)
                placed.append((text, x, y))
                break
    return placed
