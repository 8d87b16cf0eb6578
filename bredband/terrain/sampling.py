"""Heights at points and slopes along lines."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from bredband.grid import Raster
from bredband.kernel import kernel

SAMPLE_STEP_M = 10.0

Heights = NDArray[np.float32]


def sample(raster: Raster, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the height at each point, bilinear between cell centres; NaN outside and in voids."""
    return _sample(raster.heights_m, raster.west_m, raster.north_m, raster.cell_m, points_m)


def slope_along(lines: NDArray[np.object_], raster: Raster) -> NDArray[np.float64]:
    """Give the mean absolute slope along each line: metres climbed or fallen per metre.

    Heights are taken at both ends and at equal steps of at most ``SAMPLE_STEP_M`` between; steps
    with a void at either end are left out. NaN where no step has heights.

    Parameters
    ----------
    lines
        LineStrings in EPSG:25833.
    raster
        The terrain.
    """
    points, index = shapely.get_coordinates(lines, return_index=True)
    offsets = np.searchsorted(index, np.arange(len(lines) + 1)).astype(np.int64)
    return _slopes(
        raster.heights_m,
        raster.west_m,
        raster.north_m,
        raster.cell_m,
        points,
        offsets,
        SAMPLE_STEP_M,
    )


@kernel
def _height(heights: Heights, west: float, north: float, cell: float, x: float, y: float) -> float:
    """Interpolate between the four cell centres around a point; the edge half-cell is flat."""
    rows, columns = heights.shape
    column = (x - west) / cell
    row = (north - y) / cell
    if not (column >= 0.0 and row >= 0.0 and column <= columns and row <= rows):
        return np.nan
    column = min(max(column - 0.5, 0.0), columns - 1.0)
    row = min(max(row - 0.5, 0.0), rows - 1.0)
    j = min(int(column), max(columns - 2, 0))
    i = min(int(row), max(rows - 2, 0))
    u, v = column - j, row - i
    j1, i1 = min(j + 1, columns - 1), min(i + 1, rows - 1)
    upper = heights[i, j] + u * (heights[i, j1] - heights[i, j])
    lower = heights[i1, j] + u * (heights[i1, j1] - heights[i1, j])
    return float(upper + v * (lower - upper))


@kernel
def _sample(
    heights: Heights, west: float, north: float, cell: float, points: NDArray[np.float64]
) -> NDArray[np.float64]:
    found = np.empty(len(points))
    for k in range(len(points)):
        found[k] = _height(heights, west, north, cell, points[k, 0], points[k, 1])
    return found


@kernel
def _slopes(
    heights: Heights,
    west: float,
    north: float,
    cell: float,
    points: NDArray[np.float64],
    offsets: NDArray[np.int64],
    step: float,
) -> NDArray[np.float64]:
    slopes = np.empty(len(offsets) - 1)
    for line in range(len(offsets) - 1):
        climbed, run = 0.0, 0.0
        last = np.nan
        for k in range(offsets[line], offsets[line + 1]):
            x, y = points[k, 0], points[k, 1]
            if k > offsets[line]:
                dx, dy = x - points[k - 1, 0], y - points[k - 1, 1]
                length = np.sqrt(dx * dx + dy * dy)
                pieces = max(1, int(np.ceil(length / step)))
                for piece in range(1, pieces + 1):
                    back = 1.0 - piece / pieces
                    here = _height(heights, west, north, cell, x - back * dx, y - back * dy)
                    if not (np.isnan(here) or np.isnan(last)):
                        climbed += abs(here - last)
                        run += length / pieces
                    last = here
            else:
                last = _height(heights, west, north, cell, x, y)
        slopes[line] = climbed / run if run > 0.0 else np.nan
    return slopes
