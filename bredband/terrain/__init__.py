"""Elevation: tiles mosaicked to one lattice, and sampled.

The only room that knows rasterio. A height that nobody measured is void (NaN); the sea is
not void: it has height 0 and is marked.
"""

from bredband.terrain.files import read_raster, write_raster
from bredband.terrain.mosaic import read_mosaic
from bredband.terrain.sampling import SAMPLE_STEP_M, sample, slope_along

__all__ = [
    "SAMPLE_STEP_M",
    "read_mosaic",
    "read_raster",
    "sample",
    "slope_along",
    "write_raster",
]
