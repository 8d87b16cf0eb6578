"""The trench tree cut into deployment areas and shared trench."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.scenario.network import AreaChoices

SHARED = -1
_STUB_M = 1.0


@dataclass(frozen=True)
class TrenchTree:
    """Routes as a forest: ``upstream[i]`` is the next route towards lit fibre, or −1.

    ``households``, ``premises``, ``drop_nok`` and ``kommune`` are of the premises whose drops
    start at the far end of each route; ``place_m`` (n, 2) is where one of them stands, and
    ``ends_m`` (n, 2, 2) are the ends of the route itself.
    """

    upstream: NDArray[np.int64]
    from_tips: NDArray[np.int64]
    children: list[list[int]]
    length_m: NDArray[np.float64]
    trench_nok: NDArray[np.float64]
    households: NDArray[np.int64]
    premises: NDArray[np.int64]
    drop_nok: NDArray[np.float64]
    kommune: NDArray[np.object_]
    place_m: NDArray[np.float64]
    ends_m: NDArray[np.float64]
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


def read_tree(
    routes: gpd.GeoDataFrame, connections: pd.DataFrame, premises: gpd.GeoDataFrame
) -> TrenchTree:
    """Read the routes as a forest, with what hangs at the far end of each."""
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
    place_m = np.full((len(routes), 2), np.nan)
    place_m[at[reached]] = shapely.get_coordinates(people.geometry.to_numpy()[reached])
    children: list[list[int]] = [[] for _ in range(len(routes))]
    for route, above in enumerate(upstream):
        if above >= 0:
            children[above].append(route)
    order = [int(route) for route in np.flatnonzero(upstream < 0)]
    for route in order:
        order.extend(children[route])
    return TrenchTree(
        upstream=upstream,
        from_tips=np.array(order[::-1], dtype=np.int64),
        children=children,
        length_m=routes["length_m"].to_numpy(),
        trench_nok=routes["trench_nok"].to_numpy().astype(float),
        households=households,
        premises=np.bincount(at[reached], minlength=len(routes)),
        drop_nok=drop_nok,
        kommune=kommune,
        place_m=place_m,
        ends_m=_ends(routes),
        route_of_connection=at,
    )


def _ends(routes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    lines = routes.geometry.to_numpy()
    ends = [shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1)]
    return np.stack(ends, axis=1)


def partition(tree: TrenchTree, choices: AreaChoices) -> NDArray[np.int64]:
    """Give every route with premises at its far end the number of its area; −1 elsewhere.

    At most one part is open at any point of the tree, and of the branches that meet, at
    most one with closed areas behind it stays open. So the trench that an area shares with
    others is one path, and the areas hang on it as a forest.
    """
    label = np.full(len(tree.upstream), SHARED)
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


def owners(
    tree: TrenchTree, label: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give for each route the one area that needs it (or that several do), and how many do."""
    owner = np.full(len(label), SHARED)
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
        owner[route] = next(iter(areas)) if len(areas) == 1 else SHARED
    return owner, below


def own_capex_nok(
    tree: TrenchTree, label: NDArray[np.int64], owner: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Sum the trench that each area alone needs, and its drops."""
    own, served = owner >= 0, label >= 0
    trench_nok = np.bincount(owner[own], tree.trench_nok[own], count)
    drops_nok = np.bincount(label[served], tree.drop_nok[served], count)
    return np.asarray(trench_nok + drops_nok, dtype=np.float64)


def pieces(
    tree: TrenchTree, owner: NDArray[np.int64], below: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[int]]:
    """Give each stretch of trench that the same areas share a number, from lit fibre out.

    A stretch of less than a metre, where two branches leave almost together, goes with the
    stretch upstream of it.
    """
    piece = np.full(len(owner), -1)
    upstream_piece: list[int] = []
    for route in tree.from_tips[::-1]:
        if owner[route] != SHARED:
            continue
        above = tree.upstream[route]
        if above >= 0 and below[above] == below[route]:
            piece[route] = piece[above]
        else:
            piece[route] = len(upstream_piece)
            upstream_piece.append(int(piece[above]) if above >= 0 else -1)
    return _without_stubs(tree, piece, upstream_piece)


def _without_stubs(
    tree: TrenchTree, piece: NDArray[np.int64], upstream_piece: list[int]
) -> tuple[NDArray[np.int64], list[int]]:
    length_m = np.bincount(piece[piece >= 0], tree.length_m[piece >= 0], len(upstream_piece))
    into: list[int] = []
    kept: list[int] = []
    for number, above in enumerate(upstream_piece):
        if above >= 0 and length_m[number] < _STUB_M:
            into.append(into[above])
        else:
            into.append(len(kept))
            kept.append(into[above] if above >= 0 else -1)
    return np.append(np.array(into, dtype=np.int64), -1)[piece], kept


def feeders(
    tree: TrenchTree,
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
        if owner[route] == SHARED:
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
