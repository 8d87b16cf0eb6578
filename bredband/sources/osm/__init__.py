"""OpenStreetMap extracts (``.osm``, ``.osm.pbf``): roads, addresses and borders."""

from bredband.sources.osm.addresses import read_addresses
from bredband.sources.osm.borders import read_borders
from bredband.sources.osm.roads import read_roads

__all__ = ["read_addresses", "read_borders", "read_roads"]
