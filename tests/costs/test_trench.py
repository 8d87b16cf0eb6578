"""The price of a trench: the cheapest method allowed, and what comes on top."""

from __future__ import annotations

import pandas as pd
import pytest

from bredband.costs import price_roads
from bredband.costs.drops import price_of_water
from bredband.costs.trench import PLAIN_METHOD
from bredband.scenario.costs import Costs, GroundClass
from bredband.scenario.section import estimate
from tests.costs.tables_by_hand import lit, road

BARE = Costs(winter_share=0, remoteness_surcharge_share=0, slope_surcharge_share=0)


def priced(costs: Costs = BARE, *, lit_x_m: float = 0.0, **changes):
    return price_roads(road(**changes), lit(lit_x_m), costs).iloc[0]


def test_every_ground_class_has_a_price_and_a_plain_method():
    assert set(PLAIN_METHOD) == set(Costs().trench_nok_per_m) == set(GroundClass.__args__)


def test_a_verge_costs_metres_and_the_owners_fee():
    row = priced()
    # 1000 m · (350 + 15 to the kommune).
    assert (row.method, row.road_owner) == ("trench", "municipal")
    assert (row.trench_nok, row.fee_nok) == (365_000, 15_000)


@pytest.mark.parametrize(
    ("road_class", "owner", "method", "trench_nok"),
    [
        ("residential", "municipal", "micro_trench", 1000 * (450 + 15)),
        ("service", "private", "micro_trench", 1000 * (450 + 10)),
        ("primary", "county", "trench", 1000 * (1100 + 40)),
        ("trunk", "state", "trench", 1000 * (1100 + 60)),
        ("unheard of", "municipal", "micro_trench", 1000 * (450 + 15)),
    ],
)
def test_micro_trench_only_where_the_owner_lets_it(road_class, owner, method, trench_nok):
    row = priced(ground="asphalt", surface="asphalt", road_class=road_class)
    assert (row.road_owner, row.method, row.trench_nok) == (owner, method, trench_nok)


@pytest.mark.parametrize(
    ("length_m", "method", "trench_nok", "landfall_nok"),
    [
        # Boring 3000 a metre, against 400 and two landfalls of 150 000: equal at 115.4 m.
        (100.0, "bore", 300_000, 0),
        (2000.0, "subsea", 800_000 + 300_000, 300_000),
    ],
)
def test_narrow_water_is_bored_and_wide_water_gets_a_cable(
    length_m, method, trench_nok, landfall_nok
):
    row = priced(length_m=length_m, ground="water", structure="link", road_class="")
    assert (row.method, row.trench_nok, row.landfall_nok) == (method, trench_nok, landfall_nok)
    assert row.road_owner == ""


def test_poles_are_used_only_when_the_scenario_allows_them():
    given = {"ground": "rock", "structure": "link", "road_class": ""}
    assert priced(**given).method == "rock"
    options = [option.model_copy(update={"allowed": True}) for option in Costs().other_methods]
    allowed = BARE.model_copy(update={"other_methods": tuple(options)})
    row = priced(allowed, **given)
    assert (row.method, row.trench_nok) == ("aerial", 300_000)


def test_slope_frost_and_distance_come_on_top():
    costs = Costs(
        slope_surcharge_share=0.3, winter_share=0.5, winter_surcharge_share=0.2,
        remoteness_surcharge_share=0.1,
    )  # fmt: skip
    # The middle of the road is 20 km from lit fibre at x = −19.5 km.
    row = priced(costs, lit_x_m=-19_500, slope_share=0.2)
    assert row.surcharge_nok == pytest.approx(350_000 * (1.6 * 1.1 * 1.2 - 1))
    assert row.trench_nok == pytest.approx(350_000 + row.surcharge_nok + 15_000)


@pytest.mark.parametrize("ground", ["bridge", "tunnel", "duct"])
def test_nothing_comes_on_top_in_ducts_and_on_bridges(ground):
    structure = "ground" if ground == "duct" else ground
    row = priced(Costs(), lit_x_m=-50_000, slope_share=0.3, ground=ground, structure=structure)
    assert (row.surcharge_nok, row.fee_nok) == (0, 0)
    assert row.trench_nok == 1000 * Costs().trench_nok_per_m[ground].likely_nok


def test_what_costs_the_same_is_done_the_plain_way():
    """A metre of water: 3000 bored, or 400 between two landfalls of 1300."""
    even = BARE.model_copy(update={"landfall_nok": estimate(1300, 1300, 1300)})
    dearer = BARE.model_copy(update={"landfall_nok": estimate(1301, 1301, 1301)})
    wet_m = pd.Series([1.0, 0.0])
    for costs, method, landfalls in ((even, "subsea", 2), (dearer, "bore", 0)):
        row = priced(costs, length_m=1.0, ground="water", structure="link", road_class="")
        assert (row.method, row.trench_nok) == (method, 3000)
        drop = price_of_water(wet_m, costs)
        assert drop["method"].tolist() == [method, ""]
        assert drop["water_nok"].tolist() == [3000, 0]
        assert drop["landfalls"].tolist() == [landfalls, 0]


def test_where_no_fibre_is_lit_nothing_is_remote():
    costs = BARE.model_copy(update={"remoteness_surcharge_share": 0.1})
    nowhere = price_roads(road(), lit().iloc[:0], costs).iloc[0]
    assert (nowhere.trench_nok, nowhere.surcharge_nok) == (365_000, 0)
