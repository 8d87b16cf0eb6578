"""Who is served, by what, how sure we are, and who may be helped by law.

``assess`` gives the coverage table; ``believe`` the probabilities behind it, from which
``judge`` makes the same table, ``draw`` versions of the truth, and ``conflicts`` the list of
whom to telephone. The mathematics is in :mod:`bredband.coverage.belief`.
"""

from bredband.coverage import conflicts, consultation, eligibility, shares
from bredband.coverage.assessment import assess, judge
from bredband.coverage.belief import Posterior, believe, served_probability
from bredband.coverage.draws import draw, interval

__all__ = [
    "Posterior",
    "assess",
    "believe",
    "conflicts",
    "consultation",
    "draw",
    "eligibility",
    "interval",
    "judge",
    "served_probability",
    "shares",
]
