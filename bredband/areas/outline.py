"""The outlines of deployment areas: whole, smooth, and never over one another."""

from __future__ import annotations

from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Scalar = TypeVar("Scalar", bound=np.generic)

REACH_M = 200.0
"""How far an area reaches from its premises and its trench."""

_FILL_M = 250.0
_STEP_M = 50.0
_THIN_M = 100.0


def outlines(
    members: gpd.GeoDataFrame, routes: gpd.GeoDataFrame, route_area: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Draw every area around its premises and the trench between them.

    The outline is what lies within 200 m of them, with bays narrower than 500 m filled in,
    and nearer to them than to any other area's. So outlines never overlap, and each holds
    its premises.

    Parameters
    ----------
    members
        Premises with the number of their area, from 0 without gaps, in the column ``area``.
    routes
        The table of that name.
    route_area
        The area whose trench each route is drawn as, or −1.
    """
    count = int(members["area"].max()) + 1
    drawn = np.flatnonzero(route_area >= 0)
    along, route = _points_along(routes.geometry.to_numpy()[drawn])
    place_m = np.concatenate([shapely.get_coordinates(members.geometry.to_numpy()), along])
    area = np.concatenate([members["area"].to_numpy(), route_area[drawn][route]])
    first_is_premises = np.unique(np.round(place_m, 3), axis=0, return_index=True)[1]
    place_m, area = place_m[first_is_premises], area[first_is_premises]
    near = _zones(place_m, area, count)
    if len(place_m) > 1 and count > 1:
        nearer = _cells(place_m, area)
        near = np.array(
            [
                _with_seeds(shapely.intersection(zone, cell), seeds_m)
                for zone, cell, seeds_m in zip(
                    near, nearer, _by_area(place_m, area, count), strict=True
                )
            ],
            dtype=object,
        )
    return near


def _points_along(lines: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Take points every 50 m inside each line, clear of its ends."""
    count = np.floor(shapely.length(lines) / _STEP_M).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(lines[line], (nth + 0.5) / count[line], normalized=True)
    return shapely.get_coordinates(points), line


def _zones(
    place_m: NDArray[np.float64], area: NDArray[np.int64], count: int
) -> NDArray[np.object_]:
    """Draw what lies within reach of each area's points, with narrow bays filled in.

    One point per 100 m square stands for its neighbours, so the outline comes within 60 m of
    a premises at the least.
    """
    squares = np.column_stack([np.floor(place_m / _THIN_M), area])
    one_each = np.unique(squares, axis=0, return_index=True)[1]
    place_m, area = place_m[one_each], area[one_each]
    # Discs united are six times as fast as one buffer of many points.
    points = np.asarray(shapely.points(place_m), dtype=object)
    discs = np.asarray(shapely.buffer(points, REACH_M + _FILL_M, quad_segs=4), dtype=object)
    wide = np.array(
        [shapely.union_all(mine) for mine in _by_area(discs, area, count)], dtype=object
    )
    return np.asarray(shapely.buffer(wide, -_FILL_M, quad_segs=4), dtype=object)


def _by_area(values: NDArray[Scalar], area: NDArray[np.int64], count: int) -> list[NDArray[Scalar]]:
    """Share values out between the areas that they belong to."""
    order = np.argsort(area, kind="stable")
    return np.split(values[order], np.searchsorted(area[order], np.arange(1, count)))


def _cells(place_m: NDArray[np.float64], area: NDArray[np.int64]) -> NDArray[np.object_]:
    """Draw what lies nearer to each area's points than to other areas' (Voronoi cells)."""
    seeds = shapely.multipoints(place_m)
    frame = shapely.buffer(shapely.envelope(seeds), 3 * (REACH_M + _FILL_M))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame, ordered=True))
    merged = gpd.GeoSeries(cells).groupby(area).agg(shapely.coverage_union_all)
    return np.asarray(pd.Series(merged).to_numpy(), dtype=object)


def _with_seeds(shape: BaseGeometry, place_m: NDArray[np.float64]) -> BaseGeometry:
    """Leave out the parts of an area that hold nothing of it."""
    parts = shapely.get_parts(shape)
    seeds = shapely.multipoints(place_m)
    kept: BaseGeometry = shapely.union_all(parts[shapely.intersects(parts, seeds)])
    return kept
