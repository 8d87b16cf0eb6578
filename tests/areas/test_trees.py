"""Trench trees cut, split, joined and named by hand, and against plain walks along the tree."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bredband.areas import gather, lacking_in_draws, name_drops, to_connect, weigh
from bredband.areas.absorb import absorb_small
from bredband.areas.describe import _letters, area_ids, members_of, piece_ids_of
from bredband.areas.outline import _points_along, _zones, outlines
from bredband.areas.partition import (
    TrenchTree,
    feeders,
    own_capex_nok,
    owners,
    partition,
    pieces,
    read_tree,
)
from bredband.scenario.network import AreaChoices
from bredband.scenario.rollout import Priorities

CHOICES = AreaChoices(
    fewest_households=3, most_households=8, highest_capex_nok=100.0, longest_gap_m=250.0
)


def tree(upstream: list[int], households: list[int], **changes: object) -> TrenchTree:
    """A tree of routes of 100 m and 10 kroner each, with drops of 1 krone where somebody lives."""
    count = len(upstream)
    children: list[list[int]] = [[] for _ in upstream]
    for route, above in enumerate(upstream):
        if above >= 0:
            children[above].append(route)
    order = [route for route, above in enumerate(upstream) if above < 0]
    for route in order:
        order.extend(children[route])
    homes = np.array(households)
    given = {
        "upstream": np.array(upstream),
        "from_tips": np.array(order[::-1]),
        "children": children,
        "length_m": np.full(count, 100.0),
        "trench_nok": np.full(count, 10.0),
        "households": homes,
        "premises": (homes > 0).astype(int),
        "drop_nok": (homes > 0) * 1.0,
        "kommune": np.full(count, "9901", dtype=object),
        "place_m": np.zeros((count, 2)),
        "ends_m": np.zeros((count, 2, 2)),
        "route_of_connection": np.flatnonzero(homes),
    }
    return TrenchTree(**(given | changes))  # type: ignore[arg-type]


def cut(
    upstream: list[int], households: list[int], choices: AreaChoices = CHOICES, **changes: object
):
    return partition(tree(upstream, households, **changes), choices).tolist()


def test_what_meets_goes_on_together_as_long_as_there_is_room() -> None:
    star = [-1, 0, 0, 0]
    assert cut(star, [0, 4, 2, 2]) == [-1, 0, 0, 0]
    # nine are one too many: the largest is an area of its own
    assert cut(star, [0, 4, 3, 2]) == [-1, 0, 1, 1]
    # of equals the first is closed first
    assert cut(star, [0, 3, 3, 3]) == [-1, 0, 1, 1]
    # a home where branches meet is with them
    assert cut(star, [2, 2, 2, 2]) == [0, 0, 0, 0]


def test_what_meets_is_no_dearer_than_the_scenario_allows() -> None:
    star = [-1, 0, 0]
    # each branch is 10 of trench and 1 of drop when they meet: 22
    for highest, expected in ((22.0, [-1, 0, 0]), (21.9, [-1, 0, 1])):
        choices = CHOICES.model_copy(update={"highest_capex_nok": highest})
        assert cut(star, [0, 3, 3], choices) == expected


def test_an_area_ends_where_the_trench_runs_far_without_premises() -> None:
    path = [-1, 0, 1, 2, 3]
    # 0—1—2—3—4 with homes at 4 and at 0: 300 m between them are too far, 250 are not
    assert cut(path, [3, 0, 0, 0, 3]) == [1, -1, -1, -1, 0]
    length_m = np.array([100.0, 100, 50, 50, 50])
    assert cut(path, [3, 0, 0, 0, 3], length_m=length_m) == [0, -1, -1, -1, 0]
    # who are too few go on however far
    assert cut(path, [3, 0, 0, 0, 2]) == [0, -1, -1, -1, 0]
    # the nearest home counts, not the farthest
    assert cut(path, [3, 0, 1, 0, 3]) == [0, -1, 0, -1, 0]


def test_areas_end_at_the_border_of_a_kommune() -> None:
    star = [-1, 0, 0, 0]
    kommune = np.array(["", "9901", "9902", "9902"], dtype=object)
    assert cut(star, [0, 3, 2, 2], kommune=kommune) == [-1, 2, 0, 1]
    # where somebody lives at the meeting place, that kommune goes on
    there = np.array(["9902", "9901", "9902", "9902"], dtype=object)
    assert cut(star, [1, 5, 1, 1], kommune=there) == [1, 0, 1, 1]
    free = CHOICES.model_copy(update={"keep_within_kommune": False})
    assert cut(star, [0, 3, 2, 2], free, kommune=kommune) == [-1, 0, 0, 0]


def test_only_one_branch_with_closed_areas_behind_it_goes_on() -> None:
    """Two branches, 1 and 2, have each a full area at the tip (3, 4) and a home on the way."""
    upstream, homes = [-1, 0, 0, 1, 2], [0, 1, 1, 8, 8]
    label = cut(upstream, homes)
    assert label[3] != label[4]
    assert label[1] != label[2]
    assert len(set(label[1:])) == 4
    # without the closed areas behind them the two are one
    assert cut(upstream, [0, 1, 1, 0, 0]) == [-1, 0, 0, -1, -1]
    # and one such branch may go on with one that has none
    assert cut(upstream, [0, 1, 1, 8, 0])[1:3] == [1, 1]


@pytest.mark.parametrize("seed", range(8))
def test_who_needs_which_trench_is_seen_by_walking_in_from_every_home(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = 14
    upstream = [-1, *(int(random.integers(-1, i)) for i in range(1, count))]
    lived_in = random.random(count) < 0.6
    label = np.where(lived_in, random.integers(0, 4, count), -1)
    label = np.unique(label, return_inverse=True)[1] - (label.min() < 0)
    areas = int(label.max()) + 1
    length_m = random.choice([0.4, 50.0], count)
    made = tree(upstream, lived_in.astype(int).tolist(), length_m=length_m,
                trench_nok=random.integers(1, 9, count) * 1.0)  # fmt: skip
    ways: dict[int, list[int]] = {}
    for route in range(count):
        way = [route]
        while upstream[way[-1]] >= 0:
            way.append(upstream[way[-1]])
        ways[route] = way
    needing = [
        {int(label[r]) for r in np.flatnonzero(label >= 0) if route in ways[r]}
        for route in range(count)
    ]
    owner, below = owners(made, label)
    assert below.tolist() == [len(areas_of) for areas_of in needing]
    assert owner.tolist() == [next(iter(a)) if len(a) == 1 else -1 for a in needing]
    expected = np.zeros(areas)
    for route in range(count):
        if owner[route] >= 0:
            expected[owner[route]] += made.trench_nok[route]
        if label[route] >= 0:
            expected[label[route]] += made.drop_nok[route]
    assert own_capex_nok(made, label, owner, areas).tolist() == expected.tolist()
    piece, upstream_piece = pieces(made, owner, below)
    assert (piece[owner < 0] >= 0).all()
    assert (piece[owner >= 0] == -1).all()
    for route in np.flatnonzero(owner < 0):
        above = upstream[route]
        if above >= 0 and below[above] == below[route]:
            assert piece[route] == piece[above]
        elif above >= 0 and piece[route] != piece[above]:
            assert upstream_piece[piece[route]] == piece[above]
        elif above < 0:
            assert upstream_piece[piece[route]] == -1
    metres = np.bincount(piece[piece >= 0], length_m[piece >= 0], len(upstream_piece))
    assert all(m >= 1 or above < 0 for m, above in zip(metres, upstream_piece, strict=True))
    feeder = feeders(made, label, owner, piece, areas)
    for area in range(areas):
        shared = [r for at in np.flatnonzero(label == area) for r in ways[at] if owner[r] < 0]
        deepest = max((len(ways[r]) for r in shared), default=0)
        assert feeder[area] in ({piece[r] for r in shared if len(ways[r]) == deepest} or {-1})


@pytest.mark.parametrize(("between_m", "stretches"), [(1.0, [-1, 0]), (0.9, [-1])])
def test_shared_trench_of_a_metre_is_a_stretch_of_its_own(
    between_m: float, stretches: list[int]
) -> None:
    """Route 0 leads to all three areas, 1 from there to two of them."""
    length_m = np.array([50.0, between_m, 50.0, 50.0, 50.0])
    made = tree([-1, 0, 0, 1, 1], [0, 0, 3, 3, 3], length_m=length_m)
    label = np.array([-1, -1, 0, 1, 2])
    piece, upstream_piece = pieces(made, *owners(made, label))
    assert upstream_piece == stretches
    assert piece.tolist() == [0, len(stretches) - 1, -1, -1, -1]


def neighbours(apart_m: float, households: list[int], **changes: object) -> TrenchTree:
    """Three homes in a row on shared trench 0: at 0, at ``apart_m`` and at 1000 metres."""
    made = tree([-1, 0, 0, 0], [0, *households])
    place_m = np.array([[np.nan, np.nan], [0.0, 0], [apart_m, 0], [1000.0, 0]])
    ends_m = np.repeat(place_m[:, None], 2, axis=1)
    return TrenchTree(**{**vars(made), "place_m": place_m, "ends_m": ends_m, **changes})  # type: ignore[arg-type]


def test_a_small_area_joins_the_nearest_that_has_room() -> None:
    three = np.array([-1, 0, 1, 2])

    def joined(apart_m: float, households: list[int], choices: AreaChoices = CHOICES) -> list[int]:
        return absorb_small(neighbours(apart_m, households), three, choices).tolist()

    assert joined(250.0, [2, 3, 3]) == [-1, 0, 0, 1]
    assert joined(250.1, [2, 3, 3]) == [-1, 0, 1, 2]
    assert joined(250.0, [3, 3, 3]) == [-1, 0, 1, 2]
    # the smallest asks first, and what it joins may be large enough by that
    assert joined(200.0, [2, 1, 3]) == [-1, 0, 0, 1]
    assert joined(200.0, [2, 6, 3]) == [-1, 0, 0, 1]
    assert joined(200.0, [2, 7, 3]) == [-1, 0, 1, 2]
    # 2 · 11 kroner in all
    for highest, expected in ((22.0, [-1, 0, 0, 1]), (21.9, [-1, 0, 1, 2])):
        assert (
            joined(200.0, [2, 3, 3], CHOICES.model_copy(update={"highest_capex_nok": highest}))
            == expected
        )


def test_trench_that_two_alone_share_is_counted_and_makes_them_neighbours() -> None:
    """Nobody but the two needs route 0, so as one area they pay its 10 too: 32."""
    made = neighbours(900.0, [2, 3, 0], premises=np.array([0, 1, 1, 0]))
    two = np.array([-1, 0, 1, -1])
    for highest, expected in ((32.0, [-1, 0, 0, -1]), (31.9, [-1, 0, 1, -1])):
        choices = CHOICES.model_copy(update={"highest_capex_nok": highest})
        assert absorb_small(made, two, choices).tolist() == expected


def test_small_areas_of_two_kommuner_stay_two() -> None:
    kommune = np.array(["", "9901", "9902", "9902"], dtype=object)
    made = neighbours(200.0, [2, 3, 3], kommune=kommune)
    three = np.array([-1, 0, 1, 2])
    assert absorb_small(made, three, CHOICES).tolist() == three.tolist()
    free = CHOICES.model_copy(update={"keep_within_kommune": False})
    assert absorb_small(made, three, free).tolist() == [-1, 0, 0, 1]
    alone = np.array([-1, 0, 0, 0])
    assert absorb_small(made, alone, CHOICES) is alone


def test_letters_go_on_after_z() -> None:
    assert [_letters(n) for n in (1, 2, 26, 27, 52, 53, 703)] == [
        "a",
        "b",
        "z",
        "aa",
        "az",
        "ba",
        "aaa",
    ]


def valley() -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Lit fibre at (500, 500); 1 km east to a fork, from which two areas of four lie north and south."""
    fibre, fork, north, south = (500, 500), (1500, 500), (1500, 1600), (1500, -700)
    lines = [(fibre, fork), (fork, north), (fork, south)]
    routes = gpd.GeoDataFrame(
        {
            "route_id": ["r0", "r1", "r2"],
            "upstream_route": ["", "r0", "r0"],
            "length_m": [1000.0, 1100.0, 1200.0],
            "trench_nok": [50, 60, 70],
        },
        geometry=[shapely.LineString(line) for line in lines],
        crs=25833,
    )
    at = [north, (1510, 1600), (1520, 1600), south, (1510, -700), (9000, 9000)]
    premises = gpd.GeoDataFrame(
        {
            "premises_id": ["p0", "p1", "p2", "p3", "p4", "p5"],
            "street": ["Nordvegen", "Åsen", "Nordvegen", "", "", "Langt"],
            "address": ["Nordvegen 1", "Åsen 2", "Nordvegen 3", "Sør 1", "Sør 2", "Langt 1"],
            "kommune": "9901",
            "households": [2, 1, 1, 3, 1, 1],
            "priority_weight": [2.0, 1.5, 1.0, 3.0, 1.0, 1.0],
        },
        geometry=shapely.points(np.array(at, dtype=float)),
        crs=25833,
    )
    connections = pd.DataFrame(
        {
            "premises_id": premises["premises_id"],
            "route_id": ["r1", "r1", "r1", "r2", "r2", ""],
            "drop_nok": [5, 4, 3, 2, 1, 0],
        }
    )
    return routes, connections, premises


def test_a_valley_is_gathered_with_every_number() -> None:
    routes, connections, premises = valley()
    choices = AreaChoices(fewest_households=3, most_households=7, longest_gap_m=500.0)
    areas, named, connected = gather(routes, connections, premises, choices)
    columns = [
        "area_id",
        "kind",
        "name",
        "feeder_area",
        "premises",
        "households",
        "weighted_households",
    ]
    assert areas[columns].to_numpy().tolist() == [
        ["9901-1--1", "area", "Sør 1", "F-0-0", 2, 4, 4.0],
        ["9901-1-1", "area", "Nordvegen og Åsen", "F-0-0", 3, 4, 4.5],
        ["F-0-0", "feeder", "Fellesgrøft mot Sør 1", "", 0, 0, 0.0],
    ]
    assert areas["kommune"].tolist() == ["9901"] * 3
    assert (
        areas[["capex_nok", "operator_nok", "local_nok", "grant_nok", "trench_m"]].eq(0).all().all()
    )
    assert areas["technology"].tolist() == ["fibre"] * 3
    assert named["area_id"].tolist() == ["F-0-0", "9901-1-1", "9901-1--1"]
    assert connected["area_id"].tolist() == ["9901-1-1"] * 3 + ["9901-1--1"] * 2 + [""]
    assert connected["weighted_households"].tolist() == [2.0, 1.5, 1.0, 3.0, 1.0, 1.0]
    feeder = areas.geometry[2]
    assert feeder.equals(shapely.buffer(routes.geometry[0], 10.0))
    # with room for all there is one area, which hangs on lit fibre
    whole = AreaChoices(fewest_households=8, most_households=8, longest_gap_m=500.0)
    one, named, _ = gather(routes, connections, premises, whole)
    assert one[["area_id", "feeder_area", "premises", "households"]].to_numpy().tolist() == [
        ["9901-1-0", "", 5, 8]
    ]
    assert set(named["area_id"]) == {"9901-1-0"}


def test_a_tree_is_read_with_what_hangs_on_each_route() -> None:
    routes, connections, premises = valley()
    read = read_tree(routes, connections, premises)
    assert read.upstream.tolist() == [-1, 0, 0]
    assert sorted(read.from_tips.tolist()[:2]) == [1, 2]
    assert read.from_tips[2] == 0
    assert read.children == [[1, 2], [], []]
    assert read.households.tolist() == [0, 4, 4]
    assert read.premises.tolist() == [0, 3, 2]
    assert read.drop_nok.tolist() == [0.0, 12.0, 3.0]
    assert read.kommune.tolist() == ["", "9901", "9901"]
    assert read.route_of_connection.tolist() == [1, 1, 1, 2, 2, -1]
    assert read.ends_m.tolist() == [
        [[500, 500], [1500, 500]], [[1500, 500], [1500, 1600]], [[1500, 500], [1500, -700]]
    ]  # fmt: skip
    assert np.isnan(read.place_m[0]).all()
    assert read.place_m[2].tolist() in ([1500, -700], [1510, -700])


def test_areas_in_one_square_get_letters_from_west_to_east() -> None:
    at = np.array([[1900.0, 100], [1100, 100], [1500, 900], [1500, 100], [2100, 100]])
    members = gpd.GeoDataFrame(
        {"area": [0, 1, 2, 3, 4], "kommune": "9901"}, geometry=shapely.points(at), crs=25833
    )
    assert area_ids(members).tolist() == [
        "9901-1-0-d", "9901-1-0", "9901-1-0-c", "9901-1-0-b", "9901-2-0"
    ]  # fmt: skip
    routes, connections, premises = valley()
    read = read_tree(routes, connections, premises)
    pieces_of = np.array([0, 1, 2])
    assert piece_ids_of(read, pieces_of, routes, {"F-0-0"}).tolist() == [
        "F-0-0-b",
        "F-1-0",
        "F-1-0-b",
    ]
    reached = members_of(read, np.array([-1, 1, 0]), premises, connections)
    assert reached["area"].tolist() == [1, 1, 1, 0, 0]


def test_points_along_trench_stand_for_fifty_metres_each() -> None:
    lines = np.array(
        [shapely.LineString([(0, 0), (length, 0)]) for length in (49.0, 50.0, 149.0, 0.5)]
    )
    points, line = _points_along(lines)
    assert line.tolist() == [1, 2, 2]
    assert points[:, 0].tolist() == pytest.approx([25.0, 37.25, 111.75])


def test_one_home_in_each_hundred_metres_stands_for_its_neighbours() -> None:
    """Two homes 90 m apart in a square are drawn as the first; two of two squares as both."""
    for x_m, reach_m in (((5.0, 95.0), 205.0), ((95.0, 105.0), 305.0)):
        (zone,) = _zones(np.array([[x, 50.0] for x in x_m]), np.zeros(2, dtype=int), 1)
        assert zone.bounds[2] == pytest.approx(reach_m, abs=6)


def test_outlines_meet_halfway_and_fill_narrow_bays() -> None:
    """Two homes of area 0 are 600 m apart, and what lies between them is filled; area 1 is 500 m on."""
    at = [(0.0, 0.0), (600.0, 0.0), (1100.0, 0.0)]
    members = gpd.GeoDataFrame(
        {"area": [0, 0, 1]}, geometry=[shapely.Point(p) for p in at], crs=25833
    )
    none = gpd.GeoDataFrame(geometry=[], crs=25833)
    zero, one = outlines(members, none, np.zeros(0, dtype=int))
    assert zero.bounds[0] == pytest.approx(-200, abs=5)
    assert one.bounds[2] == pytest.approx(1300, abs=5)
    assert zero.bounds[2] == pytest.approx(800, abs=5)
    assert one.bounds[0] == pytest.approx(900, abs=5)
    assert zero.contains(shapely.Point(300, 0))
    assert shapely.get_num_geometries(zero) == 1
    # nearer, the border is halfway
    near = members.set_geometry([shapely.Point(p) for p in (at[0], at[1], (800.0, 0.0))], crs=25833)
    zero, one = outlines(near, none, np.zeros(0, dtype=int))
    assert (zero.bounds[2], one.bounds[0]) == pytest.approx((700, 700))
    # too far apart for the bay to be filled
    apart = members.set_geometry(
        [shapely.Point(p) for p in (at[0], (1000.0, 0.0), (5000.0, 0.0))], crs=25833
    )
    zero, _ = outlines(apart, none, np.zeros(0, dtype=int))
    assert shapely.get_num_geometries(zero) == 2


def test_weights_by_kind_offer_and_what_lacks() -> None:
    premises = gpd.GeoDataFrame(
        {
            "premises_id": list("ABCDEF"),
            "kind": ["dwelling", "dwelling", "business", "public", "holiday", "dwelling"],
            "households": [2, 2, 0, 0, 1, 1],
            "priority_weight": [1.0, 1.0, 2.0, 1.0, 1.0, 1.0],
        },
        geometry=shapely.points(np.zeros((6, 2))),
        crs=25833,
    )
    coverage = pd.DataFrame(
        {
            "premises_id": list("EDCBA"),
            "down_mbps": [np.nan, 100.0, 30.0, 30.0, 29.9],
            "lacking_share": [1.0, 1.0, 0.5, 0.5, 1.0],
            "eligible": [True, False, True, True, True],
        }
    )
    priorities = Priorities(
        lacking_30_weight=3.0, business_weight=5.0, public_weight=7.0, holiday_weight=0.5
    )
    weighed = weigh(premises, coverage, priorities)
    # F is unknown to coverage: nothing says that it lacks
    assert weighed["priority_weight"].tolist() == [6.0, 1.0, 5.0, 7.0, 3.5, 0.0]
    assert premises["priority_weight"].tolist() == [1.0, 1.0, 2.0, 1.0, 1.0, 1.0]
    known, rest = weighed.iloc[:5], coverage
    assert to_connect(known, rest)["premises_id"].tolist() == ["A", "B", "C", "E"]
    unweighed = known.assign(
        priority_weight=known["priority_weight"].where(known["kind"] != "holiday", 0.0)
    )
    assert to_connect(unweighed, rest)["premises_id"].tolist() == ["A", "B", "C"]


def test_what_lacks_is_counted_area_by_area_in_each_draw() -> None:
    """p0 lacks in one draw of two and weighs 1.5 on average, so 3 where it lacks; p1 in both, p2 never."""
    connections = pd.DataFrame(
        {
            "premises_id": ["p2", "p1", "p0", "p3"],
            "area_id": ["B", "A", "A", ""],
            "weighted_households": [0.0, 2.0, 1.5, 9.0],
        }
    )
    premises = pd.DataFrame({"premises_id": ["p0", "p1", "p2", "p3"], "households": [1, 2, 4, 8]})
    lacks = np.array([[1, 0], [1, 1], [0, 0], [1, 1]], dtype=bool)
    found = lacking_in_draws(connections, premises, lacks)
    assert found.to_numpy().tolist() == [
        [0, "A", 3, 5.0], [0, "B", 0, 0.0], [1, "A", 2, 2.0], [1, "B", 0, 0.0]
    ]  # fmt: skip
    assert lacking_in_draws(connections, premises, lacks[:, :0]).empty
    drops = gpd.GeoDataFrame({"premises_id": ["p0", "p2"]}, geometry=[None, None], crs=25833)
    assert name_drops(drops, connections)["area_id"].tolist() == ["A", "B"]
