"""A plan as one HTML file that a council opens from disk, without any network."""

from bredband.maps.background import MAJOR_ROADS, Background
from bredband.maps.page import make_map, write_comparison, write_map, write_maps
from bredband.maps.sector import DrawnCounty, draw_county, write_sector_map

__all__ = [
    "MAJOR_ROADS", "Background", "DrawnCounty", "draw_county", "make_map", "write_comparison", "write_map", "write_maps",
    "write_sector_map",
]  # fmt: skip
