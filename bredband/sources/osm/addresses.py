"""Addresses of an OpenStreetMap extract: ``addr:*`` on points, buildings and areas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Reading, Repeat, Rows, constant, finish, mask, sift, to_numbers
from bredband.sources.households import ONE_PER_ADDRESS
from bredband.sources.osm.file import TO_WORKING, reading_osm
from bredband.sources.position import make_points

SOURCE = "OpenStreetMap adresser"

NOBODY_AT_HOME = "ingen husstander etter bygningens bruk"
FLATS = "building:flats (OSM)"
SETTLEMENT_DISTANCE_M = 50.0
SETTLEMENT_PREMISES = 80
"""About 200 people: Statistics Norway's lower bound of a tettsted, at 2.5 per address (anslag)."""

_PUBLIC = frozenset({
    "school", "kindergarten", "college", "university", "hospital", "clinic", "doctors",
    "nursing_home", "social_facility", "townhall", "police", "fire_station", "library",
    "community_centre", "courthouse", "prison", "place_of_worship",
})  # fmt: skip
_BUSINESS_BUILDINGS = frozenset({
    "commercial", "industrial", "retail", "warehouse", "office", "hotel", "supermarket", "kiosk",
    "hangar", "factory",
})  # fmt: skip
_PUBLIC_BUILDINGS = frozenset({
    "school", "kindergarten", "hospital", "public", "civic", "government", "university", "church",
    "chapel", "fire_station",
})  # fmt: skip
_HOLIDAY_BUILDINGS = frozenset({"cabin", "bungalow", "hut", "static_caravan"})
_COLUMNS = (
    "file", "id", "kind", "flats", "street", "place", "hamlet", "number", "postcode", "city",
)  # fmt: skip
_TAGS = (
    "addr:street", "addr:place", "addr:hamlet", "addr:housenumber", "addr:postcode", "addr:city",
)  # fmt: skip


def read_addresses(paths: Sequence[Path]) -> Reading:
    """Read addresses into premises; kommune, grunnkrets and tettsted are left empty.

    Points, closed ways and multipolygons with ``addr:housenumber`` count; an area is placed
    at a point inside it. The same address on a building and again on a point in or beside it
    is one premises: the first is kept. What stands there follows from ``building``, ``shop``,
    ``office``, ``amenity`` and the like. Households: ``building:flats`` where it is given,
    else 1 per dwelling (anslag). Rural is whatever is not in a group of 80 premises with at
    most 50 m between neighbours (anslag after Statistics Norway's definition of a tettsted).

    Raises
    ------
    InputError
        When a file cannot be read or holds no address.
    """
    records: list[tuple[str, ...]] = []
    shapes: list[Any] = []
    for path in paths:
        _gather(path, records, shapes)
    if not records:
        raise InputError(
            "har ingen adresser (addr:housenumber).", file=", ".join(p.name for p in paths)
        )
    text = pd.DataFrame(records, columns=list(_COLUMNS), dtype="str")
    geometry = shapely.from_wkb(shapes)
    areal = shapely.get_type_id(geometry) > 0
    geometry[areal] = shapely.point_on_surface(geometry[areal])
    x_m, y_m = TO_WORKING.transform(shapely.get_x(geometry), shapely.get_y(geometry))
    street = text["street"].where(mask(text["street"] != ""), text["place"])
    street = street.where(mask(street != ""), text["hamlet"])
    file = text["file"].to_numpy(dtype=object)
    line = np.zeros(len(text), dtype=np.int64)
    rows = Rows(SOURCE, text, file, line, pd.DataFrame(), len(text))
    near = _nearness(x_m, y_m)
    number = text["number"].where(mask(street != ""), text["id"])
    same = pd.DataFrame(
        {"street": street, "number": number, "postcode": text["postcode"], "near": near}
    )
    keep, set_aside = sift(
        rows,
        [
            Fault(
                ~np.isfinite(x_m),
                "id",
                "flaten lukker seg ikke, eller den går ut av utsnittet",
                "Rett flaten i OpenStreetMap, eller bruk et større utsnitt.",
            ),
            Fault(
                mask(text["id"].duplicated()),
                "id",
                "adressen er alt lest fra en annen fil",
                "Ingenting å gjøre.",
            ),
        ],
        Repeat(same, "id", "samme adresse er tegnet flere ganger", "Den første er brukt."),
    )
    frame = _premises(text, street)[keep].reset_index(drop=True)
    frame["rural"] = _rural(x_m[keep], y_m[keep])
    points = make_points(x_m[keep], y_m[keep])
    premises = gpd.GeoDataFrame(frame, geometry=points, crs=WORKING_CRS)
    return finish(rows, keep, set_aside, premises)


def _premises(text: pd.DataFrame, street: pd.Series[str]) -> pd.DataFrame:
    """Make a row of the table ``premises`` of each address; rural is not yet known."""
    flats = to_numbers(text["flats"])
    counted = np.isfinite(flats) & (flats >= 1) & (flats < 1000)
    dwelling = mask(text["kind"] == "dwelling")
    households = np.where(dwelling, np.where(counted, flats, 1), 0).astype(np.int64)
    rule = np.select(
        [~dwelling, counted], [NOBODY_AT_HOME, FLATS], ONE_PER_ADDRESS,
    )  # fmt: skip
    blank = constant("", len(text))
    return pd.DataFrame(
        {
            "premises_id": text["id"],
            "street": street,
            "house_number": text["number"],
            "address": (street + " " + text["number"]).str.strip(),
            "postcode": text["postcode"],
            "postplace": text["city"],
            "kommune": blank,
            "grunnkrets": blank,
            "tettsted": blank,
            "rural": np.zeros(len(text), dtype=np.bool_),
            "cadastre": blank,
            "kind": text["kind"],
            "households": households,
            "households_rule": pd.Series(rule, dtype="str"),
            "priority_weight": np.ones(len(text)),
            "access_x_m": np.full(len(text), np.nan),
            "access_y_m": np.full(len(text), np.nan),
        }
    )


def _gather(path: Path, records: list[tuple[str, ...]], shapes: list[Any]) -> None:
    awaited: set[str] = set()
    with reading_osm(path) as osmium:
        shaper = osmium.geom.WKBFactory()
        housenumber = osmium.filter.KeyFilter("addr:housenumber")
        file = (
            osmium.FileProcessor(str(path))
            .with_locations()
            .with_areas(housenumber)
            .with_filter(housenumber)
        )
        for item in file:
            if item.is_node():
                name, shape = f"osm:n{item.id}", shaper.create_point(item)
            elif item.is_area():
                letter = "w" if item.from_way() else "r"
                name = f"osm:{letter}{item.orig_id()}"
                try:
                    shape = shaper.create_multipolygon(item)
                except (osmium.InvalidLocationError, RuntimeError):
                    awaited.add(name)
                    continue
            else:  # ways and relations come again as areas, if they close
                awaited.add(f"osm:{'w' if item.is_way() else 'r'}{item.id}")
                continue
            awaited.discard(name)
            tags = item.tags
            kind, flats = _kind(tags), tags.get("building:flats", "")
            records.append((path.name, name, kind, flats, *(tags.get(key, "") for key in _TAGS)))
            shapes.append(shape)
    for name in sorted(awaited):
        records.append((path.name, name, "", *[""] * (len(_TAGS) + 1)))
        shapes.append(None)


def _kind(tags: Any) -> str:
    building, amenity = tags.get("building", ""), tags.get("amenity", "")
    if amenity in _PUBLIC or building in _PUBLIC_BUILDINGS:
        return "public"
    if building in _HOLIDAY_BUILDINGS or tags.get("tourism", "") in ("chalet", "alpine_hut"):
        return "holiday"
    trade = any(key in tags for key in ("shop", "office", "craft", "industrial", "tourism"))
    if building in _BUSINESS_BUILDINGS or amenity or trade:
        return "business"
    return "dwelling"


def _groups(x_m: Any, y_m: Any, distance_m: float) -> Any:
    """Give numbers to the groups in which every point has a neighbour within the distance."""
    pairs = cKDTree(np.column_stack([x_m, y_m])).query_pairs(distance_m, output_type="ndarray")
    size = len(x_m)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def _nearness(x_m: Any, y_m: Any) -> Any:
    """Give numbers to squares of 1 km, so that equal addresses in different villages stay apart."""
    east, north = np.floor(np.nan_to_num([x_m, y_m]) / 1000).astype(np.int64)
    return east * 100_000 + north


def _rural(x_m: Any, y_m: Any) -> Any:
    if not len(x_m):
        return np.zeros(0, dtype=np.bool_)
    group = _groups(x_m, y_m, SETTLEMENT_DISTANCE_M)
    return np.bincount(group)[group] < SETTLEMENT_PREMISES
