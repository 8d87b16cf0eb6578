"""Unserved premises gathered into deployment areas along the trench tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS
from bredband.scenario.network import AreaChoices
from bredband.scenario.rollout import Priorities

_REACH_M = 200.0
"""How far an area's polygon reaches from its premises."""

_SHARED = -1
_NOBODY = -2


def weigh(
    premises: gpd.GeoDataFrame, coverage: pd.DataFrame, priorities: Priorities
) -> gpd.GeoDataFrame:
    """Weigh premises by the scenario's priorities.

    A household counts 1, or ``lacking_30_weight`` where the best offer is below 30 Mbit/s;
    businesses, public buildings and holiday homes count by weights of their own. What the
    source already weighed is multiplied in.

    Returns
    -------
    The table ``premises`` with ``priority_weight`` as weighted households of the premises.
    """
    down = coverage.set_index("premises_id")["down_mbps"].reindex(premises["premises_id"])
    lacking = np.where(down.fillna(0).to_numpy() < 30, priorities.lacking_30_weight, 1.0)
    other = premises["kind"].map(
        {
            "dwelling": 0.0,
            "business": priorities.business_weight,
            "public": priorities.public_weight,
            "holiday": priorities.holiday_weight,
        }
    )
    weight = premises["households"] * lacking + other.astype("float64")
    return premises.assign(priority_weight=weight * premises["priority_weight"])


def to_connect(premises: gpd.GeoDataFrame, coverage: pd.DataFrame) -> gpd.GeoDataFrame:
    """Choose the premises that the network is designed for: those that may be helped.

    Holiday homes may be connected but not funded, so they are left out unless the
    scenario gives them a weight.
    """
    eligible = coverage.set_index("premises_id")["eligible"].reindex(premises["premises_id"])
    counts = (premises["kind"] != "holiday") | (premises["priority_weight"] > 0)
    return premises[eligible.to_numpy(dtype=bool) & counts.to_numpy()]


def gather(
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    premises: gpd.GeoDataFrame,
    choices: AreaChoices,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Cut the trench tree into deployment areas and the trench that they share.

    From the tips towards lit fibre, neighbouring premises are gathered until an area is as
    large as the scenario allows, or the trench runs far without premises. A stretch that
    only one area needs belongs to that area. A stretch that several need is a *feeder* of
    its own (kind ``feeder``, no premises): whoever is built first, the plan pays it once.
    Every area hangs on one feeder or on lit fibre, so the areas form a forest.

    Parameters
    ----------
    routes, connections
        From the network, with ``area_id`` empty and the drops priced.
    premises
        The premises of ``connections``, weighed.

    Returns
    -------
    The table ``areas`` with its money columns 0, and ``routes`` and ``connections`` with
    ``area_id`` filled in.
    """
    tree = _read_tree(routes, connections, premises)
    label = _partition(tree, choices)
    owner, below = _owners(tree, label)
    piece, upstream_piece = _pieces(tree, owner, below)
    members = _members(tree, label, premises, connections)
    ids = _area_ids(members)
    piece_ids = _piece_ids(tree, piece, routes, set(ids))
    route_area = np.where(
        owner >= 0,
        np.append(ids, "")[owner],
        np.append(piece_ids, "")[piece],
    )
    feeder = _feeders(tree, label, owner, piece, len(ids))
    frame = _area_rows(members, ids, np.append(piece_ids, "")[feeder])
    shared = _piece_rows(tree, piece, upstream_piece, piece_ids, label, frame, routes)
    areas = pd.concat([frame, shared], ignore_index=True)
    connection_area = np.append(ids, "")[np.append(label, -1)[tree.route_of_connection]]
    return (
        _with_money_columns(areas),
        routes.assign(area_id=pd.array(route_area, dtype="str")),
        connections.assign(area_id=pd.array(connection_area, dtype="str")),
    )


@dataclass(frozen=True)
class _TrenchTree:
    """Routes as a forest: ``upstream[i]`` is the next route towards lit fibre, or −1."""

    upstream: NDArray[np.int64]
    from_tips: NDArray[np.int64]
    children: list[list[int]]
    length_m: NDArray[np.float64]
    trench_nok: NDArray[np.float64]
    households: NDArray[np.int64]
    premises: NDArray[np.int64]
    drop_nok: NDArray[np.float64]
    kommune: NDArray[np.object_]
    route_of_connection: NDArray[np.int64]


@dataclass
class _Part:
    """Premises gathered so far on the way from the tips; still open to more."""

    households: int
    capex_nok: float
    kommune: str
    gap_m: float
    carries: bool
    routes: list[int] = field(default_factory=list)


def _read_tree(
    routes: gpd.GeoDataFrame, connections: pd.DataFrame, premises: gpd.GeoDataFrame
) -> _TrenchTree:
    place = pd.Series(np.arange(len(routes)), index=routes["route_id"])
    upstream = place.reindex(routes["upstream_route"]).fillna(-1).to_numpy().astype(np.int64)
    at = place.reindex(connections["route_id"]).fillna(-1).to_numpy().astype(np.int64)
    people = premises.set_index("premises_id").reindex(connections["premises_id"])
    reached = at >= 0
    households = np.zeros(len(routes), dtype=np.int64)
    np.add.at(households, at[reached], people["households"].to_numpy()[reached])
    drop_nok = np.zeros(len(routes))
    np.add.at(drop_nok, at[reached], connections["drop_nok"].to_numpy()[reached])
    kommune = np.full(len(routes), "", dtype=object)
    kommune[at[reached]] = people["kommune"].to_numpy(dtype=object)[reached]
    children: list[list[int]] = [[] for _ in range(len(routes))]
    for route, above in enumerate(upstream):
        if above >= 0:
            children[above].append(route)
    order = [int(route) for route in np.flatnonzero(upstream < 0)]
    for route in order:
        order.extend(children[route])
    return _TrenchTree(
        upstream=upstream,
        from_tips=np.array(order[::-1], dtype=np.int64),
        children=children,
        length_m=routes["length_m"].to_numpy(),
        trench_nok=routes["trench_nok"].to_numpy().astype(float),
        households=households,
        premises=np.bincount(at[reached], minlength=len(routes)),
        drop_nok=drop_nok,
        kommune=kommune,
        route_of_connection=at,
    )


def _partition(tree: _TrenchTree, choices: AreaChoices) -> NDArray[np.int64]:
    """Give every route with premises at its far end the number of its area; −1 elsewhere.

    At most one part is open at any point of the tree, and of the branches that meet, at
    most one with closed areas behind it stays open. So the trench that an area shares with
    others is one path, and the areas hang on it as a forest.
    """
    label = np.full(len(tree.upstream), _SHARED)
    open_part: list[_Part | None] = [None] * len(tree.upstream)
    behind = np.zeros(len(tree.upstream), dtype=bool)
    count = 0

    def close(part: _Part) -> None:
        nonlocal count
        label[part.routes] = count
        count += 1

    for route in tree.from_tips:
        below = tree.children[route]
        parts = [part for child in below if (part := open_part[child]) is not None]
        carries = any(bool(behind[child]) for child in below)
        if tree.premises[route]:
            parts.append(
                _Part(
                    households=int(tree.households[route]),
                    capex_nok=float(tree.drop_nok[route]),
                    kommune=str(tree.kommune[route]),
                    gap_m=0.0,
                    carries=False,
                    routes=[int(route)],
                )
            )
        kept, closed = _settle(parts, choices)
        for part in closed:
            close(part)
        merged = _merge(kept, carries or bool(closed))
        if merged is not None:
            far = merged.gap_m + tree.length_m[route] > choices.longest_gap_m
            last = tree.upstream[route] < 0
            if last or (far and merged.households >= choices.fewest_households):
                close(merged)
                closed, merged = [merged], None
            else:
                merged.gap_m += tree.length_m[route]
                merged.capex_nok += tree.trench_nok[route]
        open_part[route] = merged
        behind[route] = carries or bool(closed)
        for child in below:
            open_part[child] = None
    return label


def _settle(parts: list[_Part], choices: AreaChoices) -> tuple[list[_Part], list[_Part]]:
    """Choose which of the parts that meet go on together; the others become areas."""
    by_size = sorted(parts, key=lambda part: (-part.households, part.routes))
    closed: list[_Part] = []
    if choices.keep_within_kommune and by_size:
        here = parts[-1].kommune if parts[-1].gap_m == 0 else by_size[0].kommune
        closed += [part for part in by_size if part.kommune != here]
        by_size = [part for part in by_size if part.kommune == here]
    carrying = [part for part in by_size if part.carries]
    for part in carrying[:-1]:
        by_size.remove(part)
        closed.append(part)
    while by_size and (
        sum(part.households for part in by_size) > choices.most_households
        or sum(part.capex_nok for part in by_size) > choices.highest_capex_nok
    ):
        closed.append(by_size.pop(0))
    return by_size, closed


def _merge(parts: list[_Part], carries: bool) -> _Part | None:
    if not parts:
        return None
    return _Part(
        households=sum(part.households for part in parts),
        capex_nok=sum(part.capex_nok for part in parts),
        kommune=parts[0].kommune,
        gap_m=min(part.gap_m for part in parts),
        carries=carries or any(part.carries for part in parts),
        routes=[route for part in parts for route in part.routes],
    )


def _owners(
    tree: _TrenchTree, label: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give for each route the one area that needs it (or that several do), and how many do."""
    owner = np.full(len(label), _NOBODY)
    below = np.zeros(len(label), dtype=np.int64)
    needing: list[set[int]] = [set() for _ in label]
    for route in tree.from_tips:
        sets = sorted((needing[child] for child in tree.children[route]), key=len)
        areas = sets.pop() if sets else set()
        for smaller in sets:
            areas |= smaller
        if label[route] >= 0:
            areas.add(int(label[route]))
        needing[route] = areas
        below[route] = len(areas)
        owner[route] = next(iter(areas)) if len(areas) == 1 else _SHARED
    return owner, below


def _pieces(
    tree: _TrenchTree, owner: NDArray[np.int64], below: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[int]]:
    """Give each stretch of trench that the same areas share a number, from lit fibre out."""
    piece = np.full(len(owner), -1)
    upstream_piece: list[int] = []
    for route in tree.from_tips[::-1]:
        if owner[route] != _SHARED:
            continue
        above = tree.upstream[route]
        if above >= 0 and below[above] == below[route]:
            piece[route] = piece[above]
        else:
            piece[route] = len(upstream_piece)
            upstream_piece.append(int(piece[above]) if above >= 0 else -1)
    return piece, upstream_piece


def _feeders(
    tree: _TrenchTree,
    label: NDArray[np.int64],
    owner: NDArray[np.int64],
    piece: NDArray[np.int64],
    n_areas: int,
) -> NDArray[np.int64]:
    """Give each area the outermost stretch of shared trench that it needs, or −1."""
    depth = np.zeros(len(label), dtype=np.int64)
    nearest = np.full(len(label), -1)
    for route in tree.from_tips[::-1]:
        above = tree.upstream[route]
        depth[route] = depth[above] + 1 if above >= 0 else 0
        if owner[route] == _SHARED:
            nearest[route] = route
        elif above >= 0:
            nearest[route] = nearest[above]
    feeder = np.full(n_areas, -1)
    deepest = np.full(n_areas, -1)
    for route in np.flatnonzero(label >= 0):
        shared, area = nearest[route], label[route]
        if shared >= 0 and depth[shared] > deepest[area]:
            deepest[area] = depth[shared]
            feeder[area] = piece[shared]
    return feeder


def _members(
    tree: _TrenchTree,
    label: NDArray[np.int64],
    premises: gpd.GeoDataFrame,
    connections: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Give the premises that are reached, with the number of their area."""
    area = np.append(label, -1)[tree.route_of_connection]
    number = pd.Series(area, index=connections["premises_id"])
    reached = premises.assign(area=number.reindex(premises["premises_id"]).to_numpy())
    return reached[reached["area"] >= 0]


def _area_ids(members: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Name each area by its kommune and the kilometre square of its middle premises.

    Small changes of the input leave most names as they are; they tell where the area is.
    """
    middle = (
        pd.DataFrame(
            {
                "area": members["area"].to_numpy(),
                "kommune": members["kommune"].to_numpy(),
                "x": shapely.get_x(members.geometry.to_numpy()),
                "y": shapely.get_y(members.geometry.to_numpy()),
            }
        )
        .groupby("area")
        .agg(kommune=("kommune", "first"), x=("x", "median"), y=("y", "median"))
    )
    names = [
        f"{kommune}-{int(x // 1000)}-{int(y // 1000)}"
        for kommune, x, y in zip(middle["kommune"], middle["x"], middle["y"], strict=True)
    ]
    return _distinct(names)


def _piece_ids(
    tree: _TrenchTree, piece: NDArray[np.int64], routes: gpd.GeoDataFrame, taken: set[str]
) -> NDArray[np.object_]:
    """Name each stretch of shared trench by the kilometre square where it ends."""
    names: dict[int, str] = {}
    ends = shapely.get_coordinates(shapely.point_on_surface(routes.geometry.to_numpy()))
    for route in tree.from_tips:
        if piece[route] >= 0 and int(piece[route]) not in names:
            x, y = ends[route]
            names[int(piece[route])] = f"F-{int(x // 1000)}-{int(y // 1000)}"
    return _distinct([names[i] for i in range(len(names))], taken)


def _distinct(names: list[str], taken: set[str] | None = None) -> NDArray[np.object_]:
    """Add a letter to names that would repeat: ``-b``, ``-c`` and so on."""
    seen: Counter[str] = Counter(taken or ())
    result = np.empty(len(names), dtype=object)
    for i, name in enumerate(names):
        seen[name] += 1
        result[i] = name if seen[name] == 1 else f"{name}-{_letters(seen[name])}"
    return result


def _letters(number: int) -> str:
    """Write 1 as a, 2 as b … 27 as aa."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _area_rows(
    members: gpd.GeoDataFrame, ids: NDArray[np.object_], feeder: NDArray[np.object_]
) -> gpd.GeoDataFrame:
    if members.empty:
        return gpd.GeoDataFrame(
            {"area_id": [], "kind": [], "name": [], "kommune": [], "feeder_area": [], "premises": [],
             "households": [], "weighted_households": []},
            geometry=[], crs=WORKING_CRS,
        )  # fmt: skip
    groups = members.groupby("area")
    return gpd.GeoDataFrame(
        {
            "area_id": ids,
            "kind": "area",
            "name": _names(members),
            "kommune": groups["kommune"].agg(lambda codes: codes.mode().iloc[0]).to_numpy(),
            "feeder_area": feeder,
            "premises": groups.size().to_numpy(),
            "households": groups["households"].sum().to_numpy(),
            "weighted_households": groups["priority_weight"].sum().to_numpy(),
        },
        geometry=_polygons(members),
        crs=WORKING_CRS,
    )


def _names(members: gpd.GeoDataFrame) -> list[str]:
    """Name each area after its one or two commonest streets."""
    names = []
    for _, group in members.groupby("area"):
        streets = group.loc[group["street"] != "", "street"].value_counts(sort=False)
        ordered = streets.sort_index().sort_values(ascending=False, kind="stable")
        names.append(" og ".join(ordered.index[:2]) or str(group["address"].iloc[0]))
    return [
        str(name) if number == "" else f"{name} ({number})"
        for name, number in zip(names, _repeats(names), strict=True)
    ]


def _repeats(names: list[str]) -> list[str]:
    total, seen = Counter(names), Counter[str]()
    numbers = []
    for name in names:
        seen[name] += 1
        numbers.append(str(seen[name]) if total[name] > 1 else "")
    return numbers


def _polygons(members: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Draw each area as what lies within reach of its premises and nearer to them than to others."""
    points, place = np.unique(
        shapely.get_coordinates(members.geometry.to_numpy()), axis=0, return_inverse=True
    )
    discs = shapely.buffer(shapely.points(points), _REACH_M, quad_segs=6)
    cells = discs
    if len(points) > 1:
        seeds = shapely.multipoints(points)
        zone = shapely.buffer(shapely.envelope(seeds), 2 * _REACH_M)
        diagram = shapely.voronoi_polygons(seeds, extend_to=zone, ordered=True)
        cells = shapely.intersection(shapely.get_parts(diagram), discs)
    area_of_point = (
        pd.Series(members["area"].to_numpy(), index=place.ravel()).groupby(level=0).first()
    )
    merged = gpd.GeoSeries(cells).groupby(area_of_point.to_numpy()).agg(shapely.union_all)
    return np.asarray(merged.to_numpy(), dtype=object)


def _piece_rows(
    tree: _TrenchTree,
    piece: NDArray[np.int64],
    upstream_piece: list[int],
    piece_ids: NDArray[np.object_],
    label: NDArray[np.int64],
    areas: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Make rows for the shared trench, named after the largest area that it leads to."""
    largest: dict[int, tuple[int, str, str]] = {}
    best: list[tuple[int, str, str]] = [(-1, "", "")] * len(label)
    households, names = areas["households"].to_numpy(), areas["name"].to_numpy()
    kommune = areas["kommune"].to_numpy()
    for route in tree.from_tips:
        candidates = [best[child] for child in tree.children[route]]
        if (area := label[route]) >= 0:
            candidates.append((int(households[area]), str(names[area]), str(kommune[area])))
        best[route] = max(candidates, default=(-1, "", ""))
        if piece[route] >= 0:
            largest[int(piece[route])] = best[route]
    shared = piece >= 0
    lines = gpd.GeoSeries(routes.geometry.to_numpy()[shared]).groupby(piece[shared])
    polygons = lines.agg(lambda part: shapely.buffer(shapely.union_all(part.to_numpy()), 10.0))
    order = range(len(piece_ids))
    above = np.append(piece_ids, "")
    return gpd.GeoDataFrame(
        {
            "area_id": piece_ids,
            "kind": "feeder",
            "name": [f"Fellesgrøft mot {largest[i][1]}" for i in order],
            "kommune": [largest[i][2] for i in order],
            "feeder_area": above[upstream_piece] if upstream_piece else [],
            "premises": 0,
            "households": 0,
            "weighted_households": 0.0,
        },
        geometry=polygons.to_numpy() if len(piece_ids) else [],
        crs=WORKING_CRS,
    )


def _with_money_columns(areas: pd.DataFrame) -> gpd.GeoDataFrame:
    text = dict.fromkeys(("area_id", "kind", "name", "kommune", "feeder_area"), "str")
    numbers = {"premises": "int64", "households": "int64", "weighted_households": "float64"}
    typed = areas.astype({**text, **numbers}).sort_values("area_id", ignore_index=True)
    money = dict.fromkeys(("capex_nok", "operator_nok", "local_nok", "grant_nok"), 0)
    technology = pd.array(["fibre"] * len(typed), dtype="str")
    return gpd.GeoDataFrame(
        typed.assign(technology=technology, trench_m=0.0, **money), crs=WORKING_CRS
    )
