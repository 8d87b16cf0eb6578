"""What joins what, and the check of a tree from its edges alone."""

from __future__ import annotations

import numpy as np

from bredband.errors import CheckError, PlanError
from bredband.network.steiner.graph import Graph, IntArray
from bredband.network.steiner.heap import label_components


def components(graph: Graph, edges: IntArray | None = None) -> IntArray:
    """Label the connected components that all edges, or the given ones, form."""
    chosen = np.arange(graph.n_edges) if edges is None else np.asarray(edges, dtype=np.int64)
    return label_components(graph.n_vertices, graph.tail[chosen], graph.head[chosen])


def require_connected(graph: Graph, terminals: IntArray, roots: IntArray) -> None:
    """Refuse terminals that no path joins to the roots (or to each other without roots).

    Raises
    ------
    PlanError
        With the number of terminals that cannot be reached.
    """
    if terminals.size == 0:
        return
    label = components(graph)
    allowed = label[roots] if roots.size else label[terminals[:1]]
    lost = int((~np.isin(label[terminals], allowed)).sum())
    if lost:
        raise PlanError(
            f"{lost} av {terminals.size} punkter kan ikke nås fra røttene i grafen.",
            advice="Legg til forbindelser (sjøkabel, korte lenker) eller ta punktene ut.",
        )


def tree_value(
    graph: Graph, edges: IntArray, terminals: IntArray, roots: IntArray | None = None
) -> float:
    """Return the length of a tree after checking it from its edges alone.

    Every terminal must be joined to a root (without roots: to the first terminal) and no
    edge may close a circle. The length is the float64 sum of the edges' own weights.

    Raises
    ------
    CheckError
        When a terminal is not joined or the edges hold a circle.
    """
    edges = np.asarray(edges, dtype=np.int64)
    label = components(graph, edges)
    if np.unique(edges).size != edges.size:
        raise CheckError("Treet har samme kant to ganger.")
    if graph.n_vertices - np.unique(label).size != edges.size:
        raise CheckError("Kantene danner en ring og er ikke et tre.")
    if terminals.size:
        start = terminals[:1] if roots is None or roots.size == 0 else roots
        if not np.isin(label[terminals], label[start]).all():
            raise CheckError("Treet når ikke alle punktene det skal.")
    return float(graph.weight[edges].sum())
