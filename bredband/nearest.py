"""The nearest line to each of many points, found through a uniform grid of segments."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from bredband.kernel import kernel

_MOST_RINGS = 24
_SEGMENTS_PER_CELL = 2.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def nearest_line(points_m: Floats, lines: NDArray[np.object_]) -> tuple[Ints, Floats]:
    """Find the nearest line to each point, and how far away it is.

    Exact to rounding; of lines equally near, any one is given. Built for hundreds of
    thousands of points among as many lines: the segments are laid in square cells, and each
    point looks through rings of cells until no nearer segment can exist. The few points far
    from everything are looked up in an R-tree.

    Parameters
    ----------
    points_m
        Shape (points, 2), finite.
    lines
        LineStrings, at least one, none of them empty.

    Returns
    -------
    tuple
        Row of the line in ``lines`` (int64) and distance in metres, one of each per point.
    """
    coordinates, index = shapely.get_coordinates(lines, return_index=True)
    begins = np.flatnonzero(index[1:] == index[:-1])
    segments = np.column_stack([coordinates[begins], coordinates[begins + 1]])
    low = np.minimum(segments[:, :2], segments[:, 2:])
    high = np.maximum(segments[:, :2], segments[:, 2:])
    west, south = low.min(axis=0)
    east, north = high.max(axis=0)
    extent = max((east - west) * (north - south), (east - west + north - south) ** 2 / 1e4, 1.0)
    cell = float(np.sqrt(extent * _SEGMENTS_PER_CELL / len(segments)))
    cell = max(cell, float(np.mean(high - low)))
    shape = (int((north - south) / cell) + 1, int((east - west) / cell) + 1)
    offsets, members = _lay_out(low, high, west, south, cell, shape)
    column = np.floor((points_m[:, 0] - west) / cell)
    row = np.floor((points_m[:, 1] - south) / cell)
    order = np.lexsort((column, row))
    found = np.empty(len(points_m), dtype=np.int64)
    distance = np.empty(len(points_m))
    found[order], distance[order] = _search(
        points_m[order], segments, west, south, cell, shape, offsets, members, _MOST_RINGS
    )
    row_of = index[begins]
    far = found < 0
    rows = np.where(far, -1, row_of[found]).astype(np.int64)
    if far.any():
        points = shapely.points(points_m[far])
        rows[far] = shapely.STRtree(lines).nearest(points)
        distance[far] = shapely.distance(lines[rows[far]], points)
    return rows, distance


@kernel
def _lay_out(
    low: Floats, high: Floats, west: float, south: float, cell: float, shape: tuple[int, int]
) -> tuple[Ints, Ints]:
    """List the segments whose box touches each cell, cell by cell."""
    rows, columns = shape
    offsets = np.zeros(rows * columns + 1, dtype=np.int64)
    for turn in range(2):
        if turn == 1:
            for c in range(rows * columns):
                offsets[c + 1] += offsets[c]
            members = np.empty(offsets[-1], dtype=np.int64)
            used = offsets[:-1].copy()
        for s in range(len(low)):
            j0, j1 = int((low[s, 0] - west) / cell), int((high[s, 0] - west) / cell)
            i0, i1 = int((low[s, 1] - south) / cell), int((high[s, 1] - south) / cell)
            for i in range(i0, min(i1, rows - 1) + 1):
                for j in range(j0, min(j1, columns - 1) + 1):
                    c = i * columns + j
                    if turn == 0:
                        offsets[c + 1] += 1
                    else:
                        members[used[c]] = s
                        used[c] += 1
    return offsets, members


@kernel
def _search(
    points: Floats,
    segments: Floats,
    west: float,
    south: float,
    cell: float,
    shape: tuple[int, int],
    offsets: Ints,
    members: Ints,
    most_rings: int,
) -> tuple[Ints, Floats]:
    """Look through rings of cells around each point; -1 where nothing is within them."""
    rows, columns = shape
    found = np.full(len(points), -1, dtype=np.int64)
    distance = np.full(len(points), np.inf)
    for p in range(len(points)):
        x, y = points[p, 0], points[p, 1]
        column, row = (x - west) / cell, (y - south) / cell
        if not (
            -most_rings < column < columns + most_rings and -most_rings < row < rows + most_rings
        ):
            continue
        j, i = int(np.floor(column)), int(np.floor(row))
        best, best_square = -1, np.inf
        for ring in range(most_rings + 1):
            inside = (ring - 1 + min(column - j, j + 1 - column, row - i, i + 1 - row)) * cell
            if best >= 0 and inside > 0 and best_square <= inside * inside:
                break
            for ii in range(max(i - ring, 0), min(i + ring, rows - 1) + 1):
                step = 1 if ii in (i - ring, i + ring) else max(2 * ring, 1)
                for jj in range(j - ring, j + ring + 1, step):
                    if 0 <= jj < columns:
                        c = ii * columns + jj
                        for k in range(offsets[c], offsets[c + 1]):
                            square = _square(x, y, segments, members[k])
                            if square < best_square:
                                best, best_square = members[k], square
        else:
            best = -1
        if best >= 0:
            found[p] = best
            distance[p] = np.sqrt(best_square)
    return found, distance


@kernel
def _square(x: float, y: float, segments: Floats, s: int) -> float:
    """Square the distance from a point to a segment."""
    ax, ay = segments[s, 0], segments[s, 1]
    dx, dy = segments[s, 2] - ax, segments[s, 3] - ay
    length = dx * dx + dy * dy
    t = 0.0
    if length > 0.0:
        t = min(max(((x - ax) * dx + (y - ay) * dy) / length, 0.0), 1.0)
    ex, ey = ax + t * dx - x, ay + t * dy - y
    return float(ex * ex + ey * ey)
