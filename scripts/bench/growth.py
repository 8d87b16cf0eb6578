"""How a county's run grows: the same county at several sizes, from raw files to document.

    python scripts/bench/growth.py [PREMISES…]

Generates a synthetic county of each size, plans it in a process of its own, and prints the wall
seconds of every step with the peak memory. The last column is the exponent: the slope of the
logarithm of the seconds on that of the premises, by least squares; 1 is linear growth. Steps under
half a second at the largest size are summed as «andre steg».
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SCRIPTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SCRIPTS.parent), str(SCRIPTS)]
SHORT_S = 0.5


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 30_000, 100_000, 300_000]
    with tempfile.TemporaryDirectory(prefix="bredband-growth-") as folder:
        runs = [measure(size, Path(folder) / str(size)) for size in sizes]
    seconds = {step: [run[step] for run, _ in runs] for step in runs[-1][0]}
    small = [step for step, row in seconds.items() if row[-1] < SHORT_S]
    rest = [sum(seconds.pop(step)[i] for step in small) for i in range(len(sizes))]
    if small:
        seconds["andre steg"] = rest
    seconds["i alt"] = [sum(run.values()) for run, _ in runs]
    print(f"{'premises':<24}" + "".join(f"{size:>10}" for size in sizes) + f"{'exponent':>10}")
    for step, row in seconds.items():
        print(
            f"{step + ', s':<24}"
            + "".join(f"{x:10.1f}" for x in row)
            + f"{slope(sizes, row):10.2f}"
        )
    peak_gb = [peak for _, peak in runs]
    print(f"{'peak memory, GB':<24}" + "".join(f"{x:10.2f}" for x in peak_gb))


def measure(premises: int, folder: Path) -> tuple[dict[str, float], float]:
    """Plan a county of that size; give the seconds of each step, and the peak memory in GB."""
    make = [sys.executable, str(SCRIPTS / "make_county.py"), str(premises), "--to", str(folder)]
    scenario = subprocess.run(make, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    words = "import growth, sys; growth.plan(*sys.argv[1:])"
    plan = [sys.executable, "-c", words, scenario, str(folder / "out")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*sys.path[:2], str(SCRIPTS / "bench")]),
    }
    process = subprocess.Popen(plan, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the county of {premises} premises was not planned")
    steps = json.loads((folder / "out" / "steps.json").read_text("utf-8"))
    return steps, used.ru_maxrss / 1e6


def plan(scenario: str, folder: str) -> None:
    """Run the scenario as the command does, and write the seconds of each step beside the plan."""
    from bredband import pipeline, read_scenario

    begun: list[tuple[str, float]] = []
    with pipeline.rehearsing():
        pipeline.run(
            read_scenario(scenario),
            folder,
            lambda step: begun.append((step, time.perf_counter())),
        )
    ends = [start for _, start in begun[1:]] + [time.perf_counter()]
    steps: dict[str, float] = {}
    for (step, start), end in zip(begun, ends, strict=True):
        steps[step] = steps.get(step, 0.0) + end - start
    (Path(folder) / "steps.json").write_text(json.dumps(steps), "utf-8")


def slope(sizes: list[int], seconds: list[float]) -> float:
    """Fit the exponent of the growth by least squares on logarithms."""
    if len(sizes) < 2 or min(seconds) <= 0:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


if __name__ == "__main__":
    main()
