"""Every kernel of this room made ready before a clock starts."""

from __future__ import annotations

import time
from functools import cache

import numpy as np

from bredband.network.steiner.cuts import CutProblem, cut_rounds
from bredband.network.steiner.dualascent import dual_ascent, entering_arcs, least_use
from bredband.network.steiner.graph import IntArray
from bredband.network.steiner.heap import label_components, prune
from bredband.network.steiner.localsearch import local_search
from bredband.network.steiner.mehlhorn import mehlhorn_tree
from bredband.network.steiner.prizes import extend, grow_tree, priced_ascent, prune_by_price
from bredband.network.steiner.reductions import (
    contract,
    drop_parallel,
    join_chains,
    simplify,
    unreduced,
)

_SIDE = 6


@cache
def load_kernels() -> None:
    """Compile the kernels, or read them from the cache on disk, by a walk through a tiny grid.

    The first search on a machine compiles for half a minute. A time limit is for searching, so
    every search calls this before its clock starts; otherwise the first answer on a machine
    would be another than the second.
    """
    tail, head = _grid()
    n = _SIDE * _SIDE
    terminals = np.arange(0, n, 7)
    reduced = unreduced(n, tail, head, (1 + tail % 3).astype(np.float64), terminals)
    net, root = reduced.net(), int(terminals[0])
    simplify(join_chains(drop_parallel(contract(reduced, np.array([0])))))
    label_components(n, tail, head)
    tree = local_search(net, terminals, mehlhorn_tree(net, terminals), time.thread_time() + 60.0)
    terminal = np.isin(np.arange(n), terminals)
    prune(n, tail, head, tree, terminal)
    entering, unpaid = entering_arcs(net), np.repeat(net.weight, 2)
    dual_ascent(net.start, net.vertex, entering, unpaid, terminals, root, 0)
    least_use(net, entering, unpaid, terminals, root)
    problem = CutProblem(net, entering, root, terminal, np.zeros(n))
    next(cut_rounds(problem, time.thread_time() + 60.0))


@cache
def load_prize_kernels() -> None:
    """Load also the kernels that only a tree within a budget or with prizes needs."""
    load_kernels()
    tail, head = _grid()
    n = _SIDE * _SIDE
    terminal = np.arange(n) % 7 == 0
    net = unreduced(n, tail, head, np.ones(tail.size), np.flatnonzero(terminal)).net()
    root, prize = 0, terminal.astype(np.float64)
    priced_ascent(net, root, prize)
    inside = prune_by_price(net, root, grow_tree(net, root, terminal), prize)
    extend(net, inside, prize, 1.0, 0.0)


def _grid() -> tuple[IntArray, IntArray]:
    number = np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    return tail, head
