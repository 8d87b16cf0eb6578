"""A county with something of everything, and every number that is believed of it.

Where other tests show that a number is right, this one sees that it moves: whatever changes a digit
here changes plans, and belongs under *Results change* in the changelog.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from bredband.coverage import believe, judge, shares
from bredband.coverage.belief import Posterior, served_probability
from bredband.coverage.conflicts import find, worth_checking
from bredband.coverage.draws import draw
from bredband.scenario.coverage import CoverageChoices, Target, Trust
from tests.coverage.small import answer, call, make_evidence, make_offers, make_premises, speed

HAMLETS, HOMES = 24, 20
TECHNOLOGY = {"A": ("fibre", 1000.0, 500.0), "B": ("fwa", 100.0, 20.0), "C": ("cable", 1000.0, 50.0),
              "D": ("dsl", 50.0, 10.0), "E": ("fwa", 120.0, 20.0)}  # fmt: skip


def county() -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Hamlets of twenty homes 2 km apart; every third is a settlement, every fourth fails together."""
    random = np.random.default_rng(11)
    count = HAMLETS * HOMES
    hamlet = np.repeat(np.arange(HAMLETS), HOMES)
    premises = make_premises(count).assign(
        kommune=np.where(hamlet < HAMLETS // 2, "3420", "3421"),
        rural=hamlet % 3 > 0,
        tettsted=np.where(hamlet % 3 > 0, "", "1234"),
        households=1 + (np.arange(count) % 7 == 0),
    )
    x_m = 300_125 + 2000.0 * (hamlet % 6) + 50.0 * (np.arange(count) % HOMES)
    y_m = 6_700_125 + 2000.0 * (hamlet // 6) + random.integers(0, 300, count)
    premises = premises.set_geometry(gpd.points_from_xy(x_m, y_m), crs=premises.crs)
    rows, connected, error_db = [], [], []
    for i in range(count):
        h = int(hamlet[i])
        there = ["A"] * (h % 4 < 3) + ["B"] * (h % 2) + ["C"] * (h % 5 == 0) + ["D"] * (h % 3 == 1)
        for operator in [*there, *["E"] * (h % 7 == 0)]:
            technology, down, up = TECHNOLOGY[operator]
            rows.append((f"p{i}", operator, technology, down, up, "available"))
            connected.append(technology == "fibre" and bool(random.random() < 0.3))
            error_db.append(8.0 if operator == "E" else np.nan)
    offers = make_offers(*rows).assign(connected=connected, error_db=error_db)
    said = []
    for i in range(count):
        fails = hamlet[i] % 4 == 1
        if random.random() < (0.6 if fails else 0.35):
            yes = random.random() < (0.35 if fails else 0.9)
            said.append(answer(f"p{i}", "yes" if yes else "no"))
        if random.random() < 0.15:
            said.append(speed(f"p{i}", float(random.choice([20, 60, 110, 400, 900])),
                              str(random.choice(["cable", "wifi"]))))  # fmt: skip
        if random.random() < 0.05:
            said.append(call(f"p{i}", str(random.choice(["yes", "no"])), "A", "fibre"))
    return premises, offers, make_evidence(*said)


PREMISES, OFFERS, EVIDENCE = county()
CHOICES = CoverageChoices(technologies=("fibre", "cable", "fwa", "dsl"), trust=Trust(learn=True))


@pytest.fixture(scope="module")
def believed() -> Posterior:
    return believe(PREMISES, OFFERS, EVIDENCE, target=Target(down_mbps=100), choices=CHOICES)


def test_numbers_learned(believed: Posterior) -> None:
    expected = {
        "survey_probability": 0.790323,
        "cable_test_probability": 0.428571,
        "wifi_test_probability": 0.275862,
        "rural_neper": -0.79188,
        "rural_spread_neper": 0.337364,
        "take_up_weight": 20.0,
        "neighbour_length_m": 600.0,
        "local_weight": 0.3,
        "complaint_weight": 2.118785,
        "complaint_spread_neper": 0.358965,
    }
    assert {name: getattr(believed.trust, name) for name in expected} == pytest.approx(
        expected, abs=2e-6
    )


def test_what_is_believed_of_each_kind_of_claim(believed: Posterior) -> None:
    """By technology, in (0) and outside (1) settlements and whether connected: mean reliability, with the
    neighbours' connections, with their evidence, with own evidence, and the neighbours' weight."""
    expected = {
        ("cable", 0, 0): (0.937131, 0.937131, 0.964661, 0.965499, 1.688099),
        ("cable", 1, 0): (0.742401, 0.742401, 0.470305, 0.437172, 1.536254),
        ("dsl", 1, 0): (0.321376, 0.321376, 0.205922, 0.194953, 1.159615),
        ("fibre", 0, 0): (0.970556, 0.970437, 0.988011, 0.981625, 3.671131),
        ("fibre", 0, 1): (0.992093, 0.992093, 0.997055, 0.997036, 4.098176),
        ("fibre", 1, 0): (0.887332, 0.886215, 0.885355, 0.840891, 3.546931),
        ("fibre", 1, 1): (0.989446, 0.989446, 0.984766, 0.978715, 3.379362),
        ("fwa", 0, 0): (0.724321, 0.724321, 0.612557, 0.587423, 1.462264),
        ("fwa", 1, 0): (0.554407, 0.554407, 0.504244, 0.492698, 2.911151),
        ("unlisted", 0, 0): (0.01, 0.01, 0.01, 0.009327, 0.0),
        ("unlisted", 1, 0): (0.01, 0.01, 0.01, 0.010318, 0.0),
    }
    columns = ["reliability_probability", "shown_probability", "local_probability", "probability"]
    by_kind = believed.claims.groupby(["technology", "rural", "connected"])
    means = by_kind[[*columns, "neighbour_weight"]].mean()
    assert dict(zip(means.index, means.to_numpy().tolist(), strict=True)).keys() == expected.keys()
    assert means.to_numpy() == pytest.approx(np.array(list(expected.values())), abs=2e-6)
    assert served_probability(believed)[::40] == pytest.approx(
        [0.999952, 0.997379, 0.999023, 0.997876, 0.388896, 0.990778, 0.992554, 0.998723, 0.998805, 0.980956,
         0.999702, 0.686253], abs=2e-6,
    )  # fmt: skip
    assert believed.claims["pattern"].value_counts().to_dict() == {
        0: 1063, 2: 154, 1: 118, 4: 17, 8: 17, 128: 10, 16: 7, 64: 7, 9: 4, 65: 4, 5: 3, 32: 3, 129: 3, 10: 3,
        66: 2, 6: 2, 34: 2, 17: 1,
    }  # fmt: skip


def test_conflicts_and_calls(believed: Posterior) -> None:
    found = find(believed, PREMISES)
    assert (len(found), found["premises_id"].head(4).tolist()) == (
        45,
        ["p350", "p462", "p354", "p355"],
    )
    assert found["wrong_households"].sum() == pytest.approx(23.218126, abs=2e-6)
    calls = worth_checking(believed, PREMISES, 12)
    assert calls["premises_id"].tolist() == [
        "p372", "p180", "p326", "p186", "p207", "p192", "p469", "p199", "p277", "p463", "p29", "p439"
    ]  # fmt: skip
    assert "".join(calls["operator"]) == "AAAAAABAABAA"
    assert calls["change_households"].to_numpy() == pytest.approx(
        [6.98351, 6.776029, 5.616265, 5.508868, 5.010175, 4.361383, 3.848706, 3.126227, 2.944962, 2.895982,
         2.868228, 2.82478], abs=2e-6,
    )  # fmt: skip


def test_versions_of_the_truth(believed: Posterior) -> None:
    drawn = draw(believed, 40, 3)
    assert drawn.sum(axis=0).tolist() == [
        443, 431, 436, 436, 465, 453, 458, 432, 430, 417, 460, 464, 461, 440, 466, 430, 445, 441, 440, 452,
        432, 468, 448, 450, 432, 430, 449, 456, 452, 426, 436, 468, 441, 468, 430, 443, 433, 462, 455, 431,
    ]  # fmt: skip


def test_what_is_said_of_each_home(believed: Posterior) -> None:
    table = judge(believed, PREMISES, OFFERS, CHOICES)
    doubt = table.loc[~table["served"], "reason"].str.extract(
        r"(svar derfra|på telefon|i nærheten)"
    )[0]
    assert doubt.value_counts().to_dict() == {"svar derfra": 14, "på telefon": 2, "i nærheten": 1}
    how = table.loc[table["served"], "reason"].str.extract(
        r"bekreftet (av svar|av fartstest|på telefon)"
    )[0]
    assert how.value_counts().to_dict() == {"av svar": 121, "av fartstest": 45, "på telefon": 11}
    assert table[["served", "planned", "eligible"]].sum().tolist() == [463, 0, 17]
    assert table["lacking_share"].sum() == 17
    assert table["operator"].value_counts().to_dict() == {
        "A": 345,
        "B": 77,
        "E": 21,
        "C": 20,
        "": 17,
    }
    assert (table["down_mbps"].sum(), table["up_mbps"].sum()) == (375_220, 175_460)


def test_what_is_claimed_and_believed_by_class_of_speed() -> None:
    choices = CHOICES.model_copy(update={"trust": Trust()})
    classes = [
        believe(PREMISES, OFFERS, EVIDENCE, target=Target(down_mbps=speed), choices=choices)
        for speed in (30, 1000)
    ]
    table = shares.expected(classes, PREMISES, draws=20)
    assert table["kommune"].tolist() == ["3420", "3421"] * 2
    assert table.drop(columns="kommune").to_numpy(float) == pytest.approx(
        np.array([
            [30, 275, 1.0, 0.966481, 0.938182, 1.0],
            [30, 274, 1.0, 0.925099, 0.879562, 0.989051],
            [1000, 275, 0.749091, 0.697972, 0.643636, 0.745455],
            [1000, 274, 0.832117, 0.726609, 0.671533, 0.791971],
        ]), abs=2e-6,
    )  # fmt: skip


def test_who_just_reaches_the_cut_is_served(believed: Posterior) -> None:
    doubtful = served_probability(believed)[160]
    for lowest, is_served in ((doubtful, True), (np.nextafter(doubtful, 1), False)):
        choices = CHOICES.model_copy(update={"lowest_probability": float(lowest)})
        assert judge(believed, PREMISES, OFFERS, choices)["served"].iloc[160] == is_served
