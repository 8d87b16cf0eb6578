"""The trench graph before anyone is connected: roads, ducts, proposed links and lit fibre."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError, cKDTree
from shapely.ops import substring

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.scenario.network import NetworkChoices

WATER_CLASSES = ("Havflate", "Innsjø", "InnsjøRegulert", "Elv")
"""N50 land-cover classes that a link cannot be dug through."""

_SAME_PLACE_M = 10.0
_BESIDE_M = 25.0


@dataclass(frozen=True)
class Joined:
    """Roads made into one graph, with the junctions where fibre is lit.

    ``roads`` is the table of that name with the proposed links, ducts and stubs to lit
    fibre as rows of their own; ``roots`` are junction numbers.
    """

    roads: gpd.GeoDataFrame
    roots: NDArray[np.int64]
    water: NDArray[np.object_]


def join(
    roads: gpd.GeoDataFrame,
    ducts: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    landcover: gpd.GeoDataFrame,
    choices: NetworkChoices,
) -> Joined:
    """Join roads, ducts and lit fibre into one graph, and bridge the gaps between its parts.

    Existing ducts beside a road make that stretch of road a duct; other ducts become links
    of their own. Parts of the road network that hang loose (islands, clipped roads) get a
    proposed link to their nearest neighbours: as a sea cable where it crosses water,
    otherwise cross-country. Every proposed link is flagged ``structure = "link"``.

    Raises
    ------
    InputError
        When no lit fibre is given, or a lit point is too far from any road.
    """
    lit = sites[sites["kind"] == "lit_fibre"].reset_index(drop=True)
    if lit.empty:
        raise InputError(
            "ingen tente fiberpunkter er oppgitt, så nettet har ingen steder å begynne.",
            advice="Oppgi «lit_fibre» under [sources].",
        )
    placed = _split_at(roads, np.concatenate([_end_points(ducts), lit.geometry.to_numpy()]))
    paved = _lay_in_ducts(placed, ducts)
    with_ducts = _add_ducts(paved, ducts)
    with_roots, roots = _add_roots(with_ducts, lit, choices)
    links = _bridge(with_roots, landcover, choices.longest_link_m)
    joined = pd.concat([with_roots, links], ignore_index=True) if len(links) else with_roots
    water = landcover[landcover["landcover_class"].isin(WATER_CLASSES)].geometry.to_numpy()
    return Joined(gpd.GeoDataFrame(joined, crs=WORKING_CRS), roots, water)


def junction_points(roads: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the junction numbers in use, sorted, and their coordinates (n, 2) in metres."""
    lines = roads.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    numbers = np.concatenate([roads["start_junction"], roads["end_junction"]])
    unique, first = np.unique(numbers, return_index=True)
    return unique.astype(np.int64), shapely.get_coordinates(ends[first])


def _end_points(lines: gpd.GeoDataFrame) -> NDArray[np.object_]:
    geometry = lines.geometry.to_numpy()
    return np.concatenate([shapely.get_point(geometry, 0), shapely.get_point(geometry, -1)])


def _split_at(roads: gpd.GeoDataFrame, points: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Split road links where the points meet them, so that a junction stands there."""
    lines = roads.geometry.to_numpy()
    usable = np.flatnonzero((roads["structure"] == "ground").to_numpy())
    tree = shapely.STRtree(lines[usable])
    nearest = usable[tree.nearest(points)]
    along = np.round(shapely.line_locate_point(lines[nearest], points))
    cuts = pd.DataFrame({"link": nearest, "along": along}).drop_duplicates()
    length = shapely.length(lines[cuts["link"]])
    cuts = cuts[(cuts["along"] >= 1) & (cuts["along"] <= length - 1)].sort_values(["link", "along"])
    next_junction = 1 + int(max(roads["start_junction"].max(), roads["end_junction"].max()))
    pieces = []
    for link, group in cuts.groupby("link"):
        row = roads.iloc[int(link)]
        stops = [0.0, *group["along"], row.geometry.length]
        middle = list(range(next_junction, next_junction + len(group)))
        next_junction += len(group)
        numbers = [row["start_junction"], *middle, row["end_junction"]]
        for i in range(len(stops) - 1):
            part = substring(row.geometry, stops[i], stops[i + 1])
            pieces.append(
                {
                    **row.to_dict(),
                    "road_id": f"{row['road_id']}:{i + 1}",
                    "start_junction": numbers[i],
                    "end_junction": numbers[i + 1],
                    "length_m": row["length_m"] * part.length / max(row.geometry.length, 1e-9),
                    "geometry": part,
                }
            )
    if not pieces:
        return roads
    whole = roads.drop(index=roads.index[cuts["link"].unique()])
    split = gpd.GeoDataFrame(pieces, crs=roads.crs)[list(roads.columns)]
    return gpd.GeoDataFrame(pd.concat([whole, split], ignore_index=True), crs=roads.crs)


def _lay_in_ducts(roads: gpd.GeoDataFrame, ducts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Class as duct the road links that an existing duct follows for four fifths or more."""
    if ducts.empty:
        return roads
    zone = shapely.buffer(shapely.union_all(ducts.geometry.to_numpy()), _BESIDE_M)
    shapely.prepare(zone)
    lines = roads.geometry.to_numpy()
    near = np.flatnonzero(shapely.intersects(zone, lines))
    inside = shapely.length(shapely.intersection(lines[near], zone))
    follows = near[inside >= 0.8 * shapely.length(lines[near])]
    ground = roads["ground"].copy()
    ground.iloc[follows] = "duct"
    return roads.assign(ground=ground)


def _add_ducts(roads: gpd.GeoDataFrame, ducts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add ducts away from roads as links, each end tied to the nearest junction."""
    if ducts.empty:
        return roads
    zone = shapely.buffer(shapely.union_all(roads.geometry.to_numpy()), _BESIDE_M)
    lines = ducts.geometry.to_numpy()
    inside = shapely.length(shapely.intersection(lines, zone))
    apart = ducts[inside < 0.8 * shapely.length(lines)].reset_index(drop=True)
    if apart.empty:
        return roads
    ends = shapely.get_coordinates(_end_points(apart))
    place = _merge_close(ends)
    numbers, points = junction_points(roads)
    distance, nearest = _nearest(ends, points)
    first = 1 + int(numbers.max())
    junction = first + place
    count = len(apart)
    links = _links(
        [f"duct-{name}" for name in apart["duct_id"]],
        junction[:count],
        junction[count:],
        apart.geometry.to_numpy(),
        "ground",
        "duct",
    )
    _, one_each = np.unique(place, return_index=True)
    near = one_each[distance[one_each] <= 10 * _BESIDE_M]
    stubs = _links(
        [f"duct-end-{junction[i]}" for i in near],
        junction[near],
        numbers[nearest[near]],
        _segments(ends[near], points[nearest[near]]),
        "link",
        "verge",
    )
    return gpd.GeoDataFrame(pd.concat([roads, links, stubs], ignore_index=True), crs=roads.crs)


def _merge_close(points: NDArray[np.float64]) -> NDArray[np.int64]:
    pairs = cKDTree(points).query_pairs(_SAME_PLACE_M, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _add_roots(
    roads: gpd.GeoDataFrame, lit: gpd.GeoDataFrame, choices: NetworkChoices
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Tie every lit point to the nearest junction by a stub of its own."""
    numbers, points = junction_points(roads)
    places = shapely.get_coordinates(lit.geometry.to_numpy())
    distance, nearest = _nearest(places, points)
    if (distance > choices.longest_root_link_m).any():
        worst = int(np.argmax(distance))
        raise InputError(
            f"det tente punktet «{lit['site_id'].iloc[worst]}» ligger {distance[worst]:.0f} m fra "
            f"nærmeste veg, mer enn grensen på {choices.longest_root_link_m:.0f} m.",
            advice="Flytt punktet, ta det ut, eller øk longest_root_link_m under [network].",
        )
    # A site that stands on the junction itself still needs a line to draw.
    ends = points[nearest]
    places = np.where((distance < 0.1)[:, None], ends + np.array([0.1, 0.0]), places)
    roots = 1 + int(numbers.max()) + np.arange(len(lit))
    stubs = _links(
        [f"site-{name}" for name in lit["site_id"]],
        roots,
        numbers[nearest],
        _segments(places, ends),
        "link",
        "verge",
    )
    joined = gpd.GeoDataFrame(pd.concat([roads, stubs], ignore_index=True), crs=roads.crs)
    return joined, roots.astype(np.int64)


def _bridge(
    roads: gpd.GeoDataFrame, landcover: gpd.GeoDataFrame, longest_m: float
) -> gpd.GeoDataFrame:
    """Propose the shortest link between every two neighbouring loose parts.

    Neighbours are found in the Delaunay triangulation of the junctions, which contains the
    shortest possible set of links between the parts (the Euclidean minimum spanning tree).
    """
    numbers, points = junction_points(roads)
    start = np.searchsorted(numbers, roads["start_junction"])
    end = np.searchsorted(numbers, roads["end_junction"])
    graph = coo_array((np.ones(len(roads)), (start, end)), shape=(len(numbers),) * 2)
    count, part = connected_components(graph, directed=False)
    empty = roads.iloc[:0]
    if count == 1 or len(numbers) < 4:
        return empty
    try:
        triangles = Delaunay(points).simplices
    except QhullError:
        return empty
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = pairs[part[pairs[:, 0]] != part[pairs[:, 1]]]
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    frame = pd.DataFrame(
        {
            "a": pairs[:, 0],
            "b": pairs[:, 1],
            "length_m": length,
            "low": np.minimum(part[pairs[:, 0]], part[pairs[:, 1]]),
            "high": np.maximum(part[pairs[:, 0]], part[pairs[:, 1]]),
        }
    )
    frame = frame[frame["length_m"] <= longest_m].sort_values(["length_m", "a", "b"])
    frame = frame.drop_duplicates(["low", "high"])
    if frame.empty:
        return empty
    a, b = frame["a"].to_numpy(), frame["b"].to_numpy()
    lines = _segments(points[a], points[b])
    water = landcover[landcover["landcover_class"].isin(WATER_CLASSES)].geometry.to_numpy()
    wet = np.zeros(len(lines), dtype=np.bool_)
    if len(water):
        hit, _ = shapely.STRtree(water).query(lines, predicate="intersects")
        wet[hit] = True
    names = [f"link-{numbers[i]}-{numbers[j]}" for i, j in zip(a, b, strict=True)]
    return _links(names, numbers[a], numbers[b], lines, "link", np.where(wet, "water", "forest"))


def _nearest(
    places: NDArray[np.float64], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the distance to, and the number of, the point nearest to each place."""
    distance, nearest = cKDTree(points).query(places)
    return np.asarray(distance, dtype=np.float64), np.asarray(nearest, dtype=np.int64)


def _segments(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)


def _links(
    road_id: list[str],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    lines: NDArray[np.object_],
    structure: str,
    ground: str | NDArray[np.str_],
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "road_id": road_id,
            "start_junction": start,
            "end_junction": end,
            "length_m": np.maximum(shapely.length(lines), 0.1),
            "road_class": "",
            "surface": "unknown",
            "structure": structure,
            "slope_share": 0.0,
            "ground": ground,
        },
        geometry=lines,
        crs=WORKING_CRS,
    )
