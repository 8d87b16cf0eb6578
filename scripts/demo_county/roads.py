"""Lay roads where they would be laid: along the cheapest ground, side roads from the trunk roads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra

from shapely import STRtree
from shapely.geometry import LineString, Point

from .place import HAMLETS, HEIGHT_M, ISLAND_ROADS, SETTLEMENTS, SOUTH_M, TRUNKS, WEST_M, WIDTH_M, Km
from .terrain import Grid, Mask, Terrain, fractal

CELL_M = 50.0
ROWS, COLS = int(HEIGHT_M / CELL_M), int(WIDTH_M / CELL_M)
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (2, -1), (1, -2))


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
    """A named road: its vertices (keys of Network.at) in order, and how it runs."""

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

    at: dict[int, tuple[float, float]]
    roads: list[Road]

    def add(self, x: float, y: float) -> int:
        key = ROWS * COLS + len(self.at)
        self.at[key] = (x, y)
        return key

    def line(self, road: Road) -> NDArray[np.float64]:
        return np.array([self.at[v] for v in road.vertices])


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


@dataclass(frozen=True)
class _Edges:
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    nok: Grid
    """What a step between neighbouring cells would cost to build, in invented units."""
    wet: Mask


def _edges(height: Grid, slope: Grid, water: Mask) -> _Edges:
    index = np.arange(ROWS * COLS).reshape(ROWS, COLS)
    parts = []
    for dr, dc in STEPS:
        lo, hi = max(0, -dc), COLS - max(0, dc)
        a = index[: ROWS - dr, lo:hi].ravel()
        b = index[dr:, lo + dc : hi + dc].ravel()
        length = CELL_M * np.hypot(dr, dc)
        grade = np.abs(height.ravel()[a] - height.ravel()[b]) / length
        side = (slope.ravel()[a] + slope.ravel()[b]) / 2
        high = np.maximum(np.maximum(height.ravel()[a], height.ravel()[b]) - 500, 0) / 150
        nok = length * (1 + np.minimum((grade / 0.055) ** 2, 60) + (side / 0.22) ** 2 + high)
        wet = water.ravel()[a] | water.ravel()[b]
        parts.append((a, b, nok, wet))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return _Edges(joined[0], joined[1], joined[2], joined[3])


def _cheapest(
    edges: _Edges, sources: list[int], used: set[int], water_factor: float, limit: float = np.inf
) -> tuple[Grid, NDArray[np.int64]]:
    """Find the cheapest way from the sources to every cell; existing roads are nearly free."""
    on_road = np.zeros(ROWS * COLS, dtype=bool)
    on_road[[c for c in used if c < ROWS * COLS]] = True
    nok = np.where(on_road[edges.a] & on_road[edges.b], 0.25, 1.0) * edges.nok
    keep = ~edges.wet if np.isinf(water_factor) else np.ones(edges.wet.shape, dtype=bool)
    nok = np.where(edges.wet, nok * (1.0 if np.isinf(water_factor) else water_factor), nok)
    graph = sparse.coo_matrix(
        (nok[keep], (edges.a[keep], edges.b[keep])), shape=(ROWS * COLS, ROWS * COLS)
    ).tocsr()
    cost, before, _ = dijkstra(
        graph, directed=False, indices=sources, return_predecessors=True, min_only=True, limit=limit
    )
    return cost, before.astype(np.int64)


def _walk(before: NDArray[np.int64], target: int, stop: set[int]) -> list[int]:
    """Follow the way back from a target until a cell that already has a road; return it outward."""
    path = [target]
    while path[-1] not in stop and before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return path[::-1]


def lay_roads(ground: Ground, rng: np.random.Generator) -> Network:
    """Lay trunk roads, town streets, side roads, cabin roads and ferries."""
    net = Network({}, [])
    edges = _edges(ground.height_m, ground.slope, ground.water)
    used: set[int] = set()
    _lay_trunks(net, ground, edges, used)
    _lay_islands(net, ground, edges, used)
    _smooth(net, rounds=5)
    streets = _lay_streets(net, ground, rng)
    _lay_side_roads(net, ground, edges, used, streets, rng)
    _lay_cabin_roads(net, ground, edges, used, streets, rng)
    _smooth_new(net)
    _round_corners(net)
    _join_crossings(net)
    _drop_stranded_streets(net)
    return net


def _put(net: Network, road: Road, ground: Ground, used: set[int]) -> None:
    water = ground.water.ravel()
    for cell in road.vertices:
        if cell < ROWS * COLS:
            net.at.setdefault(cell, cell_xy(cell))
    for a, b in zip(road.vertices, road.vertices[1:], strict=False):
        if water[a] or water[b]:
            road.bridges.add((a, b))
    used.update(road.vertices)
    net.roads.append(road)


def _dry(ground: Ground, km: Km) -> int:
    """Return the gentle dry cell nearest to a wish."""
    row, col = divmod(cell_of(km), COLS)
    r, c = np.ogrid[:ROWS, :COLS]
    away = np.hypot(r - row, c - col) + 25 * ground.slope + 1e6 * ground.water
    return int(np.argmin(away))


def _lay_trunks(net: Network, ground: Ground, edges: _Edges, used: set[int]) -> None:
    for start, targets in TRUNKS:
        source = _dry(ground, start)
        if used and source not in used:  # start on the nearest road, not beside it
            road_cells = np.array(sorted(used))
            r, c = np.divmod(road_cells, COLS)
            row, col = divmod(source, COLS)
            source = int(road_cells[np.argmin(np.hypot(r - row, c - col))])
        _, before = _cheapest(edges, [source], used, water_factor=22.0)
        for km, name, highway in targets:
            target = _dry(ground, km)
            path = _walk(before, target, used | {source} if used else {source})
            if len(path) > 2:
                _put(net, Road(name, highway, path, "trunk"), ground, used)


def _lay_islands(net: Network, ground: Ground, edges: _Edges, used: set[int]) -> None:
    land, _ = ndimage.label(~ground.water)
    for name, mainland, wishes in ISLAND_ROADS:
        cells = [_dry(ground, km) for km in wishes]
        quay = cells[0]
        if mainland is not None:
            road_cells = np.array(sorted(used))
            r, c = np.divmod(road_cells, COLS)
            row, col = divmod(cell_of(mainland), COLS)
            shore = int(road_cells[np.argmin(np.hypot(r - row, c - col))])
            on_island = np.argwhere(land == land.ravel()[cells[0]])
            sr, sc = divmod(shore, COLS)
            near = on_island[np.argmin(np.hypot(on_island[:, 0] - sr, on_island[:, 1] - sc))]
            quay = int(near[0] * COLS + near[1])
        _, before = _cheapest(edges, [quay], used, water_factor=np.inf)
        seen = {quay}
        for k, cell in enumerate([*cells]):
            path = _walk(before, cell, seen)
            if len(path) > 2:
                road_name = f"{name}vegen" if k == 0 else f"{name[:-1]}{('nord', 'sør')[k % 2]}vegen"
                _put(net, Road(road_name, "tertiary" if k == 0 else "unclassified", path, "trunk", name), ground, used)
                seen.update(path)
        if mainland is not None:
            net.at.setdefault(quay, cell_xy(quay))
            _put_ferry(net, name, shore, quay)


def _put_ferry(net: Network, name: str, shore: int, quay: int) -> None:
    (x0, y0), (x1, y1) = net.at[shore], net.at[quay]
    bend = net.add((x0 + x1) / 2 - 0.08 * (y1 - y0), (y0 + y1) / 2 + 0.08 * (x1 - x0))
    net.roads.append(Road(f"Ferje til {name}", "ferry", [shore, bend, quay], "ferry", ferry=True))


def _smooth(net: Network, rounds: int) -> None:
    """Round the corners of the grid paths; shared vertices follow the road that owns them."""
    owned: set[int] = set()
    movable: list[tuple[int, int, int]] = []
    for road in net.roads:
        if road.ferry:
            continue
        for a, v, b in zip(road.vertices, road.vertices[1:], road.vertices[2:], strict=False):
            if v not in owned:
                movable.append((a, v, b))
                owned.add(v)
    for _ in range(rounds):
        for a, v, b in movable:
            (xa, ya), (x, y), (xb, yb) = net.at[a], net.at[v], net.at[b]
            net.at[v] = (0.5 * x + 0.25 * (xa + xb), 0.5 * y + 0.25 * (ya + yb))


def _lay_streets(net: Network, ground: Ground, rng: np.random.Generator) -> Mask:
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
                if not wet and ground.slope[r, c] < 0.2 and edge < 1.0:
                    keys[i, j] = net.add(float(x), float(y))
                    taken[r, c] = True
        net.roads.extend(_streets(net, place.name, keys, trunk_xy, trunk_way, rng))
    return ndimage.binary_dilation(taken, iterations=2)


def _trunk_points(net: Network) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sample the trunk roads every ~15 m: positions and directions in radians."""
    points, ways = [], []
    for road in net.roads:
        if road.ferry:
            continue
        line = net.line(road)
        for p, q in zip(line, line[1:], strict=False):
            for t in np.arange(0, 1, 15 / max(float(np.hypot(*(q - p))), 15)):
                points.append(p + t * (q - p))
                ways.append(np.arctan2(q[1] - p[1], q[0] - p[0]))
    return np.array(points), np.array(ways)


def _streets(
    net: Network,
    place: str,
    keys: dict[tuple[int, int], int],
    trunk_xy: NDArray[np.float64],
    trunk_way: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[Road]:
    """Join grid points to streets along rows and columns, leaving gaps and dead ends."""

    def wanted(a: int, b: int, keep_share: float) -> bool:
        p, q = np.array(net.at[a]), np.array(net.at[b])
        middle = (p + q) / 2
        away = np.hypot(trunk_xy[:, 0] - middle[0], trunk_xy[:, 1] - middle[1])
        k = int(np.argmin(away))
        along = abs(np.cos(np.arctan2(q[1] - p[1], q[0] - p[0]) - trunk_way[k]))
        return not (away[k] < 45 and along > 0.75) and rng.random() < keep_share

    roads = []
    for axis, keep_share in ((0, 0.93), (1, 0.62)):
        lines: dict[int, list[tuple[int, int]]] = {}
        for key in sorted(keys):
            lines.setdefault(key[1 - axis], []).append(key)
        for _, line in sorted(lines.items()):
            line.sort(key=lambda key: key[axis])
            run = [line[0]]
            for a, b in zip(line, line[1:], strict=False):
                if b[axis] == a[axis] + 1 and wanted(keys[a], keys[b], keep_share):
                    run.append(b)
                else:
                    roads.append(run)
                    run = [b]
            roads.append(run)
    return [Road("", "residential", [keys[k] for k in run], "street", place) for run in roads if len(run) > 1]


def suitability(ground: Ground, used: set[int]) -> Grid:
    """Say how good a cell is to farm and live on: gentle, low, near a road, dry, in the county."""
    road = np.zeros(ROWS * COLS, dtype=bool)
    road[[c for c in used if c < ROWS * COLS]] = True
    away_m = ndimage.distance_transform_edt(~road.reshape(ROWS, COLS)) * CELL_M
    good = np.exp(-((ground.slope / 0.17) ** 2)) * np.exp(-((ground.height_m / 420) ** 1.5))
    inside = (ground.kommune >= 0) & ~ground.water
    return np.where(inside, good * np.exp(-away_m / 800), 0.0)


def _draw(weight: Grid, count: int, apart_m: float, rng: np.random.Generator) -> list[int]:
    """Draw cells by weight, no two closer than `apart_m`."""
    flat = weight.ravel() / weight.sum()
    drawn = rng.choice(flat.size, size=min(count * 6, int((flat > 0).sum())), replace=False, p=flat)
    kept: list[tuple[int, int]] = []
    for cell in drawn.tolist():
        r, c = divmod(cell, COLS)
        if all(np.hypot(r - a, c - b) * CELL_M >= apart_m for a, b in kept):
            kept.append((r, c))
        if len(kept) == count:
            break
    return [r * COLS + c for r, c in kept]


def _lay_side_roads(
    net: Network, ground: Ground, edges: _Edges, used: set[int], streets: Mask, rng: np.random.Generator
) -> None:
    good = np.where(streets, 0.0, suitability(ground, used))
    targets = _draw(good, 330, 260.0, rng)
    r, c = np.ogrid[:ROWS, :COLS]
    hamlet_targets: dict[int, str] = {}
    for name, km in HAMLETS:
        row, col = divmod(_dry(ground, km), COLS)
        near_m = np.hypot(r - row, c - col) * CELL_M
        weight = np.where((near_m < 750) & ~ground.water & ~streets, np.exp(-((ground.slope / 0.2) ** 2)), 0)
        weight = weight * np.exp(-near_m / 350) * (ground.kommune >= 0)
        if weight.sum() > 0:
            hamlet_targets.update({cell: name for cell in _draw(weight, 9, 120.0, rng)})
    _branch(net, ground, edges, used, targets, hamlet_targets, streets, "side", 60_000.0)


def _lay_cabin_roads(
    net: Network, ground: Ground, edges: _Edges, used: set[int], streets: Mask, rng: np.random.Generator
) -> None:
    h = ground.height_m
    smooth_slope = ndimage.uniform_filter(ground.slope, 9)
    road = np.zeros(ROWS * COLS, dtype=bool)
    road[[c for c in used if c < ROWS * COLS]] = True
    away_m = ndimage.distance_transform_edt(~road.reshape(ROWS, COLS)) * CELL_M
    fit = (h > 330) & (h < 760) & (ground.kommune >= 0) & ~ground.water & (away_m < 3000)
    weight = np.where(fit, np.exp(-((smooth_slope / 0.1) ** 2)), 0.0)
    targets: dict[int, str] = {}
    r, c = np.ogrid[:ROWS, :COLS]
    for k, centre in enumerate(_draw(weight, 11, 2600.0, rng)):
        row, col = divmod(centre, COLS)
        near_m = np.hypot(r - row, c - col) * CELL_M
        local = np.where(near_m < 900, weight * np.exp(-((ground.slope / 0.16) ** 2)), 0.0)
        if local.sum() > 0:
            targets.update({cell: f"Hyttefelt {k + 1}" for cell in _draw(local, 8, 220.0, rng)})
    _branch(net, ground, edges, used, [], targets, streets, "cabin", 400_000.0)


def _branch(
    net: Network,
    ground: Ground,
    edges: _Edges,
    used: set[int],
    scattered: list[int],
    named: dict[int, str],
    streets: Mask,
    kind: str,
    limit: float,
) -> None:
    """Join targets to the roads there are by the cheapest ways, branches included."""
    blocked = streets.ravel()
    open_edges = ~(blocked[edges.a] & blocked[edges.b])
    free = _Edges(edges.a[open_edges], edges.b[open_edges], edges.nok[open_edges], edges.wet[open_edges])
    targets = [*named, *scattered]
    for batch in (targets[::3], targets[1::3], targets[2::3]):  # so that later roads join earlier ones
        sources = sorted(c for c in used if c < ROWS * COLS and not ground.water.ravel()[c])
        cost, before = _cheapest(free, sources, set(), np.inf, limit)
        reach = [t for t in batch if np.isfinite(cost[t])]
        for target in sorted(reach, key=lambda t: -float(cost[t])):
            path = _walk(before, target, used)
            if len(path) < 3:
                continue
            place = named.get(target, "")
            highway = "service" if kind == "cabin" else "residential" if place else "unclassified"
            _put(net, Road("", highway, path, kind, place), ground, used)


def _smooth_new(net: Network) -> None:
    """Round the side roads the same way as the trunk roads, which stay as they are."""
    fixed = {v for road in net.roads if road.kind in ("trunk", "street", "ferry") for v in road.vertices}
    owned = set(fixed)
    movable = []
    for road in net.roads:
        for a, v, b in zip(road.vertices, road.vertices[1:], road.vertices[2:], strict=False):
            if v not in owned:
                movable.append((a, v, b))
                owned.add(v)
    for _ in range(3):
        for a, v, b in movable:
            (xa, ya), (x, y), (xb, yb) = net.at[a], net.at[v], net.at[b]
            net.at[v] = (0.5 * x + 0.25 * (xa + xb), 0.5 * y + 0.25 * (ya + yb))


def _round_corners(net: Network) -> None:
    """Put a vertex on the Catmull-Rom curve in the middle of every step; bridges stay straight."""
    for road in net.roads:
        if road.ferry or road.tunnel:
            continue
        p = net.line(road)
        p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        vertices = [road.vertices[0]]
        for k in range(len(road.vertices) - 1):
            a, b = road.vertices[k], road.vertices[k + 1]
            if (a, b) not in road.bridges:
                middle = (-p[k] + 9 * p[k + 1] + 9 * p[k + 2] - p[k + 3]) / 16
                vertices.append(net.add(float(middle[0]), float(middle[1])))
            vertices.append(b)
        road.vertices = vertices


def _join_crossings(net: Network) -> None:
    """Make a junction wherever two roads cross on the ground."""
    lines = [LineString(net.line(road)) for road in net.roads]
    level = [not (road.ferry or road.tunnel) for road in net.roads]
    cuts: dict[int, list[tuple[float, int]]] = {}
    tree = STRtree(lines)
    left, right = tree.query(lines, predicate="crosses")
    for i, j in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if i >= j or not (level[i] and level[j]):
            continue
        shared = {net.at[v] for v in set(net.roads[i].vertices) & set(net.roads[j].vertices)}
        crossing = lines[i].intersection(lines[j])
        for point in getattr(crossing, "geoms", [crossing]):
            if not isinstance(point, Point):
                continue
            if any(np.hypot(point.x - x, point.y - y) < 0.05 for x, y in shared):
                continue
            key = net.add(round(point.x, 2), round(point.y, 2))
            cuts.setdefault(i, []).append((lines[i].project(point), key))
            cuts.setdefault(j, []).append((lines[j].project(point), key))
    for i, found in sorted(cuts.items()):
        road = net.roads[i]
        steps = np.hypot(*np.diff(net.line(road), axis=0).T)
        chainage = [0.0, *np.cumsum(steps).tolist()]
        merged = sorted([*zip(chainage, road.vertices, strict=True), *found])
        road.vertices = [v for _, v in merged]


def _drop_stranded_streets(net: Network) -> None:
    """Drop street bits that no other road reaches."""
    group: dict[int, int] = {}

    def root(v: int) -> int:
        while group.setdefault(v, v) != v:
            group[v] = group[group[v]]
            v = group[v]
        return v

    for road in net.roads:
        for v in road.vertices[1:]:
            group[root(v)] = root(road.vertices[0])
    reached = {root(road.vertices[0]) for road in net.roads if road.kind == "trunk"}
    net.roads[:] = [r for r in net.roads if r.kind != "street" or root(r.vertices[0]) in reached]
