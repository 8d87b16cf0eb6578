from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband import coverage, tables
from bredband.scenario.coverage import CoverageChoices, Target


def make_premises(count: int) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(count)],
            "street": "", "house_number": "", "address": "", "postcode": "", "postplace": "",
            "kommune": "3420", "grunnkrets": "34200101", "tettsted": "", "rural": True,
            "cadastre": "", "kind": "dwelling", "households": 1, "households_rule": "test",
            "priority_weight": 1.0,
            "access_x_m": float("nan"),
            "access_y_m": float("nan"),
        }
    )  # fmt: skip
    points = gpd.points_from_xy([1000.0 * i for i in range(count)], [6_700_000.0] * count)
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:25833")


def make_offers(*rows: tuple[str, str, str, float, float, str]) -> pd.DataFrame:
    names = ["premises_id", "operator", "technology", "down_mbps", "up_mbps", "status"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(connected=False, source="test", as_of="", error_db=np.nan)


def test_assess_by_hand():
    """p0 meets the target exactly, p1 is too slow, p2 is planned, p3 has nothing."""
    premises = make_premises(4)
    offers = make_offers(
        ("p0", "A", "fibre", 1000.0, 500.0, "available"),
        ("p0", "B", "dsl", 20.0, 1.0, "available"),
        ("p1", "B", "dsl", 20.0, 1.0, "available"),
        ("p2", "A", "fibre", 1000.0, 1000.0, "planned"),
    )
    got = coverage.assess(
        premises, offers, tables.empty("evidence"), target=Target(), choices=CoverageChoices()
    )
    tables.check(got, "coverage")
    assert got["served"].tolist() == [True, False, False, False]
    assert got["planned"].tolist() == [False, False, True, False]
    assert got["eligible"].tolist() == [False, True, False, True]
    assert got["operator"].tolist() == ["A", "B", "", ""]
    assert got["down_mbps"].tolist() == [1000.0, 20.0, 0.0, 0.0]
    assert got["up_mbps"].tolist() == [500.0, 1.0, 0.0, 0.0]


def test_assess_without_offers():
    got = coverage.assess(
        make_premises(2),
        tables.empty("availability"),
        tables.empty("evidence"),
        target=Target(),
        choices=CoverageChoices(),
    )
    tables.check(got, "coverage")
    assert not got["served"].any()
    assert got["eligible"].all()
