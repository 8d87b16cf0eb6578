"""Who is served, by what, how sure we are, and who may be helped by law.

``believe`` gives the probabilities, from which ``judge`` makes the coverage table, ``draw``
versions of the truth, ``shares.expected`` what is believed of each kommune and how surely, and
``conflicts`` the list of whom to telephone. The mathematics is in :mod:`bredband.coverage.belief`.
"""

from bredband.coverage import conflicts, consultation, eligibility, shares
from bredband.coverage.assessment import judge
from bredband.coverage.belief import Posterior, believe, served_probability
from bredband.coverage.draws import draw, interval

__all__ = [
    "Posterior",
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
