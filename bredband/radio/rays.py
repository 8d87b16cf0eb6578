"""Walk many radio paths over the terrain, compiled.

A ray is swept by `bredband.radio.sweep`; here is what surrounds that: which terrain it is swept
on, what its samples say of the smooth Earth below, and what became of the path. A ray that runs
north or south would read a new line of memory at every sample, so it is swept on a terrain
turned on its side. Heights are taken above the straight line between the antennas and
distances in steps, so that float32 is enough.

`bredband.radio.profile` is the door to this file, `bredband.radio.diffraction` its reference.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bredband.kernel import kernel
from bredband.radio.bullington import BEYOND, NO_EDGE, OK, OUTSIDE, SHORT, VOID
from bredband.radio.sweep import ROOM_ROWS, Number, Ray, sweep

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Link = tuple[float, float, float, float, float, float]
"""x, y and height above ground of the mast's antenna, then of the receiver's."""

LAND_CELL, SEA_CELL, VOID_CELL = range(3)


class Ground(NamedTuple):
    """The terrain, flattened: heights, what stands there (or None), and land, sea or void.

    `heights_m` holds the rows and, if `is_twice`, then the columns. `cell_class` is empty if
    all is land.
    """

    heights_m: Singles
    clutter_m: Singles | None
    cell_class: NDArray[np.uint8]
    rows: int
    columns: int
    is_twice: bool


class Choices(NamedTuple):
    """How paths are walked."""

    cell_m: float
    step_cells: float
    longest_cells: float
    earth_radius_km: float
    clutter_free_cells: float


@kernel(inner=True)
def _height_at(grid: Singles, columns: int, x: float, y: float) -> float:
    """Interpolate the grid at one point."""
    column, row = int(x), int(y)
    fx, fy = x - column, y - row
    at = row * columns + column
    up = grid[at] + fx * (grid[at + 1] - grid[at])
    down = grid[at + columns] + fx * (grid[at + columns + 1] - grid[at + columns])
    return float(up + fy * (down - up))


@kernel(inner=True)
def _shares(cell_class: NDArray[np.uint8], columns: int, link: Link, n: int) -> tuple[float, float]:
    """Find the shares of the samples over sea and next to holes, both ends included."""
    sea = void = 0
    for i in range(n + 1):
        x = link[0] + (link[3] - link[0]) * i / n
        y = link[1] + (link[4] - link[1]) * i / n
        found = cell_class[int(y + 0.5) * columns + int(x + 0.5)]
        sea += found == SEA_CELL
        void += found == VOID_CELL
    return sea / (n + 1), void / (n + 1)


@kernel(inner=True)
def _is_inside(link: Link, ground: Ground) -> bool:
    """Tell whether both ends lie on the original cells of a widened grid."""
    right, bottom = ground.columns - 1.5, ground.rows - 1.5
    tx_inside = 0.5 <= link[0] <= right and 0.5 <= link[1] <= bottom
    rx_inside = 0.5 <= link[3] <= right and 0.5 <= link[4] <= bottom
    return tx_inside and rx_inside


@kernel(inner=True)
def _heights_above_fit(
    n: int, tx_m: float, rx_m: float, found: tuple[Number, ...]
) -> tuple[float, float]:
    """Fit a smooth Earth below the terrain and give the antennas' heights above it.

    P.1812-8 eqs (85)-(90) with heights above the line between the antennas, so that what the
    fit gives at the two ends is minus the heights wanted.
    """
    flat_tx, flat_rx, highest, total, moment = found
    v1 = 2.0 * total - tx_m - rx_m
    v2 = 6.0 * moment - tx_m - rx_m * (3.0 * n - 1.0)
    tx_above = -(2.0 * v1 * n - v2) / (n * n)
    rx_above = -(v2 - v1 * n) / (n * n)
    if highest > 0.0:
        tx_above += highest * flat_tx / (flat_tx + flat_rx)
        rx_above += highest * flat_rx / (flat_tx + flat_rx)
    return float(max(tx_above, tx_m)), float(max(rx_above, rx_m))


@kernel(inner=True)
def _walk(
    ground: Ground,
    link: Link,
    tops: tuple[float, float],
    n: int,
    choices: Choices,
    tools: tuple[Singles, Singles],
) -> tuple[float, float, float]:
    """Walk one path of n steps; give its edge and effective heights."""
    tx_x, tx_y, tx_m, rx_x, rx_y, rx_m = link
    first, stride = 0, ground.columns
    if ground.is_twice and abs(rx_y - tx_y) > abs(rx_x - tx_x):
        tx_x, tx_y, rx_x, rx_y = tx_y, tx_x, rx_y, rx_x
        first, stride = ground.rows * ground.columns, ground.rows
    row, column = int(min(tx_y, rx_y)), int(min(tx_x, rx_x))
    length = math.sqrt((rx_x - tx_x) ** 2 + (rx_y - tx_y) ** 2)
    step_km = length / n * choices.cell_m / 1000.0
    ray = Ray(
        n=np.float32(n),
        x=np.float32(tx_x - column),
        y=np.float32(tx_y - row),
        dx=np.float32((rx_x - tx_x) / n),
        dy=np.float32((rx_y - tx_y) / n),
        base_m=np.float32(tops[0]),
        rise_m=np.float32((tops[1] - tops[0]) / n),
        bulge_m=np.float32(500.0 / choices.earth_radius_km * step_km * step_km),
        bare=np.float32(math.floor(choices.clutter_free_cells * n / length) + 1.0),
    )
    corner = first + row * stride + column
    found = sweep(ground.heights_m, ground.clutter_m, *tools, corner, np.int32(stride), ray)
    edge = math.sqrt(found[0] * found[1]) if found[0] > 0.0 else -math.sqrt(found[2])
    tx_above, rx_above = _heights_above_fit(n, tx_m, rx_m, found[3:])
    return float(edge * math.sqrt(0.002 * n / step_km)), tx_above, rx_above


@kernel
def trace(
    ground: Ground,
    links: Floats,
    order: NDArray[np.int64],
    choices: Choices,
    inverses: Singles,
    numbers: Floats,
    status: NDArray[np.uint8],
) -> None:
    """Walk every path in `order` and write its numbers and status.

    `links` holds x, y and height above ground of both ends, x and y in cells of the widened
    grid. `inverses` comes from `bredband.radio.sweep` for the longest path. `numbers` gets
    distance, steps, edge, both effective heights, sea share, void share and rise.
    """
    tools = (inverses, np.empty((ROOM_ROWS, inverses.size // 2), np.float32))
    for path in order:
        link = (
            links[path, 0], links[path, 1], links[path, 2],
            links[path, 3], links[path, 4], links[path, 5],
        )  # fmt: skip
        length = math.sqrt((link[3] - link[0]) ** 2 + (link[4] - link[1]) ** 2)
        numbers[path, 0] = length * choices.cell_m
        if not _is_inside(link, ground):
            status[path] = OUTSIDE
            continue
        if length > choices.longest_cells:
            status[path] = BEYOND
            continue
        tx_ground = _height_at(ground.heights_m, ground.columns, link[0], link[1])
        rx_ground = _height_at(ground.heights_m, ground.columns, link[3], link[4])
        numbers[path, 7] = rx_ground + link[5] - tx_ground - link[2]
        n = max(1, math.ceil(length / choices.step_cells - 1e-9))
        if ground.cell_class.size:
            sea, void = _shares(ground.cell_class, ground.columns, link, n)
            numbers[path, 5] = sea
            numbers[path, 6] = void
            if void > 0.0:
                status[path] = VOID
        if n < 2:
            if status[path] == OK:
                status[path] = SHORT
            edge, tx_above, rx_above = NO_EDGE, link[2], link[5]
        else:
            tops = (tx_ground + link[2], rx_ground + link[5])
            edge, tx_above, rx_above = _walk(ground, link, tops, n, choices, tools)
        numbers[path, 1] = n
        numbers[path, 2] = edge
        numbers[path, 3] = tx_above
        numbers[path, 4] = rx_above
