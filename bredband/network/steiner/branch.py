"""Branch and bound: with a vertex and without it, where cuts alone leave a gap."""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import count

import numpy as np

from bredband.network.steiner.reductions import Reduced, select
from bredband.network.steiner.search import Best, Effort, Open, is_done, search

MOST_BRANCHES = 200
"""Most parts that are split."""

CLOSED_SHARE = 1e-10
"""A part whose gap is less than this share of its tree is closed."""

WHOLE = 1e-3
"""A vertex entered this near 0 or 1 times is decided."""


def branch(best: Best, left: Open, effort: Effort) -> Best:
    """Split what is open, the part with the lowest bound first, until the gap is closed.

    The tree either passes a vertex or it does not (Hwang, Richards and Winter 1992): the vertex
    becomes a terminal, or goes. No tree of either part is cheaper than its bound, so the lowest
    of the bounds holds for all. The number of branches is limited, not only the time, so that
    the answer does not hang on the clock.
    """
    turn, settled = count(), np.inf
    waiting = [(best.bound, next(turn), left)]
    for _ in range(MOST_BRANCHES):
        if not waiting or is_done(best, effort):
            break
        bound, _, part = heapq.heappop(waiting)
        vertex = _undecided(part)
        if vertex < 0:
            heapq.heappush(waiting, (bound, next(turn), part))
            break
        for half in _halves(part.reduced, vertex):
            found, rest = search(replace(best, bound=bound), half, effort)
            best = replace(found, bound=best.bound)
            if found.value - found.bound > CLOSED_SHARE * found.value:
                heapq.heappush(waiting, (found.bound, next(turn), rest or _unseen(half)))
            else:
                settled = min(settled, found.bound)
        lowest = min(settled, waiting[0][0] if waiting else np.inf, best.value)
        best = replace(best, bound=max(best.bound, lowest))
    return best


def _undecided(part: Open) -> int:
    """Give the vertex that the cuts are least sure of, or −1; where they are as unsure, the first."""
    reduced, share = part.reduced, part.arc_share
    entered = np.bincount(reduced.head, share[0::2], reduced.n_vertices)
    entered += np.bincount(reduced.tail, share[1::2], reduced.n_vertices)
    entered[reduced.terminals] = 1.0
    doubt = np.minimum(entered, 1.0 - entered)
    vertex = int(doubt.argmax())
    return vertex if doubt[vertex] > WHOLE else -1


def _halves(reduced: Reduced, vertex: int) -> tuple[Reduced, Reduced]:
    """Give the graph with the vertex among those to join, and the graph without it."""
    passed = replace(reduced, terminals=np.union1d(reduced.terminals, [vertex]))
    return passed, select(reduced, (reduced.tail != vertex) & (reduced.head != vertex))


def _unseen(reduced: Reduced) -> Open:
    """Leave a part open whose cuts were not reached; nothing is known of its arcs."""
    return Open(reduced, np.zeros(2 * reduced.tail.size))
