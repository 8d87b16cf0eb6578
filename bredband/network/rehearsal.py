"""Design one invented network, so that every kernel of the room is compiled and kept on disk."""

from __future__ import annotations

import numpy as np

from bredband.kernel import is_compiled
from bredband.network.steiner import Graph, steiner_tree
from bredband.network.steiner.exchange import exchange_keys

SIDE = 16
"""Junctions along each side of the invented grid of roads."""

EVERY = 11


def rehearse() -> None:
    """Design a small network for nobody: the next design on this machine starts at once."""
    random = np.random.default_rng(0)
    place = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    tail = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    head = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    graph = Graph(tail, head, random.integers(1, 9, tail.size).astype(np.float64), place.size)
    steiner_tree(graph, place.ravel()[::EVERY], roots=place[0, :1])


def is_rehearsed() -> bool:
    """Tell whether the kernels are on this disk."""
    return is_compiled(exchange_keys)
