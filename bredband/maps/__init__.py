"""A plan as one HTML file that a council opens from disk, without any network."""

from bredband.maps.background import Background
from bredband.maps.page import make_map, write_comparison, write_map, write_maps

__all__ = ["Background", "make_map", "write_comparison", "write_map", "write_maps"]
