"""The model against cases worked by hand, and against the properties it promises."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from bredband import coverage
from bredband.coverage import Posterior, consultation
from bredband.coverage.claims import predicted_probability
from bredband.scenario.coverage import CoverageChoices, Target, Trust
from tests.coverage.small import (
    EAST_M,
    NORTH_M,
    answer,
    call,
    fibre,
    make_evidence,
    make_offers,
    make_premises,
    speed,
)

FIRM = Trust(claims_weight=1e12)
"""Reliability stays at its prior, so that a case can be worked by hand."""


def believe(premises, offers, evidence, trust=FIRM, target=None, **kwargs):
    posterior = coverage.believe(
        premises,
        offers,
        evidence,
        target=target or Target(),
        choices=CoverageChoices(trust=trust),
        **kwargs,
    )
    return posterior, coverage.served_probability(posterior)


def listed(posterior):
    claims = posterior.claims
    return claims.loc[claims["technology"] != "unlisted", "probability"].to_numpy()


def test_without_evidence_the_prior_stands():
    """Fibre 0.97, and an unlisted offer 0.01: 1 - 0.03 x 0.99 = 0.9703."""
    _, p = believe(make_premises(2), fibre("p0"), make_evidence())
    assert p.tolist() == pytest.approx([0.9703, 0.01])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # 0.97 x 0.05 / (0.97 x 0.05 + 0.03 x 0.95)
        (answer("p0", "no", "A"), 0.0485 / 0.077),
        # 0.97 x 0.95 / (0.97 x 0.95 + 0.03 x 0.05)
        (answer("p0", "yes", "A"), 0.9215 / 0.923),
        # when the county rings it is right 0.97 of the time: 0.97 x 0.03 / (0.97 x 0.03 + 0.03 x 0.97)
        (call("p0", "no", "A"), 0.5),
        # a test that reaches 0.9 x 1000: 0.97 x 0.4 / (0.97 x 0.4 + 0.03 x 0.005)
        (speed("p0", 900.0), 0.388 / 0.38815),
        # a slow test of fibre shows a cheap subscription, nothing else
        (speed("p0", 899.0), 0.97),
        (speed("p0", 40.0, "wifi"), 0.97),
        # another operator's test says nothing of A
        (speed("p0", 900.0, operator="B"), 0.97),
        # mobile is not a technology that counts here
        (speed("p0", 900.0, operator="A", technology="mobile"), 0.97),
    ],
)
def test_own_evidence_by_hand(said, expected):
    posterior, _ = believe(make_premises(1), fibre("p0"), make_evidence(said))
    assert listed(posterior) == pytest.approx([expected])


def test_a_slow_test_counts_against_radio_and_least_over_wifi():
    """FWA at 0.85: cable (1 - 0.4) / (1 - 0.005), Wi-Fi (1 - 0.2) / (1 - 0.005)."""
    premises = make_premises(2)
    offers = make_offers(
        ("p0", "A", "fwa", 100, 10, "available"), ("p1", "A", "fwa", 100, 10, "available")
    )
    evidence = make_evidence(speed("p0", 30.0), speed("p1", 30.0, "wifi"))
    trust = FIRM.model_copy(update={"local_weight": 1e12})
    posterior, _ = believe(premises, offers, evidence, trust, Target(down_mbps=100))
    by_cable = 0.85 * 0.6 / (0.85 * 0.6 + 0.15 * 0.995)
    by_wifi = 0.85 * 0.8 / (0.85 * 0.8 + 0.15 * 0.995)
    assert listed(posterior) == pytest.approx([by_cable, by_wifi])


def test_a_test_that_several_claims_explain_speaks_of_the_slowest():
    """45 Mbit/s from A is the DSL line of 50, not the fibre of 1000."""
    offers = make_offers(
        ("p0", "A", "dsl", 50, 5, "available"), ("p0", "A", "fibre", 1000, 500, "available")
    )
    posterior, _ = believe(make_premises(1), offers, make_evidence(speed("p0", 45.0, operator="A")))
    claims = posterior.claims.set_index("technology")
    assert claims.loc["dsl", "pattern"] == 0b100
    assert claims.loc["fibre", "pattern"] == 0


def test_a_test_proves_an_offer_that_nobody_reported():
    """0.01 x 0.4 / (0.01 x 0.4 + 0.99 x 0.005)."""
    _, p = believe(make_premises(1), make_offers(), make_evidence(speed("p0", 950.0)))
    assert p[0] == pytest.approx(0.004 / (0.004 + 0.99 * 0.005))


@pytest.mark.parametrize(
    ("said", "own"),
    [
        # 0.01 x 0.95 / (0.01 x 0.95 + 0.99 x 0.05)
        ([answer(f"p{i}", "yes", "B", "fibre") for i in range(3)], 0.0095 / 0.059),
        # half of 300 say yes, enough to learn from
        ([answer(f"p{i}", "yes" if i % 2 else "no") for i in range(300)], 0.0005 / 0.941),
        # 0.01 x 0.97 / (0.01 x 0.97 + 0.99 x 0.03)
        ([call(f"p{i}", "yes", "B", "fibre") for i in range(3)], 0.0097 / 0.0394),
    ],
)
def test_an_offer_that_nobody_reported_is_believed_at_that_home_alone(said, own):
    """Whoever has such an offer tells of it: those who tell say nothing of how many there are."""
    premises = make_premises(310, apart_m=50.0)
    _, p = believe(premises, make_offers(), make_evidence(*said), Trust())
    assert p[0] == pytest.approx(own)
    assert p[300:] == pytest.approx([0.01] * 10)


PERFECT = FIRM.model_copy(update={"survey_probability": 1 - 1e-12, "local_weight": 2.0})


@pytest.mark.parametrize(("said", "y"), [("no", 0.0), ("yes", 1.0)])
def test_a_perfect_answer_next_door_by_hand(said, y):
    """The local probability is (m pi + y) / (m + 1), m = 2."""
    told = make_evidence(answer("p0", said, "A"))
    posterior, _ = believe(make_premises(2, apart_m=0.0), fibre("p0", "p1"), told, PERFECT)
    assert listed(posterior) == pytest.approx([y, (2 * 0.97 + y) / 3], abs=1e-9)


@pytest.mark.parametrize(("apart_m", "weight"), [(0.0, 1.0), (1000.0, math.exp(-2))])
@pytest.mark.parametrize(("said", "if_true"), [("no", 0.05), ("yes", 0.95)])
def test_neighbours_by_hand(apart_m, weight, said, if_true):
    """The mean of t^(2 x 0.97 - 1) (1 - t)^(2 x 0.03 - 1) times the likelihood of the answer to the weight."""
    told = make_evidence(answer("p0", said, "A"))
    posterior, _ = believe(
        make_premises(2, apart_m=apart_m), fibre("p0", "p1"), told,
        FIRM.model_copy(update={"local_weight": 2.0}),
    )  # fmt: skip
    whole, first = (
        quad(
            lambda t, n=n: t**n * (t * if_true + (1 - t) * (1 - if_true)) ** weight,
            0, 1, weight="alg", wvar=(0.94, -0.94),
        )[0]
        for n in (0, 1)
    )  # fmt: skip
    assert listed(posterior)[1] == pytest.approx(first / whole, abs=1e-6)


def test_neighbours_of_another_operator_and_far_away_do_not_count():
    premises = make_premises(3, apart_m=1000.0)
    offers = pd.concat([fibre("p0", "p2"), fibre("p1", operator="B")], ignore_index=True)
    posterior, _ = believe(premises, offers, make_evidence(answer("p0", "no", "A")), PERFECT)
    assert listed(posterior)[1:] == pytest.approx([0.97, 0.97])


def test_reliability_by_hand():
    """Three perfect answers, one yes: technology, operator, stratum, each with weight M = 20.

    (20 x 0.97 + 1) / 23, then (20 x that + 1) / 23, and once more.
    """
    trust = PERFECT.model_copy(update={"claims_weight": 20.0})
    evidence = make_evidence(
        answer("p0", "yes", "A"), answer("p1", "no", "A"), answer("p2", "no", "A")
    )
    posterior, _ = believe(make_premises(4), fibre("p0", "p1", "p2", "p3"), evidence, trust)
    expected = 0.97
    for _ in range(3):
        expected = (20 * expected + 1) / 23
    assert listed(posterior)[3] == pytest.approx(expected)


def test_those_who_lack_answer_more_often():
    """Half of the answers are no, and the unserved answer three times as often: odds 3 : 1."""
    count = 400
    premises = make_premises(count + 1)
    ids = [f"p{i}" for i in range(count)]
    evidence = make_evidence(*[answer(p, "yes" if i % 2 else "no", "A") for i, p in enumerate(ids)])
    trust = PERFECT.model_copy(
        update={"claims_weight": 1e-6, "complaint_weight": 3.0, "learn": False}
    )
    posterior, _ = believe(premises, fibre(*ids, f"p{count}"), evidence, trust)
    assert listed(posterior)[-1] == pytest.approx(0.75, abs=1e-3)


@pytest.mark.parametrize("times", [0.25, 1.0, 4.0])
def test_a_call_says_nothing_of_who_complains(times):
    """The county chose whom to ask: p0 is as by hand, whoever complains."""
    trust = FIRM.model_copy(update={"complaint_weight": times})
    posterior, _ = believe(
        make_premises(1), fibre("p0"), make_evidence(call("p0", "no", "A")), trust
    )
    assert listed(posterior) == pytest.approx([0.5])


@pytest.mark.parametrize("times", [0.25, 1.0, 4.0])
def test_a_call_next_door_by_hand(times):
    """A perfect no beside: the mean of t^(2 pi - 1) (1 - t)^(1 - 2 pi) times (1 - t) / (k t + 1 - t).

    ``t`` is the share among those who answer, whose odds are the true ones over k.
    """
    trust = PERFECT.model_copy(update={"complaint_weight": times, "call_probability": 1 - 1e-12})
    premises = make_premises(2, apart_m=0.0)
    said = make_evidence(call("p0", "no", "A"))
    posterior, _ = believe(premises, fibre("p0", "p1"), said, trust)
    pi = 0.97 / (0.97 + 0.03 * times)
    ends = (2 * pi - 1, 1 - 2 * pi)
    whole, first = (
        quad(lambda t, n=n: t**n * (1 - t) / (times * t + 1 - t), 0, 1, weight="alg", wvar=ends)[0]
        for n in (0, 1)
    )
    mean = first / whole
    expected = times * mean / (times * mean + 1 - mean)
    assert listed(posterior) == pytest.approx([0.0, expected], abs=1e-6)


def test_calls_do_not_move_the_operators_reliability():
    """The county rings where it doubts, so what it hears there says nothing of places far away."""
    trust = FIRM.model_copy(update={"claims_weight": 20.0})
    said = make_evidence(*[call(f"p{i}", "no", "A") for i in range(30)])
    posterior, _ = believe(make_premises(31), fibre(*[f"p{i}" for i in range(31)]), said, trust)
    assert listed(posterior)[-1] == pytest.approx(0.97)


def test_predictions_are_claims_with_their_own_error():
    """1000 predicted against 100: Phi(10 dB / 8 dB); equal to the target: one half."""
    got = predicted_probability(np.array([1000.0, 100.0]), np.array([100.0, 100.0]), 8.0)
    assert got == pytest.approx([0.894350, 0.5], abs=1e-6)
    offers = make_offers(("p0", "A", "fwa", 100, 10, "modelled"))
    posterior, _ = believe(make_premises(1), offers, make_evidence(), target=Target(down_mbps=100))
    assert listed(posterior) == pytest.approx([0.5])


def test_a_prediction_changes_the_claim_it_speaks_of():
    """Claim 0.85 and prediction 0.9 together: odds 0.85/0.15 x q/(1-q)."""
    offers = make_offers(
        ("p0", "A", "fwa", 100, 10, "available"), ("p0", "A", "fwa", 1000, 10, "modelled")
    )
    posterior, _ = believe(make_premises(1), offers, make_evidence(), target=Target(down_mbps=100))
    q = 0.8943502
    assert listed(posterior) == pytest.approx([0.85 * q / (0.85 * q + 0.15 * (1 - q))], abs=1e-6)


def test_a_prediction_is_held_against_a_slower_claim():
    """10 claimed and 10 predicted: the prediction is worth one half, though the target is 100."""
    offers = make_offers(
        ("p0", "A", "fwa", 10, 1, "available"), ("p0", "A", "fwa", 10, 1, "modelled")
    )
    posterior, _ = believe(make_premises(1), offers, make_evidence(), target=Target(down_mbps=100))
    assert listed(posterior) == pytest.approx([0.85])


def hamlets(west: int, east: int):
    """Homes in one cell, and others 50 km east of them."""
    premises = make_premises(west + east, apart_m=0.0)
    away = np.where(np.arange(west + east) < west, 0.0, 50_000.0)
    return premises.set_geometry(
        gpd.points_from_xy(premises.geometry.x + away, premises.geometry.y), crs="EPSG:25833"
    )


def test_connected_homes_show_where_the_net_is():
    """West ten are connected and one is passed, east ten are only passed.

    Take-up u = 10 / (10 + 11 x 0.97). Before neighbours a claim is true with odds
    0.97/0.03 / (1 - u), mean mu. West: (20 mu + 10) / 30. East the nine others maximise
    20 [mu log t + (1 - mu) log(1 - t)] + 9 log(1 - u t). Both odds times 1 - u: not connected itself.
    """
    trust = FIRM.model_copy(update={"connected_probability": 1 - 1e-12})
    ids = [f"p{i}" for i in range(21)]
    offers = fibre(*ids).assign(connected=[True] * 10 + [False] * 11)
    posterior, _ = believe(hamlets(11, 10), offers, make_evidence(), trust)
    u = 10 / (10 + 11 * 0.97)
    mu = 0.97 / (0.97 + 0.03 * (1 - u))
    middle = 20 * mu * u + 20 + 9 * u
    west = (20 * mu + 10) / 30
    east = (middle - math.sqrt(middle**2 - 4 * 29 * u * 20 * mu)) / (2 * 29 * u)
    expected = [t * (1 - u) / (t * (1 - u) + 1 - t) for t in (west, east)]
    assert listed(posterior)[[10, 11]] == pytest.approx(expected, abs=1e-9)
    assert expected[1] < 0.97 < expected[0]


def test_connections_alike_everywhere_say_nothing():
    """Half are connected in both hamlets; those who are not are believed as before."""
    ids = [f"p{i}" for i in range(80)]
    offers = fibre(*ids).assign(connected=[True, False] * 40)
    posterior, _ = believe(hamlets(40, 40), offers, make_evidence())
    assert listed(posterior)[1::2] == pytest.approx([0.97] * 40, abs=0.005)


def test_what_connected_homes_answer_says_nothing_of_those_only_passed():
    """Forty connected say yes; those who are passed are believed as without answers."""
    ids = [f"p{i}" for i in range(80)]
    offers = fibre(*ids).assign(connected=[True, False] * 40)
    answers = make_evidence(*[answer(p, "yes", "A") for p in ids[::2]])
    without, _ = believe(hamlets(40, 40), offers, make_evidence())
    posterior, _ = believe(hamlets(40, 40), offers, answers)
    assert listed(posterior)[1::2].tolist() == listed(without)[1::2].tolist()


def test_learning_finds_that_claims_fail_outside_settlements():
    """True 95 % in settlements, 80 % outside; odds 19 and 4, log of the ratio -1.56, halfway by the prior."""
    random = np.random.default_rng(4)
    rural = np.arange(4000) % 2 == 1
    real = random.random(4000) < np.where(rural, 0.8, 0.95)
    premises = make_premises(4000, apart_m=2000.0, rural=rural)
    said = make_evidence(*[answer(f"p{i}", "yes" if real[i] else "no", "A") for i in range(1500)])
    posterior, _ = believe(premises, fibre(*premises["premises_id"]), said, Trust())
    assert -1.6 < posterior.trust.rural_neper < -0.8


def test_offers_that_nobody_reported_are_no_rarer_outside_settlements():
    premises = make_premises(40, rural=np.arange(40) % 2 == 1)
    posterior, _ = believe(premises, fibre(*premises["premises_id"]), make_evidence(), Trust())
    unlisted = posterior.claims[posterior.claims["technology"] == "unlisted"]
    assert unlisted["probability"].to_numpy() == pytest.approx([0.01] * 40)


def complaining(times: float, seed: int) -> Posterior:
    """A county of 200 hamlets of 40 homes; a third lack, and answer ``times`` as often."""
    random = np.random.default_rng(seed)
    premises = make_premises(8000, apart_m=1.0).assign(kommune="3420")
    hamlet = np.repeat(np.arange(200), 40)
    corner = np.column_stack([hamlet % 15, hamlet // 15]) * 3000.0
    premises = premises.set_geometry(
        gpd.points_from_xy(EAST_M + 125 + corner[:, 0], NORTH_M + 125 + corner[:, 1]),
        crs="EPSG:25833",
    )
    real = random.random(8000) < random.choice([0.98, 0.7, 0.2], 200, p=[0.5, 0.3, 0.2])[hamlet]
    says = random.random(8000) < np.where(real, 0.08, 0.08 * times)
    evidence = make_evidence(
        *[answer(f"p{i}", "yes" if real[i] else "no", "A") for i in np.flatnonzero(says)]
    )
    posterior, _ = believe(premises, fibre(*premises["premises_id"]), evidence, Trust())
    return posterior


@pytest.mark.parametrize("times", [1.0, 3.0])
def test_learning_finds_whether_those_who_lack_answer_more_often(times):
    trust = complaining(times, 5).trust
    assert abs(np.log(trust.complaint_weight / times)) <= 2 * trust.complaint_spread_neper
    assert trust.complaint_spread_neper < 0.5 * Trust().complaint_spread_neper


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_published_figures_are_met_before_evidence(share):
    premises = make_premises(10, households=[1, 2, 3, 1, 5, 1, 1, 1, 2, 3])
    published = pd.DataFrame({"kommune": ["3420"], "served_share": [share]})
    _, p = believe(
        premises, fibre(*[f"p{i}" for i in range(7)]), make_evidence(), published=published
    )
    weights = premises["households"].to_numpy()
    assert (weights * p).sum() / weights.sum() == pytest.approx(share, abs=1e-6)


def test_an_offer_told_of_in_a_hearing_takes_nothing_from_the_others():
    """The published share is older than the hearing: what it says of the seven stays."""
    premises, old = make_premises(10), fibre(*[f"p{i}" for i in range(7)])
    published = pd.DataFrame({"kommune": ["3420"], "served_share": [0.5]})
    new = fibre("p8", operator="B").assign(source="høringssvar")
    _, before = believe(premises, old, make_evidence(), published=published)
    both = pd.concat([old, new], ignore_index=True)
    _, after = believe(premises, both, make_evidence(), published=published)
    assert after[:8].tolist() == pytest.approx(before[:8].tolist())
    assert after[8] > 0.9


@pytest.mark.parametrize("answered", ["none", "available", "planned"])
def test_an_answer_in_a_hearing_leaves_what_is_believed_of_the_others(answered):
    """The published share was counted with the offers that the answers stand in place of."""
    premises, offers = make_premises(10), fibre(*[f"p{i}" for i in range(7)])
    published = pd.DataFrame({"kommune": ["3420"], "served_share": [0.7]})
    answers = offers.loc[[0, 1, 2], ["premises_id", "operator", "technology"]].assign(
        answer=answered, down_mbps=1000.0, up_mbps=500.0, as_of=""
    )
    heard = consultation.apply_answers(offers, answers)
    _, before = believe(premises, offers, make_evidence(), published=published)
    _, after = believe(premises, heard, make_evidence(), published=published)
    assert after[3:].tolist() == pytest.approx(before[3:].tolist())
    assert (after[:3] > 0.9).all() if answered == "available" else (after[:3] < 0.2).all()


def test_what_was_answered_of_a_withdrawn_offer_is_no_sign_of_unlisted_ones():
    offers = pd.concat([fibre("p0").assign(status="withdrawn"), fibre("p1")], ignore_index=True)
    posterior, _ = believe(make_premises(3), offers, make_evidence(answer("p0", "yes")))
    assert (posterior.claims["pattern"] == 0).all()
    tested = make_evidence(answer("p0", "yes"), speed("p0", 950.0))
    posterior, p = believe(make_premises(3), offers, tested)
    assert (posterior.claims["pattern"] > 0).sum() == 1, "a speed test is proof all the same"
    assert p[0] > p[2]


# --- properties -------------------------------------------------------------------------

IDS = [f"p{i}" for i in range(6)]


def _key(row):
    return (*row[:3], row[5])


OFFERS = st.lists(
    st.tuples(
        st.sampled_from(IDS),
        st.sampled_from("AB"),
        st.sampled_from(["fibre", "fwa", "dsl"]),
        st.sampled_from([20.0, 100.0, 1000.0]),
        st.just(10.0),
        st.sampled_from(["available", "modelled", "planned"]),
    ),
    max_size=12,
    unique_by=_key,
)
EVIDENCE = st.lists(
    st.one_of(
        st.builds(
            answer,
            st.sampled_from(IDS),
            st.sampled_from(["yes", "no"]),
            st.sampled_from(["", "A", "B"]),
            st.sampled_from(["", "fibre", "fwa"]),
        ),
        st.builds(
            call,
            st.sampled_from(IDS),
            st.sampled_from(["yes", "no"]),
            st.sampled_from(["", "A", "B"]),
            st.sampled_from(["", "fibre", "fwa"]),
        ),
        st.builds(
            speed,
            st.sampled_from(IDS),
            st.sampled_from([5.0, 95.0, 500.0, 950.0]),
            st.sampled_from(["cable", "wifi"]),
            st.sampled_from(["", "A", "B"]),
        ),
    ),
    max_size=10,
)
TARGET = Target(down_mbps=100)


def served(offers, evidence, apart_m=300.0, times=1.0):
    premises = make_premises(len(IDS), apart_m=apart_m)
    table = make_offers(*offers)
    told = (table["operator"] == "A") & (table["technology"] == "fibre")
    told &= (table["status"] == "available") & table["premises_id"].isin(["p0", "p1", "p3"])
    table = table.assign(connected=told)
    return believe(
        premises, table, make_evidence(*evidence), Trust(complaint_weight=times), TARGET
    )[1]


MORE = {
    "answer": lambda where, who: answer(where, "yes", who),
    "call": lambda where, who: call(where, "yes", who),
    "test": lambda where, who: speed(where, 1000.0, operator=who),
}


@settings(max_examples=80, deadline=None)
@given(
    OFFERS,
    EVIDENCE,
    st.sampled_from(IDS),
    st.sampled_from(sorted(MORE)),
    st.sampled_from(["", "A", "B"]),
    st.sampled_from([0.2, 1.0, 5.0]),
)
def test_more_positive_evidence_never_lowers_the_probability(
    offers, evidence, where, kind, who, times
):
    more = MORE[kind](where, who)
    before = served(offers, evidence, times=times)
    after = served(offers, [*evidence, more], times=times)
    assert (after >= before - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(OFFERS, EVIDENCE, st.randoms(use_true_random=False))
def test_order_and_duplicates_change_nothing(offers, evidence, random):
    expected = served(offers, evidence)
    twice = [*evidence, *evidence]
    random.shuffle(twice)
    shuffled = list(offers)
    random.shuffle(shuffled)
    assert (served(shuffled, twice) == expected).all()


def test_the_order_of_premises_does_not_matter():
    premises = make_premises(6, apart_m=300.0)
    offers = fibre(*IDS)
    evidence = make_evidence(answer("p1", "no", "A"), speed("p4", 980.0))
    _, straight = believe(premises, offers, evidence)
    _, turned = believe(premises.iloc[::-1].reset_index(drop=True), offers, evidence)
    assert (straight == turned[::-1]).all()


def test_probabilities_stay_within_0_and_1_in_ten_thousand_random_tables():
    """Ten thousand tables of three premises each, far apart and with their own operators."""
    random = np.random.default_rng(7)
    count = 10_000
    premises = make_premises(3 * count)
    table = np.repeat(np.arange(count), 3)
    corner = np.column_stack([table % 100, table // 100]) * 5000.0
    shift = random.uniform(0, 2000, (3 * count, 2))
    premises = premises.set_geometry(
        gpd.points_from_xy(corner[:, 0] + shift[:, 0], 6_700_000 + corner[:, 1] + shift[:, 1]),
        crs="EPSG:25833",
    )
    rows = random.integers(0, 3 * count, 4 * count)
    operator = table[rows].astype(str).astype(object) + random.choice(["A", "B"], len(rows))
    offers = pd.DataFrame(
        {
            "premises_id": premises["premises_id"].to_numpy()[rows],
            "operator": operator,
            "technology": random.choice(["fibre", "fwa", "dsl", "cable"], len(rows)),
            "down_mbps": random.choice([0.0, 20.0, 100.0, 1000.0], len(rows)),
            "up_mbps": 10.0,
            "status": random.choice(["available", "modelled"], len(rows)),
            "connected": random.random(len(rows)) < 0.5,
            "source": "",
            "as_of": "",
            "error_db": random.choice([np.nan, 6.0, 10.0], len(rows)),
        }
    ).drop_duplicates(["premises_id", "operator", "technology", "status"])
    said = offers.sample(2 * count, random_state=1)
    evidence = pd.DataFrame(
        {
            "premises_id": said["premises_id"],
            "operator": said["operator"].where(random.random(len(said)) < 0.7, ""),
            "technology": "",
            "offer": random.choice(["yes", "no", ""], len(said)),
            "down_mbps": random.choice([np.nan, 0.0, 50.0, 5000.0], len(said)),
            "link": random.choice(["", "wifi", "cable"], len(said)),
            "kind": random.choice(["survey", "call"], len(said)),
        }
    )
    posterior, p = believe(premises, offers, evidence, Trust(), TARGET)
    for name in ("probability", "local_probability", "reliability_probability"):
        assert posterior.claims[name].between(0, 1).all()
    assert ((p >= 0) & (p <= 1)).all()


def test_learning_finds_the_length_of_patches():
    """Claims fail in patches of about 1 km; the length learned is not the shortest."""
    random = np.random.default_rng(3)
    count = 1500
    premises = make_premises(count, apart_m=100.0)
    real = np.repeat(random.random(count // 15) < 0.6, 15)
    evidence = make_evidence(
        *[answer(f"p{i}", "yes" if real[i] else "no", "A") for i in range(0, count, 4)]
    )
    posterior, _ = believe(premises, fibre(*premises["premises_id"]), evidence, Trust())
    assert posterior.trust.neighbour_length_m >= 300
    assert posterior.trust.local_weight <= 2.5
    truth = np.corrcoef(listed(posterior), real)[0, 1]
    assert truth > 0.8
