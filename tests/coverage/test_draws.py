from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from bredband import coverage, tables
from bredband.coverage.draws import _latent, _of_all
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


def test_offers_that_nobody_reported_are_not_found_by_whole_hamlets():
    """Homes 50 m apart, where three of ten have one: the next home has it no more often than others."""
    premises = make_premises(300, apart_m=50.0)
    trust = Trust(unlisted_probability=0.3, claims_weight=1e9)
    drawn = drawn_shares(premises, tables.empty("availability"), trust)
    assert np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1] == pytest.approx(0, abs=0.01)


def test_operators_of_one_technology_are_unsure_together():
    """Nothing is known: technology, operator and kind of place are a third of the doubt each."""
    premises = make_premises(300, apart_m=5000.0)
    ids = premises["premises_id"]
    offers = pd.concat([fibre(*ids[::2]), fibre(*ids[1::2], operator="B")], ignore_index=True)
    trust = Trust(fibre_probability=0.5, unlisted_probability=1e-9)
    drawn = drawn_shares(premises, offers, trust)
    first, second = (drawn[k::2].mean(axis=0) for k in (0, 1))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(1 / 3, abs=0.06)


def test_doubt_about_how_much_more_often_claims_fail_outside_settlements():
    """In and outside differ by 2/21 of their own doubt, and by rho^2/4 where p = 1/2: 1.9 times as far."""
    premises = make_premises(300, apart_m=5000.0, rural=np.arange(300) % 2 == 0)
    apart = []
    for spread in (1e-9, 1.0):
        trust = Trust(fibre_probability=0.5, unlisted_probability=1e-9, rural_spread_neper=spread)
        drawn = drawn_shares(premises, fibre(*premises["premises_id"]), trust)
        apart.append((drawn[::2].mean(axis=0) - drawn[1::2].mean(axis=0)).std())
    assert apart[1] / apart[0] == pytest.approx(np.sqrt(1 + (1 / 4) / (2 / 21)), abs=0.2)


def drawn_shares(premises, offers, trust):
    posterior = coverage.believe(
        premises, offers, make_evidence(), target=Target(), choices=CoverageChoices(trust=trust)
    )
    return coverage.draw(posterior, 2000, seed=3).astype(float)


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


def test_a_correlation_among_those_who_answer_carried_over_to_all():
    """Simulated: shares of Beta(900, 300) among those who answer; those who lack answer three times as often."""
    heard = np.random.default_rng(0).beta(900, 300, 1_000_000)
    real = 3 * heard / (3 * heard + 1 - heard)
    told, true = (part.var() / (part.mean() * (1 - part.mean())) for part in (heard, real))
    ratio = _of_all(np.array([real.mean()]), Trust(complaint_weight=3.0))[0]
    assert true / told == pytest.approx(ratio, rel=0.01)


def test_the_narrowest_range_that_holds_nine_of_ten():
    """Of 0, 1 … 8 and 100 the first nine; of ten alike, that value."""
    drawn = np.array([[*range(9), 100], [1] * 10]).T.astype(float)
    low, high = coverage.interval(drawn)
    assert low.tolist() == [0, 1]
    assert high.tolist() == [8, 1]
