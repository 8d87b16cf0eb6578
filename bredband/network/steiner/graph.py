"""Weighted graphs, the trees found in them, and the lists of neighbours that a search walks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from bredband.errors import InputError
from bredband.kernel import kernel

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Status = Literal["optimal", "feasible", "time_limit"]


@dataclass(frozen=True)
class Graph:
    """Hold an undirected graph as three arrays; edge ``i`` joins ``tail[i]`` and ``head[i]``.

    Parallel edges, loops and weights of zero (existing ducts) are allowed.

    Raises
    ------
    InputError
        When the arrays differ in length, name a vertex outside ``range(n_vertices)`` or hold
        a weight that is negative or not a number.
    """

    tail: IntArray
    head: IntArray
    weight: FloatArray
    n_vertices: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "tail", np.ascontiguousarray(self.tail, dtype=np.int64))
        object.__setattr__(self, "head", np.ascontiguousarray(self.head, dtype=np.int64))
        object.__setattr__(self, "weight", np.ascontiguousarray(self.weight, dtype=np.float64))
        if not self.tail.shape == self.head.shape == self.weight.shape or self.tail.ndim != 1:
            raise InputError("Grafens kanter må ha like mange fra-punkt, til-punkt og vekter.")
        if self.n_edges:
            low = min(self.tail.min(), self.head.min())
            high = max(self.tail.max(), self.head.max())
            if low < 0 or high >= self.n_vertices:
                raise InputError(
                    f"Grafen har {self.n_vertices} punkter, men en kant viser til et annet punkt."
                )
            if not np.isfinite(self.weight).all() or self.weight.min() < 0:
                raise InputError("Hver kant må ha en vekt som er et tall, null eller større.")

    @property
    def n_edges(self) -> int:
        """Return the number of edges."""
        return int(self.tail.size)


@dataclass(frozen=True)
class Tree:
    """Hold a tree (or forest) with its value, the proven bound and how the search ended.

    ``edges`` are sorted indices into the graph. ``gap_share`` is ``|value - bound|`` over the
    larger of the two. ``status`` is ``"optimal"`` only when the bound meets the value,
    ``"time_limit"`` when the time limit ended the search, else ``"feasible"``; ``seconds`` is the
    work of its thread.
    """

    edges: IntArray
    value: float
    bound: float
    gap_share: float
    seconds: float
    status: Status


class Net(NamedTuple):
    """Hold a graph ready for walking.

    The neighbours of ``v`` are ``vertex[start[v]:start[v + 1]]``, reached along ``edge`` at the
    same places. ``tail``, ``head`` and ``weight`` are the graph's own.
    """

    start: IntArray
    vertex: IntArray
    edge: IntArray
    tail: IntArray
    head: IntArray
    weight: FloatArray


def make_net(n_vertices: int, tail: IntArray, head: IntArray, weight: FloatArray) -> Net:
    """List each vertex's neighbours; loops are left out."""
    return Net(*_neighbours(n_vertices, tail, head), tail, head, weight)


@kernel
def _neighbours(n: int, tail: IntArray, head: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Sort the edges' ends by vertex, in time linear in their number."""
    start = np.zeros(n + 1, np.int64)
    for e in range(tail.size):
        if tail[e] != head[e]:
            start[tail[e] + 1] += 1
            start[head[e] + 1] += 1
    for v in range(n):
        start[v + 1] += start[v]
    place = start[:-1].copy()
    vertex = np.empty(start[n], np.int64)
    edge = np.empty(start[n], np.int64)
    for e in range(tail.size):
        a = tail[e]
        b = head[e]
        if a != b:
            vertex[place[a]] = b
            edge[place[a]] = e
            place[a] += 1
            vertex[place[b]] = a
            edge[place[b]] = e
            place[b] += 1
    return start, vertex, edge
