"""Counties on workers: the same bytes as one by one, also when a worker is killed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from bredband import read_scenario
from bredband.errors import BredbandError, InputError, ScenarioError
from bredband.pipeline import cluster, run
from bredband.pipeline.cluster import plan_counties, plan_one
from bredband.renewal import read_contents
from tests import lilleland_files

distributed = pytest.importorskip("distributed")
fsspec = pytest.importorskip("fsspec")


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory) -> list[str]:
    """Two counties: Lilleland, and Lilleland with more money."""
    folder = tmp_path_factory.mktemp("fylker")
    poor = lilleland_files.write(folder / "fattig")
    shutil.copytree(folder / "fattig", folder / "rik")
    rich = folder / "rik" / "scenario.toml"
    text = rich.read_text("utf-8").replace(
        "annual_grant_nok = [110000, ", "annual_grant_nok = [320000, "
    )
    rich.write_text(text, "utf-8")
    return [str(poor), str(rich)]


@pytest.fixture(scope="module")
def alone(scenarios, tmp_path_factory) -> dict[str, dict[str, str]]:
    """What ``run`` writes for each, in this process."""
    folder = tmp_path_factory.mktemp("alene")
    for scenario in scenarios:
        run(read_scenario(scenario), folder / Path(scenario).parent.name)
    return {name: read_contents(folder / name) for name in ("fattig", "rik")}


def test_a_killed_worker_loses_nothing(scenarios, alone, tmp_path):
    said: list[str] = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        first = cluster.workers[0].pid

        def kill_one(step: str) -> None:
            if step.endswith((": Nett", ": Rekkefølge")) and first not in killed:
                killed.append(first)
                os.kill(first, signal.SIGKILL)
            said.append(step)

        killed: list[int] = []
        folders = plan_counties(
            scenarios, str(tmp_path), scheduler=cluster.scheduler_address, report=kill_one
        )
    assert killed
    assert {name: read_contents(Path(folder)) for name, folder in folders.items()} == alone
    assert sum("ferdig" in step for step in said) == 2


def test_a_county_that_takes_its_workers_with_it_is_given_up_alone(tmp_path, monkeypatch):
    for name, size in (("stor", 3), ("feit", 2), ("liten", 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scenario.toml").write_text("#" * size)

    def die_if_fat(scenario: str, out: str) -> dict[str, str]:
        if "feit" in scenario:
            os.kill(os.getpid(), signal.SIGKILL)
        return {}

    monkeypatch.setattr(cluster, "plan_one", die_if_fat)
    monkeypatch.setattr(cluster, "_DEATHS", 1)
    said: list[str] = []
    scenarios = [str(tmp_path / name / "scenario.toml") for name in ("stor", "feit", "liten")]
    with pytest.raises(InputError, match="feit: 2 arbeidere stoppet"):
        plan_counties(scenarios, str(tmp_path / "ut"), workers=1, report=said.append)
    assert [step for step in said if "av 3" in step] == [
        "stor: ferdig (1 av 3)", "feit: stoppet (2 av 3)", "liten: ferdig (3 av 3)",
    ]  # fmt: skip


def test_files_may_lie_in_an_object_store(scenarios, alone):
    store = fsspec.filesystem("memory")
    store.put(str(Path(scenarios[0]).parent), "/inn/fattig", recursive=True)
    assert plan_one("memory://inn/fattig/scenario.toml", "memory://ut/fattig") == alone["fattig"]
    sent = {path.removeprefix("/ut/fattig/") for path in store.find("/ut/fattig")}
    assert sent == {*alone["fattig"], "innhold.json"}


@pytest.mark.parametrize(
    ("names", "scheduler", "kind", "words"),
    [
        (["a/scenario.toml", "b/a.toml"], "", ScenarioError, "to scenarioer vil skrive til «a»"),
        (["a.toml"], "tcp://127.0.0.1:9", InputError, "får ikke kontakt med tcp://127.0.0.1:9"),
    ],
)
def test_faults_are_one_sentence(tmp_path, names, scheduler, kind, words):
    with pytest.raises(kind, match=words):
        plan_counties(names, str(tmp_path), scheduler=scheduler)


def test_without_dask_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BredbandError, match="trenger Dask"):
        plan_counties(["a.toml"], str(tmp_path))
