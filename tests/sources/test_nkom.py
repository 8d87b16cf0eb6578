"""Nkom: lists of what lacks, and coverage per kommune."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from samples import write

from bredband.errors import InputError
from bredband.sources import kartverket, nkom

TODAY = pd.DataFrame({"kommune": ["3420", "1515", "1818"], "name": ["Elverum", "Herøy", "Herøy"]})
TABLE = [
    ["Dekning for fast bredbånd på kommunenivå"],
    ["Tettbygd og spredtbygd samlet"],
    [
        "",
        "",
        "Teknologidekning",
        "",
        "Hastighet - alle teknologier på fast bredbånd",
        "",
        "",
        "Hastighet uten DSL",
    ],
    ["Kommune", "Fylke", "Fiber", "FTB", "≥ 30", "≥ 100", "", "≥ 100"],
]


def test_lacking(tmp_path):
    lines = [
        "adresseid;adressenavn;nummer;bokstav;kommunenummer;gårdsnummer",
        "1;Åsvegen;3;B;301;5",
        "1;;;;;",
        ";;;;;",
    ]
    hundred = write(tmp_path / "Mangler_100Mbit.csv", *lines, encoding="cp1252")
    thirty = write(tmp_path / "mangler_30mbit_csv.csv", *lines[:2])
    reading = nkom.read_lacking([hundred, thirty])
    assert reading.frame.to_numpy().tolist() == [
        ["1", 100.0, "Åsvegen 3B", "0301"],
        ["1", 30.0, "Åsvegen 3B", "0301"],
    ]
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside) == 4


def test_lacking_must_say_what(tmp_path):
    with pytest.raises(InputError, match="hastighet"):
        nkom.read_lacking([write(tmp_path / "liste.csv", "adresseid;adressenavn", "1;a")])


def as_csv(tmp_path, *rows):
    return write(tmp_path / "t.csv", *[";".join(map(str, row)) for row in [*TABLE, *rows]])


def as_xlsx(tmp_path, *rows):
    book = openpyxl.Workbook()
    book.active.append(["en annen tabell"])
    sheet = book.create_sheet("Dekning_fbb_kommuner_husstander")
    for row in [*TABLE, *rows]:
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    return tmp_path / "t.xlsx"


def test_kommune_table_in_both_forms(tmp_path):
    text = nkom.read_kommune_table(
        [
            as_csv(
                tmp_path,
                ["ELVERUM", "INNLANDET", "94,2 %", "80,7\u00a0%", "98,8 %", "95 %", "", "9 %"],
            )
        ],
        TODAY,
    )
    book = nkom.read_kommune_table(
        [as_xlsx(tmp_path, ["ELVERUM", "INNLANDET", 0.942, 0.807, 0.988, 0.95, None, 0.09])], TODAY
    )
    for reading in (text, book):
        (row,) = reading.frame.to_dict("records")
        assert row == pytest.approx(
            {"kommune": "3420", "name": "ELVERUM", "fylke": "INNLANDET", "fibre_share": 0.942, "fwa_share": 0.807,
             "all_30_share": 0.988, "all_100_share": 0.95, "without_dsl_100_share": 0.09}
        )  # fmt: skip


def test_kommune_table_faults(tmp_path):
    good = ["94 %", "80 %", "98 %", "95 %", "", "9 %"]
    rows = [["HERØY", "NORDLAND", *good], ["HERØY", "", *good], ["OSLO", "OSLO", *good],
            ["HERØY", "MØRE OG ROMSDAL", "140 %", *good[1:]]]  # fmt: skip
    reading = nkom.read_kommune_table([as_csv(tmp_path, *rows)], TODAY)
    assert reading.frame["kommune"].tolist() == ["1818"]
    assert reading.set_aside["row"].tolist() == [6, 7, 8]


def test_a_sheet_without_the_table(tmp_path):
    path = write(tmp_path / "x.csv", "Kommune;Fylke;Fiber", "OSLO;OSLO;1")
    with pytest.raises(InputError, match="ingen tabell"):
        nkom.read_kommune_table([path], TODAY)
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04tull")
    with pytest.raises(InputError, match="Excel"):
        nkom.read_kommune_table([tmp_path / "x.xlsx"], TODAY)


def test_real_tables(shared_data):
    today = kartverket.read_borders([shared_data / "norway/admin/Kommuner-S.geojson"]).frame
    folder = shared_data / "norway/nkom"
    book = folder / "vedlegg_dekning_og_abonnement_1h2022.xlsx"
    for path in (folder / "Dekning_fbb_kommuner_husstander.csv", book):
        reading = nkom.read_kommune_table([path], today)
        assert (reading.rows_in, reading.rows_kept) == (356, 356)
        elverum = reading.frame.set_index("kommune").loc["3420"]
        shares = elverum[
            [
                "fibre_share",
                "cable_share",
                "dsl_share",
                "fwa_share",
                "all_100_share",
                "all_1000_1000_share",
            ]
        ]
        assert shares.to_numpy(dtype=float) == pytest.approx(
            [0.836, 0.579, 0.910, 0.807, 0.954, 0.836], abs=6e-4
        )
    for path in (folder / "Dekning_mob_kommuner_husstander.csv", book):
        reading = nkom.read_mobile_table([path], today)
        assert (reading.rows_in, reading.rows_kept) == (356, 356)
