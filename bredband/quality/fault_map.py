"""The small map of points at fault: one picture without scripts."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

_WIDTH, _HEIGHT = 640, 480
"""Most pixels either way: the map and its legend fit on one screen."""
_MARGIN = 14
_COLOURS = ("#b3261e", "#1d5fa8", "#8a5a00", "#6b2fa0", "#00695c", "#37474f")
_OUTER_RADIUS, _RADIUS_STEP, _INNER_RADIUS = 9.0, 1.6, 2.5


def draw_map(
    spatial: gpd.GeoDataFrame, kommuner: gpd.GeoDataFrame, words: Mapping[str, Any]
) -> str:
    """Draw the borders with the kommuner's names, and a ring for each point and fault.

    A point with several faults gets a ring in a ring. A point outside the map stands as a
    square on its edge, in the direction where it lies. Empty where there is nothing to draw.
    """
    if not len(spatial) or not len(kommuner):
        return ""
    west, south, east, north = kommuner.total_bounds
    scale = min(_WIDTH / max(east - west, 1.0), _HEIGHT / max(north - south, 1.0))
    width, height = (east - west) * scale, (north - south) * scale
    corner, turn = np.array([west, north]), np.array([scale, -scale])
    lines = shapely.simplify(shapely.boundary(np.asarray(kommuner.geometry.array)), 2 / scale)
    paths = []
    for line in shapely.get_parts(lines):
        xy = (shapely.get_coordinates(line) - corner) * turn
        paths.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in xy))
    middle = shapely.point_on_surface(np.asarray(kommuner.geometry.array))
    places = (shapely.get_coordinates(middle) - corner) * turn
    names = [
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{html.escape(str(name))}</text>'
        for name, (x, y) in zip(kommuner["name"], places, strict=True)
    ]
    marks, legend = [], []
    for i, fault in enumerate(dict.fromkeys(spatial["fault"])):
        colour = _COLOURS[i % len(_COLOURS)]
        radius = max(_OUTER_RADIUS - i * _RADIUS_STEP, _INNER_RADIUS)
        here = (spatial["fault"] == fault).to_numpy()
        xy = (shapely.get_coordinates(spatial.geometry.array[here]) - corner) * turn
        edge = np.clip(xy, 0, [width, height])
        away = (np.abs(xy - edge) > 1).any(axis=1)
        marks += [
            _mark(x, y, radius, colour, square=out) for (x, y), out in zip(edge, away, strict=True)
        ]
        sign = "◯" if not away.all() else "□"
        text = f"{html.escape(fault)}: {_count(len(xy), int(away.sum()), words)}"
        legend.append(
            f'<li><span style="color:{colour}" aria-hidden="true">{sign}</span> {text}</li>'
        )
    across, down = round(width + 2 * _MARGIN), round(height + 2 * _MARGIN)
    return (
        f'<svg viewBox="{-_MARGIN} {-_MARGIN} {across} {down}" width="{across}" role="img" '
        f'aria-label="{words["map_label"]}">'
        f'<path d="{"".join(paths)}" fill="none" stroke="#555" stroke-width="0.8"/>'
        f'<g font-size="11" fill="#555">{"".join(names)}</g>{"".join(marks)}</svg>'
        f'<ul class="legend">{"".join(legend)}</ul>'
    )


def _count(points: int, away: int, words: Mapping[str, Any]) -> str:
    """Say how many points there are, and how many of them the map shows on its edge."""
    if not away:
        return f"{points}"
    said: str = words["all_outside" if away == points else "some_outside"]
    return said.format(count=points, away=away)


def _mark(x: float, y: float, radius: float, colour: str, *, square: bool) -> str:
    style = f'fill="none" stroke="{colour}" stroke-width="1.6"'
    if not square:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {style}/>'
    side = 2 * radius
    left, top = x - radius, y - radius
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{side:.1f}" height="{side:.1f}" {style}/>'
