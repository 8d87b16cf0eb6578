"""A countryside with a lake, ducts and poles: its graph, its tree and its bound in numbers.

Where other tests show that a number is right, this one sees that it moves: whatever changes a digit
here changes plans, and belongs under *Results change* in the changelog.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bredband.areas import gather
from bredband.costs import price_drops, price_roads
from bredband.network import Design, Joined, design, join
from bredband.network.reach import Prospects, bound_reach
from bredband.scenario.costs import Costs
from bredband.scenario.network import AreaChoices, NetworkChoices
from tests.areas.countryside import place
from tests.network.roads_by_hand import cover, ducts, lit

CHOICES = NetworkChoices(longest_link_m=1500, longest_shortcut_m=600, detour_times=3)


def countryside() -> tuple[Joined, gpd.GeoDataFrame]:
    joined, premises = place(2)
    roads = joined.roads
    plain = roads[
        ~roads["structure"].isin(["link"]) & ~roads["road_id"].str.startswith(("site", "duct"))
    ]
    plain = plain.drop(
        columns=["trench_nok", "surcharge_nok", "fee_nok", "landfall_nok", "method", "road_owner"]
    )
    x, y = 300_000.0, 6_700_000.0
    land = cover(
        ("water", shapely.Point(x + 4500, y + 4500).buffer(1300)),
        ("cultivated", shapely.box(x - 500, y - 500, x + 3000, y + 9500)),
    )
    pipes = pd.concat(
        [ducts([(x, y), (x + 2800, y + 60), (x + 2800, y + 2100)]),
         ducts([(x + 700, y + 7000), (x + 6000, y + 7100)], kind="pole_line")], ignore_index=True,
    )  # fmt: skip
    sites = lit((x + 30, y + 20), (x + 6300, y + 4900))
    made = join(plain, gpd.GeoDataFrame(pipes), sites, land, CHOICES)
    return replace(made, roads=price_roads(made.roads, sites, Costs())), premises


@pytest.fixture(scope="module")
def given() -> tuple[Joined, gpd.GeoDataFrame]:
    return countryside()


def test_a_graph_of_roads_links_ducts_and_poles(given) -> None:
    joined = given[0]
    kinds = joined.roads.groupby(["structure", "ground"])["length_m"].agg(["size", "sum"]).round(2)
    assert {key: tuple(row) for key, row in kinds.iterrows()} == {
        ("ground", "duct"): (1, 4840.64),
        ("ground", "pole_line"): (8, 5182.94),
        ("ground", "verge"): (271, 189930.44),
        ("link", "cultivated"): (4, 2192.9),
        ("link", "forest"): (4, 1800.48),
        ("link", "verge"): (13, 524.22),
        ("link", "water"): (1, 40.17),
    }
    assert joined.roots.tolist() == [219, 220]
    assert joined.roads["trench_nok"].sum() == pytest.approx(76_562_113.54, abs=0.1)
    links = joined.roads[joined.roads["structure"] == "link"]
    assert (links["start_junction"] * 3 + links["end_junction"]).sum() == 14_239


@pytest.fixture(scope="module")
def made(given) -> Design:
    return design(*given, CHOICES)


def test_its_tree(made: Design) -> None:
    assert made.proof.status == "optimal"
    assert made.proof.objective == pytest.approx(26_722_178.69, abs=0.1)
    money = made.routes[
        ["length_m", "trench_nok", "surcharge_nok", "fee_nok", "landfall_nok"]
    ].sum()
    assert money.tolist() == pytest.approx([72818.16, 26_722_173, 1_658_371, 994_420, 0], abs=0.01)
    assert len(made.routes) == 708
    assert made.routes["route_id"].tolist()[:4] == ["r0@175", "r0@350", "r0@425", "r0@472"]
    assert made.routes["upstream_route"].eq("").sum() == 2
    assert made.connections["reason"].eq("").all()
    assert made.connections["drop_m"].sum() == pytest.approx(75_894.41, abs=0.1)
    assert made.drops["wet_m"].sum() == pytest.approx(7_478.65, abs=0.1)
    assert made.drops["crosses"].value_counts().to_dict() == {"": 454, "private": 219}


def test_its_tree_when_some_are_reached_first(given, made: Design) -> None:
    again = design(*given, CHOICES, first=np.arange(len(given[1])) % 5 == 0)
    assert again.proof.objective == pytest.approx(5_322_922.81, abs=0.1)
    assert again.routes["trench_nok"].sum() == 27_032_095
    assert set(again.connections["premises_id"]) == set(made.connections["premises_id"])


def test_what_no_tree_can_reach_for_the_money(given, made: Design) -> None:
    """Every fourth area may have half of what it counts by radio for 400 000 kroner."""
    joined, premises = given
    connections = price_drops(made.connections, made.drops, Costs())
    bounds = AreaChoices(fewest_households=10, most_households=60)
    areas, routes, connections = gather(made.routes, connections, premises, bounds)
    own = areas[areas["kind"] == "area"]
    weight = own["weighted_households"].to_numpy(float)
    by_radio = np.arange(len(own)) % 4 == 0
    prospects = Prospects(
        own["area_id"].to_numpy(object),
        weight,
        connections.groupby("area_id")["drop_nok"].sum().reindex(own["area_id"]).to_numpy(float),
        np.where(by_radio, weight / 2, 0.0),
        np.where(by_radio, 400_000.0, np.inf),
    )
    reached = bound_reach(joined, premises, connections, routes, prospects, (1e6, 3e6, 8e6, 5e7))
    assert len(own) == 20
    assert reached.tolist() == pytest.approx([55.2606, 104.0939, 192.6637, 612.8821], abs=1e-3)
