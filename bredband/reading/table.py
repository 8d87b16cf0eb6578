"""Text tables, plain or zipped, in the encoding and with the delimiter they have."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.reading.cells import constant, plain_header
from bredband.reading.files import decode, members
from bredband.reading.rows import Field, Rows, join_rows, set_aside_rows

_DELIMITERS = (";", ",", "\t", "|")
_ENDINGS = (".csv", ".txt", ".tsv", ".parquet")
"""Files that are read inside a zip."""
STRAY_QUOTE, NULLS_REMOVED = "løst anførselstegn lest som tekst", "nulltegn fjernet"
_LONGEST_RECORD_LINES = 100
_HEADER_BYTES = 200_000


def read_rows(
    paths: Sequence[Path],
    fields: Sequence[Field],
    source: str,
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

    Raises
    ------
    InputError
        When a file cannot be opened, is empty, or lacks a required column.
    """
    parts = [
        _read_one(name, data, fields, source)
        for path in paths
        for name, data in members(path, _ENDINGS)
    ]
    if not parts:
        raise InputError(
            f"ingen filer å lese for {source}.", advice="Kontroller stien i scenariet."
        )
    if len(parts) == 1:  # nothing to copy: a national file is large
        return parts[0]
    return join_rows(parts)


def _read_one(name: str, data: bytes, fields: Sequence[Field], source: str) -> Rows:
    if data.startswith(b"PAR1"):
        return _read_parquet(name, data, fields, source)
    repaired: dict[str, int] = {}
    if not _is_utf8(data):
        data = decode(name, data).encode()
    if b"\0" in data:
        repaired[NULLS_REMOVED] = data.count(b"\0")
        data = data.replace(b"\0", b"")
    header_row, delimiter, columns = _find_header(name, data, fields)
    wanted = _match(name, columns, fields)
    table = _split_fast(data, header_row, delimiter, len(columns), wanted)
    if table is None:
        text = decode(name, data)
        table = _split_careful(text, header_row, delimiter, len(columns), repaired)
        table = (table[0][list(wanted.values())].set_axis(list(wanted), axis=1), *table[1:])
    cells, row, broken = table
    picked = {
        f.name: cells[f.name].str.strip(" \t\u00a0") if f.name in wanted else constant("", len(row))
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
    headers = {name: columns[place] for name, place in wanted.items()}
    rows_in = len(row) + len(broken)
    return Rows(source, frame, file, row, broken_rows, rows_in, repaired, headers)


def _is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8, without making text of them."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    ends = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    whole = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _read_parquet(name: str, data: bytes, fields: Sequence[Field], source: str) -> Rows:
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        columns = file.schema_arrow.names
        wanted = _match(name, columns, fields)
        table = file.read(columns=[columns[i] for i in wanted.values()])
        cast = {key: table[columns[i]].cast(pa.large_string()) for key, i in wanted.items()}
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OSError) as fault:
        raise InputError(
            "kan ikke leses som Parquet.",
            file=name,
            advice="Fila kan være avkortet: last den ned på nytt.",
        ) from fault
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


def _find_header(name: str, data: bytes, fields: Sequence[Field]) -> tuple[int, str, list[str]]:
    """Find the header line (1 = first) and the delimiter that shows most known columns."""
    text = data[:_HEADER_BYTES].decode("utf-8-sig", errors="ignore")
    known = {plain_header(synonym) for f in fields for synonym in f.synonyms}
    best = (0, 0, "", [""])
    first_lines = re.split(r"\r\n|\n|\r", text)[:20]
    for line_number, line in enumerate(first_lines, start=1):
        for delimiter in _DELIMITERS:
            if len(line) > csv.field_size_limit():
                continue  # no header is so long, nor read
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
        else:
            if f.position is not None and len(columns) > f.position:
                wanted[f.name] = f.position
    if missing := [f.synonyms[0] for f in fields if f.required and f.name not in wanted]:
        raise InputError(
            f"mangler kolonnen {', '.join(missing)}; fila har {', '.join(columns)[:300]}.",
            file=name,
        )
    return wanted


_Split = tuple[pd.DataFrame, NDArray[np.int64], list[tuple[int, str]]]


def _split_fast(
    data: bytes, header_row: int, delimiter: str, width: int, wanted: Mapping[str, int]
) -> _Split | None:
    """Split with pyarrow; None when quotes, blank or uneven lines call for the careful way."""
    if b'"' in data:
        return None
    uneven = False

    def notice(_: Any) -> Literal["error", "skip"]:
        nonlocal uneven
        uneven = True
        return "skip"

    names = [str(i) for i in range(width)]
    used = [str(i) for i in wanted.values()]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=header_row),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, quote_char=False, invalid_row_handler=notice
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(used, pa.large_string()),
                include_columns=used,
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    lines = (data.count(b"\n") or data.count(b"\r")) + (not data.endswith((b"\n", b"\r")))
    if uneven or table.num_rows != lines - header_row:
        return None
    frame = table.rename_columns(list(wanted)).to_pandas()
    return frame, np.arange(len(frame), dtype=np.int64) + header_row + 1, []


def _split_careful(
    text: str, header_row: int, delimiter: str, width: int, repaired: dict[str, int]
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
        record, used, mended = _take_record(lines, i, delimiter, width)
        if record is None:
            broken.append((i + 1, lines[i]))
        else:
            records.append(record)
            rows.append(i + 1)
            if mended:
                repaired[STRAY_QUOTE] = repaired.get(STRAY_QUOTE, 0) + 1
        i += used
    frame = pd.DataFrame(records, columns=range(width), dtype="str")
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
