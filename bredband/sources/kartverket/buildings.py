"""Matrikkelen – Bygningspunkt: what the buildings beside the addresses are used for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Reading, Repeat, finish, mask, sift, to_numbers
from bredband.sources.features import geometry_fault, is_gml, read_features
from bredband.sources.gml import read_gml

SOURCE = "Matrikkelen – Bygningspunkt"
_FIELDS = (
    Field("id", ("bygningsnummer", "byggnr", "bygningsnr", "lokalid"), required=True),
    Field("type", ("bygningstype", "byggtyp_nbr", "bygningstypekode", "byggtype"), required=True),
)
_USES = (
    (range(111, 160), "dwelling"),
    (range(161, 164), "holiday"),
    (range(211, 220), "business"),
    (range(221, 240), "business"),
    (range(311, 340), "business"),
    (range(411, 450), "business"),
    (range(511, 540), "business"),
    (range(611, 680), "public"),
    (range(711, 740), "public"),
    (range(811, 850), "public"),
)
"""Building types (three digits, NS 3457 as Matrikkelen uses it) that tell who is there.

Left out are garages, boathouses, cabins of mountain farms, barns and greenhouses (171–199,
241–249): they stand beside what matters.
"""


def read_buildings(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read building points and what each building is used for.

    Parameters
    ----------
    paths
        FileGDB (layer ``bygning``), GML (``Bygning``), GeoPackage or GeoJSON, also zipped.
    default_crs
        Projection of files that do not say.

    Returns
    -------
    Reading
        Columns ``building_id``, ``building_type`` (three digits), ``kind`` (as of premises;
        empty for outbuildings) and the point.

    Raises
    ------
    InputError
        When a file cannot be read or has no ``bygningstype``.
    """
    if all(is_gml(path) for path in paths):
        rows, geometry = read_gml(
            paths, _FIELDS, SOURCE, default_crs=default_crs, kinds=("Bygning",)
        )
    else:
        rows, geometry = read_features(
            paths, _FIELDS, SOURCE, default_crs=default_crs, layers=("bygning", "bygningspunkt")
        )
    number = to_numbers(rows.text["type"])
    keep, set_aside = sift(
        rows,
        [
            geometry_fault(geometry, ("Point",), "et punkt"),
            Fault(
                mask(rows.text["id"] == ""), "id", "bygningen mangler nummer",
                "Hent fila på nytt fra Geonorge.",
            ),
            Fault(
                ~((number >= 100) & (number <= 999)), "type",
                "bygningstypen er ikke et tall med tre siffer", "Rett bygningstypen.",
            ),
        ],
        Repeat(rows.text["id"], "id", "bygningen står flere ganger", "Den første er brukt."),
    )  # fmt: skip
    types = number[keep].astype(np.int64)
    use = {code: kind for codes, kind in _USES for code in codes}
    frame = pd.DataFrame(
        {
            "building_id": rows.text["id"][keep].reset_index(drop=True),
            "building_type": types,
            "kind": pd.Series(types).map(use).fillna("").astype("str"),
        }
    )
    buildings = gpd.GeoDataFrame(frame, geometry=geometry[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, buildings)
