"""County plans into one plan for the whole municipal sector."""

from bredband.sector.frontier import Frontier, frontier

__all__ = ["Frontier", "frontier"]
