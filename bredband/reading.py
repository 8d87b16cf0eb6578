"""What reading a publisher's file gives: the rows kept, and every row set aside with a reason.

The identity ``rows_in == rows kept + rows set aside`` holds for every source. Text tables
are read by column name, never by position, in the encoding and with the delimiter they have.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from bredband.errors import InputError

_DELIMITERS = (";", ",", "\t", "|")
_LONGEST_RECORD_LINES = 100
_SET_ASIDE_COLUMNS = ("source", "file", "row", "column", "value", "reason", "advice")


@dataclass(frozen=True)
class Reading:
    """The outcome of reading one source; ``rows_in == rows_kept + len(set_aside)``.

    ``frame`` has one row per input row that was kept, in our own columns; only roads differ,
    whose lines are cut and joined to links. ``set_aside`` has the columns of the table of that
    name in the data model; ``repaired`` counts the rows that were mended, by reason in Norwegian.
    ``origin`` says which ``file`` and ``row`` each row of ``frame`` came from; for roads it is
    empty.
    """

    frame: pd.DataFrame
    set_aside: pd.DataFrame
    rows_in: int
    rows_kept: int
    repaired: dict[str, int]
    origin: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Field:
    """A column to look for: what we call it, what publishers call it, and if it must exist."""

    name: str
    synonyms: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Rows:
    """Rows as the publisher wrote them, with the file and line each came from.

    ``text`` holds the cells in our own column names; a column that no file has is empty text.
    ``broken`` are the rows that could not even be split into columns, as set-aside rows.
    """

    source: str
    text: pd.DataFrame
    file: NDArray[np.object_]
    row: NDArray[np.int64]
    broken: pd.DataFrame
    rows_in: int
    repaired: dict[str, int] = field(default_factory=dict)


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


def read_rows(
    paths: Sequence[Path],
    fields: Sequence[Field],
    source: str,
    *,
    suffixes: Collection[str] = (".csv", ".txt", ".tsv", ".parquet"),
) -> Rows:
    """Read text tables, plain or inside zip files at any depth, into rows of text.

    Parameters
    ----------
    paths
        The files.
    fields
        The columns to look for; a header matches when it equals a synonym, disregarding
        case, spaces and punctuation.
    source
        What the source is called in messages, in Norwegian.
    suffixes
        Endings of the files to read inside a zip.

    Raises
    ------
    InputError
        When a file cannot be opened, is empty, or lacks a required column.
    """
    parts = [
        _read_one(name, data, fields, source)
        for path in paths
        for name, data in members(path, suffixes)
    ]
    if not parts:
        raise InputError(
            f"ingen filer å lese for {source}.", advice="Kontroller stien i scenariet."
        )
    repaired: dict[str, int] = {}
    for part in parts:
        for reason, count in part.repaired.items():
            repaired[reason] = repaired.get(reason, 0) + count
    return Rows(
        source,
        pd.concat([part.text for part in parts], ignore_index=True),
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.row for part in parts]),
        pd.concat([part.broken for part in parts], ignore_index=True),
        sum(part.rows_in for part in parts),
        repaired,
    )


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
                    fault.column, value, fault.reason, fault.advice,
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
    values = reading.frame.loc[bad, column].astype("str").to_numpy()
    lost = reading.origin[bad]
    dropped = set_aside_rows(
        source, lost["file"].to_numpy(), lost["row"].to_numpy(), column, values, reason, advice
    )
    return replace(
        reading,
        frame=reading.frame[~bad].reset_index(drop=True),
        set_aside=number_set_aside([reading.set_aside, dropped]),
        rows_kept=reading.rows_kept - int(bad.sum()),
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


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Put readings of the same kind after one another."""
    frames = [reading.frame for reading in readings if len(reading.frame)]
    repaired: dict[str, int] = {}
    for reading in readings:
        for reason, count in reading.repaired.items():
            repaired[reason] = repaired.get(reason, 0) + count
    return Reading(
        pd.concat(frames, ignore_index=True) if frames else readings[0].frame,
        number_set_aside([reading.set_aside for reading in readings]),
        sum(reading.rows_in for reading in readings),
        sum(reading.rows_kept for reading in readings),
        repaired,
        pd.concat([reading.origin for reading in readings], ignore_index=True),
    )


def constant(text: str, count: int) -> pd.Series[Any]:
    """Make a column that holds the same text in every row."""
    return pd.Series([text], dtype="str").repeat(count).reset_index(drop=True)


def mask(values: pd.Series[Any]) -> NDArray[np.bool_]:
    """Turn a column of truth values into a plain array."""
    return values.to_numpy(dtype=np.bool_, na_value=False)


def to_numbers(texts: pd.Series[Any]) -> NDArray[np.float64]:
    """Turn text into numbers; decimal comma and grouping spaces are read, the rest is NaN."""
    plain = pd.to_numeric(texts, errors="coerce")
    wrong = plain.isna() & (texts != "")
    if wrong.any():
        mended = texts[wrong].str.replace(r"[\s\u00a0\u202f]", "", regex=True)
        mended = mended.str.replace("\u2212", "-").str.replace(",", ".")
        plain = plain.astype("float64")
        plain[wrong] = pd.to_numeric(mended, errors="coerce").astype("float64")
    numbers = plain.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def to_dates(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Turn dates, Norwegian (``dd.mm.yyyy``) or ISO, into ISO 8601; empty where none is read."""
    day_first = texts.str.extract(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})", expand=True)
    norwegian = day_first[2] + "-" + day_first[1].str.zfill(2) + "-" + day_first[0].str.zfill(2)
    iso = texts.str.extract(r"^(\d{4}-\d{2}-\d{2})", expand=False)
    found = iso.fillna(norwegian)
    real = pd.to_datetime(found, format="%Y-%m-%d", errors="coerce").notna()
    return found.where(real, "").fillna("").astype("str")


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


def members(path: Path, suffixes: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Give the name and content of a file, or of the matching files inside a zip at any depth.

    Raises
    ------
    InputError
        When the file is missing, is a folder, is a damaged zip, or the zip holds no match.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("fila finnes ikke.", file=path, advice="Kontroller navnet.") from None
    except IsADirectoryError:
        raise InputError(
            "er en mappe.", file=path, advice="Oppgi filene i mappa, for eksempel mappe/*.csv."
        ) from None
    except PermissionError:
        raise InputError("kan ikke leses: ingen tilgang.", file=path) from None
    if path.suffix.lower() == ".xlsx" or not (
        path.suffix.lower() == ".zip" or data.startswith(b"PK\x03\x04")
    ):
        yield path.name, data
        return
    found = list(_unzip(path.name, data, tuple(suffixes)))
    if not found:
        raise InputError(f"zip-fila inneholder ingen {' eller '.join(suffixes)}.", file=path)
    yield from found


def decode(name: str, data: bytes) -> str:
    """Decode text: UTF-8 with or without byte-order mark, UTF-16 with one, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        "tegnene kan ikke leses, verken som UTF-8 eller Windows-1252.",
        file=name,
        advice="Lagre fila på nytt som CSV UTF-8.",
    )


def plain_header(text: str) -> str:
    """Reduce a header to what we compare: lower case, letters and digits only."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _unzip(name: str, data: bytes, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in sorted(archive.namelist()):
                lower = member.lower()
                if lower.endswith(".zip"):
                    yield from _unzip(f"{name}/{member}", archive.read(member), suffixes)
                elif lower.endswith(suffixes) and "__macosx" not in lower:
                    yield f"{name}/{member}", archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as fault:
        raise InputError(
            f"zip-fila er skadet ({fault}).", file=name, advice="Last den ned på nytt."
        ) from None
    except (RuntimeError, NotImplementedError, ValueError) as fault:  # password, unknown packing
        raise InputError(f"zip-fila kan ikke pakkes ut ({fault}).", file=name) from None


def _read_one(name: str, data: bytes, fields: Sequence[Field], source: str) -> Rows:
    if data.startswith(b"PAR1"):
        return _read_parquet(name, data, fields, source)
    text = decode(name, data)
    repaired: dict[str, int] = {}
    if "\0" in text:
        repaired["nulltegn fjernet"] = text.count("\0")
        text = text.replace("\0", "")
    header_row, delimiter, columns = _find_header(name, text, fields)
    wanted = _match(name, columns, fields)
    table = _split_fast(text, header_row, delimiter, columns)
    if table is None:
        table = _split_careful(text, header_row, delimiter, columns, repaired)
    values, row, broken = table
    picked = {
        f.name: values[wanted[f.name]].str.strip(" \t\u00a0")
        if f.name in wanted
        else constant("", len(row))
        for f in fields
    }
    broken_rows = set_aside_rows(
        source, [name] * len(broken), [number for number, _ in broken], "",
        [record[:200] for _, record in broken],
        f"raden har ikke {len(columns)} kolonner slik overskriften har",
        "Se etter skilletegn eller anførselstegn inne i en tekst, eller en avkortet rad.",
    )  # fmt: skip
    file = np.full(len(row), name, dtype=object)
    frame = pd.DataFrame(picked)
    return Rows(source, frame, file, row, broken_rows, len(row) + len(broken), repaired)


def _read_parquet(name: str, data: bytes, fields: Sequence[Field], source: str) -> Rows:
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        columns = file.schema_arrow.names
        wanted = _match(name, columns, fields)
        table = file.read(columns=[columns[i] for i in wanted.values()])
        cast = {key: table[columns[i]].cast(pa.large_string()) for key, i in wanted.items()}
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OSError) as fault:
        raise InputError(f"kan ikke leses som Parquet ({fault}).", file=name) from None
    count = table.num_rows
    picked = {
        f.name: cast[f.name].fill_null("").to_pandas().str.strip()
        if f.name in cast
        else constant("", count)
        for f in fields
    }
    file_name = np.full(count, name, dtype=object)
    row = np.arange(1, count + 1, dtype=np.int64)
    return Rows(source, pd.DataFrame(picked), file_name, row, pd.DataFrame(), count)


def _repeated(key: pd.DataFrame | pd.Series[Any], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    bad = np.zeros(len(among), dtype=np.bool_)
    bad[among] = key[among].duplicated().to_numpy()
    return bad


def _find_header(name: str, text: str, fields: Sequence[Field]) -> tuple[int, str, list[str]]:
    """Find the header line (1 = first) and the delimiter that shows most known columns."""
    known = {plain_header(synonym) for f in fields for synonym in f.synonyms}
    best = (0, 0, "", [""])
    first_lines = re.split(r"\r\n|\n|\r", text[:200_000])[:20]
    for line_number, line in enumerate(first_lines, start=1):
        for delimiter in _DELIMITERS:
            columns = next(csv.reader([line], delimiter=delimiter), [])
            score = len(known & {plain_header(column) for column in columns})
            if score > best[0]:
                best = (score, line_number, delimiter, columns)
        if best[0] >= 2:
            break
    if not text.strip():
        raise InputError("fila er tom.", file=name)
    if best[0] == 0:
        wanted = ", ".join(f.synonyms[0] for f in fields if f.required)
        raise InputError(
            f"finner ingen overskriftsrad med kolonnene {wanted}.",
            file=name,
            advice="Første linje skal være kolonnenavn, skilt med semikolon.",
        )
    return best[1], best[2], best[3]


def _match(name: str, columns: list[str], fields: Sequence[Field]) -> dict[str, int]:
    """Pair our columns with positions in the file, by the first synonym that is there."""
    plain = [plain_header(column) for column in columns]
    wanted = {}
    for f in fields:
        for synonym in map(plain_header, f.synonyms):
            if plain.count(synonym) > 1:
                raise InputError(
                    f"kolonnen «{f.synonyms[0]}» finnes flere ganger.",
                    file=name,
                    advice="Slett den ene.",
                )
            if synonym in plain:
                wanted[f.name] = plain.index(synonym)
                break
    if missing := [f.synonyms[0] for f in fields if f.required and f.name not in wanted]:
        raise InputError(
            f"mangler kolonnen {', '.join(missing)}; fila har {', '.join(columns)[:300]}.",
            file=name,
        )
    return wanted


_Split = tuple[pd.DataFrame, NDArray[np.int64], list[tuple[int, str]]]


def _split_fast(text: str, header_row: int, delimiter: str, columns: list[str]) -> _Split | None:
    """Split with pyarrow; None when quotes, blank or uneven lines call for the careful way."""
    if '"' in text:
        return None
    data = text.encode()
    uneven = False

    def notice(_: Any) -> Literal["error", "skip"]:
        nonlocal uneven
        uneven = True
        return "skip"

    names = [str(i) for i in range(len(columns))]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=header_row),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, quote_char=False, invalid_row_handler=notice
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    lines = max(data.count(b"\n"), data.count(b"\r")) + (not data.endswith((b"\n", b"\r")))
    if uneven or table.num_rows != lines - header_row:
        return None
    frame = table.to_pandas()
    frame.columns = range(len(columns))
    return frame, np.arange(len(frame), dtype=np.int64) + header_row + 1, []


def _split_careful(
    text: str, header_row: int, delimiter: str, columns: list[str], repaired: dict[str, int]
) -> _Split:
    """Split line by line: quoted text may run over lines, a stray quote spoils only its row."""
    lines = re.split(r"\r\n|\n|\r", text)
    records: list[list[str]] = []
    rows: list[int] = []
    broken: list[tuple[int, str]] = []
    i = header_row
    while i < len(lines):
        if not lines[i].strip():
            i += 1
            continue
        record, used, mended = _take_record(lines, i, delimiter, len(columns))
        if record is None:
            broken.append((i + 1, lines[i]))
        else:
            records.append(record)
            rows.append(i + 1)
            if mended:
                reason = "løst anførselstegn lest som tekst"
                repaired[reason] = repaired.get(reason, 0) + 1
        i += used
    frame = pd.DataFrame(records, columns=range(len(columns)), dtype="str")
    return frame, np.asarray(rows, dtype=np.int64), broken


def _take_record(
    lines: list[str], start: int, delimiter: str, width: int
) -> tuple[list[str] | None, int, bool]:
    """Take the record that begins on a line: its fields (or None), lines used, if mended."""
    line = lines[start]
    if line.count('"') % 2 == 0:
        record = _fields(line, delimiter)
        return (record if len(record) == width else None), 1, False
    joined = line
    for used, following in enumerate(lines[start + 1 : start + _LONGEST_RECORD_LINES], start=2):
        if following.count(delimiter) >= width - 1 and following.count('"') % 2 == 0:
            break  # a whole record of its own: the quote above was stray
        joined += "\n" + following
        if joined.count('"') % 2 == 0:
            record = _fields(joined, delimiter)
            if len(record) == width:
                return record, used, False
            break
    record = line.split(delimiter)
    return (record if len(record) == width else None), 1, True


def _fields(record: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), [])
    except csv.Error:  # a field beyond the csv module's limit
        return record.split(delimiter)
