"""What to build where and when under annual budgets, with a proven gap."""

from bredband.rollout.budgets import Extra, frontier, with_more
from bredband.rollout.choice import choose, freeze
from bredband.rollout.explanation import Why, in_words, why
from bredband.rollout.joint import Joint, Redesign, alternate
from bredband.rollout.robustness import Robustness, assess

__all__ = [
    "Extra",
    "Joint",
    "Redesign",
    "Robustness",
    "Why",
    "alternate",
    "assess",
    "choose",
    "freeze",
    "frontier",
    "in_words",
    "why",
    "with_more",
]
