"""Two thousand broken files: each is one clear sentence or a reading that loses nothing in silence."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from bredband import quality, tables, terrain
from bredband.errors import InputError
from bredband.reading import Reading, decode
from bredband.sources import kartverket, local, ngu, nkom, nvdb, operators, osm, ssb, survey
from bredband.sources.roads import read_roads

MUTATIONS_EACH = 80
EVIL = ('=cmd()|calc!A0', "<script>alert(1)</script>", '"><img src=x onerror=1>', "@SUM(A1)", "\0", "1e999", "NaN",
        "99999999999999999999", "-1", "", '"', ";;;", "\u202e", "Ørsta\u2028", "null", "0")  # fmt: skip
TODAY = pd.DataFrame(
    {"kommune": ["9901", "9902", "9903"], "name": ["Fjordvik", "Skarheim", "Granelv"]}
)


def head(path, rows=25, encoding="utf-8-sig"):
    return "\r\n".join(path.read_text(encoding).splitlines()[: rows + 1]).encode() + b"\r\n"


def some_features(path, count=12):
    content = json.loads(path.read_text("utf-8-sig"))
    content["features"] = content["features"][:count]
    return json.dumps(content, ensure_ascii=False).encode()


def workbook(path):
    book = openpyxl.Workbook()
    for row in path.read_text("utf-8-sig").splitlines():
        book.active.append(row.split(";"))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def osm_text():
    nodes = "".join(
        f'<node id="{i}" version="1" lat="{60 + i / 1e4}" lon="{10 + i / 2e4}"/>'
        for i in range(1, 30)
    )
    ways = "".join(
        f'<way id="{k}" version="1">' + "".join(f'<nd ref="{i}"/>' for i in range(k, k + 6))
        + '<tag k="highway" v="service"/><tag k="surface" v="gravel"/></way>' for k in range(1, 20, 4)
    )  # fmt: skip
    places = "".join(
        f'<node id="{i}" version="1" lat="60.{i}" lon="10.5"><tag k="addr:housenumber" v="{i}"/>'
        '<tag k="addr:street" v="Lia"/></node>' for i in range(40, 50)
    )  # fmt: skip
    return f'<?xml version="1.0"?><osm version="0.6">{nodes}{places}{ways}</osm>'.encode()


def gml_text():
    links = "".join(
        f'<gml:featureMember><n:Veglenke><n:lokalId>{i}</n:lokalId><n:typeVeg>bilveg</n:typeVeg><n:medium>U</n:medium>'
        f'<gml:LineString srsName="EPSG:5973" srsDimension="3"><gml:posList>{300000 + i} 6700000 1 {300001 + i} 6700000 2'
        "</gml:posList></gml:LineString></n:Veglenke></gml:featureMember>" for i in range(8)
    )  # fmt: skip
    return f'<g:F xmlns:g="g" xmlns:gml="gml" xmlns:n="n">{links}</g:F>'.encode()


def matrikkel_gml(kind, cells):
    members = "".join(
        f"<gml:featureMember><n:{kind}>{cells.format(i=i)}<gml:Point srsName=\"EPSG:25833\"><gml:pos>{260000 + i} 6650000"
        f"</gml:pos></gml:Point></n:{kind}></gml:featureMember>" for i in range(8)
    )  # fmt: skip
    return f'<g:F xmlns:g="g" xmlns:gml="gml" xmlns:n="n">{members}</g:F>'.encode()


def answer_text():
    links = [
        {"veglenkenummer": i, "typeVeg_sosi": "enkelBilveg", "topologinivå": "Vegtrase",
         "geometri": {"wkt": f"LINESTRING Z ({300000 + i} 6700000 1,{300001 + i} 6700000 2)", "srid": 5973}}
        for i in range(6)
    ]  # fmt: skip
    return json.dumps(
        {"objekter": [{"veglenkesekvensid": 1, "veglenker": links}]}, ensure_ascii=False
    ).encode()


def tile_bytes(demo):
    return sorted((demo / "terreng").glob("*.tif"))[3].read_bytes()


def zipped(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mappe/matrikkelenAdresse.csv", data)
    return buffer.getvalue()


def parquet(demo):
    rows = [line.split(";") for line in head(demo / "nkom/fbb.csv").decode().splitlines()]
    buffer = io.BytesIO()
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(buffer)
    return buffer.getvalue()


def geodatabase(demo):
    """Zip a FileGDB of the demo's first addresses, stored so that mutations reach its tables."""
    path = next((demo / "adresser").glob("*.csv"))
    rows = pd.read_csv(io.BytesIO(head(path)), sep=";", dtype="str", encoding="utf-8-sig")
    points = gpd.points_from_xy(rows["Øst"].astype(float), rows["Nord"].astype(float))
    names = ["lokalid", "kommunenummer", "adressenavn", "nummer", "adresseTekst"]
    frame = gpd.GeoDataFrame(rows[names].fillna(""), geometry=points, crs="EPSG:25833")
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "a.gdb"
        pyogrio.write_dataframe(frame, place, layer="vegadresse", driver="OpenFileGDB")
        with zipfile.ZipFile(buffer, "w") as archive:
            for file in sorted(place.iterdir()):
                archive.write(file, f"a.gdb/{file.name}")
    return buffer.getvalue()


def read_terrain(paths, cell_m=None):
    raster = terrain.read_mosaic(paths, (129_000, 6_950_000, 136_000, 6_961_000), cell_m=cell_m)
    assert raster.heights_m[~np.isnan(raster.heights_m)].max(initial=0) < 9000
    return Reading(pd.DataFrame({"a": [1]}), pd.DataFrame(), 1, 1, {})


def sources(demo):
    """Give name: (file name, bytes, reader, table or empty)."""
    address_file = next((demo / "adresser").glob("*.csv"))
    addresses = head(address_file)
    names = demo / "nkom/Dekning_fbb_kommuner_husstander.csv"
    table = partial(nkom.read_kommune_table, kommuner=TODAY)
    return {
        "addresses": ("a.csv", addresses, kartverket.read_addresses, "premises"),
        "zip": ("a.zip", zipped(addresses), kartverket.read_addresses, "premises"),
        "borders": (
            "g.geojson",
            some_features(demo / "grenser/Kommuner.geojson"),
            kartverket.read_borders,
            "kommuner",
        ),
        "landcover": (
            "l.geojson",
            some_features(demo / "arealdekke/arealdekke.geojson"),
            kartverket.read_landcover,
            "landcover",
        ),
        "deposits": (
            "d.geojson",
            some_features(demo / "losmasser/losmasser.geojson"),
            ngu.read_deposits,
            "",
        ),
        "ducts": ("r.geojson", some_features(demo / "nett/ror.geojson"), local.read_ducts, "ducts"),
        "lines": ("v.geojson", some_features(demo / "nett/ror.geojson"), read_roads, "roads"),
        "lit": ("t.csv", head(demo / "nett/tente_punkter.csv"), local.read_lit_fibre, "sites"),
        "masts": ("m.csv", head(demo / "nett/master.csv"), local.read_masts, "sites"),
        "places": ("s.csv", head(demo / "stedsnavn/stedsnavn.csv"), local.read_places, "places"),
        "offers": ("f.csv", head(demo / "nkom/fbb.csv"), operators.read_offers, "availability"),
        "parquet": ("f.parquet", parquet(demo), operators.read_offers, "availability"),
        "planned": (
            "p.csv",
            head(demo / "nkom/planlagt.csv"),
            operators.read_planned,
            "availability",
        ),
        "counts": ("c.csv", head(demo / "nkom/adr.csv"), operators.read_household_counts, ""),
        "answers": ("u.csv", head(demo / "sporreundersokelse/svar.csv"), survey.read_answers, ""),
        "speed": ("h.csv", head(demo / "fartstest/fartstester.csv"), survey.read_speed_tests, ""),
        "lacking": (
            "Mangler_100Mbit.csv",
            head(demo / "nkom/Mangler_100Mbit.csv", encoding="cp1252"),
            nkom.read_lacking,
            "",
        ),
        "table": ("k.csv", names.read_bytes(), table, ""),
        "book": ("k.xlsx", workbook(names), table, ""),
        "cells": ("b.csv", head(demo / "ssb/boliger_250m.csv"), ssb.read_cells, ""),
        "businesses": ("b.csv", head(demo / "ssb/bedrifter_250m.csv"), ssb.read_businesses, ""),
        "osm": ("o.osm", osm_text(), osm.read_roads, "roads"),
        "osm addresses": ("o.osm", osm_text(), osm.read_addresses, "premises"),
        "gml": ("n.gml", gml_text(), nvdb.read_roads, "roads"),
        "answer": ("n.json", answer_text(), nvdb.read_roads, "roads"),
        "gml addresses": (
            "a.gml",
            matrikkel_gml(
                "Vegadresse",
                "<n:lokalId>{i}</n:lokalId><n:kommunenummer>0301</n:kommunenummer><n:nummer>{i}</n:nummer>",
            ),
            kartverket.read_addresses,
            "premises",
        ),
        "buildings": (
            "b.gml",
            matrikkel_gml(
                "Bygning",
                "<n:bygningsnummer>{i}</n:bygningsnummer><n:bygningstype>16{i}</n:bygningstype>",
            ),
            kartverket.read_buildings,
            "",
        ),
        "gdb addresses": ("a.zip", geodatabase(demo), kartverket.read_addresses, "premises"),
        "terrain": ("t.tif", tile_bytes(demo), read_terrain, ""),
        "surface": ("t.tif", tile_bytes(demo), partial(read_terrain, cell_m=20.0), ""),
    }


NAMES = (
    "addresses", "zip", "borders", "landcover", "deposits", "ducts", "lines", "lit", "masts", "places", "offers",
    "parquet", "planned", "counts", "answers", "speed", "lacking", "table", "book", "cells", "businesses", "osm",
    "osm addresses", "gml", "answer", "gml addresses", "buildings", "gdb addresses", "terrain",
    "surface",
)  # fmt: skip


BINARY = ("zip", "parquet", "book", "gdb addresses", "terrain", "surface")


def cells_of(data, rng, change):
    """Change some cells of a delimited text."""
    text = data.decode("utf-8-sig")
    delimiter = max(";,", key=text.count)
    rows = [line.split(delimiter) for line in text.splitlines()]
    change(rows, rng)
    return "\n".join(delimiter.join(row) for row in rows).encode()


def put_evil(rows, rng):
    for _ in range(int(rng.integers(1, 6))):
        row = rows[int(rng.integers(1, max(len(rows), 2))) % len(rows)]
        row[int(rng.integers(len(row)))] = str(rng.choice(EVIL))


def drop_column(rows, rng):
    column = int(rng.integers(len(rows[0])))
    for row in rows:
        if column < len(row):
            del row[column]


def swap_columns(rows, rng):
    a, b = rng.integers(len(rows[0]), size=2)
    for row in rows[1:]:
        if max(a, b) < len(row):
            row[a], row[b] = row[b], row[a]


def repeat_rows(rows, rng):
    rows += [list(rows[int(i)]) for i in rng.integers(len(rows), size=5)]


def mutate(data, rng, binary):
    """Break a file in one or two of the ways files break."""
    ways = ["truncate", "flip", "cut", "blow"]
    if not binary:
        ways += ["cells", "column", "swap", "repeat", "recode", "mojibake", "word"] * 2
    for way in rng.choice(ways, size=int(rng.integers(1, 3))):
        place = int(rng.integers(max(len(data), 1)))
        if way == "truncate":
            data = data[:place]
        elif way == "flip" and data:
            changed = bytearray(data)
            for i in rng.integers(len(data), size=4):
                changed[int(i)] = int(rng.integers(256))
            data = bytes(changed)
        elif way == "cut":
            data = data[:place] + data[place + int(rng.integers(1, 40)) :]
        elif way == "blow":
            data = data[:place] + bytes(rng.integers(32, 127, 20, dtype=np.uint8)) + data[place:]
        else:
            try:
                data = as_text(way, data, rng)
            except (UnicodeError, ValueError, IndexError, ZeroDivisionError):
                continue  # nothing left to break
    return data


def as_text(way, data, rng):
    changes = {
        "cells": put_evil,
        "column": drop_column,
        "swap": swap_columns,
        "repeat": repeat_rows,
    }
    if way in changes:
        return cells_of(data, rng, changes[way])
    text = data.decode("utf-8-sig")
    if way == "recode":
        return text.encode(str(rng.choice(["cp1252", "utf-16", "utf-8-sig"])), errors="replace")
    if way == "mojibake":
        return text.encode().decode("latin-1").encode()
    words = text.split('"') if '"' in text else text.split(";")
    words[int(rng.integers(len(words)))] = str(rng.choice(EVIL))
    return ('"' if '"' in text else ";").join(words).encode()


def count_lines(data):
    """Count data lines on our own, where that is plain: no quotes."""
    text = decode("x", data)
    if '"' in text:
        return None
    lines = [
        line
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if line.strip("\0 \t")
    ]
    return max(len(lines) - 1, 0)


@pytest.mark.parametrize("name", NAMES)
def test_mutations(name, demo, tmp_path):
    file, data, read, table = sources(demo)[name]
    binary = name in BINARY
    path = tmp_path / file
    path.write_bytes(data)
    whole = read([path])
    assert whole.rows_kept > 0
    rng = np.random.default_rng(sum(map(ord, name)))
    outcomes = {"read": 0, "refused": 0}
    for i in range(MUTATIONS_EACH):
        broken = mutate(data, rng, binary)
        path.write_bytes(broken)
        try:
            reading = read([path])
        except InputError:
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        assert reading.rows_in == reading.rows_kept + len(reading.set_aside), (name, i)
        if table and name not in ("answers", "speed"):
            tables.check(reading.frame, table)
        if table != "roads":
            assert len(reading.frame) == reading.rows_kept
        if file.endswith(".csv") and name != "table":
            lines = count_lines(broken)
            assert lines is None or reading.rows_in == lines, (name, i)
        if len(reading.set_aside):
            assert (reading.set_aside[["reason", "advice"]] != "").all(axis=None)
            check_report(reading, tmp_path)
    assert binary or outcomes["read"]


def check_report(reading, folder):
    """Nothing that stood in the file runs in the page or in a spreadsheet."""
    square = gpd.GeoDataFrame(
        {"kommune": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:25833"
    )
    none = gpd.GeoDataFrame(
        columns=["premises_id", "fault", "advice"], geometry=[], crs="EPSG:25833"
    )
    read = {"kilde": reading}
    found = quality.Findings(
        quality.count_rows(read), quality.count_reasons(read), quality.all_set_aside(read), none,
        pd.DataFrame(), quality.list_ages({}, date(2026, 11, 23)),
    )  # fmt: skip
    quality.write_report(found, square, folder, title="Prøve")
    page = (folder / quality.report.HTML_FILE).read_text("utf-8").lower()
    assert "<script" not in page
    assert "<img" not in page
    table = (folder / quality.report.CSV_FILE).read_text("utf-8-sig")
    for row in csv.reader(io.StringIO(table, newline=""), delimiter=";"):
        assert not any(cell.startswith(("=", "@")) for cell in row)


def test_there_are_two_thousand_mutations(demo):
    assert tuple(sources(demo)) == NAMES
    assert len(NAMES) * MUTATIONS_EACH >= 2000
