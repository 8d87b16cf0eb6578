from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from plans import PROVENANCE, make_plan

from bredband.exchange import plan_document
from bredband.plan import Plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan()


@pytest.fixture(scope="session")
def document(plan: Plan) -> dict[str, Any]:
    return plan_document(plan, provenance=PROVENANCE)


@pytest.fixture(scope="session")
def hostile_plan() -> Plan:
    return make_plan(hostile=True)


@pytest.fixture(scope="session")
def hostile_document(hostile_plan: Plan) -> dict[str, Any]:
    return plan_document(hostile_plan, provenance=PROVENANCE)
