"""Kartverket: addresses, borders, land cover and kommune names."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from samples import ADDRESS_HEADER, OLD_ADDRESS_HEADER, address_row, write

from bredband import tables
from bredband.errors import InputError
from bredband.sources import kartverket
from bredband.sources.kartverket import read_addresses, read_borders, read_buildings
from bredband.sources.kommune_names import find_kommuner, read_renumbering


def addresses(tmp_path, *rows, header=ADDRESS_HEADER, **options):
    path = write(tmp_path / "matrikkelenAdresse.csv", header, *rows)
    reading = read_addresses([path], **options)
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside)
    assert reading.rows_kept == len(reading.frame) == len(reading.origin)
    tables.check(reading.frame, "premises")
    tables.check(reading.set_aside, "set_aside")
    return reading


def test_a_road_address(tmp_path):
    row = address_row(
        bokstav="b", gardsnummer="19", bruksnummer="58", festenummer="2", tettstednummer="0801",
        grunnkretsnummer="3010001",
    )  # fmt: skip
    (only,) = addresses(tmp_path, row).frame.itertuples()
    assert (only.premises_id, only.kommune, only.street, only.house_number) == (
        "1",
        "0301",
        "Storgata",
        "1B",
    )
    assert (only.postcode, only.postplace, only.cadastre) == ("0155", "OSLO", "19/58/2")
    assert only.grunnkrets == "03010001"  # the zero a spreadsheet takes away
    assert (only.geometry.x, only.geometry.y) == (260000.25, 6650000.5)
    assert not only.rural
    assert (only.households, only.households_rule) == (1, "1 per adresse (anslag)")


def test_the_older_product_and_a_cadastral_address(tmp_path):
    row = address_row(
        OLD_ADDRESS_HEADER, adressetype="matrikkeladresse", adressenavn="", nummer="",
        adresseTekst="33/1144-2", gardsnummer="33", bruksnummer="1144", festenummer="0",
    )  # fmt: skip
    (only,) = addresses(tmp_path, row, header=OLD_ADDRESS_HEADER).frame.itertuples()
    assert (only.street, only.house_number, only.cadastre) == ("", "", "33/1144")
    assert only.rural
    assert only.grunnkrets == ""


def test_where_the_way_leaves_the_road(tmp_path):
    near = address_row(atkomstNord="6650020.5", atkomstØst="260040.25")
    far = address_row(lokalid=2, atkomstNord="6690000", atkomstØst="260040")
    letters = address_row(lokalid=3, atkomstNord="nord", atkomstØst="")
    unsaid = address_row(lokalid=4)
    reading = addresses(tmp_path, near, far, letters, unsaid)
    frame = reading.frame
    assert frame["access_x_m"].tolist()[0] == 260040.25
    assert frame["access_y_m"].tolist()[0] == 6650020.5
    assert frame.loc[1:, ["access_x_m", "access_y_m"]].isna().all(axis=None)
    assert reading.repaired == {kartverket.addresses.NO_ACCESS: 2}


@pytest.mark.parametrize("epsg", [25832, 25833, 25835, 4258])
def test_each_row_has_its_own_projection(tmp_path, epsg):
    to = pyproj.Transformer.from_crs("EPSG:25833", f"EPSG:{epsg}", always_xy=True)
    east, north = to.transform(500_000.0, 7_500_000.0)
    row = address_row(**{"EPSG-kode": epsg, "Nord": north, "Øst": east})
    frame = addresses(tmp_path, row, address_row(lokalid=2)).frame
    assert np.allclose(frame.geometry.iloc[0].coords[0], (500_000, 7_500_000), atol=0.01)
    assert frame.geometry.iloc[1].x == 260000.25


def test_default_projection_where_the_column_is_empty(tmp_path):
    row = address_row(**{"EPSG-kode": "", "Nord": 59.91, "Øst": 10.75})
    frame = addresses(tmp_path, row, default_crs="EPSG:4258").frame
    assert 255_000 < frame.geometry.iloc[0].x < 265_000


def test_swapped_axes_are_mended_and_counted(tmp_path):
    row = address_row(Nord="260000.25", Øst="6650000,5")
    reading = addresses(tmp_path, row)
    assert reading.repaired == {"nord og øst var byttet om": 1}
    assert reading.frame.geometry.iloc[0].coords[0] == (260000.25, 6650000.5)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"lokalid": ""}, "mangler id"),
        ({"kommunenummer": "Oslo"}, "kommunenummeret"),
        ({"EPSG-kode": "99999"}, "EPSG"),
        ({"Nord": "bokstaver"}, "nordkoordinaten"),
        ({"Øst": ""}, "østkoordinaten"),
        ({"Nord": "0", "Øst": "0"}, "er null"),
        ({"Nord": "1e300"}, "ikke i Norge"),
    ],
)
def test_rows_at_fault_are_set_aside(tmp_path, cells, reason):
    reading = addresses(
        tmp_path, address_row(lokalid=7), address_row(**cells), address_row(lokalid=9)
    )
    assert reading.frame["premises_id"].tolist() == ["7", "9"]
    (fault,) = reading.set_aside.itertuples()
    assert fault.row == 3
    assert reason in fault.reason
    assert fault.advice


def test_a_repeated_id_is_kept_once(tmp_path):
    reading = addresses(tmp_path, address_row(Nord="x"), address_row(), address_row(nummer=3))
    assert reading.frame["house_number"].tolist() == ["1"]
    assert reading.set_aside["row"].tolist() == [2, 4]


def test_a_missing_column_is_one_sentence(tmp_path):
    path = write(
        tmp_path / "x.csv",
        "lokalid;kommunenummer;adressenavn;nummer;adresseTekst;Øst",
        "1;2;3;4;5;6",
    )
    with pytest.raises(InputError, match="mangler kolonnen Nord"):
        read_addresses([path])


@given(st.integers(-149_000, 1_190_000), st.integers(6_410_000, 7_960_000))
def test_any_point_of_norway_survives(tmp_path_factory, x, y):
    folder = tmp_path_factory.mktemp("p")
    frame = addresses(folder, address_row(Nord=y, Øst=x)).frame
    assert frame.geometry.iloc[0].coords[0] == (x, y)


def test_real_elverum(shared_data, tmp_path):
    file = shared_data / "norway/addresses/Basisdata_3420_Elverum_25833_MatrikkelenAdresse.csv"
    zipped = tmp_path / "Basisdata_3420_Elverum_25833_MatrikkelenAdresse_CSV.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(
            file, "Basisdata_3420_Elverum_25833_MatrikkelenAdresse_CSV/matrikkelenAdresse.csv"
        )
    for path in (file, zipped):
        reading = read_addresses([path])
        assert (reading.rows_in, reading.rows_kept, reading.repaired) == (10_871, 10_871, {})
        assert reading.frame["access_x_m"].notna().sum() == 598
        assert int(reading.frame["rural"].sum()) == 3_970
        assert set(reading.frame["kommune"]) == {"3420"}
        tables.check(reading.frame, "premises")


SQUARE = [[[10.0, 60.0], [11.0, 60.0], [11.0, 61.0], [10.0, 61.0], [10.0, 60.0]]]
BOW_TIE = [[[10.0, 60.0], [11.0, 61.0], [11.0, 60.0], [10.0, 61.0], [10.0, 60.0]]]


def feature(number, shape=SQUARE, name="Prøve"):
    properties = {"kommunenummer": number, "kommunenavn": name}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": shape},
    }


def geojson(tmp_path, *features, name="g.geojson", **extra):
    path = tmp_path / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **extra}))
    return path


def test_borders_in_degrees(tmp_path):
    reading = read_borders([geojson(tmp_path, feature("0301"), feature("301"), feature("x"))])
    assert reading.frame["kommune"].tolist() == ["0301"]
    assert len(reading.set_aside) == 2
    tables.check(reading.frame, "kommuner")
    assert 200_000 < reading.frame.total_bounds[0] < 300_000


def test_borders_nested_by_kartverket(tmp_path):
    crs = {"type": "name", "properties": {"name": "EPSG:25833"}}
    shape = [[[0, 6.6e6], [1e4, 6.6e6], [1e4, 6.7e6], [0, 6.6e6]]]
    nested = {
        "Grense": {"type": "FeatureCollection", "crs": crs, "features": []},
        "Kommune": {"type": "FeatureCollection", "crs": crs, "features": [feature("3420", shape)]},
    }
    path = tmp_path / "Basisdata_Kommuner.geojson"
    path.write_text(json.dumps(nested))
    frame = read_borders([path]).frame
    assert frame.geometry.iloc[0].area == pytest.approx(5e8)


def test_borders_that_cross_themselves_are_mended(tmp_path):
    reading = read_borders([geojson(tmp_path, feature("0301", BOW_TIE))])
    assert reading.repaired == {"polygon som krysset seg selv er rettet": 1}
    assert reading.frame.geometry.is_valid.all()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "FeatureCollection"}', "12"])
def test_borders_that_are_not_geojson(tmp_path, text):
    path = tmp_path / "x.geojson"
    path.write_text(text)
    with pytest.raises(InputError):
        read_borders([path])


def test_landcover(tmp_path):
    skog = feature("1")
    skog["properties"] = {"objtype": "Skog"}
    none = feature("2")
    none["properties"] = {"objtype": None}
    point = feature("3")
    point["properties"] = {"objtype": "Myr"}
    point["geometry"] = {"type": "Point", "coordinates": [10, 60]}
    reading = kartverket.read_landcover([geojson(tmp_path, skog, none, point)])
    tables.check(reading.frame, "landcover")
    assert reading.frame["landcover_class"].tolist() == ["Skog"]
    assert reading.rows_in == 3


def test_real_borders(shared_data):
    admin = shared_data / "norway/admin"
    for name in ("Kommuner-S.geojson", "Kommuner-M.geojson"):
        assert len(read_borders([admin / name]).frame) == 357


def test_kommuner_by_name():
    today = pd.DataFrame(
        {
            "kommune": ["1515", "1818", "3114", "3419", "5610"],
            "name": ["Herøy", "Herøy", "Våler", "Våler", "Kárášjohka - Karasjok"],
        }
    )
    names = pd.Series(
        ["HERØY", "HERØY", "VÅLER (VIKEN)", "VÅLER (INNLANDET)", "KARASJOK", "Herøy", "Atlantis"]
    )
    fylker = pd.Series(
        ["MØRE\u00a0OG ROMSDAL", "NORDLAND", "VIKEN", "INNLANDET", "TROMS OG FINNMARK", "", "OSLO"]
    )
    assert find_kommuner(names, fylker, today).tolist() == [
        "1515",
        "1818",
        "3114",
        "3419",
        "5610",
        "",
        "",
    ]


def test_real_renumbering(shared_data):
    today = read_borders([shared_data / "norway/admin/Kommuner-S.geojson"]).frame
    old = shared_data / "norway/api_fixtures/kommuneinfo_fylkerkommuner.json"
    reading = read_renumbering([old], today)
    assert (reading.rows_in, reading.rows_kept) == (356, 356)
    assert int((reading.frame["old_kommune"] == reading.frame["kommune"]).sum()) == 242
    assert set(today["kommune"]) - set(reading.frame["kommune"]) == {"1580"}  # Haram
    vaaler = reading.frame.set_index("old_kommune")["kommune"]
    assert (vaaler["3018"], vaaler["3419"]) == ("3114", "3419")


def address_layers():
    """The two layers of the FileGDB, with the names of DOMAIN 1.4 in lower case."""
    point = [shapely.Point(260000.25, 6650000.5)]
    road = {
        "lokalid": ["11"], "kommunenummer": ["0301"], "adressenavn": ["Storgata"], "nummer": [7],
        "bokstav": ["b"], "adressetekst": ["Storgata 7b"], "postnummer": ["0155"],
        "poststed": ["OSLO"], "matrikkelnummeradresse_gardsnummer": [208],
        "matrikkelnummeradresse_bruksnummer": [646], "grunnkretsnummer": ["03010101"],
    }  # fmt: skip
    cadastral = {
        "lokalid": ["12"], "matrikkelnummeradresse_kommunenummer": ["0301"],
        "matrikkelnummeradresse_gardsnummer": [33], "matrikkelnummeradresse_bruksnummer": [1144],
        "matrikkelnummeradresse_festenummer": [2],
        "adressetekstutenadressetilleggsnavn": ["33/1144/2"], "postnummer": ["0155"],
    }  # fmt: skip
    return (
        ("vegadresse", gpd.GeoDataFrame(road, geometry=point, crs="EPSG:25833")),
        ("matrikkeladresse", gpd.GeoDataFrame(cadastral, geometry=point, crs="EPSG:25833")),
    )


@pytest.mark.parametrize("zipped", [False, True])
def test_addresses_in_a_file_geodatabase(tmp_path, zipped):
    path = tmp_path / "Basisdata_0301_Oslo_25833_MatrikkelenAdresse_FGDB.gdb"
    for layer, frame in address_layers():
        numbers = dict.fromkeys(frame.select_dtypes("int64"), "int32")
        pyogrio.write_dataframe(
            frame.astype(numbers).to_crs("EPSG:25832"),
            path,
            layer=layer,
            driver="OpenFileGDB",
            append=path.exists(),
        )
    if zipped:
        path = Path(shutil.make_archive(str(tmp_path / "x_FGDB"), "zip", tmp_path, path.name))
    reading = read_addresses([path])
    tables.check(reading.frame, "premises")
    assert reading.frame["premises_id"].tolist() == ["11", "12"]
    assert reading.frame["house_number"].tolist() == ["7B", ""]
    assert reading.frame["cadastre"].tolist() == ["208/646", "33/1144/2"]
    assert reading.frame["address"].tolist() == ["Storgata 7b", "33/1144/2"]
    assert reading.frame["kommune"].tolist() == ["0301", "0301"]
    assert reading.frame.geometry.x.tolist() == pytest.approx([260000.25] * 2, abs=0.01)
    assert (reading.rows_in, reading.rows_kept) == (2, 2)


def gml_member(kind, place, **cells):
    inner = "".join(f"<app:{name}>{value}</app:{name}>" for name, value in cells.items())
    return (
        f"<gml:featureMember><app:{kind}>{inner}<app:representasjonspunkt>"
        f'<gml:Point srsName="http://www.opengis.net/def/crs/EPSG/0/25833"><gml:pos>{place}</gml:pos>'
        f"</gml:Point></app:representasjonspunkt></app:{kind}></gml:featureMember>"
    )


def test_addresses_and_buildings_in_gml(tmp_path):
    head = '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:app="http://x">'
    members = [
        gml_member("Vegadresse", "260000.25 6650000.5", lokalId=11, kommunenummer="0301",
                   adressenavn="Storgata", nummer=7, bokstav="b", adressetekst="Storgata 7b"),
        gml_member("Matrikkeladresse", "6650000.5 260000.25", lokalId=12, kommunenummer="0301",
                   gardsnummer=33, bruksnummer=1144, adressetekst="33/1144"),
        gml_member("Vegadresse", "", lokalId=13, kommunenummer="0301"),
    ]  # fmt: skip
    path = tmp_path / "adresse.gml"
    path.write_text(head + "".join(members) + "</gml:FeatureCollection>", encoding="utf-8")
    reading = read_addresses([path])
    tables.check(reading.frame, "premises")
    assert reading.frame["premises_id"].tolist() == ["11", "12"]
    assert reading.frame.geometry.y.tolist() == [6650000.5, 6650000.5]
    assert (reading.rows_in, len(reading.set_aside)) == (3, 1)
    members = [
        gml_member("Bygning", "260000 6650000", bygningsnummer=1, bygningstype=161),
        gml_member("Bygning", "260001 6650000", bygningsnummer=2, bygningstype="hytte"),
        gml_member("Inngang", "260001 6650000", bygningsnummer=3),
    ]
    path.write_text(head + "".join(members) + "</gml:FeatureCollection>", encoding="utf-8")
    buildings = read_buildings([path])
    assert buildings.frame["kind"].tolist() == ["holiday"]
    assert (buildings.rows_in, len(buildings.set_aside)) == (2, 1)


def test_buildings_in_a_file_geodatabase(tmp_path):
    types = [111, 162, 181, 241, 321, 613]
    frame = gpd.GeoDataFrame(
        {"bygningsnummer": range(1, 7), "bygningstype": types},
        geometry=gpd.points_from_xy([260_000] * 6, [6_650_000] * 6, crs="EPSG:25833"),
    )
    path = tmp_path / "bygg.gdb"
    frame = frame.astype({"bygningsnummer": "int32", "bygningstype": "int32"})
    pyogrio.write_dataframe(frame, path, layer="bygning", driver="OpenFileGDB")
    reading = read_buildings([path])
    assert reading.frame["kind"].tolist() == ["dwelling", "holiday", "", "", "business", "public"]
    assert reading.rows_kept == 6
