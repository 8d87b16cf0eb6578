"""Who is served, by what, how sure we are, and who may be helped by law.

``assess`` gives the coverage table; ``believe`` the probabilities behind it.
"""

from bredband.coverage import eligibility
from bredband.coverage.assessment import assess, judge
from bredband.coverage.belief import Posterior, believe, served_probability
from bredband.coverage.draws import draw

__all__ = [
    "Posterior",
    "assess",
    "believe",
    "draw",
    "eligibility",
    "judge",
    "served_probability",
]
