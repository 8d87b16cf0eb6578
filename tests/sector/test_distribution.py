"""Two counties by hand, and counties by seed against the undivided problem.

The toy (thousand kroner): Alfa has A1 (10 households, 400) and A2 (2, 300), both at lit fibre.
Beta has a feeder F (200) with B1 (8, 100) and B2 (6, 300) behind it. Their frontiers:

    Alfa    0: 0    300: 2    400: 10    700: 12
    Beta    0: 0    300: 8    600: 14

The nation has 500 a year for two years. Best is Alfa 400 and Beta 600: 24 households for 1000.
By the key of need alone Alfa has 700/1300 of 1000 = 538 (10 households) and Beta 462 (8): 18.

In time: the first 500 reach 10 households at most (A1; F and B1 reach 8 for 300, both take 700),
so household-years are 10 + 24 = 34. Alfa needs its 400 in year 1, Beta its 600 in year 2; what
is left of year 1 is handed to Beta: Alfa 400, 0 and Beta 100, 500.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from bredband import rollout
from bredband.errors import BredbandError, InputError, PlanError, ScenarioError
from bredband.scenario.rollout import Rollout
from bredband.sector.key import by_key, key_shares
from bredband.sector.scenario import Key
from tests.sector.packages import areas_of, gained, package, random_areas, shared

ALFA = [("A1", "", 10, 400_000), ("A2", "", 2, 300_000)]
BETA = [("F", "", 0, 200_000), ("B1", "F", 8, 100_000), ("B2", "F", 6, 300_000)]
MONEY = {"annual_grant_nok": [500_000, 500_000]}
NEED_ONLY = {**MONEY, "key": {"rural_lacking_weight": 0, "need_weight": 1}}


def toy(**changes):
    return [
        package("Alfa", areas_of(ALFA), kommune="0001"),
        package("Beta", areas_of(BETA), kommune="0002", **changes),
    ]


def test_the_toy_by_hand():
    whole = shared(toy(), **NEED_ONLY)
    assert whole.counties[0].frame_nok.tolist() == [0, 300_000, 400_000, 700_000]
    assert whole.counties[0].households.tolist() == [0, 2, 10, 12]
    assert whole.counties[1].frame_nok.tolist() == [0, 300_000, 600_000]
    assert whole.counties[1].households.tolist() == [0, 8, 14]
    assert gained(whole.by_key, whole) == [10, 8]
    assert gained(whole.optimal, whole) == [10, 14]
    households, in_time = whole.optimal.proofs
    assert (households.objective, households.bound, households.status) == (24, 24, "optimal")
    assert (in_time.objective, in_time.bound) == (34, 34)
    # the next that money would buy is A2: two households for 0.3 million
    assert whole.optimal.households_per_mnok == pytest.approx(2 / 0.3, rel=1e-9)
    alfa, beta = whole.optimal.shares
    assert alfa.annual_grant_nok == (400_000, 0)
    assert beta.annual_grant_nok == (100_000, 500_000)
    assert alfa.build_year.to_dict() == {"A1": 0}
    assert beta.build_year.to_dict() == {"F": 1, "B1": 1, "B2": 1}
    assert [share.annual_grant_nok for share in whole.by_key.shares] == [
        (269_230, 269_230),
        (230_769, 230_769),
    ]


def test_the_key_by_hand():
    """Alfa lacks 12 and needs 700, Beta lacks 14 and needs 600; only Beta is remote."""
    choices = {
        "key": {
            "rural_lacking_weight": 1,
            "need_weight": 2,
            "centrality_weight": 1,
            "centrality_class": {"0001": 2, "0002": 6},
        }
    }
    whole = shared(toy(), **MONEY, **choices)
    alfa = whole.key.loc["Alfa"]
    assert alfa["rural_lacking_share"] == pytest.approx(12 / 26)
    assert alfa["need_share"] == pytest.approx(7 / 13)
    assert alfa["centrality_share"] == 0
    assert alfa["key_share"] == pytest.approx((12 / 26 + 2 * 7 / 13 + 0) / 4)
    assert whole.key["key_share"].sum() == pytest.approx(1)


def test_centrality_asks_for_every_kommune():
    with pytest.raises(ScenarioError, match="0002"):
        shared(toy(), **MONEY, key={"centrality_weight": 1, "centrality_class": {"0001": 2}})


def test_what_a_county_cannot_use_goes_to_the_others():
    """Half each of 1000; the first can use 200, so the other two share 800 by 1 to 1."""
    annual = by_key([0.5, 0.25, 0.25], [200, 9_999, 9_999], [600, 400])
    assert annual.sum(axis=1).tolist() == [200, 400, 400]
    assert annual.tolist() == [[120, 80], [240, 160], [240, 160]]


def test_a_factor_that_nobody_has_is_left_out():
    nothing = [
        package(name, areas_of([("x", "", 3, 0)]), kommune=code)
        for name, code in (("Alfa", "1"), ("Beta", "2"))
    ]
    whole = shared(nothing, annual_grant_nok=[0.0])
    assert whole.key["key_share"].tolist() == [0.5, 0.5]
    assert key_shares(whole.counties, Key(need_weight=1, rural_lacking_weight=0))[
        "key_share"
    ].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("share", "reached"), [(0.0, 24), (0.7, 24), (0.8, 18), (1.0, 18)])
def test_floors_cost_households(share, reached):
    """With 0.8 of 538 = 431 for Alfa there is no room for Beta's 600."""
    whole = shared(toy(), **NEED_ONLY, least_key_share=share)
    assert sum(gained(whole.optimal, whole)) == reached
    for by_key_, best in zip(whole.by_key.shares, whole.optimal.shares, strict=True):
        assert sum(best.annual_grant_nok) >= share * sum(by_key_.annual_grant_nok) - 1


def test_a_county_can_be_promised_money_and_coverage():
    """Alfa to 100 per cent takes 700, which leaves 300 and 8 households for Beta."""
    floor = {"county": "Alfa", "least_served_share": 1.0}
    whole = shared(toy(), **NEED_ONLY, floors=[floor])
    assert gained(whole.optimal, whole) == [12, 8]
    floor = {"county": "Alfa", "least_grant_nok": 750_000}
    whole = shared(toy(), **NEED_ONLY, floors=[floor])
    assert gained(whole.optimal, whole) == [12, 0]
    assert sum(whole.optimal.shares[0].annual_grant_nok) == 750_000
    with pytest.raises(PlanError, match="løftene"):
        shared(toy(), **NEED_ONLY, floors=[{"county": "Alfa", "least_grant_nok": 2_000_000}])
    with pytest.raises(ScenarioError, match="Gamma"):
        shared(toy(), **NEED_ONLY, floors=[{"county": "Gamma"}])


def test_without_a_national_grant_the_counties_own_are_summed():
    assert shared(toy()).footing.annual_grant_nok == (1_000_000, 1_000_000)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": {"down_mbps": 100}}, "samme mål"),
        ({"rollout": {"first_year": 2028}}, "begynner i 2028"),
        ({"rollout": {"carry_over": False}}, "carry_over"),
        ({"costs": {"price_year": 2024}}, "price_index"),
    ],
)
def test_what_cannot_be_compared_is_a_fault(changes, words):
    with pytest.raises(BredbandError, match=words):
        shared(toy(**changes), **MONEY)


def test_the_same_county_or_kommune_twice_is_a_fault():
    alfa, beta = toy()
    with pytest.raises(InputError, match="Alfa"):
        shared([alfa, alfa], **MONEY)
    beta.content["by_kommune"][0]["kommune"] = "0001"
    with pytest.raises(InputError, match="0001"):
        shared([alfa, beta], **MONEY)


def test_a_package_without_a_frontier_or_with_another_one_is_a_fault():
    alfa, beta = toy()
    beta.content["frontier"]["area_id"][0] = "annet"
    with pytest.raises(InputError, match="passer ikke"):
        shared([alfa, beta], **MONEY)
    beta.content["frontier"] = None
    with pytest.raises(InputError, match="mangler «frontier»"):
        shared([alfa, beta], **MONEY)


def test_other_prices_are_converted_and_said():
    """Beta in 2024 kroner takes 10 per cent more in 2026 kroner: 330 and 660."""
    packages = toy(costs={"price_year": 2024})
    index = {"price_year": 2026, "price_index": {2024: 100, 2026: 110}}
    whole = shared(packages, **MONEY, **index)
    assert whole.counties[1].frame_nok.tolist() == pytest.approx([0, 330_000, 660_000], abs=3)
    # each of Beta's three works may be rounded twice, to the grant and to the frame, and back
    assert [county.slack_nok for county in whole.counties] == [0, 12]
    assert len(whole.footing.conversions) == 1
    assert "Beta" in whole.footing.conversions[0]
    with pytest.raises(ScenarioError, match="price_index mangler året 2024"):
        shared(packages, **MONEY, price_year=2026, price_index={2026: 110})


def test_a_reserve_in_the_county_takes_more_of_the_frame():
    whole = shared(toy(rollout={"contingency_share": 0.5}), **MONEY)
    assert whole.counties[1].frame_nok.tolist() == [0, 600_000, 1_200_000]
    assert [county.slack_nok for county in whole.counties] == [0, 12]
    assert gained(whole.optimal, whole) == [10, 8]


def undivided(areas: list[pd.DataFrame], total_nok: int) -> int:
    """Reach most households with the rollout solver, as if the counties were one."""
    parts = []
    for c, part in enumerate(areas):
        prefix = f"{c}-"
        parts.append(
            part.assign(
                area_id=prefix + part["area_id"],
                feeder_area=part["feeder_area"].where(
                    part["feeder_area"] == "", prefix + part["feeder_area"]
                ),
                technology="fibre",
                kommune=str(c),
            )
        )
    table = pd.concat(parts, ignore_index=True)
    frame = gpd.GeoDataFrame(table, geometry=[shapely.box(0, 0, 1, 1)] * len(table), crs=25833)
    choices = Rollout(annual_grant_nok=(float(total_nok),), target_gap_share=0.0)
    schedule, proof, _ = rollout.choose(frame, choices)
    reached = frame.set_index("area_id").loc[schedule["area_id"], "households"].sum()
    assert proof.bound == pytest.approx(reached, rel=1e-6)
    return int(reached)


@pytest.mark.parametrize("seed", range(6))
def test_counties_by_seed_against_the_undivided_problem(seed):
    areas = [random_areas(10 * seed + c, 14) for c in range(3)]
    packages = [package(f"Fylke {c}", part, kommune=str(c)) for c, part in enumerate(areas)]
    total = sum(int(part["grant_nok"].sum()) for part in areas)
    grant = [total // 8, total // 8, total // 8]
    whole = shared(packages, annual_grant_nok=grant)
    best, key = sum(gained(whole.optimal, whole)), sum(gained(whole.by_key, whole))
    assert best >= key
    assert whole.optimal.proofs[0].gap_share <= 0.005
    assert best == undivided(areas, sum(grant))
    for t, amount in enumerate(grant):
        assert sum(share.annual_grant_nok[t] for share in whole.optimal.shares) <= amount
        assert sum(share.annual_grant_nok[t] for share in whole.by_key.shares) <= amount
