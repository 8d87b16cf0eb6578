"""Kartverket: Matrikkelen addresses and buildings, borders and N50 land cover."""

from bredband.sources.kartverket.addresses import read_addresses
from bredband.sources.kartverket.borders import read_borders
from bredband.sources.kartverket.buildings import read_buildings
from bredband.sources.kartverket.landcover import read_landcover

__all__ = [
    "read_addresses",
    "read_borders",
    "read_buildings",
    "read_landcover",
]
