"""Roads as OSM XML."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from pyproj import Transformer
from shapely.geometry import LineString

from ..network import Network, Road
from ..place import EPSG


def write_roads(path: Path, net: Network) -> None:
    """Write the network as OSM XML; junctions share their node, bridges are ways of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pieces = _ways(net)
    used = sorted({v for vertices, _ in pieces for v in vertices})
    number = {v: k + 1 for k, v in enumerate(used)}
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(*np.array([net.xy[v] for v in used]).T)
    lines = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        '<osm version="0.6" generator="scripts/make_demo.py (syntetisk, ikke OpenStreetMap)">',
        f'<bounds minlat="{lat.min():.7f}" minlon="{lon.min():.7f}"'
        f' maxlat="{lat.max():.7f}" maxlon="{lon.max():.7f}"/>',
    ]
    lines += [
        f'<node id="{k + 1}" version="1" lat="{lat[k]:.6f}" lon="{lon[k]:.6f}"/>'
        for k in range(len(used))
    ]
    for k, (vertices, tags) in enumerate(pieces):
        lines.append(f'<way id="{k + 1}" version="1">')
        lines += [f'<nd ref="{number[v]}"/>' for v in vertices]
        lines += [f'<tag k="{key}" v="{_escaped(value)}"/>' for key, value in tags.items()]
        lines.append("</way>")
    path.write_text("\n".join([*lines, "</osm>"]) + "\n", encoding="utf-8", newline="\n")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _ways(net: Network) -> list[tuple[list[int], dict[str, str]]]:
    """Split roads at bridges and drop vertices on straight stretches; junctions always stay."""
    uses: dict[int, int] = {}
    for road in net.roads:
        for v in set(road.vertices):
            uses[v] = uses.get(v, 0) + 1
    pieces = []
    for road in net.roads:
        run: list[int] = [road.vertices[0]]
        on_bridge = False
        for a, b in zip(road.vertices, road.vertices[1:], strict=False):
            bridge = (a, b) in road.bridges
            if bridge != on_bridge and len(run) > 1:
                pieces.append((_thinned(net, run, uses), _tags(road, on_bridge)))
                run = [a]
            on_bridge = bridge
            run.append(b)
        pieces.append((_thinned(net, run, uses), _tags(road, on_bridge)))
    return pieces


def _thinned(net: Network, run: list[int], uses: dict[int, int]) -> list[int]:
    """Drop vertices that lie within 1.2 m of the line between junctions."""
    fixed = [k for k, v in enumerate(run) if k in (0, len(run) - 1) or uses[v] > 1]
    kept = [run[0]]
    for a, b in itertools.pairwise(fixed):
        part = run[a : b + 1]
        points = [net.xy[v] for v in part]
        corners = set(LineString(points).simplify(1.2).coords)
        kept += [v for v, p in zip(part[1:-1], points[1:-1], strict=True) if p in corners]
        kept.append(part[-1])
    return kept


def _tags(road: Road, bridge: bool) -> dict[str, str]:
    name, highway, kind = road.name, road.highway, road.kind
    if road.ferry:
        return {"route": "ferry", "name": name, "motor_vehicle": "yes"}
    tags = {"highway": highway, "name": name}
    paved = highway in ("primary", "secondary", "tertiary") or kind == "street"
    tags["surface"] = "asphalt" if paved else "gravel"
    if bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    if road.tunnel:
        tags |= {"tunnel": "yes", "layer": "-1"}
    return tags
