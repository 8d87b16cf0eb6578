"""GML by local tag names: features with their attributes as text and their lines or points."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import shapely

from bredband.errors import InputError
from bredband.reading import Field, Rows, constant, members, plain_header
from bredband.sources.position import SWAPPED, crs_number, is_position_code, to_norway

_MEMBERS = ("featureMember", "featureMembers", "member")
_HEIGHTS_TOO = {5971: 25831, 5972: 25832, 5973: 25833, 5974: 25834, 5975: 25835}
"""Projections with NN2000 heights, and the plane projection under each."""


@dataclass(frozen=True)
class _Feature:
    kind: str
    attributes: dict[str, str]
    coordinates: list[str]
    epsg: int
    dimensions: int
    is_point: bool


@dataclass
class _Gathered:
    features: list[_Feature] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def read_gml(
    paths: Sequence[Path],
    fields: Sequence[Field],
    source: str,
    *,
    default_crs: str,
    kinds: Collection[str] = (),
) -> tuple[Rows, Any]:
    """Read GML features into rows of text and their geometry in EPSG:25833.

    Tags are matched by local name, whatever the namespace. Coordinates are east, north as
    NVDB writes them; a pair that only makes a place in Norway the other way is exchanged.

    Parameters
    ----------
    paths
        GML files, or zip files around them.
    fields
        Attributes to look for; the field ``kind`` is filled with the feature type.
    source
        What the source is called in messages.
    default_crs
        Projection of geometries without ``srsName``.
    kinds
        Feature types to read; all if empty.

    Raises
    ------
    InputError
        When a file is not GML.
    """
    gathered = _Gathered()
    for path in paths:
        for name, data in members(path, (".gml", ".xml")):
            _parse(name, data, default_crs, kinds, gathered)
    features = gathered.features
    text = {
        f.name: constant("", 0)
        if not features
        else pd.Series([_value(feature, f) for feature in features], dtype="str")
        for f in fields
    }
    shapes, swapped = _shapes(features)
    rows = Rows(
        source,
        pd.DataFrame(text, index=pd.RangeIndex(len(features))),
        np.asarray(gathered.files, dtype=object),
        np.asarray(gathered.numbers, dtype=np.int64),
        pd.DataFrame(),
        len(features),
        {SWAPPED: swapped} if swapped else {},
    )
    return rows, shapes


def plane_epsg(name: str, default: int) -> int:
    """Give the plane EPSG code in an ``srsName`` or ``srid``; 0 where it cannot be read."""
    if not name:
        return default
    digits = re.findall(r"\d{4,6}", name)
    if not digits:
        return 0
    epsg = _HEIGHTS_TOO.get(int(digits[-1]), int(digits[-1]))
    return epsg if is_position_code(epsg) else 0


def _value(feature: _Feature, wanted: Field) -> str:
    if wanted.name == "kind":
        return feature.kind
    for synonym in wanted.synonyms:
        if (found := feature.attributes.get(plain_header(synonym))) is not None:
            return found
    return ""


def _parse(
    name: str, data: bytes, default_crs: str, kinds: Collection[str], gathered: _Gathered
) -> None:
    default = crs_number(default_crs)
    number = 0
    inside = 0
    if b"<!ENTITY" in data:
        raise InputError("har innebygde entiteter, som ikke leses.", file=name)
    try:
        for event, element in ET.iterparse(io.BytesIO(data), ("start", "end")):  # noqa: S314  no entities
            if _local(element) not in _MEMBERS:
                continue
            if event == "start":
                inside += 1
                continue
            for child in element:
                if not kinds or _local(child) in kinds:
                    number += 1
                    gathered.features.append(_feature(child, default))
                    gathered.files.append(name)
                    gathered.numbers.append(number)
            element.clear()
    except (ET.ParseError, UnicodeDecodeError, LookupError, ValueError) as fault:
        raise InputError(
            "er ikke gyldig GML.", file=name, advice="Fila kan være avkortet."
        ) from fault
    if not inside:
        raise InputError("har ingen objekter (featureMember).", file=name, advice="Er det GML?")


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _feature(element: ET.Element, default: int) -> _Feature:
    attributes: dict[str, str] = {}
    coordinates: list[str] = []
    epsg, dimensions, is_point = default, 2, False
    for part in element.iter():
        tag = _local(part)
        if srs := part.get("srsName"):
            epsg = plane_epsg(srs, default)
        if dimension := part.get("srsDimension"):
            dimensions = int(dimension) if dimension in ("2", "3") else 2
        if tag in ("posList", "pos", "coordinates"):
            coordinates.append((part.text or "").replace(",", " "))
            is_point = is_point or tag == "pos"
        elif len(part) == 0 and part.text and part.text.strip():
            attributes.setdefault(plain_header(tag), part.text.strip())
    return _Feature(_local(element), attributes, coordinates, epsg, dimensions, is_point)


def _shapes(features: Sequence[_Feature]) -> tuple[Any, int]:
    """Make a point or a (multi-)line of each feature; None where the numbers are not right."""
    numbers, sizes, epsg, owner = [], [], [], []
    for i, feature in enumerate(features):
        for text in feature.coordinates:
            pairs = _pairs(text, feature.dimensions)
            if pairs is not None:
                numbers.append(pairs)
                sizes.append(len(pairs))
                epsg.append(np.full(len(pairs), feature.epsg, dtype=np.int64))
                owner.append(i)
    shapes = np.full(len(features), None, dtype=object)
    if not numbers:
        return shapes, 0
    east, north = np.concatenate(numbers).T
    x_m, y_m, swapped = to_norway(east, north, np.concatenate(epsg))
    points = np.split(np.column_stack([x_m, y_m]), np.cumsum(sizes)[:-1])
    parts: dict[int, list[Any]] = {}
    for i, part in zip(owner, points, strict=True):
        if np.isfinite(part).all():
            parts.setdefault(i, []).append(part)
    for i, lines in parts.items():
        shapes[i] = _shape(lines)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return shapes, len(set(np.asarray(owner)[swapped[first]].tolist()))


def _shape(parts: list[Any]) -> Any:
    if all(len(part) == 1 for part in parts):
        return (
            shapely.Point(parts[0][0])
            if len(parts) == 1
            else shapely.MultiPoint(np.concatenate(parts))
        )
    lines = [shapely.LineString(part) for part in parts if len(part) > 1]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def _pairs(text: str, dimensions: int) -> Any:
    try:
        numbers = np.array(text.split(), dtype=np.float64)
    except ValueError:
        return None
    if len(numbers) == 0 or len(numbers) % dimensions:
        return None
    return numbers.reshape(-1, dimensions)[:, :2]
