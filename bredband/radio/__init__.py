"""Reach premises from masts through the air, over real terrain."""

from bredband.radio.candidates import propose_masts
from bredband.radio.covering import Choice, choose_masts, list_candidates, reach_of_masts
from bredband.radio.diffraction import delta_bullington_db
from bredband.radio.networks import best_signal, modelled_availability, reach_by_owner
from bredband.radio.profile import Paths, Terrain, diffraction_db, make_terrain, trace_paths
from bredband.radio.sectors import sectors_of
from bredband.radio.signal_map import SignalMap, map_signal
from bredband.radio.sites import reach_premises

__all__ = [
    "Choice",
    "Paths",
    "SignalMap",
    "Terrain",
    "best_signal",
    "choose_masts",
    "delta_bullington_db",
    "diffraction_db",
    "list_candidates",
    "make_terrain",
    "map_signal",
    "modelled_availability",
    "propose_masts",
    "reach_by_owner",
    "reach_of_masts",
    "reach_premises",
    "sectors_of",
    "trace_paths",
]
