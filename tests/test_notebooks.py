"""Every notebook runs from top to bottom, and is kept without outputs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert not [c for c in cells if c.get("outputs") or c.get("execution_count")]


@pytest.fixture(scope="module")
def classroom(root, demo_run, tmp_path_factory) -> Path:
    """A place laid out as the repository, where the demo county is planned as notebook 01 does."""
    place = tmp_path_factory.mktemp("classroom")
    (place / "data").symlink_to(root / "data")
    (place / "notebooks").mkdir()
    shutil.copytree(demo_run[0], place / "out" / "demo")
    return place / "notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, classroom, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": classroom}}
    )
    client.execute()
