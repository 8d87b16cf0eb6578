"""Make a synthetic nation: 15 counties, 357 kommuner, 2.6 million premises.

    python scripts/make_nation.py --to FOLDER [--premises 2600000] [--processes 2]

Where ../shared/data is at hand (or BREDBAND_SHARED points there), borders are Norway's and
premises are placed by the real density of establishments in 250 m cells; else both are
invented. Everything else is invented. Writes a folder for each county with its scenario, and
``sektor.toml``. What is written is never committed: borders and cells are the publishers'.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from large_county import deliver, land
from shared_data import shared_data

PREMISES = 2_600_000


def make_nation(
    folder: Path, premises: int = PREMISES, *, terrain_m: int = 50, processes: int = 1
) -> list[Path]:
    """Write every county; give the paths of their scenarios."""
    rng = np.random.default_rng(15)
    lands = (
        land.norway(shared_data(), rng)
        if (shared_data() / "norway/admin").is_dir()
        else land.invent_nation(premises, rng)
    )
    whole = sum(place.weight.sum() for place in lands)
    counts = [round(premises * place.weight.sum() / whole) for place in lands]
    paths = []
    with ProcessPoolExecutor(processes) as pool:
        tasks = [
            pool.submit(
                deliver.write_county, place, count, folder / place.number, seed=100 + k,
                terrain_m=terrain_m, generator="scripts/make_nation.py",
            )
            for k, (place, count) in enumerate(zip(lands, counts, strict=True))
        ]  # fmt: skip
        for place, count, task in zip(lands, counts, tasks, strict=True):
            paths.append(task.result())
            print(f"{place.number}: {len(place.kommuner)} kommuner, {count} premises", flush=True)
    (folder / "sektor.toml").write_text(
        'name = "Syntetisk sektorplan"\norganisation = "Syntetisk"\ndate = "2026-11-23"\n', "utf-8"
    )
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--to", type=Path, required=True, help="folder to write to")
    parser.add_argument("--premises", type=int, default=PREMISES)
    parser.add_argument(
        "--terrain-m", type=int, default=50, help="cell of the terrain, divides 250"
    )
    parser.add_argument("--processes", type=int, default=2, help="counties made at a time")
    given = parser.parse_args()
    make_nation(given.to, given.premises, terrain_m=given.terrain_m, processes=given.processes)


if __name__ == "__main__":
    main()
