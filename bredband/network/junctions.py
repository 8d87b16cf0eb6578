"""The trench graph before anyone is connected: roads, ducts, poles, links and lit fibre."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.network.links import link_rows, propose_links, read_junctions, segments
from bredband.scenario.network import NetworkChoices

_SAME_PLACE_M = 10.0
_BESIDE_M = 25.0
_AT_JUNCTION_M = 1.0


@dataclass(frozen=True)
class Joined:
    """Roads made into one graph, with the junctions where fibre is lit.

    ``roads`` is the table of that name with the proposed links, ducts and stubs to lit
    fibre as rows of their own; ``roots`` are junction numbers; ``water`` are the polygons
    that a drop should not go through.
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
    of their own. Pole lines are taken the same way, and can be left wherever they cross a road. Where the way along the roads is missing or long, links are proposed
    across land and water (``links.propose_links``), flagged ``structure = "link"``.

    Parameters
    ----------
    landcover
        The table of that name with the column ``ground`` (a ground class, or null).

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
    ducts = _cut_at_roads(ducts, roads)
    places = np.concatenate([_end_points(ducts), lit.geometry.to_numpy()])
    paved = _lay_in_ducts(_split_at(roads, places), ducts)
    with_roots, roots = _add_roots(_add_ducts(paved, ducts), lit, choices)
    links = propose_links(with_roots, landcover, choices)
    joined = pd.concat([with_roots, links], ignore_index=True) if len(links) else with_roots
    water = landcover.loc[landcover["ground"] == "water"].geometry.to_numpy()
    return Joined(gpd.GeoDataFrame(joined, crs=WORKING_CRS), roots, water)


def _end_points(lines: gpd.GeoDataFrame) -> NDArray[np.object_]:
    geometry = lines.geometry.to_numpy()
    return np.concatenate([shapely.get_point(geometry, 0), shapely.get_point(geometry, -1)])


def _cut_at_roads(ducts: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut pole lines where they cross roads: a cable can leave at any pole, but not any duct."""
    is_poles = (ducts["kind"] == "pole_line").to_numpy()
    if not is_poles.any():
        return ducts
    poles, lines = ducts[is_poles], roads.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    rows = []
    for row in poles.to_dict("records"):
        line = row["geometry"]
        crossed = shapely.intersection(line, lines[tree.query(line, predicate="intersects")])
        points = shapely.get_coordinates(shapely.point_on_surface(shapely.get_parts(crossed)))
        along = np.unique(np.round(shapely.line_locate_point(line, shapely.points(points))))
        along = along[(along > _SAME_PLACE_M) & (along < line.length - _SAME_PLACE_M)]
        stops = [0.0, *along, line.length]
        for i in range(len(stops) - 1):
            part = substring(line, stops[i], stops[i + 1])
            name = f"{row['duct_id']}:{i + 1}" if len(along) else row["duct_id"]
            rows.append({**row, "duct_id": name, "length_m": part.length, "geometry": part})
    pieces = gpd.GeoDataFrame(rows, crs=WORKING_CRS)[list(ducts.columns)]
    whole = pd.concat([ducts[~is_poles], pieces], ignore_index=True)
    return gpd.GeoDataFrame(whole, crs=WORKING_CRS)


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
    """Class as duct or pole line the road links that one follows for four fifths or more."""
    lines, ground = roads.geometry.to_numpy(), roads["ground"]
    for kind in ("pole_line", "duct"):  # where both follow, the duct is cheaper
        chosen = ducts.loc[ducts["kind"] == kind].geometry.to_numpy()
        if len(chosen):
            ground = ground.where(~_beside(lines, chosen), kind)
    return roads.assign(ground=ground)


def _add_ducts(roads: gpd.GeoDataFrame, ducts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add ducts away from roads as links, each end tied to the nearest junction."""
    if ducts.empty:
        return roads
    along_road = _beside(ducts.geometry.to_numpy(), roads.geometry.to_numpy())
    apart = ducts[~along_road].reset_index(drop=True)
    if apart.empty:
        return roads
    ends = shapely.get_coordinates(_end_points(apart))
    place = _merge_close(ends)
    junctions = read_junctions(roads)
    distance, nearest = _nearest(ends, junctions.place_m)
    first = 1 + int(junctions.number.max())
    junction = first + place
    count = len(apart)
    links = link_rows(
        [f"duct-{name}" for name in apart["duct_id"]],
        junction[:count],
        junction[count:],
        apart.geometry.to_numpy(),
        apart["kind"].to_numpy(dtype=object),
        structure="ground",
    )
    _, one_each = np.unique(place, return_index=True)
    near = one_each[distance[one_each] <= 10 * _BESIDE_M]
    stubs = link_rows(
        [f"duct-end-{junction[i]}" for i in near],
        junction[near],
        junctions.number[nearest[near]],
        segments(ends[near], junctions.place_m[nearest[near]]),
        "verge",
    )
    return gpd.GeoDataFrame(pd.concat([roads, links, stubs], ignore_index=True), crs=roads.crs)


def _beside(lines: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Mark the lines that the others run within 25 m of for four fifths or more."""
    line, other = shapely.STRtree(others).query(lines, predicate="dwithin", distance=_BESIDE_M)
    near, first = np.unique(line, return_index=True)
    groups = np.split(other, first[1:]) if len(near) else []
    zones = [shapely.union_all(shapely.buffer(others[group], _BESIDE_M)) for group in groups]
    inside = shapely.length(shapely.intersection(lines[near], np.array(zones, dtype=object)))
    result = np.zeros(len(lines), dtype=np.bool_)
    result[near] = inside >= 0.8 * shapely.length(lines[near])
    return result


def _merge_close(points: NDArray[np.float64]) -> NDArray[np.int64]:
    pairs = cKDTree(points).query_pairs(_SAME_PLACE_M, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _add_roots(
    roads: gpd.GeoDataFrame, lit: gpd.GeoDataFrame, choices: NetworkChoices
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Tie every lit point to the nearest junction by a stub, unless it stands on it."""
    junctions = read_junctions(roads)
    places = shapely.get_coordinates(lit.geometry.to_numpy())
    distance, nearest = _nearest(places, junctions.place_m)
    if (distance > choices.longest_root_link_m).any():
        worst = int(np.argmax(distance))
        raise InputError(
            f"det tente punktet «{lit['site_id'].iloc[worst]}» ligger {distance[worst]:.0f} m fra "
            f"nærmeste veg, mer enn grensen på {choices.longest_root_link_m:.0f} m.",
            advice="Flytt punktet, ta det ut, eller øk longest_root_link_m under [network].",
        )
    apart = np.flatnonzero(distance > _AT_JUNCTION_M)
    roots = junctions.number[nearest].copy()
    roots[apart] = 1 + int(junctions.number.max()) + np.arange(len(apart))
    stubs = link_rows(
        [f"site-{name}" for name in lit["site_id"].iloc[apart]],
        roots[apart],
        junctions.number[nearest[apart]],
        segments(places[apart], junctions.place_m[nearest[apart]]),
        "verge",
    )
    joined = pd.concat([roads, stubs], ignore_index=True) if len(stubs) else roads
    return gpd.GeoDataFrame(joined, crs=roads.crs), np.unique(roots)


def _nearest(
    places: NDArray[np.float64], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the distance to, and the number of, the point nearest to each place."""
    distance, nearest = cKDTree(points).query(places)
    return np.asarray(distance, dtype=np.float64), np.asarray(nearest, dtype=np.int64)
