"""Measure a nation on workers: one against two, and two with one of them killed on the way.

    python scripts/bench/cluster.py [--premises 52000] [--trials killed two one alone]
    python scripts/bench/cluster.py --nation FOLDER

The nation is that of scripts/make_nation.py, made first if no folder is given. Prints wall seconds
and their ratios, the highest memory of any worker, and whether the bytes of every county are the
same each time. A county whose solver was stopped by its time limit may differ; it is named.
Every worker is held to a core of its own, so that two and one are workers of the same size; a
county that is alone on a machine uses its other cores too, and ``alone`` is one worker that may.
Everything is synthetic.
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

SCRIPTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SCRIPTS.parent), str(SCRIPTS)]

from make_nation import make_nation  # noqa: E402

from bredband.county import read_json  # noqa: E402
from bredband.pipeline.cluster import plan_counties  # noqa: E402
from bredband.renewal import read_contents  # noqa: E402

Contents = dict[str, dict[str, str]]
TRIALS = ("killed", "two", "one", "alone")


@dataclass(frozen=True)
class Trial:
    """What one run of the nation took, and the SHA-256 of what it wrote, by county."""

    wall_s: float
    peak_gb: float
    contents: Contents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--nation", type=Path, help="folder from scripts/make_nation.py")
    parser.add_argument("--premises", type=int, default=52_000, help="of the nation that is made")
    parser.add_argument("--memory-gb", type=float, default=8)
    parser.add_argument(
        "--trials", nargs="+", choices=TRIALS, default=list(TRIALS), help="all of them if not said"
    )
    parser.add_argument("--out", type=Path, help="keep the plans here")
    given = parser.parse_args()
    made: dict[str, Trial] = {}
    with tempfile.TemporaryDirectory(prefix="bredband-") as scratch:
        nation, out = given.nation or Path(scratch) / "nasjon", given.out or Path(scratch)
        if not given.nation:
            make_nation(nation, given.premises, processes=2)
        scenarios = sorted(str(path) for path in nation.glob("*/scenario.toml"))
        for name in given.trials:
            made[name] = run_nation(name, scenarios, out / name, given.memory_gb)
            print(
                f"{name}: {made[name].wall_s:.0f} s, at most {made[name].peak_gb:.2f} GB a worker",
                flush=True,
            )
        if "two" in made:
            for name in ("one", "alone"):
                if name in made:
                    ratio = made[name].wall_s / made["two"].wall_s
                    print(f"two workers are {ratio:.2f} × {name}")
        first, *others = made
        for name in others:
            say_differences(name, made[name].contents, first, made[first].contents, out)


def say_differences(name: str, mine: Contents, first: str, its: Contents, out: Path) -> None:
    """Print whether two trials wrote the same bytes, and the proofs of the counties that differ."""
    differ = [county for county in its if its[county] != mine[county]]
    same = len(its) - len(differ)
    print(f"{name} against {first}: {same} of {len(its)} counties the same bytes")
    for county in differ:
        print(f"  {county}: {proofs(out / first / county)}; {proofs(out / name / county)}")


def run_nation(trial: str, scenarios: list[str], out: Path, memory_gb: float) -> Trial:
    """Run every county; ``killed`` ends a worker by ``kill -9`` when half of them are done."""
    begun = time.perf_counter()
    done, killed, peak_gb = 0, trial != "killed", 0.0
    with LocalCluster(
        n_workers=1 if trial in ("one", "alone") else 2, threads_per_worker=1, memory_limit=int(memory_gb * 1e9),
        dashboard_address=None, silence_logs=50,
    ) as cluster:  # fmt: skip

        def follow(step: str) -> None:
            nonlocal done, killed
            done += "ferdig" in step
            if not killed and done * 2 >= len(scenarios) and step.endswith(": Nett"):
                killed = True
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
                print(f"  killed a worker at «{step}»", flush=True)

        def watch() -> None:
            nonlocal peak_gb
            while not over.wait(0.5):
                for core, worker in enumerate(cluster.workers.values()):
                    try:
                        process = psutil.Process(worker.pid)
                        if trial != "alone":  # again each time: a worker may be a new one
                            for thread in process.threads():
                                os.sched_setaffinity(thread.id, {core})
                        peak_gb = max(peak_gb, process.memory_info().rss / 1e9)
                    except (psutil.Error, OSError, TypeError):
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
