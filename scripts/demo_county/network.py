"""Hold the roads of the county, and the 50 m grid they are planned on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from .place import HEIGHT_M, SOUTH_M, WEST_M, WIDTH_M, Km
from .terrain import Grid, Mask, River, Terrain

CELL_M = 50.0
ROWS, COLS = int(HEIGHT_M / CELL_M), int(WIDTH_M / CELL_M)


@dataclass(frozen=True)
class Ground:
    """The plan grid of 50 m cells, row 0 in the south."""

    height_m: Grid
    slope: Grid
    water: Mask
    kommune: NDArray[np.int64]
    """Index into KOMMUNER, or -1 outside the county."""


@dataclass
class Road:
    """A named road: its vertices (keys of Network.xy) in order, and how it runs."""

    name: str
    highway: str
    vertices: list[int]
    kind: str
    place: str = ""
    bridges: set[tuple[int, int]] = field(default_factory=set)
    tunnel: bool = False
    ferry: bool = False


@dataclass
class Network:
    """All roads and where their vertices are (metres, EPSG:25833)."""

    xy: dict[int, tuple[float, float]]
    roads: list[Road]

    def add(self, x: float, y: float) -> int:
        key = ROWS * COLS + len(self.xy)
        self.xy[key] = (x, y)
        return key

    def line(self, road: Road) -> NDArray[np.float64]:
        return np.array([self.xy[v] for v in road.vertices])


def plan_ground(terrain: Terrain) -> tuple[Grid, Grid, Mask]:
    """Average the terrain to the plan grid: height, slope (rise over run) and water."""
    k = int(CELL_M / 10)

    def mean(grid: NDArray[np.generic]) -> Grid:
        return grid.astype(float).reshape(ROWS, k, COLS, k).mean(axis=(1, 3))

    height = mean(terrain.height_m)
    gy, gx = np.gradient(height, CELL_M)
    return height, np.hypot(gx, gy), mean(terrain.sea | terrain.lake) > 0.35


def cell_of(km: Km) -> int:
    """Return the plan cell of a point given in km."""
    row = min(max(int(km[1] * 1000 / CELL_M), 0), ROWS - 1)
    return row * COLS + min(max(int(km[0] * 1000 / CELL_M), 0), COLS - 1)


def cell_xy(cell: int) -> tuple[float, float]:
    """Return the centre of a plan cell in EPSG:25833."""
    row, col = divmod(cell, COLS)
    return WEST_M + (col + 0.5) * CELL_M, SOUTH_M + (row + 0.5) * CELL_M


def xy_cell(x: float, y: float) -> tuple[int, int]:
    """Return row and column of the plan cell that holds a point."""
    row = min(max(int((y - SOUTH_M) / CELL_M), 0), ROWS - 1)
    return row, min(max(int((x - WEST_M) / CELL_M), 0), COLS - 1)


def river_beds(rivers: tuple[River, ...], least_km2: float) -> BaseGeometry:
    """Return the rivers as polygons, wider the more land they drain."""
    reaches = []
    for river in rivers:
        for k in range(len(river.xy_m) - 1):
            if river.drained_km2[k] > least_km2:
                half_m = 3 + 0.9 * float(np.sqrt(river.drained_km2[k]))
                reaches.append(LineString(river.xy_m[k : k + 2]).buffer(half_m, quad_segs=3))
    return shapely.union_all(reaches).simplify(2.0)
