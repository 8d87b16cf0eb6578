"""Every regime of the rule tables, worked by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from bredband.coverage import eligibility
from bredband.errors import ScenarioError
from tests.coverage.small import EAST_M, NORTH_M, make_offers, make_premises

OFFERS = make_offers(
    ("p1", "A", "dsl", 20, 2, "available"),
    ("p2", "A", "dsl", 50, 5, "available"),
    ("p3", "A", "cable", 50, 5, "available"),
    ("p4", "A", "fwa", 100, 20, "available"),
    ("p5", "A", "fwa", 100, 20, "available"),
    ("p5", "B", "cable", 500, 50, "available"),
    ("p6", "A", "fibre", 1000, 1000, "available"),
    ("p7", "A", "fibre", 1000, 1000, "planned"),
)
"""p0 nothing, p1 20, p2 50, p3 50 cable, p4 100, p5 100 and 500, p6 1000, p7 1000 planned."""


@pytest.mark.parametrize(
    ("name", "who", "give_p1", "give_p2"),
    [
        ("before-2023", "p0 p1", (20, 2), (0, 0)),
        ("gber-2022", "p0 p1 p2 p3", (40, 4), (300, 100)),
        ("national-2023", "p0 p1 p2 p3", (100, 4), (300, 100)),
        ("national-2024", "p0 p1 p2", (100, 4), (300, 100)),
        ("gigabit-2025", "p0 p1 p2", (1000, 2), (1000, 5)),
        ("guidelines-2023", "p0 p1 p2 p3 p4 p5", (100, 2), (150, 5)),
        ("notified-2026", "p0 p1 p2 p3 p4 p5", (1000, 2), (1000, 5)),
    ],
)
def test_every_regime(name, who, give_p1, give_p2):
    got = eligibility.decide(make_premises(8), OFFERS, eligibility.regime(name))
    got = got.set_index("premises_id")
    assert " ".join(got.index[got["eligible"]]) == who
    assert tuple(got.loc["p1", ["give_down_mbps", "give_up_mbps"]]) == give_p1
    assert tuple(got.loc["p2", ["give_down_mbps", "give_up_mbps"]]) == give_p2
    assert (got["reason"] != "").all()


ROWS = {  # the fastest that still lacks, the slowest that does not, what the net must give the first
    ("before-2023", 0): ((29, 3), (30, 3), (29, 3)),
    ("gber-2022", 0): ((29, 3), (30, 3), (58, 6)),
    ("gber-2022", 1): ((99, 60), (100, 60), (300, 120)),
    ("national-2023", 0): ((29, 3), (30, 3), (100, 6)),
    ("national-2023", 1): ((99, 60), (100, 60), (300, 100)),
    ("national-2024", 0): ((29, 3), (30, 3), (100, 6)),
    ("national-2024", 1): ((99, 60), (100, 60), (300, 100)),
    ("gigabit-2025", 0): ((99, 10), (100, 10), (1000, 10)),
    ("guidelines-2023", 0): ((99, 10), (100, 10), (297, 10)),
    ("guidelines-2023", 1): ((1000, 149), (1000, 150), (3000, 150)),
    ("notified-2026", 0): ((99, 10), (100, 10), (1000, 10)),
    ("notified-2026", 1): ((999, 150), (1000, 150), (2997, 150)),
}


def test_the_rows_worked_by_hand_are_all_there_are():
    known = eligibility.regimes()
    assert set(ROWS) == {(name, i) for name in known for i in range(len(known[name].tier))}


@pytest.mark.parametrize(("name", "step"), ROWS)
def test_every_row_at_its_limit(name, step):
    lacks, has, must_give = ROWS[name, step]
    offers = make_offers(
        ("p0", "A", "fwa", *lacks, "available"), ("p1", "A", "fwa", *has, "available")
    )
    rule = eligibility.regime(name)
    got = eligibility.decide(make_premises(2), offers, rule)
    up = f"/{rule.tier[step].lacks_up_mbps:g}" if rule.tier[step].lacks_up_mbps else ""
    limit = f" {rule.tier[step].lacks_down_mbps:g}{up} Mbit/s"
    assert got.loc[0, "eligible"]
    assert f"mangler{limit}" in got.loc[0, "reason"]
    assert tuple(got.loc[0, ["give_down_mbps", "give_up_mbps"]]) == must_give
    assert f"mangler{limit}" not in got.loc[1, "reason"]
    assert got.loc[1, "eligible"] == (step + 1 < len(rule.tier))


def test_every_regime_is_dated_and_sourced():
    found = eligibility.regimes()
    assert len(found) == 7
    for rule in found.values():
        for row in rule.tier:
            assert pd.Timestamp(row.valid_from)
            assert row.valid_to == "" or row.valid_to > row.valid_from
            assert len(row.source) > 20
        lacks = [tier.lacks_down_mbps for tier in rule.tier]
        assert lacks == sorted(lacks)


def test_a_limit_without_a_source_is_called_an_estimate_wherever_it_is_named():
    for rule in eligibility.regimes().values():
        got = eligibility.decide(make_premises(8), OFFERS, rule)["reason"]
        for tier in rule.tier:
            named = got[got.str.contains(f"{tier.lacks_down_mbps:g}[/ ].*Mbit", regex=True)]
            assert named.str.contains("anslag").eq(tier.limit_is_estimate).all()
            assert "anslag" in tier.source or not tier.limit_is_estimate


def test_colours():
    got = eligibility.decide(make_premises(8), OFFERS, eligibility.regime("guidelines-2023"))
    assert got["colour"].tolist() == ["white"] * 4 + ["grey", "black", "grey", "grey"]


def test_a_grey_area_must_get_three_times_the_speed_and_a_gigabit():
    got = eligibility.decide(make_premises(8), OFFERS, eligibility.regime("guidelines-2023"))
    assert got.loc[4, ["give_down_mbps", "give_up_mbps"]].tolist() == [1000, 150]
    assert got.loc[5, "give_down_mbps"] == 1500


@pytest.mark.parametrize("name", ["guidelines-2023", "notified-2026"])
def test_a_gigabit_down_is_not_enough_without_150_up(name):
    """p0 has 1000/100 from one and 100/500 from another; p1 1000/150 from one."""
    offers = make_offers(
        ("p0", "A", "cable", 1000, 100, "available"),
        ("p0", "B", "fwa", 100, 500, "available"),
        ("p1", "A", "fibre", 1000, 150, "available"),
    )
    got = eligibility.decide(make_premises(2), offers, eligibility.regime(name))
    assert got["eligible"].tolist() == [True, False]
    guess = " (grensa er anslag)" if name == "notified-2026" else ""
    assert got["reason"].tolist() == [
        f"svart område, mangler 1000/150 Mbit/s{guess}",
        f"har tilbud om 1000/150 Mbit/s eller mer{guess}",
    ]


def test_what_a_regime_does_not_know_of_changes_nothing():
    """Colour counts from 100 Mbit/s; two networks of 50 leave the area white under every regime."""
    offers = make_offers(
        ("p0", "A", "fwa", 50, 5, "available"), ("p0", "B", "dsl", 50, 5, "available")
    )
    for name in eligibility.regimes():
        got = eligibility.decide(make_premises(1), offers, eligibility.regime(name))
        counted = eligibility.regime(name).counted_from_down_mbps
        assert got["colour"].tolist() == ["white" if counted > 50 else "black"]
        assert got["eligible"].tolist() == [name != "before-2023"]


def test_reasons_for_no():
    premises = make_premises(8, kind=["holiday", *["dwelling"] * 7])
    excluded = pd.DataFrame({"premises_id": ["p1", "p2"], "ground": ["funded", "auction_5g"]})
    rule = eligibility.regime("national-2024")
    got = eligibility.decide(premises, OFFERS, rule, excluded)["reason"].tolist()
    assert got[0].startswith("fritidsboliger")
    assert got[1] == "området har allerede fått støtte"
    assert got[2] == "området har utbyggingsplikt fra 5G-auksjonen"
    assert got[3] == "nettet (kabel-TV-nett) kan lett oppgraderes"
    assert got[6] == "har tilbud om 100 Mbit/s eller mer"
    assert got[7] == "planlagt utbygging innen tre år gir 100 Mbit/s eller mer"


def test_areas_are_taken_out():
    areas = gpd.GeoDataFrame(
        geometry=[box(EAST_M, NORTH_M, EAST_M + 300, NORTH_M + 300)], crs="EPSG:25833"
    )
    got = eligibility.exclusions(make_premises(3), areas, "funded")
    assert got.to_dict("list") == {"premises_id": ["p0"], "ground": ["funded"]}


def test_an_unknown_regime_is_a_sentence():
    with pytest.raises(ScenarioError, match="ukjent statsstøtteregel «gber»"):
        eligibility.regime("gber")
