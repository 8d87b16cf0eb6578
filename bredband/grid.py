"""Where things are: the working projection, the SSB grid and rasters as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import KDTree

WORKING_CRS = "EPSG:25833"
"""ETRS89 / UTM zone 33N, metres: the one projection inside."""
# Made of its own text: of a code PROJ makes another one after it has identified a projection that
# was read from a file (a datum instead of the ensemble of datums), and files would differ in that.
_PROJECTION = CRS.from_json_dict(CRS.from_user_input(WORKING_CRS).to_json_dict())

NORWAY_EAST_M = (-150_000.0, 1_200_000.0)
"""Eastings of the Norwegian mainland and near islands in UTM33, with a margin."""
NORWAY_NORTH_M = (6_400_000.0, 7_970_000.0)
"""Northings of the Norwegian mainland and near islands in UTM33, with a margin."""

_SSB_FALSE_EAST_M = 2_000_000


def word_projection(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Word the working projection of a frame in one way, whatever read or computed the frame.

    Equal projections may be written in several ways; files and addresses of content must not
    depend on which. A frame in another projection is given back as it is.
    """
    if frame.crs != _PROJECTION:
        return frame
    return frame.set_crs(_PROJECTION, allow_override=True)


def access_points(premises: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give the point of each premises that its trench heads for: its access if known.

    Parameters
    ----------
    premises
        The table ``premises``: ``access_x_m`` and ``access_y_m`` are where the way to the
        premises leaves the road, NaN where the publisher does not say.
    """
    points = premises.geometry.to_numpy().copy()
    place = premises[["access_x_m", "access_y_m"]].to_numpy(dtype=np.float64)
    known = np.isfinite(place).all(axis=1)
    points[known] = shapely.points(place[known])
    return np.asarray(points, dtype=object)


@dataclass(frozen=True)
class Raster:
    """A north-up raster of heights held in memory.

    ``heights_m`` has shape (rows, columns), float32, void as NaN; row 0 is the northernmost.
    ``west_m`` and ``north_m`` are the outer edges of the upper left cell. ``sea`` marks
    sea cells: sea has height 0 and is not void.
    """

    heights_m: NDArray[np.float32]
    west_m: float
    north_m: float
    cell_m: float
    sea: NDArray[np.bool_]

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north outer edges."""
        rows, columns = self.heights_m.shape
        return (
            self.west_m,
            self.north_m - rows * self.cell_m,
            self.west_m + columns * self.cell_m,
            self.north_m,
        )


def ssb_cell_ids(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], size_m: int = 250
) -> NDArray[np.int64]:
    """Give the SSB grid cell that each point lies in.

    Points on a border belong to the cell east and north of it (half-open cells).
    Source: Statistics Norway, Documents 2009/9 «Statistical grids for Norway»:
    ``id = (floor((E + 2 000 000) / s) s) 10^7 + floor(N / s) s``, coordinates in UTM33.

    Returns integers of 14 digits, one per point.
    """
    east = np.floor((np.asarray(x_m) + _SSB_FALSE_EAST_M) / size_m).astype(np.int64) * size_m
    north = np.floor(np.asarray(y_m) / size_m).astype(np.int64) * size_m
    return np.asarray(east * 10**7 + north, dtype=np.int64)


def ssb_cell_corners_m(cell_ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the lower left corner (east, north) of each SSB grid cell, in UTM33 metres."""
    ids = np.asarray(cell_ids, dtype=np.int64)
    return ids // 10**7 - _SSB_FALSE_EAST_M, ids % 10**7


CELLS_M = (250, 1_000, 5_000)
"""SSB grids that homes are summed in where no single home shall be told of, the finest first."""


def cell_centres_m(
    xy_m: NDArray[np.float64], households: NDArray[np.int64], *, fewest: int
) -> NDArray[np.float64]:
    """Place homes in the middle of grid cells that have at least so many households.

    Homes go to the finest cell that has enough; the few that are left go to the cell nearest to
    them.

    Parameters
    ----------
    xy_m
        Where the homes are, shape (homes, 2).
    households
        Households in each, shape (homes,).
    fewest
        Households that a cell must have.

    Returns
    -------
    The middle of the cell of each home, shape (homes, 2).
    """
    centre_m = np.full(xy_m.shape, np.nan)
    for size_m in CELLS_M:
        left = np.flatnonzero(np.isnan(centre_m[:, 0]))
        ids = ssb_cell_ids(xy_m[left, 0], xy_m[left, 1], size_m)
        _, cell = np.unique(ids, return_inverse=True)
        enough = (np.bincount(cell, households[left]) >= fewest)[cell]
        east, north = ssb_cell_corners_m(ids[enough])
        centre_m[left[enough]] = np.column_stack([east, north]) + size_m / 2
    left_out = np.isnan(centre_m[:, 0])
    if left_out.all() and len(xy_m):
        centre_m[:] = xy_m.mean(axis=0)
    elif left_out.any():
        _, nearest = KDTree(centre_m[~left_out]).query(xy_m[left_out])
        centre_m[left_out] = centre_m[~left_out][nearest]
    return centre_m
