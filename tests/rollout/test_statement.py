"""One problem with something of every rule, stated as arrays: every number by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bredband.errors import PlanError
from bredband.rollout.model import Problem
from bredband.rollout.statement import counted_households, first_built, state, works_of
from bredband.scenario.rollout import Rollout

AREAS = pd.DataFrame(
    {
        "area_id": ["F", "A", "B", "M", "N"],
        "kind": ["feeder", "area", "area", "mast", "mast"],
        "kommune": ["1", "1", "2", "2", "1"],
        "feeder_area": ["", "F", "", "", ""],
        "premises": [0, 10, 4, 0, 0],
        "households": [0, 8, 0, 0, 0],
        "weighted_households": [0.0, 9.0, 2.0, 0.0, 0.0],
        "technology": ["fibre", "fibre", "fibre", "fwa", "fwa"],
        "trench_m": [100.0, 200.4, 50.0, 0.0, 0.0],
        "capex_nok": [1000, 2000, 500, 600, 700],
        "operator_nok": [0, 300, 100, 0, 0],
        "local_nok": [0, 0, 0, 0, 0],
        "grant_nok": [1000, 1700, 400, 600, 700],
    }
)
ALTERNATIVES = pd.DataFrame(
    {
        "area_id": ["A", "A", "A", "B", "B", "Z"],
        "alternative": ["radio", "upgrade", "hybrid", "radio", "hybrid", "radio"],
        "feeder_area": ["", "F", "F", "", "", ""],
        "premises": [10, 10, 10, 4, 4, 1],
        "left_premises": [0, 0, 0, 1, 0, 0],
        "radio_premises": [10, 0, 5, 3, 2, 1],
        "masts": ["M/N", "", "N", "M", "M", "M"],
        "trench_m": [0.0, 250.0, 100.0, 0.0, 20.0, 0.0],
        "capex_nok": [80, 2200, 1200, 30, 200, 1],
        "operator_nok": [80, 0, 200, 30, 50, 0],
        "local_nok": [0, 0, 0, 0, 0, 0],
        "grant_nok": [0, 2200, 1000, 0, 150, 1],
    }
)
BASE = {
    "first_year": 2027,
    "annual_grant_nok": (4000.0, 3000.0, 2000.0),
    "alternatives": ("radio", "hybrid"),
    "upgrades": True,
    "radio_weight_share": 0.6,
}


def stated(**changes: object) -> Problem:
    return state(AREAS, Rollout.model_validate({**BASE, **changes}), ALTERNATIVES)


def test_works_are_areas_and_what_else_they_may_get() -> None:
    works = works_of(AREAS, Rollout.model_validate(BASE), ALTERNATIVES)
    assert works[["area_id", "how", "technology", "masts", "radio_share", "grant_nok", "households"]].to_numpy().tolist() == [
        ["F", "fibre", "fibre", "", 0.0, 1000, 0],
        ["A", "fibre", "fibre", "", 0.0, 1700, 8],
        ["B", "fibre", "fibre", "", 0.0, 400, 0],
        ["M", "fibre", "fwa", "", 0.0, 600, 0],
        ["N", "fibre", "fwa", "", 0.0, 700, 0],
        ["A", "radio", "fwa", "M/N", 1.0, 0, 8],
        ["A", "upgrade", "fibre", "", 0.0, 2200, 8],
        ["A", "hybrid", "hybrid", "N", 0.5, 1000, 8],
        ["B", "hybrid", "hybrid", "M", 0.5, 150, 0],
    ]  # fmt: skip
    # radio counts 0.6, the upgrade the rest, half by radio 0.8
    assert counted_households(works, Rollout.model_validate(BASE)) == pytest.approx(
        [0, 9, 2, 0, 0, 5.4, 3.6, 7.2, 1.6]
    )
    for change in ({"upgrades": False}, {"radio_weight_share": 1.0}, {"alternatives": ("hybrid",)}):
        some = works_of(AREAS, Rollout.model_validate(BASE | change), ALTERNATIVES)
        assert "upgrade" not in set(some["how"])
    one = works_of(
        AREAS, Rollout.model_validate(BASE), ALTERNATIVES.assign(premises=1, radio_premises=1)
    )
    assert one["radio_share"].tolist()[5:] == [1.0] * 4
    assert len(works_of(AREAS, Rollout.model_validate(BASE))) == 5
    built = np.array([0, 3, 1, 1, 3, 1, 0, 3, 0])
    assert first_built(works, built).tolist() == [0, 1, 0, 1, 3]


def test_everything_in_its_place() -> None:
    problem = stated()
    assert problem.area_id.tolist() == ["F", "A", "B", "M", "N", "A", "A", "A", "B"]
    assert problem.shared.tolist() == [True, False, False, True, True] + [False] * 4
    assert problem.years == (2027, 2028, 2029)
    assert problem.value[[1, 5, 6]] == pytest.approx(
        np.array([[27, 18, 9], [16.2, 10.8, 5.4], [10.8, 7.2, 3.6]])
    )
    # A by fibre, its upgrade and its mix hang on F; radio on its first mast, the mix of B on M
    assert problem.before.tolist() == [[1, 0], [6, 0], [7, 0], [5, 3], [8, 3]]
    # beside: the second mast of radio, the mast of a mix that hangs on F, the radio of the upgrade
    assert problem.beside.tolist() == [[5, 4], [7, 4], [6, 5]]
    assert problem.pairs.tolist() == problem.before.tolist() + problem.beside.tolist()
    assert [group.tolist() for group in problem.exclusive] == [[1, 5, 7], [2, 8]]
    assert not problem.required.any()
    assert not problem.barred.any()
    assert (problem.committed == -1).all()
    assert problem.promises == ()
    (money,) = problem.limits
    assert (money.name, money.carry_over, money.unit, money.is_grant) == (
        "tilskuddsrammen",
        True,
        1e6,
        True,
    )
    assert money.use[:, 0].tolist() == [1000, 1700, 400, 600, 700, 0, 2200, 1000, 150]
    assert (money.use == money.use[:, :1]).all()
    assert (money.allowed.tolist(), money.advance.tolist()) == ([4000, 3000, 2000], [0, 0, 0])


def test_goals() -> None:
    assert stated(goal="households_then_years").value[1].tolist() == [9.0] * 3
    least = stated(goal="least_grant", must_build=("A",)).value
    assert least[1].tolist() == [-0.0017] * 3


def test_money_set_aside_borrowed_and_in_funds() -> None:
    fund = {"name": "kyst", "kommuner": ("2",), "annual_grant_nok": (100.0, 200.0, 301.0)}
    other = {"name": "alle", "kommuner": ("2", "3"), "annual_grant_nok": (1.0, 1.0, 1.0)}
    limits = stated(contingency_share=0.1, borrow_share=0.5, funds=(fund, other)).limits
    assert [one.name for one in limits] == ["tilskuddsrammen", "kyst", "alle"]
    assert limits[0].allowed.tolist() == [3600, 2700, 1800]
    assert limits[0].advance.tolist() == [1350, 900, 0]
    assert limits[0].use[:, 2].tolist() == [1000, 1700, 0, 0, 700, 0, 2200, 1000, 0]
    assert limits[1].allowed.tolist() == [90, 180, 270]
    assert limits[1].use[:, 2].tolist() == [0, 0, 400, 600, 0, 0, 0, 0, 150]
    assert not limits[2].use.any()
    assert all(one.carry_over for one in limits)


def test_money_saved_in_one_year_where_something_is_dug() -> None:
    saving = ({"area_id": "A", "year": 2028, "saving_nok": 1200.4},
              {"area_id": "B", "year": 2029, "saving_nok": 100.0},
              {"area_id": "B", "year": 2029, "saving_nok": 60.0})  # fmt: skip
    use = stated(synergies=saving).limits[0].use
    # A by fibre, radio (which digs nothing), the upgrade, the mix (which saves no more than it takes)
    assert use[[1, 5, 6, 7]].tolist() == [
        [1700, 500, 1700],
        [0, 0, 0],
        [2200, 1000, 2200],
        [1000, 0, 1000],
    ]
    assert use[[2, 8]].tolist() == [[400, 400, 240], [150, 150, 0]]


def test_what_may_be_built_and_dug_in_a_year() -> None:
    limits = stated(annual_capex_nok=(2500.9, 1e9, 1e9), annual_trench_m=(300.9, 400.0, 0.0)).limits
    capex, trench = limits[1:]
    assert (capex.name, capex.unit, capex.is_grant, capex.carry_over) == (
        "byggepris",
        1e6,
        False,
        False,
    )
    assert capex.allowed[0] == 2500
    assert capex.use[:, 1].tolist() == [1000, 2000, 500, 600, 700, 80, 2200, 1200, 200]
    assert (trench.name, trench.unit) == ("meter grøft", 1e3)
    assert trench.allowed.tolist() == [300, 400, 0]
    assert trench.use[:, 1].tolist() == [100, 201, 50, 0, 0, 0, 250, 100, 20]
    assert not capex.advance.any()


def test_floors_and_what_must_be_built_in_any_way() -> None:
    floors = ({"kommune": "1", "by_year": 2028, "least_share": 0.5},
              {"kommune": "", "by_year": 2029, "least_households": 7})  # fmt: skip
    problem = stated(floors=floors, must_build=("A", "F", "A"))
    own, whole, any_way = problem.promises
    # the upgrade brings nobody new
    assert own.gain.tolist() == [0, 8, 0, 0, 0, 8, 0, 8, 0]
    assert (own.field, own.year, own.least) == ("floors", 1, 4.0)
    assert own.name == "kommune 1: minst 4 husstander innen 2028"
    assert (whole.year, whole.least, whole.name) == (2, 7, "fylket: minst 7 husstander innen 2029")
    assert (any_way.field, any_way.name, any_way.year, any_way.least) == ("must_build", "A", 2, 1.0)
    assert any_way.gain.tolist() == [0, 1, 0, 0, 0, 1, 0, 1, 0]
    assert problem.required.tolist() == [True] + [False] * 8


def test_what_is_barred_too_dear_decided_and_exclusive() -> None:
    assert np.flatnonzero(stated(must_not_build=("A",)).barred).tolist() == [1, 5, 6, 7]
    # A has eight households: 1700 / 8 = 212.5; B none, which counts as one
    assert np.flatnonzero(stated(highest_grant_nok_per_household=212.5).barred).tolist() == [2, 6]
    assert np.flatnonzero(stated(highest_grant_nok_per_household=212.4).barred).tolist() == [
        1,
        2,
        6,
    ]
    assert np.flatnonzero(stated(highest_grant_nok_per_household=400).barred).tolist() == []
    named = stated(highest_grant_nok_per_household=1.0, must_build=("A",))
    assert np.flatnonzero(named.barred).tolist() == [2, 8]
    decided = ({"area_id": "A", "year": 2028, "alternative": "radio"}, {"area_id": "M", "year": 2027},
               {"area_id": "A", "year": 2029, "alternative": "upgrade"})  # fmt: skip
    problem = stated(committed=decided, highest_grant_nok_per_household=1.0)
    assert problem.committed.tolist() == [-1, -1, -1, 0, -1, 1, 2, -1, -1]
    assert np.flatnonzero(problem.barred).tolist() == [1, 2, 7, 8]
    together = stated(exclusive=(("A", "B", "A"), ("M", "N"), ("F",))).exclusive
    assert [group.tolist() for group in together] == [[1, 5, 7, 2, 8], [3, 4], [1, 5, 7], [2, 8]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"must_build": ("Q",)}, "must_build nevner området «Q»"),
        (
            {"committed": ({"area_id": "B", "year": 2027, "alternative": "radio"},)},
            "committed nevner radio i «B»",
        ),
    ],
)
def test_names_that_are_not_there_are_refused(changes, words) -> None:
    with pytest.raises(PlanError, match=words):
        stated(**changes)
    lost = AREAS.assign(feeder_area=["", "Q", "", "", ""])
    with pytest.raises(PlanError, match="«Q» står som feeder_area"):
        state(lost, Rollout.model_validate(BASE))
