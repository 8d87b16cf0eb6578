"""A town where every street is as long: which of many trees as good is found, written down.

Each step has to choose between equals all the time here. Whatever changes the choice changes which
trench is dug where two are as cheap, and belongs under *Results change* in the changelog.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bredband.network.steiner import Graph, budget_tree, prize_collecting_tree, steiner_tree
from bredband.network.steiner.dualascent import dual_ascent, entering_arcs, least_use
from bredband.network.steiner.graph import Net, make_net
from bredband.network.steiner.heap import regions, spanning
from bredband.network.steiner.insertion import insert_vertices
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.mehlhorn import mehlhorn_tree, repeated_shortest_paths
from bredband.network.steiner.prizes import extend, priced_ascent, trim_to_budget
from bredband.network.steiner.reductions import drop_long, drop_parallel, simplify, unreduced
from tests.network.towns import town

SIDE = 7
HOMES = np.array([0, 3, 9, 20, 24, 30, 34, 43, 48])
FOREVER = 1e18


def even() -> tuple[Graph, Net]:
    streets = town(SIDE, 0)
    graph = Graph(streets.tail, streets.head, np.ones(streets.n_edges), SIDE * SIDE)
    return graph, make_net(graph.n_vertices, graph.tail, graph.head, graph.weight)


def seal(*found: NDArray[Any]) -> int:
    """Make one number of which places are marked, or of what stands in each place."""
    total = 0
    for array in found:
        values = np.flatnonzero(array) + 1 if array.dtype == np.bool_ else np.rint(4 * array)
        values = np.where(np.isfinite(values), values, -7).astype(np.int64)
        total = (31 * total + int(values @ (1 + np.arange(values.size) ** 2 % 997))) % 1_000_003
    return total


def choices() -> dict[str, int]:
    """Every step in turn, each on what the step before it chose."""
    graph, net = even()
    first = mehlhorn_tree(net, HOMES)
    grown = repeated_shortest_paths(net, HOMES, 24)
    better = local_search(net, HOMES, first, FOREVER)
    unpaid = np.repeat(net.weight, 2)
    entering = entering_arcs(net)
    bound, starts, members = dual_ascent(net.start, net.vertex, entering, unpaid, HOMES, 0, 500)
    use = least_use(net, entering, unpaid, HOMES, 0)
    prize = np.zeros(49)
    prize[HOMES] = 3.0
    ascent = priced_ascent(net, 0, prize, 500)
    doubled = unreduced(
        49, np.tile(graph.tail, 2), np.tile(graph.head, 2), np.ones(2 * graph.n_edges), HOMES
    )
    single = drop_parallel(doubled)
    shrunk = simplify(unreduced(49, graph.tail, graph.head, graph.weight, HOMES))
    kept = drop_long(unreduced(49, graph.tail, graph.head, graph.weight, HOMES))
    order = np.random.default_rng(0).permutation(graph.n_edges)
    return {
        "regions": seal(*regions(net, HOMES)),
        "spanning": seal(spanning(49, graph.tail, graph.head, order)),
        "mehlhorn": seal(first),
        "shortest paths": seal(grown),
        "insertion": seal(insert_vertices(net, grown, 24, 10_000)),
        "local search": seal(better),
        "dual ascent": seal(unpaid, starts, members, np.array([bound])),
        "least use": seal(use),
        "priced ascent": seal(ascent.worthwhile, ascent.guide, *ascent.cuts),
        "trimmed": seal(trim_to_budget(net, 24, grown, prize, 9.0)),
        "extended": seal(extend(net, np.arange(49) == 24, prize, 7.0, 0.0)),
        "parallel": seal(single.tail, single.head, single.parts),
        "shrunk": seal(shrunk.tail, shrunk.head, shrunk.weight, shrunk.terminals),
        "without the long": seal(kept.tail, kept.head),
        "tree": seal(steiner_tree(graph, HOMES).edges),
        "prizes": seal(prize_collecting_tree(graph, np.array([24]), 2 * prize).edges),
        "budget": seal(budget_tree(graph, np.array([24]), prize, 9.0).edges),
    }


CHOSEN = {
    "regions": 657098,
    "spanning": 862834,
    "mehlhorn": 142054,
    "shortest paths": 144046,
    "insertion": 92510,
    "local search": 142054,
    "dual ascent": 383384,
    "least use": 80340,
    "priced ascent": 385255,
    "trimmed": 2454,
    "extended": 2436,
    "parallel": 110250,
    "shrunk": 450487,
    "without the long": 681494,
    "tree": 482548,
    "prizes": 480560,
    "budget": 30728,
}


def test_which_of_those_as_good_is_chosen() -> None:
    assert choices() == CHOSEN
