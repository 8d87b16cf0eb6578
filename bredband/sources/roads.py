"""Road and duct files of whatever kind, told by their endings: OSM, NVDB, any vector file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Reading, join_readings, mask, sift
from bredband.sources import local, nvdb, osm
from bredband.sources.features import explode_lines, geometry_fault, read_features
from bredband.sources.road_links import roads_of_lines

SOURCE = "vegnett"

_SYNONYMS = {
    "id": ("id", "lokalid", "veglenkeid", "objid", "road_id"),
    "road_class": ("road_class", "typeveg", "vegtype", "highway", "fclass", "klasse"),
    "surface": ("surface", "dekke", "vegdekke", "dekketype", "massetype"),
    "structure": ("structure", "medium", "konstruksjon", "bru_tunnel"),
}
_LAYERS = ("N50_Samferdsel_senterlinje", "Samferdsel_senterlinje", "veglenke", "roads", "veger")
_STRUCTURES = {
    "u": "tunnel", "tunnel": "tunnel", "t": "ground", "l": "bridge", "bru": "bridge",
    "bridge": "bridge", "bro": "bridge", "ferje": "ferry", "ferry": "ferry", "bilferje": "ferry",
}  # fmt: skip
_NOT_ROADS = ("bane", "jernbane", "trapp", "fortau", "gangfelt")


def read_roads(
    paths: Sequence[Path],
    *,
    default_crs: str = WORKING_CRS,
    names: Mapping[str, str] | None = None,
) -> Reading:
    """Read road files into the table ``roads``; ``rows_in`` counts the lines of the files.

    ``.osm`` and ``.osm.pbf`` are OpenStreetMap, ``.gml`` and ``.json`` NVDB, anything else a
    vector file with lines (GeoPackage, GeoJSON, shapefile, N50 FileGDB). Files of different
    kinds cannot be mixed, as their roads would not meet.

    Parameters
    ----------
    paths
        The files.
    default_crs
        Projection of files that do not say.
    names
        What the vector file calls ``id``, ``road_class``, ``surface`` and ``structure``.

    Raises
    ------
    InputError
        When kinds are mixed, or a file cannot be read.
    """
    kinds = {_kind(path) for path in paths}
    if len(kinds) > 1:
        raise InputError(
            "vegfiler av ulike slag kan ikke brukes sammen, for vegene møtes ikke.",
            file=", ".join(path.name for path in paths),
            advice="Velg én kilde.",
        )
    if kinds == {"osm"}:
        return osm.read_roads(paths)
    if kinds == {"nvdb"}:
        return nvdb.read_roads(paths, default_crs=default_crs)
    return _read_lines(paths, default_crs, names or {})


def read_ducts(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read existing ducts: ``TrekkerørKanal`` of NVDB (GML), or lines of a vector file."""
    parts = []
    if gml := [path for path in paths if _kind(path) == "nvdb" and path.suffix != ".json"]:
        parts.append(nvdb.read_ducts(gml, default_crs=default_crs))
    if others := [path for path in paths if path not in gml]:
        parts.append(local.read_ducts(others, default_crs=default_crs))
    return join_readings(parts)


def _kind(path: Path) -> str:
    name = path.name.lower()
    if name.endswith((".osm", ".pbf", ".osm.gz", ".osm.bz2")):
        return "osm"
    return "nvdb" if name.endswith((".gml", ".xml", ".json", ".gml.zip")) else "lines"


def _read_lines(paths: Sequence[Path], default_crs: str, names: Mapping[str, str]) -> Reading:
    fields = [
        Field(field, (names[field],) if field in names else synonyms, required=field in names)
        for field, synonyms in _SYNONYMS.items()
    ]
    fields.append(Field("category", () if "road_class" in names else ("vegkategori",)))
    rows, geometry = explode_lines(
        *read_features(paths, fields, SOURCE, default_crs=default_crs, layers=_LAYERS)
    )
    text = rows.text
    road_class = nvdb.class_of(text["category"], text["road_class"])
    keep, set_aside = sift(
        rows,
        [
            geometry_fault(geometry, ("LineString",), "en linje"),
            Fault(
                mask(text["road_class"].str.lower().isin(_NOT_ROADS)), "road_class", "ikke en veg å grave langs",
                "Ingenting å gjøre.",
            ),
        ],
    )  # fmt: skip
    if not keep.any():
        raise InputError("har ingen veger.", file=", ".join(path.name for path in paths))
    ferry = mask(text["road_class"].str.lower().str.contains("ferje|ferry"))
    structure = text["structure"].str.lower().map(_STRUCTURES).fillna("ground").mask(ferry, "ferry")
    attributes = pd.DataFrame(
        {"road_class": road_class, "surface": _surface(text["surface"]), "structure": structure}
    )
    ids = text["id"].where(
        mask(text["id"] != ""), pd.Series(np.arange(1, len(text) + 1)).astype("str")
    )
    roads = roads_of_lines(
        geometry[keep], attributes[keep].reset_index(drop=True), ids[keep].reset_index(drop=True)
    )
    return Reading(roads, set_aside, rows.rows_in, int(keep.sum()), rows.repaired)


def _surface(texts: pd.Series[Any]) -> pd.Series[Any]:
    plain = texts.str.lower()
    asphalt = mask(plain.str.contains("asfalt|asphalt|paved|betong|fast|belegg"))
    gravel = mask(plain.str.contains("grus|gravel|unpaved|jord"))
    return pd.Series(np.select([gravel, asphalt], ["gravel", "asphalt"], "unknown"), dtype="str")
