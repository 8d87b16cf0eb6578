"""OpenStreetMap extracts (``.osm``, ``.osm.pbf``): roads and addresses."""

from bredband.sources.osm.addresses import read_addresses
from bredband.sources.osm.roads import read_roads

__all__ = ["read_addresses", "read_roads"]
