"""Several counties planned at once, by workers on this machine or on a cluster.

A county is a task. No kommune border is cut by it: the trench tree, the masts and the budget are
the county's, so the answer is that of ``run``, byte for byte. Within a task the store keeps
every stage that is done; a worker that dies loses the stage at hand and nothing more.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bredband.errors import BredbandError, InputError, ScenarioError
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.run import run
from bredband.renewal import read_contents
from bredband.scenario import read_scenario
from bredband.store import CONTENT

if TYPE_CHECKING:
    from distributed import Client, Future

_TOPIC = "bredband"
_DEATHS = 5
"""A county that takes so many workers with it is given up: it does not fit in their memory."""


def plan_counties(
    scenarios: Sequence[str],
    out: str,
    *,
    scheduler: str = "",
    workers: int = 2,
    memory_gb: float = 8,
    report: Report = silent,
) -> dict[str, str]:
    """Run the scenarios of several counties, each into a folder of its own.

    Parameters
    ----------
    scenarios
        Scenario files, as paths or as addresses that fsspec knows (``s3://…``). The files that
        a scenario at an address names must lie in its own folder.
    out
        The folder, or address, that gets a folder for each county.
    scheduler
        Address of a Dask scheduler (``tcp://…``); without it workers are started here.
    workers, memory_gb
        How many to start here, and what each may use before it is stopped and started anew.
    report
        Told the dashboard's address, every step of every county, and each county that is done.

    Returns
    -------
    The folder of each county, by name.

    Raises
    ------
    InputError, ScenarioError
        As ``run``, for the first county that fails; the others are done.
    """
    folders = _name_folders(scenarios, out)
    with _client(scheduler, workers, memory_gb) as client:
        report(f"Arbeidere: {client.dashboard_link}")
        client.subscribe_topic(_TOPIC, lambda event: report(str(event[1])))
        faults = []
        for done, (name, task) in enumerate(_in_turn(client, scenarios, folders), 1):
            failed = task.status == "error"
            report(f"{name}: {'stoppet' if failed else 'ferdig'} ({done} av {len(folders)})")
            if failed:
                faults.append(_in_words(name, task.exception(), memory_gb))
    if faults:
        raise faults[0]
    return folders


def _in_turn(
    client: Client, scenarios: Sequence[str], folders: dict[str, str]
) -> Iterator[tuple[str, Future[Any]]]:
    """Plan the counties, the largest first, and give each with its task when it is done.

    No more are handed out than there are threads: a worker that dies counts against every
    county in its queue, and a county that cannot be planned would take the others with it.
    """
    from distributed import as_completed  # noqa: PLC0415 - an extra, and slow to load

    # The largest first, so that no worker is left with it at the end.
    waiting = sorted(zip(scenarios, folders.items(), strict=True), key=lambda c: _size_bytes(c[0]))
    running = as_completed([], with_results=True, raise_errors=False)
    names: dict[Future[Any], str] = {}

    def hand_out() -> None:
        while waiting and running.count() < max(sum(client.nthreads().values()), 1):
            scenario, (name, folder) = waiting.pop()
            task = client.submit(plan_one, scenario, folder, key=f"{name} {folder}")
            names[task] = name
            running.add(task)

    hand_out()
    for task, _ in running:
        yield names[task], task
        hand_out()


def plan_one(scenario: str, out: str) -> dict[str, str]:
    """Run one county, wherever its files and its folder are; give what it wrote.

    What lies at an address is fetched to a folder of the worker's, and what is written is sent
    with ``innhold.json`` last: without it the county is not there.
    """
    import fsspec  # noqa: PLC0415 - an extra

    source, path = fsspec.core.url_to_fs(scenario)
    target, place = fsspec.core.url_to_fs(out)
    with tempfile.TemporaryDirectory(prefix="bredband-") as name:
        file, folder = Path(path), Path(place)
        if not _is_local(source):
            source.get(path.rsplit("/", 1)[0], f"{name}/inn", recursive=True)
            file = Path(name) / "inn" / file.name
        if not _is_local(target):
            folder = Path(name) / "ut"
        run(read_scenario(file), folder, _telling(out))
        contents = read_contents(folder)
        if not _is_local(target):
            _send(folder, target, place, contents)
    return contents


def _send(folder: Path, target: Any, place: str, contents: dict[str, str]) -> None:
    """Send a folder to an object store; what is there already and the same is not sent again."""
    there: dict[str, str] = {}
    if target.exists(f"{place}/{CONTENT}"):
        there = json.loads(target.cat_file(f"{place}/{CONTENT}"))
    for name, digest in contents.items():
        if there.get(name) != digest:
            target.pipe_file(f"{place}/{name}", (folder / name).read_bytes())
    target.pipe_file(f"{place}/{CONTENT}", (folder / CONTENT).read_bytes())


def _is_local(system: Any) -> bool:
    return "file" in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol)


def _telling(out: str) -> Report:
    """Tell the client about every step, when this is a worker."""
    from distributed import get_worker  # noqa: PLC0415

    try:
        worker = get_worker()
    except ValueError:
        return silent
    name = out.rstrip("/").rsplit("/", 1)[-1]
    return lambda step: worker.log_event(_TOPIC, f"{name}: {step}")


def _name_folders(scenarios: Sequence[str], out: str) -> dict[str, str]:
    """Give every county a folder: named as its scenario, or as the folder of ``scenario.toml``."""
    folders: dict[str, str] = {}
    for scenario in scenarios:
        parts = scenario.removesuffix(".toml").rstrip("/").split("/")
        name = parts[-2] if parts[-1] == "scenario" and len(parts) > 1 else parts[-1]
        if name in folders:
            raise ScenarioError(
                f"to scenarioer vil skrive til «{name}».",
                advice="Gi scenariofilene eller mappene deres ulike navn.",
            )
        folders[name] = f"{out.rstrip('/')}/{name}"
    return folders


def _size_bytes(scenario: str) -> int:
    """Sum the sizes of the files beside a scenario."""
    import fsspec  # noqa: PLC0415

    system, path = fsspec.core.url_to_fs(scenario)
    folder = path.rsplit("/", 1)[0] if "/" in path else "."
    return sum(int(info["size"] or 0) for info in system.find(folder, detail=True).values())


@contextmanager
def _client(scheduler: str, workers: int, memory_gb: float) -> Iterator[Client]:
    """Connect to a scheduler, or start workers here and stop them afterwards."""
    try:
        import dask  # noqa: PLC0415
        from distributed import Client, LocalCluster  # noqa: PLC0415
    except ImportError:
        raise BredbandError(
            "fordeling på flere prosesser trenger Dask, som ikke er installert.",
            advice="Skriv «pip install --editable .[cluster]» i mappa med kildekoden.",
        ) from None
    if scheduler:
        try:
            client = Client(scheduler, timeout="10s")
        except (OSError, ValueError) as fault:
            raise InputError(
                f"får ikke kontakt med {scheduler}.",
                advice="Er dask-scheduler i gang, og er adressen på formen tcp://vert:port?",
            ) from fault
        with client:
            yield client
        return
    scratch = tempfile.mkdtemp(prefix="bredband-")
    quiet = {"distributed.scheduler.allowed-failures": _DEATHS, "distributed.worker.daemon": True}
    try:
        with (
            dask.config.set(quiet),
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=int(memory_gb * 1e9),
                local_directory=scratch,
                dashboard_address="127.0.0.1:0",
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _in_words(name: str, fault: BaseException | None, memory_gb: float) -> BaseException:
    """Say why a county failed, in a sentence where it is known."""
    from distributed import KilledWorker  # noqa: PLC0415

    if isinstance(fault, KilledWorker):
        return InputError(
            f"{name}: {_DEATHS + 1} arbeidere stoppet mens de regnet på fylket.",
            advice=f"Gi hver arbeider mer minne enn {memory_gb:g} GB (--memory-gb), eller del fylket.",
        )
    return fault or InputError(f"{name}: stoppet uten grunn.")
