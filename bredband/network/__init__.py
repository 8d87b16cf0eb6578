"""The cheapest network from lit fibre to the unserved, along the roads."""

from bredband.network.design import design, locate_drops, split_roads
from bredband.network.junctions import Joined, join

__all__ = ["Joined", "design", "join", "locate_drops", "split_roads"]
