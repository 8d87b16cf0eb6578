"""The cheapest network from lit fibre to the unserved, along the roads."""

from bredband.network.cabinets import place_cabinets
from bredband.network.design import Design, design, split_roads
from bredband.network.drops import locate_drops
from bredband.network.junctions import Joined, join
from bredband.network.reach import Prospects, bound_reach

__all__ = [
    "Design",
    "Joined",
    "Prospects",
    "bound_reach",
    "design",
    "join",
    "locate_drops",
    "place_cabinets",
    "split_roads",
]
