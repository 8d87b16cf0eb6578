"""Cheapest trees in a weighted graph, each with a proven bound on the best (Steiner trees)."""

from bredband.network.steiner.graph import Graph, Tree
from bredband.network.steiner.tree import steiner_tree

__all__ = ["Graph", "Tree", "steiner_tree"]
