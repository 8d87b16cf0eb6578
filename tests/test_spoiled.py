"""What a planner may come to spoil: one Norwegian sentence, exit code 2, and nothing written."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from pydantic import BaseModel, ValidationError
from rasterio.transform import from_origin

from bredband.scenario import Scenario, read_scenario
from bredband.scenario.faults import clauses
from bredband.sector.scenario import SectorScenario
from tests import lilleland_files
from tests.test_cli import call, one_sentence

ODD: tuple[Any, ...] = (
    "x", "", True, 7, -7, 0.5, 10**40, math.nan, [], ["x"], [[1]], {}, {"x": {"x": 1}}, dt.date(2027, 1, 1),
    "x" * 5000,
)  # fmt: skip
ENGLISH = re.compile(r"\b(should|input|valid|value|must|than|string|error|failed|long)\b", re.I)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    return lilleland_files.write(tmp_path_factory.mktemp("lilleland") / "inn").parent


def fields(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The place of every field of a scenario and of its sections."""
    for name, field in model.model_fields.items():
        yield (*above, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, (*above, name))


@pytest.mark.parametrize("model", [Scenario, SectorScenario])
def test_whatever_stands_in_a_field_is_refused_in_norwegian(model, files) -> None:
    plain = tomllib.loads((files / "scenario.toml").read_text("utf-8"))
    refused = 0
    for place in fields(model):
        for odd in ODD:
            values = json.loads(json.dumps(plain if model is Scenario else {}))
            section = values
            for name in place[:-1]:
                section = section.setdefault(name, {})
            section[place[-1]] = odd
            try:
                model.model_validate(values)
            except ValidationError as fault:
                said = "; ".join(clauses(fault, model))
                told = re.sub(r"«[^»]*»|kjente nøkler er [^;]*", "", said)
                assert place[0] in said, (place, odd, said)
                assert not ENGLISH.search(told), (place, odd, said)
                refused += 1
    assert refused > 5 * sum(1 for _ in fields(model))


def replaced(old: str, new: str) -> Callable[[Path], None]:
    """Put something else in the scenario."""

    def spoil(folder: Path) -> None:
        file = folder / "scenario.toml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return spoil


def source(name: str) -> Callable[[Path], None]:
    return replaced('["adresser.csv"]', name)


def written(name: str, content: bytes | str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def a_folder(folder: Path) -> None:
    (folder / "adresser.csv").unlink()
    (folder / "adresser.csv").mkdir()


def a_ring_of_links(folder: Path) -> None:
    (folder / "adresser.csv").unlink()
    (folder / "adresser.csv").symlink_to("adresser.csv")


def column_twice(folder: Path) -> None:
    file = folder / "adresser.csv"
    lines = file.read_text("utf-8-sig").splitlines()
    file.write_text("\n".join([f"{lines[0]};Nord", *(f"{x};1" for x in lines[1:])]), "utf-8")


def borders_of(geometry: dict[str, Any] | None) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        file = folder / "grenser.geojson"
        content = json.loads(file.read_text("utf-8"))
        content["features"][0]["geometry"] = geometry
        file.write_text(json.dumps(content), "utf-8")

    return spoil


def a_geopackage(spoil: Callable[[Path], None]) -> Callable[[Path], None]:
    """Put the borders in a GeoPackage, and spoil that."""

    def spoiled(folder: Path) -> None:
        gpd.read_file(folder / "grenser.geojson").to_file(folder / "grenser.gpkg")
        spoil(folder / "grenser.gpkg")
        replaced("grenser.geojson", "grenser.gpkg")(folder)

    return spoiled


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20_000])


def without_layers(file: Path) -> None:
    with sqlite3.connect(file) as base:
        base.execute("delete from gpkg_contents")
        base.execute("delete from gpkg_geometry_columns")
    base.close()


def terrain(
    bands: int = 1, height_m: float = 5.0, kept_bytes: int | None = None
) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        tile = folder / "terreng.tif"
        with rasterio.open(
            tile, "w", driver="GTiff", width=700, height=100, count=bands, dtype="float32",
            crs="EPSG:25833", transform=from_origin(299_000, 6_700_500, 10, 10),
        ) as file:  # fmt: skip
            for band in range(1, bands + 1):
                file.write(np.full((100, 700), height_m, dtype=np.float32), band)
        tile.write_bytes(tile.read_bytes()[:kept_bytes])
        replaced("[sources]", '[sources]\nterrain = ["terreng.tif"]')(folder)

    return spoil


SPOILED = {
    "a year of five digits": (replaced("= 2027", "= 20226"), "first_year» er 20226, må være høyst 2100"),
    "no number": (replaced("[110000,", "[nan,"), "er nan, må være et endelig tall"),
    "yes for a sum": (replaced("[110000,", "[true,"), "true og false kan ikke stå her"),
    "a date for a sum": (replaced("[110000,", "[2027-01-01,"), "er 2027-01-01, må være et tall"),
    "more money than there is": (replaced("[110000,", "[1000000000000000000,"), "urimelig stort"),
    "thousands of digits": (replaced("= 2027", f"= {'9' * 5000}"), "for stor til å leses"),
    "lists in lists": (written("scenario.toml", f"a = {'[' * 3000}{']' * 3000}"), "for stor til å leses"),
    "a ground that is none": (replaced("soft = {", "sand = {"), "«costs.trench_nok_per_m.sand» er 'sand', må"),
    "a name like a book": (replaced('name = "Lilleland"', f'name = "{"x" * 9999}"'), "høyst 200 tegn"),
    "a scenario that builds on itself": (
        replaced("name =", 'extends = "scenario.toml"\nname ='), "som selv har «extends»"),
    "no file of addresses": (source("[]"), "ingen filer står under addresses"),
    "the whole disk": (source('["/"]'), "finner ikke addresses: / (ei mappe"),
    "a folder that is called a file": (a_folder, "adresser.csv (ei mappe; skriv adresser.csv/*)"),
    "a ring of links": (a_ring_of_links, "finner ikke addresses: adresser.csv i"),
    "a path longer than any": (source(f'["{"a" * 5000}"]'), "finner ikke addresses"),
    "a sign that no path has": (source('["adr\\u0000esser.csv"]'), "finner ikke addresses"),
    "a template that is not there": (
        replaced("[areas]", '[output]\ndocx_template = "borte.docx"\n[areas]'), "Word-malen finnes ikke"),
    "a mark and no more": (written("adresser.csv", b"\xef\xbb\xbf"), "fila er tom"),
    "one endless line": (written("adresser.csv", "lokalid;" + "x" * 500_000), "overskriftsrad"),
    "a column twice": (column_twice, "kolonnen «Nord» finnes flere ganger"),
    "borders that are points": (
        borders_of({"type": "Point", "coordinates": [10, 60]}), "ingen av kommunegrensene kan brukes (1 lest)"),
    "borders without a place": (borders_of(None), "ingen av kommunegrensene kan brukes (1 lest)"),
    "borders of no kommune": (
        written("grenser.geojson", '{"type": "FeatureCollection", "features": []}'), "grensefilene har ingen rader"),
    "borders that are text": (a_geopackage(lambda file: file.write_text("hei")), "kan ikke leses som kartdata"),
    "borders cut off": (a_geopackage(cut_off), "kan ikke leses som kartdata"),
    "borders without a layer": (a_geopackage(without_layers), "har ingen geometri"),
    "terrain cut off": (terrain(kept_bytes=5000), "kan ikke leses som terrengmodell"),
    "a picture for terrain": (terrain(bands=3), "har 3 bånd, som et bilde"),
    "terrain nobody measured": (terrain(height_m=math.nan), "terrengflisene har høyder i fylket"),
    "roads cut off": (written("veger.osm", '<?xml version="1.0"?><osm version="0.6"><node id='), "OpenStreetMap"),
}  # fmt: skip


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_is_spoiled_is_told_in_one_sentence(
    spoiled, files, tmp_path, monkeypatch, capsys
) -> None:
    spoil, told = SPOILED[spoiled]
    folder, out = tmp_path / "inn", tmp_path / "ut"
    shutil.copytree(files, folder)
    spoil(folder)
    command = "run" if "template" in spoiled else "ingest"  # who only reads has no documents
    code, _, err = call(monkeypatch, capsys, command, folder / "scenario.toml", "--out", out)
    one_sentence(code, err, told)
    assert not ENGLISH.search(err.replace(str(folder), "")), err
    assert [p for p in out.rglob("*") if p.is_file() and p.name != ".lock"] == []


@pytest.mark.parametrize("place", ["fil", "fil/ut", "ring", "x" * 300])
def test_a_folder_that_cannot_be_written_is_told_of(
    place, files, tmp_path, monkeypatch, capsys
) -> None:
    (tmp_path / "fil").write_text("min")
    (tmp_path / "ring").symlink_to("ring")
    code, _, err = call(
        monkeypatch, capsys, "ingest", files / "scenario.toml", "--out", tmp_path / place
    )
    one_sentence(code, err)
    assert not ENGLISH.search(err), err
    assert (tmp_path / "fil").read_text() == "min"


def test_marks_line_ends_and_blanks_of_other_editors_are_read(files, tmp_path) -> None:
    """A mark in front, carriage returns, tabs for blanks, and a folder with letters and signs."""
    plain = (files / "scenario.toml").read_bytes()
    odd = tmp_path / "Ærlige Ødes «å» #1 %20"
    odd.mkdir()
    for number, text in enumerate(
        (
            b"\xef\xbb\xbf" + plain,
            plain.replace(b"\n", b"\r\n"),
            plain.replace(b" = ", b"\t=\t"),
        )
    ):
        (odd / f"{number}.toml").write_bytes(text)
        assert read_scenario(odd / f"{number}.toml").only("rollout") == read_scenario(
            files / "scenario.toml"
        ).only("rollout").model_copy(update={"folder": odd.resolve()})
