from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bredband.maps.payload import from_world, pack, shapes_of, to_world
from tests.maps.unpack import unpack


@given(arrays(np.int64, st.integers(0, 40), elements=st.integers(-(2**29), 2**29)))
def test_columns_come_back_as_they_were(values):
    meta, tables = unpack(pack({"navn": "Ål"}, {"t": {"x": values, "y": np.abs(values)}}))
    assert meta == {"navn": "Ål"}
    assert tables["t"]["x"].tolist() == values.tolist()
    assert tables["t"]["y"].tolist() == np.abs(values).tolist()


def test_small_numbers_take_one_byte_and_steps_are_smaller_than_places():
    slow = np.arange(5_000) * 3 + 10**7
    assert len(pack({}, {"t": {"x": slow}})) < 300
    assert len(pack({}, {"t": {"x": np.ones(5_000, np.int64)}})) < 200


def test_same_input_gives_same_text():
    columns = {"t": {"x": np.arange(10)}}
    assert pack({"a": 1}, columns) == pack({"a": 1}, columns)


def test_map_pixels_and_metres_agree():
    metres = np.array([[100_000.0, 6_700_000.0], [600_000.0, 7_600_000.0]])
    assert np.abs(from_world(to_world(metres).astype(float)) - metres).max() < 1.0


def test_shapes_keep_parts_holes_and_owners():
    ring = shapely.box(0, 6_700_000, 1_000, 6_701_000)
    hole = shapely.box(400, 6_700_400, 600, 6_700_600)
    pair = shapely.MultiPolygon([ring.difference(hole), shapely.box(3_000, 6_7e5, 3_100, 6_8e5)])
    shapes = shapes_of(np.array([ring, pair]), np.array([7, 9]), np.array([0, 0]))
    assert shapes.owner.tolist() == [7, 9, 9, 9]
    assert shapes.size.tolist() == [5, 5, 5, 5]
    assert len(shapes.x) == 20


def test_no_shapes_at_all():
    shapes = shapes_of(np.array([], dtype=object), np.array([], np.int64), np.array([0, 0]))
    assert len(shapes.owner) == len(shapes.x) == 0
