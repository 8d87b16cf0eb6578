"""Every limit of the coverage room met exactly, and every number that is taken for given."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from bredband import coverage
from bredband.coverage import (
    assessment,
    belief,
    conflicts,
    consultation,
    findings,
    learning,
    shares,
)
from bredband.coverage.belief import Posterior
from bredband.coverage.calibration import log_odds_shift
from bredband.coverage.claims import UNLISTED_RANK, gather, predicted_probability
from bredband.coverage.eligibility import Regime, Tier
from bredband.coverage.pooling import place
from bredband.coverage.takeup import count_connected, take_up_shares
from bredband.errors import InputError
from bredband.scenario.coverage import CoverageChoices, Target, Trust
from tests.coverage.small import answer, fibre, make_evidence, make_offers, make_premises

COLUMNS = ["premises_row", "operator", "technology", "technology_rank", "down_mbps", "up_mbps", "meets", "connected", "pattern", "prior_probability", "reliability_probability", "shown_probability", "local_probability", "probability", "neighbour_weight"]  # fmt: skip


def posterior(*rows: tuple, households: int = 1) -> Posterior:
    """What is believed, row by row: premises, operator, technology, down, probability and reliability."""
    claims = pd.DataFrame(
        [
            (row, operator, technology, UNLISTED_RANK if technology == "unlisted" else 0, float(down), 10.0,
             down >= 1000, False, 0, 0.9, usual, usual, usual, probability, 0.0)
            for row, operator, technology, down, probability, usual in rows
        ],
        columns=COLUMNS,
    )  # fmt: skip
    count = 1 + int(claims["premises_row"].max())
    premises = make_premises(count, households=households)
    return Posterior(claims, premises[["premises_id", "households"]], Trust(), Target())


ODDS = {odds: odds / (1 + odds) for odds in (0.25, 1.6, 2.0, 4.0)}


@pytest.mark.parametrize(
    ("technology", "after", "before", "conflict"),
    [
        # the evidence just halves the odds, and a little less
        ("fibre", ODDS[2.0], ODDS[4.0], True),
        ("fibre", ODDS[2.0] + 1e-6, ODDS[4.0], False),
        ("fibre", 0.8, 0.9, False),
        ("fibre", 0.79, 0.9, True),
        # as likely false as true is no contradiction where it always was
        ("fibre", 0.5, 0.5, False),
        ("fibre", 0.4999, 0.5, True),
        # the evidence just doubles the odds of what nobody claims
        ("unlisted", ODDS[2.0], 0.5, True),
        ("unlisted", ODDS[2.0] - 1e-6, 0.5, False),
        ("unlisted", 0.099, 0.01, False),
        ("unlisted", 0.101, 0.01, True),
    ],
)
def test_where_the_evidence_contradicts_what_is_claimed(technology, after, before, conflict):
    believed = posterior((0, "A", technology, 1000, after, before))
    found = conflicts.find(believed, make_premises(1, households=3))
    assert len(found) == conflict
    if conflict:
        wrong = 3 * (after if technology == "unlisted" else 1 - after)
        assert found["wrong_households"].item() == pytest.approx(wrong)
        assert f" {round(100 * after)} %." in found["reason"].item()
    assert conflicts.find(believed, make_premises(1, households=0)).empty


def test_a_hundred_calls_are_proposed_and_none_where_nobody_lives():
    premises = make_premises(102, households=[0, *[1] * 101])
    believed = coverage.believe(
        premises, fibre(*premises["premises_id"]), make_evidence(), target=Target(), choices=CoverageChoices()
    )  # fmt: skip
    calls = conflicts.worth_checking(believed, premises)
    assert len(calls) == 100
    assert "p0" not in set(calls["premises_id"])
    assert len(conflicts.worth_checking(believed, premises, 1000)) == 101


AGAINST = [
    ({"pattern": 0b1000_0010}, "på telefon er nei"),
    ({"pattern": 0b0000_0110}, "derfra sier nei"),
    ({"pattern": 0b0001_0000}, "fartstester når det ikke"),
    ({"pattern": 0b0010_0000}, "fartstester når det ikke"),
    ({"neighbour_weight": 0.1, "shown_probability": 0.75, "local_probability": 0.72}, "i nærheten taler mot"),
    ({"neighbour_weight": 0.0, "shown_probability": 0.75, "local_probability": 0.72}, "ikke bekreftet"),
    ({"neighbour_weight": 0.1, "shown_probability": 0.52, "local_probability": 0.5}, "ikke bekreftet"),
    ({"reliability_probability": 0.75, "shown_probability": 0.72}, "få av naboene er tilkoblet"),
    ({"reliability_probability": 0.52, "shown_probability": 0.5}, "ikke bekreftet"),
    ({"prior_probability": 0.75, "reliability_probability": 0.72}, "lite pålitelige"),
    ({"prior_probability": 0.52, "reliability_probability": 0.5}, "ikke bekreftet"),
    ({"pattern": 0b0000_1101}, "ikke bekreftet"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), AGAINST)
def test_what_speaks_against_a_claim(change, words):
    """A probability must move by more than two hundredths to be a reason."""
    # other probabilities no higher than the one that is changed, and heard of nobody
    level = min((v for k, v in change.items() if k.endswith("probability")), default=0.5)
    plain = {"pattern": 0, "neighbour_weight": 0.0, "prior_probability": level, "reliability_probability": level,
             "shown_probability": level, "local_probability": level}  # fmt: skip
    if "shown_probability" in change and "reliability_probability" not in change:
        plain |= dict.fromkeys(
            ("prior_probability", "reliability_probability"), change["shown_probability"]
        )
    elif "reliability_probability" in change and "prior_probability" not in change:
        plain["prior_probability"] = change["reliability_probability"]
    (said,) = assessment._against(pd.DataFrame([plain | change]))
    assert words in said


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (0b0000_0001, ", bekreftet av svar"), (0b0000_0011, ""), (0b0000_0010, ""),
        (0b0000_0101, ", bekreftet av fartstest"), (0b0000_1000, ", bekreftet av fartstest"),
        (0b0100_0100, ", bekreftet på telefon"), (0b1100_0000, ""), (0b1100_0001, ", bekreftet av svar"),
        (0b0011_0000, ""),
    ],
)  # fmt: skip
def test_what_confirms_a_claim(pattern, words):
    assert assessment._support(pattern) == words


def test_the_offer_shown_is_the_fastest_that_is_as_likely_as_not():
    believed = posterior(
        (0, "A", "fibre", 500, 0.4, 0.9), (0, "B", "fibre", 100, 0.5, 0.9), (0, "C", "fibre", 50, 0.9, 0.9),
        (0, "", "unlisted", 1000, 0.6, 0.6),
        (1, "A", "fibre", 2000, 0.45, 0.9), (1, "B", "fibre", 1000, 0.6, 0.9), (1, "C", "fibre", 3000, 0.2, 0.9),
        (2, "", "unlisted", 1000, 0.9, 0.9),
    )  # fmt: skip
    premises, offers = make_premises(3), make_offers()

    def shown(lowest: float) -> list[str]:
        choices = CoverageChoices(lowest_probability=lowest)
        return coverage.judge(believed, premises, offers, choices)["operator"].tolist()

    # p1 is served with 1 - 0.55 x 0.4 x 0.8 = 0.82
    assert shown(0.95) == ["B", "B", ""]
    assert shown(0.6) == ["", "B", ""], "p0 is served by what nobody has told of"
    assert shown(0.4) == ["", "A", ""]
    table = coverage.judge(believed, premises, offers, CoverageChoices(lowest_probability=0.95))
    assert table["down_mbps"].tolist() == [100, 1000, 0]
    assert table["served_probability"].to_numpy() == pytest.approx([0.6, 0.824, 0.9])
    assert table["lacking_share"].tolist() == [1, 1, 1]
    mean = CoverageChoices(lowest_probability=0.95, plan_on="expected")
    drawn = coverage.judge(believed, premises, offers, mean)
    assert drawn["lacking_share"].to_numpy() == pytest.approx([0.4, 0.176, 0.1])
    assert (
        table["reason"].iloc[2].startswith("Ikke dekket: ingen registrerte tilbud; kan få støtte")
    )
    assert (
        table["reason"]
        .iloc[1]
        .startswith("Ikke sikkert dekket: tilbudet 1000/10 Mbit/s fiber fra B")
    )
    assert (
        table["reason"].iloc[0].startswith("Ikke dekket: beste tilbud er 100/10 Mbit/s fiber fra B")
    )
    sure = coverage.judge(believed, premises, offers, CoverageChoices(lowest_probability=0.9))
    assert sure["reason"].iloc[2] == (
        "Dekket: målinger eller svar viser et tilbud ingen har meldt (sannsynlighet 90 %)."
    )


@pytest.mark.parametrize("counted", [True, False])
def test_what_is_planned_hinders_aid_only_where_it_counts(counted):
    """p0 will get the target, 1000/600; p1 1000/500, which is as much as the state-aid rule asks for."""
    premises, target = make_premises(2), Target(down_mbps=1000, up_mbps=600)
    offers = make_offers(
        ("p0", "A", "fibre", 1000, 600, "planned"), ("p0", "B", "dsl", 20, 2, "available"),
        ("p1", "A", "fibre", 1000, 500, "planned"),
    )  # fmt: skip
    choices = CoverageChoices(count_planned=counted)
    believed = coverage.believe(premises, offers, make_evidence(), target=target, choices=choices)
    got = coverage.judge(believed, premises, offers, choices)
    assert got["planned"].tolist() == [True, False]
    assert got["eligible"].tolist() == [not counted, not counted]
    assert (
        got["reason"]
        .iloc[0]
        .startswith(
            "Planlagt innen tre år: 1000/600 Mbit/s fiber fra A"
            + ("." if counted else "; kan få støtte: ")
        )
    )
    assert ("ikke støtte: planlagt utbygging" in got["reason"].iloc[1]) == counted


def test_a_return_without_a_column_that_is_needed_is_refused(tmp_path):
    row = {
        "adresseid": "p0",
        "svar": "tilbyr",
        "tilbyder": "A",
        "teknologi": "fiber",
        "ned_mbps": "10",
    }
    file = tmp_path / "svar.csv"
    for left_out in (*row, None):
        kept = {name: value for name, value in row.items() if name != left_out}
        file.write_text(";".join(kept) + "\n" + ";".join(kept.values()) + "\n", "utf-8")
        if left_out is None:
            assert len(consultation.read_answers([file]).frame) == 1
        else:
            with pytest.raises(InputError):
                consultation.read_answers([file])


def test_speeds_in_an_answer_are_from_zero_to_a_million(tmp_path):
    speeds = [("0", ""), ("0,1", "0"), ("999999", "999999"), ("1000000", ""), ("10", "1000000"), ("10", "-1"),
              ("inf", ""), ("10", "x")]  # fmt: skip
    file = tmp_path / "svar.csv"
    rows = [f"p{i};tilbyr;A;fiber;{down};{up}\n" for i, (down, up) in enumerate(speeds)]
    file.write_text(
        "adresseid;svar;tilbyder;teknologi;ned_mbps;opp_mbps\n" + "".join(rows), "utf-8"
    )
    reading = consultation.read_answers([file])
    assert reading.frame["premises_id"].tolist() == ["p1", "p2"]
    assert reading.frame["up_mbps"].tolist() == [0, 999_999]
    # who does not offer it need not say how fast
    file.write_text("adresseid;svar;tilbyder;teknologi;ned_mbps\np0;tilbyr ikke;A;;\n", "utf-8")
    assert consultation.read_answers([file]).frame["down_mbps"].tolist() == [0]


@pytest.mark.parametrize("count", [199, 200])
def test_from_two_hundred_claims_with_evidence_something_is_learned(monkeypatch, count):
    learned = []
    monkeypatch.setattr(belief, "learn", lambda *given: learned.append(1) or given[-1])
    monkeypatch.setattr(belief, "learn_complaints", lambda *given: given[-1])
    premises = make_premises(count + 1)
    said = make_evidence(*[answer(f"p{i}", "yes", "A") for i in range(count)])
    for learn, expected in ((True, [1] * (count == 200)), (False, [])):
        learned.clear()
        choices = CoverageChoices(trust=Trust(learn=learn))
        coverage.believe(
            premises, fibre(*premises["premises_id"]), said, target=Target(), choices=choices
        )
        assert learned == expected


def test_what_is_tried_when_learning(monkeypatch):
    """The reach of tests first, then lengths and weights; more than 20 000 claims are thinned to a half."""
    premises = make_premises(8, apart_m=200.0)
    told = make_evidence(*[answer(f"p{i}", "no" if i % 3 else "yes", "A") for i in range(8)])
    offers, choices = fibre(*premises["premises_id"]), CoverageChoices()
    lengths, weights, take_up = [], [], []
    around, mean_of, show = learning.neighbourhood, learning.expected, learning.shown

    def neighbourhood(units, pattern, length_m, *rest):
        lengths.append(length_m)
        return around(units, pattern, length_m, *rest)

    def expected(others, mean, strength, chance):
        weights.append(strength[0])
        return mean_of(others, mean, strength, chance)

    def shown(*given):
        take_up.append(given[-1].take_up_weight)
        return show(*given)

    monkeypatch.setattr(learning, "neighbourhood", neighbourhood)
    monkeypatch.setattr(learning, "expected", expected)
    monkeypatch.setattr(learning, "shown", shown)
    monkeypatch.setattr(belief, "ENOUGH", 8)
    trust = Trust(learn=True)
    coverage.believe(
        premises, offers, told, target=Target(), choices=choices.model_copy(update={"trust": trust})
    )
    assert take_up == [1, 2.5, 5, 10, 20, 50, 200]
    assert lengths == [trust.neighbour_length_m, 150, 300, 600, 1200]
    assert weights[7:15] == [0.3, 0.6, 1.2, 2.5, 5, 10, 20, 40]
    assert len(weights) == 7 + 4 * 8
    for count, kept in ((19_999, 19_999), (20_000, 10_000), (30_001, 10_001)):
        spots = SimpleNamespace(spot=np.arange(count))
        assert len(learning._some(np.arange(count), spots)) == kept


@pytest.mark.parametrize(
    ("pull", "take_up", "length_m", "weight"),
    [
        (0.3, 20, 300, 2.5),
        (0.4, 20, 300, 5),
        (0.5, 50, 300, 5),
        (1.3, 50, 300, 10),
        (1.45, 50, 600, 10),
    ],
)
def test_how_far_evidence_moves_what_was_thought_beforehand(
    monkeypatch, pull, take_up, length_m, weight
):
    """Evidence that grows as the logarithm of each number, held against a lognormal prior.

    One step up pays when the pull is half its logarithm over the variance: for a reach of 50 after 20 at
    0.46 (spread 1), for 600 m after 300 at 1.39 (0.5), for a weight of 5 after 2.5 at 0.35 (1).
    """
    monkeypatch.setattr(learning, "_learn_evidence", lambda *given: given[-1])
    monkeypatch.setattr(learning, "_learn_rural", lambda *given: given[-1])
    monkeypatch.setattr(learning, "without_own", lambda near, *_: near)
    monkeypatch.setattr(
        learning,
        "neighbourhood",
        lambda units, _, length, __, at: (np.full((len(at), 1), length), np.array([1])),
    )
    monkeypatch.setattr(
        learning, "shown", lambda units, *given: np.full(len(units.unit), given[-1].take_up_weight)
    )
    monkeypatch.setattr(
        learning, "expected", lambda near, mean, strength, _: near[:, 0] * mean * strength
    )
    monkeypatch.setattr(
        findings.Likelihoods, "logs", lambda _, theta: pull * np.log(theta) / len(theta)
    )
    given = Trust(neighbour_length_m=300, local_weight=2.5, take_up_weight=20)
    choices, premises = CoverageChoices(trust=given), make_premises(8)
    told = make_evidence(*[answer(f"p{i}", "yes", "A") for i in range(8)])
    claims = gather(premises, fibre(*premises["premises_id"]), Target(), choices)
    pattern, units = findings.patterns(claims, premises, told, choices), place(claims, premises)
    learned = learning.learn(claims, pattern, units, count_connected(claims, units, 300.0), given)
    assert (learned.take_up_weight, learned.neighbour_length_m, learned.local_weight) == (
        take_up, length_m, weight
    )  # fmt: skip


def test_answers_are_never_thought_worse_or_better_than_they_can_be():
    count = 20_000
    claims = pd.DataFrame({"technology_rank": np.zeros(count, dtype=int), "connected": True})
    for pattern, right in ((0b10, 0.6), (0b01, 0.995)):
        learned = learning._learn_evidence(claims, np.full(count, pattern), Trust())
        assert learned.survey_probability == right
    # a test over cable that reached 1000 of 1000 where the usual share weighs as twenty
    fwa = claims.assign(technology_rank=findings.TECHNOLOGIES.index("fwa"))
    few = learning._learn_evidence(
        fwa[:30], np.array([0b0100] * 20 + [0b1_0100] * 5 + [0b1_0000] * 5), Trust()
    )
    usual = Trust().cable_test_probability
    assert few.cable_test_probability == pytest.approx((25 + 20 * usual) / 50)
    assert few.wifi_test_probability == Trust().wifi_test_probability


def test_no_more_than_98_of_a_hundred_true_claims_are_connected():
    claims = pd.DataFrame({"connected": [True, True, False], "kind": [0, 1, 1]})
    share = take_up_shares(claims, np.array([0.9, 0.9, 0.5]), Trust(complaint_weight=1.0))
    assert share.tolist() == pytest.approx([0.98, 1 / 1.5])


def test_a_kommune_where_all_or_none_are_said_to_have_it_is_moved_as_far_as_it_goes():
    premises = make_premises(
        6, kommune=["1", "1", "2", "3", "4", "4"], households=[1, 1, 1, 0, 2, 1]
    )
    claims = pd.DataFrame(
        {
            "premises_row": [0, 1, 2, 3, 4, 5],
            "meets": True,
            "prior_probability": [0.9, 0.8, 0.9, 0.9, 0.5, 0.5],
        }
    )
    published = pd.DataFrame(
        {"kommune": ["1", "2", "3", "4"], "served_share": [1.0, 0.0, 0.5, 0.75]}
    )
    moved = log_odds_shift(claims, premises, published)
    assert moved.index.tolist() == ["1", "2", "3", "4"]
    assert moved.tolist() == pytest.approx([14, -14, 0, np.log(3)], abs=1e-9)
    assert log_odds_shift(claims, premises, published[:0]).tolist() == [0, 0, 0, 0]


def test_a_prediction_is_never_quite_sure():
    got = predicted_probability(np.array([0.0, 50.0, 100.0, 1e9]), np.full(4, 100.0), 10.0)
    assert got.tolist() == pytest.approx([0.02, 0.381696, 0.5, 0.98], abs=1e-6)


def test_two_hundred_versions_of_the_truth_are_drawn_with_the_first_seed(monkeypatch):
    heard = []

    def draw(believed, draws, seed):
        heard.append((draws, seed))
        return np.ones((len(believed.premises), draws), dtype=bool)

    monkeypatch.setattr(shares, "draw", draw)
    believed = posterior((0, "A", "fibre", 1000, 0.75, 0.9), (1, "", "unlisted", 1000, 0.0, 0.0))
    premises = make_premises(2, households=[1, 3])
    table = shares.expected([believed], premises)
    assert heard == [(200, 1)]
    assert table.drop(columns="kommune").to_numpy().tolist() == [[1000, 4, 0.25, 0.1875, 1, 1]]
    assert shares.expected([believed], premises.assign(households=0)).empty


def test_a_rule_says_nothing_of_what_its_row_leaves_out():
    plain = {"valid_from": "2020-01-01", "source": "x"}
    tier = Tier(**plain, lacks_down_mbps=0.5)
    assert (tier.valid_to, tier.lacks_up_mbps, tier.limit_is_estimate) == ("", 0, False)
    assert (tier.give_down_mbps, tier.give_up_mbps, tier.times_down, tier.times_up) == (0, 0, 1, 1)
    for wrong in ({"lacks_down_mbps": 0}, {"lacks_up_mbps": -0.1}, {"give_down_mbps": -0.1},
                  {"give_up_mbps": -0.1}, {"times_down": 0.9}, {"times_up": 0.9}):  # fmt: skip
        with pytest.raises(ValidationError):
            Tier(**(plain | {"lacks_down_mbps": 1} | wrong))
    rule = {"name": "x", "colours": ("white",), "exclude_upgradable": False, "tier": (tier,)}
    assert Regime(**rule, counted_from_down_mbps=0.5).counted_from_down_mbps == 0.5
    with pytest.raises(ValidationError):
        Regime(**rule, counted_from_down_mbps=0)
