"""Nkom: lists of addresses that lack an offer, and coverage per kommune."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    decode,
    finish,
    mask,
    members,
    plain_header,
    read_rows,
    sift,
)
from bredband.sources.kommune_names import find_kommuner

LACKING, KOMMUNE_TABLE, MOBILE_TABLE = "Nkom Mangler", "Nkom kommunetabell", "Nkom mobiltabell"

_LACKING_FIELDS = (
    Field("premises_id", ("adresseid", "adrid", "adresse_id", "lokalid"), required=True),
    Field("street", ("adressenavn", "veinavn", "vegnavn", "gatenavn")),
    Field("number", ("nummer", "husnummer", "nr", "nummer_bokstav")),
    Field("letter", ("bokstav",)),
    Field("address", ("adresse", "adressetekst", "adresseinformasjon")),
    Field("kommune", ("kommunenummer", "kommunenr", "komnr", "kommune")),
)
_SPEEDS = ("30", "100", "1000", "1000/1000")
_GROUPS = {
    "hastighetalleteknologierpåfastbredbånd": "all",
    "hastighetutendsl": "without_dsl",
    "hastighetikabledenett": "cabled",
    "hastighetforftb": "fwa",
    "4g": "4g",
    "5g": "5g",
    "4g5g": "4g_5g",
    "tidligereårsmetode110dbmutendørsdekning": "old_method",
}
_TECHNOLOGIES = {
    "fiber": "fibre_share",
    "kabeltvnett": "cable_share",
    "dsl": "dsl_share",
    "ftb": "fwa_share",
    "fiberkabeltvnett": "fibre_cable_share",
    "fiberkabeltvnettdsl": "fibre_cable_dsl_share",
    "fiberkabeltvnettftb": "fibre_cable_fwa_share",
    "fastbredbåndtotalt": "fixed_share",
    "4g": "old_method_4g_share",
    "5g": "old_method_5g_share",
}
_FIXED_NEEDS, _MOBILE_NEEDS = ("fibre_share", "all_100_share"), ("4g_30_share",)


def read_lacking(paths: Sequence[Path]) -> Reading:
    """Read Nkom's lists of addresses that lack an offer of 30 or 100 Mbit/s.

    The speed is read from the file name (``Mangler_100Mbit…``). An address in several lists
    is kept once per speed.

    Returns
    -------
    Reading
        Columns ``premises_id``, ``lacking_mbps``, ``address`` and ``kommune``.

    Raises
    ------
    InputError
        When a file has no address id, or its name no speed.
    """
    rows = read_rows(paths, _LACKING_FIELDS, LACKING)
    text = rows.text
    speeds = {name: _speed_of(name) for name in dict.fromkeys(rows.file)}
    written = (text["street"] + " " + text["number"] + text["letter"]).str.strip()
    frame = pd.DataFrame(
        {
            "premises_id": text["premises_id"],
            "lacking_mbps": np.array([speeds[name] for name in rows.file], dtype=np.float64),
            "address": text["address"].where(mask(text["address"] != ""), written),
            "kommune": text["kommune"].where(
                ~mask(text["kommune"].str.fullmatch(r"\d{3}")), "0" + text["kommune"]
            ),
        }
    )
    keep, set_aside = sift(
        rows,
        [
            Fault(
                mask(text["premises_id"] == ""), "premises_id", "mangler adresse-id",
                "Be Nkom om lista med adresse-id.",
            )
        ],
        Repeat(
            frame[["premises_id", "lacking_mbps"]], "premises_id", "adressen står flere ganger",
            "Den første raden er brukt.",
        ),
    )  # fmt: skip
    return finish(rows, keep, set_aside, frame[keep])


def read_kommune_table(paths: Sequence[Path], kommuner: pd.DataFrame) -> Reading:
    """Read Nkom's table of fixed coverage per kommune, CSV or the whole workbook.

    Returns
    -------
    Reading
        ``kommune`` (today's number), ``name``, ``fylke`` and a share of households per
        column: technologies (``fibre_share`` …) and speeds by group (``all_100_share``,
        ``without_dsl_30_share``, ``cabled_1000_share``, ``fwa_30_share`` …). A share that is
        not given is NaN.

    Raises
    ------
    InputError
        When no such table is in the file.
    """
    return _read_table(paths, kommuner, KOMMUNE_TABLE, _FIXED_NEEDS)


def read_mobile_table(paths: Sequence[Path], kommuner: pd.DataFrame) -> Reading:
    """Read Nkom's table of mobile coverage per kommune: ``4g_30_share`` … ``4g_5g_100_share``."""
    return _read_table(paths, kommuner, MOBILE_TABLE, _MOBILE_NEEDS)


def _speed_of(name: str) -> float:
    found = re.findall(r"(\d+)\s*_?mbit", name.lower().rpartition("/")[2] or name.lower())
    found = found or re.findall(r"mangler\D*(\d+)", name.lower())
    if not found:
        raise InputError(
            "navnet sier ikke hvilken hastighet som mangler.",
            file=name,
            advice="Gi fila navnet den hadde hos Nkom, for eksempel Mangler_100Mbit.csv.",
        )
    return float(found[-1])


def _read_table(
    paths: Sequence[Path], kommuner: pd.DataFrame, source: str, needs: Sequence[str]
) -> Reading:
    parts = []
    for path in paths:
        for name, data in members(path, (".csv", ".xlsx")):
            parts += [
                part
                for sheet in _sheets(name, data)
                if (part := _parse(name, sheet)) is not None and set(needs) <= set(part.columns)
            ]
    if not parts:
        raise InputError(
            "har ingen tabell med «Kommune», «Fylke» og dekning per kommune.",
            file=", ".join(path.name for path in paths),
            advice="Bruk Nkoms vedlegg slik det er lastet ned.",
        )
    table = pd.concat(parts, ignore_index=True)
    shares = {c: _share(table[c]) for c in table.columns if c.endswith("_share")}
    rows = Rows(
        source, table, table["file"].to_numpy(dtype=object),
        table["row"].to_numpy(dtype=np.int64), pd.DataFrame(), len(table),
    )  # fmt: skip
    kommune = find_kommuner(table["name"], table["fylke"], kommuner)
    faults = [
        Fault(
            np.isnan(share) & mask(table[c].notna() & (table[c] != "")), c,
            "andelen er ikke et tall mellom 0 og 100 %", "Rett tallet.",
        )
        for c, share in shares.items()
    ]  # fmt: skip
    faults.append(
        Fault(
            mask(kommune == ""), "name", "kommunen finnes ikke i grensefila, eller navnet er flertydig",
            "Ingenting å gjøre hvis kommunen ligger utenfor fylket.",
        )
    )  # fmt: skip
    again = Repeat(kommune, "name", "kommunen står flere ganger", "Den første raden er brukt.")
    keep, set_aside = sift(rows, faults, again)
    frame = pd.DataFrame(
        {"kommune": kommune, "name": table["name"], "fylke": table["fylke"], **shares}
    )
    return finish(rows, keep, set_aside, frame[keep])


def _sheets(name: str, data: bytes) -> Iterator[list[list[Any]]]:
    """Give the cells of a CSV file, or of every sheet of a workbook."""
    if not data.startswith(b"PK"):
        text = decode(name, data)
        delimiter = max(";,\t", key=text[:5000].count)
        try:
            yield [
                list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            ]
        except csv.Error as fault:
            raise InputError(
                "kan ikke leses som CSV.", file=name, advice="Lagre fila på nytt som CSV UTF-8."
            ) from fault
        return
    import openpyxl  # noqa: PLC0415  slow to load

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book:
            yield [list(row) for row in sheet.iter_rows(values_only=True)]
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        TypeError,
        OSError,
        EOFError,
        ParseError,
    ) as fault:
        raise InputError(
            "kan ikke leses som Excel-bok.",
            file=name,
            advice="Fila kan være avkortet: last den ned på nytt.",
        ) from fault


def _parse(name: str, cells: list[list[Any]]) -> pd.DataFrame | None:
    """Make a table of a sheet with a row «Kommune | Fylke | …», or None."""
    header = next(
        (
            i
            for i, row in enumerate(cells[:20])
            if [_cell(c) for c in row[:2]] == ["kommune", "fylke"]
        ),
        None,
    )
    if header is None:
        return None
    columns = _columns(cells[header - 1] if header else [], cells[header])
    records = []
    for i, row in enumerate(cells[header + 1 :], start=header + 2):
        if not any(_cell(c) for c in row):
            continue
        record: dict[str, Any] = {
            "file": name,
            "row": i,
            "name": _text(row, 0),
            "fylke": _text(row, 1),
        }
        record |= {ours: _text(row, place) for ours, place in columns.items()}
        records.append(record)
    return pd.DataFrame(records) if records else None


def _columns(groups: list[Any], header: list[Any]) -> Mapping[str, int]:
    """Name each column by its group (the row above, carried to the right) and its heading."""
    found: dict[str, int] = {}
    group = ""
    for place, heading in enumerate(header):
        above = _cell(groups[place]) if place < len(groups) else ""
        group = above or group
        speed = str(heading or "").replace("≥", "").replace(" ", "")
        if speed in _SPEEDS and group in _GROUPS:
            found.setdefault(f"{_GROUPS[group]}_{speed.replace('/', '_')}_share", place)
        elif _cell(heading) in _TECHNOLOGIES and place > 1:
            found.setdefault(_TECHNOLOGIES[_cell(heading)], place)
    return found


def _cell(value: Any) -> str:
    return "" if value is None else plain_header(str(value))


def _text(row: list[Any], place: int) -> str:
    value = row[place] if place < len(row) else None
    return "" if value is None else str(value).replace("\u00a0", " ").strip()


def _share(texts: pd.Series[Any]) -> NDArray[np.float64]:
    """Read «94,2 %» and 0.942 as 0.942; NaN for what is neither."""
    plain = texts.fillna("").astype("str").str.replace(r"\s", "", regex=True)
    percent = mask(plain.str.endswith("%"))
    number = pd.to_numeric(plain.str.rstrip("%").str.replace(",", "."), errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    share = np.where(percent, number / 100, number)
    return np.where((share >= 0) & (share <= 1), share, np.nan)
