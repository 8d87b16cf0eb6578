"""Seconds that maps, documents and exchange take from a plan that is made, and whether they repeat.

    python scripts/bench/outlets.py [FOLDER…]

A FOLDER is what ``bredband run`` wrote; without any, the demo county, Elverum and Liechtenstein
are planned first (the last two where the real data are). Everything is written twice into the
folder: the seconds are those of the second time, and every file must have the same bytes both times. The ratio
sets the three documents written together, their figures drawn once, against one at a time.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bredband import exchange, pipeline, read_scenario, report
from bredband.county import read_json
from bredband.pipeline.outputs import PLAN_FILE
from bredband.plan import Plan
from scripts.real_runs import WRITERS, plan_real
from scripts.shared_data import shared_data

ROOT = Path(__file__).resolve().parents[2]
MOST_S = 20.0


def main() -> None:
    given = [Path(word) for word in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="bredband-outlets-") as place:
        for folder in given or planned(Path(place)):
            measure(folder)


def planned(place: Path) -> Iterator[Path]:
    """Plan the three counties; give each folder when it is ready."""
    pipeline.run(read_scenario(ROOT / "data/demo/scenario.toml"), place / "demo")
    yield place / "demo"
    for name in WRITERS if shared_data().is_dir() else ():
        plan_real(name, place / name, shared_data().resolve())
        yield place / name


def measure(folder: Path) -> None:
    """Write everything twice, and print what it took."""
    plan = pipeline.read_plan(folder)
    writers: dict[str, Callable[[], object]] = {
        "kart": lambda: pipeline.write_map(folder, plan),
        "dokument": lambda: pipeline.write_report(folder, plan),
        "kommunesaker": lambda: pipeline.write_council_cases(folder, plan),
        "datapakke": lambda: pipeline.write_package(folder, plan),
    }
    if plan.scenario.output.dispatch.recipient:
        writers["forsendelse"] = lambda: pipeline.write_dispatch(folder, plan)
    for write in writers.values():
        write()
    first = digests(folder)
    seconds = {name: timed(write) for name, write in writers.items()}
    second = digests(folder)
    others = [name for name in first | second if first.get(name) != second.get(name)]
    each_s = sum(timed(lambda end=end: one(folder, plan, end)) for end in ("docx", "pdf", "html"))
    together_s = timed(lambda: one(folder, plan, "docx", "pdf", "html"))
    whole = seconds["kart"] + seconds["dokument"]
    print(f"{folder.name}: " + ", ".join(f"{name} {s:.1f} s" for name, s in seconds.items()))
    print(
        f"  maps and documents {whole:.1f} s (asked {MOST_S:.0f}); {len(second)} files, {len(others)} with "
        f"other bytes the second time {others[:5]}; documents one at a time {each_s:.1f} s, together "
        f"{together_s:.1f} s: {each_s / together_s:.1f} times"
    )


def one(folder: Path, plan: Plan, *endings: str) -> None:
    content = exchange.edition_of_document(read_json(folder / PLAN_FILE))
    with tempfile.TemporaryDirectory() as name:
        report.write_county_plan(content, plan, *(Path(name, f"plan.{end}") for end in endings))


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file but the kept answers."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if pipeline.STORE_FOLDER not in path.relative_to(folder).parts
    }


if __name__ == "__main__":
    main()
