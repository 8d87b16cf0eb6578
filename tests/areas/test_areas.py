"""Deployment areas: bounds, borders, outlines, order and names that last."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from bredband.areas import explain_bounds, weigh
from bredband.areas.absorb import absorb_small
from bredband.areas.outline import outlines
from bredband.areas.partition import TrenchTree
from bredband.areas.split import split_dear
from bredband.scenario.network import AreaChoices
from bredband.scenario.rollout import Priorities
from tests.areas.countryside import gathered, place

CHOICES = AreaChoices(fewest_households=10, most_households=60)


@pytest.fixture(scope="module")
def given():
    return place()


@pytest.fixture(scope="module")
def made(given):
    return gathered(*given, CHOICES)


def own(areas):
    return areas[areas["kind"] == "area"]


def test_every_premises_reached_is_in_one_area(made):
    areas, _, connections = made
    reached = connections[connections["reason"] == ""]
    assert reached["area_id"].isin(own(areas)["area_id"]).all()
    counts = reached.groupby("area_id").size()
    assert counts.reindex(own(areas)["area_id"]).tolist() == own(areas)["premises"].tolist()


def test_bounds_hold(made):
    areas = made[0]
    assert own(areas)["households"].max() <= CHOICES.most_households
    small = own(areas)[own(areas)["households"] < CHOICES.fewest_households]
    # What is left lies where neighbours are full, on another branch or in another kommune.
    assert (small["households"] <= 3).sum() <= 0.10 * len(own(areas))
    assert set(explain_bounds(areas, CHOICES)) == set(small["area_id"])


def fork(households: list[int]) -> TrenchTree:
    """Lit fibre —0— junction, from which —1—2 and —3—4 lead to households."""
    return TrenchTree(
        upstream=np.array([-1, 0, 1, 0, 3]),
        from_tips=np.array([4, 2, 3, 1, 0]),
        children=[[1, 3], [2], [], [4], []],
        length_m=np.full(5, 100.0),
        trench_nok=np.array([9.0, 1.0, 2.0, 1.0, 3.0]),
        households=np.array(households),
        premises=np.array([0, 1, 1, 1, 1]),
        drop_nok=np.array([0.0, 1.0, 1.0, 1.0, 1.0]),
        kommune=np.full(5, "9901", dtype=object),
        place_m=np.zeros((5, 2)),
        ends_m=np.zeros((5, 2, 2)),
        route_of_connection=np.arange(5),
    )


def test_an_area_too_dear_is_cut_where_its_branches_meet():
    tree, one = fork([0, 3, 3, 3, 3]), np.array([-1, 0, 0, 0, 0])
    few = AreaChoices(fewest_households=6, most_households=60, highest_capex_nok=8.0)
    cut = split_dear(tree, one, few)
    assert cut[1] == cut[2] != cut[3] == cut[4]
    # parts too small to tender are no help, and what is cheap enough stays whole
    assert (split_dear(tree, one, few.model_copy(update={"fewest_households": 7})) == one).all()
    for highest_nok, is_whole in ((20.0, True), (19.9, False)):
        choices = few.model_copy(update={"highest_capex_nok": highest_nok})
        assert (split_dear(tree, one, choices) == one).all() == is_whole


def test_an_area_of_several_branches_from_shared_trench_loses_the_dearest():
    """Shared trench 0, from which 1, 2 and 3 lead to one area and 4 to another."""
    tree = TrenchTree(
        upstream=np.array([-1, 0, 0, 0, 0]),
        from_tips=np.array([4, 3, 2, 1, 0]),
        children=[[1, 2, 3, 4], [], [], [], []],
        length_m=np.full(5, 100.0),
        trench_nok=np.array([9.0, 11.0, 5.0, 5.0, 1.0]),
        households=np.array([0, 5, 5, 5, 5]),
        premises=np.array([0, 1, 1, 1, 1]),
        drop_nok=np.array([0.0, 1.0, 1.0, 1.0, 1.0]),
        kommune=np.full(5, "9901", dtype=object),
        place_m=np.zeros((5, 2)),
        ends_m=np.zeros((5, 2, 2)),
        route_of_connection=np.arange(5),
    )
    choices = AreaChoices(fewest_households=5, most_households=60, highest_capex_nok=20.0)
    # 24 in all: without branch 1 there are 12 on either side, without another 18 are left.
    cut = split_dear(tree, np.array([-1, 0, 0, 0, 1]), choices)
    assert cut.tolist() == [-1, 2, 0, 0, 1]


def test_an_area_too_small_joins_its_neighbour_whichever_came_first():
    for households in ([0, 5, 5, 3, 3], [0, 3, 3, 5, 5]):
        two = np.array([-1, 0, 0, 1, 1])
        choices = AreaChoices(fewest_households=8, most_households=60)
        assert absorb_small(fork(households), two, choices).tolist() == [-1, 0, 0, 0, 0]
        alone = choices.model_copy(update={"most_households": 15})
        assert absorb_small(fork(households), two, alone).tolist() == two.tolist()


def test_areas_keep_within_their_kommune(given, made):
    _, premises = given
    frame = made[2].merge(premises[["premises_id", "kommune"]])
    frame = frame[frame["area_id"] != ""]
    assert (frame.groupby("area_id")["kommune"].nunique() == 1).all()
    of_area = made[0].set_index("area_id")["kommune"]
    assert (of_area.reindex(frame["area_id"]).to_numpy() == frame["kommune"].to_numpy()).all()


def test_areas_may_cross_the_border_when_the_scenario_says_so(given, made):
    free = CHOICES.model_copy(update={"keep_within_kommune": False})
    areas, _, _ = gathered(*given, free)
    assert len(own(areas)) <= len(own(made[0]))


def test_outlines_do_not_overlap_and_hold_their_premises(given, made):
    _, premises = given
    areas = own(made[0]).set_index("area_id").geometry
    shapes = areas.to_numpy()
    assert shapely.is_valid(shapes).all()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    shared = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]]))
    assert shared.max(initial=0) < 1e-3
    homes = premises.merge(made[2][["premises_id", "area_id"]])
    homes = homes[homes["area_id"] != ""]
    shape_of_home = areas.reindex(homes["area_id"]).to_numpy()
    assert shapely.distance(shape_of_home, homes.geometry.to_numpy()).max() < 1e-6


def test_an_outline_reaches_as_far_along_the_trench_as_from_the_homes():
    home = gpd.GeoDataFrame({"area": [0]}, geometry=[shapely.Point(0, 0)], crs="EPSG:25833")
    trench = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (140, 0)])], crs="EPSG:25833")
    (shape,) = outlines(home, trench, np.array([0]))
    # Points stand for the trench every 70 m, the last of them 35 m from its end.
    assert shape.bounds[2] == pytest.approx(105 + 200, abs=10)


def test_outlines_are_whole(made):
    """An outline has more than one part only where another area lies between."""
    parts = shapely.get_num_geometries(own(made[0]).geometry.to_numpy())
    assert np.median(parts) == 1


def test_areas_hang_on_trench_that_leads_to_lit_fibre(made):
    areas, routes, connections = made
    above = areas.set_index("area_id")["feeder_area"].to_dict()
    chain = {}
    for area in above:
        chain[area], at = [area], above[area]
        while at:
            assert at not in chain[area]
            chain[area].append(at)
            at = above[at]
    owner = routes.set_index("route_id")["area_id"]
    upstream = routes[routes["upstream_route"] != ""]
    for area, before in zip(upstream["area_id"], owner[upstream["upstream_route"]], strict=True):
        assert before in chain[area]
    reached = connections[connections["area_id"] != ""]
    for area, at in zip(reached["area_id"], owner[reached["route_id"]], strict=True):
        assert at in chain[area]


def test_shared_trench_is_counted_once(made):
    areas, routes, _ = made
    assert routes["area_id"].isin(areas["area_id"]).all()
    assert (own(areas).set_index("area_id")["feeder_area"] != "").any()


def test_no_stub_of_shared_trench_is_left(made):
    areas, routes, _ = made
    length_m = routes.groupby("area_id")["length_m"].sum()
    upstream = areas[(areas["kind"] == "feeder") & (areas["feeder_area"] != "")]
    assert length_m.reindex(upstream["area_id"]).min() >= 1


def test_names_last_when_one_in_a_hundred_premises_goes():
    kept = []
    for country in (1, 2, 3):
        joined, premises = place(country)
        names = set(own(gathered(joined, premises, CHOICES)[0])["area_id"])
        for seed in range(3):
            left = premises[np.random.default_rng(seed).random(len(premises)) >= 0.01]
            again, _, _ = gathered(joined, left, CHOICES)
            kept.append(len(names & set(own(again)["area_id"])) / len(names))
    assert np.mean(kept) >= 0.95


def test_the_order_of_premises_does_not_matter(given, made):
    joined, premises = given
    areas, _, connections = gathered(joined, premises.sample(frac=1, random_state=3), CHOICES)
    assert sorted(areas["area_id"]) == sorted(made[0]["area_id"])
    before = made[2].set_index("premises_id")["area_id"]
    assert (connections.set_index("premises_id")["area_id"].reindex(before.index) == before).all()


def test_nobody_reached_gives_no_areas(given):
    joined, premises = given
    far = premises.head(2).set_geometry(shapely.points([[0.0, 0.0], [1.0, 1.0]]), crs=premises.crs)
    areas, routes, connections = gathered(joined, far, CHOICES)
    assert (len(areas), len(routes)) == (0, 0)
    assert (connections["reason"] != "").all()


def row(area_id: str, x: float, **values):
    return {
        "area_id": area_id, "kind": "area", "name": area_id, "kommune": "9901", "feeder_area": "",
        "households": 20, "capex_nok": 1_000_000, "geometry": shapely.box(x, 0, x + 10, 10), **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("neighbour", "sentence"),
    [
        ({"kommune": "9902"}, "i en annen kommune"),
        ({"households": 58}, "62 husstander, over grensen på 60"),
        ({"capex_nok": 29_500_000}, "30,5\xa0mill.\xa0kr, over grensen på 30,0\xa0mill.\xa0kr"),
        ({"feeder_area": "G"}, "annen gren av grøfta"),
        ({}, "for langt unna til at de to henger sammen (5,0 km)"),
    ],
)
def test_a_small_area_says_what_stands_in_the_way(neighbour, sentence):
    rows = [row("A", 0, households=4, feeder_area="F"), row("B", 5010, **neighbour)]
    rows += [row("F", 0, kind="feeder", households=0), row("G", 0, kind="feeder", households=0)]
    areas = gpd.GeoDataFrame(rows, crs="EPSG:25833")
    said = explain_bounds(areas, CHOICES)
    assert list(said) == ["A"]
    assert said["A"].startswith("Området har 4 husstander, færre enn grensen på 10. ")
    assert sentence in said["A"]
    assert "færre enn grensa på 10" in explain_bounds(areas, CHOICES, "nn")["A"]


def test_an_area_just_within_its_bounds_needs_no_word():
    """Ten households are enough; cabinets, joints and permits may come to 2 % on top of 30 million."""
    for households, capex_nok, says in (
        (10, 30_600_000, ""), (10, 30_600_001, "over grensen på 30,0"), (9, 1, "har 9 husstander, færre"),
        (1, 1, "har én husstand, færre"), (0, 1, "har ingen husstander"),
    ):  # fmt: skip
        rows = [row("A", 0, households=households, capex_nok=capex_nok)]
        found = explain_bounds(gpd.GeoDataFrame(rows, crs="EPSG:25833"), CHOICES)
        assert list(found) == ["A"] * bool(says)
        assert says in found.get("A", "").replace("\xa0", " ")


def test_an_area_with_no_neighbour_says_so():
    areas = gpd.GeoDataFrame([row("A", 0, households=1)], crs="EPSG:25833")
    assert "ikke noe annet område" in explain_bounds(areas, CHOICES)["A"]


def test_a_household_far_from_others_may_weigh_more():
    """A and B are neighbours with 20 households; C lives alone 2 km away, and D is its school."""
    premises = gpd.GeoDataFrame(
        {
            "premises_id": ["A", "B", "C", "D"],
            "kind": ["dwelling", "dwelling", "dwelling", "public"],
            "households": [12, 8, 1, 0],
            "priority_weight": 1.0,
        },
        geometry=shapely.points([[0, 0], [500, 0], [2500, 0], [2500, 10]]),
        crs=25833,
    )
    coverage = premises.drop(columns="geometry").assign(down_mbps=50.0, lacking_share=1.0)
    for remote_weight in (1.0, 1.5):
        weighed = weigh(premises, coverage, Priorities(remote_weight=remote_weight))
        assert weighed["priority_weight"].tolist() == [12, 8, remote_weight, 2]


def test_who_is_remote_is_who_has_few_within_reach():
    rng = np.random.default_rng(4)
    at_m, households = rng.uniform(0, 3000, (60, 2)).round(-2), rng.integers(0, 4, 60)
    premises = gpd.GeoDataFrame(
        {
            "premises_id": [f"p{i}" for i in range(60)],
            "kind": "dwelling",
            "households": households,
            "priority_weight": 1.0,
        },
        geometry=shapely.points(at_m),
        crs=25833,
    )
    coverage = premises.drop(columns="geometry").assign(down_mbps=50.0, lacking_share=1.0)
    priorities = Priorities(remote_weight=3, remote_within_m=500, remote_fewest_households=7)
    near = np.linalg.norm(at_m[:, None] - at_m, axis=2) <= 500
    few = near @ households < 7
    assert 0 < few[households > 0].sum() < (households > 0).sum()
    expected = households * np.where(few, 3, 1)
    assert weigh(premises, coverage, priorities)["priority_weight"].tolist() == expected.tolist()


def test_empty_houses_are_no_neighbours():
    """Seven cabins stand nearer to A than B does, but A and B have eight households between them."""
    households = [1, *[0] * 7, 7]
    premises = gpd.GeoDataFrame(
        {
            "premises_id": [f"p{i}" for i in range(9)],
            "kind": "dwelling",
            "households": households,
            "priority_weight": 1.0,
        },
        geometry=shapely.points([[50.0 * i, 0.0] for i in range(9)]),
        crs=25833,
    )
    coverage = premises.drop(columns="geometry").assign(down_mbps=50.0, lacking_share=1.0)
    for fewest, weight in ((8, 1), (9, 3)):
        priorities = Priorities(
            remote_weight=3, remote_within_m=400, remote_fewest_households=fewest
        )
        weighed = weigh(premises, coverage, priorities)["priority_weight"]
        assert weighed.tolist() == [weight * count for count in households]


@pytest.mark.parametrize(("capex_nok", "told"), [(30_600_000, False), (30_600_001, True)])
def test_an_area_two_per_cent_over_its_price_is_not_told_of(capex_nok, told):
    """Cabinets, joints and permits come on top of what is bounded: 30 million and a fiftieth."""
    areas = gpd.GeoDataFrame([row("A", 0, capex_nok=capex_nok), row("B", 50)], crs="EPSG:25833")
    said = explain_bounds(areas, CHOICES.model_copy(update={"highest_capex_nok": 30_000_000.0}))
    assert list(said) == (["A"] if told else [])


@pytest.mark.parametrize("households", [0, 1, 9, 10])
def test_how_few_an_area_has(households):
    areas = gpd.GeoDataFrame([row("A", 0, households=households)], crs="EPSG:25833")
    said = explain_bounds(areas, CHOICES).get("A", "")
    assert said.startswith(
        {0: "Området har ingen", 1: "Området har én", 9: "Området har 9"}.get(households, "")
    )
    assert bool(said) == (households < 10)
