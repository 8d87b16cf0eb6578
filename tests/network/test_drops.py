"""Drops: where they leave the road, what they cross, and the cabinets in their middle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from bredband import tables
from bredband.costs import price_roads
from bredband.network import Joined, design, locate_drops, place_cabinets
from bredband.network.design import CUT_OFF, TOO_FAR
from bredband.network.drops import draw_drops
from bredband.scenario.costs import Costs
from bredband.scenario.network import NetworkChoices
from tests.network.roads_by_hand import cover, joined, lit, premises, roads

ROAD = [[(0, 0), (1000, 0)]]


def priced(made: Joined) -> Joined:
    return Joined(price_roads(made.roads, lit((0, 0)), Costs()), made.roots, made.water)


def designed(homes, *, lines=ROAD, land=None, **columns):
    made = priced(joined(roads(lines, **columns), land=land))
    return design(made, homes, NetworkChoices())


def test_drops_to_the_side_where_fewer_stand_cross_the_road():
    homes = premises((100, 20), (200, 20), (300, -30))
    made = designed(homes, road_class="primary", surface="asphalt")
    drops = made.drops.set_index("premises_id")
    assert drops["crosses"].to_dict() == {"p0": "", "p1": "", "p2": "county"}
    assert drops["length_m"].to_dict() == pytest.approx({"p0": 20, "p1": 20, "p2": 30})
    tables.check(made.drops, "drops")
    tables.check(made.routes, "routes")


def test_a_gravel_road_is_crossed_at_the_price_of_a_private_one():
    made = designed(premises((100, 20), (200, 20), (300, -30)), surface="gravel")
    assert made.drops["crosses"].tolist() == ["", "", "private"]


def test_sides_are_judged_along_a_road_that_bends():
    bend = [[(0, 0), (500, 0), (500, 500)]]
    # Both inside the bend: left of the first leg and left of the second.
    made = designed(premises((200, 30), (470, 300), (530, 400)), lines=bend)
    assert (made.drops["crosses"] != "").tolist() == [False, False, True]


def test_a_drop_keeps_clear_of_water_when_another_road_is_near():
    lines = [[(0, 0), (1000, 0)], [(0, 0), (0, 300)], [(0, 300), (1000, 300)]]
    river = cover(("water", shapely.box(-50, 20, 950, 60)))
    made = priced(joined(roads(lines), land=river))
    home = premises((500, 100))
    row, _, drop_m = locate_drops(made, home)
    assert made.roads["road_id"].iloc[row[0]] == "r2"
    assert drop_m == pytest.approx([200])


def test_a_drop_leaves_the_road_where_the_way_to_the_premises_does():
    lines = [[(0, 0), (1000, 0)], [(0, 0), (0, 300)], [(0, 300), (1000, 300)]]
    homes = premises((500, 100), (500, 100)).assign(
        access_x_m=[np.nan, 420.0], access_y_m=[np.nan, 299.0]
    )
    made = priced(joined(roads(lines)))
    row, along_m, drop_m = locate_drops(made, homes)
    assert made.roads["road_id"].iloc[row].tolist() == ["r0", "r2"]
    assert along_m.tolist() == [500, 420]
    assert drop_m == pytest.approx([100, np.hypot(80, 200)])
    drops = draw_drops(made, homes, row, along_m)
    assert drops["length_m"].tolist() == pytest.approx(drops.geometry.length.tolist())


def test_a_drop_that_has_to_go_through_water_says_how_far():
    river = cover(("water", shapely.box(-50, 20, 1050, 60)))
    made = designed(premises((500, 100)), land=river)
    assert made.drops["wet_m"].tolist() == pytest.approx([40])


def test_what_is_not_reached_says_why():
    lines = [*ROAD, [(9000, 0), (9500, 0)]]
    made = designed(premises((100, 20), (500, 1500), (9200, 20)), lines=lines)
    assert made.connections["reason"].tolist() == ["", TOO_FAR, CUT_OFF]
    assert made.drops["premises_id"].tolist() == ["p0"]


def test_a_premises_on_the_road_has_a_drop_to_draw():
    made = designed(premises((100, 0)))
    assert made.drops.geometry.length.iloc[0] > 0
    assert made.drops["length_m"].tolist() == [0]


def test_routes_carry_method_owner_and_parts_of_the_price():
    made = designed(premises((400, 20), (900, 20)), slope_share=0.1)
    routes = made.routes
    assert set(routes["method"]) == {"trench"}
    assert set(routes["road_owner"]) == {"municipal"}
    plain = routes["trench_nok"] - routes["surcharge_nok"] - routes["fee_nok"]
    assert plain.to_numpy() == pytest.approx(routes["length_m"] * 350, abs=2)


def test_cabinets_stand_in_the_middle_of_their_premises():
    homes = premises(*[(x, 20) for x in (100, 120, 140, 800, 820, 840)])
    made = designed(homes)
    connections = made.connections.assign(area_id="A")
    drops = made.drops.assign(area_id="A")
    one = place_cabinets(connections, drops, premises_per_cabinet=6)
    assert one["premises"].tolist() == [6]
    two = place_cabinets(connections, drops, premises_per_cabinet=3)
    tables.check(two, "cabinets")
    assert two["premises"].tolist() == [3, 3]
    assert sorted(two.geometry.x) == [120, 820]
    assert np.allclose(two.geometry.y, 0)


def test_no_premises_no_cabinets():
    made = designed(premises((100, 20)))
    nobody = place_cabinets(made.connections, made.drops, premises_per_cabinet=3)
    tables.check(nobody, "cabinets")
    assert len(nobody) == 0


@pytest.mark.parametrize(("away_m", "reason"), [(1000.0, ""), (1000.5, TOO_FAR)])
def test_a_drop_as_long_as_the_scenario_allows_is_dug(away_m, reason):
    made = design(
        priced(joined(roads(ROAD))), premises((500, away_m)), NetworkChoices(longest_drop_m=1000)
    )
    assert made.connections["reason"].tolist() == [reason]
    assert made.connections["drop_m"].tolist() == [away_m if not reason else 0.0]


def test_a_road_is_split_where_a_drop_starts_unless_that_is_at_its_end():
    """Drops at 0, 1, 500, 999 and 1000 metres: a metre from the end is a place of its own."""
    homes = premises(*[(x, 20) for x in (0, 1, 500, 999, 1000)])
    made = designed(homes)
    assert made.routes["route_id"].tolist() == ["r0@0", "r0@1", "r0@500", "r0@999"]
    assert made.routes["length_m"].tolist() == pytest.approx([1, 499, 499, 1])
    assert made.routes["upstream_route"].tolist() == ["", "r0@0", "r0@1", "r0@500"]
    assert made.connections["route_id"].tolist() == ["", "r0@0", "r0@1", "r0@500", "r0@999"]
    assert made.routes["trench_nok"].tolist() == [384, 191_764, 191_764, 384]


@pytest.mark.parametrize(("away_m", "road"), [(500.0, "r2"), (501.0, "r0")])
def test_a_dry_road_five_times_as_far_is_taken(away_m, road):
    """The home is 100 m north of r0 with a river between; r2 runs dry so far north of it."""
    north = 100 + away_m
    lines = [[(0, 0), (5000, 0)], [(0, 0), (0, north)], [(0, north), (5000, north)]]
    river = cover(("water", shapely.box(-50, 20, 5050, 60)))
    made = priced(joined(roads(lines), land=river))
    row, _, drop_m = locate_drops(made, premises((2500, 100)))
    assert made.roads["road_id"].iloc[row[0]] == road
    assert drop_m == pytest.approx([away_m if road == "r2" else 100])
