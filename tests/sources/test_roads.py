"""Roads of every publisher become links between junctions that add up to the same length."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from samples import ADDRESS_HEADER, address_row, write
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bredband import tables
from bredband.errors import InputError
from bredband.sources import address_roads, local, nvdb, osm
from bredband.sources.kartverket import read_addresses
from bredband.sources.road_links import Lines, contract, roads_of_lines
from bredband.sources.roads import read_ducts, read_roads

NODES = {
    1: (10.0, 60.0),
    2: (10.001, 60.0),
    3: (10.002, 60.0),
    4: (10.002, 60.001),
    5: (10.003, 60.0),
    9: (10.1, 60.1),
}


def osm_file(tmp_path, ways, nodes=NODES, name="v.osm", extra=""):
    lines = [
        f'<node id="{i}" version="1" lat="{lat}" lon="{lon}"/>' for i, (lon, lat) in nodes.items()
    ]
    for i, (refs, tags) in ways.items():
        inner = "".join(f'<nd ref="{r}"/>' for r in refs) + "".join(
            f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()
        )
        lines.append(f'<way id="{i}" version="1">{inner}</way>')
    path = tmp_path / name
    path.write_text(f'<osm version="0.6">{"".join(lines)}{extra}</osm>')
    return path


def parts(roads):
    size = int(max(roads["start_junction"].max(), roads["end_junction"].max())) + 1
    pairs = (roads["start_junction"], roads["end_junction"])
    return connected_components(coo_array((np.ones(len(roads)), pairs), shape=(size, size)))[0]


def test_two_ways_of_one_kind_become_one_link(tmp_path):
    road = {"highway": "residential"}
    reading = osm.read_roads([osm_file(tmp_path, {7: ([1, 2], road), 8: ([2, 3], road)})])
    tables.check(reading.frame, "roads")
    (only,) = reading.frame.itertuples()
    assert only.length_m == pytest.approx(111.6, rel=0.01)
    assert (reading.rows_in, reading.rows_kept, only.road_id) == (2, 2, "osm:w7-1")


def test_junctions_dead_ends_bridges_tunnels_and_ferries(tmp_path):
    ways = {
        1: ([1, 2, 3, 5], {"highway": "tertiary", "surface": "asphalt"}),
        2: ([3, 4], {"highway": "track", "surface": "gravel", "bridge": "yes"}),
        3: ([5, 9], {"route": "ferry"}),
        4: ([1, 4], {"highway": "service", "tunnel": "yes"}),
        5: ([2, 4], {"highway": "proposed"}),
        6: ([2, 77], {"highway": "service"}),
        7: ([2, 9], {"route": "bus"}),
    }
    reading = osm.read_roads([osm_file(tmp_path, ways)])
    frame = reading.frame
    assert (reading.rows_in, reading.rows_kept) == (6, 4)
    assert reading.set_aside["reason"].tolist() == [
        "ikke en veg å grave langs",
        "vegen har ingen punkter i utsnittet",
    ]
    assert sorted(frame["structure"]) == ["bridge", "ferry", "ground", "ground", "tunnel"]
    assert parts(frame) == 1


def test_a_cut_way_is_kept_where_it_is(tmp_path):
    reading = osm.read_roads([osm_file(tmp_path, {1: ([1, 2, 77, 3, 4], {"highway": "service"})})])
    assert len(reading.frame) == 2
    assert reading.repaired == {"veger kortet inn der utsnittet slutter": 1}
    assert reading.rows_kept == 1


@pytest.mark.parametrize("content", [b"", b"tull", b"<osm>", b"<osm version='0.6'></osm>"])
@pytest.mark.parametrize("name", ["x.osm", "x.osm.pbf"])
def test_osm_that_cannot_be_read(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError):
        osm.read_roads([path])


def test_osm_addresses(tmp_path):
    square = {
        10: (10.0, 60.0),
        11: (10.0001, 60.0),
        12: (10.0001, 60.0001),
        13: (10.0, 60.0001),
        20: (10.01, 60.0),
    }
    home = {
        "building": "house",
        "addr:housenumber": "3",
        "addr:street": "Lia",
        "addr:postcode": "2406",
    }
    open_way = {"addr:housenumber": "9", "addr:street": "Åpen"}
    extra = (
        '<node id="30" version="1" lat="60.00005" lon="10.00005"><tag k="addr:housenumber" v="3"/>'
        '<tag k="addr:street" v="Lia"/><tag k="addr:postcode" v="2406"/></node>'
        '<node id="31" version="1" lat="60.2" lon="10.2"><tag k="addr:housenumber" v="1"/>'
        '<tag k="shop" v="kiosk"/></node>'
    )
    path = osm_file(
        tmp_path, {5: ([10, 11, 12, 13, 10], home), 6: ([10, 20], open_way)}, square, extra=extra
    )
    reading = osm.read_addresses([path])
    tables.check(reading.frame, "premises")
    assert (reading.rows_in, reading.rows_kept) == (4, 2)
    assert reading.frame["kind"].tolist() == ["dwelling", "business"]
    assert reading.frame["households"].tolist() == [1, 0]
    assert sorted(reading.set_aside["reason"]) == [
        "flaten lukker seg ikke, eller den går ut av utsnittet", "samme adresse er tegnet flere ganger",
    ]  # fmt: skip


coordinate = st.tuples(st.integers(0, 6), st.integers(0, 6))


@given(
    st.lists(st.lists(coordinate, min_size=2, max_size=8), min_size=1, max_size=12),
    st.integers(1, 3),
)
def test_contraction_keeps_every_metre_once(lines, kinds):
    """On a lattice: the links hold exactly the distinct steps of the lines, and only those."""
    steps = {frozenset(pair) for line in lines for pair in pairwise(line) if pair[0] != pair[1]}
    points = np.array([p for line in lines for p in line], dtype=float)
    ids = (points[:, 0] * 7 + points[:, 1]).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    labels = np.arange(len(lines), dtype=np.int64) % kinds
    links = contract(Lines(points, ids, offsets, labels))
    found = []
    for i in range(len(links.offsets) - 1):
        chain = [
            tuple(p) for p in links.points_m[links.offsets[i] : links.offsets[i + 1]].astype(int)
        ]
        found += [frozenset(pair) for pair in pairwise(chain)]
    assert len(found) == len(set(found))
    assert set(found) == steps


@given(st.lists(st.lists(coordinate, min_size=2, max_size=8), min_size=1, max_size=12))
def test_no_junction_is_left_in_the_middle_of_one_road(lines):
    """After contraction every junction is a dead end, a crossing or the anchor of a ring."""
    points = np.array([p for line in lines for p in line], dtype=float)
    ids = (points[:, 0] * 7 + points[:, 1]).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    links = contract(Lines(points, ids, offsets, np.zeros(len(lines), dtype=np.int64)))
    ends = np.concatenate([links.start_junction, links.end_junction])
    rings = set(links.start_junction[links.start_junction == links.end_junction].tolist())
    degree = np.bincount(ends) if len(ends) else np.zeros(0)
    assert all(degree[j] != 2 or j in rings for j in range(len(degree)))


def test_an_end_that_touches_a_line_is_joined_to_it():
    lines = np.array(
        [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(50, 0.4), (50, 80)])]
    )
    attributes = pd.DataFrame(
        {"road_class": ["a", "a"], "surface": "unknown", "structure": "ground"}
    )
    roads = roads_of_lines(lines, attributes, pd.Series(["1", "2"]))
    assert len(roads) == 3
    assert parts(roads) == 1
    assert roads["length_m"].sum() == pytest.approx(180, abs=0.5)


def gml(tmp_path, *features, name="v.gml"):
    space = 'xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:n="http://n"'
    inner = "".join(f"<gml:featureMember>{f}</gml:featureMember>" for f in features)
    path = tmp_path / name
    path.write_text(f"<gml:FeatureCollection {space}>{inner}</gml:FeatureCollection>")
    return path


def veglenke(points, srs="EPSG:25833", **cells):
    inner = "".join(f"<n:{k}>{v}</n:{k}>" for k, v in cells.items())
    line = f'<gml:LineString srsName="{srs}" srsDimension="2"><gml:posList>{points}</gml:posList></gml:LineString>'
    return f"<n:Veglenke>{inner}<n:senterlinje>{line}</n:senterlinje></n:Veglenke>"


def test_vegnett_pluss_by_local_names(tmp_path):
    path = gml(
        tmp_path,
        veglenke("300000 6700000 300100 6700000", lokalId=1, typeVeg="bilveg", vegkategori="F"),
        veglenke("300100 6700000 110 300200 6700000 120".replace(" 110", "").replace(" 120", ""), lokalId=2, medium="U", typeVeg="bilveg"),
        veglenke("6700000 300200 6700000 300300", lokalId=3, medium="L", typeVeg="bilveg"),
        veglenke("300000 6700010 300100 6700010", lokalId=4, typeVeg="fortau"),
        veglenke("300000 x", lokalId=5, typeVeg="bilveg"),
        veglenke("300200 6700000 300200 6800000", lokalId=6, typeVeg="bilferje"),
    )  # fmt: skip
    reading = read_roads([path])
    tables.check(reading.frame, "roads")
    assert reading.frame["structure"].tolist() == ["ground", "tunnel", "bridge", "ferry"]
    assert reading.frame["road_class"].tolist() == ["f-veg", "bilveg", "bilveg", "bilferje"]
    assert reading.repaired == {"nord og øst var byttet om": 1}
    assert (reading.rows_in, reading.rows_kept, len(reading.set_aside)) == (6, 4, 2)


@pytest.mark.parametrize("text", ["", "<", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_gml_that_cannot_be_read(tmp_path, text):
    (tmp_path / "x.gml").write_text(text)
    with pytest.raises(InputError):
        nvdb.read_roads([tmp_path / "x.gml"])


@pytest.mark.parametrize(
    "answer",
    ["", "{", "{}", '{"objekter": 3}', '{"objekter": [{}]}', '{"objekter": [{"veglenker": [3]}]}'],
)
def test_answers_that_cannot_be_read(tmp_path, answer):
    (tmp_path / "x.json").write_text(answer)
    with pytest.raises(InputError):
        nvdb.read_roads([tmp_path / "x.json"])


def test_the_owner_of_a_road_goes_before_its_type():
    category = pd.Series(["F", "", "P", "Europaveg", "", ""], dtype="str")
    kind = pd.Series(["enkelBilveg", "enkelBilveg", "traktorveg", "", "K", ""], dtype="str")
    assert nvdb.class_of(category, kind).tolist() == [
        "f-veg", "enkelbilveg", "traktorveg", "e-veg", "k-veg", "veg",
    ]  # fmt: skip


def test_links_of_the_segmented_answer_have_an_owner(tmp_path):
    link = {
        "veglenkesekvensid": 7, "veglenkenummer": 1, "typeVeg_sosi": "enkelBilveg",
        "topologinivå": "Vegtrase",
        "geometri": {"wkt": "LINESTRING Z (300000 6700000 1, 300100 6700000 2)", "srid": 5973},
        "vegsystemreferanse": {"vegsystem": {"vegkategori": "R", "nummer": 3}},
    }  # fmt: skip
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"objekter": [link]}), encoding="utf-8")
    reading = nvdb.read_roads([path])
    assert reading.frame["road_class"].tolist() == ["r-veg"]


def test_any_lines_with_a_field_map(tmp_path):
    def line(points, **properties):
        return {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "LineString", "coordinates": points},
        }

    features = [
        line(
            [[300000, 6700000], [300100, 6700000]],
            nr="a",
            vei="Kommunal",
            toppdekke="Asfalt",
            over="bru",
        ),
        line(
            [[300100, 6700000], [300200, 6700000]],
            nr="b",
            vei="Jernbane",
            toppdekke=None,
            over=None,
        ),
        line(
            [[300100, 6700000], [300100, 6700050]],
            nr="c",
            vei="Privat",
            toppdekke="Grus",
            over=None,
        ),
    ]
    path = tmp_path / "veger.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    names = {"id": "nr", "road_class": "vei", "surface": "toppdekke", "structure": "over"}
    reading = read_roads([path], names=names)
    tables.check(reading.frame, "roads")
    found = reading.frame[["road_id", "road_class", "surface", "structure"]].to_numpy().tolist()
    assert found == [
        ["a-1", "kommunal", "asphalt", "bridge"],
        ["c-1", "privat", "gravel", "ground"],
    ]
    with pytest.raises(InputError, match="dekkke"):
        read_roads([path], names={"surface": "dekkke"})
    with pytest.raises(InputError, match="ulike slag"):
        read_roads([path, tmp_path / "x.osm"])


def premises(tmp_path, *rows):
    return read_addresses([write(tmp_path / "a.csv", ADDRESS_HEADER, *rows)]).frame


def test_a_skeleton_of_two_streets(tmp_path):
    rows = [
        address_row(lokalid=10 * s + i, adressenavn=f"Veg {s}", nummer=i, Nord=6_650_000 + 500 * s, Øst=260_000 + 100 * i)
        for s in (1, 2) for i in (1, 2, 3)
    ]  # fmt: skip
    rows.append(address_row(lokalid=99, adressenavn="", nummer="", adresseTekst="1/2"))
    reading = address_roads.chain(premises(tmp_path, *rows))
    roads = reading.frame
    tables.check(roads, "roads")
    assert parts(roads) == 1
    assert roads.loc[roads["structure"] == "link", "length_m"].tolist() == [500.0]
    assert roads.loc[roads["structure"] == "ground", "length_m"].sum() == pytest.approx(200)
    assert (reading.rows_in, reading.rows_kept, len(reading.set_aside)) == (7, 6, 1)


def test_a_skeleton_needs_a_street(tmp_path):
    with pytest.raises(InputError, match="vegskjelett"):
        address_roads.chain(premises(tmp_path, address_row()))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 40)),
        min_size=2,
        max_size=25,
    )
)
def test_a_skeleton_hangs_together(tmp_path_factory, stops):
    rows = [
        address_row(lokalid=i, adressenavn=f"Veg {street}", nummer=i, Nord=6_650_000 + 10 * y, Øst=260_000 + 10 * x)
        for i, (street, x, y) in enumerate(stops, start=1)
    ]  # fmt: skip
    streets = [street for street, *_ in stops]
    if max(streets.count(s) for s in streets) < 2:
        return
    roads = address_roads.chain(premises(tmp_path_factory.mktemp("p"), *rows)).frame
    assert len(roads) == 0 or parts(roads) == 1


def test_real_nvdb(shared_data):
    folder = shared_data / "norway/nvdb/gml403"
    reading = nvdb.read_roads([folder / "Vegdekke.gml"])
    assert (reading.rows_in, reading.rows_kept) == (271, 271)
    tables.check(reading.frame, "roads")
    assert set(reading.frame["road_class"]) <= {"e-veg", "r-veg", "f-veg", "k-veg", "p-veg"}
    # 303.3 km are delivered; 12.1 km of them are drawn twice
    assert reading.frame["length_m"].sum() / 1000 == pytest.approx(291.25, abs=0.1)
    ducts = nvdb.read_ducts([folder / "TrekkerørKanal.gml"])
    assert (ducts.rows_in, len(ducts.frame)) == (115, 115)
    assert ducts.frame["length_m"].sum() == pytest.approx(7422, abs=1)
    tables.check(ducts.frame, "ducts")
    answer = nvdb.read_roads([shared_data / "norway/api_fixtures/nvdb_veglenkesekvenser.json"])
    assert (answer.rows_in, answer.rows_kept) == (20, 18)
    assert {"tunnel", "bridge", "ground"} == set(answer.frame["structure"])


def test_real_elverum_skeleton(shared_data):
    file = shared_data / "norway/addresses/Basisdata_3420_Elverum_25833_MatrikkelenAdresse.csv"
    reading = address_roads.chain(read_addresses([file]).frame)
    assert parts(reading.frame) == 1
    assert reading.rows_kept == 10_871


def test_real_osm(shared_data):
    reading = osm.read_roads([shared_data / "osm/liechtenstein.osm.pbf"])
    tables.check(reading.frame, "roads")
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside) == 4_660
    found = osm.read_addresses([shared_data / "osm/liechtenstein.osm.pbf"])
    assert found.rows_in == found.rows_kept + len(found.set_aside) == 1_008
    tables.check(found.frame, "premises")


def test_sites_ducts_and_places(tmp_path, demo):
    for read, name, table in (
        (local.read_lit_fibre, "nett/tente_punkter.csv", "sites"),
        (local.read_masts, "nett/master.csv", "sites"),
        (local.read_ducts, "nett/ror.geojson", "ducts"),
        (local.read_places, "stedsnavn/stedsnavn.csv", "places"),
    ):
        reading = read([demo / name])
        tables.check(reading.frame, table)
        assert reading.rows_in == reading.rows_kept + len(reading.set_aside)
        assert len(reading.set_aside) == 0
    path = write(tmp_path / "m.csv", "mast_id;status;hoyde_m;baand_mhz;ost;nord", "A;kandidat;30;700, 3600;1;2",
                 "B;;500;700;260000;6650000", "A;;9;7;260000;6650000", "C;;x;7;1;1", "D;;9;;x;1")  # fmt: skip
    reading = local.read_masts([path])
    assert reading.frame[["site_id", "kind", "bands"]].to_numpy().tolist() == [
        ["A", "mast_candidate", "700/3600"]
    ]
    assert reading.set_aside["row"].tolist() == [3, 4, 5, 6]


def test_ducts_of_both_kinds_together(demo, tmp_path):
    line = '<gml:LineString srsName="EPSG:25833"><gml:posList>300000 6700000 300100 6700000</gml:posList></gml:LineString>'
    path = gml(
        tmp_path,
        f"<n:TrekkerørKanal><n:lokalId>7</n:lokalId>{line}</n:TrekkerørKanal>",
        "<n:Kabel/>",
    )
    reading = read_ducts([path, demo / "nett/ror.geojson"])
    tables.check(reading.frame, "ducts")
    assert reading.frame["duct_id"].iloc[0] == "7"
    assert reading.rows_in == reading.rows_kept == len(reading.frame) == 9
