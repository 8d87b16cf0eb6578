"""Matrikkelen – Adresse as CSV: the 46-column product and its 37-column predecessor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    constant,
    finish,
    map_distinct,
    mask,
    read_rows,
    sift,
    to_numbers,
)
from bredband.sources.position import epsg_numbers, in_norway, make_points, to_norway

SOURCE = "Matrikkelen – Adresse"
ONE_PER_ADDRESS = "1 per adresse (anslag)"

_FIELDS = (
    Field("premises_id", ("lokalid", "adresseId"), required=True),
    Field("kommune", ("kommunenummer", "kommunenr"), required=True),
    Field("type", ("adressetype",)),
    Field("street_code", ("adressekode",)),
    Field("street", ("adressenavn",), required=True),
    Field("number", ("nummer", "husnummer"), required=True),
    Field("letter", ("bokstav",)),
    Field("gnr", ("gardsnummer", "gårdsnummer")),
    Field("bnr", ("bruksnummer",)),
    Field("fnr", ("festenummer",)),
    Field("address", ("adresseTekst", "adresseTekstUtenAdressetilleggsnavn"), required=True),
    Field("epsg", ("EPSG-kode", "EPSG")),
    Field("north", ("Nord", "N", "lat", "breddegrad"), required=True),
    Field("east", ("Øst", "Ost", "E", "lon", "lengdegrad"), required=True),
    Field("postcode", ("postnummer",)),
    Field("postplace", ("poststed",)),
    Field("grunnkrets", ("grunnkretsnummer",)),
    Field("tettsted", ("tettstednummer",)),
)
_CODES = {"kommune": 4, "postcode": 4, "grunnkrets": 8}


def read_addresses(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read address points into premises, one per address.

    Each row's own ``EPSG-kode`` is used; ``default_crs`` only where it is empty. Nothing in
    this product tells dwellings from businesses or counts households: every address gets one
    household by the rule «1 per adresse (anslag)» until a better source says otherwise.

    Parameters
    ----------
    paths
        ``matrikkelenAdresse.csv``, ``matrikkelenVegadresse.csv`` or the zip around it.
    default_crs
        Projection of rows without ``EPSG-kode``.

    Raises
    ------
    InputError
        When a file cannot be opened or lacks a column that addresses cannot do without.
    """
    rows = read_rows(paths, _FIELDS, SOURCE)
    text = rows.text
    codes = {name: pad_code(text[name], width) for name, width in _CODES.items()}
    epsg = epsg_numbers(text["epsg"], default_crs)
    east, north = to_numbers(text["east"]), to_numbers(text["north"])
    x_m, y_m, swapped = to_norway(east, north, epsg)
    keep, set_aside = sift(
        rows,
        _faults(rows, codes["kommune"], epsg, (east, north), (x_m, y_m)),
        Repeat(
            text["premises_id"], "premises_id", "adressen står flere ganger",
            "Den første raden er brukt. Slett gjentakelsen.",
        ),
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "premises_id": text["premises_id"],
            "street": text["street"],
            "house_number": text["number"] + text["letter"].str.upper(),
            "address": text["address"],
            "postcode": codes["postcode"],
            "postplace": text["postplace"],
            "kommune": codes["kommune"],
            "grunnkrets": codes["grunnkrets"],
            "tettsted": text["tettsted"],
            "rural": mask(text["tettsted"] == ""),
            "cadastre": _cadastre(text),
            "kind": constant("dwelling", len(text)),
            "households": np.ones(len(text), dtype=np.int64),
            "households_rule": constant(ONE_PER_ADDRESS, len(text)),
            "priority_weight": np.ones(len(text)),
        }
    )[keep].reset_index(drop=True)
    repaired = dict(rows.repaired)
    if count := int((swapped & keep).sum()):
        repaired["nord og øst var byttet om"] = count
    points = make_points(x_m[keep], y_m[keep])
    premises = gpd.GeoDataFrame(frame, geometry=points, crs=WORKING_CRS)
    return finish(rows, keep, set_aside, premises, repaired)


def pad_code(texts: pd.Series[Any], width: int) -> pd.Series[Any]:
    """Restore the leading zeros that a spreadsheet removes; other text is left as it is."""
    return map_distinct(
        texts, lambda t: t.where(~mask(t.str.fullmatch(r"\d+")), t.str.zfill(width))
    )


def _faults(
    rows: Rows,
    kommune: pd.Series[Any],
    epsg: NDArray[np.int64],
    numbers: tuple[NDArray[np.float64], NDArray[np.float64]],
    place: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> list[Fault]:
    mend = "Rett koordinaten, eller hent fila på nytt."
    return [
        Fault(
            mask(rows.text["premises_id"] == ""), "premises_id",
            "adressen mangler id (lokalid)", "Hent fila på nytt fra Geonorge.",
        ),
        Fault(
            ~mask(kommune.str.fullmatch(r"\d{4}")), "kommune",
            "kommunenummeret er ikke fire siffer", "Rett kommunenummeret.",
        ),
        Fault(epsg == 0, "epsg", "ukjent EPSG-kode", "Rett koden, for eksempel 25833."),
        Fault(~np.isfinite(numbers[1]), "north", "nordkoordinaten er ikke et tall", mend),
        Fault(~np.isfinite(numbers[0]), "east", "østkoordinaten er ikke et tall", mend),
        Fault(
            ~in_norway(*place), "north", "punktet ligger ikke i Norge",
            "Kontroller koordinatene og EPSG-koden.",
        ),
    ]  # fmt: skip


def _cadastre(text: pd.DataFrame) -> pd.Series[Any]:
    """Write gnr/bnr and, where there is one, fnr."""
    lease = text["fnr"].where((text["fnr"] == "") | (text["fnr"] == "0"), "/" + text["fnr"])
    lease = lease.where(lease != "0", "")
    return (text["gnr"] + "/" + text["bnr"] + lease).where(text["gnr"] != "", "")
