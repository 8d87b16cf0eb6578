"""Counties and scenarios are plain folders: old, spoilt, changed and deleted ones too."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bredband.studio.words import words
from tests import lilleland_files

W = words("nb")


@pytest.fixture
def county(server) -> Iterator[Path]:
    slug = server.ask("POST", "/fylke", {"name": "Feilnavn"}).headers["location"].rsplit("/", 1)[1]
    folder = server.folder / "fylker" / slug
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def scenario(server, county) -> Iterator[Path]:
    folder = server.folder / "scenarioer" / "eldre"
    (folder / "resultat").mkdir(parents=True)
    scenario = 'name = "Eldre"\n[sources]\n[rollout]\nannual_grant_nok = [1]\n'
    (folder / "scenario.toml").write_text(scenario, "utf-8")
    (folder / "om.json").write_text(json.dumps({"county": county.name}), "utf-8")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_county_is_taken_out_unless_scenarios_need_it(server, county, scenario):
    answer = server.ask("POST", f"/fylke/{county.name}/slett", {})
    assert (answer.status, "Fylket har scenarioer" in answer.text) == (400, True)
    assert W["delete_county_not"] in server.ask("GET", f"/fylke/{county.name}").text
    shutil.rmtree(scenario)
    assert W["delete_county"] in server.ask("GET", f"/fylke/{county.name}").text
    assert server.ask("POST", f"/fylke/{county.name}/slett", {}).status == 303
    assert not county.exists()
    assert "finnes ikke" in server.ask("GET", f"/fylke/{county.name}").text


@pytest.mark.parametrize("language", ["nn", "nb"])
def test_a_new_countys_map_and_document_are_in_the_language_of_the_page(server, language, tmp_path):
    lilleland_files.write(tmp_path / "raw").unlink()  # files without a scenario
    for given in ({"name": "Nyfylket"}, {"folder": str(tmp_path / "raw")}):
        answer = server.ask("POST", "/fylke", given, Accept_Language=language)
        folder = server.folder / "fylker" / answer.headers["location"].rsplit("/", 1)[1]
        written = tomllib.loads((folder / "scenario.toml").read_text("utf-8"))
        assert written["output"]["language"] == language
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "content",
    ['{"areas": 3}', '{"areas": [{"kind": "area"}]}', '{"areas": [], "kpis": 1}', "[", ""],
)
def test_a_result_of_another_version_takes_no_page_down(server, scenario, content):
    (scenario / "resultat" / "plan.json").write_text(content, "utf-8")
    assert "Eldre" in server.ask("GET", "/").text
    answer = server.ask("GET", "/scenario/eldre")
    assert (answer.status, W["result_unreadable"] in answer.text) == (200, True)
    assert server.ask("GET", "/sammenlign?s=eldre&s=eldre").status == 400


def test_the_page_tells_that_the_files_are_others_than_those_read(server, county):
    look = county / "dekning" / "dekning.json"
    look.parent.mkdir()
    look.write_text(json.dumps({"kommuner": [], "rows": {}, "set_aside": []}), "utf-8")
    assert W["files_changed"] not in server.ask("GET", f"/fylke/{county.name}").text
    assert server.put(county.name, "ukjent.csv", b"a;b\n1;2\n").status == 200
    file = county / "filer" / "ukjent.csv"
    os.utime(file, (look.stat().st_mtime + 10,) * 2)
    assert W["files_changed"] in server.ask("GET", f"/fylke/{county.name}").text


@pytest.mark.parametrize(
    ("scenario", "word"),
    [
        ('name = "A"\n[sources]\naddresses = 3\n[rollout]\nannual_grant_nok = [1]\n', "sources.addresses"),
        ('name = "B"\n[rollout]\nannual_grant_nok = "mye"\n', "rollout.annual_grant_nok"),
        ('name = "C"\nukjent = 1\n', "ukjent"),
        ("name = [", "linje 1: lista blir ikke lukket."),
    ],
)  # fmt: skip
def test_a_scenario_file_that_is_no_scenario_is_refused_and_takes_no_page_down(
    server, county, tmp_path, scenario, word
):
    (tmp_path / "scenario.toml").write_text(scenario, "utf-8")
    answer = server.ask("POST", "/fylke", {"folder": str(tmp_path)})
    assert (answer.status, word in answer.text) == (400, True)
    (county / "scenario.toml").write_text(scenario, "utf-8")
    assert server.ask("GET", "/").status == 200
    answer = server.ask("GET", f"/fylke/{county.name}")
    assert (answer.status, word in answer.text) == (200, True)
    assert server.ask("GET", f"/fylke/{county.name}/nytt").status == 200
