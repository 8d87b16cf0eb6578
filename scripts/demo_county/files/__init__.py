"""The files of the demo county, written as their publishers would deliver them."""

from .evidence import write_evidence
from .land import write_borders, write_deposits, write_land_cover, write_place_names
from .network import write_network, write_poles
from .nkom import write_nkom
from .roads import write_roads
from .ssb import write_ssb
from .table import write_csv, write_provenance
from .terrain import write_terrain, write_tile

__all__ = [
    "write_borders",
    "write_csv",
    "write_deposits",
    "write_evidence",
    "write_land_cover",
    "write_network",
    "write_nkom",
    "write_place_names",
    "write_poles",
    "write_provenance",
    "write_roads",
    "write_ssb",
    "write_terrain",
    "write_tile",
]
