"""What is found around a spot, held against every pair one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from bredband.coverage.claims import CELL_M
from bredband.coverage.findings import Likelihoods
from bredband.coverage.fits import expected, most_likely
from bredband.coverage.pooling import REACH, Units, count_around


def scattered(rng: np.random.Generator, count: int) -> Units:
    """Spots of three groups in cells drawn without repetition."""
    group, cell = np.divmod(rng.choice(3 * 900, count, replace=False), 900)
    row, column = np.divmod(cell, 30)
    none = np.zeros(0, dtype=np.int64)
    x_m, y_m = ((place + 0.5) * CELL_M for place in (column, row))
    return Units(none, none, none, group, x_m, y_m)


@given(seed=st.integers(0, 10**6), length_m=st.sampled_from([20.0, 250.0, 400.0, 1000.0, 9000.0]))
def test_findings_around_are_those_of_every_pair(seed: int, length_m: float) -> None:
    rng = np.random.default_rng(seed)
    spots = int(rng.integers(1, 120))
    units = scattered(rng, spots)
    at, witnessed = (rng.choice(spots, spots // 2 + 1, replace=False) for _ in range(2))
    counts = rng.integers(0, 4, (len(witnessed), 2)).astype(float)
    alike_weight = np.array([np.inf, 5.0])
    expected = np.zeros((len(at), 2))
    for i, here in enumerate(at):
        for j, there in enumerate(witnessed):
            apart_m = np.hypot(
                units.spot_x_m[here] - units.spot_x_m[there],
                units.spot_y_m[here] - units.spot_y_m[there],
            )
            alike = units.group_of_spot[here] == units.group_of_spot[there]
            if alike and apart_m <= REACH * length_m:
                w = np.exp(-apart_m / length_m)
                expected[i] += counts[j] * w / (1 + counts[j] * (1 - w) / alike_weight)
    found = count_around(units, at, witnessed, counts, length_m, alike_weight)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_nothing_is_found_where_nobody_witnessed() -> None:
    units, none = scattered(np.random.default_rng(1), 5), np.zeros(0, dtype=np.int64)
    found = count_around(units, np.arange(5), none, np.zeros((0, 1)), 500.0, np.full(1, np.inf))
    assert found.tolist() == [[0.0]] * 5


ANSWERS = Likelihoods(np.array([0.95, 0.05]), np.array([0.05, 0.95]), np.ones(2))
"""Yes and no, right 95 % of the time."""


def mean_after(mean: float, strength: float, yes: float, no: float) -> float:
    weights = np.array([[float(yes), float(no)]])
    return float(expected(weights, np.array([mean]), np.array([float(strength)]), ANSWERS)[0])


def test_one_no_by_hand() -> None:
    """The no is right with 0.0285/(0.0285 + 0.0485); then one of three is false, else none more."""
    false = 0.03 * 0.95 / (0.03 * 0.95 + 0.97 * 0.05)
    assert mean_after(0.97, 2, 0, 1) == pytest.approx((1.94 + 1 - false) / 3, abs=1e-8)


@pytest.mark.parametrize(
    ("mean", "strength", "yes", "no"),
    [(0.97, 2, 1, 0), (0.5, 40, 3, 2), (0.9, 2, 30, 4), (0.97, 20, 18, 1), (0.2, 1.2, 0.4, 0.05)],
)
def test_the_mean_is_that_of_the_integral(
    mean: float, strength: float, yes: float, no: float
) -> None:
    def part(power: int) -> float:
        ends = (strength * mean - 1, strength * (1 - mean) - 1)
        found = quad(
            lambda t: t**power * (0.05 + 0.9 * t) ** yes * (0.95 - 0.9 * t) ** no,
            0, 1, weight="alg", wvar=ends,
        )  # fmt: skip
        return float(found[0])

    assert mean_after(mean, strength, yes, no) == pytest.approx(part(1) / part(0), abs=5e-5)


@given(
    mean=st.floats(0.01, 0.99),
    strength=st.floats(0.3, 40),
    yes=st.floats(0, 50),
    no=st.floats(0, 50),
    more=st.floats(0, 5),
)
def test_more_yes_raises_the_mean_more_no_lowers_it_and_the_prior_pulls(
    mean: float, strength: float, yes: float, no: float, more: float
) -> None:
    before = mean_after(mean, strength, yes, no)
    assert mean_after(mean, strength, yes + more, no) >= before - 1e-9
    assert mean_after(mean, strength, yes, no + more) <= before + 1e-9
    assert mean_after(mean + 0.005, strength, yes, no) >= before - 1e-9


def test_one_finding_moves_the_likeliest_share_and_none_leaves_it() -> None:
    chance = Likelihoods(np.array([1.0]), np.array([0.0]), np.array([1.0]))
    found = most_likely(np.array([[1.0], [0.0], [2.0]]), np.full(3, 0.5), np.full(3, 4.0), chance)
    assert found == pytest.approx([3 / 5, 1 / 2, 4 / 6]), "as many true ones of as many in all"
