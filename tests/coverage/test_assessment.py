from __future__ import annotations

from bredband import tables
from tests.coverage.small import assess, make_offers, make_premises


def test_assess_by_hand():
    """p0 meets the target exactly, p1 is too slow, p2 is planned, p3 has nothing."""
    premises = make_premises(4)
    offers = make_offers(
        ("p0", "A", "fibre", 1000.0, 500.0, "available"),
        ("p0", "B", "dsl", 20.0, 1.0, "available"),
        ("p1", "B", "dsl", 20.0, 1.0, "available"),
        ("p2", "A", "fibre", 1000.0, 1000.0, "planned"),
    )
    got = assess(premises, offers)
    tables.check(got, "coverage")
    assert got["served"].tolist() == [True, False, False, False]
    assert got["planned"].tolist() == [False, False, True, False]
    assert got["eligible"].tolist() == [False, True, False, True]
    assert got["operator"].tolist() == ["A", "B", "", ""]
    assert got["down_mbps"].tolist() == [1000.0, 20.0, 0.0, 0.0]
    assert got["up_mbps"].tolist() == [500.0, 1.0, 0.0, 0.0]


def test_assess_without_offers():
    got = assess(make_premises(2), tables.empty("availability"), tables.empty("evidence"))
    tables.check(got, "coverage")
    assert not got["served"].any()
    assert got["eligible"].all()
