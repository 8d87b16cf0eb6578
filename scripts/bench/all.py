"""Run every bench, and write docs/benchmarks.md from what they print.

    python scripts/bench/all.py [--full] [--only NAME…] [--missing] [--out docs/benchmarks.md]

A small run is a check that every bench still runs; a full one gives the figures that are
published. Each bench is a process of its own, so that its peak memory is its own too. What a
bench prints is shown as it printed it: nothing here is rounded, chosen or left out. A bench that
fails is shown with what it said, the others go on, and the exit code is 1. The page is written
anew after every bench; what it says of benches that are not run now stays, if machine and
libraries are the same. So a run may be split: ``--missing`` runs what the page has not yet, and
what failed there. A bench that goes on past the limit is stopped and shown as failed.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import importlib.metadata
import os
import platform
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from scripts.shared_data import (
    shared_data,
)  # nothing heavier: a bench's peak counts from this one's

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "geopandas", "highspy", "numba", "numpy", "osmnx", "pandas", "pyarrow", "rasterio", "scipy",
    "shapely",
)  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """One bench: its script with what it is given, small and full, and what it asks."""

    name: str
    asks: str
    small: str
    full: str


@dataclass(frozen=True)
class Outcome:
    """What a bench printed, what it took, and how much of the machine other work had meanwhile."""

    bench: Bench
    command: str
    printed: str
    wall_s: float
    peak_mb: float
    beside_share: float
    status: int


SHARED = "SHARED"
"""Stands for the folder of real data in the commands below."""
BENCHES = (
    Bench("cold", "What does the first run on a machine cost, against the next?",
          "cold.py", "cold.py"),
    Bench("outlets", "How long do maps and documents take, and do they repeat byte for byte?",
          "outlets.py", "outlets.py"),
    Bench("growth", "How does a county's run grow with its premises?",
          "growth.py 2000 4000", "growth.py 10000 30000 100000 300000"),
    Bench("cluster", "Two workers against one, and one of two killed: ratio, and the same bytes?",
          "cluster.py --premises 3000 --trials killed two one", "cluster.py"),
    Bench("nation", "2.6 million premises on two workers, one killed: time, memory, the same bytes?",
          "cluster.py --premises 6000 --trials killed two",
          "cluster.py --premises 2600000 --trials killed two"),
    Bench("ingest", "What does reading cost, against plain geopandas, rasterio and osmnx?",
          "ingest.py snapping", "ingest.py"),
    Bench("coverage", "Is the coverage model calibrated, and better than three simpler ways?",
          "coverage.py --seeds 1", "coverage.py --seeds 5 --first 41"),
    Bench("calls", "Does the call list change the coverage figure more than other lists?",
          "calls.py --seeds 1", "calls.py --seeds 2 --first 41"),
    Bench("radio", "How right is the radio, and how fast against numpy and a plain loop?",
          "radio.py --quick", "radio.py"),
    Bench("trench tree", "How far from the optimum is the tree, and what is proved?",
          "steiner.py SHARED/optimisation/vienna/I054.gr.gz --seconds 5",
          "steiner.py SHARED/optimisation/vienna/*.gr.gz --seconds 60"),
    Bench("budget tree", "How many addresses within a share of the full trench?",
          "steiner.py SHARED/optimisation/santacruz/1000 --seconds 10 --budget 0.5",
          "steiner.py SHARED/optimisation/santacruz/[0-9]* --seconds 60 --budget 0.25 0.5 0.75"),
    Bench("network", "Network and areas on a large grid: seconds and memory?",
          "network.py grid 20000", "network.py grid 400000"),
    Bench("network places", "Network and areas of three places: seconds?",
          "network.py demo", "network.py demo elverum liechtenstein"),
    Bench("other trees", "The tree search on instances nobody has tuned it on?",
          "steiner.py SHARED/optimisation/santacruz/1000 --seconds 10 --perturb",
          "steiner.py SHARED/optimisation/vienna/*.gr.gz --seconds 60 --perturb"),
    Bench("lumpy rollout", "Few areas a year: what is proved, beside plain HiGHS?",
          "rollout.py lumpy --seeds 1 --seconds 5", "rollout.py lumpy --seeds 20 --seconds 10"),
    Bench("even rollout", "Many areas a year: what is proved, beside a plain MILP and a greedy?",
          "rollout.py even --works 200 --years 4 --kommuner 6 --seconds 5", "rollout.py even"),
    Bench("robust rollout", "200 draws of 500 areas?", "rollout.py robust", "rollout.py robust"),
    Bench("planned county", "The demo county's own areas over its years, beside plain HiGHS?",
          "rollout.py folders --seconds 5", "rollout.py folders --seconds 60"),
    Bench("trench over years", "Real streets under five annual budgets?",
          "rollout.py santacruz", "rollout.py santacruz"),
    Bench("newman1", "A foreign problem with a known answer?",
          "rollout.py newman --seconds 5", "rollout.py newman --seconds 60"),
    Bench("sector", "Counties coupled, against the whole problem in one?",
          "sector.py", "sector.py"),
    Bench("map", "The council map against a plain folium map?",
          "map.py --premises 5000 --areas 100 --plain-premises 2000", "map.py"),
    Bench("studio", "The studio beside a run?", "studio.py", "studio.py"),
)  # fmt: skip


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--full", action="store_true", help="the published sizes; takes hours")
    reader.add_argument("--only", nargs="+", choices=[bench.name for bench in BENCHES])
    reader.add_argument("--missing", action="store_true", help="what the page has not")
    reader.add_argument("--limit-min", type=float, default=150, help="stop a bench after this")
    reader.add_argument("--out", type=Path, help="write the page here")
    given = reader.parse_args()
    there = _sections(given.out) if given.missing and given.out else {}
    chosen = [
        bench
        for bench in BENCHES
        if (not given.only or bench.name in given.only)
        and not _stands(there.get(_title(bench), ""), full=given.full)
    ]
    failed = []
    for number, bench in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {bench.name}, from {_now():%H:%M} …", flush=True)
        outcome = run(bench, full=given.full, limit_s=60 * given.limit_min)
        print(f"{outcome.printed}\n{_took(outcome)}\n", flush=True)
        failed += [bench.name] if outcome.status else []
        if given.out:
            write(given.out, outcome, full=given.full)
    print(f"failed: {', '.join(failed)}" if failed else f"{len(chosen)} benches ran")
    sys.exit(1 if failed else 0)


def run(bench: Bench, *, full: bool, limit_s: float) -> Outcome:
    """Run a bench in a process of its own; keep what it prints and the most memory it held."""
    script, *words = shlex.split(bench.full if full else bench.small)
    files = [found for word in words for found in _files(word)]
    command = [sys.executable, str(ROOT / "scripts" / "bench" / script), *files]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        begun, busy_s = time.perf_counter(), _busy_s()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
        # The bench may have workers of its own: its whole group ends with it.
        stopping = threading.Timer(limit_s, os.killpg, (process.pid, signal.SIGKILL))
        stopping.start()
        _, status, used = os.wait4(process.pid, 0)
        stopping.cancel()
        wall_s = time.perf_counter() - begun
        beside_s = _busy_s() - busy_s - used.ru_utime - used.ru_stime
        said.seek(0)
        printed = said.read().rstrip()
    shown = " ".join(["python", f"scripts/bench/{script}", *words]).replace(
        SHARED, "../shared/data"
    )
    return Outcome(
        bench,
        shown,
        printed,
        wall_s,
        used.ru_maxrss / 1024,
        max(beside_s, 0.0) / (wall_s * (os.cpu_count() or 1)),
        os.waitstatus_to_exitcode(status),
    )


def _busy_s() -> float:
    """Give the seconds that the cores of this machine have worked since it started."""
    words = Path("/proc/stat").read_text("utf-8").split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, irq, softirq, _ = map(int, words)
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def write(path: Path, outcome: Outcome, *, full: bool) -> None:
    """Put what a bench printed on the page, in place of what it printed before."""
    sections = _sections(path)
    sections[_title(outcome.bench)] = section(outcome, full=full)
    known = [sections[title] for bench in BENCHES if (title := _title(bench)) in sections]
    temporary = path.with_suffix(".part")
    temporary.write_text(
        "\n## ".join([_head(), *(part.rstrip() + "\n" for part in known)]), "utf-8"
    )
    temporary.replace(path)


def _sections(path: Path) -> dict[str, str]:
    """Read what stands on the page by title; nothing where machine or libraries were others."""
    text = path.read_text("utf-8") if path.is_file() else ""
    parts = text.split("\n## ")[1:] if text.startswith(_head()) else []
    return {part.split("\n", 1)[0]: part for part in parts}


def _stands(written: str, *, full: bool) -> bool:
    """Tell whether a bench is on the page at this size, and did not fail."""
    return f"{_size(full=full)}, " in written and "\n(failed)\n" not in written


def section(outcome: Outcome, *, full: bool) -> str:
    """Write what a bench asks, printed and took."""
    lines = [
        _title(outcome.bench),
        "",
        outcome.bench.asks,
        "",
        "```console",
        f"$ {outcome.command}",
        outcome.printed if outcome.status == 0 else f"(failed)\n{outcome.printed}",
        "```",
        "",
        f"{_size(full=full)}, {_now():%Y-%m-%d}: {_took(outcome)}.",
    ]
    return "\n".join(lines)


def _title(bench: Bench) -> str:
    return bench.name[0].upper() + bench.name[1:]


def _size(*, full: bool) -> str:
    return "Full size" if full else "Small size"


def _took(outcome: Outcome) -> str:
    stopped = outcome.status == -signal.SIGKILL
    ended = ", stopped by the limit or for memory" if stopped else f", failed with {outcome.status}"
    return (
        f"{outcome.wall_s:.0f} s, at most {outcome.peak_mb:.0f} MB in one process, other work on "
        f"{100 * outcome.beside_share:.0f} % of the machine{ended if outcome.status else ''}"
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@functools.cache
def _head() -> str:
    """Name the processor, the memory, and the versions of what does the work."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    processor = found[1] if found else platform.machine()
    memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return f"""\
# Benchmarks

Written by `scripts/bench/all.py`; do not edit by hand. Read ratios, not seconds: the machine may
be shared, and below each bench stands how much of it other work had. Every ratio is to a named alternative on the same work in the same run.

{os.cpu_count()} cores ({processor}), {memory_gb:.0f} GB, Python {platform.python_version()}.
Libraries: {versions}.
"""


def _files(word: str) -> list[str]:
    """Give the files that a word with an asterisk stands for, or the word itself."""
    path = Path(word.replace(SHARED, str(shared_data())))
    if SHARED not in word:
        return [word]
    return sorted(map(str, path.parent.glob(path.name)))


if __name__ == "__main__":
    main()
