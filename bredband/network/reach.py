"""The most that any trench tree could reach for the money: a bound over all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.network.design import split_roads
from bredband.network.drops import locate_drops
from bredband.network.junctions import Joined
from bredband.network.steiner import Graph, bound_of_prizes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PRICES = 13
"""Prices of a krone that are tried first, evenly in the logarithm."""
_LOWEST, _HIGHEST = 0.2, 12.0
"""The lowest and the highest of them, as shares of what all areas count per krone."""
_CLOSER = 2
"""Times that the prices beside the best ones are tried."""


@dataclass(frozen=True)
class Prospects:
    """What each area counts, and what it costs beside trench; arrays of shape (areas,).

    ``extra_nok`` is drops less what the operator pays, so it may be below zero. ``free_weight``
    and ``free_nok`` are for the best way without trench (radio); 0 and infinity if there is none.
    """

    area_id: NDArray[np.object_]
    weight: Floats
    extra_nok: Floats
    free_weight: Floats
    free_nok: Floats


def bound_reach(
    joined: Joined,
    premises: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    routes: gpd.GeoDataFrame,
    prospects: Prospects,
    money_nok: Sequence[float],
) -> Floats:
    r"""Bound what can be reached by the end of each year, whatever trench is dug.

    Areas are whole, as the plan has them, but their trench may be any. With a price
    :math:`\lambda` on a krone no choice :math:`S` of areas that costs at most :math:`B` counts
    for more than

    .. math:: \lambda B + \max_S \Big(\sum_{a \in S} (w_a - \lambda c_a) - \lambda\, d(S)\Big),

    where :math:`d(S)` is the cheapest trench that joins all premises of :math:`S` to lit fibre
    (Lagrange). The prize of an area is shared among its premises by what trench they need in
    the plan's tree; any sharing is a relaxation, for then a part of the prize may be had alone.
    What is left is a prize-collecting Steiner tree, and its dual bound is used. An area that
    may do without trench has that worth for nothing and only the rest as its prize. The
    figure holds for every price; the lowest over the prices tried is taken for each year.

    Parameters
    ----------
    joined
        The graph, its roads priced.
    premises, connections, routes
        Premises, their areas, and the plan's trench; it only guides the sharing of prizes.
    money_nok
        The build price that can be paid by the end of each year.

    Returns
    -------
    NDArray
        The most weighted households by the end of each year, shape ``(years,)``.
    """
    best = np.full(len(money_nok), float(prospects.weight.sum()))
    cost_nok = float(routes["trench_nok"].sum()) + float(np.maximum(prospects.extra_nok, 0).sum())
    if not best.any() or not cost_nok:
        return best
    worth_of = _Worth.of(joined, premises, connections, routes, prospects)
    money = np.asarray(money_nok, dtype=np.float64)
    first = best[0] / cost_nok * np.geomspace(_LOWEST, _HIGHEST, _PRICES)
    known = {float(price): worth_of.at(float(price)) for price in first}
    for _ in range(_CLOSER):
        known |= {price: worth_of.at(price) for price in _between(known, money)}
    for price, worth in known.items():
        best = np.minimum(best, price * money + worth)
    return best


@dataclass(frozen=True)
class _Worth:
    """The trench graph, and where the premises of each area hang on it.

    ``vertex``, ``area`` and ``share`` are per premises: of the prize of an area, each gets its
    share, and the shares of an area sum to 1.
    """

    graph: Graph
    roots: Ints
    vertex: Ints
    area: Ints
    share: Floats
    prospects: Prospects

    @classmethod
    def of(
        cls,
        joined: Joined,
        premises: gpd.GeoDataFrame,
        connections: pd.DataFrame,
        routes: gpd.GeoDataFrame,
        prospects: Prospects,
    ) -> _Worth:
        hangs = connections.set_index("premises_id").reindex(premises["premises_id"])
        place = pd.Index(prospects.area_id).get_indexer(pd.Index(hangs["area_id"]))
        inside = place >= 0
        road, along_m, _ = locate_drops(joined, premises)
        graph, vertex = split_roads(joined, road[inside], along_m[inside])
        area = place[inside].astype(np.int64)
        needs = _own_trench_nok(routes, hangs[inside]) + 1.0
        share = needs / np.bincount(area, needs, len(prospects.area_id))[area]
        net = Graph(graph.tail, graph.head, graph.trench_nok, graph.n_vertices)
        return cls(net, graph.roots, vertex, area, share, prospects)

    def at(self, price: float) -> float:
        """Bound from above what a price leaves of the best network: prizes less trench."""
        these = self.prospects
        free = np.maximum(these.free_weight - price * these.free_nok, 0.0)
        by_trench = np.maximum(these.weight - price * these.extra_nok - free, 0.0)
        prize = np.bincount(
            self.vertex, self.share * by_trench[self.area], minlength=self.graph.n_vertices
        ).astype(np.float64)
        graph = self.graph
        priced = Graph(graph.tail, graph.head, graph.weight * price, graph.n_vertices)
        return float(free.sum() + prize.sum()) - bound_of_prizes(priced, self.roots, prize)


def _own_trench_nok(routes: gpd.GeoDataFrame, connections: pd.DataFrame) -> Floats:
    """Share the trench that an area alone needs among the premises behind it."""
    place = {name: i for i, name in enumerate(routes["route_id"])}
    upstream = [place.get(name, -1) for name in routes["upstream_route"]]
    owner = routes["area_id"].tolist()
    same = [above if above >= 0 and owner[above] == owner[i] else -1
            for i, above in enumerate(upstream)]  # fmt: skip
    below: list[list[int]] = [[] for _ in upstream]
    order: list[int] = []
    for i, above in enumerate(upstream):
        (below[above] if above >= 0 else order).append(i)
    for i in order:
        order.extend(below[i])
    at = [place.get(name, -1) for name in connections["route_id"]]
    behind = np.bincount([i for i in at if i >= 0], minlength=len(order)).astype(np.float64)
    for i in reversed(order):
        if same[i] >= 0:
            behind[same[i]] += behind[i]
    each = routes["trench_nok"].to_numpy() / np.maximum(behind, 1.0)
    for i in order:
        if same[i] >= 0:
            each[i] += each[same[i]]
    mine = [i >= 0 and owner[i] == area for i, area in zip(at, connections["area_id"], strict=True)]
    return np.where(mine, each[at], 0.0)


def _between(known: dict[float, float], money: Floats) -> list[float]:
    """Give the prices halfway from the best one of each year to its neighbours."""
    prices = np.array(sorted(known))
    worth = np.array([known[price] for price in prices])
    new = set()
    for amount in money:
        best = int((prices * amount + worth).argmin())
        for other in (best - 1, best + 1):
            if 0 <= other < len(prices):
                new.add(float(np.sqrt(prices[best] * prices[other])))
    return sorted(new - set(known))
