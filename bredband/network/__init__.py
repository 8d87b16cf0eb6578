"""The cheapest network from lit fibre to the unserved, along the roads."""

from bredband.network.cabinets import place_cabinets
from bredband.network.design import Design, design
from bredband.network.drops import locate_drops
from bredband.network.junctions import Joined, join
from bredband.network.reach import Prospects, bound_reach
from bredband.network.rehearsal import is_rehearsed, rehearse

__all__ = [
    "Design",
    "Joined",
    "Prospects",
    "bound_reach",
    "design",
    "is_rehearsed",
    "join",
    "locate_drops",
    "place_cabinets",
    "rehearse",
]
