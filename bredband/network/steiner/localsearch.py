"""Better trees by exchange and insertion, pass after pass."""

from __future__ import annotations

import time

import numpy as np

from bredband.network.steiner.borders import Labels
from bredband.network.steiner.exchange import exchange_keys
from bredband.network.steiner.graph import BoolArray, IntArray, Net
from bredband.network.steiner.heap import regions
from bredband.network.steiner.insertion import insert_vertices
from bredband.network.steiner.mehlhorn import polish
from bredband.network.steiner.rooted import tree_vertices

MAX_STEPS = 200_000_000
"""Most steps along the tree while vertices are taken in, in one pass."""

MAX_PASSES = 40
"""Most passes; the search ends sooner when a pass finds nothing better."""


def local_search(net: Net, terminals: IntArray, tree: BoolArray, deadline: float) -> BoolArray:
    """Exchange until no move helps, or the deadline (``time.thread_time``) has passed."""
    terminal = np.zeros(net.start.size - 1, dtype=np.bool_)
    terminal[terminals] = True
    value = float(net.weight[tree].sum())
    for _ in range(MAX_PASSES):
        if time.thread_time() > deadline:
            break
        inside = insert_vertices(net, tree, terminals[0], MAX_STEPS)
        step = polish(net, inside, terminals)
        bases = np.flatnonzero(tree_vertices(net, step))
        if bases.size == 0:
            break
        labels = Labels(*regions(net, bases))
        inside = exchange_keys(net, terminal, step, terminals[0], labels)
        step = polish(net, inside, terminals)
        reached = float(net.weight[step].sum())
        if reached >= value * (1 - 1e-12):
            break
        tree, value = step, reached
    return tree
