from __future__ import annotations

import pytest
from plans import make_plan

from bredband.plan import Plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan()


@pytest.fixture(scope="session")
def hostile_plan() -> Plan:
    return make_plan(hostile=True)
