from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bredband import tables
from bredband.exchange import address_list, write_area_files
from bredband.exchange.addresslists import ADDRESS_COLUMNS
from bredband.inert import file_stem, inert
from bredband.plan import Plan
from bredband.wording import sentences


@pytest.fixture(scope="module")
def files(
    hostile_document: dict[str, Any],
    hostile_plan: Plan,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Path]:
    return write_area_files(hostile_document, hostile_plan, tmp_path_factory.mktemp("omrader"))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def test_an_address_list_has_the_columns_that_the_counties_ask_for(plan: Plan) -> None:
    frame = address_list(plan, "A000")
    assert tuple(frame.columns) == ADDRESS_COLUMNS
    assert len(frame) == int(plan.areas.set_index("area_id").loc["A000", "premises"])
    row = frame[frame["bokstav"] == "B"].iloc[0]
    assert row["nr"].isdigit()
    assert row["gnr"].isdigit()
    assert frame["nr"].astype(int).is_monotonic_increasing


def test_every_built_area_with_addresses_has_both_files(
    hostile_document: dict[str, Any], files: list[Path]
) -> None:
    built = [area for area in hostile_document["areas"] if area["build_year"] is not None]
    assert len([f for f in files if f.suffix == ".xlsx"]) == len(built)
    lists = [f for f in files if f.suffix == ".csv"]
    assert len(lists) == sum(area["premises"] > 0 for area in built)
    assert sum(len(read_csv(f)) for f in lists) == sum(area["premises"] for area in built)


def test_no_cell_of_a_csv_is_a_formula(files: list[Path]) -> None:
    texts = [f for f in files if f.suffix == ".csv"]
    for file in texts:
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
        for row in read_csv(file):
            for name, value in row.items():
                if name not in ("Ø", "N"):
                    assert not value.lstrip().startswith(("=", "+", "-", "@"))
                    assert "\t" not in value
                else:
                    assert value.replace(",", "", 1).lstrip("-").isdigit()


def test_no_cell_of_a_workbook_is_a_formula(files: list[Path]) -> None:
    seen = set()
    for file in (f for f in files if f.suffix == ".xlsx"):
        book = openpyxl.load_workbook(file)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", (file.name, cell.coordinate)
                    if isinstance(cell.value, str):
                        seen.add(cell.value)
                        assert cell.quotePrefix == inert(cell.value).startswith("'")
    assert "=cmd|' /C calc'!A0" in seen
    assert "<script>alert(1)</script>" in seen


def test_the_workbook_has_details_quantities_and_addresses(
    hostile_document: dict[str, Any], files: list[Path]
) -> None:
    area = next(a for a in hostile_document["areas"] if a["build_year"] and a["premises"])
    file = next(f for f in files if f.name == f"{area['priority']:03d}_{area['area_id']}.xlsx")
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Prosjektdetaljer", "Mengdeliste", "Adresseliste"]
    details = dict(book["Prosjektdetaljer"].iter_rows(values_only=True))
    assert details["Omsøkt tilskudd (kr, anslag)"] == area["grant_nok"]
    assert details["Merknad"] == "Syntetiske data – ikke en virkelig plan"
    quantities = list(book["Mengdeliste"].iter_rows(min_row=2, values_only=True))
    assert quantities[-1][5] == area["capex_nok"]
    assert book["Adresseliste"].max_row == area["premises"] + 1


def test_area_files_of_an_earlier_plan_go_and_other_files_stay(
    document: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / "999_gammel.xlsx").write_bytes(b"")
    (tmp_path / "999_gammel_adresseliste.csv").write_bytes(b"")
    (tmp_path / "notater.xlsx").write_bytes(b"")
    write_area_files(document, plan, tmp_path)
    assert not list(tmp_path.glob("999_*"))
    assert (tmp_path / "notater.xlsx").exists()


def test_every_code_of_the_data_model_has_a_label_in_both_languages() -> None:
    codes = {*tables.BILL_ITEMS, *tables.GROUND_CLASSES, *tables.TECHNOLOGIES} - {"trench"}
    codes |= {f"method_{method}" for method in tables.METHODS}
    for language in ("nb", "nn"):
        assert codes <= set(sentences("exchange", language))


@given(st.text())
def test_an_inert_text_never_begins_a_formula(text: str) -> None:
    result = inert(text)
    assert not result.lstrip().startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    )
    assert not set(result) & {"\t", "\r", "\n", "\0"}


@given(st.text())
def test_a_file_stem_stays_in_its_folder(text: str) -> None:
    stem = file_stem(text)
    assert stem
    assert len(stem) <= 80
    assert Path("x") / stem == Path("x", stem)
    assert set(stem) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-")
