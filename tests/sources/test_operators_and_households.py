"""Offers per address, households, SSB cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ADDRESS_HEADER, address_row, write

from bredband import tables
from bredband.errors import InputError
from bredband.grid import ssb_cell_ids
from bredband.reading import drop_rows
from bredband.sources import operators, ssb
from bredband.sources.households import kinds_by_buildings, premises_with_households
from bredband.sources.kartverket import read_addresses

HEADER = "adrid;tilb;tek;ned;opp;hc;egen"


def offers(tmp_path, *rows, header=HEADER, read=operators.read_offers):
    reading = read([write(tmp_path / "fbb.csv", header, *rows)])
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside)
    tables.check(reading.frame, "availability")
    tables.check(reading.set_aside, "set_aside")
    return reading


def test_offers_in_kbit(tmp_path):
    reading = offers(
        tmp_path, "1;Fjordnett;Fiber;1000000;500000;true;true", "1;Radio AS;FTB;30000;;;"
    )
    first, second = reading.frame.itertuples()
    assert (first.technology, first.down_mbps, first.up_mbps, first.connected) == (
        "fibre",
        1000,
        500,
        True,
    )
    assert (second.technology, second.down_mbps, second.up_mbps, second.connected) == (
        "fwa",
        30,
        0,
        False,
    )
    assert {first.status, first.source} == {"available", "fbb.csv"}


def test_offers_in_mbit_by_header(tmp_path):
    frame = offers(
        tmp_path, "1;A;dsl;8,5;1", header="adresseid;tilbyder;teknologi;ned_mbps;opp_mbps"
    ).frame
    assert frame["down_mbps"].tolist() == [8.5]


def test_mbit_in_a_kbit_column_is_noticed(tmp_path):
    with pytest.raises(InputError, match="Mbit/s"):
        offers(tmp_path, "1;A;fiber;1000;1000;true;", "2;A;fiber;100;100;true;")


def test_the_fastest_of_several_rows_is_kept(tmp_path):
    reading = offers(
        tmp_path,
        "1;A;fiber;100000;1;;",
        "1;A;fiber;500000;1;;",
        "1;A;fiber;500000;9;;",
        "1;B;fiber;1;1;;",
    )
    assert reading.frame[["operator", "down_mbps", "up_mbps"]].to_numpy().tolist() == [
        ["A", 500.0, 0.009], ["B", 0.001, 0.001],
    ]  # fmt: skip
    assert reading.set_aside["row"].tolist() == [2, 3]


@pytest.mark.parametrize("row", [";A;fiber;9000;1;;", "1;;fiber;9000;1;;", "1;A;due;9000;1;;", "1;A;dsl;mye;1;;",
                                 "1;A;dsl;-9000;1;;", "1;A;dsl;9000;x;;", "1;A;dsl;9000;1;kanskje;"])  # fmt: skip
def test_offers_at_fault(tmp_path, row):
    reading = offers(tmp_path, "7;A;fiber;100000;1;;", row)
    assert len(reading.frame) == len(reading.set_aside) == 1


def test_planned(tmp_path):
    reading = offers(
        tmp_path, "1;A;fiber;1000000;1000000;2028-06-30", header="adrid;tilb;tek;ned;opp;ferdig",
        read=operators.read_planned,
    )  # fmt: skip
    assert reading.frame[["status", "as_of"]].to_numpy().tolist() == [["planned", "2028-06-30"]]


def test_offers_in_parquet(tmp_path):
    path = tmp_path / "fbb.parquet"
    frame = pd.DataFrame(
        {"adrid": [1], "tilb": ["A"], "tek": ["fiber"], "ned": [100_000], "opp": [1], "hc": [True]}
    )
    frame.to_parquet(path)
    (only,) = operators.read_offers([path]).frame.itertuples()
    assert (only.premises_id, only.down_mbps, only.connected) == ("1", 100, True)


def test_household_counts(tmp_path):
    path = write(
        tmp_path / "adr.csv", "adrid;hus;fritid", "1;3;0", "2;0;1", "3;0;0", "4;x;0", "1;1;1"
    )
    reading = operators.read_household_counts([path])
    assert reading.frame.drop(columns="holiday_told").to_numpy().tolist() == [
        ["1", 3, "dwelling"],
        ["2", 0, "holiday"],
        ["3", 0, "business"],
    ]
    assert reading.set_aside["row"].tolist() == [5, 6]


def grid(name, cells):
    return pd.DataFrame({"cell_id": list(cells), "cell_m": 250, name: list(cells.values())})


def premises_at(tmp_path, *places):
    rows = [address_row(lokalid=i, Nord=y, Øst=x) for i, (x, y) in enumerate(places, start=1)]
    return read_addresses([write(tmp_path / "a.csv", ADDRESS_HEADER, *rows)]).frame


def test_households_by_the_best_source(tmp_path):
    a, b = (260_010.0, 6_650_010.0), (270_010.0, 6_650_010.0)
    premises = premises_at(tmp_path, a, a, a, b, b, (280_010.0, 6_650_010.0))
    cell_a, cell_b = ssb_cell_ids(np.array([a[0], b[0]]), np.array([a[1], b[1]]))
    counts = pd.DataFrame({"premises_id": ["1"], "households": [2], "kind": ["dwelling"]})
    found = premises_with_households(
        premises, counts, grid("dwellings", {cell_a: 5}), grid("businesses", {cell_b: 4})
    )
    assert found["households"].tolist() == [2, 2, 1, 0, 0, 0]
    assert found["kind"].tolist() == ["dwelling"] * 3 + ["business"] * 2 + ["holiday"]
    assert found["households_rule"].tolist()[0] == "fila med husstander per adresse"
    assert "3 boliger på 2 adresser" in found["households_rule"].tolist()[1]
    assert premises["households"].tolist() == [1] * 6  # the input is not changed
    tables.check(gpd.GeoDataFrame(found), "premises")


def test_a_grid_that_does_not_cover_the_kommune_is_not_used(tmp_path):
    premises = premises_at(tmp_path, *[(260_010.0 + 1000 * i, 6_650_010.0) for i in range(4)])
    cell = int(ssb_cell_ids(np.array([260_010.0]), np.array([6_650_010.0]))[0])
    found = premises_with_households(premises, None, grid("dwellings", {cell: 5}))
    assert found["households"].tolist() == [5, 1, 1, 1]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=30), st.integers(1, 60), st.integers(1, 60))
def test_the_grids_total_is_kept(tmp_path_factory, cells, first, second):
    places = [(260_010.0 + 250 * cell, 6_650_010.0) for cell in cells]
    premises = premises_at(tmp_path_factory.mktemp("p"), *places)
    x, y = np.array(places).T
    ids = ssb_cell_ids(x, y)
    dwellings = dict(zip(np.unique(ids).tolist(), (first, second, first + second), strict=False))
    found = premises_with_households(premises, None, grid("dwellings", dwellings))
    assert found.groupby(ids)["households"].sum().to_dict() == dwellings


def test_cells_latest_year_only(tmp_path):
    path = write(
        tmp_path / "b.csv", "ssbid_250,År,boliger_i_alt", "21715006570000,2024-01-01,2",
        "21715006570000,2025-01-01,3", "217150065700,2025-01-01,1", "2.17e13,2025-01-01,1",
        "21720006570000,2025-01-01,-1", encoding="utf-8",
    )  # fmt: skip
    reading = ssb.read_cells([path])
    assert reading.frame.to_dict("records") == [
        {"cell_id": 21715006570000, "cell_m": 250, "dwellings": 3}
    ]
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside) == 5


def test_real_cells(shared_data):
    folder = shared_data / "norway/ssb_grid"
    businesses = ssb.read_businesses([folder / "2025-11-03-bedrifter_250m_2025.csv"])
    assert (businesses.rows_in, businesses.rows_kept) == (134_050, 134_050)
    persons = ssb.read_cells([folder / "befolkning_250m_2016_and_later_grenland.csv"])
    assert (persons.rows_in, persons.rows_kept, persons.frame["persons"].sum()) == (
        23_698,
        2_378,
        96_452,
    )
    dwellings = ssb.read_cells([folder / "boliger_250m_grenland.csv"])
    assert dwellings.rows_in == 45_007
    assert "dwellings" in dwellings.frame


LEVEL = (
    "kommunenummer;kommunenavn;adressetype;tillegg;kilde;adressekode;adressenavn;nummer;bokstav;gardsnummer;bruksnummer;"
    "festenummer;seksjonsnummer;undernummer;x14;{unit};adresseTekst;uten;EPSG-kode;Nord;Øst;postnummer;poststed;g23;"
    "grunnkretsnavn;s25;soknenavn;o27;t28;tettstednavn;v30;v31;oppdateringsdato;d33;{id}"
)


@pytest.mark.parametrize(
    ("unit", "identity"),
    [("bruksenhetsnummer", "adresseId"), ("Bruksenhetsnummer (tekst)", "Adresse-nøkkel")],
)
def test_dwelling_level_by_name_or_position(tmp_path, unit, identity):
    def row(number, dwelling):
        cells = [""] * 35
        cells[0], cells[15], cells[34] = "0301", dwelling, number
        return ";".join(cells)

    units = [
        ("1", "H0101"),
        ("1", "H0102"),
        ("2", "U0101"),
        ("3", ""),
        ("1", "H0102"),
        ("4", "tull"),
        ("", "H0101"),
    ]
    path = write(
        tmp_path / "matrikkelenAdresseLeilighetsniva.csv", LEVEL.format(unit=unit, id=identity),
        *[row(*u) for u in units], encoding="utf-8",
    )  # fmt: skip
    reading = operators.read_household_counts([path])
    assert reading.frame.drop(columns="holiday_told").to_numpy().tolist() == [
        ["1", 2, "dwelling"],
        ["2", 1, "dwelling"],
        ["3", 0, "business"],
    ]
    assert (reading.rows_in, reading.rows_kept, len(reading.set_aside)) == (7, 4, 3)


def test_every_dwelling_of_an_unknown_address_is_set_aside(tmp_path):
    path = write(tmp_path / "l.csv", "adresseId;bruksenhetsnummer", "1;H0101", "2;H0101", "2;H0102")
    reading = operators.read_household_counts([path])
    left = drop_rows(
        reading, (reading.frame["premises_id"] == "2").to_numpy(), source="x",
        column="premises_id", reason="ukjent", advice="Rett.",
    )  # fmt: skip
    assert left.set_aside[["row", "value"]].to_numpy().tolist() == [[3, "2"], [4, "2"]]
    assert left.rows_in == left.rows_kept + len(left.set_aside) == 3


def test_a_building_tells_holiday_homes_from_dwellings(tmp_path):
    """Three addresses: by a cabin, by a house with a garage nearer, and by nothing."""
    found = premises_at(tmp_path, (260_000, 6_650_000), (261_000, 6_650_000), (262_000, 6_650_000))
    buildings = gpd.GeoDataFrame(
        {"building_type": [161, 111, 181, 321], "kind": ["holiday", "dwelling", "", "business"]},
        geometry=gpd.points_from_xy(
            [260_010, 261_020, 261_002, 262_060], [6_650_000] * 4, crs="EPSG:25833"
        ),
    )
    told = kinds_by_buildings(found, buildings, distance_m=50)
    assert told["kind"].tolist() == ["holiday", "dwelling", "dwelling"]
    assert told["households"].tolist() == [0, 1, 1]
    assert told["households_rule"][0] == "nærmeste bygning har type 161 (Bygningspunkt)"
    level = pd.DataFrame(
        {"premises_id": ["1"], "households": [1], "kind": ["dwelling"], "holiday_told": [False]}
    )
    assert premises_with_households(told, level)["kind"][0] == "holiday"
    counted = level.assign(holiday_told=True)
    assert premises_with_households(told, counted)["kind"][0] == "dwelling"
