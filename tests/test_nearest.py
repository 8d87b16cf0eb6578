"""The nearest line is the one that a plain search over all of them finds."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband.nearest import nearest_line

number = st.integers(-500_000, 500_000).map(lambda mm: mm / 1000)
point = st.tuples(number, number)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(point, min_size=2, max_size=4, unique=True), min_size=1, max_size=15),
    st.lists(point, min_size=1, max_size=15),
    st.sampled_from([1.0, 100.0, 1e5]),
)
def test_equals_a_plain_search(lines, points, spread):
    shapes = np.array([shapely.LineString(line) for line in lines])
    places = np.array(points) * spread
    rows, distance = nearest_line(places, shapes)
    every = shapely.distance(shapes[None, :], shapely.points(places)[:, None])
    assert np.allclose(distance, every.min(axis=1), atol=1e-6)
    assert np.allclose(every[np.arange(len(rows)), rows], distance, atol=1e-6)


def test_many_points_far_and_near():
    rng = np.random.default_rng(1)
    begin = rng.uniform(0, 50_000, (3000, 2))
    lines = shapely.linestrings(np.stack([begin, begin + rng.normal(0, 150, (3000, 2))], axis=1))
    points = np.vstack([rng.uniform(-5000, 55_000, (2000, 2)), [[1e6, 1e6], [-3e5, 2e4]]])
    rows, distance = nearest_line(points, lines)
    tree = shapely.STRtree(lines)
    expected = shapely.distance(lines[tree.nearest(shapely.points(points))], shapely.points(points))
    assert np.allclose(distance, expected, atol=1e-6)
    assert np.allclose(shapely.distance(lines[rows], shapely.points(points)), expected, atol=1e-6)
