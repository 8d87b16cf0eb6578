"""From a county's files to a plan: the one place where stages meet."""

from bredband.pipeline.plan import make_plan

__all__ = ["make_plan"]
