"""Measure a nation on workers: one against two, and two with one of them killed on the way.

    python scripts/make_nation.py --to FOLDER --premises 52000
    python scripts/bench/cluster.py FOLDER [--only-killed]

Prints wall seconds and their ratio, the highest memory of any worker, and whether the bytes of
every county are the same each time. A county whose solver was stopped by its time limit may
differ; it is named. Everything is synthetic.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from distributed import LocalCluster

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bredband.county import read_json  # noqa: E402
from bredband.pipeline.cluster import plan_counties  # noqa: E402
from bredband.renewal import read_contents  # noqa: E402

Contents = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Trial:
    """What one run of the nation took, and the SHA-256 of what it wrote, by county."""

    wall_s: float
    peak_gb: float
    contents: Contents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("nation", type=Path, help="folder from scripts/make_nation.py")
    parser.add_argument("--memory-gb", type=float, default=8)
    parser.add_argument("--only-killed", action="store_true", help="only two workers, one killed")
    parser.add_argument("--out", type=Path, help="keep the plans here")
    given = parser.parse_args()
    scenarios = sorted(str(path) for path in given.nation.glob("*/scenario.toml"))
    with tempfile.TemporaryDirectory(prefix="bredband-") as scratch:
        out = given.out or Path(scratch)

        def trial(name: str, workers: int, *, kill: bool = False) -> Trial:
            made = run_nation(scenarios, out / name, workers, given.memory_gb, kill=kill)
            print(
                f"{name}: {made.wall_s:.0f} s, at most {made.peak_gb:.2f} GB a worker", flush=True
            )
            return made

        killed = trial("two, one killed", 2, kill=True)
        if given.only_killed:
            return
        two, one = trial("two", 2), trial("one", 1)
        print(f"two workers are {one.wall_s / two.wall_s:.2f} × one")
        for name, other in (("killed", killed), ("one", one)):
            differ = [c for c in two.contents if two.contents[c] != other.contents[c]]
            print(
                f"{name}: {len(two.contents) - len(differ)} of {len(two.contents)} counties the same bytes"
            )
            for county in differ:
                print(f"  {county}: {proofs(out / 'two' / county)}")


def run_nation(
    scenarios: list[str], out: Path, workers: int, memory_gb: float, *, kill: bool
) -> Trial:
    """Run every county; if asked, kill a worker by ``kill -9`` when half of them are done."""
    begun = time.perf_counter()
    done, killed, peak_gb = 0, False, 0.0
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, memory_limit=int(memory_gb * 1e9),
        dashboard_address=None, silence_logs=50,
    ) as cluster:  # fmt: skip

        def follow(step: str) -> None:
            nonlocal done, killed
            done += "ferdig" in step
            if kill and not killed and done * 2 >= len(scenarios) and step.endswith(": Nett"):
                killed = True
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
                print(f"  killed a worker at «{step}»", flush=True)

        def watch() -> None:
            nonlocal peak_gb
            while not over.wait(0.5):
                for worker in cluster.workers.values():
                    try:
                        peak_gb = max(peak_gb, psutil.Process(worker.pid).memory_info().rss / 1e9)
                    except (psutil.Error, TypeError):
                        continue  # it is being started anew

        over = threading.Event()
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            folders = plan_counties(
                scenarios, str(out), scheduler=cluster.scheduler_address, report=follow
            )
        finally:
            over.set()
            watcher.join()
    contents = {name: read_contents(Path(folder)) for name, folder in folders.items()}
    return Trial(time.perf_counter() - begun, peak_gb, contents)


def proofs(folder: Path) -> str:
    return ", ".join(
        f"{p['what']} {p['status']}" for p in read_json(folder / "bevis.json")["proofs"]
    )


if __name__ == "__main__":
    main()
