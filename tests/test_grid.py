"""SSB grid cells: the published formula, both ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bredband.grid import Raster, ssb_cell_corners_m, ssb_cell_ids

EAST = st.integers(-150_000_000, 1_200_000_000).map(lambda mm: mm / 1000)
NORTH = st.integers(6_400_000_000, 7_970_000_000).map(lambda mm: mm / 1000)


@given(EAST, NORTH, st.sampled_from([100, 250, 1000, 5000]))
def test_the_cell_holds_its_point(x, y, size):
    cell = ssb_cell_ids(np.array([x]), np.array([y]), size)
    east, north = ssb_cell_corners_m(cell)
    assert east[0] <= x < east[0] + size
    assert north[0] <= y < north[0] + size
    assert east[0] % size == north[0] % size == 0
    assert len(str(cell[0])) == 14


def test_a_cell_by_hand():
    # E 262 000, N 6 648 900 lies in the cell with corner 262 000, 6 648 750.
    assert ssb_cell_ids(np.array([262_000.0]), np.array([6_648_900.0]))[0] == 22_620_006_648_750


def test_points_on_a_border_belong_to_the_cell_north_east():
    assert ssb_cell_ids(np.array([250.0]), np.array([6_500_000.0]))[0] == 20_002_506_500_000


def test_raster_bounds():
    raster = Raster(np.zeros((2, 3), np.float32), 100.0, 50.0, 10.0, np.zeros((2, 3), bool))
    assert raster.bounds_m == pytest.approx((100, 30, 130, 50))
