"""What is left of the trench where homes get radio."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from bredband.costs import leave_undug
from tests.costs.tables_by_hand import tree


def undug(parts, by_radio: list[str], area: str = "A"):
    """Leave undug what nobody else needs when some premises get radio."""
    _, routes, connections, _ = parts
    drops = connections[["premises_id", "area_id"]]
    frame = pd.DataFrame({"area_id": area, "premises_id": by_radio}, dtype="str")
    return leave_undug(routes, connections, drops, frame)


def test_the_branch_that_only_radio_homes_need_is_left():
    parts = tree([-1, 0, 0], [1, 2, 900], [1, 1, 2], [4, 5, 6])
    routes, connections, drops = undug(parts, ["p2"])
    assert routes["route_id"].tolist() == ["r0", "r1"]
    assert drops["premises_id"].tolist() == ["p0", "p1"]
    home = connections.set_index("premises_id")
    assert home["route_id"].tolist() == ["r1", "r1", ""]
    assert home["area_id"].tolist() == ["A"] * 3
    assert home["drop_nok"].tolist() == [4, 5, 0]
    assert home["drop_m"].tolist() == [10.0, 10.0, 0.0]


def test_trench_on_the_way_to_others_and_shared_trench_stay():
    way, routes, connections, premises = tree([-1, 0, 1], [1, 2, 3], [1, 2], [4, 5])
    kept, _, _ = undug((way, routes, connections, premises), ["p0"])
    assert len(kept) == 3
    shared = routes.assign(area_id=["F", "A", "A"])
    kept, _, _ = undug((way, shared, connections, premises), ["p0", "p1"])
    assert kept["route_id"].tolist() == ["r0"]


def test_without_radio_nothing_changes():
    parts = tree([-1], [1], [0], [4])
    routes, connections, _ = undug(parts, [])
    assert routes is parts[1]
    assert connections is parts[2]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_stays_is_what_leads_to_the_homes_by_fibre(data):
    count = data.draw(st.integers(1, 6))
    upstream = [-1] + [data.draw(st.integers(-1, i - 1)) for i in range(1, count)]
    homes = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=6))
    wireless = data.draw(st.sets(st.integers(0, len(homes) - 1), min_size=1))
    before = tree(upstream, [1] * count, homes, [1] * len(homes))
    routes, connections, drops = undug(before, [f"p{j}" for j in sorted(wireless)])
    needed = set()
    for j, route in enumerate(homes):
        while j not in wireless and route >= 0:
            needed.add(f"r{route}")
            route = upstream[route]  # noqa: PLW2901
    assert set(routes["route_id"]) == needed
    assert len(drops) == len(homes) - len(wireless)
    assert before[2]["drop_nok"].eq(1).all()  # the tables that came in are as they were
    assert set(connections.loc[connections["route_id"] == "", "premises_id"]) == {
        f"p{j}" for j in wireless
    }
