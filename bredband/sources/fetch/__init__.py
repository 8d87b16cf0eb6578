"""Fetch the open files of a kommune or fylke from their publishers."""

from bredband.sources.fetch.area import Area, Hosts, fetch_area, find_area
from bredband.sources.fetch.download import Patience, download

__all__ = [
    "Area",
    "Hosts",
    "Patience",
    "download",
    "fetch_area",
    "find_area",
]
