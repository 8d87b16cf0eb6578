from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from bredband import coverage
from bredband.coverage.draws import _latent
from bredband.scenario.coverage import CoverageChoices, Target, Trust
from tests.coverage.small import answer, fibre, make_evidence, make_premises


@pytest.fixture(scope="module")
def posterior():
    premises = make_premises(400, apart_m=50.0)
    evidence = make_evidence(*[answer(f"p{i}", "no", "A") for i in range(0, 60, 5)])
    return coverage.believe(
        premises, fibre(*premises["premises_id"]), evidence,
        target=Target(), choices=CoverageChoices(trust=Trust(claims_weight=2.0)),
    )  # fmt: skip


def test_every_premises_keeps_its_probability(posterior):
    """With 4000 draws the share served is within five standard errors, 0.04."""
    drawn = coverage.draw(posterior, 4000, seed=5)
    assert drawn.shape == (400, 4000)
    assert np.abs(drawn.mean(axis=1) - coverage.served_probability(posterior)).max() < 0.04


def test_neighbours_fail_together(posterior):
    drawn = coverage.draw(posterior, 2000, seed=5)[300:302].astype(float)
    assert np.corrcoef(drawn)[0, 1] > 0.1


def test_a_seed_repeats(posterior):
    first, again = (coverage.draw(posterior, 200, seed=8) for _ in range(2))
    assert (first == again).all()
    assert (first != coverage.draw(posterior, 200, seed=9)).any()


@pytest.mark.parametrize("p", [0.5, 0.8, 0.97])
def test_latent_correlation_gives_the_wanted_one(p):
    """Simulated: two normals with the latent correlation, cut at p, correlate as asked."""
    wanted = np.array([0.3])
    rho = float(_latent(wanted, np.array([p]))[0])
    random = np.random.default_rng(0)
    first, second = random.standard_normal((2, 1_000_000))
    second = rho * first + np.sqrt(1 - rho**2) * second
    got = np.corrcoef(first < ndtri(p), second < ndtri(p))[0, 1]
    assert got == pytest.approx(0.3, abs=0.02)


def test_the_narrowest_range_that_holds_nine_of_ten():
    """Of 0, 1 … 8 and 100 the first nine; of ten alike, that value."""
    drawn = np.array([[*range(9), 100], [1] * 10]).T.astype(float)
    low, high = coverage.interval(drawn)
    assert low.tolist() == [0, 1]
    assert high.tolist() == [8, 1]
