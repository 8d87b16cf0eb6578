"""The validation report: it counts right, finds what is misplaced, and cannot be hijacked."""

from __future__ import annotations

import csv
import io
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from samples import ADDRESS_HEADER, address_row, write

from bredband import quality
from bredband.grid import Raster
from bredband.sources import kartverket, operators
from bredband.sources.kartverket import read_addresses

HOME = shapely.box(255_000, 6_645_000, 265_000, 6_655_000)
KOMMUNER = gpd.GeoDataFrame(
    {"kommune": ["0301"], "name": ["Oslo"]}, geometry=[HOME], crs="EPSG:25833"
)


def readings(tmp_path, *rows):
    addresses = read_addresses([write(tmp_path / "a.csv", ADDRESS_HEADER, *rows)])
    return {"addresses": addresses}


def findings_of(read, **parts):
    spatial = quality.find_spatial_faults(read["addresses"].frame, KOMMUNER, **parts)
    return quality.Findings(
        quality.count_rows(read), quality.count_reasons(read), quality.all_set_aside(read), spatial,
        pd.DataFrame(columns=["kommune", "measure", "our_share", "nkom_share", "difference_share"]),
        quality.list_ages({"addresses": "2024-01-01", "roads": ""}, date(2026, 11, 23)),
    )  # fmt: skip


def test_counts_add_up(tmp_path):
    read = readings(
        tmp_path,
        address_row(),
        address_row(lokalid=2, Nord="x"),
        address_row(lokalid=3, Nord=260000, Øst=6650000),
    )
    counts = quality.count_rows(read).iloc[0]
    assert counts.tolist() == ["addresses", 3, 2, 1, 1]
    assert quality.count_reasons(read)["rows"].tolist() == [1, 1]


def test_what_is_misplaced_is_found(tmp_path):
    to32 = pyproj.Transformer.from_crs("EPSG:25833", "EPSG:25832", always_xy=True)
    x32, y32 = to32.transform(258_000, 6_651_000)
    rows = [
        address_row(lokalid="fine"),
        address_row(lokalid="zone", nummer=2, Nord=y32, Øst=x32),
        address_row(lokalid="out", nummer=3, Nord=6_700_000),
        address_row(lokalid="sea", nummer=4, Øst=264_750),
        address_row(lokalid="far", nummer=5, Nord=6_651_500),
        address_row(lokalid="twice1", nummer=6),
        address_row(lokalid="twice2", nummer=6),
    ]
    road = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(255_000, 6_650_000), (265_000, 6_650_000)])],
        crs="EPSG:25833",
    )
    sea = np.zeros((100, 100), dtype=bool)
    sea[:, 95:] = True
    raster = Raster(np.ones((100, 100), np.float32), 255_000, 6_655_000, 100, sea)
    spatial = quality.find_spatial_faults(
        readings(tmp_path, *rows)["addresses"].frame, KOMMUNER, road, raster
    )
    found = spatial.groupby("fault")["premises_id"].apply(list).to_dict()
    assert found["feil UTM-sone"] == ["zone"]
    assert found["utenfor kommunen sin"] == ["out"]
    assert found["i sjøen"] == ["sea"]
    assert set(found["mer enn 500 m fra veg"]) == {"zone", "out", "far"}
    assert found["samme adresse flere ganger"] == ["twice1", "twice2"]
    assert "25832" in spatial.loc[spatial["fault"] == "feil UTM-sone", "advice"].iloc[0]


def test_nothing_wrong_gives_an_empty_table(tmp_path):
    found = findings_of(readings(tmp_path, address_row()))
    assert len(found.spatial) == 0
    quality.write_report(found, KOMMUNER, tmp_path / "ut", title="Datakvalitet")
    assert "Ingen." in (tmp_path / "ut/datakvalitet.html").read_text("utf-8")


def test_a_nynorsk_county_reads_nynorsk(tmp_path):
    out = address_row(lokalid="out", nummer=3, Nord=6_700_000)
    swapped = address_row(lokalid="turned", nummer=4, Nord=260_000, Øst=6_650_000)
    nowhere = address_row(lokalid="nowhere", nummer=5, Nord="x")
    read = readings(tmp_path, address_row(), out, swapped, nowhere)
    found = findings_of(read, language="nn", origin=read["addresses"].origin)
    faults = found.spatial["fault"].tolist()
    assert faults == ["utanfor kommunen sin", "nord og aust var bytte om (retta)"]
    title = quality.name_report("Vestland", synthetic=True, language="nn")
    quality.write_report(found, KOMMUNER, tmp_path, title=title, language="nn")
    page = (tmp_path / "datakvalitet.html").read_text("utf-8")
    assert '<html lang="nn">' in page
    assert "Kva som er retta og lagt til side" in page
    table = (tmp_path / "datakvalitet.csv").read_text("utf-8-sig")
    assert table.startswith("kjelde;fil;linje;")
    assert "nordkoordinaten er ikkje eit tal;Rett koordinaten, eller hent fila på nytt." in table
    assert "nord og aust var bytte om" in page
    assert "utanfor kommunen sin" in table


def test_coverage_against_nkom():
    premises = pd.DataFrame(
        {"premises_id": ["1", "2", "3"], "kommune": ["0301"] * 3, "households": [2, 1, 1]}
    )
    availability = pd.DataFrame(
        {"premises_id": ["1", "2", "3"], "technology": ["fibre", "fwa", "mobile"], "status": "available",
         "down_mbps": [100.0, 50.0, 500.0]}
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "kommune": ["0301"],
            "fibre_share": [0.6],
            "all_100_share": [0.5],
            "all_30_share": [np.nan],
        }
    )
    found = quality.compare_coverage(premises, availability, table).set_index("measure")
    assert found.loc["fibre_share", "difference_share"] == pytest.approx(-0.1)
    assert found.loc["all_100_share", "our_share"] == pytest.approx(0.5)
    assert found.loc["all_30_share", "our_share"] == pytest.approx(0.75)


hostile = st.one_of(
    st.sampled_from(["=cmd()|' /C calc'!A0", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "@SUM(A1)", "+1+1", "-2+3", "\t=1"]),
    st.text(st.characters(codec="utf-8", exclude_characters='\r\n\0";'), max_size=20),
)  # fmt: skip


@given(hostile, hostile)
def test_no_text_of_the_input_runs(tmp_path_factory, first, second):
    folder = tmp_path_factory.mktemp("p")
    read = readings(folder, address_row(), address_row(lokalid=first, kommunenummer=second))
    quality.write_report(findings_of(read), KOMMUNER, folder, title=first)
    page = (folder / "datakvalitet.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    table = (folder / "datakvalitet.csv").read_text("utf-8-sig")
    for row in csv.reader(io.StringIO(table, newline=""), delimiter=";"):
        for cell in row:
            number = cell.lstrip("+-").replace(".", "", 1).replace(",", "", 1).isdigit()
            assert number or not cell.startswith(("=", "+", "-", "@", "\t"))


def test_demo_report(demo, tmp_path):
    read = {
        "addresses": read_addresses(sorted((demo / "adresser").glob("*.csv"))),
        "operators": operators.read_offers([demo / "nkom/fbb.csv"]),
    }
    kommuner = kartverket.read_borders([demo / "grenser/Kommuner.geojson"]).frame
    counts = quality.count_rows(read)
    assert (counts["rows_in"] == counts["kept"] + counts["set_aside"]).all()
    spatial = quality.find_spatial_faults(read["addresses"].frame, kommuner)
    found = quality.Findings(
        counts, quality.count_reasons(read), quality.all_set_aside(read), spatial,
        pd.DataFrame(), quality.list_ages({}, date(2026, 11, 23)),
    )  # fmt: skip
    quality.write_report(found, kommuner, tmp_path, title="Datakvalitet, Demofylket (syntetisk)")
    assert "12" in (tmp_path / "datakvalitet.html").read_text("utf-8")
