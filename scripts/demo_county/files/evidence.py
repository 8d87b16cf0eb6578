"""Survey answers and speed tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

from .. import answers, coverage
from ..place import EPSG, KOMMUNER, Kommune
from .table import write_csv


def write_evidence(
    folder: Path,
    premises: pd.DataFrame,
    truth: coverage.Truth,
    rng: np.random.Generator,
    kommuner: Sequence[Kommune] = KOMMUNER,
) -> None:
    """Write the survey answers and the speed tests."""
    write_csv(
        folder / "sporreundersokelse" / "svar.csv",
        answers.survey(premises, truth, premises.poststed, rng, kommuner),
    )
    tests = answers.speed_tests(premises, truth, rng)
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(tests.x.to_numpy(), tests.y.to_numpy())
    tests = tests.drop(columns=["x", "y"])
    tests.insert(2, "lon", [f"{v:.6f}" for v in lon])
    tests.insert(3, "lat", [f"{v:.6f}" for v in lat])
    write_csv(folder / "fartstest" / "fartstester.csv", tests)
