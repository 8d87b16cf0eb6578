"""Street networks for the tree searches: random towns, and what plain search says of them."""

from __future__ import annotations

import itertools

import numpy as np

from bredband.network.steiner import Graph
from bredband.network.steiner.graph import Net, make_net


def graph_of(n: int, *edges: tuple[int, int, float]) -> Graph:
    tail, head, weight = zip(*edges, strict=True)
    return Graph(np.array(tail), np.array(head), np.array(weight, dtype=float), n)


def net_of(graph: Graph) -> Net:
    """The graph as the searches walk it: each vertex with what it leads to."""
    return make_net(graph.n_vertices, graph.tail, graph.head, graph.weight)


def town(side: int, seed: int, *, ducts: float = 0.0) -> Graph:
    """Streets of a square town, some with a free duct."""
    random = np.random.default_rng(seed)
    place = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    head = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    weight = random.uniform(20, 200, tail.size).round(1)
    weight[random.random(tail.size) < ducts] = 0.0
    return Graph(tail, head, weight, side * side)


def spanning_length(graph: Graph, inside: set[int]) -> float:
    """The cheapest tree on exactly these vertices, infinite when they do not hang together."""
    above = {v: v for v in inside}

    def find(v: int) -> int:
        return v if above[v] == v else find(above[v])

    length, joined = 0.0, 1
    for e in np.argsort(graph.weight, kind="stable"):
        a, b = int(graph.tail[e]), int(graph.head[e])
        if a in inside and b in inside and find(a) != find(b):
            above[find(a)] = find(b)
            length += graph.weight[e]
            joined += 1
    return float(length) if joined == len(inside) else np.inf


def subsets(graph: Graph, core: set[int]) -> list[tuple[set[int], float]]:
    """Every vertex set with the core in it that hangs together, and its length."""
    others = sorted(set(range(graph.n_vertices)) - core)
    chosen = (
        core | set(more)
        for k in range(len(others) + 1)
        for more in itertools.combinations(others, k)
    )
    lengths = ((inside, spanning_length(graph, inside)) for inside in chosen)
    return [(inside, length) for inside, length in lengths if np.isfinite(length)]
