"""The import contract holds, and bites when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [linter, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def copy_of(root: Path, folder: Path) -> Path:
    shutil.copytree(
        root / "bredband", folder / "bredband", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(root / "pyproject.toml", folder)
    return folder


def test_contract_is_kept(root):
    result = lint_imports(root)
    assert result.returncode == 0, result.stdout


def test_a_type_only_import_between_stages_breaks_it(root, tmp_path):
    copy = copy_of(root, tmp_path)
    costs = copy / "bredband" / "costs" / "trench.py"
    lines = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bredband.rollout import choose\n"
    costs.write_text(costs.read_text("utf-8") + "\n" + lines, "utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1
    assert "bredband.costs.trench -> bredband.rollout" in result.stdout


def test_a_room_that_is_not_in_the_contract_breaks_it(root, tmp_path):
    copy = copy_of(root, tmp_path)
    (copy / "bredband" / "helpers.py").write_text('"""A room too many."""\n', "utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1
    assert "helpers" in result.stdout


def test_no_room_has_a_name_that_says_nothing(root):
    banned = {"utils", "helpers", "common", "misc", "manager", "registry", "base"}
    rooms = {path.stem for path in (root / "bredband").rglob("*.py")}
    assert not rooms & banned
