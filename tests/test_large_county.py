"""Counties of any size, for benches and trials: they hold together, and none is committed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from large_county import land
from large_county.homes import MOST_IN_CELL, _between, share_out
from make_county import make_county
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bredband import read_scenario
from bredband.pipeline import check_sources


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("fylke")
    make_county(700, folder, terrain_m=250)
    return folder


def test_every_premises_is_read_back(made, tmp_path):
    rows = check_sources(read_scenario(made / "scenario.toml"), tmp_path)
    assert rows["addresses"] == {"rows_in": 700, "kept": 700, "set_aside": 0}
    assert all(row["set_aside"] == 0 for row in rows.values())


def test_the_roads_are_in_one_piece(made):
    roads = gpd.read_file(made / "veger.gpkg").geometry
    ends = np.array([[line.coords[0], line.coords[-1]] for line in roads]).round(3)
    points, member = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    tail, head = member.reshape(-1, 2).T
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(points),) * 2)
    assert connected_components(links, directed=False)[0] == 1


def test_no_road_crosses_a_county_of_many_cells():
    rng = np.random.default_rng(7)
    roads = _between(rng.uniform(0, 50_000, (47_000, 2)), rng)
    assert np.median(shapely.length(roads)) < 300
    assert shapely.length(roads).max() < 10_000


def test_same_arguments_same_files(made, tmp_path):
    make_county(700, tmp_path, terrain_m=250)
    for name in ("adresser.csv", "nkom/fbb.csv", "tente_punkter.csv", "terreng.tif"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()


def test_premises_are_shared_out_by_weight():
    weight = np.array([1e6, 5.0, 1.0, 0.1])
    count = share_out(weight, 200)
    assert count.sum() == 200
    assert count[0] == MOST_IN_CELL
    assert (np.diff(count) <= 0).all()


def test_norway_has_its_counties_and_kommuner(shared_data):
    counties = land.norway(shared_data, np.random.default_rng(1))
    assert len(counties) == 15
    assert sum(len(county.kommuner) for county in counties) == 357
    lived_in = sum(len(np.unique(county.kommune)) for county in counties)
    assert lived_in == 357
