"""Three generated counties from files to the sector plan, and what goes wrong on the way."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from importlib import resources
from pathlib import Path

import docx
import pytest

from bredband import cli, pipeline, report
from bredband.errors import ScenarioError
from bredband.report.sector.figure import SHARE_LIMITS
from bredband.report.words import words as words_of
from bredband.scenario import read_scenario
from bredband.sector import SectorScenario, check_sector, read_sector_scenario
from bredband.sector.scenario import CountyFloor, Key
from tests import lilleland_files

COUNTIES = [("Lilleland", 100, "9901"), ("Billigland", 60, "9902"), ("Dyrland", 170, "9903")]
"""Lilleland, and Lilleland where a metre of trench costs 60 and 170 kroner."""

CHOICES = """\
name = "Tre fylker"
organisation = "Prøvesektoren"
date = "2026-11-23"
least_key_share = 0.5

[key]
centrality_weight = 1.0
centrality_class = { "9901" = 3, "9902" = 5, "9903" = 6 }
"""


def call(monkeypatch, capsys, *words: str | Path) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["bredband", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    """The counties planned from files, without map and document."""
    base = tmp_path_factory.mktemp("fylker")
    made = []
    for name, price_nok, kommune in COUNTIES:
        scenario = lilleland_files.write(base / "inn" / name)
        for path in scenario.parent.iterdir():
            text = path.read_bytes().decode("utf-8")
            text = text.replace(
                "likely_nok = 100, high_nok = 200", f"likely_nok = {price_nok}, high_nok = 200"
            )
            text = text.replace('"Lilleland"', f'"{name}"').replace("9901", kommune)
            path.write_bytes(text.encode("utf-8"))
        choices = read_scenario(scenario)
        pipeline.ingest(choices, base / name)
        pipeline.plan_county(choices, base / name)
        made.append(base / name)
    return made


@pytest.fixture(scope="module")
def written(folders, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sektor")
    (out / "sektor.toml").write_text(CHOICES, "utf-8")
    pipeline.plan_sector(folders, out, out / "sektor.toml")
    return out


def content_of(folder: Path) -> dict:
    return json.loads((folder / "sektor.json").read_text("utf-8"))


def test_everything_is_written_and_agrees_with_itself(written, monkeypatch, capsys):
    names = {path.name for path in written.iterdir()}
    assert {"sektor.json", "sektorplan.docx", "kart.html", "rammer"} <= names
    assert not list(written.rglob(".*"))
    assert check_sector(written) == []
    code, out, _ = call(monkeypatch, capsys, "check", written)
    assert (code, "planen stemmer" in out) == (0, True)


def test_the_best_distribution_beats_the_key_with_a_proof(written):
    content = content_of(written)
    own, key, best = (
        content["kpis"][kind]["gained_households"] for kind in ("own", "key", "optimal")
    )
    assert best >= key
    assert best >= own
    assert best == 32
    assert content["proofs"][0]["gap_share"] <= 0.005
    assert content["publication"]["synthetic"]


def test_the_document_says_what_the_file_says(written):
    word = docx.Document(str(written / "sektorplan.docx"))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert "32 husstander i 3 fylker" in text
    assert "Syntetiske data" in text
    assert {name for name, _, _ in COUNTIES} <= set(cells)
    assert len(word.inline_shapes) == 4


def test_a_county_reaches_as_much_with_the_budget_it_is_given(written, folders):
    """The exported lines are put into the county's own scenario, and the county plans again."""
    for county in content_of(written)["counties"]:
        fragment = written / "rammer" / f"{county['county']}.toml"
        given = tomllib.loads(fragment.read_text("utf-8"))["rollout"]
        assert given["annual_grant_nok"] == county["budget_nok"]
        folder = next(folder for folder in folders if folder.name == county["county"])
        inputs = folder.parent / "inn" / folder.name
        again = inputs / "ramme.toml"
        again.write_text('extends = "scenario.toml"\n' + fragment.read_text("utf-8"), "utf-8")
        copy = written / "igjen" / folder.name
        shutil.copytree(folder, copy)
        plan = pipeline.plan_county(read_scenario(again), copy)
        assert plan.kpis()["gained_households"] >= county["optimal"]["kpis"]["gained_households"]
    shutil.rmtree(written / "igjen")


def test_the_package_alone_is_enough(folders, written, tmp_path, monkeypatch, capsys):
    """Only plan.json of each county: the same distribution, and no map."""
    for folder in folders:
        (tmp_path / folder.name).mkdir()
        shutil.copy(folder / "plan.json", tmp_path / folder.name)
    words = ["sector", *(tmp_path / folder.name for folder in folders), "--out", tmp_path / "ut"]
    words += ["--scenario", written / "sektor.toml"]
    code, out, err = call(monkeypatch, capsys, *words)
    assert (code, err) == (0, "")
    assert "Billigland" in out
    assert "bevist" in out
    assert not (tmp_path / "ut" / "kart.html").exists()
    alone, whole = content_of(tmp_path / "ut"), content_of(written)
    assert alone["kpis"] == whole["kpis"]
    assert alone["counties_without_map"] == [name for name, _, _ in COUNTIES]
    code, out, _ = call(monkeypatch, capsys, *words, "--json")
    assert json.loads(out) == whole["kpis"]


def test_the_same_packages_give_the_same_documents(folders, written, tmp_path):
    pipeline.plan_sector(folders, tmp_path, written / "sektor.toml")
    for name in ("sektorplan.docx", "kart.html", "rammer/Dyrland.toml"):
        assert (tmp_path / name).read_bytes() == (written / name).read_bytes()


def _spoil_budget(content):
    content["counties"][0]["optimal"]["annual_grant_nok"][0] += 5_000_000


def _spoil_year(content):
    built = content["counties"][0]["optimal"]["built"]
    feeder = next(name for name in built if name.startswith("F-"))
    built[feeder] = 2029


def _spoil_count(content):
    content["kpis"]["optimal"]["gained_households"] += 1


def _spoil_key(content):
    content["counties"][1]["key_share"] += 0.1


def _spoil_proof(content):
    content["proofs"][0] |= {"objective": 99.0, "bound": 99.0}


def _spoil_bound(content):
    content["proofs"][0] |= {"objective": 20.0, "bound": 20.0}


def _spoil_promise(content):
    content["scenario"]["least_key_share"] = 1.0


def _spoil_area(content):
    content["counties"][2]["key"]["built"]["finnes-ikke"] = 2027


def _spoil_money(content):
    content["counties"][2]["optimal"]["annual_grant_nok"][1] = 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_spoil_budget, "rammen er"),
        (_spoil_year, "som det henger på"),
        (_spoil_count, "gained_households"),
        (_spoil_key, "nøkkelen er"),
        (_spoil_proof, "frontene når høyst"),
        (_spoil_bound, "beviset sier høyst"),
        (_spoil_promise, "er lovet"),
        (_spoil_area, "finnes ikke i fylkets plan"),
        (_spoil_money, "er brukt til og med"),
    ],
)
def test_the_check_finds_what_is_spoilt(folders, written, tmp_path, spoil, words):
    content = content_of(written)
    spoil(content)
    for folder, county in zip(folders, content["counties"], strict=True):
        county["folder"] = str(folder)
    (tmp_path / "sektor.json").write_text(json.dumps(content), "utf-8")
    assert any(words in fault for fault in check_sector(tmp_path)), check_sector(tmp_path)


def test_a_package_changed_afterwards_is_found(folders, written, tmp_path):
    content = content_of(written)
    for folder, county in zip(folders, content["counties"], strict=True):
        county["folder"] = str(folder)
    content["counties"][0]["sha256"] = "0" * 64
    (tmp_path / "sektor.json").write_text(json.dumps(content), "utf-8")
    assert "er endret" in check_sector(tmp_path)[0]


def _other_version(content):
    content["schema_version"] = "0.9"


def _no_frontier(content):
    content["frontier"] = None


def _no_areas(content):
    del content["areas"]


def _other_target(content):
    content["scenario"]["target"]["down_mbps"] = 100.0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_other_version, "versjon 0.9"),
        (_no_frontier, "mangler «frontier»"),
        (_no_areas, "«areas»"),
        (_other_target, "samme mål"),
    ],
)
def test_a_bad_package_is_one_sentence(folders, tmp_path, monkeypatch, capsys, spoil, words):
    content = json.loads((folders[1] / "plan.json").read_text("utf-8"))
    spoil(content)
    (tmp_path / "pakke").mkdir()
    (tmp_path / "pakke" / "plan.json").write_text(json.dumps(content), "utf-8")
    code, _, err = call(
        monkeypatch, capsys, "sector", folders[0], tmp_path / "pakke", "--out", tmp_path / "ut"
    )
    assert code == 2
    assert words in err
    assert err.startswith("Feil: ")
    assert len(err.strip().splitlines()) <= 2
    assert not (tmp_path / "ut").exists()


@pytest.mark.parametrize("words", [["finnes-ikke", "heller-ikke"], ["bare-en"]])
def test_what_is_not_there_is_one_sentence(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(monkeypatch, capsys, "sector", *words, "--out", "ut")
    assert code == 2
    assert err.startswith("Feil: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("least_key_shar = 1", "mente du «least_key_share»"),
        ("least_key_share = 2", "least_key_share"),
        ("[key]\nneed_weight = 0\nrural_lacking_weight = 0", "minst én vekt"),
        ("price_index = { 2024 = 0 }", "price_index"),
        ('[[floors]]\ncounty = "A"\n[[floors]]\ncounty = "A"', "mer enn én gang"),
        ('[key]\ncentrality_class = { "0001" = 9 }', "fra 1 til 6"),
        ("annual_grant_nok = [-1]", "negative"),
        ("name == 1", "verdien kan ikke leses"),
    ],
)
def test_a_bad_sector_scenario_is_one_sentence(tmp_path, text, words):
    file = tmp_path / "sektor.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenarioError, match=words):
        read_sector_scenario(file)
    with pytest.raises(ScenarioError, match="finnes ikke"):
        read_sector_scenario(tmp_path / "borte.toml")


def test_every_sentence_is_used():
    nb = words_of("nb", "report/sector").sentences
    room = Path(report.__file__).parent / "sector"
    code = "".join(path.read_text("utf-8") for path in sorted(room.glob("*.py")))
    looked_up = ("column.", "rule.", "method.")
    unused = [key for key in nb if f'"{key}"' not in code and not key.startswith(looked_up)]
    assert not unused


def test_nynorsk_can_be_written(folders, tmp_path):
    (tmp_path / "sektor.toml").write_text('language = "nn"\n', "utf-8")
    for folder in folders:
        (tmp_path / folder.name).mkdir()
        shutil.copy(folder / "plan.json", tmp_path / folder.name)
    packages = [tmp_path / folder.name for folder in folders]
    pipeline.plan_sector(packages, tmp_path / "ut", tmp_path / "sektor.toml")
    word = docx.Document(str(tmp_path / "ut" / "sektorplan.docx"))
    assert any("husstandar" in paragraph.text for paragraph in word.paragraphs)


def test_every_choice_is_described(root):
    text = (root / "docs" / "sector.md").read_text("utf-8")
    for model in (SectorScenario, Key, CountyFloor):
        for name, field in model.model_fields.items():
            assert field.description
            assert re.search(rf"`{name}`", text), name


def test_document_and_map_have_the_same_classes_of_share():
    script = resources.files("bredband.maps").joinpath("assets/palette.js").read_text("utf-8")
    (limits,) = re.findall(r"const SHARE_LIMITS = (\[.*?\]);", script)
    assert tuple(json.loads(limits)) == SHARE_LIMITS
