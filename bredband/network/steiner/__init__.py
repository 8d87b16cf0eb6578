"""Cheapest trees in a weighted graph, each with a proven bound on the best (Steiner trees)."""

from bredband.network.steiner.collect import (
    bound_of_prizes,
    budget_tree,
    prize_collecting_tree,
)
from bredband.network.steiner.graph import Graph, Tree
from bredband.network.steiner.tree import steiner_tree

__all__ = [
    "Graph",
    "Tree",
    "bound_of_prizes",
    "budget_tree",
    "prize_collecting_tree",
    "steiner_tree",
]
