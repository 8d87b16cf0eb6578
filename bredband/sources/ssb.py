"""Statistics Norway's grid files: dwellings, population and businesses per cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.grid import NORWAY_EAST_M, NORWAY_NORTH_M, ssb_cell_corners_m
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    finish,
    read_rows,
    sift,
    to_numbers,
)

DWELLINGS, POPULATION, BUSINESSES = "SSB boliger", "SSB befolkning", "SSB bedrifter"

_CELL_NAMES = (
    "ssbid250m", "ssbid_250", "ssbid", "ssbid250", "rute_250m", "ssbid1000m", "ssbid_1000",
    "rute_1000m", "ssbid100m", "rute_100m", "ssbid5000m",
)  # fmt: skip
_CELL = Field("cell", _CELL_NAMES, required=True)
_YEAR = Field("year", ("År", "aar", "statistikkår", "statistikkAr", "year"))
_SIZES_M = (5000, 1000, 250, 100)


def read_dwellings(paths: Sequence[Path]) -> Reading:
    """Read dwellings per cell: ``cell_id``, ``cell_m`` and ``dwellings``; the latest year."""
    fields = (
        _CELL,
        _YEAR,
        Field(
            "dwellings", ("boliger_i_alt", "boliger", "dwe_tot", "antall_boliger"), required=True
        ),
    )
    return _read(paths, fields, DWELLINGS)


def read_population(paths: Sequence[Path]) -> Reading:
    """Read persons per cell: ``cell_id``, ``cell_m`` and ``persons``; the latest year.

    Wide files with a column per year (``Populasjon``) and SSB's own ``pop_tot`` will do.
    """
    names = ("pop_tot", "popTot", "poptot", "populasjon", "befolkning", "personer")
    return _read(paths, (_CELL, _YEAR, Field("persons", names, required=True)), POPULATION)


def read_businesses(paths: Sequence[Path]) -> Reading:
    """Read businesses per cell: ``cell_id``, ``cell_m``, ``businesses`` and ``employees``."""
    fields = (
        _CELL,
        _YEAR,
        Field("businesses", ("est_tot", "bedrifter", "antall_bedrifter"), required=True),
        Field("employees", ("emp_tot", "ansatte", "antall_ansatte")),
    )
    return _read(paths, fields, BUSINESSES)


def read_cells(paths: Sequence[Path]) -> Reading:
    """Read whichever of dwellings and population a file holds, told by its columns."""
    names = ("boliger_i_alt", "boliger", "dwe_tot", "antall_boliger")
    found = read_rows(paths, (_CELL, _YEAR, Field("dwellings", names)), DWELLINGS)
    return (
        read_dwellings(paths) if (found.text["dwellings"] != "").any() else read_population(paths)
    )


def _read(paths: Sequence[Path], fields: Sequence[Field], source: str) -> Reading:
    rows = read_rows(paths, fields, source)
    cell = _cell_ids(rows)
    year = to_numbers(rows.text["year"].str.slice(0, 4))
    given = (rows.text["year"] != "").to_numpy(dtype=np.bool_)
    values = {f.name: to_numbers(rows.text[f.name]) for f in fields[2:]}
    east, north = ssb_cell_corners_m(np.maximum(cell, 0))
    inside = (east >= NORWAY_EAST_M[0] - 5000) & (east <= NORWAY_EAST_M[1])
    inside &= (north >= NORWAY_NORTH_M[0] - 5000) & (north <= NORWAY_NORTH_M[1])
    first = fields[2].name
    faults = [
        Fault(cell < 0, "cell", "rute-id er ikke 14 siffer", "Les id-en som tekst, ikke som desimaltall."),
        Fault(~inside, "cell", "ruta ligger ikke i Norge", "Kontroller rute-id-en."),
        Fault(given & np.isnan(year), "year", "årstallet er ikke et tall", "Rett årstallet."),
        Fault(
            ~(values[first] >= 0) | (values[first] > 1e6), first,
            "verdien er ikke et tall fra 0 og oppover", "Rett tallet.",
        ),
    ]  # fmt: skip
    sound = ~np.logical_or.reduce([fault.bad for fault in faults])
    latest = np.nanmax(year[sound & given], initial=-np.inf)
    faults.append(
        Fault(
            given & (year < latest),
            "year",
            f"eldre enn siste årgang ({latest:g})",
            "Siste årgang er brukt.",
        )
    )
    keep, set_aside = sift(
        rows,
        faults,
        Repeat(pd.Series(cell), "cell", "ruta står flere ganger", "Den første er brukt."),
    )
    numbers = {
        name: np.where(np.isnan(value), 0, np.round(value)).astype(np.int64)
        for name, value in values.items()
    }
    frame = pd.DataFrame({"cell_id": cell, "cell_m": _size_m(cell[keep]), **numbers})
    frame = frame[keep].reset_index(drop=True)
    return finish(rows, keep, set_aside, frame)


def _cell_ids(rows: Rows) -> NDArray[np.int64]:
    """Read ids of 14 digits as whole numbers; -1 where the text is something else."""
    text = rows.text["cell"]
    sound = text.str.fullmatch(r"\d{13,14}").to_numpy(dtype=np.bool_, na_value=False)
    ids = np.full(len(text), -1, dtype=np.int64)
    ids[sound] = text[sound].to_numpy(dtype=object).astype(np.int64)
    return ids


def _size_m(cells: NDArray[np.int64]) -> int:
    """Tell the cell size: the largest that every corner is a multiple of."""
    east, north = ssb_cell_corners_m(cells)
    for size_m in _SIZES_M:
        if not (east % size_m).any() and not (north % size_m).any():
            return size_m
    return 100
