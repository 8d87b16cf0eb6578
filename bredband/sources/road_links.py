"""Lines that meet in shared points, contracted to road links between junctions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS
from bredband.kernel import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TOUCH_M = 1.0
"""An end this near another line is taken to touch it."""
_SAME_PLACE_M = 0.01


@dataclass(frozen=True)
class Lines:
    """Lines as flat arrays: line ``i`` has the points ``offsets[i]:offsets[i + 1]``.

    ``points_m`` has shape (points, 2); ``point_ids`` says which points are the same place;
    ``labels`` says which lines may become one link (same class, surface and structure).
    """

    points_m: Floats
    point_ids: Ints
    offsets: Ints
    labels: Ints


@dataclass(frozen=True)
class Links:
    """Links between junctions: their points, junctions, and the line each began in."""

    points_m: Floats
    offsets: Ints
    start_junction: Ints
    end_junction: Ints
    line: Ints


def contract(lines: Lines) -> Links:
    """Contract lines to links: a junction is where other than two equal lines meet.

    Dead ends are kept. A ring that meets nothing becomes one link from a junction of its own
    to itself.

    Parameters
    ----------
    lines
        At least two points per line.
    """
    place = np.unique(lines.point_ids, return_inverse=True)[1].astype(np.int64)
    line_of = np.repeat(np.arange(len(lines.offsets) - 1), np.diff(lines.offsets))
    keep = np.ones(len(place), dtype=np.bool_)
    keep[1:] = (line_of[1:] != line_of[:-1]) | (place[1:] != place[:-1])  # a point twice running
    place, line_of, points_m = place[keep], line_of[keep], lines.points_m[keep]
    along = (line_of[1:] == line_of[:-1]) & ~_drawn_before(place, line_of)
    junction = _junctions(place, along, lines.labels[line_of])
    first, last = _pieces(junction[place], along)
    return _chains(points_m, place, line_of, junction, first, last)


def as_roads(links: Links, attributes: pd.DataFrame, line_ids: pd.Series[Any]) -> gpd.GeoDataFrame:
    """Make the table ``roads`` of links; slope 0 and ground ``verge`` until they are known.

    Parameters
    ----------
    links
        What ``contract`` gave.
    attributes
        One row per line: ``road_class``, ``surface`` and ``structure``.
    line_ids
        Id of each line as text; a link is called after the line it begins in.
    """
    counts = np.diff(links.offsets)
    geometry = shapely.linestrings(
        links.points_m, indices=np.repeat(np.arange(len(counts)), counts)
    )
    name = line_ids.take(links.line).reset_index(drop=True)
    part = name.groupby(name).cumcount() + 1
    frame = attributes.take(links.line).reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "road_id": (name + "-" + part.astype("str")).astype("str"),
            "start_junction": links.start_junction,
            "end_junction": links.end_junction,
            "length_m": shapely.length(geometry),
            "road_class": frame["road_class"].astype("str"),
            "surface": frame["surface"].astype("str"),
            "structure": frame["structure"].astype("str"),
            "slope_share": np.zeros(len(name)),
            "ground": pd.Series(["verge"], dtype="str").repeat(len(name)).reset_index(drop=True),
        }
    )
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WORKING_CRS)


def roads_of_lines(
    geometry: NDArray[np.object_], attributes: pd.DataFrame, line_ids: pd.Series[Any]
) -> gpd.GeoDataFrame:
    """Make the table ``roads`` of lines without topology.

    Points less than a centimetre apart are the same place. An end that lies within a metre
    of another line, with no point of its own there, is joined to it.

    Parameters
    ----------
    geometry
        LineStrings in EPSG:25833.
    attributes
        One row per line: ``road_class``, ``surface`` and ``structure``.
    line_ids
        Id of each line as text.
    """
    joined = _join_ends(geometry)
    points_m, index = shapely.get_coordinates(joined, return_index=True)
    offsets = np.searchsorted(index, np.arange(len(joined) + 1)).astype(np.int64)
    lines = Lines(points_m, ids_of_places(points_m), offsets, labels_of(attributes))
    return as_roads(contract(lines), attributes, line_ids)


def _join_ends(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Move loose ends onto the line they touch, and give that line a point there."""
    points_m, index = shapely.get_coordinates(geometry, return_index=True)
    place = ids_of_places(points_m)
    first = np.searchsorted(index, np.arange(len(geometry)))
    last = np.searchsorted(index, np.arange(len(geometry)), side="right") - 1
    uses = np.bincount(place)
    ends = np.concatenate([first, last])
    ends = ends[uses[place[ends]] == 1]
    near, line = shapely.STRtree(geometry).query(
        shapely.points(points_m[ends]), predicate="dwithin", distance=TOUCH_M
    )
    other = index[ends[near]] != line
    _, once = np.unique(near[other], return_index=True)
    loose, line = ends[near[other][once]], line[other][once]
    if not len(loose):
        return geometry
    along = shapely.line_locate_point(geometry[line], shapely.points(points_m[loose]))
    moved = points_m.copy()
    moved[loose] = shapely.get_coordinates(shapely.line_interpolate_point(geometry[line], along))
    run = np.hypot(*np.diff(points_m, axis=0, prepend=points_m[:1]).T)
    run[first] = 0.0
    total = np.cumsum(run)
    measure = total - total[first][index]
    all_index = np.concatenate([index, line])
    all_measure = np.concatenate([measure, along])
    order = np.lexsort((all_measure, all_index))
    every = np.concatenate([moved, moved[loose]])[order]
    return np.asarray(shapely.linestrings(every, indices=all_index[order]))


def labels_of(attributes: pd.DataFrame) -> Ints:
    """Give numbers to the distinct rows of attributes, so that equal lines have equal labels."""
    return (
        attributes.groupby(list(attributes.columns), sort=False)
        .ngroup()
        .to_numpy()
        .astype(np.int64)
    )


def ids_of_places(points_m: Floats) -> Ints:
    """Give points within the same square centimetre the same id (files without topology)."""
    cells = np.round(points_m / _SAME_PLACE_M).astype(np.int64)
    order = np.lexsort((cells[:, 1], cells[:, 0]))
    new = np.ones(len(cells), dtype=np.int64)
    new[1:] = (np.diff(cells[order], axis=0) != 0).any(axis=1)
    ids = np.empty(len(cells), dtype=np.int64)
    ids[order] = np.cumsum(new)
    return ids


def _drawn_before(place: Ints, line_of: Ints) -> NDArray[np.bool_]:
    """Mark the steps that an earlier step has already drawn, in either direction."""
    low, high = np.minimum(place[1:], place[:-1]), np.maximum(place[1:], place[:-1])
    step = low * (int(place.max(initial=0)) + 1) + high
    step[line_of[1:] != line_of[:-1]] = -1
    order = np.argsort(step, kind="stable")
    again = np.zeros(len(step), dtype=np.bool_)
    again[order[1:]] = step[order[1:]] == step[order[:-1]]
    return again


def _junctions(place: Ints, along: NDArray[np.bool_], label: Ints) -> NDArray[np.bool_]:
    """Tell for each place whether other than two steps of one label meet there."""
    steps = np.flatnonzero(along)
    ends = np.concatenate([place[steps], place[steps + 1]])
    labels = np.concatenate([label[steps], label[steps + 1]])
    junction = np.bincount(ends, minlength=int(place.max(initial=-1)) + 1) != 2
    order = np.argsort(ends, kind="stable")
    ends, labels = ends[order], labels[order]
    change = (ends[1:] == ends[:-1]) & (labels[1:] != labels[:-1])
    junction[ends[1:][change]] = True
    return np.asarray(junction)


def _pieces(stop: NDArray[np.bool_], along: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Cut every line at its junctions; first and last point of each piece (both belong to it)."""
    follows = np.concatenate([[False], along[:-1]])
    goes_on = np.concatenate([along[1:], [False]])
    begins = np.flatnonzero(along & (stop[:-1] | ~follows))
    ends = np.flatnonzero(along & (stop[1:] | ~goes_on)) + 1
    return begins, ends


def _chains(
    points_m: Floats,
    place: Ints,
    line_of: Ints,
    junction: NDArray[np.bool_],
    first: Ints,
    last: Ints,
) -> Links:
    """Join pieces that meet where there is no junction."""
    end_places = np.column_stack([place[first], place[last]]).ravel()
    partner = np.full(len(end_places), -1, dtype=np.int64)
    loose = np.flatnonzero(~junction[end_places])
    loose = loose[np.argsort(end_places[loose], kind="stable")]
    partner[loose[0::2]], partner[loose[1::2]] = loose[1::2], loose[0::2]
    order, offsets = _walk(partner)
    piece, backward = order // 2, order % 2 == 1
    total = int((last - first).sum()) + len(offsets) - 1
    taken, point_offsets = _gather(piece, backward, offsets, first, last, total)
    starts = place[taken[point_offsets[:-1]]]
    ends = place[taken[point_offsets[1:] - 1]]
    used, numbers = np.unique(np.concatenate([starts, ends]), return_inverse=True)
    del used
    return Links(
        points_m[taken],
        point_offsets,
        numbers[: len(starts)].astype(np.int64),
        numbers[len(starts) :].astype(np.int64),
        line_of[first[piece[offsets[:-1]]]].astype(np.int64),
    )


@kernel
def _walk(partner: Ints) -> tuple[Ints, Ints]:
    """Walk from every free end to the next; order holds 2 * piece + 1 when taken backward."""
    pieces = len(partner) // 2
    seen = np.zeros(pieces, dtype=np.bool_)
    order = np.empty(pieces, dtype=np.int64)
    offsets = np.empty(pieces + 1, dtype=np.int64)
    offsets[0] = 0
    used, chains = 0, 0
    for turn in range(2):  # chains that begin at a free end first, rings after
        for start in range(2 * pieces):
            if seen[start // 2] or (turn == 0 and partner[start] >= 0):
                continue
            end = start
            while end >= 0 and not seen[end // 2]:
                seen[end // 2] = True
                order[used] = end
                used += 1
                end = partner[end ^ 1]
            chains += 1
            offsets[chains] = used
    return order, offsets[: chains + 1]


@kernel
def _gather(
    piece: Ints,
    backward: NDArray[np.bool_],
    offsets: Ints,
    first: Ints,
    last: Ints,
    total: int,
) -> tuple[Ints, Ints]:
    """List the points of each chain in order, a shared end once."""
    taken = np.empty(total, dtype=np.int64)
    point_offsets = np.empty(len(offsets), dtype=np.int64)
    used = 0
    for chain in range(len(offsets) - 1):
        point_offsets[chain] = used
        for k in range(offsets[chain], offsets[chain + 1]):
            a, b = first[piece[k]], last[piece[k]]
            skip = 1 if k > offsets[chain] else 0
            for i in range(skip, b - a + 1):
                taken[used] = b - i if backward[k] else a + i
                used += 1
    point_offsets[len(offsets) - 1] = used
    return taken, point_offsets
