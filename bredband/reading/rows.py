"""Rows as publishers wrote them, and what a reading keeps of them or sets aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_SET_ASIDE_COLUMNS = ("source", "file", "row", "column", "value", "reason", "advice")


@dataclass(frozen=True)
class Reading:
    """The outcome of reading one source; ``rows_in == rows_kept + len(set_aside)``.

    ``frame`` has one row per input row that was kept, in our own columns; only roads differ,
    whose lines are cut and joined to links. ``set_aside`` has the columns of the table of that
    name in the data model; ``repaired`` counts the rows that were mended, by reason in Norwegian.
    ``origin`` says which ``file`` and ``row`` each row of ``frame`` came from, and for addresses
    what was ``mended`` in its position; where several rows of a file became one, ``rows`` lists
    them. For roads it is empty.
    """

    frame: pd.DataFrame
    set_aside: pd.DataFrame
    rows_in: int
    rows_kept: int
    repaired: dict[str, int]
    origin: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Field:
    """A column to look for: what we call it, what publishers call it, and if it must exist.

    ``position`` (0 = first) is where a publisher documents the column; it is used only when
    no header matches, in files wide enough to have it.
    """

    name: str
    synonyms: tuple[str, ...]
    required: bool = False
    position: int | None = None


@dataclass(frozen=True)
class Rows:
    """Rows as the publisher wrote them, with the file and line each came from.

    ``text`` holds the cells in our own column names; a column that no file has is empty text.
    ``headers`` gives the file's own name of a column of ours. ``broken`` are the rows that could
    not even be split into columns, as set-aside rows.
    """

    source: str
    text: pd.DataFrame
    file: NDArray[np.object_]
    row: NDArray[np.int64]
    broken: pd.DataFrame
    rows_in: int
    repaired: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """A reason to set rows aside: which rows, the column at fault, why, and what to do."""

    bad: NDArray[np.bool_]
    column: str
    reason: str
    advice: str


@dataclass(frozen=True)
class Repeat:
    """A key that may stand only once among the rows kept; later rows are set aside."""

    key: pd.DataFrame | pd.Series[Any]
    column: str
    reason: str
    advice: str


def sift(
    rows: Rows, faults: Sequence[Fault], repeat: Repeat | None = None
) -> tuple[NDArray[np.bool_], pd.DataFrame]:
    """Part the rows into those kept and those set aside; the first fault of a row counts.

    Returns
    -------
    tuple
        A mask of the rows kept, and the table ``set_aside`` (broken rows included).
    """
    keep = np.ones(len(rows.text), dtype=np.bool_)
    parts = [rows.broken]
    last: list[Fault | Repeat] = [repeat] if repeat else []
    for fault in [*faults, *last]:
        bad = keep & (_repeated(fault.key, keep) if isinstance(fault, Repeat) else fault.bad)
        if bad.any():
            named = fault.column in rows.text.columns
            value = rows.text[fault.column].to_numpy()[bad] if named else ""
            parts.append(
                set_aside_rows(
                    rows.source, rows.file[bad], rows.row[bad],
                    rows.headers.get(fault.column, fault.column), value, fault.reason, fault.advice,
                )
            )  # fmt: skip
        keep &= ~bad
    return keep, number_set_aside(parts)


def finish(
    rows: Rows,
    keep: NDArray[np.bool_],
    set_aside: pd.DataFrame,
    frame: pd.DataFrame,
    repaired: dict[str, int] | None = None,
) -> Reading:
    """Make the reading of a frame that has one row for each row kept, in the same order."""
    origin = pd.DataFrame({"file": pd.Series(rows.file[keep], dtype="str"), "row": rows.row[keep]})
    mended = rows.repaired if repaired is None else repaired
    return Reading(
        frame.reset_index(drop=True), set_aside, rows.rows_in, int(keep.sum()), mended, origin
    )


def drop_rows(
    reading: Reading, bad: NDArray[np.bool_], *, source: str, column: str, reason: str, advice: str
) -> Reading:
    """Set rows of a reading aside for a reason that only shows beside another source."""
    if not bad.any():
        return reading
    lost = reading.origin[bad].assign(value=reading.frame.loc[bad, column].astype("str"))
    if "rows" in lost:  # one row of the frame stands for several of the file
        lost = lost.assign(row=lost["rows"]).explode("row")
    dropped = set_aside_rows(
        source, lost["file"].to_numpy(), lost["row"].to_numpy(), column,
        lost["value"].to_numpy(), reason, advice,
    )  # fmt: skip
    return replace(
        reading,
        frame=reading.frame[~bad].reset_index(drop=True),
        set_aside=number_set_aside([reading.set_aside, dropped]),
        rows_kept=reading.rows_kept - len(lost),
        origin=reading.origin[~bad].reset_index(drop=True),
    )


def number_set_aside(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Gather set-aside rows of several readings into one table, in order of file and line."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return set_aside_rows("", [], [], "", [], "", "").assign(
            set_aside_id=pd.Series([], dtype="str")
        )[["set_aside_id", *_SET_ASIDE_COLUMNS]]
    table = pd.concat(filled, ignore_index=True)
    table = table.sort_values(["source", "file", "row"], kind="stable", ignore_index=True)
    table["set_aside_id"] = pd.Series(np.arange(1, len(table) + 1)).astype("str")
    return table[["set_aside_id", *_SET_ASIDE_COLUMNS]]


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Put rows of the same source after one another; a mend in several of them is counted once."""
    return Rows(
        parts[0].source,
        pd.concat([part.text for part in parts], ignore_index=True),
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.row for part in parts]),
        pd.concat([part.broken for part in parts], ignore_index=True),
        sum(part.rows_in for part in parts),
        _added([part.repaired for part in parts]),
        {name: header for part in parts for name, header in part.headers.items()},
    )


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Put readings of the same kind after one another."""
    frames = [reading.frame for reading in readings if len(reading.frame)]
    return Reading(
        pd.concat(frames, ignore_index=True) if frames else readings[0].frame,
        number_set_aside([reading.set_aside for reading in readings]),
        sum(reading.rows_in for reading in readings),
        sum(reading.rows_kept for reading in readings),
        _added([reading.repaired for reading in readings]),
        pd.concat([reading.origin for reading in readings], ignore_index=True),
    )


def _added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Add up how many rows were mended, reason by reason."""
    total: dict[str, int] = {}
    for part in counts:
        for reason, count in part.items():
            total[reason] = total.get(reason, 0) + count
    return total


def set_aside_rows(
    source: str, file: Any, row: Any, column: str, value: Any, reason: str, advice: str
) -> pd.DataFrame:
    """Make set-aside records: one per file and row, all with the same column and reason."""
    count = len(row)
    frame = pd.DataFrame(
        {
            "source": [source] * count,
            "file": list(file),
            "row": np.asarray(row, dtype=np.int64),
            "column": [column] * count,
            "value": [value] * count if isinstance(value, str) else [str(v)[:200] for v in value],
            "reason": [reason] * count,
            "advice": [advice] * count,
        }
    )
    return frame.astype({name: "str" for name in _SET_ASIDE_COLUMNS if name != "row"})


def _repeated(key: pd.DataFrame | pd.Series[Any], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if among.all():
        return key.duplicated().to_numpy()
    bad = np.zeros(len(among), dtype=np.bool_)
    bad[among] = key[among].duplicated().to_numpy()
    return bad
