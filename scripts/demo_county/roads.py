"""Lay roads where they would be laid: along the cheapest ground, side roads from the trunk roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra

from .joining import finish
from .network import CELL_M, COLS, ROWS, Ground, Network, Road, cell_of, cell_xy, river_beds
from .place import HAMLETS, ISLAND_ROADS, TRUNKS, Km
from .streets import lay_streets
from .terrain import Grid, Mask, River

STEPS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (2, -1), (1, -2))


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


def lay_roads(ground: Ground, rivers: tuple[River, ...], rng: np.random.Generator) -> Network:
    """Lay trunk roads, town streets, side roads, cabin roads, bridges, a tunnel and ferries."""
    net = Network({}, [])
    edges = _edges(ground.height_m, ground.slope, ground.water)
    used: set[int] = set()
    _lay_trunks(net, ground, edges, used)
    _lay_islands(net, ground, edges, used)
    _smooth(net, rounds=5)
    beds = river_beds(rivers, 25.0)
    streets = lay_streets(net, ground, beds, rng)
    _lay_side_roads(net, ground, edges, used, streets, rng)
    _lay_cabin_roads(net, ground, edges, used, streets, rng)
    finish(net, ground, rivers)
    return net


def _put(net: Network, road: Road, ground: Ground, used: set[int]) -> None:
    water = ground.water.ravel()
    for cell in road.vertices:
        if cell < ROWS * COLS:
            net.xy.setdefault(cell, cell_xy(cell))
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
                road_name = (
                    f"{name}vegen" if k == 0 else f"{name[:-1]}{('nord', 'sør')[k % 2]}vegen"
                )
                _put(
                    net,
                    Road(road_name, "tertiary" if k == 0 else "unclassified", path, "trunk", name),
                    ground,
                    used,
                )
                seen.update(path)
        if mainland is not None:
            net.xy.setdefault(quay, cell_xy(quay))
            _put_ferry(net, name, shore, quay)


def _put_ferry(net: Network, name: str, shore: int, quay: int) -> None:
    (x0, y0), (x1, y1) = net.xy[shore], net.xy[quay]
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
            (xa, ya), (x, y), (xb, yb) = net.xy[a], net.xy[v], net.xy[b]
            net.xy[v] = (0.5 * x + 0.25 * (xa + xb), 0.5 * y + 0.25 * (ya + yb))


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
    net: Network,
    ground: Ground,
    edges: _Edges,
    used: set[int],
    streets: Mask,
    rng: np.random.Generator,
) -> None:
    good = np.where(streets, 0.0, suitability(ground, used))
    targets = _draw(good, 330, 260.0, rng)
    r, c = np.ogrid[:ROWS, :COLS]
    hamlet_targets: dict[int, str] = {}
    for name, km in HAMLETS:
        row, col = divmod(_dry(ground, km), COLS)
        near_m = np.hypot(r - row, c - col) * CELL_M
        weight = np.where(
            (near_m < 750) & ~ground.water & ~streets, np.exp(-((ground.slope / 0.2) ** 2)), 0
        )
        weight = weight * np.exp(-near_m / 350) * (ground.kommune >= 0)
        if weight.sum() > 0:
            hamlet_targets.update(dict.fromkeys(_draw(weight, 9, 120.0, rng), name))
    _branch(net, ground, edges, used, targets, hamlet_targets, streets, "side", 60_000.0)


def _lay_cabin_roads(
    net: Network,
    ground: Ground,
    edges: _Edges,
    used: set[int],
    streets: Mask,
    rng: np.random.Generator,
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
            targets.update(dict.fromkeys(_draw(local, 8, 220.0, rng), f"Hyttefelt {k + 1}"))
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
    free = _Edges(
        edges.a[open_edges], edges.b[open_edges], edges.nok[open_edges], edges.wet[open_edges]
    )
    targets = [*named, *scattered]
    for batch in (
        targets[::3],
        targets[1::3],
        targets[2::3],
    ):  # so that later roads join earlier ones
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
