"""Statens vegvesen: NVDB and Vegnett Pluss road links and ducts, as GML or API answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Reading, Rows, decode, join_rows, mask, members, sift
from bredband.sources.duct_lines import make_ducts
from bredband.sources.features import explode_lines, geometry_fault
from bredband.sources.gml import plane_epsg, read_gml
from bredband.sources.position import to_norway
from bredband.sources.road_links import roads_of_lines

ROADS, DUCTS = "NVDB vegnett", "NVDB trekkerør"

_ROAD_FIELDS = (
    Field("kind", ()),
    Field("id", ("lokalId", "veglenkesekvensid", "id")),
    Field("type", ("typeVeg_sosi", "typeVeg")),
    Field("category", ("vegkategori",)),
    Field("medium", ("medium",)),
    Field("surface", ("massetype", "dekketype", "vegdekke")),
    Field("level", ("topologinivå", "topologinivaa")),
    Field("end_date", ("sluttdato",)),
)
_DUCT_FIELDS = (Field("kind", ()), Field("id", ("lokalId", "id")), Field("owner", ("eier",)))
_CATEGORIES = "ERFKPS"
"""Vegkategori: europa-, riks-, fylkes-, kommunal, privat and skogsbilveg."""
_PATHS = ("sti", "traktorveg")
_NOT_ALONG = ("fortau", "gangfelt", "trapp")
_FERRIES = ("bilferje", "passasjerferje", "ferje")
_STRUCTURES = {"U": "tunnel", "L": "bridge", "undergrunnen": "tunnel", "ilufta": "bridge"}


def read_roads(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read road links into the table ``roads``; ``rows_in`` counts the publisher's links.

    GML (``Vegdekke``, ``Veglenke``, ``{kommunenr}NVDBVegnettPluss.gml``) is read by local tag
    names; JSON is an answer of NVDB API les v4 ``/veglenkesekvenser``, also ``/segmentert``,
    which gives each link its ``vegkategori``. Of carriageways drawn twice, the road trace
    (``Vegtrase``) is used. Links that have ended are set aside, and so are pavements, crossings
    and stairs, which run beside a road. ``medium`` U is a tunnel and L a bridge.

    Raises
    ------
    InputError
        When a file cannot be read or holds no road.
    """
    answers = [path for path in paths if path.suffix.lower() == ".json"]
    others = [path for path in paths if path.suffix.lower() != ".json"]
    parts = []
    if answers:
        parts.append(_read_answers(answers))
    if others:
        rows, geometry = read_gml(others, _ROAD_FIELDS, ROADS, default_crs=default_crs)
        parts.append(explode_lines(rows, geometry))
    rows = join_rows([rows for rows, _ in parts])
    geometry = np.concatenate([geometry for _, geometry in parts])
    text = rows.text
    road_class = class_of(text["category"], text["type"])
    keep, set_aside = sift(
        rows,
        [
            geometry_fault(geometry, ("LineString",), "en linje"),
            Fault(
                mask(text["end_date"] != ""), "end_date", "veglenka er opphørt", "Ingenting å gjøre."
            ),
            Fault(
                ~mask(text["level"].isin(["", "Vegtrase"])), "level",
                "kjørebane eller kjørefelt som også er med som vegtrasé", "Ingenting å gjøre.",
            ),
            Fault(
                mask(text["type"].str.lower().isin(_NOT_ALONG)), "type",
                "fortau, gangfelt eller trapp: vegen ved siden av er med", "Ingenting å gjøre.",
            ),
        ],
    )  # fmt: skip
    if not keep.any():
        raise InputError("har ingen veger.", file=", ".join(path.name for path in paths))
    ids = "nvdb:" + text["id"].where(mask(text["id"] != ""), pd.Series(rows.row).astype("str"))
    attributes = pd.DataFrame(
        {"road_class": road_class, "surface": _surface(text), "structure": _structure(text)}
    )
    roads = roads_of_lines(
        geometry[keep], attributes[keep].reset_index(drop=True), ids[keep].reset_index(drop=True)
    )
    return Reading(roads, set_aside, rows.rows_in, int(keep.sum()), rows.repaired)


def read_ducts(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read ``TrekkerørKanal`` objects of NVDB (GML) into the table ``ducts``."""
    rows, geometry = read_gml(
        paths, _DUCT_FIELDS, DUCTS, default_crs=default_crs, kinds=("TrekkerørKanal",)
    )
    return make_ducts(*explode_lines(rows, geometry))


def class_of(category: pd.Series[Any], kind: pd.Series[Any]) -> pd.Series[Any]:
    """Give roads their class: ``f-veg`` by who owns them, else the type of road, else ``veg``.

    The owner comes first because the fee for digging follows it; a path or tractor road keeps
    its type, as it has no verge to dig in.
    """
    letter = category.where(mask(category != ""), kind.where(mask(kind.str.len() == 1), ""))
    letter = letter.str.strip().str.upper().str.slice(0, 1)
    lower = kind.str.lower()
    owned = mask(letter.isin(list(_CATEGORIES))) & ~mask(lower.isin(_PATHS))
    named = lower.where(mask(lower != ""), "veg")
    return named.where(~owned, letter.str.lower() + "-veg").astype("str")


def _read_answers(paths: Sequence[Path]) -> tuple[Rows, Any]:
    """Read answers of the API, one row per veglenke."""
    records: list[tuple[str, ...]] = []
    shapes: list[Any] = []
    files: list[str] = []
    numbers: list[int] = []
    for path in paths:
        for name, data in members(path, (".json",)):
            links = _links(name, data)
            records += [_record(sequence, link) for sequence, link in links]
            shapes += [_wkt(link) for _, link in links]
            files += [name] * len(links)
            numbers += range(1, len(links) + 1)
    columns = [f.name for f in _ROAD_FIELDS]
    text = pd.DataFrame(records, columns=columns, dtype="str")
    geometry = np.full(len(shapes), None, dtype=object)
    geometry[:] = shapes
    file, row = np.asarray(files, dtype=object), np.asarray(numbers, dtype=np.int64)
    return Rows(ROADS, text, file, row, pd.DataFrame(), len(text)), geometry


def _links(name: str, data: bytes) -> list[tuple[Any, Any]]:
    try:
        content = json.loads(decode(name, data))
        pages = content if isinstance(content, list) else [content]
        return [
            (sequence.get("veglenkesekvensid", ""), link)
            for page in pages
            for sequence in page["objekter"]
            for link in (sequence["veglenker"] if "geometri" not in sequence else [sequence])
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise InputError(
            "er ikke et svar fra NVDB API les v4 /veglenkesekvenser.",
            file=name,
            advice="Fila kan være avkortet: hent den på nytt.",
        ) from fault


def _record(sequence: Any, link: Any) -> tuple[str, ...]:
    if not isinstance(link, dict):
        return ("", str(sequence), *[""] * 6)
    geometry = link.get("geometri")
    medium = geometry.get("medium", "") if isinstance(geometry, dict) else ""
    number = link.get("veglenkenummer", "")
    return (
        "Veglenke", f"{sequence}@{number}", str(link.get("typeVeg_sosi", link.get("typeVeg", ""))),
        _category(link),
        str(link.get("medium", medium)), "", str(link.get("topologinivå", "")),
        str(link.get("sluttdato", "")),
    )  # fmt: skip


def _category(link: dict[str, Any]) -> str:
    """Read ``vegsystemreferanse.vegsystem.vegkategori``; empty where it is not given."""
    found: Any = link
    for key in ("vegsystemreferanse", "vegsystem", "vegkategori"):
        found = found.get(key, "") if isinstance(found, dict) else ""
    return str(found)


def _wkt(link: Any) -> Any:
    """Make the line of a link in EPSG:25833, or None when there is none to make."""
    try:
        shape = shapely.force_2d(shapely.from_wkt(link["geometri"]["wkt"]))
        epsg = plane_epsg(str(link["geometri"].get("srid", "")), 25833)
    except (KeyError, TypeError, AttributeError, shapely.errors.ShapelyError):
        return None
    points = shapely.get_coordinates(shape)
    codes = np.full(len(points), epsg, dtype=np.int64)
    x_m, y_m, _ = to_norway(points[:, 0], points[:, 1], codes)
    return shapely.set_coordinates(shape, np.column_stack([x_m, y_m]))


def _structure(text: pd.DataFrame) -> pd.Series[Any]:
    structure = text["medium"].map(_STRUCTURES).fillna("ground")
    ferry = mask(text["type"].str.lower().isin(_FERRIES))
    return structure.mask(ferry, "ferry").astype("str")


def _surface(text: pd.DataFrame) -> pd.Series[Any]:
    surface = text["surface"].str.lower()
    gravel = mask(surface.str.contains("grus"))
    known = np.where(gravel, "gravel", np.where(mask(surface != ""), "asphalt", "unknown"))
    return pd.Series(known, dtype="str")
