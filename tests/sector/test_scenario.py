"""What a sector scenario may say, and what it says where it is silent."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bredband.scenario.section import Section
from bredband.sector import SectorScenario
from bredband.sector.scenario import CountyFloor, Key


def test_what_is_not_said() -> None:
    silent = SectorScenario()
    assert silent.model_dump() == {
        "name": "Fylkenes bredbåndsplaner samlet",
        "organisation": "",
        "language": "nb",
        "date": "",
        "annual_grant_nok": (),
        "price_year": None,
        "price_index": {},
        "key": {
            "rural_lacking_weight": 1.0,
            "need_weight": 1.0,
            "centrality_weight": 0.0,
            "least_central_class": 5,
            "centrality_class": {},
        },
        "least_key_share": 0.0,
        "floors": (),
    }
    floor = CountyFloor(county="A")
    assert (floor.least_grant_nok, floor.least_served_share) == (0, 0)


@pytest.mark.parametrize(
    ("model", "given", "field", "allowed", "refused"),
    [
        (Key, {}, "rural_lacking_weight", [0, 0.5], [-0.1]),
        (Key, {}, "need_weight", [0, 0.5], [-0.1]),
        (Key, {}, "centrality_weight", [0, 0.5], [-0.1]),
        (Key, {"need_weight": 0}, "rural_lacking_weight", [0.1], [0]),
        (Key, {}, "least_central_class", [1, 6], [0, 7]),
        (Key, {}, "centrality_class", [{"1": 1, "2": 6}], [{"1": 0}, {"1": 7}]),
        (CountyFloor, {}, "county", ["A"], [""]),
        (CountyFloor, {"county": "A"}, "least_grant_nok", [0, 1], [-1]),
        (CountyFloor, {"county": "A"}, "least_served_share", [0, 1], [-0.01, 1.01]),
        (SectorScenario, {}, "name", ["A"], [""]),
        (SectorScenario, {}, "price_year", [2000, 2100], [1999, 2101]),
        (SectorScenario, {}, "least_key_share", [0, 1], [-0.01, 1.01]),
        (SectorScenario, {}, "annual_grant_nok", [(0.0,)], [(0.0, -1.0)]),
        (SectorScenario, {}, "price_index", [{2024: 0.1}], [{2024: 0.0}, {2024: 1.0, 2025: -1.0}]),
        (
            SectorScenario,
            {},
            "floors",
            [({"county": "A"}, {"county": "B"})],
            [({"county": "A"},) * 2],
        ),
    ],
)
def test_the_ends_of_what_may_be_said(
    model: type[Section], given: dict[str, Any], field: str, allowed: list[Any], refused: list[Any]
) -> None:
    for value in allowed:
        model.model_validate({**given, field: value})
    for value in refused:
        with pytest.raises(ValidationError):
            model.model_validate({**given, field: value})
