"""Every distance of the trench graph met exactly."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from bredband.costs import price_roads
from bredband.network import Joined
from bredband.network.design import split_roads
from bredband.network.drops import _crosses, _segments, _sides
from bredband.network.junctions import _merge_close
from bredband.network.links import SAMPLE_STEP_M
from bredband.scenario.costs import Costs
from tests.network.roads_by_hand import cover, ducts, joined, lit, roads

LAND = cover(("forest", shapely.box(-9000, -9000, 9000, 9000)))
SIDE_BY_SIDE = [[(0, 0), (500, 0)], [(500, 0), (1000, 0)], [(0, 200), (500, 200)],
                [(500, 200), (1000, 200)]]  # fmt: skip


def links_of(made: Joined):
    return made.roads[made.roads["structure"] == "link"]


def test_a_drop_within_half_a_metre_of_the_end_starts_at_the_junction():
    """Of a road of ten metres, and one of a metre whose middle is at neither end."""
    made = joined(roads([[(0, 0), (10, 0)], [(0, 0), (0, 1)]]))
    priced = Joined(price_roads(made.roads, lit((0, 0)), Costs()), made.roots, made.water)
    road = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    along_m = np.array([0.5, 0.6, 4.0, 9.4, 9.5, 10.0, 0.5, 0.4])
    graph, vertex = split_roads(priced, road, along_m)
    start, end = 0, int(vertex[5])
    assert vertex[0] == vertex[7] == start
    assert vertex[4] == end
    assert vertex[6] not in (start, end), "halfway is the far end"
    assert sorted(vertex[1:4]) == [3, 4, 5]
    assert graph.n_vertices == 6
    assert graph.from_m.tolist() == [0, 0.6, 4, 9.4, 0]
    assert graph.to_m.tolist() == [0.6, 4, 9.4, 10, 1]
    share = (graph.to_m - graph.from_m)[:4] / 10
    whole = priced.roads["trench_nok"].iloc[0]
    assert graph.trench_nok[:4].tolist() == pytest.approx((whole * share).tolist())


def test_the_trench_is_on_the_left_in_a_tie_and_nobody_on_the_road_crosses_it():
    line = shapely.LineString([(0, 0), (10, 0)])
    points = [shapely.Point(p) for p in ((5, 3), (5, -3), (5, 0), (0, 2), (10, -2))]
    side = _sides(np.array([line] * 5), np.array([5.0, 5, 5, 0, 10]), np.array(points))
    assert side.tolist() == [1, -1, 0, 1, -1]
    road = np.array([0, 0, 1, 1, 1, 2, 2])
    which = np.array([1, -1, -1, -1, 1, 0, -1])
    assert _crosses(road, which).tolist() == [False, True, False, False, True, False, False]
    assert _crosses(road[:0], which[:0]).tolist() == []


def test_a_drop_shorter_than_a_centimetre_is_drawn_as_one():
    start = np.zeros((3, 2))
    end = np.array([[0.0, 0.0], [0.009, 0.0], [0.01, 0.0]])
    assert shapely.length(_segments(start, end)).tolist() == pytest.approx([0.01, 0.019, 0.01])
    assert shapely.get_x(shapely.get_point(_segments(start, end), -1)).tolist() == pytest.approx(
        [0.01, 0.019, 0.01]
    )


@pytest.mark.parametrize(("at_m", "longest_m"), [(10, 100), (11, 89), (89, 89), (90, 100)])
def test_poles_that_cross_a_road_within_ten_metres_of_their_end_are_not_cut_there(at_m, longest_m):
    line = ducts([(500, at_m), (500, at_m - 100)], kind="pole_line")
    made = joined(roads([[(0, 0), (1000, 0)]]), ducts=line).roads
    # what is cut off is beside the road, and so is no line of its own
    assert made.loc[made["ground"] == "pole_line", "length_m"].tolist() == [longest_m]


def test_duct_ends_ten_metres_apart_are_one_place():
    at = np.array([[0.0, 0], [10, 0], [20.5, 0], [100, 0]])
    assert _merge_close(at).tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize(("beside_m", "is_duct"), [(25.0, True), (25.5, False)])
def test_a_duct_25_m_from_a_road_is_beside_it(beside_m, is_duct):
    made = joined(
        roads([[(0, 0), (1000, 0)]]), ducts=ducts([(0, beside_m), (1000, beside_m)])
    ).roads
    # the ends of its zone are round, so that all of the road is within it only a little less far
    beside = made.loc[made["road_id"].str.startswith("r"), "ground"].eq("duct").all()
    assert beside == is_duct


@pytest.mark.parametrize(("at_m", "pieces"), [(0.4, 1), (1.0, 2), (99.0, 2), (99.6, 1)])
def test_a_road_is_split_a_metre_from_its_end_but_no_nearer(at_m, pieces):
    made = joined(roads([[(0, 0), (100, 0)]]), at=[(at_m, 40.0)]).roads
    assert made["road_id"].str.startswith("r0").sum() == pieces


def test_three_junctions_have_no_links():
    three = [[(0, 0), (1000, 0)], [(1000, 0), (0, 10)]]
    assert len(links_of(joined(roads(three), land=LAND))) == 0
    four = [[(0, 0), (1000, 0)], [(1000, 0), (1010, 10)], [(1010, 10), (0, 10)]]
    assert links_of(joined(roads(four), land=LAND))["length_m"].tolist() == [10]


@pytest.mark.parametrize(("shortcut_m", "links"), [(20, True), (19, False)])
def test_a_sound_is_crossed_with_so_much_land_at_its_banks(shortcut_m, links):
    fjord = [[(0, 0), (-50, 0)], [(0, 0), (5000, 0)], [(5000, 0), (5000, 800)],
             [(5000, 800), (0, 800)], [(0, 800), (-50, 800)]]  # fmt: skip
    wet = cover(("water", shapely.box(-100, 10, 4900, 790)))
    made = joined(roads(fjord), land=wet, longest_shortcut_m=shortcut_m, longest_link_m=800)
    assert (len(links_of(made)) > 0) == links
    assert len(links_of(joined(roads(fjord), land=wet, longest_link_m=799))) == 0


@pytest.mark.parametrize(("shortcut_m", "count"), [(200, 3), (199, 1)])
def test_more_known_land_than_a_shortcut_is_crossed_once_only(shortcut_m, count):
    """Two roads 200 m apart: once to join them, and each 500 m on because the way round is long."""
    made = links_of(joined(roads(SIDE_BY_SIDE), land=LAND, longest_shortcut_m=shortcut_m))
    assert len(made) == count
    assert made["length_m"].tolist() == [200] * count


@pytest.mark.parametrize(("detour_times", "links"), [(10, 1), (11, 0)])
def test_a_way_round_just_so_long_needs_no_link(detour_times, links):
    """From the dead end at (0, 100) the way round is 500 + 100 + 500, eleven times as long."""
    horseshoe = [[(0, 0), (500, 0)], [(500, 0), (500, 100)], [(500, 100), (0, 100)]]
    made = joined(roads(horseshoe), land=LAND, detour_times=detour_times)
    assert len(links_of(made)) == links


def test_ground_is_sampled_every_ten_metres():
    assert SAMPLE_STEP_M == 10
    banks = cover(
        ("water", shapely.box(-100, 94, 1100, 200)), ("forest", shapely.box(-100, 0, 1100, 94))
    )
    made = links_of(joined(roads(SIDE_BY_SIDE), land=banks))
    one = made[made["road_id"].str.startswith(made["road_id"].iloc[0].rsplit(":", 1)[0])]
    # the sample at 95 m is wet and the one at 85 m dry, so the bank is at 90
    assert one["length_m"].tolist() == pytest.approx([90, 110])


def test_rows_are_numbered_anew_whatever_is_joined():
    """A duct away from the road, lit fibre on a junction and no link; and then a link as well."""
    one = joined(roads([[(0, 0), (1000, 0)]]), ducts=ducts([(0, 100), (0, 900)])).roads
    assert len(one) == 3
    two = joined(roads(SIDE_BY_SIDE), at=[(0.0, 0.0), (0.0, 40.0)]).roads
    assert (two["structure"] == "link").any()
    for table in (one, two):
        assert table.index.tolist() == list(range(len(table)))
