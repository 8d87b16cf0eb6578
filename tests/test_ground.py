"""Ground: every link gets the class that most of it goes through, by the stated rules."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bredband import ground, tables
from bredband.sources import kartverket, ngu, osm


def roads(*rows):
    """Rows of (line, structure, surface, road_class)."""
    lines = [shapely.LineString(row[0]) for row in rows]
    frame = pd.DataFrame(
        {
            "road_id": [str(i) for i in range(len(rows))],
            "start_junction": np.arange(len(rows)),
            "end_junction": np.arange(len(rows)) + 1,
            "length_m": shapely.length(np.array(lines)),
            "road_class": [row[3] if len(row) > 3 else "tertiary" for row in rows],
            "surface": [row[2] if len(row) > 2 else "unknown" for row in rows],
            "structure": [row[1] if len(row) > 1 else "ground" for row in rows],
            "slope_share": 0.0,
            "ground": "verge",
        }
    )
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:25833")


def polygons(column, **boxes):
    frame = pd.DataFrame(
        {"landcover_id": list(boxes), column: [name for name, _ in boxes.values()]}
    )
    return gpd.GeoDataFrame(
        frame, geometry=[shapely.box(*box) for _, box in boxes.values()], crs="EPSG:25833"
    )


EAST = [(0, 0), (100, 0)]
COVER = polygons(
    "landcover_class", a=("Tettbebyggelse", (-1, -1, 101, 1)), b=("DyrketMark", (-1, 9, 101, 11)),
    c=("Skog", (-1, 19, 101, 21)), d=("Myr", (-1, 29, 101, 31)), e=("Innsjø", (-1, 39, 101, 41)),
)  # fmt: skip
ROCK = polygons("deposit_class", a=("rock", (-1, 19, 101, 41)), b=("soft", (-1, -1, 101, 11)))


def at(y, *rest):
    return ([(0, y), (100, y)], *rest)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (at(0, "bridge"), "bridge"),
        (at(0, "tunnel", "asphalt"), "tunnel"),
        (at(0, "ferry"), "water"),
        (at(0, "ground", "asphalt"), "asphalt"),
        (at(0, "ground", "gravel"), "verge"),
        (at(10, "ground", "asphalt"), "cultivated"),
        (at(20, "ground", "asphalt"), "rock"),
        (at(30), "rock"),
        (at(10, "link"), "cultivated"),
        (at(20, "link"), "rock"),
        (at(40, "link"), "water"),
        (at(40, "ground", "gravel", "track"), "verge"),
        (at(50, "ground", "gravel"), "verge"),
        (at(50, "link"), "forest"),
        (at(50, "ground", "asphalt"), "asphalt"),
    ],
)
def test_the_rules(row, expected):
    found = ground.classify(roads(row), COVER, ROCK)
    assert found["ground"].tolist() == [expected]
    tables.check(found, "roads")


def test_without_deposits_or_land_cover():
    rows = roads(at(20, "link"), at(30), at(20, "ground", "unknown", "path"))
    assert ground.classify(rows, COVER)["ground"].tolist() == ["forest", "bog", "forest"]
    plain = ground.classify(roads(at(0), at(0, "ground", "asphalt"), at(0, "link")))
    assert plain["ground"].tolist() == ["verge", "asphalt", "forest"]


def test_most_of_the_length_decides():
    long_in_field = roads(([(50, -500), (50, 0), (50, 10)],), ([(0, 10), (100, 10), (100, 5)],))
    assert ground.classify(long_in_field, COVER)["ground"].tolist() == ["verge", "cultivated"]


def test_nothing_is_changed_in_place():
    rows = roads(at(10))
    ground.classify(rows, COVER)
    assert rows["ground"].tolist() == ["verge"]
    assert len(ground.classify(rows.iloc[:0], COVER)) == 0


def test_links_looked_at_a_few_at_a_time_go_through_the_same(monkeypatch):
    rows = roads(*(at(10 * (i % 5), "link") for i in range(12)))
    whole = ground.classify(rows, COVER, ROCK)["ground"].tolist()
    monkeypatch.setattr(ground, "_SAMPLES_AT_A_TIME", 3)
    assert ground.classify(rows, COVER, ROCK)["ground"].tolist() == whole


def test_demo(demo):
    rows = osm.read_roads([demo / "veger/veger.osm"]).frame
    cover = kartverket.read_landcover([demo / "arealdekke/arealdekke.geojson"]).frame
    deposits = ngu.read_deposits([demo / "losmasser/losmasser.geojson"]).frame
    found = ground.classify(rows, cover, deposits)
    tables.check(found, "roads")
    assert found["ground"].nunique() >= 5


def test_every_published_code_has_a_class(shared_data):
    codes = pd.read_json(shared_data / "norway/ngu/superficialdeposits_codes.json")["code"]
    assert len(codes) == 97
    assert set(codes) <= set(ngu.CLASS_OF)
    assert set(ngu.CLASS_OF.values()) <= set(ground.DEPOSIT_GROUND)


def test_deposits(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[0, 6.6e6], [9, 6.6e6], [9, 6.7e6], [0, 6.6e6]]]}
    features = [
        {"type": "Feature", "properties": {"losmassetype": code}, "geometry": shape}
        for code, shape in (
            (130, square),
            (11.0, square),
            (90, square),
            (999, square),
            (None, square),
            (1, None),
        )
    ]
    path = tmp_path / "l.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    reading = ngu.read_deposits([path])
    assert reading.frame["deposit_class"].tolist() == ["rock", "soft", "bog"]
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside) == 6
