"""What a metre of trench goes through: structure, surface, land cover and deposits, per link."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.tables import GROUND_CLASSES

SAMPLE_STEP_M = 25.0
_SAMPLES_AT_A_TIME = 1_000_000
"""A sample takes some 400 bytes until it is told what it lies in."""

BUILT_UP = ("Tettbebyggelse", "BymessigBebyggelse", "Industriområde", "Lufthavn", "Rullebane")
WATER = ("Havflate", "Innsjø", "InnsjøRegulert", "Elv", "Kanal", "ElvBekk")
LANDCOVER_GROUND = {
    **dict.fromkeys(BUILT_UP, "asphalt"),
    **dict.fromkeys(WATER, "water"),
    "Myr": "bog",
    "DyrketMark": "cultivated",
    "Skog": "forest",
    "ÅpentOmråde": "soft",
    "Park": "soft",
    "Golfbane": "soft",
    "SportIdrettPlass": "soft",
    "Alpinbakke": "soft",
    "Gravplass": "soft",
    "FerskvannTørrfall": "bog",
    "SnøIsbre": "rock",
    "Steinbrudd": "rock",
    "Steintipp": "rock",
}
"""N50 ``objtype`` to ground class, for a trench that follows no road."""

DEPOSIT_GROUND = ("rock", "bog", "water", "soft")
"""Ground classes that superficial deposits can tell; anything else is left to the land cover."""

_PATHS = ("path", "footway", "bridleway", "steps", "sti", "traktorveg", "track")
_OWN_GROUND = {"bridge": "bridge", "tunnel": "tunnel", "ferry": "water"}

Codes = NDArray[np.int64]


def classify(
    roads: gpd.GeoDataFrame,
    landcover: gpd.GeoDataFrame | None = None,
    deposits: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Give every road link the ground class that most of its length goes through.

    The rules, in order:

    1. A bridge or tunnel is ``bridge`` or ``tunnel``, and a ferry crosses ``water``.
    2. A proposed link or a path has no verge: it takes the land cover (water, bog,
       cultivated, forest, soft), but ``rock`` where the deposits are thin or bare rock.
    3. A road with asphalt is ``asphalt`` in built-up land, and wherever the land cover is
       not known: elsewhere there is a verge to dig in.
    4. Another road is ``rock`` where the deposits are thin, ``bog`` on bog, ``cultivated``
       through fields (the plough follows the road), else ``verge``.

    What a link goes through is sampled every 25 m and weighted by length; ties go to the
    class named first in the data model.

    Parameters
    ----------
    roads
        The table ``roads``.
    landcover
        The table ``landcover``, or None.
    deposits
        Polygons with ``deposit_class``: rock, bog, water or soft; or None.

    Returns
    -------
    geopandas.GeoDataFrame
        The roads with the column ``ground`` filled.
    """
    lines = np.asarray(roads.geometry.array, dtype=object)
    cover, soil = _most_of_each(lines, _grounds(landcover), _grounds(deposits))
    structure = roads["structure"].to_numpy(dtype=object)
    asphalt = (roads["surface"] == "asphalt").to_numpy(dtype=np.bool_)
    offroad = (structure == "link") | roads["road_class"].isin(_PATHS).to_numpy(dtype=np.bool_)
    rock = (soil == "rock") & (cover != "water")
    open_land = np.where(cover == "", np.where(soil == "", "forest", soil), cover)
    open_land = np.where(rock, "rock", open_land)
    open_land = np.where(~(structure == "link") & (open_land == "water"), "verge", open_land)
    built_up = (cover == "asphalt") | ((cover == "") & asphalt)
    ground = np.select(
        [
            *[structure == name for name in _OWN_GROUND],
            offroad,
            built_up & (asphalt | (roads["surface"] == "unknown").to_numpy(dtype=np.bool_)),
            rock,
            cover == "bog",
            cover == "cultivated",
        ],
        [*_OWN_GROUND.values(), open_land, "asphalt", "rock", "bog", "cultivated"],
        "verge",
    )
    return roads.assign(ground=pd.array(ground, dtype="str"))


def of_landcover(landcover: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give land cover the column ``ground``: the ground class of each polygon, or null."""
    return landcover.assign(ground=landcover["landcover_class"].map(LANDCOVER_GROUND))


def _most_of_each(
    lines: NDArray[np.object_], *layers: gpd.GeoDataFrame | None
) -> list[NDArray[np.object_]]:
    """Give the class that most of each line goes through in every layer, some lines at a time."""
    samples = np.cumsum(np.ceil(shapely.length(lines) / SAMPLE_STEP_M))
    ends = np.flatnonzero(np.diff(samples // _SAMPLES_AT_A_TIME)) + 1
    parts = []
    for some in np.split(lines, ends):
        points, link = _samples(some)
        parts.append([_majority(points, link, len(some), layer) for layer in layers])
    return [np.concatenate(of_layer) for of_layer in zip(*parts, strict=True)]


def _samples(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], Codes]:
    """Take points at the middle of equal pieces, at most 25 m long, of each line."""
    length_m = shapely.length(lines)
    count = np.maximum(1, np.ceil(length_m / SAMPLE_STEP_M)).astype(np.int64)
    link = np.repeat(np.arange(len(lines)), count)
    number = np.arange(len(link)) - np.repeat(np.cumsum(count) - count, count)
    along = (number + 0.5) / count[link] * length_m[link]
    return shapely.line_interpolate_point(lines[link], along), link


def _grounds(polygons: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Give polygons the ground class of their land cover or deposits; unknown ones go."""
    if polygons is None or not len(polygons):
        return None
    if "deposit_class" in polygons:
        ground = polygons["deposit_class"].where(polygons["deposit_class"].isin(DEPOSIT_GROUND))
    else:
        ground = polygons["landcover_class"].map(LANDCOVER_GROUND)
    return polygons.assign(ground=ground)[ground.notna()]


def _majority(
    points: NDArray[np.object_], link: Codes, links: int, polygons: gpd.GeoDataFrame | None
) -> NDArray[np.object_]:
    """Give the class that most samples of each link lie in; empty where most lie in none."""
    names = np.asarray(["", *GROUND_CLASSES], dtype=object)
    if polygons is None or not links:
        return np.full(links, "", dtype=object)
    codes = polygons["ground"].map({name: i for i, name in enumerate(names)})
    polygon, sample = shapely.STRtree(points).query(
        np.asarray(polygons.geometry.array, dtype=object), predicate="contains"
    )
    found = np.zeros(len(points), dtype=np.int64)
    found[sample] = codes.to_numpy(dtype=np.int64)[polygon]
    votes = np.bincount(link * len(names) + found, minlength=links * len(names))
    return np.asarray(names[votes.reshape(links, len(names)).argmax(axis=1)])
