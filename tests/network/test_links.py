"""Links across gaps, water and open land, and how ducts and lit fibre join the roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from bredband import tables
from bredband.errors import InputError
from bredband.network.links import _candidates, read_junctions
from bredband.scenario.network import NetworkChoices
from tests.network.roads_by_hand import cover, ducts, joined, roads

# Two roads a kilometre long, side by side, and joined at neither end.
SIDE_BY_SIDE = [[(0, 0), (500, 0)], [(500, 0), (1000, 0)], [(0, 200), (500, 200)],
                [(500, 200), (1000, 200)]]  # fmt: skip


def links_of(table):
    return table[table["structure"] == "link"]


def test_loose_parts_are_bridged_and_the_rows_follow_the_data_model():
    made = joined(roads(SIDE_BY_SIDE))
    tables.check(made.roads.astype({"road_class": "str"}), "roads")
    links = links_of(made.roads)
    # The first bridges the gap; once it is there the way round to the other end of the roads
    # is 1200 or more, over four times 200; midway it is 1200 or 200.
    assert links["length_m"].tolist() == pytest.approx([200] * len(links))
    assert 1 <= len(links) <= 3
    assert set(links["ground"]) == {"forest"}


def test_a_gap_wider_than_the_scenario_allows_is_left_open():
    """The roads are 200 m apart: a limit of 200 bridges them, one of 199 does not."""
    for longest_m, is_bridged in ((200, True), (199, False)):
        choices = {"longest_link_m": longest_m, "longest_shortcut_m": 100}
        assert bool(len(links_of(joined(roads(SIDE_BY_SIDE), **choices).roads))) == is_bridged


def test_a_link_over_a_river_is_cut_at_the_banks():
    river = shapely.box(-100, 80, 1100, 120)
    links = links_of(joined(roads(SIDE_BY_SIDE), land=cover(("water", river))).roads)
    one = links[links["road_id"].str.startswith(links["road_id"].iloc[0].rsplit(":", 1)[0])]
    assert one["ground"].tolist() == ["forest", "water", "forest"]
    assert one["length_m"].tolist() == pytest.approx([80, 40, 80])
    assert (one["end_junction"].to_numpy()[:-1] == one["start_junction"].to_numpy()[1:]).all()


def test_dead_ends_are_joined_over_known_land_only():
    horseshoe = [[(0, 0), (2000, 0)], [(2000, 0), (2000, 300)], [(2000, 300), (0, 300)],
                 [(0, 0), (-500, 0)]]  # fmt: skip
    assert len(links_of(joined(roads(horseshoe)).roads)) == 0
    field = cover(("cultivated", shapely.box(-1000, -1000, 3000, 3000)))
    links = links_of(joined(roads(horseshoe), land=field).roads)
    assert links[["ground", "length_m"]].to_numpy().tolist() == [["cultivated", 300.0]]
    assert len(links_of(joined(roads(horseshoe), land=field, longest_shortcut_m=299).roads)) == 0
    assert len(links_of(joined(roads(horseshoe), land=field, detour_times=15).roads)) == 0


def test_a_sound_is_crossed_but_not_a_mountain():
    # A fjord 800 m wide with the road round its head, 10 km; no dead end is near.
    fjord = [[(0, 0), (-50, 0)], [(0, 0), (5000, 0)], [(5000, 0), (5000, 800)],
             [(5000, 800), (0, 800)], [(0, 800), (-50, 800)]]  # fmt: skip
    wet = cover(("water", shapely.box(-100, 10, 4900, 790)))
    links = links_of(joined(roads(fjord), land=wet).roads)
    assert links.loc[links["ground"] == "water", "length_m"].sum() >= 780
    dry = cover(("forest", shapely.box(-100, 10, 4900, 790)))
    assert len(links_of(joined(roads(fjord), land=dry).roads)) == 0


def test_no_long_way_over_known_land_where_a_short_one_joins():
    # two roads meet within 50 m, and their other ends lie 2 km apart
    wedge = [[(0, 0), (0, 50)], [(0, 50), (6000, 1100)], [(0, -50), (6000, -900)],
             [(6000, 1100), (6010, 1100)], [(6000, -900), (6010, -900)]]  # fmt: skip
    across = [links_of(joined(roads(wedge), land=land).roads)["length_m"].max()
              for land in (None, cover(("forest", shapely.box(-9000, -9000, 9000, 9000))))]  # fmt: skip
    assert across == pytest.approx([2000, 50])


def test_links_are_as_steep_as_the_roads_they_join():
    table = roads(SIDE_BY_SIDE, slope_share=[0.1, 0.1, 0.3, 0.3])
    assert links_of(joined(table).roads)["slope_share"].tolist() == pytest.approx(
        [0.2] * len(links_of(joined(table).roads))
    )


def graph_of(table):
    junctions = read_junctions(table)
    length = np.full((len(junctions.number),) * 2, np.inf)
    for i, j, m in zip(junctions.start, junctions.end, table["length_m"], strict=True):
        length[i, j] = length[j, i] = min(length[i, j], m)
    matrix = np.where(np.isinf(length), 0, length)
    return junctions, matrix


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_gap_is_bridged_and_no_way_round_is_left_too_long(seed):
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 20, (12, 4)) * 100.0
    lines = [[(a, b), (c, d)] for a, b, c, d in ends if (a, b) != (c, d)]
    table = roads(lines)
    choices = NetworkChoices(longest_link_m=1500, longest_shortcut_m=1500, detour_times=3)
    land = cover(("forest", shapely.box(-1, -1, 2000, 2000)))
    made = joined(table, at=[lines[0][0]], land=land, longest_link_m=1500, longest_shortcut_m=1500,
                  detour_times=3)  # fmt: skip
    junctions, before = graph_of(made.roads[made.roads["structure"] != "link"])
    _, after = graph_of(made.roads)
    way = dijkstra(coo_array(after), directed=False)
    for a, b in _candidates(junctions, land, choices)[0]:
        straight = np.hypot(*(junctions.place_m[a] - junctions.place_m[b]))
        assert way[a, b] <= 3 * straight * (1 + 1e-9)
    parts = connected_components(coo_array(after), directed=False)[0]
    assert parts <= connected_components(coo_array(before), directed=False)[0]


def test_lit_fibre_on_a_junction_needs_no_stub():
    made = joined(roads([[(0, 0), (500, 0)]]), at=[(0.0, 0.5), (500.0, 40.0)])
    assert made.roads["road_id"].tolist() == ["r0", "site-s1"]
    assert made.roads["length_m"].tolist() == pytest.approx([500, 40])
    assert len(made.roots) == 2
    assert 0 in made.roots


def test_lit_fibre_far_from_any_road_is_a_fault():
    with pytest.raises(InputError, match="2100 m fra nærmeste veg"):
        joined(roads([[(0, 0), (500, 0)]]), at=[(0.0, 2100.0)])


def test_a_duct_along_a_road_makes_that_stretch_a_duct():
    made = joined(roads([[(0, 0), (1000, 0)]]), ducts=ducts([(200, 10), (600, 10)])).roads
    by_ground = made.groupby("ground")["length_m"].sum()
    assert by_ground["duct"] == pytest.approx(400)
    assert by_ground["verge"] == pytest.approx(600)


def test_a_pole_line_beside_a_road_makes_that_stretch_one_but_a_duct_is_preferred():
    along = ducts([(200, 10), (600, 10)], kind="pole_line")
    both = gpd.GeoDataFrame(pd.concat([along, ducts([(400, -5), (800, -5)])], ignore_index=True))
    made = joined(roads([[(0, 0), (1000, 0)]]), ducts=both).roads
    by_ground = made.groupby("ground")["length_m"].sum()
    assert by_ground.round().to_dict() == {"duct": 400, "pole_line": 200, "verge": 400}


def test_a_pole_line_can_be_left_where_it_crosses_a_road():
    given_roads = roads([[(0, 0), (1000, 0)], [(0, 500), (1000, 500)]])
    line = ducts([(300, -100), (300, 900)], kind="pole_line")
    made = joined(given_roads, ducts=line).roads
    hung = made[made["ground"] == "pole_line"]
    assert sorted(hung["length_m"].round()) == [100, 400, 500]
    stubs = made[made["road_id"].str.startswith("duct-end")]
    # Two crossings, where the poles stand at the road, and the end that is near one.
    assert sorted(stubs["length_m"].round()) == [0, 0, 100]


def test_a_duct_away_from_roads_is_a_link_of_its_own():
    given_roads = roads([[(0, 0), (1000, 0)]])
    made = joined(given_roads, ducts=ducts([(0, 100), (0, 900)], [(0, 900), (500, 900)])).roads
    new = made[made["road_id"].str.startswith("duct-d")]
    assert new["ground"].tolist() == ["duct", "duct"]
    # The two ducts meet, and their ends near a road are tied to it.
    assert new["end_junction"].iloc[0] == new["start_junction"].iloc[1]
    stubs = made[made["road_id"].str.startswith("duct-end")]
    assert stubs["length_m"].tolist() == pytest.approx([100])


@pytest.mark.parametrize(("away_m", "stubs"), [(250.0, 1), (251.0, 0)])
def test_a_duct_within_250_m_of_a_junction_is_tied_to_it(away_m, stubs):
    given_roads = roads([[(0, 0), (1000, 0)], [(1000, 0), (1000, -900)]])
    made = joined(
        given_roads, ducts=ducts([(0, 2000), (-900, 2000)], [(0, away_m), (0, 2000)])
    ).roads
    # the road is split where the duct's end is nearest to it, so the junction is right below
    assert made["road_id"].str.startswith("duct-end").sum() == stubs


@pytest.mark.parametrize(("beside_m", "is_beside"), [(800.0, True), (790.0, False)])
def test_a_duct_four_fifths_along_a_road_is_that_road(beside_m, is_beside):
    """A duct of a kilometre: so far 20 m from the road, and then straight away from it."""
    away = [(0, 20), (beside_m, 20), (beside_m, 20 + 1000 - beside_m)]
    made = joined(roads([[(0, 0), (1000, 0)]]), ducts=ducts(away)).roads
    # five metres of the way out are still beside it
    assert (made["road_id"].str.startswith("duct-d").sum() == 0) == is_beside


@pytest.mark.parametrize(("away_m", "stub"), [(1.0, []), (1.1, [1.1])])
def test_lit_fibre_a_metre_from_a_junction_stands_on_it(away_m, stub):
    made = joined(roads([[(0, 0), (500, 0)]]), at=[(0.0, away_m)]).roads
    assert made.loc[made["road_id"].str.startswith("site"), "length_m"].tolist() == pytest.approx(
        stub
    )


def test_lit_fibre_as_far_from_a_road_as_the_scenario_allows_is_tied_to_it():
    made = joined(roads([[(0, 0), (500, 0)]]), at=[(0.0, 2000.0)], longest_root_link_m=2000)
    assert made.roads["length_m"].tolist() == pytest.approx([500, 2000])
    with pytest.raises(InputError, match="mer enn grensen på 1999 m"):
        joined(roads([[(0, 0), (500, 0)]]), at=[(0.0, 2000.0)], longest_root_link_m=1999)
