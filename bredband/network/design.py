"""From priced roads and unserved premises to the trench tree."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from bredband.grid import WORKING_CRS
from bredband.network.drops import draw_drops, locate_drops
from bredband.network.junctions import Joined
from bredband.network.steiner import Graph, Tree, steiner_tree
from bredband.plan import Proof
from bredband.scenario.network import NetworkChoices

TOO_FAR = "Lenger fra nærmeste veg enn grensen for stikkledning."
CUT_OFF = "Vegen henger ikke sammen med noe tent fiberpunkt, og ingen kobling er kort nok."
_SAME_M = 1e-6
_CARRIED = ("ground", "structure", "method", "road_owner")


@dataclass(frozen=True)
class TrenchGraph:
    """The road graph split where drops start.

    Edge ``i`` runs along road row ``road[i]`` from ``from_m[i]`` to ``to_m[i]`` and joins the
    vertices ``tail[i]`` and ``head[i]``; ``roots`` are the vertices where fibre is lit.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    road: NDArray[np.int64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    trench_nok: NDArray[np.float64]
    roots: NDArray[np.int64]
    n_vertices: int


@dataclass(frozen=True)
class Design:
    """The trench tree as tables with ``area_id`` still empty, and how good it is.

    The gap of ``proof`` is in NOK of trench.
    """

    routes: gpd.GeoDataFrame
    connections: pd.DataFrame
    drops: gpd.GeoDataFrame
    proof: Proof


def design(
    joined: Joined,
    premises: gpd.GeoDataFrame,
    choices: NetworkChoices,
    *,
    first: NDArray[np.bool_] | None = None,
) -> Design:
    """Design the cheapest trench tree from lit fibre to all premises that can be reached.

    Parameters
    ----------
    joined
        The graph, its roads priced by ``costs.price_roads``.
    premises
        The premises to connect.
    first
        Premises whose own cheapest tree is designed first and then extended to the others,
        shape (premises,); the tree as a whole may cost more than the cheapest.
    """
    drop_road, along_m, drop_m = locate_drops(joined, premises)
    near = drop_m <= choices.longest_drop_m
    graph, drop_vertex = split_roads(joined, drop_road[near], along_m[near])
    lit = _lit_vertices(graph)
    reached = near.copy()
    reached[near] = lit[drop_vertex]
    weight = graph.trench_nok
    if first is not None:
        wanted = drop_vertex[lit[drop_vertex] & first[near]]
        dug = _cheapest(graph, weight, wanted, choices).edges
        weight = np.where(np.isin(np.arange(len(weight)), dug), 0.0, weight)
    tree = _cheapest(graph, weight, drop_vertex[lit[drop_vertex]], choices)
    routes, route_at = _routes(graph, tree, joined.roads)
    route_id = np.full(len(premises), "", dtype=object)
    inner = route_at[drop_vertex]
    names = np.append(routes["route_id"].to_numpy(dtype=object), "")
    route_id[near] = names[inner]
    connections = pd.DataFrame(
        {
            "premises_id": premises["premises_id"].to_numpy(),
            "area_id": "",
            "route_id": pd.array(np.where(reached, route_id, ""), dtype="str"),
            "drop_m": np.where(reached, drop_m, 0.0),
            "drop_nok": np.zeros(len(premises), dtype="int64"),
            "reason": pd.array(
                np.where(~near, TOO_FAR, np.where(reached, "", CUT_OFF)), dtype="str"
            ),
        }
    )
    drops = draw_drops(joined, premises, drop_road, along_m)
    drops["route_id"] = connections["route_id"].to_numpy()
    return Design(routes, connections, drops[reached].reset_index(drop=True), _proof(tree))


def _cheapest(
    graph: TrenchGraph,
    weight: NDArray[np.float64],
    terminals: NDArray[np.int64],
    choices: NetworkChoices,
) -> Tree:
    return steiner_tree(
        Graph(graph.tail, graph.head, weight, graph.n_vertices),
        np.unique(terminals),
        roots=graph.roots,
        seconds=choices.time_limit_s,
        seed=choices.seed,
    )


def split_roads(
    joined: Joined, drop_road: NDArray[np.int64], along_m: NDArray[np.float64]
) -> tuple[TrenchGraph, NDArray[np.int64]]:
    """Split the roads where drops start.

    Returns
    -------
    The graph, and the vertex of each drop. A drop within half a metre of a road's end
    starts at the junction there.
    """
    roads = joined.roads
    line_m = shapely.length(roads.geometry.to_numpy())
    numbers, ends = np.unique(
        np.concatenate([roads["start_junction"], roads["end_junction"]]), return_inverse=True
    )
    start, end = ends[: len(roads)], ends[len(roads) :]
    vertex = np.where(along_m < line_m[drop_road] / 2, start[drop_road], end[drop_road])
    inner = (along_m > 0.5) & (along_m < line_m[drop_road] - 0.5)
    cuts, which = np.unique(
        np.stack([drop_road[inner].astype(float), along_m[inner]], axis=1),
        axis=0,
        return_inverse=True,
    )
    vertex[inner] = len(numbers) + which.ravel()
    n_roads, n_cuts = len(roads), len(cuts)
    road = np.concatenate([np.arange(n_roads), cuts[:, 0].astype(np.int64), np.arange(n_roads)])
    place_m = np.concatenate([np.zeros(n_roads), cuts[:, 1], line_m])
    stop = np.concatenate([start, len(numbers) + np.arange(n_cuts), end])
    rank = np.repeat([0, 1, 2], [n_roads, n_cuts, n_roads])
    order = np.lexsort((place_m, rank, road))
    same = road[order][1:] == road[order][:-1]
    before, after = order[:-1][same], order[1:][same]
    share = (place_m[after] - place_m[before]) / np.maximum(line_m[road[before]], 1e-9)
    graph = TrenchGraph(
        tail=stop[before],
        head=stop[after],
        road=road[before],
        from_m=place_m[before],
        to_m=place_m[after],
        trench_nok=roads["trench_nok"].to_numpy()[road[before]] * share,
        roots=np.searchsorted(numbers, joined.roots),
        n_vertices=len(numbers) + n_cuts,
    )
    return graph, vertex


def _lit_vertices(graph: TrenchGraph) -> NDArray[np.bool_]:
    """Mark the vertices that hang together with lit fibre."""
    ones = np.ones(len(graph.tail))
    links = coo_array((ones, (graph.tail, graph.head)), shape=(graph.n_vertices,) * 2)
    part = connected_components(links, directed=False)[1]
    return np.asarray(np.isin(part, part[graph.roots]))


def _routes(
    graph: TrenchGraph, tree: Tree, roads: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Turn the tree's edges into routes that point upstream.

    Also returns, for each vertex, the route whose far end it is (−1 for none).
    """
    edges = tree.edges
    tail, head = graph.tail[edges], graph.head[edges]
    parent_edge = _upstream_edges(graph, edges)
    route_at = np.full(graph.n_vertices, -1)
    away_is_head = parent_edge[head] == np.arange(len(edges))
    away = np.where(away_is_head, head, tail)
    route_at[away] = np.arange(len(edges))
    near_end = np.where(away_is_head, tail, head)
    upstream = route_at[near_end]
    road = graph.road[edges]
    names = np.array(
        [
            f"{road_id}@{from_m:.0f}"
            for road_id, from_m in zip(
                roads["road_id"].to_numpy()[road], graph.from_m[edges], strict=True
            )
        ],
        dtype=object,
    )
    lines = roads.geometry.to_numpy()[road]
    line_m = shapely.length(lines)
    share = (graph.to_m[edges] - graph.from_m[edges]) / np.maximum(line_m, 1e-9)
    money = {
        name: np.rint(roads[name].to_numpy()[road] * share).astype("int64")
        for name in ("trench_nok", "surcharge_nok", "fee_nok", "landfall_nok")
    }
    text = {name: roads[name].to_numpy()[road] for name in _CARRIED}
    frame = {
        "route_id": pd.array(names, dtype="str"),
        "upstream_route": pd.array(np.append(names, "")[upstream], dtype="str"),
        "area_id": pd.array([""] * len(edges), dtype="str"),
        **{name: pd.array(values, dtype="str") for name, values in text.items()},
        "length_m": roads["length_m"].to_numpy()[road] * share,
        **money,
    }
    geometry = _cut(lines, graph.from_m[edges], graph.to_m[edges])
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WORKING_CRS), route_at


def _upstream_edges(graph: TrenchGraph, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give for each vertex the tree edge (its place in ``edges``) towards lit fibre, or −1."""
    source = graph.n_vertices
    rows = np.concatenate([graph.tail[edges], np.full(len(graph.roots), source)])
    columns = np.concatenate([graph.head[edges], graph.roots])
    links = coo_array((np.ones(len(rows)), (rows, columns)), shape=(source + 1,) * 2).tocsr()
    _, parent = breadth_first_order(links, source, directed=False)
    upstream = np.full(graph.n_vertices, -1)
    tail, head = graph.tail[edges], graph.head[edges]
    place = np.arange(len(edges))
    down = parent[head] == tail
    upstream[head[down]] = place[down]
    upstream[tail[~down]] = place[~down]
    return upstream


def _cut(
    lines: NDArray[np.object_], from_m: NDArray[np.float64], to_m: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Cut each line from one distance to another."""
    cut = np.flatnonzero((from_m > 0) | (to_m < shapely.length(lines)))
    stops_m = np.concatenate([from_m[cut], to_m[cut]])
    stops = shapely.line_interpolate_point(np.tile(lines[cut], 2), stops_m)
    vertex, line = shapely.get_coordinates(lines[cut], return_index=True)
    step_m = np.hypot(*np.diff(vertex, axis=0, prepend=vertex[:1]).T)
    step_m[np.diff(line, prepend=-1) > 0] = 0.0
    along_m = pd.Series(step_m).groupby(line).cumsum().to_numpy()
    inner = (along_m > from_m[cut][line] + _SAME_M) & (along_m < to_m[cut][line] - _SAME_M)
    points = np.concatenate([shapely.get_coordinates(stops), vertex[inner]])
    part = np.concatenate([np.tile(np.arange(len(cut)), 2), line[inner]])
    order = np.lexsort((np.concatenate([stops_m, along_m[inner]]), part))
    parts = lines.copy()
    parts[cut] = shapely.linestrings(points[order], indices=part[order])
    return parts


def _proof(tree: Tree) -> Proof:
    return Proof(
        what="grøft i nettet, kroner",
        status=tree.status,
        objective=tree.value,
        bound=tree.bound,
        gap_share=tree.gap_share,
        solver="bredband steiner",
        kind="network",
    )
