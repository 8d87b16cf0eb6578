"""Roads of an OpenStreetMap extract, contracted to links between junctions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.errors import InputError
from bredband.reading import Reading, number_set_aside, set_aside_rows
from bredband.sources.osm.file import TO_WORKING, reading_osm
from bredband.sources.road_links import Lines, as_roads, contract, labels_of

SOURCE = "OpenStreetMap veger"
NOT_A_ROAD = "ikke en veg å grave langs"
READ_BEFORE = "vegen er alt lest fra en annen fil"
OUTSIDE = "vegen har ingen punkter i utsnittet"
SHORTENED = "veger kortet inn der utsnittet slutter"

NOT_ROADS = frozenset(
    [
        "abandoned",
        "bus_stop",
        "construction",
        "corridor",
        "elevator",
        "emergency_bay",
        "escalator",
        "escape",
        "no",
        "planned",
        "platform",
        "proposed",
        "raceway",
        "razed",
        "rest_area",
        "services",
        "street_lamp",
        "via_ferrata",
    ]
)
"""Values of ``highway`` along which nobody digs."""
_ASPHALT = frozenset(
    [
        "asphalt",
        "paved",
        "concrete",
        "concrete:plates",
        "concrete:lanes",
        "paving_stones",
        "sett",
        "cobblestone",
        "unhewn_cobblestone",
        "chipseal",
        "metal",
        "bricks",
    ]
)
_GRAVEL = frozenset(
    [
        "gravel",
        "unpaved",
        "compacted",
        "fine_gravel",
        "ground",
        "dirt",
        "earth",
        "grass",
        "sand",
        "mud",
        "pebblestone",
        "rock",
        "grass_paver",
        "woodchips",
        "stone",
    ]
)


@dataclass
class _Ways:
    """Ways as they come from the file, gathered for numpy."""

    shapes: list[Any] = field(default_factory=list)
    refs: list[list[int]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    tags: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    shortened: int = 0
    rows_in: int = 0
    seen: set[int] = field(default_factory=set)


def read_roads(paths: Sequence[Path]) -> Reading:
    """Read roads into the table ``roads``; ``rows_in`` counts ways, not links.

    Dead ends are kept; bridges, tunnels and car ferries are flagged in ``structure``. Where
    the extract cuts a way, the part inside it is kept. Coordinates become EPSG:25833.

    Raises
    ------
    InputError
        When a file cannot be read or has no roads.
    """
    ways, set_aside = _Ways(), []
    for path in paths:
        before = len(ways.refused)
        _gather_ways(path, ways)
        new = ways.refused[before:]
        set_aside.append(
            set_aside_rows(
                SOURCE, [path.name] * len(new), [0] * len(new), "highway",
                [f"way {way}: {value}" for way, value, _ in new], "", "Ingenting å gjøre.",
            ).assign(reason=pd.Series([reason for *_, reason in new], dtype="str"))
        )  # fmt: skip
    if not ways.refs:
        raise InputError("har ingen veger (highway).", file=", ".join(p.name for p in paths))
    repaired = {SHORTENED: ways.shortened} if ways.shortened else {}
    return Reading(
        _contracted(ways),
        number_set_aside(set_aside),
        ways.rows_in,
        len(set(ways.ids)),
        repaired,
    )


def _contracted(ways: _Ways) -> gpd.GeoDataFrame:
    attributes = pd.DataFrame(
        ways.tags, columns=["road_class", "surface", "structure"], dtype="str"
    )
    degrees = shapely.get_coordinates(shapely.from_wkb(ways.shapes))
    points_m = np.column_stack(TO_WORKING.transform(degrees[:, 0], degrees[:, 1]))
    lines = Lines(
        points_m,
        np.concatenate([np.asarray(refs, dtype=np.int64) for refs in ways.refs]),
        np.concatenate([[0], np.cumsum([len(refs) for refs in ways.refs])]).astype(np.int64),
        labels_of(attributes),
    )
    line_ids = "osm:w" + pd.Series(ways.ids).astype("str")
    return as_roads(contract(lines), attributes, line_ids)


def _gather_ways(path: Path, ways: _Ways) -> None:
    with reading_osm(path) as osmium:
        file = (
            osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY)
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter("highway", "route"))
        )
        shaper = osmium.geom.WKBFactory()
        everything = osmium.geom.use_nodes.ALL
        for way in file:
            tags = way.tags
            highway = tags.get("highway", "ferry" if tags.get("route") == "ferry" else "")
            if not highway:
                continue
            ways.rows_in += 1
            if highway in NOT_ROADS or tags.get("area") == "yes":
                ways.refused.append((way.id, highway, NOT_A_ROAD))
                continue
            if way.id in ways.seen:
                ways.refused.append((way.id, highway, READ_BEFORE))
                continue
            ways.seen.add(way.id)
            try:
                whole = shaper.create_linestring(way, everything)
                runs = [([node.ref for node in way.nodes], whole)]
            except (osmium.InvalidLocationError, RuntimeError):
                runs = _present(way.nodes)
                ways.shortened += bool(runs)
            if not runs:
                ways.refused.append((way.id, highway, OUTSIDE))
            attributes = _attributes(highway, tags)
            for refs, shape in runs:
                ways.shapes.append(shape)
                ways.refs.append(refs)
                ways.ids.append(way.id)
                ways.tags.append(attributes)


def _present(nodes: Any) -> list[tuple[list[int], str]]:
    """Give the runs of two or more nodes that the extract holds, with their lines as WKB."""
    runs: list[tuple[list[int], list[tuple[float, float]]]] = [([], [])]
    for node in nodes:
        if node.location.valid():
            runs[-1][0].append(node.ref)
            runs[-1][1].append((node.lon, node.lat))
        elif runs[-1][0]:
            runs.append(([], []))
    return [
        (refs, shapely.to_wkb(shapely.LineString(points), hex=True))
        for refs, points in runs
        if len(refs) > 1
    ]


def _attributes(highway: str, tags: Any) -> tuple[str, str, str]:
    surface = tags.get("surface", "")
    if surface in _ASPHALT:
        kind = "asphalt"
    elif surface in _GRAVEL:
        kind = "gravel"
    else:
        kind = "unknown"
    if highway == "ferry":
        structure = "ferry"
    elif tags.get("tunnel", "no") not in ("no", "building_passage"):
        structure = "tunnel"
    elif tags.get("bridge", "no") != "no":
        structure = "bridge"
    else:
        structure = "ground"
    return highway, kind, structure
