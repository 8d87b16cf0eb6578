"""The planner's own page: load a county, move a few levers, run, compare and print."""

from bredband.studio.serve import serve

__all__ = ["serve"]
