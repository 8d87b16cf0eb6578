"""Every number a planner may choose: one TOML file, frozen, closed, documented field by field."""

from bredband.scenario.read import Scenario, read_scenario

__all__ = ["Scenario", "read_scenario"]
