"""A tree that local search leaves cannot be made cheaper by any single move, tried one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array

from bredband.network.steiner import Graph
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.mehlhorn import mehlhorn_tree, polish
from bredband.network.steiner.rooted import tree_vertices
from tests.network.towns import net_of, town

FOREVER = 1e18


def distances(graph: Graph) -> NDArray[np.float64]:
    n = graph.n_vertices
    ways = csr_array((graph.weight, (graph.tail, graph.head)), shape=(n, n))
    return np.asarray(csgraph.dijkstra(ways, directed=False))


def parts(n: int, edges: list[tuple[int, int]], vertices: set[int]) -> list[set[int]]:
    """The vertices in groups that the edges hold together."""
    left, found = set(vertices), []
    while left:
        group, more = set(), {left.pop()}
        while more:
            group |= more
            more = {b for e in edges for a, b in (e, e[::-1]) if a in more} - group
        found.append(group)
        left -= group
    return found


def joined_m(groups: list[set[int]], apart: NDArray[np.float64]) -> float:
    """What it costs to join groups by the shortest ways between them."""
    pairs = sorted(
        (float(apart[np.ix_(sorted(a), sorted(b))].min()), i, j)
        for (i, a), (j, b) in itertools.combinations(enumerate(groups), 2)
    )
    above, cost = list(range(len(groups))), 0.0
    for length, i, j in pairs:
        if above[i] != above[j]:
            cost += length
            above = [above[j] if x == above[i] else x for x in above]
    return cost


def single_moves(graph: Graph, terminals: set[int], tree: NDArray[np.bool_]) -> dict[str, float]:
    """What each move would save: a vertex put in, a key path exchanged, a key vertex taken out."""
    net, apart = net_of(graph), distances(graph)
    chosen = [(int(graph.tail[e]), int(graph.head[e])) for e in np.flatnonzero(tree)]
    length = float(graph.weight[tree].sum())
    weight = {frozenset(edge): float(apart[edge]) for edge in chosen}
    saved = {}
    inside = tree_vertices(net, tree)
    for v in np.flatnonzero(~inside):
        more = inside.copy()
        more[v] = True
        again = polish(net, more, np.array(sorted(terminals)))
        saved[f"put in {v}"] = length - float(graph.weight[again].sum())
    degree = np.bincount(np.ravel(chosen), minlength=graph.n_vertices)
    keys = {v for v in range(graph.n_vertices) if degree[v] >= 3} | terminals
    paths = []
    for key in keys:
        for first in (set(e) - {key} for e in chosen if key in e):
            path = [key, *first]
            while path[-1] not in keys:
                (on,) = {u for e in chosen if path[-1] in e for u in e} - {*path[-2:]}
                path.append(on)
            paths.append(path)
    every = set(np.flatnonzero(inside).tolist())

    def without(gone: list[list[int]]) -> tuple[float, list[tuple[int, int]], set[int]]:
        lost = {frozenset(pair) for path in gone for pair in itertools.pairwise(path)}
        inner = {v for path in gone for v in path[1:-1]}
        left = [e for e in chosen if frozenset(e) not in lost]
        return sum(weight[e] for e in lost), left, every - inner

    for path in paths:
        cost, left, vertices = without([path])
        again = joined_m(parts(graph.n_vertices, left, vertices), apart)
        saved[f"exchange {path}"] = cost - again
    for key in keys - terminals:
        cost, left, vertices = without([path for path in paths if path[0] == key])
        again = joined_m(parts(graph.n_vertices, left, vertices - {key}), apart)
        saved[f"take out {key}"] = cost - again
    return saved


@pytest.mark.parametrize("seed", range(12))
def test_no_single_move_makes_the_tree_cheaper(seed: int) -> None:
    graph = town(9, seed)
    terminals = np.random.default_rng(seed).choice(81, 14, replace=False)
    net = net_of(graph)
    first = mehlhorn_tree(net, terminals)
    before = single_moves(graph, set(terminals.tolist()), first)
    better = local_search(net, terminals, first, FOREVER)
    assert (max(before.values()) > 1e-9) == (graph.weight[better].sum() < graph.weight[first].sum())
    after = single_moves(graph, set(terminals.tolist()), better)
    assert {kind.split()[0] for kind in after} >= {"put", "exchange"}
    worst = max(after, key=lambda move: after[move])
    assert after[worst] < 1e-9, worst
