"""The demo county from raw files to document: the first run on a machine against the next.

    python scripts/bench/cold.py [SCENARIO]

Plans the county in a process of its own with an empty cache of compiled kernels, and then again
into a new folder with the kernels on disk. Prints the seconds of every step of both, what came
before the first step (imports), wall and CPU seconds in all (those of the process that compiles beside the
first run are counted), and the ratio.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
DEMO = SCRIPTS.parent / "data" / "demo" / "scenario.toml"
PATHS = [str(SCRIPTS.parent), str(SCRIPTS), str(SCRIPTS / "bench")]


def main() -> None:
    scenario = sys.argv[1] if len(sys.argv) > 1 else str(DEMO)
    with tempfile.TemporaryDirectory(prefix="bredband-cold-") as folder:
        cold, warm = (measure(scenario, Path(folder), name) for name in ("cold", "warm"))
    print(f"{'':<28}{'cold':>8}{'warm':>8}")
    for step in warm:
        print(f"{step:<28}{cold[step]:8.1f}{warm[step]:8.1f}")
    print(f"{'cold/warm':<28}{cold['wall, s'] / warm['wall, s']:8.2f}")


def measure(scenario: str, folder: Path, name: str) -> dict[str, float]:
    """Plan the county; give the seconds of each step, and of all of it."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(PATHS),
        "NUMBA_CACHE_DIR": str(folder / "kernels"),
    }
    words = "import growth, sys; growth.plan(*sys.argv[1:])"
    before, begun = _cpu_s(), time.perf_counter()
    act = [sys.executable, "-c", words, scenario, str(folder / name)]
    subprocess.run(act, check=True, env=environment)
    wall, cpu = time.perf_counter() - begun, _cpu_s() - before
    steps = json.loads((folder / name / "steps.json").read_text("utf-8"))
    seconds = {f"{step}, s": value for step, value in steps.items()}
    return {**seconds, "imports, s": wall - sum(steps.values()), "wall, s": wall, "CPU, s": cpu}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
