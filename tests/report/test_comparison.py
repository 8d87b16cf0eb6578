"""Plans side by side: figures, kommuner, years and areas that move."""

from __future__ import annotations

import csv

import pytest

from bredband import report
from bredband.errors import InputError
from bredband.exchange import plan_document
from bredband.pipeline import make_plan
from tests import lilleland


@pytest.fixture(scope="module")
def contents():
    county = lilleland.county()
    rich = {"first_year": 2027, "annual_grant_nok": [110_000, 210_000, 400_000]}
    scenarios = [lilleland.scenario(), lilleland.scenario(name="=Rikere<b>", rollout=rich)]
    none = {"files": [], "rows": {}}
    return [plan_document(make_plan(county, scenario), provenance=none) for scenario in scenarios]


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_the_richer_plan_builds_ytre_too(contents, tmp_path):
    page = report.write_comparison(contents, tmp_path)
    text = page.read_text("utf-8")
    assert "2\u00a0husstander flere" in text
    assert "<b>" not in text.replace("<body>", "")
    moved = rows(tmp_path / "omrader.csv")
    assert moved[0][0] == "Område"
    assert moved[1][0] == "Ytre"
    assert moved[1][-2:] == ["bygges ikke", "2029"]
    assert rows(tmp_path / "kommuner.csv")[1] == ["Lilleland", "10", "12", "+2"]
    years = rows(tmp_path / "ar.csv")
    assert [row[0] for row in years[1:]] == ["2027", "2028", "2029"]


def test_names_are_no_formulas_in_the_tables(contents, tmp_path):
    report.write_comparison(contents, tmp_path)
    for path in tmp_path.glob("*.csv"):
        for cell in rows(path)[0]:
            assert not cell.startswith("=")


def test_the_same_plans_give_the_same_bytes(contents, tmp_path):
    first = report.write_comparison(contents, tmp_path / "a").read_bytes()
    assert report.write_comparison(contents, tmp_path / "b").read_bytes() == first


def test_plans_of_different_counties_are_refused(contents, tmp_path):
    other = {**contents[0], "by_kommune": [{**contents[0]["by_kommune"][0], "kommune": "0301"}]}
    with pytest.raises(InputError, match="ikke de samme kommunene"):
        report.write_comparison([contents[0], other], tmp_path)
    assert not list(tmp_path.iterdir())


def test_plans_that_are_alike_are_said_to_be_so(contents, tmp_path):
    text = report.write_comparison([contents[0]] * 2, tmp_path).read_text("utf-8")
    assert "gir like mange husstander som" in text
    assert "bruker like mye i tilskudd." in text
    assert "Alle områder bygges i samme år i alle planene." in text
