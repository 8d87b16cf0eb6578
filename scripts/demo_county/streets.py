"""Lay the street grids of the town and the villages, bent to the terrain."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from .network import CELL_M, COLS, ROWS, Ground, Network, Road, xy_cell
from .place import SETTLEMENTS, SOUTH_M, WEST_M
from .terrain import Mask, fractal


def lay_streets(net: Network, ground: Ground, beds: BaseGeometry, rng: np.random.Generator) -> Mask:
    """Lay a street grid, bent to the terrain, in every settlement; return the cells it takes."""
    taken = np.zeros((ROWS, COLS), dtype=bool)
    bend_x = fractal((ROWS, COLS), CELL_M, 1100, 2.6, rng)
    bend_y = fractal((ROWS, COLS), CELL_M, 1100, 2.6, rng)
    trunk_xy, trunk_way = _trunk_points(net)
    for place in SETTLEMENTS:
        cx, cy = WEST_M + place.centre_km[0] * 1000, SOUTH_M + place.centre_km[1] * 1000
        long_m, broad_m = place.half_axes_m
        near = np.hypot(trunk_xy[:, 0] - cx, trunk_xy[:, 1] - cy)
        cx, cy = trunk_xy[int(np.argmin(near))].tolist()  # a settlement lies on its trunk road
        near = np.hypot(trunk_xy[:, 0] - cx, trunk_xy[:, 1] - cy)
        way = trunk_way[near < 0.7 * long_m]
        turn = 0.5 * np.angle(np.sum(np.exp(2j * way))) if way.size else 0.0
        du, dv = 120.0, 68.0
        nu, nv = int(1.6 * long_m / du), int(1.6 * broad_m / dv)
        keys: dict[tuple[int, int], int] = {}
        for i in range(-nu, nu + 1):
            for j in range(-nv, nv + 1):
                u, v = i * du, j * dv
                x = cx + u * np.cos(turn) - v * np.sin(turn)
                y = cy + u * np.sin(turn) + v * np.cos(turn)
                r, c = xy_cell(x, y)
                x, y = x + 75 * bend_x[r, c], y + 75 * bend_y[r, c]
                r, c = xy_cell(x, y)
                wet = ground.water[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2].any()
                edge = (u / long_m) ** 2 + (v / broad_m) ** 2 + 0.25 * bend_y[r, c]
                if not wet and ground.slope[r, c] < 0.23 and edge < 1.0:
                    keys[i, j] = net.add(float(x), float(y))
        for key in _in_one_piece(set(keys)) ^ set(keys):
            del keys[key]
        for key in keys:
            taken[xy_cell(*net.xy[keys[key]])] = True
        net.roads.extend(_streets(net, place.name, keys, (trunk_xy, trunk_way), beds, rng))
    return ndimage.binary_dilation(taken, iterations=2)


def _in_one_piece(keys: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the largest group of neighbouring grid points."""
    best: set[tuple[int, int]] = set()
    left = set(keys)
    while left:
        group, edge = set(), [min(left)]
        while edge:
            i, j = edge.pop()
            if (i, j) in left:
                left.remove((i, j))
                group.add((i, j))
                edge += [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
        best = max(best, group, key=len)
    return best


def _trunk_points(net: Network) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sample the trunk roads every ~15 m: positions and directions in radians."""
    points, ways = [], []
    for road in net.roads:
        if road.ferry:
            continue
        line = net.line(road)
        for p, q in itertools.pairwise(line):
            for t in np.arange(0, 1, 15 / max(float(np.hypot(*(q - p))), 15)):
                points.append(p + t * (q - p))
                ways.append(np.arctan2(q[1] - p[1], q[0] - p[0]))
    return np.array(points), np.array(ways)


def _streets(
    net: Network,
    place: str,
    keys: dict[tuple[int, int], int],
    trunk: tuple[NDArray[np.float64], NDArray[np.float64]],
    beds: BaseGeometry,
    rng: np.random.Generator,
) -> list[Road]:
    """Join grid points to streets along rows and columns, leaving gaps, dead ends, few bridges."""
    trunk_xy, trunk_way = trunk

    def wanted(a: int, b: int, keep_share: float) -> bool:
        p, q = np.array(net.xy[a]), np.array(net.xy[b])
        middle = (p + q) / 2
        away = np.hypot(trunk_xy[:, 0] - middle[0], trunk_xy[:, 1] - middle[1])
        k = int(np.argmin(away))
        along = abs(np.cos(np.arctan2(q[1] - p[1], q[0] - p[0]) - trunk_way[k]))
        if beds.intersects(LineString([p, q])):
            return rng.random() < 0.25
        return not (away[k] < 45 and along > 0.75) and rng.random() < keep_share

    roads = []
    for axis, keep_share in ((0, 0.93), (1, 0.62)):
        lines: dict[int, list[tuple[int, int]]] = {}
        for key in sorted(keys):
            lines.setdefault(key[1 - axis], []).append(key)
        for _, line in sorted(lines.items()):
            line.sort(key=lambda key: key[axis])
            run = [line[0]]
            for a, b in itertools.pairwise(line):
                if b[axis] == a[axis] + 1 and wanted(keys[a], keys[b], keep_share):
                    run.append(b)
                else:
                    roads.append(run)
                    run = [b]
            roads.append(run)
    return [
        Road("", "residential", [keys[k] for k in run], "street", place)
        for run in roads
        if len(run) > 1
    ]
