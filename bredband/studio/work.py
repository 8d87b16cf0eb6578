"""The studio's other process: the heavy work, told line by line as JSON on standard output.

``python -m bredband.studio.work run|look|why|compare|lists …``; a line is ``{"step": …}``
or, last, the answer. Exit code 2 and ``{"sentence": …}`` for what a planner can mend.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from bredband import exchange, pipeline
from bredband.county import read_json, read_table, replacing, write_json
from bredband.errors import BredbandError
from bredband.scenario import read_scenario
from bredband.store import Store
from bredband.studio.folder import LOOK_FILE, PICTURE_FILE
from bredband.studio.picture import picture

_SHOWN_SET_ASIDE = 40


def run(scenario_file: str, out: str, kept: str) -> None:
    """Make the plan of a scenario; an earlier result stays until the new one is whole.

    ``kept`` holds the answers of the county's last runs: what they share is not done again.
    """
    store = Store(Path(kept))
    with pipeline.rehearsing(), _afresh(Path(out)) as fresh:
        plan = pipeline.run(read_scenario(scenario_file), fresh, _tell_step, store)
        _tell_step("Oversikt")
        write_json(fresh / PICTURE_FILE, picture(fresh, plan))
    _tell_what_was_done(store)


def look(scenario_file: str, out: str, kept: str) -> None:
    """Read a county's files and find who is covered today.

    The planning's kernels are compiled meanwhile, so that her first run need not wait for them.
    """
    scenario, store = read_scenario(scenario_file), Store(Path(kept))
    with pipeline.rehearsing(), _afresh(Path(out)) as fresh:
        by_kommune = pipeline.look(scenario, fresh, _tell_step, store)
        _tell_step("Oversikt")
        write_json(fresh / PICTURE_FILE, picture(fresh))
        kommuner = [
            {"kommune": str(code), **json.loads(row.to_json())}
            for code, row in by_kommune[by_kommune["households"] > 0].iterrows()
        ]
        rows = read_json(fresh / "provenance.json")["rows"]
        write_json(
            fresh / LOOK_FILE, {"kommuner": kommuner, "rows": rows, "set_aside": _set_aside(fresh)}
        )
    _tell_what_was_done(store)


def why(folder: str, area_id: str, language: str) -> None:
    """Say why an area is not built, or when it is."""
    _tell({"lines": pipeline.explain(Path(folder), area_id, language)})


def compare(folder_a: str, folder_b: str, file: str) -> None:
    """Draw two plans in one map."""
    first, second = (
        (Path(folder), pipeline.read_plan(Path(folder))) for folder in (folder_a, folder_b)
    )
    pipeline.write_comparison(first, second, Path(file))


def lists(folder: str, file: str) -> None:
    """Pack the address lists and workbooks of the areas that are built."""
    place, path = Path(folder), Path(file)
    fresh = place / ".lister"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    exchange.write_area_files(read_json(place / "plan.json"), pipeline.read_plan(place), fresh)
    with replacing(path) as temporary:
        shutil.make_archive(str(temporary.with_suffix("")), "zip", fresh)
    shutil.rmtree(fresh)


def main() -> NoReturn:
    """Do one piece of work; end when the studio that asked for it ends."""
    threading.Thread(target=_end_with_the_studio, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)
    pieces: dict[str, Callable[..., None]] = {
        "run": run, "look": look, "why": why, "compare": compare, "lists": lists
    }  # fmt: skip
    try:
        pieces[sys.argv[1]](*sys.argv[2:])
    except BredbandError as fault:
        _tell({"sentence": fault.message, "advice": fault.advice})
        sys.exit(2)
    sys.exit(0)


def _end_with_the_studio() -> None:
    while os.read(0, 4096):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with what it started
    os._exit(3)


@contextlib.contextmanager
def _afresh(out: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of ``out`` only if all goes well."""
    fresh, old = out.with_name(f".{out.name}-ny"), out.with_name(f".{out.name}-gammel")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
        shutil.rmtree(old, ignore_errors=True)
        if out.exists():
            out.rename(old)
        fresh.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _set_aside(folder: Path) -> list[dict[str, Any]]:
    """Sum the rows set aside by source and reason, with the first of each as an example."""
    table: pd.DataFrame = read_table(folder, "set_aside")
    if table.empty:
        return []
    keys = ["source", "reason", "advice"]
    first = table.groupby(keys, sort=False)[["file", "row", "value"]].first()
    summed = first.assign(count=table.groupby(keys, sort=False).size()).reset_index()
    summed = summed.sort_values("count", ascending=False).head(_SHOWN_SET_ASIDE)
    rows: list[dict[str, Any]] = json.loads(summed.to_json(orient="records"))
    return rows


def _tell_step(step: str) -> None:
    _tell({"step": step})


def _tell_what_was_done(store: Store) -> None:
    reused, computed = pipeline.steps_done(store)
    _tell({"reused": reused, "computed": computed})


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message, ensure_ascii=True), flush=True)


if __name__ == "__main__":
    main()
