"""Measure the tree search on published instances: value, bound, gap, seconds and ratios.

Usage: ``python scripts/bench/steiner.py FILE… [--seconds 60] [--budget 0.25 0.5 0.75] [--perturb]``

``FILE`` is a PACE ``.gr`` or SteinLib ``.stp`` file (gzipped or not) or a Santa Cruz folder.
Each tree is checked from its edges alone before its line is printed. The ratios are values
against our value: networkx's ``steiner_tree`` (its default, Mehlhorn) and
our own Mehlhorn tree, all from the same run. ``--budget`` adds, for the street folders, the
most premises within those shares of the full tree's length. ``--perturb`` adds, for every file,
six other instances of its family (``instances.perturb``). Terminals that no edge joins to most of
the others are counted as ``unreachable`` and left out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import networkx as nx
import numpy as np
from instances import PERTURBATIONS, Instance, perturb, read_instance

from bredband.errors import InputError
from bredband.network.steiner import Graph, budget_tree, steiner_tree
from bredband.network.steiner.check import components, tree_value
from bredband.network.steiner.graph import make_net
from bredband.network.steiner.mehlhorn import mehlhorn_tree


def main() -> None:
    """Read the files named, solve each and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--budget", type=float, nargs="*", default=[], metavar="SHARE")
    parser.add_argument("--perturb", action="store_true", help="also six perturbed copies of each")
    parser.add_argument("--no-networkx", action="store_true", help="leave networkx out")
    options = parser.parse_args()
    for path in options.files:
        try:
            instance = read_instance(path)
        except InputError as fault:
            raise SystemExit(f"Feil: {fault}") from None
        value = measure_tree(instance, options.seconds, with_networkx=not options.no_networkx)
        for seed, kind in enumerate(PERTURBATIONS if options.perturb else ()):
            other = perturb(instance, kind, seed)
            measure_tree(other, options.seconds, with_networkx=not options.no_networkx)
        if instance.root is not None:
            for share in options.budget:
                measure_budget(instance, share, share * value, options.seconds)


def measure_tree(instance: Instance, seconds: float, *, with_networkx: bool) -> float:
    """Print the line of the tree that joins all terminals; return its value."""
    graph, (terminals, lost) = instance.graph, reachable(instance)
    tree = steiner_tree(graph, terminals, seconds=seconds)
    value = tree_value(graph, tree.edges, terminals)
    began = time.perf_counter()
    net = make_net(graph.n_vertices, graph.tail, graph.head, graph.weight)
    plain = np.flatnonzero(mehlhorn_tree(net, terminals))
    plain_value = tree_value(graph, plain, terminals)
    plain_seconds = time.perf_counter() - began
    line = (
        f"{instance.name} value={value:.6g} bound={tree.bound:.6g} "
        if value >= 1e9
        else f"{instance.name} value={value:.2f} bound={tree.bound:.2f} "
    )
    line += (
        f"gap_percent={100 * tree.gap_share:.4f} seconds={tree.seconds:.2f} status={tree.status} "
        f"mehlhorn_ratio={ratio(plain_value, value):.5f} mehlhorn_seconds={plain_seconds:.2f}"
    )
    if lost:
        line += f" unreachable={lost}"
    if with_networkx and terminals.size > 1:
        other_value, other_seconds = networkx_value(graph, terminals)
        line += (
            f" networkx_ratio={ratio(other_value, value):.5f} networkx_seconds={other_seconds:.2f}"
        )
    print(line, flush=True)
    return value


def reachable(instance: Instance) -> tuple[np.ndarray, int]:
    """Return the terminals of the part that holds most of them, and how many lie elsewhere."""
    terminals = np.unique(instance.terminals)
    part = components(instance.graph)[terminals]
    inside = part == np.bincount(part).argmax()
    return terminals[inside], int((~inside).sum())


def ratio(value: float, ours: float) -> float:
    """Divide; two values of nothing are alike."""
    return 1.0 if value == ours else value / ours if ours else np.inf


def networkx_value(graph: Graph, terminals: np.ndarray) -> tuple[float, float]:
    """Return the length and the seconds of networkx's tree (its default method, Mehlhorn)."""
    component = components(graph)
    inside = component[graph.tail] == component[terminals[0]]
    plain = nx.Graph()
    order = np.flatnonzero(inside)
    # of parallel edges networkx keeps the last, so the cheapest comes last
    for e in order[np.argsort(-graph.weight[order], kind="stable")]:
        plain.add_edge(int(graph.tail[e]), int(graph.head[e]), weight=float(graph.weight[e]))
    began = time.perf_counter()
    tree = nx.algorithms.approximation.steiner_tree(plain, terminals.tolist(), method="mehlhorn")
    seconds = time.perf_counter() - began
    return float(tree.size(weight="weight")), seconds


def measure_budget(instance: Instance, share: float, budget: float, seconds: float) -> None:
    """Print the line of the most terminals reached from the root within a budget."""
    count = np.zeros(instance.graph.n_vertices)
    count[instance.terminals] = 1.0
    root = np.array([instance.root])
    tree = budget_tree(instance.graph, root, count, budget, seconds=seconds)
    spent = float(instance.graph.weight[tree.edges].sum())
    print(
        f"{instance.name}@{100 * share:.0f}% value={tree.value:.0f} bound={tree.bound:.2f} "
        f"gap_percent={100 * tree.gap_share:.4f} seconds={tree.seconds:.2f} "
        f"status={tree.status} spent={spent:.2f} budget={budget:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
