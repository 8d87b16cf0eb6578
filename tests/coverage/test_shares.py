from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from bredband import coverage
from bredband.coverage import shares
from bredband.scenario.coverage import CoverageChoices, Target
from scripts import synthesise_coverage as synthesis
from tests.coverage.small import make_evidence, make_offers, make_premises


def read(file):
    return list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))


@pytest.fixture
def lilleland():
    """Ten households: p0 six in the settlement, p1 three and p2 one outside, p3 a cabin."""
    premises = make_premises(
        4, households=[6, 3, 1, 0], rural=[False, True, True, True],
        grunnkrets=["34200101", "34200101", "34200102", "34200102"],
    )  # fmt: skip
    offers = make_offers(
        ("p0", "A", "fibre", 1000, 1000, "available"),
        ("p0", "B", "cable", 1000, 100, "available"),
        ("p1", "C", "fwa", 100, 20, "available"),
        ("p1", "D", "dsl", 29.9, 0.5, "available"),
        ("p2", "A", "fibre", 1000, 1000, "planned"),
        ("p3", "A", "fibre", 1000, 1000, "available"),
    )
    return premises, offers


def test_shares_by_hand(lilleland):
    row = shares.table(*lilleland).loc["3420"]
    tech, every = "Teknologidekning", "Hastighet - alle teknologier på fast bredbånd"
    assert row[tech, "Fiber"] == pytest.approx(0.6)
    assert row[tech, "DSL"] == pytest.approx(0.3)
    assert row[tech, "Fiber + kabel-TV-nett + FTB"] == pytest.approx(0.9)
    assert row[every, "≥ 30"] == pytest.approx(0.9)
    assert row[every, "≥ 100"] == pytest.approx(0.9)  # exactly 100 counts
    assert row[every, "≥ 1000/1000"] == pytest.approx(0.6)
    assert row["Hastighet i kablede nett", "≥ 30"] == pytest.approx(0.6)  # 29.9 does not
    assert row["Hastighet for FTB", "≥ 100"] == pytest.approx(0.3)


def test_shares_by_settlement_and_grunnkrets(lilleland):
    fibre = ("Teknologidekning", "Fiber")
    rural = shares.table(*lilleland, settlement="Spredtbygde områder")
    assert rural.loc["3420", fibre] == 0.0
    assert shares.table(*lilleland, settlement="Tettbygde områder").loc["3420", fibre] == 1.0
    krets = shares.table(*lilleland, by="grunnkrets")
    assert krets[fibre].to_dict() == {"34200101": pytest.approx(6 / 9), "34200102": 0.0}


def test_the_file_has_the_regulators_layout(lilleland, tmp_path, shared_data):
    names = pd.DataFrame({"kommune": ["3420"], "name": ["Elverum"], "county": ["Innlandet"]})
    shares.write_csv(shares.table(*lilleland), tmp_path / "tabell.csv", names)
    ours = read(tmp_path / "tabell.csv")
    published = shared_data / "norway" / "nkom" / "Dekning_fbb_kommuner_husstander.csv"
    theirs = read(published)
    assert ours[:4] == theirs[:4]
    assert ours[4][:3] == ["ELVERUM", "INNLANDET", "60,0 %"]
    assert [cell == "" for cell in ours[4]] == [cell == "" for cell in theirs[4]]


def test_expected_shares_never_rise_with_speed(lilleland):
    got = expected_shares(*lilleland)
    for column in ("claimed_share", "expected_share", "low_share", "high_share"):
        assert got[column].is_monotonic_decreasing
    assert (got["low_share"] <= got["high_share"]).all()


def expected_shares(premises, offers):
    believed = [
        coverage.believe(
            premises, offers, make_evidence(),
            target=Target(down_mbps=speed), choices=CoverageChoices(),
        )
        for speed in (1000, 30, 100)
    ]  # fmt: skip
    return shares.expected(believed, premises, draws=50)


def test_the_file_says_how_sure_each_class_is(lilleland, tmp_path):
    """Claimed by hand: p0 and p1 have 30 and 100, nine of ten households; p0 alone a gigabit."""
    names = pd.Series({"3420": "=Elverum"})
    shares.write_expected(expected_shares(*lilleland), tmp_path / "ventet.csv", names)
    head, *rows = read(tmp_path / "ventet.csv")
    assert head[2:5] == ["Mbit/s ned, minst", "Husstander", "Meldt dekket, prosent"]
    assert [row[:5] for row in rows] == [
        ["3420", "'=Elverum", speed, "10", share]
        for speed, share in (("30", "90"), ("100", "90"), ("1000", "60"))
    ]


def test_elverum_reproduces_the_published_table(shared_data):
    """Synthetic coverage on real addresses: every share within 0.5 percentage points."""
    folder = shared_data / "norway"
    table = synthesis.read_addresses(next((folder / "addresses").glob("*.csv")))
    _, wanted = synthesis.read_shares(
        folder / "nkom" / "Dekning_fbb_kommuner_husstander.csv", "ELVERUM"
    )
    rank = synthesis.rank_by_density(table, np.random.default_rng(3420))
    offers = synthesis.hand_out(rank, pd.factorize(table["adressekode"])[0], wanted)
    got = synthesis.tabulate(table, offers)
    assert max(abs(got[key] - share) for key, share in wanted.items()) < 0.005

    premises = make_premises(len(table)).assign(premises_id=table["lokalid"])
    claims = pd.concat(
        [
            pd.DataFrame({"premises_id": table["lokalid"][o.has], "technology": o.technology,
                          "down_mbps": o.down_kbps[o.has] / 1000, "up_mbps": o.up_kbps[o.has] / 1000})
            for o in offers
        ]
    ).assign(operator="A", status="available", connected=False, source="", as_of="", error_db=np.nan)  # fmt: skip
    share = wanted["Hastighet - alle teknologier på fast bredbånd", "≥ 1000"]
    published = pd.DataFrame({"kommune": ["3420"], "served_share": [share]})
    posterior = coverage.believe(
        premises, claims, make_evidence(),
        target=Target(), choices=CoverageChoices(), published=published,
    )  # fmt: skip
    assert coverage.served_probability(posterior).mean() == pytest.approx(share, abs=0.005)
