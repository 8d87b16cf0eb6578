"""Make one network of the roads: round them, bridge rivers, join crossings, leave a few faults."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import LineString, Point

from .network import Ground, Network, Road, xy_cell
from .terrain import River


def finish(net: Network, ground: Ground, rivers: tuple[River, ...]) -> None:
    """Turn the roads as laid into a network with junctions, bridges, a tunnel and some gaps."""
    _smooth_new(net)
    _round_corners(net)
    _bridge_rivers(net, rivers)
    _join_crossings(net)
    _drop_stranded_streets(net)
    _bore_tunnel(net, ground)
    _leave_gaps(net)


def _smooth_new(net: Network) -> None:
    """Round the side roads the same way as the trunk roads, which stay as they are."""
    fixed = {
        v for road in net.roads if road.kind in ("trunk", "street", "ferry") for v in road.vertices
    }
    owned = set(fixed)
    movable = []
    for road in net.roads:
        for a, v, b in zip(road.vertices, road.vertices[1:], road.vertices[2:], strict=False):
            if v not in owned:
                movable.append((a, v, b))
                owned.add(v)
    for _ in range(3):
        for a, v, b in movable:
            (xa, ya), (x, y), (xb, yb) = net.xy[a], net.xy[v], net.xy[b]
            net.xy[v] = (0.5 * x + 0.25 * (xa + xb), 0.5 * y + 0.25 * (ya + yb))


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


def _bridge_rivers(net: Network, rivers: tuple[River, ...]) -> None:
    """Carry every road across the rivers that drain more than 25 km2 on a bridge of 36 m."""
    beds = [
        LineString(r.xy_m[r.drained_km2 > 25]) for r in rivers if (r.drained_km2 > 25).sum() > 1
    ]
    for road in net.roads:
        if road.ferry:
            continue
        line = LineString(net.line(road))
        steps = np.hypot(*np.diff(net.line(road), axis=0).T)
        stations = [*zip([0.0, *np.cumsum(steps).tolist()], road.vertices, strict=True)]
        for bed in beds:
            crossing = line.intersection(bed)
            for point in getattr(crossing, "geoms", [crossing]):
                at = line.project(point) if isinstance(point, Point) else -1.0
                if not 25 < at < line.length - 25:
                    continue
                if any(abs(d - at) < 22 and _shared(net, v) for d, v in stations):
                    continue
                ends = [line.interpolate(at - 18), line.interpolate(at + 18)]
                a, b = (net.add(round(p.x, 2), round(p.y, 2)) for p in ends)
                stations = [s for s in stations if abs(s[0] - at) >= 18]
                stations = sorted([*stations, (at - 18, a), (at + 18, b)])
                road.bridges.add((a, b))
        road.vertices = [v for _, v in stations]


def _shared(net: Network, vertex: int) -> bool:
    return sum(vertex in road.vertices for road in net.roads) > 1


def _bore_tunnel(net: Network, ground: Ground) -> None:
    """Bore one tunnel where a main road makes the longest way round a hill."""
    best = (0.0, -1, -1, -1)
    for k, road in enumerate(net.roads):
        if road.kind != "trunk" or road.highway not in ("primary", "secondary"):
            continue
        line = net.line(road)
        chainage = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        for i in range(0, len(line), 3):
            for j in range(i + 6, len(line), 3):
                straight = float(np.hypot(*(line[j] - line[i])))
                saved = float(chainage[j] - chainage[i]) - straight
                if (
                    600 < straight < 2200
                    and saved > best[0]
                    and _under_hill(ground, line[i], line[j])
                ):
                    best = (saved, k, i, j)
    _, k, i, j = best
    if k >= 0:
        road = net.roads[k]
        ends = [road.vertices[i], road.vertices[j]]
        net.roads.append(Road("Skartunnelen", road.highway, ends, "tunnel", tunnel=True))


def _under_hill(ground: Ground, start: NDArray[np.float64], end: NDArray[np.float64]) -> bool:
    h = [
        float(ground.height_m[xy_cell(*(start + t * (end - start)))]) for t in np.linspace(0, 1, 21)
    ]
    floor = np.linspace(h[0], h[-1], 21)
    over = np.array(h) - floor
    return bool((over[4:-4] > 20).all() and over.min() > -15 and abs(h[-1] - h[0]) < 90)


def _leave_gaps(net: Network) -> None:
    """Let four side roads miss their junction by 18 m, as roads in real files do."""
    left = 4
    for road in net.roads:
        if left and road.kind == "side" and not road.place and len(road.vertices) > 14:
            a, b = np.array(net.xy[road.vertices[0]]), np.array(net.xy[road.vertices[1]])
            length = float(np.hypot(*(b - a)))
            if length > 20 and sum(_shared(net, v) for v in road.vertices) == 1:
                x, y = (a + 18 / length * (b - a)).tolist()
                road.vertices = [net.add(round(x, 2), round(y, 2)), *road.vertices[1:]]
                left -= 1


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
        shared = {net.xy[v] for v in set(net.roads[i].vertices) & set(net.roads[j].vertices)}
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
