"""A mast is paid whole: nobody lives in it, nothing is dug for it, and nobody pays a part for living there."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from bredband.costs import fund_feeders, fund_masts
from bredband.grid import WORKING_CRS
from bredband.scenario.rollout import Funding

FUNDING = Funding(
    operator_nok_per_household=10_000, operator_nok_per_business=25_000, local_share=0.25
)


def test_a_mast_is_a_row_that_is_paid_for_by_the_county_and_the_kommune_alone() -> None:
    masts = gpd.GeoDataFrame(
        {
            "site_id": ["m2", "m1", "m0"],
            "name": ["Fjellet", "", "Unused"],
            "capex_nok": [1_000_000, 400_002, 7],
        },
        geometry=shapely.points([[900.0, 50.0], [-300.0, 50.0], [10.0, 10.0]]),
        crs=WORKING_CRS,
    )
    kommuner = gpd.GeoDataFrame(
        {"kommune": ["3420", "3421"]},
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 1000, 100)],
        crs=WORKING_CRS,
    )
    rows = fund_masts(masts, kommuner, {"m1", "m2"}, FUNDING)
    assert rows[
        ["area_id", "kind", "name", "kommune", "feeder_area", "technology"]
    ].to_numpy().tolist() == [
        ["m2", "mast", "Fjellet", "3421", "", "fwa"],
        ["m1", "mast", "Mast m1", "3420", "", "fwa"],  # at sea: the nearest kommune
    ]
    nobody = rows[["premises", "households", "weighted_households", "trench_m", "operator_nok"]]
    assert (nobody == 0).all(axis=None)
    assert rows["capex_nok"].tolist() == [1_000_000, 400_002]
    assert rows["local_nok"].tolist() == [250_000, 100_000]
    assert rows["grant_nok"].tolist() == [750_000, 300_002]
    assert [shape.bounds for shape in rows.geometry] == [
        (850.0, 0.0, 950.0, 100.0),
        (-350.0, 0.0, -250.0, 100.0),
    ]


def test_shared_trench_is_priced_anew_and_other_rows_are_left() -> None:
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["f", "a", "g"],
            "kind": ["feeder", "area", "feeder"],
            "capex_nok": [1, 2, 3],
            "operator_nok": [4, 5, 6],
            "local_nok": [7, 8, 9],
            "grant_nok": [10, 11, 12],
        },
        geometry=[shapely.box(0, 0, 1, 1)] * 3,
        crs=WORKING_CRS,
    )
    bills = pd.DataFrame(
        {"area_id": ["f", "f", "a"], "likely_nok": [1_000, 600, 90]},
    )
    priced = fund_feeders(areas, bills, FUNDING)
    columns = ["capex_nok", "operator_nok", "local_nok", "grant_nok"]
    assert priced[columns].to_numpy().tolist() == [
        [1_600, 0, 400, 1_200],
        [2, 5, 8, 11],
        [0, 0, 0, 0],
    ]
