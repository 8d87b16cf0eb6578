"""Fetch the open files of a kommune or fylke from their publishers."""

from bredband.sources.fetch.area import Area, Hosts, fetch_area, find_area
from bredband.sources.fetch.download import Fetched, Patience, download, get_json

__all__ = [
    "Area",
    "Fetched",
    "Hosts",
    "Patience",
    "download",
    "fetch_area",
    "find_area",
    "get_json",
]
