"""Make a synthetic county with any number of premises, for benches and trials.

    python scripts/make_county.py 30000 --to FOLDER

Same arguments, same files. The demo county in data/demo is another one: it is drawn with more
care (valleys, fjords, rivers), and has 12 000 premises.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from large_county import deliver, land


def make_county(premises: int, folder: Path, *, seed: int = 1, terrain_m: int = 25) -> Path:
    """Write a county of that many premises; give the path of its scenario."""
    place = land.invent(premises, np.random.default_rng(seed))
    return deliver.write_county(
        place, premises, folder, seed=seed, terrain_m=terrain_m, generator="scripts/make_county.py"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("premises", type=int, help="how many premises (10 000 to 500 000)")
    parser.add_argument("--to", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--terrain-m", type=int, default=25, help="cell of the terrain, divides 250"
    )
    given = parser.parse_args()
    print(make_county(given.premises, given.to, seed=given.seed, terrain_m=given.terrain_m))


if __name__ == "__main__":
    main()
