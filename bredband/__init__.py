"""Plan broadband rollout for Norwegian counties.

The public interface::

    import bredband

    scenario = bredband.read_scenario("data/demo/scenario.toml")
    plan = bredband.run(scenario, "out/demo")
    plan.by_year()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bredband.county import County
    from bredband.errors import BredbandError
    from bredband.pipeline.ingest import ingest as ingest
    from bredband.pipeline.ingest import read_county
    from bredband.pipeline.plan import make_plan
    from bredband.pipeline.run import read_plan
    from bredband.pipeline.run import run as run
    from bredband.plan import Plan
    from bredband.scenario import Scenario, read_scenario

__all__ = [
    "BredbandError",
    "County",
    "Plan",
    "Scenario",
    "ingest",
    "make_plan",
    "read_county",
    "read_plan",
    "read_scenario",
    "run",
]

_HOMES = {
    "BredbandError": "errors",
    "County": "county",
    "Plan": "plan",
    "Scenario": "scenario",
    "ingest": "pipeline",
    "make_plan": "pipeline",
    "read_county": "pipeline",
    "read_plan": "pipeline",
    "read_scenario": "scenario",
    "run": "pipeline",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: geopandas and numba would otherwise slow every «--help».
    if name not in _HOMES:
        raise AttributeError(f"module 'bredband' has no attribute '{name}'")
    return getattr(importlib.import_module(f"bredband.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
