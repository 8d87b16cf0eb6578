"""Read the published reference cases in the formats they come in, and ask the reference form."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bredband.radio.diffraction import delta_bullington_db


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
    """The delta-Bullington examples: expected row and profile (km, m)."""
    expected = pd.read_csv(folder / "expected.csv")
    profiles = {
        path: pd.read_csv(folder / f"dbull_path{path}.csv").to_numpy(float)
        for path in expected["path"].unique()
    }
    return [(row, profiles[row["path"]]) for _, row in expected.iterrows()]


def p526_loss_db(row: pd.Series, profile: np.ndarray) -> float:
    """What we answer to one of the examples, all of which are horizontally polarised."""
    return delta_bullington_db(
        profile[:, 0] * 1000.0,
        profile[:, 1],
        frequency_mhz=row["f_MHz"],
        tx_height_m=row["htg_m"],
        rx_height_m=row["hrg_m"],
        effective_earth_radius_km=row["ae_km"],
        sea_share=row["omega"],
        polarisation="horizontal",
    )


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


def p1812_diffraction_db(case: Case) -> float:
    """What we answer to one of the cases over the median Earth (Ld50)."""
    return delta_bullington_db(
        case.distance_m,
        case.height_m,
        clutter_m=case.clutter_m,
        frequency_mhz=1000.0 * case.inputs["f (GHz)"],
        tx_height_m=case.inputs["htg (m)"],
        rx_height_m=case.inputs["hrg (m)"],
        effective_earth_radius_km=case.logged["ae (km)"],
        sea_share=case.logged["w"],
        polarisation="vertical" if case.inputs["pol"] == 2 else "horizontal",
    )


def _read_log(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Inputs by name, and logged values by name and equation (``hst (m) Eq (85)``)."""
    inputs: dict[str, float] = {}
    logged: dict[str, float] = {}
    for row in csv.reader(_lines(path)):
        if len(row) < 4 or not row[3].strip() or row[0].startswith("#"):
            continue
        name, equation, value = row[0].strip(), row[1].strip(), float(row[3])
        logged.setdefault(name, value)
        logged[f"{name} {equation}"] = value
        if not equation:
            inputs.setdefault(name, value)
    return inputs, logged


def _read_profile(path: Path) -> np.ndarray:
    lines = [line for line in _lines(path) if line.strip(" ,")]
    start = next(i for i, line in enumerate(lines) if line.startswith("{Begin of Profile"))
    end = next(i for i, line in enumerate(lines) if line.startswith("{End of Profile"))
    return np.array([[float(x) for x in line.split(",")[:5]] for line in lines[start + 2 : end]])


def _lines(path: Path) -> list[str]:
    """The lines of a file; names of places may be in any encoding, the numbers are not."""
    return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
