"""Lilleland: a county of one road and three hamlets, small enough to plan by hand.

The road runs east from lit fibre at x = 0 along y = 0, on soft ground without slope::

    x (m)     0 ........ 1000 .......... 3000 ............ 6000
    lit fibre            Vesle (4 hh)    Midtby (6 hh)     Ytre (2 hh)

Premises stand 20 m north of the road, 10 m apart from the hamlet's first: at x = 1000,
1010, 1020, 1030; at 3000 … 3050; at 6000, 6010. Nobody has an offer but one premises at the
lit fibre. Prices: trench 100 kr/m, drop 0 kr/m, connection 1000 kr, no cabinets, no
surcharges; so a trench of d metres costs 100 d kr and every drop 1000 kr.

Lit fibre stands 10 m south of the road's west end.

Cheapest tree: the 10 m from lit fibre to the road and the road from 0 to 6010: 6020 m,
602 000 kr.

Areas of 2 to 6 households, cut where the trench runs 1500 m without premises, are the three
hamlets. The first 10 + 1030 m are needed by all three (F1), the next 2020 m by Midtby and
Ytre (F2), the last 2960 m by Ytre alone:

    stretch         kind     households   capex                     hangs on
    F1  0–1030      feeder   0            104 000                   lit fibre
    F2  1030–3050   feeder   0            202 000                   F1
    Vesle           area     4              4 000                   F1
    Midtby          area     6              6 000                   F2
    Ytre            area     2            296 000 + 2 000 = 298 000 F2

With an operator who pays nothing and no local share the grant is the capex. Budgets
110 000, 210 000, 100 000 and carry-over: year 1 affords F1 and Vesle (108 000, 2 000 left),
year 2 F2 and Midtby (208 000 of 212 000; 4 000 left), year 3 has 104 000, not enough for
Ytre's 298 000. Household-years over three years: 4·3 + 6·2 = 24, and nothing is better:
Midtby in year 1 is out of reach.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import tables
from bredband.county import County
from bredband.grid import WORKING_CRS
from bredband.scenario import Scenario

X0, Y0 = 300_000.0, 6_700_500.0
HAMLETS = {"Vesle": (1000.0, 4), "Midtby": (3000.0, 6), "Ytre": (6000.0, 2)}


def scenario(**changes: object) -> Scenario:
    price = {"low_nok": 0, "likely_nok": 100, "high_nok": 200}
    nothing = {"low_nok": 0, "likely_nok": 0, "high_nok": 0}
    values: dict[str, object] = {
        "name": "Lilleland",
        "county": "Lilleland",
        "synthetic": True,
        "sources": {"addresses": ["a.csv"], "borders": ["b.geojson"]},
        "costs": {
            "trench_nok_per_m": {"soft": price, "verge": price},
            "slope_surcharge_share": 0,
            "drop_nok_per_m": nothing,
            "connection_nok": {"low_nok": 500, "likely_nok": 1000, "high_nok": 2000},
            "cabinet_nok": nothing,
            "splice_nok": nothing,
            "joint_nok": nothing,
            "permit_nok": nothing,
            "road_fee_nok_per_m": {"municipal": nothing},
            "winter_share": 0,
            "remoteness_surcharge_share": 0,
        },
        "areas": {"fewest_households": 2, "most_households": 6, "longest_gap_m": 1500},
        "funding": {"operator_nok_per_household": 0},
        "rollout": {"first_year": 2027, "annual_grant_nok": [110_000, 210_000, 100_000]},
        "priorities": {"lacking_30_weight": 1},
    }
    return Scenario.model_validate({**values, **changes})


def county() -> County:
    names, xs = ["Start"], [0.0]
    for hamlet, (first, count) in HAMLETS.items():
        names += [hamlet] * count
        xs += [first + 10 * i for i in range(count)]
    count = len(xs)
    number = [str(i) for i in range(count)]
    premises = gpd.GeoDataFrame(
        {
            "premises_id": [f"p{i:02d}" for i in range(count)],
            "street": names,
            "house_number": number,
            "address": [f"{name} {i}" for name, i in zip(names, number, strict=True)],
            "postcode": "0001",
            "postplace": "LILLELAND",
            "kommune": "9901",
            "grunnkrets": "99010101",
            "tettsted": "",
            "rural": True,
            "cadastre": "1/1",
            "kind": "dwelling",
            "households": 1,
            "households_rule": "for hånd",
            "priority_weight": 1.0,
            "access_x_m": np.nan,
            "access_y_m": np.nan,
        },
        geometry=shapely.points(X0 + np.array(xs), Y0 + 20.0),
        crs=WORKING_CRS,
    )
    availability = pd.DataFrame(
        {
            "premises_id": ["p00"],
            "operator": ["Lillenett"],
            "technology": ["fibre"],
            "down_mbps": [1000.0],
            "up_mbps": [1000.0],
            "status": ["available"],
            "connected": [True],
            "source": ["for hånd"],
            "as_of": [""],
            "error_db": [np.nan],
        }
    )
    road = {
        "road_id": ["r1"],
        "start_junction": [0],
        "end_junction": [1],
        "length_m": [6010.0],
        "road_class": ["unclassified"],
        "surface": ["gravel"],
        "structure": ["ground"],
        "slope_share": [0.0],
        "ground": ["soft"],
    }
    line = shapely.linestrings([[X0, Y0], [X0 + 6010.0, Y0]])
    site = {
        "site_id": ["s1"],
        "kind": ["lit_fibre"],
        "name": [""],
        "owner": [""],
        "height_m": [0.0],
        "bands": [""],
        "sectors": [""],
    }
    border = shapely.box(X0 - 5000, Y0 - 5000, X0 + 12_000, Y0 + 5000)
    return County(
        kommuner=gpd.GeoDataFrame(
            {"kommune": ["9901"], "name": ["Lilleland"]}, geometry=[border], crs=WORKING_CRS
        ),
        premises=premises,
        availability=availability,
        evidence=tables.empty("evidence"),
        roads=gpd.GeoDataFrame(road, geometry=[line], crs=WORKING_CRS),
        sites=gpd.GeoDataFrame(site, geometry=[shapely.Point(X0, Y0 - 10)], crs=WORKING_CRS),
        ducts=tables.empty("ducts"),
        landcover=tables.empty("landcover"),
        places=tables.empty("places"),
    )
