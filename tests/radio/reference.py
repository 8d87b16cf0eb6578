"""Read the published reference cases in the formats they come in."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Case:
    """One P.1812 case: its profile and every number that was logged for it."""

    name: str
    distance_m: np.ndarray
    height_m: np.ndarray
    clutter_m: np.ndarray
    zone: np.ndarray
    inputs: dict[str, float]
    logged: dict[str, float]


def p526_cases(folder: Path) -> list[tuple[pd.Series, np.ndarray]]:
    """The 20 delta-Bullington examples: expected row and profile (km, m)."""
    expected = pd.read_csv(folder / "expected.csv")
    profiles = {
        path: pd.read_csv(folder / f"dbull_path{path}.csv").to_numpy(float)
        for path in expected["path"].unique()
    }
    return [(row, profiles[row["path"]]) for _, row in expected.iterrows()]


def p1812_cases(folder: Path) -> list[Case]:
    """Every case that has a log, with the profile it belongs to."""
    cases = []
    for log in sorted((folder / "validation_results").glob("*_log.csv")):
        inputs, logged = _read_log(log)
        name = re.sub(r"_\d+_log$", "", log.stem)
        profile = _read_profile(folder / "validation_profiles" / f"{name}.csv")
        cases.append(
            Case(
                log.stem, profile[:, 0] * 1000.0, profile[:, 1], profile[:, 3], profile[:, 4],
                inputs, logged,
            )
        )  # fmt: skip
    return cases


def _read_log(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Inputs by name, and logged values by name and equation (``hst (m) Eq (85)``)."""
    inputs: dict[str, float] = {}
    logged: dict[str, float] = {}
    for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
        if len(row) < 4 or not row[3].strip() or row[0].startswith("#"):
            continue
        name, equation, value = row[0].strip(), row[1].strip(), float(row[3])
        logged.setdefault(name, value)
        logged[f"{name} {equation}"] = value
        if not equation:
            inputs.setdefault(name, value)
    return inputs, logged


def _read_profile(path: Path) -> np.ndarray:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("{Begin of Profile"))
    end = next(i for i, line in enumerate(lines) if line.startswith("{End of Profile"))
    return np.array([[float(x) for x in line.split(",")[:5]] for line in lines[start + 2 : end]])
