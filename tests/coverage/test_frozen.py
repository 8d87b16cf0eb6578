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
        "rural_neper": -0.415905,
        "rural_spread_neper": 0.350991,
        "take_up_weight": 20.0,
        "neighbour_length_m": 600.0,
        "local_weight": 0.3,
        "complaint_weight": 2.118785,
        "complaint_spread_neper": 0.354165,
    }
    assert {name: getattr(believed.trust, name) for name in expected} == pytest.approx(
        expected, abs=2e-6
    )


def test_what_is_believed_of_each_kind_of_claim(believed: Posterior) -> None:
    """By technology, in (0) and outside (1) settlements and whether connected: mean reliability, with the
    neighbours' connections, with their evidence, with own evidence, and the neighbours' weight."""
    expected = {
        ("cable", 0, 0): (0.922894, 0.922894, 0.956699, 0.957716, 1.688099),
        ("cable", 1, 0): (0.763475, 0.763475, 0.488993, 0.454619, 1.536254),
        ("dsl", 1, 0): (0.321376, 0.321376, 0.205922, 0.194953, 1.159615),
        ("fibre", 0, 0): (0.963767, 0.963621, 0.985394, 0.977986, 3.671131),
        ("fibre", 0, 1): (0.992093, 0.992093, 0.997055, 0.997036, 4.098176),
        ("fibre", 1, 0): (0.893004, 0.891935, 0.889099, 0.844782, 3.546931),
        ("fibre", 1, 1): (0.989446, 0.989446, 0.984766, 0.978715, 3.379362),
        ("fwa", 0, 0): (0.684461, 0.684461, 0.580702, 0.557489, 1.462264),
        ("fwa", 1, 0): (0.575854, 0.575854, 0.515483, 0.50281, 2.911151),
        ("unlisted", 0, 0): (0.013153, 0.013153, 0.013153, 0.012268, 0.0),
        ("unlisted", 1, 0): (0.008717, 0.008717, 0.008717, 0.009036, 0.0),
    }
    columns = ["reliability_probability", "shown_probability", "local_probability", "probability"]
    by_kind = believed.claims.groupby(["technology", "rural", "connected"])
    means = by_kind[[*columns, "neighbour_weight"]].mean()
    assert dict(zip(means.index, means.to_numpy().tolist(), strict=True)).keys() == expected.keys()
    assert means.to_numpy() == pytest.approx(np.array(list(expected.values())), abs=2e-6)
    assert served_probability(believed)[::40] == pytest.approx(
        [0.999934, 0.997376, 0.999022, 0.997408, 0.400693, 0.991706, 0.990881, 0.998897, 0.998804, 0.976714,
         0.999726, 0.696471], abs=2e-6,
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
    assert found["wrong_households"].sum() == pytest.approx(22.804947, abs=2e-6)
    calls = worth_checking(believed, PREMISES, 12)
    assert calls["premises_id"].tolist() == [
        "p372", "p180", "p186", "p326", "p207", "p192", "p469", "p199", "p439", "p277", "p29", "p463"
    ]  # fmt: skip
    assert "".join(calls["operator"]) == "AAAAAABAAAAB"
    assert calls["change_households"].to_numpy() == pytest.approx(
        [7.393741, 6.857421, 5.694366, 5.58019, 4.829955, 4.67073, 3.835417, 3.431258, 3.274669, 3.051961,
         2.942735, 2.900578], abs=2e-6,
    )  # fmt: skip


def test_versions_of_the_truth(believed: Posterior) -> None:
    drawn = draw(believed, 40, 3)
    assert drawn.sum(axis=0).tolist() == [
        453, 456, 444, 379, 409, 432, 446, 471, 443, 459, 459, 458, 427, 458, 429, 443, 430, 470, 460, 448,
        425, 469, 430, 435, 442, 459, 464, 457, 456, 450, 461, 441, 448, 431, 441, 446, 440, 445, 454, 450,
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
    table = shares.expected(
        PREMISES, OFFERS, EVIDENCE, target=Target(class_down_mbps=(30, 1000)), choices=choices, draws=20
    )  # fmt: skip
    assert table["kommune"].tolist() == ["3420", "3421"] * 2
    assert table.drop(columns="kommune").to_numpy(float) == pytest.approx(
        np.array([
            [30, 275, 1.0, 0.967979, 0.923636, 1.0],
            [30, 274, 1.0, 0.928113, 0.883212, 0.989051],
            [1000, 275, 0.749091, 0.699426, 0.683636, 0.749091],
            [1000, 274, 0.832117, 0.727351, 0.675182, 0.788321],
        ]), abs=2e-6,
    )  # fmt: skip


def test_who_just_reaches_the_cut_is_served(believed: Posterior) -> None:
    doubtful = served_probability(believed)[160]
    for lowest, is_served in ((doubtful, True), (np.nextafter(doubtful, 1), False)):
        choices = CHOICES.model_copy(update={"lowest_probability": float(lowest)})
        assert judge(believed, PREMISES, OFFERS, choices)["served"].iloc[160] == is_served
