"""What to build where and when under annual budgets, with a proven gap."""

from bredband.rollout.budgets import Extra, frontier, with_more
from bredband.rollout.choice import Chosen, choose, counted_years, freeze
from bredband.rollout.explanation import Why, in_words, why
from bredband.rollout.joint import Joint, alternate
from bredband.rollout.rehearsal import is_rehearsed, rehearse
from bredband.rollout.robustness import Robustness, assess
from bredband.rollout.statement import counted_households, works_of

__all__ = [
    "Chosen",
    "Extra",
    "Joint",
    "Robustness",
    "Why",
    "alternate",
    "assess",
    "choose",
    "counted_households",
    "counted_years",
    "freeze",
    "frontier",
    "in_words",
    "is_rehearsed",
    "rehearse",
    "why",
    "with_more",
    "works_of",
]
