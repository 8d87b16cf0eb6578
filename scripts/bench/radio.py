"""Measure the radio room: how right it is, and how fast against named alternatives.

    python scripts/bench/radio.py [--quick]

Prints ratios on the same work in the same run. Everything is one core unless said; times are
CPU seconds, medians. The terrain is synthetic; the reference cases are ITU's, read from the
shared data beside the repository and left out where it is absent.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import ndimage

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bredband.grid import Raster  # noqa: E402
from bredband.radio.diffraction import delta_bullington_db  # noqa: E402
from bredband.radio.profile import (  # noqa: E402
    Terrain,
    diffraction_db,
    make_terrain,
    trace_paths,
)
from bredband.radio.second_opinion import compare_models  # noqa: E402
from bredband.radio.sectors import sectors_of  # noqa: E402
from bredband.radio.sites import reach_premises  # noqa: E402
from bredband.scenario.radio import RadioChoices  # noqa: E402
from scripts.shared_data import shared_data  # noqa: E402
from tests.radio.reference import (  # noqa: E402
    p526_cases,
    p526_loss_db,
    p1812_cases,
    p1812_diffraction_db,
)

CELLS, CELL_M, REACH_M = 2000, 10.0, 9990.0
MHZ = 3500.0


def hills(cells: int, seed: int = 1) -> np.ndarray:
    """Synthetic terrain with structure from 40 m to 2.5 km, about 600 m of relief."""
    rng = np.random.default_rng(seed)
    heights = np.zeros((cells, cells))
    for scale in (256, 64, 16, 4):
        bumps = ndimage.gaussian_filter(rng.normal(size=(cells, cells)), scale, mode="wrap")
        heights += bumps / bumps.std() * scale * 0.6
    return (heights - heights.min()).astype(np.float32)


def receivers(count: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Receivers evenly over the disc, so the median path is 7 km."""
    rng = np.random.default_rng(seed)
    distance, azimuth = REACH_M * np.sqrt(rng.uniform(size=count)), rng.uniform(0, 2 * np.pi, count)
    return 10_003.0 + distance * np.sin(azimuth), 10_001.0 + distance * np.cos(azimuth)


def median_cpu_s(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def profile_of(heights: np.ndarray, x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    """One profile from the mast in float64, bilinear, 10 m steps."""
    length = np.hypot(x - 10_003.0, y - 10_001.0)
    steps = max(1, int(np.ceil(length / CELL_M - 1e-9)))
    i = np.arange(steps + 1) / steps
    column = (10_003.0 + (x - 10_003.0) * i) / CELL_M - 0.5
    row = (CELLS * CELL_M - 10_001.0 - (y - 10_001.0) * i) / CELL_M - 0.5
    return length * i, ndimage.map_coordinates(heights, [row, column], order=1, mode="nearest")


def python_loop(heights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Alternative (ii): one profile after another in Python and numpy."""
    loss = np.empty(len(x))
    for i in range(len(x)):
        distance, profile = profile_of(heights, x[i], y[i])
        loss[i] = delta_bullington_db(
            distance, profile, frequency_mhz=MHZ, tx_height_m=30.0, rx_height_m=6.0
        )
    return loss


def numpy_batch(heights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Alternative (i): the same formulae on padded arrays, 250 receivers at a time."""
    order = np.argsort(np.hypot(x - 10_003.0, y - 10_001.0))
    loss = np.empty(len(x))
    for start in range(0, len(x), 250):
        some = order[start : start + 250]
        loss[some] = _numpy_block(heights, x[some], y[some])
    return loss


def _numpy_block(heights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    length = np.hypot(x - 10_003.0, y - 10_001.0)
    n = np.maximum(1, np.ceil(length / CELL_M - 1e-9)).astype(int)[:, None]
    i = np.minimum(np.arange(n.max() + 1)[None, :], n)
    column = (10_003.0 + (x - 10_003.0)[:, None] * i / n) / CELL_M - 0.5
    row = (CELLS * CELL_M - 10_001.0 - (y - 10_001.0)[:, None] * i / n) / CELL_M - 0.5
    c, r = column.astype(np.int32), row.astype(np.int32)
    fc, fr = column - c, row - r
    flat, at = heights.reshape(-1), r * CELLS + c
    up = flat[at] + fc * (flat[at + 1] - flat[at])
    down = flat[at + CELLS] + fc * (flat[at + CELLS + 1] - flat[at + CELLS])
    h = up + fr * (down - up)
    d = length / 1000.0
    step = (d[:, None] / n) * i
    tx, rx = h[:, 0] + 30.0, h[:, -1] + 6.0
    inner = (i > 0) & (i < n)
    near = np.where(inner, step, 1.0)
    far = np.where(inner, d[:, None] - step, 1.0)
    above = h - (tx[:, None] * (d[:, None] - step) + rx[:, None] * step) / d[:, None]
    bulge = 500.0 / 8500.0 * near * far
    wave = 0.2998 / (MHZ / 1000.0)

    def edge(bulging: np.ndarray) -> np.ndarray:
        a = np.max(np.where(inner, bulging / near, -1e9), axis=1)
        b = np.max(np.where(inner, bulging / far, -1e9), axis=1)
        g = np.max(np.where(inner, bulging / np.sqrt(near * far), -1e9), axis=1)
        return np.where(a > 0, np.sqrt(np.maximum(a * b, 0)), g) * np.sqrt(0.002 * d / wave)

    def bullington(v: np.ndarray) -> np.ndarray:
        w = np.maximum(v, -0.78) - 0.1
        j = np.where(v > -0.78, 6.9 + 20 * np.log10(np.sqrt(w**2 + 1) + w), 0.0)
        return j + (1 - np.exp(-j / 6)) * (10 + 0.02 * d)

    weight = np.where(i < n, 1.0, 0.0) * np.where(np.diff(i, axis=1, append=n + 1) > 0, 1.0, 0.0)
    v1 = 2 * np.sum(np.where(inner, above * weight, 0), axis=1) - 30.0 - 6.0
    v2 = 6 * np.sum(np.where(inner, above * weight * i, 0), axis=1) - 30.0 - 6.0 * (3 * n[:, 0] - 1)
    m = n[:, 0].astype(float)
    te, re = -(2 * v1 * m - v2) / m**2, -(v2 - v1 * m) / m**2
    top = np.max(np.where(inner, above, -1e9), axis=1)
    ft = np.max(np.where(inner, above / near, -1e9), axis=1)
    fr2 = np.max(np.where(inner, above / far, -1e9), axis=1)
    share = np.where(top > 0, ft / (ft + fr2), 0.0)
    te = np.maximum(te + np.maximum(top, 0) * share, 30.0)
    re = np.maximum(re + np.maximum(top, 0) * np.where(top > 0, 1 - share, 0), 6.0)
    flat_line = (te[:, None] * (d[:, None] - step) + re[:, None] * step) / d[:, None]
    actual, smooth = bullington(edge(above + bulge)), bullington(edge(bulge - flat_line))
    spherical = _numpy_spherical(d, te, re)
    return np.where(m < 2, 0.0, actual + np.maximum(spherical - smooth, 0.0))


def _numpy_spherical(d: np.ndarray, te: np.ndarray, re: np.ndarray) -> np.ndarray:
    ghz, radius = MHZ / 1000.0, 8500.0
    beyond = d >= np.sqrt(2 * radius) * (np.sqrt(0.001 * te) + np.sqrt(0.001 * re))
    c, m = (te - re) / (te + re), 250 * d**2 / (radius * (te + re))
    angle = np.arccos(np.clip(1.5 * c * np.sqrt(3 * m / (m + 1) ** 3), -1, 1))
    b = 2 * np.sqrt((m + 1) / (3 * m)) * np.cos(np.pi / 3 + angle / 3)
    near = 0.5 * d * (1 + b)
    far = d - near
    clear = ((te - 500 * near**2 / radius) * far + (re - 500 * far**2 / radius) * near) / d
    needed = 17.456 * np.sqrt(np.maximum(near * far, 1e-12) * (0.2998 / ghz) / d)
    a = np.where(beyond, radius, 500 * (d / (np.sqrt(te) + np.sqrt(re))) ** 2)
    term = (18 * 0.003 / ghz) ** 2
    k = 0.036 * (a * ghz) ** (-1 / 3) * (21.0**2 + term) ** -0.25 * np.sqrt(22.0**2 + term)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * (ghz / a**2) ** (1 / 3) * d
    fx = np.where(x >= 1.6, 11 + 10 * np.log10(x) - 17.6 * x, -20 * np.log10(x) - 5.6488 * x**1.425)

    def gain(h: np.ndarray) -> np.ndarray:
        y = 0.9575 * beta**2 * (ghz**2 / a) ** (1 / 3) * h
        high = (
            17.6 * np.sqrt(np.maximum(y - 1.1, 1e-9)) - 5 * np.log10(np.maximum(y - 1.1, 1e-9)) - 8
        )
        return np.maximum(
            np.where(y > 2, high, 20 * np.log10(y + 0.1 * y**3)), 2 + 20 * np.log10(k)
        )

    loss = -fx - gain(te) - gain(re)
    within = np.where(clear > needed, 0.0, np.maximum(0.0, (1 - clear / needed) * loss))
    return np.where(beyond, loss, within)


def show_references() -> None:
    shared = shared_data() / "radio"
    if not shared.is_dir():
        print(f"reference cases: left out, {shared} is absent")
        return
    examples = p526_cases(shared / "p526_dbull")
    worst = max(abs(p526_loss_db(row, profile) - row["L_dB"]) for row, profile in examples)
    print(f"P.526 examples ({len(examples)}): worst {worst:.4f} dB (wanted 0.01)")
    cases = p1812_cases(shared / "p1812-8_Py1812")
    worst = max(abs(p1812_diffraction_db(case) - case.logged["Ld50 (dB)"]) for case in cases)
    print(f"P.1812-8 Ld50 ({len(cases)}): worst {worst:.1e} dB (wanted 1e-5)")


def show_accuracy(terrain: Terrain, heights: np.ndarray, count: int) -> None:
    x, y = receivers(count, seed=3)
    paths = trace(terrain, x, y)
    exact = heights.astype(float)
    print(f"float32 kernel against float64, {count} profiles, and line of sight by brute force:")
    agrees = 0
    reference: dict[float, list[float]] = {700.0: [], MHZ: [], 26_000.0: []}
    for i in range(count):
        distance, profile = profile_of(exact, x[i], y[i])
        for mhz, losses in reference.items():
            losses.append(
                delta_bullington_db(
                    distance, profile, frequency_mhz=mhz, tx_height_m=30.0, rx_height_m=6.0
                )
            )
        ray = np.linspace(profile[0] + 30.0, profile[-1] + 6.0, len(profile))
        bulging = profile + distance * (distance[-1] - distance) / (2.0 * 8.5e6)
        agrees += bool((bulging[1:-1] < ray[1:-1]).all()) == paths.line_of_sight[i]
    for mhz, losses in reference.items():
        error = np.abs(diffraction_db(paths, frequency_mhz=mhz) - losses)
        print(
            f"  {mhz:7.0f} MHz: worst {error.max():.5f} dB, 99.9 % {np.quantile(error, 0.999):.5f}"
        )
    print(f"  line of sight equal on {100.0 * agrees / count:.3f} % (wanted 99.5)")


def trace(terrain: Terrain, x: np.ndarray, y: np.ndarray, threads: int = 1):
    return trace_paths(
        terrain, tx_x_m=10_003.0, tx_y_m=10_001.0, tx_height_m=30.0,
        rx_x_m=x, rx_y_m=y, rx_height_m=6.0, threads=threads,
    )  # fmt: skip


def show_speed(terrain: Terrain, heights: np.ndarray, quick: bool) -> None:
    count = 20_000
    x, y = receivers(count)
    samples = int(np.ceil(np.hypot(x - 10_003.0, y - 10_001.0) / CELL_M).sum())

    def one(threads: int = 1) -> np.ndarray:
        paths = trace(terrain, x, y, threads)
        return diffraction_db(paths, frequency_mhz=MHZ, threads=threads)

    def three() -> None:
        paths = trace(terrain, x, y)
        for mhz in (800.0, MHZ, 26_000.0):
            diffraction_db(paths, frequency_mhz=mhz)

    found = one()
    spent = median_cpu_s(one, 25)
    print(f"{count} receivers evenly within 10 km, 10 m step ({samples / count:.0f} samples each):")
    print(
        f"  bredband        {count / spent:10.0f} receivers/s  {samples / spent / 1e6:.0f} M samples/s"
    )
    three_bands = median_cpu_s(three, 25)
    print(f"  three bands     {three_bands / spent:10.2f} x one (wanted at most 1.7)")
    some = 1000 if quick else 4000
    batch = median_cpu_s(lambda: numpy_batch(heights, x[:some], y[:some]), 3) / some * count
    error = np.abs(numpy_batch(heights, x[:some], y[:some]) - found[:some]).max()
    print(
        f"  numpy batch     {count / batch:10.0f} receivers/s: bredband is {batch / spent:.0f} x "
        f"(same answers within {error:.4f} dB)"
    )
    few = 300 if quick else 1000
    loop = median_cpu_s(lambda: python_loop(heights, x[:few], y[:few]), 3) / few * count
    print(f"  python loop     {count / loop:10.0f} receivers/s: bredband is {loop / spent:.0f} x")
    many_x, many_y = np.tile(x, 10), np.tile(y, 10)
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(7):
        for threads, taken in walls.items():
            start = time.perf_counter()
            diffraction_db(
                trace(terrain, many_x, many_y, threads), frequency_mhz=MHZ, threads=threads
            )
            taken.append(time.perf_counter() - start)
    gain = min(walls[1]) / min(walls[2])
    print(
        f"  two threads     {gain:10.2f} x one, by the clock (wanted 1.6 with two "
        f"free cores; load now {os.getloadavg()[0]:.1f})"
    )


def show_county(terrain: Terrain) -> None:
    rng = np.random.default_rng(5)
    masts = pd.DataFrame(
        {
            "site_id": [f"m{i:03d}" for i in range(500)],
            "x_m": 300_000.0 + rng.uniform(1000, 19_000, 500),
            "y_m": 6_740_000.0 + rng.uniform(1000, 19_000, 500),
            "height_m": 30.0, "bands": "3500", "sectors": "0/120/240",
        }
    )  # fmt: skip
    people = pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(5000)],
            "x_m": 300_000.0 + rng.uniform(1000, 19_000, 5000),
            "y_m": 6_740_000.0 + rng.uniform(1000, 19_000, 5000),
            "households": 1,
        }
    )
    placed = replace(terrain, west_m=300_000.0, north_m=6_760_000.0)
    for longest_m in (10_000.0, 15_000.0, 30_000.0):
        start = time.process_time()
        choices = RadioChoices(link={"longest_m": longest_m})
        table = reach_premises(sectors_of(masts, choices), people, placed, choices)
        spent = time.process_time() - start
        print(
            f"500 masts x 5000 addresses within {longest_m / 1000:.0f} km, best sector and "
            f"capacity included: {spent:.1f} s (wanted 10); served {table['served'].mean():.0%}"
        )


COLD = """
import time; start = time.perf_counter()
import numpy as np
from bredband.grid import Raster
from bredband.radio.profile import diffraction_db, make_terrain, trace_paths
imported = time.perf_counter()
r = Raster(np.zeros((50, 50), np.float32), 0.0, 500.0, 10.0, np.zeros((50, 50), bool))
p = trace_paths(make_terrain(r), tx_x_m=50.0, tx_y_m=50.0, tx_height_m=30.0,
                rx_x_m=np.full(9, 400.0), rx_y_m=400.0, rx_height_m=6.0)
diffraction_db(p, frequency_mhz=800.0)
print(f"{imported - start:.1f} {time.perf_counter() - imported:.1f} {time.process_time():.1f}")
"""


def show_cold_start() -> None:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(ROOT)}
        for name in ("first run ever", "every run after"):
            answer = subprocess.run(
                [sys.executable, "-c", COLD], env=environment, capture_output=True, text=True,
                check=True, cwd=ROOT,
            )  # fmt: skip
            imported, ran, cpu = answer.stdout.split()
            print(
                f"cold start, {name}: import {imported} s, compile and run {ran} s "
                f"(CPU in all {cpu} s)"
            )


def show_spread(heights: np.ndarray, count: int) -> None:
    x, y = receivers(count, seed=7)
    exact = heights.astype(float)
    profiles = [profile_of(exact, *place) for place in zip(x, y, strict=True)]
    profiles = [p for p in profiles if len(p[0]) > 25]
    print(f"second opinion on {len(profiles)} profiles, against bredband:")
    for mhz in (800.0, MHZ):
        table = compare_models(profiles, frequency_mhz=mhz, tx_height_m=30.0, rx_height_m=6.0)
        for model in ("p1812", "itm", "deygout"):
            less = table[f"{model}_db"] - table["bredband_db"]
            print(
                f"  {mhz:5.0f} MHz {model:8s} median {less.median():+.2f} dB, standard deviation "
                f"{less.std():.2f}, worst {less.abs().max():.1f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer profiles, a minute in all")
    quick = parser.parse_args().quick
    heights = hills(CELLS)
    cells = np.zeros(heights.shape, bool)
    start = time.process_time()
    terrain = make_terrain(Raster(heights, 0.0, CELLS * CELL_M, CELL_M, cells))
    print(f"terrain of {CELLS} x {CELLS} made ready in {time.process_time() - start:.3f} s, once")
    show_references()
    show_accuracy(terrain, heights, 2000 if quick else 20_000)
    show_spread(heights, 300 if quick else 2000)
    show_speed(terrain, heights, quick)
    show_county(terrain)
    show_cold_start()


if __name__ == "__main__":
    main()
