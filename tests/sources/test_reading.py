"""Text tables: any encoding, delimiter and quoting; no row is lost."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import write

from bredband.errors import InputError
from bredband.reading import (
    Fault,
    Field,
    Repeat,
    drop_rows,
    finish,
    read_rows,
    sift,
    to_dates,
    to_numbers,
)

FIELDS = (Field("a", ("Alfa", "a"), required=True), Field("b", ("Beta",)), Field("c", ("Gamma",)))


def read(path):
    return read_rows([path], FIELDS, "prøve")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter, newline):
    lines = [delimiter.join(row) for row in (("ALFA", "beta"), ("Ærø", "1"), ("Øst", "2"))]
    rows = read(write(tmp_path / "x.csv", *lines, encoding=encoding, newline=newline))
    assert rows.text["a"].tolist() == ["Ærø", "Øst"]
    assert rows.text["b"].tolist() == ["1", "2"]
    assert rows.text["c"].tolist() == ["", ""]
    assert rows.row.tolist() == [2, 3]
    assert rows.rows_in == 2


def test_header_is_matched_by_name_not_place(tmp_path):
    rows = read(write(tmp_path / "x.csv", "x;gamma;AL-FA", "1;2;3"))
    assert rows.text.iloc[0].to_dict() == {"a": "3", "b": "", "c": "2"}


def test_quoted_text_may_hold_delimiters_and_lines(tmp_path):
    path = write(tmp_path / "x.csv", "alfa;beta", '"en;to";"linje 1', 'linje 2"', "tre;fire")
    rows = read(path)
    assert rows.text["a"].tolist() == ["en;to", "tre"]
    assert rows.text["b"].tolist() == ["linje 1\nlinje 2", "fire"]
    assert rows.row.tolist() == [2, 4]


def test_a_stray_quote_spoils_only_its_own_row(tmp_path):
    rows = read(write(tmp_path / "x.csv", "alfa;beta", '"Solhaug;1', "Lia;2", 'Nes;"3', "Vik;4"))
    assert rows.text["a"].tolist() == ['"Solhaug', "Lia", "Nes", "Vik"]
    assert rows.repaired == {"løst anførselstegn lest som tekst": 2}


def test_uneven_and_blank_lines(tmp_path):
    rows = read(write(tmp_path / "x.csv", "alfa;beta", "1;2", "", "1;2;3", "4", "5;6"))
    assert rows.row.tolist() == [2, 6]
    assert rows.broken["row"].tolist() == [4, 5]
    assert rows.rows_in == 4


def test_nul_characters_are_removed_and_counted(tmp_path):
    rows = read(write(tmp_path / "x.csv", "alfa;beta", "1\0;2"))
    assert rows.text["a"].tolist() == ["1"]
    assert rows.repaired == {"nulltegn fjernet": 1}


def test_a_zip_that_unfolds_to_more_than_it_says_is_refused_in_little_memory(tmp_path):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tabell.csv", bytes(64 * 1024**2))
    data = bytearray(packed.getvalue())
    packed.close()
    struct.pack_into("<I", data, data.rfind(b"PK\x01\x02") + 24, 1000)  # «1000 bytes»
    path = tmp_path / "bombe.zip"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="skadet"):
            read(path)
        peak_mb = tracemalloc.get_traced_memory()[1] / 1024**2
    finally:
        tracemalloc.stop()
    assert peak_mb < 8


def test_a_table_deep_in_zips(tmp_path):
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("mappe/tabell.csv", "alfa\n7\n8\n")
    path = tmp_path / "ytre.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("les.pdf", b"")
        archive.writestr("en/indre.zip", inner.getvalue())
    rows = read(path)
    assert rows.text["a"].tolist() == ["7", "8"]
    assert rows.file[0] == "ytre.zip/en/indre.zip/mappe/tabell.csv"


def test_parquet_is_read_as_text(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"Alfa": [1, 2], "beta": [True, None]}).to_parquet(path)
    rows = read(path)
    assert rows.text["a"].tolist() == ["1", "2"]
    assert rows.text["b"].str.lower().tolist() == ["true", ""]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "tom"),
        (b"en;to\n1;2\n", "overskriftsrad"),
        (b"beta;gamma\n1;2\n", "mangler kolonnen Alfa"),
        (b"alfa;ALFA;beta\n1;2;3\n", "flere ganger"),
        (b"PK\x03\x04tull", "skadet"),
        (b"PAR1tull", "Parquet"),
        (b"alfa;beta\n\x81\x8d;1\n", "tegnene kan ikke leses"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, content, says):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read(path)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="finnes ikke"):
        read(tmp_path / "borte.csv")
    with pytest.raises(InputError, match="mappe"):
        read(tmp_path)


def test_sift_counts_the_first_fault_and_repeats_among_the_sound(tmp_path):
    rows = read(write(tmp_path / "x.csv", "alfa;beta", "1;x", "1;2", "1;3", "2;4"))
    bad = (rows.text["b"] == "x").to_numpy()
    keep, set_aside = sift(
        rows, [Fault(bad, "b", "grunn", "råd")], Repeat(rows.text["a"], "a", "gjentatt", "slett")
    )
    assert keep.tolist() == [False, True, False, True]
    assert set_aside[["row", "reason", "value"]].to_numpy().tolist() == [
        [2, "grunn", "x"],
        [4, "gjentatt", "1"],
    ]
    reading = finish(rows, keep, set_aside, rows.text[keep])
    assert reading.origin["row"].tolist() == [3, 5]
    fewer = drop_rows(
        reading, np.array([True, False]), source="s", column="a", reason="r", advice="a"
    )
    assert fewer.rows_in == fewer.rows_kept + len(fewer.set_aside) == 4
    assert fewer.set_aside["set_aside_id"].is_unique


plain = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters=';"\ufeff'),
    max_size=8,
)


@given(st.lists(st.tuples(plain, plain, plain), min_size=1, max_size=20))
def test_every_row_written_is_read(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("p") / "x.csv"
    lines = [";".join(row) for row in cells]
    rows = read(write(path, "alfa;beta;gamma", *lines, newline="\n"))
    strip = " \t\u00a0"
    assert rows.text["a"].tolist() == [row[0].strip(strip) for row in cells]
    assert rows.rows_in == len(cells)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_no_line_is_lost_whatever_stands_in_it(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("p") / "x.csv"
    path.write_bytes(b"alfa;beta\n" + text.encode())
    rows = read(path)
    assert rows.rows_in == len(rows.text) + len(rows.broken)


def test_numbers_and_dates():
    texts = pd.Series(
        ["1.5", "1,5", "1 234,5", "1\u00a0000", "\u22123", "", "x", "inf", "nan", "1e400"]
    )
    found = to_numbers(texts)
    assert found[:5].tolist() == [1.5, 1.5, 1234.5, 1000, -3]
    assert np.isnan(found[5:]).all()
    dates = pd.Series(
        ["29.03.2023 22:05:36.367", "2026-09-28T13:28:00", "1.2.2026", "31.02.2026", "", "i går"]
    )
    assert to_dates(dates).tolist() == ["2023-03-29", "2026-09-28", "2026-02-01", "", "", ""]
