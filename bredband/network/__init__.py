"""The cheapest network from lit fibre to the unserved, along the roads."""

from bredband.network.cabinets import place_cabinets
from bredband.network.design import Design, design, split_roads
from bredband.network.drops import locate_drops
from bredband.network.junctions import Joined, join

__all__ = ["Design", "Joined", "design", "join", "locate_drops", "place_cabinets", "split_roads"]
