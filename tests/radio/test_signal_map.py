"""The signal map: the same signal as at a premises, and the stronger of two masts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bredband.radio.signal_map import map_signal
from tests.radio.test_sites import CHOICES as USUAL
from tests.radio.test_sites import NORTH_M, WEST_M, homes, masts, plain, reach

CHOICES = USUAL.model_copy(update={"map_cell_m": 100.0})
BOUNDS = (WEST_M + 50.0, NORTH_M - 5950.0, WEST_M + 5950.0, NORTH_M - 50.0)


def test_a_cell_has_the_signal_of_a_premises_in_its_middle() -> None:
    there = homes((1050.0, 1050.0))
    expected = reach(masts(), there)["rsrp_dbm"].item()
    found = map_signal(masts(), plain(), BOUNDS, CHOICES)
    assert found.rsrp_dbm.shape == found.best.shape == (60, 60)
    row = int((found.north_m - there["y_m"].item()) // found.cell_m)
    column = int((there["x_m"].item() - found.west_m) // found.cell_m)
    assert found.rsrp_dbm[row, column] == pytest.approx(expected, abs=0.5)
    assert (found.best == 0).all()


def test_each_cell_belongs_to_the_stronger_mast() -> None:
    two = pd.concat([masts(), masts()], ignore_index=True)
    two = two.assign(site_id=["west", "east"], x_m=[WEST_M + 1000.0, WEST_M + 5000.0])
    found = map_signal(two, plain(), BOUNDS, CHOICES)
    assert found.site_ids == ("west", "east")
    west, east = (map_signal(two.iloc[[i]], plain(), BOUNDS, CHOICES).rsrp_dbm for i in (0, 1))
    assert np.array_equal(found.rsrp_dbm, np.maximum(west, east))
    assert np.array_equal(found.best == 1, east > west)
    assert 0.4 < (found.best == 1).mean() < 0.6


def test_no_answer_is_nan_and_nobody() -> None:
    """Outside the terrain, beyond range, and behind a hole that is too wide."""
    wider = (BOUNDS[0], BOUNDS[1], BOUNDS[2] + 1000.0, BOUNDS[3])
    found = map_signal(masts(), plain(void=True), wider, CHOICES)
    assert np.isnan(found.rsrp_dbm[:, 60:]).all()
    assert (found.best[:, 60:] == -1).all()
    assert np.array_equal(np.isnan(found.rsrp_dbm), found.best == -1)
    assert np.isnan(found.rsrp_dbm[30, 48])
    nobody = map_signal(masts().iloc[:0], plain(), BOUNDS, CHOICES)
    assert np.isnan(nobody.rsrp_dbm).all()
