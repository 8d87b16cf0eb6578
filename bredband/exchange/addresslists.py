"""Address lists and detail sheets per area: what a tender and a grant application ask for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bredband import county
from bredband.inert import clean, file_stem, inert
from bredband.plan import Plan
from bredband.wording import sentences
from bredband.zipped import with_fixed_times

ADDRESS_COLUMNS = (
    "adresseid",
    "veinavn",
    "nr",
    "bokstav",
    "postnr",
    "sted",
    "kommunenr",
    "gnr",
    "bnr",
    "fnr",
    "Ø",
    "N",
)
"""Columns of an address list as the counties' grant portal asks for them."""

AREA_FOLDER = "omrader"
"""Where the files of the areas lie."""

_NUMBERS = {"Ø", "N"}
# The blue of the document's table heads.
_HEADER_COLOUR = "1F4E79"
_AREA_FILE = re.compile(r"(\d{3,}|fellesgroft)_[0-9A-Za-z_-]+(_adresseliste\.csv|\.xlsx)")


def address_list(plan: Plan, area_id: str) -> pd.DataFrame:
    """List the premises that an area reaches, by street and number.

    Returns
    -------
    A frame with ``ADDRESS_COLUMNS``; coordinates in metres, EPSG:25833.
    """
    reached = plan.connections.loc[plan.connections["area_id"] == area_id, "premises_id"]
    premises = plan.premises[plan.premises["premises_id"].isin(reached)]
    number = premises["house_number"].str.extract(r"^\s*(\d*)\s*(.*)$")
    cadastre = premises["cadastre"].str.split(r"[/-]", regex=True)
    frame = pd.DataFrame(
        {
            "adresseid": premises["premises_id"],
            "veinavn": premises["street"],
            "nr": number[0],
            "bokstav": number[1],
            "postnr": premises["postcode"],
            "sted": premises["postplace"],
            "kommunenr": premises["kommune"],
            **{
                name: ["".join(parts[place : place + 1]) for parts in cadastre]
                for place, name in enumerate(("gnr", "bnr", "fnr"))
            },
            "Ø": premises.geometry.x.round(2),
            "N": premises.geometry.y.round(2),
        }
    )
    order = frame["nr"].where(frame["nr"] != "", "0").astype("int64")
    sorted_rows = frame.assign(order=order).sort_values(
        ["kommunenr", "veinavn", "order", "bokstav", "gnr", "bnr", "adresseid"]
    )
    return sorted_rows[list(ADDRESS_COLUMNS)].reset_index(drop=True)


def write_area_files(document: Mapping[str, Any], plan: Plan, folder: Path) -> list[Path]:
    """Write an address list (CSV) and a workbook for every area that is built.

    The workbook holds the details of the area, its bill of quantities and its address list.
    Shared trench without addresses gets a workbook only. Area files of an earlier plan in
    the folder are removed. A text that a spreadsheet could
    take for a formula is made inert.

    Returns
    -------
    The files written, in the order of the building list.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    written: list[Path] = []
    for area in document["areas"]:
        if area["build_year"] is None:
            continue
        place = "fellesgroft" if area["priority"] is None else f"{area['priority']:03d}"
        stem = f"{place}_{file_stem(area['area_id'])}"
        addresses = address_list(plan, area["area_id"])
        if len(addresses):
            path = folder / f"{stem}_adresseliste.csv"
            with county.replacing(path) as temporary:
                temporary.write_bytes(_csv(addresses))
            written.append(path)
        path = folder / f"{stem}.xlsx"
        with county.replacing(path) as temporary:
            temporary.write_bytes(_workbook(document, area, addresses))
        written.append(path)
    remove_area_files(folder, keep=written)
    return written


def remove_area_files(folder: Path, *, keep: Sequence[Path] = ()) -> None:
    """Remove the area files of an earlier plan, which would pass for this one's."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if _AREA_FILE.fullmatch(path.name) and path not in keep:
            path.unlink()


def _csv(frame: pd.DataFrame) -> bytes:
    """Write CSV that Norwegian spreadsheets open: BOM, semicolons, decimal comma, CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(frame.columns)
    writes: list[Callable[[Any], str]] = [
        _decimal if name in _NUMBERS else _inert_text for name in frame.columns
    ]
    for row in frame.itertuples(index=False):
        writer.writerow([write(value) for write, value in zip(writes, row, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def _decimal(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _inert_text(value: Any) -> str:
    return inert(str(value))


def _workbook(
    document: Mapping[str, Any], area: Mapping[str, Any], addresses: pd.DataFrame
) -> bytes:
    """Write the workbook of one area: details, quantities and addresses."""
    import openpyxl  # noqa: PLC0415
    from openpyxl.styles import Alignment  # noqa: PLC0415

    say = sentences("exchange", document["publication"]["language"])
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = say["sheet_details"]
    _fill(sheet, [(say["property"], say["value"]), *_details(document, area, say)], (34, 46))
    for cell in sheet["B"]:
        cell.alignment = Alignment(horizontal="left", wrap_text=True)
    sheet = book.create_sheet(say["sheet_quantities"])
    header = tuple(
        say[name] for name in ("item", "method", "amount", "unit", "low", "likely", "high")
    )
    lines: list[tuple[Any, ...]] = [
        (
            _post(line, say),
            say[f"method_{line['method']}"] if line["method"] else "",
            round(line["amount"]),
            say[f"unit_{line['unit']}"],
            line["low_nok"],
            line["likely_nok"],
            line["high_nok"],
        )
        for line in area["quantities"]
    ]
    sums = [sum(line[place] for line in lines) for place in (4, 5, 6)]
    _fill(sheet, [header, *lines, (say["total"], "", "", "", *sums)], (52, 14, 10, 8, 14, 16, 14))
    if len(addresses):
        sheet = book.create_sheet(say["sheet_addresses"])
        rows = [tuple(addresses.columns), *addresses.itertuples(index=False, name=None)]
        _fill(sheet, rows, (16, 28, 8, 8, 8, 18, 11, 8, 8, 8, 14, 14))
    book.properties.creator = document["publication"]["organisation"] or "bredband"
    book.properties.title = clean(f"{say['sheet_details']}: {area['name']}")
    file = io.BytesIO()
    book.save(file)
    return with_fixed_times(file.getvalue(), document["publication"]["created_on"])


def _post(line: Mapping[str, Any], say: Mapping[str, str]) -> str:
    """Name a line: trench by its ground, a surcharge by both, all else by what it is."""
    if line["item"] == "trench":
        return say[line["ground"]]
    if line["item"] == "surcharge":
        return f"{say['surcharge']}: {say[line['ground']].lower()}"
    return say[line["item"]]


def _details(
    document: Mapping[str, Any], area: Mapping[str, Any], say: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """Give the lines of the detail sheet."""
    publication = document["publication"]
    if publication["synthetic"]:
        yield say["note"], say["synthetic"]
    yield say["county"], publication["county"]
    yield say["applicant"], publication["organisation"]
    for name in ("area_id", "name", "kommune", "kommune_name", "build_year", "priority"):
        yield say[name], area[name]
    yield say["technology"], say[area["technology"]]
    yield say["target"], round(document["scenario"]["target"]["down_mbps"])
    for name in ("premises", "households"):
        yield say[name], area[name]
    yield say["trench_m"], round(area["trench_m"])
    yield say["feeder_area"], area["feeder_area"]
    for name in ("capex_nok", "capex_low_nok", "capex_high_nok", "operator_nok", "local_nok"):
        yield say[name], area[name]
    yield say["grant_nok"], area["grant_nok"]
    per_household = area["grant_per_household_nok"]
    yield say["grant_per_household_nok"], "" if per_household is None else round(per_household)
    yield say["prices"], say["prices_note"].format(year=document["scenario"]["costs"]["price_year"])


def _fill(sheet: Any, rows: Sequence[Sequence[Any]], widths: Sequence[int]) -> None:
    """Fill a sheet, one page wide, under a frozen header; every text is stored as plain text."""
    from openpyxl.cell.cell import TYPE_STRING  # noqa: PLC0415
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415

    header = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=_HEADER_COLOUR)

    for row_number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(row_number, column)
            if isinstance(value, str):
                cell.value = clean(value)
                cell.data_type = TYPE_STRING
                cell.quotePrefix = inert(value).startswith("'")
            else:
                cell.value = value
                cell.number_format = _number_format(value)
            if row_number == 1:
                cell.font, cell.fill = header
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if len(widths) > 2 else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _number_format(value: Any) -> str:
    """Group the digits of large numbers only: a year is not a sum."""
    if isinstance(value, float):
        return "0.00"
    return "#,##0" if abs(value or 0) >= 10_000 else "0"
