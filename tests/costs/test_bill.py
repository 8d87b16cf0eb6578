"""Bills of quantities sum to the capex, and calibration meets its target exactly."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband import tables
from bredband.costs import bill_of_quantities, bill_of_radio, calibrate, price_drops
from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.pipeline import make_plan
from bredband.scenario.costs import Costs
from bredband.scenario.section import NokRange, estimate
from tests import lilleland
from tests.costs.tables_by_hand import tree

COSTS = Costs(premises_per_cabinet=2)


def drops_of(connections: pd.DataFrame, crosses: list[str], wet_m: list[float]):
    return gpd.GeoDataFrame(
        {
            "premises_id": connections["premises_id"],
            "area_id": connections["area_id"],
            "route_id": connections["route_id"],
            "crosses": crosses,
            "length_m": connections["drop_m"],
            "wet_m": wet_m,
        },
        geometry=[shapely.linestrings([[0, 0], [1, 1]])] * len(connections),
        crs=WORKING_CRS,
    )


@pytest.fixture
def bill() -> pd.DataFrame:
    areas, routes, connections, _ = tree([-1, 0, 0], [20_000] * 3, [1, 1, 2], [0, 0, 0])
    routes = routes.assign(surcharge_nok=4_000, fee_nok=1_000)
    drops = drops_of(
        connections.assign(drop_m=[10.0, 10.0, 1010.0]), ["", "county", ""], [0.0, 4.0, 1000.0]
    )
    priced = price_drops(connections, drops, COSTS)
    made = bill_of_quantities(areas, routes, priced, drops, COSTS)
    tables.check(made, "bills")
    return made.set_index(made["item"].where(made["method"] != "bore", "bored"))


def test_radios_and_masts_by_hand():
    """Two homes in a by radio; one new mast, and equipment on one that stands; no fibre area."""
    areas = pd.DataFrame(
        {
            "area_id": ["a", "new", "old"],
            "kind": ["area", "mast", "mast"],
            "capex_nok": [70_000, 2_500_000, 600_000],
        }
    )
    by_radio = pd.DataFrame({"area_id": ["a", "a"], "premises_id": ["p1", "p2"]})
    masts = pd.DataFrame({"site_id": ["new", "old"], "kind": ["mast_candidate", "mast"]})
    made = bill_of_radio(areas, by_radio, masts, COSTS)
    tables.check(made, "bills")
    lines = made.set_index("area_id")[["item", "count", "low_nok", "likely_nok", "high_nok"]]
    radio = COSTS.customer_radio_nok
    each = (radio.low_nok, radio.likely_nok, radio.high_nok)
    assert lines.apply(tuple, axis=1).to_dict() == {
        "a": ("customer_radio", 2, *(2 * nok for nok in each)),
        "new": ("mast", 1, 1_800_000, 2_500_000, 3_500_000),
        "old": ("mast", 1, 400_000, 600_000, 900_000),
    }


def test_every_line_by_hand(bill):
    lines = bill[["length_m", "count", "likely_nok"]].apply(tuple, axis=1).to_dict()
    assert lines == {
        "trench": (300.0, 0, 45_000),
        "surcharge": (300.0, 0, 12_000),
        "road_fee": (300.0, 0, 3_000),
        "permit": (0.0, 1, 2_700),
        # The trench parts in two at the end of the first route.
        "joint": (0.0, 1, 7_000),
        # Three premises, two to a cabinet.
        "cabinet": (0.0, 2, 160_000),
        "splice": (0.0, 3, 2_400),
        "connection": (0.0, 3, 36_000),
        "road_crossing": (0.0, 1, 25_000),
        # 26 of 1030 metres are dug at 150; 4 are bored under water at 3000, for less than two
        # landfalls; 1000 are cable at 400, between two landfalls.
        "drop": (26.0, 0, 3_900),
        "bored": (4.0, 0, 12_000),
        "drop_water": (1000.0, 0, 400_000),
        "drop_landfall": (0.0, 2, 300_000),
    }


def test_low_and_high_are_the_ends_of_the_ranges(bill):
    assert bill.loc["trench", ["low_nok", "high_nok"]].tolist() == [30_000, 66_000]
    assert bill.loc["cabinet", ["low_nok", "high_nok"]].tolist() == [100_000, 280_000]
    assert (bill["low_nok"] <= bill["likely_nok"]).all()
    assert (bill["likely_nok"] <= bill["high_nok"]).all()


def test_a_premises_that_is_not_reached_costs_nothing():
    _, _, connections, _ = tree([-1], [1], [0, 0], [0, 0])
    drops = drops_of(connections, ["", ""], [0.0, 0.0]).iloc[1:]
    assert price_drops(connections, drops, COSTS)["drop_nok"].tolist()[0] == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_trench_and_drops_of_a_bill_sum_to_the_krone(seed):
    rng = np.random.default_rng(seed)
    count, homes = int(rng.integers(1, 8)), int(rng.integers(1, 9))
    upstream = [-1, *(int(rng.integers(-1, i)) for i in range(1, count))]
    areas, routes, connections, _ = tree(
        upstream, [0] * count, rng.integers(0, count, homes).tolist(), [0] * homes
    )
    parts = {name: rng.integers(0, 9_999, count) for name in ("surcharge_nok", "fee_nok")}
    routes = routes.assign(trench_nok=sum(parts.values()) + rng.integers(0, 9_999, count), **parts)
    connections = connections.assign(drop_m=rng.uniform(0, 100, homes))
    wet_m = connections["drop_m"].to_numpy() * rng.choice([0, 0, 0.3], homes)
    crosses = rng.choice(["", "private", "state"], homes).tolist()
    drops = drops_of(connections, crosses, wet_m)
    priced = price_drops(connections, drops, COSTS)
    made = bill_of_quantities(areas, routes, priced, drops, COSTS)
    counted = made["item"].isin(["cabinet", "joint", "permit"])
    expected = routes["trench_nok"].sum() + priced["drop_nok"].sum()
    assert made.loc[~counted, "likely_nok"].sum() == expected


def test_bills_of_a_plan_sum_to_capex_area_by_area():
    plan = make_plan(lilleland.county(), lilleland.scenario())
    total = plan.bills.groupby("area_id")["likely_nok"].sum()
    capex = plan.areas.set_index("area_id")["capex_nok"]
    assert total.reindex(capex.index).tolist() == capex.tolist()


@pytest.mark.parametrize("target_nok_per_household", [250_000, 450_000, 700_000, 20_000])
def test_calibrated_prices_meet_the_target(bill, target_nok_per_household):
    given_bill = bill.reset_index(drop=True)
    costs, changes = calibrate(
        given_bill, COSTS, households=3, target_nok_per_household=target_nok_per_household
    )
    assert changes["bill_before_nok"].sum() == given_bill["likely_nok"].sum()
    assert changes["bill_after_nok"].sum() == pytest.approx(3 * target_nok_per_household, rel=1e-6)
    after = changes.set_index("price")["after_nok"]
    assert after["drop_nok_per_m"] == costs.drop_nok_per_m.likely_nok
    assert after["trench_nok_per_m.soft"] == costs.trench_nok_per_m["soft"].likely_nok
    assert "kalibrert fra 150" in costs.drop_nok_per_m.source
    # 1 009 000 / 3 = 336 333 likely; the ranges reach from about 201 000 to 617 000.
    assert changes["outside_range"].any() == (target_nok_per_household in (700_000, 20_000))


def test_what_is_known_well_moves_less(bill):
    costs, _ = calibrate(
        bill.reset_index(drop=True), COSTS, households=3, target_nok_per_household=450_000
    )
    asphalt = costs.trench_nok_per_m["asphalt"].likely_nok / 1100
    cabinet = costs.cabinet_nok.likely_nok / 80_000
    assert 1 < asphalt < cabinet


def test_nothing_to_calibrate_against(bill):
    with pytest.raises(InputError, match="kalibrere"):
        calibrate(bill.reset_index(drop=True), COSTS, households=0, target_nok_per_household=1)


def test_prices_move_the_same_share_of_their_range_and_then_alike():
    """Trench of 100 (50 to 300) in rock and a drop of 10 (10 to 20) a metre: 1000 likely, 500 to 2900."""
    lines = pd.DataFrame(
        {
            "item": ["trench", "drop"],
            "ground": ["rock", ""],
            "method": ["rock", ""],
            "road_owner": "",
            "low_nok": [400, 100],
            "likely_nok": [900, 100],
            "high_nok": [2700, 200],
        }
    )
    prices = Costs(
        trench_nok_per_m={**COSTS.trench_nok_per_m, "rock": estimate(400, 900, 2700)},
        drop_nok_per_m=estimate(100, 100, 200),
    )

    def moved(target_nok: float) -> tuple[list[float], list[bool]]:
        costs, changes = calibrate(
            lines, prices, households=10, target_nok_per_household=target_nok / 10
        )
        rock, drop = costs.trench_nok_per_m["rock"], costs.drop_nok_per_m
        outside = changes.set_index("price")["outside_range"]
        amounts = [rock.low_nok, rock.likely_nok, rock.high_nok, drop.likely_nok]
        return amounts, outside[["trench_nok_per_m.rock", "drop_nok_per_m"]].tolist()

    for target_nok, amounts, is_outside in (
        (1000, [400, 900, 2700, 100], False),
        # half of the way from 1000 to 2900, and of that from 1000 to 500
        (1950, [800, 1800, 5400, 150], False),
        (750, [400 * 650 / 900, 650, 1950, 100], False),
        # to the end, and then twice that
        (2900, [1200, 2700, 8100, 200], False),
        (5800, [2400, 5400, 16200, 400], True),
        (250, [400 * 200 / 900, 200, 600, 50], True),
    ):
        found, outside = moved(target_nok)
        assert found == pytest.approx(amounts)
        assert outside == [is_outside] * 2
    for households, likely, target in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
        with pytest.raises(InputError, match="kalibrere"):
            calibrate(lines * [1, 1, 1, 1, likely, likely, likely], prices, households=households,
                      target_nok_per_household=target)  # fmt: skip


def test_a_line_of_nothing_is_no_line_and_what_is_free_costs_nothing_at_either_end():
    areas, routes, connections, _ = tree([-1], [20_000], [0], [0])
    costs = COSTS.model_copy(
        update={"permit_nok": NokRange(low_nok=0, likely_nok=0, high_nok=9_000)}
    )
    drops = drops_of(connections, [""], [0.0])
    made = bill_of_quantities(areas, routes, price_drops(connections, drops, costs), drops, costs)
    assert made["item"].tolist() == ["cabinet", "connection", "drop", "permit", "splice", "trench"]
    free = made.set_index("item").loc["permit", ["count", "low_nok", "likely_nok", "high_nok"]]
    assert free.tolist() == [1, 0, 0, 0]


def test_prices_without_a_range_are_scaled_alike(bill):
    sure = bill.reset_index(drop=True).assign(low_nok=bill["likely_nok"].to_numpy())
    sure = sure.assign(high_nok=sure["likely_nok"])
    for times in (0.5, 2.0):
        target_nok = times * sure["likely_nok"].sum() / 3
        _, changes = calibrate(sure, COSTS, households=3, target_nok_per_household=target_nok)
        moved = changes[changes["before_nok"] > 0]
        assert (moved["after_nok"] / moved["before_nok"]).to_numpy() == pytest.approx(times)
