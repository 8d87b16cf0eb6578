"""The documents say what the code does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import bredband
from bredband import cli
from bredband.scenario import read_scenario
from bredband.scenario.document import markdown_of_fields
from bredband.tables import TABLES, markdown_of_all

COMMANDS = sorted(get_command(cli.app).commands)


@pytest.mark.parametrize(
    ("name", "write"), [("scenario.md", markdown_of_fields), ("data-model.md", markdown_of_all)]
)
def test_generated_documents_are_current(root, name, write):
    assert (root / "docs" / name).read_text("utf-8") == write(), "run scripts/write_docs.py"


def test_the_architecture_drawing_is_current(root):
    script = root / "scripts" / "draw_architecture.py"
    words = "import runpy, sys; sys.stdout.write(runpy.run_path(sys.argv[1])['draw']())"
    drawn = subprocess.run([sys.executable, "-c", words, script], capture_output=True, check=True)
    current = (root / "docs" / "figures" / "architecture.svg").read_text("utf-8")
    assert drawn.stdout.decode("utf-8") == current, "run scripts/draw_architecture.py"


def test_every_room_is_in_the_architecture(root):
    text = (root / "docs" / "architecture.md").read_text("utf-8")
    rooms = {p.stem for p in (root / "bredband").iterdir() if p.suffix == ".py" or p.is_dir()}
    missing = [room for room in rooms if not room.startswith("__") and f"`{room}" not in text]
    assert not missing


def test_every_command_is_in_the_readme(root):
    text = (root / "README.md").read_text("utf-8")
    assert not [name for name in COMMANDS if name not in text]


def test_every_command_explains_itself():
    for name in COMMANDS:
        command = get_command(cli.app).commands[name]
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name in ("help", "as_json"), (
                f"{name} {parameter.name}"
            )


def test_every_column_is_described():
    for table in TABLES.values():
        assert table.meaning.endswith(".")
        for column in table.columns:
            assert column.meaning, f"{table.name}.{column.name}"


def test_the_public_interface_is_there_and_documented():
    for name in bredband.__all__:
        assert getattr(bredband, name).__doc__, name
    assert set(bredband.__all__) <= set(dir(bredband))
    with pytest.raises(AttributeError):
        bredband.no_such_thing  # noqa: B018


def readme_commands(root: Path) -> list[list[str]]:
    text = (root / "README.md").read_text("utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.S)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("bredband")]


def test_the_readme_commands_run(root, tmp_path, monkeypatch, capsys):
    """Every bredband command of the README, in order, with its output in a temporary folder."""
    commands = readme_commands(root)
    assert len(commands) >= 2
    monkeypatch.chdir(root)
    for words in commands:
        here = [word.replace("out/", f"{tmp_path}/") for word in words]
        monkeypatch.setattr(sys, "argv", here)
        with pytest.raises(SystemExit) as stop:
            cli.main()
        assert stop.value.code == 0, capsys.readouterr().err


def test_the_first_scenario_of_the_guide_holds_what_a_plan_needs(root, tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", (root / "docs" / "veiledning.md").read_text(), re.S)
    (tmp_path / "fylket.toml").write_text(text, "utf-8")
    sources = read_scenario(tmp_path / "fylket.toml").sources
    assert sources.addresses and sources.borders and sources.lit_fibre  # noqa: PT018


def test_links_in_the_documents_lead_somewhere(root):
    broken = []
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
        inside = [target for target in targets if "://" not in target]
        broken += [f"{page.name}: {t}" for t in inside if not (page.parent / t).exists()]
    assert not broken


def test_pinned_versions_agree(root):
    """pyproject.toml and environment.yml ask for the same versions."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    dependencies = [line.split(">=") for line in project["dependencies"]]
    conda = (root / "environment.yml").read_text("utf-8")
    names = {"matplotlib": "matplotlib-base", "osmium": "pyosmium"}
    missing = [n for n, v in dependencies if f"- {names.get(n, n)}>={v}\n" not in conda]
    assert not missing


def test_every_dependency_has_its_reason(root):
    text = (root / "docs" / "dependencies.md").read_text("utf-8")
    names = re.findall(r'^  "([a-z0-9-]+)>=', (root / "pyproject.toml").read_text(), re.M)
    assert not [name for name in names if name not in text and not name.endswith("stubs")]


def test_the_demo_scenario_is_synthetic_and_says_so(demo):
    scenario = read_scenario(demo / "scenario.toml")
    assert scenario.synthetic
    assert scenario.synthetic_note
