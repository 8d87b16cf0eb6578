"""Tables of what is built, where Ytre in Lilleland gets radio from a mast instead of fibre."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bredband import areas, network
from bredband.grid import WORKING_CRS
from bredband.pipeline.airwaves import hear_masts
from bredband.pipeline.layout import Situation, lay_out, settle
from bredband.pipeline.plan import price_network
from bredband.pipeline.served import weigh_evidence
from bredband.scenario.section import estimate
from tests import lilleland

FIBRE_NOK = {"F1": 104_000, "Vesle": 4_000, "F2": 202_000, "Midtby": 6_000, "Ytre": 298_000}
RADIO_NOK, MAST_NOK = 2_000, 50_000


@pytest.fixture(scope="module")
def made():
    """Lilleland, with a mast that reaches Ytre's two homes; a radio costs 2 000 kr a home."""
    county, scenario = lilleland.county(), lilleland.scenario()
    costs = scenario.costs.model_copy(
        update={"customer_radio_nok": estimate(RADIO_NOK, RADIO_NOK, RADIO_NOK)}
    )
    scenario = scenario.model_copy(update={"costs": costs})
    _, availability = hear_masts(county, scenario)
    served = weigh_evidence(county, availability, scenario, scenario.rollout.uncertainty)
    weighed = areas.weigh(county.premises, served.coverage, scenario.priorities)
    lacking = areas.to_connect(weighed, served.coverage)
    far = lacking.geometry.x - lilleland.X0 > 5000
    mast = gpd.GeoDataFrame(
        {
            "site_id": ["M", "N"],
            "kind": "mast_candidate",
            "name": ["", ""],
            "capex_nok": [MAST_NOK, MAST_NOK],
            "yearly_opex_nok": [0, 0],
        },
        geometry=shapely.points([[lilleland.X0 + 6000, lilleland.Y0]] * 2),
        crs=WORKING_CRS,
    )
    reach = pd.DataFrame({"premises_id": lacking.loc[far, "premises_id"], "site_id": "M"})
    certain = np.empty((len(lacking), 0), np.bool_)
    at = Situation(scenario, county.kommuner, lacking, mast, reach.astype("str"), certain)
    joined = price_network(county, scenario.network, scenario.costs)
    return lay_out(network.design(joined, lacking, scenario.network), at), at


def named(layout) -> dict[str, str]:
    """Give the area_id of each hamlet and feeder by name, found by what it costs."""
    by_price = {nok: name for name, nok in FIBRE_NOK.items()} | {MAST_NOK: "M"}
    frame = layout.areas
    return {
        by_price[nok]: area for area, nok in zip(frame["area_id"], frame["capex_nok"], strict=True)
    }


def scheduled(layout, ways: dict[str, str]) -> gpd.GeoDataFrame:
    """Build the named works in the first year by the given technology."""
    ids, price = named(layout), FIBRE_NOK | {"Ytre": RADIO_NOK * 2, "M": MAST_NOK}
    rows = [(ids[name], 2027, how, price[name]) for name, how in ways.items()]
    frame = pd.DataFrame(rows, columns=["area_id", "build_year", "technology", "grant_nok"])
    return gpd.GeoDataFrame(frame, geometry=[shapely.Point()] * len(rows), crs=WORKING_CRS)


def test_radio_is_shown_as_built_and_its_trench_left(made):
    layout, at = made
    ways = {"F1": "fibre", "Vesle": "fibre", "Ytre": "fwa", "M": "fwa"}
    built, paid = settle(layout, scheduled(layout, ways), at)
    ids = named(layout)
    row = built.areas.set_index("area_id").loc[ids["Ytre"]]
    assert (row["technology"], row["feeder_area"]) == ("fwa", "M")
    assert (row["trench_m"], row["capex_nok"], row["grant_nok"]) == (0.0, 4_000, 4_000)
    assert ids["Ytre"] not in set(built.routes["area_id"])
    assert not built.drops["area_id"].eq(ids["Ytre"]).any()
    homes = built.connections[built.connections["area_id"] == ids["Ytre"]]
    assert homes["route_id"].tolist() == ["", ""]
    assert paid["grant_nok"].tolist() == [104_000, 4_000, 4_000, 50_000]


def test_the_bill_is_the_price_of_every_area_also_with_radio(made):
    layout, at = made
    ways = {"F1": "fibre", "Vesle": "fibre", "Ytre": "fwa", "M": "fwa"}
    built, _ = settle(layout, scheduled(layout, ways), at)
    billed = built.bills.groupby("area_id")["likely_nok"].sum()
    price = built.areas.set_index("area_id")["capex_nok"]
    assert billed.reindex(price.index).fillna(0).tolist() == price.tolist()
    before = layout.areas.set_index("area_id")["capex_nok"]
    same = [ids for name, ids in named(layout).items() if name != "Ytre"]
    assert price[same].tolist() == before[same].tolist()


def test_a_mast_that_is_not_built_is_left_out(made):
    layout, at = made
    built, paid = settle(layout, schedule := scheduled(layout, {"F1": "fibre"}), at)
    assert set(layout.areas["kind"]) == {"area", "feeder", "mast"}
    assert set(built.areas["kind"]) == {"area", "feeder"}
    assert paid is schedule
