from __future__ import annotations

import csv
import shutil
import subprocess
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from bredband import coverage
from bredband.coverage import conflicts, findings, sheet
from bredband.scenario.coverage import CoverageChoices, Target
from bredband.sources.survey import read_calls
from tests.coverage.small import answer, call, fibre, make_evidence, make_premises, speed


def believe(premises, offers, evidence):
    return coverage.believe(premises, offers, evidence, target=Target(), choices=CoverageChoices())


def test_conflicts_are_ranked_by_households_wrong():
    """p0 and p1 say no (p1 is four households), p2 tests an offer nobody has, p3 is fine."""
    premises = make_premises(4, households=[1, 4, 2, 1], address="=1+1")
    evidence = make_evidence(
        answer("p0", "no", "A"), answer("p1", "no", "A"), speed("p2", 950.0),
        answer("p3", "yes", "A"),
    )  # fmt: skip
    posterior = believe(premises, fibre("p0", "p1", "p3"), evidence)
    found = conflicts.find(posterior, premises)
    assert set(found["premises_id"]) == {"p0", "p1", "p2"}
    assert found["premises_id"].iloc[-1] == "p0"
    p = dict(zip(premises["premises_id"], coverage.served_probability(posterior), strict=True))
    wrong = found.set_index("premises_id")["wrong_households"]
    assert wrong["p1"] == pytest.approx(4 * (1 - p["p1"]))
    assert wrong["p2"] == pytest.approx(2 * p["p2"])
    reason = found.set_index("premises_id")["reason"]
    assert "svar derfra sier nei" in reason["p1"]
    assert reason["p2"].startswith("Ingen melder tilbud")


def test_twenty_operators_at_one_home_leave_no_doubt_and_no_conflict():
    """The doubt, 0.03 to the twentieth, is less than what a number near 1 can tell."""
    premises = make_premises(1)
    offers = pd.concat([fibre("p0", operator=f"A{i}") for i in range(20)], ignore_index=True)
    posterior = believe(premises, offers, make_evidence(answer("p0", "no", "A1")))
    assert coverage.served_probability(posterior)[0] == 1.0
    assert conflicts.find(posterior, premises).empty


def test_the_list_opens_in_a_spreadsheet_without_running_anything(tmp_path):
    premises = make_premises(1, address='=HYPERLINK("x")')
    posterior = believe(premises, fibre("p0", operator="@A"), make_evidence(answer("p0", "no")))
    file = tmp_path / "avvik.csv"
    conflicts.write_csv(conflicts.find(posterior, premises), file)
    assert file.read_bytes().startswith("\ufeffAdresse-id;Adresse;".encode())
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[1][1] == '\'=HYPERLINK("x")'
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert list(tmp_path.iterdir()) == [file]


SHEET = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}%s"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_finds_norwegian_headings_and_no_formula(tmp_path):
    premises = make_premises(2, address=["=1+1", '=HYPERLINK("x")'])
    answers = make_evidence(answer("p0", "no"), answer("p1", "no"))
    posterior = believe(premises, fibre("p0", "p1", operator="+A"), answers)
    conflicts.write_csv(conflicts.find(posterior, premises), tmp_path / "avvik.csv")
    said = subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--infilter=CSV:59,34,76,1",
            "--convert-to",
            "fods",
            "--outdir",
            tmp_path,
            tmp_path / "avvik.csv",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    if "could not be loaded" in said.stderr:
        pytest.skip("LibreOffice is without Calc")
    document = ElementTree.parse(tmp_path / "avvik.fods")
    rows = [
        ["".join(cell.itertext()).strip() for cell in row.iter(SHEET % ("table", "table-cell"))]
        for row in document.iter(SHEET % ("table", "table-row"))
    ]
    assert rows[0][:5] == ["Adresse-id", "Adresse", "Kommunenummer", "Meldt tilbud", "Husstander"]
    assert [row[1].lstrip("'") for row in rows[1:]] == ["=1+1", '=HYPERLINK("x")']
    cells = list(document.iter(SHEET % ("table", "table-cell")))
    assert not any(SHEET % ("table", "formula") in cell.attrib for cell in cells)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n="])
def test_no_cell_starts_a_formula(tmp_path, start):
    sheet.write(pd.DataFrame({"a": [start + "cmd"]}), tmp_path / "a.csv")
    cell = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()[1]
    assert cell.startswith("'")


def test_calls_spread_out_and_prefer_what_is_unsure():
    """Two hamlets of 20 uncertain homes: the second call goes to the other hamlet."""
    x = np.concatenate([np.zeros(20), np.full(20, 50_000.0)])
    premises = make_premises(40, apart_m=0.0)
    premises = premises.set_geometry(
        gpd.points_from_xy(premises.geometry.x + x, premises.geometry.y), crs="EPSG:25833"
    )
    posterior = believe(premises, fibre(*premises["premises_id"]), make_evidence())
    calls = conflicts.worth_checking(posterior, premises, 4)
    east = (calls.geometry.x > 325_000).tolist()
    assert east[0] != east[1]
    assert calls["premises_id"].is_unique
    assert calls["change_households"].is_monotonic_decreasing


def test_the_first_call_moves_the_figure_most():
    """Against every call there is, made for both answers: no other moves the figure more."""
    random = np.random.default_rng(2)
    premises = make_premises(60, apart_m=0.0, households=random.integers(1, 4, 60))
    hamlet = np.repeat(np.arange(6), [20, 15, 10, 8, 5, 2])
    premises = premises.set_geometry(
        gpd.points_from_xy(premises.geometry.x + 400.0 * hamlet, premises.geometry.y),
        crs="EPSG:25833",
    )
    offers = fibre(*premises["premises_id"])
    told = [answer(f"p{i}", "no", "A") for i in (0, 1, 20, 35)] + [answer("p45", "yes", "A")]
    before = believe(premises, offers, make_evidence(*told))
    households = premises["households"].to_numpy()

    def figure(*said):
        after = believe(premises, offers, make_evidence(*told, *said))
        return households @ coverage.served_probability(after)

    p = before.claims.loc[before.claims["operator"] == "A", "probability"].to_numpy()
    yes = p * 0.97 + (1 - p) * 0.03
    ids = premises["premises_id"]
    moved = [np.array([figure(call(i, said, "A")) for said in ("yes", "no")]) for i in ids]
    start = figure()
    exact = [
        np.sqrt(y * (m[0] - start) ** 2 + (1 - y) * (m[1] - start) ** 2)
        for m, y in zip(moved, yes, strict=True)
    ]
    first = conflicts.worth_checking(before, premises, 1).iloc[0]
    worth = dict(zip(ids, exact, strict=True))
    assert worth[first["premises_id"]] >= 0.95 * max(exact)
    assert first["change_households"] == pytest.approx(worth[first["premises_id"]], rel=0.2)


def test_who_has_been_called_is_not_called_again():
    premises = make_premises(3)
    said = make_evidence(call("p0", "no", "A"))
    posterior = believe(premises, fibre("p0", "p1", "p2"), said)
    assert set(conflicts.worth_checking(posterior, premises)["premises_id"]) == {"p1", "p2"}


def test_nobody_to_call():
    posterior = believe(make_premises(2), fibre(), make_evidence())
    assert conflicts.worth_checking(posterior, make_premises(2)).empty


def test_a_list_with_answers_is_known(tmp_path):
    premises = make_premises(2)
    calls = conflicts.worth_checking(
        believe(premises, fibre("p0", "p1"), make_evidence()), premises
    )
    conflicts.write_calls(calls, tmp_path / "ringeliste.csv")
    assert not conflicts.has_answers(tmp_path / "ringeliste.csv")
    text = (tmp_path / "ringeliste.csv").read_text("utf-8-sig").replace(";\n", ";Ja\n")
    (tmp_path / "ringeliste.csv").write_text(text, "utf-8")
    assert conflicts.has_answers(tmp_path / "ringeliste.csv")


def test_nynorsk_lists_are_nynorsk_and_are_read_again(tmp_path):
    premises = make_premises(2)
    evidence = make_evidence(answer("p0", "no", "A"))
    posterior = believe(premises, fibre("p0", "p1"), evidence)
    conflicts.write_csv(conflicts.find(posterior, premises), tmp_path / "a.csv", language="nn")
    head, row = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert "Meldt tilbod;Husstandar;Sannsyn for dekning" in head
    assert "fiber frå A" in row
    assert "men svar derifrå seier nei; sannsynet for dekning er" in row
    calls = conflicts.worth_checking(posterior, premises)
    file = tmp_path / "ringeliste.csv"
    conflicts.write_calls(calls, file, language="nn")
    text = file.read_text("utf-8-sig").replace("\r\n", "\n").replace(";\n", ";Nei\n")
    file.write_text(text, "utf-8")
    assert conflicts.has_answers(file)
    told = read_calls([file]).frame
    assert told["stated_id"].tolist() == calls["premises_id"].tolist()
    assert (set(told["operator"]), set(told["offer"])) == ({"A"}, {"no"})


def test_an_imperfect_answer_is_worth_part_of_a_perfect_one():
    # At even odds (2 x 0.9 - 1)^2; a perfect answer tells all, a toss of a coin nothing.
    found = findings.worth(np.array([0.5, 0.3, 0.3]), 0.9)
    assert found[0] == pytest.approx(0.64)
    # 0.64 x 0.3 x 0.7 / (0.34 x 0.66), with a yes in 0.3 x 0.9 + 0.7 x 0.1 = 0.34.
    assert found[1] == pytest.approx(0.598930, abs=1e-6)
    assert findings.worth(np.array([0.3]), 1.0) == pytest.approx(1.0)
    assert findings.worth(np.array([0.3]), 0.5) == pytest.approx(0.0)
