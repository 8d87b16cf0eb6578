"""Where the drop to each premises leaves the road, and what it has to cross."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS, access_points
from bredband.network.junctions import Joined
from bredband.network.links import wet_length

_WATER_DETOUR = 5.0
"""A drop through water is moved to a road that is up to so many times as far away."""


def locate_drops(
    joined: Joined, premises: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find where the drop to each premises leaves the road.

    It leaves where the way to the premises does, if the publisher says where; else at the
    nearest road. Where the way to that road lies through water, the nearest road on dry land
    is taken instead if it is at most five times as far away.

    Returns
    -------
    For each premises the row of a road that a drop may leave (not a bridge, tunnel, ferry or
    proposed link), the distance along it in metres rounded to whole metres, and the length
    of the drop in metres.
    """
    roads = joined.roads
    lines = roads.geometry.to_numpy()
    usable = np.flatnonzero((roads["structure"] == "ground").to_numpy())
    points = access_points(premises)
    nearest = np.zeros(len(points), dtype=np.int64)
    if len(points):
        # Neighbours in turn keep the tree's branches in cache.
        order = np.argsort(premises.geometry.hilbert_distance().to_numpy())
        tree = shapely.STRtree(lines[usable])
        nearest[order] = usable[tree.nearest(points[order])]
        straight = _lines_between(lines[nearest], points)
        for i in np.flatnonzero(wet_length(straight, joined.water) > 0):
            reach_m = _WATER_DETOUR * shapely.length(straight[i])
            others = usable[tree.query(points[i], predicate="dwithin", distance=reach_m)]
            others = others[np.argsort(shapely.distance(lines[others], points[i]), kind="stable")]
            ways = _lines_between(lines[others], np.full(len(others), points[i], dtype=object))
            dry = others[wet_length(ways, joined.water) == 0]
            if len(dry):
                nearest[i] = dry[0]
    chosen = lines[nearest]
    along = np.minimum(np.round(shapely.line_locate_point(chosen, points)), shapely.length(chosen))
    return nearest, along, _drop_lengths(chosen, points, premises)


def draw_drops(
    joined: Joined,
    premises: gpd.GeoDataFrame,
    drop_road: NDArray[np.int64],
    along_m: NDArray[np.float64],
) -> gpd.GeoDataFrame:
    """Draw the drops, and tell which cross the road and which go through water.

    The trench runs on one side of each road: the side where most of the premises to connect
    stand, the left one in a tie. Drops to the other side cross the road. A trench that
    changes side does so at a junction, where it crosses anyway.

    Returns
    -------
    The table ``drops`` for all premises, with ``area_id`` and ``route_id`` still empty.
    """
    lines = joined.roads.geometry.to_numpy()[drop_road]
    points = premises.geometry.to_numpy()
    start = shapely.line_interpolate_point(lines, along_m)
    drawn = _segments(shapely.get_coordinates(start), shapely.get_coordinates(points))
    across = _crosses(drop_road, _sides(lines, along_m, points))
    owner = joined.roads["road_owner"].to_numpy(dtype=object)[drop_road]
    gravel = (joined.roads["surface"] == "gravel").to_numpy()[drop_road]
    payee = np.where(gravel, "private", owner)
    return gpd.GeoDataFrame(
        {
            "premises_id": premises["premises_id"].to_numpy(),
            "area_id": pd.array([""] * len(points), dtype="str"),
            "route_id": pd.array([""] * len(points), dtype="str"),
            "crosses": pd.array(np.where(across, payee, ""), dtype="str"),
            "length_m": _drop_lengths(lines, access_points(premises), premises),
            "wet_m": wet_length(drawn, joined.water),
        },
        geometry=drawn,
        crs=WORKING_CRS,
    )


def _sides(
    lines: NDArray[np.object_], along_m: NDArray[np.float64], points: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Tell on which side of its road each point stands: 1 left, −1 right, 0 on it."""
    before = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, np.maximum(along_m - 1, 0))
    )
    after = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, np.minimum(along_m + 1, shapely.length(lines)))
    )
    way, out = after - before, shapely.get_coordinates(points) - before
    return np.sign(way[:, 0] * out[:, 1] - way[:, 1] * out[:, 0]).astype(np.int64)


def _crosses(road: NDArray[np.int64], side: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the premises on the side of their road where fewer stand."""
    majority = np.bincount(road, side)[road]
    return np.where(majority >= 0, side < 0, side > 0)


def _drop_lengths(
    lines: NDArray[np.object_], access: NDArray[np.object_], premises: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """Measure from where the way leaves the road to the premises, in metres."""
    leaves = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, access))
    return np.asarray(shapely.distance(leaves, premises.geometry.to_numpy()))


def _lines_between(lines: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.object_]:
    """Draw the shortest line from each road to its point."""
    return np.asarray(shapely.shortest_line(lines, points), dtype=object)


def _segments(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.object_]:
    # A premises on the road itself still needs a line to draw.
    same = np.hypot(*(end - start).T) < 0.01
    end = np.where(same[:, None], end + np.array([0.01, 0.0]), end)
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
