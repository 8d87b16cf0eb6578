"""Longley-Rice through its package, against the numbers that NTIA gives out."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from bredband.errors import InputError
from bredband.radio.longley_rice import Ground, itm_loss_db


def heights_of(line: str) -> tuple[np.ndarray, np.ndarray]:
    """NTIA's profile: number of steps, their length, and the heights."""
    steps, step_m, *heights = (float(x) for x in line.strip().strip(",").split(","))
    return step_m * np.arange(int(steps) + 1), np.array(heights[: int(steps) + 1])


def test_all_ntia_cases(shared_data: Path) -> None:
    """Five point-to-point cases, rounded by NTIA to 0.01 dB."""
    folder = shared_data / "radio" / "itm_ntia"
    lines = [x for x in (folder / "pfls.csv").read_text().splitlines() if x.strip()]
    cases = list(csv.DictReader((folder / "p2p.csv").read_text().splitlines()))
    for line, texts in zip(lines, cases, strict=True):
        case = {name: float(text) for name, text in texts.items()}
        distance, height = heights_of(line)
        found = itm_loss_db(
            distance, height, frequency_mhz=case["f__mhz"], tx_height_m=case["h_tx__meter"],
            rx_height_m=case["h_rx__meter"],
            polarisation="vertical" if case["pol"] == 1 else "horizontal",
            ground=Ground(
                case["epsilon"], case["sigma"], case["N_0"], int(case["climate"]),
                int(case["mdvar"]), case["time"] / 100.0, case["location"] / 100.0,
                case["situation"] / 100.0,
            ),
        )  # fmt: skip
        assert found == pytest.approx(case["A__db"], abs=0.0051)


def test_line_of_sight_as_ntias_program_says(shared_data: Path) -> None:
    """The example of the command-line program: 114.5 dB, that of free space."""
    line = (shared_data / "radio" / "itm_ntia" / "cmd_examples" / "pfl.txt").read_text()
    found = itm_loss_db(
        *heights_of(line), frequency_mhz=3500.0, tx_height_m=15.0, rx_height_m=3.0,
        ground=Ground(climate=5, variability=1),
    )  # fmt: skip
    assert found == pytest.approx(114.5, abs=0.051)


def test_outside_its_range_the_model_says_nothing() -> None:
    distance = np.arange(0.0, 3001.0, 10.0)
    flat = np.zeros(len(distance))
    ask = {"tx_height_m": 30.0, "rx_height_m": 6.0}
    assert math.isnan(itm_loss_db(distance, flat, frequency_mhz=26_000.0, **ask))
    with pytest.raises(InputError, match="like stor avstand"):
        itm_loss_db([0.0, 10.0, 30.0], [1.0, 2.0, 3.0], frequency_mhz=800.0, **ask)
