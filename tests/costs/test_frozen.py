"""A countryside cut into areas and priced: what each consists of, and what radio would be, in numbers.

Where other tests show that a number is right, this one sees that it moves: whatever changes a digit
here changes plans, and belongs under *Results change* in the changelog.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bredband.areas import gather, name_drops
from bredband.costs import bill_of_quantities, compare_alternatives, fund_areas, price_drops
from bredband.network import design
from bredband.scenario.costs import Costs
from bredband.scenario.network import AreaChoices, NetworkChoices
from bredband.scenario.rollout import Funding
from tests.areas.countryside import place

COSTS = Costs()
FUNDING = Funding(
    operator_nok_per_household=12_000, operator_nok_per_business=20_000, local_share=0.1
)
BOUNDS = AreaChoices(
    fewest_households=15, most_households=70, highest_capex_nok=4_000_000, longest_gap_m=1200
)


@pytest.fixture(scope="module")
def laid_out() -> dict[str, Any]:
    joined, premises = place(3)
    premises = premises.assign(
        kind=np.where(np.arange(len(premises)) % 9 == 0, "business", "dwelling"),
        priority_weight=1 + np.arange(len(premises)) % 3 / 2,
    )
    made = design(joined, premises, NetworkChoices())
    connections = price_drops(made.connections, made.drops, COSTS)
    areas, routes, connections = gather(made.routes, connections, premises, BOUNDS)
    drops = name_drops(made.drops, connections)
    bills = bill_of_quantities(areas, routes, connections, drops, COSTS)
    areas = fund_areas(areas, bills, connections, premises, FUNDING)
    return {
        "areas": areas,
        "routes": routes,
        "connections": connections,
        "drops": drops,
        "premises": premises,
        "bills": bills,
    }


def test_areas_and_who_pays(laid_out) -> None:
    areas = laid_out["areas"]
    columns = [
        "area_id",
        "feeder_area",
        "households",
        "weighted_households",
        "capex_nok",
        "grant_nok",
    ]
    assert areas[columns].to_numpy().tolist() == [
        ["9901-299-6700", "F-300-6701", 46, 68.0, 2053288, 1225159],
        ["9901-299-6703", "F-300-6701", 30, 45.5, 2845838, 2165254],
        ["9901-300-6700", "", 16, 24.5, 1104211, 802990],
        ["9901-300-6708", "F-300-6706", 56, 84.0, 3737236, 2650712],
        ["9901-301-6704", "F-302-6702", 28, 41.5, 1227036, 747932],
        ["9901-302-6707", "F-303-6707-b", 48, 71.0, 2093255, 1275529],
        ["9901-303-6708", "F-303-6709", 55, 84.0, 2249952, 1340957],
        ["9901-304-6707", "F-303-6709", 32, 47.5, 2909167, 2200650],
        ["9901-305-6702", "F-305-6702", 59, 87.5, 2790352, 1730117],
        ["9901-305-6706", "F-305-6706", 28, 42.0, 1236387, 756348],
        ["9902-306-6699", "F-307-6700", 22, 32.0, 1763879, 1277891],
        ["9902-306-6701", "F-306-6700", 39, 60.0, 1333799, 725219],
        ["9902-307-6706", "F-306-6707", 49, 72.5, 2859178, 1954060],
        ["9902-308-6700", "F-307-6700", 54, 81.5, 3075761, 2076985],
        ["9902-308-6707", "F-306-6707", 70, 106.0, 4096667, 2805000],
        ["F-300-6701", "", 0, 0.0, 674995, 607495],
        ["F-300-6705", "", 0, 0.0, 521305, 469175],
        ["F-300-6706", "F-300-6705", 0, 0.0, 510100, 459090],
        ["F-302-6702", "F-300-6705", 0, 0.0, 1991611, 1792450],
        ["F-303-6707", "F-300-6706", 0, 0.0, 1542770, 1388493],
        ["F-303-6707-b", "F-303-6707", 0, 0.0, 466898, 420208],
        ["F-303-6709", "F-303-6707", 0, 0.0, 662008, 595807],
        ["F-305-6702", "F-302-6702", 0, 0.0, 1851292, 1666163],
        ["F-305-6706", "F-303-6707-b", 0, 0.0, 892578, 803320],
        ["F-306-6700", "F-305-6702", 0, 0.0, 898182, 808364],
        ["F-306-6707", "F-305-6706", 0, 0.0, 1282788, 1154509],
        ["F-307-6700", "F-306-6700", 0, 0.0, 146957, 132261],
    ]
    money = areas[["operator_nok", "local_nok", "grant_nok", "capex_nok"]].sum()
    assert money.tolist() == [9_004_000, 3_781_352, 34_032_138, 46_817_490]
    assert areas["trench_m"].sum() == pytest.approx(66_353.40, abs=0.01)
    assert areas.geometry.area.sum() == pytest.approx(30_671_277, rel=1e-5)
    assert areas["name"].tolist()[:3] == [
        "Veg 333 og Veg 332 (2)",
        "Veg 333 og Veg 332 (1)",
        "Veg 334",
    ]


def test_what_they_consist_of(laid_out) -> None:
    columns = ["length_m", "count", "low_nok", "likely_nok", "high_nok"]
    sums = laid_out["bills"].groupby("item")[columns].sum().round(1)
    assert {item: tuple(row) for item, row in sums.iterrows()} == {
        "cabinet": (0, 15, 750000, 1200000, 2100000),
        "connection": (0, 632, 5056000, 7584000, 11376000),
        "drop": (71852.5, 0, 7185248, 10777874, 17963122),
        "joint": (0, 38, 152000, 266000, 456000),
        "permit": (0, 27, 13500, 72900, 810000),
        "road_crossing": (0, 201, 201000, 402000, 804000),
        "road_fee": (66353.4, 0, 0, 995300, 2654136),
        "splice": (0, 632, 252800, 505600, 948000),
        "surcharge": (66353.4, 0, 1278659, 1790125, 2557322),
        "trench": (66353.4, 0, 16588352, 23223691, 33176698),
    }


def test_what_radio_would_be(laid_out) -> None:
    """Three masts: one sees the west and one the east but for a few homes, the third a quarter of all."""
    premises = laid_out["premises"]
    x, number = premises.geometry.x.to_numpy(), np.arange(len(premises))
    seen = {
        "m1": (x < 303_500) & (number % 11 > 0),
        "m2": (x > 302_500) & (number % 13 > 0),
        "m3": number % 4 == 0,
    }
    reach = pd.concat(
        [pd.DataFrame({"premises_id": premises["premises_id"][where], "site_id": mast}) for mast, where in seen.items()]
    )  # fmt: skip
    masts = pd.DataFrame({"site_id": [*seen], "kind": ["mast", "mast_candidate", "mast"]})
    own = [laid_out[name] for name in ("areas", "routes", "connections", "drops")]
    made, by_radio = compare_alternatives(*own, premises, reach, masts, COSTS, FUNDING)
    columns = [
        "premises", "weighted_households", "fibre_premises", "radio_premises", "trench_m", "capex_nok",
        "mast_capex_nok", "shared_capex_nok", "operator_nok", "local_nok", "grant_nok", "yearly_opex_nok",
        "left_premises",
    ]  # fmt: skip
    sums = made.groupby("alternative")[columns].sum()
    expected = [
        [
            632,
            947.5,
            632,
            0,
            37514.33,
            35376006,
            0,
            49219571,
            9004000,
            2637203,
            23734803,
            379200,
            0,
        ],
        [
            235,
            352.5,
            41,
            194,
            10122.09,
            7139856,
            3000000,
            8658651,
            3360000,
            377985,
            3401871,
            668600,
            0,
        ],
        [594, 889.0, 0, 594, 0, 4752000, 35800000, 0, 4752000, 0, 0, 3114000, 38],
    ]
    assert sums.index.tolist() == ["fibre", "hybrid", "radio"]
    assert sums.to_numpy() == pytest.approx(np.array(expected), abs=0.01)
    assert made["alternative"].value_counts().to_dict() == {"fibre": 15, "radio": 15, "hybrid": 5}
    assert made["masts"].value_counts().to_dict() == {
        "": 15,
        "m1": 8,
        "m3/m2": 7,
        "m1/m3": 2,
        "m1/m3/m2": 2,
        "m2": 1,
    }
    assert by_radio.groupby(["alternative", "site_id"]).size().to_dict() == {
        ("hybrid", "m1"): 194, ("radio", "m1"): 234, ("radio", "m2"): 268, ("radio", "m3"): 92
    }  # fmt: skip
