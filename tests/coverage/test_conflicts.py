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
from bredband.coverage import conflicts, sheet
from bredband.scenario.coverage import CoverageChoices, Target
from tests.coverage.small import answer, fibre, make_evidence, make_premises, speed


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
