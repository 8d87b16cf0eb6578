"""Links that no road gives: across gaps, water and open land, where they would save a long way."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

from bredband.grid import WORKING_CRS
from bredband.kernel import kernel
from bredband.network.steiner.heap import find
from bredband.scenario.network import NetworkChoices

SAMPLE_STEP_M = 10.0
UNKNOWN_GROUND = "forest"
"""Ground of a link where the land cover says nothing."""

_BOTH_WAYS = 2


@dataclass(frozen=True)
class Junctions:
    """The junctions of a road table: numbers in use (sorted), places, and each road's ends."""

    number: NDArray[np.int64]
    place_m: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def read_junctions(roads: gpd.GeoDataFrame) -> Junctions:
    """Find the junctions of the roads; ``start`` and ``end`` are positions in ``number``."""
    lines = roads.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    both = np.concatenate([roads["start_junction"], roads["end_junction"]])
    number, first, place = np.unique(both, return_index=True, return_inverse=True)
    return Junctions(
        number.astype(np.int64),
        shapely.get_coordinates(ends[first]),
        place[: len(roads)],
        place[len(roads) :],
    )


def propose_links(
    roads: gpd.GeoDataFrame, landcover: gpd.GeoDataFrame, choices: NetworkChoices
) -> gpd.GeoDataFrame:
    """Propose links between neighbouring junctions where the way along the roads is long.

    Neighbours are those of the Delaunay triangulation of the junctions. Three kinds of pairs
    are looked at, the shortest first: between parts of the road network that do not hang
    together, up to ``longest_link_m``; across water, as long and with at most
    ``longest_shortcut_m`` on land; and over land from a dead end, up to ``longest_shortcut_m``
    and only where the land cover is known. A link is proposed when
    the way along roads and links already proposed is more than ``detour_times`` as long
    (a greedy spanner, Althöfer et al. 1993), so every gap that can be bridged is bridged,
    and few links do it. A link with more than ``longest_shortcut_m`` on known land is proposed
    only while its two parts are not joined in any other way.

    Parameters
    ----------
    landcover
        The table of that name with the column ``ground``.

    Returns
    -------
    Rows for the table ``roads`` with ``structure = "link"``. A link is cut where its ground
    changes, so that each stretch of water is a row of its own.
    """
    junctions = read_junctions(roads)
    pairs, last_resort = _candidates(junctions, landcover, choices)
    if not len(pairs):
        return roads.iloc[:0]
    start, neighbour, length_m = _neighbours(junctions, roads["length_m"].to_numpy())
    taken = _spanner(
        junctions.place_m, start, neighbour, length_m, pairs, last_resort, _parts(junctions),
        float(choices.detour_times),
    )  # fmt: skip
    return _lay(roads, junctions, pairs[taken], landcover)


def _parts(junctions: Junctions) -> NDArray[np.int64]:
    """Give each junction the number of the part of the road network that it hangs together with."""
    count = len(junctions.number)
    graph = coo_array(
        (np.ones(len(junctions.start)), (junctions.start, junctions.end)), shape=(count, count)
    )
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _candidates(
    junctions: Junctions, landcover: gpd.GeoDataFrame, choices: NetworkChoices
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """List the pairs of neighbouring junctions worth a look, the shortest first.

    Also marks those that go so far over known land that they are a last resort.
    """
    count, place_m = len(junctions.number), junctions.place_m
    none = np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.bool_)
    if count < 4:
        return none
    try:
        corners = Delaunay(place_m).simplices
    except QhullError:  # all junctions on one line: the road is its own link
        return none
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)
    apart_m = np.hypot(*(place_m[pairs[:, 0]] - place_m[pairs[:, 1]]).T)
    within = (apart_m > 0) & (apart_m <= max(choices.longest_link_m, choices.longest_shortcut_m))
    pairs, apart_m = pairs[within], apart_m[within]
    part = _parts(junctions)
    last_resort = np.zeros(len(pairs), dtype=np.bool_)
    looked_at = (part[pairs[:, 0]] != part[pairs[:, 1]]) & (apart_m <= choices.longest_link_m)
    if len(landcover):
        degree = np.bincount(np.concatenate([junctions.start, junctions.end]), minlength=count)
        dead_end = (degree[pairs] == 1).any(axis=1)
        looked_at |= dead_end & (apart_m <= choices.longest_shortcut_m)
        rest = np.flatnonzero(apart_m <= choices.longest_link_m)
        water = landcover.loc[landcover["ground"] == "water"].geometry.to_numpy()
        lines = segments(place_m[pairs[rest, 0]], place_m[pairs[rest, 1]])
        dry_m = apart_m[rest] - wet_length(lines, water)
        looked_at[rest[(dry_m < apart_m[rest]) & (dry_m <= choices.longest_shortcut_m)]] = True
        last_resort[rest[dry_m > choices.longest_shortcut_m]] = True
    kept = np.flatnonzero(looked_at)
    order = np.lexsort((pairs[kept, 1], pairs[kept, 0], apart_m[kept]))
    return np.asarray(pairs[kept[order]], dtype=np.int64), last_resort[kept[order]]


def _neighbours(
    junctions: Junctions, length_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """List each junction's neighbours: those of ``v`` are at ``start[v]:start[v + 1]``."""
    tail = np.concatenate([junctions.start, junctions.end])
    head = np.concatenate([junctions.end, junctions.start])
    order = np.argsort(tail, kind="stable")
    start = np.zeros(len(junctions.number) + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=len(junctions.number)), out=start[1:])
    return start, head[order], np.tile(length_m, _BOTH_WAYS)[order]


@kernel
def _spanner(
    place_m: NDArray[np.float64],
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    length_m: NDArray[np.float64],
    pairs: NDArray[np.int64],
    last_resort: NDArray[np.bool_],
    part: NDArray[np.int64],
    detour: float,
) -> NDArray[np.bool_]:
    """Take each pair, in turn, whose way along roads and pairs taken is too long.

    A last resort is taken only when there is no way at all.
    """
    count = len(place_m)
    best_m = np.empty(count)
    seen = np.full(count, -1)
    first = np.full(count, -1)
    following = np.full(2 * len(pairs), -1)
    taken = np.zeros(len(pairs), dtype=np.bool_)
    above = np.arange(part.max() + 1)
    for turn in range(len(pairs)):
        a, b = pairs[turn]
        one, other = find(above, part[a]), find(above, part[b])
        if last_resort[turn] and one == other:
            continue
        dx, dy = place_m[b] - place_m[a]
        limit_m = detour * np.sqrt(dx * dx + dy * dy)
        best_m[a], seen[a] = 0.0, turn
        queue = [(0.0, a)]
        found = False
        while queue:
            way_m, v = heapq.heappop(queue)
            if v == b:
                found = True
                break
            if way_m > best_m[v]:
                continue
            here, extra = start[v], first[v]
            while here < start[v + 1] or extra >= 0:
                if here < start[v + 1]:
                    u, step_m = neighbour[here], length_m[here]
                    here += 1
                else:
                    u = pairs[extra // 2, 1 - extra % 2]
                    gap = place_m[u] - place_m[v]
                    step_m = np.sqrt(gap[0] ** 2 + gap[1] ** 2)
                    extra = following[extra]
                on_m = way_m + step_m
                if seen[u] == turn and best_m[u] <= on_m:
                    continue
                left = place_m[b] - place_m[u]
                if on_m + np.sqrt(left[0] ** 2 + left[1] ** 2) > limit_m:
                    continue
                best_m[u], seen[u] = on_m, turn
                heapq.heappush(queue, (on_m, u))
        if not found:
            taken[turn] = True
            above[one] = other
            following[2 * turn], first[a] = first[a], 2 * turn
            following[2 * turn + 1], first[b] = first[b], 2 * turn + 1
    return taken


def _lay(
    roads: gpd.GeoDataFrame,
    junctions: Junctions,
    pairs: NDArray[np.int64],
    landcover: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Make the chosen pairs rows of the road table, cut where the ground changes.

    The ground is sampled every 10 m. The terrain between is taken to be as steep as the
    roads at either end.
    """
    place_m, number = junctions.place_m, junctions.number
    lines = segments(place_m[pairs[:, 0]], place_m[pairs[:, 1]])
    samples = np.maximum(1, np.rint(shapely.length(lines) / SAMPLE_STEP_M)).astype(np.int64)
    link = np.repeat(np.arange(len(lines)), samples)
    nth = np.arange(len(link)) - np.repeat(np.cumsum(samples) - samples, samples)
    points = shapely.line_interpolate_point(
        lines[link], (nth + 0.5) / samples[link], normalized=True
    )
    ground = _ground_at(points, landcover)
    new_piece = np.ones(len(link), dtype=np.bool_)
    new_piece[1:] = (link[1:] != link[:-1]) | (ground[1:] != ground[:-1])
    first = np.flatnonzero(new_piece)
    of_link, piece_ground = link[first], ground[first]
    begins = nth[first] / samples[of_link]
    is_last = np.append(of_link[1:] != of_link[:-1], True)
    ends = np.where(is_last, 1.0, np.append(begins[1:], 1.0))
    inner = np.cumsum(~is_last) + int(number.max())
    start = np.where(begins == 0, number[pairs[of_link, 0]], np.append(0, inner[:-1]))
    end = np.where(is_last, number[pairs[of_link, 1]], inner)
    a, way = place_m[pairs[of_link, 0]], (place_m[pairs[:, 1]] - place_m[pairs[:, 0]])[of_link]
    steep = _slope_at(junctions, roads["slope_share"].to_numpy())
    return link_rows(
        [
            f"link-{number[i]}-{number[j]}:{place}"
            for (i, j), place in zip(pairs[of_link], nth[first], strict=True)
        ],
        start,
        end,
        segments(a + begins[:, None] * way, a + ends[:, None] * way),
        piece_ground,
        slope_share=steep[pairs[of_link]].mean(axis=1),
    )


def _ground_at(points: NDArray[np.object_], landcover: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give the ground class at each point; water wins where polygons overlap."""
    ground = np.full(len(points), UNKNOWN_GROUND, dtype=object)
    known = landcover[landcover["ground"].notna()] if len(landcover) else landcover
    if len(known):
        polygon, point = shapely.STRtree(points).query(
            known.geometry.to_numpy(), predicate="contains"
        )
        names = known["ground"].to_numpy(dtype=object)[polygon]
        ground[point] = names
        ground[point[names == "water"]] = "water"
    return ground


def _slope_at(junctions: Junctions, slope_share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean slope of the roads that meet at each junction."""
    ends = np.concatenate([junctions.start, junctions.end])
    count = np.bincount(ends, minlength=len(junctions.number))
    total = np.bincount(ends, np.tile(slope_share, _BOTH_WAYS), len(junctions.number))
    return np.asarray(total / np.maximum(count, 1))


def wet_length(lines: NDArray[np.object_], water: NDArray[np.object_]) -> NDArray[np.float64]:
    """Measure how far each line runs through water (m); water polygons do not overlap."""
    wet_m = np.zeros(len(lines))
    if len(water) and len(lines):
        polygon, line = shapely.STRtree(lines).query(water, predicate="intersects")
        np.add.at(wet_m, line, shapely.length(shapely.intersection(lines[line], water[polygon])))
    return wet_m


def segments(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.object_]:
    """Draw straight lines between two sets of places."""
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)


def link_rows(
    road_id: list[str],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    lines: NDArray[np.object_],
    ground: str | NDArray[np.object_],
    *,
    structure: str = "link",
    slope_share: float | NDArray[np.float64] = 0.0,
) -> gpd.GeoDataFrame:
    """Make rows for the table ``roads`` that no road gives."""
    return gpd.GeoDataFrame(
        {
            "road_id": road_id,
            "start_junction": start,
            "end_junction": end,
            "length_m": np.maximum(shapely.length(lines), 0.1),
            "road_class": "",
            "surface": "unknown",
            "structure": structure,
            "slope_share": slope_share,
            "ground": ground,
        },
        geometry=lines,
        crs=WORKING_CRS,
    )
